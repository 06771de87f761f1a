/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_FLOW_H
#define _DSR_FLOW_H

#include <linux/jhash.h>
#include <linux/timekeeping.h>

#include "dsr.h"
#include "packet.h"
#include "server.h"
#include "state.h"

/**
 * struct dsr_flow - a client endpoint on a VIP, pinned to a server
 * @node: in dsr_net->flows
 * @server: its server, of which it holds a reference; NULL once the flow is
 *	unlinked. Changed by who has made @state busy
 * @client: key
 * @vip: key
 * @cport: key; 0 for a protocol without ports
 * @vport: key; likewise
 * @ports: both
 * @proto: key; IPPROTO_*
 * @state: enum dsr_flow_state, or DSR_FLOW_BUSY while it is moved, and for ever
 *	once it is unlinked. Changes by exchange only: so that its server's count
 *	of active flows stays right without a lock
 * @seen: second of its last packet, as dsr_flow_now(); last writer wins
 * @born: second of its first packet
 *
 * One cache line. It is made by a packet; unlinked by flow_work, by a flush, or
 * at the limit by a packet that needs its place; and freed a grace period later.
 */
struct dsr_flow {
	struct rhash_head node;
	struct dsr_server *server;
	struct in6_addr client;
	struct in6_addr vip;
	union {
		struct {
			__be16 cport;
			__be16 vport;
		};
		__be32 ports;
	};
	u8 proto;
	u8 state;
	u32 seen;
	u32 born;
};

/* Seconds since boot. Wraps after 136 years. */
static inline u32 dsr_flow_now(void)
{
	return ktime_get_seconds();
}

/**
 * struct dsr_flow_filter - which flows
 * @vip: of this VIP, if not NULL
 * @server: on a server with this address, if not NULL
 * @client: from this prefix
 * @client_prefix: its length in bits, of a mapped IPv6 address; 0 for all
 *
 * @vip is compared, never dereferenced.
 */
struct dsr_flow_filter {
	const struct dsr_vip *vip;
	const struct in6_addr *server;
	struct in6_addr client;
	u8 client_prefix;
};

/* The seed is the table's own and secret: chains can't be made to grow */
static inline u32 dsr_flow_hash4(const struct in6_addr *client,
				 const struct in6_addr *vip, __be32 ports,
				 u8 proto, u32 seed)
{
	return jhash_3words((__force u32)dsr_v4(client),
			    (__force u32)dsr_v4(vip), (__force u32)ports,
			    seed ^ proto);
}

static inline u32 dsr_flow_hash(const struct in6_addr *client,
				const struct in6_addr *vip, __be32 ports,
				u8 proto, u32 seed)
{
	if (dsr_is_v4(client))
		return dsr_flow_hash4(client, vip, ports, proto, seed);
	seed = jhash2((__force const u32 *)client->s6_addr32, 4, seed ^ proto);
	seed = jhash2((__force const u32 *)vip->s6_addr32, 4, seed);
	return jhash_1word((__force u32)ports, seed);
}

static inline u32 dsr_flow_hash_key(const void *data, u32 len, u32 seed)
{
	const struct dsr_packet *pkt = data;

	return dsr_flow_hash(&pkt->client, &pkt->vip, pkt->ports, pkt->proto,
			     seed);
}

static inline u32 dsr_flow_hash_key4(const void *data, u32 len, u32 seed)
{
	const struct dsr_packet *pkt = data;

	return dsr_flow_hash4(&pkt->client, &pkt->vip, pkt->ports, pkt->proto,
			      seed);
}

static inline u32 dsr_flow_hash_obj(const void *data, u32 len, u32 seed)
{
	const struct dsr_flow *flow = data;

	return dsr_flow_hash(&flow->client, &flow->vip, flow->ports, flow->proto,
			     seed);
}

static inline int dsr_flow_cmp(struct rhashtable_compare_arg *arg,
			       const void *obj)
{
	const struct dsr_packet *pkt = arg->key;
	const struct dsr_flow *flow = obj;

	return !(ipv6_addr_equal(&flow->client, &pkt->client) &&
		 flow->ports == pkt->ports && flow->proto == pkt->proto &&
		 ipv6_addr_equal(&flow->vip, &pkt->vip));
}

static const struct rhashtable_params dsr_flow_params = {
	.head_offset = offsetof(struct dsr_flow, node),
	.key_len = sizeof(struct dsr_packet),
	.hashfn = dsr_flow_hash_key,
	.obj_hashfn = dsr_flow_hash_obj,
	.obj_cmpfn = dsr_flow_cmp,
	.automatic_shrinking = true,
};

struct dsr_server *dsr_flow_touch(struct dsr_flow *flow,
				  const struct dsr_packet *pkt, u32 now);

/**
 * dsr_flow_server() - the server that a packet's flow is pinned to
 * @dn: the director
 * @pkt: parsed packet; a flow that it belongs to lives on
 * @v4: it is known to be IPv4
 *
 * Context: softirq, RCU.
 * Return: the server; or NULL if there is no flow, or it has lost its server or
 *	gives way to a new connection.
 */
static __always_inline struct dsr_server *
dsr_flow_server(struct dsr_net *dn, const struct dsr_packet *pkt, bool v4)
{
	struct rhashtable_params params = dsr_flow_params;
	struct dsr_server *server;
	struct dsr_flow *flow;
	u32 now;
	u8 state;

	/*
	 * The same hash. The look-up may start anew, after which gcc no longer
	 * knows that the address is a mapped one, and would ask each packet.
	 */
	if (v4)
		params.hashfn = dsr_flow_hash_key4;
	flow = rhashtable_lookup(&dn->flows, pkt, params);
	if (!flow)
		return NULL;
	now = dsr_flow_now();
	/* before the server: see dsr_flow_move() */
	state = READ_ONCE(flow->state);
	server = READ_ONCE(flow->server);
	/* an established flow is written to once a second */
	if (likely(state != DSR_FLOW_BUSY && server &&
		   READ_ONCE(server->alive) &&
		   dsr_state_next(state, pkt->signal) == state &&
		   READ_ONCE(flow->seen) == now))
		return server;
	return dsr_flow_touch(flow, pkt, now);
}

struct dsr_server *dsr_flow_foresee(struct dsr_net *dn,
				    const struct dsr_packet *pkt,
				    const struct dsr_flow **found);
struct dsr_server *dsr_flow_peek(struct dsr_net *dn,
				 const struct dsr_packet *pkt);
bool dsr_flow_fits_in(struct dsr_net *dn, const struct dsr_packet *pkt);
struct dsr_server *dsr_flow_pin(struct dsr_net *dn,
				const struct dsr_packet *pkt,
				struct dsr_server *server);
struct dsr_server *dsr_flow_fits(const struct dsr_flow *flow,
				 const struct dsr_flow_filter *filter);
u64 dsr_flow_flush(struct dsr_net *dn, const struct dsr_flow_filter *filter);
u32 dsr_flow_expires(const struct dsr_flow *flow, u32 now);
void dsr_flow_set_max(struct dsr_net *dn, unsigned int max);
void dsr_flow_kick(struct dsr_net *dn);
void dsr_flow_work(struct work_struct *work);
int dsr_flow_init(struct dsr_net *dn);
void dsr_flow_stop(struct dsr_net *dn);
void dsr_flow_exit(struct dsr_net *dn);
int dsr_flow_module_init(void);
void dsr_flow_module_exit(void);

#endif /* _DSR_FLOW_H */
