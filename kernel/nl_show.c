// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: objects to attributes, and the commands that show them. */
#include <linux/etherdevice.h>

#include "compat.h"
#include "dev.h"
#include "netlink.h"
#include "sched.h"
#include "server.h"
#include "speak.h"
#include "stats.h"

/* Where a dump of VIPs and servers goes on */
struct dsr_nl_place {
	unsigned long vip_id;	/* the VIP that is due, or whose servers are */
	u32 server_id;		/* its next server */
};

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
static int dsr_nl_put_vip_key(struct sk_buff *skb, const struct dsr_vip *vip)
{
	if (dsr_nl_put_addr(skb, DSR_A_VIP_ADDR4, DSR_A_VIP_ADDR6,
			    &vip->key.addr) ||
	    nla_put_u8(skb, DSR_A_VIP_PROTO, vip->key.proto) ||
	    nla_put_be16(skb, DSR_A_VIP_PORT, vip->key.port) ||
	    nla_put_be16(skb, DSR_A_VIP_PORT_LAST, vip->port_last))
		return -EMSGSIZE;
	return 0;
}

/**
 * dsr_nl_put_vip_name() - write a nest that only names a VIP
 * @skb: the message
 * @vip: the VIP
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int dsr_nl_put_vip_name(struct sk_buff *skb, const struct dsr_vip *vip)
{
	struct nlattr *nest = nla_nest_start(skb, DSR_A_VIP);

	if (!nest || dsr_nl_put_vip_key(skb, vip))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int dsr_nl_put_timeouts(struct sk_buff *skb, const u32 *timeouts)
{
	unsigned int i;

	for (i = 0; i < DSR_FLOW_STATES; i++)
		if (nla_put_u32(skb, dsr_nl_timeouts[i],
				READ_ONCE(timeouts[i])))
			return -EMSGSIZE;
	return 0;
}

static int dsr_nl_put_vip_opts(struct sk_buff *skb, const struct dsr_vip *vip)
{
	const struct dsr_vip_opts *opts = &vip->opts;
	u8 offset = dsr_is_v4(&vip->key.addr) ? 96 : 0;

	if (nla_put_string(skb, DSR_A_VIP_SCHED, READ_ONCE(opts->sched)->name) ||
	    nla_put_u8(skb, DSR_A_VIP_ARP, READ_ONCE(opts->arp)) ||
	    nla_put_u8(skb, DSR_A_VIP_ON_DOWN, READ_ONCE(opts->on_down)) ||
	    nla_put_u32(skb, DSR_A_VIP_PERSISTENCE,
			READ_ONCE(opts->persistence)) ||
	    nla_put_u8(skb, DSR_A_VIP_PERSISTENCE_MASK,
		       READ_ONCE(opts->mask) - offset) ||
	    dsr_nl_put_timeouts(skb, opts->timeouts))
		return -EMSGSIZE;
	if (ipv6_addr_any(&opts->sorry))
		return 0;
	return dsr_nl_put_addr(skb, DSR_A_VIP_SORRY4, DSR_A_VIP_SORRY6, &opts->sorry);
}

static int dsr_nl_put_vip_u64(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value, DSR_A_VIP_PAD);
}

/* Who speaks for a VIP's address */
static int dsr_nl_put_speaks(struct sk_buff *skb, const struct dsr_vip *vip)
{
	const struct net_device *dev;
	u8 mac[ETH_ALEN], speaks;
	int ifindex, err;

	rcu_read_lock();
	speaks = dsr_speak_state(vip->dn, vip->addr, mac, &ifindex);
	err = nla_put_u8(skb, DSR_A_VIP_SPEAKS, speaks);
	if (!err && speaks == DSR_SPEAKS_OTHER) {
		dev = dev_get_by_index_rcu(vip->dn->net, ifindex);
		err = nla_put(skb, DSR_A_VIP_SPEAKER_MAC, ETH_ALEN, mac);
		if (!err && dev)
			err = nla_put_string(skb, DSR_A_VIP_SPEAKER_IFNAME,
					     dev->name);
	}
	rcu_read_unlock();
	return err;
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
	struct nlattr *nest = nla_nest_start(skb, DSR_A_VIP);
	struct dsr_totals totals;
	u64 flows;

	flows = dsr_vip_totals(vip, &totals);
	if (!nest || dsr_nl_put_vip_key(skb, vip) ||
	    dsr_nl_put_vip_opts(skb, vip) ||
	    dsr_nl_put_vip_u64(skb, DSR_A_VIP_FLOWS, flows) ||
	    dsr_nl_put_vip_u64(skb, DSR_A_VIP_FLOWS_TOTAL, totals.flows) ||
	    dsr_nl_put_vip_u64(skb, DSR_A_VIP_PACKETS, totals.packets) ||
	    dsr_nl_put_vip_u64(skb, DSR_A_VIP_BYTES, totals.bytes) ||
	    dsr_nl_put_speaks(skb, vip))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * dsr_nl_put_path() - write the next hop in use
 * @skb: the message, in the nest of a server
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
		err = nla_put_string(skb, DSR_A_SERVER_PATH_IFNAME, path->dev->name);
	if (!err && path && path->ready)
		err = nla_put(skb, DSR_A_SERVER_PATH_MAC, ETH_ALEN, path->header);
	rcu_read_unlock();
	return err;
}

static int dsr_nl_put_pin(struct sk_buff *skb, const struct dsr_pin *pin)
{
	int err = 0;

	if (!is_zero_ether_addr(pin->mac))
		err = nla_put(skb, DSR_A_SERVER_MAC, ETH_ALEN, pin->mac);
	if (!err && pin->ifname[0])
		err = nla_put_string(skb, DSR_A_SERVER_IFNAME, pin->ifname);
	return err;
}

static int dsr_nl_put_server_opts(struct sk_buff *skb,
				  const struct dsr_server *server)
{
	if (nla_put_u32(skb, DSR_A_SERVER_WEIGHT,
			READ_ONCE(server->opts.weight)) ||
	    nla_put_u32(skb, DSR_A_SERVER_MAX_FLOWS,
			READ_ONCE(server->max_flows)) ||
	    nla_put_u8(skb, DSR_A_SERVER_DRAIN, READ_ONCE(server->opts.drain)))
		return -EMSGSIZE;
	return dsr_nl_put_pin(skb, &server->opts.pin);
}

static int dsr_nl_put_server_u64(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value, DSR_A_SERVER_PAD);
}

static int dsr_nl_put_server_totals(struct sk_buff *skb,
				    const struct dsr_server *server)
{
	struct dsr_totals totals = {};

	dsr_counters_add(&totals, server->counters);
	if (dsr_nl_put_server_u64(skb, DSR_A_SERVER_FLOWS,
				  dsr_server_flows(server)) ||
	    dsr_nl_put_server_u64(skb, DSR_A_SERVER_ACTIVE,
				  max(atomic_read(&server->active), 0)) ||
	    dsr_nl_put_server_u64(skb, DSR_A_SERVER_FLOWS_TOTAL,
				  totals.flows) ||
	    dsr_nl_put_server_u64(skb, DSR_A_SERVER_PACKETS, totals.packets) ||
	    dsr_nl_put_server_u64(skb, DSR_A_SERVER_BYTES, totals.bytes) ||
	    dsr_nl_put_server_u64(skb, DSR_A_SERVER_BOUNCED, totals.bounced) ||
	    dsr_nl_put_server_u64(skb, DSR_A_SERVER_RETRIES, totals.retries))
		return -EMSGSIZE;
	return 0;
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
	struct nlattr *nest;
	u8 state, why;

	if (dsr_nl_put_vip_name(skb, server->vip))
		return -EMSGSIZE;
	nest = nla_nest_start(skb, DSR_A_SERVER);
	state = dsr_server_state(server, &why);
	if (!nest ||
	    dsr_nl_put_addr(skb, DSR_A_SERVER_ADDR4, DSR_A_SERVER_ADDR6,
			    &server->addr) ||
	    (server->sorry && nla_put_flag(skb, DSR_A_SERVER_SORRY)) ||
	    dsr_nl_put_server_opts(skb, server) ||
	    nla_put_u8(skb, DSR_A_SERVER_STATE, state) ||
	    (why && nla_put_u8(skb, DSR_A_SERVER_WHY, why)) ||
	    dsr_nl_put_path(skb, server) ||
	    dsr_nl_put_server_totals(skb, server))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
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
	struct nlattr *nest = nla_nest_start(skb, DSR_A_DEV);
	const struct net_device *dev;
	int ifindex;

	rcu_read_lock();
	dev = READ_ONCE(dd->dev);
	ifindex = dev ? dev->ifindex : 0;
	rcu_read_unlock();

	if (!nest || nla_put_string(skb, DSR_A_DEV_IFNAME, dd->name) ||
	    nla_put_u32(skb, DSR_A_DEV_IFINDEX, ifindex))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * dsr_nl_put_limit() - write the limits
 * @skb: the message
 * @dn: the director
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int dsr_nl_put_limit(struct sk_buff *skb, const struct dsr_net *dn)
{
	struct nlattr *nest = nla_nest_start(skb, DSR_A_LIMIT);

	if (!nest ||
	    nla_put_u64_64bit(skb, DSR_A_LIMIT_FLOWS, READ_ONCE(dn->flows_max),
			      DSR_A_LIMIT_PAD) ||
	    (READ_ONCE(dn->flows_max_auto) &&
	     nla_put_flag(skb, DSR_A_LIMIT_FLOWS_AUTO)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* A turn of a dump of the configuration begins, under RCU */
static void dsr_nl_dump_begin(struct dsr_net *dn, struct netlink_callback *cb)
{
	cb->seq = smp_load_acquire(&dn->generation);
}

/* It ends: what it has seen is of one configuration only if that did not change */
static void dsr_nl_dump_end(struct dsr_net *dn, struct netlink_callback *cb)
{
	smp_rmb();	/* with smp_wmb() in dsr_net_change() */
	if (cb->seq & 1 || READ_ONCE(dn->generation) != cb->seq)
		/* the next message, or else the last one, tells of it */
		cb->prev_seq = ~cb->seq ?: 1;
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

	err = nla_put_u32(skb, DSR_A_GENERATION, cb->seq);
	if (err)
		;
	else if (cmd == DSR_CMD_VIP_GET)
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

/* A VIP, or its servers from place on */
static int dsr_nl_dump_vip(struct sk_buff *skb, struct netlink_callback *cb,
			   const struct dsr_vip *vip, u8 cmd,
			   struct dsr_nl_place *place)
{
	int err = cmd == DSR_CMD_VIP_GET ?
		  dsr_nl_dump_one(skb, cb, cmd, vip) :
		  dsr_nl_dump_servers(skb, cb, vip, place);

	if (!err)
		*place = (struct dsr_nl_place) { .vip_id = vip->id + 1UL };
	return err;
}

/* VIPs, or their servers; all, or those of one VIP */
static int dsr_nl_dump_vips(struct sk_buff *skb, struct netlink_callback *cb,
			    struct dsr_net *dn, u8 cmd)
{
	const struct nlattr *nest = dsr_dump_attrs(cb)[DSR_A_VIP];
	struct dsr_nl_place *place = (void *)cb->ctx;
	struct dsr_vip *vip;
	unsigned long id;
	int err = 0;

	if (nest) {
		vip = dsr_nl_get_vip(dn, nest, cb->extack);
		if (IS_ERR(vip))
			return PTR_ERR(vip);
		/* it was shown already, or is another one of that name */
		if (place->vip_id > vip->id)
			return 0;
		if (place->vip_id < vip->id)
			*place = (struct dsr_nl_place) { .vip_id = vip->id };
		return dsr_nl_dump_vip(skb, cb, vip, cmd, place);
	}
	while (!err) {
		id = place->vip_id;
		vip = dsr_vip_next(dn, &id);
		if (!vip)
			break;
		if (vip->id != place->vip_id)
			*place = (struct dsr_nl_place) { .vip_id = vip->id };
		err = dsr_nl_dump_vip(skb, cb, vip, cmd, place);
	}
	return err;
}

static int dsr_nl_dump(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	struct dsr_net *dn = dsr_net(sock_net(skb->sk));
	int err;

	BUILD_BUG_ON(sizeof(struct dsr_nl_place) > sizeof(cb->ctx));

	rcu_read_lock();
	dsr_nl_dump_begin(dn, cb);
	err = dsr_nl_dump_vips(skb, cb, dn, cmd);
	dsr_nl_dump_end(dn, cb);
	rcu_read_unlock();

	/* a full skb ends this turn, not the dump */
	return err == -EMSGSIZE && skb->len ? skb->len : err;
}

int dsr_nl_vip_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dsr_nl_dump(skb, cb, DSR_CMD_VIP_GET);
}

int dsr_nl_server_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct nlattr *server = dsr_dump_attrs(cb)[DSR_A_SERVER];

	if (server) {
		NL_SET_ERR_MSG_ATTR(cb->extack, server,
				    "one server is asked for without a dump");
		return -EINVAL;
	}
	return dsr_nl_dump(skb, cb, DSR_CMD_SERVER_GET);
}

int dsr_nl_dev_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dsr_net *dn = dsr_net(sock_net(skb->sk));
	unsigned long skip = cb->args[0], n = 0;
	struct dsr_dev *dd;
	int err = 0;

	rcu_read_lock();
	dsr_nl_dump_begin(dn, cb);
	list_for_each_entry_rcu(dd, &dn->devs, list) {
		if (n++ < skip)
			continue;
		err = dsr_nl_dump_one(skb, cb, DSR_CMD_DEV_GET, dd);
		if (err)
			break;
		cb->args[0] = n;
	}
	dsr_nl_dump_end(dn, cb);
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

static int dsr_nl_put_named_server(struct sk_buff *msg, struct genl_info *info,
				   const struct dsr_vip *vip)
{
	struct nlattr *nest = info->attrs[DSR_A_SERVER];
	struct nlattr *attrs[DSR_A_SERVER_MAX + 1] = {};
	const struct dsr_server *server;
	struct in6_addr addr;
	int err = 0;

	if (nest)
		err = dsr_nl_parse_server(attrs, nest, false, info->extack);
	if (!err)
		err = dsr_nl_get_addr(attrs, DSR_A_SERVER_ADDR4,
				      DSR_A_SERVER_ADDR6, &addr, info->extack);
	if (err)
		return err;
	server = dsr_server_find(vip, &addr);
	if (server)
		return dsr_nl_put_server(msg, server);
	NL_SET_ERR_MSG_ATTR(info->extack, nest, "no such server");
	return -ENOENT;
}

/* The VIP or the server that a message names */
static int dsr_nl_put_named(struct sk_buff *msg, struct genl_info *info, u8 cmd)
{
	struct dsr_net *dn = dsr_net(genl_info_net(info));
	struct dsr_vip *vip;

	vip = dsr_nl_get_vip(dn, info->attrs[DSR_A_VIP], info->extack);
	if (IS_ERR(vip))
		return PTR_ERR(vip);
	if (nla_put_u32(msg, DSR_A_GENERATION, READ_ONCE(dn->generation)))
		return -EMSGSIZE;
	return cmd == DSR_CMD_VIP_GET ? dsr_nl_put_vip(msg, vip) :
					dsr_nl_put_named_server(msg, info, vip);
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

	nest = nla_nest_start(skb, reason < DSR_DROP_FIRST ?
				   DSR_A_STATS_PASSED : DSR_A_STATS_DROPPED);
	if (!nest ||
	    nla_put_string(skb, DSR_A_REASON_NAME, dsr_reason_names[reason]) ||
	    nla_put_u64_64bit(skb, DSR_A_REASON_COUNT,
			      dsr_stats_read(dn, reason), DSR_A_REASON_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int dsr_nl_put_stats_u64(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value, DSR_A_STATS_PAD);
}

static int dsr_nl_put_stats(struct sk_buff *msg, struct dsr_net *dn)
{
	struct nlattr *nest = nla_nest_start(msg, DSR_A_STATS);
	unsigned int i;

	if (!nest ||
	    dsr_nl_put_stats_u64(msg, DSR_A_STATS_FORWARDED,
				 dsr_stats_read(dn, DSR_FORWARDED)) ||
	    dsr_nl_put_stats_u64(msg, DSR_A_STATS_ANSWERED,
				 dsr_stats_read(dn, DSR_ANSWERED)) ||
	    dsr_nl_put_stats_u64(msg, DSR_A_STATS_FLOWS,
				 atomic_read(&dn->flows.nelems)) ||
	    dsr_nl_put_stats_u64(msg, DSR_A_STATS_PERSISTENT,
				 atomic_read(&dn->persist.nelems)) ||
	    dsr_nl_put_stats_u64(msg, DSR_A_STATS_ARP_FOREIGN,
				 (u32)atomic_read(&dn->arp_foreign)))
		return -EMSGSIZE;
	for (i = DSR_PASS_FIRST; i < DSR_REASONS; i++)
		if (dsr_nl_put_reason(msg, dn, i))
			return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

int dsr_nl_stats_get(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_net *dn = dsr_net(genl_info_net(info));
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = dsr_nl_reply_new(info, DSR_CMD_STATS_GET, &hdr);
	if (!msg)
		return -ENOMEM;
	err = nla_put_u32(msg, DSR_A_GENERATION, READ_ONCE(dn->generation));
	if (!err)
		err = dsr_nl_put_stats(msg, dn);
	if (!err)
		err = dsr_nl_put_limit(msg, dn);
	return dsr_nl_reply(info, msg, hdr, err);
}
