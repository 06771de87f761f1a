/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules of iptables-legacy, which nft does not list, in the form that nft
 * has for its own.
 */
#ifndef DSRCTL_IPTABLES_H
#define DSRCTL_IPTABLES_H

#include <jansson.h>

json_t *iptables_read(void);

#endif /* DSRCTL_IPTABLES_H */
