// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configurations on disk. A file is there as it was or as it is to be, and
 * nothing in between, whenever the power fails or the disk is full.
 */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch.h"
#include "config.h"
#include "dsrctl.h"
#include "file.h"

/* A comment, so that the file can be given to --batch as well */
static int check_line(const char *line, unsigned int number,
		      struct fault *fault)
{
	const char *version = line + strlen(CONFIG_HEAD);
	char *end;

	if (number != 1 || strncmp(line, CONFIG_HEAD, strlen(CONFIG_HEAD)) ||
	    (strtoul(version, &end, 10) == CONFIG_VERSION &&
	     !end[strspn(end, " \t\r\n")]))
		return 0;
	snprintf(fault->text, sizeof(fault->text),
		 "version %.*s: this dsrctl reads version %d",
		 (int)strcspn(version, " \t\r\n"), version, CONFIG_VERSION);
	return -1;
}

static int check_command(const struct request *req, struct fault *fault)
{
	char what[FAULT_STRLEN / 2];

	switch (req->command ? req->msg.cmd : 0) {
	case DSR_CMD_VIP_ADD:
	case DSR_CMD_SERVER_ADD:
	case DSR_CMD_SERVER_SET:
	case DSR_CMD_DEV_ADD:
	case DSR_CMD_LIMIT_SET:
		return 0;
	}
	snprintf(fault->text, sizeof(fault->text),
		 "%.180s: not a line of a configuration (see dsr.conf(5))",
		 request_what(what, sizeof(what), req));
	return -1;
}

static const struct batch_rules rules = {
	.line = check_line,
	.command = check_command,
};

/**
 * config_read() - read a file
 * @batch: is filled; to be freed by batch_free(), also when the file is wrong
 * @name: of the file, "-" for the standard input
 *
 * Return: the exit status.
 */
int config_read(struct batch *batch, const char *name)
{
	struct request *req;
	int status;
	size_t i;

	memset(batch, 0, sizeof(*batch));
	batch->name = name;
	batch->rules = &rules;
	status = batch_read(batch);
	for (i = 0; i < batch->count; i++) {
		req = &batch->requests[i];
		if (strcmp(req->command->verb, "drain"))
			continue;
		message_set(&req->msg, FIELD_SERVER_DRAIN);
		req->msg.drain = 1;
	}
	return status;
}

static void print_config(FILE *file, const struct message_list *config)
{
	char line[CONFIG_STRLEN];
	size_t i;
	int n;

	fprintf(file, CONFIG_HEAD "%d\n", CONFIG_VERSION);
	for (i = 0; i < config->count; i++)
		for (n = 0; n < CONFIG_LINES; n++)
			if (config_format(line, &config->items[i], n))
				fprintf(file, "%s\n", line);
}

/* As file_write() wants it: from the root, and a symbolic link stays one */
static int find_path(const char *name, char path[PATH_MAX])
{
	char copy[PATH_MAX], directory[PATH_MAX];
	int len;

	if (realpath(name, path))
		return 0;
	if (errno != ENOENT || strlen(name) >= PATH_MAX)
		return -errno;
	strcpy(copy, name);
	if (!realpath(dirname(copy), directory))
		return -errno;
	strcpy(copy, name);
	len = snprintf(path, PATH_MAX, "%s/%s", directory, basename(copy));
	return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/**
 * config_write() - put a configuration in the place of a file
 * @config: the configuration
 * @name: of the file, which keeps its mode
 *
 * Return: 0, or a negative errno and the file is as it was.
 */
int config_write(const struct message_list *config, const char *name)
{
	struct stat old = { .st_mode = S_IFREG | 0644 };
	char path[PATH_MAX];
	size_t size;
	char *text;
	FILE *file;
	int ret;

	ret = find_path(name, path);
	if (ret)
		return ret;
	if (stat(path, &old) && errno != ENOENT)
		return -errno;
	if (!S_ISREG(old.st_mode))
		return S_ISDIR(old.st_mode) ? -EISDIR : -EINVAL;

	file = open_memstream(&text, &size);
	if (!file)
		return -errno;
	print_config(file, config);
	ret = fclose(file) ? -errno :
	      file_write(path, text, old.st_mode & 07777);
	free(text);
	return ret;
}

/**
 * config_remove() - remove a file
 * @name: of the file
 *
 * Return: 0, also if there is none; or a negative errno.
 */
int config_remove(const char *name)
{
	return unlink(name) && errno != ENOENT ? -errno : 0;
}
