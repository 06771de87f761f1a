// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: flows, shown and forgotten. */
#include <linux/sched.h>
#include <linux/slab.h>

#include "compat.h"
#include "netlink.h"
#include "server.h"

/* A dump rests after so many flows, also those that do not fit the filter */
#define DSR_NL_FLOW_CHUNK 256

/* What FLOW_GET and FLOW_FLUSH ask for */
struct dsr_nl_flow_query {
	struct dsr_flow_filter filter;
	struct in6_addr server;
	struct dsr_vip *vip;	/* a reference, so that no other takes its place */
};

struct dsr_nl_flow_dump {
	struct dsr_nl_flow_query query;
	struct rhashtable_iter iter;
	bool again;		/* the last flow did not fit the message */
};

static void dsr_nl_query_exit(struct dsr_nl_flow_query *query)
{
	if (query->vip)
		dsr_vip_put(query->vip);
}

static int dsr_nl_query_client(struct dsr_flow_filter *filter,
			       struct nlattr **attrs,
			       struct netlink_ext_ack *extack)
{
	struct nlattr *prefix = attrs[DSR_A_FLOW_CLIENT_PREFIX];
	struct nlattr *v4 = attrs[DSR_A_FLOW_CLIENT4];
	struct nlattr *v6 = attrs[DSR_A_FLOW_CLIENT6];
	u8 bits;

	if (!v4 && !v6) {
		if (!prefix)
			return 0;
		NL_SET_ERR_MSG_ATTR(extack, prefix, "a prefix of no address");
		return -EINVAL;
	}
	if (v4 && v6) {
		NL_SET_ERR_MSG_ATTR(extack, v6,
				    "both an IPv4 and an IPv6 address");
		return -EINVAL;
	}

	/* any address will do: it is only compared */
	if (v4)
		ipv6_addr_set_v4mapped(nla_get_be32(v4), &filter->client);
	else
		filter->client = nla_get_in6_addr(v6);

	bits = v4 ? 32 : 128;
	if (prefix && nla_get_u8(prefix) > bits) {
		NL_SET_ERR_MSG_ATTR(extack, prefix, "prefix is too long");
		return -EINVAL;
	}
	filter->client_prefix = (prefix ? nla_get_u8(prefix) : bits) +
				128 - bits;
	return 0;
}

static int dsr_nl_query_flow(struct dsr_nl_flow_query *query,
			     const struct nlattr *nest,
			     struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[DSR_A_FLOW_MAX + 1];
	int err;

	err = dsr_nl_parse_flow(attrs, nest, dsr_policy_filter, extack);
	if (!err)
		err = dsr_nl_query_client(&query->filter, attrs, extack);
	if (err || (!attrs[DSR_A_FLOW_SERVER4] && !attrs[DSR_A_FLOW_SERVER6]))
		return err;
	query->filter.server = &query->server;
	return dsr_nl_get_addr(attrs, DSR_A_FLOW_SERVER4, DSR_A_FLOW_SERVER6,
			       &query->server, extack);
}

static int dsr_nl_query_init(struct dsr_net *dn,
			     struct dsr_nl_flow_query *query,
			     struct nlattr **attrs,
			     struct netlink_ext_ack *extack)
{
	struct dsr_vip *vip;
	int err;

	memset(query, 0, sizeof(*query));
	err = dsr_nl_query_flow(query, attrs[DSR_A_FLOW], extack);
	if (err || !attrs[DSR_A_VIP])
		return err;

	rcu_read_lock();
	vip = dsr_nl_get_vip(dn, attrs[DSR_A_VIP], extack);
	if (!IS_ERR(vip) && !refcount_inc_not_zero(&vip->refs)) {
		NL_SET_ERR_MSG(extack, "no such VIP");	/* any more */
		vip = ERR_PTR(-ENOENT);
	}
	rcu_read_unlock();
	if (IS_ERR(vip))
		return PTR_ERR(vip);
	query->vip = vip;
	query->filter.vip = vip;
	return 0;
}

int dsr_nl_flow_dump_start(struct netlink_callback *cb)
{
	struct dsr_net *dn = dsr_net(sock_net(cb->skb->sk));
	struct dsr_nl_flow_dump *dump;
	int err;

	dump = kzalloc(sizeof(*dump), GFP_KERNEL);
	if (!dump)
		return -ENOMEM;
	err = dsr_nl_query_init(dn, &dump->query, dsr_dump_attrs(cb),
				cb->extack);
	if (err) {
		kfree(dump);
		return err;
	}
	rhashtable_walk_enter(&dn->flows, &dump->iter);
	cb->args[0] = (long)dump;
	return 0;
}

int dsr_nl_flow_dump_done(struct netlink_callback *cb)
{
	struct dsr_nl_flow_dump *dump = (void *)cb->args[0];

	rhashtable_walk_exit(&dump->iter);
	dsr_nl_query_exit(&dump->query);
	kfree(dump);
	return 0;
}

/**
 * dsr_nl_put_flow_state() - write where a flow goes and how old it is
 * @skb: the message, in the nest of a flow
 * @flow: the flow
 * @server: its server
 * @state: its state, one that others see
 *
 * Context: RCU.
 * Return: 0 or -EMSGSIZE.
 */
int dsr_nl_put_flow_state(struct sk_buff *skb, const struct dsr_flow *flow,
			  const struct dsr_server *server, u8 state)
{
	u32 now = dsr_flow_now();

	if (dsr_nl_put_addr(skb, DSR_A_FLOW_SERVER4, DSR_A_FLOW_SERVER6,
			    &server->addr) ||
	    nla_put_u8(skb, DSR_A_FLOW_STATE, state) ||
	    nla_put_u32(skb, DSR_A_FLOW_AGE, now - READ_ONCE(flow->born)) ||
	    nla_put_u32(skb, DSR_A_FLOW_IDLE, now - READ_ONCE(flow->seen)) ||
	    nla_put_u32(skb, DSR_A_FLOW_EXPIRES, dsr_flow_expires(flow, now)))
		return -EMSGSIZE;
	return 0;
}

static int dsr_nl_put_flow_nest(struct sk_buff *skb,
				const struct dsr_flow *flow,
				const struct dsr_server *server, u8 state)
{
	struct nlattr *nest = nla_nest_start(skb, DSR_A_FLOW);

	if (!nest ||
	    dsr_nl_put_addr(skb, DSR_A_FLOW_CLIENT4, DSR_A_FLOW_CLIENT6,
			    &flow->client) ||
	    nla_put_be16(skb, DSR_A_FLOW_CLIENT_PORT, flow->cport) ||
	    nla_put_be16(skb, DSR_A_FLOW_DST_PORT, flow->vport) ||
	    nla_put_u8(skb, DSR_A_FLOW_PROTO, flow->proto) ||
	    dsr_nl_put_flow_state(skb, flow, server, state))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int dsr_nl_put_flow(struct sk_buff *skb, struct netlink_callback *cb,
			   const struct dsr_flow *flow,
			   const struct dsr_server *server)
{
	u8 state = READ_ONCE(flow->state);
	void *hdr;

	if (state == DSR_FLOW_BUSY)
		return 0;	/* at this moment it is nobody's */
	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &dsr_nl_family, NLM_F_MULTI, DSR_CMD_FLOW_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (dsr_nl_put_vip_name(skb, server->vip) ||
	    dsr_nl_put_flow_nest(skb, flow, server, state)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* Some flows. -EAGAIN: rest, then go on. -EMSGSIZE: the skb is full */
static int dsr_nl_flow_dump_chunk(struct sk_buff *skb,
				  struct netlink_callback *cb,
				  struct dsr_nl_flow_dump *dump)
{
	struct dsr_server *server;
	struct dsr_flow *flow;
	int n, err = -EAGAIN;

	rhashtable_walk_start(&dump->iter);
	for (n = 0; n < DSR_NL_FLOW_CHUNK; n++) {
		flow = dump->again ? rhashtable_walk_peek(&dump->iter) :
				     rhashtable_walk_next(&dump->iter);
		dump->again = false;
		if (!flow) {
			err = 0;
			break;
		}
		if (IS_ERR(flow))
			continue;	/* the table was resized */
		server = dsr_flow_fits(flow, &dump->query.filter);
		if (!server || READ_ONCE(server->removed))
			continue;
		if (dsr_nl_put_flow(skb, cb, flow, server)) {
			dump->again = true;
			err = -EMSGSIZE;
			break;
		}
	}
	rhashtable_walk_stop(&dump->iter);
	return err;
}

int dsr_nl_flow_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dsr_nl_flow_dump *dump = (void *)cb->args[0];
	int err;

	do {
		err = dsr_nl_flow_dump_chunk(skb, cb, dump);
		cond_resched();
	} while (err == -EAGAIN && !signal_pending(current));

	return err == -EAGAIN ? -EINTR : err == -EMSGSIZE ? skb->len : err;
}

int dsr_nl_flow_flush(struct sk_buff *skb, struct genl_info *info)
{
	struct dsr_net *dn = dsr_net(genl_info_net(info));
	struct dsr_nl_flow_query query;
	struct sk_buff *msg;
	void *hdr;
	int err;

	/* it may fail, and then nothing is to be done yet */
	msg = dsr_nl_reply_new(info, DSR_CMD_FLOW_FLUSH, &hdr);
	if (!msg)
		return -ENOMEM;
	err = dsr_nl_query_init(dn, &query, info->attrs, info->extack);
	if (!err) {
		nla_put_u32(msg, DSR_A_COUNT, dsr_flow_flush(dn, &query.filter));
		dsr_nl_query_exit(&query);
	}
	return dsr_nl_reply(info, msg, hdr, err);
}
