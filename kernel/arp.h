/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_ARP_H
#define _DSR_ARP_H

#include "dsr.h"

bool dsr_arp_request(struct dsr_net *dn, struct sk_buff *skb);
bool dsr_arp_solicit(struct dsr_net *dn, struct sk_buff *skb);
void dsr_arp_announce(struct net_device *dev, const struct in6_addr *vip);
void dsr_arp_ask(struct net_device *dev, const struct in6_addr *vip,
		 const u8 *mac);
void dsr_arp_join(struct dsr_net *dn, const struct in6_addr *vip);
void dsr_arp_leave(struct dsr_net *dn, const struct in6_addr *vip);
void dsr_arp_join_dev(struct dsr_net *dn, struct net_device *dev);
void dsr_arp_leave_dev(struct dsr_net *dn, struct net_device *dev);

#endif /* _DSR_ARP_H */
