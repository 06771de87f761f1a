// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a configuration that is to be loaded consists of, and what of it is there
 * already. Nothing changes by this.
 */
#include <linux/jhash.h>
#include <linux/netlink.h>
#include <linux/slab.h>

#include "load.h"
#include "sched.h"

/**
 * dsr_load_begin() - begin to plan a configuration
 * @dn: the director
 *
 * Context: process, RTNL, dn->lock, until dsr_load_end().
 * Return: an empty plan, or NULL.
 */
struct dsr_load *dsr_load_begin(struct dsr_net *dn)
{
	struct dsr_load *load = kvzalloc(sizeof(*load), GFP_KERNEL);

	lockdep_assert_held(&dn->lock);

	if (!load)
		return NULL;
	load->dn = dn;
	INIT_LIST_HEAD(&load->vips);
	INIT_LIST_HEAD(&load->devs);
	return load;
}

static struct hlist_head *dsr_load_bucket(struct dsr_load *load,
					  const struct dsr_vip_key *key)
{
	u32 hash = jhash(&key->addr, sizeof(key->addr),
			 (u32)key->proto << 16 | ntohs(key->port));

	return &load->hash[hash % ARRAY_SIZE(load->hash)];
}

/**
 * dsr_load_find_vip() - the VIP of that name in a plan
 * @load: the plan
 * @key: address, port and protocol
 * @port_last: last port of a range, or key->port
 *
 * Context: process, dn->lock.
 * Return: the plan of the VIP, or NULL.
 */
struct dsr_vip_plan *dsr_load_find_vip(struct dsr_load *load,
				       const struct dsr_vip_key *key,
				       __be16 port_last)
{
	struct dsr_vip_plan *plan;

	hlist_for_each_entry(plan, dsr_load_bucket(load, key), node)
		if (ipv6_addr_equal(&plan->key.addr, &key->addr) &&
		    plan->key.proto == key->proto &&
		    plan->key.port == key->port && plan->port_last == port_last)
			return plan;
	return NULL;
}

/* A server of the same address and kind that the VIP has already */
static struct dsr_server *dsr_load_old_server(const struct dsr_vip *vip,
					      const struct in6_addr *addr,
					      bool sorry)
{
	struct dsr_server *server = vip ? dsr_server_find(vip, addr) : NULL;

	return server && server->sorry == sorry ? server : NULL;
}

static int dsr_load_plan_server(struct dsr_vip_plan *plan,
				const struct in6_addr *addr,
				const struct dsr_server_opts *opts, bool sorry,
				bool drains_on)
{
	struct dsr_server_plan *splan = kzalloc(sizeof(*splan), GFP_KERNEL);

	if (!splan)
		return -ENOMEM;
	splan->addr = *addr;
	splan->opts = *opts;
	splan->sorry = sorry;
	splan->server = dsr_load_old_server(plan->vip, addr, sorry);
	if (splan->server) {
		splan->server->kept = true;
		if (drains_on)
			splan->opts.drain = splan->server->opts.drain;
	}
	list_add_tail(&splan->list, &plan->servers);
	plan->nr_servers++;
	return 0;
}

/**
 * dsr_load_vip() - plan a VIP
 * @load: the plan
 * @key: its name
 * @port_last: last port of a range, or key->port
 * @opts: its options
 * @attr: what asks for it
 * @extack: gets the reason of a refusal
 *
 * Context: process, dn->lock.
 * Return: 0, -EEXIST or -ENOMEM.
 */
int dsr_load_vip(struct dsr_load *load, const struct dsr_vip_key *key,
		 __be16 port_last, const struct dsr_vip_opts *opts,
		 const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	static const struct dsr_server_opts sorry = { .weight = 1 };
	struct dsr_vip_plan *plan;

	if (dsr_load_find_vip(load, key, port_last)) {
		NL_SET_ERR_MSG(extack, "VIP exists already");
		return -EEXIST;
	}
	plan = kzalloc(sizeof(*plan), GFP_KERNEL);
	if (!plan)
		return -ENOMEM;
	plan->key = *key;
	plan->port_last = port_last;
	plan->opts = *opts;
	plan->attr = attr;
	INIT_LIST_HEAD(&plan->servers);
	plan->vip = dsr_vip_find(load->dn, key, port_last);
	if (plan->vip)
		plan->vip->kept = true;
	list_add_tail(&plan->list, &load->vips);
	hlist_add_head(&plan->node, dsr_load_bucket(load, key));

	if (ipv6_addr_any(&opts->sorry))
		return 0;
	return dsr_load_plan_server(plan, &opts->sorry, &sorry, true, true);
}

/**
 * dsr_load_find_server() - the server of that address in the plan of a VIP
 * @plan: the VIP
 * @addr: the address
 *
 * Context: process, dn->lock.
 * Return: the plan of the server, or NULL.
 */
struct dsr_server_plan *dsr_load_find_server(struct dsr_vip_plan *plan,
					     const struct in6_addr *addr)
{
	struct dsr_server_plan *splan;

	list_for_each_entry(splan, &plan->servers, list)
		if (ipv6_addr_equal(&splan->addr, addr))
			return splan;
	return NULL;
}

/**
 * dsr_load_server() - plan a server
 * @plan: its VIP
 * @addr: its address
 * @opts: its options
 * @drains_on: if it is there already, it drains or not as it does now
 * @extack: gets the reason of a refusal
 *
 * Context: process, dn->lock.
 * Return: 0, -EEXIST, -ENOSPC or -ENOMEM.
 */
int dsr_load_server(struct dsr_vip_plan *plan, const struct in6_addr *addr,
		    const struct dsr_server_opts *opts, bool drains_on,
		    struct netlink_ext_ack *extack)
{
	if (dsr_load_find_server(plan, addr)) {
		NL_SET_ERR_MSG(extack, "server exists already");
		return -EEXIST;
	}
	if (plan->nr_servers >= DSR_POOL_SERVERS_MAX) {
		NL_SET_ERR_MSG(extack, "VIP has too many servers");
		return -ENOSPC;
	}
	return dsr_load_plan_server(plan, addr, opts, false, drains_on);
}

/**
 * dsr_load_dev() - plan a dev
 * @load: the plan
 * @name: the interface; it is to outlive the plan
 * @attr: what asks for it
 * @extack: gets the reason of a refusal
 *
 * Context: process, dn->lock.
 * Return: 0, -EEXIST or -ENOMEM.
 */
int dsr_load_dev(struct dsr_load *load, const char *name,
		 const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	struct dsr_dev_plan *plan;

	list_for_each_entry(plan, &load->devs, list) {
		if (strcmp(plan->name, name))
			continue;
		NL_SET_ERR_MSG(extack, "dev exists already");
		return -EEXIST;
	}
	plan = kzalloc(sizeof(*plan), GFP_KERNEL);
	if (!plan)
		return -ENOMEM;
	plan->name = name;
	plan->attr = attr;
	plan->dd = dsr_dev_find(load->dn, name);
	if (plan->dd)
		plan->dd->kept = true;
	list_add_tail(&plan->list, &load->devs);
	return 0;
}
