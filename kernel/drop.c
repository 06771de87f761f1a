// SPDX-License-Identifier: GPL-2.0-only
/* The end of a packet, and who is told why. */
#include "compat.h"
#include "drop.h"
#include "trace.h"

/*
 * The core's reason that comes closest, for tools that watch all drops of a
 * host. A module can't add its own.
 */
static enum skb_drop_reason dsr_drop_reason(enum dsr_reason reason)
{
	switch (reason) {
	case DSR_DROP_MALFORMED:
	case DSR_DROP_TTL:	/* as in the core's own forwarding */
		return SKB_DROP_REASON_IP_INHDR;
	case DSR_DROP_MARTIAN:
		return SKB_DROP_REASON_IP_INADDRERRORS;
	case DSR_DROP_FRAGMENT:
		return DSR_SKB_DROP_FRAGMENT;
	case DSR_DROP_NO_SERVER:
		return SKB_DROP_REASON_IP_OUTNOROUTES;
	case DSR_DROP_UNREACHABLE:
		return SKB_DROP_REASON_NEIGH_FAILED;
	case DSR_DROP_TOO_BIG:
		return SKB_DROP_REASON_PKT_TOO_BIG;
	case DSR_DROP_NO_MEMORY:
		return SKB_DROP_REASON_NOMEM;
	default:
		return SKB_DROP_REASON_NETFILTER_DROP;
	}
}

/**
 * dsr_drop() - count, trace and free a packet
 * @dn: the director
 * @skb: data at the network header; gone afterwards
 * @reason: DSR_DROP_*
 *
 * Context: any.
 */
void dsr_drop(struct dsr_net *dn, struct sk_buff *skb, enum dsr_reason reason)
{
	dsr_stats_inc(dn, reason);
	trace_dsr_packet(skb, reason);
	kfree_skb_reason(skb, dsr_drop_reason(reason));
}
