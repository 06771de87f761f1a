/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VIPs with their servers, as they were at one moment.
 */
#ifndef DSRCTL_SNAPSHOT_H
#define DSRCTL_SNAPSHOT_H

struct message_list;
struct netlink;
struct vip;

int snapshot_read(struct netlink *nl, const struct vip *vip,
		  struct message_list *list);

#endif /* DSRCTL_SNAPSHOT_H */
