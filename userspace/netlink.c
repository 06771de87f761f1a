// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <linux/genetlink.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>

#include "message.h"
#include "netlink.h"

/* What the kernel packs a dump into when the reader has room for it */
#define ANSWER_MAX	32768
/* A struct message with every attribute is less */
#define REQUEST_MAX	2048
/* How often reading begins anew because the configuration changed meanwhile */
#define DUMP_TRIES	10
/* Room for a burst of events, so that a busy reader misses none */
#define EVENTS_RCVBUF	(1 << 20)

union request {
	struct nlmsghdr nlh;
	char bytes[REQUEST_MAX];
};

union answer {
	struct nlmsghdr nlh;
	char bytes[ANSWER_MAX];
};

/**
 * struct exchange - one request and what is read of its answer
 * @nl: where
 * @request: what was sent
 * @reader: who gets the answer, may be NULL
 * @interrupted: some message of it said NLM_F_DUMP_INTR
 * @done: the whole answer was read
 */
struct exchange {
	struct netlink *nl;
	const struct nlmsghdr *request;
	const struct reader *reader;
	bool interrupted;
	bool done;
};

static int __attribute__((format(printf, 3, 4)))
refuse(struct netlink *nl, int error, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(nl->refusal.text, sizeof(nl->refusal.text), fmt, ap);
	va_end(ap);
	return error;
}

/**
 * netlink_fail() - say what an error means that has no text of the kernel's
 * @nl: the connection, whose refusal is set
 * @error: a negative errno
 *
 * Return: @error.
 */
int netlink_fail(struct netlink *nl, int error)
{
	switch (-error) {
	case EPERM:
	case EACCES:
		return refuse(nl, error,
			      "not permitted, this needs CAP_NET_ADMIN (be root)");
	case ENOENT:
		/* the module names what it does not find: this is genetlink */
		return refuse(nl, error,
			      "the dsr module is not loaded in this kernel (insmod dsr.ko, or modprobe dsr)");
	case EOPNOTSUPP:
		return refuse(nl, error,
			      "the dsr module in this kernel does not know this command");
	case EBADMSG:
		return refuse(nl, error,
			      "the dsr module's answer can't be read, it is of another version");
	case EPROTONOSUPPORT:
		return refuse(nl, error,
			      "this kernel has no generic netlink");
	default:
		return refuse(nl, error, "%s", strerror(-error));
	}
}

void netlink_close(struct netlink *nl)
{
	if (nl->socket)
		mnl_socket_close(nl->socket);
	nl->socket = NULL;
}

/* What netlink's core says of an attribute that is newer than the module */
static bool is_unknown(const char *text)
{
	return !strcmp(text, "Unknown attribute type") ||
	       !strcmp(text, "Unsupported attribute");
}

/* Take the text and the attribute out of the TLVs behind an error */
static void read_ext_ack(struct exchange *ex, const struct nlmsghdr *nlh,
			 size_t offset)
{
	struct netlink *nl = ex->nl;
	const struct nlattr *nla;
	const char *text;
	size_t len;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	mnl_attr_for_each(nla, nlh, offset) {
		len = mnl_attr_get_payload_len(nla);

		switch (mnl_attr_get_type(nla)) {
		case NLMSGERR_ATTR_MSG:
			text = mnl_attr_get_str(nla);
			len = strnlen(text, len);
			/* a full stop is the text's, the line is ours */
			while (len && strchr(".\n", text[len - 1]))
				len--;
			refuse(nl, 0, "%.*s", (int)len, text);
			if (is_unknown(nl->refusal.text))
				refuse(nl, 0,
				       "the dsr module in this kernel does not know this");
			break;
		case NLMSGERR_ATTR_OFFS:
			if (len != sizeof(uint32_t))
				break;
			nl->refusal.offset = mnl_attr_get_u32(nla);
			nl->refusal.field = message_field_at(ex->request,
							     nl->refusal.offset);
			break;
		}
	}
}

/* The end of an answer: both NLMSG_ERROR and NLMSG_DONE begin with an errno */
static int read_end(struct exchange *ex, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	size_t len = mnl_nlmsg_get_payload_len(nlh);
	size_t tlvs = sizeof(int);

	ex->done = true;
	if (len < tlvs)
		return netlink_fail(ex->nl, -EBADMSG);
	if (!err->error)
		return 0;

	netlink_fail(ex->nl, err->error);
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		tlvs = sizeof(*err);
		/* a kernel that can't cap its ACKs sends the request back */
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED) && len >= tlvs)
			tlvs += MNL_ALIGN(err->msg.nlmsg_len - MNL_NLMSG_HDRLEN);
	}
	if (len > tlvs)
		read_ext_ack(ex, nlh, tlvs);
	return err->error;
}

static int read_message(struct exchange *ex, const struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_seq != ex->request->nlmsg_seq ||
	    nlh->nlmsg_pid != ex->nl->portid)
		return 0;
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		ex->interrupted = true;

	if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE)
		return read_end(ex, nlh);
	if (nlh->nlmsg_type < NLMSG_MIN_TYPE || !ex->reader)
		return 0;
	return ex->reader->read(nlh, ex->reader->data);
}

static int receive(struct netlink *nl, union answer *answer)
{
	ssize_t len;

	do {
		len = mnl_socket_recvfrom(nl->socket, answer, sizeof(*answer));
	} while (len < 0 && errno == EINTR);

	return len < 0 ? netlink_fail(nl, -errno) : len;
}

static bool changes(const struct nlmsghdr *request)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(request);

	if (request->nlmsg_type == GENL_ID_CTRL)
		return false;
	switch (genl->cmd) {
	case DSR_CMD_VIP_GET:
	case DSR_CMD_SERVER_GET:
	case DSR_CMD_DEV_GET:
	case DSR_CMD_FLOW_GET:
	case DSR_CMD_STATS_GET:
	case DSR_CMD_EXPLAIN:
		return false;
	default:
		return true;
	}
}

/*
 * The kernel makes its answer when all is done, and can't tell that it failed
 * for want of memory. Room in the socket is no matter: it was empty, for one
 * request waits for an answer at a time, and no events come to it.
 */
static int refuse_lost(const struct exchange *ex, int error)
{
	if (error == -ENOBUFS && changes(ex->request))
		refuse(ex->nl, error,
		       "the kernel had no memory to answer, it may have been done or not");
	return error;
}

/*
 * Send a request and read its answer to the end. Whatever goes wrong on the
 * way or stops it leaves messages in the socket: then the next one is new.
 */
static int exchange(struct exchange *ex, struct nlmsghdr *request)
{
	struct netlink *nl = ex->nl;
	union answer answer;
	int ret = 0;

	ex->request = request;
	request->nlmsg_seq = ++nl->seq;
	if (mnl_socket_sendto(nl->socket, request, request->nlmsg_len) < 0)
		ret = netlink_fail(nl, -errno);

	while (!ret && !ex->done) {
		const struct nlmsghdr *nlh = &answer.nlh;
		int len = receive(nl, &answer);

		if (len < 0)
			ret = refuse_lost(ex, len);
		for (; !ret && !ex->done && mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len)) {
			ret = read_message(ex, nlh);
			if (ret < 0 && !ex->done)
				netlink_fail(nl, ret);
		}
	}
	if (!ex->done)
		netlink_close(nl);
	return ret < 0 ? ret : 0;
}

static struct nlmsghdr *prepare(union request *request, uint16_t type,
				uint16_t flags, uint8_t cmd, uint8_t version)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(request);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
	return nlh;
}

static void read_group(struct netlink *nl, const struct nlattr *group)
{
	const struct nlattr *nla;
	const char *name = "";
	uint32_t id = 0;

	mnl_attr_for_each_nested(nla, group) {
		if (mnl_attr_get_type(nla) == CTRL_ATTR_MCAST_GRP_NAME &&
		    mnl_attr_validate(nla, MNL_TYPE_NUL_STRING) >= 0)
			name = mnl_attr_get_str(nla);
		if (mnl_attr_get_type(nla) == CTRL_ATTR_MCAST_GRP_ID &&
		    mnl_attr_validate(nla, MNL_TYPE_U32) >= 0)
			id = mnl_attr_get_u32(nla);
	}
	if (!strcmp(name, DSR_MCGRP_EVENTS))
		nl->events = id;
}

static int read_family(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *nla, *group;
	struct netlink *nl = data;

	mnl_attr_for_each(nla, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(nla) == CTRL_ATTR_FAMILY_ID &&
		    mnl_attr_validate(nla, MNL_TYPE_U16) >= 0)
			nl->family = mnl_attr_get_u16(nla);
		if (mnl_attr_get_type(nla) == CTRL_ATTR_VERSION &&
		    mnl_attr_validate(nla, MNL_TYPE_U32) >= 0)
			nl->version = mnl_attr_get_u32(nla);
		if (mnl_attr_get_type(nla) == CTRL_ATTR_MCAST_GROUPS)
			mnl_attr_for_each_nested(group, nla)
				read_group(nl, group);
	}
	return 0;
}

static int resolve(struct netlink *nl)
{
	struct reader reader = { .read = read_family, .data = nl };
	struct exchange ex = { .nl = nl, .reader = &reader };
	union request request;
	struct nlmsghdr *nlh;
	int ret;

	nl->family = 0;
	nl->version = 0;
	nl->events = 0;
	nlh = prepare(&request, GENL_ID_CTRL, NLM_F_ACK, CTRL_CMD_GETFAMILY, 1);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, DSR_GENL_NAME);

	ret = exchange(&ex, nlh);
	if (!ret && !nl->family)
		ret = netlink_fail(nl, -ENOENT);
	if (!ret && nl->version != DSR_GENL_VERSION)
		ret = refuse(nl, -EPROTO,
			     "the module speaks version %u of the protocol, this dsrctl version %u: they have to be of one release",
			     nl->version, DSR_GENL_VERSION);
	return ret;
}

/* Open the socket and find the family, unless that was done before */
static int open_socket(struct netlink *nl)
{
	int on = 1;
	int ret;

	memset(&nl->refusal, 0, sizeof(nl->refusal));
	if (nl->socket)
		return 0;

	nl->socket = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!nl->socket)
		return netlink_fail(nl, -errno);
	if (mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		ret = netlink_fail(nl, -errno);
		goto err;
	}
	nl->portid = mnl_socket_get_portid(nl->socket);

	/* an old kernel that lacks one of these still answers, but in less words */
	mnl_socket_setsockopt(nl->socket, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl->socket, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl->socket, NETLINK_GET_STRICT_CHK, &on,
			      sizeof(on));

	ret = resolve(nl);
	if (!ret)
		return 0;
err:
	netlink_close(nl);
	return ret;
}

static int send_message(struct exchange *ex, const struct message *msg,
			uint16_t flags)
{
	struct netlink *nl = ex->nl;
	union request request;
	struct nlmsghdr *nlh;
	int ret;

	ret = open_socket(nl);
	if (ret)
		return ret;
	nlh = prepare(&request, nl->family, flags, msg->cmd, DSR_GENL_VERSION);
	message_put(nlh, msg);
	return exchange(ex, nlh);
}

/**
 * netlink_do() - have one request done
 * @nl: the connection
 * @msg: the request
 * @reader: gets the answer, NULL if there is none
 *
 * Return: 0, or a negative errno and the reason in @nl->refusal.
 */
int netlink_do(struct netlink *nl, const struct message *msg,
	       const struct reader *reader)
{
	struct exchange ex = { .nl = nl, .reader = reader };

	return send_message(&ex, msg, NLM_F_ACK);
}

/**
 * netlink_dump() - read objects one by one as they come
 * @nl: the connection
 * @msg: the request
 * @reader: gets the objects
 *
 * This is for flows, which change all the time: nobody could wait for a dump
 * that nothing interrupts.
 *
 * Return: 0, or a negative errno and the reason in @nl->refusal.
 */
int netlink_dump(struct netlink *nl, const struct message *msg,
		 const struct reader *reader)
{
	struct exchange ex = { .nl = nl, .reader = reader };

	return send_message(&ex, msg, NLM_F_DUMP);
}

static int collect_message(const struct nlmsghdr *nlh, void *data)
{
	struct message_list *list = data;
	struct message *items;
	size_t room;

	if (list->count == list->room) {
		room = list->room ? list->room * 2 : 64;
		items = reallocarray(list->items, room, sizeof(*items));
		if (!items)
			return -ENOMEM;
		list->items = items;
		list->room = room;
	}
	return message_get(nlh, &list->items[list->count++]);
}

static int read_generation(const struct nlmsghdr *nlh, void *data)
{
	struct message stats;
	int ret;

	ret = message_get(nlh, &stats);
	*(uint32_t *)data = stats.generation;
	return ret;
}

static int get_generation(struct netlink *nl, uint32_t *generation)
{
	const struct message request = { .cmd = DSR_CMD_STATS_GET };
	const struct reader reader = {
		.read = read_generation,
		.data = generation,
	};

	return netlink_do(nl, &request, &reader);
}

/* Of one thing, it is asked for as such; all others are read by dumps */
static bool is_single(const struct message *request)
{
	return request->cmd == DSR_CMD_STATS_GET ||
	       (request->cmd == DSR_CMD_VIP_GET && request->vip.addr.family);
}

/* Read everything once; tells whether a dump was interrupted */
static int collect_once(struct netlink *nl, const struct message *requests,
			size_t count, struct message_list *list,
			bool *interrupted)
{
	struct reader reader = { .read = collect_message, .data = list };
	int ret = 0;
	size_t i;

	list->count = 0;
	*interrupted = false;
	for (i = 0; !ret && i < count; i++) {
		struct exchange ex = { .nl = nl, .reader = &reader };

		ret = send_message(&ex, &requests[i],
				   is_single(&requests[i]) ? NLM_F_ACK :
							     NLM_F_DUMP);
		*interrupted |= ex.interrupted;
	}
	return ret;
}

/**
 * netlink_collect() - read objects that must fit together
 * @nl: the connection
 * @requests: what to read
 * @count: of @requests
 * @list: is filled, in the order of @requests; the caller frees it, also after
 *	  a failure
 *
 * They fit if the generation of the configuration is the same before the first
 * and after the last of them: objects have it, but a dump may have no object.
 *
 * Return: 0, or a negative errno and the reason in @nl->refusal.
 */
int netlink_collect(struct netlink *nl, const struct message *requests,
		    size_t count, struct message_list *list)
{
	uint32_t before, after;
	bool interrupted;
	int tries, ret;

	ret = get_generation(nl, &after);
	for (tries = 0; !ret && tries < DUMP_TRIES; tries++) {
		before = after;
		ret = collect_once(nl, requests, count, list, &interrupted);
		if (!ret)
			ret = get_generation(nl, &after);
		if (!ret && before == after && !interrupted)
			return 0;
	}
	if (ret)
		return ret;
	return refuse(nl, -EINTR,
		      "the configuration changed each of the %d times that it was read",
		      DUMP_TRIES);
}

void netlink_free_list(struct message_list *list)
{
	free(list->items);
	memset(list, 0, sizeof(*list));
}

/* Requests of any length; others but root have to be content with the usual */
static void make_room(struct netlink *nl, size_t size)
{
	int fd = mnl_socket_get_fd(nl->socket);
	int room = size < INT_MAX / 2 ? size : INT_MAX / 2;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
}

/* The item of a transaction that holds an offset, or the number of items */
static size_t item_at(const struct nlmsghdr *nlh, uint32_t offset)
{
	const struct nlattr *nla;
	size_t i = 0;

	mnl_attr_for_each(nla, nlh, sizeof(struct genlmsghdr)) {
		size_t end = (const char *)nla - (const char *)nlh +
			     nla->nla_len;

		if (offset < end)
			break;
		i++;
	}
	return i;
}

static int send_items(struct netlink *nl, uint8_t cmd,
		      const struct message_list *items, size_t *bad,
		      union request *request)
{
	struct exchange ex = { .nl = nl };
	struct nlmsghdr *nlh;
	size_t i;
	int ret;

	nlh = prepare(request, nl->family, NLM_F_ACK, cmd, DSR_GENL_VERSION);
	for (i = 0; i < items->count; i++)
		message_put_item(nlh, &items->items[i]);
	make_room(nl, nlh->nlmsg_len + REQUEST_MAX);
	ret = exchange(&ex, nlh);
	if (ret && nl->refusal.offset)
		*bad = item_at(nlh, nl->refusal.offset);
	return ret;
}

/**
 * netlink_transact() - have many requests done, all or none
 * @nl: the connection
 * @cmd: the command that takes them
 * @items: the requests
 * @bad: set to the place of the one that was refused; left alone if not known
 *
 * Return: 0, or a negative errno and the reason in @nl->refusal.
 */
int netlink_transact(struct netlink *nl, uint8_t cmd,
		     const struct message_list *items, size_t *bad)
{
	union request *request;
	int ret;

	ret = open_socket(nl);
	if (ret)
		return ret;
	request = malloc((items->count + 1) * REQUEST_MAX);
	if (!request)
		return netlink_fail(nl, -ENOMEM);
	ret = send_items(nl, cmd, items, bad, request);
	if (ret == -EMSGSIZE)
		refuse(nl, ret, "it is too large to be sent by other than root");
	free(request);
	return ret;
}

/**
 * netlink_subscribe() - have the module's events sent to this connection
 * @nl: the connection; it is of no use for requests from now on
 *
 * Return: 0, or a negative errno and the reason in @nl->refusal.
 */
int netlink_subscribe(struct netlink *nl)
{
	int room = EVENTS_RCVBUF;
	int ret;

	ret = open_socket(nl);
	if (ret)
		return ret;
	setsockopt(mnl_socket_get_fd(nl->socket), SOL_SOCKET, SO_RCVBUF, &room,
		   sizeof(room));
	if (!nl->events)
		return refuse(nl, -ENOENT,
			      "the dsr module in this kernel has no events");
	if (mnl_socket_setsockopt(nl->socket, NETLINK_ADD_MEMBERSHIP,
				  &nl->events, sizeof(nl->events)) < 0)
		return netlink_fail(nl, -errno);
	return 0;
}

/**
 * netlink_receive() - read what has come of events, or wait for it
 * @nl: a connection that is subscribed
 * @reader: gets the events
 *
 * Return: 0, what @reader returned if that was not 0, or a negative errno and
 * the reason in @nl->refusal. After -ENOBUFS, events were lost and the
 * connection goes on.
 */
int netlink_receive(struct netlink *nl, const struct reader *reader)
{
	union answer answer;
	const struct nlmsghdr *nlh = &answer.nlh;
	int ret = 0;
	int len;

	len = receive(nl, &answer);
	if (len < 0)
		return len;
	for (; !ret && mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
		if (nlh->nlmsg_type == nl->family)
			ret = reader->read(nlh, reader->data);
	return ret == -EBADMSG ? netlink_fail(nl, ret) : ret;
}
