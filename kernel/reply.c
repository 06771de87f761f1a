// SPDX-License-Identifier: GPL-2.0-only
/*
 * The little that a director says itself: that a packet is too big or has been
 * too long on its way, and that a VIP which is nobody's address can be reached.
 * Replies go back to the MAC that the packet came from: no route to the client is
 * needed, but where there is no MAC.
 */
#include <linux/etherdevice.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/inetdevice.h>
#include <linux/ratelimit.h>
#include <net/addrconf.h>
#include <net/dsfield.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "reply.h"
#include "split.h"
#include "xmit.h"

/* No larger than any link takes: RFC 1812 4.3.2.3, RFC 4443 2.4 (c) */
#define DSR_REPLY4_MAX 576
#define DSR_REPLY6_MAX IPV6_MIN_MTU
#define DSR_REPLY_TTL 64

/**
 * struct dsr_ends - who a reply is from and to
 * @from: the VIP, or an address of the director's
 * @to: the client
 * @path: the interface that the packet came in by, and the MAC that it came from;
 *	not ready if it had none
 */
struct dsr_ends {
	struct in6_addr from;
	struct in6_addr to;
	struct dsr_path path;
};

static bool dsr_reply_is_v4(const struct dsr_ends *ends)
{
	return dsr_is_v4(&ends->to);
}

static void dsr_reply_ends(struct dsr_ends *ends, const struct sk_buff *skb,
			   const struct dsr_packet *pkt)
{
	struct ethhdr *eth = (struct ethhdr *)ends->path.header;

	ends->from = pkt->vip;
	ends->to = pkt->client;
	ends->path = (struct dsr_path) { .dev = skb->dev };
	if (!dsr_came_on_ethernet(skb))
		return;
	ends->path.ready = true;
	ether_addr_copy(eth->h_dest, eth_hdr(skb)->h_source);
	ether_addr_copy(eth->h_source, skb->dev->dev_addr);
	eth->h_proto = skb->protocol;
}

/* The sum of ICMP and what goes before it, folded: 0 if its own is right */
static __sum16 dsr_reply_sum(const struct in6_addr *from,
			     const struct in6_addr *to, unsigned int len,
			     __wsum sum)
{
	return dsr_is_v4(to) ? csum_fold(sum) :
	       csum_ipv6_magic(from, to, len, IPPROTO_ICMPV6, sum);
}

static unsigned int dsr_reply_ip_len(const struct dsr_ends *ends)
{
	return dsr_reply_is_v4(ends) ? sizeof(struct iphdr) :
				       sizeof(struct ipv6hdr);
}

/* The IP header before what the reply consists of. Returns it. */
static void *dsr_reply_push_ip(struct sk_buff *reply,
			       const struct dsr_ends *ends, u8 proto)
{
	unsigned int len = reply->len;
	struct ipv6hdr *ip6h;
	struct iphdr *iph;
	void *header;

	header = skb_push(reply, dsr_reply_ip_len(ends));
	memset(header, 0, dsr_reply_ip_len(ends));
	skb_reset_network_header(reply);
	iph = header;
	ip6h = header;
	if (dsr_reply_is_v4(ends)) {
		iph->version = 4;
		iph->ihl = 5;
		iph->tos = IPTOS_PREC_INTERNETCONTROL;
		iph->tot_len = htons(sizeof(*iph) + len);
		iph->ttl = DSR_REPLY_TTL;
		iph->protocol = proto;
		iph->saddr = dsr_v4(&ends->from);
		iph->daddr = dsr_v4(&ends->to);
		ip_send_check(iph);
	} else {
		ip6_flow_hdr(ip6h, IPTOS_PREC_INTERNETCONTROL, 0);
		ip6h->payload_len = htons(len);
		ip6h->nexthdr = proto;
		ip6h->hop_limit = DSR_REPLY_TTL;
		ip6h->saddr = ends->from;
		ip6h->daddr = ends->to;
	}
	return header;
}

/* By the routes to where it came from, in the VRF that it came in by */
static struct dst_entry *dsr_reply_route(const struct dsr_ends *ends)
{
	struct net *net = dev_net(ends->path.dev);
	struct flowi4 fl4 = {};
	struct flowi6 fl6 = {};
	struct dst_entry *dst;
	struct rtable *rt;

	if (dsr_reply_is_v4(ends)) {
		fl4.daddr = dsr_v4(&ends->to);
		fl4.saddr = dsr_v4(&ends->from);
		fl4.flowi4_proto = IPPROTO_ICMP;
		/* a VIP need not be an address of ours */
		fl4.flowi4_flags = FLOWI_FLAG_ANYSRC;
		fl4.flowi4_oif = l3mdev_master_ifindex_rcu(ends->path.dev);
		rt = ip_route_output_key(net, &fl4);
		return IS_ERR(rt) ? NULL : &rt->dst;
	}
	fl6.daddr = ends->to;
	fl6.saddr = ends->from;
	fl6.flowi6_proto = IPPROTO_ICMPV6;
	fl6.flowi6_oif = l3mdev_master_ifindex_rcu(ends->path.dev);
	dst = ip6_route_output(net, NULL, &fl6);
	if (!dst->error)
		return dst;
	dst_release(dst);
	return NULL;
}

/* A reply, complete from the IP header on, leaves. It is gone afterwards. */
static void dsr_reply_send(struct sk_buff *reply, const struct dsr_ends *ends)
{
	struct net *net = dev_net(ends->path.dev);
	struct dst_entry *dst;

	if (ends->path.ready) {
		reply->dev = ends->path.dev;
		if (reply->len > READ_ONCE(ends->path.dev->mtu))
			dsr_split(reply, &ends->path);
		else
			dsr_xmit_path(reply, &ends->path);
		return;
	}
	dst = dsr_reply_route(ends);
	if (!dst) {
		kfree_skb(reply);
		return;
	}
	reply->dev = dst->dev;
	memset(reply->cb, 0, sizeof(reply->cb));
	skb_dst_set(reply, dst);
	if (dsr_reply_is_v4(ends))
		ip_local_out(net, NULL, reply);
	else
		ip6_local_out(net, NULL, reply);
}

/* --- errors --- */

/* May there be an error about a packet? */
static bool dsr_reply_allowed(const struct sk_buff *skb,
			      const struct dsr_packet *pkt)
{
	struct ratelimit_state *limit;

	/* not about errors, and about a datagram but once */
	if (pkt->proto == IPPROTO_ICMP || pkt->proto == IPPROTO_ICMPV6 ||
	    pkt->frag == DSR_FRAG_LATER || !skb->dev ||
	    !dsr_packet_source_possible(pkt))
		return false;
	limit = &dsr_net(dev_net(skb->dev))->reply_limit;
	return __ratelimit(limit);
}

/* ICMP and ICMPv6 errors have 8 bytes before the quote; the checksum is to come */
static void dsr_reply_error(const struct sk_buff *skb,
			    const struct dsr_packet *pkt,
			    const struct dsr_ends *ends,
			    const struct icmphdr *error)
{
	bool v4 = dsr_reply_is_v4(ends);
	unsigned int ip_len = dsr_reply_ip_len(ends), quote, len;
	struct sk_buff *reply;
	struct icmphdr *icmp;

	quote = (v4 ? DSR_REPLY4_MAX : DSR_REPLY6_MAX) - sizeof(*icmp) - ip_len;
	quote = min(quote, pkt->bytes);
	len = sizeof(*icmp) + quote;
	reply = alloc_skb(LL_MAX_HEADER + ip_len + len,
			  GFP_ATOMIC | __GFP_NOWARN);
	if (!reply)
		return;
	skb_reserve(reply, LL_MAX_HEADER + ip_len);
	reply->protocol = skb->protocol;
	/* who asks with a priority is answered with it */
	__vlan_hwaccel_copy_tag(reply, skb);
	icmp = skb_put_data(reply, error, sizeof(*error));
	if (skb_copy_bits(skb, 0, skb_put(reply, quote), quote)) {
		kfree_skb(reply);
		return;
	}
	icmp->checksum = dsr_reply_sum(&ends->from, &ends->to, len,
				       csum_partial(icmp, len, 0));
	dsr_reply_push_ip(reply, ends, v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	dsr_reply_send(reply, ends);
}

/**
 * dsr_reply_too_big() - tell a client that its packet is larger than the way
 * @skb: the packet, data at the IP header
 * @pkt: parsed @skb
 * @mtu: what the way takes, in bytes of IP packet
 *
 * At most 1000 a second, as all errors of a director together.
 *
 * Context: softirq, RCU.
 */
void dsr_reply_too_big(const struct sk_buff *skb, const struct dsr_packet *pkt,
		       unsigned int mtu)
{
	struct icmphdr error = {};
	struct dsr_ends ends;

	if (!dsr_reply_allowed(skb, pkt))
		return;
	dsr_reply_ends(&ends, skb, pkt);
	if (dsr_reply_is_v4(&ends)) {
		error.type = ICMP_DEST_UNREACH;
		error.code = ICMP_FRAG_NEEDED;
		error.un.frag.mtu = htons(min(mtu, 65535U));
	} else {
		error.type = ICMPV6_PKT_TOOBIG;
		error.un.gateway = htonl(max_t(u32, mtu, IPV6_MIN_MTU));
	}
	dsr_reply_error(skb, pkt, &ends, &error);
}

/**
 * dsr_reply_expired() - tell a client that its packet has come no further
 * @skb: the packet, data at the IP header
 * @pkt: parsed @skb
 *
 * From the director's own address, so that a traceroute shows the director.
 *
 * Context: softirq, RCU.
 */
void dsr_reply_expired(const struct sk_buff *skb, const struct dsr_packet *pkt)
{
	struct icmphdr error = { .type = ICMP_TIME_EXCEEDED };
	struct dsr_ends ends;
	__be32 own;

	if (!dsr_reply_allowed(skb, pkt))
		return;
	dsr_reply_ends(&ends, skb, pkt);
	if (dsr_reply_is_v4(&ends)) {
		own = inet_select_addr(skb->dev, dsr_v4(&pkt->client),
				       RT_SCOPE_LINK);
		if (!own)
			return;
		ipv6_addr_set_v4mapped(own, &ends.from);
	} else {
		error.type = ICMPV6_TIME_EXCEED;
		if (ipv6_dev_get_saddr(dev_net(skb->dev), skb->dev,
				       &pkt->client, 0, &ends.from))
			return;
	}
	dsr_reply_error(skb, pkt, &ends, &error);
}

/* --- echo --- */

static bool dsr_echo_asked(struct sk_buff *skb, const struct dsr_packet *pkt)
{
	bool v4 = pkt->proto == IPPROTO_ICMP;
	unsigned int len = pkt->bytes - pkt->thoff;
	const struct icmphdr *icmp;
	struct icmphdr buf;

	if (v4 != dsr_is_v4(&pkt->client) || !skb->dev ||
	    !dsr_packet_source_possible(pkt))
		return false;
	/* who asks goes by the first part, whatever the other ones are */
	if (pkt->frag == DSR_FRAG_LATER)
		return true;
	icmp = skb_header_pointer(skb, pkt->thoff, sizeof(buf), &buf);
	if (len < sizeof(*icmp) || !icmp || icmp->code ||
	    icmp->type != (v4 ? ICMP_ECHO : ICMPV6_ECHO_REQUEST))
		return false;
	/* a sum that a NIC is to fill in is not there yet */
	if (pkt->frag == DSR_FRAG_FIRST || skb->ip_summed == CHECKSUM_PARTIAL)
		return true;
	return !dsr_reply_sum(&pkt->client, &pkt->vip, len,
			      skb_checksum(skb, pkt->thoff, len, 0));
}

/* What was asked becomes what is answered: the sum is wrong if it was before */
static void dsr_echo_turn(struct sk_buff *skb, const struct dsr_packet *pkt)
{
	struct icmphdr *icmp = (struct icmphdr *)skb->data;
	u8 old = icmp->type;

	if (pkt->frag == DSR_FRAG_LATER)
		return;
	icmp->type = dsr_is_v4(&pkt->client) ? ICMP_ECHOREPLY :
					       ICMPV6_ECHO_REPLY;
	/* addresses change places, which changes no sum */
	csum_replace2(&icmp->checksum, htons(old << 8), htons(icmp->type << 8));
}

/* The headers of a part, or of the whole */
static void dsr_echo_push(struct sk_buff *skb, const struct dsr_packet *pkt,
			  const struct dsr_ends *ends, __be16 id)
{
	bool part = pkt->frag != DSR_FRAG_NONE;
	struct frag_hdr *frag;
	struct iphdr *iph;

	if (dsr_reply_is_v4(ends)) {
		iph = dsr_reply_push_ip(skb, ends, IPPROTO_ICMP);
		iph->id = id;
		if (part)
			iph->frag_off = htons(pkt->from / 8 |
					      (pkt->last ? 0 : IP_MF));
		ip_send_check(iph);
	} else if (!part) {
		dsr_reply_push_ip(skb, ends, IPPROTO_ICMPV6);
	} else {
		frag = skb_push(skb, sizeof(*frag));
		frag->nexthdr = IPPROTO_ICMPV6;
		frag->reserved = 0;
		frag->frag_off = htons(pkt->from | (pkt->last ? 0 : IP6_MF));
		frag->identification = pkt->id;
		dsr_reply_push_ip(skb, ends, NEXTHDR_FRAGMENT);
	}
}

/**
 * dsr_reply_echo() - answer an echo request to a VIP
 * @skb: the packet, data at the IP header; it is the answer afterwards, and gone,
 *	if DSR_TAKEN is returned, otherwise untouched
 * @pkt: parsed @skb
 *
 * Of a request in fragments each is turned round by itself, so that nobody has to
 * wait for all of them. What conntrack has put together goes in parts again.
 *
 * Context: softirq, RCU.
 * Return: DSR_TAKEN if it is answered, and counted; DSR_PASS_ICMP if it is none;
 *	DSR_DROP_NO_MEMORY.
 */
enum dsr_reason dsr_reply_echo(struct sk_buff *skb, const struct dsr_packet *pkt)
{
	unsigned int room = LL_MAX_HEADER + sizeof(struct ipv6hdr) +
			    sizeof(struct frag_hdr);
	unsigned int own = pkt->frag == DSR_FRAG_LATER ? 0 : sizeof(struct icmphdr);
	struct dsr_ends ends;
	struct dsr_net *dn;
	__be16 id;

	if (!dsr_echo_asked(skb, pkt))
		return DSR_PASS_ICMP;
	if ((skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb)) ||
	    skb_ensure_writable(skb, pkt->thoff + own) ||
	    skb_cow_head(skb, room))
		return DSR_DROP_NO_MEMORY;

	dn = dsr_net(dev_net(skb->dev));
	dsr_stats_inc(dn, DSR_ANSWERED);
	trace_dsr_packet(skb, DSR_ANSWERED);
	dsr_reply_ends(&ends, skb, pkt);
	dsr_forget_input(skb);
	skb->ip_summed = CHECKSUM_NONE;
	id = ((const struct iphdr *)skb->data)->id;	/* of IPv4 */
	__skb_pull(skb, pkt->thoff);
	dsr_echo_turn(skb, pkt);
	dsr_echo_push(skb, pkt, &ends, id);
	/* what came as parts may be sent in parts: sizes are the way's, though */
	memset(skb->cb, 0, sizeof(skb->cb));
	skb->ignore_df = true;
	dsr_reply_send(skb, &ends);
	return DSR_TAKEN;
}
