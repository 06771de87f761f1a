/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_LOAD_H
#define _DSR_LOAD_H

#include "dev.h"
#include "server.h"
#include "vip.h"

/**
 * struct dsr_server_plan - a server that is to be
 * @list: in dsr_vip_plan->servers
 * @addr: its address
 * @opts: its options
 * @sorry: it is the VIP's sorry server
 * @server: the server; NULL while it is still to be made
 * @nexthop: held, if @server is there and its pins change
 * @fresh: it was made by this load
 */
struct dsr_server_plan {
	struct list_head list;
	struct in6_addr addr;
	struct dsr_server_opts opts;
	bool sorry;
	struct dsr_server *server;
	struct dsr_nexthop *nexthop;
	bool fresh;
};

/**
 * struct dsr_vip_plan - a VIP that is to be
 * @node: in dsr_load->hash
 * @list: in dsr_load->vips
 * @key: its name
 * @port_last: last port of a range, or key.port
 * @opts: its options
 * @attr: what asks for it, to be blamed
 * @servers: list of struct dsr_server_plan, the sorry server included
 * @nr_servers: length of @servers
 * @vip: the VIP; NULL while it is still to be made
 * @fresh: it was made by this load
 * @pool: what it is to choose from; NULL: what it has
 */
struct dsr_vip_plan {
	struct hlist_node node;
	struct list_head list;
	struct dsr_vip_key key;
	__be16 port_last;
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
 * @list: in dsr_load->devs
 * @name: of the interface
 * @attr: what asks for it, to be blamed
 * @dd: the dev; NULL while it is still to be made
 * @fresh: it was made by this load
 */
struct dsr_dev_plan {
	struct list_head list;
	const char *name;
	const struct nlattr *attr;
	struct dsr_dev *dd;
	bool fresh;
};

/**
 * struct dsr_load - a configuration on its way to be the running one
 * @dn: the director
 * @vips: list of struct dsr_vip_plan
 * @devs: list of struct dsr_dev_plan
 * @hash: the same VIPs by name
 * @flows_max: the limit; 0: by the memory of the host
 * @has_limit: @flows_max was said
 * @dry_run: it is only to be seen whether it could be done
 * @hooked: the hooks were registered by this load
 *
 * From beginning to end dn->lock and RTNL are held.
 */
struct dsr_load {
	struct dsr_net *dn;
	struct list_head vips;
	struct list_head devs;
	struct hlist_head hash[4096];
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
struct dsr_server_plan *dsr_load_find_server(struct dsr_vip_plan *plan,
					     const struct in6_addr *addr);
int dsr_load_server(struct dsr_vip_plan *plan, const struct in6_addr *addr,
		    const struct dsr_server_opts *opts, bool drains_on,
		    struct netlink_ext_ack *extack);
int dsr_load_dev(struct dsr_load *load, const char *name,
		 const struct nlattr *attr, struct netlink_ext_ack *extack);
int dsr_load_prepare(struct dsr_load *load, struct netlink_ext_ack *extack);
void dsr_load_commit(struct dsr_load *load);
void dsr_load_end(struct dsr_load *load);

#endif /* _DSR_LOAD_H */
