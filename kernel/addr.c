// SPDX-License-Identifier: GPL-2.0-only
/* The addresses that have VIPs: the one table that tells whose a packet is. */
#include <linux/slab.h>

#include "addr.h"
#include "arp.h"
#include "speak.h"

/**
 * dsr_addr_get() - the entry of an address, made where there is none
 * @dn: the director
 * @key: the address
 *
 * Packets find nothing there until its VIPs are published.
 *
 * Context: process, RTNL, dn->lock.
 * Return: the entry, for dsr_addr_put(); or -ENOMEM.
 */
struct dsr_addr *dsr_addr_get(struct dsr_net *dn, const struct in6_addr *key)
{
	struct dsr_addr *addr;
	int err;

	lockdep_assert_held(&dn->lock);

	rcu_read_lock();
	addr = dsr_addr_lookup(dn, key);
	rcu_read_unlock();
	if (addr) {
		addr->users++;
		return addr;
	}

	addr = kzalloc(sizeof(*addr), GFP_KERNEL);
	if (!addr)
		return ERR_PTR(-ENOMEM);
	addr->addr = *key;
	addr->users = 1;
	INIT_LIST_HEAD(&addr->yielded);

	err = rhashtable_insert_fast(&dn->addrs, &addr->node, dsr_addr_params);
	if (err) {
		kfree(addr);
		return ERR_PTR(err);
	}
	list_add_tail(&addr->list, &dn->addr_list);
	dsr_filter_add(dn, addr);
	dsr_arp_join(dn, &addr->addr);
	return addr;
}

/**
 * dsr_addr_put() - let go of an address
 * @dn: the director
 * @addr: its entry; freed a grace period after its last VIP
 *
 * Context: process, RTNL, dn->lock.
 */
void dsr_addr_put(struct dsr_net *dn, struct dsr_addr *addr)
{
	if (--addr->users)
		return;
	dsr_arp_leave(dn, &addr->addr);
	dsr_speak_forget(dn, addr);
	list_del(&addr->list);
	rhashtable_remove_fast(&dn->addrs, &addr->node, dsr_addr_params);
	kfree_rcu(addr, rcu);
}

/**
 * dsr_addr_init() - make the table of a namespace
 * @dn: the director
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int dsr_addr_init(struct dsr_net *dn)
{
	int err;

	INIT_LIST_HEAD(&dn->addr_list);
	err = dsr_filter_init(dn);
	if (err)
		return err;
	err = rhashtable_init(&dn->addrs, &dsr_addr_params);
	if (err)
		dsr_filter_exit(dn);
	return err;
}

/**
 * dsr_addr_exit() - free the table of a namespace, which is empty
 * @dn: the director
 *
 * Context: process.
 */
void dsr_addr_exit(struct dsr_net *dn)
{
	WARN_ON_ONCE(!list_empty(&dn->addr_list));
	rhashtable_destroy(&dn->addrs);
	dsr_filter_exit(dn);
}
