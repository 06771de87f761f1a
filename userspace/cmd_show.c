// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <time.h>

#include "describe.h"
#include "dsrctl.h"
#include "output.h"

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

struct rates {
	uint64_t flows;
	uint64_t packets;
	uint64_t bytes;
};

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

static struct rates get_rates(struct view *view, const struct message *now)
{
	const struct message *before = find_before(view, now);
	struct rates rates = { };

	if (before) {
		rates.flows = rate(now->flows_total, before->flows_total,
				   view->ms);
		rates.packets = rate(now->packets, before->packets, view->ms);
		rates.bytes = rate(now->bytes, before->bytes, view->ms);
	}
	return rates;
}

static void add_rates(struct view *view, json_t *object,
		      const struct message *msg)
{
	struct rates rates;

	if (!view->stats)
		return;
	rates = get_rates(view, msg);
	object_set_number(object, "flows_per_second", rates.flows);
	object_set_number(object, "packets_per_second", rates.packets);
	object_set_number(object, "bytes_per_second", rates.bytes);
}

static bool is_wanted(const struct view *view, const struct message *msg)
{
	return msg->cmd == DSR_CMD_VIP_GET || !view->server.family ||
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
		if (msg->cmd == DSR_CMD_VIP_GET)
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

static void counter_cells(struct view *view, struct table *table,
			  const struct message *msg)
{
	struct rates rates;

	table_number(table, msg->flows);
	table_number(table, msg->packets);
	table_number(table, msg->bytes);
	if (!view->stats) {
		table_cell(table, "%s", "");
		table_cell(table, "%s", "");
		table_cell(table, "%s", "");
		table_cell(table, "%s", "");
		return;
	}
	rates = get_rates(view, msg);
	table_number(table, msg->flows_total);
	table_number(table, rates.flows);
	table_number(table, rates.packets);
	table_number(table, rates.bytes);
}

static void persistence_cell(struct table *table, const struct message *vip)
{
	unsigned int whole = vip->vip.addr.family == AF_INET ? 32 : 128;

	if (!vip->persistence)
		table_cell(table, "%s", "");
	else if (vip->persistence_mask == whole)
		table_cell(table, "%u s", vip->persistence);
	else
		table_cell(table, "%u s /%u", vip->persistence,
			   vip->persistence_mask);
}

/* A number that is only there to be seen where it is not the usual one */
static void table_number_if(struct table *table, bool show, uint64_t number)
{
	if (show)
		table_number(table, number);
	else
		table_cell(table, "%s", "");
}

static void vip_row(struct view *view, struct table *table,
		    const struct message *vip)
{
	char text[VIP_STRLEN];
	int i;

	table_cell(table, "%s", format_vip(text, &vip->vip));
	table_cell(table, "%s", vip->sched);
	table_cell(table, "%s", view->stats ? describe_arp(vip->arp) : "");
	persistence_cell(table, vip);
	for (i = 0; i < 4; i++)
		table_cell(table, "%s", "");
	counter_cells(view, table, vip);
	for (i = 0; i < 5; i++)
		table_cell(table, "%s", "");
}

static void server_row(struct view *view, struct table *table,
		       const struct message *server)
{
	bool down = server->state == DSR_SERVER_DOWN;
	const char *ifname = describe_ifname(server);
	char text[ADDRESS_STRLEN];
	const char *mac;

	table_cell(table, "  %s", format_address(text, &server->server));
	table_cell(table, "%s", "");
	table_cell(table, "%s", "");
	table_cell(table, "%s", "");
	table_number(table, describe_weight(server));
	table_cell(table, "%s%s%s%s", describe_state(server->state),
		   down ? " " : "", down ? describe_why(server->why) : "",
		   server->has & HAS(DSR_A_SORRY) ? " sorry" : "");
	table_number_if(table, server->max_flows, server->max_flows);
	table_number_if(table, server->has & HAS(DSR_A_AGE), server->age);
	counter_cells(view, table, server);
	table_number_if(table, view->stats, server->bounced);
	table_number_if(table, view->stats, server->retries);
	mac = describe_mac(text, server);
	table_cell(table, "%s", mac ? mac : "");
	table_cell(table, "%s", ifname ? ifname : "");
	table_cell(table, "%s%s%s",
		   server->has & HAS(DSR_A_MAC) ? "mac" : "",
		   server->has & HAS(DSR_A_MAC) &&
		   server->has & HAS(DSR_A_IFNAME) ? " " : "",
		   server->has & HAS(DSR_A_IFNAME) ? "dev" : "");
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

		if (msg->cmd == DSR_CMD_VIP_GET)
			vip_row(view, &table, msg);
		else if (is_wanted(view, msg))
			server_row(view, &table, msg);
	}
	table_end(&table);
}

static int read_view(struct context *ctx, struct view *view,
		     const struct message *msg)
{
	const struct timespec second = { .tv_sec = 1 };
	uint64_t begin, end;

	if (!view->stats)
		return netlink_collect(&ctx->nl, msg, &view->now);

	if (netlink_collect(&ctx->nl, msg, &view->before))
		return -1;
	begin = clock_ms();
	nanosleep(&second, NULL);
	if (netlink_collect(&ctx->nl, msg, &view->now))
		return -1;
	end = clock_ms();
	view->ms = end > begin ? end - begin : 1;
	return 0;
}

/* What was asked for by name must be there, or a script would not notice */
static const char *find_missing(const struct view *view,
				const struct message *msg)
{
	size_t i;

	if (msg->has && !view->now.count)
		return "no such VIP";
	if (!view->server.family)
		return NULL;
	for (i = 0; i < view->now.count; i++)
		if (view->now.items[i].cmd != DSR_CMD_VIP_GET &&
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
	if (!ret && flow.age >= server->age) {
		server->age = flow.age;
		server->has |= HAS(DSR_A_AGE);
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

		if (server->cmd == DSR_CMD_VIP_GET || !server->flows ||
		    describe_weight(server) || !is_wanted(view, server))
			continue;
		message_set_vip(&filter, &server->vip);
		message_set_server(&filter, &server->server);
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
	struct message msg = req->msg;
	int status = EXIT_DONE;
	const char *missing;

	/* a VIP comes with all its servers: the one is picked here */
	msg.has &= ~(HAS(DSR_A_SERVER4) | HAS(DSR_A_SERVER6));
	msg.has |= HAS(DSR_A_SERVERS);

	if (read_view(ctx, &view, &msg) ||
	    (req->object == &object_server && read_oldest(ctx, &view))) {
		status = dsrctl_refused(ctx, req);
	} else {
		missing = find_missing(&view, &req->msg);
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
