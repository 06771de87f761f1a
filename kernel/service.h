/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_SERVICE_H
#define _DSR_SERVICE_H

#include <linux/rcupdate.h>

#include "dsr.h"

/**
 * struct dsr_service - what of an address a VIP takes
 * @first: protocol and first port, one after the other; port 0: every port, and
 *	all zero: any protocol
 * @last: protocol and last port
 * @vip: the VIP; NULL once it is deleted. Cleared under dn->lock, read under RCU
 */
struct dsr_service {
	u32 first;
	u32 last;
	struct dsr_vip *vip;
};

/**
 * struct dsr_services - the VIPs of an address
 * @rcu: frees it
 * @n: length of @service
 * @points: so many of them take one port or every port: they come first, and
 *	then ranges. Either are sorted and do not overlap
 * @gone: so many of them are deleted; dn->lock
 * @service: constant, but for the VIPs that are deleted
 *
 * A VIP that is added comes with another array that takes the place of this one;
 * so do all VIPs of a load. One that is deleted is cleared where it stands: that
 * can't fail.
 */
struct dsr_services {
	struct rcu_head rcu;
	unsigned int n;
	unsigned int points;
	unsigned int gone;
	struct dsr_service service[];
};

struct dsr_vip *dsr_services_match(const struct dsr_services *services, u8 proto,
				   __be16 port);
struct dsr_vip *dsr_services_find(const struct dsr_services *services, u8 proto,
				  __be16 port, __be16 port_last);
int dsr_service_cmp(const struct dsr_vip *a, const struct dsr_vip *b);
struct dsr_services *dsr_services_alloc(unsigned int n);
int dsr_services_append(struct dsr_services *services, struct dsr_vip *vip,
			struct netlink_ext_ack *extack);
struct dsr_services *dsr_services_with(struct dsr_vip *vip,
				       struct netlink_ext_ack *extack);
void dsr_services_publish(struct dsr_addr *addr, struct dsr_services *new,
			  struct dsr_net *dn);
void dsr_services_remove(struct dsr_vip *vip);

#endif /* _DSR_SERVICE_H */
