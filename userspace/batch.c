// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file of commands, one a line. All of them are read and found good before
 * the first is done: a typo in the last line leaves nothing half done.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "batch.h"
#include "dsrctl.h"
#include "output.h"

/* More than any command has, so that one too many is told by its name */
#define MAX_WORDS	32

static int grow(struct batch *batch)
{
	size_t room = batch->room ? batch->room * 2 : 64;
	struct request *requests;
	char **lines;

	requests = reallocarray(batch->requests, room, sizeof(*requests));
	if (!requests)
		return -ENOMEM;
	batch->requests = requests;
	lines = reallocarray(batch->lines, room, sizeof(*lines));
	if (!lines)
		return -ENOMEM;
	batch->lines = lines;
	batch->room = room;
	return 0;
}

static int wrong_line(const struct batch *batch, unsigned int number,
		      const char *text)
{
	output_error(batch->name, number, text);
	return EXIT_WRONG;
}

/* A word that begins with # begins a comment. Returns the number of words. */
static size_t split(char *line, char *words[MAX_WORDS + 1])
{
	size_t count = 0;
	char *word, *rest;

	for (word = strtok_r(line, " \t\r\n", &rest);
	     word && *word != '#' && count < MAX_WORDS;
	     word = strtok_r(NULL, " \t\r\n", &rest))
		words[count++] = word;
	words[count] = NULL;
	return count;
}

/* Takes @line over if it returns EXIT_DONE */
static int add_line(struct batch *batch, char *line, size_t len,
		    unsigned int number)
{
	char *words[MAX_WORDS + 1];
	struct request *req;
	struct fault fault;

	if (memchr(line, '\0', len))
		return wrong_line(batch, number, "not a text file");
	if (batch->rules && batch->rules->line(line, number, &fault))
		return wrong_line(batch, number, fault.text);
	if (!split(line, words)) {
		free(line);
		return EXIT_DONE;
	}
	if (batch->count == batch->room && grow(batch))
		return wrong_line(batch, number, "out of memory");

	req = &batch->requests[batch->count];
	if (request_parse(req, objects, words, &fault)) {
		request_free(req);
		return wrong_line(batch, number, fault.text);
	}
	if (req->command && req->command->endless) {
		snprintf(fault.text, sizeof(fault.text),
			 "%s: it does not end, so it can't be in a batch",
			 req->object->word);
		return wrong_line(batch, number, fault.text);
	}
	if (batch->rules && batch->rules->command(req, &fault)) {
		request_free(req);
		return wrong_line(batch, number, fault.text);
	}
	req->file = batch->name;
	req->line = number;
	batch->lines[batch->count++] = line;
	return EXIT_DONE;
}

static int read_lines(struct batch *batch, FILE *file)
{
	unsigned int number = 0;
	int status = EXIT_DONE;

	while (!status) {
		char *line = NULL;
		size_t size = 0;
		ssize_t len;

		len = getline(&line, &size, file);
		if (len >= 0)
			status = add_line(batch, line, len, ++number);
		if (len < 0 || status)
			free(line);
		if (len < 0)
			break;
	}
	if (ferror(file))
		return wrong_line(batch, 0, strerror(errno));
	return status;
}

/**
 * batch_read() - read a file of commands
 * @batch: has the name of the file, "-" for the standard input, and the rules
 *	   for it, and is filled; to be freed by batch_free(), also when the
 *	   file is wrong
 *
 * Return: the exit status.
 */
int batch_read(struct batch *batch)
{
	int status;
	FILE *file;

	if (!strcmp(batch->name, "-"))
		return read_lines(batch, stdin);

	file = fopen(batch->name, "re");
	if (!file)
		return wrong_line(batch, 0, strerror(errno));
	status = read_lines(batch, file);
	fclose(file);
	return status;
}

/**
 * batch_free() - let go of the commands
 * @batch: the commands
 */
void batch_free(struct batch *batch)
{
	size_t i;

	for (i = 0; i < batch->count; i++) {
		request_free(&batch->requests[i]);
		free(batch->lines[i]);
	}
	free(batch->lines);
	free(batch->requests);
}

/**
 * batch_run() - do the commands in a file until one fails
 * @ctx: what with
 * @name: of the file, "-" for the standard input
 *
 * Return: the exit status.
 */
int batch_run(struct context *ctx, const char *name)
{
	struct batch batch = { .name = name };
	int status;
	size_t i;

	status = batch_read(&batch);
	for (i = 0; !status && i < batch.count; i++)
		status = dsrctl_run(ctx, &batch.requests[i]);
	batch_free(&batch);
	return status;
}
