// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "listener.h"
#include "talk.h"

/**
 * struct search - a look through the sockets of one family
 * @vip: what they should take
 * @listener: what was found so far
 */
struct search {
	const struct vip *vip;
	struct listener *listener;
};

static bool is_v6only(const struct nlmsghdr *nlh)
{
	const struct nlattr *nla;

	mnl_attr_for_each(nla, nlh, sizeof(struct inet_diag_msg))
		if (mnl_attr_get_type(nla) == INET_DIAG_SKV6ONLY)
			return mnl_attr_get_u8(nla);
	return false;
}

/* An IPv4 address in a socket for both families, as an IPv4 address */
static void unmap(struct address *addr)
{
	if (addr->family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&addr->v6))
		return;
	addr->family = AF_INET;
	memcpy(&addr->v4, &addr->v6.s6_addr[12], sizeof(addr->v4));
}

static bool is_any(const struct address *addr)
{
	return addr->family == AF_INET ? addr->v4.s_addr == INADDR_ANY :
					 IN6_IS_ADDR_UNSPECIFIED(&addr->v6);
}

static int read_socket(const struct nlmsghdr *nlh, void *data)
{
	const struct inet_diag_msg *diag = mnl_nlmsg_get_payload(nlh);
	uint16_t port = ntohs(diag->id.idiag_sport);
	struct address addr = { .family = diag->idiag_family };
	struct search *search = data;
	const struct vip *vip = search->vip;

	if (port < vip->port || port > vip->port_last)
		return MNL_CB_OK;
	memcpy(&addr.v6, diag->id.idiag_src, sizeof(diag->id.idiag_src));
	unmap(&addr);

	if (is_any(&addr) &&
	    (addr.family == vip->addr.family ||
	     (addr.family == AF_INET6 && !is_v6only(nlh))))
		search->listener->there = true;
	else if (address_same(&addr, &vip->addr))
		search->listener->there = true;
	else
		search->listener->elsewhere = addr;
	return MNL_CB_OK;
}

static int search_family(const struct search *search, uint8_t family)
{
	uint8_t proto = search->vip->proto;
	int state = proto == IPPROTO_UDP ? TCP_CLOSE : TCP_LISTEN;
	struct inet_diag_req_v2 *req;
	union question question;
	struct nlmsghdr *nlh;
	int ret;

	nlh = talk_about(&question, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);
	req = mnl_nlmsg_put_extra_header(nlh, sizeof(*req));
	req->sdiag_family = family;
	req->sdiag_protocol = proto;
	/* a UDP socket that has no peer is closed to the kernel */
	req->idiag_states = 1 << state;
	ret = talk(NETLINK_SOCK_DIAG, &question, read_socket, (void *)search);
	/* no kernel knows a socket of a protocol that nobody has used yet */
	return ret == -ENOENT && proto == IPPROTO_SCTP ? 0 : ret;
}

/**
 * listener_find() - look for sockets that take what clients send to a VIP
 * @vip: a VIP with a port, or a range where one port will do
 * @listener: is filled
 *
 * Return: 0 or a negative errno.
 */
int listener_find(const struct vip *vip, struct listener *listener)
{
	const struct search search = { .vip = vip, .listener = listener };
	int ret;

	memset(listener, 0, sizeof(*listener));
	ret = search_family(&search, AF_INET);
	if (!ret)
		ret = search_family(&search, AF_INET6);
	return ret;
}
