// SPDX-License-Identifier: GPL-2.0-only
#include "describe.h"
#include "dsrctl.h"
#include "output.h"

/* More than the module has; a newer one with more yet is shown in part */
#define MAX_REASONS	128

/**
 * struct counters - one reading of the counters
 * @msg: the single ones
 * @passed: the packets that were passed on untouched, by reason
 * @dropped: the packets that were dropped, by reason
 * @n_passed: the number of @passed
 * @n_dropped: the number of @dropped
 */
struct counters {
	struct message msg;
	struct reason passed[MAX_REASONS];
	struct reason dropped[MAX_REASONS];
	int n_passed;
	int n_dropped;
};

static int read_counters(const struct nlmsghdr *nlh, void *data)
{
	struct counters *counters = data;
	int ret;

	ret = message_get(nlh, &counters->msg);
	if (ret)
		return ret;
	ret = message_get_reasons(nlh, DSR_A_STATS_PASSED, counters->passed,
				  MAX_REASONS);
	if (ret < 0)
		return ret;
	counters->n_passed = ret;
	ret = message_get_reasons(nlh, DSR_A_STATS_DROPPED, counters->dropped,
				  MAX_REASONS);
	if (ret < 0)
		return ret;
	counters->n_dropped = ret;
	return 0;
}

static json_t *reasons_json(const struct reason *reasons, int count)
{
	json_t *object = object_new();
	int i;

	for (i = 0; i < count; i++)
		object_set_number(object, reasons[i].name, reasons[i].count);
	return object;
}

static void show_json(const struct context *ctx,
		      const struct counters *counters)
{
	const struct message *msg = &counters->msg;
	json_t *object = object_new();

	describe_member(object, "forwarded", msg, FIELD_STATS_FORWARDED);
	describe_member(object, "answered", msg, FIELD_STATS_ANSWERED);
	object_set(object, "passed",
		   reasons_json(counters->passed, counters->n_passed));
	object_set(object, "dropped",
		   reasons_json(counters->dropped, counters->n_dropped));
	describe_member(object, "flows", msg, FIELD_STATS_FLOWS);
	describe_member(object, "flows_max", msg, FIELD_LIMIT_FLOWS);
	describe_member(object, "persistent", msg, FIELD_STATS_PERSISTENT);
	describe_member(object, "arp_foreign", msg, FIELD_STATS_ARP_FOREIGN);
	output_document(object, ctx->pretty);
}

static void row(struct table *table, const char *counter,
		const struct message *msg, enum field field)
{
	char text[NUMBER_STRLEN];

	table_cell(table, "%s", counter);
	table_cell(table, "%s", "");
	table_cell(table, "%s", describe_text(text, msg, field));
}

static void reason_rows(struct table *table, const char *counter,
			const struct reason *reasons, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		table_cell(table, "%s", counter);
		table_cell(table, "%s", reasons[i].name);
		table_number(table, reasons[i].count);
	}
}

static void show_text(const struct counters *counters)
{
	static const struct column columns[] = {
		{ .title = "COUNTER" },
		{ .title = "REASON" },
		{ .title = "COUNT", .right = true },
		{ },
	};
	const struct message *msg = &counters->msg;
	struct table table = { .columns = columns };

	row(&table, "forwarded", msg, FIELD_STATS_FORWARDED);
	row(&table, "answered", msg, FIELD_STATS_ANSWERED);
	reason_rows(&table, "passed", counters->passed, counters->n_passed);
	reason_rows(&table, "dropped", counters->dropped,
		    counters->n_dropped);
	row(&table, "flows", msg, FIELD_STATS_FLOWS);
	row(&table, "flows-max", msg, FIELD_LIMIT_FLOWS);
	row(&table, "persistent", msg, FIELD_STATS_PERSISTENT);
	row(&table, "arp-foreign", msg, FIELD_STATS_ARP_FOREIGN);
	table_end(&table);
}

static int stats_run(struct context *ctx, const struct request *req)
{
	struct counters counters = { };
	struct reader reader = { .read = read_counters, .data = &counters };

	if (netlink_do(&ctx->nl, &req->msg, &reader))
		return dsrctl_refused(ctx, req);
	if (ctx->json)
		show_json(ctx, &counters);
	else
		show_text(&counters);
	return EXIT_DONE;
}

static const struct command commands[] = {
	{
		.cmd = DSR_CMD_STATS_GET,
		.run = stats_run,
	},
	{ },
};

const struct object object_stats = {
	.word = "stats",
	.help =
	"Usage: dsrctl stats\n"
	"\n"
	"The packets that were forwarded, passed on untouched and dropped, each with its\n"
	"reason; questions and pings about VIPs that were answered; the flows that exist,\n"
	"and their limit; the clients that persist; how often another host was heard to\n"
	"claim a VIP.\n",
	.commands = commands,
};
