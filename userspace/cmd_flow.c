// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "describe.h"
#include "dsrctl.h"
#include "output.h"

/* So many rows give a table its look; a million would be too many to keep */
#define TABLE_ROWS	500

/**
 * struct view - flows that are printed as they come
 * @json: print JSON, not text
 * @array: of JSON
 * @table: of text
 * @left: how many may still be printed
 */
struct view {
	bool json;
	struct array array;
	struct table table;
	uint64_t left;
};

static const char *set_vip(struct request *req, const char *value)
{
	struct vip vip;
	const char *why = parse_vip(value, &vip);

	if (!why)
		message_set_vip(&req->msg, &vip);
	return why;
}

static const char *set_server(struct request *req, const char *value)
{
	struct address addr;
	const char *why = parse_address(value, &addr);

	if (!why)
		message_set_server(&req->msg, &addr);
	return why;
}

static const char *set_client(struct request *req, const char *value)
{
	struct address addr;
	int length;
	const char *why = parse_prefix(value, &addr, &length);

	if (!why)
		message_set_client(&req->msg, &addr, length);
	return why;
}

static const char *refuse_limit(struct request *req, const char *value)
{
	(void)req;
	(void)value;
	return "flush forgets every flow that fits, a limit is for show";
}

static void view_json(struct view *view, const struct message *flow)
{
	json_t *object = object_new();

	describe_flow(object, flow);
	array_item(&view->array, object);
}

static void view_text(struct view *view, const struct message *flow)
{
	struct table *table = &view->table;
	char text[VIP_STRLEN];

	table_cell(table, "%s", format_vip(text, &flow->vip));
	table_cell(table, "%s", format_endpoint(text, &flow->client,
						flow->client_port));
	table_number(table, flow->dst_port);
	table_cell(table, "%s", format_protocol(text, flow->dst_proto));
	table_cell(table, "%s", format_address(text, &flow->server));
	table_cell(table, "%s", describe_flow_state(flow->flow_state));
	table_number(table, flow->age);
	table_number(table, flow->idle);
	table_number(table, flow->expires);
	if (table_rows(table) == TABLE_ROWS)
		table_flush(table);
}

static int view_flow(const struct nlmsghdr *nlh, void *data)
{
	struct view *view = data;
	struct message flow;
	int ret;

	ret = message_get(nlh, &flow);
	if (ret)
		return ret;
	if (view->json)
		view_json(view, &flow);
	else
		view_text(view, &flow);
	return output_broken() || !--view->left;
}

static int flow_show_run(struct context *ctx, const struct request *req)
{
	static const struct column columns[] = {
		{ .title = "VIP" },
		{ .title = "CLIENT" },
		{ .title = "PORT", .right = true },
		{ .title = "PROTOCOL" },
		{ .title = "SERVER" },
		{ .title = "STATE" },
		{ .title = "AGE", .right = true },
		{ .title = "IDLE", .right = true },
		{ .title = "EXPIRES", .right = true },
		{ },
	};
	struct view view = {
		.json = ctx->json,
		.array.pretty = ctx->pretty,
		.table.columns = columns,
		.left = req->limit ? req->limit : UINT64_MAX,
	};
	struct reader reader = { .read = view_flow, .data = &view };
	int ret;

	ret = netlink_dump(&ctx->nl, &req->msg, &reader);
	/* what was shown stays a table or an array, even if more was to come */
	if (view.json && (!ret || view.array.count))
		array_end(&view.array);
	if (!view.json && (!ret || view.table.headed || view.table.cells))
		table_end(&view.table);
	return ret ? dsrctl_refused(ctx, req) : EXIT_DONE;
}

static int read_flushed(const struct nlmsghdr *nlh, void *data)
{
	return message_get(nlh, data);
}

static int flow_flush_run(struct context *ctx, const struct request *req)
{
	struct message answer = { };
	struct reader reader = { .read = read_flushed, .data = &answer };
	json_t *object;

	if (netlink_do(&ctx->nl, &req->msg, &reader))
		return dsrctl_refused(ctx, req);

	if (ctx->json) {
		object = object_new();
		object_set_number(object, "flushed", answer.flows);
		output_document(object, ctx->pretty);
	} else {
		printf("flushed %llu flow%s\n",
		       (unsigned long long)answer.flows,
		       answer.flows == 1 ? "" : "s");
	}
	return EXIT_DONE;
}

static const struct keyword show_keywords[] = {
	{ .word = "vip", .attr = DSR_A_ADDR4, .parse = set_vip },
	{ .word = "server", .attr = DSR_A_SERVER4, .parse = set_server },
	{ .word = "client", .attr = DSR_A_CLIENT4, .parse = set_client },
	{ .word = "limit", .parse = keyword_limit },
	{ },
};

static const struct keyword flush_keywords[] = {
	{ .word = "vip", .attr = DSR_A_ADDR4, .parse = set_vip },
	{ .word = "server", .attr = DSR_A_SERVER4, .parse = set_server },
	{ .word = "client", .attr = DSR_A_CLIENT4, .parse = set_client },
	{ .word = "limit", .parse = refuse_limit },
	{ },
};

static const struct command commands[] = {
	{
		.verb = "show",
		.cmd = DSR_CMD_FLOW_GET,
		.keywords = show_keywords,
		.run = flow_show_run,
	}, {
		.verb = "flush",
		.cmd = DSR_CMD_FLOW_FLUSH,
		.keywords = flush_keywords,
		.run = flow_flush_run,
	},
	{ },
};

const struct object object_flow = {
	.word = "flow",
	.help =
	"Usage: dsrctl flow show [vip VIP] [server ADDRESS] [client PREFIX] [limit N]\n"
	"       dsrctl flow flush [vip VIP] [server ADDRESS] [client PREFIX]\n"
	"\n"
	"PREFIX is ADDRESS[/LENGTH]. With several filters a flow must fit all of them.\n"
	"flush forgets the flows: a client's next packet is scheduled anew.\n"
	"AGE, IDLE and EXPIRES are seconds.\n",
	.commands = commands,
};
