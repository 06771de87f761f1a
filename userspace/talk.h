/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One question to the kernel by netlink, and its answer. For what is not the
 * module's: interfaces, addresses, routes, sockets.
 */
#ifndef DSRCTL_TALK_H
#define DSRCTL_TALK_H

#include <stdint.h>

#include <libmnl/libmnl.h>

#define QUESTION_MAX	256

/* A question is built in here, by talk_about() and libmnl */
union question {
	struct nlmsghdr nlh;
	char bytes[QUESTION_MAX];
};

struct nlmsghdr *talk_about(union question *question, uint16_t type,
			    uint16_t flags);
int talk(int bus, const union question *question, mnl_cb_t read, void *data);

#endif /* DSRCTL_TALK_H */
