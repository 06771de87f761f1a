// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"

static const char *const arg_names[] = {
	[ARG_VIP] = "VIP",
	[ARG_VIP_ADDRESS] = "VIP",
	[ARG_SERVER] = "ADDRESS",
	[ARG_DEV] = "IFNAME",
	[ARG_FLOWS_MAX] = "N",
	[ARG_PROTOCOL] = "PROTOCOL",
	[ARG_SOURCE] = "SOURCE",
	[ARG_DESTINATION] = "VIP-ADDRESS",
};

/**
 * request_what() - say which command this is, as it was typed
 * @buf: for the text
 * @size: of @buf; a longer text is cut
 * @req: the request, which may be a part of one only
 */
const char *request_what(char *buf, size_t size, const struct request *req)
{
	const char *verb = req->command ? req->command->verb : NULL;
	size_t len;
	int i;

	snprintf(buf, size, "%s%s%s", req->object->word, verb ? " " : "",
		 verb ? verb : "");
	for (i = 0; i < MAX_ARGS && req->args[i]; i++) {
		len = strlen(buf);
		snprintf(buf + len, size - len, " %s", req->args[i]);
	}
	return buf;
}

/* A wrong command: say what, why, and where its grammar can be read */
static int __attribute__((format(printf, 3, 4)))
wrong(struct fault *fault, const struct request *req, const char *fmt, ...)
{
	char what[FAULT_STRLEN / 2];
	char why[FAULT_STRLEN / 2];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	snprintf(fault->text, sizeof(fault->text),
		 "%.180s: %s (see \"dsrctl %s help\")",
		 request_what(what, sizeof(what), req), why, req->object->word);
	return -1;
}

/* The leader of the fields that are one word on the command line */
static enum field word_field(enum field field)
{
	switch (field) {
	case FIELD_VIP_ADDR6:
	case FIELD_VIP_PROTO:
	case FIELD_VIP_PORT:
	case FIELD_VIP_PORT_LAST:
		return FIELD_VIP_ADDR4;
	case FIELD_VIP_SORRY6:
		return FIELD_VIP_SORRY4;
	case FIELD_FLOW_SERVER6:
		return FIELD_FLOW_SERVER4;
	case FIELD_FLOW_CLIENT6:
	case FIELD_FLOW_CLIENT_PREFIX:
		return FIELD_FLOW_CLIENT4;
	default:
		return field;
	}
}

/**
 * request_keyword() - the keyword that a field of a request came by
 * @req: the request
 * @field: the field
 *
 * Return: the keyword, or NULL when it was not one that set it.
 */
const struct keyword *request_keyword(const struct request *req,
				      enum field field)
{
	const struct keyword *key = req->command->keywords;

	field = word_field(field);
	for (; key && key->word; key++)
		if (field && key->field == field)
			return key;
	return NULL;
}

const char *keyword_limit(struct request *req, const char *value)
{
	return parse_count(value, &req->limit);
}

/* One end of a packet; a port is there only where the protocol has some */
static const char *parse_end(struct message *msg, const char *word,
			     enum field address, enum field port,
			     uint16_t *number)
{
	struct address addr;
	const char *why;

	why = parse_endpoint(word, &addr, number);
	if (why)
		return why;
	message_set_address(msg, address, &addr);
	if (!*number)
		return NULL;
	if (msg->flow_proto != IPPROTO_TCP && msg->flow_proto != IPPROTO_UDP &&
	    msg->flow_proto != IPPROTO_SCTP)
		return "this protocol has no ports";
	message_set(msg, port);
	return NULL;
}

static const char *parse_packet(struct message *msg, enum arg arg,
				const char *word)
{
	switch (arg) {
	case ARG_PROTOCOL:
		message_set(msg, FIELD_FLOW_PROTO);
		return parse_ip_protocol(word, &msg->flow_proto);
	case ARG_SOURCE:
		return parse_end(msg, word, FIELD_FLOW_CLIENT4,
				 FIELD_FLOW_CLIENT_PORT, &msg->client_port);
	default:
		return parse_end(msg, word, FIELD_FLOW_DST4,
				 FIELD_FLOW_DST_PORT, &msg->dst_port);
	}
}

static const char *parse_arg(struct request *req, enum arg arg,
			     const char *word)
{
	struct address addr;
	struct vip vip;
	const char *why;

	switch (arg) {
	case ARG_VIP:
		why = parse_vip(word, &vip);
		if (!why)
			message_set_vip(&req->msg, &vip);
		return why;
	case ARG_VIP_ADDRESS:
		return parse_vip_address(word, &vip);
	case ARG_SERVER:
		if (parse_address(word, &addr))
			return "a server is an IPv4 or IPv6 address, its port is the VIP's";
		message_set_address(&req->msg, FIELD_SERVER_ADDR4, &addr);
		return NULL;
	case ARG_DEV:
		message_set(&req->msg, FIELD_DEV_IFNAME);
		return parse_ifname(word, req->msg.dev, sizeof(req->msg.dev));
	case ARG_FLOWS_MAX:
		message_set(&req->msg, FIELD_LIMIT_FLOWS);
		return parse_flows_max(word, &req->msg.flows_max);
	case ARG_PROTOCOL:
	case ARG_SOURCE:
	case ARG_DESTINATION:
		return parse_packet(&req->msg, arg, word);
	case ARG_FILE:
		return *word ? NULL : "the name of a file is missing";
	case ARG_NONE:
		break;
	}
	return "unknown word";
}

/* Options are dsrctl's, so one that comes after the object is not ours */
static const char *unknown_word(const char *word)
{
	return *word == '-' && word[1] ? "options go before the object" :
					 "unknown word";
}

static int parse_args(struct request *req, char *const **words,
		      struct fault *fault)
{
	const struct command *command = req->command;
	const char *why;
	int i;

	for (i = 0; i < MAX_ARGS && command->args[i] && **words; i++) {
		why = parse_arg(req, command->args[i], **words);
		if (why && ***words == '-')
			why = unknown_word(**words);
		if (why)
			return wrong(fault, req, "\"%.100s\": %s", **words, why);
		req->args[i] = *(*words)++;
	}
	if (i < command->need)
		return wrong(fault, req, "%s is missing",
			     arg_names[command->args[i]]);
	return 0;
}

static bool is_keyword(const struct command *command, const char *word)
{
	const struct keyword *key = command->keywords;

	for (; key && key->word; key++)
		if (!strcmp(key->word, word))
			return true;
	return false;
}

static int parse_rest(struct request *req, char *const **words,
		      struct fault *fault)
{
	const struct command *command = req->command;
	const char *why, **rest;

	while (command->rest && **words && !is_keyword(command, **words)) {
		struct request each = *req;

		why = parse_arg(&each, command->rest, **words);
		if (why && ***words == '-')
			why = unknown_word(**words);
		if (why)
			return wrong(fault, req, "\"%.100s\": %s", **words, why);
		rest = reallocarray(req->rest, req->n_rest + 1, sizeof(*rest));
		if (!rest)
			return wrong(fault, req, "out of memory");
		req->rest = rest;
		rest[req->n_rest++] = *(*words)++;
	}
	return 0;
}

/* The place of a keyword, after its words; or -1 and the reason in fault */
static int find_keyword(const struct request *req, char *const **words,
			struct fault *fault)
{
	const struct keyword *key = req->command->keywords;
	const char *word = *(*words)++;
	const char *subs = NULL;
	int i;

	for (i = 0; key && key[i].word; i++) {
		if (strcmp(key[i].word, word))
			continue;
		if (!key[i].sub)
			return i;
		if (**words && !strcmp(key[i].sub, **words)) {
			++*words;
			return i;
		}
		subs = key[i].subs;
	}
	if (subs)
		wrong(fault, req, "\"%s\" is followed by one of %s", word, subs);
	else
		wrong(fault, req, "\"%.100s\": %s", word, unknown_word(word));
	return -1;
}

static int parse_keyword(struct request *req, char *const **words,
			 struct fault *fault)
{
	const char *value = NULL, *blank, *sub, *why;
	const struct keyword *key;
	int i;

	i = find_keyword(req, words, fault);
	if (i < 0)
		return -1;
	key = &req->command->keywords[i];
	blank = key->sub ? " " : "";
	sub = key->sub ? key->sub : "";
	if (req->given & 1U << i)
		return wrong(fault, req, "\"%s%s%s\" is there twice", key->word,
			     blank, sub);
	req->given |= 1U << i;

	if (!key->alone) {
		value = **words;
		if (!value)
			return wrong(fault, req, "\"%s%s%s\" needs a value",
				     key->word, blank, sub);
		++*words;
	}
	why = key->parse(req, value);
	if (why && value)
		return wrong(fault, req, "%s%s%s \"%.100s\": %s", key->word,
			     blank, sub, value, why);
	if (why)
		return wrong(fault, req, "\"%s\": %s", key->word, why);
	return 0;
}

/* The addresses of one request are of one family, or nothing fits them all */
static int check_families(const struct request *req, struct fault *fault)
{
	const struct message *msg = &req->msg;
	int server = msg->server.family;
	int client = msg->client.family;
	int vip = msg->vip.addr.family;

	/* no request has two of these */
	server |= msg->sorry.family | msg->flow_server.family;
	vip |= msg->dst.family;
	if (vip && server && vip != server)
		return wrong(fault, req, "an IPv%d VIP can't have an IPv%d server",
			     vip == AF_INET ? 4 : 6, server == AF_INET ? 4 : 6);
	if (!vip)
		vip = server;
	if (vip && client && vip != client)
		return wrong(fault, req, "an IPv%d VIP can't have an IPv%d client",
			     vip == AF_INET ? 4 : 6, client == AF_INET ? 4 : 6);
	return 0;
}

static int parse_command(struct request *req, char *const *words,
			 struct fault *fault)
{
	/* a keyword that looks like an option may stand where options do */
	while (*words && **words == '-' && is_keyword(req->command, *words))
		if (parse_keyword(req, &words, fault))
			return -1;
	if (parse_args(req, &words, fault) || parse_rest(req, &words, fault))
		return -1;
	while (*words)
		if (parse_keyword(req, &words, fault) ||
		    parse_rest(req, &words, fault))
			return -1;
	if (req->command->change && !req->given)
		return wrong(fault, req, "nothing to change is given");
	return check_families(req, fault);
}

static const struct command *find_command(const struct object *object,
					  const char *verb)
{
	const struct command *command;

	for (command = object->commands; command->run; command++)
		if (!command->verb || (verb && !strcmp(command->verb, verb)))
			return command;
	return NULL;
}

/**
 * request_free() - let go of what a request holds
 * @req: the request, also one that was found wrong
 */
void request_free(struct request *req)
{
	free(req->rest);
	req->rest = NULL;
	req->n_rest = 0;
}

/**
 * request_parse() - read a command
 * @req: is filled; keeps pointers to @words; to be freed by request_free()
 * @objects: all objects, NULL at the end
 * @words: the command, NULL at the end
 * @fault: is filled when the command is wrong
 *
 * Return: 0, or -1 when the command is wrong.
 */
int request_parse(struct request *req, const struct object *const *objects,
		  char *const *words, struct fault *fault)
{
	const char *verb = words[0] ? words[1] : NULL;

	memset(req, 0, sizeof(*req));
	if (!words[0]) {
		snprintf(fault->text, sizeof(fault->text),
			 "no object is given (see \"dsrctl help\")");
		return -1;
	}
	while (*objects && strcmp((*objects)->word, words[0]))
		objects++;
	if (!*objects) {
		snprintf(fault->text, sizeof(fault->text),
			 "\"%.100s\": unknown object (see \"dsrctl help\")",
			 words[0]);
		return -1;
	}
	req->object = *objects;

	if (verb && !strcmp(verb, "help"))
		return words[2] ? wrong(fault, req, "\"%.100s\": unknown word",
					words[2]) : 0;

	req->command = find_command(req->object, verb);
	if (!req->command && !verb)
		return wrong(fault, req, "no command is given");
	if (!req->command)
		return wrong(fault, req, "\"%.100s\": %s", verb,
			     *verb == '-' && verb[1] ? unknown_word(verb) :
						       "unknown command");
	req->msg.cmd = req->command->cmd;
	return parse_command(req, words + (req->command->verb ? 2 : 1), fault);
}
