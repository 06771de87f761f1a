/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way out: nothing else changes a packet. Inline for the sake of those that
 * take the straight way, of which the protocol is known; see xmit.c for others.
 */
#ifndef _DSR_XMIT_H
#define _DSR_XMIT_H

#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/skbuff.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/neighbour.h>

#include "compat.h"
#include "packet.h"
#include "server.h"
#include "trace.h"

/* One that is not set is where none can be, behind all others */
static inline bool dsr_has_mac_header(const struct sk_buff *skb)
{
	return skb->network_header - skb->mac_header >= ETH_HLEN;
}

/**
 * dsr_came_on_ethernet() - has the frame of a packet a MAC of its sender?
 * @skb: the packet
 *
 * Context: softirq.
 * Return: true if eth_hdr(skb) may be looked at.
 */
static inline bool dsr_came_on_ethernet(const struct sk_buff *skb)
{
	/* a fragment that has waited has no interface any more */
	return skb->dev && skb->dev->type == ARPHRD_ETHER &&
	       dsr_has_mac_header(skb);
}

/* Is mac its sender's? It hardly ever is, and no more is asked then. */
static inline bool dsr_came_from(const struct sk_buff *skb, const u8 *mac)
{
	return dsr_has_mac_header(skb) &&
	       unlikely(ether_addr_equal(eth_hdr(skb)->h_source, mac)) &&
	       dsr_came_on_ethernet(skb);
}

static inline u8 dsr_ttl(const struct sk_buff *skb, bool v4)
{
	if (v4)
		return ((const struct iphdr *)skb->data)->ttl;
	return ((const struct ipv6hdr *)skb->data)->hop_limit;
}

static inline void dsr_decrease_ttl(struct sk_buff *skb, bool v4)
{
	if (v4)
		ip_decrease_ttl((struct iphdr *)skb->data);
	else
		((struct ipv6hdr *)skb->data)->hop_limit--;
}

static inline bool dsr_exceeds_mtu(const struct sk_buff *skb,
				   const struct dsr_packet *pkt,
				   const struct net_device *dev)
{
	unsigned int mtu = READ_ONCE(dev->mtu);

	if (likely(pkt->bytes <= mtu))
		return false;
	return !skb_is_gso(skb) || !skb_shinfo(skb)->gso_type ||
	       !skb_gso_validate_network_len(skb, mtu);
}

/* Each segment on the wire repeats the headers */
static inline void dsr_count_forwarded(struct dsr_server *server,
				       const struct sk_buff *skb,
				       const struct dsr_packet *pkt)
{
	struct dsr_counters *c = this_cpu_ptr(server->counters);
	unsigned int segments = 1, bytes = pkt->bytes;

	if (unlikely(skb_is_gso(skb))) {
		segments = dsr_packet_segments(skb);
		bytes += (segments - 1) * pkt->hdrlen;
	}
	u64_stats_update_begin(&c->syncp);
	u64_stats_add(&c->packets, segments);
	u64_stats_add(&c->bytes, bytes);
	u64_stats_update_end(&c->syncp);
}

/* The stack must not mistake what goes out for what came in */
static inline void dsr_forget_input(struct sk_buff *skb)
{
	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
	skb_dst_drop(skb);
	nf_reset_ct(skb);
}

/**
 * dsr_xmit_path() - a packet leaves
 * @skb: data at the IP header, with room for an Ethernet header; gone afterwards
 * @path: where to
 *
 * Context: softirq, RCU.
 */
static __always_inline void dsr_xmit_path(struct sk_buff *skb,
					  const struct dsr_path *path)
{
	if (unlikely(!path->ready)) {
		neigh_output(path->neigh, skb, false);
		return;
	}
	memcpy(__skb_push(skb, ETH_HLEN), path->header, ETH_HLEN);
	dev_queue_xmit(skb);
}

/* The packet is not what it was when it came in */
static __always_inline void dsr_xmit_change(struct sk_buff *skb,
					    const struct dsr_packet *pkt,
					    struct dsr_server *server,
					    struct net_device *dev, bool v4)
{
	trace_dsr_forward(skb, &server->addr);
	dsr_decrease_ttl(skb, v4);
	dsr_forget_input(skb);
	__vlan_hwaccel_clear_tag(skb);
	dsr_count_forwarded(server, skb, pkt);
	skb->dev = dev;
}

enum dsr_reason dsr_xmit_large(struct sk_buff *skb, const struct dsr_packet *pkt,
			       struct dsr_server *server,
			       const struct dsr_path *path);
enum dsr_reason dsr_xmit_expired(const struct sk_buff *skb,
				 const struct dsr_packet *pkt);

/**
 * dsr_xmit() - send a packet to a server
 * @skb: data at the IP header; gone if DSR_FORWARDED or DSR_TAKEN is returned,
 *	otherwise untouched and still the caller's
 * @pkt: parsed @skb
 * @server: the server
 * @v4: it is IPv4
 *
 * Everything that may fail comes before the first write.
 *
 * Context: softirq, RCU.
 * Return: DSR_FORWARDED, DSR_TAKEN if not all of its parts could be sent, or why
 *	not.
 */
static __always_inline enum dsr_reason
dsr_xmit(struct sk_buff *skb, const struct dsr_packet *pkt,
	 struct dsr_server *server, bool v4)
{
	const struct dsr_nexthop *nexthop = rcu_dereference(server->nexthop);
	const struct dsr_path *path = rcu_dereference(nexthop->path);
	struct net_device *dev;

	if (unlikely(!path))
		return DSR_DROP_UNREACHABLE;
	dev = path->dev;

	if (dsr_came_from(skb, path->header) && path->ready) {
		dsr_counters_inc(server->counters, bounced);
		return DSR_DROP_BOUNCED;
	}
	if (unlikely(dsr_ttl(skb, v4) <= 1))
		return dsr_xmit_expired(skb, pkt);
	if (unlikely(dsr_exceeds_mtu(skb, pkt, dev)))
		return dsr_xmit_large(skb, pkt, server, path);
	if (unlikely(skb_cow_head(skb, LL_RESERVED_SPACE(dev))))
		return DSR_DROP_NO_MEMORY;

	dsr_xmit_change(skb, pkt, server, dev, v4);
	dsr_xmit_path(skb, path);
	return DSR_FORWARDED;
}

enum dsr_reason dsr_xmit_any(struct sk_buff *skb, const struct dsr_packet *pkt,
			     struct dsr_server *server);

#endif /* _DSR_XMIT_H */
