/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Questions to the wire, many at a time: who has this address, and does this
 * VIP exist behind that MAC? Each is asked up to three times. What they send is
 * limited to some thousand frames a second.
 */
#ifndef DSRCTL_PROBE_H
#define DSRCTL_PROBE_H

#include <stddef.h>

#include "wire.h"

/* As many answers to one question are remembered */
#define ASK_MACS	4

#define HAS_HEARD(kind)	(1U << (kind))

/**
 * struct ask - who has an address, in a segment?
 * @addr: the address
 * @ifindex: the interface to the segment
 * @mac: of that interface
 * @from: the address that asks, not a VIP; all zero if there is none
 * @must: there should be an answer: ask again until it comes
 * @macs: who answered
 * @n_macs: their number
 */
struct ask {
	struct address addr;
	int ifindex;
	uint8_t mac[MAC_LEN];
	struct address from;
	bool must;
	uint8_t macs[ASK_MACS][MAC_LEN];
	unsigned int n_macs;
};

/**
 * struct asks - many of them
 * @items: they; in an order of their own once they were asked
 * @count: their number
 * @room: what @items has room for
 */
struct asks {
	struct ask *items;
	size_t count;
	size_t room;
};

enum probe_kind {
	PROBE_TCP,		/* a SYN to the port, and an echo request */
	PROBE_UDP,		/* a datagram to the port, and that */
	PROBE_ECHO,		/* an echo request only */
	PROBE_RETURN,		/* the same, and it should come back to us */
};

/**
 * struct probe - what becomes of packets to an address behind a MAC?
 * @kind: what is sent
 * @sent: to whom
 * @control: another address behind that MAC, which is asked for an echo when
 *	     there is no answer; AF_UNSPEC: none
 * @heard: HAS_HEARD() of each kind of answer
 * @control_heard: @control has answered
 * @strayed: what was to come from the address came from @control
 */
struct probe {
	enum probe_kind kind;
	struct sent sent;
	struct address control;
	unsigned int heard;
	bool control_heard;
	bool strayed;
};

bool asks_add(struct asks *asks, const struct ask *ask);
void asks_go(struct asks *asks, struct wire *wire);
const struct ask *asks_find(const struct asks *asks, int ifindex,
			    const struct address *addr);
void asks_free(struct asks *asks);

void probes_go(struct probe *probes, size_t count, struct wire *wire);

#endif /* DSRCTL_PROBE_H */
