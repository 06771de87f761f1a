// SPDX-License-Identifier: GPL-2.0-only
/*
 * ARP and neighbour discovery for VIPs on dev interfaces: what others ask and say,
 * and what we do. Who is to speak at all is in speak.c.
 */
#include <linux/etherdevice.h>
#include <linux/icmpv6.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/arp.h>
#include <net/ip6_checksum.h>
#include <net/ndisc.h>

#include "arp.h"
#include "dev.h"
#include "speak.h"
#include "vip.h"

/* An ARP packet for IPv4 on Ethernet */
struct dsr_arp_frame {
	struct arphdr hdr;
	u8 sha[ETH_ALEN];
	__be32 sip;
	u8 tha[ETH_ALEN];
	__be32 tip;
} __packed;

static bool dsr_arp_read(const struct sk_buff *skb, struct dsr_arp_frame *arp)
{
	return skb->pkt_type != PACKET_OTHERHOST &&
	       !skb_copy_bits(skb, 0, arp, sizeof(*arp)) &&
	       arp->hdr.ar_hrd == htons(ARPHRD_ETHER) &&
	       arp->hdr.ar_pro == htons(ETH_P_IP) &&
	       arp->hdr.ar_hln == ETH_ALEN &&
	       arp->hdr.ar_pln == sizeof(arp->tip);
}

/* Another director's question has its MAC where the one in question would be */
static bool dsr_arp_by_director(const struct dsr_arp_frame *arp)
{
	return !arp->sip && ether_addr_equal(arp->tha, arp->sha);
}

static void dsr_arp_reply(const struct sk_buff *skb,
			  const struct dsr_arp_frame *arp)
{
	struct sk_buff *reply;

	reply = arp_create(ARPOP_REPLY, ETH_P_ARP, arp->sip, skb->dev, arp->tip,
			   arp->sha, skb->dev->dev_addr, arp->sha);
	if (!reply)
		return;
	/* who asks with a priority is answered with it */
	__vlan_hwaccel_copy_tag(reply, skb);
	arp_xmit(reply);
}

/**
 * dsr_arp_request() - an ARP frame came in: answer it if it is a VIP's to, and
 *	tell if it claims a VIP
 * @dn: the director
 * @skb: the frame, data at the ARP header; left as it is
 *
 * Context: softirq, RCU.
 * Return: true if it was answered.
 */
bool dsr_arp_request(struct dsr_net *dn, struct sk_buff *skb)
{
	const struct dsr_addr *addr;
	struct dsr_arp_frame arp;
	struct in6_addr vip;

	if (!dsr_arp_read(skb, &arp))
		return false;
	ipv6_addr_set_v4mapped(arp.sip, &vip);
	dsr_speak_claim(dn, skb->dev, &vip, arp.sha,
			arp.hdr.ar_op == htons(ARPOP_REPLY) &&
			skb->pkt_type == PACKET_HOST);
	/* who says what it is does not ask */
	if (arp.hdr.ar_op != htons(ARPOP_REQUEST) || arp.sip == arp.tip)
		return false;

	ipv6_addr_set_v4mapped(arp.tip, &vip);
	addr = dsr_addr_find(dn, &vip);
	if (!addr || !dsr_speak_answers(dn, addr) ||
	    (dsr_arp_by_director(&arp) &&
	     dsr_speak_defers(dn, addr, skb->dev, arp.sha)))
		return false;
	dsr_arp_reply(skb, &arp);
	return true;
}

/* --- neighbour discovery --- */

/* An option for experiments (RFC 4727), by which directors know each other */
#define DSR_ND_OPTION 253
static const u8 dsr_nd_mark[8] = { DSR_ND_OPTION, 1, 'd', 's', 'r' };

/* A solicitation or advertisement as we send it */
struct dsr_nd_frame {
	struct ipv6hdr ip6h;
	struct nd_msg msg;
	u8 lladdr[8];
	u8 mark[sizeof(dsr_nd_mark)];
} __packed;

static bool dsr_icmp6_csum_ok(struct sk_buff *skb, const struct ipv6hdr *ip6h)
{
	unsigned int len = ntohs(ip6h->payload_len);
	__wsum sum;

	if (skb->ip_summed == CHECKSUM_PARTIAL)
		return true;
	sum = skb_checksum(skb, sizeof(*ip6h), len, 0);
	return !csum_ipv6_magic(&ip6h->saddr, &ip6h->daddr, len,
				IPPROTO_ICMPV6, sum);
}

/*
 * Sends a message about a VIP, to a host at mac: nd has type, flags, target and
 * destination. The way that asked for it, if one did, has the tag.
 */
static void dsr_nd_send(struct net_device *dev, struct dsr_nd_frame *nd,
			unsigned int len, const u8 *mac,
			const struct sk_buff *asked)
{
	bool advert = nd->msg.icmph.icmp6_type == NDISC_NEIGHBOUR_ADVERTISEMENT;
	unsigned int payload = len - sizeof(nd->ip6h);
	struct sk_buff *skb;

	ip6_flow_hdr(&nd->ip6h, 0, 0);
	nd->ip6h.payload_len = htons(payload);
	nd->ip6h.nexthdr = IPPROTO_ICMPV6;
	nd->ip6h.hop_limit = 255;
	if (ipv6_dev_get_saddr(dev_net(dev), dev, &nd->ip6h.daddr, 0,
			       &nd->ip6h.saddr)) {
		/* no address there: a VIP's own will do to speak for it */
		if (!advert)
			return;
		nd->ip6h.saddr = nd->msg.target;
	}
	nd->lladdr[0] = advert ? ND_OPT_TARGET_LL_ADDR : ND_OPT_SOURCE_LL_ADDR;
	nd->lladdr[1] = 1;
	ether_addr_copy(nd->lladdr + 2, dev->dev_addr);
	nd->msg.icmph.icmp6_cksum =
		csum_ipv6_magic(&nd->ip6h.saddr, &nd->ip6h.daddr, payload,
				IPPROTO_ICMPV6,
				csum_partial(&nd->msg, payload, 0));

	skb = alloc_skb(LL_RESERVED_SPACE(dev) + len, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return;
	skb_reserve(skb, LL_RESERVED_SPACE(dev));
	skb_reset_network_header(skb);
	skb_put_data(skb, nd, len);
	skb->protocol = htons(ETH_P_IPV6);
	skb->dev = dev;
	if (asked)
		__vlan_hwaccel_copy_tag(skb, asked);
	if (dev_hard_header(skb, dev, ETH_P_IPV6, mac, NULL, skb->len) < 0)
		kfree_skb(skb);
	else
		dev_queue_xmit(skb);
}

static void dsr_nd_advertise(struct net_device *dev, const struct in6_addr *vip,
			     const struct in6_addr *to, const u8 *mac,
			     const struct sk_buff *asked)
{
	struct dsr_nd_frame nd = {};
	u8 everybody[ETH_ALEN];

	nd.msg.target = *vip;
	nd.msg.icmph.icmp6_type = NDISC_NEIGHBOUR_ADVERTISEMENT;
	nd.msg.icmph.icmp6_override = 1;
	if (to) {
		nd.ip6h.daddr = *to;
		nd.msg.icmph.icmp6_solicited = 1;
	} else {
		nd.ip6h.daddr = in6addr_linklocal_allnodes;
		ipv6_eth_mc_map(&nd.ip6h.daddr, everybody);
		mac = everybody;
	}
	dsr_nd_send(dev, &nd, offsetof(struct dsr_nd_frame, mark), mac, asked);
}

/* May be another director's question, of which nobody else would have the mark */
static bool dsr_nd_by_director(const struct sk_buff *skb)
{
	u8 mark[sizeof(dsr_nd_mark)];

	return !skb_copy_bits(skb, offsetof(struct dsr_nd_frame, mark), mark,
			      sizeof(mark)) &&
	       !memcmp(mark, dsr_nd_mark, sizeof(mark));
}

static bool dsr_nd_answer(struct dsr_net *dn, struct sk_buff *skb,
			  const struct dsr_nd_frame *nd)
{
	const struct in6_addr vip = nd->msg.target, source = nd->ip6h.saddr;
	const struct dsr_addr *addr;

	addr = dsr_is_v4(&vip) ? NULL : dsr_addr_find(dn, &vip);
	if (!addr || !dsr_speak_answers(dn, addr) ||
	    (dsr_nd_by_director(skb) &&
	     dsr_speak_defers(dn, addr, skb->dev, eth_hdr(skb)->h_source)) ||
	    !dsr_icmp6_csum_ok(skb, &nd->ip6h))
		return false;
	/* without a source it asks whether the address is free: it is not */
	dsr_nd_advertise(skb->dev, &vip, ipv6_addr_any(&source) ? NULL : &source,
			 eth_hdr(skb)->h_source, skb);
	return true;
}

/**
 * dsr_arp_solicit() - an IPv6 packet came in: if it solicits a VIP, answer; tell
 *	if it claims one
 * @dn: the director
 * @skb: the packet, data at the IPv6 header; left as it is
 *
 * Context: softirq, RCU.
 * Return: true if it was answered.
 */
bool dsr_arp_solicit(struct dsr_net *dn, struct sk_buff *skb)
{
	const unsigned int len = offsetof(struct dsr_nd_frame, lladdr);
	struct dsr_nd_frame nd;
	struct in6_addr target;

	if (skb->pkt_type == PACKET_OTHERHOST ||
	    skb_copy_bits(skb, 0, &nd, len))
		return false;
	if (nd.ip6h.nexthdr != IPPROTO_ICMPV6 || nd.ip6h.hop_limit != 255 ||
	    nd.msg.icmph.icmp6_code != 0 ||
	    ntohs(nd.ip6h.payload_len) < sizeof(nd.msg) ||
	    ntohs(nd.ip6h.payload_len) > skb->len - sizeof(nd.ip6h))
		return false;

	target = nd.msg.target;
	if (nd.msg.icmph.icmp6_type == NDISC_NEIGHBOUR_ADVERTISEMENT)
		dsr_speak_claim(dn, skb->dev, &target, eth_hdr(skb)->h_source,
				nd.msg.icmph.icmp6_solicited &&
				skb->pkt_type == PACKET_HOST);
	return nd.msg.icmph.icmp6_type == NDISC_NEIGHBOUR_SOLICITATION &&
	       dsr_nd_answer(dn, skb, &nd);
}

/* --- what we say and ask by ourselves --- */

/**
 * dsr_arp_announce() - say that a VIP is here
 * @dev: where to say it
 * @vip: the address
 *
 * Context: any.
 */
void dsr_arp_announce(struct net_device *dev, const struct in6_addr *vip)
{
	if (dsr_is_v4(vip))
		arp_send(ARPOP_REQUEST, ETH_P_ARP, dsr_v4(vip), dev, dsr_v4(vip),
			 NULL, dev->dev_addr, NULL);
	else
		dsr_nd_advertise(dev, vip, NULL, NULL, NULL);
}

/**
 * dsr_arp_ask() - ask who speaks for a VIP, so that a director can be told from
 *	who holds it
 * @dev: where to ask
 * @vip: the address
 * @mac: who is asked; NULL: all
 *
 * Context: any.
 */
void dsr_arp_ask(struct net_device *dev, const struct in6_addr *vip,
		 const u8 *mac)
{
	struct dsr_nd_frame nd = {};
	u8 group[ETH_ALEN];

	if (dsr_is_v4(vip)) {
		arp_send(ARPOP_REQUEST, ETH_P_ARP, dsr_v4(vip), dev, 0, mac,
			 dev->dev_addr, dev->dev_addr);
		return;
	}
	nd.msg.icmph.icmp6_type = NDISC_NEIGHBOUR_SOLICITATION;
	nd.msg.target = *vip;
	nd.ip6h.daddr = *vip;
	memcpy(nd.mark, dsr_nd_mark, sizeof(nd.mark));
	if (!mac) {
		addrconf_addr_solict_mult(vip, &nd.ip6h.daddr);
		ipv6_eth_mc_map(&nd.ip6h.daddr, group);
		mac = group;
	}
	dsr_nd_send(dev, &nd, sizeof(nd), mac, NULL);
}

static void dsr_arp_group(struct net_device *dev, const struct in6_addr *vip,
			  bool join)
{
	struct in6_addr group;

	if (dsr_is_v4(vip))
		return;
	addrconf_addr_solict_mult(vip, &group);
	if (join)
		ipv6_dev_mc_inc(dev, &group);
	else
		ipv6_dev_mc_dec(dev, &group);
}

static void dsr_arp_all_devs(struct dsr_net *dn, const struct in6_addr *vip,
			     bool join)
{
	struct dsr_dev *dd;

	ASSERT_RTNL();
	list_for_each_entry(dd, &dn->devs, list)
		if (dd->dev)
			dsr_arp_group(dd->dev, vip, join);
}

static void dsr_arp_all_vips(struct dsr_net *dn, struct net_device *dev,
			     bool join)
{
	const struct dsr_addr *addr;

	ASSERT_RTNL();
	list_for_each_entry(addr, &dn->addr_list, list) {
		dsr_arp_group(dev, &addr->addr, join);
		cond_resched();
	}
}

/**
 * dsr_arp_join() - hear solicitations for a VIP
 * @dn: the director
 * @vip: its address
 *
 * Context: process, RTNL, dn->lock.
 */
void dsr_arp_join(struct dsr_net *dn, const struct in6_addr *vip)
{
	dsr_arp_all_devs(dn, vip, true);
}

/**
 * dsr_arp_leave() - no longer
 * @dn: the director
 * @vip: its address
 *
 * Context: process, RTNL, dn->lock.
 */
void dsr_arp_leave(struct dsr_net *dn, const struct in6_addr *vip)
{
	dsr_arp_all_devs(dn, vip, false);
}

/**
 * dsr_arp_join_dev() - hear solicitations for all VIPs on an interface
 * @dn: the director
 * @dev: the interface
 *
 * Context: process, RTNL, dn->lock.
 */
void dsr_arp_join_dev(struct dsr_net *dn, struct net_device *dev)
{
	dsr_arp_all_vips(dn, dev, true);
}

/**
 * dsr_arp_leave_dev() - no longer
 * @dn: the director
 * @dev: the interface
 *
 * Context: process, RTNL, dn->lock.
 */
void dsr_arp_leave_dev(struct dsr_net *dn, struct net_device *dev)
{
	dsr_arp_all_vips(dn, dev, false);
}
