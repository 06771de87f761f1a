/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_PACKET_H
#define _DSR_PACKET_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>

#include "dsr.h"
#include "state.h"
#include "stats.h"

/**
 * struct dsr_packet - what the data path knows of the packet in its hands
 * @cport: source port, 0 for a protocol without ports
 * @vport: destination port, likewise
 * @ports: both
 * @proto: IPPROTO_*
 * @signal: what it tells about the flow's state
 * @frag: enum dsr_frag_part
 * @client: its source
 * @vip: its destination
 * @thoff: offset of the transport header, or of what a fragment has in its place
 * @id: names the datagram that a fragment is of, together with @client, @vip
 *	and @proto
 * @from: where the part begins in the datagram that a fragment is of; bytes
 * @to: where it ends
 * @last: it is the last part
 * @bytes: length of the IP packet without link-layer padding; of a GSO packet
 *	the length of what it is to be cut from
 * @hdrlen: IP and transport headers, in bytes: what each segment repeats
 *
 * An address is not the first: then gcc would align the stack for it.
 */
struct dsr_packet {
	union {
		struct {
			__be16 cport;
			__be16 vport;
		};
		__be32 ports;
	};
	u8 proto;
	u8 signal;
	u8 frag;
	struct in6_addr client;
	struct in6_addr vip;
	u16 thoff;
	__be32 id;
	u32 from;
	u32 to;
	bool last;
	unsigned int bytes;
	unsigned int hdrlen;
};

enum dsr_frag_part {
	DSR_FRAG_NONE,		/* a whole datagram */
	DSR_FRAG_FIRST,		/* the part with the ports */
	DSR_FRAG_LATER,		/* ports and signal are not set */
};

/*
 * A hardened kernel's compiler clears what is on the stack. A packet is filled
 * in, and clearing it first would cost as much again.
 */
#if __has_attribute(__uninitialized__)
#define __dsr_filled_in __attribute__((__uninitialized__))
#else
#define __dsr_filled_in
#endif

static inline u8 dsr_tcp_signal(const struct tcphdr *tcp)
{
	if (tcp->rst)
		return DSR_SIGNAL_RST;
	if (tcp->syn)
		return DSR_SIGNAL_SYN;
	if (tcp->fin)
		return DSR_SIGNAL_FIN;
	return DSR_SIGNAL_DATA;
}

/*
 * Are the first len bytes there, and nothing behind the packet? An skb that is not
 * linear has them anywhere.
 */
static __always_inline bool dsr_packet_has(const struct sk_buff *skb,
					   unsigned int bytes, unsigned int len)
{
	return likely(skb->len == bytes && skb_headlen(skb) >= len);
}

/* All that the transport header of a plain packet tells */
static __always_inline bool dsr_packet_plain(struct dsr_packet *pkt,
					     const struct sk_buff *skb,
					     u8 proto, unsigned int thoff,
					     unsigned int bytes)
{
	const struct tcphdr *tcp = (const struct tcphdr *)(skb->data + thoff);

	if (proto == IPPROTO_UDP) {
		if (!dsr_packet_has(skb, bytes, thoff + sizeof(struct udphdr)))
			return false;
		pkt->signal = DSR_SIGNAL_NONE;
		pkt->hdrlen = thoff + sizeof(struct udphdr);
	} else if (proto == IPPROTO_TCP) {
		if (!dsr_packet_has(skb, bytes, thoff + sizeof(*tcp)))
			return false;
		pkt->signal = dsr_tcp_signal(tcp);
		pkt->hdrlen = thoff + tcp->doff * 4;
	} else {
		return false;
	}

	/* ports are at the same place in both headers */
	pkt->ports = *(const __be32 *)tcp;
	pkt->proto = proto;
	pkt->frag = DSR_FRAG_NONE;
	pkt->thoff = thoff;
	pkt->bytes = bytes;
	return true;
}

/**
 * dsr_packet_plain4() - parse a plain IPv4 packet
 * @pkt: filled in
 * @skb: data at the IP header, which is there in full (20 bytes)
 *
 * Most packets are whole datagrams of TCP or UDP without options, sound, and
 * with their headers in one piece. They are parsed here, on the spot; others by
 * dsr_packet_parse4(), which finds the same in these.
 *
 * Context: softirq.
 * Return: true if it is plain; otherwise @pkt is not valid.
 */
static __always_inline bool dsr_packet_plain4(struct dsr_packet *pkt,
					      const struct sk_buff *skb)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;

	if (unlikely(iph->version != 4 || iph->ihl != 5 ||
		     ip_is_fragment(iph)))
		return false;
	ipv6_addr_set_v4mapped(iph->saddr, &pkt->client);
	ipv6_addr_set_v4mapped(iph->daddr, &pkt->vip);
	return dsr_packet_plain(pkt, skb, iph->protocol, sizeof(*iph),
				ntohs(iph->tot_len));
}

/**
 * dsr_packet_plain6() - parse a plain IPv6 packet
 * @pkt: filled in
 * @skb: data at the IPv6 header, which is there in full
 *
 * Context: softirq.
 * Return: true if it is plain; otherwise @pkt is not valid.
 */
static __always_inline bool dsr_packet_plain6(struct dsr_packet *pkt,
					      const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h = (const struct ipv6hdr *)skb->data;

	if (unlikely(ip6h->version != 6))
		return false;
	pkt->client = ip6h->saddr;
	pkt->vip = ip6h->daddr;
	return dsr_packet_plain(pkt, skb, ip6h->nexthdr, sizeof(*ip6h),
				ntohs(ip6h->payload_len) + sizeof(*ip6h));
}

enum dsr_reason dsr_packet_parse4(struct dsr_packet *pkt, struct sk_buff *skb);
enum dsr_reason dsr_packet_parse6(struct dsr_packet *pkt, struct sk_buff *skb);
enum dsr_reason dsr_packet_parse_quote(struct dsr_packet *quote,
				       const struct dsr_packet *pkt,
				       const struct sk_buff *skb);
enum dsr_reason dsr_packet_prove(const struct dsr_packet *pkt,
				 const struct sk_buff *skb);

/**
 * dsr_packet_source_possible() - can a client have that address?
 * @pkt: parsed
 *
 * Context: any.
 * Return: true if it can.
 */
static inline bool dsr_packet_source_possible(const struct dsr_packet *pkt)
{
	__be32 v4 = dsr_v4(&pkt->client);

	if (ipv6_addr_equal(&pkt->client, &pkt->vip))
		return false;
	if (dsr_is_v4(&pkt->client))
		return !ipv4_is_multicast(v4) && !ipv4_is_lbcast(v4) &&
		       !ipv4_is_zeronet(v4) && !ipv4_is_loopback(v4);
	return !ipv6_addr_is_multicast(&pkt->client) &&
	       !ipv6_addr_any(&pkt->client) &&
	       !ipv6_addr_loopback(&pkt->client);
}

/* Segments on the wire of one skb */
static inline unsigned int dsr_packet_segments(const struct sk_buff *skb)
{
	return skb_is_gso(skb) ? max_t(u16, skb_shinfo(skb)->gso_segs, 1) : 1;
}

#endif /* _DSR_PACKET_H */
