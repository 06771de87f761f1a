// SPDX-License-Identifier: GPL-2.0-only
/*
 * The little that a director says itself in a VIP's name: that a packet is too
 * big, and that a VIP which is nobody's address can be reached. Replies go back
 * to the MAC that the packet came from: no route to the client is needed.
 */
#include <linux/etherdevice.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ratelimit.h>
#include <net/dsfield.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>

#include "reply.h"
#include "xmit.h"

/* No larger than any link takes: RFC 1812 4.3.2.3, RFC 4443 2.4 (c) */
#define DSR_REPLY4_MAX 576
#define DSR_REPLY6_MAX IPV6_MIN_MTU
#define DSR_REPLY_TTL 64

/* Errors, of all namespaces together */
static DEFINE_RATELIMIT_STATE(dsr_reply_limit, HZ, 1000);

static bool dsr_reply_allowed(void)
{
	/* who is refused is no news */
	ratelimit_set_flags(&dsr_reply_limit, RATELIMIT_MSG_ON_RELEASE);
	return __ratelimit(&dsr_reply_limit);
}

static struct sk_buff *dsr_reply_alloc(const struct sk_buff *skb,
				       unsigned int len)
{
	struct net_device *dev = skb->dev;
	struct sk_buff *reply;

	reply = alloc_skb(LL_RESERVED_SPACE(dev) + len, GFP_ATOMIC | __GFP_NOWARN);
	if (!reply)
		return NULL;
	skb_reserve(reply, LL_RESERVED_SPACE(dev));
	skb_reset_network_header(reply);
	reply->dev = dev;
	reply->protocol = skb->protocol;
	reply->ip_summed = CHECKSUM_NONE;
	return reply;
}

/* The IP header before len bytes of ICMP that are to follow */
static void dsr_reply_put_ip(struct sk_buff *reply,
			     const struct dsr_packet *pkt, unsigned int len)
{
	struct ipv6hdr *ip6h;
	struct iphdr *iph;

	if (reply->protocol == htons(ETH_P_IP)) {
		iph = skb_put_zero(reply, sizeof(*iph));
		iph->version = 4;
		iph->ihl = 5;
		iph->tos = IPTOS_PREC_INTERNETCONTROL;
		iph->tot_len = htons(sizeof(*iph) + len);
		iph->ttl = DSR_REPLY_TTL;
		iph->protocol = IPPROTO_ICMP;
		iph->saddr = dsr_v4(&pkt->vip);
		iph->daddr = dsr_v4(&pkt->client);
		ip_send_check(iph);
	} else {
		ip6h = skb_put_zero(reply, sizeof(*ip6h));
		ip6_flow_hdr(ip6h, IPTOS_PREC_INTERNETCONTROL, 0);
		ip6h->payload_len = htons(len);
		ip6h->nexthdr = IPPROTO_ICMPV6;
		ip6h->hop_limit = DSR_REPLY_TTL;
		ip6h->saddr = pkt->vip;
		ip6h->daddr = pkt->client;
	}
}

/* The checksum of ICMP in its place: what it has to be, or 0 if it is right */
static __sum16 dsr_reply_sum(bool v4, const struct in6_addr *from,
			     const struct in6_addr *to,
			     const void *icmp, unsigned int len)
{
	__wsum sum = csum_partial(icmp, len, 0);

	return v4 ? csum_fold(sum) :
		    csum_ipv6_magic(from, to, len, IPPROTO_ICMPV6, sum);
}

/* Checksum, Ethernet header, and away */
static void dsr_reply_send(struct sk_buff *reply, const struct sk_buff *skb,
			   const struct dsr_packet *pkt, unsigned int icmp_len)
{
	struct icmphdr *icmp = (void *)skb_tail_pointer(reply) - icmp_len;
	struct ethhdr *eth;

	/* both kinds of ICMP have the checksum in the same place */
	icmp->checksum = 0;
	icmp->checksum = dsr_reply_sum(reply->protocol == htons(ETH_P_IP),
				       &pkt->vip, &pkt->client, icmp, icmp_len);

	eth = skb_push(reply, ETH_HLEN);
	ether_addr_copy(eth->h_dest, eth_hdr(skb)->h_source);
	ether_addr_copy(eth->h_source, reply->dev->dev_addr);
	eth->h_proto = reply->protocol;
	skb_reset_mac_header(reply);
	dev_queue_xmit(reply);
}

static unsigned int dsr_reply_ip_len(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP) ? sizeof(struct iphdr) :
						  sizeof(struct ipv6hdr);
}

/**
 * dsr_reply_too_big() - tell a client that its packet is larger than the way
 * @skb: the packet, data at the IP header
 * @pkt: parsed @skb
 * @mtu: what the way takes, in bytes of IP packet
 *
 * Also for IPv4 packets that may be fragmented: we do not, so the client has to.
 * At most 1000 a second.
 *
 * Context: softirq, RCU.
 */
void dsr_reply_too_big(const struct sk_buff *skb, const struct dsr_packet *pkt,
		       unsigned int mtu)
{
	bool v4 = skb->protocol == htons(ETH_P_IP);
	unsigned int quote, len;
	struct icmp6hdr *icmp6;
	struct sk_buff *reply;
	struct icmphdr *icmp;

	/* not about errors, and about a datagram but once */
	if (pkt->proto == IPPROTO_ICMP || pkt->proto == IPPROTO_ICMPV6 ||
	    pkt->frag == DSR_FRAG_LATER || !dsr_came_on_ethernet(skb) ||
	    !dsr_reply_allowed())
		return;

	quote = (v4 ? DSR_REPLY4_MAX : DSR_REPLY6_MAX) - sizeof(*icmp) -
		dsr_reply_ip_len(skb);
	quote = min(quote, pkt->bytes);
	len = sizeof(*icmp) + quote;
	reply = dsr_reply_alloc(skb, dsr_reply_ip_len(skb) + len);
	if (!reply)
		return;

	dsr_reply_put_ip(reply, pkt, len);
	icmp = skb_put_zero(reply, sizeof(*icmp));
	if (v4) {
		icmp->type = ICMP_DEST_UNREACH;
		icmp->code = ICMP_FRAG_NEEDED;
		icmp->un.frag.mtu = htons(min(mtu, 65535U));
	} else {
		icmp6 = (struct icmp6hdr *)icmp;
		icmp6->icmp6_type = ICMPV6_PKT_TOOBIG;
		icmp6->icmp6_mtu = htonl(max_t(u32, mtu, IPV6_MIN_MTU));
	}
	if (skb_copy_bits(skb, 0, skb_put(reply, quote), quote)) {
		kfree_skb(reply);
		return;
	}
	dsr_reply_send(reply, skb, pkt, len);
}

/**
 * dsr_reply_echo() - answer an echo request to a VIP
 * @skb: the packet, data at the IP header; left as it is
 * @pkt: parsed @skb
 *
 * Context: softirq, RCU.
 * Return: true if it is one and was answered.
 */
bool dsr_reply_echo(const struct sk_buff *skb, const struct dsr_packet *pkt)
{
	bool v4 = skb->protocol == htons(ETH_P_IP);
	unsigned int len = pkt->bytes - pkt->thoff;
	struct sk_buff *reply;
	struct icmphdr *icmp;
	struct icmphdr buf;

	if (pkt->bytes < pkt->thoff + sizeof(buf) || !dsr_came_on_ethernet(skb) ||
	    skb_copy_bits(skb, pkt->thoff, &buf, sizeof(buf)) ||
	    buf.type != (v4 ? ICMP_ECHO : ICMPV6_ECHO_REQUEST) || buf.code)
		return false;

	reply = dsr_reply_alloc(skb, dsr_reply_ip_len(skb) + len);
	if (!reply)
		return false;
	dsr_reply_put_ip(reply, pkt, len);
	icmp = skb_put(reply, len);
	if (skb_copy_bits(skb, pkt->thoff, icmp, len) ||
	    dsr_reply_sum(v4, &pkt->client, &pkt->vip, icmp, len)) {
		kfree_skb(reply);
		return false;
	}
	icmp->type = v4 ? ICMP_ECHOREPLY : ICMPV6_ECHO_REPLY;
	dsr_reply_send(reply, skb, pkt, len);
	return true;
}
