// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch.h"
#include "config.h"
#include "dsrctl.h"
#include "output.h"

#define STARTUP_DIR	"/etc/dsr"
#define STARTUP		STARTUP_DIR "/dsr.conf"

static const char *file_of(const struct request *req)
{
	return req->args[0] ? req->args[0] : STARTUP;
}

static void show_text(const struct message_list *config)
{
	char line[CONFIG_STRLEN];
	size_t i;
	int n;

	snprintf(line, sizeof(line), CONFIG_HEAD "%d", CONFIG_VERSION);
	output_line(line);
	for (i = 0; i < config->count; i++)
		for (n = 0; n < CONFIG_LINES; n++)
			if (config_format(line, &config->items[i], n))
				output_line(line);
}

static int config_show_run(struct context *ctx, const struct request *req)
{
	struct message_list config = { };
	int status = EXIT_DONE;

	if (config_get(ctx, &config))
		status = dsrctl_refused(ctx, req);
	else if (ctx->json)
		output_document(config_json(&config), ctx->pretty);
	else
		show_text(&config);
	netlink_free_list(&config);
	return status;
}

/* --- load --- */

/* Which line it was that the kernel did not take */
static int refused_line(struct context *ctx, const struct request *req,
			const struct batch *batch, size_t bad)
{
	char text[FAULT_STRLEN];

	if (bad < batch->count)
		return dsrctl_refused(ctx, &batch->requests[bad]);
	snprintf(text, sizeof(text), "config load: %s", ctx->nl.refusal.text);
	output_error(req->args[0] || batch->count ? batch->name : NULL, 0,
		     text);
	return EXIT_REFUSED;
}

static int load_batch(struct context *ctx, const struct request *req,
		      const struct batch *batch)
{
	struct message_list items = { .count = batch->count };
	size_t bad = batch->count;
	int status = EXIT_DONE;
	size_t i;

	items.items = calloc(batch->count + 1, sizeof(*items.items));
	if (!items.items)
		return dsrctl_fail(req, strerror(ENOMEM));
	for (i = 0; i < batch->count; i++)
		items.items[i] = batch->requests[i].msg;
	if (netlink_transact(&ctx->nl, DSR_CMD_CONFIG_LOAD, &items, &bad))
		status = refused_line(ctx, req, batch, bad);
	netlink_free_list(&items);
	return status;
}

static int load_run(struct context *ctx, const struct request *req)
{
	struct batch batch;
	int status;

	status = config_read(&batch, file_of(req));
	if (!status)
		status = load_batch(ctx, req, &batch);
	batch_free(&batch);
	return status;
}

/* --- diff --- */

/**
 * struct diff - the lines of two configurations, one after the other
 * @ctx: how to print
 * @only: JSON: the lines that are in one only, the file's and the running
 * @count: of the lines that differ
 */
struct diff {
	const struct context *ctx;
	json_t *only[2];
	size_t count;
};

/* A line that is in one of the two only, the running one if @running */
static void one_sided(struct diff *diff, bool running, const char *line)
{
	if (!line)
		return;
	diff->count++;
	if (diff->ctx->json) {
		json_array_append_new(diff->only[running], text_json(line));
		return;
	}
	putchar(running ? '+' : '-');
	output_line(line);
}

static void compare_items(struct diff *diff, const struct message *file,
			  const struct message *running)
{
	char buf[2][CONFIG_STRLEN];
	const char *a, *b;
	int n;

	for (n = 0; n < CONFIG_LINES; n++) {
		a = file ? config_format(buf[0], file, n) : NULL;
		b = running ? config_format(buf[1], running, n) : NULL;
		if (a && b && !strcmp(a, b))
			continue;
		one_sided(diff, false, a);
		one_sided(diff, true, b);
	}
}

static void compare_configs(struct diff *diff, const struct message_list *file,
			    const struct message_list *running)
{
	const struct message *a = file->items, *b = running->items;
	size_t i = 0, j = 0;
	int order;

	while (i < file->count || j < running->count) {
		if (i == file->count)
			order = 1;
		else if (j == running->count)
			order = -1;
		else
			order = config_compare(&a[i], &b[j]);
		compare_items(diff, order <= 0 ? &a[i] : NULL,
			      order >= 0 ? &b[j] : NULL);
		i += order <= 0;
		j += order >= 0;
	}
}

static int print_diff(const struct context *ctx,
		      const struct message_list *file,
		      const struct message_list *running)
{
	struct diff diff = { .ctx = ctx };
	json_t *object;

	if (ctx->json) {
		diff.only[0] = json_array();
		diff.only[1] = json_array();
	}
	compare_configs(&diff, file, running);
	if (ctx->json) {
		object = object_new();
		object_set(object, "file", diff.only[0]);
		object_set(object, "running", diff.only[1]);
		output_document(object, ctx->pretty);
	}
	return diff.count ? EXIT_FOUND : EXIT_DONE;
}

/* No startup configuration is an empty one; that is what erase leaves */
static bool is_erased(const struct request *req)
{
	return !req->args[0] && access(STARTUP, F_OK) && errno == ENOENT;
}

static int diff_run(struct context *ctx, const struct request *req)
{
	struct message_list file = { }, running = { };
	struct batch batch = { };
	int status = EXIT_DONE;

	if (!is_erased(req))
		status = config_read(&batch, file_of(req));
	if (!status)
		status = config_from_batch(&file, &batch);
	if (!status && config_get(ctx, &running))
		status = dsrctl_refused(ctx, req);
	if (!status)
		status = print_diff(ctx, &file, &running);
	netlink_free_list(&running);
	netlink_free_list(&file);
	batch_free(&batch);
	return status;
}

/* --- save and erase --- */

static int file_error(const char *what, const char *name, int error)
{
	char text[FAULT_STRLEN];

	snprintf(text, sizeof(text), "config %s: %.200s: %s", what, name,
		 error == -EINVAL ? "not a regular file" : strerror(-error));
	output_error(NULL, 0, text);
	return EXIT_REFUSED;
}

static int save_run(struct context *ctx, const struct request *req)
{
	struct message_list config = { };
	const char *name = file_of(req);
	int status = EXIT_DONE;
	int ret;

	if (config_get(ctx, &config)) {
		status = dsrctl_refused(ctx, req);
	} else {
		if (!req->args[0])
			mkdir(STARTUP_DIR, 0755);
		ret = config_write(&config, name);
		if (ret)
			status = file_error("save", name, ret);
	}
	netlink_free_list(&config);
	return status;
}

static int erase_run(struct context *ctx, const struct request *req)
{
	int ret = config_remove(STARTUP);

	(void)ctx;
	(void)req;
	return ret ? file_error("erase", STARTUP, ret) : EXIT_DONE;
}

static const struct command commands[] = {
	{
		.verb = "show",
		.run = config_show_run,
	}, {
		.verb = "diff",
		.args = { ARG_FILE },
		.run = diff_run,
	}, {
		.verb = "load",
		.args = { ARG_FILE },
		.run = load_run,
	}, {
		.verb = "save",
		.args = { ARG_FILE },
		.run = save_run,
	}, {
		.verb = "erase",
		.run = erase_run,
	},
	{ },
};

const struct object object_config = {
	.word = "config",
	.help =
	"Usage: dsrctl config show\n"
	"       dsrctl config diff [FILE]\n"
	"       dsrctl config load [FILE]\n"
	"       dsrctl config save [FILE]\n"
	"       dsrctl config erase\n"
	"\n"
	"The running configuration is the kernel's, the startup configuration is\n"
	STARTUP ", which is also FILE where none is named; - is stdin.\n"
	"\n"
	"show   print the running one, as FILE has it: commands, one a line\n"
	"diff   - what only FILE has, + what only the running one has; 3 if they differ\n"
	"load   make FILE the running one, all of it or, if a line is wrong, nothing;\n"
	"       what it does not change keeps its flows and counters\n"
	"save   make the running one FILE\n"
	"erase  remove the startup configuration; the running one stays\n",
	.commands = commands,
};
