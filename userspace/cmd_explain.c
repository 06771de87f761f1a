// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "describe.h"
#include "dsrctl.h"
#include "output.h"

#define BY_END	(DSR_BY_SORRY + 1)

/**
 * struct view - an explanation
 * @asked: the packet
 * @answer: what becomes of it
 * @flow: of its addresses and ports; @has is 0: there is none
 * @persist: what is remembered of the client, likewise
 * @verdict: "forward", "pass" or "drop"
 * @reason: why not the first of these, or an empty name
 * @vip: the VIP that matches, then its servers; empty if none does
 */
struct view {
	const struct message *asked;
	struct message answer;
	struct message flow;
	struct message persist;
	const char *verdict;
	struct reason reason;
	struct message_list vip;
};

static int read_answer(const struct nlmsghdr *nlh, void *data)
{
	struct view *view = data;

	if (message_get(nlh, &view->answer) ||
	    message_get_nest(nlh, DSR_A_FLOW, &view->flow) ||
	    message_get_nest(nlh, DSR_A_PERSIST, &view->persist) ||
	    message_get_reasons(nlh, DSR_A_PASSED, &view->reason, 1) < 0 ||
	    message_get_reasons(nlh, DSR_A_DROPPED, &view->reason, 1) < 0)
		return -1;
	view->verdict = view->answer.has & HAS(DSR_A_PASSED) ? "pass" :
			view->answer.has & HAS(DSR_A_DROPPED) ? "drop" :
								"forward";
	return 0;
}

static const char *by_name(const struct view *view)
{
	static const char *const names[] = {
		[DSR_BY_FLOW] = "flow",
		[DSR_BY_PERSISTENCE] = "persistence",
		[DSR_BY_SCHEDULER] = "scheduler",
		[DSR_BY_HASH] = "hash",
		[DSR_BY_SORRY] = "sorry",
	};

	return view->answer.by && view->answer.by < BY_END ?
	       names[view->answer.by] : "unknown";
}

static bool is_chosen(const struct view *view, const struct message *server)
{
	return address_same(&view->answer.server, &server->server);
}

/* Why a server would not get a new flow; NULL if it might */
static const char *excluded(const struct view *view,
			    const struct message *server)
{
	const struct message *vip = &view->vip.items[0];

	if (server->state == DSR_SERVER_DOWN)
		return "down";
	if (server->has & HAS(DSR_A_SORRY))
		return view->answer.by == DSR_BY_SORRY ? NULL : "sorry";
	if (server->drain)
		return "drained";
	if (!server->weight)
		return "weight";
	if (server->max_flows && server->active >= server->max_flows)
		return "max-flows";
	if (!strcmp(vip->sched, "ovf") && server->active >= server->weight)
		return "overflow";
	return NULL;
}

static json_t *candidates_json(const struct view *view)
{
	json_t *array = json_array();
	size_t i;

	for (i = 1; i < view->vip.count; i++) {
		const struct message *server = &view->vip.items[i];
		const char *why = excluded(view, server);
		char text[ADDRESS_STRLEN];
		json_t *object = object_new();

		object_set_text(object, "address",
				format_address(text, &server->server));
		describe_server(object, server);
		if (why)
			object_set_text(object, "excluded", why);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *entry_json(const struct message *entry)
{
	json_t *object = object_new();
	char text[ADDRESS_STRLEN];

	object_set_text(object, "server",
			format_address(text, &entry->server));
	if (entry->has & HAS(DSR_A_FLOW_STATE)) {
		object_set_text(object, "state",
				describe_flow_state(entry->flow_state));
		object_set_number(object, "age", entry->age);
	}
	object_set_number(object, "idle", entry->idle);
	object_set_number(object, "expires", entry->expires);
	return object;
}

static void view_json(const struct view *view, bool pretty)
{
	const struct message *answer = &view->answer;
	const char *ifname = describe_ifname(answer);
	json_t *object = object_new();
	char text[VIP_STRLEN];
	const char *mac;

	if (view->vip.count) {
		object_set_text(object, "vip", format_vip(text, &answer->vip));
		object_set_text(object, "scheduler", view->vip.items[0].sched);
	}
	if (answer->server.family) {
		object_set_text(object, "by", by_name(view));
		object_set_text(object, "server",
				format_address(text, &answer->server));
	}
	mac = describe_mac(text, answer);
	if (mac)
		object_set_text(object, "mac", mac);
	if (ifname)
		object_set_text(object, "dev", ifname);
	object_set_text(object, "verdict", view->verdict);
	if (*view->reason.name)
		object_set_text(object, "reason", view->reason.name);
	if (view->flow.has)
		object_set(object, "flow", entry_json(&view->flow));
	if (view->persist.has)
		object_set(object, "persistence", entry_json(&view->persist));
	object_set(object, "candidates", candidates_json(view));
	output_document(object, pretty);
}

static void __attribute__((format(printf, 2, 3)))
line(const char *title, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	int len;

	len = snprintf(text, sizeof(text), "%-12s ", title);
	va_start(ap, fmt);
	vsnprintf(text + len, sizeof(text) - len, fmt, ap);
	va_end(ap);
	output_line(text);
}

static bool has_ports(uint8_t proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP ||
	       proto == IPPROTO_SCTP;
}

static void packet_line(const struct view *view)
{
	const struct message *asked = view->asked;
	char from[ENDPOINT_STRLEN], to[ENDPOINT_STRLEN];
	char proto[PROTOCOL_STRLEN];

	if (has_ports(asked->dst_proto)) {
		format_endpoint(from, &asked->client, asked->client_port);
		format_endpoint(to, &asked->vip.addr, asked->dst_port);
	} else {
		format_address(from, &asked->client);
		format_address(to, &asked->vip.addr);
	}
	line("packet", "%s%s from %s to %s%s",
	     has_ports(asked->dst_proto) ? "" : "protocol ",
	     format_protocol(proto, asked->dst_proto), from, to,
	     asked->dst_proto == IPPROTO_UDP || !has_ports(asked->dst_proto) ?
	     "" : asked->has & HAS(DSR_A_FLOW_STATE) ?
	     ", within a connection" : ", opens a connection");
}

/* What is to be said of a flow that does not go on */
static const char *past(const struct view *view)
{
	const struct message *flow = &view->flow;

	if (!flow->expires)
		return "has expired";
	if (!(view->asked->has & HAS(DSR_A_FLOW_STATE)) &&
	    (flow->flow_state == DSR_FLOW_FIN ||
	     flow->flow_state == DSR_FLOW_RST))
		return "gives way to the new connection";
	return "leaves its server, which is down";
}

static void flow_line(const struct view *view)
{
	const struct message *flow = &view->flow;
	char text[ADDRESS_STRLEN];

	if (!flow->has)
		return line("flow", "none");
	line("flow", "on %s, %s, idle for %u s, %s",
	     format_address(text, &flow->server),
	     describe_flow_state(flow->flow_state), flow->idle,
	     view->answer.by == DSR_BY_FLOW ? "goes on" : past(view));
}

static void persistence_line(const struct view *view)
{
	const struct message *persist = &view->persist;
	char text[ADDRESS_STRLEN];

	if (!view->vip.items[0].persistence)
		return;
	if (!persist->has)
		return line("persistence", "nothing is known of the client");
	line("persistence", "client stays with %s, for %u s%s",
	     format_address(text, &persist->server), persist->expires,
	     !view->answer.by || view->answer.by == DSR_BY_SCHEDULER ||
	     view->answer.by == DSR_BY_SORRY ?
	     ", but that takes no new flows" : "");
}

static void excluded_cell(struct table *table, const struct view *view,
			  const struct message *server)
{
	const char *why = excluded(view, server);

	if (!why)
		table_cell(table, "%s", "");
	else if (!strcmp(why, "down"))
		table_cell(table, "down: %s", describe_why(server->why));
	else if (!strcmp(why, "weight"))
		table_cell(table, "%s", "weight 0");
	else if (!strcmp(why, "max-flows"))
		table_cell(table, "%s", "max-flows reached");
	else if (!strcmp(why, "overflow"))
		table_cell(table, "%s", "as many active flows as its weight");
	else if (!strcmp(why, "sorry"))
		table_cell(table, "%s", "sorry: if no other can");
	else
		table_cell(table, "%s", why);
}

static void candidates_text(const struct view *view)
{
	static const struct column columns[] = {
		{ .title = "  SERVER" },
		{ .title = "WEIGHT", .right = true },
		{ .title = "STATE" },
		{ .title = "FLOWS", .right = true },
		{ .title = "ACTIVE", .right = true },
		{ .title = "MAX FLOWS", .right = true, .optional = true },
		{ .title = "NO NEW FLOWS", .optional = true },
		{ },
	};
	struct table table = { .columns = columns };
	char text[ADDRESS_STRLEN];
	size_t i;

	for (i = 1; i < view->vip.count; i++) {
		const struct message *server = &view->vip.items[i];

		table_cell(&table, "%s %s", is_chosen(view, server) ? ">" : " ",
			   format_address(text, &server->server));
		table_number(&table, describe_weight(server));
		table_cell(&table, "%s", describe_state(server->state));
		table_number(&table, server->flows);
		table_number(&table, server->active);
		if (server->max_flows)
			table_number(&table, server->max_flows);
		else
			table_cell(&table, "%s", "");
		excluded_cell(&table, view, server);
	}
	if (view->vip.count > 1)
		table_end(&table);
	else
		line("servers", "none");
}

static void server_lines(const struct view *view)
{
	static const char *const reasons[] = {
		[DSR_BY_FLOW] = "its flow goes on there",
		[DSR_BY_PERSISTENCE] = "the client stays with it",
		[DSR_BY_SCHEDULER] = "the choice of the scheduler",
		[DSR_BY_HASH] = "by hash, as the flow is not known or can't be remembered",
		[DSR_BY_SORRY] = "the sorry server, as no other can take it",
	};
	const struct message *answer = &view->answer;
	const char *ifname = describe_ifname(answer);
	char text[ADDRESS_STRLEN];
	const char *mac;

	line("server", "%s: %s", format_address(text, &answer->server),
	     answer->by && answer->by < BY_END ? reasons[answer->by] :
						     by_name(view));
	if (!ifname)
		return;
	mac = describe_mac(text, answer);
	line("way out", "%s%s dev %s", mac ? "mac " : "",
	     mac ? mac : "its MAC address is being asked for,", ifname);
}

static const char *reason_text(const char *reason)
{
	static const struct {
		const char *name;
		const char *text;
	} texts[] = {
		{ "not-vip", ": no VIP has this address" },
		{ "no-port", ": no VIP of this address has the port and protocol" },
		{ "martian", ": no client can have the source address" },
		{ "no-server", ": no server is up with a weight" },
		{ "full", ": the servers have all the flows they may" },
		{ "unreachable", ": there is no way to the server" },
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!strcmp(texts[i].name, reason))
			return texts[i].text;
	return "";
}

static void view_text(const struct view *view)
{
	const struct message *answer = &view->answer;
	char text[VIP_STRLEN];

	packet_line(view);
	if (view->vip.count) {
		line("vip", "%s, scheduler %s", format_vip(text, &answer->vip),
		     view->vip.items[0].sched);
		flow_line(view);
		persistence_line(view);
		candidates_text(view);
	}
	if (answer->server.family)
		server_lines(view);
	line("verdict", "%s%s%s%s", view->verdict,
	     *view->reason.name ? ", " : "", view->reason.name,
	     reason_text(view->reason.name));
}

static int explain_run(struct context *ctx, const struct request *req)
{
	struct view view = { .asked = &req->msg };
	struct reader reader = { .read = read_answer, .data = &view };
	struct message dump = { .cmd = DSR_CMD_VIP_GET };
	int status = EXIT_DONE;

	if (netlink_do(&ctx->nl, &req->msg, &reader))
		return dsrctl_refused(ctx, req);
	if (view.answer.vip.addr.family) {
		message_set_vip(&dump, &view.answer.vip);
		dump.has |= HAS(DSR_A_SERVERS);
		/* it may have been removed in between */
		if (netlink_collect(&ctx->nl, &dump, &view.vip))
			status = dsrctl_refused(ctx, req);
	}
	if (!status && ctx->json)
		view_json(&view, ctx->pretty);
	else if (!status)
		view_text(&view);
	netlink_free_list(&view.vip);
	return status;
}

static const char *set_established(struct request *req, const char *value)
{
	(void)value;
	if (req->msg.dst_proto != IPPROTO_TCP &&
	    req->msg.dst_proto != IPPROTO_SCTP)
		return "only tcp and sctp have connections";
	req->msg.flow_state = DSR_FLOW_OPEN;
	req->msg.has |= HAS(DSR_A_FLOW_STATE);
	return NULL;
}

static const struct keyword keywords[] = {
	{ .word = "established", .attr = DSR_A_FLOW_STATE, .alone = true,
	  .parse = set_established },
	{ },
};

static const struct command commands[] = {
	{
		.cmd = DSR_CMD_EXPLAIN,
		.args = { ARG_PROTOCOL, ARG_SOURCE, ARG_DESTINATION },
		.need = 3,
		.keywords = keywords,
		.run = explain_run,
	},
	{ },
};

const struct object object_explain = {
	.word = "explain",
	.help =
	"Usage: dsrctl explain PROTOCOL SOURCE[:PORT] VIP-ADDRESS[:PORT] [established]\n"
	"\n"
	"Tells what would become of such a packet now, and why: the VIP that matches, its\n"
	"flow, the servers and why some would get no new flow, the choice and the way\n"
	"out. Changes nothing. PROTOCOL is tcp, udp, sctp or a number. A port that is left\n"
	"out is 0. A packet of tcp or sctp opens a connection, unless it is said to be\n"
	"within one that is established.\n",
	.commands = commands,
};
