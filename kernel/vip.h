/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_VIP_H
#define _DSR_VIP_H

#include <linux/rcupdate.h>

#include "addr.h"
#include "dsr.h"
#include "packet.h"
#include "state.h"

/**
 * struct dsr_vip_key - what names a VIP
 * @port: 0 for every port
 * @proto: IPPROTO_*, 0 for any; then @port is 0 too
 * @addr: its address; see struct dsr_packet
 */
struct dsr_vip_key {
	__be16 port;
	u8 proto;
	struct in6_addr addr;
};

/**
 * struct dsr_vip_opts - what an operator can set of a VIP
 * @sched: its scheduler
 * @arp: enum dsr_arp
 * @on_down: enum dsr_on_down
 * @mask: clients of the same prefix persist together; its length in bits, of a
 *	mapped IPv6 address
 * @persistence: seconds that a client stays with its server; 0: does not
 * @timeouts: seconds of silence after which a flow is forgotten, by state
 * @sorry: serves when no other server can; all zero: nobody
 */
struct dsr_vip_opts {
	const struct dsr_sched *sched;
	u8 arp;
	u8 on_down;
	u8 mask;
	u32 persistence;
	u32 timeouts[DSR_FLOW_STATES];
	struct in6_addr sorry;
};

/**
 * struct dsr_vip - a virtual service
 * @pool: what its scheduler chooses from; NULL while it is made, and after its
 *	end. Changed under dn->lock, read under RCU
 * @cursors: where each CPU goes on, for schedulers that take turns
 * @opts: what was set; changed under dn->lock, a word at a time, as packets
 *	read it under RCU
 * @key: what names it
 * @port_last: last port of a range, or key.port; constant
 * @id: its place in dsr_net->vip_ids; constant
 * @load: number of the last load that named it; dn->lock
 * @stale: in dsr_net->stale if servers came or went and @pool is to be rebuilt;
 *	dn->lock
 * @dn: the director; constant
 * @addr: its address's entry; constant
 * @servers: list of struct dsr_server; changed under dn->lock, read under RCU
 * @sorry: the one of them that is @opts.sorry, or NULL; dn->lock
 * @nr_servers: length of @servers; dn->lock
 * @next_server_id: for the next server; dn->lock
 * @gone: sum of the counters of deleted servers; dn->lock
 * @refs: one while it is configured, one for each server that exists
 * @rcu: frees it
 */
struct dsr_vip {
	struct dsr_pool __rcu *pool;
	u32 __percpu *cursors;

	struct dsr_vip_opts opts;
	struct dsr_vip_key key;
	__be16 port_last;
	u32 id;
	u64 load;
	struct dsr_net *dn;
	struct dsr_addr *addr;
	struct list_head stale;
	struct list_head servers;
	struct dsr_server *sorry;
	unsigned int nr_servers;
	u32 next_server_id;
	struct dsr_totals gone;
	refcount_t refs;
	struct rcu_head rcu;
};

static inline bool dsr_vip_is_range(const struct dsr_vip *vip)
{
	return vip->port_last != vip->key.port;
}

struct dsr_vip *dsr_vip_match(struct dsr_net *dn, const struct dsr_packet *pkt);
struct dsr_vip *dsr_vip_find(struct dsr_net *dn, const struct dsr_vip_key *key,
			     __be16 port_last);
u64 dsr_vip_totals(const struct dsr_vip *vip, struct dsr_totals *totals);
struct dsr_vip *dsr_vip_next(struct dsr_net *dn, unsigned long *id);
int dsr_vip_add(struct dsr_net *dn, const struct dsr_vip_key *key,
		__be16 port_last, const struct dsr_vip_opts *opts,
		struct netlink_ext_ack *extack);
int dsr_vip_set(struct dsr_vip *vip, const struct dsr_vip_opts *opts,
		struct netlink_ext_ack *extack);
void dsr_vip_opts_init(struct dsr_vip_opts *opts);
struct dsr_vip *dsr_vip_make(struct dsr_net *dn, const struct dsr_vip_key *key,
			     __be16 port_last, const struct dsr_vip_opts *opts);
void dsr_vip_discard(struct dsr_vip *vip);
void dsr_vip_enter(struct dsr_vip *vip);
void dsr_vip_apply(struct dsr_vip *vip, const struct dsr_vip_opts *opts);
void dsr_vip_del(struct dsr_vip *vip);
void dsr_vip_flush(struct dsr_net *dn);
void dsr_vip_put(struct dsr_vip *vip);
int dsr_vip_init(struct dsr_net *dn);
void dsr_vip_exit(struct dsr_net *dn);

#endif /* _DSR_VIP_H */
