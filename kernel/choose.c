// SPDX-License-Identifier: GPL-2.0-only
/* The server for a packet without a flow: persistence, scheduler, hash. */
#include <linux/etherdevice.h>

#include "choose.h"
#include "flow.h"
#include "persist.h"
#include "server.h"
#include "vip.h"
#include "xmit.h"

/*
 * Flows that are to stay together are alike to a scheduler: a packet, or buf. So
 * are those of a client to another VIP of the same address, if that has the same
 * servers: to the ports of one application.
 */
static const struct dsr_packet *dsr_choose_alike(const struct dsr_vip *vip,
						 const struct dsr_packet *pkt,
						 struct dsr_packet *buf)
{
	if (!READ_ONCE(vip->opts.persistence))
		return pkt;
	*buf = *pkt;
	ipv6_addr_prefix(&buf->client, &pkt->client, READ_ONCE(vip->opts.mask));
	buf->ports = 0;
	buf->proto = 0;
	return buf;
}

/* The server for a client that is to stay with it */
static noinline struct dsr_server *
dsr_choose_persistent(struct dsr_net *dn, const struct dsr_vip *vip,
		      const struct dsr_pool *pool, const struct dsr_packet *pkt)
{
	struct dsr_packet buf __dsr_filled_in;
	struct dsr_server *chosen, *pinned;
	const struct dsr_packet *alike;

	alike = dsr_choose_alike(vip, pkt, &buf);
	chosen = dsr_persist_server(dn, vip, pool, &pkt->client);
	if (!chosen)
		chosen = dsr_sched_choose(vip, pool, alike);
	if (!chosen)
		return NULL;
	pinned = dsr_flow_pin(dn, pkt, chosen);
	if (!pinned)
		return dsr_sched_stateless(vip, pool, alike);
	if (!pinned->sorry)
		dsr_persist_learn(dn, vip, &pkt->client, pinned);
	return pinned;
}

/* The server for a new flow, which is remembered unless that can't be */
static struct dsr_server *dsr_choose_server(struct dsr_net *dn,
					    const struct dsr_vip *vip,
					    const struct dsr_pool *pool,
					    const struct dsr_packet *pkt)
{
	struct dsr_server *chosen;

	if (READ_ONCE(vip->opts.persistence))
		return dsr_choose_persistent(dn, vip, pool, pkt);
	chosen = dsr_sched_choose(vip, pool, pkt);
	if (!chosen)
		return NULL;
	return dsr_flow_pin(dn, pkt, chosen) ?:
	       dsr_sched_stateless(vip, pool, pkt);
}

/**
 * dsr_choose() - the server for a packet without a flow
 * @dn: the director
 * @skb: the packet, data at the IP header
 * @pkt: parsed @skb
 * @server: set to the server
 *
 * Context: softirq, RCU.
 * Return: DSR_FORWARDED, or why there is no server.
 */
enum dsr_reason dsr_choose(struct dsr_net *dn, const struct sk_buff *skb,
			   const struct dsr_packet *pkt,
			   struct dsr_server **server)
{
	const struct dsr_pool *pool;
	struct dsr_server *sender;
	enum dsr_reason reason;
	struct dsr_vip *vip;

	vip = dsr_vip_match(dn, pkt);
	pool = vip ? rcu_dereference(vip->pool) : NULL;
	if (!pool)
		return dsr_choose_no_vip(dn, pkt);
	reason = dsr_packet_prove(pkt, skb);
	if (reason != DSR_FORWARDED)
		return reason;
	if (dsr_came_on_ethernet(skb)) {
		sender = dsr_nexthop_sender(vip, eth_hdr(skb)->h_source);
		if (sender) {
			dsr_counters_inc(sender->counters, bounced);
			return DSR_DROP_BOUNCED;
		}
	}
	*server = dsr_choose_server(dn, vip, pool, pkt);
	return *server ? DSR_FORWARDED : dsr_choose_none(pool);
}

/**
 * dsr_choose_stateless() - the server for what is not remembered
 * @vip: the VIP
 * @pool: its servers
 * @pkt: the packet
 *
 * Context: softirq, RCU.
 * Return: the server; NULL if there is none to be had.
 */
struct dsr_server *dsr_choose_stateless(const struct dsr_vip *vip,
					const struct dsr_pool *pool,
					const struct dsr_packet *pkt)
{
	struct dsr_packet buf;

	return dsr_sched_stateless(vip, pool,
				   dsr_choose_alike(vip, pkt, &buf));
}

/**
 * dsr_choose_foresee() - what dsr_choose() would say
 * @dn: the director
 * @vip: the VIP
 * @pool: its servers
 * @pkt: the flow's first packet
 * @by: set to what chooses the server, enum dsr_by
 *
 * Nothing changes. A scheduler that takes turns answers for this CPU.
 *
 * Context: softirq or BH disabled, RCU.
 * Return: the server; NULL if there is none to be had.
 */
struct dsr_server *dsr_choose_foresee(struct dsr_net *dn,
				      const struct dsr_vip *vip,
				      const struct dsr_pool *pool,
				      const struct dsr_packet *pkt, u8 *by)
{
	struct dsr_server *server = NULL;
	const struct dsr_packet *alike;
	struct dsr_packet buf;

	alike = dsr_choose_alike(vip, pkt, &buf);

	*by = DSR_BY_PERSISTENCE;
	if (READ_ONCE(vip->opts.persistence))
		server = dsr_persist_server(dn, vip, pool, &pkt->client);
	if (!server) {
		*by = dsr_sched_opens(pkt) || pool->sched->stable ?
		      DSR_BY_SCHEDULER : DSR_BY_HASH;
		server = dsr_sched_peek(vip, pool, alike);
	}
	if (server && !dsr_flow_fits_in(dn, pkt)) {
		*by = DSR_BY_HASH;
		server = dsr_sched_stateless(vip, pool, alike);
	}
	if (server && server->sorry)
		*by = DSR_BY_SORRY;
	return server;
}
