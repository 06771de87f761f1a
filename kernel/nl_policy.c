// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink: which attributes each object may have, and in what bounds. An object
 * is a nest; here it becomes an array by attribute.
 */
#include <linux/netdevice.h>
#include <linux/netlink.h>

#include "netlink.h"

#define DSR_POLICY_ADDR6 NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr))

/* too large for the 16 signed bits of NLA_POLICY_MAX(); const from 6.7 on */
static struct netlink_range_validation dsr_weight_range = {
	.max = DSR_WEIGHT_MAX,
};

static struct netlink_range_validation dsr_flows_range = {
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

#define DSR_POLICY_VIP_NAME						\
	[DSR_A_VIP_ADDR4] = { .type = NLA_BE32 },			\
	[DSR_A_VIP_ADDR6] = DSR_POLICY_ADDR6,				\
	[DSR_A_VIP_PROTO] = { .type = NLA_U8 },				\
	[DSR_A_VIP_PORT] = { .type = NLA_BE16 },			\
	[DSR_A_VIP_PORT_LAST] = { .type = NLA_BE16 }

/*
 * There need not be such an interface; but a name that none can have is a mistake,
 * and might have a line feed that makes two lines of one in /proc.
 */
static int dsr_nl_check_ifname(const struct nlattr *attr,
			       struct netlink_ext_ack *extack)
{
	const char *name = nla_data(attr);

	if (!*name || dev_valid_name(name))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr, "no interface can have that name");
	return -EINVAL;
}

#define DSR_POLICY_IFNAME						\
	NLA_POLICY_VALIDATE_FN(NLA_NUL_STRING, dsr_nl_check_ifname,	\
			       IFNAMSIZ - 1)

const struct nla_policy dsr_policy_vip_name[DSR_A_VIP_MAX + 1] = {
	DSR_POLICY_VIP_NAME,
};

const struct nla_policy dsr_policy_vip[DSR_A_VIP_MAX + 1] = {
	DSR_POLICY_VIP_NAME,
	[DSR_A_VIP_SCHED] = { .type = NLA_NUL_STRING,
			      .len = DSR_SCHED_NAME_MAX },
	[DSR_A_VIP_ARP] = NLA_POLICY_MAX(NLA_U8, DSR_ARP_AUTO),
	[DSR_A_VIP_ON_DOWN] = NLA_POLICY_MAX(NLA_U8, DSR_ON_DOWN_DROP),
	[DSR_A_VIP_PERSISTENCE] = NLA_POLICY_FULL_RANGE(NLA_U32,
							&dsr_seconds_range),
	[DSR_A_VIP_PERSISTENCE_MASK] = NLA_POLICY_MAX(NLA_U8, 128),
	[DSR_A_VIP_TIMEOUT_SYN] = DSR_POLICY_TIMEOUT,
	[DSR_A_VIP_TIMEOUT_OPEN] = DSR_POLICY_TIMEOUT,
	[DSR_A_VIP_TIMEOUT_FIN] = DSR_POLICY_TIMEOUT,
	[DSR_A_VIP_TIMEOUT_RST] = DSR_POLICY_TIMEOUT,
	[DSR_A_VIP_TIMEOUT_UDP] = DSR_POLICY_TIMEOUT,
	[DSR_A_VIP_TIMEOUT_OTHER] = DSR_POLICY_TIMEOUT,
	[DSR_A_VIP_SORRY4] = { .type = NLA_BE32 },
	[DSR_A_VIP_SORRY6] = DSR_POLICY_ADDR6,
};

const struct nla_policy dsr_policy_server_name[DSR_A_SERVER_MAX + 1] = {
	[DSR_A_SERVER_ADDR4] = { .type = NLA_BE32 },
	[DSR_A_SERVER_ADDR6] = DSR_POLICY_ADDR6,
};

static const struct nla_policy dsr_policy_server[DSR_A_SERVER_MAX + 1] = {
	[DSR_A_SERVER_ADDR4] = { .type = NLA_BE32 },
	[DSR_A_SERVER_ADDR6] = DSR_POLICY_ADDR6,
	[DSR_A_SERVER_WEIGHT] = NLA_POLICY_FULL_RANGE(NLA_U32,
						      &dsr_weight_range),
	[DSR_A_SERVER_MAX_FLOWS] = NLA_POLICY_FULL_RANGE(NLA_U32,
							 &dsr_flows_range),
	[DSR_A_SERVER_DRAIN] = NLA_POLICY_MAX(NLA_U8, 1),
	[DSR_A_SERVER_MAC] = NLA_POLICY_ETH_ADDR,
	[DSR_A_SERVER_IFNAME] = DSR_POLICY_IFNAME,
};

const struct nla_policy dsr_policy_dev[DSR_A_DEV_MAX + 1] = {
	[DSR_A_DEV_IFNAME] = DSR_POLICY_IFNAME,
};

const struct nla_policy dsr_policy_limit[DSR_A_LIMIT_MAX + 1] = {
	[DSR_A_LIMIT_FLOWS] = NLA_POLICY_FULL_RANGE(NLA_U64, &dsr_flows_range),
};

const struct nla_policy dsr_policy_filter[DSR_A_FLOW_MAX + 1] = {
	[DSR_A_FLOW_SERVER4] = { .type = NLA_BE32 },
	[DSR_A_FLOW_SERVER6] = DSR_POLICY_ADDR6,
	[DSR_A_FLOW_CLIENT4] = { .type = NLA_BE32 },
	[DSR_A_FLOW_CLIENT6] = DSR_POLICY_ADDR6,
	[DSR_A_FLOW_CLIENT_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
};

const struct nla_policy dsr_policy_packet[DSR_A_FLOW_MAX + 1] = {
	[DSR_A_FLOW_CLIENT4] = { .type = NLA_BE32 },
	[DSR_A_FLOW_CLIENT6] = DSR_POLICY_ADDR6,
	[DSR_A_FLOW_CLIENT_PORT] = { .type = NLA_BE16 },
	[DSR_A_FLOW_DST4] = { .type = NLA_BE32 },
	[DSR_A_FLOW_DST6] = DSR_POLICY_ADDR6,
	[DSR_A_FLOW_DST_PORT] = { .type = NLA_BE16 },
	[DSR_A_FLOW_PROTO] = { .type = NLA_U8 },
	[DSR_A_FLOW_STATE] = NLA_POLICY_MAX(NLA_U8, DSR_FLOW_OPEN),
};

static const struct nla_policy dsr_policy_item[DSR_A_ITEM_MAX + 1] = {
	[DSR_A_ITEM_CMD] = { .type = NLA_U8 },
	[DSR_A_ITEM_VIP] = { .type = NLA_NESTED },
	[DSR_A_ITEM_SERVER] = { .type = NLA_NESTED },
	[DSR_A_ITEM_DEV] = { .type = NLA_NESTED },
	[DSR_A_ITEM_LIMIT] = { .type = NLA_NESTED },
};

/**
 * dsr_nl_parse_vip_name() - read a nest that only names a VIP
 * @attrs: set to its attributes, DSR_A_VIP_MAX + 1
 * @nest: the nest, or NULL
 * @extack: gets the reason of a refusal, and where
 *
 * Context: any.
 * Return: 0, or a negative errno.
 */
int dsr_nl_parse_vip_name(struct nlattr **attrs, const struct nlattr *nest,
			  struct netlink_ext_ack *extack)
{
	if (!nest) {
		NL_SET_ERR_MSG(extack, "the VIP is missing");
		return -EINVAL;
	}
	return nla_parse_nested(attrs, DSR_A_VIP_MAX, nest, dsr_policy_vip_name,
				extack);
}

/**
 * dsr_nl_parse_vip() - read a nest with a VIP and its options
 * @attrs: set to its attributes, DSR_A_VIP_MAX + 1
 * @nest: the nest, or NULL
 * @extack: gets the reason of a refusal, and where
 *
 * Context: any.
 * Return: 0, or a negative errno.
 */
int dsr_nl_parse_vip(struct nlattr **attrs, const struct nlattr *nest,
		     struct netlink_ext_ack *extack)
{
	if (!nest) {
		NL_SET_ERR_MSG(extack, "the VIP is missing");
		return -EINVAL;
	}
	return nla_parse_nested(attrs, DSR_A_VIP_MAX, nest, dsr_policy_vip,
				extack);
}

/**
 * dsr_nl_parse_server() - read a nest with a server and its options
 * @attrs: set to its attributes, DSR_A_SERVER_MAX + 1
 * @nest: the nest
 * @options: it may have options
 * @extack: gets the reason of a refusal, and where
 *
 * Netlink has not looked into it yet: there may be tens of thousands of them in
 * one message, which it would read without a rest.
 *
 * Context: any.
 * Return: 0, or a negative errno.
 */
int dsr_nl_parse_server(struct nlattr **attrs, const struct nlattr *nest,
			bool options, struct netlink_ext_ack *extack)
{
	return nla_parse_nested(attrs, DSR_A_SERVER_MAX, nest,
				options ? dsr_policy_server :
					  dsr_policy_server_name, extack);
}

/**
 * dsr_nl_get_ifname() - read a nest with a dev
 * @nest: the nest, or NULL
 * @extack: gets the reason of a refusal, and where
 *
 * Context: any.
 * Return: the attribute with the interface's name, which is not empty; or an
 *	error.
 */
const struct nlattr *dsr_nl_get_ifname(const struct nlattr *nest,
				       struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[DSR_A_DEV_MAX + 1] = {};
	const struct nlattr *attr;
	int err = 0;

	if (nest)
		err = nla_parse_nested(attrs, DSR_A_DEV_MAX, nest,
				       dsr_policy_dev, extack);
	if (err)
		return ERR_PTR(err);
	attr = attrs[DSR_A_DEV_IFNAME];
	if (attr && *(const char *)nla_data(attr))
		return attr;
	NL_SET_ERR_MSG(extack, "the interface is missing");
	return ERR_PTR(-EINVAL);
}

/**
 * dsr_nl_get_limit() - read a nest with limits
 * @nest: the nest, or NULL
 * @flows: set to the limit on flows
 * @extack: gets the reason of a refusal, and where
 *
 * Context: any.
 * Return: 0, or a negative errno.
 */
int dsr_nl_get_limit(const struct nlattr *nest, unsigned int *flows,
		     struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[DSR_A_LIMIT_MAX + 1] = {};
	int err = 0;

	if (nest)
		err = nla_parse_nested(attrs, DSR_A_LIMIT_MAX, nest,
				       dsr_policy_limit, extack);
	if (err)
		return err;
	if (!attrs[DSR_A_LIMIT_FLOWS]) {
		NL_SET_ERR_MSG(extack, "the limit is missing");
		return -EINVAL;
	}
	*flows = nla_get_u64(attrs[DSR_A_LIMIT_FLOWS]);
	return 0;
}

/**
 * dsr_nl_parse_flow() - read a nest with a flow
 * @attrs: set to its attributes, DSR_A_FLOW_MAX + 1; none if there is no nest
 * @nest: the nest, or NULL
 * @policy: dsr_policy_filter or dsr_policy_packet
 * @extack: gets the reason of a refusal, and where
 *
 * Context: any.
 * Return: 0, or a negative errno.
 */
int dsr_nl_parse_flow(struct nlattr **attrs, const struct nlattr *nest,
		      const struct nla_policy *policy,
		      struct netlink_ext_ack *extack)
{
	if (!nest) {
		memset(attrs, 0, (DSR_A_FLOW_MAX + 1) * sizeof(*attrs));
		return 0;
	}
	return nla_parse_nested(attrs, DSR_A_FLOW_MAX, nest, policy, extack);
}

/**
 * dsr_nl_parse_item() - read an item of a load
 * @attrs: set to its attributes, DSR_A_ITEM_MAX + 1
 * @nest: the nest
 * @extack: gets the reason of a refusal, and where
 *
 * Context: any.
 * Return: its command, or a negative errno.
 */
int dsr_nl_parse_item(struct nlattr **attrs, const struct nlattr *nest,
		      struct netlink_ext_ack *extack)
{
	int err;

	err = nla_parse_nested(attrs, DSR_A_ITEM_MAX, nest, dsr_policy_item,
			       extack);
	if (err)
		return err;
	if (!attrs[DSR_A_ITEM_CMD]) {
		NL_SET_ERR_MSG(extack, "the command is missing");
		return -EINVAL;
	}
	return nla_get_u8(attrs[DSR_A_ITEM_CMD]);
}
