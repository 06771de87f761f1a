/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_DEV_H
#define _DSR_DEV_H

#include <linux/netfilter.h>

#include "dsr.h"

/**
 * struct dsr_dev - an interface that clients come in by: the fast path
 * @list: in dsr_net->devs
 * @name: what the operator named; an interface that has it among its names is
 *	followed
 * @dev: the interface, held; NULL while there is none. Changed under dn->lock
 *	and RTNL, read under RCU
 * @tracker: of the hold on @dev
 * @ops: its ingress hook
 * @load: number of the last load that named it; dn->lock
 * @hooked: @ops is registered; changed under dn->lock
 * @rcu: frees it
 */
struct dsr_dev {
	struct list_head list;
	char name[IFNAMSIZ];
	struct net_device *dev;
	netdevice_tracker tracker;
	struct nf_hook_ops ops;
	u64 load;
	bool hooked;
	struct rcu_head rcu;
};

struct dsr_dev *dsr_dev_of(struct dsr_net *dn, const struct net_device *dev);
struct dsr_dev *dsr_dev_find(struct dsr_net *dn, const char *name);
int dsr_dev_check(struct dsr_net *dn, const char *name,
		  struct netlink_ext_ack *extack);
struct dsr_dev *dsr_dev_make(struct dsr_net *dn, const char *name,
			     struct netlink_ext_ack *extack);
void dsr_dev_remove(struct dsr_net *dn, struct dsr_dev *dd);
int dsr_dev_add(struct dsr_net *dn, const char *name,
		struct netlink_ext_ack *extack);
int dsr_dev_del(struct dsr_net *dn, const char *name,
		struct netlink_ext_ack *extack);
int dsr_dev_hook_all(struct dsr_net *dn);
void dsr_dev_unhook_all(struct dsr_net *dn);
void dsr_dev_exit(struct dsr_net *dn);
int dsr_dev_module_init(void);
void dsr_dev_module_exit(void);

#endif /* _DSR_DEV_H */
