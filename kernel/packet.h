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
 * @frag: enum dsr_frag_part
 * @thoff: offset of the transport header, or of what a fragment has in its place
 * @id: names the datagram that a fragment is of, together with @client, @vip
 *	and @proto
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
	u8 frag;
	u16 thoff;
	__be32 id;
	unsigned int bytes;
	unsigned int hdrlen;
};

enum dsr_frag_part {
	DSR_FRAG_NONE,		/* a whole datagram */
	DSR_FRAG_FIRST,		/* the part with the ports */
	DSR_FRAG_LATER,		/* ports and signal are not set */
};

enum dsr_reason dsr_packet_parse4(struct dsr_packet *pkt, struct sk_buff *skb);
enum dsr_reason dsr_packet_parse6(struct dsr_packet *pkt, struct sk_buff *skb);
enum dsr_reason dsr_packet_parse_quote(struct dsr_packet *quote,
				       const struct dsr_packet *pkt,
				       const struct sk_buff *skb);
enum dsr_reason dsr_packet_prove(const struct dsr_packet *pkt,
				 const struct sk_buff *skb);

/* Segments on the wire of one skb */
static inline unsigned int dsr_packet_segments(const struct sk_buff *skb)
{
	return skb_is_gso(skb) ? max_t(u16, skb_shinfo(skb)->gso_segs, 1) : 1;
}

#endif /* _DSR_PACKET_H */
