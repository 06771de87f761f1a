// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/if_addr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "realserver.h"

/**
 * realserver_prefix() - what makes a command work in this network namespace
 * @buf: for the text
 * @ctx: has the namespace
 */
const char *realserver_prefix(char buf[PREFIX_STRLEN],
			      const struct context *ctx)
{
	*buf = '\0';
	if (ctx->netns)
		snprintf(buf, PREFIX_STRLEN, "ip netns exec %s ", ctx->netns);
	return buf;
}

/**
 * realserver_quote() - a word as one can type it in a shell
 * @buf: for the word
 * @word: the word, in which an interface's name may have any sign
 */
const char *realserver_quote(char buf[WORD_STRLEN], const char *word)
{
	char *to = buf;

	if (!word[strspn(word, "abcdefghijklmnopqrstuvwxyz"
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/@")]) {
		snprintf(buf, WORD_STRLEN, "%s", word);
		return buf;
	}
	*to++ = '\'';
	for (; *word && to < buf + WORD_STRLEN - 6; word++)
		if (*word == '\'')
			to = stpcpy(to, "'\\''");
		else
			*to++ = *word;
	strcpy(to, "'");
	return buf;
}

/**
 * realserver_words() - a VIP on lo, as "ip address add" takes it
 * @buf: for the words
 * @own: the address
 */
const char *realserver_words(char buf[COMMAND_STRLEN],
			     const struct net_address *own)
{
	char addr[ADDRESS_STRLEN];

	snprintf(buf, COMMAND_STRLEN, "%s/%u dev lo%s%s%s",
		 format_address(addr, &own->addr), own->length,
		 *own->label ? " label " : "", own->label,
		 own->flags & IFA_F_NODAD ? " nodad" : "");
	return buf;
}

/**
 * realserver_own() - a VIP as it should be on lo
 * @own: is filled, but for the interface
 * @kept: the VIP
 */
void realserver_own(struct net_address *own, const struct kept_vip *kept)
{
	memset(own, 0, sizeof(*own));
	own->addr = kept->addr;
	own->length = address_bits(&kept->addr);
	if (kept->addr.family == AF_INET6)
		own->flags = IFA_F_NODAD;
	strcpy(own->label, kept->label);
}

/**
 * realserver_arp_good() - whether a setting keeps ARP silent about VIPs
 * @name: "arp_ignore" or "arp_announce"
 * @value: its value
 */
bool realserver_arp_good(const char *name, int value)
{
	/* 2 is stricter yet; 3 answers for what is on lo, 8 never at all */
	if (!strcmp(name, "arp_ignore"))
		return value == ARP_IGNORE_GOOD || value == 2;
	return value == ARP_ANNOUNCE_GOOD;
}

static int wrong_vip(const struct request *req, const char *word,
		     const char *why)
{
	char text[FAULT_STRLEN];

	snprintf(text, sizeof(text), "%s %s: \"%s\": %s", req->object->word,
		 req->command->verb, word, why);
	output_error(req->file, req->line, text);
	return EXIT_WRONG;
}

static bool has_vip(const struct vip_list *list, const struct vip *vip)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (address_same(&list->items[i].addr, &vip->addr) &&
		    list->items[i].port == vip->port &&
		    list->items[i].port_last == vip->port_last &&
		    list->items[i].proto == vip->proto)
			return true;
	return false;
}

/**
 * realserver_vips() - the VIPs that a command names
 * @list: is filled, each VIP once; the caller frees the items
 * @req: the command
 * @ports: their ports matter, too
 *
 * Return: the exit status.
 */
int realserver_vips(struct vip_list *list, const struct request *req,
		    bool ports)
{
	size_t i;

	list->count = 0;
	list->items = calloc(req->n_rest + 1, sizeof(*list->items));
	if (!list->items)
		out_of_memory();
	for (i = 0; i <= req->n_rest; i++) {
		const char *word = i ? req->rest[i - 1] : req->args[0];
		struct vip *vip = &list->items[list->count];
		const char *why;

		if (!word)
			continue;
		why = parse_vip_address(word, vip);
		if (!why)
			why = address_fault(&vip->addr);
		if (why)
			return wrong_vip(req, word, why);
		if (!ports)
			*vip = (struct vip) { .addr = vip->addr };
		list->count += !has_vip(list, vip);
	}
	return EXIT_DONE;
}

/**
 * realserver_read() - look at this host and at what setup has done to it
 * @req: the request
 * @host: is filled; the caller frees it, also after an error
 * @record: likewise
 *
 * Return: the exit status.
 */
int realserver_read(const struct request *req, struct host *host,
		    struct record *record)
{
	char why[FAULT_STRLEN];
	const char *broken;
	int ret;

	ret = host_read(host);
	if (ret) {
		snprintf(why, sizeof(why), "the interfaces: %s",
			 strerror(-ret));
		return dsrctl_fail(req, why);
	}
	broken = record_read(record);
	if (!broken)
		return EXIT_DONE;
	snprintf(why, sizeof(why), "%s: not what setup wrote, or not readable",
		 broken);
	return dsrctl_fail(req, why);
}

static const char *set_dry_run(struct request *req, const char *value)
{
	(void)value;
	req->dry_run = true;
	return NULL;
}

static const char *set_now(struct request *req, const char *value)
{
	(void)value;
	req->now = true;
	return NULL;
}

static const struct keyword keywords[] = {
	{ .word = "--dry-run", .alone = true, .parse = set_dry_run },
	{ .word = "--now", .alone = true, .parse = set_now },
	{ },
};

static const struct command commands[] = {
	{
		.verb = "setup",
		.args = { ARG_VIP_ADDRESS },
		.need = 1,
		.rest = ARG_VIP_ADDRESS,
		.keywords = keywords,
		.run = setup_run,
	}, {
		.verb = "check",
		.args = { ARG_VIP_ADDRESS },
		.rest = ARG_VIP_ADDRESS,
		.run = check_run,
	}, {
		.verb = "undo",
		.args = { ARG_VIP_ADDRESS },
		.need = 1,
		.rest = ARG_VIP_ADDRESS,
		.keywords = keywords,
		.run = undo_run,
	},
	{ },
};

const struct object object_realserver = {
	.word = "realserver",
	.help =
	"Usage: dsrctl realserver setup [--dry-run] [--now] VIP...\n"
	"       dsrctl realserver check [VIP...]\n"
	"       dsrctl realserver undo [--dry-run] [--now] VIP...\n"
	"\n"
	"To be run on a real server, which needs no module. VIP is one, or its address\n"
	"alone.\n"
	"\n"
	"setup      keep ARP silent about the VIPs, put them on lo, and make that last over\n"
	"           a boot; what is there already is left alone\n"
	"check      tell what is wrong, why it hurts and which command mends it; without\n"
	"           VIP for those on lo and those of setup; status 3 if anything is\n"
	"undo       take back what setup did, and nothing else\n"
	"--dry-run  print the commands instead\n"
	"--now      change what runs only, not what the next boot brings\n",
	.commands = commands,
};
