/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_SERVER_H
#define _DSR_SERVER_H

#include <linux/if_ether.h>

#include "dsr.h"
#include "nexthop.h"
#include "stats.h"

/**
 * struct dsr_server_opts - what an operator can set of a server
 * @weight: 0 to DSR_WEIGHT_MAX
 * @max_flows: takes no more active flows than that; 0: no bound
 * @drain: counts as if @weight were 0
 * @pin: MAC and interface, if they are fixed
 */
struct dsr_server_opts {
	u32 weight;
	u32 max_flows;
	bool drain;
	struct dsr_pin pin;
};

/**
 * struct dsr_server - a real server of one VIP
 * @nexthop: how to reach it; changed under dn->lock, read under RCU
 * @counters: what it was sent
 * @vip: its VIP; constant, it holds a reference
 * @alive: it is configured and can be reached: a flow on it may go on. Changed
 *	under dn->lock, read by packets
 * @removed: it is not configured any more; dn->lock
 * @sorry: it is the sorry server; constant
 * @drained: the end of its drain was told; dn->lock
 * @addr: its address; constant
 * @id: its place among the servers of the VIP; constant
 * @weight: what counts: 0 while it drains; changed under dn->lock
 * @max_flows: as in @opts, for packets; changed under dn->lock
 * @share: its weight in the pool whose table is being filled; dn->lock
 * @load: number of the last load that named it; dn->lock
 * @opts: what was set; dn->lock
 * @list: in dsr_vip->servers
 * @sibling: in dsr_nexthop->servers; dn->lock
 * @rcu: frees it
 * @refs: one while it is configured, one for each flow on it. Apart from what
 *	packets read, since every new flow writes it
 * @active: flows on it in an active state; written when that changes
 */
struct dsr_server {
	struct dsr_nexthop __rcu *nexthop;
	struct dsr_counters __percpu *counters;
	struct dsr_vip *vip;
	bool alive;

	bool removed;
	bool sorry;
	bool drained;
	struct in6_addr addr;
	u32 id;
	u32 weight;
	u32 max_flows;
	u32 share;
	u64 load;
	struct dsr_server_opts opts;
	struct list_head list;
	struct list_head sibling;
	struct rcu_head rcu;

	refcount_t refs ____cacheline_aligned_in_smp;
	atomic_t active;
};

/* Context: RCU or a reference. Return: flows on the server. */
static inline unsigned int dsr_server_flows(const struct dsr_server *server)
{
	unsigned int refs = refcount_read(&server->refs);

	return refs && !READ_ONCE(server->removed) ? refs - 1 : refs;
}

/* Context: RCU or a reference. Return: does it take no more new flows? */
static inline bool dsr_server_full(const struct dsr_server *server)
{
	u32 max = READ_ONCE(server->max_flows);

	return max && atomic_read(&server->active) >= (int)min_t(u32, max, INT_MAX);
}

struct dsr_server *dsr_server_find(const struct dsr_vip *vip,
				   const struct in6_addr *addr);
struct dsr_server *dsr_server_attach(struct dsr_vip *vip,
				     const struct in6_addr *addr,
				     const struct dsr_server_opts *opts,
				     struct netlink_ext_ack *extack);
int dsr_server_attach_sorry(struct dsr_vip *vip, const struct in6_addr *addr,
			    struct netlink_ext_ack *extack);
void dsr_server_detach(struct dsr_server *server);
struct dsr_server *dsr_server_make(struct dsr_vip *vip,
				   const struct in6_addr *addr,
				   const struct dsr_server_opts *opts);
void dsr_server_discard(struct dsr_server *server);
void dsr_server_enter(struct dsr_server *server);
void dsr_server_apply(struct dsr_server *server,
		      const struct dsr_server_opts *opts,
		      struct dsr_nexthop *nexthop);
void dsr_server_remove(struct dsr_server *server);
void dsr_server_follow(struct dsr_server *server);
u8 dsr_server_state(const struct dsr_server *server, u8 *why);
void dsr_server_tell_drained(struct dsr_net *dn);
void dsr_server_put(struct dsr_server *server);

#endif /* _DSR_SERVER_H */
