// SPDX-License-Identifier: GPL-2.0-only
/* Which server gets a new flow: what all schedulers share. */
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "sched.h"
#include "server.h"
#include "vip.h"

static const struct dsr_sched *const dsr_scheds[] = {
	&dsr_sched_mh,		/* the default */
	&dsr_sched_sh,
	&dsr_sched_dh,
	&dsr_sched_rr,
	&dsr_sched_wrr,
	&dsr_sched_lc,
	&dsr_sched_wlc,
	&dsr_sched_sed,
	&dsr_sched_nq,
	&dsr_sched_fo,
	&dsr_sched_ovf,
};

/**
 * dsr_sched_find() - a scheduler by its name
 * @name: its name, or NULL for the default
 *
 * Context: any.
 * Return: the scheduler, or NULL.
 */
const struct dsr_sched *dsr_sched_find(const char *name)
{
	unsigned int i;

	if (!name)
		return dsr_scheds[0];
	for (i = 0; i < ARRAY_SIZE(dsr_scheds); i++)
		if (!strcmp(dsr_scheds[i]->name, name))
			return dsr_scheds[i];
	return NULL;
}

/**
 * dsr_sched_each_slots() - a slot for each server
 * @pool: the servers
 *
 * Context: process, dn->lock.
 * Return: how many slots.
 */
unsigned int dsr_sched_each_slots(const struct dsr_pool *pool)
{
	return pool->nr_servers;
}

/**
 * dsr_sched_each_fill() - a slot for each server, in their order
 * @pool: the servers
 *
 * Context: process, dn->lock.
 * Return: 0.
 */
int dsr_sched_each_fill(struct dsr_pool *pool)
{
	unsigned int i;

	for (i = 0; i < pool->nr_slots; i++)
		pool->slot[i] = i;
	return 0;
}

/**
 * dsr_sched_slot() - the server of the slot that a hash names
 * @pool: the servers, at least one
 * @hash: all of its 32 bits count
 *
 * Context: RCU.
 * Return: a server.
 */
struct dsr_server *dsr_sched_slot(const struct dsr_pool *pool, u32 hash)
{
	return pool->server[pool->slot[reciprocal_scale(hash, pool->nr_slots)]];
}

/* Where this CPU goes on; the table may have become shorter meanwhile */
static u32 dsr_sched_cursor(const struct dsr_vip *vip,
			    const struct dsr_pool *pool)
{
	u32 at = *this_cpu_ptr(vip->cursors);

	return likely(at < pool->nr_slots) ? at : at % pool->nr_slots;
}

/**
 * dsr_sched_turn() - the server of the next slot
 * @vip: the VIP
 * @pool: its servers, at least one
 * @pkt: not looked at
 *
 * Each CPU goes round on its own, and starts at another slot. Of any number of
 * flows no server gets more than one too many or too few from each CPU.
 *
 * Context: softirq, RCU.
 * Return: a server.
 */
struct dsr_server *dsr_sched_turn(const struct dsr_vip *vip,
				  const struct dsr_pool *pool,
				  const struct dsr_packet *pkt)
{
	return pool->server[pool->slot[dsr_sched_cursor(vip, pool)]];
}

/*
 * The seed is the same everywhere and for ever: directors with the same servers
 * choose the same one.
 */
static inline u32 dsr_sched_flow_hash(const struct dsr_packet *pkt)
{
	u32 ports = (u32)ntohs(pkt->cport) << 16 | ntohs(pkt->vport);
	u32 hash;

	if (dsr_is_v4(&pkt->client))
		return jhash_3words(ntohl(dsr_v4(&pkt->client)),
				    ntohl(dsr_v4(&pkt->vip)), ports,
				    pkt->proto);
	hash = jhash(&pkt->client, sizeof(pkt->client), pkt->proto);
	hash = jhash(&pkt->vip, sizeof(pkt->vip), hash);
	return jhash_1word(ports, hash);
}

/**
 * dsr_sched_hash() - the server of the slot that the flow's hash names
 * @vip: the VIP
 * @pool: its servers, at least one
 * @pkt: the packet, hashed by client, VIP and protocol
 *
 * Context: softirq, RCU.
 * Return: a server.
 */
struct dsr_server *dsr_sched_hash(const struct dsr_vip *vip,
				  const struct dsr_pool *pool,
				  const struct dsr_packet *pkt)
{
	return dsr_sched_slot(pool, dsr_sched_flow_hash(pkt));
}

/* A server that takes one more flow, in place of one that is full */
static struct dsr_server *dsr_sched_overflow(const struct dsr_pool *pool,
					     const struct dsr_packet *pkt)
{
	unsigned int n = pool->nr_servers, left = n;
	unsigned int i = reciprocal_scale(dsr_sched_flow_hash(pkt), n);

	for (; left; left--, i = i + 1 == n ? 0 : i + 1) {
		struct dsr_server *server = pool->server[i];

		if (!dsr_server_full(server) && READ_ONCE(server->weight))
			return server;
	}
	return NULL;
}

/**
 * dsr_sched_stateless() - the server for what is not remembered
 * @vip: the VIP
 * @pool: its servers
 * @pkt: the packet
 *
 * The same one for each packet of a flow, as long as the servers stay.
 *
 * Context: softirq, RCU.
 * Return: a server, or NULL if there is none.
 */
struct dsr_server *dsr_sched_stateless(const struct dsr_vip *vip,
				       const struct dsr_pool *pool,
				       const struct dsr_packet *pkt)
{
	if (!pool->nr_slots)
		return pool->sorry;
	if (pool->sched->stable)
		return pool->sched->choose(vip, pool, pkt);
	return dsr_sched_hash(vip, pool, pkt);
}

/**
 * dsr_sched_peek() - the server that a new flow would get
 * @vip: the VIP
 * @pool: its servers
 * @pkt: its first packet
 *
 * Of a connection that is met in its middle the beginning was not remembered,
 * or another director's: who has it is found as it was then, by hash.
 *
 * Context: softirq, RCU.
 * Return: a server, or NULL if none can take the flow.
 */
struct dsr_server *dsr_sched_peek(const struct dsr_vip *vip,
				  const struct dsr_pool *pool,
				  const struct dsr_packet *pkt)
{
	struct dsr_server *server;

	if (!pool->nr_slots)
		return pool->sorry;
	if (dsr_sched_opens(pkt))
		server = pool->sched->choose(vip, pool, pkt);
	else
		server = dsr_sched_stateless(vip, pool, pkt);
	if (server && unlikely(dsr_server_full(server)))
		server = dsr_sched_overflow(pool, pkt);
	return server ?: pool->sorry;
}

/**
 * dsr_sched_choose() - the server for a new flow
 * @vip: the VIP
 * @pool: its servers
 * @pkt: its first packet
 *
 * Context: softirq, RCU.
 * Return: what dsr_sched_peek() says; the next flow may get another one.
 */
struct dsr_server *dsr_sched_choose(const struct dsr_vip *vip,
				    const struct dsr_pool *pool,
				    const struct dsr_packet *pkt)
{
	struct dsr_server *server = dsr_sched_peek(vip, pool, pkt);

	if (pool->sched->turns && pool->nr_slots && dsr_sched_opens(pkt))
		*this_cpu_ptr(vip->cursors) = dsr_sched_cursor(vip, pool) + 1;
	return server;
}

static void dsr_pool_free(struct rcu_head *rcu)
{
	struct dsr_pool *pool = container_of(rcu, struct dsr_pool, rcu);

	kvfree(pool->slot);
	kvfree(pool);
}

/* The order must not depend on the order in which servers were added */
static int dsr_pool_cmp(const void *a, const void *b)
{
	const struct dsr_server *const *x = a, *const *y = b;

	return memcmp(&(*x)->addr, &(*y)->addr, sizeof((*x)->addr));
}

/**
 * dsr_sched_member() - the server of a pool with that address
 * @pool: the servers
 * @addr: the address
 *
 * Context: RCU.
 * Return: the server, or NULL.
 */
struct dsr_server *dsr_sched_member(const struct dsr_pool *pool,
				    const struct in6_addr *addr)
{
	unsigned int lo = 0, hi = pool->nr_servers;

	while (lo < hi) {
		unsigned int mid = lo + (hi - lo) / 2;
		struct dsr_server *server = pool->server[mid];
		int order = memcmp(addr, &server->addr, sizeof(*addr));

		if (!order)
			return server;
		if (order < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

/**
 * dsr_pool_alloc() - begin to make a pool
 * @sched: the scheduler
 * @max: so many servers may be added
 *
 * Context: process.
 * Return: the pool, to be published or given to dsr_pool_drop(); or NULL.
 */
struct dsr_pool *dsr_pool_alloc(const struct dsr_sched *sched, unsigned int max)
{
	struct dsr_pool *pool;

	pool = kvzalloc(struct_size(pool, server, max), GFP_KERNEL);
	if (pool)
		pool->sched = sched;
	return pool;
}

/**
 * dsr_pool_add() - give a pool a server
 * @pool: the pool
 * @server: the server
 * @share: its weight; 0 and it is left out
 *
 * Context: process, dn->lock.
 */
void dsr_pool_add(struct dsr_pool *pool, struct dsr_server *server, u32 share)
{
	if (!share)
		return;
	server->share = share;
	if (server->sorry)
		pool->sorry = server;
	else
		pool->server[pool->nr_servers++] = server;
}

/**
 * dsr_pool_fill() - fill a pool's table, when it has its servers
 * @pool: the pool
 *
 * Context: process, dn->lock.
 * Return: 0 or -ENOMEM.
 */
int dsr_pool_fill(struct dsr_pool *pool)
{
	if (!pool->nr_servers)
		return 0;
	sort(pool->server, pool->nr_servers, sizeof(pool->server[0]),
	     dsr_pool_cmp, NULL);
	pool->nr_slots = pool->sched->slots(pool);
	pool->slot = kvmalloc_array(pool->nr_slots, sizeof(*pool->slot),
				    GFP_KERNEL);
	return pool->slot ? pool->sched->fill(pool) : -ENOMEM;
}

/**
 * dsr_pool_drop() - free a pool that was never published
 * @pool: the pool, or NULL
 *
 * Context: process.
 */
void dsr_pool_drop(struct dsr_pool *pool)
{
	if (pool)
		dsr_pool_free(&pool->rcu);
}

static u32 dsr_server_share(const struct dsr_server *server)
{
	if (server->sorry && server != server->vip->sorry)
		return 0;	/* its VIP has just been given another */
	return server->alive && !server->removed ? server->weight : 0;
}

static bool dsr_pool_usable(const struct dsr_pool *pool)
{
	return pool && (pool->nr_slots || pool->sorry);
}

/* Publishes a VIP's pool, or takes it away */
static void dsr_pool_replace(struct dsr_vip *vip, struct dsr_pool *new)
{
	struct dsr_pool *old;
	int usable;

	old = rcu_replace_pointer(vip->pool, new,
				  lockdep_is_held(&vip->dn->lock));
	usable = dsr_pool_usable(new) - dsr_pool_usable(old);
	if (usable)
		WRITE_ONCE(vip->addr->usable, vip->addr->usable + usable);
	if (old)
		call_rcu(&old->rcu, dsr_pool_free);
}

/**
 * dsr_pool_publish() - let a VIP choose from a pool
 * @vip: the VIP
 * @pool: filled
 *
 * Context: process, dn->lock.
 */
void dsr_pool_publish(struct dsr_vip *vip, struct dsr_pool *pool)
{
	dsr_pool_replace(vip, pool);
	list_del_init(&vip->stale);
}

/**
 * dsr_sched_rebuild() - let a VIP choose from its servers as they are now
 * @vip: the VIP
 *
 * Context: process, dn->lock.
 * Return: 0, or -ENOMEM and the old pool stays.
 */
int dsr_sched_rebuild(struct dsr_vip *vip)
{
	struct dsr_server *server;
	struct dsr_pool *pool;
	int err;

	lockdep_assert_held(&vip->dn->lock);

	pool = dsr_pool_alloc(vip->opts.sched, vip->nr_servers);
	if (!pool)
		return -ENOMEM;
	list_for_each_entry(server, &vip->servers, list)
		dsr_pool_add(pool, server, dsr_server_share(server));
	err = dsr_pool_fill(pool);
	if (err)
		dsr_pool_drop(pool);
	else
		dsr_pool_publish(vip, pool);
	return err;
}

/**
 * dsr_sched_release() - take a VIP's pool away for good
 * @vip: the VIP; no table names it any more
 *
 * Context: process, dn->lock.
 */
void dsr_sched_release(struct dsr_vip *vip)
{
	dsr_pool_replace(vip, NULL);
	list_del_init(&vip->stale);
}
