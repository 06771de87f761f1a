/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_XMIT_H
#define _DSR_XMIT_H

#include "packet.h"
#include "server.h"

/**
 * dsr_came_on_ethernet() - has the frame of a packet a MAC of its sender?
 * @skb: the packet
 *
 * Context: softirq.
 * Return: true if eth_hdr(skb) may be looked at.
 */
static inline bool dsr_came_on_ethernet(const struct sk_buff *skb)
{
	/* a fragment that has waited has no interface any more */
	return skb->dev && skb->dev->type == ARPHRD_ETHER &&
	       skb_mac_header_was_set(skb) &&
	       skb_mac_header_len(skb) >= ETH_HLEN;
}

enum dsr_reason dsr_xmit(struct sk_buff *skb, const struct dsr_packet *pkt,
			 struct dsr_server *server);

#endif /* _DSR_XMIT_H */
