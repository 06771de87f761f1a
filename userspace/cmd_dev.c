// SPDX-License-Identifier: GPL-2.0-only
#include "describe.h"
#include "dsrctl.h"
#include "output.h"

static void show_json(const struct context *ctx,
		      const struct message_list *list)
{
	struct array array = { .pretty = ctx->pretty };
	size_t i;

	for (i = 0; i < list->count; i++) {
		json_t *object = object_new();

		describe_dev(object, &list->items[i]);
		array_item(&array, object);
	}
	array_end(&array);
}

static void show_text(const struct message_list *list)
{
	static const struct column columns[] = {
		{ .title = "DEV" },
		{ .title = "IFINDEX", .right = true },
		{ .title = "STATE" },
		{ },
	};
	struct table table = { .columns = columns };
	size_t i;

	for (i = 0; i < list->count; i++) {
		const struct message *dev = &list->items[i];
		const char *state = describe_dev_state(dev);
		char text[NUMBER_STRLEN];

		table_cell(&table, "%s", dev->dev);
		table_cell(&table, "%s",
			   describe_text(text, dev, FIELD_DEV_IFINDEX));
		table_cell(&table, "%s", state ? state : "-");
	}
	table_end(&table);
}

static int dev_show_run(struct context *ctx, const struct request *req)
{
	struct message_list list = { };
	int status = EXIT_DONE;

	if (netlink_collect(&ctx->nl, &req->msg, 1, &list))
		status = dsrctl_refused(ctx, req);
	else if (ctx->json)
		show_json(ctx, &list);
	else
		show_text(&list);
	netlink_free_list(&list);
	return status;
}

static const struct command commands[] = {
	{
		.verb = "add",
		.cmd = DSR_CMD_DEV_ADD,
		.args = { ARG_DEV },
		.need = 1,
		.run = dsrctl_send,
	}, {
		.verb = "del",
		.cmd = DSR_CMD_DEV_DEL,
		.args = { ARG_DEV },
		.need = 1,
		.run = dsrctl_send,
	}, {
		.verb = "show",
		.cmd = DSR_CMD_DEV_GET,
		.run = dev_show_run,
	},
	{ },
};

const struct object object_dev = {
	.word = "dev",
	.help =
	"Usage: dsrctl dev add IFNAME\n"
	"       dsrctl dev del IFNAME\n"
	"       dsrctl dev show\n"
	"\n"
	"The interfaces that clients come in by. Their requests take the fast path, and\n"
	"ARP and neighbour solicitation for the VIPs is answered there.\n",
	.commands = commands,
};
