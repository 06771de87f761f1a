// SPDX-License-Identifier: GPL-2.0-only
#include <linux/if_addr.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>

#include "director.h"

/**
 * director_read() - read what this host is
 * @director: is filled; to be freed by director_free(), also after an error
 *
 * Return: 0 or a negative errno.
 */
int director_read(struct director *director)
{
	struct net_address_list *owns = &director->owns;
	size_t i, n = 0;
	int ret;

	memset(director, 0, sizeof(*director));
	ret = rtnetlink_links(&director->links);
	if (!ret)
		ret = rtnetlink_addresses(owns);
	for (i = 0; i < owns->count; i++)
		if (!(owns->items[i].flags &
		      (IFA_F_TENTATIVE | IFA_F_DADFAILED)))
			owns->items[n++] = owns->items[i];
	owns->count = n;
	return ret;
}

void director_free(struct director *director)
{
	free(director->links.items);
	free(director->owns.items);
	memset(director, 0, sizeof(*director));
}

/**
 * link_can_ask() - whether ARP or neighbour solicitation can be sent by it
 * @link: an interface, or NULL
 */
bool link_can_ask(const struct link *link)
{
	const unsigned int up = IFF_UP | IFF_RUNNING;

	return link && link->type == ARPHRD_ETHER &&
	       (link->flags & up) == up && !(link->flags & IFF_NOARP);
}

const struct link *director_link(const struct director *director, int index)
{
	size_t i;

	for (i = 0; i < director->links.count; i++)
		if (director->links.items[i].index == index)
			return &director->links.items[i];
	return NULL;
}

const struct link *director_link_named(const struct director *director,
				       const char *name)
{
	size_t i;

	for (i = 0; i < director->links.count; i++)
		if (!strcmp(director->links.items[i].name, name))
			return &director->links.items[i];
	return NULL;
}

/**
 * director_segment() - the interface to the segment that an address belongs to
 * @director: this host
 * @addr: the address
 *
 * Return: NULL if there is none.
 */
const struct link *director_segment(const struct director *director,
				    const struct address *addr)
{
	size_t i;

	for (i = 0; i < director->links.count; i++) {
		const struct link *link = &director->links.items[i];

		if (link->type == ARPHRD_ETHER &&
		    director_is_near(director, link->index, addr))
			return link;
	}
	return NULL;
}

bool director_has_mac(const struct director *director,
		      const uint8_t mac[MAC_LEN])
{
	size_t i;

	for (i = 0; i < director->links.count; i++)
		if (director->links.items[i].type == ARPHRD_ETHER &&
		    !memcmp(director->links.items[i].mac, mac, MAC_LEN))
			return true;
	return false;
}

/**
 * director_has() - whether an address is on an interface
 * @director: this host
 * @index: the interface
 * @addr: the address
 */
bool director_has(const struct director *director, int index,
		  const struct address *addr)
{
	size_t i;

	for (i = 0; i < director->owns.count; i++)
		if (director->owns.items[i].index == index &&
		    address_same(&director->owns.items[i].addr, addr))
			return true;
	return false;
}

/**
 * director_is_near() - whether an address is in a net of an interface's
 * @director: this host
 * @index: the interface
 * @addr: the address
 */
bool director_is_near(const struct director *director, int index,
		      const struct address *addr)
{
	size_t i;

	for (i = 0; i < director->owns.count; i++)
		if (director->owns.items[i].index == index &&
		    net_has(&director->owns.items[i], addr))
			return true;
	return false;
}

/**
 * net_has() - whether an address is in a net
 * @net: an address in the net
 * @addr: the address
 */
bool net_has(const struct net_address *net, const struct address *addr)
{
	const uint8_t *a = (const uint8_t *)&net->addr.v4;
	const uint8_t *b = (const uint8_t *)&addr->v4;
	unsigned int i;

	if (net->addr.family != addr->family)
		return false;
	for (i = 0; i < net->length; i++)
		if ((a[i / 8] ^ b[i / 8]) & 0x80 >> i % 8)
			return false;
	return true;
}
