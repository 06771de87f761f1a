// SPDX-License-Identifier: GPL-2.0-only
/* What packets say. Nothing here is trusted: they are from anybody. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>

#include "wire.h"

/**
 * struct payload - what is behind an IP header
 * @from: its source
 * @to: its destination
 * @protocol: what it is
 * @hops: its TTL or hop limit
 * @data: it
 * @len: of @data, as far as it was copied
 */
struct payload {
	struct address from;
	struct address to;
	uint8_t protocol;
	uint8_t hops;
	const uint8_t *data;
	size_t len;
};

static bool read_ip(struct payload *p, const uint8_t *data, size_t len)
{
	struct ip6_hdr ip6;
	struct ip ip4;
	size_t size;

	memset(p, 0, sizeof(*p));
	if (len >= sizeof(ip4) && data[0] >> 4 == 4) {
		memcpy(&ip4, data, sizeof(ip4));
		size = ip4.ip_hl * 4;
		p->from = (struct address){ AF_INET, { .v4 = ip4.ip_src } };
		p->to = (struct address){ AF_INET, { .v4 = ip4.ip_dst } };
		p->protocol = ip4.ip_p;
		p->hops = ip4.ip_ttl;
		if (size < sizeof(ip4) || ntohs(ip4.ip_off) & IP_OFFMASK)
			return false;
	} else if (len >= sizeof(ip6) && data[0] >> 4 == 6) {
		memcpy(&ip6, data, sizeof(ip6));
		size = sizeof(ip6);
		p->from = (struct address){ AF_INET6, { .v6 = ip6.ip6_src } };
		p->to = (struct address){ AF_INET6, { .v6 = ip6.ip6_dst } };
		p->protocol = ip6.ip6_nxt;
		p->hops = ip6.ip6_hlim;
	} else {
		return false;
	}
	if (size > len)
		return false;
	p->data = data + size;
	p->len = len - size;
	return true;
}

static uint16_t read16(const uint8_t *data)
{
	return data[0] << 8 | data[1];
}

static uint32_t read32(const uint8_t *data)
{
	return (uint32_t)read16(data) << 16 | read16(data + 2);
}

/* A port or identifier; false if it is no tag */
static bool read_tag(const struct wire *wire, const uint8_t *data,
		     struct heard *heard)
{
	heard->tag = read16(data) - wire->base;
	return heard->tag < WIRE_TAGS;
}

static void read_seq(const struct wire *wire, uint32_t seq,
		     struct heard *heard)
{
	heard->tcp = true;
	heard->seq = seq;
	heard->tag = (seq - wire->seq) % WIRE_TAGS;
}

/* An answer to what we sent */
static bool is_answer(struct heard *heard, const struct payload *p,
		      enum heard_kind kind)
{
	heard->kind = kind;
	heard->peer = p->from;
	heard->own = p->to;
	return true;
}

/* What we sent ourselves, or the beginning of it in an error */
static bool is_ours(struct heard *heard, const struct payload *p,
		    enum heard_kind kind)
{
	heard->kind = kind;
	heard->own = p->from;
	heard->peer = p->to;
	return true;
}

static bool read_tcp(const struct wire *wire, const struct payload *p,
		     struct heard *heard)
{
	uint8_t flags;

	if (p->len < sizeof(struct tcphdr))
		return false;
	flags = p->data[13] & (TH_SYN | TH_ACK | TH_RST | TH_FIN);
	if (read16(p->data + 2) == wire->port) {
		read_seq(wire, read32(p->data + 8) - 1, heard);
		if (flags == (TH_SYN | TH_ACK))
			return is_answer(heard, p, HEARD_SYN_ACK);
		if (flags == (TH_RST | TH_ACK))
			return is_answer(heard, p, HEARD_RST);
		return false;
	}
	read_seq(wire, read32(p->data + 4), heard);
	return flags == TH_SYN && read16(p->data) == wire->port &&
	       is_ours(heard, p, HEARD_BOUNCE);
}

static bool read_udp(const struct wire *wire, const struct payload *p,
		     struct heard *heard)
{
	if (p->len < sizeof(struct udphdr))
		return false;
	if (read_tag(wire, p->data + 2, heard))
		return is_answer(heard, p, HEARD_DATAGRAM);
	return read_tag(wire, p->data, heard) &&
	       is_ours(heard, p, HEARD_BOUNCE);
}

static bool read_error(const struct wire *wire, const struct payload *p,
		       enum heard_kind kind, struct heard *heard)
{
	size_t skip = sizeof(struct icmp6_hdr);
	struct payload quote;

	if (!read_ip(&quote, p->data + skip, p->len - skip) || quote.len < 8)
		return false;
	if (quote.protocol == IPPROTO_TCP) {
		read_seq(wire, read32(quote.data + 4), heard);
		return read16(quote.data) == wire->port &&
		       is_ours(heard, &quote, kind);
	}
	return read_tag(wire, quote.data +
			(quote.protocol == IPPROTO_UDP ? 0 : 4), heard) &&
	       is_ours(heard, &quote, kind);
}

static enum heard_kind unreachable4(uint8_t code)
{
	switch (code) {
	case ICMP_UNREACH_PROTOCOL:
	case ICMP_UNREACH_PORT:
		return HEARD_NO_PORT;
	case ICMP_UNREACH_NET_PROHIB:
	case ICMP_UNREACH_HOST_PROHIB:
	case ICMP_UNREACH_FILTER_PROHIB:
		return HEARD_PROHIBITED;
	default:
		return HEARD_UNREACHABLE;
	}
}

static enum heard_kind unreachable6(uint8_t code)
{
	switch (code) {
	case ICMP6_DST_UNREACH_NOPORT:
		return HEARD_NO_PORT;
	case ICMP6_DST_UNREACH_ADMIN:
		return HEARD_PROHIBITED;
	default:
		return HEARD_UNREACHABLE;
	}
}

static bool read_icmp4(const struct wire *wire, const struct payload *p,
		       struct heard *heard)
{
	if (p->len < sizeof(struct icmp6_hdr))
		return false;
	switch (p->data[0]) {
	case ICMP_ECHOREPLY:
		return read_tag(wire, p->data + 4, heard) &&
		       is_answer(heard, p, HEARD_ECHO);
	case ICMP_ECHO:
		return read_tag(wire, p->data + 4, heard) &&
		       is_ours(heard, p, HEARD_BOUNCE);
	case ICMP_UNREACH:
		return read_error(wire, p, unreachable4(p->data[1]), heard);
	case ICMP_TIMXCEED:
		return read_error(wire, p, HEARD_UNREACHABLE, heard);
	default:
		return false;
	}
}

static bool read_advert(const struct payload *p, struct heard *heard)
{
	const uint8_t *opt = p->data + sizeof(struct nd_neighbor_advert);
	const uint8_t *end = p->data + p->len;

	if (p->len < sizeof(struct nd_neighbor_advert) || p->hops != 255)
		return false;
	heard->kind = HEARD_NEIGHBOUR;
	heard->peer.family = AF_INET6;
	memcpy(&heard->peer.v6, p->data + 8, sizeof(heard->peer.v6));
	/* without the option, it is who sent the frame */
	for (; end - opt >= 8 && opt[1]; opt += opt[1] * 8)
		if (opt[0] == ND_OPT_TARGET_LINKADDR)
			memcpy(heard->mac, opt + 2, MAC_LEN);
	return true;
}

static bool read_icmp6(const struct wire *wire, const struct payload *p,
		       struct heard *heard)
{
	if (p->len < sizeof(struct icmp6_hdr))
		return false;
	switch (p->data[0]) {
	case ICMP6_ECHO_REPLY:
		return read_tag(wire, p->data + 4, heard) &&
		       is_answer(heard, p, HEARD_ECHO);
	case ICMP6_ECHO_REQUEST:
		return read_tag(wire, p->data + 4, heard) &&
		       is_ours(heard, p, HEARD_BOUNCE);
	case ICMP6_DST_UNREACH:
		return read_error(wire, p, unreachable6(p->data[1]), heard);
	case ICMP6_TIME_EXCEEDED:
		return read_error(wire, p, HEARD_UNREACHABLE, heard);
	case ND_NEIGHBOR_ADVERT:
		return read_advert(p, heard);
	default:
		return false;
	}
}

static bool read_arp(const uint8_t *data, size_t len, struct heard *heard)
{
	struct arp arp;

	if (len < sizeof(arp))
		return false;
	memcpy(&arp, data, sizeof(arp));
	if (arp.hdr.ar_op != htons(ARPOP_REPLY) ||
	    arp.hdr.ar_pro != htons(ETH_P_IP) ||
	    arp.hdr.ar_hln != MAC_LEN || arp.hdr.ar_pln != sizeof(arp.sip))
		return false;
	heard->kind = HEARD_NEIGHBOUR;
	heard->peer = (struct address){ AF_INET, { .v4 = arp.sip } };
	memcpy(heard->mac, arp.sha, MAC_LEN);
	return true;
}

/**
 * wire_read() - see whether a packet is said to us
 * @wire: has the tags
 * @protocol: ETH_P_*
 * @data: the packet
 * @len: of @data; the packet may have been longer
 * @heard: is filled; has who sent the frame in @mac
 *
 * Return: whether it is.
 */
bool wire_read(const struct wire *wire, uint16_t protocol,
	       const uint8_t *data, size_t len, struct heard *heard)
{
	struct payload p;

	if (protocol == ETH_P_ARP)
		return read_arp(data, len, heard);
	if (!read_ip(&p, data, len))
		return false;
	switch (p.protocol) {
	case IPPROTO_TCP:
		return read_tcp(wire, &p, heard);
	case IPPROTO_UDP:
		return read_udp(wire, &p, heard);
	case IPPROTO_ICMP:
		return read_icmp4(wire, &p, heard);
	case IPPROTO_ICMPV6:
		return read_icmp6(wire, &p, heard);
	default:
		return false;
	}
}
