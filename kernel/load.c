// SPDX-License-Identifier: GPL-2.0-only
/*
 * A whole configuration in place of the running one, all of it or nothing.
 *
 * First it is read into a plan (plan.c). Then everything is made that the plan
 * needs and does not find: all that can fail. At last the new takes the place of
 * the old, which can't fail. What the plan finds unchanged is not touched, and
 * keeps its flows and counters.
 */
#include <linux/etherdevice.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "flow.h"
#include "hook.h"
#include "load.h"
#include "netlink.h"
#include "nexthop.h"
#include "sched.h"
#include "service.h"
#include "speak.h"

/* --- making what is new --- */

static bool dsr_pin_same(const struct dsr_pin *a, const struct dsr_pin *b)
{
	return ether_addr_equal(a->mac, b->mac) && !strcmp(a->ifname, b->ifname);
}

static bool dsr_load_server_changes(const struct dsr_server_plan *splan)
{
	const struct dsr_server_opts *old = &splan->server->opts;

	return splan->opts.weight != old->weight ||
	       splan->opts.max_flows != old->max_flows ||
	       splan->opts.drain != old->drain ||
	       !dsr_pin_same(&splan->opts.pin, &old->pin);
}

static int dsr_load_make_server(struct dsr_vip *vip,
				struct dsr_server_plan *splan)
{
	struct dsr_server *server = splan->server;
	struct dsr_nexthop *nexthop;

	if (!server) {
		server = dsr_server_make(vip, &splan->key.addr,
					 &splan->opts);
		if (IS_ERR(server))
			return PTR_ERR(server);
		server->sorry = splan->sorry;
		splan->server = server;
		splan->fresh = true;
	} else if (!dsr_pin_same(&splan->opts.pin, &server->opts.pin)) {
		nexthop = dsr_nexthop_get(vip->dn, &splan->key.addr,
					  &splan->opts.pin);
		if (IS_ERR(nexthop))
			return PTR_ERR(nexthop);
		nexthop->held++;
		splan->nexthop = nexthop;
	}
	return 0;
}

/* What a server is to have of its VIP's pool */
static u32 dsr_load_share(const struct dsr_server_plan *splan)
{
	bool alive = splan->nexthop ? splan->nexthop->state != DSR_SERVER_DOWN :
				      splan->server->alive;

	return alive && !splan->opts.drain ? splan->opts.weight : 0;
}

static int dsr_load_make_pool(struct dsr_vip_plan *plan)
{
	struct dsr_server_plan *splan;

	plan->pool = dsr_pool_alloc(plan->opts.sched, plan->nr_servers);
	if (!plan->pool)
		return -ENOMEM;
	list_for_each_entry(splan, &plan->servers, list)
		dsr_pool_add(plan->pool, splan->server, dsr_load_share(splan));
	return dsr_pool_fill(plan->pool);
}

static bool dsr_load_pool_changes(const struct dsr_vip_plan *plan)
{
	const struct dsr_vip *vip = plan->vip;
	const struct dsr_server_plan *splan;
	unsigned int fresh = 0;

	if (plan->fresh || !list_empty(&vip->stale) ||
	    vip->opts.sched != plan->opts.sched)
		return true;
	list_for_each_entry(splan, &plan->servers, list) {
		if (splan->fresh || dsr_load_server_changes(splan))
			return true;
		fresh++;
	}
	return fresh != vip->nr_servers;
}

/* Which of its servers has the VIP already? */
static void dsr_load_find_servers(struct dsr_load *load,
				  const struct dsr_vip_plan *plan)
{
	struct dsr_server_plan *splan;
	struct dsr_server *server;

	list_for_each_entry(server, &plan->vip->servers, list) {
		splan = dsr_load_find_server(load, plan, &server->addr);
		if (!splan || splan->sorry != server->sorry)
			continue;
		splan->server = server;
		if (splan->drains_on)
			splan->opts.drain = server->opts.drain;
	}
}

static int dsr_load_make_vip(struct dsr_load *load, struct dsr_vip_plan *plan)
{
	struct dsr_server_plan *splan;
	struct dsr_vip *vip;
	int err;

	if (plan->vip) {
		dsr_load_find_servers(load, plan);
	} else {
		vip = dsr_vip_make(load->dn, &plan->name.key,
				   plan->name.port_last, &plan->opts);
		if (IS_ERR(vip))
			return PTR_ERR(vip);
		plan->vip = vip;
		plan->fresh = true;
	}
	list_for_each_entry(splan, &plan->servers, list) {
		err = dsr_load_make_server(plan->vip, splan);
		if (err)
			return err;
	}
	return dsr_load_pool_changes(plan) ? dsr_load_make_pool(plan) : 0;
}

static int dsr_load_make_vips(struct dsr_load *load,
			      struct netlink_ext_ack *extack)
{
	struct dsr_vip_plan *plan;
	int err;

	list_for_each_entry(plan, &load->vips, list) {
		err = dsr_load_make_vip(load, plan);
		if (err) {
			NL_SET_BAD_ATTR(extack, plan->attr);
			return err;
		}
		cond_resched();
	}
	return 0;
}

static int dsr_vip_plan_cmp(const void *a, const void *b)
{
	const struct dsr_vip_plan *const *x = a, *const *y = b;
	int order = memcmp(&(*x)->name.key.addr, &(*y)->name.key.addr,
			   sizeof((*x)->name.key.addr));

	return order ?: dsr_service_cmp((*x)->vip, (*y)->vip);
}

/* The first n of these plans are the VIPs of one address */
static int dsr_load_make_addr(struct dsr_load *load, struct dsr_vip_plan **plans,
			      unsigned int n, struct netlink_ext_ack *extack)
{
	struct dsr_addr_plan *aplan = kzalloc(sizeof(*aplan), GFP_KERNEL);
	unsigned int i;
	int err;

	if (!aplan)
		return -ENOMEM;
	aplan->addr = plans[0]->vip->addr;
	list_add_tail(&aplan->list, &load->addrs);
	aplan->services = dsr_services_alloc(n);
	if (!aplan->services)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		err = dsr_services_append(aplan->services, plans[i]->vip,
					  extack);
		if (!err)
			continue;
		/* of the two, the one that came later is too much */
		NL_SET_BAD_ATTR(extack, max(plans[i - 1]->attr, plans[i]->attr));
		return err;
	}
	return 0;
}

/* What packets are to find at each address, when all VIPs are there */
static int dsr_load_make_addrs(struct dsr_load *load,
			       struct netlink_ext_ack *extack)
{
	struct dsr_vip_plan **plans, *plan;
	unsigned int i = 0, first;
	int err = 0;

	plans = kvmalloc_array(load->nr_vips, sizeof(*plans), GFP_KERNEL);
	if (!plans)
		return -ENOMEM;
	list_for_each_entry(plan, &load->vips, list)
		plans[i++] = plan;
	sort(plans, load->nr_vips, sizeof(*plans), dsr_vip_plan_cmp, NULL);
	for (first = 0; first < load->nr_vips && !err; first = i) {
		for (i = first + 1; i < load->nr_vips; i++)
			if (plans[i]->vip->addr != plans[first]->vip->addr)
				break;
		err = dsr_load_make_addr(load, plans + first, i - first,
					 extack);
		cond_resched();
	}
	kvfree(plans);
	return err;
}

/* Which of its devs are there already? */
static void dsr_load_find_devs(struct dsr_load *load)
{
	struct dsr_dev_plan *plan;
	struct dsr_dev *dd;

	list_for_each_entry(dd, &load->dn->devs, list) {
		plan = dsr_load_find_dev(load, dd);
		if (plan)
			plan->dd = dd;
	}
}

static int dsr_load_check_devs(struct dsr_load *load,
			       struct netlink_ext_ack *extack)
{
	struct dsr_dev_plan *plan;
	int err;

	dsr_load_find_devs(load);
	list_for_each_entry(plan, &load->devs, list) {
		err = plan->dd ? 0 :
		      dsr_dev_check(load->dn, plan->name, extack);
		if (err) {
			NL_SET_BAD_ATTR(extack, plan->attr);
			return err;
		}
	}
	return 0;
}

static int dsr_load_make_devs(struct dsr_load *load,
			      struct netlink_ext_ack *extack)
{
	struct dsr_dev_plan *plan;
	struct dsr_dev *dd;

	list_for_each_entry(plan, &load->devs, list) {
		if (plan->dd)
			continue;
		dd = dsr_dev_make(load->dn, plan->name, extack);
		if (IS_ERR(dd)) {
			NL_SET_BAD_ATTR(extack, plan->attr);
			return PTR_ERR(dd);
		}
		plan->dd = dd;
		plan->fresh = true;
	}
	return 0;
}

/**
 * dsr_load_prepare() - make everything that a plan needs
 * @load: the plan
 * @extack: gets the reason of a refusal
 *
 * Nobody sees what is new. Interfaces are taken last, as that does something at
 * once: when all that is likely to fail has not. A dry run leaves them as they
 * are.
 *
 * Context: process, RTNL, dn->lock.
 * Return: 0, or a negative errno; then dsr_load_end() undoes it.
 */
int dsr_load_prepare(struct dsr_load *load, struct netlink_ext_ack *extack)
{
	int err;

	err = dsr_load_make_vips(load, extack);
	if (!err)
		err = dsr_load_make_addrs(load, extack);
	if (!err)
		err = dsr_load_check_devs(load, extack);
	if (err || load->dry_run)
		return err;
	err = dsr_load_make_devs(load, extack);
	if (err || load->dn->nr_vips || list_empty(&load->vips))
		return err;
	err = dsr_hook_register(load->dn, extack);
	load->hooked = !err;
	return err;
}

/* --- the new in place of the old --- */

static void dsr_load_commit_server(struct dsr_server_plan *splan)
{
	struct dsr_server *server = splan->server;
	struct dsr_nexthop *nexthop = splan->nexthop;

	if (splan->fresh) {
		dsr_server_enter(server);
		return;
	}
	if (!dsr_load_server_changes(splan))
		return;
	if (nexthop)
		nexthop->held--;
	else
		nexthop = rcu_dereference_protected(server->nexthop,
					lockdep_is_held(&server->vip->dn->lock));
	splan->nexthop = NULL;
	dsr_server_apply(server, &splan->opts, nexthop);
	dsr_nl_server_event(server, DSR_CMD_SERVER_SET_NTF);
}

static void dsr_load_drop_servers(const struct dsr_load *load,
				  struct dsr_vip *vip)
{
	struct dsr_server *server, *tmp;

	list_for_each_entry_safe(server, tmp, &vip->servers, list) {
		if (server->load == load->number)
			continue;
		dsr_nl_server_event(server, DSR_CMD_SERVER_DEL_NTF);
		dsr_server_remove(server);
	}
}

static void dsr_load_commit_vip(const struct dsr_load *load,
				struct dsr_vip_plan *plan)
{
	struct dsr_server_plan *splan;
	struct dsr_vip *vip = plan->vip;
	bool changes = memcmp(&vip->opts, &plan->opts, sizeof(vip->opts));

	vip->sorry = NULL;
	list_for_each_entry(splan, &plan->servers, list) {
		dsr_load_commit_server(splan);
		splan->server->load = load->number;
		if (splan->sorry)
			vip->sorry = splan->server;
	}
	if (changes)
		dsr_vip_apply(vip, &plan->opts);
	if (plan->pool)
		dsr_pool_publish(vip, plan->pool);
	plan->pool = NULL;
	vip->load = load->number;
	if (plan->fresh)
		dsr_vip_enter(vip);

	if (plan->fresh || changes)
		dsr_nl_vip_event(vip, plan->fresh ? DSR_CMD_VIP_ADD_NTF :
						    DSR_CMD_VIP_SET_NTF);
	list_for_each_entry(splan, &plan->servers, list)
		if (splan->fresh)
			dsr_nl_server_event(splan->server,
					    DSR_CMD_SERVER_ADD_NTF);
	dsr_load_drop_servers(load, vip);
}

static void dsr_load_commit_devs(struct dsr_load *load)
{
	struct dsr_net *dn = load->dn;
	struct dsr_dev_plan *plan;
	struct dsr_dev *dd, *tmp;

	list_for_each_entry(plan, &load->devs, list) {
		plan->dd->load = load->number;
		/* the same interface by another of its names */
		strscpy(plan->dd->name, plan->name, sizeof(plan->dd->name));
		if (plan->fresh)
			dsr_nl_dev_event(dn, plan->dd, DSR_CMD_DEV_ADD_NTF);
		plan->fresh = false;
	}
	list_for_each_entry_safe(dd, tmp, &dn->devs, list) {
		if (dd->load == load->number)
			continue;
		dsr_nl_dev_event(dn, dd, DSR_CMD_DEV_DEL_NTF);
		dsr_dev_remove(dn, dd);
	}
}

static void dsr_load_commit_limit(struct dsr_load *load)
{
	struct dsr_net *dn = load->dn;

	if (load->flows_max ? load->flows_max == dn->flows_max &&
			      !dn->flows_max_auto : dn->flows_max_auto)
		return;
	dsr_flow_set_max(dn, load->flows_max);
	dsr_nl_limit_event(dn);
}

/**
 * dsr_load_commit() - let a plan that is prepared be the configuration
 * @load: the plan
 *
 * What is new comes before the old goes: the hooks stay while either is there.
 *
 * Context: process, RTNL, dn->lock.
 */
void dsr_load_commit(struct dsr_load *load)
{
	struct dsr_net *dn = load->dn;
	struct dsr_addr_plan *aplan;
	struct dsr_vip_plan *plan;
	struct dsr_vip *vip;
	unsigned long id = 0;

	dsr_net_change(dn);
	dsr_load_commit_limit(load);
	list_for_each_entry(plan, &load->vips, list) {
		dsr_load_commit_vip(load, plan);
		cond_resched();
	}
	/* each has its pool now */
	list_for_each_entry(aplan, &load->addrs, list) {
		dsr_services_publish(aplan->addr, aplan->services, dn);
		aplan->services = NULL;
	}
	while ((vip = dsr_vip_next(dn, &id))) {
		if (vip->load == load->number)
			continue;
		dsr_nl_vip_event(vip, DSR_CMD_VIP_DEL_NTF);
		dsr_vip_del(vip);
		cond_resched();
	}
	dsr_load_commit_devs(load);
	load->hooked = false;
	dsr_speak_look(dn);
	dsr_nl_done_event(dn, DSR_CMD_CONFIG_LOAD_NTF);

	/* from here on all that was made is the configuration's */
	list_for_each_entry(plan, &load->vips, list) {
		struct dsr_server_plan *splan;

		plan->fresh = false;
		list_for_each_entry(splan, &plan->servers, list)
			splan->fresh = false;
	}
}

/* --- the end --- */

static void dsr_load_end_server(struct dsr_server_plan *splan)
{
	if (splan->nexthop) {
		splan->nexthop->held--;
		dsr_nexthop_release(splan->nexthop);
	}
	if (splan->fresh)
		dsr_server_discard(splan->server);
	kfree(splan);
}

static void dsr_load_end_vip(struct dsr_vip_plan *plan)
{
	struct dsr_server_plan *splan, *tmp;

	dsr_pool_drop(plan->pool);
	list_for_each_entry_safe(splan, tmp, &plan->servers, list)
		dsr_load_end_server(splan);
	if (plan->fresh)
		dsr_vip_discard(plan->vip);
	kfree(plan);
}

static void dsr_load_end_addrs(struct dsr_load *load)
{
	struct dsr_addr_plan *plan, *tmp;

	list_for_each_entry_safe(plan, tmp, &load->addrs, list) {
		kvfree(plan->services);
		kfree(plan);
	}
}

static void dsr_load_end_devs(struct dsr_load *load)
{
	struct dsr_dev_plan *plan, *tmp;

	list_for_each_entry_safe(plan, tmp, &load->devs, list) {
		if (plan->fresh)
			dsr_dev_remove(load->dn, plan->dd);
		kfree(plan);
	}
}

/**
 * dsr_load_end() - forget a plan, and all that was made for it if it was not
 *	committed
 * @load: the plan
 *
 * Context: process, RTNL, dn->lock.
 */
void dsr_load_end(struct dsr_load *load)
{
	struct dsr_vip_plan *plan, *tmp;

	if (load->hooked)
		dsr_hook_unregister(load->dn);
	/* before what they name, which a table that grows may look at */
	rhashtable_destroy(&load->ifnames);
	rhashtable_destroy(&load->servers);
	rhashtable_destroy(&load->names);
	dsr_load_end_addrs(load);
	list_for_each_entry_safe(plan, tmp, &load->vips, list) {
		dsr_load_end_vip(plan);
		cond_resched();
	}
	dsr_load_end_devs(load);
	kfree(load);
}
