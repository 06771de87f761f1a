// SPDX-License-Identifier: GPL-2.0-only
/* The VIPs of one address, and which of them a packet is for. */
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/slab.h>

#include "addr.h"
#include "service.h"
#include "vip.h"

/* An array is made smaller for the sake of deleted VIPs if it has so many */
#define DSR_SERVICES_GONE_MIN 16

static u32 dsr_service_port(u8 proto, __be16 port)
{
	return (u32)proto << 16 | ntohs(port);
}

/* The place among some that holds a protocol and port; or NULL */
static const struct dsr_service *
dsr_service_at(const struct dsr_services *services, unsigned int lo,
	       unsigned int hi, u32 want)
{
	while (lo < hi) {
		unsigned int mid = lo + (hi - lo) / 2;
		const struct dsr_service *service = &services->service[mid];

		if (want < service->first)
			hi = mid;
		else if (want > service->last)
			lo = mid + 1;
		else
			return service;
	}
	return NULL;
}

static const struct dsr_service *
dsr_service_point(const struct dsr_services *services, u32 want)
{
	return dsr_service_at(services, 0, services->points, want);
}

static const struct dsr_service *
dsr_service_range(const struct dsr_services *services, u32 want)
{
	return dsr_service_at(services, services->points, services->n, want);
}

static struct dsr_vip *dsr_service_vip(const struct dsr_service *service)
{
	return service ? READ_ONCE(service->vip) : NULL;
}

/**
 * dsr_services_match() - the VIP that a packet is for
 * @services: those of its destination
 * @proto: its protocol
 * @port: its destination port, or 0
 *
 * The most specific one: a port, a range, every port, any protocol.
 *
 * Context: RCU.
 * Return: the VIP, or NULL.
 */
struct dsr_vip *dsr_services_match(const struct dsr_services *services, u8 proto,
				   __be16 port)
{
	u32 want = dsr_service_port(proto, port);
	u32 every = dsr_service_port(proto, 0);
	struct dsr_vip *vip;

	vip = dsr_service_vip(dsr_service_point(services, want));
	if (!vip)
		vip = dsr_service_vip(dsr_service_range(services, want));
	if (!vip)
		vip = dsr_service_vip(dsr_service_point(services, every));
	return vip ?: dsr_service_vip(dsr_service_point(services, 0));
}

static const struct dsr_service *
dsr_service_find(const struct dsr_services *services, u8 proto, __be16 port,
		 __be16 port_last)
{
	u32 first = dsr_service_port(proto, port);
	u32 last = dsr_service_port(proto, port_last);
	const struct dsr_service *service;

	service = first == last ? dsr_service_point(services, first) :
				  dsr_service_range(services, first);
	return service && service->first == first && service->last == last ?
	       service : NULL;
}

/**
 * dsr_services_find() - the VIP of that name
 * @services: those of its address, or NULL
 * @proto: the protocol, 0 for any
 * @port: the port, 0 for every port
 * @port_last: last port of a range, or @port
 *
 * Context: RCU or dn->lock.
 * Return: the VIP, or NULL.
 */
struct dsr_vip *dsr_services_find(const struct dsr_services *services, u8 proto,
				  __be16 port, __be16 port_last)
{
	return services ? dsr_service_vip(dsr_service_find(services, proto, port,
							   port_last)) : NULL;
}

/**
 * dsr_service_cmp() - the order of VIPs among those of their address
 * @a: a VIP
 * @b: another one
 *
 * Context: any.
 * Return: less than, or more than 0; 0 if they begin alike.
 */
int dsr_service_cmp(const struct dsr_vip *a, const struct dsr_vip *b)
{
	u32 x = dsr_service_port(a->key.proto, a->key.port);
	u32 y = dsr_service_port(b->key.proto, b->key.port);

	if (dsr_vip_is_range(a) != dsr_vip_is_range(b))
		return dsr_vip_is_range(a) ? 1 : -1;
	return x < y ? -1 : x > y;
}

/**
 * dsr_services_alloc() - begin an array
 * @n: so many VIPs may be appended
 *
 * Context: process.
 * Return: the array, for dsr_services_publish() or kvfree(); or NULL.
 */
struct dsr_services *dsr_services_alloc(unsigned int n)
{
	struct dsr_services *services;

	return kvzalloc(struct_size(services, service, n), GFP_KERNEL);
}

/**
 * dsr_services_append() - put a VIP behind others
 * @services: has room for it, and none that comes after it
 * @vip: the VIP
 * @extack: gets the reason of a refusal
 *
 * Context: process, dn->lock.
 * Return: 0, or -EEXIST if it overlaps the one before.
 */
int dsr_services_append(struct dsr_services *services, struct dsr_vip *vip,
			struct netlink_ext_ack *extack)
{
	struct dsr_service *service = &services->service[services->n];
	bool range = dsr_vip_is_range(vip);
	bool alone = range ? services->n == services->points : !services->n;

	service->first = dsr_service_port(vip->key.proto, vip->key.port);
	service->last = dsr_service_port(vip->key.proto, vip->port_last);
	service->vip = vip;
	if (!alone && service[-1].last >= service->first) {
		if (range)
			NL_SET_ERR_MSG(extack,
				       "port range overlaps another VIP's");
		else
			NL_SET_ERR_MSG(extack, "VIP exists already");
		return -EEXIST;
	}
	services->n++;
	services->points += !range;
	return 0;
}

static struct dsr_services *dsr_services_of(const struct dsr_vip *vip)
{
	return rcu_dereference_protected(vip->addr->services,
					 lockdep_is_held(&vip->dn->lock));
}

/* Copies those that are left, and vip, if it is not NULL, in its place */
static int dsr_services_copy(struct dsr_services *new,
			     const struct dsr_services *old, struct dsr_vip *vip,
			     struct netlink_ext_ack *extack)
{
	unsigned int i, n = old ? old->n : 0;
	int err = 0;

	for (i = 0; i < n && !err; i++) {
		struct dsr_vip *other = old->service[i].vip;

		if (!other)
			continue;
		if (vip && dsr_service_cmp(vip, other) < 0) {
			err = dsr_services_append(new, vip, extack);
			vip = NULL;
		}
		if (!err)
			err = dsr_services_append(new, other, extack);
	}
	return err || !vip ? err : dsr_services_append(new, vip, extack);
}

/**
 * dsr_services_with() - the VIPs of an address and one more
 * @vip: the one that is to be added
 * @extack: gets the reason of a refusal
 *
 * Context: process, dn->lock.
 * Return: the array, for dsr_services_publish() or kvfree(); or -EEXIST or
 *	-ENOMEM.
 */
struct dsr_services *dsr_services_with(struct dsr_vip *vip,
				       struct netlink_ext_ack *extack)
{
	const struct dsr_services *old = dsr_services_of(vip);
	struct dsr_services *new;
	int err;

	new = dsr_services_alloc(old ? old->n - old->gone + 1 : 1);
	if (!new)
		return ERR_PTR(-ENOMEM);
	err = dsr_services_copy(new, old, vip, extack);
	if (!err)
		return new;
	kvfree(new);
	return ERR_PTR(err);
}

static void dsr_services_free(struct rcu_head *rcu)
{
	kvfree(container_of(rcu, struct dsr_services, rcu));
}

/**
 * dsr_services_publish() - let packets find the VIPs of an address
 * @addr: the address
 * @new: in place of those that it has; NULL: none
 * @dn: the director
 *
 * Context: process, dn->lock.
 */
void dsr_services_publish(struct dsr_addr *addr, struct dsr_services *new,
			  struct dsr_net *dn)
{
	struct dsr_services *old;

	old = rcu_replace_pointer(addr->services, new,
				  lockdep_is_held(&dn->lock));
	/* not kfree_rcu(), which may take seconds: who adds many adds up many */
	if (old)
		call_rcu(&old->rcu, dsr_services_free);
}

/* Gives back the room of those that are gone, when it is half of all */
static void dsr_services_shrink(struct dsr_addr *addr,
				struct dsr_services *services,
				struct dsr_net *dn)
{
	struct dsr_services *new;

	if (services->gone < DSR_SERVICES_GONE_MIN ||
	    services->gone < services->n / 2)
		return;
	/* without the memory for it they stay until the next change */
	new = dsr_services_alloc(services->n - services->gone);
	if (!new)
		return;
	dsr_services_copy(new, services, NULL, NULL);
	dsr_services_publish(addr, new, dn);
}

/**
 * dsr_services_remove() - let packets find a VIP no more
 * @vip: the VIP; a load may have left it out of the array before
 *
 * Context: process, dn->lock.
 */
void dsr_services_remove(struct dsr_vip *vip)
{
	struct dsr_services *services = dsr_services_of(vip);
	struct dsr_service *service;

	if (!services)
		return;
	service = (struct dsr_service *)
		  dsr_service_find(services, vip->key.proto, vip->key.port,
				   vip->port_last);
	if (!service || service->vip != vip)
		return;
	WRITE_ONCE(service->vip, NULL);
	if (++services->gone == services->n)
		dsr_services_publish(vip->addr, NULL, vip->dn);
	else
		dsr_services_shrink(vip->addr, services, vip->dn);
}
