// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "request.h"

/* Somewhere in the world, in no network of ours */
#define ELSEWHERE4	"192.0.2.1"
#define ELSEWHERE6	"2000::1"

static int compare_places(const void *va, const void *vb)
{
	const struct place *a = va, *b = vb;

	if (a->addr.family != b->addr.family)
		return a->addr.family < b->addr.family ? -1 : 1;
	return memcmp(&a->addr.v6, &b->addr.v6, a->addr.family == AF_INET ?
		      sizeof(a->addr.v4) : sizeof(a->addr.v6));
}

/**
 * doctor_place() - find the address of a VIP
 * @doctor: has all of them
 * @addr: an address
 *
 * Return: NULL if it is no VIP's.
 */
struct place *doctor_place(const struct doctor *doctor,
			   const struct address *addr)
{
	const struct place key = { .addr = *addr };

	return doctor->n_places ? bsearch(&key, doctor->places,
					  doctor->n_places, sizeof(key),
					  compare_places) : NULL;
}

/**
 * doctor_is_wanted() - whether a VIP is to be looked at
 * @req: names those that are, or none for all
 * @vip: the VIP
 */
bool doctor_is_wanted(const struct request *req, const struct message *vip)
{
	struct vip wanted;
	size_t i;

	for (i = 0; i < req->n_rest; i++) {
		parse_vip(req->rest[i], &wanted);
		if (vip_same(&wanted, &vip->vip))
			return true;
	}
	return !req->n_rest;
}

static bool find_places(struct doctor *doctor, const struct request *req)
{
	size_t i, n = 0;

	doctor->places = calloc(doctor->before.count + 1,
				sizeof(*doctor->places));
	if (!doctor->places)
		return false;
	for (i = 0; i < doctor->before.count; i++) {
		const struct message *vip = &doctor->before.items[i];

		if (vip->cmd == DSR_CMD_VIP_GET)
			doctor->places[n++] = (struct place){
				.addr = vip->vip.addr,
				.wanted = doctor_is_wanted(req, vip),
				.arp_off = message_has(vip, FIELD_VIP_ARP) &&
					   vip->arp == DSR_ARP_OFF,
				.probe = NO_PROBE,
			};
	}
	if (!n)
		return true;

	qsort(doctor->places, n, sizeof(*doctor->places), compare_places);
	for (i = 1; i < n; i++) {
		struct place *last = &doctor->places[doctor->n_places];
		const struct place *place = &doctor->places[i];

		if (compare_places(last, place)) {
			doctor->places[++doctor->n_places] = *place;
		} else {
			last->wanted |= place->wanted;
			last->arp_off |= place->arp_off;
		}
	}
	doctor->n_places++;
	return true;
}

/* Nobody is to be asked with the address of a VIP: he would learn it */
static void forget_vips(struct doctor *doctor)
{
	struct director *host = &doctor->host;
	size_t i, n = 0;

	for (i = 0; i < host->owns.count; i++)
		if (!doctor_place(doctor, &host->owns.items[i].addr))
			host->owns.items[n++] = host->owns.items[i];
	host->owns.count = n;
}

static const struct link *find_link(const struct doctor *doctor,
				    const struct message *server)
{
	const struct director *host = &doctor->host;

	if (message_has(server, FIELD_SERVER_PATH_IFNAME))
		return director_link_named(host, server->path_ifname);
	if (message_has(server, FIELD_SERVER_IFNAME))
		return director_link_named(host, server->ifname);
	return director_segment(host, &server->server);
}

static bool find_patients(struct doctor *doctor, const struct request *req)
{
	const struct message *vip = NULL;
	bool wanted = false;
	size_t i;

	doctor->patients = calloc(doctor->before.count + 1,
				  sizeof(*doctor->patients));
	if (!doctor->patients)
		return false;
	for (i = 0; i < doctor->before.count; i++) {
		const struct message *msg = &doctor->before.items[i];

		if (msg->cmd == DSR_CMD_VIP_GET) {
			vip = msg;
			wanted = doctor_is_wanted(req, msg);
		} else if (wanted) {
			doctor->patients[doctor->n_patients++] =
				(struct patient){
				.vip = vip,
				.server = msg,
				.after = msg,
				.link = find_link(doctor, msg),
				.probe = NO_PROBE,
			};
		}
	}
	return true;
}

static void add_link(const struct link **links, size_t *count,
		     const struct link *link)
{
	size_t i;

	for (i = 0; i < *count; i++)
		if (links[i] == link)
			return;
	if (link)
		links[(*count)++] = link;
}

static void add_way_from(struct doctor *doctor, const char *elsewhere)
{
	struct address addr;
	struct route route;

	parse_address(elsewhere, &addr);
	rtnetlink_look_up(&addr, &route);
	add_link(doctor->ways, &doctor->n_ways,
		 director_link(&doctor->host, route.index));
}

static void add_segment(struct doctor *doctor, const struct link *link)
{
	if (link_can_ask(link))
		add_link(doctor->segments, &doctor->n_segments, link);
}

/* Clients come by dev interfaces, and from where the rest of the world is */
static bool find_links(struct doctor *doctor)
{
	const struct director *host = &doctor->host;
	size_t i;

	doctor->ways = calloc(host->links.count + 1, sizeof(*doctor->ways));
	doctor->segments = calloc(host->links.count + 1, sizeof(*doctor->ways));
	if (!doctor->ways || !doctor->segments)
		return false;
	for (i = 0; i < doctor->devs.count; i++)
		add_link(doctor->ways, &doctor->n_ways,
			 director_link(host, doctor->devs.items[i].ifindex));
	/* they are in order: IPv4 comes first */
	if (doctor->n_places && doctor->places[0].addr.family == AF_INET)
		add_way_from(doctor, ELSEWHERE4);
	if (doctor->n_places &&
	    doctor->places[doctor->n_places - 1].addr.family == AF_INET6)
		add_way_from(doctor, ELSEWHERE6);

	for (i = 0; i < doctor->n_ways; i++)
		add_segment(doctor, doctor->ways[i]);
	for (i = 0; i < doctor->n_patients; i++)
		add_segment(doctor, doctor->patients[i].link);
	return true;
}

/**
 * doctor_read_kernel() - make sense of what the kernel has said
 * @doctor: has the host, the VIPs and the dev interfaces
 * @req: names the VIPs to look at
 *
 * Return: false when there is no memory.
 */
bool doctor_read_kernel(struct doctor *doctor, const struct request *req)
{
	size_t i;

	if (!find_places(doctor, req))
		return false;
	for (i = 0; i < doctor->n_places; i++)
		rtnetlink_look_up(&doctor->places[i].addr,
				  &doctor->places[i].route);
	forget_vips(doctor);
	return find_patients(doctor, req) && find_links(doctor);
}

/* What is in both lists is in both in the same order, as a rule */
static const struct message *find_after(const struct message_list *after,
					size_t *cursor,
					const struct message *before)
{
	size_t i, at;

	for (i = 0; i < after->count; i++) {
		at = (*cursor + i) % after->count;
		if (message_same(&after->items[at], before)) {
			*cursor = at + 1;
			return &after->items[at];
		}
	}
	return before;
}

/**
 * doctor_read_again() - compare with what the kernel says in the end
 * @doctor: has it
 */
void doctor_read_again(struct doctor *doctor)
{
	size_t i, cursor = 0;

	for (i = 0; i < doctor->before.count; i++) {
		const struct message *vip = &doctor->before.items[i];
		const struct message *after;

		if (vip->cmd != DSR_CMD_VIP_GET)
			continue;
		after = find_after(&doctor->after, &cursor, vip);
		doctor_place(doctor, &vip->vip.addr)->packets +=
			after->vip_packets - vip->vip_packets;
	}
	cursor = 0;
	for (i = 0; i < doctor->n_patients; i++)
		doctor->patients[i].after =
			find_after(&doctor->after, &cursor,
				   doctor->patients[i].server);
}
