/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_PERSIST_H
#define _DSR_PERSIST_H

#include "dsr.h"
#include "packet.h"
#include "sched.h"

/**
 * struct dsr_persist_key - whose flows go to one server
 * @client: the address, its host bits cleared
 * @vip: the VIP's id
 */
struct dsr_persist_key {
	struct in6_addr client;
	u32 vip;
};

/**
 * struct dsr_persist - a client that stays with its server
 * @node: in dsr_net->persist
 * @key: who, and on which VIP
 * @used: second of the last packet of one of its flows, as far as is known; as
 *	dsr_flow_now(), last writer wins
 * @timeout: seconds that it outlives @used
 * @server: address of the server. It is looked for in the VIP's pool, so that a
 *	server that is drained, down or deleted has no clients
 * @rcu: frees it
 *
 * All but @used is constant: a client that gets another server gets another
 * entry. It is made by a packet, and unlinked by flow_work or by the packet
 * that replaces it.
 */
struct dsr_persist {
	struct rhash_head node;
	struct dsr_persist_key key;
	u32 used;
	u32 timeout;
	struct in6_addr server;
	struct rcu_head rcu;
};

const struct dsr_persist *dsr_persist_peek(struct dsr_net *dn,
					   const struct dsr_vip *vip,
					   const struct in6_addr *client);
struct dsr_server *dsr_persist_server(struct dsr_net *dn,
				      const struct dsr_vip *vip,
				      const struct dsr_pool *pool,
				      const struct in6_addr *client);
void dsr_persist_learn(struct dsr_net *dn, const struct dsr_vip *vip,
		       const struct in6_addr *client,
		       const struct dsr_server *server);
void dsr_persist_touch(struct dsr_net *dn, const struct dsr_vip *vip,
		       const struct in6_addr *client, u32 seen);
void dsr_persist_sweep(struct dsr_net *dn);
int dsr_persist_init(struct dsr_net *dn);
void dsr_persist_exit(struct dsr_net *dn);

#endif /* _DSR_PERSIST_H */
