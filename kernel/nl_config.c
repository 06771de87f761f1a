// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: the commands that change the configuration. */
#include <linux/rtnetlink.h>

#include "dev.h"
#include "netlink.h"
#include "server.h"

/* VIPs and devs come and go with multicast groups, which RTNL protects */
static struct dsr_net *dsr_nl_lock_rtnl(struct genl_info *info)
{
	struct dsr_net *dn = dsr_net(genl_info_net(info));

	rtnl_lock();
	mutex_lock(&dn->lock);
	return dn;
}

static void dsr_nl_unlock_rtnl(struct dsr_net *dn)
{
	mutex_unlock(&dn->lock);
	rtnl_unlock();
}

int dsr_nl_vip_add(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_vip_opts opts;
	struct dsr_vip_key key;
	struct dsr_net *dn;
	__be16 port_last;
	int err;

	err = dsr_nl_get_vip_key(info->attrs, &key, &port_last, info->extack);
	if (err)
		return err;
	dsr_vip_opts_init(&opts);
	err = dsr_nl_get_vip_opts(info->attrs, &key, &opts, info->extack);
	if (err)
		return err;

	dn = dsr_nl_lock_rtnl(info);
	err = dsr_vip_add(dn, &key, port_last, &opts, info->extack);
	if (!err)
		dsr_nl_vip_event(dsr_vip_find(dn, &key, port_last),
				 DSR_CMD_VIP_ADD_NTF);
	dsr_nl_unlock_rtnl(dn);
	return err;
}

int dsr_nl_vip_set(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_net *dn = dsr_net(genl_info_net(info));
	struct dsr_vip_opts opts;
	struct dsr_vip *vip;
	int err;

	if (!dsr_nl_sets_vip(info->attrs)) {
		NL_SET_ERR_MSG(info->extack, "nothing to set");
		return -EINVAL;
	}

	mutex_lock(&dn->lock);
	vip = dsr_nl_get_vip(dn, info->attrs, info->extack);
	err = PTR_ERR_OR_ZERO(vip);
	if (err)
		goto out;
	opts = vip->opts;
	err = dsr_nl_get_vip_opts(info->attrs, &vip->key, &opts, info->extack);
	if (!err)
		err = dsr_vip_set(vip, &opts, info->extack);
	if (!err)
		dsr_nl_vip_event(vip, DSR_CMD_VIP_SET_NTF);
out:
	mutex_unlock(&dn->lock);
	return err;
}

int dsr_nl_vip_del(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_net *dn = dsr_nl_lock_rtnl(info);
	struct dsr_vip *vip;
	int err;

	vip = dsr_nl_get_vip(dn, info->attrs, info->extack);
	err = PTR_ERR_OR_ZERO(vip);
	if (!err) {
		dsr_nl_vip_event(vip, DSR_CMD_VIP_DEL_NTF);
		dsr_vip_del(vip);
	}
	dsr_nl_unlock_rtnl(dn);
	return err;
}

int dsr_nl_flush(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_net *dn = dsr_nl_lock_rtnl(info);

	dsr_vip_flush(dn);
	dsr_nl_flush_event(dn);
	dsr_nl_unlock_rtnl(dn);
	return 0;
}

int dsr_nl_server_add(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_net *dn = dsr_net(genl_info_net(info));
	struct dsr_server_opts opts = { .weight = 1 };
	struct in6_addr addr;
	struct dsr_vip *vip;
	int err;

	err = dsr_nl_get_addr(info->attrs, DSR_A_SERVER4, DSR_A_SERVER6, &addr,
			      info->extack);
	if (!err)
		err = dsr_nl_get_server_opts(dn->net, info->attrs, &opts,
					     info->extack);
	if (err)
		return err;

	mutex_lock(&dn->lock);
	vip = dsr_nl_get_vip(dn, info->attrs, info->extack);
	err = PTR_ERR_OR_ZERO(vip);
	if (!err)
		err = dsr_nl_check_server(info->attrs, DSR_A_SERVER4,
					  DSR_A_SERVER6, &vip->key, &addr,
					  info->extack);
	if (!err)
		err = dsr_server_add(vip, &addr, &opts, info->extack);
	if (!err)
		dsr_nl_server_event(dsr_server_find(vip, &addr),
				    DSR_CMD_SERVER_ADD_NTF);
	mutex_unlock(&dn->lock);
	return err;
}

int dsr_nl_server_set(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_net *dn = dsr_net(genl_info_net(info));
	struct dsr_server_opts opts;
	struct dsr_server *server;
	int err;

	mutex_lock(&dn->lock);
	server = dsr_nl_get_server(dn, info->attrs, info->extack);
	err = PTR_ERR_OR_ZERO(server);
	if (!err)
		err = dsr_nl_sets_server(info->attrs, server->sorry,
					 info->extack);
	if (err)
		goto out;
	opts = server->opts;
	err = dsr_nl_get_server_opts(dn->net, info->attrs, &opts, info->extack);
	if (!err)
		err = dsr_server_set(server, &opts, info->extack);
	if (!err)
		dsr_nl_server_event(server, DSR_CMD_SERVER_SET_NTF);
out:
	mutex_unlock(&dn->lock);
	return err;
}

int dsr_nl_server_del(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_net *dn = dsr_net(genl_info_net(info));
	struct dsr_server *server;
	int err;

	mutex_lock(&dn->lock);
	server = dsr_nl_get_server(dn, info->attrs, info->extack);
	err = PTR_ERR_OR_ZERO(server);
	if (!err && server->sorry) {
		NL_SET_ERR_MSG(info->extack,
			       "it is the VIP's sorry server: set the VIP's sorry to none");
		err = -EINVAL;
	}
	if (!err)
		err = dsr_server_del(server);
	mutex_unlock(&dn->lock);
	return err;
}

int dsr_nl_limit_set(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_net *dn = dsr_net(genl_info_net(info));
	struct nlattr *attr = info->attrs[DSR_A_FLOWS_MAX];

	if (!attr) {
		NL_SET_ERR_MSG(info->extack, "the limit is missing");
		return -EINVAL;
	}
	mutex_lock(&dn->lock);
	dsr_flow_set_max(dn, nla_get_u64(attr));
	dsr_net_changed(dn);
	dsr_nl_limit_event(dn);
	mutex_unlock(&dn->lock);
	return 0;
}

static const char *dsr_nl_get_ifname(struct genl_info *info)
{
	struct nlattr *attr = info->attrs[DSR_A_IFNAME];

	if (attr && *(const char *)nla_data(attr))
		return nla_data(attr);
	NL_SET_ERR_MSG(info->extack, "the interface is missing");
	return NULL;
}

static int dsr_nl_dev_change(struct genl_info *info,
			     int (*change)(struct dsr_net *dn, const char *name,
					   struct netlink_ext_ack *extack))
{
	const char *name = dsr_nl_get_ifname(info);
	struct dsr_net *dn;
	int err;

	if (!name)
		return -EINVAL;
	dn = dsr_nl_lock_rtnl(info);
	err = change(dn, name, info->extack);
	if (err)
		NL_SET_BAD_ATTR(info->extack, info->attrs[DSR_A_IFNAME]);
	dsr_nl_unlock_rtnl(dn);
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
