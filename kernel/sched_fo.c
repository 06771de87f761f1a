// SPDX-License-Identifier: GPL-2.0-only
/*
 * fo: all to the server with the largest weight, the next one when it is down.
 * ovf: all to it until it has as many active flows as its weight, then to the
 * next one. The table names the servers by falling weight.
 */
#include <linux/sort.h>

#include "sched.h"
#include "server.h"

static int dsr_fo_cmp(const void *a, const void *b, const void *priv)
{
	const struct dsr_pool *pool = priv;
	u16 x = *(const u16 *)a, y = *(const u16 *)b;
	u32 wx = pool->server[x]->share, wy = pool->server[y]->share;

	if (wx != wy)
		return wx > wy ? -1 : 1;
	return (int)x - (int)y;
}

static int dsr_fo_fill(struct dsr_pool *pool)
{
	dsr_sched_each_fill(pool);
	sort_r(pool->slot, pool->nr_slots, sizeof(*pool->slot), dsr_fo_cmp,
	       NULL, pool);
	return 0;
}

static struct dsr_server *dsr_fo_choose(const struct dsr_vip *vip,
					const struct dsr_pool *pool,
					const struct dsr_packet *pkt)
{
	unsigned int i;

	for (i = 0; i < pool->nr_slots; i++)
		if (!dsr_server_full(pool->server[pool->slot[i]]))
			return pool->server[pool->slot[i]];
	return NULL;
}

static struct dsr_server *dsr_ovf_choose(const struct dsr_vip *vip,
					 const struct dsr_pool *pool,
					 const struct dsr_packet *pkt)
{
	unsigned int i;

	for (i = 0; i < pool->nr_slots; i++) {
		struct dsr_server *server = pool->server[pool->slot[i]];
		int active = atomic_read(&server->active);

		if (active < (int)READ_ONCE(server->weight) &&
		    !dsr_server_full(server))
			return server;
	}
	return NULL;
}

const struct dsr_sched dsr_sched_fo = {
	.name = "fo",
	.stable = true,
	.slots = dsr_sched_each_slots,
	.fill = dsr_fo_fill,
	.choose = dsr_fo_choose,
};

const struct dsr_sched dsr_sched_ovf = {
	.name = "ovf",
	.slots = dsr_sched_each_slots,
	.fill = dsr_fo_fill,
	.choose = dsr_ovf_choose,
};
