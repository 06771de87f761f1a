// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: attributes to the options of VIPs and servers. */
#include <linux/etherdevice.h>

#include "netlink.h"
#include "sched.h"
#include "server.h"

/* The time-out of each state of a flow */
const u16 dsr_nl_timeouts[DSR_FLOW_STATES] = {
	[DSR_FLOW_SYN] = DSR_A_VIP_TIMEOUT_SYN,
	[DSR_FLOW_OPEN] = DSR_A_VIP_TIMEOUT_OPEN,
	[DSR_FLOW_FIN] = DSR_A_VIP_TIMEOUT_FIN,
	[DSR_FLOW_RST] = DSR_A_VIP_TIMEOUT_RST,
	[DSR_FLOW_UDP] = DSR_A_VIP_TIMEOUT_UDP,
	[DSR_FLOW_OTHER] = DSR_A_VIP_TIMEOUT_OTHER,
};

static int dsr_nl_get_sched(struct nlattr *attr, struct dsr_vip_opts *opts,
			    struct netlink_ext_ack *extack)
{
	const struct dsr_sched *sched;

	if (!attr)
		return 0;
	sched = dsr_sched_find(nla_data(attr));
	if (!sched) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "no such scheduler");
		return -EINVAL;
	}
	opts->sched = sched;
	return 0;
}

/* Of an IPv4 VIP the mask is that of the mapped address */
static int dsr_nl_get_mask(struct nlattr *attr, const struct dsr_vip_key *key,
			   struct dsr_vip_opts *opts,
			   struct netlink_ext_ack *extack)
{
	u8 offset = dsr_is_v4(&key->addr) ? 96 : 0;

	if (!attr)
		return 0;
	if (nla_get_u8(attr) > 128 - offset) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "longer than an address of the VIP's family");
		return -EINVAL;
	}
	opts->mask = nla_get_u8(attr) + offset;
	return 0;
}

/**
 * dsr_nl_check_server() - can a VIP have a server with that address?
 * @attrs: the attributes of an object
 * @v4: the attribute of an IPv4 address
 * @v6: the attribute of an IPv6 address
 * @key: the VIP
 * @addr: the server's address, read from one of the two
 * @extack: gets the reason of a refusal
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int dsr_nl_check_server(struct nlattr **attrs, int v4, int v6,
			const struct dsr_vip_key *key,
			const struct in6_addr *addr,
			struct netlink_ext_ack *extack)
{
	struct nlattr *attr = attrs[v4] ?: attrs[v6];

	if (dsr_family(addr) != dsr_family(&key->addr)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "server is not of the VIP's address family");
		return -EINVAL;
	}
	if (ipv6_addr_equal(addr, &key->addr)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "server has the VIP's address");
		return -EINVAL;
	}
	return 0;
}

/* Each link has such addresses of its own */
static bool dsr_nl_is_link_local(const struct in6_addr *addr)
{
	return ipv6_addr_type(addr) & IPV6_ADDR_LINKLOCAL;
}

static bool dsr_nl_is_zero(const struct nlattr *attr)
{
	return attr && !memchr_inv(nla_data(attr), 0, nla_len(attr));
}

/* An address of zeros says that there is none, whatever its family */
static int dsr_nl_get_sorry(struct nlattr **attrs,
			    const struct dsr_vip_key *key,
			    struct dsr_vip_opts *opts,
			    struct netlink_ext_ack *extack)
{
	struct in6_addr sorry;
	int err;

	if (!attrs[DSR_A_VIP_SORRY4] && !attrs[DSR_A_VIP_SORRY6])
		return 0;
	if (dsr_nl_is_zero(attrs[DSR_A_VIP_SORRY4]) ||
	    dsr_nl_is_zero(attrs[DSR_A_VIP_SORRY6])) {
		opts->sorry = in6addr_any;
		return 0;
	}
	err = dsr_nl_get_addr(attrs, DSR_A_VIP_SORRY4, DSR_A_VIP_SORRY6, &sorry,
			      extack);
	if (!err)
		err = dsr_nl_check_server(attrs, DSR_A_VIP_SORRY4, DSR_A_VIP_SORRY6,
					  key, &sorry, extack);
	if (!err && dsr_nl_is_link_local(&sorry)) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[DSR_A_VIP_SORRY6],
				    "a link-local address needs dev, which the sorry server can't be added with");
		err = -EINVAL;
	}
	if (!err)
		opts->sorry = sorry;
	return err;
}

/**
 * dsr_nl_get_vip_opts() - read the options of a VIP
 * @attrs: the attributes of a VIP
 * @key: the VIP
 * @opts: what is among them is set
 * @extack: gets the reason of a refusal
 *
 * Context: process.
 * Return: 0 or -EINVAL.
 */
int dsr_nl_get_vip_opts(struct nlattr **attrs, const struct dsr_vip_key *key,
			struct dsr_vip_opts *opts,
			struct netlink_ext_ack *extack)
{
	const struct nlattr *timeout;
	unsigned int i;
	int err;

	if (attrs[DSR_A_VIP_ARP])
		opts->arp = nla_get_u8(attrs[DSR_A_VIP_ARP]);
	if (attrs[DSR_A_VIP_ON_DOWN])
		opts->on_down = nla_get_u8(attrs[DSR_A_VIP_ON_DOWN]);
	if (attrs[DSR_A_VIP_PERSISTENCE])
		opts->persistence = nla_get_u32(attrs[DSR_A_VIP_PERSISTENCE]);
	for (i = 0; i < DSR_FLOW_STATES; i++) {
		timeout = attrs[dsr_nl_timeouts[i]];
		if (timeout)
			opts->timeouts[i] = nla_get_u32(timeout);
	}

	err = dsr_nl_get_sched(attrs[DSR_A_VIP_SCHED], opts, extack);
	if (!err)
		err = dsr_nl_get_mask(attrs[DSR_A_VIP_PERSISTENCE_MASK], key, opts,
				      extack);
	return err ?: dsr_nl_get_sorry(attrs, key, opts, extack);
}

/**
 * dsr_nl_sets_vip() - do attributes set an option of a VIP?
 * @attrs: the attributes of a VIP
 *
 * Context: any.
 * Return: true if they do.
 */
bool dsr_nl_sets_vip(struct nlattr **attrs)
{
	unsigned int i;

	for (i = 0; i < DSR_FLOW_STATES; i++)
		if (attrs[dsr_nl_timeouts[i]])
			return true;
	return attrs[DSR_A_VIP_SCHED] || attrs[DSR_A_VIP_ARP] ||
	       attrs[DSR_A_VIP_ON_DOWN] || attrs[DSR_A_VIP_PERSISTENCE] ||
	       attrs[DSR_A_VIP_PERSISTENCE_MASK] ||
	       attrs[DSR_A_VIP_SORRY4] || attrs[DSR_A_VIP_SORRY6];
}

/* What is not among the attributes stays as it is in pin */
static int dsr_nl_get_pin(struct net *net, struct nlattr **attrs,
			  struct dsr_pin *pin, struct netlink_ext_ack *extack)
{
	struct nlattr *mac = attrs[DSR_A_SERVER_MAC];
	struct nlattr *ifname = attrs[DSR_A_SERVER_IFNAME];
	struct net_device *dev;

	if (mac) {
		if (is_multicast_ether_addr(nla_data(mac))) {
			NL_SET_ERR_MSG_ATTR(extack, mac, "not a unicast MAC");
			return -EINVAL;
		}
		ether_addr_copy(pin->mac, nla_data(mac));
	}
	if (!ifname)
		return 0;

	/* copied in full: pins are compared */
	memset(pin->ifname, 0, sizeof(pin->ifname));
	strscpy(pin->ifname, nla_data(ifname), sizeof(pin->ifname));
	if (!pin->ifname[0] || !net)
		return 0;
	dev = dev_get_by_name(net, pin->ifname);
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(extack, ifname, "no such interface");
		return -ENODEV;
	}
	dev_put(dev);
	return 0;
}

/**
 * dsr_nl_get_server_opts() - read the options of a server
 * @net: where its interface is; NULL: it may be absent
 * @attrs: the attributes of a server
 * @addr: its address
 * @opts: what is among them is set
 * @extack: gets the reason of a refusal
 *
 * Context: process.
 * Return: 0, -EINVAL or -ENODEV.
 */
int dsr_nl_get_server_opts(struct net *net, struct nlattr **attrs,
			   const struct in6_addr *addr,
			   struct dsr_server_opts *opts,
			   struct netlink_ext_ack *extack)
{
	int err;

	if (attrs[DSR_A_SERVER_WEIGHT]) {
		opts->weight = nla_get_u32(attrs[DSR_A_SERVER_WEIGHT]);
		opts->drain = false;
	}
	if (attrs[DSR_A_SERVER_DRAIN])
		opts->drain = nla_get_u8(attrs[DSR_A_SERVER_DRAIN]);
	if (attrs[DSR_A_SERVER_MAX_FLOWS])
		opts->max_flows = nla_get_u32(attrs[DSR_A_SERVER_MAX_FLOWS]);
	err = dsr_nl_get_pin(net, attrs, &opts->pin, extack);
	if (err || opts->pin.ifname[0] || !dsr_nl_is_link_local(addr))
		return err;
	NL_SET_ERR_MSG_ATTR(extack, attrs[DSR_A_SERVER_IFNAME] ?:
			    attrs[DSR_A_SERVER_ADDR6],
			    "a link-local address needs dev");
	return -EINVAL;
}

/**
 * dsr_nl_sets_server() - do attributes set an option of a server?
 * @attrs: the attributes of a server
 * @sorry: the server is a sorry server: refuse those that it can't have
 * @extack: gets the reason of a refusal
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int dsr_nl_sets_server(struct nlattr **attrs, bool sorry,
		       struct netlink_ext_ack *extack)
{
	struct nlattr *share = attrs[DSR_A_SERVER_WEIGHT] ?:
			       attrs[DSR_A_SERVER_MAX_FLOWS] ?:
			       attrs[DSR_A_SERVER_DRAIN];

	if (share && sorry) {
		NL_SET_ERR_MSG_ATTR(extack, share,
				    "the sorry server takes what others can't: only mac and dev can be set");
		return -EINVAL;
	}
	if (!share && !attrs[DSR_A_SERVER_MAC] && !attrs[DSR_A_SERVER_IFNAME]) {
		NL_SET_ERR_MSG(extack, "nothing to set");
		return -EINVAL;
	}
	return 0;
}
