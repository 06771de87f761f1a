// SPDX-License-Identifier: GPL-2.0-only
/* Persistence: clients that stay with their server from flow to flow. */
#include <linux/sched.h>
#include <linux/slab.h>

#include "flow.h"
#include "persist.h"
#include "server.h"
#include "vip.h"

/* The whole table is looked at once in so many seconds */
#define DSR_PERSIST_ROUND 8
#define DSR_PERSIST_BUDGET_MIN 4096
/* and lets go of the CPU after so many entries */
#define DSR_PERSIST_CHUNK 256

static const struct rhashtable_params dsr_persist_params = {
	.head_offset = offsetof(struct dsr_persist, node),
	.key_offset = offsetof(struct dsr_persist, key),
	.key_len = sizeof(struct dsr_persist_key),
	.automatic_shrinking = true,
};

static void dsr_persist_key(struct dsr_persist_key *key,
			    const struct dsr_vip *vip,
			    const struct in6_addr *client)
{
	ipv6_addr_prefix(&key->client, client, READ_ONCE(vip->opts.mask));
	key->vip = vip->id;
}

static struct dsr_persist *dsr_persist_find(struct dsr_net *dn,
					    const struct dsr_vip *vip,
					    const struct in6_addr *client)
{
	struct dsr_persist_key key;

	dsr_persist_key(&key, vip, client);
	return rhashtable_lookup(&dn->persist, &key, dsr_persist_params);
}

static bool dsr_persist_expired(const struct dsr_persist *entry, u32 now)
{
	return now - READ_ONCE(entry->used) >= entry->timeout;
}

/**
 * dsr_persist_peek() - what is remembered of a client
 * @dn: the director
 * @vip: the VIP
 * @client: the client's address
 *
 * Context: RCU.
 * Return: its entry, or NULL. Its server may take no flows.
 */
const struct dsr_persist *dsr_persist_peek(struct dsr_net *dn,
					   const struct dsr_vip *vip,
					   const struct in6_addr *client)
{
	const struct dsr_persist *entry = dsr_persist_find(dn, vip, client);

	return entry && !dsr_persist_expired(entry, dsr_flow_now()) ? entry :
								      NULL;
}

/**
 * dsr_persist_server() - the server that a client stays with
 * @dn: the director
 * @vip: the VIP
 * @pool: its servers
 * @client: the client's address
 *
 * Context: softirq, RCU.
 * Return: the server; or NULL if the client has none, or it takes no flows.
 */
struct dsr_server *dsr_persist_server(struct dsr_net *dn,
				      const struct dsr_vip *vip,
				      const struct dsr_pool *pool,
				      const struct in6_addr *client)
{
	const struct dsr_persist *entry = dsr_persist_peek(dn, vip, client);
	struct dsr_server *server;

	if (!entry)
		return NULL;
	server = dsr_sched_member(pool, &entry->server);
	return server && !dsr_server_full(server) ? server : NULL;
}

static struct dsr_persist *dsr_persist_alloc(const struct dsr_vip *vip,
					     const struct in6_addr *client,
					     const struct dsr_server *server)
{
	struct dsr_persist *entry;

	entry = kzalloc(sizeof(*entry), GFP_ATOMIC | __GFP_NOWARN);
	if (!entry)
		return NULL;
	dsr_persist_key(&entry->key, vip, client);
	entry->server = server->addr;
	entry->timeout = READ_ONCE(vip->opts.persistence);
	entry->used = dsr_flow_now();
	return entry;
}

/**
 * dsr_persist_learn() - a client got a server for a flow: it is to stay there
 * @dn: the director
 * @vip: the VIP
 * @client: the client's address
 * @server: the server
 *
 * What can't be remembered, for want of memory or because of the limit on
 * flows, is left to the scheduler.
 *
 * Context: softirq, RCU.
 */
void dsr_persist_learn(struct dsr_net *dn, const struct dsr_vip *vip,
		       const struct in6_addr *client,
		       const struct dsr_server *server)
{
	struct dsr_persist *old = dsr_persist_find(dn, vip, client), *new;
	int err;

	if (old && ipv6_addr_equal(&old->server, &server->addr) &&
	    old->timeout == READ_ONCE(vip->opts.persistence)) {
		if (READ_ONCE(old->used) != dsr_flow_now())
			WRITE_ONCE(old->used, dsr_flow_now());
		return;
	}
	if (!old && atomic_read(&dn->persist.nelems) >= READ_ONCE(dn->flows_max))
		return;
	new = dsr_persist_alloc(vip, client, server);
	if (!new)
		return;

	/* where another CPU was faster, its choice stands */
	if (old)
		err = rhashtable_replace_fast(&dn->persist, &old->node,
					      &new->node, dsr_persist_params);
	else
		err = rhashtable_lookup_insert_fast(&dn->persist, &new->node,
						    dsr_persist_params);
	if (err)
		kfree(new);
	else if (old)
		kfree_rcu(old, rcu);
}

/**
 * dsr_persist_touch() - a flow of a client lives: so does its persistence
 * @dn: the director
 * @vip: the VIP
 * @client: the client's address
 * @seen: second of the flow's last packet, as dsr_flow_now()
 *
 * Context: RCU.
 */
void dsr_persist_touch(struct dsr_net *dn, const struct dsr_vip *vip,
		       const struct in6_addr *client, u32 seen)
{
	struct dsr_persist *entry = dsr_persist_find(dn, vip, client);

	if (entry && (s32)(seen - READ_ONCE(entry->used)) > 0)
		WRITE_ONCE(entry->used, seen);
}

/**
 * dsr_persist_sweep() - forget clients whose time is over
 * @dn: the director
 *
 * A part of the table, the next one where the last one ended.
 *
 * Context: process, flow_work only.
 */
void dsr_persist_sweep(struct dsr_net *dn)
{
	unsigned int n = atomic_read(&dn->persist.nelems);
	unsigned int budget = max_t(unsigned int, n / DSR_PERSIST_ROUND,
				    DSR_PERSIST_BUDGET_MIN);
	struct dsr_persist *entry = NULL;
	unsigned int chunk;

	do {
		u32 now = dsr_flow_now();

		rhashtable_walk_start(&dn->persist_iter);
		for (chunk = DSR_PERSIST_CHUNK; chunk; chunk--) {
			entry = rhashtable_walk_next(&dn->persist_iter);
			if (!entry)
				break;
			/* an error says that the table was resized */
			if (IS_ERR(entry) || !dsr_persist_expired(entry, now))
				continue;
			if (!rhashtable_remove_fast(&dn->persist, &entry->node,
						    dsr_persist_params))
				kfree_rcu(entry, rcu);
		}
		rhashtable_walk_stop(&dn->persist_iter);
		cond_resched();
		budget -= min(budget, (unsigned int)DSR_PERSIST_CHUNK);
	} while (entry && budget);

	if (!entry) {
		rhashtable_walk_exit(&dn->persist_iter);
		rhashtable_walk_enter(&dn->persist, &dn->persist_iter);
	}
}

/**
 * dsr_persist_init() - make the table of a namespace
 * @dn: the director
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int dsr_persist_init(struct dsr_net *dn)
{
	int err = rhashtable_init(&dn->persist, &dsr_persist_params);

	if (!err)
		rhashtable_walk_enter(&dn->persist, &dn->persist_iter);
	return err;
}

static void dsr_persist_free(void *ptr, void *arg)
{
	kfree(ptr);
}

/**
 * dsr_persist_exit() - free the table of a namespace
 * @dn: the director; flow_work is stopped, and a grace period has passed
 *
 * Context: process.
 */
void dsr_persist_exit(struct dsr_net *dn)
{
	rhashtable_walk_exit(&dn->persist_iter);
	rhashtable_free_and_destroy(&dn->persist, dsr_persist_free, NULL);
}
