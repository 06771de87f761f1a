/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_VIP_H
#define _DSR_VIP_H

#include <linux/rcupdate.h>

#include "dsr.h"
#include "filter.h"
#include "packet.h"
#include "state.h"

/**
 * struct dsr_vip_key - what names a VIP
 * @port: 0 for every port
 * @proto: IPPROTO_*, 0 for any; then @port is 0 too
 * @addr: its address; see struct dsr_packet
 *
 * A range is not found by its key but through its address.
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
 * struct dsr_addr - an address that has VIPs
 * @node: in dsr_net->addrs
 * @addr: the key
 * @ranges: VIPs on port ranges here, sorted by protocol and port; or NULL
 * @arp_off: VIPs here that say arp off: one is enough, as half an address can't
 *	be answered for; changed under dn->lock
 * @usable: VIPs here with a server that takes flows; changed under dn->lock
 * @vips: VIPs here; changed under dn->lock
 * @planned: what a load in progress makes of @ranges, or NULL; dn->lock
 * @users: VIPs here, also those that are just being made; dn->lock
 * @rcu: frees it
 */
struct dsr_addr {
	struct rhash_head node;
	struct in6_addr addr;
	struct dsr_ranges __rcu *ranges;
	unsigned int arp_off;
	unsigned int usable;
	unsigned int vips;
	struct dsr_ranges *planned;
	unsigned int users;
	struct rcu_head rcu;
};

/**
 * struct dsr_ranges - VIPs on port ranges of one address
 * @rcu: frees it
 * @n: how many
 * @vip: sorted by protocol, then port; ranges of a protocol do not overlap
 */
struct dsr_ranges {
	struct rcu_head rcu;
	unsigned int n;
	struct dsr_vip *vip[];
};

/**
 * struct dsr_vip - a virtual service
 * @pool: what its scheduler chooses from; NULL while it is made, and no packet
 *	is for it; changed under dn->lock, read under RCU
 * @cursors: where each CPU goes on, for schedulers that take turns
 * @opts: what was set; changed under dn->lock, a word at a time, as packets
 *	read it under RCU
 * @node: in dsr_net->vips, unless it is a range
 * @key: what names it
 * @port_last: last port of a range, or key.port; constant
 * @id: its place in dsr_net->vip_ids; constant
 * @kept: a load in progress names it; dn->lock
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
	struct rhash_head node;
	struct dsr_vip_key key;
	__be16 port_last;
	u32 id;
	bool kept;
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

static inline u32 dsr_addr_key_hash(const void *data, u32 len, u32 seed)
{
	return dsr_addr_hash(dsr_addr_fold(data), seed);
}

static inline int dsr_addr_cmp(struct rhashtable_compare_arg *arg,
			       const void *obj)
{
	const struct dsr_addr *addr = obj;

	return !ipv6_addr_equal(&addr->addr, arg->key);
}

static const struct rhashtable_params dsr_addr_params = {
	.head_offset = offsetof(struct dsr_addr, node),
	.key_offset = offsetof(struct dsr_addr, addr),
	.key_len = sizeof(struct in6_addr),
	.hashfn = dsr_addr_key_hash,
	.obj_cmpfn = dsr_addr_cmp,
	.automatic_shrinking = true,
};

/**
 * dsr_addr_find() - is an address a VIP's?
 * @dn: the director
 * @addr: an address
 *
 * Context: RCU.
 * Return: its entry, or NULL.
 */
static inline struct dsr_addr *dsr_addr_find(struct dsr_net *dn,
					     const struct in6_addr *addr)
{
	return rhashtable_lookup(&dn->addrs, addr, dsr_addr_params);
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
			     __be16 port_last, const struct dsr_vip_opts *opts,
			     struct netlink_ext_ack *extack);
void dsr_vip_discard(struct dsr_vip *vip);
void dsr_vip_enter(struct dsr_vip *vip);
void dsr_vip_apply(struct dsr_vip *vip, const struct dsr_vip_opts *opts);
void dsr_vip_del(struct dsr_vip *vip);
void dsr_vip_flush(struct dsr_net *dn);
void dsr_vip_put(struct dsr_vip *vip);
int dsr_vip_init(struct dsr_net *dn);
void dsr_vip_exit(struct dsr_net *dn);

#endif /* _DSR_VIP_H */
