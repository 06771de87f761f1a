/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_SERVERS_H
#define _DSR_SERVERS_H

#include "server.h"

struct nlattr;

/**
 * struct dsr_server_change - a server that a command adds, sets or removes
 * @attr: what asks for it, to be blamed
 * @addr: the server's address
 * @opts: its options from now on, unless it is removed
 * @server: the server; NULL if the VIP has none of that address
 * @old_opts: its options before, to undo a change
 * @old_nexthop: its next hop before, held, to undo a change
 */
struct dsr_server_change {
	const struct nlattr *attr;
	struct in6_addr addr;
	struct dsr_server_opts opts;
	struct dsr_server *server;
	struct dsr_server_opts old_opts;
	struct dsr_nexthop *old_nexthop;
};

/**
 * struct dsr_servers - what a command does to servers of a VIP, all or nothing
 * @vip: the VIP
 * @n: how many servers
 * @change: each of them, in the order of the command
 */
struct dsr_servers {
	struct dsr_vip *vip;
	unsigned int n;
	struct dsr_server_change *change;
};

int dsr_servers_find(struct dsr_servers *servers,
		     struct netlink_ext_ack *extack);
int dsr_servers_add(struct dsr_servers *servers,
		    struct netlink_ext_ack *extack);
int dsr_servers_set(struct dsr_servers *servers,
		    struct netlink_ext_ack *extack);
int dsr_servers_del(struct dsr_servers *servers,
		    struct netlink_ext_ack *extack);

#endif /* _DSR_SERVERS_H */
