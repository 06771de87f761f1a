// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

/**
 * host_read() - ask the kernel for everything
 * @host: is filled, also in part when this fails; to be freed by host_free()
 *
 * Return: 0 or a negative errno.
 */
int host_read(struct host *host)
{
	size_t i;
	int ret;

	memset(host, 0, sizeof(*host));
	ret = rtnetlink_links(&host->links);
	if (!ret)
		ret = rtnetlink_addresses(&host->addresses);
	if (ret)
		return ret;
	for (i = 0; i < host->links.count; i++)
		if (host->links.items[i].flags & IFF_LOOPBACK)
			host->loopback = &host->links.items[i];
	return host->loopback ? 0 : -ENODEV;
}

void host_free(struct host *host)
{
	free(host->links.items);
	free(host->addresses.items);
	memset(host, 0, sizeof(*host));
}

const struct link *host_link(const struct host *host, int index)
{
	size_t i;

	for (i = 0; i < host->links.count; i++)
		if (host->links.items[i].index == index)
			return &host->links.items[i];
	return NULL;
}

/**
 * host_keeps_to_itself() - whether no ARP comes from an interface
 * @link: the interface
 *
 * A VIP may be on one of these: lo, or a dummy.
 */
bool host_keeps_to_itself(const struct link *link)
{
	return link->flags & (IFF_LOOPBACK | IFF_NOARP | IFF_POINTOPOINT);
}

static bool is_kind(const struct link *link, const char *kind)
{
	return !strcmp(link->kind, kind);
}

/* A bridge for containers or virtual machines, with no way out of this host */
static bool is_internal(const struct host *host, const struct link *bridge)
{
	size_t i;

	if (!is_kind(bridge, "bridge"))
		return false;
	for (i = 0; i < host->links.count; i++) {
		const struct link *port = &host->links.items[i];

		if (port->master == bridge->index && !is_kind(port, "veth") &&
		    !is_kind(port, "tun"))
			return false;
	}
	return true;
}

/**
 * host_faces_lan() - whether ARP for a VIP could be asked and answered here
 * @host: this host
 * @link: one of its interfaces
 *
 * For the ports of a bridge or a bond it is asked of the bridge or bond.
 */
bool host_faces_lan(const struct host *host, const struct link *link)
{
	const struct link *master;

	if (host_keeps_to_itself(link) || is_internal(host, link))
		return false;
	master = link->master ? host_link(host, link->master) : NULL;
	return !master || is_kind(master, "vrf");
}

bool host_has_ipv4(const struct host *host, const struct link *link)
{
	size_t i;

	for (i = 0; i < host->addresses.count; i++)
		if (host->addresses.items[i].index == link->index &&
		    host->addresses.items[i].addr.family == AF_INET)
			return true;
	return false;
}

/**
 * host_find() - find an address on an interface
 * @host: this host
 * @link: one of its interfaces
 * @addr: the address
 *
 * Return: the address with the longest prefix if it is there more than once,
 * NULL if it is not there.
 */
const struct net_address *host_find(const struct host *host,
				    const struct link *link,
				    const struct address *addr)
{
	const struct net_address *best = NULL;
	size_t i;

	for (i = 0; i < host->addresses.count; i++) {
		const struct net_address *own = &host->addresses.items[i];

		if (own->index == link->index &&
		    address_same(&own->addr, addr) &&
		    (!best || own->length > best->length))
			best = own;
	}
	return best;
}

/**
 * address_bits() - the length of the prefix that is one address alone
 * @addr: the address
 */
unsigned int address_bits(const struct address *addr)
{
	return addr->family == AF_INET ? 32 : 128;
}

static bool is_net4(const struct address *addr, uint32_t net, int length)
{
	return ntohl(addr->v4.s_addr) >> (32 - length) == net >> (32 - length);
}

/**
 * address_fault() - why an address can't be a VIP
 * @addr: the address
 *
 * Return: NULL if it can.
 */
const char *address_fault(const struct address *addr)
{
	const struct in6_addr *v6 = &addr->v6;
	bool v4 = addr->family == AF_INET;

	if (v4 ? is_net4(addr, 0x7f000000, 8) : IN6_IS_ADDR_LOOPBACK(v6))
		return "a loopback address: no client can reach it";
	if (v4 ? is_net4(addr, 0, 8) : IN6_IS_ADDR_UNSPECIFIED(v6))
		return "not the address of a host";
	if (v4 ? is_net4(addr, 0xe0000000, 3) : IN6_IS_ADDR_MULTICAST(v6))
		return "not a unicast address";
	if (!v4 && IN6_IS_ADDR_LINKLOCAL(v6))
		return "a link-local address: no client behind a router can reach it";
	if (!v4 && IN6_IS_ADDR_V4MAPPED(v6))
		return "an IPv4 address: write it as one";
	return NULL;
}
