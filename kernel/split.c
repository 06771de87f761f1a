// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is larger than the way out goes in parts, as by any router: IPv4 that may
 * be fragmented, and what was put together on its way in.
 */
#include <linux/etherdevice.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/ipv6.h>
#include <net/ipv6_stubs.h>
#include <net/route.h>

#include "compat.h"
#include "nexthop.h"
#include "split.h"
#include "xmit.h"

/**
 * struct dsr_way - what the kernel's fragmentation takes for a route
 * @dst: it is one by this; of @v4 or @v6 no more is looked at
 * @v4: an IPv4 packet's
 * @v6: an IPv6 packet's
 * @path: where parts go
 *
 * On the stack of who splits; no part outlives that.
 */
struct dsr_way {
	union {
		struct dst_entry dst;
		struct rtable v4;
		struct rt6_info v6;
	};
	const struct dsr_path *path;
};

static unsigned int dsr_way_mtu(const struct dst_entry *dst)
{
	return READ_ONCE(dst->dev->mtu);
}

static struct dst_ops dsr_way_ops = {
	.family = AF_UNSPEC,
	.mtu = dsr_way_mtu,
};

/*
 * What conntrack has put together has the size of its largest part and, in its
 * control block, whatever else the kernel needs to take it apart again.
 */
static bool dsr_was_defragmented(const struct sk_buff *skb)
{
	return skb->ignore_df && !skb_is_gso(skb);
}

/**
 * dsr_split_allowed() - may a packet go in parts?
 * @skb: the packet, data at the IP header, larger than @mtu
 * @mtu: what the way takes, in bytes of IP packet
 *
 * Context: softirq.
 * Return: true if dsr_split() may have it.
 */
bool dsr_split_allowed(const struct sk_buff *skb, unsigned int mtu)
{
	bool v4 = skb->protocol == htons(ETH_P_IP);
	unsigned int parts;

	/* what LRO merged has a size to be cut to, but nobody knows how */
	if (skb_is_gso(skb) && !skb_shinfo(skb)->gso_type)
		return false;
	if (v4 &&
	    !(((const struct iphdr *)skb->data)->frag_off & htons(IP_DF)))
		return true;
	if (!dsr_was_defragmented(skb))
		return false;
	parts = v4 ? IPCB(skb)->frag_max_size : IP6CB(skb)->frag_max_size;
	return parts && parts <= mtu;
}

/* The kernel has made a part: off it goes */
static int dsr_split_output(struct net *net, struct sock *sk,
			    struct sk_buff *skb)
{
	const struct dsr_way *way = container_of(skb_dst(skb), struct dsr_way,
						 dst);
	const struct dsr_path *path = way->path;

	skb_dst_drop(skb);
	if (skb_cow_head(skb, LL_RESERVED_SPACE(path->dev))) {
		kfree_skb(skb);
		return -ENOMEM;
	}
	skb->dev = path->dev;
	dsr_xmit_path(skb, path);
	return 0;
}

static void dsr_way_init(struct dsr_way *way, const struct dsr_path *path)
{
	memset(way, 0, sizeof(*way));
	dsr_dst_init(&way->dst, &dsr_way_ops);
	way->dst.dev = path->dev;
	way->path = path;
}

/* One datagram, or one segment of many; it is gone afterwards */
static int dsr_split_datagram(struct sk_buff *skb, const struct dsr_path *path)
{
	struct net *net = dev_net(path->dev);
	struct dsr_way way;

	dsr_way_init(&way, path);
	skb_dst_set_noref(skb, &way.dst);
	if (skb->protocol != htons(ETH_P_IP))
		return ipv6_stub->ipv6_fragment(net, NULL, skb,
						dsr_split_output);
	/* some options are for the first part only */
	IPCB(skb)->opt.optlen = (ip_hdr(skb)->ihl - 5) * 4;
	return ip_do_fragment(net, NULL, skb, dsr_split_output);
}

/* Segments first: each of them is a datagram, and may be small enough as it is */
static int dsr_split_gso(struct sk_buff *skb, const struct dsr_path *path)
{
	struct sk_buff *segs, *next;
	int err = 0, failed;

	segs = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(segs)) {
		kfree_skb(skb);
		return segs ? PTR_ERR(segs) : -EINVAL;
	}
	consume_skb(skb);
	skb_list_walk_safe(segs, skb, next) {
		skb_mark_not_on_list(skb);
		memset(skb->cb, 0, sizeof(skb->cb));
		failed = dsr_split_datagram(skb, path);
		err = err ?: failed;
	}
	return err;
}

/**
 * dsr_split() - send a packet in parts
 * @skb: data at the IP header, which is ours to change; gone afterwards
 * @path: where to; it is ready, or has a neighbour
 *
 * Context: softirq, RCU.
 * Return: 0, or a negative errno if not all parts are on their way.
 */
int dsr_split(struct sk_buff *skb, const struct dsr_path *path)
{
	skb_reset_network_header(skb);
	if (!dsr_was_defragmented(skb))
		memset(skb->cb, 0, sizeof(skb->cb));
	return skb_is_gso(skb) ? dsr_split_gso(skb, path) :
				 dsr_split_datagram(skb, path);
}
