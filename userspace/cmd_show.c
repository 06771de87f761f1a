// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <time.h>

#include "describe.h"
#include "dsrctl.h"
#include "output.h"
#include "snapshot.h"

/**
 * struct view - the VIPs and servers to show
 * @now: each VIP, followed by its servers
 * @before: the same a second ago; empty when no rates are wanted
 * @cursor: in @before, after what was found there last
 * @ms: the time between the two
 * @server: show this server only, if it is one
 * @stats: show all counters, and their rates
 */
struct view {
	struct message_list now;
	struct message_list before;
	size_t cursor;
	uint64_t ms;
	struct address server;
	bool stats;
};

/**
 * struct counter - what VIPs and servers both count
 * @vip: of a VIP
 * @server: of a server
 * @key: of its rate in JSON
 */
static const struct counter {
	enum field vip;
	enum field server;
	const char *key;
} counters[] = {
	{ FIELD_VIP_FLOWS_TOTAL, FIELD_SERVER_FLOWS_TOTAL,
	  "flows_per_second" },
	{ FIELD_VIP_PACKETS, FIELD_SERVER_PACKETS, "packets_per_second" },
	{ FIELD_VIP_BYTES, FIELD_SERVER_BYTES, "bytes_per_second" },
};

#define N_COUNTERS	(sizeof(counters) / sizeof(counters[0]))

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint64_t rate(uint64_t now, uint64_t before, uint64_t ms)
{
	/* it was removed and made anew in between */
	if (now < before)
		before = 0;
	return ((now - before) * 1000 + ms / 2) / ms;
}

/*
 * What is in both samples is in both in the same order. So it is looked for
 * from where the last one was found, which takes one step as a rule.
 */
static const struct message *find_before(struct view *view,
					 const struct message *now)
{
	const struct message_list *list = &view->before;
	size_t i;

	for (i = 0; i < list->count; i++) {
		size_t at = (view->cursor + i) % list->count;

		if (message_same(&list->items[at], now)) {
			view->cursor = at + 1;
			return &list->items[at];
		}
	}
	return NULL;
}

static bool is_vip(const struct message *msg)
{
	return msg->cmd == DSR_CMD_VIP_GET;
}

/* What was not there before has no rate yet */
static uint64_t rate_of(const struct view *view, const struct message *now,
			const struct message *before, enum field field)
{
	return before ? rate(message_number(now, field),
			     message_number(before, field), view->ms) : 0;
}

static void add_rates(struct view *view, json_t *object,
		      const struct message *msg)
{
	const struct message *before;
	size_t i;

	if (!view->stats)
		return;
	before = find_before(view, msg);
	for (i = 0; i < N_COUNTERS; i++) {
		enum field field = is_vip(msg) ? counters[i].vip :
						 counters[i].server;

		if (message_has(msg, field))
			object_set_number(object, counters[i].key,
					  rate_of(view, msg, before, field));
	}
}

static bool is_wanted(const struct view *view, const struct message *msg)
{
	return is_vip(msg) || !view->server.family ||
	       address_same(&view->server, &msg->server);
}

static json_t *server_json(struct view *view, const struct message *server)
{
	char buf[ADDRESS_STRLEN];
	json_t *object;

	object = object_new();
	object_set_text(object, "address", format_address(buf, &server->server));
	describe_server(object, server);
	add_rates(view, object, server);
	return object;
}

/* A VIP with the servers that follow it; @i is left behind the last of them */
static json_t *vip_json(struct view *view, size_t *i)
{
	const struct message *msg = &view->now.items[(*i)++];
	json_t *servers = json_array();
	json_t *object = object_new();

	describe_vip(object, msg);
	add_rates(view, object, msg);
	object_set(object, "servers", servers);

	for (; *i < view->now.count; ++*i) {
		msg = &view->now.items[*i];
		if (is_vip(msg))
			break;
		if (is_wanted(view, msg))
			json_array_append_new(servers, server_json(view, msg));
	}
	return object;
}

static void show_json(struct view *view, bool pretty)
{
	struct array array = { .pretty = pretty };
	size_t i = 0;

	while (i < view->now.count)
		array_item(&array, vip_json(view, &i));
	array_end(&array);
}

static void field_cell(struct table *table, const struct message *msg,
		       enum field field)
{
	char text[NUMBER_STRLEN];

	table_cell(table, "%s", describe_text(text, msg, field));
}

/* One that is only there to be seen where it is not the usual one */
static void field_cell_if(struct table *table, bool show,
			  const struct message *msg, enum field field)
{
	if (show)
		field_cell(table, msg, field);
	else
		table_cell(table, "%s", "");
}

static void counter_cells(struct view *view, struct table *table,
			  const struct message *msg)
{
	bool vip = is_vip(msg);
	const struct message *before;
	size_t i;

	field_cell(table, msg, vip ? FIELD_VIP_FLOWS : FIELD_SERVER_FLOWS);
	field_cell(table, msg, vip ? FIELD_VIP_PACKETS : FIELD_SERVER_PACKETS);
	field_cell(table, msg, vip ? FIELD_VIP_BYTES : FIELD_SERVER_BYTES);
	field_cell_if(table, view->stats, msg,
		      vip ? FIELD_VIP_FLOWS_TOTAL : FIELD_SERVER_FLOWS_TOTAL);

	before = view->stats ? find_before(view, msg) : NULL;
	for (i = 0; i < N_COUNTERS; i++) {
		enum field field = vip ? counters[i].vip : counters[i].server;

		if (view->stats && message_has(msg, field))
			table_number(table, rate_of(view, msg, before, field));
		else
			table_cell(table, "%s", view->stats ? "-" : "");
	}
}

static void persistence_cell(struct table *table, const struct message *vip)
{
	unsigned int whole = vip->vip.addr.family == AF_INET ? 32 : 128;

	if (!message_has(vip, FIELD_VIP_PERSISTENCE))
		table_cell(table, "%s", "-");
	else if (!vip->persistence)
		table_cell(table, "%s", "");
	else if (vip->persistence_mask == whole ||
		 !message_has(vip, FIELD_VIP_PERSISTENCE_MASK))
		table_cell(table, "%u s", vip->persistence);
	else
		table_cell(table, "%u s /%u", vip->persistence,
			   vip->persistence_mask);
}

static void blank_cells(struct table *table, unsigned int n)
{
	while (n--)
		table_cell(table, "%s", "");
}

static void vip_row(struct view *view, struct table *table,
		    const struct message *vip)
{
	bool yields = vip->speaks == DSR_SPEAKS_OTHER;
	char text[VIP_STRLEN];

	table_cell(table, "%s", format_vip(text, &vip->vip));
	field_cell(table, vip, FIELD_VIP_SCHED);
	field_cell_if(table, view->stats, vip, FIELD_VIP_ARP);
	persistence_cell(table, vip);
	table_cell(table, "%s", "");
	table_cell(table, "%s", yields ? "yields to" : "");
	blank_cells(table, 2);
	counter_cells(view, table, vip);
	blank_cells(table, 2);
	table_cell(table, "%s", yields ? format_mac(text, vip->speaker_mac) : "");
	table_cell(table, "%s", vip->speaker_ifname);
	blank_cells(table, 1);
}

static void state_cell(struct table *table, const struct message *server)
{
	bool why = server->state == DSR_SERVER_DOWN &&
		   message_has(server, FIELD_SERVER_WHY);
	char text[NUMBER_STRLEN];

	table_cell(table, "%s%s%s%s",
		   describe_text(text, server, FIELD_SERVER_STATE),
		   why ? " " : "", why ? describe_why(server->why) : "",
		   message_has(server, FIELD_SERVER_SORRY) ? " sorry" : "");
}

static void server_row(struct view *view, struct table *table,
		       const struct message *server)
{
	bool pinned_mac = message_has(server, FIELD_SERVER_MAC);
	bool pinned_dev = message_has(server, FIELD_SERVER_IFNAME);
	const char *ifname = describe_ifname(server);
	char text[ADDRESS_STRLEN];
	const char *mac;

	table_cell(table, "  %s", format_address(text, &server->server));
	blank_cells(table, 3);
	table_cell(table, "%s", describe_weight(text, server));
	state_cell(table, server);
	field_cell_if(table, server->max_flows ||
		      !message_has(server, FIELD_SERVER_MAX_FLOWS),
		      server, FIELD_SERVER_MAX_FLOWS);
	field_cell_if(table, message_has(server, FIELD_FLOW_AGE), server,
		      FIELD_FLOW_AGE);
	counter_cells(view, table, server);
	field_cell_if(table, view->stats, server, FIELD_SERVER_BOUNCED);
	field_cell_if(table, view->stats, server, FIELD_SERVER_RETRIES);
	mac = describe_mac(text, server);
	table_cell(table, "%s", mac ? mac : "");
	table_cell(table, "%s", ifname ? ifname : "");
	table_cell(table, "%s%s%s", pinned_mac ? "mac" : "",
		   pinned_mac && pinned_dev ? " " : "",
		   pinned_dev ? "dev" : "");
}

static void show_text(struct view *view)
{
	static const struct column columns[] = {
		{ .title = "VIP / SERVER" },
		{ .title = "SCHEDULER" },
		{ .title = "ARP", .optional = true },
		{ .title = "PERSISTENCE", .optional = true },
		{ .title = "WEIGHT", .right = true },
		{ .title = "STATE" },
		{ .title = "MAX FLOWS", .right = true, .optional = true },
		{ .title = "OLDEST", .right = true, .optional = true },
		{ .title = "FLOWS", .right = true },
		{ .title = "PACKETS", .right = true },
		{ .title = "BYTES", .right = true },
		{ .title = "TOTAL FLOWS", .right = true, .optional = true },
		{ .title = "FLOWS/S", .right = true, .optional = true },
		{ .title = "PACKETS/S", .right = true, .optional = true },
		{ .title = "BYTES/S", .right = true, .optional = true },
		{ .title = "BOUNCED", .right = true, .optional = true },
		{ .title = "RETRIES", .right = true, .optional = true },
		{ .title = "MAC" },
		{ .title = "DEV" },
		{ .title = "PINNED", .optional = true },
		{ },
	};
	struct table table = { .columns = columns };
	size_t i;

	for (i = 0; i < view->now.count; i++) {
		const struct message *msg = &view->now.items[i];

		if (is_vip(msg))
			vip_row(view, &table, msg);
		else if (is_wanted(view, msg))
			server_row(view, &table, msg);
	}
	table_end(&table);
}

static int read_view(struct context *ctx, struct view *view,
		     const struct vip *vip)
{
	const struct timespec second = { .tv_sec = 1 };
	uint64_t begin, end;

	if (!view->stats)
		return snapshot_read(&ctx->nl, vip, &view->now);

	if (snapshot_read(&ctx->nl, vip, &view->before))
		return -1;
	begin = clock_ms();
	nanosleep(&second, NULL);
	if (snapshot_read(&ctx->nl, vip, &view->now))
		return -1;
	end = clock_ms();
	view->ms = end > begin ? end - begin : 1;
	return 0;
}

/* What was asked for by name must be there, or a script would not notice */
static const char *find_missing(const struct view *view)
{
	size_t i;

	if (!view->server.family)
		return NULL;
	for (i = 0; i < view->now.count; i++)
		if (!is_vip(&view->now.items[i]) &&
		    is_wanted(view, &view->now.items[i]))
			return NULL;
	return "no such server";
}

static int older(const struct nlmsghdr *nlh, void *data)
{
	struct message *server = data;
	struct message flow;
	int ret;

	ret = message_get(nlh, &flow);
	if (!ret && message_has(&flow, FIELD_FLOW_AGE) &&
	    flow.age >= server->age) {
		server->age = flow.age;
		message_set(server, FIELD_FLOW_AGE);
	}
	return ret;
}

/* How far a drain is: servers without new flows get the age of their oldest */
static int read_oldest(struct context *ctx, struct view *view)
{
	size_t i;

	for (i = 0; i < view->now.count; i++) {
		struct message *server = &view->now.items[i];
		struct reader reader = { .read = older, .data = server };
		struct message filter = { .cmd = DSR_CMD_FLOW_GET };

		if (is_vip(server) || !server->server_flows ||
		    !describe_is_idle(server) || !is_wanted(view, server))
			continue;
		message_set_vip(&filter, &server->vip);
		message_set_address(&filter, FIELD_FLOW_SERVER4,
				    &server->server);
		if (netlink_dump(&ctx->nl, &filter, &reader))
			return -1;
	}
	return 0;
}

int show_run(struct context *ctx, const struct request *req)
{
	struct view view = {
		.server = req->msg.server,
		.stats = ctx->stats,
	};
	int status = EXIT_DONE;
	const char *missing;

	if (read_view(ctx, &view, &req->msg.vip) ||
	    (req->object == &object_server && read_oldest(ctx, &view))) {
		status = dsrctl_refused(ctx, req);
	} else {
		missing = find_missing(&view);
		if (missing)
			status = dsrctl_fail(req, missing);
		else if (ctx->json)
			show_json(&view, ctx->pretty);
		else
			show_text(&view);
	}
	netlink_free_list(&view.before);
	netlink_free_list(&view.now);
	return status;
}

static const struct command commands[] = {
	{
		.cmd = DSR_CMD_VIP_GET,
		.run = show_run,
	},
	{ },
};

const struct object object_show = {
	.word = "show",
	.help =
	"Usage: dsrctl [-s] show\n"
	"\n"
	"Every VIP with its servers. FLOWS are those that exist; PACKETS and BYTES (of\n"
	"the IP packet) are what was forwarded. -s adds all counters, and rates over one\n"
	"second.\n",
	.commands = commands,
};
