// SPDX-License-Identifier: GPL-2.0-only
/*
 * lc, wlc, sed, nq: the server with the least to do. All servers are compared
 * at each choice, with counts that are right at that moment: no lock, so two
 * CPUs that choose at once may choose the same.
 *
 * As in IPVS, a flow that is not active (after FIN or RST) weighs a 256th of one
 * that is.
 */
#include "sched.h"
#include "server.h"

static u64 dsr_lc_load(const struct dsr_server *server)
{
	int active = max(atomic_read(&server->active), 0);
	unsigned int flows = dsr_server_flows(server);

	return ((u64)active << 8) + (flows > active ? flows - active : 0);
}

/* What the next flow costs, in units of the least weight */
static u64 dsr_sed_load(const struct dsr_server *server)
{
	return max(atomic_read(&server->active), 0) + 1;
}

/* The server with the least load for its weight; the first of equal ones */
static struct dsr_server *dsr_least(const struct dsr_pool *pool, bool weighted,
				    u64 (*load)(const struct dsr_server *))
{
	struct dsr_server *least = NULL;
	u64 least_load = 0;
	u32 least_weight = 1;
	unsigned int i;

	for (i = 0; i < pool->nr_servers; i++) {
		struct dsr_server *server = pool->server[i];
		u32 weight = weighted ? READ_ONCE(server->weight) : 1;
		u64 this = load(server);

		/* it may have been drained since the pool was built */
		if (!weight || dsr_server_full(server))
			continue;
		/* this / weight < least_load / least_weight */
		if (!least || this * least_weight < least_load * weight) {
			least = server;
			least_load = this;
			least_weight = weight;
		}
	}
	return least;
}

static struct dsr_server *dsr_lc_choose(const struct dsr_vip *vip,
					const struct dsr_pool *pool,
					const struct dsr_packet *pkt)
{
	return dsr_least(pool, false, dsr_lc_load);
}

static struct dsr_server *dsr_wlc_choose(const struct dsr_vip *vip,
					 const struct dsr_pool *pool,
					 const struct dsr_packet *pkt)
{
	return dsr_least(pool, true, dsr_lc_load);
}

static struct dsr_server *dsr_sed_choose(const struct dsr_vip *vip,
					 const struct dsr_pool *pool,
					 const struct dsr_packet *pkt)
{
	return dsr_least(pool, true, dsr_sed_load);
}

static struct dsr_server *dsr_nq_choose(const struct dsr_vip *vip,
					const struct dsr_pool *pool,
					const struct dsr_packet *pkt)
{
	unsigned int i;

	/* nobody is to wait while a server, be it a slow one, idles */
	for (i = 0; i < pool->nr_servers; i++)
		if (atomic_read(&pool->server[i]->active) <= 0)
			return pool->server[i];
	return dsr_sed_choose(vip, pool, pkt);
}

#define DSR_SCHED_LEAST(_name)						\
const struct dsr_sched dsr_sched_##_name = {				\
	.name = #_name,							\
	.slots = dsr_sched_each_slots,					\
	.fill = dsr_sched_each_fill,					\
	.choose = dsr_##_name##_choose,					\
}

DSR_SCHED_LEAST(lc);
DSR_SCHED_LEAST(wlc);
DSR_SCHED_LEAST(sed);
DSR_SCHED_LEAST(nq);
