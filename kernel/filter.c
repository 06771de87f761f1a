// SPDX-License-Identifier: GPL-2.0-only
/* Which addresses are no VIP's, told before anything else is looked at. */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "addr.h"
#include "filter.h"

/* Bits for each address when it is made; full when each has but half of them */
#define DSR_FILTER_SPARSE 16
#define DSR_FILTER_BITS_MIN 1024

static struct dsr_filter *dsr_filter_alloc(unsigned int addresses)
{
	unsigned long bits = roundup_pow_of_two(
		max_t(unsigned long, DSR_FILTER_BITS_MIN,
		      (unsigned long)addresses * DSR_FILTER_SPARSE));
	struct dsr_filter *filter;

	filter = kvzalloc(struct_size(filter, bits, BITS_TO_LONGS(bits)),
			  GFP_KERNEL);
	if (!filter)
		return NULL;
	filter->shift = 32 - ilog2(bits);
	filter->room = bits / (DSR_FILTER_SPARSE / 2);
	return filter;
}

static void dsr_filter_mark(struct dsr_filter *filter,
			    const struct dsr_addr *addr)
{
	/* packets look at other bits of the same word meanwhile */
	set_bit(dsr_addr_hash(dsr_addr_fold(&addr->addr), 0) >> filter->shift,
		filter->bits);
	filter->marked++;
}

/* A larger filter, or one without the marks of addresses that are gone */
static void dsr_filter_renew(struct dsr_net *dn, struct dsr_filter *old)
{
	struct dsr_filter *new = dsr_filter_alloc(atomic_read(&dn->addrs.nelems));
	const struct dsr_addr *addr;

	/* too full is slower, and as right as ever */
	if (!new)
		return;
	list_for_each_entry(addr, &dn->addr_list, list)
		dsr_filter_mark(new, addr);
	rcu_assign_pointer(dn->filter, new);
	kvfree_rcu(old, rcu);
}

/**
 * dsr_filter_add() - let packets to an address through
 * @dn: the director
 * @addr: the address, which the table has already
 *
 * There is no opposite: the marks of addresses that are gone do no harm, and
 * stay until there are too many of them.
 *
 * Context: process, dn->lock.
 */
void dsr_filter_add(struct dsr_net *dn, const struct dsr_addr *addr)
{
	struct dsr_filter *filter;

	filter = rcu_dereference_protected(dn->filter,
					   lockdep_is_held(&dn->lock));
	dsr_filter_mark(filter, addr);
	if (filter->marked > filter->room)
		dsr_filter_renew(dn, filter);
}

/**
 * dsr_filter_init() - make the filter of a namespace, which lets nothing pass
 * @dn: the director
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int dsr_filter_init(struct dsr_net *dn)
{
	struct dsr_filter *filter = dsr_filter_alloc(0);

	RCU_INIT_POINTER(dn->filter, filter);
	return filter ? 0 : -ENOMEM;
}

/**
 * dsr_filter_exit() - free it
 * @dn: the director; no packet comes any more
 *
 * Context: process.
 */
void dsr_filter_exit(struct dsr_net *dn)
{
	kvfree(rcu_dereference_protected(dn->filter, true));
}
