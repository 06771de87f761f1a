/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The differences between kernel versions, all of them. Each says when it can
 * go. Prefer a test for a macro to one for a version: stable kernels backport.
 */
#ifndef _DSR_COMPAT_H
#define _DSR_COMPAT_H

#include <linux/skbuff.h>
#include <linux/version.h>
#include <net/dst.h>
#include <net/genetlink.h>

/* 6.5 moved GSO out of skbuff.h and netdevice.h; drop with 6.1 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif

/* 6.6 gave dumps their attributes through genl_info; drop with 6.1 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
static inline struct nlattr **dsr_dump_attrs(struct netlink_callback *cb)
{
	return genl_dumpit_info(cb)->attrs;
}
#else
static inline struct nlattr **dsr_dump_attrs(struct netlink_callback *cb)
{
	return genl_info_dump(cb)->attrs;
}
#endif

/* 6.2 gave fragments that waited in vain a reason; drop with 6.1 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define DSR_SKB_DROP_FRAGMENT SKB_DROP_REASON_FRAG_REASM_TIMEOUT
#else
#define DSR_SKB_DROP_FRAGMENT SKB_DROP_REASON_NETFILTER_DROP
#endif

/* 6.7 took the first count of references away; drop with 6.1 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
static inline void dsr_dst_init(struct dst_entry *dst, struct dst_ops *ops)
{
	dst_init(dst, ops, NULL, DST_OBSOLETE_NONE, DST_NOCOUNT);
}
#else
static inline void dsr_dst_init(struct dst_entry *dst, struct dst_ops *ops)
{
	dst_init(dst, ops, NULL, 1, DST_OBSOLETE_NONE, DST_NOCOUNT);
}
#endif

#endif /* _DSR_COMPAT_H */
