/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way to the module and back: a generic netlink socket, bound to the
 * family "dsr". Prints nothing and knows no object.
 */
#ifndef DSRCTL_NETLINK_H
#define DSRCTL_NETLINK_H

#include <stddef.h>
#include <stdint.h>

#include "message.h"

struct mnl_socket;
struct nlmsghdr;

/**
 * struct refusal - why a request was not done
 * @field: what is to blame, FIELD_NONE if not known
 * @offset: where it is in the request, 0 if not known
 * @text: one line without a full stop, from the kernel where it gave one
 */
struct refusal {
	enum field field;
	uint32_t offset;
	char text[256];
};

/**
 * struct netlink - a connection to the module; all zero is a closed one
 * @socket: NULL until the first request, and after a failed one
 * @portid: the socket's address
 * @seq: the last request's number
 * @family: the family's id
 * @version: of the protocol, the module's
 * @events: the multicast group's id
 * @refusal: why the last request failed
 */
struct netlink {
	struct mnl_socket *socket;
	unsigned int portid;
	uint32_t seq;
	uint16_t family;
	uint32_t version;
	uint32_t events;
	struct refusal refusal;
};

/**
 * struct message_list - the objects of a dump
 * @items: the objects
 * @count: their number
 * @room: what @items has room for
 */
struct message_list {
	struct message *items;
	size_t count;
	size_t room;
};

/**
 * struct reader - who gets the messages of an answer
 * @read: is called with each of them; not 0 ends the answer, below 0 in error
 * @data: for @read
 */
struct reader {
	int (*read)(const struct nlmsghdr *nlh, void *data);
	void *data;
};

int netlink_do(struct netlink *nl, const struct message *msg,
	       const struct reader *reader);
int netlink_dump(struct netlink *nl, const struct message *msg,
		 const struct reader *reader);
int netlink_collect(struct netlink *nl, const struct message *requests,
		    size_t count, struct message_list *list);
void netlink_free_list(struct message_list *list);
int netlink_transact(struct netlink *nl, uint8_t cmd,
		     const struct message_list *items, size_t *bad);

int netlink_subscribe(struct netlink *nl);
int netlink_receive(struct netlink *nl, const struct reader *reader);

int netlink_fail(struct netlink *nl, int error);
void netlink_close(struct netlink *nl);

#endif /* DSRCTL_NETLINK_H */
