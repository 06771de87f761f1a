// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: attributes to what they name: addresses, VIPs. */
#include <linux/in.h>

#include "netlink.h"

static bool dsr_addr_usable(const struct in6_addr *addr)
{
	if (dsr_is_v4(addr))
		return !ipv4_is_zeronet(dsr_v4(addr)) &&
		       !ipv4_is_loopback(dsr_v4(addr)) &&
		       !ipv4_is_multicast(dsr_v4(addr)) &&
		       !ipv4_is_lbcast(dsr_v4(addr));
	return !ipv6_addr_any(addr) && !ipv6_addr_loopback(addr) &&
	       !ipv6_addr_is_multicast(addr);
}

/**
 * dsr_nl_get_addr() - read an address
 * @attrs: the attributes of an object
 * @v4: the attribute of an IPv4 address
 * @v6: the attribute of an IPv6 address
 * @addr: set to it, IPv4 in mapped form
 * @extack: gets the reason of a refusal
 *
 * Context: process.
 * Return: 0, or -EINVAL if not exactly one is there or no host can have it.
 */
int dsr_nl_get_addr(struct nlattr **attrs, int v4, int v6,
		    struct in6_addr *addr, struct netlink_ext_ack *extack)
{
	struct nlattr *attr = attrs[v4] ?: attrs[v6];

	if (!attr) {
		NL_SET_ERR_MSG(extack, "an address is missing");
		return -EINVAL;
	}
	if (attrs[v4] && attrs[v6]) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[v6],
				    "both an IPv4 and an IPv6 address");
		return -EINVAL;
	}

	if (attrs[v4]) {
		ipv6_addr_set_v4mapped(nla_get_be32(attr), addr);
	} else {
		*addr = nla_get_in6_addr(attr);
		if (dsr_is_v4(addr)) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "an IPv4-mapped IPv6 address");
			return -EINVAL;
		}
		if (!ipv6_mod_enabled()) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "IPv6 is disabled in this kernel");
			return -EAFNOSUPPORT;
		}
	}
	if (!dsr_addr_usable(addr)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "not a unicast address of a host");
		return -EINVAL;
	}
	return 0;
}

static int dsr_nl_get_ports(struct nlattr **attrs, struct dsr_vip_key *key,
			    __be16 *port_last, struct netlink_ext_ack *extack)
{
	struct nlattr *port = attrs[DSR_A_VIP_PORT], *last = attrs[DSR_A_VIP_PORT_LAST];

	key->port = port ? nla_get_be16(port) : 0;
	*port_last = last ? nla_get_be16(last) : key->port;

	if (!key->proto && (key->port || *port_last)) {
		NL_SET_ERR_MSG_ATTR(extack, port ?: last,
				    "protocol any takes no port");
		return -EINVAL;
	}
	if (last && !key->port && *port_last) {
		NL_SET_ERR_MSG_ATTR(extack, last, "a range starts at port 1");
		return -EINVAL;
	}
	if (ntohs(*port_last) < ntohs(key->port)) {
		NL_SET_ERR_MSG_ATTR(extack, last,
				    "the range ends before it starts");
		return -EINVAL;
	}
	return 0;
}

/**
 * dsr_nl_get_vip_key() - read what names a VIP
 * @attrs: the attributes of a VIP
 * @key: set to it
 * @port_last: set to the last port of a range, or key->port
 * @extack: gets the reason of a refusal
 *
 * Context: process.
 * Return: 0, -EINVAL, or -EAFNOSUPPORT.
 */
int dsr_nl_get_vip_key(struct nlattr **attrs, struct dsr_vip_key *key,
		       __be16 *port_last, struct netlink_ext_ack *extack)
{
	int err;

	memset(key, 0, sizeof(*key));
	err = dsr_nl_get_addr(attrs, DSR_A_VIP_ADDR4, DSR_A_VIP_ADDR6, &key->addr,
			      extack);
	if (err)
		return err;

	if (!attrs[DSR_A_VIP_PROTO]) {
		NL_SET_ERR_MSG(extack, "the protocol is missing");
		return -EINVAL;
	}
	key->proto = nla_get_u8(attrs[DSR_A_VIP_PROTO]);
	if (key->proto && key->proto != IPPROTO_TCP &&
	    key->proto != IPPROTO_UDP && key->proto != IPPROTO_SCTP) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[DSR_A_VIP_PROTO],
				    "protocol is none of tcp, udp, sctp, any");
		return -EINVAL;
	}
	return dsr_nl_get_ports(attrs, key, port_last, extack);
}

/**
 * dsr_nl_find_vip() - the VIP that attributes name
 * @dn: the director
 * @nest: where they are
 * @attrs: the attributes of a VIP
 * @extack: gets the reason of a refusal, and where
 *
 * Context: process, RCU or dn->lock.
 * Return: the VIP, or an error pointer: -ENOENT, or as dsr_nl_get_vip_key().
 */
struct dsr_vip *dsr_nl_find_vip(struct dsr_net *dn, const struct nlattr *nest,
				struct nlattr **attrs,
				struct netlink_ext_ack *extack)
{
	struct dsr_vip_key key;
	struct dsr_vip *vip;
	__be16 port_last;
	int err;

	err = dsr_nl_get_vip_key(attrs, &key, &port_last, extack);
	if (err)
		return ERR_PTR(err);
	vip = dsr_vip_find(dn, &key, port_last);
	if (vip)
		return vip;
	NL_SET_ERR_MSG_ATTR(extack, nest, "no such VIP");
	return ERR_PTR(-ENOENT);
}

/**
 * dsr_nl_get_vip() - the VIP that a nest names
 * @dn: the director
 * @nest: the nest, or NULL
 * @extack: gets the reason of a refusal, and where
 *
 * Context: process, RCU or dn->lock.
 * Return: the VIP, or an error pointer: -EINVAL, or as dsr_nl_find_vip().
 */
struct dsr_vip *dsr_nl_get_vip(struct dsr_net *dn, const struct nlattr *nest,
			       struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[DSR_A_VIP_MAX + 1];
	int err;

	err = dsr_nl_parse_vip_name(attrs, nest, extack);
	return err ? ERR_PTR(err) : dsr_nl_find_vip(dn, nest, attrs, extack);
}
