// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which words can follow those that were typed: for shells, which complete them.
 * The grammar says it, and of names the kernel knows those that there are. One
 * word a line; FILE stands for the name of any file. Errors print nothing.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "dsrctl.h"

static void print_words(const char *words)
{
	for (; *words; words += strspn(words, " ,")) {
		size_t len = strcspn(words, " ,");

		printf("%.*s\n", (int)len, words);
		words += len;
	}
}

static void print_directory(const char *path)
{
	const struct dirent *entry;
	DIR *dir = opendir(path);

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (*entry->d_name != '.')
			puts(entry->d_name);
	closedir(dir);
}

/* The names that the kernel has */
static void print_names(struct context *ctx, const struct message *request,
			const char *vip)
{
	char name[VIP_STRLEN], of[VIP_STRLEN];
	struct message_list list = { };
	size_t i;

	if (netlink_collect(&ctx->nl, request, 1, &list))
		list.count = 0;
	for (i = 0; i < list.count; i++) {
		const struct message *item = &list.items[i];

		if (item->cmd == DSR_CMD_VIP_GET)
			puts(format_vip(name, &item->vip));
		else if (item->cmd == DSR_CMD_DEV_GET)
			puts(item->dev);
		else if (!vip || !strcmp(format_vip(of, &item->vip), vip))
			puts(format_address(name, &item->server));
	}
	netlink_free_list(&list);
}

static void print_vips(struct context *ctx)
{
	const struct message request = { .cmd = DSR_CMD_VIP_GET };

	print_names(ctx, &request, NULL);
}

/* Those of one VIP, or of all if it is NULL */
static void print_servers(struct context *ctx, const char *vip)
{
	const struct message request = { .cmd = DSR_CMD_SERVER_GET };

	print_names(ctx, &request, vip);
}

static void print_devs(struct context *ctx)
{
	const struct message request = { .cmd = DSR_CMD_DEV_GET };

	print_names(ctx, &request, NULL);
}

static bool is_verb(const struct command *command, const char *verb)
{
	return command->verb && !strcmp(command->verb, verb);
}

/* What is added is not there yet */
static void print_arg(struct context *ctx, const struct command *command,
		      enum arg arg, char *const *args)
{
	bool add = is_verb(command, "add");

	switch (arg) {
	case ARG_VIP:
	case ARG_VIP_ADDRESS:
		if (!add || command->cmd != DSR_CMD_VIP_ADD)
			print_vips(ctx);
		break;
	case ARG_SERVER:
		if (!add)
			print_servers(ctx, args[0]);
		break;
	case ARG_DEV:
		if (add)
			print_directory("/sys/class/net");
		else
			print_devs(ctx);
		break;
	case ARG_FILE:
		puts("FILE");
		break;
	case ARG_FLOWS_MAX:
		puts("auto");
		break;
	case ARG_PROTOCOL:
		print_words("tcp udp sctp");
		break;
	case ARG_DESTINATION:
	case ARG_SOURCE:
	case ARG_NONE:
		break;
	}
}

static void print_value(struct context *ctx, const struct keyword *key)
{
	if (key->values)
		print_words(key->values);
	switch (key->field) {
	case FIELD_SERVER_IFNAME:
		print_directory("/sys/class/net");
		break;
	case FIELD_VIP_ADDR4:
		print_vips(ctx);
		break;
	case FIELD_FLOW_SERVER4:
		print_servers(ctx, NULL);
		break;
	default:
		break;
	}
}

/* The keyword that these words begin with, and how many of them it takes */
static const struct keyword *find_keyword(const struct command *command,
					  char *const *words, size_t count,
					  size_t *len)
{
	const struct keyword *key = command->keywords;

	for (; key && key->word; key++) {
		if (strcmp(key->word, words[0]))
			continue;
		*len = 1 + !!key->sub + !key->alone;
		if (!key->sub || count < 2 || !strcmp(key->sub, words[1]))
			return key;
	}
	return NULL;
}

static void print_keywords(const struct command *command)
{
	const struct keyword *key = command->keywords;
	const char *last = "";

	for (; key && key->word; key++) {
		if (strcmp(key->word, last))
			puts(key->word);
		last = key->word;
	}
}

/* After the arguments: @words are keywords and their values */
static void complete_keywords(struct context *ctx,
			      const struct command *command,
			      char *const *words, size_t count)
{
	const struct keyword *key;
	size_t len;

	while (count) {
		key = find_keyword(command, words, count, &len);
		if (!key)
			return;
		if (count < len) {
			if (key->sub && count == 1)
				print_words(key->subs);
			else
				print_value(ctx, key);
			return;
		}
		words += len;
		count -= len;
	}
	print_keywords(command);
}

static bool is_keyword(const struct command *command, char *const *word)
{
	size_t len;

	return find_keyword(command, word, 1, &len);
}

static void complete_command(struct context *ctx, const struct command *command,
			     char *const *words, size_t count)
{
	size_t i = 0;

	while (i < count && i < MAX_ARGS && command->args[i] &&
	       !is_keyword(command, &words[i]))
		i++;
	if (i == count && i < MAX_ARGS && command->args[i]) {
		print_arg(ctx, command, command->args[i], words);
		if ((int)i >= command->need)
			print_keywords(command);
		return;
	}
	while (i < count && command->rest && !is_keyword(command, &words[i]))
		i++;
	if (i == count && command->rest)
		print_arg(ctx, command, command->rest, words);
	complete_keywords(ctx, command, words + i, count - i);
}

static void complete_object(struct context *ctx, const struct object *object,
			    char *const *words, size_t count)
{
	const struct command *command;

	for (command = object->commands; command->run; command++) {
		if (command->verb && !count)
			puts(command->verb);
		else if (!command->verb)
			complete_command(ctx, command, words, count);
		else if (is_verb(command, words[0]))
			complete_command(ctx, command, words + 1, count - 1);
	}
	if (!count)
		puts("help");
}

/* Options before the object; returns how many words they are */
static size_t complete_options(char *const *words, size_t count,
			       const char **netns)
{
	size_t i;

	for (i = 0; i < count && *words[i] == '-'; i++) {
		bool is_netns = !strcmp(words[i], "-N") ||
				!strcmp(words[i], "--netns");
		bool is_batch = !strcmp(words[i], "-b") ||
				!strcmp(words[i], "--batch");

		if (!is_netns && !is_batch)
			continue;
		if (++i == count) {
			if (is_netns)
				print_directory(NETNS_DIR);
			else
				puts("FILE");
			return count + 1;
		}
		if (is_netns)
			*netns = words[i];
	}
	return i;
}

/**
 * complete() - print the words that can follow
 * @ctx: what with
 * @words: what was typed before, without dsrctl; the last one is what is to be
 *	   completed, and not looked at but for an option
 * @count: of @words
 *
 * Return: the exit status.
 */
int complete(struct context *ctx, char *const *words, size_t count)
{
	const struct object *const *object;
	const char *netns = NULL;
	size_t skip;

	if (!count)
		return EXIT_DONE;
	skip = complete_options(words, count - 1, &netns);
	if (skip > count - 1)
		return EXIT_DONE;
	if (netns && dsrctl_enter_netns(netns))
		return EXIT_DONE;
	words += skip;
	count -= skip;

	for (object = objects; *object; object++) {
		if (count == 1)
			puts((*object)->word);
		else if (!strcmp((*object)->word, words[0]))
			complete_object(ctx, *object, words + 1, count - 2);
	}
	if (count == 1)
		print_words("help --json --pretty --stats --netns --batch --version --help");
	return EXIT_DONE;
}
