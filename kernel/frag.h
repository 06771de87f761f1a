/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_FRAG_H
#define _DSR_FRAG_H

#include <linux/skbuff.h>

#include "dsr.h"
#include "packet.h"

/**
 * struct dsr_frag_key - what the fragments of a datagram share
 * @client: source
 * @vip: destination
 * @id: of the datagram
 * @proto: IPPROTO_*, in 32 bits: the key is compared and hashed as bytes
 */
struct dsr_frag_key {
	struct in6_addr client;
	struct in6_addr vip;
	__be32 id;
	u32 proto;
};

/**
 * struct dsr_frag - a datagram of which fragments have been seen
 * @node: in dsr_net->frags
 * @key: constant
 * @born: when the first of them came, as dsr_flow_now(); constant
 * @lock: protects what follows
 * @server: where they go, a reference; NULL as long as the part with the ports
 *	has not come
 * @pass: that part was for no VIP: they are the stack's
 * @got: bytes of it that have been seen, each time
 * @end: how many it has in all; 0 as long as its last part has not come
 * @held: those that wait for it
 * @dead: it is unlinked: nothing is to be added
 * @rcu: frees it
 */
struct dsr_frag {
	struct rhash_head node;
	struct dsr_frag_key key;
	u32 born;
	spinlock_t lock;
	struct dsr_server *server;
	u32 got;
	u32 end;
	struct sk_buff_head held;
	bool pass;
	bool dead;
	struct rcu_head rcu;
};

/* What a fragment that waits keeps of itself, in skb->cb */
struct dsr_frag_cb {
	unsigned int bytes;	/* as in struct dsr_packet */
	int ifindex;		/* where it came in */
};

static inline struct dsr_frag_cb *dsr_frag_cb(struct sk_buff *skb)
{
	return (struct dsr_frag_cb *)skb->cb;
}

void dsr_frag_learn(struct dsr_net *dn, const struct dsr_packet *pkt,
		    struct dsr_server *server, struct sk_buff_head *held);
void dsr_frag_learn_pass(struct dsr_net *dn, const struct dsr_packet *pkt);
enum dsr_reason dsr_frag_follow(struct dsr_net *dn,
				const struct dsr_packet *pkt,
				struct sk_buff *skb,
				struct dsr_server **server);
void dsr_frag_work(struct work_struct *work);
int dsr_frag_init(struct dsr_net *dn);
void dsr_frag_exit(struct dsr_net *dn);

#endif /* _DSR_FRAG_H */
