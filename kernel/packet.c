// SPDX-License-Identifier: GPL-2.0-only
/* Proves headers and takes from them what the data path goes by. */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/sctp.h>
#include <net/ipv6.h>

#include "packet.h"

/* More extension headers than this no honest sender uses */
#define DSR_EXTHDRS_MAX 8

static u8 dsr_sctp_signal(const struct sctp_chunkhdr *chunk)
{
	switch (chunk->type) {
	case SCTP_CID_INIT:
		return DSR_SIGNAL_SYN;
	case SCTP_CID_ABORT:
		return DSR_SIGNAL_RST;
	case SCTP_CID_SHUTDOWN:
	case SCTP_CID_SHUTDOWN_ACK:
	case SCTP_CID_SHUTDOWN_COMPLETE:
		return DSR_SIGNAL_FIN;
	default:
		return DSR_SIGNAL_DATA;
	}
}

static bool dsr_is_icmp(u8 proto)
{
	return proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6;
}

/*
 * The transport header at thoff. What the IP header calls payload must hold
 * it: bytes of the link layer's padding are not ports.
 */
static enum dsr_reason dsr_parse_l4(struct dsr_packet *pkt,
				    struct sk_buff *skb, unsigned int thoff)
{
	const struct sctp_chunkhdr *chunk;
	const struct tcphdr *tcp;
	const __be16 *ports;
	unsigned int len;

	pkt->thoff = thoff;
	pkt->hdrlen = thoff;
	if (unlikely(pkt->frag == DSR_FRAG_LATER))
		return dsr_is_icmp(pkt->proto) ? DSR_PASS_ICMP : DSR_FORWARDED;

	switch (pkt->proto) {
	case IPPROTO_TCP:
		len = sizeof(struct tcphdr);
		break;
	case IPPROTO_UDP:
		len = sizeof(struct udphdr);
		break;
	case IPPROTO_SCTP:
		len = sizeof(struct sctphdr) + sizeof(struct sctp_chunkhdr);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return DSR_PASS_ICMP;
	default:
		pkt->ports = 0;
		pkt->signal = DSR_SIGNAL_NONE;
		return DSR_FORWARDED;
	}

	if (unlikely(pkt->bytes < thoff + len ||
		     !pskb_may_pull(skb, thoff + len)))
		return DSR_DROP_MALFORMED;

	ports = (const __be16 *)(skb->data + thoff);
	pkt->cport = ports[0];
	pkt->vport = ports[1];
	pkt->signal = DSR_SIGNAL_NONE;
	pkt->hdrlen = thoff + len;

	if (pkt->proto == IPPROTO_TCP) {
		tcp = (const struct tcphdr *)ports;
		pkt->signal = dsr_tcp_signal(tcp);
		pkt->hdrlen = thoff + tcp->doff * 4;
	} else if (pkt->proto == IPPROTO_SCTP) {
		chunk = (const void *)ports + sizeof(struct sctphdr);
		pkt->signal = dsr_sctp_signal(chunk);
	}
	return DSR_FORWARDED;
}

/**
 * dsr_packet_parse4() - parse an IPv4 packet
 * @pkt: filled in; valid only with DSR_FORWARDED
 * @skb: data at the IP header, which is there in full (20 bytes)
 *
 * May move the skb's header: pointers into it are to be taken anew.
 *
 * Context: softirq.
 * Return: DSR_FORWARDED, or why it is not to be.
 */
enum dsr_reason dsr_packet_parse4(struct dsr_packet *pkt, struct sk_buff *skb)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	unsigned int thoff = iph->ihl * 4;

	/* the stack lets tot_len be 0 where a GSO packet is beyond 64 KiB */
	pkt->bytes = ntohs(iph->tot_len);
	if (unlikely(!pkt->bytes && skb_is_gso(skb)))
		pkt->bytes = skb->len;

	if (unlikely(iph->version != 4 || thoff < sizeof(*iph) ||
		     pkt->bytes < thoff || skb->len < pkt->bytes ||
		     !pskb_may_pull(skb, thoff)))
		return DSR_DROP_MALFORMED;
	iph = (const struct iphdr *)skb->data;
	pkt->frag = DSR_FRAG_NONE;
	if (unlikely(ip_is_fragment(iph))) {
		pkt->frag = iph->frag_off & htons(IP_OFFSET) ? DSR_FRAG_LATER :
							       DSR_FRAG_FIRST;
		pkt->id = (__force __be32)iph->id;
		pkt->from = (ntohs(iph->frag_off) & IP_OFFSET) * 8;
		pkt->to = pkt->from + pkt->bytes - thoff;
		pkt->last = !(iph->frag_off & htons(IP_MF));
	}

	ipv6_addr_set_v4mapped(iph->saddr, &pkt->client);
	ipv6_addr_set_v4mapped(iph->daddr, &pkt->vip);
	pkt->proto = iph->protocol;

	return dsr_parse_l4(pkt, skb, thoff);
}

/*
 * Walks extension headers, leaves the offset of what follows them in *thoff
 * and its protocol in pkt->proto.
 */
static enum dsr_reason dsr_walk_exthdrs(struct dsr_packet *pkt,
					const struct sk_buff *skb,
					unsigned int *thoff)
{
	const struct ipv6_opt_hdr *opt;
	const struct frag_hdr *frag;
	struct frag_hdr buf;
	int i;

	pkt->frag = DSR_FRAG_NONE;
	BUILD_BUG_ON(sizeof(buf) < sizeof(*opt));

	for (i = 0; ; i++) {
		/* AH is a protocol, as it is in IPv4 */
		if (!ipv6_ext_hdr(pkt->proto) || pkt->proto == NEXTHDR_NONE ||
		    pkt->proto == NEXTHDR_AUTH)
			return DSR_FORWARDED;
		/* all extension headers are 8 bytes at the least */
		if (i == DSR_EXTHDRS_MAX)
			return DSR_DROP_MALFORMED;
		frag = skb_header_pointer(skb, *thoff, sizeof(buf), &buf);
		if (!frag || *thoff + sizeof(buf) > pkt->bytes)
			return DSR_DROP_MALFORMED;

		opt = (const struct ipv6_opt_hdr *)frag;
		if (pkt->proto == NEXTHDR_FRAGMENT) {
			*thoff += sizeof(*frag);
			pkt->id = frag->identification;
			pkt->from = ntohs(frag->frag_off) & IP6_OFFSET;
			pkt->to = pkt->from + pkt->bytes - *thoff;
			pkt->last = !(frag->frag_off & htons(IP6_MF));
			/* a fragment that is the whole packet is none */
			if (frag->frag_off & htons(IP6_OFFSET))
				pkt->frag = DSR_FRAG_LATER;
			else if (frag->frag_off & htons(IP6_MF))
				pkt->frag = DSR_FRAG_FIRST;
		} else {
			*thoff += ipv6_optlen(opt);
		}
		pkt->proto = opt->nexthdr;
		/* what follows is the middle of something */
		if (pkt->frag == DSR_FRAG_LATER)
			return DSR_FORWARDED;
	}
}

/**
 * dsr_packet_parse6() - parse an IPv6 packet
 * @pkt: filled in; valid only with DSR_FORWARDED
 * @skb: data at the IPv6 header, which is there in full
 *
 * May move the skb's header: pointers into it are to be taken anew.
 *
 * Context: softirq.
 * Return: DSR_FORWARDED, or why it is not to be.
 */
enum dsr_reason dsr_packet_parse6(struct dsr_packet *pkt, struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h = (const struct ipv6hdr *)skb->data;
	unsigned int thoff = sizeof(*ip6h);
	enum dsr_reason reason;

	/* a payload_len of 0 is a jumbogram, which only GSO makes here */
	pkt->bytes = ntohs(ip6h->payload_len) + sizeof(*ip6h);
	if (unlikely(!ip6h->payload_len && skb_is_gso(skb)))
		pkt->bytes = skb->len;

	if (unlikely(ip6h->version != 6 || skb->len < pkt->bytes))
		return DSR_DROP_MALFORMED;

	pkt->client = ip6h->saddr;
	pkt->vip = ip6h->daddr;
	pkt->proto = ip6h->nexthdr;

	reason = dsr_walk_exthdrs(pkt, skb, &thoff);
	if (unlikely(reason != DSR_FORWARDED))
		return reason;
	return dsr_parse_l4(pkt, skb, thoff);
}

/* The IPv4 header that starts at off, of a packet that is cut short */
static bool dsr_quote4(struct dsr_packet *quote, const struct sk_buff *skb,
		       unsigned int *off)
{
	const struct iphdr *iph;
	struct iphdr buf;

	iph = skb_header_pointer(skb, *off, sizeof(buf), &buf);
	if (!iph || iph->version != 4 || iph->ihl < 5)
		return false;
	ipv6_addr_set_v4mapped(iph->daddr, &quote->client);
	ipv6_addr_set_v4mapped(iph->saddr, &quote->vip);
	quote->proto = iph->protocol;
	if (iph->frag_off & htons(IP_OFFSET))
		quote->frag = DSR_FRAG_LATER;
	*off += iph->ihl * 4;
	return true;
}

static bool dsr_quote6(struct dsr_packet *quote, const struct sk_buff *skb,
		       unsigned int *off)
{
	const struct ipv6hdr *ip6h;
	struct ipv6hdr buf;

	ip6h = skb_header_pointer(skb, *off, sizeof(buf), &buf);
	if (!ip6h || ip6h->version != 6)
		return false;
	quote->client = ip6h->daddr;
	quote->vip = ip6h->saddr;
	quote->proto = ip6h->nexthdr;
	*off += sizeof(*ip6h);
	return dsr_walk_exthdrs(quote, skb, off) == DSR_FORWARDED;
}

static bool dsr_icmp_is_error(u8 proto, u8 type)
{
	if (proto == IPPROTO_ICMPV6)
		return !(type & ICMPV6_INFOMSG_MASK);
	return type == ICMP_DEST_UNREACH || type == ICMP_TIME_EXCEEDED ||
	       type == ICMP_PARAMETERPROB || type == ICMP_SOURCE_QUENCH;
}

/**
 * dsr_packet_parse_quote() - whose reply is an ICMP error about?
 * @quote: filled in as a packet of that flow's client would; with ports of 0
 *	where the quote is too short to have them
 * @pkt: the error, parsed
 * @skb: the error, data at the IP header
 *
 * Context: softirq.
 * Return: DSR_FORWARDED; DSR_PASS_ICMP if it is not an error about something
 *	that the VIP sent.
 */
enum dsr_reason dsr_packet_parse_quote(struct dsr_packet *quote,
				       const struct dsr_packet *pkt,
				       const struct sk_buff *skb)
{
	/* ICMP and ICMPv6 errors have 8 bytes before the quote */
	unsigned int off = pkt->thoff + sizeof(struct icmphdr);
	__be16 buf[2];
	const __be16 *ports;
	const u8 *type;
	u8 type_buf;

	type = skb_header_pointer(skb, pkt->thoff, 1, &type_buf);
	if (!type || !dsr_icmp_is_error(pkt->proto, *type))
		return DSR_PASS_ICMP;

	memset(quote, 0, sizeof(*quote));
	quote->bytes = skb->len;
	if (!(pkt->proto == IPPROTO_ICMP ? dsr_quote4(quote, skb, &off) :
					   dsr_quote6(quote, skb, &off)) ||
	    !ipv6_addr_equal(&quote->vip, &pkt->vip))
		return DSR_PASS_ICMP;

	if (quote->frag == DSR_FRAG_LATER ||
	    (quote->proto != IPPROTO_TCP && quote->proto != IPPROTO_UDP &&
	     quote->proto != IPPROTO_SCTP))
		return DSR_FORWARDED;
	ports = skb_header_pointer(skb, off, sizeof(buf), buf);
	if (ports) {
		quote->vport = ports[0];
		quote->cport = ports[1];
	}
	return DSR_FORWARDED;
}

/**
 * dsr_packet_prove() - may a packet make a flow?
 * @pkt: parsed
 * @skb: data at the IP header
 *
 * On the fast path a packet meets us before the stack had a look at it. What
 * the stack would refuse must not get a flow. Packets of a flow that exists
 * are not worth the look: their server does the same.
 *
 * Context: softirq.
 * Return: DSR_FORWARDED, or why not.
 */
enum dsr_reason dsr_packet_prove(const struct dsr_packet *pkt,
				 const struct sk_buff *skb)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;

	if (unlikely(!dsr_packet_source_possible(pkt)))
		return DSR_DROP_MARTIAN;
	if (dsr_is_v4(&pkt->client) && ip_fast_csum(iph, iph->ihl))
		return DSR_DROP_MALFORMED;
	return DSR_FORWARDED;
}
