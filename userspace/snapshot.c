// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "message.h"
#include "netlink.h"
#include "snapshot.h"

/*
 * Both are in the order of VIPs: each VIP takes the servers that are next and
 * its own. Returns how many messages were placed.
 */
static size_t interleave(struct message *to, const struct message_list *from)
{
	const struct message *end = from->items + from->count;
	const struct message *vip = from->items, *server = from->items;
	size_t count = 0;

	while (server < end && server->cmd == DSR_CMD_VIP_GET)
		server++;
	for (; vip < end && vip->cmd == DSR_CMD_VIP_GET; vip++) {
		to[count++] = *vip;
		while (server < end && vip_same(&server->vip, &vip->vip))
			to[count++] = *server++;
	}
	return count;
}

/**
 * snapshot_read() - read VIPs, each followed by its servers
 * @nl: the connection
 * @vip: this one only; or all, if NULL or of no family
 * @list: is filled; the caller frees it, also after a failure
 *
 * Return: 0, or a negative errno and the reason in @nl->refusal.
 */
int snapshot_read(struct netlink *nl, const struct vip *vip,
		  struct message_list *list)
{
	struct message requests[] = {
		{ .cmd = DSR_CMD_VIP_GET },
		{ .cmd = DSR_CMD_SERVER_GET },
	};
	struct message *items;
	int ret;

	if (vip && vip->addr.family) {
		message_set_vip(&requests[0], vip);
		message_set_vip(&requests[1], vip);
	}
	ret = netlink_collect(nl, requests, 2, list);
	if (ret)
		return ret;
	items = calloc(list->count + 1, sizeof(*items));
	if (!items)
		return netlink_fail(nl, -ENOMEM);
	/* a server of no VIP is nothing that we could make sense of */
	if (interleave(items, list) < list->count)
		ret = netlink_fail(nl, -EBADMSG);
	free(list->items);
	list->items = items;
	list->room = list->count + 1;
	return ret;
}
