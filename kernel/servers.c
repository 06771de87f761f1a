// SPDX-License-Identifier: GPL-2.0-only
/*
 * Servers of a VIP added, set and removed, any number of them at once: all or
 * none, and the VIP's table is built once.
 */
#include <linux/bsearch.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "netlink.h"
#include "sched.h"
#include "servers.h"
#include "vip.h"

static int dsr_change_cmp(const void *a, const void *b)
{
	const struct dsr_server_change *const *x = a, *const *y = b;

	return memcmp(&(*x)->addr, &(*y)->addr, sizeof((*x)->addr));
}

static int dsr_change_cmp_addr(const void *addr, const void *change)
{
	const struct dsr_server_change *const *x = change;

	return memcmp(addr, &(*x)->addr, sizeof((*x)->addr));
}

static int dsr_servers_sort(struct dsr_servers *servers,
			    struct dsr_server_change **sorted,
			    struct netlink_ext_ack *extack)
{
	unsigned int i;

	for (i = 0; i < servers->n; i++)
		sorted[i] = &servers->change[i];
	sort(sorted, servers->n, sizeof(*sorted), dsr_change_cmp, NULL);
	for (i = 1; i < servers->n; i++) {
		if (dsr_change_cmp(&sorted[i - 1], &sorted[i]))
			continue;
		NL_SET_ERR_MSG_ATTR(extack, max(sorted[i - 1], sorted[i])->attr,
				    "server is there twice");
		return -EEXIST;
	}
	return 0;
}

/**
 * dsr_servers_find() - which of the servers does the VIP have?
 * @servers: by their addresses; @server of each is set
 * @extack: gets the reason of a refusal, and where
 *
 * All at once: to look up each would be to walk the VIP's servers for each.
 *
 * Context: process, dn->lock.
 * Return: 0, -EEXIST if an address is there twice, or -ENOMEM.
 */
int dsr_servers_find(struct dsr_servers *servers,
		     struct netlink_ext_ack *extack)
{
	struct dsr_server_change **sorted, **found;
	struct dsr_server *server;
	int err;

	lockdep_assert_held(&servers->vip->dn->lock);

	sorted = kvmalloc_array(servers->n, sizeof(*sorted), GFP_KERNEL);
	if (!sorted)
		return -ENOMEM;
	err = dsr_servers_sort(servers, sorted, extack);
	if (err)
		goto out;
	list_for_each_entry(server, &servers->vip->servers, list) {
		found = bsearch(&server->addr, sorted, servers->n,
				sizeof(*sorted), dsr_change_cmp_addr);
		if (found)
			(*found)->server = server;
		cond_resched();
	}
out:
	kvfree(sorted);
	return err;
}

static int dsr_servers_rebuild(struct dsr_servers *servers,
			       struct netlink_ext_ack *extack)
{
	int err = dsr_sched_rebuild(servers->vip);

	if (err)
		NL_SET_ERR_MSG(extack, "no memory for the scheduler's table");
	return err;
}

/**
 * dsr_servers_add() - give a VIP more servers
 * @servers: none of which it has
 * @extack: gets the reason of a refusal, and where
 *
 * Context: process, dn->lock.
 * Return: 0 and @server of each is set; -ENOSPC or -ENOMEM.
 */
int dsr_servers_add(struct dsr_servers *servers, struct netlink_ext_ack *extack)
{
	struct dsr_server_change *change;
	unsigned int i;
	int err;

	if (servers->n > DSR_POOL_SERVERS_MAX - servers->vip->nr_servers) {
		NL_SET_ERR_MSG(extack, "VIP has too many servers");
		return -ENOSPC;
	}
	for (i = 0; i < servers->n; i++) {
		change = &servers->change[i];
		change->server = dsr_server_attach(servers->vip, &change->addr,
						   &change->opts, extack);
		if (IS_ERR(change->server)) {
			err = PTR_ERR(change->server);
			goto undo;
		}
		cond_resched();
	}
	err = dsr_servers_rebuild(servers, extack);
	if (!err)
		return 0;
undo:
	while (i--)
		dsr_server_detach(servers->change[i].server);
	return err;
}

/* The server's next hop before is held until dsr_change_end() */
static int dsr_change_apply(struct dsr_net *dn, struct dsr_server_change *change)
{
	struct dsr_server *server = change->server;
	struct dsr_nexthop *new;

	/* the same pin finds the same next hop */
	new = dsr_nexthop_get(dn, &server->addr, &change->opts.pin);
	if (IS_ERR(new))
		return PTR_ERR(new);
	change->old_opts = server->opts;
	change->old_nexthop = rcu_dereference_protected(server->nexthop,
						lockdep_is_held(&dn->lock));
	change->old_nexthop->held++;
	dsr_server_apply(server, &change->opts, new);
	return 0;
}

static void dsr_change_end(struct dsr_server_change *change)
{
	change->old_nexthop->held--;
	dsr_nexthop_release(change->old_nexthop);
}

/**
 * dsr_servers_set() - change servers
 * @servers: all of which the VIP has
 * @extack: gets the reason of a refusal, and where
 *
 * Context: process, dn->lock.
 * Return: 0 or -ENOMEM; then nothing changed.
 */
int dsr_servers_set(struct dsr_servers *servers, struct netlink_ext_ack *extack)
{
	struct dsr_net *dn = servers->vip->dn;
	struct dsr_server_change *change;
	unsigned int i, done;
	int err = 0;

	for (done = 0; done < servers->n && !err; done++) {
		err = dsr_change_apply(dn, &servers->change[done]);
		cond_resched();
	}
	if (err)
		done--;
	else
		err = dsr_servers_rebuild(servers, extack);
	for (i = 0; i < done; i++) {
		change = &servers->change[i];
		if (err)
			dsr_server_apply(change->server, &change->old_opts,
					 change->old_nexthop);
		dsr_change_end(change);
	}
	return err;
}

/**
 * dsr_servers_del() - remove servers; their flows are scheduled anew
 * @servers: all of which the VIP has
 * @extack: gets the reason of a refusal, and where
 *
 * Context: process, dn->lock.
 * Return: 0 or -ENOMEM; then nothing changed.
 */
int dsr_servers_del(struct dsr_servers *servers, struct netlink_ext_ack *extack)
{
	struct dsr_server *server;
	unsigned int i;
	int err;

	/* the pool first: it can fail, and must not name a removed server */
	for (i = 0; i < servers->n; i++)
		WRITE_ONCE(servers->change[i].server->removed, true);
	err = dsr_servers_rebuild(servers, extack);
	for (i = 0; i < servers->n; i++) {
		server = servers->change[i].server;
		if (err) {
			WRITE_ONCE(server->removed, false);
			continue;
		}
		dsr_nl_server_event(server, DSR_CMD_SERVER_DEL_NTF);
		dsr_server_remove(server);
		cond_resched();
	}
	return err;
}
