// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "describe.h"
#include "dsrctl.h"
#include "output.h"
#include "snapshot.h"

#define BY_END	(DSR_BY_SORRY + 1)

/**
 * struct view - an explanation
 * @asked: the packet
 * @answer: what becomes of it
 * @vip: the VIP that matches, then its servers; empty if none does
 */
struct view {
	const struct message *asked;
	struct message answer;
	struct message_list vip;
};

static int read_answer(const struct nlmsghdr *nlh, void *data)
{
	struct view *view = data;

	return message_get(nlh, &view->answer);
}

static const char *verdict(const struct message *answer)
{
	return message_has(answer, FIELD_FATE_PASSED) ? "pass" :
	       message_has(answer, FIELD_FATE_DROPPED) ? "drop" : "forward";
}

/* Why it is not forwarded, or an empty text */
static const char *reason(const struct message *answer)
{
	return *answer->passed ? answer->passed : answer->dropped;
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
	if (message_has(server, FIELD_SERVER_SORRY))
		return view->answer.by == DSR_BY_SORRY ? NULL : "sorry";
	if (server->drain)
		return "drained";
	if (describe_is_idle(server))
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
		json_t *object = object_new();

		describe_address(object, "address", &server->server);
		describe_server(object, server);
		if (why)
			object_set_text(object, "excluded", why);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *flow_json(const struct message *answer)
{
	json_t *object = object_new();

	describe_address(object, "server", &answer->flow_server);
	describe_member(object, "state", answer, FIELD_FLOW_STATE);
	describe_member(object, "age", answer, FIELD_FLOW_AGE);
	describe_member(object, "idle", answer, FIELD_FLOW_IDLE);
	describe_member(object, "expires", answer, FIELD_FLOW_EXPIRES);
	return object;
}

static json_t *persistence_json(const struct message *answer)
{
	json_t *object = object_new();

	describe_address(object, "server", &answer->persist_server);
	describe_member(object, "idle", answer, FIELD_PERSIST_IDLE);
	describe_member(object, "expires", answer, FIELD_PERSIST_EXPIRES);
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
		describe_member(object, "scheduler", &view->vip.items[0],
				FIELD_VIP_SCHED);
		describe_speaks(object, &view->vip.items[0]);
	}
	if (answer->server.family) {
		object_set_text(object, "by", by_name(view));
		describe_address(object, "server", &answer->server);
	}
	mac = describe_mac(text, answer);
	if (mac)
		object_set_text(object, "mac", mac);
	if (ifname)
		object_set_text(object, "dev", ifname);
	object_set_text(object, "verdict", verdict(answer));
	if (*reason(answer))
		object_set_text(object, "reason", reason(answer));
	if (answer->flow_server.family)
		object_set(object, "flow", flow_json(answer));
	if (answer->persist_server.family)
		object_set(object, "persistence", persistence_json(answer));
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

	if (has_ports(asked->flow_proto)) {
		format_endpoint(from, &asked->client, asked->client_port);
		format_endpoint(to, &asked->dst, asked->dst_port);
	} else {
		format_address(from, &asked->client);
		format_address(to, &asked->dst);
	}
	line("packet", "%s%s from %s to %s%s",
	     has_ports(asked->flow_proto) ? "" : "protocol ",
	     format_protocol(proto, asked->flow_proto), from, to,
	     asked->flow_proto == IPPROTO_UDP || !has_ports(asked->flow_proto) ?
	     "" : message_has(asked, FIELD_FLOW_STATE) ?
	     ", within a connection" : ", opens a connection");
}

/* What is to be said of a flow that does not go on */
static const char *past(const struct view *view)
{
	const struct message *flow = &view->answer;

	if (!flow->expires)
		return "has expired";
	if (!message_has(view->asked, FIELD_FLOW_STATE) &&
	    (flow->flow_state == DSR_FLOW_FIN ||
	     flow->flow_state == DSR_FLOW_RST))
		return "gives way to the new connection";
	return "leaves its server, which is down";
}

static void flow_line(const struct view *view)
{
	const struct message *flow = &view->answer;
	char text[ADDRESS_STRLEN], state[NUMBER_STRLEN];

	if (!flow->flow_server.family)
		return line("flow", "none");
	line("flow", "on %s, %s, idle for %u s, %s",
	     format_address(text, &flow->flow_server),
	     describe_text(state, flow, FIELD_FLOW_STATE), flow->idle,
	     view->answer.by == DSR_BY_FLOW ? "goes on" : past(view));
}

static void persistence_line(const struct view *view)
{
	const struct message *answer = &view->answer;
	char text[ADDRESS_STRLEN];

	if (!view->vip.items[0].persistence)
		return;
	if (!answer->persist_server.family)
		return line("persistence", "nothing is known of the client");
	line("persistence", "client stays with %s, for %u s%s",
	     format_address(text, &answer->persist_server),
	     answer->persist_expires,
	     !answer->by || answer->by == DSR_BY_SCHEDULER ||
	     answer->by == DSR_BY_SORRY ? ", but that takes no new flows" : "");
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
		table_cell(&table, "%s", describe_weight(text, server));
		table_cell(&table, "%s",
			   describe_text(text, server, FIELD_SERVER_STATE));
		table_cell(&table, "%s",
			   describe_text(text, server, FIELD_SERVER_FLOWS));
		table_cell(&table, "%s",
			   describe_text(text, server, FIELD_SERVER_ACTIVE));
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

static const char *reason_text(const char *name)
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
		if (!strcmp(texts[i].name, name))
			return texts[i].text;
	return "";
}

/* Who brings packets for the address here, or takes them elsewhere */
static void speaks_line(const struct message *vip)
{
	static const char *const texts[] = {
		[DSR_SPEAKS_OFF] = "the module does not answer for the address: arp off",
		[DSR_SPEAKS_NOBODY] =
		"nobody answers for the address: it has to be routed to this host",
		[DSR_SPEAKS_KERNEL] = "the kernel answers for the address, which is this host's",
		[DSR_SPEAKS_MODULE] = "the module answers for the address, on dev interfaces",
	};
	char mac[MAC_STRLEN];

	if (!message_has(vip, FIELD_VIP_SPEAKS))
		return;
	if (vip->speaks == DSR_SPEAKS_OTHER)
		line("arp", "another host speaks for the address, and gets its packets: %s%s%s",
		     format_mac(mac, vip->speaker_mac),
		     *vip->speaker_ifname ? " dev " : "", vip->speaker_ifname);
	else
		line("arp", "%s", vip->speaks < DSR_SPEAKS_OTHER ?
		     texts[vip->speaks] : "unknown");
}

static void view_text(const struct view *view)
{
	const struct message *answer = &view->answer;
	char text[VIP_STRLEN], sched[NUMBER_STRLEN];

	packet_line(view);
	if (view->vip.count) {
		line("vip", "%s, scheduler %s", format_vip(text, &answer->vip),
		     describe_text(sched, &view->vip.items[0],
				   FIELD_VIP_SCHED));
		speaks_line(&view->vip.items[0]);
		flow_line(view);
		persistence_line(view);
		candidates_text(view);
	}
	if (answer->server.family)
		server_lines(view);
	line("verdict", "%s%s%s%s", verdict(answer),
	     *reason(answer) ? ", " : "", reason(answer),
	     reason_text(reason(answer)));
}

static int explain_run(struct context *ctx, const struct request *req)
{
	struct view view = { .asked = &req->msg };
	struct reader reader = { .read = read_answer, .data = &view };
	int status = EXIT_DONE;

	if (netlink_do(&ctx->nl, &req->msg, &reader))
		return dsrctl_refused(ctx, req);
	/* it may have been removed in between */
	if (view.answer.vip.addr.family &&
	    snapshot_read(&ctx->nl, &view.answer.vip, &view.vip))
		status = dsrctl_refused(ctx, req);
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
	if (req->msg.flow_proto != IPPROTO_TCP &&
	    req->msg.flow_proto != IPPROTO_SCTP)
		return "only tcp and sctp have connections";
	req->msg.flow_state = DSR_FLOW_OPEN;
	message_set(&req->msg, FIELD_FLOW_STATE);
	return NULL;
}

static const struct keyword keywords[] = {
	{ .word = "established", .field = FIELD_FLOW_STATE, .alone = true,
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
