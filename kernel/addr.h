/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_ADDR_H
#define _DSR_ADDR_H

#include <linux/rcupdate.h>

#include "dsr.h"
#include "filter.h"
#include "service.h"

/**
 * struct dsr_addr - an address that has VIPs, or is about to
 * @node: in dsr_net->addrs
 * @addr: the key
 * @services: the VIPs that packets find here; NULL if there is none. Changed
 *	under dn->lock, read under RCU
 * @arp_off: VIPs here that say arp off: one is enough, as half an address can't
 *	be answered for; changed under dn->lock
 * @usable: VIPs here with a server that takes flows; changed under dn->lock
 * @speaker: who speaks for it, if that is another host; changed under
 *	dn->speak_lock
 * @yielded: in dsr_speaker->addrs; dn->speak_lock
 * @missed: questions about it that @speaker has left unanswered; dn->speak_lock
 * @dead: nobody is to speak for it any more; dn->speak_lock
 * @resumes: its @speaker has given it up; only used by speak_work
 * @speaking: the module speaks for it; only used by speak_work
 * @announce: times that this is still to be announced. Claims ask for it, too: to
 *	lose one of theirs does no harm
 * @announced: when it was, in jiffies; only used by speak_work
 * @users: VIPs here, also those that are just being made; dn->lock
 * @list: in dsr_net->addr_list; dn->lock
 * @rcu: frees it
 */
struct dsr_addr {
	struct rhash_head node;
	struct in6_addr addr;
	struct dsr_services __rcu *services;
	unsigned int arp_off;
	unsigned int usable;
	struct dsr_speaker *speaker;
	struct list_head yielded;
	u8 missed;
	bool dead;
	bool resumes;
	bool speaking;
	u8 announce;
	unsigned long announced;
	unsigned int users;
	struct list_head list;
	struct rcu_head rcu;
};

static inline u32 dsr_addr_key_hash(const void *data, u32 len, u32 seed)
{
	return dsr_addr_hash(dsr_addr_fold(data), seed);
}

static inline int dsr_addr_cmp(struct rhashtable_compare_arg *arg,
			       const void *obj)
{
	const struct dsr_addr *addr = obj;

	return !ipv6_addr_equal(&addr->addr, arg->key);
}

static const struct rhashtable_params dsr_addr_params = {
	.head_offset = offsetof(struct dsr_addr, node),
	.key_offset = offsetof(struct dsr_addr, addr),
	.key_len = sizeof(struct in6_addr),
	.hashfn = dsr_addr_key_hash,
	.obj_cmpfn = dsr_addr_cmp,
	.automatic_shrinking = true,
};

/**
 * dsr_addr_lookup() - the entry of an address
 * @dn: the director
 * @addr: an address
 *
 * Context: RCU.
 * Return: its entry, which may have no VIP yet; or NULL.
 */
static inline struct dsr_addr *dsr_addr_lookup(struct dsr_net *dn,
					       const struct in6_addr *addr)
{
	return rhashtable_lookup(&dn->addrs, addr, dsr_addr_params);
}

/**
 * dsr_addr_find() - is an address a VIP's?
 * @dn: the director
 * @addr: an address
 *
 * Context: RCU.
 * Return: its entry, or NULL.
 */
static inline struct dsr_addr *dsr_addr_find(struct dsr_net *dn,
					     const struct in6_addr *addr)
{
	struct dsr_addr *entry = dsr_addr_lookup(dn, addr);

	return entry && rcu_access_pointer(entry->services) ? entry : NULL;
}

struct dsr_addr *dsr_addr_get(struct dsr_net *dn, const struct in6_addr *key);
void dsr_addr_put(struct dsr_net *dn, struct dsr_addr *addr);
int dsr_addr_init(struct dsr_net *dn);
void dsr_addr_exit(struct dsr_net *dn);

#endif /* _DSR_ADDR_H */
