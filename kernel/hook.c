// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where packets come in, and the path that they take: parse, look up, choose,
 * forward.
 *
 * Two ways in, one path. NF_INET_PRE_ROUTING sees every packet to the host.
 * Netdev ingress, on interfaces named by the operator, sees most of them earlier,
 * and takes what is for a VIP. What it lets pass is PRE_ROUTING's to look at, and
 * to count: there are ways round ingress, as by ifb.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <net/l3mdev.h>

#include "arp.h"
#include "choose.h"
#include "dev.h"
#include "drop.h"
#include "flow.h"
#include "frag.h"
#include "hook.h"
#include "packet.h"
#include "reply.h"
#include "server.h"
#include "speak.h"
#include "stats.h"
#include "trace.h"
#include "vip.h"
#include "xmit.h"

/*
 * After the raw table, so that an operator's early filters come first; before
 * conntrack, which would see one half of each connection only.
 */
#define DSR_PRIORITY (NF_IP_PRI_CONNTRACK - 1)

enum dsr_way_in {
	DSR_IN_LATE,	/* PRE_ROUTING: what passes is the stack's */
	DSR_IN_EARLY,	/* ingress: what passes is seen and counted there */
};

/* The end of a packet that is not forwarded */
static noinline unsigned int dsr_verdict_other(struct dsr_net *dn,
					       struct sk_buff *skb,
					       enum dsr_reason reason,
					       enum dsr_way_in in)
{
	if (reason == DSR_TAKEN)
		return NF_STOLEN;
	if (reason >= DSR_DROP_FIRST) {
		dsr_drop(dn, skb, reason);
		return NF_STOLEN;
	}
	if (reason >= DSR_PASS_FIRST && in == DSR_IN_EARLY)
		return NF_ACCEPT;
	dsr_stats_inc(dn, reason);
	trace_dsr_packet(skb, reason);
	if (reason >= DSR_PASS_FIRST)
		return NF_ACCEPT;
	consume_skb(skb);
	return NF_STOLEN;
}

static inline unsigned int dsr_verdict(struct dsr_net *dn, struct sk_buff *skb,
				       enum dsr_reason reason,
				       enum dsr_way_in in)
{
	if (unlikely(reason != DSR_FORWARDED))
		return dsr_verdict_other(dn, skb, reason, in);
	dsr_stats_inc(dn, DSR_FORWARDED);
	return NF_STOLEN;
}

/* The server for an ICMP error: who sent what it is about. Answers echo. */
static enum dsr_reason dsr_choose_icmp(struct dsr_net *dn,
				       const struct dsr_addr *addr,
				       struct sk_buff *skb,
				       const struct dsr_packet *pkt,
				       struct dsr_server **server)
{
	enum dsr_reason reason = DSR_PASS_ICMP;
	const struct dsr_pool *pool;
	struct dsr_packet quote;
	struct dsr_vip *vip;

	/* errors are small */
	if (pkt->frag == DSR_FRAG_NONE)
		reason = dsr_packet_parse_quote(&quote, pkt, skb);
	if (reason != DSR_FORWARDED)
		return READ_ONCE(addr->usable) && dsr_speak_owns(dn, addr) ?
		       dsr_reply_echo(skb, pkt) : reason;
	*server = dsr_flow_peek(dn, &quote);
	if (*server)
		return DSR_FORWARDED;

	vip = dsr_vip_match(dn, &quote);
	pool = vip ? rcu_dereference(vip->pool) : NULL;
	if (!pool)
		return DSR_PASS_ICMP;
	*server = dsr_choose_stateless(vip, pool, &quote);
	return *server ? DSR_FORWARDED : DSR_PASS_ICMP;
}

/* A datagram's first fragment decides for those that waited, and that follow */
static enum dsr_reason dsr_xmit_first(struct dsr_net *dn, struct sk_buff *skb,
				      const struct dsr_packet *pkt,
				      struct dsr_server *server)
{
	struct dsr_packet later = *pkt;
	struct sk_buff_head held;
	enum dsr_reason reason;
	struct sk_buff *next;

	dsr_frag_learn(dn, pkt, server, &held);
	reason = dsr_xmit_any(skb, pkt, server);
	while ((next = __skb_dequeue(&held))) {
		later.bytes = dsr_frag_cb(next)->bytes;
		dsr_verdict(dn, next, dsr_xmit_any(next, &later, server),
			    DSR_IN_LATE);
	}
	return reason;
}

/*
 * One packet to a VIP's address. The skb is gone if DSR_FORWARDED or DSR_TAKEN
 * returns.
 */
static enum dsr_reason dsr_forward(struct dsr_net *dn,
				   const struct dsr_addr *addr,
				   struct sk_buff *skb)
{
	struct dsr_server *server;
	enum dsr_reason reason;
	struct dsr_packet pkt;

	if (skb->protocol == htons(ETH_P_IP))
		reason = dsr_packet_parse4(&pkt, skb);
	else
		reason = dsr_packet_parse6(&pkt, skb);
	if (likely(reason == DSR_FORWARDED && pkt.frag != DSR_FRAG_LATER)) {
		server = dsr_flow_server(dn, &pkt, false);
		if (unlikely(!server))
			reason = dsr_choose(dn, skb, &pkt, &server);
	} else if (reason == DSR_FORWARDED) {
		reason = dsr_frag_follow(dn, &pkt, skb, &server);
	} else if (reason == DSR_PASS_ICMP) {
		reason = dsr_choose_icmp(dn, addr, skb, &pkt, &server);
	}

	if (unlikely(reason == DSR_PASS_NO_PORT && pkt.frag == DSR_FRAG_FIRST))
		dsr_frag_learn_pass(dn, &pkt);
	if (unlikely(reason != DSR_FORWARDED))
		return reason;
	if (unlikely(pkt.frag == DSR_FRAG_FIRST))
		return dsr_xmit_first(dn, skb, &pkt, server);
	return dsr_xmit_any(skb, &pkt, server);
}

/*
 * What the link layer has filled up to its least size goes no further. True if
 * there was something to cut off.
 */
static bool dsr_unpad(struct sk_buff *skb, bool v4)
{
	const struct ipv6hdr *ip6h = (const struct ipv6hdr *)skb->data;
	unsigned int bytes;

	/* a jumbogram has its length elsewhere */
	if (skb_is_gso(skb) || (!v4 && !ip6h->payload_len))
		return false;
	bytes = v4 ? ntohs(((const struct iphdr *)skb->data)->tot_len) :
		     ntohs(ip6h->payload_len) + sizeof(*ip6h);
	/* a length that can't be is looked at as it is */
	return skb->len > bytes && bytes >= sizeof(struct iphdr) &&
	       !pskb_trim_rcsum(skb, bytes);
}

static unsigned int dsr_input_vip4(struct dsr_net *dn, struct sk_buff *skb,
				   enum dsr_way_in in);
static unsigned int dsr_input_vip6(struct dsr_net *dn, struct sk_buff *skb,
				   enum dsr_way_in in);

/* A packet that is not plain, or may not be */
static noinline unsigned int
dsr_input_odd(struct dsr_net *dn, struct sk_buff *skb, enum dsr_way_in in)
{
	bool v4 = skb->protocol == htons(ETH_P_IP);
	const struct dsr_addr *addr;
	struct in6_addr daddr;

	/* not even an IP header: the stack's to count */
	if (!pskb_may_pull(skb, v4 ? sizeof(struct iphdr) :
				     sizeof(struct ipv6hdr)))
		return NF_ACCEPT;

	/* without it the packet may be plain */
	if (dsr_unpad(skb, v4))
		return v4 ? dsr_input_vip4(dn, skb, in) :
			    dsr_input_vip6(dn, skb, in);
	if (v4)
		ipv6_addr_set_v4mapped(((struct iphdr *)skb->data)->daddr,
				       &daddr);
	else
		daddr = ((struct ipv6hdr *)skb->data)->daddr;
	addr = dsr_addr_find(dn, &daddr);
	/* mapped addresses are how we write IPv4's, not seen on a wire */
	if (!addr || (!v4 && (dsr_is_v4(&daddr) ||
			      dsr_is_v4(&((struct ipv6hdr *)skb->data)->saddr))))
		return dsr_verdict(dn, skb, DSR_PASS_NOT_VIP, in);
	return dsr_verdict(dn, skb, dsr_forward(dn, addr, skb), in);
}

/*
 * A plain packet that may be for a VIP. What has a flow has a VIP: which one is
 * asked for those without only.
 */
static __always_inline unsigned int dsr_input_plain(struct dsr_net *dn,
						    struct sk_buff *skb,
						    const struct dsr_packet *pkt,
						    bool v4, enum dsr_way_in in)
{
	struct dsr_server *chosen __dsr_filled_in, *server;
	enum dsr_reason reason;

	server = dsr_flow_server(dn, pkt, v4);
	if (unlikely(!server)) {
		reason = dsr_choose(dn, skb, pkt, &chosen);
		if (unlikely(reason != DSR_FORWARDED))
			return dsr_verdict(dn, skb, reason, in);
		server = chosen;
	}
	return dsr_verdict(dn, skb, dsr_xmit(skb, pkt, server, v4), in);
}

static noinline __flatten unsigned int
dsr_input_vip4(struct dsr_net *dn, struct sk_buff *skb, enum dsr_way_in in)
{
	struct dsr_packet pkt __dsr_filled_in;

	if (unlikely(!dsr_packet_plain4(&pkt, skb)))
		return dsr_input_odd(dn, skb, in);
	return dsr_input_plain(dn, skb, &pkt, true, in);
}

static noinline __flatten unsigned int
dsr_input_vip6(struct dsr_net *dn, struct sk_buff *skb, enum dsr_way_in in)
{
	struct dsr_packet pkt __dsr_filled_in;

	if (unlikely(!dsr_packet_plain6(&pkt, skb) || dsr_is_v4(&pkt.client) ||
		     dsr_is_v4(&pkt.vip)))
		return dsr_input_odd(dn, skb, in);
	return dsr_input_plain(dn, skb, &pkt, false, in);
}

static noinline unsigned int dsr_trace_stranger(struct sk_buff *skb)
{
	trace_dsr_packet(skb, DSR_PASS_NOT_VIP);
	return NF_ACCEPT;
}

/*
 * A packet for no VIP. Up to here a hook calls nothing, so that it has no stack
 * frame to set up.
 */
static __always_inline unsigned int
dsr_pass_stranger(struct dsr_net *dn, struct sk_buff *skb, enum dsr_way_in in)
{
	if (in == DSR_IN_EARLY)
		return NF_ACCEPT;
	dsr_stats_inc(dn, DSR_PASS_NOT_VIP);
	return trace_dsr_packet_enabled() ? dsr_trace_stranger(skb) : NF_ACCEPT;
}

/* A unicast IPv4 packet, at the IP header. Most are for no VIP. */
static __always_inline unsigned int dsr_input4(struct dsr_net *dn,
					       struct sk_buff *skb,
					       enum dsr_way_in in)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;

	if (unlikely(skb_headlen(skb) < sizeof(*iph)))
		return dsr_input_odd(dn, skb, in);
	if (dsr_filter_passes(dn, (__force u32)iph->daddr))
		return dsr_input_vip4(dn, skb, in);
	return dsr_pass_stranger(dn, skb, in);
}

/* A unicast IPv6 packet, at the IP header */
static __always_inline unsigned int dsr_input6(struct dsr_net *dn,
					       struct sk_buff *skb,
					       enum dsr_way_in in)
{
	const struct ipv6hdr *ip6h = (const struct ipv6hdr *)skb->data;

	if (unlikely(skb_headlen(skb) < sizeof(*ip6h)))
		return dsr_input_odd(dn, skb, in);
	if (dsr_filter_passes(dn, dsr_addr_fold(&ip6h->daddr)))
		return dsr_input_vip6(dn, skb, in);
	return dsr_pass_stranger(dn, skb, in);
}

/* Bridge netfilter shows PRE_ROUTING what it bridges, as if it were ours */
static inline bool dsr_bridged_elsewhere(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	const struct nf_bridge_info *info = nf_bridge_info_get(skb);

	return info && info->pkt_otherhost;
#else
	return false;
#endif
}

/* What PRE_ROUTING has no business with */
static __always_inline bool dsr_not_ours(const struct sk_buff *skb,
					 const struct net_device *in)
{
	/*
	 * By way of lo come the director's own packets to a local VIP; by a bond
	 * that is down, what its cables go on to receive. A VRF shows once more
	 * what its interfaces have shown.
	 */
	return skb->pkt_type != PACKET_HOST ||
	       (in->flags & (IFF_LOOPBACK | IFF_UP)) != IFF_UP ||
	       netif_is_l3_master(in) || dsr_bridged_elsewhere(skb);
}

static unsigned int dsr_hook_inet4(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	if (dsr_not_ours(skb, state->in))
		return NF_ACCEPT;
	return dsr_input4(priv, skb, DSR_IN_LATE);
}

static unsigned int dsr_hook_inet6(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	if (dsr_not_ours(skb, state->in))
		return NF_ACCEPT;
	return dsr_input6(priv, skb, DSR_IN_LATE);
}

/* May it be a solicitation? One whose header lies in pieces may be. */
static bool dsr_may_solicit(const struct sk_buff *skb)
{
	return skb_headlen(skb) < sizeof(struct ipv6hdr) ||
	       ((const struct ipv6hdr *)skb->data)->nexthdr == IPPROTO_ICMPV6;
}

/* Is a frame with another MAC for a macvlan on the interface? It has its turn */
static bool dsr_is_uppers(const struct sk_buff *skb)
{
	struct net_device *upper;
	struct list_head *iter;

	if (!netif_is_macvlan_port(skb->dev))
		return false;
	netdev_for_each_upper_dev_rcu(skb->dev, upper, iter)
		if (ether_addr_equal(upper->dev_addr, eth_hdr(skb)->h_dest))
			return true;
	return false;
}

/* A frame that PRE_ROUTING does not look at, if it sees it at all */
static unsigned int dsr_ingress_not_unicast(struct dsr_net *dn,
					    struct sk_buff *skb)
{
	if (skb->pkt_type != PACKET_OTHERHOST)
		return dsr_verdict(dn, skb, DSR_PASS_NOT_UNICAST, DSR_IN_LATE);
	return dsr_is_uppers(skb) ? NF_ACCEPT :
	       dsr_verdict(dn, skb, DSR_PASS_OTHER_HOST, DSR_IN_LATE);
}

/* All frames but those with unicast IPv4 */
static noinline unsigned int dsr_ingress_other(struct dsr_net *dn,
					       struct sk_buff *skb)
{
	bool answered = false;

	if (skb->protocol == htons(ETH_P_ARP))
		answered = dsr_arp_request(dn, skb);
	else if (skb->protocol == htons(ETH_P_IPV6) && dsr_may_solicit(skb))
		answered = dsr_arp_solicit(dn, skb);
	/* nobody else is to answer, nor to send it on its way */
	if (answered)
		return dsr_verdict(dn, skb, DSR_ANSWERED, DSR_IN_EARLY);

	if (skb->pkt_type != PACKET_HOST)
		return dsr_ingress_not_unicast(dn, skb);
	if (skb->protocol == htons(ETH_P_IPV6))
		return dsr_input6(dn, skb, DSR_IN_EARLY);
	return NF_ACCEPT;
}

static __always_inline unsigned int dsr_ingress_frame(struct dsr_net *dn,
						      struct sk_buff *skb)
{
	if (likely(skb->pkt_type == PACKET_HOST &&
		   skb->protocol == htons(ETH_P_IP)))
		return dsr_input4(dn, skb, DSR_IN_EARLY);
	return dsr_ingress_other(dn, skb);
}

/*
 * A frame that is tagged, or that others hold, too, and must not see change. A
 * VLAN's frame is for a VLAN interface and will be seen there; but VLAN 0 is none:
 * its tag has a priority only. A bond that is down has frames, but must not be
 * used.
 */
static noinline unsigned int dsr_ingress_odd(struct dsr_net *dn,
					     struct sk_buff *skb)
{
	struct sk_buff *own;
	unsigned int verdict;

	if ((skb_vlan_tag_present(skb) && skb_vlan_tag_get_id(skb)) ||
	    !(skb->dev->flags & IFF_UP))
		return NF_ACCEPT;
	if (!skb_shared(skb))
		return dsr_ingress_frame(dn, skb);
	own = skb_clone(skb, GFP_ATOMIC);
	if (!own)
		return dsr_verdict(dn, skb, DSR_DROP_NO_MEMORY, DSR_IN_EARLY);
	verdict = dsr_ingress_frame(dn, own);
	consume_skb(verdict == NF_ACCEPT ? own : skb);
	return verdict;
}

/**
 * dsr_hook_ingress() - a frame came in on a dev interface
 * @priv: the director
 * @skb: the frame, data at the network header
 * @state: not looked at
 *
 * Context: softirq, RCU.
 * Return: NF_ACCEPT, or NF_STOLEN if the skb is gone.
 */
unsigned int dsr_hook_ingress(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	if (unlikely(skb_vlan_tag_present(skb) || skb_shared(skb) ||
		     !(skb->dev->flags & IFF_UP)))
		return dsr_ingress_odd(priv, skb);
	return dsr_ingress_frame(priv, skb);
}

static const struct nf_hook_ops dsr_inet_ops[] = {
	{
		.hook = dsr_hook_inet4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = DSR_PRIORITY,
	},
	{
		.hook = dsr_hook_inet6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = DSR_PRIORITY,
	},
};

/**
 * dsr_hook_refuse() - say why a hook can't be registered
 * @err: what registering met with
 * @extack: gets the text; without one an operator sees @err
 *
 * Context: any.
 * Return: @err.
 */
int dsr_hook_refuse(int err, struct netlink_ext_ack *extack)
{
	switch (err) {
	case -ENOMEM:
		NL_SET_ERR_MSG(extack, "no memory for the hooks");
		break;
	case -E2BIG:
		NL_SET_ERR_MSG(extack,
			       "others have registered all hooks that there can be");
		break;
	case -EOPNOTSUPP:
		NL_SET_ERR_MSG(extack, "the kernel lacks this kind of hook");
		break;
	}
	return err;
}

/**
 * dsr_hook_register() - start to look at packets
 * @dn: the director
 * @extack: gets the reason of a refusal
 *
 * Context: process, dn->lock.
 * Return: 0 or a negative errno; then nothing is registered.
 */
int dsr_hook_register(struct dsr_net *dn, struct netlink_ext_ack *extack)
{
	unsigned int i;
	int err;

	lockdep_assert_held(&dn->lock);

	for (i = 0; i < ARRAY_SIZE(dn->inet_ops); i++) {
		dn->inet_ops[i] = dsr_inet_ops[i];
		dn->inet_ops[i].priv = dn;
	}
	err = nf_register_net_hooks(dn->net, dn->inet_ops,
				    ARRAY_SIZE(dn->inet_ops));
	if (err)
		return dsr_hook_refuse(err, extack);
	dn->hooked = true;
	err = dsr_dev_hook_all(dn);
	if (err) {
		dsr_hook_unregister(dn);
		return dsr_hook_refuse(err, extack);
	}
	queue_delayed_work(dsr_wq, &dn->flow_work, HZ);
	return 0;
}

/**
 * dsr_hook_unregister() - stop to look at packets
 * @dn: the director
 *
 * A packet may still be on its way through until a grace period has passed.
 *
 * Context: process, dn->lock.
 */
void dsr_hook_unregister(struct dsr_net *dn)
{
	lockdep_assert_held(&dn->lock);

	if (!dn->hooked)
		return;
	dn->hooked = false;
	dsr_dev_unhook_all(dn);
	nf_unregister_net_hooks(dn->net, dn->inet_ops,
				ARRAY_SIZE(dn->inet_ops));
}
