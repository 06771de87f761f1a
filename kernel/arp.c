// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answers ARP and neighbour solicitation for VIPs that are nobody's address,
 * on dev interfaces. Where a VIP is the director's own, the kernel answers.
 */
#include <linux/etherdevice.h>
#include <linux/icmpv6.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/arp.h>
#include <net/ip6_checksum.h>
#include <net/ipv6_stubs.h>
#include <net/ndisc.h>
#include <net/route.h>

#include "arp.h"
#include "dev.h"
#include "netlink.h"
#include "vip.h"

static bool dsr_arp_is_local(struct dsr_net *dn, const struct in6_addr *addr)
{
	if (dsr_is_v4(addr))
		return inet_addr_type(dn->net, dsr_v4(addr)) == RTN_LOCAL;
	return ipv6_chk_addr(dn->net, addr, NULL, 0);
}

/**
 * dsr_arp_owns() - does the module speak for a VIP?
 * @dn: the director
 * @addr: the VIP's address, which has VIPs
 *
 * Context: softirq, RCU.
 * Return: false if it is the director's own address, or an operator said that
 *	others speak for it.
 */
bool dsr_arp_owns(struct dsr_net *dn, const struct dsr_addr *addr)
{
	return !READ_ONCE(addr->arp_off) && !dsr_arp_is_local(dn, &addr->addr);
}

static bool dsr_arp_own_mac(struct dsr_net *dn, const u8 *mac)
{
	const struct net_device *dev;

	for_each_netdev_rcu(dn->net, dev)
		if (dev->addr_len == ETH_ALEN &&
		    ether_addr_equal(dev->dev_addr, mac))
			return true;
	return false;
}

/*
 * Somebody on dev says that an address is his. If it is a VIP's, then either he
 * takes its packets away from us, or we take them from him. Where others are to
 * speak for a VIP, a claim is news only if the address is also ours.
 */
static void dsr_arp_claim(struct dsr_net *dn, const struct net_device *dev,
			  const struct in6_addr *vip, const u8 *mac)
{
	const struct dsr_addr *addr = dsr_addr_find(dn, vip);

	if (likely(!addr))
		return;
	if (READ_ONCE(addr->arp_off) && !dsr_arp_is_local(dn, vip))
		return;
	if (!is_valid_ether_addr(mac) || dsr_arp_own_mac(dn, mac))
		return;
	atomic_inc(&dn->arp_foreign);
	if (__ratelimit(&dn->arp_limit))
		dsr_nl_arp_event(dn, dev, vip, mac);
}

static bool dsr_arp_answers_for(struct dsr_net *dn, const struct in6_addr *vip)
{
	const struct dsr_addr *addr = dsr_addr_find(dn, vip);

	return addr && dsr_arp_owns(dn, addr);
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
	struct {
		struct arphdr hdr;
		u8 sha[ETH_ALEN];
		__be32 sip;
		u8 tha[ETH_ALEN];
		__be32 tip;
	} __packed buf;
	struct in6_addr vip;

	if (skb->pkt_type == PACKET_OTHERHOST ||
	    skb_copy_bits(skb, 0, &buf, sizeof(buf)))
		return false;
	if (buf.hdr.ar_hrd != htons(ARPHRD_ETHER) ||
	    buf.hdr.ar_pro != htons(ETH_P_IP) ||
	    buf.hdr.ar_hln != ETH_ALEN || buf.hdr.ar_pln != sizeof(buf.tip))
		return false;
	ipv6_addr_set_v4mapped(buf.sip, &vip);
	dsr_arp_claim(dn, skb->dev, &vip, buf.sha);
	/* who says what it is does not ask */
	if (buf.hdr.ar_op != htons(ARPOP_REQUEST) || buf.sip == buf.tip)
		return false;

	ipv6_addr_set_v4mapped(buf.tip, &vip);
	if (!dsr_arp_answers_for(dn, &vip))
		return false;
	arp_send(ARPOP_REPLY, ETH_P_ARP, buf.sip, skb->dev, buf.tip,
		 buf.sha, skb->dev->dev_addr, buf.sha);
	return true;
}

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
	struct {
		struct ipv6hdr ip6h;
		struct nd_msg ns;
	} __packed buf;
	struct in6_addr all_nodes = IN6ADDR_LINKLOCAL_ALLNODES_INIT;
	struct in6_addr target, source;
	bool dad;

	if (skb->pkt_type == PACKET_OTHERHOST ||
	    skb_copy_bits(skb, 0, &buf, sizeof(buf)))
		return false;
	if (buf.ip6h.nexthdr != IPPROTO_ICMPV6 || buf.ip6h.hop_limit != 255 ||
	    buf.ns.icmph.icmp6_code != 0 ||
	    ntohs(buf.ip6h.payload_len) < sizeof(buf.ns) ||
	    ntohs(buf.ip6h.payload_len) > skb->len - sizeof(buf.ip6h))
		return false;

	target = buf.ns.target;
	source = buf.ip6h.saddr;
	if (buf.ns.icmph.icmp6_type == NDISC_NEIGHBOUR_ADVERTISEMENT)
		dsr_arp_claim(dn, skb->dev, &target, eth_hdr(skb)->h_source);
	if (buf.ns.icmph.icmp6_type != NDISC_NEIGHBOUR_SOLICITATION)
		return false;
	if (dsr_is_v4(&target) || !dsr_arp_answers_for(dn, &target) ||
	    !dsr_icmp6_csum_ok(skb, &buf.ip6h))
		return false;

	/* without a source it asks whether the address is free: it is not */
	dad = ipv6_addr_any(&source);
	ipv6_stub->ndisc_send_na(skb->dev, dad ? &all_nodes : &source, &target,
				 false, !dad, true, true);
	return true;
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
