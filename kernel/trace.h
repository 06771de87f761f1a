/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints: what becomes of each packet, and why. All fields have a fixed
 * size; addresses are struct sockaddr_in or sockaddr_in6, with the port.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM dsr

#if !defined(_DSR_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _DSR_TRACE_H

#include <linux/in6.h>
#include <linux/skbuff.h>
#include <linux/tracepoint.h>

#include "stats.h"

void dsr_trace_ends(const struct sk_buff *skb, u8 *source, u8 *dest, u8 *proto);
void dsr_trace_addr(const struct in6_addr *addr, u8 *to);

#define X_PASS(id, name) { DSR_PASS_##id, name },
#define X_DROP(id, name) { DSR_DROP_##id, name },
#define DSR_REASON_SYMBOLS						\
	{ DSR_ANSWERED, "answered" },					\
	DSR_PASS_REASONS(X_PASS)					\
	DSR_DROP_REASONS(X_DROP)					\
	{ DSR_FORWARDED, "forwarded" }

/* A packet that is passed on to the stack, dropped, or answered */
TRACE_EVENT(dsr_packet,
	TP_PROTO(const struct sk_buff *skb, enum dsr_reason reason),
	TP_ARGS(skb, reason),

	TP_STRUCT__entry(
		__field(const void *, skbaddr)
		__field(unsigned int, len)
		__field(int, ifindex)
		__field(u16, protocol)
		__field(u8, proto)
		__field(u8, reason)
		__array(u8, source, sizeof(struct sockaddr_in6))
		__array(u8, dest, sizeof(struct sockaddr_in6))
	),

	TP_fast_assign(
		__entry->skbaddr = skb;
		__entry->len = skb->len;
		__entry->ifindex = skb->skb_iif;
		__entry->protocol = ntohs(skb->protocol);
		__entry->reason = reason;
		dsr_trace_ends(skb, __entry->source, __entry->dest,
			       &__entry->proto);
	),

	TP_printk("reason=%s protocol=0x%04x proto=%u %pISpc > %pISpc ifindex=%d len=%u skbaddr=%p",
		  __print_symbolic(__entry->reason, DSR_REASON_SYMBOLS),
		  __entry->protocol, __entry->proto, __entry->source,
		  __entry->dest, __entry->ifindex, __entry->len,
		  __entry->skbaddr)
);

/* A packet that goes to a server */
TRACE_EVENT(dsr_forward,
	TP_PROTO(const struct sk_buff *skb, const struct in6_addr *server),
	TP_ARGS(skb, server),

	TP_STRUCT__entry(
		__field(const void *, skbaddr)
		__field(unsigned int, len)
		__field(int, ifindex)
		__field(u8, proto)
		__array(u8, source, sizeof(struct sockaddr_in6))
		__array(u8, dest, sizeof(struct sockaddr_in6))
		__array(u8, server, sizeof(struct sockaddr_in6))
	),

	TP_fast_assign(
		__entry->skbaddr = skb;
		__entry->len = skb->len;
		__entry->ifindex = skb->skb_iif;
		dsr_trace_ends(skb, __entry->source, __entry->dest,
			       &__entry->proto);
		dsr_trace_addr(server, __entry->server);
	),

	TP_printk("server=%pISc proto=%u %pISpc > %pISpc ifindex=%d len=%u skbaddr=%p",
		  __entry->server, __entry->proto, __entry->source,
		  __entry->dest, __entry->ifindex, __entry->len,
		  __entry->skbaddr)
);

#endif /* _DSR_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
