// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <stddef.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "message.h"

enum kind {
	KIND_NONE,		/* not a field of struct message */
	KIND_BYTES,		/* an integer in host byte order, a MAC */
	KIND_BE16,
	KIND_STRING,
	KIND_FLAG,
	KIND_ADDRESS4,
	KIND_ADDRESS6,
};

struct field {
	enum kind kind;
	uint16_t offset;
	uint16_t size;
};

#define FIELD(attr, type, member)					\
	[attr] = { type, offsetof(struct message, member),		\
		   sizeof(((struct message *)0)->member) }

/* Where each attribute goes. @size of an address is set by its kind. */
static const struct field fields[DSR_A_MAX + 1] = {
	FIELD(DSR_A_ADDR4, KIND_ADDRESS4, vip.addr),
	FIELD(DSR_A_ADDR6, KIND_ADDRESS6, vip.addr),
	FIELD(DSR_A_PROTO, KIND_BYTES, vip.proto),
	FIELD(DSR_A_PORT, KIND_BE16, vip.port),
	FIELD(DSR_A_PORT_LAST, KIND_BE16, vip.port_last),
	FIELD(DSR_A_SCHED, KIND_STRING, sched),
	FIELD(DSR_A_ARP, KIND_BYTES, arp),
	FIELD(DSR_A_SERVER4, KIND_ADDRESS4, server),
	FIELD(DSR_A_SERVER6, KIND_ADDRESS6, server),
	FIELD(DSR_A_WEIGHT, KIND_BYTES, weight),
	FIELD(DSR_A_MAC, KIND_BYTES, mac),
	FIELD(DSR_A_IFNAME, KIND_STRING, ifname),
	FIELD(DSR_A_STATE, KIND_BYTES, state),
	FIELD(DSR_A_WHY, KIND_BYTES, why),
	FIELD(DSR_A_PATH_MAC, KIND_BYTES, path_mac),
	FIELD(DSR_A_PATH_IFNAME, KIND_STRING, path_ifname),
	FIELD(DSR_A_FLOWS, KIND_BYTES, flows),
	FIELD(DSR_A_FLOWS_TOTAL, KIND_BYTES, flows_total),
	FIELD(DSR_A_PACKETS, KIND_BYTES, packets),
	FIELD(DSR_A_BYTES, KIND_BYTES, bytes),
	FIELD(DSR_A_BOUNCED, KIND_BYTES, bounced),
	FIELD(DSR_A_IFINDEX, KIND_BYTES, ifindex),
	[DSR_A_SERVERS] = { .kind = KIND_FLAG },
	FIELD(DSR_A_CLIENT4, KIND_ADDRESS4, client),
	FIELD(DSR_A_CLIENT6, KIND_ADDRESS6, client),
	FIELD(DSR_A_CLIENT_PREFIX, KIND_BYTES, client_prefix),
	FIELD(DSR_A_CLIENT_PORT, KIND_BE16, client_port),
	FIELD(DSR_A_DST_PORT, KIND_BE16, dst_port),
	FIELD(DSR_A_DST_PROTO, KIND_BYTES, dst_proto),
	FIELD(DSR_A_FLOW_STATE, KIND_BYTES, flow_state),
	FIELD(DSR_A_AGE, KIND_BYTES, age),
	FIELD(DSR_A_IDLE, KIND_BYTES, idle),
	FIELD(DSR_A_EXPIRES, KIND_BYTES, expires),
	FIELD(DSR_A_FORWARDED, KIND_BYTES, forwarded),
	FIELD(DSR_A_ANSWERED, KIND_BYTES, answered),
	FIELD(DSR_A_FLOWS_MAX, KIND_BYTES, flows_max),
	FIELD(DSR_A_PERSISTENCE, KIND_BYTES, persistence),
	FIELD(DSR_A_PERSISTENCE_MASK, KIND_BYTES, persistence_mask),
	FIELD(DSR_A_ON_DOWN, KIND_BYTES, on_down),
	FIELD(DSR_A_TIMEOUT_SYN, KIND_BYTES, timeout_syn),
	FIELD(DSR_A_TIMEOUT_OPEN, KIND_BYTES, timeout_open),
	FIELD(DSR_A_TIMEOUT_FIN, KIND_BYTES, timeout_fin),
	FIELD(DSR_A_TIMEOUT_UDP, KIND_BYTES, timeout_udp),
	FIELD(DSR_A_SORRY4, KIND_ADDRESS4, sorry),
	FIELD(DSR_A_SORRY6, KIND_ADDRESS6, sorry),
	FIELD(DSR_A_MAX_FLOWS, KIND_BYTES, max_flows),
	FIELD(DSR_A_DRAIN, KIND_BYTES, drain),
	[DSR_A_SORRY] = { .kind = KIND_FLAG },
	FIELD(DSR_A_ACTIVE, KIND_BYTES, active),
	FIELD(DSR_A_RETRIES, KIND_BYTES, retries),
	[DSR_A_FLOWS_MAX_AUTO] = { .kind = KIND_FLAG },
	FIELD(DSR_A_ARP_FOREIGN, KIND_BYTES, arp_foreign),
	FIELD(DSR_A_PERSISTENT, KIND_BYTES, persistent),
	FIELD(DSR_A_BY, KIND_BYTES, by),
};

_Static_assert(DSR_A_MAX < 64, "struct message.has is too small");

/**
 * message_set_vip() - name a VIP in a request
 * @msg: the request
 * @vip: the VIP
 */
void message_set_vip(struct message *msg, const struct vip *vip)
{
	msg->vip = *vip;
	msg->has |= HAS(DSR_A_PROTO);
	msg->has |= HAS(vip->addr.family == AF_INET ? DSR_A_ADDR4 :
						      DSR_A_ADDR6);
	if (vip->port)
		msg->has |= HAS(DSR_A_PORT);
	if (vip->port_last != vip->port)
		msg->has |= HAS(DSR_A_PORT_LAST);
}

/**
 * message_set_server() - name a server in a request
 * @msg: the request
 * @addr: the server's address
 */
void message_set_server(struct message *msg, const struct address *addr)
{
	msg->server = *addr;
	msg->has |= HAS(addr->family == AF_INET ? DSR_A_SERVER4 :
						  DSR_A_SERVER6);
}

/**
 * message_set_client() - name a client or a network of them in a request
 * @msg: the request
 * @addr: the address
 * @length: the length of the prefix, -1 for the whole address
 */
void message_set_client(struct message *msg, const struct address *addr,
			int length)
{
	msg->client = *addr;
	msg->has |= HAS(addr->family == AF_INET ? DSR_A_CLIENT4 :
						  DSR_A_CLIENT6);
	if (length >= 0) {
		msg->client_prefix = length;
		msg->has |= HAS(DSR_A_CLIENT_PREFIX);
	}
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

/**
 * message_put() - add the attributes of a message
 * @nlh: a buffer that is large enough for a struct message
 * @msg: the message
 */
void message_put(struct nlmsghdr *nlh, const struct message *msg)
{
	unsigned int attr;

	for (attr = 0; attr <= DSR_A_MAX; attr++) {
		const struct field *field = &fields[attr];
		const void *value = (const char *)msg + field->offset;
		const struct address *addr = value;

		if (!(msg->has & HAS(attr)))
			continue;
		switch (field->kind) {
		case KIND_NONE:
			break;
		case KIND_BYTES:
			mnl_attr_put(nlh, attr, field->size, value);
			break;
		case KIND_BE16:
			mnl_attr_put_u16(nlh, attr,
					 htons(*(const uint16_t *)value));
			break;
		case KIND_STRING:
			mnl_attr_put_strz(nlh, attr, value);
			break;
		case KIND_FLAG:
			mnl_attr_put(nlh, attr, 0, NULL);
			break;
		case KIND_ADDRESS4:
			mnl_attr_put(nlh, attr, sizeof(addr->v4), &addr->v4);
			break;
		case KIND_ADDRESS6:
			mnl_attr_put(nlh, attr, sizeof(addr->v6), &addr->v6);
			break;
		}
	}
}

/* The kernel is trusted, but not to be of the version we were built for */
static int get_field(const struct nlattr *nla, const struct field *field,
		     void *value)
{
	const void *payload = mnl_attr_get_payload(nla);
	size_t len = mnl_attr_get_payload_len(nla);
	struct address *addr = value;

	switch (field->kind) {
	case KIND_NONE:
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

/* One attribute of an object; an unknown one is left out */
static int get_attr(const struct nlattr *nla, struct message *msg)
{
	unsigned int attr = mnl_attr_get_type(nla);

	if (attr > DSR_A_MAX)
		return 0;
	msg->has |= HAS(attr);
	return get_field(nla, &fields[attr],
			 (char *)msg + fields[attr].offset);
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
	const struct nlattr *nla;

	memset(msg, 0, sizeof(*msg));
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*genl))
		return -EBADMSG;
	msg->cmd = genl->cmd;

	mnl_attr_for_each(nla, nlh, sizeof(*genl))
		if (get_attr(nla, msg))
			return -EBADMSG;
	/* a single port, and every port, can be written in two ways */
	if (!msg->vip.port || !msg->vip.port_last)
		msg->vip.port_last = msg->vip.port;
	return 0;
}

/**
 * message_get_nest() - read an object that is within another one
 * @nlh: a message of the family
 * @attr: DSR_A_FLOW or DSR_A_PERSIST
 * @msg: is filled with the attributes in it; its @has is 0 if it is not there
 *
 * Return: 0, or -EBADMSG if an attribute does not have its own size.
 */
int message_get_nest(const struct nlmsghdr *nlh, unsigned int attr,
		     struct message *msg)
{
	const struct nlattr *nest, *nla;

	memset(msg, 0, sizeof(*msg));
	mnl_attr_for_each(nest, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(nest) != attr)
			continue;
		mnl_attr_for_each_nested(nla, nest)
			if (get_attr(nla, msg))
				return -EBADMSG;
	}
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
		case DSR_A_REASON:
			len = strnlen(payload, len);
			if (len >= sizeof(reason->name))
				return -EBADMSG;
			memcpy(reason->name, payload, len);
			break;
		case DSR_A_COUNT:
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
 * @attr: DSR_A_PASSED or DSR_A_DROPPED
 * @reasons: is filled
 * @max: how many @reasons has room for; the rest is left out
 *
 * Return: their number or -EBADMSG.
 */
int message_get_reasons(const struct nlmsghdr *nlh, unsigned int attr,
			struct reason *reasons, int max)
{
	const struct nlattr *nla;
	int count = 0;

	mnl_attr_for_each(nla, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(nla) != attr || count == max)
			continue;
		if (get_reason(nla, &reasons[count++]))
			return -EBADMSG;
	}
	return count;
}

/**
 * message_attr_at() - find the attribute that an extended ACK points at
 * @nlh: the request that was sent
 * @offset: from the start of @nlh
 *
 * Return: DSR_A_*, or 0 when the offset is in none.
 */
unsigned int message_attr_at(const struct nlmsghdr *nlh, uint32_t offset)
{
	const struct nlattr *nla;

	mnl_attr_for_each(nla, nlh, sizeof(struct genlmsghdr)) {
		size_t start = (const char *)nla - (const char *)nlh;

		if (offset >= start && offset < start + nla->nla_len)
			return mnl_attr_get_type(nla);
	}
	return 0;
}

/**
 * message_nested_attr_at() - the same, where attributes are in nests
 * @nlh: the request that was sent
 * @offset: from the start of @nlh
 *
 * Return: DSR_A_*, or 0 when the offset is in none, or a nest's own.
 */
unsigned int message_nested_attr_at(const struct nlmsghdr *nlh,
				    uint32_t offset)
{
	const char *at = (const char *)nlh + offset;
	const struct nlattr *nest, *nla;

	mnl_attr_for_each(nest, nlh, sizeof(struct genlmsghdr)) {
		if (at >= (const char *)nest + nest->nla_len)
			continue;
		mnl_attr_for_each_nested(nla, nest)
			if (at >= (const char *)nla &&
			    at < (const char *)nla + nla->nla_len)
				return mnl_attr_get_type(nla);
		break;
	}
	return 0;
}
