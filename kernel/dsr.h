/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_H
#define _DSR_H

#ifdef pr_fmt
#undef pr_fmt
#endif
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/in6.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/netdevice.h>
#include <linux/ratelimit.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <uapi/linux/dsr.h>

/*
 * Who owns whom:
 *
 *	dsr_net -> dsr_vip -> dsr_server -> dsr_nexthop -> dsr_path
 *	           dsr_vip -> dsr_pool (what a scheduler chooses from)
 *	dsr_net -> dsr_flow -> dsr_server
 *	dsr_net -> dsr_dev
 *
 * Locks and lifetimes:
 *
 *	Configuration is changed under dsr_net->lock, a mutex. It nests inside
 *	RTNL: device notifiers take it with RTNL held, so nothing takes RTNL
 *	while it holds dsr_net->lock.
 *
 *	Packets and dumps read under RCU and take no lock. Everything that they
 *	reach is freed a grace period after it was unlinked.
 *
 *	A packet writes to its flow (one cache line, used by the CPU that the
 *	flow's packets come in on) and to per-CPU counters. The first packet of
 *	a flow also takes a bucket lock of the flow table and counts itself in
 *	its server's references.
 *
 * IPv4 addresses are held as IPv4-mapped IPv6 addresses throughout: one form
 * of every key, and no packet with a mapped address is accepted from the wire.
 */

struct dsr_addr;
struct dsr_counters;
struct dsr_dev;
struct dsr_filter;
struct dsr_flow;
struct dsr_flow_batch;
struct dsr_frag;
struct dsr_nexthop;
struct dsr_packet;
struct dsr_pool;
struct dsr_server;
struct dsr_services;
struct dsr_speaker;
struct dsr_stats;
struct dsr_vip;
struct genl_info;

/**
 * struct dsr_net - the director of one network namespace
 * @net: the namespace; it outlives this
 * @filter: which addresses are no VIP's; changed under @lock, read under RCU
 * @addrs: struct dsr_addr by address: which VIPs has it?
 * @flows: struct dsr_flow by client, VIP and protocol
 * @frags: struct dsr_frag by what the fragments of a datagram share
 * @frags_held: fragments that wait for the one with the ports
 * @stats: packets by what became of them
 * @persist: struct dsr_persist by client and VIP
 * @evicted: flows that each CPU unlinked to make room and has yet to free
 * @arp_foreign: times that another host claimed a VIP
 * @arp_limit: of events that tell so
 * @reply_limit: of ICMP errors of our own
 * @flows_max: flows beyond this are forwarded by hash and not remembered
 * @flows_max_auto: nobody has set @flows_max; changed under @lock
 * @drained: a drain may have come to its end: to be looked at by @flow_work
 * @lock: serialises changes to all below, and to what hangs off it
 * @vip_ids: struct dsr_vip by id, in the order of their making; read under RCU
 * @addr_list: list of the same struct dsr_addr
 * @devs: list of struct dsr_dev; changed under @lock, read under RCU
 * @nexthops: list of struct dsr_nexthop
 * @stale: list of struct dsr_vip whose pool is to be rebuilt
 * @macs: struct dsr_nexthop by the MAC in use; changed under @lock, read under
 *	RCU
 * @loads: loads that were begun
 * @next_vip_id: where the search for a free id starts
 * @nr_vips: the hooks are in place while it is not 0
 * @generation: another number after each change of the configuration, odd while
 *	one is being made, never 0; changed under @lock, read by dumps
 * @cause: the command that is being done, for the events that it makes; or NULL
 * @hooked: the hooks are registered
 * @inet_ops: those at PRE_ROUTING, IPv4's and IPv6's
 * @flow_work: forgets flows that have timed out or lost their server
 * @flow_iter: where @flow_work goes on; only used by it
 * @flow_pace: flows that it looks at in a second of this round; likewise
 * @persist_iter: likewise, in @persist
 * @frag_work: forgets fragments
 * @speak_lock: protects @speakers and what of addresses belongs to them; softirq,
 *	nests inside @lock
 * @speakers: list of struct dsr_speaker: other hosts that speak for addresses
 * @speak_again: all is to be announced anew; @lock
 * @speak_asked: when @speakers were asked, in jiffies; only used by @speak_work
 * @speak_work: asks @speakers, announces what the module speaks for
 * @nexthop_work: follows routes and neighbours
 */
struct dsr_net {
	struct net *net;
	struct dsr_filter __rcu *filter;
	struct rhashtable addrs;
	struct rhashtable flows;
	struct rhashtable frags;
	atomic_t frags_held;
	struct dsr_stats __percpu *stats;
	struct rhashtable persist;
	struct dsr_flow_batch * __percpu *evicted;
	atomic_t arp_foreign;
	struct ratelimit_state arp_limit;
	struct ratelimit_state reply_limit;
	unsigned int flows_max;
	bool flows_max_auto;
	bool drained;

	struct mutex lock;
	struct xarray vip_ids;
	struct list_head addr_list;
	struct list_head devs;
	struct list_head nexthops;
	struct list_head stale;
	struct hlist_head macs[64];
	u64 loads;
	u32 next_vip_id;
	unsigned int nr_vips;
	u32 generation;
	struct genl_info *cause;
	bool hooked;
	struct nf_hook_ops inet_ops[2];

	struct delayed_work flow_work;
	struct rhashtable_iter flow_iter;
	unsigned int flow_pace;
	struct rhashtable_iter persist_iter;
	struct delayed_work frag_work;
	spinlock_t speak_lock;
	struct list_head speakers;
	bool speak_again;
	unsigned long speak_asked;
	struct delayed_work speak_work;
	struct delayed_work nexthop_work;
};

extern unsigned int dsr_net_id;
extern struct workqueue_struct *dsr_wq;

struct dsr_net *dsr_net(const struct net *net);

/* The generation that begins when the change that is being made is done */
static inline u32 dsr_net_next_generation(const struct dsr_net *dn)
{
	/* 0 would mean "no check" to dumps */
	return (dn->generation | 1) + 1 ?: 2;
}

/*
 * Whoever lets others see a change of the configuration says so before by this;
 * the command that it is a part of ends with dsr_net_changed(). Both under
 * dn->lock. Dumps go on meanwhile and tell that they were interrupted.
 */
static inline void dsr_net_change(struct dsr_net *dn)
{
	lockdep_assert_held(&dn->lock);

	WRITE_ONCE(dn->generation, dn->generation | 1);
	smp_wmb();	/* with smp_rmb() in dsr_nl_dump_end() */
}

static inline void dsr_net_changed(struct dsr_net *dn)
{
	lockdep_assert_held(&dn->lock);

	/* with smp_load_acquire() in dsr_nl_dump_begin() */
	if (dn->generation & 1)
		smp_store_release(&dn->generation, dsr_net_next_generation(dn));
}

static inline bool dsr_is_v4(const struct in6_addr *addr)
{
	return ipv6_addr_v4mapped(addr);
}

static inline u8 dsr_family(const struct in6_addr *addr)
{
	return dsr_is_v4(addr) ? AF_INET : AF_INET6;
}

static inline __be32 dsr_v4(const struct in6_addr *addr)
{
	return addr->s6_addr32[3];
}

#endif /* _DSR_H */
