/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A configuration, be it the kernel's or a file's: what it consists of, in an
 * order that does not depend on how it came to be, and its lines.
 */
#ifndef DSRCTL_CONFIG_H
#define DSRCTL_CONFIG_H

#include <jansson.h>
#include <stddef.h>

#include "message.h"
#include "netlink.h"

#define CONFIG_VERSION	1
#define CONFIG_HEAD	"# dsr config version "
#define CONFIG_STRLEN	512

struct batch;
struct context;

/* What a line can say; a server has two lines if it is drained */
enum config_line {
	CONFIG_ADD,
	CONFIG_DRAIN,
	CONFIG_LINES
};

/* config.c: in memory. An item is the request that makes it. */
int config_get(struct context *ctx, struct message_list *config);
int config_from_batch(struct message_list *config, const struct batch *batch);
int config_compare(const void *a, const void *b);

/* config_print.c */
const char *config_format(char buf[CONFIG_STRLEN], const struct message *item,
			  enum config_line line);
json_t *config_json(const struct message_list *config);

/* config_file.c: on disk */
int config_read(struct batch *batch, const char *name);
int config_write(const struct message_list *config, const char *name);
int config_remove(const char *name);

#endif /* DSRCTL_CONFIG_H */
