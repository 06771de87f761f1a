// SPDX-License-Identifier: GPL-2.0-only
/* Attributes: written into answers, and found in requests by their names. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

#define ATTRS_MAX	32

/* --- out --- */

void attr(struct nlmsghdr *nlh, uint16_t type, const void *data, size_t len)
{
	struct nlattr nla = { .nla_len = NLA_HDRLEN + len, .nla_type = type };

	put(nlh, &nla, sizeof(nla));
	put(nlh, data, len);
}

void attr_u8(struct nlmsghdr *nlh, uint16_t type, uint8_t value)
{
	attr(nlh, type, &value, sizeof(value));
}

void attr_be16(struct nlmsghdr *nlh, uint16_t type, uint16_t value)
{
	uint8_t bytes[] = { value >> 8, value };

	attr(nlh, type, bytes, sizeof(bytes));
}

void attr_u32(struct nlmsghdr *nlh, uint16_t type, uint32_t value)
{
	attr(nlh, type, &value, sizeof(value));
}

/* In each set that has a u64, 1 is what aligns it */
void attr_u64(struct nlmsghdr *nlh, uint16_t type, uint64_t value)
{
	attr(nlh, 1, "", 0);
	attr(nlh, type, &value, sizeof(value));
}

void attr_str(struct nlmsghdr *nlh, uint16_t type, const char *text)
{
	attr(nlh, type, text, strlen(text) + 1);
}

size_t begin_nest(struct nlmsghdr *nlh, uint16_t type)
{
	struct nlattr nest = { .nla_type = type | NLA_F_NESTED };
	size_t start = nlh->nlmsg_len;

	put(nlh, &nest, sizeof(nest));
	return start;
}

void end_nest(struct nlmsghdr *nlh, size_t start)
{
	uint16_t len = nlh->nlmsg_len - start;

	memcpy((char *)nlh + start, &len, sizeof(len));
}

/* --- in --- */

/**
 * struct set - attributes that belong together
 * @names: of the attributes
 * @nests: the sets of those that are nests
 */
struct set {
	const char *names[ATTRS_MAX];
	const struct set *nests[ATTRS_MAX];
};

static const struct set vip_set = {
	.names = {
		[DSR_A_VIP_ADDR4] = "ADDR4",
		[DSR_A_VIP_ADDR6] = "ADDR6",
		[DSR_A_VIP_PROTO] = "PROTO",
		[DSR_A_VIP_PORT] = "PORT",
		[DSR_A_VIP_PORT_LAST] = "PORT_LAST",
		[DSR_A_VIP_SCHED] = "SCHED",
		[DSR_A_VIP_ARP] = "ARP",
		[DSR_A_VIP_PERSISTENCE] = "PERSISTENCE",
		[DSR_A_VIP_PERSISTENCE_MASK] = "PERSISTENCE_MASK",
		[DSR_A_VIP_ON_DOWN] = "ON_DOWN",
		[DSR_A_VIP_TIMEOUT_SYN] = "TIMEOUT_SYN",
		[DSR_A_VIP_TIMEOUT_OPEN] = "TIMEOUT_OPEN",
		[DSR_A_VIP_TIMEOUT_FIN] = "TIMEOUT_FIN",
		[DSR_A_VIP_TIMEOUT_RST] = "TIMEOUT_RST",
		[DSR_A_VIP_TIMEOUT_UDP] = "TIMEOUT_UDP",
		[DSR_A_VIP_TIMEOUT_OTHER] = "TIMEOUT_OTHER",
		[DSR_A_VIP_SORRY4] = "SORRY4",
		[DSR_A_VIP_SORRY6] = "SORRY6",
	},
};

static const struct set server_set = {
	.names = {
		[DSR_A_SERVER_ADDR4] = "ADDR4",
		[DSR_A_SERVER_ADDR6] = "ADDR6",
		[DSR_A_SERVER_WEIGHT] = "WEIGHT",
		[DSR_A_SERVER_MAX_FLOWS] = "MAX_FLOWS",
		[DSR_A_SERVER_DRAIN] = "DRAIN",
		[DSR_A_SERVER_MAC] = "MAC",
		[DSR_A_SERVER_IFNAME] = "IFNAME",
	},
};

static const struct set dev_set = {
	.names = { [DSR_A_DEV_IFNAME] = "IFNAME" },
};

static const struct set limit_set = {
	.names = { [DSR_A_LIMIT_FLOWS] = "FLOWS" },
};

static const struct set flow_set = {
	.names = {
		[DSR_A_FLOW_SERVER4] = "SERVER4",
		[DSR_A_FLOW_SERVER6] = "SERVER6",
		[DSR_A_FLOW_CLIENT4] = "CLIENT4",
		[DSR_A_FLOW_CLIENT6] = "CLIENT6",
		[DSR_A_FLOW_CLIENT_PREFIX] = "CLIENT_PREFIX",
		[DSR_A_FLOW_CLIENT_PORT] = "CLIENT_PORT",
		[DSR_A_FLOW_DST4] = "DST4",
		[DSR_A_FLOW_DST6] = "DST6",
		[DSR_A_FLOW_DST_PORT] = "DST_PORT",
		[DSR_A_FLOW_PROTO] = "PROTO",
		[DSR_A_FLOW_STATE] = "STATE",
	},
};

static const struct set item_set = {
	.names = {
		[DSR_A_ITEM_CMD] = "CMD",
		[DSR_A_ITEM_VIP] = "VIP",
		[DSR_A_ITEM_SERVER] = "SERVER",
		[DSR_A_ITEM_DEV] = "DEV",
		[DSR_A_ITEM_LIMIT] = "LIMIT",
	},
	.nests = {
		[DSR_A_ITEM_VIP] = &vip_set,
		[DSR_A_ITEM_SERVER] = &server_set,
		[DSR_A_ITEM_DEV] = &dev_set,
		[DSR_A_ITEM_LIMIT] = &limit_set,
	},
};

static const struct set top_set = {
	.names = {
		[DSR_A_GENERATION] = "GENERATION",
		[DSR_A_VIP] = "VIP",
		[DSR_A_SERVER] = "SERVER",
		[DSR_A_DEV] = "DEV",
		[DSR_A_LIMIT] = "LIMIT",
		[DSR_A_FLOW] = "FLOW",
		[DSR_A_ITEM] = "ITEM",
		[DSR_A_DRY_RUN] = "DRY_RUN",
	},
	.nests = {
		[DSR_A_VIP] = &vip_set,
		[DSR_A_SERVER] = &server_set,
		[DSR_A_DEV] = &dev_set,
		[DSR_A_LIMIT] = &limit_set,
		[DSR_A_FLOW] = &flow_set,
		[DSR_A_ITEM] = &item_set,
	},
};

static const char *const commands[] = {
	[DSR_CMD_VIP_ADD] = "VIP_ADD",
	[DSR_CMD_VIP_SET] = "VIP_SET",
	[DSR_CMD_VIP_DEL] = "VIP_DEL",
	[DSR_CMD_VIP_GET] = "VIP_GET",
	[DSR_CMD_SERVER_ADD] = "SERVER_ADD",
	[DSR_CMD_SERVER_SET] = "SERVER_SET",
	[DSR_CMD_SERVER_DEL] = "SERVER_DEL",
	[DSR_CMD_SERVER_GET] = "SERVER_GET",
	[DSR_CMD_DEV_ADD] = "DEV_ADD",
	[DSR_CMD_DEV_DEL] = "DEV_DEL",
	[DSR_CMD_DEV_GET] = "DEV_GET",
	[DSR_CMD_FLOW_GET] = "FLOW_GET",
	[DSR_CMD_FLOW_FLUSH] = "FLOW_FLUSH",
	[DSR_CMD_STATS_GET] = "STATS_GET",
	[DSR_CMD_FLUSH] = "FLUSH",
	[DSR_CMD_LIMIT_SET] = "LIMIT_SET",
	[DSR_CMD_EXPLAIN] = "EXPLAIN",
	[DSR_CMD_CONFIG_LOAD] = "CONFIG_LOAD",
};

/* A run of attributes, from at to its end */
struct run {
	const char *at;
	const char *end;
};

static const struct nlattr *next(struct run *run)
{
	const struct nlattr *nla = (const void *)run->at;

	if (run->at >= run->end)
		return NULL;
	if (nla->nla_len < NLA_HDRLEN || nla->nla_len > run->end - run->at)
		abort();
	run->at += NLA_ALIGN(nla->nla_len);
	return nla;
}

static struct run attrs_of(const struct nlmsghdr *nlh)
{
	return (struct run) {
		.at = (const char *)nlh + NLMSG_HDRLEN + GENL_HDRLEN,
		.end = (const char *)nlh + nlh->nlmsg_len,
	};
}

static struct run inside(const struct nlattr *nest)
{
	return (struct run) {
		.at = (const char *)nest + NLA_HDRLEN,
		.end = (const char *)nest + nest->nla_len,
	};
}

/* What is neither known nor marked as it has to be is nothing that we read */
static const struct set *set_of(const struct set *set, const struct nlattr *nla)
{
	unsigned int type = nla->nla_type & NLA_TYPE_MASK;

	if (type >= ATTRS_MAX || !set->names[type] ||
	    !set->nests[type] != !(nla->nla_type & NLA_F_NESTED))
		abort();
	return set->nests[type];
}

static const char *name_of(const struct set *set, const struct nlattr *nla)
{
	return set->names[nla->nla_type & NLA_TYPE_MASK];
}

static const struct nlattr *find_in(struct run run, const struct set *set,
				    const char *path)
{
	const struct nlattr *nla, *found = NULL, *inner;
	size_t len = strcspn(path, ".");

	while ((nla = next(&run))) {
		const struct set *nest = set_of(set, nla);
		const char *name = name_of(set, nla);

		if (nest == &item_set)
			inner = find_in(inside(nla), nest, path);
		else if (strncmp(name, path, len) || name[len])
			continue;
		else if (path[len])
			inner = find_in(inside(nla), nest, path + len + 1);
		else
			inner = nla;
		if (inner)
			found = inner;
	}
	return found;
}

/* The last one of that name, as VIP.PORT; items of a load are looked into */
const struct nlattr *find_attr(const struct nlmsghdr *nlh, const char *path)
{
	return find_in(attrs_of(nlh), &top_set, path);
}

/* --- the log --- */

void note(const char *fmt, ...)
{
	const char *name = getenv("DSR_FAKE_LOG");
	FILE *file = name ? fopen(name, "a") : NULL;
	va_list ap;

	if (!file)
		return;
	va_start(ap, fmt);
	vfprintf(file, fmt, ap);
	va_end(ap);
	fclose(file);
}

static void log_value(const struct nlattr *nla)
{
	const uint8_t *bytes = (const void *)nla;
	size_t i;

	for (i = NLA_HDRLEN; i < nla->nla_len; i++)
		note("%s%02x", i == NLA_HDRLEN ? "=" : "", bytes[i]);
}

/* Nests in braces; of an item of a load the command, and then its objects */
static void log_attrs(struct run run, const struct set *set)
{
	const char *blank = set == &top_set || set == &item_set ? " " : "";
	const struct nlattr *nla;

	while ((nla = next(&run))) {
		const struct set *nest = set_of(set, nla);
		const char *name = name_of(set, nla);

		if (nest == &item_set) {
			note(" /");
			log_attrs(inside(nla), nest);
		} else if (nest) {
			note("%s%s{", blank, name);
			log_attrs(inside(nla), nest);
			note("}");
		} else if (set == &item_set) {
			note(" %s", commands[((const uint8_t *)nla)[NLA_HDRLEN]]);
		} else {
			note("%s%s", blank, name);
			log_value(nla);
		}
		blank = " ";
	}
}

void log_request(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = (const void *)((const char *)nlh +
						       NLMSG_HDRLEN);

	note("%s %s v%u", commands[genl->cmd],
	     nlh->nlmsg_flags == (NLM_F_REQUEST | NLM_F_ACK) ? "do" :
	     nlh->nlmsg_flags == (NLM_F_REQUEST | NLM_F_DUMP) ? "dump" :
	     "with odd flags", genl->version);
	log_attrs(attrs_of(nlh), &top_set);
	note("\n");
}
