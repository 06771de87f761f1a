// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/dsr.h>

#include "parse.h"

/* The protocols that a VIP can name */
static const struct {
	const char *name;
	uint8_t proto;
} protocols[] = {
	{ "any", 0 },
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "sctp", IPPROTO_SCTP },
};

#define N_PROTOCOLS	(sizeof(protocols) / sizeof(protocols[0]))

/*
 * strtoull() also takes blanks, signs and an empty word; a number in our
 * grammar is digits and nothing else. Reads up to @end, or to the end of the
 * word when that is NULL.
 */
static bool parse_number(const char *word, const char *end, uint64_t max,
			 uint64_t *number)
{
	uint64_t sum = 0;

	if (!end)
		end = word + strlen(word);
	if (word == end)
		return false;

	for (; word < end; word++) {
		unsigned int digit = (unsigned char)*word - '0';

		if (digit > 9 || sum > (max - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*number = sum;
	return true;
}

static const char *parse_address_part(const char *word, size_t len,
				      struct address *addr)
{
	char text[ADDRESS_STRLEN];

	memset(addr, 0, sizeof(*addr));
	if (len < sizeof(text)) {
		memcpy(text, word, len);
		text[len] = '\0';
		addr->family = AF_INET;
		if (inet_pton(AF_INET, text, &addr->v4) == 1)
			return NULL;
		addr->family = AF_INET6;
		if (inet_pton(AF_INET6, text, &addr->v6) == 1)
			return NULL;
	}
	addr->family = AF_UNSPEC;
	return "not an IPv4 or IPv6 address";
}

const char *parse_address(const char *word, struct address *addr)
{
	return parse_address_part(word, strlen(word), addr);
}

/* A filter means the network, so bits of a host in it are not an error */
static void clear_host_bits(struct address *addr, unsigned int length)
{
	bool v4 = addr->family == AF_INET;
	uint8_t *bytes = v4 ? (uint8_t *)&addr->v4 : addr->v6.s6_addr;
	unsigned int bits = v4 ? 32 : 128;
	unsigned int i;

	for (i = length; i < bits; i++)
		bytes[i / 8] &= ~(0x80 >> i % 8);
}

/**
 * parse_prefix() - read ADDRESS[/LENGTH]
 * @word: what was typed
 * @addr: the network, without bits of a host
 * @length: the length in bits, -1 when none was typed
 */
const char *parse_prefix(const char *word, struct address *addr, int *length)
{
	const char *slash = strchr(word, '/');
	const char *why;
	uint64_t bits;

	why = parse_address_part(word, slash ? (size_t)(slash - word) :
				 strlen(word), addr);
	if (why)
		return why;

	*length = -1;
	if (!slash)
		return NULL;
	if (!parse_number(slash + 1, NULL, addr->family == AF_INET ? 32 : 128,
			  &bits))
		return addr->family == AF_INET ?
			"an IPv4 prefix length is 0 to 32" :
			"an IPv6 prefix length is 0 to 128";
	*length = bits;
	clear_host_bits(addr, bits);
	return NULL;
}

static const char *parse_ports(const char *word, const char *end,
			       struct vip *vip)
{
	const char *dash = memchr(word, '-', end - word);
	uint64_t first, last;

	if (!parse_number(word, dash ? dash : end, 65535, &first) || !first)
		return "a port is 1 to 65535; none means every port";
	last = first;
	if (dash && (!parse_number(dash + 1, end, 65535, &last) || !last))
		return "a range of ports is FIRST-LAST, each 1 to 65535";
	if (dash && last <= first)
		return "the last port of a range must be above its first";

	vip->port = first;
	vip->port_last = last;
	return NULL;
}

static const char *parse_protocol(const char *word, uint8_t *proto)
{
	size_t i;

	for (i = 0; i < N_PROTOCOLS; i++) {
		if (!strcmp(word, protocols[i].name)) {
			*proto = protocols[i].proto;
			return NULL;
		}
	}
	return "the protocol of a VIP is tcp, udp, sctp or any";
}

/*
 * Where the address ends and the ports begin. Two colons without brackets are
 * an IPv6 address: nothing could tell its last group from a port.
 */
static const char *split_ports(const char *word, const char *end,
			       const char **addr_end, const char **ports)
{
	const char *colon = memchr(word, ':', end - word);

	*ports = NULL;
	*addr_end = end;
	if (*word == '[') {
		*addr_end = memchr(word, ']', end - word);
		if (!*addr_end)
			return "the bracket is not closed";
		if (*addr_end + 1 == end)
			return NULL;
		if ((*addr_end)[1] != ':')
			return "after the bracket comes :PORT";
		*ports = *addr_end + 2;
	} else if (colon && !memchr(colon + 1, ':', end - colon - 1)) {
		*addr_end = colon;
		*ports = colon + 1;
	}
	return NULL;
}

const char *parse_vip(const char *word, struct vip *vip)
{
	const char *slash = strrchr(word, '/');
	const char *addr_end, *ports, *why;
	bool bracket = *word == '[';

	memset(vip, 0, sizeof(*vip));
	if (!slash)
		return "a VIP is ADDRESS[:PORT[-PORT]]/PROTOCOL, and /PROTOCOL is missing";
	why = parse_protocol(slash + 1, &vip->proto);
	if (why)
		return why;
	why = split_ports(word, slash, &addr_end, &ports);
	if (why)
		return why;

	word += bracket;
	why = parse_address_part(word, addr_end - word, &vip->addr);
	if (why)
		return why;
	if (bracket && vip->addr.family != AF_INET6)
		return "brackets are for IPv6 addresses";
	if (!ports)
		return NULL;
	if (!vip->proto)
		return "protocol any takes every port: leave the port out";
	return parse_ports(ports, slash, vip);
}

/* A VIP, or its address alone, which stands for all of it */
const char *parse_vip_address(const char *word, struct vip *vip)
{
	memset(vip, 0, sizeof(*vip));
	return parse_address(word, &vip->addr) ? parse_vip(word, vip) : NULL;
}

/**
 * parse_endpoint() - read ADDRESS[:PORT], an IPv6 address with a port in brackets
 * @word: what was typed
 * @addr: the address
 * @port: the port, 0 when none was typed
 */
const char *parse_endpoint(const char *word, struct address *addr,
			   uint16_t *port)
{
	const char *end = word + strlen(word);
	const char *addr_end, *digits, *why;
	bool bracket = *word == '[';
	uint64_t number = 0;

	why = split_ports(word, end, &addr_end, &digits);
	if (why)
		return why;
	word += bracket;
	why = parse_address_part(word, addr_end - word, addr);
	if (why)
		return why;
	if (bracket && addr->family != AF_INET6)
		return "brackets are for IPv6 addresses";
	if (digits && !parse_number(digits, end, 65535, &number))
		return "a port is 0 to 65535";
	*port = number;
	return NULL;
}

/* What an IP header can say, not only what a VIP can name */
const char *parse_ip_protocol(const char *word, uint8_t *proto)
{
	uint64_t number;

	if (strcmp(word, "any") && !parse_protocol(word, proto))
		return NULL;
	if (!parse_number(word, NULL, 255, &number))
		return "the protocol of a packet is tcp, udp, sctp or a number, 0 to 255";
	*proto = number;
	return NULL;
}

const char *parse_weight(const char *word, uint32_t *weight)
{
	uint64_t number;

	if (!parse_number(word, NULL, DSR_WEIGHT_MAX, &number))
		return "a weight is 0 to 65535";
	*weight = number;
	return NULL;
}

const char *parse_mac(const char *word, uint8_t mac[MAC_LEN])
{
	static const uint8_t zero[MAC_LEN];
	int i;

	for (i = 0; i < MAC_LEN; i++, word += 3) {
		if (!isxdigit((unsigned char)word[0]) ||
		    !isxdigit((unsigned char)word[1]) ||
		    word[2] != (i < MAC_LEN - 1 ? ':' : '\0'))
			return "a MAC address is six pairs of hexadecimal digits with colons";
		mac[i] = strtoul((char[]){ word[0], word[1], 0 }, NULL, 16);
	}
	if (mac[0] & 1)
		return "a multicast address: a server's MAC is unicast";
	if (!memcmp(mac, zero, MAC_LEN))
		return "a MAC address of zeros is nobody's";
	return NULL;
}

/* What the kernel allows for the name of an interface */
const char *parse_ifname(const char *word, char *name, size_t size)
{
	const char *c;

	if (!*word)
		return "the name of an interface is missing";
	if (strlen(word) >= size)
		return "the name of an interface has at most 15 characters";
	if (!strcmp(word, ".") || !strcmp(word, ".."))
		return "not the name of an interface";
	for (c = word; *c; c++)
		if (*c == '/' || *c == ':' || isspace((unsigned char)*c))
			return "the name of an interface has no '/', ':' or blank";
	strcpy(name, word);
	return NULL;
}

/* Which schedulers there are is for the kernel to say: it can learn new ones */
const char *parse_scheduler(const char *word, char *name, size_t size)
{
	const char *c;

	if (!*word || strlen(word) >= size)
		return "the name of a scheduler has 1 to 15 characters";
	for (c = word; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_')
			return "the name of a scheduler is letters and digits";
	strcpy(name, word);
	return NULL;
}

const char *parse_on_down(const char *word, uint8_t *on_down)
{
	if (!strcmp(word, "reschedule"))
		*on_down = DSR_ON_DOWN_RESCHEDULE;
	else if (!strcmp(word, "keep"))
		*on_down = DSR_ON_DOWN_KEEP;
	else if (!strcmp(word, "drop"))
		*on_down = DSR_ON_DOWN_DROP;
	else
		return "it is reschedule, keep or drop";
	return NULL;
}

const char *parse_mask(const char *word, int family, uint8_t *length)
{
	uint64_t number;

	if (!parse_number(word, NULL, family == AF_INET ? 32 : 128, &number))
		return family == AF_INET ? "the length of a mask is 0 to 32" :
					   "the length of a mask is 0 to 128";
	*length = number;
	return NULL;
}

const char *parse_seconds(const char *word, uint32_t least, uint32_t *seconds)
{
	uint64_t number;

	if (!parse_number(word, NULL, DSR_TIMEOUT_MAX, &number) ||
	    number < least)
		return least ? "seconds are 1 to 2592000 (30 days)" :
			       "seconds are 0 to 2592000 (30 days)";
	*seconds = number;
	return NULL;
}

const char *parse_max_flows(const char *word, uint32_t *max)
{
	uint64_t number = 0;

	if (strcmp(word, "none") &&
	    (!parse_number(word, NULL, DSR_FLOWS_MAX, &number) || !number))
		return "a number of flows is 1 to 1073741824, or none: no bound";
	*max = number;
	return NULL;
}

/* What the module takes for itself when it is told nothing is 0 */
const char *parse_flows_max(const char *word, uint64_t *max)
{
	*max = 0;
	if (!strcmp(word, "auto"))
		return NULL;
	if (!parse_number(word, NULL, DSR_FLOWS_MAX, max) || !*max)
		return "a limit is 1 to 1073741824 flows, or auto: by the memory of the host";
	return NULL;
}

const char *parse_count(const char *word, uint64_t *count)
{
	if (!parse_number(word, NULL, INT64_MAX, count) || !*count)
		return "a number from 1 on";
	return NULL;
}

bool address_same(const struct address *a, const struct address *b)
{
	return a->family == b->family &&
	       !memcmp(&a->v6, &b->v6, a->family == AF_INET6 ?
		       sizeof(a->v6) : sizeof(a->v4));
}

bool vip_same(const struct vip *a, const struct vip *b)
{
	return address_same(&a->addr, &b->addr) && a->port == b->port &&
	       a->port_last == b->port_last && a->proto == b->proto;
}

const char *format_address(char buf[ADDRESS_STRLEN], const struct address *addr)
{
	if (addr->family == AF_UNSPEC ||
	    !inet_ntop(addr->family, &addr->v4, buf, ADDRESS_STRLEN))
		strcpy(buf, "?");
	return buf;
}

const char *format_endpoint(char buf[ENDPOINT_STRLEN],
			    const struct address *addr, uint16_t port)
{
	char text[ADDRESS_STRLEN];

	format_address(text, addr);
	snprintf(buf, ENDPOINT_STRLEN,
		 addr->family == AF_INET6 ? "[%s]:%u" : "%s:%u", text, port);
	return buf;
}

const char *format_protocol(char buf[PROTOCOL_STRLEN], unsigned int proto)
{
	size_t i;

	for (i = 0; i < N_PROTOCOLS; i++)
		if (protocols[i].proto == proto)
			return strcpy(buf, protocols[i].name);
	snprintf(buf, PROTOCOL_STRLEN, "%u", proto & 0xffff);
	return buf;
}

const char *format_vip(char buf[VIP_STRLEN], const struct vip *vip)
{
	bool bracket = vip->addr.family == AF_INET6 && vip->port;
	char proto[PROTOCOL_STRLEN];
	char addr[ADDRESS_STRLEN];
	char ports[16] = "";

	if (vip->port && vip->port_last != vip->port)
		snprintf(ports, sizeof(ports), ":%u-%u", vip->port,
			 vip->port_last);
	else if (vip->port)
		snprintf(ports, sizeof(ports), ":%u", vip->port);

	snprintf(buf, VIP_STRLEN, "%s%s%s%s/%s", bracket ? "[" : "",
		 format_address(addr, &vip->addr), bracket ? "]" : "", ports,
		 format_protocol(proto, vip->proto));
	return buf;
}

const char *format_mac(char buf[MAC_STRLEN], const uint8_t mac[MAC_LEN])
{
	snprintf(buf, MAC_STRLEN, "%02x:%02x:%02x:%02x:%02x:%02x",
		 mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	return buf;
}
