// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "describe.h"
#include "dsrctl.h"
#include "output.h"

#define TIME_STRLEN	sizeof("2026-01-31T23:59:59.999999Z")
#define LINE_STRLEN	512

/**
 * struct event - what an event is called
 * @object: what it is about
 * @verb: what happened to it, NULL where the object's word says it all
 */
static const struct event {
	const char *object;
	const char *verb;
} events[] = {
	[DSR_CMD_VIP_ADD_NTF] = { "vip", "add" },
	[DSR_CMD_VIP_SET_NTF] = { "vip", "set" },
	[DSR_CMD_VIP_DEL_NTF] = { "vip", "del" },
	[DSR_CMD_SERVER_ADD_NTF] = { "server", "add" },
	[DSR_CMD_SERVER_SET_NTF] = { "server", "set" },
	[DSR_CMD_SERVER_DEL_NTF] = { "server", "del" },
	[DSR_CMD_SERVER_STATE_NTF] = { "server", "state" },
	[DSR_CMD_DEV_ADD_NTF] = { "dev", "add" },
	[DSR_CMD_DEV_DEL_NTF] = { "dev", "del" },
	[DSR_CMD_DEV_STATE_NTF] = { "dev", "state" },
	[DSR_CMD_FLUSH_NTF] = { "flush", NULL },
	[DSR_CMD_SERVER_DRAINED_NTF] = { "server", "drained" },
	[DSR_CMD_LIMIT_SET_NTF] = { "limit", "set" },
	[DSR_CMD_ARP_NTF] = { "arp", "foreign" },
	[DSR_CMD_CONFIG_LOAD_NTF] = { "config", "load" },
};

/**
 * struct view - the events that are printed as they come
 * @ctx: how
 * @timestamp: begin each line of text with the time
 * @left: how many may still be printed
 */
struct view {
	const struct context *ctx;
	bool timestamp;
	uint64_t left;
};

/* Whenever this comes, the lines of all events that were read are out */
static void stop(int signal)
{
	(void)signal;
	_exit(EXIT_DONE);
}

static const char *format_now(char buf[TIME_STRLEN])
{
	struct timespec now;
	struct tm tm;
	size_t len;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	len = strftime(buf, TIME_STRLEN, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + len, TIME_STRLEN - len, ".%06ldZ", now.tv_nsec / 1000);
	return buf;
}

/* What became of an address: an older module tells of claims alone */
static const char *verb_of(const struct event *event, const struct message *msg)
{
	static char text[NUMBER_STRLEN];

	return message_has(msg, FIELD_CLAIM_KIND) ?
	       describe_text(text, msg, FIELD_CLAIM_KIND) : event->verb;
}

static void vip_line(char *line, size_t size, const char *verb,
		     const struct message *msg)
{
	char sched[NUMBER_STRLEN], arp[NUMBER_STRLEN];
	char vip[VIP_STRLEN];

	snprintf(line, size, "vip %s vip %s scheduler %s arp %s", verb,
		 format_vip(vip, &msg->vip),
		 describe_text(sched, msg, FIELD_VIP_SCHED),
		 describe_text(arp, msg, FIELD_VIP_ARP));
}

static void server_line(char *line, size_t size, const char *verb,
			const struct message *msg)
{
	bool why = msg->state == DSR_SERVER_DOWN &&
		   message_has(msg, FIELD_SERVER_WHY);
	const char *ifname = describe_ifname(msg);
	char weight[NUMBER_STRLEN], number[NUMBER_STRLEN];
	const char *state = describe_text(number, msg, FIELD_SERVER_STATE);
	char server[ADDRESS_STRLEN];
	char mac_buf[MAC_STRLEN];
	const char *mac = describe_mac(mac_buf, msg);
	char vip[VIP_STRLEN];

	/* the new state is what happened: "server up", "server down" */
	snprintf(line, size, "server %s vip %s server %s weight %s%s%s%s%s%s%s%s%s",
		 strcmp(verb, "state") ? verb : state,
		 format_vip(vip, &msg->vip),
		 format_address(server, &msg->server),
		 describe_weight(weight, msg),
		 strcmp(verb, "state") ? " state " : "",
		 strcmp(verb, "state") ? state : "",
		 why ? " why " : "", why ? describe_why(msg->why) : "",
		 mac ? " mac " : "", mac ? mac : "",
		 ifname ? " dev " : "", ifname ? ifname : "");
}

static void dev_line(char *line, size_t size, const char *verb,
		     const struct message *msg)
{
	const char *state = describe_dev_state(msg);
	char ifindex[NUMBER_STRLEN];

	if (!state)
		state = "-";
	snprintf(line, size, "dev %s dev %s ifindex %s%s%s",
		 strcmp(verb, "state") ? verb : state, msg->dev,
		 describe_text(ifindex, msg, FIELD_DEV_IFINDEX),
		 strcmp(verb, "state") ? " state " : "",
		 strcmp(verb, "state") ? state : "");
}

static void arp_line(char *line, size_t size, const char *verb,
		     const struct message *msg)
{
	char address[ADDRESS_STRLEN], dev[NUMBER_STRLEN];
	char mac[MAC_STRLEN];

	snprintf(line, size, "arp %s address %s mac %s dev %s", verb,
		 format_address(address, &msg->claim),
		 message_has(msg, FIELD_CLAIM_MAC) ?
		 format_mac(mac, msg->claim_mac) : "-",
		 describe_text(dev, msg, FIELD_CLAIM_IFNAME));
}

static void limit_line(char *line, size_t size, const struct message *msg)
{
	char flows[NUMBER_STRLEN];

	snprintf(line, size, "limit set flows %s",
		 describe_text(flows, msg, FIELD_LIMIT_FLOWS));
}

static void print_text(const struct view *view, const struct event *event,
		       const struct message *msg)
{
	char line[LINE_STRLEN];
	char now[TIME_STRLEN];

	if (!strcmp(event->object, "vip"))
		vip_line(line, sizeof(line), event->verb, msg);
	else if (!strcmp(event->object, "server"))
		server_line(line, sizeof(line), event->verb, msg);
	else if (!strcmp(event->object, "dev"))
		dev_line(line, sizeof(line), event->verb, msg);
	else if (!strcmp(event->object, "arp"))
		arp_line(line, sizeof(line), verb_of(event, msg), msg);
	else if (!strcmp(event->object, "limit"))
		limit_line(line, sizeof(line), msg);
	else
		snprintf(line, sizeof(line), "%s%s%s", event->object,
			 event->verb ? " " : "",
			 event->verb ? event->verb : "");

	if (view->timestamp)
		printf("%s ", format_now(now));
	output_line(line);
}

static void claim_json(json_t *object, const struct message *msg)
{
	char mac[MAC_STRLEN];

	describe_address(object, "address", &msg->claim);
	if (message_has(msg, FIELD_CLAIM_MAC))
		object_set_text(object, "mac", format_mac(mac, msg->claim_mac));
	describe_member(object, "dev", msg, FIELD_CLAIM_IFNAME);
}

/* Who did it; what happened by itself has no cause */
static void set_cause(json_t *object, const struct message *msg)
{
	json_t *cause = object_new();

	describe_member(cause, "pid", msg, FIELD_CAUSE_PID);
	describe_member(cause, "uid", msg, FIELD_CAUSE_UID);
	describe_member(cause, "command", msg, FIELD_CAUSE_COMM);
	object_set_filled(object, "cause", cause);
}

static void print_json(const struct view *view, const struct event *event,
		       const struct message *msg)
{
	json_t *object = object_new();
	char now[TIME_STRLEN];
	char vip[VIP_STRLEN];
	char name[32];

	snprintf(name, sizeof(name), "%s%s%s", event->object,
		 event->verb ? "-" : "",
		 event->verb ? verb_of(event, msg) : "");
	object_set_text(object, "event", name);
	object_set_text(object, "time", format_now(now));

	if (!strcmp(event->object, "vip")) {
		describe_vip(object, msg);
	} else if (!strcmp(event->object, "server")) {
		object_set_text(object, "vip", format_vip(vip, &msg->vip));
		describe_address(object, "server", &msg->server);
		describe_server(object, msg);
	} else if (!strcmp(event->object, "dev")) {
		describe_dev(object, msg);
	} else if (!strcmp(event->object, "arp")) {
		claim_json(object, msg);
	} else if (!strcmp(event->object, "limit")) {
		describe_member(object, "flows", msg, FIELD_LIMIT_FLOWS);
	}
	set_cause(object, msg);
	output_document(object, view->ctx->pretty);
}

/* Each event is out before the next one is waited for: a script reads along */
static int print_event(struct view *view, const struct event *event,
		       const struct message *msg)
{
	if (view->ctx->json)
		print_json(view, event, msg);
	else
		print_text(view, event, msg);
	return output_flush() || !--view->left;
}

static int view_event(const struct nlmsghdr *nlh, void *data)
{
	struct view *view = data;
	struct message msg;
	int ret;

	ret = message_get(nlh, &msg);
	if (ret)
		return ret;
	/* a newer module may have events that we have no words for */
	if (msg.cmd >= sizeof(events) / sizeof(events[0]) ||
	    !events[msg.cmd].object)
		return 0;
	return print_event(view, &events[msg.cmd], &msg);
}

static int monitor_run(struct context *ctx, const struct request *req)
{
	static const struct event lost = { "lost", NULL };
	struct view view = {
		.ctx = ctx,
		.timestamp = req->timestamp,
		.left = req->limit ? req->limit : UINT64_MAX,
	};
	struct reader reader = { .read = view_event, .data = &view };
	struct sigaction action = { .sa_handler = stop };
	struct message none = { };
	int ret;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);

	ret = netlink_subscribe(&ctx->nl);
	while (!ret) {
		ret = netlink_receive(&ctx->nl, &reader);
		if (ret == -ENOBUFS)
			ret = print_event(&view, &lost, &none);
	}
	return ret < 0 ? dsrctl_refused(ctx, req) : EXIT_DONE;
}

static const char *set_timestamp(struct request *req, const char *value)
{
	(void)value;
	req->timestamp = true;
	return NULL;
}

static const struct keyword keywords[] = {
	{ .word = "timestamp", .alone = true, .parse = set_timestamp },
	{ .word = "limit", .parse = keyword_limit },
	{ },
};

static const struct command commands[] = {
	{
		.keywords = keywords,
		.endless = true,
		.run = monitor_run,
	},
	{ },
};

const struct object object_monitor = {
	.word = "monitor",
	.help =
	"Usage: dsrctl monitor [timestamp] [limit N]\n"
	"\n"
	"Prints events as they happen, one a line, until SIGINT or SIGTERM, or N of them.\n"
	"\"lost\" says that there were more than could be read: look with \"dsrctl show\".\n"
	"timestamp  begin each line with the time; JSON always has it\n",
	.commands = commands,
};
