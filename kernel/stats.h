/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_STATS_H
#define _DSR_STATS_H

#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>

#include "dsr.h"

/*
 * What can become of a packet: forwarded, answered, passed on to the stack, or
 * dropped.
 * The names are what users see; they are never changed, only added to.
 */
#define DSR_PASS_REASONS(X)						\
	X(NOT_VIP,	"not-vip")	/* another address */		\
	X(NO_PORT,	"no-port")	/* no VIP on that port */	\
	X(ICMP,		"icmp")		/* ICMP to a VIP's address */	\
	X(NOT_UNICAST,	"not-unicast")	/* broadcast, multicast */	\
	X(OTHER_HOST,	"other-host")	/* another MAC's frame */

#define DSR_DROP_REASONS(X)						\
	X(MALFORMED,	"malformed")	/* headers that contradict */	\
	X(MARTIAN,	"martian")	/* impossible source address */	\
	X(FRAGMENT,	"fragment")	/* the one with ports is missing */		\
	X(TTL,		"ttl")		/* arrived with TTL 1 */	\
	X(NO_SERVER,	"no-server")	/* none is up with a weight */	\
	X(FULL,		"full")		/* those have all the flows they may */ \
	X(UNREACHABLE,	"unreachable")	/* its server just went down */	\
	X(BOUNCED,	"bounced")	/* came from the VIP's server */\
	X(TOO_BIG,	"too-big")	/* for the way out */		\
	X(NO_MEMORY,	"no-memory")	/* for a private copy */

enum dsr_reason {
	DSR_FORWARDED,
	DSR_ANSWERED,		/* a question about a VIP of ours, or an echo */
#define X(id, name) DSR_PASS_##id,
	DSR_PASS_REASONS(X)
#undef X
#define X(id, name) DSR_DROP_##id,
	DSR_DROP_REASONS(X)
#undef X
	DSR_REASONS,
	DSR_TAKEN,	/* gone: it is counted already, or waits to be */
	DSR_PASS_FIRST = DSR_ANSWERED + 1,
	DSR_DROP_FIRST = DSR_DROP_MALFORMED,
};

extern const char *const dsr_reason_names[DSR_REASONS];

/**
 * struct dsr_stats - per-CPU packets of a namespace, by enum dsr_reason
 * @packets: only incremented, by its own CPU
 */
struct dsr_stats {
	u64 packets[DSR_REASONS];
};

/* Context: softirq */
static inline void dsr_stats_inc(struct dsr_net *dn, enum dsr_reason reason)
{
	this_cpu_inc(dn->stats->packets[reason]);
}

u64 dsr_stats_read(const struct dsr_net *dn, enum dsr_reason reason);

/**
 * struct dsr_counters - per-CPU counters of a server
 * @packets: forwarded; a GSO packet counts as its segments
 * @bytes: forwarded; IP header and payload
 * @flows: flows ever made
 * @bounced: frames that this server sent back
 * @retries: SYNs that clients repeated, in another second than the last one, as
 *	nobody had answered
 * @syncp: makes 64-bit counters whole on 32-bit hosts
 */
struct dsr_counters {
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t flows;
	u64_stats_t bounced;
	u64_stats_t retries;
	struct u64_stats_sync syncp;
};

/**
 * struct dsr_totals - the same, summed over CPUs
 * @packets: see struct dsr_counters
 * @bytes: see struct dsr_counters
 * @flows: see struct dsr_counters
 * @bounced: see struct dsr_counters
 * @retries: see struct dsr_counters
 */
struct dsr_totals {
	u64 packets;
	u64 bytes;
	u64 flows;
	u64 bounced;
	u64 retries;
};

/* One more of a field of struct dsr_counters. Context: softirq */
#define dsr_counters_inc(counters, field)				\
do {									\
	struct dsr_counters *__c = this_cpu_ptr(counters);		\
									\
	u64_stats_update_begin(&__c->syncp);				\
	u64_stats_inc(&__c->field);					\
	u64_stats_update_end(&__c->syncp);				\
} while (0)

void dsr_counters_add(struct dsr_totals *sum,
		      const struct dsr_counters __percpu *counters);

#endif /* _DSR_STATS_H */
