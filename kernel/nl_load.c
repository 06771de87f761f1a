// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: all of the configuration in one message. */
#include <linux/rtnetlink.h>

#include "load.h"
#include "netlink.h"

/* The plan of the VIP that an item is about, and the address of a server */
static struct dsr_vip_plan *dsr_nl_plan_of(struct dsr_load *load,
					   struct nlattr **attrs,
					   struct in6_addr *server,
					   struct netlink_ext_ack *extack)
{
	struct dsr_vip_plan *plan;
	struct dsr_vip_key key;
	__be16 port_last;
	int err;

	err = dsr_nl_get_vip_key(attrs, &key, &port_last, extack);
	if (err)
		return ERR_PTR(err);
	plan = dsr_load_find_vip(load, &key, port_last);
	if (!plan) {
		NL_SET_ERR_MSG(extack, "no such VIP");
		return ERR_PTR(-ENOENT);
	}
	err = dsr_nl_get_addr(attrs, DSR_A_SERVER4, DSR_A_SERVER6, server,
			      extack);
	return err ? ERR_PTR(err) : plan;
}

static int dsr_nl_load_vip(struct dsr_load *load, struct nlattr **attrs,
			   const struct nlattr *item,
			   struct netlink_ext_ack *extack)
{
	struct dsr_vip_opts opts;
	struct dsr_vip_key key;
	__be16 port_last;
	int err;

	err = dsr_nl_get_vip_key(attrs, &key, &port_last, extack);
	if (err)
		return err;
	dsr_vip_opts_init(&opts);
	err = dsr_nl_get_vip_opts(attrs, &key, &opts, extack);
	return err ?: dsr_load_vip(load, &key, port_last, &opts, item, extack);
}

static int dsr_nl_load_server(struct dsr_load *load, struct nlattr **attrs,
			      struct netlink_ext_ack *extack)
{
	struct dsr_server_opts opts = { .weight = 1 };
	struct dsr_vip_plan *plan;
	struct in6_addr addr;
	int err;

	plan = dsr_nl_plan_of(load, attrs, &addr, extack);
	if (IS_ERR(plan))
		return PTR_ERR(plan);
	err = dsr_nl_check_server(attrs, DSR_A_SERVER4, DSR_A_SERVER6,
				  &plan->key, &addr, extack);
	if (!err)
		err = dsr_nl_get_server_opts(NULL, attrs, &opts, extack);
	return err ?: dsr_load_server(plan, &addr, &opts, extack);
}

static int dsr_nl_load_server_set(struct dsr_load *load, struct nlattr **attrs,
				  struct netlink_ext_ack *extack)
{
	struct dsr_server_plan *server;
	struct dsr_vip_plan *plan;
	struct in6_addr addr;
	int err;

	plan = dsr_nl_plan_of(load, attrs, &addr, extack);
	if (IS_ERR(plan))
		return PTR_ERR(plan);
	server = dsr_load_find_server(plan, &addr);
	if (!server) {
		NL_SET_ERR_MSG(extack, "no such server");
		return -ENOENT;
	}
	err = dsr_nl_sets_server(attrs, server->sorry, extack);
	return err ?: dsr_nl_get_server_opts(NULL, attrs, &server->opts,
					     extack);
}

static int dsr_nl_load_dev(struct dsr_load *load, struct nlattr **attrs,
			   struct netlink_ext_ack *extack)
{
	struct nlattr *attr = attrs[DSR_A_IFNAME];

	if (!attr || !*(const char *)nla_data(attr)) {
		NL_SET_ERR_MSG(extack, "the interface is missing");
		return -EINVAL;
	}
	return dsr_load_dev(load, nla_data(attr), attr, extack);
}

static int dsr_nl_load_limit(struct dsr_load *load, struct nlattr **attrs,
			     struct netlink_ext_ack *extack)
{
	if (!attrs[DSR_A_FLOWS_MAX]) {
		NL_SET_ERR_MSG(extack, "the limit is missing");
		return -EINVAL;
	}
	if (load->has_limit) {
		NL_SET_ERR_MSG(extack, "the limit is there twice");
		return -EEXIST;
	}
	load->has_limit = true;
	load->flows_max = nla_get_u64(attrs[DSR_A_FLOWS_MAX]);
	return 0;
}

static int dsr_nl_load_item(struct dsr_load *load, const struct nlattr *item,
			    struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[DSR_A_MAX + 1];
	int err;

	err = dsr_nl_parse_item(attrs, item, extack);
	if (err)
		return err;
	switch (nla_type(item)) {
	case DSR_CMD_VIP_ADD:
		return dsr_nl_load_vip(load, attrs, item, extack);
	case DSR_CMD_SERVER_ADD:
		return dsr_nl_load_server(load, attrs, extack);
	case DSR_CMD_SERVER_SET:
		return dsr_nl_load_server_set(load, attrs, extack);
	case DSR_CMD_DEV_ADD:
		return dsr_nl_load_dev(load, attrs, extack);
	default:
		return dsr_nl_load_limit(load, attrs, extack);
	}
}

static int dsr_nl_load(struct dsr_net *dn, struct genl_info *info)
{
	struct netlink_ext_ack *extack = info->extack;
	const struct nlattr *item;
	struct dsr_load *load;
	int err = 0, rem;

	load = dsr_load_begin(dn);
	if (!load)
		return -ENOMEM;
	nlmsg_for_each_attr(item, info->nlhdr, GENL_HDRLEN, rem) {
		err = dsr_nl_load_item(load, item, extack);
		if (err) {
			if (!extack->bad_attr)
				NL_SET_BAD_ATTR(extack, item);
			break;
		}
		cond_resched();
	}
	if (!err)
		err = dsr_load_prepare(load, extack);
	if (!err)
		dsr_load_commit(load);
	dsr_load_end(load);
	return err;
}

int dsr_nl_config_load(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_net *dn = dsr_net(genl_info_net(info));
	int err;

	rtnl_lock();
	mutex_lock(&dn->lock);
	err = dsr_nl_load(dn, info);
	mutex_unlock(&dn->lock);
	rtnl_unlock();
	return err;
}
