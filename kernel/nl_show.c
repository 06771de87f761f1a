// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: objects to attributes, and the commands that show them. */
#include <linux/etherdevice.h>

#include "compat.h"
#include "dev.h"
#include "netlink.h"
#include "sched.h"
#include "server.h"
#include "stats.h"

/* Where a dump of VIPs and servers goes on */
struct dsr_nl_place {
	unsigned long vip_id;	/* the VIP that is due or half done */
	u32 server_id;		/* its next server */
	bool vip_done;		/* its own message has gone out */
};

static int dsr_nl_put_u64(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value, DSR_A_PAD);
}

/**
 * dsr_nl_put_addr() - write an address
 * @skb: the message
 * @v4: the attribute of an IPv4 address
 * @v6: the attribute of an IPv6 address
 * @addr: the address
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int dsr_nl_put_addr(struct sk_buff *skb, int v4, int v6,
		    const struct in6_addr *addr)
{
	if (dsr_is_v4(addr))
		return nla_put_be32(skb, v4, dsr_v4(addr));
	return nla_put_in6_addr(skb, v6, addr);
}

/**
 * dsr_nl_put_vip_key() - write what names a VIP
 * @skb: the message
 * @vip: the VIP
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int dsr_nl_put_vip_key(struct sk_buff *skb, const struct dsr_vip *vip)
{
	if (dsr_nl_put_addr(skb, DSR_A_ADDR4, DSR_A_ADDR6, &vip->key.addr) ||
	    nla_put_u8(skb, DSR_A_PROTO, vip->key.proto) ||
	    nla_put_be16(skb, DSR_A_PORT, vip->key.port) ||
	    nla_put_be16(skb, DSR_A_PORT_LAST, vip->port_last))
		return -EMSGSIZE;
	return 0;
}

static int dsr_nl_put_totals(struct sk_buff *skb, u64 flows,
			     const struct dsr_totals *t)
{
	if (dsr_nl_put_u64(skb, DSR_A_FLOWS, flows) ||
	    dsr_nl_put_u64(skb, DSR_A_FLOWS_TOTAL, t->flows) ||
	    dsr_nl_put_u64(skb, DSR_A_PACKETS, t->packets) ||
	    dsr_nl_put_u64(skb, DSR_A_BYTES, t->bytes))
		return -EMSGSIZE;
	return 0;
}

static int dsr_nl_put_timeouts(struct sk_buff *skb, const u32 *timeouts)
{
	if (nla_put_u32(skb, DSR_A_TIMEOUT_SYN,
			READ_ONCE(timeouts[DSR_FLOW_SYN])) ||
	    nla_put_u32(skb, DSR_A_TIMEOUT_OPEN,
			READ_ONCE(timeouts[DSR_FLOW_OPEN])) ||
	    nla_put_u32(skb, DSR_A_TIMEOUT_FIN,
			READ_ONCE(timeouts[DSR_FLOW_FIN])) ||
	    nla_put_u32(skb, DSR_A_TIMEOUT_UDP,
			READ_ONCE(timeouts[DSR_FLOW_UDP])))
		return -EMSGSIZE;
	return 0;
}

static int dsr_nl_put_vip_opts(struct sk_buff *skb, const struct dsr_vip *vip)
{
	const struct dsr_vip_opts *opts = &vip->opts;
	u8 offset = dsr_is_v4(&vip->key.addr) ? 96 : 0;

	if (nla_put_string(skb, DSR_A_SCHED, READ_ONCE(opts->sched)->name) ||
	    nla_put_u8(skb, DSR_A_ARP, READ_ONCE(opts->arp)) ||
	    nla_put_u8(skb, DSR_A_ON_DOWN, READ_ONCE(opts->on_down)) ||
	    nla_put_u32(skb, DSR_A_PERSISTENCE,
			READ_ONCE(opts->persistence)) ||
	    nla_put_u8(skb, DSR_A_PERSISTENCE_MASK,
		       READ_ONCE(opts->mask) - offset) ||
	    dsr_nl_put_timeouts(skb, opts->timeouts))
		return -EMSGSIZE;
	if (ipv6_addr_any(&opts->sorry))
		return 0;
	return dsr_nl_put_addr(skb, DSR_A_SORRY4, DSR_A_SORRY6, &opts->sorry);
}

/**
 * dsr_nl_put_vip() - write a VIP object
 * @skb: the message
 * @vip: the VIP
 *
 * Context: RCU or dn->lock.
 * Return: 0 or -EMSGSIZE.
 */
int dsr_nl_put_vip(struct sk_buff *skb, const struct dsr_vip *vip)
{
	struct dsr_totals totals;
	u64 flows;

	flows = dsr_vip_totals(vip, &totals);
	if (dsr_nl_put_vip_key(skb, vip) || dsr_nl_put_vip_opts(skb, vip))
		return -EMSGSIZE;
	return dsr_nl_put_totals(skb, flows, &totals);
}

/**
 * dsr_nl_put_path() - write the next hop in use
 * @skb: the message
 * @server: the server
 *
 * Context: RCU or dn->lock.
 * Return: 0 or -EMSGSIZE.
 */
int dsr_nl_put_path(struct sk_buff *skb, const struct dsr_server *server)
{
	const struct dsr_nexthop *nexthop;
	const struct dsr_path *path;
	int err = 0;

	rcu_read_lock();
	nexthop = rcu_dereference(server->nexthop);
	path = rcu_dereference(nexthop->path);
	if (path)
		err = nla_put_string(skb, DSR_A_PATH_IFNAME, path->dev->name);
	if (!err && path && path->ready)
		err = nla_put(skb, DSR_A_PATH_MAC, ETH_ALEN, path->header);
	rcu_read_unlock();
	return err;
}

static int dsr_nl_put_pin(struct sk_buff *skb, const struct dsr_pin *pin)
{
	int err = 0;

	if (!is_zero_ether_addr(pin->mac))
		err = nla_put(skb, DSR_A_MAC, ETH_ALEN, pin->mac);
	if (!err && pin->ifname[0])
		err = nla_put_string(skb, DSR_A_IFNAME, pin->ifname);
	return err;
}

/**
 * dsr_nl_put_server() - write a server object
 * @skb: the message
 * @server: the server
 *
 * Context: RCU or dn->lock.
 * Return: 0 or -EMSGSIZE.
 */
int dsr_nl_put_server(struct sk_buff *skb, const struct dsr_server *server)
{
	struct dsr_totals totals = {};
	u8 state, why;

	state = dsr_server_state(server, &why);
	dsr_counters_add(&totals, server->counters);
	if (dsr_nl_put_vip_key(skb, server->vip) ||
	    dsr_nl_put_addr(skb, DSR_A_SERVER4, DSR_A_SERVER6, &server->addr) ||
	    (server->sorry && nla_put_flag(skb, DSR_A_SORRY)) ||
	    nla_put_u32(skb, DSR_A_WEIGHT, READ_ONCE(server->opts.weight)) ||
	    nla_put_u32(skb, DSR_A_MAX_FLOWS, READ_ONCE(server->max_flows)) ||
	    nla_put_u8(skb, DSR_A_DRAIN, READ_ONCE(server->opts.drain)) ||
	    nla_put_u8(skb, DSR_A_STATE, state) ||
	    (why && nla_put_u8(skb, DSR_A_WHY, why)) ||
	    dsr_nl_put_pin(skb, &server->opts.pin) ||
	    dsr_nl_put_path(skb, server) ||
	    dsr_nl_put_u64(skb, DSR_A_ACTIVE,
			   max(atomic_read(&server->active), 0)) ||
	    dsr_nl_put_u64(skb, DSR_A_BOUNCED, totals.bounced) ||
	    dsr_nl_put_u64(skb, DSR_A_RETRIES, totals.retries))
		return -EMSGSIZE;
	return dsr_nl_put_totals(skb, dsr_server_flows(server), &totals);
}

/**
 * dsr_nl_put_dev() - write a dev object
 * @skb: the message
 * @dd: the dev
 *
 * Context: RCU or dn->lock.
 * Return: 0 or -EMSGSIZE.
 */
int dsr_nl_put_dev(struct sk_buff *skb, const struct dsr_dev *dd)
{
	const struct net_device *dev;
	int ifindex;

	rcu_read_lock();
	dev = READ_ONCE(dd->dev);
	ifindex = dev ? dev->ifindex : 0;
	rcu_read_unlock();

	if (nla_put_string(skb, DSR_A_IFNAME, dd->name) ||
	    nla_put_u32(skb, DSR_A_IFINDEX, ifindex))
		return -EMSGSIZE;
	return 0;
}

/* One message of a dump. obj is a VIP's, a server's or a dev's */
static int dsr_nl_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
			   u8 cmd, const void *obj)
{
	void *hdr;
	int err;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &dsr_nl_family, NLM_F_MULTI, cmd);
	if (!hdr)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, hdr);

	if (cmd == DSR_CMD_VIP_GET)
		err = dsr_nl_put_vip(skb, obj);
	else if (cmd == DSR_CMD_SERVER_GET)
		err = dsr_nl_put_server(skb, obj);
	else
		err = dsr_nl_put_dev(skb, obj);

	if (err)
		genlmsg_cancel(skb, hdr);
	else
		genlmsg_end(skb, hdr);
	return err;
}

/* The servers of a VIP from place on */
static int dsr_nl_dump_servers(struct sk_buff *skb, struct netlink_callback *cb,
			       const struct dsr_vip *vip,
			       struct dsr_nl_place *place)
{
	struct dsr_server *server;
	int err;

	list_for_each_entry_rcu(server, &vip->servers, list) {
		if (server->id < place->server_id)
			continue;
		err = dsr_nl_dump_one(skb, cb, DSR_CMD_SERVER_GET, server);
		if (err)
			return err;
		place->server_id = server->id + 1;
	}
	return 0;
}

/* VIPs, their servers, or both; all, or those of one VIP */
static int dsr_nl_dump(struct sk_buff *skb, struct netlink_callback *cb,
		       bool vips, bool servers)
{
	struct dsr_net *dn = dsr_net(sock_net(skb->sk));
	struct dsr_nl_place *place = (void *)cb->ctx;
	struct nlattr **attrs = dsr_dump_attrs(cb);
	struct dsr_vip *vip, *only = NULL;
	unsigned long next;
	int err = 0;

	BUILD_BUG_ON(sizeof(*place) > sizeof(cb->ctx));

	rcu_read_lock();
	cb->seq = READ_ONCE(dn->generation);
	if (dsr_nl_names_vip(attrs)) {
		only = dsr_nl_get_vip(dn, attrs, cb->extack);
		err = PTR_ERR_OR_ZERO(only);
	}
	while (!err) {
		next = place->vip_id;
		vip = dsr_vip_next(dn, &next);
		if (!vip)
			break;
		place->vip_id = next - 1;
		if (!only || vip == only) {
			if (vips && !place->vip_done)
				err = dsr_nl_dump_one(skb, cb, DSR_CMD_VIP_GET,
						      vip);
			place->vip_done = !err;
			if (!err && servers)
				err = dsr_nl_dump_servers(skb, cb, vip, place);
		}
		if (!err)
			*place = (struct dsr_nl_place) { .vip_id = next };
	}
	rcu_read_unlock();

	/* a full skb ends this turn, not the dump */
	return err == -EMSGSIZE && skb->len ? skb->len : err;
}

int dsr_nl_vip_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dsr_nl_dump(skb, cb, true, dsr_dump_attrs(cb)[DSR_A_SERVERS]);
}

int dsr_nl_server_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dsr_nl_dump(skb, cb, false, true);
}

int dsr_nl_dev_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dsr_net *dn = dsr_net(sock_net(skb->sk));
	unsigned long skip = cb->args[0], n = 0;
	struct dsr_dev *dd;
	int err = 0;

	rcu_read_lock();
	cb->seq = READ_ONCE(dn->generation);
	list_for_each_entry_rcu(dd, &dn->devs, list) {
		if (n++ < skip)
			continue;
		err = dsr_nl_dump_one(skb, cb, DSR_CMD_DEV_GET, dd);
		if (err)
			break;
		cb->args[0] = n;
	}
	rcu_read_unlock();
	return err && skb->len ? skb->len : err;
}

/**
 * dsr_nl_reply_new() - begin the answer to a command
 * @info: the command
 * @cmd: what the answer is
 * @hdr: set to its header
 *
 * Context: process.
 * Return: the answer, for dsr_nl_reply(); or NULL.
 */
struct sk_buff *dsr_nl_reply_new(struct genl_info *info, u8 cmd, void **hdr)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!msg)
		return NULL;
	*hdr = genlmsg_put_reply(msg, info, &dsr_nl_family, 0, cmd);
	return msg;
}

/**
 * dsr_nl_reply() - send the answer to a command, or let it be
 * @info: the command
 * @msg: the answer, from dsr_nl_reply_new(); gone after this
 * @hdr: its header
 * @err: 0, or what went wrong in filling it
 *
 * Context: process.
 * Return: 0, @err, or what sending met with.
 */
int dsr_nl_reply(struct genl_info *info, struct sk_buff *msg, void *hdr,
		 int err)
{
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/* The VIP or the server that a message names */
static int dsr_nl_put_named(struct sk_buff *msg, struct genl_info *info, u8 cmd)
{
	struct dsr_net *dn = dsr_net(genl_info_net(info));
	struct dsr_server *server;
	struct dsr_vip *vip;

	if (cmd == DSR_CMD_VIP_GET) {
		vip = dsr_nl_get_vip(dn, info->attrs, info->extack);
		return IS_ERR(vip) ? PTR_ERR(vip) : dsr_nl_put_vip(msg, vip);
	}
	server = dsr_nl_get_server(dn, info->attrs, info->extack);
	return IS_ERR(server) ? PTR_ERR(server) :
				dsr_nl_put_server(msg, server);
}

static int dsr_nl_reply_named(struct genl_info *info, u8 cmd)
{
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = dsr_nl_reply_new(info, cmd, &hdr);
	if (!msg)
		return -ENOMEM;
	rcu_read_lock();
	err = dsr_nl_put_named(msg, info, cmd);
	rcu_read_unlock();
	return dsr_nl_reply(info, msg, hdr, err);
}

int dsr_nl_vip_get(struct sk_buff *skb, struct genl_info *info)
{
	return dsr_nl_reply_named(info, DSR_CMD_VIP_GET);
}

int dsr_nl_server_get(struct sk_buff *skb, struct genl_info *info)
{
	return dsr_nl_reply_named(info, DSR_CMD_SERVER_GET);
}

static int dsr_nl_put_reason(struct sk_buff *skb, struct dsr_net *dn,
			     enum dsr_reason reason)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, reason < DSR_DROP_FIRST ? DSR_A_PASSED :
							     DSR_A_DROPPED);
	if (!nest ||
	    nla_put_string(skb, DSR_A_REASON, dsr_reason_names[reason]) ||
	    dsr_nl_put_u64(skb, DSR_A_COUNT, dsr_stats_read(dn, reason)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int dsr_nl_put_stats(struct sk_buff *msg, struct dsr_net *dn)
{
	unsigned int i;

	if (dsr_nl_put_u64(msg, DSR_A_FORWARDED,
			   dsr_stats_read(dn, DSR_FORWARDED)) ||
	    dsr_nl_put_u64(msg, DSR_A_ANSWERED,
			   dsr_stats_read(dn, DSR_ANSWERED)) ||
	    dsr_nl_put_u64(msg, DSR_A_FLOWS, atomic_read(&dn->flows.nelems)) ||
	    dsr_nl_put_u64(msg, DSR_A_FLOWS_MAX, READ_ONCE(dn->flows_max)) ||
	    (READ_ONCE(dn->flows_max_auto) &&
	     nla_put_flag(msg, DSR_A_FLOWS_MAX_AUTO)) ||
	    dsr_nl_put_u64(msg, DSR_A_PERSISTENT,
			   atomic_read(&dn->persist.nelems)) ||
	    dsr_nl_put_u64(msg, DSR_A_ARP_FOREIGN,
			   atomic_read(&dn->arp_foreign)))
		return -EMSGSIZE;
	for (i = DSR_PASS_FIRST; i < DSR_REASONS; i++)
		if (dsr_nl_put_reason(msg, dn, i))
			return -EMSGSIZE;
	return 0;
}

int dsr_nl_stats_get(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_net *dn = dsr_net(genl_info_net(info));
	struct sk_buff *msg;
	void *hdr;

	msg = dsr_nl_reply_new(info, DSR_CMD_STATS_GET, &hdr);
	if (!msg)
		return -ENOMEM;
	return dsr_nl_reply(info, msg, hdr, dsr_nl_put_stats(msg, dn));
}
