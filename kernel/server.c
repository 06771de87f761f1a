// SPDX-License-Identifier: GPL-2.0-only
/* Real servers: their making, changing, and end. */
#include <linux/netlink.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "flow.h"
#include "netlink.h"
#include "sched.h"
#include "server.h"
#include "vip.h"

static void dsr_server_free(struct rcu_head *rcu)
{
	struct dsr_server *server = container_of(rcu, struct dsr_server, rcu);

	free_percpu(server->counters);
	dsr_vip_put(server->vip);
	kfree(server);
}

/**
 * dsr_server_put() - let go of a server
 * @server: the server; freed a grace period after the last reference
 *
 * Context: any.
 */
void dsr_server_put(struct dsr_server *server)
{
	if (refcount_dec_and_test(&server->refs))
		call_rcu(&server->rcu, dsr_server_free);
}

/**
 * dsr_server_find() - the server of a VIP with that address
 * @vip: the VIP
 * @addr: its address
 *
 * Context: RCU or dn->lock.
 * Return: the server, or NULL.
 */
struct dsr_server *dsr_server_find(const struct dsr_vip *vip,
				   const struct in6_addr *addr)
{
	struct dsr_server *server;

	list_for_each_entry_rcu(server, &vip->servers, list,
				lockdep_is_held(&vip->dn->lock))
		if (ipv6_addr_equal(&server->addr, addr))
			return server;
	return NULL;
}

/**
 * dsr_server_state() - what an operator wants to know of a server
 * @server: the server
 * @why: set to enum dsr_why
 *
 * Context: RCU or dn->lock.
 * Return: enum dsr_server_state.
 */
u8 dsr_server_state(const struct dsr_server *server, u8 *why)
{
	const struct dsr_nexthop *nexthop;
	u8 state;

	nexthop = rcu_dereference_check(server->nexthop,
				lockdep_is_held(&server->vip->dn->lock));
	state = READ_ONCE(nexthop->state);
	*why = state == DSR_SERVER_DOWN ? READ_ONCE(nexthop->why) :
					  DSR_WHY_NONE;
	if (state != DSR_SERVER_DOWN && !READ_ONCE(server->weight))
		return DSR_SERVER_DRAIN;
	return state;
}

static struct dsr_server *dsr_server_alloc(struct dsr_vip *vip,
					   const struct in6_addr *addr)
{
	struct dsr_server *server;
	int cpu;

	server = kzalloc(sizeof(*server), GFP_KERNEL);
	if (!server)
		return NULL;
	server->counters = alloc_percpu(struct dsr_counters);
	if (!server->counters) {
		kfree(server);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(server->counters, cpu)->syncp);

	server->vip = vip;
	refcount_inc(&vip->refs);
	server->addr = *addr;
	server->id = vip->next_server_id++;
	refcount_set(&server->refs, 1);
	return server;
}

static void dsr_server_set_opts(struct dsr_server *server,
				const struct dsr_server_opts *opts)
{
	server->opts = *opts;
	server->drained = false;
	WRITE_ONCE(server->weight, opts->drain ? 0 : opts->weight);
	WRITE_ONCE(server->max_flows, opts->max_flows);
	if (!server->weight)
		WRITE_ONCE(server->vip->dn->drained, true);
}

/**
 * dsr_server_make() - make a server that nobody finds yet
 * @vip: its VIP
 * @addr: its address, of the VIP's family
 * @opts: its options
 *
 * Context: process, dn->lock.
 * Return: the server, for dsr_server_enter() or dsr_server_discard(); or
 *	-ENOMEM.
 */
struct dsr_server *dsr_server_make(struct dsr_vip *vip,
				   const struct in6_addr *addr,
				   const struct dsr_server_opts *opts)
{
	struct dsr_nexthop *nexthop;
	struct dsr_server *server;

	lockdep_assert_held(&vip->dn->lock);

	server = dsr_server_alloc(vip, addr);
	if (!server)
		return ERR_PTR(-ENOMEM);
	nexthop = dsr_nexthop_get(vip->dn, addr, &opts->pin);
	if (IS_ERR(nexthop)) {
		dsr_server_put(server);
		return ERR_CAST(nexthop);
	}
	dsr_server_set_opts(server, opts);
	RCU_INIT_POINTER(server->nexthop, nexthop);
	list_add_tail(&server->sibling, &nexthop->servers);
	server->alive = nexthop->state != DSR_SERVER_DOWN;
	return server;
}

/**
 * dsr_server_discard() - undo dsr_server_make()
 * @server: the server; no list and no pool has it
 *
 * Context: process, dn->lock.
 */
void dsr_server_discard(struct dsr_server *server)
{
	list_del(&server->sibling);
	dsr_nexthop_release(rcu_dereference_protected(server->nexthop,
				lockdep_is_held(&server->vip->dn->lock)));
	dsr_server_put(server);
}

/**
 * dsr_server_enter() - put a server on its VIP's list, but not into its pool
 * @server: the server
 *
 * Context: process, dn->lock.
 */
void dsr_server_enter(struct dsr_server *server)
{
	struct dsr_vip *vip = server->vip;

	/* of a VIP that is still being made nobody sees anything */
	if (rcu_access_pointer(vip->pool))
		dsr_net_change(vip->dn);
	list_add_tail_rcu(&server->list, &vip->servers);
	vip->nr_servers++;
}

/**
 * dsr_server_attach() - make a server of a VIP's that is in no pool yet
 * @vip: the VIP; it has no server with that address
 * @addr: the server's address, of the VIP's family
 * @opts: its options
 * @extack: gets the reason of a refusal
 *
 * Context: process, dn->lock.
 * Return: the server, for dsr_server_detach() or dsr_sched_rebuild(); or -ENOSPC
 *	or -ENOMEM.
 */
struct dsr_server *dsr_server_attach(struct dsr_vip *vip,
				     const struct in6_addr *addr,
				     const struct dsr_server_opts *opts,
				     struct netlink_ext_ack *extack)
{
	struct dsr_server *server;

	if (vip->nr_servers >= DSR_POOL_SERVERS_MAX) {
		NL_SET_ERR_MSG(extack, "VIP has too many servers");
		return ERR_PTR(-ENOSPC);
	}
	server = dsr_server_make(vip, addr, opts);
	if (!IS_ERR(server))
		dsr_server_enter(server);
	return server;
}

/**
 * dsr_server_detach() - undo the making of a server that got into no pool
 * @server: the server, or NULL
 *
 * Context: process, dn->lock.
 */
void dsr_server_detach(struct dsr_server *server)
{
	if (!server)
		return;
	server->vip->nr_servers--;
	list_del_rcu(&server->list);
	dsr_server_discard(server);
}

/**
 * dsr_server_attach_sorry() - make a VIP's sorry server
 * @vip: the VIP; its pool is to be rebuilt
 * @addr: the server's address, of the VIP's family; all zero: there is none
 * @extack: gets the reason of a refusal
 *
 * Context: process, dn->lock.
 * Return: 0 and vip->sorry is set; -EEXIST, -ENOSPC or -ENOMEM.
 */
int dsr_server_attach_sorry(struct dsr_vip *vip, const struct in6_addr *addr,
			    struct netlink_ext_ack *extack)
{
	static const struct dsr_server_opts opts = { .weight = 1 };
	struct dsr_server *server = NULL;

	if (!ipv6_addr_any(addr)) {
		if (dsr_server_find(vip, addr)) {
			NL_SET_ERR_MSG(extack, "server exists already");
			return -EEXIST;
		}
		server = dsr_server_attach(vip, addr, &opts, extack);
		if (IS_ERR(server))
			return PTR_ERR(server);
		server->sorry = true;
	}
	vip->sorry = server;
	return 0;
}

/**
 * dsr_server_apply() - change a server, but not the pool it is in
 * @server: the server
 * @opts: its options from now on
 * @nexthop: that of these options
 *
 * Context: process, dn->lock.
 */
void dsr_server_apply(struct dsr_server *server,
		      const struct dsr_server_opts *opts,
		      struct dsr_nexthop *nexthop)
{
	struct dsr_nexthop *old;

	dsr_net_change(server->vip->dn);
	old = rcu_replace_pointer(server->nexthop, nexthop,
				  lockdep_is_held(&server->vip->dn->lock));
	dsr_server_set_opts(server, opts);
	WRITE_ONCE(server->alive, nexthop->state != DSR_SERVER_DOWN);
	list_move_tail(&server->sibling, &nexthop->servers);
	dsr_nexthop_release(old);
}

/**
 * dsr_server_remove() - take a server from its VIP
 * @server: the server
 *
 * Phase one of its end: no packet finds it any more, flows on it are orphans.
 * The VIP's pool may still name it and is to be rebuilt or released before
 * dn->lock is given up. Phase two is dsr_server_put().
 *
 * Context: process, dn->lock.
 */
void dsr_server_remove(struct dsr_server *server)
{
	struct dsr_vip *vip = server->vip;

	dsr_net_change(vip->dn);
	WRITE_ONCE(server->alive, false);
	WRITE_ONCE(server->removed, true);
	list_del_rcu(&server->list);
	vip->nr_servers--;
	dsr_counters_add(&vip->gone, server->counters);
	list_del(&server->sibling);
	dsr_nexthop_release(rcu_dereference_protected(server->nexthop,
				lockdep_is_held(&vip->dn->lock)));
	dsr_flow_kick(vip->dn);
	dsr_server_put(server);
}

/**
 * dsr_server_follow() - take over what became of the next hop
 * @server: the server; its VIP is stale if it now can be reached and could not
 *	before, or the reverse
 *
 * Context: process, dn->lock.
 */
void dsr_server_follow(struct dsr_server *server)
{
	struct dsr_net *dn = server->vip->dn;
	struct dsr_nexthop *nexthop;
	bool alive;

	nexthop = rcu_dereference_protected(server->nexthop,
					    lockdep_is_held(&dn->lock));
	alive = nexthop->state != DSR_SERVER_DOWN;
	if (alive == server->alive)
		return;
	WRITE_ONCE(server->alive, alive);
	if (list_empty(&server->vip->stale))
		list_add_tail(&server->vip->stale, &dn->stale);
}

/**
 * dsr_server_tell_drained() - tell of drained servers that have no flow left
 * @dn: the director
 *
 * Context: process.
 */
void dsr_server_tell_drained(struct dsr_net *dn)
{
	struct dsr_server *server;
	unsigned long id = 0;
	struct dsr_vip *vip;

	mutex_lock(&dn->lock);
	while ((vip = dsr_vip_next(dn, &id))) {
		list_for_each_entry(server, &vip->servers, list) {
			if (server->weight || server->drained ||
			    dsr_server_flows(server))
				continue;
			server->drained = true;
			dsr_nl_server_event(server, DSR_CMD_SERVER_DRAINED_NTF);
		}
		cond_resched();
	}
	mutex_unlock(&dn->lock);
}
