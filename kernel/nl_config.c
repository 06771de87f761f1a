// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: the commands that change VIPs, devs and limits, and what all have. */
#include <linux/rtnetlink.h>

#include "dev.h"
#include "netlink.h"

/**
 * dsr_nl_begin() - begin a command that changes the configuration
 * @info: the command; its events name it
 *
 * Context: process. dn->lock is held until dsr_nl_end().
 * Return: the director; or -EBUSY if the command expects another configuration,
 *	then nothing is held.
 */
struct dsr_net *dsr_nl_begin(struct genl_info *info)
{
	struct dsr_net *dn = dsr_net(genl_info_net(info));
	struct nlattr *expected = info->attrs[DSR_A_GENERATION];

	mutex_lock(&dn->lock);
	if (expected && nla_get_u32(expected) != dn->generation) {
		mutex_unlock(&dn->lock);
		NL_SET_ERR_MSG_ATTR(info->extack, expected,
				    "the configuration is another one by now");
		return ERR_PTR(-EBUSY);
	}
	dn->cause = info;
	return dn;
}

/**
 * dsr_nl_end() - end a command that changes the configuration
 * @dn: from dsr_nl_begin()
 *
 * Context: process.
 */
void dsr_nl_end(struct dsr_net *dn)
{
	dn->cause = NULL;
	dsr_net_changed(dn);
	mutex_unlock(&dn->lock);
}

/**
 * dsr_nl_begin_rtnl() - the same, with RTNL
 * @info: the command
 *
 * VIPs and devs come and go with multicast groups, which RTNL protects.
 *
 * Context: process. RTNL and dn->lock are held until dsr_nl_end_rtnl().
 * Return: as dsr_nl_begin().
 */
struct dsr_net *dsr_nl_begin_rtnl(struct genl_info *info)
{
	struct dsr_net *dn;

	rtnl_lock();
	dn = dsr_nl_begin(info);
	if (IS_ERR(dn))
		rtnl_unlock();
	return dn;
}

/**
 * dsr_nl_end_rtnl() - end what began with dsr_nl_begin_rtnl()
 * @dn: from there
 *
 * Context: process.
 */
void dsr_nl_end_rtnl(struct dsr_net *dn)
{
	dsr_nl_end(dn);
	rtnl_unlock();
}

int dsr_nl_vip_add(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attrs[DSR_A_VIP_MAX + 1];
	struct dsr_vip_opts opts;
	struct dsr_vip_key key;
	struct dsr_net *dn;
	__be16 port_last;
	int err;

	err = dsr_nl_parse_vip(attrs, info->attrs[DSR_A_VIP], info->extack);
	if (!err)
		err = dsr_nl_get_vip_key(attrs, &key, &port_last, info->extack);
	if (err)
		return err;
	dsr_vip_opts_init(&opts);
	err = dsr_nl_get_vip_opts(attrs, &key, &opts, info->extack);
	if (err)
		return err;

	dn = dsr_nl_begin_rtnl(info);
	if (IS_ERR(dn))
		return PTR_ERR(dn);
	err = dsr_vip_add(dn, &key, port_last, &opts, info->extack);
	if (!err)
		dsr_nl_vip_event(dsr_vip_find(dn, &key, port_last),
				 DSR_CMD_VIP_ADD_NTF);
	dsr_nl_end_rtnl(dn);
	return err;
}

static int dsr_nl_vip_change(struct dsr_net *dn, const struct nlattr *nest,
			     struct nlattr **attrs,
			     struct netlink_ext_ack *extack)
{
	struct dsr_vip *vip = dsr_nl_find_vip(dn, nest, attrs, extack);
	struct dsr_vip_opts opts;
	int err;

	if (IS_ERR(vip))
		return PTR_ERR(vip);
	opts = vip->opts;
	err = dsr_nl_get_vip_opts(attrs, &vip->key, &opts, extack);
	if (!err)
		err = dsr_vip_set(vip, &opts, extack);
	if (!err)
		dsr_nl_vip_event(vip, DSR_CMD_VIP_SET_NTF);
	return err;
}

int dsr_nl_vip_set(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attrs[DSR_A_VIP_MAX + 1];
	struct dsr_net *dn;
	int err;

	err = dsr_nl_parse_vip(attrs, info->attrs[DSR_A_VIP], info->extack);
	if (err)
		return err;
	if (!dsr_nl_sets_vip(attrs)) {
		NL_SET_ERR_MSG(info->extack, "nothing to set");
		return -EINVAL;
	}
	dn = dsr_nl_begin(info);
	if (IS_ERR(dn))
		return PTR_ERR(dn);
	err = dsr_nl_vip_change(dn, info->attrs[DSR_A_VIP], attrs,
				info->extack);
	dsr_nl_end(dn);
	return err;
}

int dsr_nl_vip_del(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_net *dn = dsr_nl_begin_rtnl(info);
	struct dsr_vip *vip;
	int err;

	if (IS_ERR(dn))
		return PTR_ERR(dn);
	vip = dsr_nl_get_vip(dn, info->attrs[DSR_A_VIP], info->extack);
	err = PTR_ERR_OR_ZERO(vip);
	if (!err) {
		dsr_nl_vip_event(vip, DSR_CMD_VIP_DEL_NTF);
		dsr_vip_del(vip);
	}
	dsr_nl_end_rtnl(dn);
	return err;
}

int dsr_nl_flush(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_net *dn = dsr_nl_begin_rtnl(info);

	if (IS_ERR(dn))
		return PTR_ERR(dn);
	dsr_net_change(dn);
	dsr_vip_flush(dn);
	dsr_nl_done_event(dn, DSR_CMD_FLUSH_NTF);
	dsr_nl_end_rtnl(dn);
	return 0;
}

int dsr_nl_limit_set(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_net *dn;
	unsigned int flows;
	int err;

	err = dsr_nl_get_limit(info->attrs[DSR_A_LIMIT], &flows, info->extack);
	if (err)
		return err;
	dn = dsr_nl_begin(info);
	if (IS_ERR(dn))
		return PTR_ERR(dn);
	dsr_flow_set_max(dn, flows);
	dsr_nl_limit_event(dn);
	dsr_nl_end(dn);
	return 0;
}

static int dsr_nl_dev_change(struct genl_info *info,
			     int (*change)(struct dsr_net *dn, const char *name,
					   struct netlink_ext_ack *extack))
{
	const struct nlattr *name;
	struct dsr_net *dn;
	int err;

	name = dsr_nl_get_ifname(info->attrs[DSR_A_DEV], info->extack);
	if (IS_ERR(name))
		return PTR_ERR(name);
	dn = dsr_nl_begin_rtnl(info);
	if (IS_ERR(dn))
		return PTR_ERR(dn);
	err = change(dn, nla_data(name), info->extack);
	if (err)
		NL_SET_BAD_ATTR(info->extack, name);
	dsr_nl_end_rtnl(dn);
	return err;
}

int dsr_nl_dev_add(struct sk_buff *skb, struct genl_info *info)
{
	return dsr_nl_dev_change(info, dsr_dev_add);
}

int dsr_nl_dev_del(struct sk_buff *skb, struct genl_info *info)
{
	return dsr_nl_dev_change(info, dsr_dev_del);
}
