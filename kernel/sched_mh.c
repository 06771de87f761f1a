// SPDX-License-Identifier: GPL-2.0-only
/*
 * mh: Maglev. A hash of the flow names a slot; when servers come or go, few
 * slots change hands, and all directors have the same table.
 */
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "maglev.h"
#include "sched.h"
#include "server.h"

/* A hundred slots a server keep shares even to about one in a hundred */
static const unsigned int dsr_mh_primes[] = { 4093, 65521, 1048573, 6553621 };

static unsigned int dsr_mh_slots(const struct dsr_pool *pool)
{
	unsigned int i = 0;

	while (i < ARRAY_SIZE(dsr_mh_primes) - 1 &&
	       dsr_mh_primes[i] < 100 * pool->nr_servers)
		i++;
	return dsr_mh_primes[i];
}

static int dsr_mh_fill(struct dsr_pool *pool)
{
	struct dsr_maglev_node *node;
	unsigned int i;

	node = kvcalloc(pool->nr_servers, sizeof(*node), GFP_KERNEL);
	if (!node)
		return -ENOMEM;

	for (i = 0; i < pool->nr_servers; i++) {
		const struct dsr_server *server = pool->server[i];

		/* the seeds only have to differ; they can never change */
		node[i].weight = server->weight;
		node[i].pos = reciprocal_scale(jhash(&server->addr,
						     sizeof(server->addr), 1),
					       pool->nr_slots);
		node[i].skip = reciprocal_scale(jhash(&server->addr,
						      sizeof(server->addr), 2),
						pool->nr_slots - 1) + 1;
	}
	dsr_maglev_fill(pool->slot, pool->nr_slots, node, pool->nr_servers);
	kvfree(node);
	return 0;
}

const struct dsr_sched dsr_sched_mh = {
	.name = "mh",
	.slots = dsr_mh_slots,
	.fill = dsr_mh_fill,
	.choose = dsr_sched_hash,
};
