// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: the commands that change the configuration. */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>

#include "dev.h"
#include "netlink.h"
#include "sched.h"
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

static const struct dsr_sched *dsr_nl_get_sched(struct genl_info *info,
						const struct dsr_sched *unset)
{
	struct nlattr *attr = info->attrs[DSR_A_SCHED];
	const struct dsr_sched *sched;

	if (!attr)
		return unset;
	sched = dsr_sched_find(nla_data(attr));
	if (!sched) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such scheduler");
		return ERR_PTR(-EINVAL);
	}
	return sched;
}

static u8 dsr_nl_get_arp(struct genl_info *info, u8 unset)
{
	struct nlattr *attr = info->attrs[DSR_A_ARP];

	return attr ? nla_get_u8(attr) : unset;
}

int dsr_nl_vip_add(struct sk_buff *skb, struct genl_info *info)
{
	const struct dsr_sched *sched;
	struct dsr_vip_key key;
	struct dsr_net *dn;
	__be16 port_last;
	int err;

	err = dsr_nl_get_vip_key(info->attrs, &key, &port_last, info->extack);
	if (err)
		return err;
	sched = dsr_nl_get_sched(info, dsr_sched_find(NULL));
	if (IS_ERR(sched))
		return PTR_ERR(sched);

	dn = dsr_nl_lock_rtnl(info);
	err = dsr_vip_add(dn, &key, port_last, sched,
			  dsr_nl_get_arp(info, DSR_ARP_AUTO), info->extack);
	if (!err)
		dsr_nl_vip_event(dsr_vip_find(dn, &key, port_last),
				 DSR_CMD_VIP_ADD_NTF);
	dsr_nl_unlock_rtnl(dn);
	return err;
}

int dsr_nl_vip_set(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_net *dn = dsr_net(genl_info_net(info));
	const struct dsr_sched *sched;
	struct dsr_vip *vip;
	int err;

	if (!info->attrs[DSR_A_SCHED] && !info->attrs[DSR_A_ARP]) {
		NL_SET_ERR_MSG(info->extack, "nothing to set");
		return -EINVAL;
	}

	mutex_lock(&dn->lock);
	vip = dsr_nl_get_vip(dn, info->attrs, info->extack);
	err = PTR_ERR_OR_ZERO(vip);
	if (err)
		goto out;
	sched = dsr_nl_get_sched(info, vip->sched);
	err = PTR_ERR_OR_ZERO(sched);
	if (err)
		goto out;
	err = dsr_vip_set(vip, sched, dsr_nl_get_arp(info, vip->arp),
			  info->extack);
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

/* What is not in the message stays as it is in pin */
static int dsr_nl_get_pin(struct genl_info *info, struct dsr_pin *pin)
{
	struct nlattr *mac = info->attrs[DSR_A_MAC];
	struct nlattr *ifname = info->attrs[DSR_A_IFNAME];
	struct net *net = genl_info_net(info);
	struct net_device *dev;

	if (mac) {
		if (is_multicast_ether_addr(nla_data(mac))) {
			NL_SET_ERR_MSG_ATTR(info->extack, mac,
					    "not a unicast MAC");
			return -EINVAL;
		}
		ether_addr_copy(pin->mac, nla_data(mac));
	}
	if (!ifname)
		return 0;

	/* copied in full: pins are compared */
	memset(pin->ifname, 0, sizeof(pin->ifname));
	strscpy(pin->ifname, nla_data(ifname), sizeof(pin->ifname));
	if (!pin->ifname[0])
		return 0;
	dev = dev_get_by_name(net, pin->ifname);
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(info->extack, ifname, "no such interface");
		return -ENODEV;
	}
	dev_put(dev);
	return 0;
}

static int dsr_nl_check_server(const struct dsr_vip *vip,
			       const struct in6_addr *addr,
			       struct genl_info *info)
{
	struct nlattr *attr = info->attrs[DSR_A_SERVER4] ?:
			      info->attrs[DSR_A_SERVER6];

	if (dsr_family(addr) != dsr_family(&vip->key.addr)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "server is not of the VIP's address family");
		return -EINVAL;
	}
	if (ipv6_addr_equal(addr, &vip->key.addr)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "server has the VIP's address");
		return -EINVAL;
	}
	return 0;
}

int dsr_nl_server_add(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_net *dn = dsr_net(genl_info_net(info));
	struct nlattr *weight = info->attrs[DSR_A_WEIGHT];
	struct dsr_pin pin = {};
	struct in6_addr addr;
	struct dsr_vip *vip;
	int err;

	err = dsr_nl_get_addr(info->attrs, DSR_A_SERVER4, DSR_A_SERVER6, &addr,
			      info->extack);
	if (!err)
		err = dsr_nl_get_pin(info, &pin);
	if (err)
		return err;

	mutex_lock(&dn->lock);
	vip = dsr_nl_get_vip(dn, info->attrs, info->extack);
	err = PTR_ERR_OR_ZERO(vip);
	if (!err)
		err = dsr_nl_check_server(vip, &addr, info);
	if (!err)
		err = dsr_server_add(vip, &addr,
				     weight ? nla_get_u32(weight) : 1, &pin,
				     info->extack);
	if (!err)
		dsr_nl_server_event(dsr_server_find(vip, &addr),
				    DSR_CMD_SERVER_ADD_NTF);
	mutex_unlock(&dn->lock);
	return err;
}

int dsr_nl_server_set(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_net *dn = dsr_net(genl_info_net(info));
	struct nlattr *weight = info->attrs[DSR_A_WEIGHT];
	struct dsr_server *server;
	struct dsr_pin pin;
	int err;

	if (!weight && !info->attrs[DSR_A_MAC] && !info->attrs[DSR_A_IFNAME]) {
		NL_SET_ERR_MSG(info->extack, "nothing to set");
		return -EINVAL;
	}

	mutex_lock(&dn->lock);
	server = dsr_nl_get_server(dn, info->attrs, info->extack);
	err = PTR_ERR_OR_ZERO(server);
	if (err)
		goto out;
	pin = server->pin;
	err = dsr_nl_get_pin(info, &pin);
	if (!err)
		err = dsr_server_set(server, weight ? nla_get_u32(weight) :
						      server->weight,
				     &pin, info->extack);
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
	if (!err)
		err = dsr_server_del(server);
	mutex_unlock(&dn->lock);
	return err;
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
