/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_CHOOSE_H
#define _DSR_CHOOSE_H

#include "dsr.h"
#include "packet.h"
#include "sched.h"
#include "stats.h"
#include "vip.h"

/* Context: RCU. Return: why a packet is for no VIP. */
static inline enum dsr_reason dsr_choose_no_vip(struct dsr_net *dn,
						const struct dsr_packet *pkt)
{
	return dsr_addr_find(dn, &pkt->vip) ? DSR_PASS_NO_PORT :
					      DSR_PASS_NOT_VIP;
}

/* Context: RCU. Return: why a packet gets no server. */
static inline enum dsr_reason dsr_choose_none(const struct dsr_pool *pool)
{
	return pool->nr_slots ? DSR_DROP_FULL : DSR_DROP_NO_SERVER;
}

enum dsr_reason dsr_choose(struct dsr_net *dn, const struct sk_buff *skb,
			   const struct dsr_packet *pkt,
			   struct dsr_server **server);
struct dsr_server *dsr_choose_stateless(const struct dsr_vip *vip,
					const struct dsr_pool *pool,
					const struct dsr_packet *pkt);
struct dsr_server *dsr_choose_foresee(struct dsr_net *dn,
				      const struct dsr_vip *vip,
				      const struct dsr_pool *pool,
				      const struct dsr_packet *pkt, u8 *by);

#endif /* _DSR_CHOOSE_H */
