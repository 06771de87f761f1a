// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dsrctl.h"
#include "output.h"

const struct object *const objects[] = {
	&object_vip,
	&object_server,
	&object_dev,
	&object_flow,
	&object_show,
	&object_stats,
	&object_flush,
	&object_limit,
	&object_explain,
	&object_monitor,
	&object_config,
	&object_realserver,
	&object_doctor,
	NULL,
};

static const char usage[] =
	"Usage: dsrctl [OPTIONS] OBJECT COMMAND [ARGUMENTS]\n"
	"       dsrctl [OPTIONS] --batch FILE\n"
	"\n"
	"Objects, each with \"dsrctl OBJECT help\":\n"
	"  vip        the addresses that clients use\n"
	"  server     the servers behind a VIP\n"
	"  dev        the interfaces that clients come in by\n"
	"  flow       which client is pinned to which server\n"
	"  show       every VIP with its servers\n"
	"  stats      what was forwarded, passed on and dropped\n"
	"  flush      remove every VIP\n"
	"  limit      how many flows are remembered\n"
	"  explain    where a packet would go, and why\n"
	"  monitor    events as they happen\n"
	"  config     the running and the startup configuration\n"
	"  realserver set up, check and undo a real server, on that server\n"
	"  doctor     is it really working? asks the wire\n"
	"\n"
	"Options:\n"
	"  -j, --json         print JSON\n"
	"  -p, --pretty       print JSON with one thing a line\n"
	"  -s, --stats        print all counters, and rates over one second\n"
	"  -N, --netns NAME   work in the network namespace " NETNS_DIR "NAME\n"
	"  -b, --batch FILE   do the commands in FILE, one a line; - is stdin\n"
	"  -V, --version      print the version\n"
	"  -h, --help         print this\n"
	"\n"
	"A VIP is written ADDRESS[:PORT[-PORT]]/PROTOCOL, PROTOCOL one of tcp, udp,\n"
	"sctp, any:  10.0.0.100:80/tcp  [2001:db8::100]:53/udp  10.0.0.100/any\n";

/**
 * struct options - what stands before the object
 * @batch: the file of "--batch"
 * @netns: the name of "--netns"
 * @version: print the version and nothing else
 * @help: print the help and nothing else
 */
struct options {
	const char *batch;
	const char *netns;
	bool version;
	bool help;
};

/**
 * dsrctl_fail() - report a request that could not be done
 * @req: the request
 * @why: the reason
 *
 * Return: the exit status.
 */
int dsrctl_fail(const struct request *req, const char *why)
{
	char text[FAULT_STRLEN * 2];
	char what[FAULT_STRLEN];

	snprintf(text, sizeof(text), "%s: %s",
		 request_what(what, sizeof(what), req), why);
	output_error(req->file, req->line, text);
	return EXIT_REFUSED;
}

/**
 * dsrctl_refused() - report a request that the kernel refused
 * @ctx: has the refusal
 * @req: the request
 *
 * Return: the exit status.
 */
int dsrctl_refused(const struct context *ctx, const struct request *req)
{
	const struct refusal *refusal = &ctx->nl.refusal;
	const struct keyword *key = request_keyword(req, refusal->field);
	char why[FAULT_STRLEN];

	snprintf(why, sizeof(why), "%s%s%s%s%s", key ? key->word : "",
		 key && key->sub ? " " : "", key && key->sub ? key->sub : "",
		 key ? ": " : "", refusal->text);
	return dsrctl_fail(req, why);
}

/**
 * dsrctl_send() - do a request that has no answer
 * @ctx: what with
 * @req: the request
 *
 * Return: the exit status.
 */
int dsrctl_send(struct context *ctx, const struct request *req)
{
	if (netlink_do(&ctx->nl, &req->msg, NULL))
		return dsrctl_refused(ctx, req);
	return EXIT_DONE;
}

/**
 * dsrctl_run() - do a request
 * @ctx: what with
 * @req: the request
 *
 * Return: the exit status.
 */
int dsrctl_run(struct context *ctx, const struct request *req)
{
	if (req->command)
		return req->command->run(ctx, req);
	fputs(req->object->help, stdout);
	return EXIT_DONE;
}

static int wrong(const char *text)
{
	output_error(NULL, 0, text);
	return EXIT_WRONG;
}

static int wrong_option(const char *word, const char *why)
{
	char text[FAULT_STRLEN];

	snprintf(text, sizeof(text), "\"%.100s\": %s (see \"dsrctl help\")",
		 word, why);
	return wrong(text);
}

/*
 * getopt_long() takes the beginning of a word for the word. A script that
 * relied on that would break when an option is added.
 */
static bool is_abbreviated(const char *word, const struct option *option)
{
	size_t len = strlen(option->name);

	return strncmp(word + 2, option->name, len) ||
	       (word[2 + len] && word[2 + len] != '=');
}

static int set_once(const char **value, const char *arg, const char *option)
{
	if (*value)
		return wrong_option(option, "is there twice");
	*value = arg;
	return EXIT_DONE;
}

static int set_option(struct context *ctx, struct options *options, int opt,
		      const char *word)
{
	switch (opt) {
	case 'j':
		ctx->json = true;
		return EXIT_DONE;
	case 'p':
		ctx->pretty = true;
		return EXIT_DONE;
	case 's':
		ctx->stats = true;
		return EXIT_DONE;
	case 'N':
		return set_once(&options->netns, optarg, "--netns");
	case 'b':
		return set_once(&options->batch, optarg, "--batch");
	case 'V':
		options->version = true;
		return EXIT_DONE;
	case 'h':
		options->help = true;
		return EXIT_DONE;
	case ':':
		return wrong_option(word, "needs a value");
	default:
		return wrong_option(word, "unknown option");
	}
}

static int parse_options(struct context *ctx, struct options *options,
			 int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "pretty", no_argument, NULL, 'p' },
		{ "stats", no_argument, NULL, 's' },
		{ "netns", required_argument, NULL, 'N' },
		{ "batch", required_argument, NULL, 'b' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ },
	};
	int status = EXIT_DONE;

	opterr = 0;
	while (status == EXIT_DONE) {
		const char *word = argv[optind];
		int which = -1;
		int opt;

		opt = getopt_long(argc, argv, "+:jpsN:b:Vh", longs, &which);
		if (opt < 0)
			break;
		if (which >= 0 && is_abbreviated(word, &longs[which]))
			opt = '?';
		status = set_option(ctx, options, opt, word);
	}
	return status;
}

/* A closed stdout would give its number to the socket, and output its data */
static void open_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDONLY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/**
 * dsrctl_enter_netns() - work in another network namespace from now on
 * @name: of the namespace
 *
 * Return: the exit status.
 */
int dsrctl_enter_netns(const char *name)
{
	char text[FAULT_STRLEN];
	char path[PATH_MAX];
	int ret, fd;

	if (!*name || strchr(name, '/') || !strcmp(name, ".") ||
	    !strcmp(name, ".."))
		return wrong_option(name, "not the name of a network namespace");

	snprintf(path, sizeof(path), NETNS_DIR "%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		snprintf(text, sizeof(text), "netns %.100s: %s", name,
			 errno == ENOENT ? "no such network namespace" :
					   strerror(errno));
		return wrong(text);
	}
	ret = setns(fd, CLONE_NEWNET);
	if (ret)
		snprintf(text, sizeof(text), "netns %.100s: %s", name,
			 errno == EPERM ? "not permitted, this needs CAP_SYS_ADMIN (be root)" :
			 errno == EINVAL ? "not a network namespace" :
					   strerror(errno));
	close(fd);
	if (!ret)
		return EXIT_DONE;
	output_error(NULL, 0, text);
	return EXIT_REFUSED;
}

static void print_version(const struct context *ctx)
{
	json_t *version;

	if (!ctx->json) {
		puts("dsrctl " DSRCTL_VERSION);
		return;
	}
	version = object_new();
	object_set_text(version, "version", DSRCTL_VERSION);
	output_document(version, ctx->pretty);
}

static int run_words(struct context *ctx, char **words)
{
	struct request req;
	struct fault fault;
	int status;

	status = request_parse(&req, objects, words, &fault) ?
		 wrong(fault.text) : dsrctl_run(ctx, &req);
	request_free(&req);
	return status;
}

static int run(struct context *ctx, const struct options *options,
	       char **words)
{
	bool help = words[0] && !strcmp(words[0], "help");
	int status = EXIT_DONE;

	if (help && words[1])
		return wrong_option(words[1],
				    "help stands alone or after an object");
	if (options->help || help) {
		fputs(usage, stdout);
		return EXIT_DONE;
	}
	if (options->version) {
		print_version(ctx);
		return EXIT_DONE;
	}
	if (options->batch && words[0])
		return wrong_option(words[0], "a command and --batch exclude each other");

	if (options->netns)
		status = dsrctl_enter_netns(options->netns);
	if (status)
		return status;
	ctx->netns = options->netns;
	return options->batch ? batch_run(ctx, options->batch) :
				run_words(ctx, words);
}

int main(int argc, char **argv)
{
	struct options options = { };
	struct context ctx = { };
	char text[FAULT_STRLEN];
	int status, ret;

	open_standard_files();
	if (argc > 1 && !strcmp(argv[1], "--complete")) {
		status = complete(&ctx, argv + 2, argc - 2);
	} else {
		status = parse_options(&ctx, &options, argc, argv);
		if (!status)
			status = run(&ctx, &options, argv + optind);
	}
	netlink_close(&ctx.nl);

	ret = output_close();
	if (!ret)
		return status;
	snprintf(text, sizeof(text), "standard output: %s", strerror(-ret));
	output_error(NULL, 0, text);
	return status ? status : EXIT_REFUSED;
}
