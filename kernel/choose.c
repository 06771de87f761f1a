// SPDX-License-Identifier: GPL-2.0-only
/* The server for a packet without a flow: persistence, scheduler, hash. */
#include "choose.h"
#include "flow.h"
#include "persist.h"
#include "server.h"
#include "vip.h"

/* Flows that are to stay together are alike to a scheduler: a packet, or buf */
static const struct dsr_packet *dsr_choose_alike(const struct dsr_vip *vip,
						 const struct dsr_packet *pkt,
						 struct dsr_packet *buf)
{
	if (!READ_ONCE(vip->opts.persistence))
		return pkt;
	*buf = *pkt;
	ipv6_addr_prefix(&buf->client, &pkt->client, READ_ONCE(vip->opts.mask));
	buf->cport = 0;
	return buf;
}

/**
 * dsr_choose_server() - the server for a new flow
 * @dn: the director
 * @vip: the VIP
 * @pool: its servers
 * @pkt: the flow's first packet
 *
 * The flow is remembered, unless that can't be.
 *
 * Context: softirq, RCU.
 * Return: the server; NULL if there is none to be had.
 */
struct dsr_server *dsr_choose_server(struct dsr_net *dn,
				     const struct dsr_vip *vip,
				     const struct dsr_pool *pool,
				     const struct dsr_packet *pkt)
{
	bool persistent = READ_ONCE(vip->opts.persistence);
	struct dsr_server *chosen = NULL, *pinned;
	const struct dsr_packet *alike;
	struct dsr_packet buf __dsr_filled_in;

	alike = dsr_choose_alike(vip, pkt, &buf);

	if (persistent)
		chosen = dsr_persist_server(dn, vip, pool, &pkt->client);
	if (!chosen)
		chosen = dsr_sched_choose(vip, pool, alike);
	if (!chosen)
		return NULL;
	pinned = dsr_flow_pin(dn, pkt, chosen);
	if (!pinned)
		return dsr_sched_stateless(vip, pool, alike);
	if (persistent && !pinned->sorry)
		dsr_persist_learn(dn, vip, &pkt->client, pinned);
	return pinned;
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
 * dsr_choose_foresee() - what dsr_choose_server() would say
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
