// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generic netlink family: which command takes which objects, and who may send
 * it. The protocol is documented in include/uapi/linux/dsr.h.
 */
#include <linux/module.h>

#include "netlink.h"

static const struct nla_policy dsr_policy_none[DSR_A_MAX + 1] = {};

#define DSR_POLICY_GENERATION						\
	[DSR_A_GENERATION] = { .type = NLA_U32 }

static const struct nla_policy dsr_policy_change[DSR_A_MAX + 1] = {
	DSR_POLICY_GENERATION,
};

static const struct nla_policy dsr_policy_vip_set[DSR_A_MAX + 1] = {
	DSR_POLICY_GENERATION,
	[DSR_A_VIP] = NLA_POLICY_NESTED(dsr_policy_vip),
};

static const struct nla_policy dsr_policy_vip_del[DSR_A_MAX + 1] = {
	DSR_POLICY_GENERATION,
	[DSR_A_VIP] = NLA_POLICY_NESTED(dsr_policy_vip_name),
};

static const struct nla_policy dsr_policy_vip_get[DSR_A_MAX + 1] = {
	[DSR_A_VIP] = NLA_POLICY_NESTED(dsr_policy_vip_name),
};

/* what is in SERVER is looked at by dsr_nl_parse_server() */
static const struct nla_policy dsr_policy_servers[DSR_A_MAX + 1] = {
	DSR_POLICY_GENERATION,
	[DSR_A_VIP] = NLA_POLICY_NESTED(dsr_policy_vip_name),
	[DSR_A_SERVER] = { .type = NLA_NESTED },
};

static const struct nla_policy dsr_policy_server_get[DSR_A_MAX + 1] = {
	[DSR_A_VIP] = NLA_POLICY_NESTED(dsr_policy_vip_name),
	[DSR_A_SERVER] = NLA_POLICY_NESTED(dsr_policy_server_name),
};


static const struct nla_policy dsr_policy_dev_set[DSR_A_MAX + 1] = {
	DSR_POLICY_GENERATION,
	[DSR_A_DEV] = NLA_POLICY_NESTED(dsr_policy_dev),
};

static const struct nla_policy dsr_policy_limit_set[DSR_A_MAX + 1] = {
	DSR_POLICY_GENERATION,
	[DSR_A_LIMIT] = NLA_POLICY_NESTED(dsr_policy_limit),
};

static const struct nla_policy dsr_policy_flows[DSR_A_MAX + 1] = {
	[DSR_A_VIP] = NLA_POLICY_NESTED(dsr_policy_vip_name),
	[DSR_A_FLOW] = NLA_POLICY_NESTED(dsr_policy_filter),
};

static const struct nla_policy dsr_policy_explain[DSR_A_MAX + 1] = {
	[DSR_A_FLOW] = NLA_POLICY_NESTED(dsr_policy_packet),
};

/* as with SERVER, there may be a hundred thousand items */
static const struct nla_policy dsr_policy_load[DSR_A_MAX + 1] = {
	DSR_POLICY_GENERATION,
	[DSR_A_ITEM] = { .type = NLA_NESTED },
	[DSR_A_DRY_RUN] = { .type = NLA_FLAG },
};

#define DSR_OP(_cmd, _policy)						\
	.cmd = DSR_CMD_##_cmd, .policy = dsr_policy_##_policy,		\
	.maxattr = DSR_A_MAX

/* who owns the namespace may write; anybody may read */
static const struct genl_ops dsr_nl_ops[] = {
	{ DSR_OP(VIP_ADD, vip_set), .doit = dsr_nl_vip_add,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(VIP_SET, vip_set), .doit = dsr_nl_vip_set,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(VIP_DEL, vip_del), .doit = dsr_nl_vip_del,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(VIP_GET, vip_get), .doit = dsr_nl_vip_get,
	  .dumpit = dsr_nl_vip_dump },
	{ DSR_OP(SERVER_ADD, servers), .doit = dsr_nl_server_add,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(SERVER_SET, servers), .doit = dsr_nl_server_set,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(SERVER_DEL, servers), .doit = dsr_nl_server_del,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(SERVER_GET, server_get), .doit = dsr_nl_server_get,
	  .dumpit = dsr_nl_server_dump },
	{ DSR_OP(DEV_ADD, dev_set), .doit = dsr_nl_dev_add,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(DEV_DEL, dev_set), .doit = dsr_nl_dev_del,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(DEV_GET, none), .dumpit = dsr_nl_dev_dump },
	{ DSR_OP(FLOW_GET, flows), .start = dsr_nl_flow_dump_start,
	  .dumpit = dsr_nl_flow_dump, .done = dsr_nl_flow_dump_done },
	{ DSR_OP(FLOW_FLUSH, flows), .doit = dsr_nl_flow_flush,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(STATS_GET, none), .doit = dsr_nl_stats_get },
	{ DSR_OP(FLUSH, change), .doit = dsr_nl_flush,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(LIMIT_SET, limit_set), .doit = dsr_nl_limit_set,
	  .flags = GENL_UNS_ADMIN_PERM },
	{ DSR_OP(EXPLAIN, explain), .doit = dsr_nl_explain },
	{ DSR_OP(CONFIG_LOAD, load), .doit = dsr_nl_config_load,
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
