// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a configuration that is to be loaded consists of, and what of it is there
 * already. Nothing changes by this.
 */
#include <linux/netlink.h>
#include <linux/slab.h>

#include "load.h"
#include "sched.h"

static const struct rhashtable_params dsr_load_name_params = {
	.head_offset = offsetof(struct dsr_vip_plan, node),
	.key_offset = offsetof(struct dsr_vip_plan, name),
	.key_len = sizeof(struct dsr_vip_name),
};

static const struct rhashtable_params dsr_load_server_params = {
	.head_offset = offsetof(struct dsr_server_plan, node),
	.key_offset = offsetof(struct dsr_server_plan, key),
	.key_len = sizeof(struct dsr_server_key),
};

static const struct rhashtable_params dsr_load_dev_params = {
	.head_offset = offsetof(struct dsr_dev_plan, node),
	.key_offset = offsetof(struct dsr_dev_plan, key),
	.key_len = IFNAMSIZ,
};

/**
 * dsr_load_begin() - begin to plan a configuration
 * @dn: the director
 *
 * Context: process, RTNL, dn->lock, until dsr_load_end().
 * Return: an empty plan, or NULL.
 */
struct dsr_load *dsr_load_begin(struct dsr_net *dn)
{
	struct dsr_load *load = kzalloc(sizeof(*load), GFP_KERNEL);

	lockdep_assert_held(&dn->lock);

	if (!load)
		return NULL;
	load->dn = dn;
	load->number = ++dn->loads;
	INIT_LIST_HEAD(&load->vips);
	INIT_LIST_HEAD(&load->addrs);
	INIT_LIST_HEAD(&load->devs);
	if (rhashtable_init(&load->names, &dsr_load_name_params))
		goto err_load;
	if (rhashtable_init(&load->servers, &dsr_load_server_params))
		goto err_names;
	if (rhashtable_init(&load->ifnames, &dsr_load_dev_params))
		goto err_servers;
	return load;

err_servers:
	rhashtable_destroy(&load->servers);
err_names:
	rhashtable_destroy(&load->names);
err_load:
	kfree(load);
	return NULL;
}

/* Names are compared byte by byte: those between the fields are 0 */
static void dsr_load_name(struct dsr_vip_name *name,
			  const struct dsr_vip_key *key, __be16 port_last)
{
	memset(name, 0, sizeof(*name));
	name->key.addr = key->addr;
	name->key.proto = key->proto;
	name->key.port = key->port;
	name->port_last = port_last;
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
	struct dsr_vip_name name;

	dsr_load_name(&name, key, port_last);
	return rhashtable_lookup_fast(&load->names, &name,
				      dsr_load_name_params);
}

static int dsr_load_plan_server(struct dsr_load *load,
				struct dsr_vip_plan *plan,
				const struct in6_addr *addr,
				const struct dsr_server_opts *opts, bool sorry,
				bool drains_on)
{
	struct dsr_server_plan *splan = kzalloc(sizeof(*splan), GFP_KERNEL);
	int err;

	if (!splan)
		return -ENOMEM;
	splan->key.plan = plan;
	splan->key.addr = *addr;
	splan->opts = *opts;
	splan->drains_on = drains_on;
	splan->sorry = sorry;
	err = rhashtable_insert_fast(&load->servers, &splan->node,
				     dsr_load_server_params);
	if (err) {
		kfree(splan);
		return err;
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
	int err;

	plan = kzalloc(sizeof(*plan), GFP_KERNEL);
	if (!plan)
		return -ENOMEM;
	dsr_load_name(&plan->name, key, port_last);
	plan->opts = *opts;
	plan->attr = attr;
	INIT_LIST_HEAD(&plan->servers);
	err = rhashtable_lookup_insert_fast(&load->names, &plan->node,
					    dsr_load_name_params);
	if (err) {
		if (err == -EEXIST)
			NL_SET_ERR_MSG(extack, "VIP exists already");
		kfree(plan);
		return err;
	}
	list_add_tail(&plan->list, &load->vips);
	load->nr_vips++;
	plan->vip = dsr_vip_find(load->dn, key, port_last);

	if (ipv6_addr_any(&opts->sorry))
		return 0;
	return dsr_load_plan_server(load, plan, &opts->sorry, &sorry, true,
				    true);
}

/**
 * dsr_load_find_server() - the server of that address in the plan of a VIP
 * @load: the plan
 * @plan: the VIP
 * @addr: the address
 *
 * Context: process, dn->lock.
 * Return: the plan of the server, or NULL.
 */
struct dsr_server_plan *dsr_load_find_server(struct dsr_load *load,
					     const struct dsr_vip_plan *plan,
					     const struct in6_addr *addr)
{
	struct dsr_server_key key = { .plan = plan, .addr = *addr };

	return rhashtable_lookup_fast(&load->servers, &key,
				      dsr_load_server_params);
}

/**
 * dsr_load_server() - plan a server
 * @load: the plan
 * @plan: its VIP
 * @addr: its address
 * @opts: its options
 * @drains_on: if it is there already, it drains or not as it does now
 * @extack: gets the reason of a refusal
 *
 * Context: process, dn->lock.
 * Return: 0, -EEXIST, -ENOSPC or -ENOMEM.
 */
int dsr_load_server(struct dsr_load *load, struct dsr_vip_plan *plan,
		    const struct in6_addr *addr,
		    const struct dsr_server_opts *opts, bool drains_on,
		    struct netlink_ext_ack *extack)
{
	if (dsr_load_find_server(load, plan, addr)) {
		NL_SET_ERR_MSG(extack, "server exists already");
		return -EEXIST;
	}
	if (plan->nr_servers >= DSR_POOL_SERVERS_MAX) {
		NL_SET_ERR_MSG(extack, "VIP has too many servers");
		return -ENOSPC;
	}
	return dsr_load_plan_server(load, plan, addr, opts, false, drains_on);
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
	const struct net_device *dev = __dev_get_by_name(load->dn->net, name);
	struct dsr_dev_plan *plan;
	int err;

	plan = kzalloc(sizeof(*plan), GFP_KERNEL);
	if (!plan)
		return -ENOMEM;
	plan->name = name;
	plan->attr = attr;
	strscpy(plan->key, dev ? dev->name : name, sizeof(plan->key));
	err = rhashtable_lookup_insert_fast(&load->ifnames, &plan->node,
					    dsr_load_dev_params);
	if (err) {
		if (err == -EEXIST)
			NL_SET_ERR_MSG(extack, "dev exists already");
		kfree(plan);
		return err;
	}
	list_add_tail(&plan->list, &load->devs);
	return 0;
}

/**
 * dsr_load_find_dev() - what a plan makes of a dev that is there
 * @load: the plan
 * @dd: the dev
 *
 * Context: process, RTNL, dn->lock.
 * Return: its plan, or NULL.
 */
struct dsr_dev_plan *dsr_load_find_dev(struct dsr_load *load,
				       const struct dsr_dev *dd)
{
	char key[IFNAMSIZ] = {};

	strscpy(key, dd->dev ? dd->dev->name : dd->name, sizeof(key));
	return rhashtable_lookup_fast(&load->ifnames, key, dsr_load_dev_params);
}
