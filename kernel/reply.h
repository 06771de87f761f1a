/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_REPLY_H
#define _DSR_REPLY_H

#include "packet.h"

enum dsr_reason dsr_reply_echo(struct sk_buff *skb,
			       const struct dsr_packet *pkt);
void dsr_reply_too_big(const struct sk_buff *skb, const struct dsr_packet *pkt,
		       unsigned int mtu);
void dsr_reply_expired(const struct sk_buff *skb, const struct dsr_packet *pkt);

#endif /* _DSR_REPLY_H */
