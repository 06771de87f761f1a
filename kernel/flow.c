// SPDX-License-Identifier: GPL-2.0-only
/* The flow table: which client endpoint is pinned to which server. */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "flow.h"
#include "persist.h"
#include "server.h"
#include "vip.h"

/* flow_work looks at every flow at least once in so many runs, one a second */
#define DSR_FLOW_ROUND 8
#define DSR_FLOW_BUDGET_MIN 4096U
/* and lets go of the CPU after so many */
#define DSR_FLOW_CHUNK 256

/* What makes room goes: a half-open flow, silent for so many seconds, */
#define DSR_FLOW_HALF_OPEN 3
/* in one of so many buckets */
#define DSR_FLOW_NEARBY 16

static struct kmem_cache *dsr_flow_cache;

/* Unlinked flows on their way out: a page of them for one grace period */
struct dsr_flow_batch {
	struct rcu_head rcu;
	unsigned int n;
	struct dsr_flow *flow[(PAGE_SIZE - sizeof(struct rcu_head)) /
			      sizeof(void *) - 1];
};

/* Seconds that a flow in that state has left; none if it is not more than 0 */
static inline s32 dsr_flow_left(const struct dsr_flow *flow,
				const struct dsr_server *server, u8 state,
				u32 now)
{
	return READ_ONCE(flow->seen) - now +
	       READ_ONCE(server->vip->opts.timeouts[state]);
}

/**
 * dsr_flow_expires() - how long a flow is to live if it stays silent
 * @flow: the flow
 * @now: dsr_flow_now()
 *
 * Context: RCU.
 * Return: seconds; 0 once it has expired.
 */
u32 dsr_flow_expires(const struct dsr_flow *flow, u32 now)
{
	const struct dsr_server *server = READ_ONCE(flow->server);
	u8 state = READ_ONCE(flow->state);

	if (state == DSR_FLOW_BUSY || !server)
		return 0;
	return max(dsr_flow_left(flow, server, state, now), 0);
}

/* A flow of server went from one state to another, or to or from none */
static void dsr_flow_count(struct dsr_server *server, u8 from, u8 to)
{
	int change = (int)dsr_state_active(to) - (int)dsr_state_active(from);

	if (change)
		atomic_add(change, &server->active);
}

/* The client's half of a flow has gone on to another state */
static void dsr_flow_advance(struct dsr_flow *flow, struct dsr_server *server,
			     u8 state, u8 next)
{
	if (try_cmpxchg(&flow->state, &state, next))
		dsr_flow_count(server, state, next);
}

/*
 * A flow whose server can't be reached: does it go on to another one? If the
 * VIP keeps it, it waits; if the VIP drops it, it is ended, and what still comes
 * is dropped for want of a way to the server. A new connection goes on always.
 */
static bool dsr_flow_leaves(const struct dsr_server *server, u8 signal)
{
	return READ_ONCE(server->removed) || signal == DSR_SIGNAL_SYN ||
	       READ_ONCE(server->vip->opts.on_down) == DSR_ON_DOWN_RESCHEDULE;
}

/*
 * Is a flow, which is in that state, the one of a packet? Or is it past? One that
 * has been silent for too long, and is still there, names the one server that
 * knows its connection; but a datagram may as well go to one that does not drain.
 */
static inline bool dsr_flow_holds(const struct dsr_flow *flow,
				  const struct dsr_server *server, u8 state,
				  u8 signal, u32 now)
{
	if (unlikely(!READ_ONCE(server->alive)))
		return !dsr_flow_leaves(server, signal);
	if (likely(dsr_flow_left(flow, server, state, now) > 0))
		return !dsr_state_reopens(state, signal);
	return signal != DSR_SIGNAL_SYN &&
	       (signal != DSR_SIGNAL_NONE || READ_ONCE(server->weight));
}

/**
 * dsr_flow_touch() - the server of a flow that is not as its last packet left it
 * @flow: found by a packet
 * @pkt: the packet
 * @now: dsr_flow_now()
 *
 * Context: softirq, RCU.
 * Return: see dsr_flow_server().
 */
struct dsr_server *dsr_flow_touch(struct dsr_flow *flow,
				  const struct dsr_packet *pkt, u32 now)
{
	u8 state = READ_ONCE(flow->state), next;
	struct dsr_server *server;

	/* busy: its server is neither the old nor the new one at this moment */
	if (state == DSR_FLOW_BUSY)
		return NULL;
	server = READ_ONCE(flow->server);
	if (!server ||
	    !dsr_flow_holds(flow, server, state, pkt->signal, now))
		return NULL;
	if (unlikely(!READ_ONCE(server->alive))) {
		if (state == DSR_FLOW_OPEN &&
		    READ_ONCE(server->vip->opts.on_down) == DSR_ON_DOWN_DROP)
			dsr_flow_advance(flow, server, state, DSR_FLOW_RST);
		return server;
	}

	next = dsr_state_next(state, pkt->signal);
	if (state == DSR_FLOW_SYN && pkt->signal == DSR_SIGNAL_SYN)
		dsr_counters_inc(server->counters, retries);
	if (next != state)
		dsr_flow_advance(flow, server, state, next);
	WRITE_ONCE(flow->seen, now);
	return server;
}

/**
 * dsr_flow_foresee() - what dsr_flow_server() would say, and nothing changes
 * @dn: the director
 * @pkt: a packet
 * @found: set to the flow of these addresses and ports, also if it is past; or
 *	to NULL
 *
 * Context: RCU.
 * Return: see dsr_flow_server().
 */
struct dsr_server *dsr_flow_foresee(struct dsr_net *dn,
				    const struct dsr_packet *pkt,
				    const struct dsr_flow **found)
{
	struct dsr_server *server;
	struct dsr_flow *flow;
	u8 state;

	*found = NULL;
	flow = rhashtable_lookup(&dn->flows, pkt, dsr_flow_params);
	if (!flow)
		return NULL;
	state = READ_ONCE(flow->state);
	server = READ_ONCE(flow->server);
	if (state == DSR_FLOW_BUSY || !server)
		return NULL;
	*found = flow;
	return dsr_flow_holds(flow, server, state, pkt->signal,
			      dsr_flow_now()) ? server : NULL;
}

/**
 * dsr_flow_peek() - the server that a packet's flow is pinned to
 * @dn: the director
 * @pkt: a packet, or what is known of one; its flow is not touched
 *
 * Context: RCU.
 * Return: the server, alive, or NULL.
 */
struct dsr_server *dsr_flow_peek(struct dsr_net *dn,
				 const struct dsr_packet *pkt)
{
	struct dsr_server *server;
	struct dsr_flow *flow;

	flow = rhashtable_lookup(&dn->flows, pkt, dsr_flow_params);
	if (!flow)
		return NULL;
	server = READ_ONCE(flow->server);
	return server && READ_ONCE(server->alive) ? server : NULL;
}

/* Takes the server out of a flow that went from state to busy, under RCU */
static void dsr_flow_disown(struct dsr_flow *flow, u8 state)
{
	struct dsr_server *server = flow->server;

	dsr_flow_count(server, state, DSR_FLOW_BUSY);
	WRITE_ONCE(flow->server, NULL);
	dsr_server_put(server);
	/* it exists for as long as we are in RCU */
	if (unlikely(!READ_ONCE(server->weight)) && !dsr_server_flows(server))
		WRITE_ONCE(server->vip->dn->drained, true);
}

/*
 * Takes a flow, for who moves or unlinks it, under RCU. False: another CPU is
 * about to. The flow is busy then, and stays so until somebody sets its state.
 */
static bool dsr_flow_take(struct dsr_flow *flow)
{
	u8 state = xchg(&flow->state, DSR_FLOW_BUSY);

	if (state == DSR_FLOW_BUSY)
		return false;
	dsr_flow_disown(flow, state);
	return true;
}

/* Gives a flow that has lost its way another server, and a new life */
static bool dsr_flow_move(struct dsr_flow *flow, struct dsr_server *server,
			  const struct dsr_packet *pkt)
{
	u8 state = dsr_state_first(pkt->proto, pkt->signal);

	if (!dsr_flow_take(flow))
		return false;
	WRITE_ONCE(flow->born, dsr_flow_now());
	WRITE_ONCE(flow->seen, dsr_flow_now());
	WRITE_ONCE(flow->server, server);
	dsr_flow_count(server, DSR_FLOW_BUSY, state);
	/* who sees the state sees the server */
	smp_store_release(&flow->state, state);
	return true;
}

static struct dsr_flow *dsr_flow_alloc(const struct dsr_packet *pkt,
				       struct dsr_server *server, u8 state)
{
	struct dsr_flow *flow;

	flow = kmem_cache_alloc(dsr_flow_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!flow)
		return NULL;
	flow->server = server;
	flow->client = pkt->client;
	flow->vip = pkt->vip;
	flow->ports = pkt->ports;
	flow->proto = pkt->proto;
	flow->state = state;
	flow->born = dsr_flow_now();
	flow->seen = flow->born;
	return flow;
}

static void dsr_flow_batch_free(struct rcu_head *rcu)
{
	struct dsr_flow_batch *batch =
		container_of(rcu, struct dsr_flow_batch, rcu);

	kmem_cache_free_bulk(dsr_flow_cache, batch->n, (void **)batch->flow);
	kfree(batch);
}

/*
 * Unlinks a flow that was taken. *batch collects those to be freed and is handed
 * to RCU when it is full; NULL to start with. True if the caller has to wait for
 * a grace period and free the flow itself.
 */
static bool dsr_flow_discard(struct dsr_net *dn, struct dsr_flow *flow,
			     struct dsr_flow_batch **batch)
{
	rhashtable_remove_fast(&dn->flows, &flow->node, dsr_flow_params);

	if (!*batch)
		*batch = kzalloc(sizeof(**batch), GFP_ATOMIC | __GFP_NOWARN);
	if (!*batch)
		return true;
	(*batch)->flow[(*batch)->n++] = flow;
	if ((*batch)->n == ARRAY_SIZE((*batch)->flow)) {
		call_rcu(&(*batch)->rcu, dsr_flow_batch_free);
		*batch = NULL;
	}
	return false;
}

/* The oldest of the flows nearby that never got beyond their SYN */
static struct dsr_flow *dsr_flow_half_open(struct dsr_net *dn,
					   const struct dsr_packet *pkt)
{
	struct dsr_flow *flow, *oldest = NULL;
	u32 age, max = DSR_FLOW_HALF_OPEN - 1, now = dsr_flow_now();
	struct bucket_table *tbl;
	struct rhash_head *pos;
	unsigned int i, hash;

	tbl = rht_dereference_rcu(dn->flows.tbl, &dn->flows);
	hash = rht_key_hashfn(&dn->flows, tbl, pkt, dsr_flow_params);
	for (i = 0; i < DSR_FLOW_NEARBY; i++) {
		rht_for_each_entry_rcu(flow, pos, tbl,
				       (hash + i) & (tbl->size - 1), node) {
			if (READ_ONCE(flow->state) != DSR_FLOW_SYN)
				continue;
			age = now - READ_ONCE(flow->seen);
			if ((s32)age > (s32)max) {
				oldest = flow;
				max = age;
			}
		}
	}
	return oldest;
}

/*
 * At the limit half-open flows go first, if they have been silent for longer
 * than a handshake takes: of a flood of SYNs those that came a while ago. False
 * if there is none nearby.
 */
static bool dsr_flow_evict(struct dsr_net *dn, const struct dsr_packet *pkt)
{
	struct dsr_flow *flow = dsr_flow_half_open(dn, pkt);
	struct dsr_flow_batch *batch;
	u8 state = DSR_FLOW_SYN;
	bool evicted;

	if (!flow)
		return false;
	batch = this_cpu_xchg(*dn->evicted, NULL);
	if (!batch)
		batch = kzalloc(sizeof(*batch), GFP_ATOMIC | __GFP_NOWARN);
	if (!batch)
		return false;
	/* the client may be ending its handshake, another CPU taking the room */
	evicted = try_cmpxchg(&flow->state, &state, DSR_FLOW_BUSY);
	if (evicted) {
		dsr_flow_disown(flow, state);
		dsr_flow_discard(dn, flow, &batch);
	}
	this_cpu_write(*dn->evicted, batch);
	return evicted;
}

static bool dsr_flow_at_limit(const struct dsr_net *dn)
{
	return atomic_read(&dn->flows.nelems) >= READ_ONCE(dn->flows_max);
}

/* May there be one more flow? */
static bool dsr_flow_room(struct dsr_net *dn, const struct dsr_packet *pkt)
{
	return !dsr_flow_at_limit(dn) || dsr_flow_evict(dn, pkt);
}

/**
 * dsr_flow_fits_in() - could dsr_flow_pin() remember a packet's flow?
 * @dn: the director
 * @pkt: a packet
 *
 * Context: RCU.
 * Return: true unless the limit says no.
 */
bool dsr_flow_fits_in(struct dsr_net *dn, const struct dsr_packet *pkt)
{
	return !dsr_flow_at_limit(dn) || dsr_flow_half_open(dn, pkt) ||
	       rhashtable_lookup(&dn->flows, pkt, dsr_flow_params);
}

/**
 * dsr_flow_pin() - pin a packet's flow to a server
 * @dn: the director
 * @pkt: parsed packet
 * @server: the scheduler's choice
 *
 * Where another CPU was faster with a packet of the same flow, its choice
 * stands.
 *
 * Context: softirq, RCU.
 * Return: the server that the flow is pinned to now; NULL if it could not be
 *	remembered, for want of memory or because of the limit.
 */
struct dsr_server *dsr_flow_pin(struct dsr_net *dn,
				const struct dsr_packet *pkt,
				struct dsr_server *server)
{
	u8 state = dsr_state_first(pkt->proto, pkt->signal);
	struct dsr_flow *flow, *old;
	struct dsr_server *theirs;

	/* refs is 0 when it was removed a moment ago */
	if (!refcount_inc_not_zero(&server->refs))
		return NULL;

	if (likely(dsr_flow_room(dn, pkt))) {
		flow = dsr_flow_alloc(pkt, server, state);
		if (!flow)
			goto err_server;
		old = rhashtable_lookup_get_insert_key(&dn->flows, pkt,
						       &flow->node,
						       dsr_flow_params);
		if (likely(!old)) {
			dsr_flow_count(server, DSR_FLOW_BUSY, state);
			dsr_counters_inc(server->counters, flows);
			return server;
		}
		/* never seen by anybody */
		kmem_cache_free(dsr_flow_cache, flow);
		if (IS_ERR(old))
			goto err_server;
		theirs = dsr_flow_server(dn, pkt, false);
		if (theirs) {
			dsr_server_put(server);
			return theirs;
		}
	} else {
		old = rhashtable_lookup(&dn->flows, pkt, dsr_flow_params);
		if (!old)
			goto err_server;
	}

	if (dsr_flow_move(old, server, pkt)) {
		dsr_counters_inc(server->counters, flows);
		return server;
	}
err_server:
	dsr_server_put(server);
	return NULL;
}

/**
 * dsr_flow_fits() - does a flow pass a filter?
 * @flow: the flow
 * @filter: the filter
 *
 * Context: RCU.
 * Return: the flow's server, or NULL if it does not or is being unlinked.
 */
struct dsr_server *dsr_flow_fits(const struct dsr_flow *flow,
				 const struct dsr_flow_filter *filter)
{
	struct dsr_server *server = READ_ONCE(flow->server);

	if (!server || (filter->vip && server->vip != filter->vip))
		return NULL;
	if (filter->server && !ipv6_addr_equal(&server->addr, filter->server))
		return NULL;
	if (!ipv6_prefix_equal(&flow->client, &filter->client,
			       filter->client_prefix))
		return NULL;
	return server;
}

/* Is a flow to stay? If so, its client is not forgotten either */
static bool dsr_flow_stands(struct dsr_net *dn, const struct dsr_flow *flow,
			    u32 now)
{
	const struct dsr_server *server = READ_ONCE(flow->server);

	if (!server || READ_ONCE(server->removed) ||
	    !dsr_flow_expires(flow, now))
		return false;
	if (READ_ONCE(server->vip->opts.persistence) && !server->sorry)
		dsr_persist_touch(dn, server->vip, &flow->client,
				  READ_ONCE(flow->seen));
	return true;
}

/*
 * Walks on from where iter is and unlinks what no longer stands, or fits the
 * filter if there is one. Ends at the end of the table or after budget flows,
 * and rests in between. Returns the number unlinked; *end tells which.
 */
static u64 dsr_flow_sweep(struct dsr_net *dn, struct rhashtable_iter *iter,
			  const struct dsr_flow_filter *filter,
			  unsigned int budget, bool *end)
{
	struct dsr_flow_batch *batch = NULL;
	struct dsr_flow *flow, *orphan;
	unsigned int chunk;
	u64 unlinked = 0;

	*end = false;
	while (!*end && budget) {
		u32 now = dsr_flow_now();

		orphan = NULL;
		rhashtable_walk_start(iter);
		for (chunk = DSR_FLOW_CHUNK; chunk && budget && !orphan;
		     chunk--, budget--) {
			flow = rhashtable_walk_next(iter);
			if (!flow) {
				*end = true;
				break;
			}
			if (IS_ERR(flow))
				continue;	/* the table was resized */

			if (filter ? !dsr_flow_fits(flow, filter) :
				     dsr_flow_stands(dn, flow, now))
				continue;
			unlinked++;
			/* or a packet, which is giving it a server, was faster */
			if (dsr_flow_take(flow) &&
			    dsr_flow_discard(dn, flow, &batch))
				orphan = flow;
		}
		rhashtable_walk_stop(iter);
		if (orphan) {
			synchronize_rcu();
			kmem_cache_free(dsr_flow_cache, orphan);
		}
		cond_resched();
	}
	if (batch)
		call_rcu(&batch->rcu, dsr_flow_batch_free);
	return unlinked;
}

/**
 * dsr_flow_flush() - forget flows
 * @dn: the director
 * @filter: which
 *
 * Context: process.
 * Return: how many.
 */
u64 dsr_flow_flush(struct dsr_net *dn, const struct dsr_flow_filter *filter)
{
	struct rhashtable_iter iter;
	unsigned int round;
	u64 n, total = 0;
	bool end;

	/*
	 * A walk that rests in a chain that it has just shortened misses
	 * flows there, so walk until there is nothing left; but new flows may
	 * come as fast as we go.
	 */
	for (round = 0; round < DSR_FLOW_ROUND; round++) {
		rhashtable_walk_enter(&dn->flows, &iter);
		n = dsr_flow_sweep(dn, &iter, filter, UINT_MAX, &end);
		rhashtable_walk_exit(&iter);
		total += n;
		if (!n && end)
			break;
	}
	return total;
}

/**
 * dsr_flow_kick() - have orphans forgotten soon
 * @dn: the director
 *
 * Context: any.
 */
void dsr_flow_kick(struct dsr_net *dn)
{
	mod_delayed_work(dsr_wq, &dn->flow_work, 0);
}

/**
 * dsr_flow_work() - forget flows that timed out or lost their server, clients
 *	that stayed away, and tell of servers that have none left
 * @work: dsr_net->flow_work
 *
 * A part of the table a second, the next one where the last one ended.
 *
 * Context: process.
 */
void dsr_flow_work(struct work_struct *work)
{
	struct dsr_net *dn = container_of(to_delayed_work(work),
					  struct dsr_net, flow_work);
	unsigned int n = atomic_read(&dn->flows.nelems);
	bool end;

	/* a round does not slow down because it makes flows fewer */
	dn->flow_pace = max3(dn->flow_pace, n / DSR_FLOW_ROUND,
			     DSR_FLOW_BUDGET_MIN);
	dsr_flow_sweep(dn, &dn->flow_iter, NULL, dn->flow_pace, &end);
	if (end) {
		dn->flow_pace = 0;
		rhashtable_walk_exit(&dn->flow_iter);
		rhashtable_walk_enter(&dn->flows, &dn->flow_iter);
	}
	dsr_persist_sweep(dn);
	if (xchg(&dn->drained, false))
		dsr_server_tell_drained(dn);
	if (READ_ONCE(dn->nr_vips) || atomic_read(&dn->flows.nelems) ||
	    atomic_read(&dn->persist.nelems))
		queue_delayed_work(dsr_wq, &dn->flow_work, HZ);
}

/* A 32nd of memory, at 64 bytes for a flow and up to 16 for its bucket */
static unsigned int dsr_flow_default_max(void)
{
	u64 bytes = (u64)totalram_pages() << PAGE_SHIFT;

	return clamp_t(u64, bytes / 32 / 80, 65536, 1U << 30);
}

/**
 * dsr_flow_set_max() - bound the number of flows
 * @dn: the director
 * @max: 1 to DSR_FLOWS_MAX; 0 to go by the memory of the host
 *
 * Those that are there stay.
 *
 * Context: process, dn->lock.
 */
void dsr_flow_set_max(struct dsr_net *dn, unsigned int max)
{
	dsr_net_change(dn);
	WRITE_ONCE(dn->flows_max, max ?: dsr_flow_default_max());
	WRITE_ONCE(dn->flows_max_auto, !max);
}

/**
 * dsr_flow_init() - make the flow table of a namespace
 * @dn: the director
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int dsr_flow_init(struct dsr_net *dn)
{
	int err;

	dn->flows_max = dsr_flow_default_max();
	dn->flows_max_auto = true;
	dn->evicted = alloc_percpu(struct dsr_flow_batch *);
	if (!dn->evicted)
		return -ENOMEM;
	err = rhashtable_init(&dn->flows, &dsr_flow_params);
	if (err) {
		free_percpu(dn->evicted);
		return err;
	}
	rhashtable_walk_enter(&dn->flows, &dn->flow_iter);
	INIT_DELAYED_WORK(&dn->flow_work, dsr_flow_work);
	return 0;
}

/**
 * dsr_flow_stop() - stop the work on a namespace's flows
 * @dn: the director; no packet makes a flow any more
 *
 * Context: process.
 */
void dsr_flow_stop(struct dsr_net *dn)
{
	cancel_delayed_work_sync(&dn->flow_work);
}

static void dsr_flow_free(void *ptr, void *arg)
{
	struct dsr_flow *flow = ptr;

	dsr_server_put(flow->server);
	kmem_cache_free(dsr_flow_cache, flow);
}

/**
 * dsr_flow_exit() - free the flow table of a namespace
 * @dn: the director; stopped, and a grace period has passed
 *
 * Context: process.
 */
void dsr_flow_exit(struct dsr_net *dn)
{
	int cpu;

	rhashtable_walk_exit(&dn->flow_iter);
	rhashtable_free_and_destroy(&dn->flows, dsr_flow_free, NULL);
	for_each_possible_cpu(cpu) {
		struct dsr_flow_batch *batch = *per_cpu_ptr(dn->evicted, cpu);

		if (batch)
			call_rcu(&batch->rcu, dsr_flow_batch_free);
	}
	free_percpu(dn->evicted);
}

/**
 * dsr_flow_module_init() - make the cache that flows come from
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int dsr_flow_module_init(void)
{
	BUILD_BUG_ON(sizeof(struct dsr_flow) > 64);

	dsr_flow_cache = kmem_cache_create("dsr_flow", sizeof(struct dsr_flow),
					   64, 0, NULL);
	return dsr_flow_cache ? 0 : -ENOMEM;
}

/**
 * dsr_flow_module_exit() - destroy that cache
 *
 * Context: process, after rcu_barrier().
 */
void dsr_flow_module_exit(void)
{
	kmem_cache_destroy(dsr_flow_cache);
}
