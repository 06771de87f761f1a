// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hash names a slot of Maglev's table; when servers come or go, few slots
 * change hands, and all directors have the same table.
 *
 * mh: a hash of the flow. sh: of the client's address alone, so that all its
 * connections go to one server. dh: of the VIP's address alone.
 */
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "maglev.h"
#include "sched.h"
#include "server.h"

/* A hundred slots a server keep shares even to about one in a hundred */
static const unsigned int dsr_mh_primes[] = { 4093, 65521, 1048573, 6553621 };

/**
 * dsr_sched_maglev_slots() - a size for Maglev's table
 * @pool: the servers
 *
 * Context: process, dn->lock.
 * Return: a prime, larger than a hundred times the number of servers as long
 *	as these are at most 65,535.
 */
unsigned int dsr_sched_maglev_slots(const struct dsr_pool *pool)
{
	unsigned int i = 0;

	while (i < ARRAY_SIZE(dsr_mh_primes) - 1 &&
	       dsr_mh_primes[i] < 100 * pool->nr_servers)
		i++;
	return dsr_mh_primes[i];
}

/**
 * dsr_sched_maglev_fill() - fill Maglev's table
 * @pool: the servers
 *
 * Context: process, dn->lock.
 * Return: 0 or -ENOMEM.
 */
int dsr_sched_maglev_fill(struct dsr_pool *pool)
{
	struct dsr_maglev_node *node;
	unsigned int i;

	node = kvcalloc(pool->nr_servers, sizeof(*node), GFP_KERNEL);
	if (!node)
		return -ENOMEM;

	for (i = 0; i < pool->nr_servers; i++) {
		const struct dsr_server *server = pool->server[i];

		/* the seeds only have to differ; they can never change */
		node[i].weight = server->share;
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

static struct dsr_server *dsr_sh_choose(const struct dsr_vip *vip,
					const struct dsr_pool *pool,
					const struct dsr_packet *pkt)
{
	return dsr_sched_slot(pool, jhash(&pkt->client, sizeof(pkt->client), 0));
}

static struct dsr_server *dsr_dh_choose(const struct dsr_vip *vip,
					const struct dsr_pool *pool,
					const struct dsr_packet *pkt)
{
	return dsr_sched_slot(pool, jhash(&pkt->vip, sizeof(pkt->vip), 0));
}

#define DSR_SCHED_MAGLEV(_name, _choose)				\
const struct dsr_sched dsr_sched_##_name = {				\
	.name = #_name,							\
	.stable = true,							\
	.slots = dsr_sched_maglev_slots,				\
	.fill = dsr_sched_maglev_fill,					\
	.choose = _choose,						\
}

DSR_SCHED_MAGLEV(mh, dsr_sched_hash);
DSR_SCHED_MAGLEV(sh, dsr_sh_choose);
DSR_SCHED_MAGLEV(dh, dsr_dh_choose);
