/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_FLOW_H
#define _DSR_FLOW_H

#include <linux/jhash.h>
#include <linux/timekeeping.h>

#include "dsr.h"
#include "packet.h"

/**
 * struct dsr_flow - a client endpoint on a VIP, pinned to a server
 * @node: in dsr_net->flows
 * @server: its server, of which it holds a reference; NULL once the flow is
 *	unlinked. Changed by who has made @state busy
 * @client: key
 * @vip: key
 * @cport: key; 0 for a protocol without ports
 * @vport: key; likewise
 * @proto: key; IPPROTO_*
 * @state: enum dsr_flow_state, or DSR_FLOW_BUSY while it is moved, and for ever
 *	once it is unlinked. Changes by exchange only: so that its server's count
 *	of active flows stays right without a lock
 * @seen: second of its last packet, as dsr_flow_now(); last writer wins
 * @born: second of its first packet
 *
 * One cache line. It is made by a packet, unlinked by flow_work or a flush
 * only, both in process context, and freed a grace period later.
 */
struct dsr_flow {
	struct rhash_head node;
	struct dsr_server *server;
	struct in6_addr client;
	struct in6_addr vip;
	__be16 cport;
	__be16 vport;
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

struct dsr_server *dsr_flow_server(struct dsr_net *dn,
				   const struct dsr_packet *pkt);
struct dsr_server *dsr_flow_peek(struct dsr_net *dn,
				 const struct dsr_packet *pkt);
struct dsr_server *dsr_flow_pin(struct dsr_net *dn,
				const struct dsr_packet *pkt,
				struct dsr_server *server);
struct dsr_server *dsr_flow_fits(const struct dsr_flow *flow,
				 const struct dsr_flow_filter *filter);
u64 dsr_flow_flush(struct dsr_net *dn, const struct dsr_flow_filter *filter);
u32 dsr_flow_expires(const struct dsr_flow *flow, u32 now);
void dsr_flow_kick(struct dsr_net *dn);
void dsr_flow_work(struct work_struct *work);
int dsr_flow_init(struct dsr_net *dn);
void dsr_flow_stop(struct dsr_net *dn);
void dsr_flow_exit(struct dsr_net *dn);
int dsr_flow_module_init(void);
void dsr_flow_module_exit(void);

#endif /* _DSR_FLOW_H */
