/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * This host as a director: its interfaces and its own addresses, read once.
 */
#ifndef DSRCTL_DIRECTOR_H
#define DSRCTL_DIRECTOR_H

#include "rtnetlink.h"

/**
 * struct director - this host
 * @links: its interfaces
 * @owns: its addresses, without those that are not in use yet
 */
struct director {
	struct link_list links;
	struct net_address_list owns;
};

int director_read(struct director *director);
void director_free(struct director *director);

bool link_can_ask(const struct link *link);
const struct link *director_link(const struct director *director, int index);
const struct link *director_link_named(const struct director *director,
				       const char *name);
const struct link *director_segment(const struct director *director,
				    const struct address *addr);
bool director_has_mac(const struct director *director,
		      const uint8_t mac[MAC_LEN]);
bool director_has(const struct director *director, int index,
		  const struct address *addr);
bool director_is_near(const struct director *director, int index,
		      const struct address *addr);
bool net_has(const struct net_address *net, const struct address *addr);

#endif /* DSRCTL_DIRECTOR_H */
