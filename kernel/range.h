/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_RANGE_H
#define _DSR_RANGE_H

#include "dsr.h"

struct dsr_ranges;
struct netlink_ext_ack;

struct dsr_vip *dsr_ranges_find(const struct dsr_ranges *ranges, u8 proto,
				u16 port);
int dsr_ranges_add(struct dsr_vip *vip, struct netlink_ext_ack *extack);
void dsr_ranges_del(struct dsr_vip *vip);
int dsr_ranges_plan(struct dsr_vip *vip, struct netlink_ext_ack *extack);
void dsr_ranges_end(struct dsr_vip *vip, bool commit);

#endif /* _DSR_RANGE_H */
