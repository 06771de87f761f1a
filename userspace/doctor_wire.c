// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"

/* A server has the VIP itself, or the one behind it: nothing goes in circles */
#define PROBE_TTL	2
/* The way to the gateway and back may be longer */
#define RETURN_TTL	8

/* How good an address of ours is to talk to another one by an interface */
static int rate(const struct net_address *own, int ifindex, const struct address *to)
{
	bool here = own->index == ifindex;

	if (own->addr.family != to->family)
		return 0;
	if (to->family == AF_INET) {
		if (own->addr.v4.s_addr == htonl(INADDR_LOOPBACK))
			return 0;
	} else if (IN6_IS_ADDR_LOOPBACK(&own->addr.v6)) {
		return 0;
	} else if (IN6_IS_ADDR_LINKLOCAL(&own->addr.v6)) {
		return !here ? 0 : IN6_IS_ADDR_LINKLOCAL(&to->v6) ? 5 : 2;
	}
	return !here ? 1 : net_has(own, to) ? 4 : 3;
}

/* All zero if there is none */
static struct address find_source(const struct doctor *doctor, int ifindex,
				  const struct address *to)
{
	const struct director *host = &doctor->host;
	struct address best = { };
	int rating, highest = 0;
	size_t i;

	for (i = 0; i < host->owns.count; i++) {
		rating = rate(&host->owns.items[i], ifindex, to);
		if (rating > highest) {
			highest = rating;
			best = host->owns.items[i].addr;
		}
	}
	return best;
}

static bool ask_for(struct doctor *doctor, const struct link *link,
		    const struct address *addr, bool must)
{
	struct ask ask = {
		.addr = *addr,
		.ifindex = link->index,
		.from = find_source(doctor, link->index, addr),
		.must = must,
	};

	/* without an address here, nobody asks: the others must not learn one */
	if (!director_has(&doctor->host, link->index, &ask.from))
		memset(&ask.from, 0, sizeof(ask.from));
	memcpy(ask.mac, link->mac, MAC_LEN);
	return asks_add(&doctor->asks, &ask);
}

/* Only what is in a segment of ours can be asked for in it */
static bool ask_for_servers(struct doctor *doctor)
{
	bool good = true;
	size_t i;

	for (i = 0; i < doctor->n_patients; i++) {
		const struct patient *patient = &doctor->patients[i];

		if (link_can_ask(patient->link))
			good &= ask_for(doctor, patient->link,
					&patient->server->server, true);
	}
	return good;
}

static bool ask_for_places(struct doctor *doctor)
{
	bool good = true;
	size_t i, k;

	for (i = 0; i < doctor->n_places; i++) {
		const struct place *place = &doctor->places[i];
		const struct link *link;

		if (!place->wanted)
			continue;
		for (k = 0; k < doctor->n_segments; k++)
			good &= ask_for(doctor, doctor->segments[k],
					&place->addr, false);
		link = director_link(&doctor->host, place->route.index);
		if (link_can_ask(link) && place->route.gateway.family)
			good &= ask_for(doctor, link, &place->route.gateway,
					true);
	}
	return good;
}

static bool has_answer(const struct ask *ask, const uint8_t mac[MAC_LEN])
{
	unsigned int i;

	for (i = 0; i < ask->n_macs; i++)
		if (!memcmp(ask->macs[i], mac, MAC_LEN))
			return true;
	return false;
}

/* Where a probe goes: not by what the kernel believes if the wire differs */
static void choose_mac(struct patient *patient)
{
	const struct message *server = patient->server;
	const struct ask *ask = patient->ask;
	const uint8_t *mac = NULL;

	if (message_has(server, FIELD_SERVER_PATH_MAC))
		mac = server->path_mac;
	if (ask && ask->n_macs && (!mac || !has_answer(ask, mac)))
		mac = ask->macs[0];
	patient->has_mac = mac;
	if (mac)
		memcpy(patient->mac, mac, MAC_LEN);
}

static void add_probe(struct doctor *doctor, size_t *index,
		      const struct probe *probe)
{
	/* without an address of our own, nobody could answer */
	if (!probe->sent.from.family)
		return;
	*index = doctor->n_probes;
	doctor->probes[doctor->n_probes++] = *probe;
}

/* Of two servers of a VIP with the same MAC, the first; else NULL */
static const struct patient *find_twin(const struct doctor *doctor,
				       const struct patient *p)
{
	const struct patient *other = p;

	while (other > doctor->patients && other[-1].vip == p->vip)
		other--;
	for (; other < p; other++)
		if (other->has_mac && other->link == p->link &&
		    !memcmp(other->mac, p->mac, MAC_LEN))
			return other;
	return NULL;
}

static void probe_patient(struct doctor *doctor, struct patient *patient)
{
	const struct vip *vip = &patient->vip->vip;
	struct probe probe = {
		.kind = PROBE_ECHO,
		.sent.to = vip->addr,
		.sent.ttl = PROBE_TTL,
		.sent.port = vip->port,
		.control = patient->server->server,
	};

	if (!patient->link)
		return;
	patient->ask = asks_find(&doctor->asks, patient->link->index,
				 &patient->server->server);
	choose_mac(patient);
	if (!patient->has_mac)
		return;
	/* one machine would take a second SYN for a part of the first */
	patient->twin = find_twin(doctor, patient);
	if (patient->twin) {
		patient->probe = patient->twin->probe;
		return;
	}
	if (vip->port && vip->proto == IPPROTO_TCP)
		probe.kind = PROBE_TCP;
	else if (vip->port && vip->proto == IPPROTO_UDP)
		probe.kind = PROBE_UDP;
	probe.sent.ifindex = patient->link->index;
	probe.sent.from = find_source(doctor, patient->link->index,
				      &patient->server->server);
	memcpy(probe.sent.mac, patient->mac, MAC_LEN);
	add_probe(doctor, &patient->probe, &probe);
}

/* Does the gateway send back what is for the VIP? Then it is led to us. */
static void probe_place(struct doctor *doctor, struct place *place)
{
	const struct route *route = &place->route;
	struct probe probe = {
		.kind = PROBE_RETURN,
		.sent.ifindex = route->index,
		.sent.to = place->addr,
		.sent.ttl = RETURN_TTL,
	};
	const struct ask *ask;

	if (!place->wanted || !route->gateway.family)
		return;
	ask = asks_find(&doctor->asks, route->index, &route->gateway);
	if (!ask || !ask->n_macs)
		return;
	probe.sent.from = find_source(doctor, route->index, &place->addr);
	memcpy(probe.sent.mac, ask->macs[0], MAC_LEN);
	add_probe(doctor, &place->probe, &probe);
}

/**
 * doctor_ask_wire() - ask for all addresses, and probe all servers
 * @doctor: has what the kernel knows
 * @wire: where
 *
 * Return: false when there is no memory.
 */
bool doctor_ask_wire(struct doctor *doctor, struct wire *wire)
{
	size_t i;

	doctor->probes = calloc(doctor->n_patients + doctor->n_places + 1,
				sizeof(*doctor->probes));
	if (!doctor->probes || !ask_for_servers(doctor) ||
	    !ask_for_places(doctor))
		return false;
	asks_go(&doctor->asks, wire);

	for (i = 0; i < doctor->n_patients; i++)
		probe_patient(doctor, &doctor->patients[i]);
	for (i = 0; i < doctor->n_places; i++)
		probe_place(doctor, &doctor->places[i]);
	probes_go(doctor->probes, doctor->n_probes, wire);
	return true;
}
