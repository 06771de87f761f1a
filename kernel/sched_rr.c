// SPDX-License-Identifier: GPL-2.0-only
/* rr: every server in turn, whatever its weight. */
#include "sched.h"

static unsigned int dsr_rr_slots(const struct dsr_pool *pool)
{
	return pool->nr_servers;
}

static int dsr_rr_fill(struct dsr_pool *pool)
{
	unsigned int i;

	for (i = 0; i < pool->nr_slots; i++)
		pool->slot[i] = i;
	return 0;
}

const struct dsr_sched dsr_sched_rr = {
	.name = "rr",
	.slots = dsr_rr_slots,
	.fill = dsr_rr_fill,
	.choose = dsr_sched_turn,
};
