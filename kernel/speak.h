/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_SPEAK_H
#define _DSR_SPEAK_H

#include <linux/if_ether.h>

#include "dsr.h"

/**
 * struct dsr_speaker - another host that speaks for addresses of ours
 * @list: in dsr_net->speakers
 * @addrs: list of struct dsr_addr by yielded, in the order in which they are to be
 *	asked about
 * @mac: its MAC; constant
 * @ifindex: the interface that it was heard on; constant
 * @asked: it has been asked, and has not answered yet
 * @unanswered: so many questions in a row
 *
 * It exists for as long as it has addresses. All under dsr_net->speak_lock.
 */
struct dsr_speaker {
	struct list_head list;
	struct list_head addrs;
	u8 mac[ETH_ALEN];
	int ifindex;
	bool asked;
	u8 unanswered;
};

bool dsr_speak_owns(struct dsr_net *dn, const struct dsr_addr *addr);
bool dsr_speak_answers(struct dsr_net *dn, const struct dsr_addr *addr);
bool dsr_speak_defers(struct dsr_net *dn, const struct dsr_addr *addr,
		      const struct net_device *dev, const u8 *mac);
void dsr_speak_claim(struct dsr_net *dn, struct net_device *dev,
		     const struct in6_addr *vip, const u8 *mac, bool answer);
u8 dsr_speak_state(struct dsr_net *dn, struct dsr_addr *addr, u8 *mac,
		   int *ifindex);
void dsr_speak_forget(struct dsr_net *dn, struct dsr_addr *addr);
void dsr_speak_look(struct dsr_net *dn);
void dsr_speak_again(struct dsr_net *dn, const struct net_device *dev);
void dsr_speak_work(struct work_struct *work);

#endif /* _DSR_SPEAK_H */
