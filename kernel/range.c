// SPDX-License-Identifier: GPL-2.0-only
/* VIPs on port ranges, which are found through their address. */
#include <linux/netlink.h>
#include <linux/slab.h>

#include "range.h"
#include "vip.h"

/**
 * dsr_ranges_find() - the range that holds a port
 * @ranges: they are sorted and do not overlap
 * @proto: the protocol
 * @port: the port
 *
 * Context: RCU or dn->lock.
 * Return: the VIP, or NULL.
 */
struct dsr_vip *dsr_ranges_find(const struct dsr_ranges *ranges, u8 proto,
				u16 port)
{
	unsigned int lo = 0, hi = ranges->n;

	while (lo < hi) {
		unsigned int mid = lo + (hi - lo) / 2;
		struct dsr_vip *vip = ranges->vip[mid];

		if (proto < vip->key.proto ||
		    (proto == vip->key.proto && port < ntohs(vip->key.port)))
			hi = mid;
		else if (proto > vip->key.proto || port > ntohs(vip->port_last))
			lo = mid + 1;
		else
			return vip;
	}
	return NULL;
}

static u32 dsr_range_order(const struct dsr_vip *vip)
{
	return (u32)vip->key.proto << 16 | ntohs(vip->key.port);
}

/* Puts a range among others, for which there is room; false if it overlaps */
static bool dsr_ranges_insert(struct dsr_ranges *ranges, struct dsr_vip *vip)
{
	u32 first = dsr_range_order(vip);
	u32 last = (u32)vip->key.proto << 16 | ntohs(vip->port_last);
	struct dsr_vip *before;
	unsigned int i;

	for (i = ranges->n; i; i--)
		if (dsr_range_order(ranges->vip[i - 1]) <= first)
			break;
	before = i ? ranges->vip[i - 1] : NULL;
	if (before && before->key.proto == vip->key.proto &&
	    ntohs(before->port_last) >= ntohs(vip->key.port))
		return false;
	if (i < ranges->n && dsr_range_order(ranges->vip[i]) <= last)
		return false;
	memmove(&ranges->vip[i + 1], &ranges->vip[i],
		(ranges->n - i) * sizeof(ranges->vip[0]));
	ranges->vip[i] = vip;
	ranges->n++;
	return true;
}

static void dsr_ranges_replace(struct dsr_addr *addr, struct dsr_ranges *new,
			       struct dsr_net *dn)
{
	struct dsr_ranges *old;

	old = rcu_replace_pointer(addr->ranges, new,
				  lockdep_is_held(&dn->lock));
	if (old)
		kfree_rcu(old, rcu);
}

/**
 * dsr_ranges_add() - let packets find a range
 * @vip: the VIP; it has a pool
 * @extack: gets the reason of a refusal
 *
 * Context: process, dn->lock.
 * Return: 0, -EEXIST or -ENOMEM.
 */
int dsr_ranges_add(struct dsr_vip *vip, struct netlink_ext_ack *extack)
{
	struct dsr_ranges *old, *new;
	unsigned int n;

	old = rcu_dereference_protected(vip->addr->ranges,
					lockdep_is_held(&vip->dn->lock));
	n = old ? old->n : 0;
	new = kzalloc(struct_size(new, vip, n + 1), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	new->n = n;
	if (n)
		memcpy(new->vip, old->vip, n * sizeof(new->vip[0]));
	if (!dsr_ranges_insert(new, vip)) {
		kfree(new);
		NL_SET_ERR_MSG(extack, "port range overlaps another VIP's");
		return -EEXIST;
	}
	dsr_ranges_replace(vip->addr, new, vip->dn);
	return 0;
}

/**
 * dsr_ranges_plan() - find a range its place in what is to come
 * @vip: a VIP; all VIPs of its address were made
 * @extack: gets the reason of a refusal
 *
 * Context: process, dn->lock.
 * Return: 0, -EEXIST or -ENOMEM.
 */
int dsr_ranges_plan(struct dsr_vip *vip, struct netlink_ext_ack *extack)
{
	struct dsr_addr *addr = vip->addr;

	if (!addr->planned)
		addr->planned = kzalloc(struct_size(addr->planned, vip, addr->users),
					GFP_KERNEL);
	if (!addr->planned)
		return -ENOMEM;
	if (!dsr_ranges_insert(addr->planned, vip)) {
		NL_SET_ERR_MSG(extack, "port range overlaps another VIP's");
		return -EEXIST;
	}
	return 0;
}

/**
 * dsr_ranges_end() - let packets find the ranges of an address as planned,
 *	or forget the plan
 * @vip: a VIP of the address; each that was planned has a pool
 * @commit: whether they are to be found
 *
 * Context: process, dn->lock.
 */
void dsr_ranges_end(struct dsr_vip *vip, bool commit)
{
	struct dsr_addr *addr = vip->addr;

	if (!addr->planned)
		return;
	if (commit)
		dsr_ranges_replace(addr, addr->planned, vip->dn);
	else
		kfree(addr->planned);
	addr->planned = NULL;
}

/* A copy of the ranges of vip's address without vip */
static int dsr_ranges_shrink(struct dsr_vip *vip,
			     const struct dsr_ranges *old)
{
	struct dsr_ranges *new = NULL;
	unsigned int i;

	if (old->n > 1) {
		new = kzalloc(struct_size(new, vip, old->n - 1), GFP_KERNEL);
		if (!new)
			return -ENOMEM;
		for (i = 0; i < old->n; i++)
			if (old->vip[i] != vip)
				new->vip[new->n++] = old->vip[i];
	}
	dsr_ranges_replace(vip->addr, new, vip->dn);
	return 0;
}

/**
 * dsr_ranges_del() - let packets find a range no more
 * @vip: the VIP
 *
 * A deletion must not fail.
 *
 * Context: process, dn->lock.
 */
void dsr_ranges_del(struct dsr_vip *vip)
{
	struct dsr_ranges *ranges;
	unsigned int i, j;

	ranges = rcu_dereference_protected(vip->addr->ranges,
					   lockdep_is_held(&vip->dn->lock));
	/* a load may have given the address its new ranges before */
	if (!ranges || dsr_ranges_find(ranges, vip->key.proto,
				       ntohs(vip->key.port)) != vip ||
	    !dsr_ranges_shrink(vip, ranges))
		return;

	/* no memory for a smaller copy: hide the array and shrink it */
	RCU_INIT_POINTER(vip->addr->ranges, NULL);
	synchronize_rcu();
	for (i = 0, j = 0; i < ranges->n; i++)
		if (ranges->vip[i] != vip)
			ranges->vip[j++] = ranges->vip[i];
	ranges->n = j;
	rcu_assign_pointer(vip->addr->ranges, ranges);
}
