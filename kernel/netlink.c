// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generic netlink family: which command takes which attributes, who may
 * send it, and what all commands read alike. The protocol is documented in
 * include/uapi/linux/dsr.h.
 */
#include <linux/in.h>
#include <linux/module.h>

#include "netlink.h"
#include "server.h"

#define DSR_POLICY_VIP							\
	[DSR_A_ADDR4] = { .type = NLA_BE32 },				\
	[DSR_A_ADDR6] = NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),	\
	[DSR_A_PROTO] = { .type = NLA_U8 },				\
	[DSR_A_PORT] = { .type = NLA_BE16 },				\
	[DSR_A_PORT_LAST] = { .type = NLA_BE16 }

#define DSR_POLICY_SERVER						\
	[DSR_A_SERVER4] = { .type = NLA_BE32 },				\
	[DSR_A_SERVER6] = NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr))

#define DSR_POLICY_IFNAME						\
	[DSR_A_IFNAME] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 }

/* too large for the 16 signed bits of NLA_POLICY_MAX(); const from 6.7 on */
static struct netlink_range_validation dsr_weight_range = {
	.max = DSR_WEIGHT_MAX,
};

static struct netlink_range_validation dsr_max_flows_range = {
	.max = DSR_FLOWS_MAX,
};

static struct netlink_range_validation dsr_seconds_range = {
	.max = DSR_TIMEOUT_MAX,
};

static struct netlink_range_validation dsr_timeout_range = {
	.min = 1,
	.max = DSR_TIMEOUT_MAX,
};

#define DSR_POLICY_TIMEOUT NLA_POLICY_FULL_RANGE(NLA_U32, &dsr_timeout_range)

static const struct nla_policy dsr_policy_none[DSR_A_MAX + 1] = {};

static const struct nla_policy dsr_policy_vip[DSR_A_MAX + 1] = {
	DSR_POLICY_VIP,
};

static const struct nla_policy dsr_policy_vip_dump[DSR_A_MAX + 1] = {
	DSR_POLICY_VIP,
	[DSR_A_SERVERS] = { .type = NLA_FLAG },
};

static const struct nla_policy dsr_policy_vip_set[DSR_A_MAX + 1] = {
	DSR_POLICY_VIP,
	[DSR_A_SCHED] = { .type = NLA_NUL_STRING, .len = DSR_SCHED_NAME_MAX },
	[DSR_A_ARP] = NLA_POLICY_MAX(NLA_U8, DSR_ARP_AUTO),
	[DSR_A_ON_DOWN] = NLA_POLICY_MAX(NLA_U8, DSR_ON_DOWN_DROP),
	[DSR_A_PERSISTENCE] = NLA_POLICY_FULL_RANGE(NLA_U32,
						    &dsr_seconds_range),
	[DSR_A_PERSISTENCE_MASK] = NLA_POLICY_MAX(NLA_U8, 128),
	[DSR_A_TIMEOUT_SYN] = DSR_POLICY_TIMEOUT,
	[DSR_A_TIMEOUT_OPEN] = DSR_POLICY_TIMEOUT,
	[DSR_A_TIMEOUT_FIN] = DSR_POLICY_TIMEOUT,
	[DSR_A_TIMEOUT_UDP] = DSR_POLICY_TIMEOUT,
	[DSR_A_SORRY4] = { .type = NLA_BE32 },
	[DSR_A_SORRY6] = NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
};

static const struct nla_policy dsr_policy_server[DSR_A_MAX + 1] = {
	DSR_POLICY_VIP,
	DSR_POLICY_SERVER,
};

static const struct nla_policy dsr_policy_server_set[DSR_A_MAX + 1] = {
	DSR_POLICY_VIP,
	DSR_POLICY_SERVER,
	DSR_POLICY_IFNAME,
	[DSR_A_WEIGHT] = NLA_POLICY_FULL_RANGE(NLA_U32, &dsr_weight_range),
	[DSR_A_MAX_FLOWS] = NLA_POLICY_FULL_RANGE(NLA_U32,
						  &dsr_max_flows_range),
	[DSR_A_DRAIN] = NLA_POLICY_MAX(NLA_U8, 1),
	[DSR_A_MAC] = NLA_POLICY_ETH_ADDR,
};

static const struct nla_policy dsr_policy_limit[DSR_A_MAX + 1] = {
	[DSR_A_FLOWS_MAX] = NLA_POLICY_FULL_RANGE(NLA_U64,
						  &dsr_max_flows_range),
};

static const struct nla_policy dsr_policy_dev[DSR_A_MAX + 1] = {
	DSR_POLICY_IFNAME,
};

static const struct nla_policy dsr_policy_flow[DSR_A_MAX + 1] = {
	DSR_POLICY_VIP,
	DSR_POLICY_SERVER,
	[DSR_A_CLIENT4] = { .type = NLA_BE32 },
	[DSR_A_CLIENT6] = NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[DSR_A_CLIENT_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
};

static const struct nla_policy dsr_policy_explain[DSR_A_MAX + 1] = {
	[DSR_A_CLIENT4] = { .type = NLA_BE32 },
	[DSR_A_CLIENT6] = NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[DSR_A_CLIENT_PORT] = { .type = NLA_BE16 },
	[DSR_A_ADDR4] = { .type = NLA_BE32 },
	[DSR_A_ADDR6] = NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[DSR_A_DST_PORT] = { .type = NLA_BE16 },
	[DSR_A_DST_PROTO] = { .type = NLA_U8 },
	[DSR_A_FLOW_STATE] = NLA_POLICY_MAX(NLA_U8, DSR_FLOW_OPEN),
};

/*
 * what it takes are commands, each with its own attributes in a nest; netlink
 * would look at all of those at once, and there may be a hundred thousand
 */
static const struct nla_policy dsr_policy_load[DSR_CMD_LIMIT_SET + 1] = {
	[DSR_CMD_VIP_ADD] = { .type = NLA_NESTED },
	[DSR_CMD_SERVER_ADD] = { .type = NLA_NESTED },
	[DSR_CMD_SERVER_SET] = { .type = NLA_NESTED },
	[DSR_CMD_DEV_ADD] = { .type = NLA_NESTED },
	[DSR_CMD_LIMIT_SET] = { .type = NLA_NESTED },
};

static const struct nla_policy *const dsr_policy_item[] = {
	[DSR_CMD_VIP_ADD] = dsr_policy_vip_set,
	[DSR_CMD_SERVER_ADD] = dsr_policy_server_set,
	[DSR_CMD_SERVER_SET] = dsr_policy_server_set,
	[DSR_CMD_DEV_ADD] = dsr_policy_dev,
	[DSR_CMD_LIMIT_SET] = dsr_policy_limit,
};

/**
 * dsr_nl_parse_item() - the attributes of one command of a load
 * @attrs: set to them, DSR_A_MAX + 1
 * @item: what dsr_policy_load let pass
 * @extack: gets the reason of a refusal, and where
 *
 * Context: process.
 * Return: 0, or a negative errno.
 */
int dsr_nl_parse_item(struct nlattr **attrs, const struct nlattr *item,
		      struct netlink_ext_ack *extack)
{
	return nla_parse_nested(attrs, DSR_A_MAX, item,
				dsr_policy_item[nla_type(item)], extack);
}

#define DSR_OP(_cmd, _policy)						\
	.cmd = DSR_CMD_##_cmd, .policy = dsr_policy_##_policy,		\
	.maxattr = DSR_A_MAX

/* who owns the namespace may write; anybody may read */
static const struct genl_ops dsr_nl_ops[] = {
	{ DSR_OP(VIP_ADD, vip_set), .doit = dsr_nl_vip_add,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(VIP_SET, vip_set), .doit = dsr_nl_vip_set,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(VIP_DEL, vip), .doit = dsr_nl_vip_del,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(VIP_GET, vip_dump), .doit = dsr_nl_vip_get,
	  .dumpit = dsr_nl_vip_dump },
	{ DSR_OP(SERVER_ADD, server_set), .doit = dsr_nl_server_add,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(SERVER_SET, server_set), .doit = dsr_nl_server_set,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(SERVER_DEL, server), .doit = dsr_nl_server_del,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(SERVER_GET, server), .doit = dsr_nl_server_get,
	  .dumpit = dsr_nl_server_dump },
	{ DSR_OP(DEV_ADD, dev), .doit = dsr_nl_dev_add,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(DEV_DEL, dev), .doit = dsr_nl_dev_del,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(DEV_GET, none), .dumpit = dsr_nl_dev_dump },
	{ DSR_OP(FLOW_GET, flow), .start = dsr_nl_flow_dump_start,
	  .dumpit = dsr_nl_flow_dump, .done = dsr_nl_flow_dump_done },
	{ DSR_OP(FLOW_FLUSH, flow), .doit = dsr_nl_flow_flush,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(STATS_GET, none), .doit = dsr_nl_stats_get },
	{ DSR_OP(FLUSH, none), .doit = dsr_nl_flush,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(LIMIT_SET, limit), .doit = dsr_nl_limit_set,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(EXPLAIN, explain), .doit = dsr_nl_explain },
	{ .cmd = DSR_CMD_CONFIG_LOAD, .policy = dsr_policy_load,
	  .maxattr = DSR_CMD_LIMIT_SET, .doit = dsr_nl_config_load,
	  .flags = GENL_UNS_ADMIN_PERM },
};

static const struct genl_multicast_group dsr_nl_groups[] = {
	{ .name = DSR_MCGRP_EVENTS },
};

struct genl_family dsr_nl_family __ro_after_init = {
	.name = DSR_GENL_NAME,
	.version = DSR_GENL_VERSION,
	.maxattr = DSR_A_MAX,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = dsr_nl_ops,
	.n_ops = ARRAY_SIZE(dsr_nl_ops),
	.resv_start_op = DSR_CMD_VIP_ADD,
	.mcgrps = dsr_nl_groups,
	.n_mcgrps = ARRAY_SIZE(dsr_nl_groups),
};

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
 * @attrs: the message
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
	struct nlattr *port = attrs[DSR_A_PORT], *last = attrs[DSR_A_PORT_LAST];

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
 * @attrs: the message
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
	err = dsr_nl_get_addr(attrs, DSR_A_ADDR4, DSR_A_ADDR6, &key->addr,
			      extack);
	if (err)
		return err;

	if (!attrs[DSR_A_PROTO]) {
		NL_SET_ERR_MSG(extack, "the protocol is missing");
		return -EINVAL;
	}
	key->proto = nla_get_u8(attrs[DSR_A_PROTO]);
	if (key->proto && key->proto != IPPROTO_TCP &&
	    key->proto != IPPROTO_UDP && key->proto != IPPROTO_SCTP) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[DSR_A_PROTO],
				    "protocol is none of tcp, udp, sctp, any");
		return -EINVAL;
	}
	return dsr_nl_get_ports(attrs, key, port_last, extack);
}

/**
 * dsr_nl_names_vip() - does a message name a VIP, or at least try to?
 * @attrs: the message
 *
 * Context: any.
 * Return: true if it has an attribute of a VIP's name.
 */
bool dsr_nl_names_vip(struct nlattr **attrs)
{
	return attrs[DSR_A_ADDR4] || attrs[DSR_A_ADDR6] ||
	       attrs[DSR_A_PROTO] || attrs[DSR_A_PORT] ||
	       attrs[DSR_A_PORT_LAST];
}

/**
 * dsr_nl_get_vip() - the VIP that a message names
 * @dn: the director
 * @attrs: the message
 * @extack: gets the reason of a refusal
 *
 * Context: process, RCU or dn->lock.
 * Return: the VIP, or an error pointer: -ENOENT, or as dsr_nl_get_vip_key().
 */
struct dsr_vip *dsr_nl_get_vip(struct dsr_net *dn, struct nlattr **attrs,
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
	if (!vip) {
		NL_SET_ERR_MSG(extack, "no such VIP");
		return ERR_PTR(-ENOENT);
	}
	return vip;
}

/**
 * dsr_nl_get_server() - the server that a message names
 * @dn: the director
 * @attrs: the message
 * @extack: gets the reason of a refusal
 *
 * Context: process, RCU or dn->lock.
 * Return: the server, or an error pointer: -ENOENT, or as dsr_nl_get_vip_key().
 */
struct dsr_server *dsr_nl_get_server(struct dsr_net *dn, struct nlattr **attrs,
				     struct netlink_ext_ack *extack)
{
	struct dsr_server *server;
	struct in6_addr addr;
	struct dsr_vip *vip;
	int err;

	vip = dsr_nl_get_vip(dn, attrs, extack);
	if (IS_ERR(vip))
		return ERR_CAST(vip);
	err = dsr_nl_get_addr(attrs, DSR_A_SERVER4, DSR_A_SERVER6, &addr,
			      extack);
	if (err)
		return ERR_PTR(err);
	server = dsr_server_find(vip, &addr);
	if (!server) {
		NL_SET_ERR_MSG(extack, "no such server");
		return ERR_PTR(-ENOENT);
	}
	return server;
}

/**
 * dsr_nl_module_init() - offer the family
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int __init dsr_nl_module_init(void)
{
	return genl_register_family(&dsr_nl_family);
}

/**
 * dsr_nl_module_exit() - take it away
 *
 * Context: process.
 */
void dsr_nl_module_exit(void)
{
	genl_unregister_family(&dsr_nl_family);
}
