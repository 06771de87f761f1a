// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "probe.h"

/* A pause after so many frames, so that neither side's queue overflows */
#define BURST		32
#define PAUSE_MS	5
/* The probes that wait for an answer at a time */
#define BATCH		1024

#define ROUNDS		3

static const int round_ms[ROUNDS] = { 500, 500, 1000 };

/**
 * struct talk - one exchange with the wire
 * @wire: the wire
 * @asks: the questions of this talk
 * @probes: or else its probes
 * @first: the first of @probes that is asked
 * @count: how many are
 * @round: how often they were asked before
 * @pending: how many still wait for an answer
 * @frames: what was sent since the last pause
 */
struct talk {
	struct wire *wire;
	struct asks *asks;
	struct probe *probes;
	size_t first;
	size_t count;
	int round;
	size_t pending;
	unsigned int frames;
};

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- who has an address? -------------------------------------------------- */

bool asks_add(struct asks *asks, const struct ask *ask)
{
	size_t room = asks->room * 2 + 64;
	struct ask *items;

	if (asks->count == asks->room) {
		items = reallocarray(asks->items, room, sizeof(*items));
		if (!items)
			return false;
		asks->items = items;
		asks->room = room;
	}
	asks->items[asks->count++] = *ask;
	return true;
}

void asks_free(struct asks *asks)
{
	free(asks->items);
	memset(asks, 0, sizeof(*asks));
}

static int compare_asks(const void *va, const void *vb)
{
	const struct ask *a = va, *b = vb;
	size_t size = a->addr.family == AF_INET ? sizeof(a->addr.v4) :
						  sizeof(a->addr.v6);

	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	if (a->addr.family != b->addr.family)
		return a->addr.family < b->addr.family ? -1 : 1;
	return memcmp(&a->addr.v4, &b->addr.v4, size);
}

/* Many VIPs have the same servers: each is asked for once */
static void sort_asks(struct asks *asks)
{
	size_t i, n = 0;

	if (!asks->count)
		return;
	qsort(asks->items, asks->count, sizeof(*asks->items), compare_asks);
	for (i = 1; i < asks->count; i++) {
		if (compare_asks(&asks->items[n], &asks->items[i]))
			asks->items[++n] = asks->items[i];
		else
			asks->items[n].must |= asks->items[i].must;
	}
	asks->count = n + 1;
}

static struct ask *find_ask(const struct asks *asks, int ifindex,
			    const struct address *addr)
{
	const struct ask key = { .addr = *addr, .ifindex = ifindex };

	return asks->count ? bsearch(&key, asks->items, asks->count,
				     sizeof(key), compare_asks) : NULL;
}

/**
 * asks_find() - one of the questions that were asked
 * @asks: all of them
 * @ifindex: the interface to the segment
 * @addr: the address
 */
const struct ask *asks_find(const struct asks *asks, int ifindex,
			    const struct address *addr)
{
	return find_ask(asks, ifindex, addr);
}

static void hear_neighbour(const struct talk *talk, const struct heard *heard)
{
	struct ask *ask = find_ask(talk->asks, heard->ifindex, &heard->peer);
	unsigned int i;

	if (!ask)
		return;
	for (i = 0; i < ask->n_macs; i++)
		if (!memcmp(ask->macs[i], heard->mac, MAC_LEN))
			return;
	if (ask->n_macs < ASK_MACS)
		memcpy(ask->macs[ask->n_macs++], heard->mac, MAC_LEN);
}

/* --- what is behind a MAC? ------------------------------------------------ */

/* Whether a probe needs no more answers, in this round of asking */
static bool is_answered(const struct probe *probe, int round)
{
	unsigned int final = HAS_HEARD(HEARD_UNREACHABLE) |
			     HAS_HEARD(HEARD_BOUNCE);

	switch (probe->kind) {
	case PROBE_TCP:
		final |= HAS_HEARD(HEARD_SYN_ACK) | HAS_HEARD(HEARD_RST) |
			 HAS_HEARD(HEARD_NO_PORT) |
			 HAS_HEARD(HEARD_PROHIBITED);
		break;
	case PROBE_UDP:
		final |= HAS_HEARD(HEARD_DATAGRAM) | HAS_HEARD(HEARD_NO_PORT) |
			 HAS_HEARD(HEARD_PROHIBITED);
		/* a service may be silent; a closed port is not */
		if (round > 1)
			final |= HAS_HEARD(HEARD_ECHO);
		break;
	case PROBE_ECHO:
	case PROBE_RETURN:
		final |= HAS_HEARD(HEARD_ECHO);
		break;
	}
	return probe->heard & final;
}

/* The probe that something was said to, NULL if it was not to one of ours */
static struct probe *find_probe(const struct talk *talk,
				const struct heard *heard)
{
	size_t i = (heard->tag - talk->first) % WIRE_TAGS;
	struct probe *probe;

	if (i >= talk->count)
		return NULL;
	probe = &talk->probes[talk->first + i];
	if (!address_same(&heard->own, &probe->sent.from))
		return NULL;
	if (heard->tcp && heard->seq != probe->sent.seq)
		return NULL;
	return probe;
}

static void hear_answer(struct talk *talk, const struct heard *heard)
{
	struct probe *probe = find_probe(talk, heard);
	struct sent rst;
	bool before;

	if (!probe)
		return;
	if (address_same(&heard->peer, &probe->control)) {
		probe->control_heard |= heard->kind == HEARD_ECHO;
		probe->strayed |= heard->kind == HEARD_DATAGRAM;
		return;
	}
	if (!address_same(&heard->peer, &probe->sent.to))
		return;

	before = is_answered(probe, talk->round);
	probe->heard |= HAS_HEARD(heard->kind);
	talk->pending -= !before && is_answered(probe, talk->round);

	/* the server need not keep a connection that nobody will use */
	if (heard->kind == HEARD_SYN_ACK) {
		rst = probe->sent;
		rst.seq = heard->seq + 1;
		wire_rst(talk->wire, &rst);
	}
}

/* --- rounds --------------------------------------------------------------- */

/* Listens for a time, or until nothing is pending */
static void listen_for(struct talk *talk, int ms)
{
	int64_t now = clock_ms();
	int64_t end = now + ms;
	struct heard heard;

	for (; now < end && talk->pending; now = clock_ms()) {
		if (!wire_hear(talk->wire, &heard, end - now))
			continue;
		if (heard.kind != HEARD_NEIGHBOUR && talk->probes)
			hear_answer(talk, &heard);
		else if (heard.kind == HEARD_NEIGHBOUR && talk->asks)
			hear_neighbour(talk, &heard);
	}
}

static void pace(struct talk *talk, unsigned int frames)
{
	talk->frames += frames;
	if (talk->frames < BURST)
		return;
	talk->frames = 0;
	listen_for(talk, PAUSE_MS);
}

/**
 * asks_go() - ask and listen
 * @asks: the questions; those that are the same are made one
 * @wire: where
 *
 * Takes a second at least: nobody knows who else would answer.
 */
void asks_go(struct asks *asks, struct wire *wire)
{
	struct talk talk = {
		.wire = wire,
		.asks = asks,
		/* there is always one more who could answer */
		.pending = 1,
	};
	size_t i, asked;

	sort_asks(asks);
	for (; talk.round < ROUNDS; talk.round++) {
		asked = 0;
		for (i = 0; i < asks->count; i++) {
			const struct ask *ask = &asks->items[i];

			if (talk.round == ROUNDS - 1 &&
			    (!ask->must || ask->n_macs))
				continue;
			wire_ask(wire, ask->ifindex, ask->mac, &ask->from,
				 &ask->addr);
			asked++;
			pace(&talk, 1);
		}
		if (asked)
			listen_for(&talk, round_ms[talk.round]);
	}
}

static void send_probe(struct talk *talk, const struct probe *probe)
{
	struct sent control = probe->sent;

	if (probe->kind == PROBE_TCP)
		wire_syn(talk->wire, &probe->sent);
	else if (probe->kind == PROBE_UDP)
		wire_datagram(talk->wire, &probe->sent);
	wire_echo(talk->wire, &probe->sent);

	if (talk->round && probe->control.family) {
		control.to = probe->control;
		wire_echo(talk->wire, &control);
	}
	pace(talk, 3);
}

static void send_round(struct talk *talk)
{
	size_t end = talk->first + talk->count;
	size_t i;

	talk->pending = 0;
	for (i = talk->first; i < end; i++)
		talk->pending += !is_answered(&talk->probes[i], talk->round);
	for (i = talk->first; i < end; i++)
		if (!is_answered(&talk->probes[i], talk->round))
			send_probe(talk, &talk->probes[i]);
	listen_for(talk, round_ms[talk->round]);
}

/**
 * probes_go() - probe and listen
 * @probes: the probes; their tags are set here
 * @count: their number
 * @wire: where
 */
void probes_go(struct probe *probes, size_t count, struct wire *wire)
{
	struct talk talk = { .wire = wire, .probes = probes };
	size_t i;

	for (i = 0; i < count; i++) {
		probes[i].sent.tag = i % WIRE_TAGS;
		probes[i].sent.seq = wire->seq + i;
	}
	for (; talk.first < count; talk.first += talk.count) {
		talk.count = count - talk.first < BATCH ? count - talk.first :
							  BATCH;
		for (talk.round = 0; talk.round < ROUNDS; talk.round++)
			send_round(&talk);
	}
}
