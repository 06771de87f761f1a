/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_HOOK_H
#define _DSR_HOOK_H

#include <linux/netfilter.h>

#include "dsr.h"

int dsr_hook_refuse(int err, struct netlink_ext_ack *extack);
int dsr_hook_register(struct dsr_net *dn, struct netlink_ext_ack *extack);
void dsr_hook_unregister(struct dsr_net *dn);
unsigned int dsr_hook_ingress(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state);

#endif /* _DSR_HOOK_H */
