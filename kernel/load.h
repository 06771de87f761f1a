/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_LOAD_H
#define _DSR_LOAD_H

#include "dev.h"
#include "server.h"
#include "vip.h"

/**
 * struct dsr_server_key - what names a server that is to be
 * @plan: its VIP
 * @addr: its address
 */
struct dsr_server_key {
	const struct dsr_vip_plan *plan;
	struct in6_addr addr;
};

/**
 * struct dsr_server_plan - a server that is to be
 * @node: in dsr_load->servers
 * @key: what names it
 * @list: in dsr_vip_plan->servers
 * @opts: its options
 * @drains_on: if it is there already, it drains or not as it does now
 * @sorry: it is the VIP's sorry server
 * @server: the server; NULL while it is still to be made, or found
 * @nexthop: held, if @server is there and its pins change
 * @fresh: it was made by this load
 */
struct dsr_server_plan {
	struct rhash_head node;
	struct dsr_server_key key;
	struct list_head list;
	struct dsr_server_opts opts;
	bool drains_on;
	bool sorry;
	struct dsr_server *server;
	struct dsr_nexthop *nexthop;
	bool fresh;
};

/**
 * struct dsr_vip_name - what names a VIP that is to be
 * @key: address, first port and protocol
 * @port_last: last port of a range, or key.port
 */
struct dsr_vip_name {
	struct dsr_vip_key key;
	__be16 port_last;
};

/**
 * struct dsr_vip_plan - a VIP that is to be
 * @node: in dsr_load->names
 * @list: in dsr_load->vips
 * @name: what names it
 * @opts: its options
 * @attr: what asks for it, to be blamed
 * @servers: list of struct dsr_server_plan, the sorry server included
 * @nr_servers: length of @servers
 * @vip: the VIP; NULL while it is still to be made
 * @fresh: it was made by this load
 * @pool: what it is to choose from; NULL: what it has
 */
struct dsr_vip_plan {
	struct rhash_head node;
	struct list_head list;
	struct dsr_vip_name name;
	struct dsr_vip_opts opts;
	const struct nlattr *attr;
	struct list_head servers;
	unsigned int nr_servers;
	struct dsr_vip *vip;
	bool fresh;
	struct dsr_pool *pool;
};

/**
 * struct dsr_dev_plan - a dev that is to be
 * @node: in dsr_load->ifnames
 * @key: the interface's own name, or @name if there is none
 * @list: in dsr_load->devs
 * @name: of the interface
 * @attr: what asks for it, to be blamed
 * @dd: the dev; NULL while it is still to be made, or found
 * @fresh: it was made by this load
 */
struct dsr_dev_plan {
	struct rhash_head node;
	char key[IFNAMSIZ];
	struct list_head list;
	const char *name;
	const struct nlattr *attr;
	struct dsr_dev *dd;
	bool fresh;
};

/**
 * struct dsr_addr_plan - what packets are to find at an address
 * @list: in dsr_load->addrs
 * @addr: the address; a VIP of the plan keeps it
 * @services: all VIPs that it is to have; NULL once they are published
 */
struct dsr_addr_plan {
	struct list_head list;
	struct dsr_addr *addr;
	struct dsr_services *services;
};

/**
 * struct dsr_load - a configuration on its way to be the running one
 * @dn: the director
 * @number: tells it from all other loads: what of the running configuration it
 *	names is stamped with it
 * @vips: list of struct dsr_vip_plan
 * @nr_vips: length of @vips
 * @addrs: list of struct dsr_addr_plan
 * @devs: list of struct dsr_dev_plan
 * @names: struct dsr_vip_plan by name
 * @servers: struct dsr_server_plan by VIP and address
 * @ifnames: struct dsr_dev_plan by interface
 * @flows_max: the limit; 0: by the memory of the host
 * @has_limit: @flows_max was said
 * @dry_run: it is only to be seen whether it could be done
 * @hooked: the hooks were registered by this load
 *
 * From beginning to end dn->lock and RTNL are held.
 */
struct dsr_load {
	struct dsr_net *dn;
	u64 number;
	struct list_head vips;
	unsigned int nr_vips;
	struct list_head addrs;
	struct list_head devs;
	struct rhashtable names;
	struct rhashtable servers;
	struct rhashtable ifnames;
	unsigned int flows_max;
	bool has_limit;
	bool dry_run;
	bool hooked;
};

struct dsr_load *dsr_load_begin(struct dsr_net *dn);
struct dsr_vip_plan *dsr_load_find_vip(struct dsr_load *load,
				       const struct dsr_vip_key *key,
				       __be16 port_last);
int dsr_load_vip(struct dsr_load *load, const struct dsr_vip_key *key,
		 __be16 port_last, const struct dsr_vip_opts *opts,
		 const struct nlattr *attr, struct netlink_ext_ack *extack);
struct dsr_server_plan *dsr_load_find_server(struct dsr_load *load,
					     const struct dsr_vip_plan *plan,
					     const struct in6_addr *addr);
int dsr_load_server(struct dsr_load *load, struct dsr_vip_plan *plan,
		    const struct in6_addr *addr,
		    const struct dsr_server_opts *opts, bool drains_on,
		    struct netlink_ext_ack *extack);
int dsr_load_dev(struct dsr_load *load, const char *name,
		 const struct nlattr *attr, struct netlink_ext_ack *extack);
struct dsr_dev_plan *dsr_load_find_dev(struct dsr_load *load,
				       const struct dsr_dev *dd);
int dsr_load_prepare(struct dsr_load *load, struct netlink_ext_ack *extack);
void dsr_load_commit(struct dsr_load *load);
void dsr_load_end(struct dsr_load *load);

#endif /* _DSR_LOAD_H */
