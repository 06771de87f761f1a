/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_PACKET_H
#define _DSR_PACKET_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>

#include "dsr.h"
#include "state.h"
#include "stats.h"

/**
 * struct dsr_packet - what the data path knows of the packet in its hands
 * @client: its source
 * @vip: its destination
 * @cport: source port, 0 for a protocol without ports
 * @vport: destination port, likewise
 * @proto: IPPROTO_*
 * @signal: what it tells about the flow's state
 * @bytes: length of the IP packet without link-layer padding; of a GSO packet
 *	the length of what it is to be cut from
 * @hdrlen: IP and transport headers, in bytes: what each segment repeats
 */
struct dsr_packet {
	struct in6_addr client;
	struct in6_addr vip;
	__be16 cport;
	__be16 vport;
	u8 proto;
	u8 signal;
	unsigned int bytes;
	unsigned int hdrlen;
};

enum dsr_reason dsr_packet_parse4(struct dsr_packet *pkt, struct sk_buff *skb);
enum dsr_reason dsr_packet_parse6(struct dsr_packet *pkt, struct sk_buff *skb);
enum dsr_reason dsr_packet_prove(const struct dsr_packet *pkt,
				 const struct sk_buff *skb);

/* Segments on the wire of one skb */
static inline unsigned int dsr_packet_segments(const struct sk_buff *skb)
{
	return skb_is_gso(skb) ? max_t(u16, skb_shinfo(skb)->gso_segs, 1) : 1;
}

#endif /* _DSR_PACKET_H */
