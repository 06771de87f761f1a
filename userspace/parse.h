/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Words and what they stand for: addresses, VIPs, weights, MACs, names.
 *
 * Each parse_*() has its format_*() where one is needed, so that what dsrctl
 * prints can be typed back. Nothing here reads, writes or allocates.
 *
 * A parse_*() returns NULL when @word is good and else the reason why it is
 * not, a text that can follow the word in an error message.
 */
#ifndef DSRCTL_PARSE_H
#define DSRCTL_PARSE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAC_LEN		6

#define ADDRESS_STRLEN	INET6_ADDRSTRLEN
#define MAC_STRLEN	sizeof("00:00:00:00:00:00")
#define VIP_STRLEN	(INET6_ADDRSTRLEN + sizeof("[]:65535-65535/sctp"))
#define ENDPOINT_STRLEN	(INET6_ADDRSTRLEN + sizeof("[]:65535"))
#define PROTOCOL_STRLEN	sizeof("65535")

/**
 * struct address - an IPv4 or IPv6 address
 * @family: AF_INET, AF_INET6, or AF_UNSPEC where there is none
 * @v4: the address when @family is AF_INET
 * @v6: the address when @family is AF_INET6
 */
struct address {
	int family;
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
};

/**
 * struct vip - the name of a VIP
 * @addr: its address
 * @port: its port or the first of its range in host byte order, 0: every port
 * @port_last: the last port of its range; equal to @port if it has only one
 * @proto: IPPROTO_*, 0: any
 */
struct vip {
	struct address addr;
	uint16_t port;
	uint16_t port_last;
	uint8_t proto;
};

const char *parse_address(const char *word, struct address *addr);
const char *parse_prefix(const char *word, struct address *addr, int *length);
const char *parse_vip(const char *word, struct vip *vip);
const char *parse_vip_address(const char *word, struct vip *vip);
const char *parse_endpoint(const char *word, struct address *addr,
			   uint16_t *port);
const char *parse_ip_protocol(const char *word, uint8_t *proto);
const char *parse_weight(const char *word, uint32_t *weight);
const char *parse_mac(const char *word, uint8_t mac[MAC_LEN]);
const char *parse_ifname(const char *word, char *name, size_t size);
const char *parse_scheduler(const char *word, char *name, size_t size);
const char *parse_on_down(const char *word, uint8_t *on_down);
const char *parse_mask(const char *word, int family, uint8_t *length);
const char *parse_seconds(const char *word, uint32_t least, uint32_t *seconds);
const char *parse_max_flows(const char *word, uint32_t *max);
const char *parse_flows_max(const char *word, uint64_t *max);
const char *parse_count(const char *word, uint64_t *count);

bool address_same(const struct address *a, const struct address *b);
bool vip_same(const struct vip *a, const struct vip *b);

const char *format_address(char buf[ADDRESS_STRLEN], const struct address *addr);
const char *format_endpoint(char buf[ENDPOINT_STRLEN],
			    const struct address *addr, uint16_t port);
const char *format_protocol(char buf[PROTOCOL_STRLEN], unsigned int proto);
const char *format_vip(char buf[VIP_STRLEN], const struct vip *vip);
const char *format_mac(char buf[MAC_STRLEN], const uint8_t mac[MAC_LEN]);

#endif /* DSRCTL_PARSE_H */
