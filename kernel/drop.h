/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_DROP_H
#define _DSR_DROP_H

#include <linux/skbuff.h>

#include "stats.h"

void dsr_drop(struct dsr_net *dn, struct sk_buff *skb, enum dsr_reason reason);

#endif /* _DSR_DROP_H */
