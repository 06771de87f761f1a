// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: the commands that add, change and remove servers of a VIP. */
#include <linux/slab.h>

#include "netlink.h"
#include "sched.h"
#include "servers.h"

static unsigned int dsr_nl_count_servers(const struct nlmsghdr *nlh)
{
	const struct nlattr *nest;
	unsigned int n = 0;
	int rem;

	nlmsg_for_each_attr(nest, nlh, GENL_HDRLEN, rem)
		n += nla_type(nest) == DSR_A_SERVER;
	return n;
}

/* Which server is it about, and does the VIP have it, as it should or not? */
static int dsr_nl_read_change(struct dsr_server_change *change,
			      const struct nlattr *nest,
			      const struct dsr_vip *vip, u8 cmd,
			      struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[DSR_A_SERVER_MAX + 1];
	int err;

	change->attr = nest;
	err = dsr_nl_parse_server(attrs, nest, cmd != DSR_CMD_SERVER_DEL,
				  extack);
	if (!err)
		err = dsr_nl_get_addr(attrs, DSR_A_SERVER_ADDR4,
				      DSR_A_SERVER_ADDR6, &change->addr,
				      extack);
	if (!err && cmd == DSR_CMD_SERVER_ADD)
		err = dsr_nl_check_server(attrs, DSR_A_SERVER_ADDR4,
					  DSR_A_SERVER_ADDR6, &vip->key,
					  &change->addr, extack);
	return err;
}

static int dsr_nl_read_changes(struct dsr_servers *servers,
			       const struct genl_info *info, u8 cmd)
{
	const struct nlattr *nest;
	unsigned int i = 0;
	int err, rem;

	nlmsg_for_each_attr(nest, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(nest) != DSR_A_SERVER)
			continue;
		err = dsr_nl_read_change(&servers->change[i++], nest,
					 servers->vip, cmd, info->extack);
		if (err) {
			if (!info->extack->bad_attr)
				NL_SET_BAD_ATTR(info->extack, nest);
			return err;
		}
		cond_resched();
	}
	return dsr_servers_find(servers, info->extack);
}

/* Options are what they were, or as of a new server, but for what is said */
static int dsr_nl_read_opts(struct dsr_net *dn,
			    struct dsr_server_change *change,
			    struct netlink_ext_ack *extack)
{
	static const struct dsr_server_opts fresh = { .weight = 1 };
	struct nlattr *attrs[DSR_A_SERVER_MAX + 1];
	int err;

	err = dsr_nl_parse_server(attrs, change->attr, true, extack);
	if (!err && change->server)
		err = dsr_nl_sets_server(attrs, change->server->sorry, extack);
	if (err)
		return err;
	change->opts = change->server ? change->server->opts : fresh;
	return dsr_nl_get_server_opts(dn->net, attrs, &change->addr,
				      &change->opts, extack);
}

static int dsr_nl_check_change(struct dsr_net *dn,
			       struct dsr_server_change *change, u8 cmd,
			       struct netlink_ext_ack *extack)
{
	const struct dsr_server *server = change->server;

	if (server && cmd == DSR_CMD_SERVER_ADD) {
		NL_SET_ERR_MSG(extack, "server exists already");
		return -EEXIST;
	}
	if (!server && cmd != DSR_CMD_SERVER_ADD) {
		NL_SET_ERR_MSG(extack, "no such server");
		return -ENOENT;
	}
	if (cmd != DSR_CMD_SERVER_DEL)
		return dsr_nl_read_opts(dn, change, extack);
	if (server->sorry) {
		NL_SET_ERR_MSG(extack,
			       "it is the VIP's sorry server: set the VIP's sorry to none");
		return -EINVAL;
	}
	return 0;
}

static int dsr_nl_check_changes(struct dsr_net *dn, struct dsr_servers *servers,
				u8 cmd, struct netlink_ext_ack *extack)
{
	struct dsr_server_change *change;
	unsigned int i;
	int err;

	for (i = 0; i < servers->n; i++) {
		change = &servers->change[i];
		err = dsr_nl_check_change(dn, change, cmd, extack);
		if (err) {
			if (!extack->bad_attr)
				NL_SET_BAD_ATTR(extack, change->attr);
			return err;
		}
		cond_resched();
	}
	return 0;
}

static void dsr_nl_tell_changes(const struct dsr_servers *servers, u8 cmd)
{
	unsigned int i;

	for (i = 0; i < servers->n; i++) {
		dsr_nl_server_event(servers->change[i].server, cmd);
		cond_resched();
	}
}

static int dsr_nl_do_changes(struct dsr_net *dn, struct dsr_servers *servers,
			     u8 cmd, struct netlink_ext_ack *extack)
{
	int err = dsr_nl_check_changes(dn, servers, cmd, extack);

	if (err)
		return err;
	if (cmd == DSR_CMD_SERVER_DEL)
		return dsr_servers_del(servers, extack);
	if (cmd == DSR_CMD_SERVER_ADD) {
		err = dsr_servers_add(servers, extack);
		if (!err)
			dsr_nl_tell_changes(servers, DSR_CMD_SERVER_ADD_NTF);
		return err;
	}
	err = dsr_servers_set(servers, extack);
	if (!err)
		dsr_nl_tell_changes(servers, DSR_CMD_SERVER_SET_NTF);
	return err;
}

static int dsr_nl_servers(struct genl_info *info, u8 cmd)
{
	struct dsr_servers servers = {
		.n = dsr_nl_count_servers(info->nlhdr),
	};
	struct dsr_net *dn;
	int err;

	if (!servers.n) {
		NL_SET_ERR_MSG(info->extack, "the server's address is missing");
		return -EINVAL;
	}
	if (servers.n > DSR_POOL_SERVERS_MAX) {
		NL_SET_ERR_MSG(info->extack, "more servers than a VIP can have");
		return -ENOSPC;
	}
	servers.change = kvcalloc(servers.n, sizeof(*servers.change),
				  GFP_KERNEL);
	if (!servers.change)
		return -ENOMEM;
	dn = dsr_nl_begin(info);
	err = PTR_ERR_OR_ZERO(dn);
	if (err)
		goto out;
	servers.vip = dsr_nl_get_vip(dn, info->attrs[DSR_A_VIP], info->extack);
	err = PTR_ERR_OR_ZERO(servers.vip);
	if (!err)
		err = dsr_nl_read_changes(&servers, info, cmd);
	if (!err)
		err = dsr_nl_do_changes(dn, &servers, cmd, info->extack);
	dsr_nl_end(dn);
out:
	kvfree(servers.change);
	return err;
}

int dsr_nl_server_add(struct sk_buff *skb, struct genl_info *info)
{
	return dsr_nl_servers(info, DSR_CMD_SERVER_ADD);
}

int dsr_nl_server_set(struct sk_buff *skb, struct genl_info *info)
{
	return dsr_nl_servers(info, DSR_CMD_SERVER_SET);
}

int dsr_nl_server_del(struct sk_buff *skb, struct genl_info *info)
{
	return dsr_nl_servers(info, DSR_CMD_SERVER_DEL);
}
