// SPDX-License-Identifier: GPL-2.0-only
/* The verdict for the address of a VIP: whose it is, and who else says so */
#include <stdio.h>
#include <string.h>

#include "doctor.h"

#define TEXT_STRLEN	256

/* The server with a MAC: one that was looked at, or else any */
static const struct message *find_owner(const struct doctor *doctor,
					const struct place *place,
					const uint8_t mac[MAC_LEN])
{
	const struct message *any = NULL;
	size_t i;

	for (i = 0; i < doctor->before.count; i++) {
		const struct message *msg = &doctor->before.items[i];

		if (message_has(msg, FIELD_SERVER_PATH_MAC) &&
		    !memcmp(msg->path_mac, mac, MAC_LEN))
			any = msg;
	}

	for (i = 0; i < doctor->n_patients; i++) {
		const struct patient *p = &doctor->patients[i];

		if (!p->has_mac || memcmp(p->mac, mac, MAC_LEN))
			continue;
		if (address_same(&p->vip->vip.addr, &place->addr))
			return p->server;
		any = p->server;
	}
	return any;
}

static void tell_leak(struct doctor *doctor, const char *vip,
		      const struct message *owner, const struct link *link,
		      const uint8_t mac[MAC_LEN])
{
	struct finding finding = {
		.code = "arp-leak",
		.about = { .vip = vip, .dev = link->name },
		.why = "clients' packets go straight to it, and not to the director",
	};
	char server[ADDRESS_STRLEN], text[MAC_STRLEN];
	char what[TEXT_STRLEN], mend[TEXT_STRLEN];

	format_address(server, &owner->server);
	snprintf(what, sizeof(what), "the server answers %s for the VIP, with %s",
		 owner->server.family == AF_INET ?
		 "ARP" : "neighbour solicitation", format_mac(text, mac));
	snprintf(mend, sizeof(mend), "on %s: dsrctl realserver setup %s",
		 server, vip);
	finding.about.server = server;
	finding.what = what;
	finding.mend = mend;
	findings_add(&doctor->findings, &finding);
	doctor->answered = true;
}

static void tell_stranger(struct doctor *doctor, const char *vip,
			  const struct link *link, const uint8_t mac[MAC_LEN])
{
	struct finding finding = {
		.code = "arp-stranger",
		.about = { .vip = vip, .dev = link->name },
		.why = "two hosts have the address, and clients find the one or the other",
	};
	char what[TEXT_STRLEN], text[MAC_STRLEN];

	snprintf(what, sizeof(what),
		 "a stranger answers for the VIP, %s: neither this host nor a server",
		 format_mac(text, mac));
	finding.what = what;
	findings_add(&doctor->findings, &finding);
	doctor->answered = true;
}

/*
 * All who answer for the address but us. A director that was told to leave it
 * to others, and does not have it, expects to hear one: his MAC is returned.
 */
static const uint8_t *judge_answers(struct doctor *doctor,
				    const struct place *place, const char *vip)
{
	bool left = place->arp_off && !place->route.local;
	const uint8_t *other = NULL;
	const struct message *owner;
	const struct ask *ask;
	unsigned int i;
	size_t k;

	for (k = 0; k < doctor->n_segments; k++) {
		const struct link *link = doctor->segments[k];

		ask = asks_find(&doctor->asks, link->index, &place->addr);
		for (i = 0; ask && i < ask->n_macs; i++) {
			const uint8_t *mac = ask->macs[i];

			if (director_has_mac(&doctor->host, mac))
				continue;
			owner = find_owner(doctor, place, mac);
			if (owner)
				tell_leak(doctor, vip, owner, link, mac);
			else if (!left || (other && memcmp(other, mac, MAC_LEN)))
				tell_stranger(doctor, vip, link, mac);
			else
				other = mac;
		}
	}
	return other;
}

/* The dev interface on which the module answers for it */
static const struct link *find_dev(const struct doctor *doctor,
				   const struct place *place)
{
	const struct link *link;
	size_t i;

	for (i = 0; !place->arp_off && i < doctor->devs.count; i++) {
		link = director_link(&doctor->host, doctor->devs.items[i].ifindex);
		if (link_can_ask(link) &&
		    director_is_near(&doctor->host, link->index, &place->addr))
			return link;
	}
	return NULL;
}

static void tell_unowned(struct doctor *doctor, const struct place *place,
			 const char *vip)
{
	struct finding finding = {
		.code = "vip-unowned",
		.about.vip = vip,
		.what = "nothing leads its packets here: it is not this host's address, and no packet came while we looked",
		.why = "clients get no answer",
	};
	const struct link *link;
	char mend[TEXT_STRLEN];

	link = director_segment(&doctor->host, &place->addr);
	if (link && !place->arp_off) {
		snprintf(mend, sizeof(mend), "dsrctl dev add %s", link->name);
		finding.mend = mend;
	} else if (link) {
		snprintf(mend, sizeof(mend), "ip address add %s/%d dev %s", vip,
			 place->addr.family == AF_INET ? 32 : 128, link->name);
		finding.mend = mend;
	}
	findings_add(&doctor->findings, &finding);
}

/* Whose it is, in words; NULL if that is nobody's */
static const char *find_way(const struct doctor *doctor,
			    const struct place *place, const uint8_t *other,
			    char text[TEXT_STRLEN])
{
	const struct link *dev = find_dev(doctor, place);
	char buf[ADDRESS_STRLEN];

	if (place->route.local)
		return "an address of this host";
	if (dev) {
		snprintf(text, TEXT_STRLEN, "the module answers for it on %s",
			 dev->name);
		return text;
	}
	if (place->probe != NO_PROBE &&
	    doctor->probes[place->probe].heard & HAS_HEARD(HEARD_BOUNCE)) {
		snprintf(text, TEXT_STRLEN, "routed here by %s",
			 format_address(buf, &place->route.gateway));
		return text;
	}
	if (other) {
		snprintf(text, TEXT_STRLEN, "left to another director, %s",
			 format_mac(buf, other));
		return text;
	}
	return place->packets ? "its packets come in" : NULL;
}

/**
 * doctor_judge_place() - print what is to be said of a VIP's address
 * @doctor: all that is known
 * @place: the address
 */
void doctor_judge_place(struct doctor *doctor, const struct place *place)
{
	size_t before = doctor->findings.count;
	char vip[ADDRESS_STRLEN];
	const struct subject about = { .vip = vip };
	char text[TEXT_STRLEN];
	const uint8_t *other;
	const char *way;

	format_address(vip, &place->addr);
	other = judge_answers(doctor, place, vip);
	way = find_way(doctor, place, other, text);
	if (!way)
		tell_unowned(doctor, place, vip);
	else if (doctor->findings.count == before)
		findings_fine(&doctor->findings, &about, way);
}

/**
 * doctor_judge_vip() - print what is wrong with a VIP by itself
 * @doctor: all that is known
 * @vip: the VIP
 * @patients: its servers
 * @count: their number
 */
void doctor_judge_vip(struct doctor *doctor, const struct message *vip,
		      const struct patient *patients, size_t count)
{
	char name[VIP_STRLEN];
	const struct finding finding = {
		.code = "no-server",
		.about.vip = format_vip(name, &vip->vip),
		.what = "no server of it is up with a weight",
		.why = "new clients are dropped",
	};
	size_t i;

	for (i = 0; i < count; i++)
		if (patients[i].after->state != DSR_SERVER_DRAIN &&
		    patients[i].after->state != DSR_SERVER_DOWN)
			return;
	findings_add(&doctor->findings, &finding);
}

/**
 * doctor_judge_claims() - print that VIPs were claimed without being asked for
 * @doctor: all that is known
 *
 * Who answers has been named, and was counted by the module because he did.
 */
void doctor_judge_claims(struct doctor *doctor)
{
	char what[TEXT_STRLEN];
	const struct finding finding = {
		.code = "arp-claim",
		.what = what,
		.why = "clients' packets go to it, and not to the director",
	};

	if (!doctor->claims || doctor->answered)
		return;
	snprintf(what, sizeof(what),
		 "another host claimed a VIP %llu times while we looked: \"dsrctl monitor\" names it",
		 (unsigned long long)doctor->claims);
	findings_add(&doctor->findings, &finding);
}
