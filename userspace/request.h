/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The grammar, and commands made of it. No I/O.
 *
 * An object is the first word of a command and a file cmd_*.c. A command has
 * its arguments in a fixed order, then keywords in any order, each with a
 * value. A request is a command that was read and found good: nothing is sent
 * before the whole of it is, be it one line or a file of them.
 */
#ifndef DSRCTL_REQUEST_H
#define DSRCTL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"

#define MAX_ARGS	3
#define FAULT_STRLEN	512

struct context;
struct request;

enum arg {
	ARG_NONE,
	ARG_VIP,
	ARG_VIP_ADDRESS,
	ARG_SERVER,
	ARG_DEV,
	ARG_FLOWS_MAX,
	ARG_PROTOCOL,
	ARG_SOURCE,
	ARG_DESTINATION,
	ARG_FILE,
};

/**
 * struct keyword - a word that sets something
 * @word: the word
 * @sub: a second word that follows it, or NULL
 * @subs: with @sub, all that can be there, for an error message
 * @field: what the kernel blames when it refuses the value, or FIELD_NONE
 * @values: words that its value can be, for who completes it, or NULL
 * @alone: the word has no value
 * @parse: take the value into the request, or return why not; with @alone it
 *	   has NULL for a value
 */
struct keyword {
	const char *word;
	const char *sub;
	const char *subs;
	enum field field;
	const char *values;
	bool alone;
	const char *(*parse)(struct request *req, const char *value);
};

/**
 * struct command - what can be done with an object
 * @verb: its word, NULL when the object's word is the whole command
 * @cmd: DSR_CMD_* that it sends first
 * @args: the arguments, in their order
 * @need: how many of @args can't be left out
 * @rest: what may follow @args any number of times, ARG_NONE: nothing
 * @keywords: ends with an empty one, NULL for none
 * @change: at least one keyword must be given
 * @endless: goes on until it is stopped: not for a batch
 * @run: have it done; returns an exit status
 */
struct command {
	const char *verb;
	uint8_t cmd;
	enum arg args[MAX_ARGS];
	int need;
	enum arg rest;
	const struct keyword *keywords;
	bool change;
	bool endless;
	int (*run)(struct context *ctx, const struct request *req);
};

/**
 * struct object - a word that commands begin with
 * @word: the word
 * @help: its grammar, complete lines
 * @commands: ends with one that has no @run
 */
struct object {
	const char *word;
	const char *help;
	const struct command *commands;
};

/**
 * struct request - a command that is good and can be done
 * @object: what it is about
 * @command: what it does, NULL: it prints the help of @object
 * @msg: what it sends
 * @args: the arguments as they were typed, so that errors can name them
 * @rest: the arguments that follow them, as they were typed and found good
 * @n_rest: their number
 * @given: bit N is set when keyword N of the command was given
 * @limit: of "limit", 0: none
 * @timestamp: "timestamp" was given
 * @dry_run: "--dry-run" was given
 * @now: "--now" was given
 * @file: the file it is from, NULL: the command line
 * @line: the line in @file
 */
struct request {
	const struct object *object;
	const struct command *command;
	struct message msg;
	const char *args[MAX_ARGS];
	const char **rest;
	size_t n_rest;
	uint32_t given;
	uint64_t limit;
	bool timestamp;
	bool dry_run;
	bool now;
	const char *file;
	unsigned int line;
};

/**
 * struct fault - what is wrong with a command
 * @text: "what: why"
 */
struct fault {
	char text[FAULT_STRLEN];
};

int request_parse(struct request *req, const struct object *const *objects,
		  char *const *words, struct fault *fault);
void request_free(struct request *req);
const char *request_what(char *buf, size_t size, const struct request *req);
const struct keyword *request_keyword(const struct request *req,
				      enum field field);

const char *keyword_limit(struct request *req, const char *value);

#endif /* DSRCTL_REQUEST_H */
