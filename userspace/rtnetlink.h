/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interfaces, addresses and routes of the network namespace that dsrctl
 * is in. Prints nothing.
 *
 * What returns an int returns 0 or a negative errno.
 */
#ifndef DSRCTL_RTNETLINK_H
#define DSRCTL_RTNETLINK_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parse.h"

#define KIND_STRLEN	16
#define MAX_WAYS	32

/**
 * struct link - an interface
 * @index: its number
 * @name: its name
 * @type: ARPHRD_*
 * @flags: IFF_*
 * @master: the index of the interface that it is a port of, 0: none
 * @kind: what made it, as "veth"; empty for hardware
 * @mac: its MAC, if it is of that length
 * @mtu: its MTU
 */
struct link {
	int index;
	char name[IFNAMSIZ];
	unsigned int type;
	unsigned int flags;
	int master;
	char kind[KIND_STRLEN];
	uint8_t mac[MAC_LEN];
	unsigned int mtu;
};

struct link_list {
	struct link *items;
	size_t count;
};

/**
 * struct net_address - an address of an interface
 * @index: the interface
 * @addr: the address
 * @length: of its prefix
 * @flags: IFA_F_*
 * @label: what ifconfig calls it, IPv4 only
 */
struct net_address {
	int index;
	struct address addr;
	unsigned int length;
	uint32_t flags;
	char label[IFNAMSIZ];
};

struct net_address_list {
	struct net_address *items;
	size_t count;
};

/**
 * struct ways - the interfaces that one route leaves by
 * @index: the interfaces
 * @count: their number, 0: no route
 */
struct ways {
	int index[MAX_WAYS];
	size_t count;
};

/**
 * struct route - where a packet of this host's goes
 * @local: to this host itself
 * @index: out by this interface, 0: there is no way
 * @gateway: by this one; AF_UNSPEC: straight to the address
 */
struct route {
	bool local;
	int index;
	struct address gateway;
};

int rtnetlink_links(struct link_list *list);
int rtnetlink_addresses(struct net_address_list *list);
int rtnetlink_add_address(const struct net_address *own);
int rtnetlink_del_address(const struct net_address *own);
int rtnetlink_route(const struct address *to, struct ways *ways);
int rtnetlink_look_up(const struct address *to, struct route *route);

#endif /* DSRCTL_RTNETLINK_H */
