// SPDX-License-Identifier: GPL-2.0-only
/* The VIPs of a namespace, and which of them a packet is for. */
#include <linux/netlink.h>
#include <linux/slab.h>

#include "hook.h"
#include "sched.h"
#include "server.h"
#include "speak.h"
#include "vip.h"

/**
 * dsr_vip_match() - the VIP that a packet is for
 * @dn: the director
 * @pkt: parsed packet
 *
 * The most specific one: a port, a range, every port, any protocol.
 *
 * Context: RCU.
 * Return: the VIP, or NULL.
 */
struct dsr_vip *dsr_vip_match(struct dsr_net *dn, const struct dsr_packet *pkt)
{
	const struct dsr_addr *addr = dsr_addr_lookup(dn, &pkt->vip);
	const struct dsr_services *services;

	services = addr ? rcu_dereference(addr->services) : NULL;
	return services ? dsr_services_match(services, pkt->proto,
					     pkt->vport) : NULL;
}

/**
 * dsr_vip_find() - the VIP of that name
 * @dn: the director
 * @key: address, port and protocol
 * @port_last: last port of a range, or key->port
 *
 * Context: RCU or dn->lock.
 * Return: the VIP, or NULL.
 */
struct dsr_vip *dsr_vip_find(struct dsr_net *dn, const struct dsr_vip_key *key,
			     __be16 port_last)
{
	const struct dsr_addr *addr;
	struct dsr_vip *vip = NULL;

	rcu_read_lock();
	addr = dsr_addr_lookup(dn, &key->addr);
	if (addr)
		vip = dsr_services_find(rcu_dereference(addr->services),
					key->proto, key->port, port_last);
	rcu_read_unlock();
	return vip;
}

/**
 * dsr_vip_totals() - what a VIP's servers did, those that are gone included
 * @vip: the VIP
 * @totals: set to the sums
 *
 * Context: RCU or dn->lock.
 * Return: the VIP's flows.
 */
u64 dsr_vip_totals(const struct dsr_vip *vip, struct dsr_totals *totals)
{
	const struct dsr_server *server;
	u64 flows = 0;

	*totals = vip->gone;
	list_for_each_entry_rcu(server, &vip->servers, list,
				lockdep_is_held(&vip->dn->lock)) {
		dsr_counters_add(totals, server->counters);
		flows += dsr_server_flows(server);
	}
	return flows;
}

/**
 * dsr_vip_next() - walk the VIPs in the order of their making
 * @dn: the director
 * @id: where to start; set to the place after the VIP returned
 *
 * Context: RCU or dn->lock.
 * Return: the next VIP, or NULL.
 */
struct dsr_vip *dsr_vip_next(struct dsr_net *dn, unsigned long *id)
{
	struct dsr_vip *vip = xa_find(&dn->vip_ids, id, ULONG_MAX, XA_PRESENT);

	if (vip)
		(*id)++;
	return vip;
}

static void dsr_addr_count_arp(struct dsr_addr *addr, u8 arp, int n)
{
	if (arp == DSR_ARP_OFF)
		WRITE_ONCE(addr->arp_off, addr->arp_off + n);
}

static void dsr_vip_free(struct rcu_head *rcu)
{
	struct dsr_vip *vip = container_of(rcu, struct dsr_vip, rcu);

	free_percpu(vip->cursors);
	kfree(vip);
}

/**
 * dsr_vip_put() - let go of a VIP
 * @vip: the VIP; freed a grace period after the last reference
 *
 * Context: any.
 */
void dsr_vip_put(struct dsr_vip *vip)
{
	if (refcount_dec_and_test(&vip->refs))
		call_rcu(&vip->rcu, dsr_vip_free);
}

static struct dsr_vip *dsr_vip_alloc(struct dsr_net *dn,
				     const struct dsr_vip_key *key,
				     __be16 port_last,
				     const struct dsr_vip_opts *opts)
{
	struct dsr_vip *vip;
	int cpu;

	vip = kzalloc(sizeof(*vip), GFP_KERNEL);
	if (!vip)
		return NULL;
	vip->cursors = alloc_percpu(u32);
	if (!vip->cursors) {
		kfree(vip);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		*per_cpu_ptr(vip->cursors, cpu) = cpu;

	vip->dn = dn;
	vip->key = *key;
	vip->port_last = port_last;
	vip->opts = *opts;
	INIT_LIST_HEAD(&vip->stale);
	INIT_LIST_HEAD(&vip->servers);
	refcount_set(&vip->refs, 1);
	return vip;
}

/**
 * dsr_vip_opts_init() - what a VIP is like if nothing is said
 * @opts: is set
 *
 * Context: any.
 */
void dsr_vip_opts_init(struct dsr_vip_opts *opts)
{
	memset(opts, 0, sizeof(*opts));
	opts->sched = dsr_sched_find(NULL);
	opts->arp = DSR_ARP_AUTO;
	opts->on_down = DSR_ON_DOWN_RESCHEDULE;
	opts->mask = 128;
	memcpy(opts->timeouts, dsr_state_timeouts, sizeof(opts->timeouts));
}

/**
 * dsr_vip_make() - make a VIP that nobody finds yet
 * @dn: the director
 * @key: its name
 * @port_last: last port of a range, or key->port
 * @opts: its options
 *
 * It has no servers and no pool, not even an empty one, and its address does not
 * know it.
 *
 * Context: process, RTNL, dn->lock.
 * Return: the VIP, for dsr_vip_enter() or dsr_vip_discard(); or -ENOMEM.
 */
struct dsr_vip *dsr_vip_make(struct dsr_net *dn, const struct dsr_vip_key *key,
			     __be16 port_last, const struct dsr_vip_opts *opts)
{
	struct dsr_vip *vip;
	int err;

	lockdep_assert_held(&dn->lock);

	vip = dsr_vip_alloc(dn, key, port_last, opts);
	if (!vip)
		return ERR_PTR(-ENOMEM);
	vip->addr = dsr_addr_get(dn, &key->addr);
	if (IS_ERR(vip->addr)) {
		err = PTR_ERR(vip->addr);
		goto err_vip;
	}
	/* a place only: without the VIP */
	err = xa_alloc_cyclic(&dn->vip_ids, &vip->id, NULL, xa_limit_32b,
			      &dn->next_vip_id, GFP_KERNEL);
	if (err >= 0)
		return vip;

	dsr_addr_put(dn, vip->addr);
err_vip:
	dsr_vip_put(vip);
	return ERR_PTR(err);
}

/**
 * dsr_vip_discard() - undo dsr_vip_make()
 * @vip: the VIP; it has no servers
 *
 * Context: process, RTNL, dn->lock.
 */
void dsr_vip_discard(struct dsr_vip *vip)
{
	struct dsr_net *dn = vip->dn;

	xa_erase(&dn->vip_ids, vip->id);
	dsr_sched_release(vip);
	dsr_addr_put(dn, vip->addr);
	dsr_vip_put(vip);
}

/**
 * dsr_vip_enter() - a VIP is there from now on, to be found by packets when its
 *	address's services are published
 * @vip: the VIP; it has a pool and the hooks are registered
 *
 * Context: process, dn->lock.
 */
void dsr_vip_enter(struct dsr_vip *vip)
{
	struct dsr_net *dn = vip->dn;

	dsr_net_change(dn);
	/* can't fail: it has its place */
	xa_store(&dn->vip_ids, vip->id, vip, GFP_KERNEL);
	dsr_addr_count_arp(vip->addr, vip->opts.arp, 1);
	dn->nr_vips++;
}

/**
 * dsr_vip_add() - make a VIP
 * @dn: the director
 * @key: its name
 * @port_last: last port of a range, or key->port
 * @opts: its options
 * @extack: gets the reason of a refusal
 *
 * Context: process, RTNL, dn->lock.
 * Return: 0, -EEXIST, -ENOMEM or what registering the hooks met with.
 */
int dsr_vip_add(struct dsr_net *dn, const struct dsr_vip_key *key,
		__be16 port_last, const struct dsr_vip_opts *opts,
		struct netlink_ext_ack *extack)
{
	struct dsr_services *services;
	struct dsr_vip *vip;
	int err;

	vip = dsr_vip_make(dn, key, port_last, opts);
	if (IS_ERR(vip))
		return PTR_ERR(vip);
	services = dsr_services_with(vip, extack);
	err = PTR_ERR_OR_ZERO(services);
	if (err)
		goto err_vip;
	err = dsr_server_attach_sorry(vip, &opts->sorry, extack);
	if (err)
		goto err_services;
	err = dsr_sched_rebuild(vip);
	if (!err && !dn->nr_vips)
		err = dsr_hook_register(dn, extack);
	if (err)
		goto err_sorry;
	dsr_vip_enter(vip);
	dsr_services_publish(vip->addr, services, dn);
	dsr_speak_look(dn);
	return 0;

err_sorry:
	dsr_server_detach(vip->sorry);
err_services:
	kvfree(services);
err_vip:
	dsr_vip_discard(vip);
	return err;
}

/**
 * dsr_vip_apply() - change a VIP's options, but neither pool nor servers
 * @vip: the VIP
 * @opts: its options from now on
 *
 * Packets read them one by one, and may see old and new ones side by side.
 *
 * Context: process, dn->lock.
 */
void dsr_vip_apply(struct dsr_vip *vip, const struct dsr_vip_opts *opts)
{
	unsigned int i;

	dsr_net_change(vip->dn);
	dsr_addr_count_arp(vip->addr, vip->opts.arp, -1);
	dsr_addr_count_arp(vip->addr, opts->arp, 1);
	WRITE_ONCE(vip->opts.sched, opts->sched);
	WRITE_ONCE(vip->opts.arp, opts->arp);
	WRITE_ONCE(vip->opts.on_down, opts->on_down);
	WRITE_ONCE(vip->opts.mask, opts->mask);
	WRITE_ONCE(vip->opts.persistence, opts->persistence);
	for (i = 0; i < ARRAY_SIZE(opts->timeouts); i++)
		WRITE_ONCE(vip->opts.timeouts[i], opts->timeouts[i]);
	vip->opts.sorry = opts->sorry;
	dsr_speak_look(vip->dn);
}

/**
 * dsr_vip_set() - change a VIP
 * @vip: the VIP
 * @opts: its options from now on
 * @extack: gets the reason of a refusal
 *
 * Context: process, dn->lock.
 * Return: 0, -EEXIST or -ENOMEM; then nothing changed.
 */
int dsr_vip_set(struct dsr_vip *vip, const struct dsr_vip_opts *opts,
		struct netlink_ext_ack *extack)
{
	bool resort = !ipv6_addr_equal(&opts->sorry, &vip->opts.sorry);
	const struct dsr_vip_opts old = vip->opts;
	struct dsr_server *sorry = vip->sorry;
	int err = 0;

	lockdep_assert_held(&vip->dn->lock);

	if (resort) {
		err = dsr_server_attach_sorry(vip, &opts->sorry, extack);
		if (err)
			return err;
	}
	dsr_vip_apply(vip, opts);
	if (resort || old.sched != opts->sched)
		err = dsr_sched_rebuild(vip);
	if (err) {
		dsr_vip_apply(vip, &old);
		if (resort) {
			dsr_server_detach(vip->sorry);
			vip->sorry = sorry;
		}
		NL_SET_ERR_MSG(extack, "no memory for the scheduler's table");
		return err;
	}
	if (resort && sorry)
		dsr_server_remove(sorry);
	return 0;
}

/**
 * dsr_vip_del() - remove a VIP with its servers and flows
 * @vip: the VIP
 *
 * Its flows stop counting for packets at once; their memory follows.
 *
 * Context: process, dn->lock.
 */
void dsr_vip_del(struct dsr_vip *vip)
{
	struct dsr_net *dn = vip->dn;
	struct dsr_server *server, *tmp;

	dsr_net_change(dn);
	dsr_services_remove(vip);
	xa_erase(&dn->vip_ids, vip->id);
	list_for_each_entry_safe(server, tmp, &vip->servers, list) {
		dsr_server_remove(server);
		cond_resched();
	}
	dsr_sched_release(vip);

	dsr_addr_count_arp(vip->addr, vip->opts.arp, -1);
	dsr_addr_put(dn, vip->addr);
	if (!--dn->nr_vips)
		dsr_hook_unregister(dn);
	dsr_vip_put(vip);
}

/**
 * dsr_vip_flush() - remove every VIP
 * @dn: the director
 *
 * Context: process, dn->lock.
 */
void dsr_vip_flush(struct dsr_net *dn)
{
	struct dsr_vip *vip;
	unsigned long id;

	xa_for_each(&dn->vip_ids, id, vip) {
		dsr_vip_del(vip);
		cond_resched();
	}
}

/**
 * dsr_vip_init() - make the tables of a namespace
 * @dn: the director
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int dsr_vip_init(struct dsr_net *dn)
{
	xa_init_flags(&dn->vip_ids, XA_FLAGS_ALLOC);
	return dsr_addr_init(dn);
}

/**
 * dsr_vip_exit() - free the tables of a namespace, which are empty
 * @dn: the director
 *
 * Context: process.
 */
void dsr_vip_exit(struct dsr_net *dn)
{
	WARN_ON_ONCE(!xa_empty(&dn->vip_ids));
	dsr_addr_exit(dn);
	xa_destroy(&dn->vip_ids);
}
