// SPDX-License-Identifier: GPL-2.0-only
/*
 * wrr: in turn, by weight, interleaved.
 *
 * A server of weight w gets w of the table's slots, at even distances: the
 * k-th of them belongs at (k + 1/2) / w of the way round. Sorting all slots
 * by that place gives a table without bursts.
 */
#include <linux/gcd.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "sched.h"
#include "server.h"

/* Weights whose sum is larger are scaled down to about this many slots */
#define DSR_WRR_SLOTS(n) max_t(u64, 4096, 8 * (u64)(n))

struct dsr_wrr_place {
	u32 at;			/* 0 is the start of the round, 2^32 its end */
	u16 server;
};

/* What scales weights to slots: slots = weight * mul / div */
static void dsr_wrr_scale(const struct dsr_pool *pool, u64 *mul, u64 *div)
{
	unsigned long common = 0;
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < pool->nr_servers; i++) {
		sum += pool->server[i]->share;
		common = gcd(pool->server[i]->share, common);
	}
	*mul = 1;
	*div = common;
	if (div64_u64(sum, common) > DSR_WRR_SLOTS(pool->nr_servers)) {
		*mul = DSR_WRR_SLOTS(pool->nr_servers);
		*div = sum;
	}
}

static unsigned int dsr_wrr_share(const struct dsr_server *server,
				  u64 mul, u64 div)
{
	return max_t(u64, div64_u64(server->share * mul + div / 2, div), 1);
}

static unsigned int dsr_wrr_slots(const struct dsr_pool *pool)
{
	unsigned int i, n = 0;
	u64 mul, div;

	dsr_wrr_scale(pool, &mul, &div);
	for (i = 0; i < pool->nr_servers; i++)
		n += dsr_wrr_share(pool->server[i], mul, div);
	return n;
}

static int dsr_wrr_cmp(const void *a, const void *b)
{
	const struct dsr_wrr_place *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (int)x->server - (int)y->server;
}

static int dsr_wrr_fill(struct dsr_pool *pool)
{
	struct dsr_wrr_place *place;
	unsigned int i, k, n = 0;
	u64 mul, div;

	place = kvmalloc_array(pool->nr_slots, sizeof(*place), GFP_KERNEL);
	if (!place)
		return -ENOMEM;

	dsr_wrr_scale(pool, &mul, &div);
	for (i = 0; i < pool->nr_servers; i++) {
		unsigned int share = dsr_wrr_share(pool->server[i], mul, div);

		for (k = 0; k < share; k++, n++) {
			place[n].at = div_u64((2 * k + 1) * (1ULL << 31),
					      share);
			place[n].server = i;
		}
	}
	sort(place, n, sizeof(*place), dsr_wrr_cmp, NULL);

	for (i = 0; i < n; i++)
		pool->slot[i] = place[i].server;
	kvfree(place);
	return 0;
}

const struct dsr_sched dsr_sched_wrr = {
	.name = "wrr",
	.turns = true,
	.slots = dsr_wrr_slots,
	.fill = dsr_wrr_fill,
	.choose = dsr_sched_turn,
};
