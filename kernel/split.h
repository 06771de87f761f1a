/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_SPLIT_H
#define _DSR_SPLIT_H

#include "dsr.h"

struct dsr_path;

bool dsr_split_allowed(const struct sk_buff *skb, unsigned int mtu);
int dsr_split(struct sk_buff *skb, const struct dsr_path *path);

#endif /* _DSR_SPLIT_H */
