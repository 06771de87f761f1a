/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets straight to and from the interfaces, past this host's own stack. A
 * frame goes to the MAC that is given, whatever the host thinks of the address;
 * what comes in is heard before anything can drop or answer it.
 *
 * Each packet that is sent has a tag, by which what is said to it is recognised:
 * its source port or identifier, or of a TCP segment the sequence number. Those
 * all come from one port, which is kept silent: this host's stack would answer
 * what it did not ask for by a RST, to the VIP, and so to a server.
 */
#ifndef DSRCTL_WIRE_H
#define DSRCTL_WIRE_H

#include <net/if_arp.h>

#include "parse.h"

/* The tags are this many ports or identifiers in a row */
#define WIRE_TAGS	8192

/**
 * struct arp - an ARP packet for IPv4 on Ethernet
 * @hdr: its header
 * @sha: the MAC of who sends it
 * @sip: its address
 * @tha: the MAC of who is meant
 * @tip: its address
 */
struct arp {
	struct arphdr hdr;
	uint8_t sha[MAC_LEN];
	struct in_addr sip;
	uint8_t tha[MAC_LEN];
	struct in_addr tip;
} __attribute__((packed));

enum heard_kind {
	HEARD_NEIGHBOUR,	/* an ARP reply or a neighbour advertisement */
	HEARD_SYN_ACK,
	HEARD_RST,
	HEARD_DATAGRAM,
	HEARD_ECHO,
	HEARD_NO_PORT,		/* ICMP: nothing at this port or protocol */
	HEARD_PROHIBITED,	/* ICMP: a firewall is in the way */
	HEARD_UNREACHABLE,	/* ICMP: no way to the address, or a loop */
	HEARD_BOUNCE,		/* what was sent has come back */
};

/**
 * struct wire - a socket for the packets of all interfaces
 * @fd: the socket
 * @silent: the one that keeps @port silent
 * @port: the source port of TCP segments, one of the tags
 * @base: the port or identifier of the first tag
 * @seq: the sequence number of the first tag, which nobody can guess
 */
struct wire {
	int fd;
	int silent;
	uint16_t port;
	uint16_t base;
	uint32_t seq;
};

/**
 * struct sent - a packet
 * @ifindex: the interface that it leaves by
 * @mac: where the frame goes
 * @from: its source
 * @to: its destination
 * @ttl: its TTL or hop limit
 * @tag: 0 to WIRE_TAGS - 1
 * @port: its destination port
 * @seq: the sequence number of a TCP segment; of a SYN, its tag is counted in
 */
struct sent {
	int ifindex;
	uint8_t mac[MAC_LEN];
	struct address from;
	struct address to;
	uint8_t ttl;
	uint16_t tag;
	uint16_t port;
	uint32_t seq;
};

/**
 * struct heard - what came in
 * @kind: what it is
 * @ifindex: where it came in
 * @mac: of a neighbour: its MAC
 * @own: whom it is for; of what came back and of errors: who sent that
 * @peer: who sent it; of a neighbour: the address that @mac is for; of what
 *	  came back and of errors: whom that was for
 * @tag: of what was sent
 * @tcp: it is about a TCP segment
 * @seq: of what was sent, if @tcp
 */
struct heard {
	enum heard_kind kind;
	int ifindex;
	uint8_t mac[MAC_LEN];
	struct address own;
	struct address peer;
	uint16_t tag;
	bool tcp;
	uint32_t seq;
};

int wire_open(struct wire *wire);
void wire_close(struct wire *wire);
bool wire_hear(struct wire *wire, struct heard *heard, int ms);

void wire_ask(struct wire *wire, int ifindex, const uint8_t mac[MAC_LEN],
	      const struct address *from, const struct address *addr);
void wire_syn(struct wire *wire, const struct sent *sent);
void wire_rst(struct wire *wire, const struct sent *sent);
void wire_datagram(struct wire *wire, const struct sent *sent);
void wire_echo(struct wire *wire, const struct sent *sent);

/* wire_read.c */
bool wire_read(const struct wire *wire, uint16_t protocol,
	       const uint8_t *data, size_t len, struct heard *heard);

#endif /* DSRCTL_WIRE_H */
