// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "describe.h"
#include "dsrctl.h"
#include "output.h"

static int read_limit(const struct nlmsghdr *nlh, void *data)
{
	return message_get(nlh, data);
}

static int limit_show_run(struct context *ctx, const struct request *req)
{
	struct message limit = { };
	struct reader reader = { .read = read_limit, .data = &limit };
	char text[NUMBER_STRLEN];
	char line[64];
	bool is_auto;

	if (netlink_do(&ctx->nl, &req->msg, &reader))
		return dsrctl_refused(ctx, req);
	is_auto = message_has(&limit, FIELD_LIMIT_FLOWS_AUTO);
	if (ctx->json) {
		json_t *object = object_new();

		describe_member(object, "flows", &limit, FIELD_LIMIT_FLOWS);
		if (message_has(&limit, FIELD_LIMIT_FLOWS))
			object_set(object, "auto", json_boolean(is_auto));
		output_document(object, ctx->pretty);
	} else {
		snprintf(line, sizeof(line), "flows %s%s",
			 describe_text(text, &limit, FIELD_LIMIT_FLOWS),
			 is_auto ? " (auto)" : "");
		output_line(line);
	}
	return EXIT_DONE;
}

static const struct command commands[] = {
	{
		.verb = "flows",
		.cmd = DSR_CMD_LIMIT_SET,
		.args = { ARG_FLOWS_MAX },
		.need = 1,
		.run = dsrctl_send,
	}, {
		.verb = "show",
		.cmd = DSR_CMD_STATS_GET,
		.run = limit_show_run,
	},
	{ },
};

const struct object object_limit = {
	.word = "limit",
	.help =
	"Usage: dsrctl limit flows N|auto\n"
	"       dsrctl limit show\n"
	"\n"
	"How many flows are remembered, 1 to 1073741824; auto (the default): as many as a\n"
	"32nd of the host's memory holds. At the limit half-open flows give way to new\n"
	"ones, and what can't be remembered goes to a server by hash.\n",
	.commands = commands,
};
