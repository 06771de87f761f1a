// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of Maglev (Eisenbud et al., NSDI 2016, section 3.4). Nothing here
 * needs the kernel.
 */
#include "maglev.h"

#define DSR_MAGLEV_FREE 0xffff

static void dsr_maglev_step(struct dsr_maglev_node *node, u32 size)
{
	node->pos += node->skip;
	if (node->pos >= size)
		node->pos -= size;
}

/**
 * dsr_maglev_fill() - fill a look-up table
 * @slot: the table; gets indices into @node
 * @size: its length, a prime, larger than @nr_nodes
 * @node: the servers, in an order that all directors agree on; used up
 * @nr_nodes: 1 to 65535
 *
 * In each round every server takes the next free slot of its own permutation.
 * One with half of the largest weight does so in every other round.
 *
 * Context: any; may take long.
 */
void dsr_maglev_fill(u16 *slot, u32 size, struct dsr_maglev_node *node,
		     u32 nr_nodes)
{
	u32 max = 0, left = size, i;

	for (i = 0; i < size; i++)
		slot[i] = DSR_MAGLEV_FREE;
	for (i = 0; i < nr_nodes; i++)
		if (node[i].weight > max)
			max = node[i].weight;

	for (i = 0; left; i = i + 1 < nr_nodes ? i + 1 : 0) {
		node[i].credit += node[i].weight;
		if (node[i].credit < max)
			continue;
		node[i].credit -= max;

		while (slot[node[i].pos] != DSR_MAGLEV_FREE)
			dsr_maglev_step(&node[i], size);
		slot[node[i].pos] = i;
		left--;
	}
}
