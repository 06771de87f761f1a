/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DSRCTL_H
#define DSRCTL_H

#include <stdbool.h>

#include "netlink.h"
#include "request.h"

#define NETNS_DIR	"/run/netns/"

/* What scripts may rely on */
enum exit_status {
	EXIT_DONE = 0,		/* it is done */
	EXIT_WRONG = 1,		/* the command is wrong, nothing was sent */
	EXIT_REFUSED = 2,	/* the kernel refused */
	EXIT_FOUND = 3,		/* a check found something */
};

/**
 * struct context - what commands are done with
 * @nl: the connection to the module
 * @netns: the network namespace of "--netns", NULL: that of the caller
 * @json: print JSON, not text
 * @pretty: one thing a line in JSON
 * @stats: print all counters, and their rates
 */
struct context {
	struct netlink nl;
	const char *netns;
	bool json;
	bool pretty;
	bool stats;
};

extern const struct object *const objects[];

extern const struct object object_vip;
extern const struct object object_server;
extern const struct object object_dev;
extern const struct object object_flow;
extern const struct object object_show;
extern const struct object object_stats;
extern const struct object object_flush;
extern const struct object object_limit;
extern const struct object object_explain;
extern const struct object object_monitor;
extern const struct object object_config;
extern const struct object object_realserver;
extern const struct object object_doctor;

/* dsrctl.c */
int dsrctl_run(struct context *ctx, const struct request *req);
int dsrctl_fail(const struct request *req, const char *why);
int dsrctl_refused(const struct context *ctx, const struct request *req);
int dsrctl_enter_netns(const char *name);
int dsrctl_send(struct context *ctx, const struct request *req);

/* cmd_show.c: "show", and what "vip show" and "server show" print */
int show_run(struct context *ctx, const struct request *req);

/* complete.c */
int complete(struct context *ctx, char *const *words, size_t count);

/* batch.c */
int batch_run(struct context *ctx, const char *name);

#endif /* DSRCTL_H */
