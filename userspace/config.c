// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "config.h"
#include "dsrctl.h"

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
		order = strcmp(x->dev, y->dev);
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
	config->items[config->count++] = *item;
	return 0;
}

static void sort(struct message_list *config)
{
	if (config->count)
		qsort(config->items, config->count, sizeof(*config->items),
		      config_compare);
}

/* --- from the kernel --- */

/* The request that makes an object; 0 if nobody has to make it */
static uint8_t request_for(const struct message *object)
{
	switch (object->cmd) {
	case DSR_CMD_STATS_GET:
		return message_has(object, FIELD_LIMIT_FLOWS) &&
		       !message_has(object, FIELD_LIMIT_FLOWS_AUTO) ?
		       DSR_CMD_LIMIT_SET : 0;
	case DSR_CMD_DEV_GET:
		return DSR_CMD_DEV_ADD;
	case DSR_CMD_VIP_GET:
		return DSR_CMD_VIP_ADD;
	}
	if (!message_has(object, FIELD_SERVER_SORRY))
		return DSR_CMD_SERVER_ADD;
	/* its VIP names it: there may be something to set, nothing to add */
	return message_has(object, FIELD_SERVER_MAC) ||
	       message_has(object, FIELD_SERVER_IFNAME) ? DSR_CMD_SERVER_SET : 0;
}

/* An object is what the request was that made it, and counters and the like */
static int add_objects(struct message_list *config,
		       const struct message_list *list)
{
	int ret = 0;
	size_t i;

	for (i = 0; !ret && i < list->count; i++) {
		struct message *item = &list->items[i];

		item->cmd = request_for(item);
		if (item->cmd)
			ret = add_item(config, item);
	}
	return ret;
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
		{ .cmd = DSR_CMD_STATS_GET },
		{ .cmd = DSR_CMD_DEV_GET },
		{ .cmd = DSR_CMD_VIP_GET },
		{ .cmd = DSR_CMD_SERVER_GET },
	};
	struct message_list list = { };
	int ret;

	ret = netlink_collect(&ctx->nl, requests,
			      sizeof(requests) / sizeof(requests[0]), &list);
	if (!ret && add_objects(config, &list))
		ret = netlink_fail(&ctx->nl, -ENOMEM);
	netlink_free_list(&list);
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
	static const enum field options[] = {
		FIELD_SERVER_DRAIN, FIELD_SERVER_WEIGHT,
		FIELD_SERVER_MAX_FLOWS, FIELD_SERVER_MAC, FIELD_SERVER_IFNAME,
	};
	struct message key = req->msg, *item = NULL;
	size_t i;

	if (adds)
		item = bsearch(&key, config->items, adds, sizeof(key),
			       config_compare);
	if (!item) {
		/* a sorry server, which its VIP has added */
		if (message_has(&req->msg, FIELD_SERVER_DRAIN))
			return wrong_line(req, "no such server in this file");
		return add_item(config, &req->msg) ?
		       wrong_line(req, "out of memory") : EXIT_DONE;
	}
	if (message_has(&key, FIELD_SERVER_WEIGHT))
		item->drain = 0;
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		message_copy(item, &key, options[i]);
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
