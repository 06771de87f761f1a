// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: all of the configuration in one message. */
#include <linux/sched.h>

#include "load.h"
#include "netlink.h"

static int dsr_nl_load_vip(struct dsr_load *load, struct nlattr **item,
			   const struct nlattr *nest,
			   struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[DSR_A_VIP_MAX + 1];
	struct dsr_vip_opts opts;
	struct dsr_vip_key key;
	__be16 port_last;
	int err;

	err = dsr_nl_parse_vip(attrs, item[DSR_A_ITEM_VIP], extack);
	if (!err)
		err = dsr_nl_get_vip_key(attrs, &key, &port_last, extack);
	if (err)
		return err;
	dsr_vip_opts_init(&opts);
	err = dsr_nl_get_vip_opts(attrs, &key, &opts, extack);
	return err ?: dsr_load_vip(load, &key, port_last, &opts, nest, extack);
}

/* The plan of the VIP whose servers an item is about */
static struct dsr_vip_plan *dsr_nl_plan_of(struct dsr_load *load,
					   struct nlattr **item,
					   struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[DSR_A_VIP_MAX + 1];
	struct dsr_vip_plan *plan;
	struct dsr_vip_key key;
	__be16 port_last;
	int err;

	err = dsr_nl_parse_vip_name(attrs, item[DSR_A_ITEM_VIP], extack);
	if (!err)
		err = dsr_nl_get_vip_key(attrs, &key, &port_last, extack);
	if (err)
		return ERR_PTR(err);
	plan = dsr_load_find_vip(load, &key, port_last);
	if (plan)
		return plan;
	NL_SET_ERR_MSG_ATTR(extack, item[DSR_A_ITEM_VIP], "no such VIP");
	return ERR_PTR(-ENOENT);
}

static int dsr_nl_load_server_add(struct dsr_load *load,
				  struct dsr_vip_plan *plan,
				  struct nlattr **attrs,
				  const struct in6_addr *addr,
				  struct netlink_ext_ack *extack)
{
	struct dsr_server_opts opts = { .weight = 1 };
	int err;

	err = dsr_nl_check_server(attrs, DSR_A_SERVER_ADDR4, DSR_A_SERVER_ADDR6,
				  &plan->name.key, addr, extack);
	if (!err)
		err = dsr_nl_get_server_opts(NULL, attrs, addr, &opts, extack);
	return err ?: dsr_load_server(load, plan, addr, &opts,
				      !attrs[DSR_A_SERVER_DRAIN], extack);
}

static int dsr_nl_load_server_set(struct dsr_load *load,
				  struct dsr_vip_plan *plan,
				  struct nlattr **attrs,
				  const struct in6_addr *addr,
				  struct netlink_ext_ack *extack)
{
	struct dsr_server_plan *server = dsr_load_find_server(load, plan, addr);
	int err;

	if (!server) {
		NL_SET_ERR_MSG(extack, "no such server");
		return -ENOENT;
	}
	err = dsr_nl_sets_server(attrs, server->sorry, extack);
	if (err)
		return err;
	/* a weight ends a drain */
	if (attrs[DSR_A_SERVER_DRAIN] || attrs[DSR_A_SERVER_WEIGHT])
		server->drains_on = false;
	return dsr_nl_get_server_opts(NULL, attrs, addr, &server->opts, extack);
}

static int dsr_nl_load_server(struct dsr_load *load, struct dsr_vip_plan *plan,
			      const struct nlattr *nest, int cmd,
			      struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[DSR_A_SERVER_MAX + 1];
	struct in6_addr addr;
	int err;

	err = dsr_nl_parse_server(attrs, nest, true, extack);
	if (!err)
		err = dsr_nl_get_addr(attrs, DSR_A_SERVER_ADDR4,
				      DSR_A_SERVER_ADDR6, &addr, extack);
	if (!err)
		err = cmd == DSR_CMD_SERVER_ADD ?
		      dsr_nl_load_server_add(load, plan, attrs, &addr, extack) :
		      dsr_nl_load_server_set(load, plan, attrs, &addr, extack);
	if (err && !extack->bad_attr)
		NL_SET_BAD_ATTR(extack, nest);
	return err;
}

static int dsr_nl_load_servers(struct dsr_load *load, struct nlattr **item,
			       const struct nlattr *nest, int cmd,
			       struct netlink_ext_ack *extack)
{
	struct dsr_vip_plan *plan = dsr_nl_plan_of(load, item, extack);
	const struct nlattr *server;
	int err, rem;

	if (IS_ERR(plan))
		return PTR_ERR(plan);
	if (!item[DSR_A_ITEM_SERVER]) {
		NL_SET_ERR_MSG(extack, "the server's address is missing");
		return -EINVAL;
	}
	nla_for_each_nested(server, nest, rem) {
		if (nla_type(server) != DSR_A_ITEM_SERVER)
			continue;
		err = dsr_nl_load_server(load, plan, server, cmd, extack);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

static int dsr_nl_load_dev(struct dsr_load *load, struct nlattr **item,
			   struct netlink_ext_ack *extack)
{
	const struct nlattr *name;

	name = dsr_nl_get_ifname(item[DSR_A_ITEM_DEV], extack);
	if (IS_ERR(name))
		return PTR_ERR(name);
	return dsr_load_dev(load, nla_data(name), name, extack);
}

static int dsr_nl_load_limit(struct dsr_load *load, struct nlattr **item,
			     struct netlink_ext_ack *extack)
{
	if (load->has_limit) {
		NL_SET_ERR_MSG(extack, "the limit is there twice");
		return -EEXIST;
	}
	load->has_limit = true;
	return dsr_nl_get_limit(item[DSR_A_ITEM_LIMIT], &load->flows_max,
				extack);
}

/* The objects that a command of a configuration takes; 0: it is none */
static unsigned long dsr_nl_item_takes(int cmd)
{
	switch (cmd) {
	case DSR_CMD_VIP_ADD:
		return BIT(DSR_A_ITEM_VIP);
	case DSR_CMD_SERVER_ADD:
	case DSR_CMD_SERVER_SET:
		return BIT(DSR_A_ITEM_VIP) | BIT(DSR_A_ITEM_SERVER);
	case DSR_CMD_DEV_ADD:
		return BIT(DSR_A_ITEM_DEV);
	case DSR_CMD_LIMIT_SET:
		return BIT(DSR_A_ITEM_LIMIT);
	default:
		return 0;
	}
}

static int dsr_nl_check_item(struct nlattr **item, int cmd,
			     struct netlink_ext_ack *extack)
{
	unsigned long takes = dsr_nl_item_takes(cmd);
	unsigned int i;

	if (!takes) {
		NL_SET_ERR_MSG_ATTR(extack, item[DSR_A_ITEM_CMD],
				    "not a command of a configuration");
		return -EINVAL;
	}
	for (i = DSR_A_ITEM_CMD + 1; i <= DSR_A_ITEM_MAX; i++) {
		if (!item[i] || takes & BIT(i))
			continue;
		NL_SET_ERR_MSG_ATTR(extack, item[i],
				    "nothing that this command takes");
		return -EINVAL;
	}
	return 0;
}

static int dsr_nl_load_item(struct dsr_load *load, const struct nlattr *nest,
			    struct netlink_ext_ack *extack)
{
	struct nlattr *item[DSR_A_ITEM_MAX + 1];
	int cmd, err;

	cmd = dsr_nl_parse_item(item, nest, extack);
	if (cmd < 0)
		return cmd;
	err = dsr_nl_check_item(item, cmd, extack);
	if (err)
		return err;
	switch (cmd) {
	case DSR_CMD_VIP_ADD:
		return dsr_nl_load_vip(load, item, nest, extack);
	case DSR_CMD_DEV_ADD:
		return dsr_nl_load_dev(load, item, extack);
	case DSR_CMD_LIMIT_SET:
		return dsr_nl_load_limit(load, item, extack);
	default:
		return dsr_nl_load_servers(load, item, nest, cmd, extack);
	}
}

static int dsr_nl_load_items(struct dsr_load *load, const struct nlmsghdr *nlh,
			     struct netlink_ext_ack *extack)
{
	const struct nlattr *nest;
	int err, rem;

	nlmsg_for_each_attr(nest, nlh, GENL_HDRLEN, rem) {
		if (nla_type(nest) != DSR_A_ITEM)
			continue;
		err = dsr_nl_load_item(load, nest, extack);
		if (err) {
			if (!extack->bad_attr)
				NL_SET_BAD_ATTR(extack, nest);
			return err;
		}
		cond_resched();
	}
	return 0;
}

static int dsr_nl_load(struct dsr_net *dn, struct genl_info *info)
{
	struct dsr_load *load;
	int err;

	load = dsr_load_begin(dn);
	if (!load)
		return -ENOMEM;
	load->dry_run = info->attrs[DSR_A_DRY_RUN];
	err = dsr_nl_load_items(load, info->nlhdr, info->extack);
	if (!err)
		err = dsr_load_prepare(load, info->extack);
	if (!err && !load->dry_run)
		dsr_load_commit(load);
	dsr_load_end(load);
	return err;
}

int dsr_nl_config_load(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_net *dn = dsr_nl_begin_rtnl(info);
	int err;

	if (IS_ERR(dn))
		return PTR_ERR(dn);
	err = dsr_nl_load(dn, info);
	dsr_nl_end_rtnl(dn);
	return err;
}
