/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's settings in /proc/sys of the network namespace that dsrctl is
 * in. A key is a path below that, as net/ipv4/conf/eth0.100/arp_ignore: the
 * name of an interface may have dots.
 */
#ifndef DSRCTL_SYSCTL_H
#define DSRCTL_SYSCTL_H

#include <stdbool.h>

#define SYSCTL_STRLEN	96

bool sysctl_read(const char *key, int *value);
int sysctl_write(const char *key, int value);
const char *sysctl_key(char buf[SYSCTL_STRLEN], const char *family,
		       const char *ifname, const char *name);
const char *sysctl_name(char buf[SYSCTL_STRLEN], const char *key);

#endif /* DSRCTL_SYSCTL_H */
