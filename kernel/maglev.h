/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_MAGLEV_H
#define _DSR_MAGLEV_H

#include <linux/types.h>

/**
 * struct dsr_maglev_node - one server while the table is filled
 * @weight: its weight, not 0
 * @pos: the next slot it wants; at first its offset, below the table's size
 * @skip: distance to the slot after that; 1 to the table's size - 1
 * @credit: turns that it has saved up, in units of weight; 0 at first
 */
struct dsr_maglev_node {
	u32 weight;
	u32 pos;
	u32 skip;
	u32 credit;
};

void dsr_maglev_fill(u16 *slot, u32 size, struct dsr_maglev_node *node,
		     u32 nr_nodes);

#endif /* _DSR_MAGLEV_H */
