/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of commands, one a line.
 */
#ifndef DSRCTL_BATCH_H
#define DSRCTL_BATCH_H

#include <stddef.h>

struct fault;
struct request;

/**
 * struct batch_rules - what may be in a file, beyond the grammar
 * @line: is called with each line as it is; not 0: it is wrong, as @fault says
 * @command: is called with each command; likewise
 */
struct batch_rules {
	int (*line)(const char *line, unsigned int number, struct fault *fault);
	int (*command)(const struct request *req, struct fault *fault);
};

/**
 * struct batch - a file of commands
 * @name: of the file, "-" for the standard input
 * @rules: for what is in it, or NULL
 * @requests: the commands
 * @lines: the lines that they came from and point into
 * @count: of both
 * @room: of both
 */
struct batch {
	const char *name;
	const struct batch_rules *rules;
	struct request *requests;
	char **lines;
	size_t count;
	size_t room;
};

int batch_read(struct batch *batch);
void batch_free(struct batch *batch);

#endif /* DSRCTL_BATCH_H */
