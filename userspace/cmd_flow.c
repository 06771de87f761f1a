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
		message_set_address(&req->msg, FIELD_FLOW_SERVER4, &addr);
	return why;
}

static const char *set_client(struct request *req, const char *value)
{
	struct address addr;
	int length;
	const char *why = parse_prefix(value, &addr, &length);

	if (why)
		return why;
	message_set_address(&req->msg, FIELD_FLOW_CLIENT4, &addr);
	/* without a length it is the whole address */
	if (length >= 0) {
		req->msg.client_prefix = length;
		message_set(&req->msg, FIELD_FLOW_CLIENT_PREFIX);
	}
	return NULL;
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

static const char *client_text(char buf[ENDPOINT_STRLEN],
			       const struct message *flow)
{
	if (!flow->client.family)
		return "-";
	return message_has(flow, FIELD_FLOW_CLIENT_PORT) ?
	       format_endpoint(buf, &flow->client, flow->client_port) :
	       format_address(buf, &flow->client);
}

static const char *protocol_text(char buf[PROTOCOL_STRLEN],
				 const struct message *flow)
{
	return message_has(flow, FIELD_FLOW_PROTO) ?
	       format_protocol(buf, flow->flow_proto) : "-";
}

static const char *server_text(char buf[ADDRESS_STRLEN],
			       const struct message *flow)
{
	return flow->flow_server.family ?
	       format_address(buf, &flow->flow_server) : "-";
}

static void view_text(struct view *view, const struct message *flow)
{
	static const enum field ages[] = {
		FIELD_FLOW_STATE, FIELD_FLOW_AGE, FIELD_FLOW_IDLE,
		FIELD_FLOW_EXPIRES,
	};
	struct table *table = &view->table;
	char text[VIP_STRLEN];
	size_t i;

	table_cell(table, "%s", format_vip(text, &flow->vip));
	table_cell(table, "%s", client_text(text, flow));
	table_cell(table, "%s", describe_text(text, flow, FIELD_FLOW_DST_PORT));
	table_cell(table, "%s", protocol_text(text, flow));
	table_cell(table, "%s", server_text(text, flow));
	for (i = 0; i < sizeof(ages) / sizeof(ages[0]); i++)
		table_cell(table, "%s", describe_text(text, flow, ages[i]));
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
	char text[NUMBER_STRLEN];
	json_t *object;

	if (netlink_do(&ctx->nl, &req->msg, &reader))
		return dsrctl_refused(ctx, req);

	if (ctx->json) {
		object = object_new();
		describe_member(object, "flushed", &answer, FIELD_COUNT);
		output_document(object, ctx->pretty);
	} else {
		printf("flushed %s flow%s\n",
		       describe_text(text, &answer, FIELD_COUNT),
		       answer.count == 1 ? "" : "s");
	}
	return EXIT_DONE;
}

static const struct keyword show_keywords[] = {
	{ .word = "vip", .field = FIELD_VIP_ADDR4, .parse = set_vip },
	{ .word = "server", .field = FIELD_FLOW_SERVER4, .parse = set_server },
	{ .word = "client", .field = FIELD_FLOW_CLIENT4, .parse = set_client },
	{ .word = "limit", .parse = keyword_limit },
	{ },
};

static const struct keyword flush_keywords[] = {
	{ .word = "vip", .field = FIELD_VIP_ADDR4, .parse = set_vip },
	{ .word = "server", .field = FIELD_FLOW_SERVER4, .parse = set_server },
	{ .word = "client", .field = FIELD_FLOW_CLIENT4, .parse = set_client },
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
