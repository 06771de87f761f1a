/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_SCHED_H
#define _DSR_SCHED_H

#include "dsr.h"
#include "packet.h"

/* A slot names a server by 16 bits */
#define DSR_POOL_SERVERS_MAX 65535

/**
 * struct dsr_pool - the servers of a VIP that take new flows
 * @rcu: frees it
 * @sched: whose table this is
 * @nr_servers: length of @server
 * @nr_slots: length of @slot; 0 if there is no server
 * @sorry: takes new flows when none of @server can; or NULL
 * @slot: indices into @server, each as often and in the order that the
 *	scheduler wants
 * @server: valid as long as the pool is read under RCU; sorted by address
 *
 * It does not change once published. A new one takes its place when servers
 * come, go or change: see dsr_sched_rebuild().
 */
struct dsr_pool {
	struct rcu_head rcu;
	const struct dsr_sched *sched;
	unsigned int nr_servers;
	unsigned int nr_slots;
	struct dsr_server *sorry;
	u16 *slot;
	struct dsr_server *server[];
};

/**
 * struct dsr_sched - a scheduler
 * @name: as in IPVS
 * @stable: it chooses the same server for a flow again, so flows that can't be
 *	remembered need no other rule
 * @turns: each flow moves the CPU's cursor on by a slot
 * @slots: how many slots the pool's table is to have; the pool has at least
 *	one server. Process context, dn->lock
 * @fill: fill them. Process context, dn->lock. 0 or -ENOMEM
 * @choose: the server for a packet's new flow; the pool has at least one slot.
 *	It may be full. NULL if none is to have the flow. Changes nothing.
 *	Softirq, RCU
 *
 * A scheduler is a table, filled when servers change, and a way to go through
 * it. That costs a packet the same however many servers there are, but for
 * schedulers which by their nature compare all servers at each choice.
 */
struct dsr_sched {
	const char *name;
	bool stable;
	bool turns;
	unsigned int (*slots)(const struct dsr_pool *pool);
	int (*fill)(struct dsr_pool *pool);
	struct dsr_server *(*choose)(const struct dsr_vip *vip,
				     const struct dsr_pool *pool,
				     const struct dsr_packet *pkt);
};

extern const struct dsr_sched dsr_sched_mh;
extern const struct dsr_sched dsr_sched_sh;
extern const struct dsr_sched dsr_sched_dh;
extern const struct dsr_sched dsr_sched_rr;
extern const struct dsr_sched dsr_sched_wrr;
extern const struct dsr_sched dsr_sched_lc;
extern const struct dsr_sched dsr_sched_wlc;
extern const struct dsr_sched dsr_sched_sed;
extern const struct dsr_sched dsr_sched_nq;
extern const struct dsr_sched dsr_sched_fo;
extern const struct dsr_sched dsr_sched_ovf;

/* Does a packet begin something? A connection may be met in its middle */
static inline bool dsr_sched_opens(const struct dsr_packet *pkt)
{
	return pkt->signal == DSR_SIGNAL_NONE || pkt->signal == DSR_SIGNAL_SYN;
}

const struct dsr_sched *dsr_sched_find(const char *name);
struct dsr_pool *dsr_pool_alloc(const struct dsr_sched *sched, unsigned int max);
void dsr_pool_add(struct dsr_pool *pool, struct dsr_server *server, u32 share);
int dsr_pool_fill(struct dsr_pool *pool);
void dsr_pool_drop(struct dsr_pool *pool);
void dsr_pool_publish(struct dsr_vip *vip, struct dsr_pool *pool);
int dsr_sched_rebuild(struct dsr_vip *vip);
void dsr_sched_release(struct dsr_vip *vip);

unsigned int dsr_sched_each_slots(const struct dsr_pool *pool);
int dsr_sched_each_fill(struct dsr_pool *pool);
unsigned int dsr_sched_maglev_slots(const struct dsr_pool *pool);
int dsr_sched_maglev_fill(struct dsr_pool *pool);

struct dsr_server *dsr_sched_peek(const struct dsr_vip *vip,
				  const struct dsr_pool *pool,
				  const struct dsr_packet *pkt);
struct dsr_server *dsr_sched_choose(const struct dsr_vip *vip,
				    const struct dsr_pool *pool,
				    const struct dsr_packet *pkt);
struct dsr_server *dsr_sched_stateless(const struct dsr_vip *vip,
				       const struct dsr_pool *pool,
				       const struct dsr_packet *pkt);
struct dsr_server *dsr_sched_member(const struct dsr_pool *pool,
				    const struct in6_addr *addr);
struct dsr_server *dsr_sched_slot(const struct dsr_pool *pool, u32 hash);
struct dsr_server *dsr_sched_turn(const struct dsr_vip *vip,
				  const struct dsr_pool *pool,
				  const struct dsr_packet *pkt);
struct dsr_server *dsr_sched_hash(const struct dsr_vip *vip,
				  const struct dsr_pool *pool,
				  const struct dsr_packet *pkt);

#endif /* _DSR_SCHED_H */
