// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "rtnetlink.h"
#include "talk.h"

/* How often a dump is begun anew because something changed in it */
#define DUMP_TRIES	10

/* Room for one more item at the end of an array, zeroed */
static void *grow(void **items, size_t *count, size_t size)
{
	char *more = reallocarray(*items, *count + 1, size);

	if (!more)
		return NULL;
	*items = more;
	return memset(more + size * (*count)++, 0, size);
}

static const struct nlattr *find_attr(const struct nlmsghdr *nlh,
				      size_t offset, unsigned int type)
{
	const struct nlattr *nla, *found = NULL;

	mnl_attr_for_each(nla, nlh, offset)
		if (mnl_attr_get_type(nla) == type)
			found = nla;
	return found;
}

static void copy_text(char *to, size_t size, const struct nlattr *nla)
{
	size_t len = nla ? mnl_attr_get_payload_len(nla) : 0;

	if (len > size - 1)
		len = size - 1;
	if (len)
		memcpy(to, mnl_attr_get_payload(nla), len);
	to[len] = '\0';
}

static void copy_kind(struct link *link, const struct nlattr *info)
{
	const struct nlattr *nla;

	if (!info)
		return;
	mnl_attr_for_each_nested(nla, info)
		if (mnl_attr_get_type(nla) == IFLA_INFO_KIND)
			copy_text(link->kind, sizeof(link->kind), nla);
}

static int read_link(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *master, *mac, *mtu;
	struct link_list *list = data;
	struct link *link;

	link = grow((void **)&list->items, &list->count, sizeof(*link));
	if (!link)
		return MNL_CB_ERROR;
	link->index = ifi->ifi_index;
	link->type = ifi->ifi_type;
	link->flags = ifi->ifi_flags;
	copy_text(link->name, sizeof(link->name),
		  find_attr(nlh, sizeof(*ifi), IFLA_IFNAME));
	copy_kind(link, find_attr(nlh, sizeof(*ifi), IFLA_LINKINFO));
	master = find_attr(nlh, sizeof(*ifi), IFLA_MASTER);
	if (master)
		link->master = mnl_attr_get_u32(master);
	mac = find_attr(nlh, sizeof(*ifi), IFLA_ADDRESS);
	if (mac && mnl_attr_get_payload_len(mac) == MAC_LEN)
		memcpy(link->mac, mnl_attr_get_payload(mac), MAC_LEN);
	mtu = find_attr(nlh, sizeof(*ifi), IFLA_MTU);
	if (mtu)
		link->mtu = mnl_attr_get_u32(mtu);
	return MNL_CB_OK;
}

/**
 * rtnetlink_links() - list the interfaces
 * @list: an empty list, whose items the caller frees, also after an error
 */
int rtnetlink_links(struct link_list *list)
{
	union question question;
	struct nlmsghdr *nlh;
	int tries = DUMP_TRIES;
	int ret;

	nlh = talk_about(&question, RTM_GETLINK, NLM_F_DUMP);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	do {
		list->count = 0;
		ret = talk(NETLINK_ROUTE, &question, read_link, list);
	} while (ret == -EINTR && --tries);
	return ret;
}

static bool copy_address(struct address *addr, int family,
			 const struct nlattr *nla)
{
	size_t len = family == AF_INET ? sizeof(addr->v4) : sizeof(addr->v6);

	if (!nla || mnl_attr_get_payload_len(nla) != len)
		return false;
	addr->family = family;
	memcpy(&addr->v6, mnl_attr_get_payload(nla), len);
	return true;
}

static int read_address(const struct nlmsghdr *nlh, void *data)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *flags, *addr;
	struct net_address_list *list = data;
	struct net_address *own;

	if (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6)
		return MNL_CB_OK;
	/* with a peer, IFA_ADDRESS is the peer's */
	addr = find_attr(nlh, sizeof(*ifa), IFA_LOCAL);
	if (!addr)
		addr = find_attr(nlh, sizeof(*ifa), IFA_ADDRESS);

	own = grow((void **)&list->items, &list->count, sizeof(*own));
	if (!own)
		return MNL_CB_ERROR;
	if (!copy_address(&own->addr, ifa->ifa_family, addr)) {
		list->count--;
		return MNL_CB_OK;
	}
	own->index = ifa->ifa_index;
	own->length = ifa->ifa_prefixlen;
	flags = find_attr(nlh, sizeof(*ifa), IFA_FLAGS);
	own->flags = flags ? mnl_attr_get_u32(flags) : ifa->ifa_flags;
	copy_text(own->label, sizeof(own->label),
		  find_attr(nlh, sizeof(*ifa), IFA_LABEL));
	return MNL_CB_OK;
}

/**
 * rtnetlink_addresses() - list the addresses of all interfaces
 * @list: an empty list, whose items the caller frees, also after an error
 */
int rtnetlink_addresses(struct net_address_list *list)
{
	union question question;
	struct nlmsghdr *nlh;
	int tries = DUMP_TRIES;
	int ret;

	nlh = talk_about(&question, RTM_GETADDR, NLM_F_DUMP);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifaddrmsg));
	do {
		list->count = 0;
		ret = talk(NETLINK_ROUTE, &question, read_address, list);
	} while (ret == -EINTR && --tries);
	return ret;
}

static int change_address(const struct net_address *own, uint16_t type,
			  uint16_t flags)
{
	size_t len = own->addr.family == AF_INET ?
		     sizeof(own->addr.v4) : sizeof(own->addr.v6);
	union question question;
	struct ifaddrmsg *ifa;
	struct nlmsghdr *nlh;

	nlh = talk_about(&question, type, NLM_F_ACK | flags);
	ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
	ifa->ifa_family = own->addr.family;
	ifa->ifa_prefixlen = own->length;
	ifa->ifa_index = own->index;
	ifa->ifa_scope = RT_SCOPE_UNIVERSE;
	mnl_attr_put(nlh, IFA_LOCAL, len, &own->addr.v6);
	mnl_attr_put(nlh, IFA_ADDRESS, len, &own->addr.v6);
	if (own->flags)
		mnl_attr_put_u32(nlh, IFA_FLAGS, own->flags);
	if (*own->label)
		mnl_attr_put_strz(nlh, IFA_LABEL, own->label);
	return talk(NETLINK_ROUTE, &question, NULL, NULL);
}

int rtnetlink_add_address(const struct net_address *own)
{
	return change_address(own, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
}

int rtnetlink_del_address(const struct net_address *own)
{
	return change_address(own, RTM_DELADDR, 0);
}

static void add_way(struct ways *ways, int index)
{
	if (ways->count < MAX_WAYS)
		ways->index[ways->count++] = index;
}

static void add_nexthops(struct ways *ways, const struct nlattr *nla)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(nla);
	int len = mnl_attr_get_payload_len(nla);

	for (; RTNH_OK(hop, len);
	     len -= NLMSG_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop))
		add_way(ways, hop->rtnh_ifindex);
}

static int read_route(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *nla;

	if (rtm->rtm_type != RTN_UNICAST)
		return MNL_CB_OK;
	nla = find_attr(nlh, sizeof(*rtm), RTA_OIF);
	if (nla)
		add_way(data, mnl_attr_get_u32(nla));
	nla = find_attr(nlh, sizeof(*rtm), RTA_MULTIPATH);
	if (nla)
		add_nexthops(data, nla);
	return MNL_CB_OK;
}

static int ask_route(const struct address *to, unsigned int flags,
		     mnl_cb_t read, void *data)
{
	bool v4 = to->family == AF_INET;
	union question question;
	struct nlmsghdr *nlh;
	struct rtmsg *rtm;
	int ret;

	nlh = talk_about(&question, RTM_GETROUTE, NLM_F_ACK);
	rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	rtm->rtm_family = to->family;
	rtm->rtm_dst_len = v4 ? 32 : 128;
	rtm->rtm_flags = flags;
	mnl_attr_put(nlh, RTA_DST, v4 ? sizeof(to->v4) : sizeof(to->v6),
		     &to->v6);
	ret = talk(NETLINK_ROUTE, &question, read, data);
	return ret == -ENETUNREACH || ret == -EHOSTUNREACH ? 0 : ret;
}

/**
 * rtnetlink_route() - ask by which interfaces packets to an address leave
 * @to: the address
 * @ways: is filled; without a route it is empty, and that is no error
 */
int rtnetlink_route(const struct address *to, struct ways *ways)
{
	memset(ways, 0, sizeof(*ways));
	/* the whole route, not only the one of its ways that a hash takes */
	return ask_route(to, RTM_F_FIB_MATCH, read_route, ways);
}

static int read_way(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *nla;
	struct route *route = data;

	route->local = rtm->rtm_type == RTN_LOCAL;
	if (rtm->rtm_type != RTN_UNICAST)
		return MNL_CB_OK;
	nla = find_attr(nlh, sizeof(*rtm), RTA_OIF);
	if (nla)
		route->index = mnl_attr_get_u32(nla);
	copy_address(&route->gateway, rtm->rtm_family,
		     find_attr(nlh, sizeof(*rtm), RTA_GATEWAY));
	return MNL_CB_OK;
}

/**
 * rtnetlink_look_up() - ask where a packet to an address goes
 * @to: the address
 * @route: is filled; without a route it is empty, and that is no error
 */
int rtnetlink_look_up(const struct address *to, struct route *route)
{
	memset(route, 0, sizeof(*route));
	return ask_route(to, 0, read_way, route);
}
