// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <stddef.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "message.h"

/* No nest has as many attributes */
#define ATTRS_MAX	64

enum kind {
	KIND_BYTES,		/* an integer in host byte order, a MAC */
	KIND_BE16,
	KIND_STRING,
	KIND_FLAG,
	KIND_ADDRESS4,
	KIND_ADDRESS6,
};

struct layout {
	uint16_t nest;
	uint16_t attr;
	enum kind kind;
	uint16_t offset;
	uint16_t size;
};

/* Where each field goes. @size of an address is set by its kind. */
static const struct layout layouts[FIELDS] = {
#define FIELD(name, nest, kind, member)					\
	[FIELD_##name] = { nest, DSR_A_##name, KIND_##kind,		\
			   offsetof(struct message, member),		\
			   sizeof(((struct message *)0)->member) },
	MESSAGE_FIELDS(FIELD)
#undef FIELD
};

/* The field that an attribute of a nest is; FIELD_NONE: we don't know it */
static const uint8_t ids[DSR_A_MAX + 1][ATTRS_MAX] = {
#define FIELD(name, nest, kind, member)	[nest][DSR_A_##name] = FIELD_##name,
	MESSAGE_FIELDS(FIELD)
#undef FIELD
};

_Static_assert(FIELDS <= UINT8_MAX, "the ids do not fit");

/* What the nest of an object is called in an item of a load */
static const uint16_t item_nests[DSR_A_MAX + 1] = {
	[DSR_A_VIP] = DSR_A_ITEM_VIP,
	[DSR_A_SERVER] = DSR_A_ITEM_SERVER,
	[DSR_A_DEV] = DSR_A_ITEM_DEV,
	[DSR_A_LIMIT] = DSR_A_ITEM_LIMIT,
};

static enum field find_field(unsigned int nest, const struct nlattr *nla)
{
	unsigned int attr = mnl_attr_get_type(nla);

	return nest <= DSR_A_MAX && attr < ATTRS_MAX ? ids[nest][attr] :
						       FIELD_NONE;
}

/**
 * message_set_vip() - name a VIP in a request
 * @msg: the request
 * @vip: the VIP
 */
void message_set_vip(struct message *msg, const struct vip *vip)
{
	message_set_address(msg, FIELD_VIP_ADDR4, &vip->addr);
	msg->vip = *vip;
	message_set(msg, FIELD_VIP_PROTO);
	if (vip->port)
		message_set(msg, FIELD_VIP_PORT);
	if (vip->port_last != vip->port)
		message_set(msg, FIELD_VIP_PORT_LAST);
}

/**
 * message_set_address() - set an address in a request
 * @msg: the request
 * @v4: the field if it is an IPv4 address; the next one is for IPv6
 * @addr: the address
 */
void message_set_address(struct message *msg, enum field v4,
			 const struct address *addr)
{
	memcpy((char *)msg + layouts[v4].offset, addr, sizeof(*addr));
	message_set(msg, addr->family == AF_INET ? v4 : v4 + 1);
}

/**
 * message_number() - the value of a field that is a number
 * @msg: the message
 * @field: the field
 */
uint64_t message_number(const struct message *msg, enum field field)
{
	const void *value = (const char *)msg + layouts[field].offset;

	switch (layouts[field].size) {
	case sizeof(uint8_t):
		return *(const uint8_t *)value;
	case sizeof(uint16_t):
		return *(const uint16_t *)value;
	case sizeof(uint32_t):
		return *(const uint32_t *)value;
	default:
		return *(const uint64_t *)value;
	}
}

/**
 * message_string() - the value of a field that is a string
 * @msg: the message
 * @field: the field
 *
 * Return: NULL if it is none.
 */
const char *message_string(const struct message *msg, enum field field)
{
	return layouts[field].kind == KIND_STRING ?
	       (const char *)msg + layouts[field].offset : NULL;
}

/**
 * message_copy() - take a field over from another message, if that has it
 * @to: gets it
 * @from: may have it
 * @field: the field
 */
void message_copy(struct message *to, const struct message *from,
		  enum field field)
{
	const struct layout *f = &layouts[field];

	if (!message_has(from, field))
		return;
	message_set(to, field);
	if (f->kind != KIND_FLAG)
		memcpy((char *)to + f->offset, (const char *)from + f->offset,
		       f->size);
}

/**
 * message_same() - whether two messages name the same VIP or server
 * @a: one object
 * @b: the other one
 */
bool message_same(const struct message *a, const struct message *b)
{
	return a->cmd == b->cmd && vip_same(&a->vip, &b->vip) &&
	       address_same(&a->server, &b->server);
}

static void put_field(struct nlmsghdr *nlh, const struct layout *field,
		      const void *value)
{
	const struct address *addr = value;

	switch (field->kind) {
	case KIND_BYTES:
		mnl_attr_put(nlh, field->attr, field->size, value);
		break;
	case KIND_BE16:
		mnl_attr_put_u16(nlh, field->attr,
				 htons(*(const uint16_t *)value));
		break;
	case KIND_STRING:
		mnl_attr_put_strz(nlh, field->attr, value);
		break;
	case KIND_FLAG:
		mnl_attr_put(nlh, field->attr, 0, NULL);
		break;
	case KIND_ADDRESS4:
		mnl_attr_put(nlh, field->attr, sizeof(addr->v4), &addr->v4);
		break;
	case KIND_ADDRESS6:
		mnl_attr_put(nlh, field->attr, sizeof(addr->v6), &addr->v6);
		break;
	}
}

/* Nests are called as in @nests, or by their own number if that is NULL */
static void put_fields(struct nlmsghdr *nlh, const struct message *msg,
		       const uint16_t *nests)
{
	struct nlattr *nest = NULL;
	unsigned int last = 0;
	enum field id;

	for (id = FIELD_NONE + 1; id < FIELDS; id++) {
		const struct layout *field = &layouts[id];

		if (!message_has(msg, id))
			continue;
		if (field->nest != last) {
			if (nest)
				mnl_attr_nest_end(nlh, nest);
			last = field->nest;
			nest = mnl_attr_nest_start(nlh, nests ? nests[last] :
								last);
		}
		put_field(nlh, field, (const char *)msg + field->offset);
	}
	if (nest)
		mnl_attr_nest_end(nlh, nest);
}

/**
 * message_put() - add the attributes of a message
 * @nlh: a buffer that is large enough for a struct message
 * @msg: the message
 */
void message_put(struct nlmsghdr *nlh, const struct message *msg)
{
	put_fields(nlh, msg, NULL);
}

/**
 * message_put_item() - add a request to a load
 * @nlh: the load, a buffer that is large enough for another struct message
 * @msg: the request: VIPs, servers, devs and limits only
 */
void message_put_item(struct nlmsghdr *nlh, const struct message *msg)
{
	struct nlattr *item = mnl_attr_nest_start(nlh, DSR_A_ITEM);

	mnl_attr_put_u8(nlh, DSR_A_ITEM_CMD, msg->cmd);
	put_fields(nlh, msg, item_nests);
	mnl_attr_nest_end(nlh, item);
}

/* The kernel is trusted, but not to be of the version we were built for */
static int get_value(const struct nlattr *nla, const struct layout *field,
		     void *value)
{
	const void *payload = mnl_attr_get_payload(nla);
	size_t len = mnl_attr_get_payload_len(nla);
	struct address *addr = value;

	switch (field->kind) {
	case KIND_FLAG:
		return 0;
	case KIND_BYTES:
	case KIND_BE16:
		if (len != field->size)
			return -EBADMSG;
		memcpy(value, payload, len);
		if (field->kind == KIND_BE16)
			*(uint16_t *)value = ntohs(*(uint16_t *)value);
		return 0;
	case KIND_STRING:
		if (strnlen(payload, len) >= field->size)
			return -EBADMSG;
		memcpy(value, payload, strnlen(payload, len));
		return 0;
	case KIND_ADDRESS4:
		if (len != sizeof(addr->v4))
			return -EBADMSG;
		addr->family = AF_INET;
		memcpy(&addr->v4, payload, len);
		return 0;
	case KIND_ADDRESS6:
		if (len != sizeof(addr->v6))
			return -EBADMSG;
		addr->family = AF_INET6;
		memcpy(&addr->v6, payload, len);
		return 0;
	}
	return 0;
}

/* One attribute of a nest; an unknown one is left out */
static int get_field(const struct nlattr *nla, unsigned int nest,
		     struct message *msg)
{
	enum field id = find_field(nest, nla);

	if (id == FIELD_NONE)
		return 0;
	message_set(msg, id);
	return get_value(nla, &layouts[id], (char *)msg + layouts[id].offset);
}

/**
 * message_get() - read an object
 * @nlh: a message of the family
 * @msg: is filled with its attributes; those that are unknown are left out
 *
 * Return: 0, or -EBADMSG if an attribute does not have its own size.
 */
int message_get(const struct nlmsghdr *nlh, struct message *msg)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *nest, *nla;

	memset(msg, 0, sizeof(*msg));
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*genl))
		return -EBADMSG;
	msg->cmd = genl->cmd;

	mnl_attr_for_each(nest, nlh, sizeof(*genl)) {
		if (find_field(0, nest)) {
			if (get_field(nest, 0, msg))
				return -EBADMSG;
			continue;
		}
		mnl_attr_for_each_nested(nla, nest)
			if (get_field(nla, mnl_attr_get_type(nest), msg))
				return -EBADMSG;
	}
	/* a single port, and every port, can be written in two ways */
	if (!msg->vip.port || !msg->vip.port_last)
		msg->vip.port_last = msg->vip.port;
	return 0;
}

static int get_reason(const struct nlattr *nest, struct reason *reason)
{
	const struct nlattr *nla;

	memset(reason, 0, sizeof(*reason));
	mnl_attr_for_each_nested(nla, nest) {
		const void *payload = mnl_attr_get_payload(nla);
		size_t len = mnl_attr_get_payload_len(nla);

		switch (mnl_attr_get_type(nla)) {
		case DSR_A_REASON_NAME:
			len = strnlen(payload, len);
			if (len >= sizeof(reason->name))
				return -EBADMSG;
			memcpy(reason->name, payload, len);
			break;
		case DSR_A_REASON_COUNT:
			if (len != sizeof(reason->count))
				return -EBADMSG;
			memcpy(&reason->count, payload, len);
			break;
		}
	}
	return 0;
}

/**
 * message_get_reasons() - read the counters of a stats object
 * @nlh: a message of the family
 * @attr: DSR_A_STATS_PASSED or DSR_A_STATS_DROPPED
 * @reasons: is filled
 * @max: how many @reasons has room for; the rest is left out
 *
 * Return: their number or -EBADMSG.
 */
int message_get_reasons(const struct nlmsghdr *nlh, unsigned int attr,
			struct reason *reasons, int max)
{
	const struct nlattr *nest, *nla;
	int count = 0;

	mnl_attr_for_each(nest, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(nest) != DSR_A_STATS)
			continue;
		mnl_attr_for_each_nested(nla, nest) {
			if (mnl_attr_get_type(nla) != attr || count == max)
				continue;
			if (get_reason(nla, &reasons[count++]))
				return -EBADMSG;
		}
	}
	return count;
}

/* The attribute within a nest that a place is in, NULL if that is its own */
static const struct nlattr *attr_at(const struct nlattr *nest, const char *at)
{
	const struct nlattr *nla;

	mnl_attr_for_each_nested(nla, nest)
		if (at >= (const char *)nla &&
		    at < (const char *)nla + nla->nla_len)
			return nla;
	return NULL;
}

static unsigned int item_nest(const struct nlattr *nla)
{
	unsigned int nest;

	for (nest = DSR_A_MAX; nest; nest--)
		if (item_nests[nest] == mnl_attr_get_type(nla))
			break;
	return nest;
}

/**
 * message_field_at() - find the field that an extended ACK points at
 * @nlh: the request that was sent, which may be a load
 * @offset: from the start of @nlh
 *
 * Return: the field, or FIELD_NONE when the offset is in none, or a nest's own.
 */
enum field message_field_at(const struct nlmsghdr *nlh, uint32_t offset)
{
	const char *at = (const char *)nlh + offset;
	const struct nlattr *nla;
	unsigned int nest;

	mnl_attr_for_each(nla, nlh, sizeof(struct genlmsghdr)) {
		if (at < (const char *)nla)
			break;
		if (at >= (const char *)nla + nla->nla_len)
			continue;
		if (find_field(0, nla))
			return find_field(0, nla);
		nest = mnl_attr_get_type(nla);
		if (nest == DSR_A_ITEM) {
			nla = attr_at(nla, at);
			nest = nla ? item_nest(nla) : 0;
		}
		if (nest)
			nla = attr_at(nla, at);
		return nest && nla ? find_field(nest, nla) : FIELD_NONE;
	}
	return FIELD_NONE;
}
