// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink: what would become of a packet. It goes the way that hook.c has
 * packets go, by the same functions, but leaves no trace there.
 */
#include <linux/in.h>

#include "choose.h"
#include "netlink.h"
#include "persist.h"

/**
 * struct dsr_nl_fate - what would become of a packet; all of it under RCU
 * @vip: the VIP that matches, or NULL
 * @flow: of these addresses and ports, also if it is past; or NULL
 * @persist: what is remembered of the client, or NULL
 * @server: who would get it, or NULL
 * @by: enum dsr_by, if there is a @server
 * @reason: DSR_FORWARDED, or why not
 */
struct dsr_nl_fate {
	const struct dsr_vip *vip;
	const struct dsr_flow *flow;
	const struct dsr_persist *persist;
	struct dsr_server *server;
	u8 by;
	enum dsr_reason reason;
};

static int dsr_nl_explain_client(struct dsr_packet *pkt, struct nlattr **attrs,
				 struct netlink_ext_ack *extack)
{
	struct nlattr *attr = attrs[DSR_A_FLOW_CLIENT4] ?: attrs[DSR_A_FLOW_CLIENT6];

	if (!attr || (attrs[DSR_A_FLOW_CLIENT4] && attrs[DSR_A_FLOW_CLIENT6])) {
		NL_SET_ERR_MSG(extack, "exactly one client's address is needed");
		return -EINVAL;
	}
	/* any address will do: some are a reason to drop the packet */
	if (attrs[DSR_A_FLOW_CLIENT4])
		ipv6_addr_set_v4mapped(nla_get_be32(attr), &pkt->client);
	else
		pkt->client = nla_get_in6_addr(attr);
	if (!attrs[DSR_A_FLOW_CLIENT4] == dsr_is_v4(&pkt->client) ||
	    dsr_is_v4(&pkt->client) != dsr_is_v4(&pkt->vip)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "client and VIP are of two families");
		return -EINVAL;
	}
	return 0;
}

static int dsr_nl_explain_proto(struct dsr_packet *pkt, struct nlattr **attrs,
				struct netlink_ext_ack *extack)
{
	struct nlattr *proto = attrs[DSR_A_FLOW_PROTO];

	if (!proto) {
		NL_SET_ERR_MSG(extack, "the protocol is missing");
		return -EINVAL;
	}
	pkt->proto = nla_get_u8(proto);
	if (pkt->proto == IPPROTO_ICMP || pkt->proto == IPPROTO_ICMPV6) {
		NL_SET_ERR_MSG_ATTR(extack, proto,
				    "ICMP goes where the flow goes that it is about");
		return -EINVAL;
	}
	if (!dsr_is_v4(&pkt->vip) && ipv6_ext_hdr(pkt->proto) &&
	    pkt->proto != NEXTHDR_NONE && pkt->proto != NEXTHDR_AUTH) {
		NL_SET_ERR_MSG_ATTR(extack, proto,
				    "an extension header, not a protocol");
		return -EINVAL;
	}
	return 0;
}

static int dsr_nl_explain_ports(struct dsr_packet *pkt, struct nlattr **attrs,
				struct netlink_ext_ack *extack)
{
	struct nlattr *from = attrs[DSR_A_FLOW_CLIENT_PORT];
	struct nlattr *to = attrs[DSR_A_FLOW_DST_PORT];

	if (pkt->proto != IPPROTO_TCP && pkt->proto != IPPROTO_UDP &&
	    pkt->proto != IPPROTO_SCTP && (from || to)) {
		NL_SET_ERR_MSG_ATTR(extack, from ?: to,
				    "a protocol without ports");
		return -EINVAL;
	}
	pkt->cport = from ? nla_get_be16(from) : 0;
	pkt->vport = to ? nla_get_be16(to) : 0;
	return 0;
}

/* The packet that a message describes: sound, and from no server of the VIP's */
static int dsr_nl_explain_packet(struct dsr_packet *pkt,
				 const struct nlattr *nest,
				 struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[DSR_A_FLOW_MAX + 1], *state;
	int err;

	memset(pkt, 0, sizeof(*pkt));
	err = dsr_nl_parse_flow(attrs, nest, dsr_policy_packet, extack);
	if (!err)
		err = dsr_nl_get_addr(attrs, DSR_A_FLOW_DST4, DSR_A_FLOW_DST6,
				      &pkt->vip, extack);
	if (!err)
		err = dsr_nl_explain_client(pkt, attrs, extack);
	if (!err)
		err = dsr_nl_explain_proto(pkt, attrs, extack);
	if (!err)
		err = dsr_nl_explain_ports(pkt, attrs, extack);
	if (err)
		return err;

	state = attrs[DSR_A_FLOW_STATE];
	if (pkt->proto == IPPROTO_TCP || pkt->proto == IPPROTO_SCTP)
		pkt->signal = state && nla_get_u8(state) == DSR_FLOW_OPEN ?
			      DSR_SIGNAL_DATA : DSR_SIGNAL_SYN;
	return 0;
}

/* See dsr_choose() */
static enum dsr_reason dsr_nl_explain_choose(struct dsr_net *dn,
					     const struct dsr_packet *pkt,
					     struct dsr_nl_fate *fate)
{
	const struct dsr_pool *pool;

	fate->vip = dsr_vip_match(dn, pkt);
	pool = fate->vip ? rcu_dereference(fate->vip->pool) : NULL;
	if (!pool)
		return dsr_choose_no_vip(dn, pkt);
	if (!dsr_packet_source_possible(pkt))
		return DSR_DROP_MARTIAN;
	local_bh_disable();
	fate->server = dsr_choose_foresee(dn, fate->vip, pool, pkt, &fate->by);
	local_bh_enable();
	return fate->server ? DSR_FORWARDED : dsr_choose_none(pool);
}

static bool dsr_nl_has_path(const struct dsr_server *server)
{
	const struct dsr_nexthop *nexthop = rcu_dereference(server->nexthop);

	return rcu_access_pointer(nexthop->path);
}

static void dsr_nl_explain_fate(struct dsr_net *dn,
				const struct dsr_packet *pkt,
				struct dsr_nl_fate *fate)
{
	memset(fate, 0, sizeof(*fate));
	if (!dsr_filter_passes(dn, dsr_addr_fold(&pkt->vip))) {
		fate->reason = DSR_PASS_NOT_VIP;
		return;
	}
	fate->server = dsr_flow_foresee(dn, pkt, &fate->flow);
	if (fate->server) {
		fate->vip = fate->server->vip;
		fate->by = DSR_BY_FLOW;
		fate->reason = DSR_FORWARDED;
	} else {
		fate->reason = dsr_nl_explain_choose(dn, pkt, fate);
	}
	if (fate->server && !dsr_nl_has_path(fate->server))
		fate->reason = DSR_DROP_UNREACHABLE;
	if (fate->vip && READ_ONCE(fate->vip->opts.persistence))
		fate->persist = dsr_persist_peek(dn, fate->vip, &pkt->client);
}

static int dsr_nl_put_old_flow(struct sk_buff *msg, const struct dsr_flow *flow)
{
	const struct dsr_server *server = READ_ONCE(flow->server);
	u8 state = READ_ONCE(flow->state);
	struct nlattr *nest;

	/* it was unlinked, or is being moved, since it was found */
	if (!server || state == DSR_FLOW_BUSY)
		return 0;
	nest = nla_nest_start(msg, DSR_A_FLOW);
	if (!nest || dsr_nl_put_flow_state(msg, flow, server, state))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int dsr_nl_put_persist(struct sk_buff *msg,
			      const struct dsr_persist *entry)
{
	u32 idle = dsr_flow_now() - READ_ONCE(entry->used);
	struct nlattr *nest = nla_nest_start(msg, DSR_A_PERSIST);

	if (!nest ||
	    dsr_nl_put_addr(msg, DSR_A_PERSIST_SERVER4, DSR_A_PERSIST_SERVER6,
			    &entry->server) ||
	    nla_put_u32(msg, DSR_A_PERSIST_IDLE, idle) ||
	    nla_put_u32(msg, DSR_A_PERSIST_EXPIRES,
			idle < entry->timeout ? entry->timeout - idle : 0))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int dsr_nl_put_chosen(struct sk_buff *msg,
			     const struct dsr_server *server)
{
	struct nlattr *nest = nla_nest_start(msg, DSR_A_SERVER);

	if (!nest ||
	    dsr_nl_put_addr(msg, DSR_A_SERVER_ADDR4, DSR_A_SERVER_ADDR6,
			    &server->addr) ||
	    (server->sorry && nla_put_flag(msg, DSR_A_SERVER_SORRY)) ||
	    dsr_nl_put_path(msg, server))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int dsr_nl_put_fate(struct sk_buff *msg, const struct dsr_nl_fate *fate)
{
	struct nlattr *nest = nla_nest_start(msg, DSR_A_FATE);
	enum dsr_reason reason = fate->reason;

	if (!nest || (fate->server && nla_put_u8(msg, DSR_A_FATE_BY, fate->by)))
		return -EMSGSIZE;
	if (reason != DSR_FORWARDED &&
	    nla_put_string(msg, reason < DSR_DROP_FIRST ? DSR_A_FATE_PASSED :
							  DSR_A_FATE_DROPPED,
			   dsr_reason_names[reason]))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int dsr_nl_put_explanation(struct sk_buff *msg,
				  const struct dsr_nl_fate *fate)
{
	if ((fate->vip && dsr_nl_put_vip_name(msg, fate->vip)) ||
	    dsr_nl_put_fate(msg, fate) ||
	    (fate->server && dsr_nl_put_chosen(msg, fate->server)) ||
	    (fate->flow && dsr_nl_put_old_flow(msg, fate->flow)) ||
	    (fate->persist && dsr_nl_put_persist(msg, fate->persist)))
		return -EMSGSIZE;
	return 0;
}

int dsr_nl_explain(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_net *dn = dsr_net(genl_info_net(info));
	struct dsr_nl_fate fate;
	struct dsr_packet pkt;
	struct sk_buff *msg;
	void *hdr;
	int err;

	err = dsr_nl_explain_packet(&pkt, info->attrs[DSR_A_FLOW],
				    info->extack);
	if (err)
		return err;
	msg = dsr_nl_reply_new(info, DSR_CMD_EXPLAIN, &hdr);
	if (!msg)
		return -ENOMEM;
	rcu_read_lock();
	dsr_nl_explain_fate(dn, &pkt, &fate);
	err = dsr_nl_put_explanation(msg, &fate);
	rcu_read_unlock();
	return dsr_nl_reply(info, msg, hdr, err);
}
