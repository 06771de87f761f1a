/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_FILTER_H
#define _DSR_FILTER_H

#include <linux/bitops.h>
#include <linux/rcupdate.h>

#include "dsr.h"

/**
 * struct dsr_filter - says of most addresses that they are no VIP's
 * @rcu: frees it
 * @shift: makes a hash the number of a bit
 * @room: how many addresses it may have marked before it gives way to a new one
 * @marked: addresses marked so far, those gone since included; dn->lock
 * @bits: that of each VIP's address is set; only set, never cleared
 *
 * Most packets of a busy interface may be for no VIP. One bit tells, at the cost
 * of one cache line, however many VIPs there are.
 */
struct dsr_filter {
	struct rcu_head rcu;
	unsigned int shift;
	unsigned int room;
	unsigned int marked;
	unsigned long bits[];
};

/* Addresses differ in whichever bits their owner likes: all of them count */
static inline u32 dsr_addr_fold(const struct in6_addr *addr)
{
	u64 hi, lo;

	if (dsr_is_v4(addr))
		return (__force u32)dsr_v4(addr);
	hi = (u64)(__force u32)addr->s6_addr32[0] << 32 |
	     (__force u32)addr->s6_addr32[1];
	lo = (u64)(__force u32)addr->s6_addr32[2] << 32 |
	     (__force u32)addr->s6_addr32[3];
	return ((hi * GOLDEN_RATIO_64 ^ lo) * GOLDEN_RATIO_64) >> 32;
}

/* Of a folded address. The upper bits are the better ones. */
static inline u32 dsr_addr_hash(u32 folded, u32 seed)
{
	return ((folded ^ seed) * GOLDEN_RATIO_64) >> 32;
}

/**
 * dsr_filter_passes() - may an address be a VIP's?
 * @dn: the director
 * @folded: what dsr_addr_fold() makes of the address
 *
 * Context: RCU.
 * Return: false if it is none. True in one of eight such cases at the most.
 */
static inline bool dsr_filter_passes(const struct dsr_net *dn, u32 folded)
{
	const struct dsr_filter *filter = rcu_dereference(dn->filter);

	return test_bit(dsr_addr_hash(folded, 0) >> filter->shift,
			filter->bits);
}

void dsr_filter_add(struct dsr_net *dn, const struct dsr_addr *addr);
int dsr_filter_init(struct dsr_net *dn);
void dsr_filter_exit(struct dsr_net *dn);

#endif /* _DSR_FILTER_H */
