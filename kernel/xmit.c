// SPDX-License-Identifier: GPL-2.0-only
/* The way out of packets that do not take the straight way. */
#include "reply.h"
#include "split.h"
#include "vip.h"
#include "xmit.h"

/**
 * dsr_xmit_expired() - a packet has been everywhere that it may be
 * @skb: data at the IP header
 * @pkt: parsed @skb
 *
 * Context: softirq, RCU.
 * Return: DSR_DROP_TTL.
 */
enum dsr_reason dsr_xmit_expired(const struct sk_buff *skb,
				 const struct dsr_packet *pkt)
{
	dsr_reply_expired(skb, pkt);
	return DSR_DROP_TTL;
}

/**
 * dsr_xmit_large() - send a packet that is larger than the way takes
 * @skb: see dsr_xmit()
 * @pkt: see dsr_xmit()
 * @server: see dsr_xmit()
 * @path: where to
 *
 * Context: softirq, RCU.
 * Return: see dsr_xmit().
 */
enum dsr_reason dsr_xmit_large(struct sk_buff *skb, const struct dsr_packet *pkt,
			       struct dsr_server *server,
			       const struct dsr_path *path)
{
	unsigned int mtu = READ_ONCE(path->dev->mtu);

	if (!dsr_split_allowed(skb, mtu)) {
		dsr_reply_too_big(skb, pkt, mtu);
		return DSR_DROP_TOO_BIG;
	}
	if (skb_cow_head(skb, LL_RESERVED_SPACE(path->dev)))
		return DSR_DROP_NO_MEMORY;
	dsr_xmit_change(skb, pkt, server, path->dev,
			skb->protocol == htons(ETH_P_IP));
	if (!dsr_split(skb, path))
		return DSR_FORWARDED;
	dsr_stats_inc(server->vip->dn, DSR_DROP_NO_MEMORY);
	return DSR_TAKEN;
}

/**
 * dsr_xmit_any() - send a packet of either protocol to a server
 * @skb: see dsr_xmit()
 * @pkt: see dsr_xmit()
 * @server: see dsr_xmit()
 *
 * Context: softirq, RCU.
 * Return: see dsr_xmit().
 */
enum dsr_reason dsr_xmit_any(struct sk_buff *skb, const struct dsr_packet *pkt,
			     struct dsr_server *server)
{
	return dsr_xmit(skb, pkt, server, skb->protocol == htons(ETH_P_IP));
}
