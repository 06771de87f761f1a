// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "config.h"
#include "dsrctl.h"

const struct message config_vip_defaults = {
	.sched = "mh",
	.arp = DSR_ARP_AUTO,
	.on_down = DSR_ON_DOWN_RESCHEDULE,
	.timeout_syn = 60,
	.timeout_open = 900,
	.timeout_fin = 120,
	.timeout_udp = 300,
};

/* What is not said is as it is when a VIP or a server is added */
static void set_defaults(struct message *item)
{
	const struct message *defaults = &config_vip_defaults;

	if (item->cmd == DSR_CMD_SERVER_ADD && !(item->has & HAS(DSR_A_WEIGHT)))
		item->weight = 1;
	if (item->cmd != DSR_CMD_VIP_ADD)
		return;
	if (!(item->has & HAS(DSR_A_SCHED)))
		memcpy(item->sched, defaults->sched, sizeof(item->sched));
	if (!(item->has & HAS(DSR_A_ARP)))
		item->arp = defaults->arp;
	if (!(item->has & HAS(DSR_A_PERSISTENCE_MASK)))
		item->persistence_mask = config_whole_mask(item);
	if (!(item->has & HAS(DSR_A_TIMEOUT_SYN)))
		item->timeout_syn = defaults->timeout_syn;
	if (!(item->has & HAS(DSR_A_TIMEOUT_OPEN)))
		item->timeout_open = defaults->timeout_open;
	if (!(item->has & HAS(DSR_A_TIMEOUT_FIN)))
		item->timeout_fin = defaults->timeout_fin;
	if (!(item->has & HAS(DSR_A_TIMEOUT_UDP)))
		item->timeout_udp = defaults->timeout_udp;
}

static int rank(const struct message *item)
{
	switch (item->cmd) {
	case DSR_CMD_LIMIT_SET:
		return 0;
	case DSR_CMD_DEV_ADD:
		return 1;
	default:
		return 2;
	}
}

static int compare_addresses(const struct address *a, const struct address *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->family == AF_INET)
		return memcmp(&a->v4, &b->v4, sizeof(a->v4));
	return a->family ? memcmp(&a->v6, &b->v6, sizeof(a->v6)) : 0;
}

static int compare_vips(const struct vip *a, const struct vip *b)
{
	int order = compare_addresses(&a->addr, &b->addr);

	if (order)
		return order;
	if (a->proto != b->proto)
		return a->proto < b->proto ? -1 : 1;
	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	return (a->port_last > b->port_last) - (a->port_last < b->port_last);
}

/**
 * config_compare() - the order of items, by what they name
 * @a: an item
 * @b: an item
 *
 * A VIP comes before its servers, and everything else before VIPs.
 *
 * Return: less than, equal to or greater than 0.
 */
int config_compare(const void *a, const void *b)
{
	const struct message *x = a, *y = b;
	int order = rank(x) - rank(y);

	if (!order)
		order = strcmp(x->cmd == DSR_CMD_DEV_ADD ? x->ifname : "",
			       y->cmd == DSR_CMD_DEV_ADD ? y->ifname : "");
	if (!order)
		order = compare_vips(&x->vip, &y->vip);
	if (!order)
		order = compare_addresses(&x->server, &y->server);
	return order;
}

static int add_item(struct message_list *config, const struct message *item)
{
	struct message *items;
	size_t room;

	if (config->count == config->room) {
		room = config->room ? config->room * 2 : 64;
		items = reallocarray(config->items, room, sizeof(*items));
		if (!items)
			return -ENOMEM;
		config->items = items;
		config->room = room;
	}
	config->items[config->count] = *item;
	set_defaults(&config->items[config->count++]);
	return 0;
}

static void sort(struct message_list *config)
{
	if (config->count)
		qsort(config->items, config->count, sizeof(*config->items),
		      config_compare);
}

/* --- from the kernel --- */

static int read_stats(const struct nlmsghdr *nlh, void *data)
{
	return message_get(nlh, data);
}

static int get_limit(struct context *ctx, struct message_list *config)
{
	struct message request = { .cmd = DSR_CMD_STATS_GET };
	struct message stats = { };
	struct reader reader = { .read = read_stats, .data = &stats };
	struct message limit = {
		.cmd = DSR_CMD_LIMIT_SET,
		.has = HAS(DSR_A_FLOWS_MAX),
	};
	int ret;

	ret = netlink_do(&ctx->nl, &request, &reader);
	if (ret || stats.has & HAS(DSR_A_FLOWS_MAX_AUTO))
		return ret;
	limit.flows_max = stats.flows_max;
	return add_item(config, &limit);
}

/* An object is what the request was that made it, and counters and the like */
static int add_objects(struct message_list *config,
		       const struct message_list *list)
{
	size_t i;
	int ret;

	for (i = 0; i < list->count; i++) {
		struct message *item = &list->items[i];

		if (item->cmd == DSR_CMD_VIP_GET)
			item->cmd = DSR_CMD_VIP_ADD;
		else if (item->cmd == DSR_CMD_DEV_GET)
			item->cmd = DSR_CMD_DEV_ADD;
		else if (!(item->has & HAS(DSR_A_SORRY)))
			item->cmd = DSR_CMD_SERVER_ADD;
		else if (item->has & (HAS(DSR_A_MAC) | HAS(DSR_A_IFNAME)))
			item->cmd = DSR_CMD_SERVER_SET;
		else
			continue;	/* its VIP names it */
		ret = add_item(config, item);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * config_get() - read the running configuration
 * @ctx: what with
 * @config: is filled; the caller frees it by netlink_free_list()
 *
 * Return: 0, or a negative errno and the reason in @ctx->nl.refusal.
 */
int config_get(struct context *ctx, struct message_list *config)
{
	static const struct message requests[] = {
		{ .cmd = DSR_CMD_DEV_GET },
		{ .cmd = DSR_CMD_VIP_GET, .has = HAS(DSR_A_SERVERS) },
	};
	size_t i;
	int ret;

	ret = get_limit(ctx, config);
	for (i = 0; !ret && i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct message_list list = { };

		ret = netlink_collect(&ctx->nl, &requests[i], &list);
		if (!ret)
			ret = add_objects(config, &list);
		netlink_free_list(&list);
	}
	sort(config);
	return ret;
}

/* --- from a file --- */

static int wrong_line(const struct request *req, const char *why)
{
	dsrctl_fail(req, why);
	return EXIT_WRONG;
}

/* "server drain" and "server set" change what "server add" has added */
static int change_item(struct message_list *config, size_t adds,
		       const struct request *req)
{
	struct message key = req->msg, *item = NULL;

	if (adds)
		item = bsearch(&key, config->items, adds, sizeof(key),
			       config_compare);
	if (!item) {
		/* a sorry server, which its VIP has added */
		if (req->msg.has & HAS(DSR_A_DRAIN))
			return wrong_line(req, "no such server in this file");
		return add_item(config, &req->msg) ?
		       wrong_line(req, "out of memory") : EXIT_DONE;
	}
	if (key.has & HAS(DSR_A_WEIGHT))
		item->drain = 0;
	if (key.has & HAS(DSR_A_DRAIN))
		item->drain = key.drain;
	if (key.has & HAS(DSR_A_WEIGHT))
		item->weight = key.weight;
	if (key.has & HAS(DSR_A_MAX_FLOWS))
		item->max_flows = key.max_flows;
	if (key.has & HAS(DSR_A_MAC))
		memcpy(item->mac, key.mac, sizeof(item->mac));
	if (key.has & HAS(DSR_A_IFNAME))
		memcpy(item->ifname, key.ifname, sizeof(item->ifname));
	return EXIT_DONE;
}

/**
 * config_from_batch() - read the configuration that a file describes
 * @config: is filled; the caller frees it by netlink_free_list()
 * @batch: the file
 *
 * Return: the exit status.
 */
int config_from_batch(struct message_list *config, const struct batch *batch)
{
	const struct request *req;
	int status = EXIT_DONE;
	size_t adds, i;

	for (i = 0; i < batch->count; i++) {
		req = &batch->requests[i];
		if (req->msg.cmd == DSR_CMD_SERVER_SET ||
		    (req->msg.cmd == DSR_CMD_LIMIT_SET && !req->msg.flows_max))
			continue;
		if (add_item(config, &req->msg))
			return wrong_line(req, "out of memory");
	}
	sort(config);
	adds = config->count;
	for (i = 0; !status && i < batch->count; i++)
		if (batch->requests[i].msg.cmd == DSR_CMD_SERVER_SET)
			status = change_item(config, adds, &batch->requests[i]);
	sort(config);
	return status;
}
