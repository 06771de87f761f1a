/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * This host as a real server: its interfaces and addresses, read once.
 */
#ifndef DSRCTL_HOST_H
#define DSRCTL_HOST_H

#include <stdbool.h>

#include "rtnetlink.h"

/**
 * struct host - what the kernel told
 * @links: the interfaces
 * @addresses: of all of them
 * @loopback: the one of @links that is lo
 */
struct host {
	struct link_list links;
	struct net_address_list addresses;
	const struct link *loopback;
};

int host_read(struct host *host);
void host_free(struct host *host);

const struct link *host_link(const struct host *host, int index);
bool host_faces_lan(const struct host *host, const struct link *link);
bool host_has_ipv4(const struct host *host, const struct link *link);
bool host_keeps_to_itself(const struct link *link);
const struct net_address *host_find(const struct host *host,
				    const struct link *link,
				    const struct address *addr);

unsigned int address_bits(const struct address *addr);
const char *address_fault(const struct address *addr);

#endif /* DSRCTL_HOST_H */
