// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "dsrctl.h"

static const char *set_weight(struct request *req, const char *value)
{
	message_set(&req->msg, FIELD_SERVER_WEIGHT);
	return parse_weight(value, &req->msg.weight);
}

static const char *set_max_flows(struct request *req, const char *value)
{
	message_set(&req->msg, FIELD_SERVER_MAX_FLOWS);
	return parse_max_flows(value, &req->msg.max_flows);
}

static const char *set_mac(struct request *req, const char *value)
{
	message_set(&req->msg, FIELD_SERVER_MAC);
	return parse_mac(value, req->msg.mac);
}

static const char *set_dev(struct request *req, const char *value)
{
	message_set(&req->msg, FIELD_SERVER_IFNAME);
	return parse_ifname(value, req->msg.ifname, sizeof(req->msg.ifname));
}

/* Zeros and an empty name, as they are in a request by default, unpin */
static const char *set_mac_or_auto(struct request *req, const char *value)
{
	if (strcmp(value, "auto"))
		return set_mac(req, value);
	message_set(&req->msg, FIELD_SERVER_MAC);
	return NULL;
}

static const char *set_dev_or_auto(struct request *req, const char *value)
{
	if (strcmp(value, "auto"))
		return set_dev(req, value);
	message_set(&req->msg, FIELD_SERVER_IFNAME);
	return NULL;
}

static int drain_run(struct context *ctx, const struct request *req)
{
	struct request drain = *req;

	message_set(&drain.msg, FIELD_SERVER_DRAIN);
	drain.msg.drain = 1;
	return dsrctl_send(ctx, &drain);
}

static const struct keyword add_keywords[] = {
	{ .word = "weight", .field = FIELD_SERVER_WEIGHT, .parse = set_weight },
	{ .word = "max-flows", .field = FIELD_SERVER_MAX_FLOWS, .values = "none",
	  .parse = set_max_flows },
	{ .word = "mac", .field = FIELD_SERVER_MAC, .parse = set_mac },
	{ .word = "dev", .field = FIELD_SERVER_IFNAME, .parse = set_dev },
	{ },
};

static const struct keyword set_keywords[] = {
	{ .word = "weight", .field = FIELD_SERVER_WEIGHT, .parse = set_weight },
	{ .word = "max-flows", .field = FIELD_SERVER_MAX_FLOWS, .values = "none",
	  .parse = set_max_flows },
	{ .word = "mac", .field = FIELD_SERVER_MAC, .values = "auto",
	  .parse = set_mac_or_auto },
	{ .word = "dev", .field = FIELD_SERVER_IFNAME, .values = "auto",
	  .parse = set_dev_or_auto },
	{ },
};

static const struct command commands[] = {
	{
		.verb = "add",
		.cmd = DSR_CMD_SERVER_ADD,
		.args = { ARG_VIP, ARG_SERVER },
		.need = 2,
		.keywords = add_keywords,
		.run = dsrctl_send,
	}, {
		.verb = "set",
		.cmd = DSR_CMD_SERVER_SET,
		.args = { ARG_VIP, ARG_SERVER },
		.need = 2,
		.keywords = set_keywords,
		.change = true,
		.run = dsrctl_send,
	}, {
		.verb = "drain",
		.cmd = DSR_CMD_SERVER_SET,
		.args = { ARG_VIP, ARG_SERVER },
		.need = 2,
		.run = drain_run,
	}, {
		.verb = "del",
		.cmd = DSR_CMD_SERVER_DEL,
		.args = { ARG_VIP, ARG_SERVER },
		.need = 2,
		.run = dsrctl_send,
	}, {
		.verb = "show",
		.cmd = DSR_CMD_VIP_GET,
		.args = { ARG_VIP, ARG_SERVER },
		.run = show_run,
	},
	{ },
};

const struct object object_server = {
	.word = "server",
	.help =
	"Usage: dsrctl server add VIP ADDRESS [weight N] [max-flows N|none]\n"
	"                                     [mac LLADDR] [dev IFNAME]\n"
	"       dsrctl server set VIP ADDRESS [weight N] [max-flows N|none]\n"
	"                                     [mac LLADDR|auto] [dev IFNAME|auto]\n"
	"       dsrctl server drain VIP ADDRESS\n"
	"       dsrctl server del VIP ADDRESS\n"
	"       dsrctl server show [VIP [ADDRESS]]\n"
	"\n"
	"weight     0 to 65535, the default is 1; 0 takes no new flows and keeps the old\n"
	"           ones. drain does that and keeps the weight in mind; it ends when a\n"
	"           weight is set. show then tells how old the oldest flow is\n"
	"max-flows  takes no more open flows than that; further ones go to other servers\n"
	"mac        pin the server's MAC instead of asking for it; auto: ask again\n"
	"dev        pin the interface to the server; auto: take the route's again\n",
	.commands = commands,
};
