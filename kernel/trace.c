// SPDX-License-Identifier: GPL-2.0-only
/* What tracepoints tell of a packet. It may be damaged, and is not changed. */
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/ip.h>
#include <net/ipv6.h>

#define CREATE_TRACE_POINTS
#include "trace.h"

union dsr_sockaddr {
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static void dsr_trace_addr4(__be32 addr, __be16 port, u8 *to)
{
	union dsr_sockaddr sa = {};

	sa.v4.sin_family = AF_INET;
	sa.v4.sin_addr.s_addr = addr;
	sa.v4.sin_port = port;
	memcpy(to, &sa, sizeof(sa.v6));
}

static void dsr_trace_addr6(const struct in6_addr *addr, __be16 port, u8 *to)
{
	union dsr_sockaddr sa = {};

	sa.v6.sin6_family = AF_INET6;
	sa.v6.sin6_addr = *addr;
	sa.v6.sin6_port = port;
	memcpy(to, &sa, sizeof(sa.v6));
}

/**
 * dsr_trace_addr() - an address as tracepoints have it
 * @addr: IPv6, or IPv4 in its mapped form
 * @to: gets a struct sockaddr_in or sockaddr_in6
 *
 * Context: any.
 */
void dsr_trace_addr(const struct in6_addr *addr, u8 *to)
{
	if (dsr_is_v4(addr))
		dsr_trace_addr4(dsr_v4(addr), 0, to);
	else
		dsr_trace_addr6(addr, 0, to);
}

/* Both ports, if the packet at hand has them; else zeroes */
static void dsr_trace_ports(const struct sk_buff *skb, int off, u8 proto,
			    __be16 *ports)
{
	memset(ports, 0, 2 * sizeof(*ports));
	if (proto != IPPROTO_TCP && proto != IPPROTO_UDP &&
	    proto != IPPROTO_SCTP)
		return;
	if (skb_copy_bits(skb, off, ports, 2 * sizeof(*ports)))
		memset(ports, 0, 2 * sizeof(*ports));
}

static void dsr_trace_ends4(const struct sk_buff *skb, u8 *source, u8 *dest,
			    u8 *proto)
{
	__be16 ports[2] = {};
	struct iphdr ip = {};

	if (skb->protocol == htons(ETH_P_IP))
		skb_copy_bits(skb, 0, &ip, sizeof(ip));
	if (!(ip.frag_off & htons(IP_OFFSET)))
		dsr_trace_ports(skb, ip.ihl * 4, ip.protocol, ports);
	*proto = ip.protocol;
	dsr_trace_addr4(ip.saddr, ports[0], source);
	dsr_trace_addr4(ip.daddr, ports[1], dest);
}

static void dsr_trace_ends6(const struct sk_buff *skb, u8 *source, u8 *dest,
			    u8 *proto)
{
	struct ipv6hdr ip6 = {};
	__be16 ports[2] = {};
	__be16 frag = 0;
	int off;

	skb_copy_bits(skb, 0, &ip6, sizeof(ip6));
	*proto = ip6.nexthdr;
	off = ipv6_skip_exthdr(skb, sizeof(ip6), proto, &frag);
	if (off >= 0 && !(frag & htons(IP6_OFFSET)))
		dsr_trace_ports(skb, off, *proto, ports);
	dsr_trace_addr6(&ip6.saddr, ports[0], source);
	dsr_trace_addr6(&ip6.daddr, ports[1], dest);
}

/**
 * dsr_trace_ends() - who sent a packet to whom
 * @skb: data at the network header; need not be IP
 * @source: gets a struct sockaddr_in or sockaddr_in6: address and port, 0 where
 *	there is none
 * @dest: likewise
 * @proto: gets IPPROTO_*
 *
 * Context: any.
 */
void dsr_trace_ends(const struct sk_buff *skb, u8 *source, u8 *dest, u8 *proto)
{
	if (skb->protocol == htons(ETH_P_IPV6))
		dsr_trace_ends6(skb, source, dest, proto);
	else
		dsr_trace_ends4(skb, source, dest, proto);
}
