// SPDX-License-Identifier: GPL-2.0-only
/* The way out of packets that do not take the straight way. */
#include "xmit.h"

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
