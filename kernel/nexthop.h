/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_NEXTHOP_H
#define _DSR_NEXTHOP_H

#include <linux/etherdevice.h>
#include <net/neighbour.h>

#include "dsr.h"

/**
 * struct dsr_pin - what the operator fixed of the way to a server
 * @mac: its MAC; all zero to ask for it
 * @ifname: the interface to it; empty to look at the routes
 */
struct dsr_pin {
	u8 mac[ETH_ALEN];
	char ifname[IFNAMSIZ];
};

/**
 * struct dsr_path - how to send to a next hop; constant
 * @dev: the interface, held
 * @neigh: the neighbour, held; NULL if the MAC is pinned
 * @ready: @header is good. Otherwise packets go through @neigh, which lets
 *	them wait while it resolves
 * @header: what to put before the IP header
 * @tracker: of the hold on @dev
 * @rcu: frees it
 */
struct dsr_path {
	struct net_device *dev;
	struct neighbour *neigh;
	bool ready;
	u8 header[ETH_HLEN];
	netdevice_tracker tracker;
	struct rcu_head rcu;
};

/**
 * struct dsr_nexthop - a server's place on layer 2, for all VIPs it serves
 * @path: NULL while it is down; changed under dn->lock, read under RCU
 * @state: enum dsr_server_state without DRAIN; written under dn->lock
 * @why: enum dsr_why; written under dn->lock
 * @changed: its servers' users are yet to be told of that; dn->lock
 * @unanswered: questions of our own since it last answered; dn->lock
 * @asked: when the last of them was, in jiffies; dn->lock
 * @addr: the server's address; constant
 * @pin: constant
 * @dn: the director; constant
 * @servers: list of struct dsr_server by sibling; dn->lock. It exists as long
 *	as that is not empty
 * @held: changes in progress that are about to put a server there; dn->lock
 * @list: in dsr_net->nexthops; dn->lock
 * @node: among those of all namespaces, by @addr
 * @mac_node: in dsr_net->macs while @path is ready
 * @rcu: frees it
 */
struct dsr_nexthop {
	struct dsr_path __rcu *path;
	u8 state;
	u8 why;
	bool changed;
	u8 unanswered;
	unsigned long asked;
	struct in6_addr addr;
	struct dsr_pin pin;
	struct dsr_net *dn;
	struct list_head servers;
	unsigned int held;
	struct list_head list;
	struct hlist_node node;
	struct hlist_node mac_node;
	struct rcu_head rcu;
};

/**
 * dsr_nexthop_has() - has a next hop that MAC?
 * @nexthop: the next hop
 * @mac: the MAC
 *
 * Context: RCU.
 * Return: true if it is the one in use.
 */
static inline bool dsr_nexthop_has(const struct dsr_nexthop *nexthop,
				   const u8 *mac)
{
	const struct dsr_path *path = rcu_dereference(nexthop->path);

	return path && path->ready && ether_addr_equal(path->header, mac);
}

struct dsr_nexthop *dsr_nexthop_get(struct dsr_net *dn,
				    const struct in6_addr *addr,
				    const struct dsr_pin *pin);
void dsr_nexthop_release(struct dsr_nexthop *nexthop);
struct dsr_server *dsr_nexthop_sender(const struct dsr_vip *vip,
				      const u8 *mac);
bool dsr_nexthop_knows(const struct dsr_net *dn, const u8 *mac);
void dsr_nexthop_dev_event(struct dsr_net *dn, const struct net_device *dev,
			   unsigned long event);
void dsr_nexthop_work(struct work_struct *work);
int dsr_nexthop_module_init(void);
void dsr_nexthop_module_exit(void);

#endif /* _DSR_NEXTHOP_H */
