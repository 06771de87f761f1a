/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_REPLY_H
#define _DSR_REPLY_H

#include "packet.h"

bool dsr_reply_echo(const struct sk_buff *skb, const struct dsr_packet *pkt);
void dsr_reply_too_big(const struct sk_buff *skb, const struct dsr_packet *pkt,
		       unsigned int mtu);

#endif /* _DSR_REPLY_H */
