// SPDX-License-Identifier: GPL-2.0-only
/* The verdict for a server of a VIP */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "describe.h"
#include "doctor.h"

#define TEXT_STRLEN	256

/* All that says that the address is there */
#define PRESENT		(HAS_HEARD(HEARD_SYN_ACK) | HAS_HEARD(HEARD_RST) | \
			 HAS_HEARD(HEARD_DATAGRAM) | HAS_HEARD(HEARD_ECHO) | \
			 HAS_HEARD(HEARD_NO_PORT) |			   \
			 HAS_HEARD(HEARD_PROHIBITED))

/* So many SYNs are repeated, and one for so many flows, that it is no chance */
#define MANY_RETRIES	3
#define RETRIES_SHARE	10

/**
 * struct verdict - one that is being found
 * @doctor: all that is known
 * @patient: the server
 * @vip: its VIP in words
 * @server: its address in words
 * @heard: what its probe heard
 */
struct verdict {
	struct doctor *doctor;
	const struct patient *patient;
	char vip[VIP_STRLEN];
	char server[ADDRESS_STRLEN];
	unsigned int heard;
};

static void __attribute__((format(printf, 5, 6)))
found(struct verdict *v, const char *code, const char *why, const char *mend,
      const char *fmt, ...)
{
	struct finding finding = {
		.code = code,
		.about = { .vip = v->vip, .server = v->server },
		.why = why,
		.mend = mend,
	};
	char what[TEXT_STRLEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	finding.what = what;
	findings_add(&v->doctor->findings, &finding);
}

static const char *ask_name(const struct verdict *v)
{
	return v->patient->vip->vip.addr.family == AF_INET ?
	       "ARP" : "neighbour solicitation";
}

/* --- layer 2 --------------------------------------------------------------- */

static void judge_down(struct verdict *v)
{
	const struct patient *p = v->patient;
	char mend[TEXT_STRLEN] = "";
	const char *why;

	switch (p->after->why) {
	case DSR_WHY_NO_ROUTE:
		why = "nothing can be sent to it without a route to its segment";
		break;
	case DSR_WHY_OFF_LINK:
		why = "only the MAC of a request changes, so director and server need a segment in common";
		break;
	case DSR_WHY_LOCAL:
		why = "a director does not send to itself";
		snprintf(mend, sizeof(mend), "dsrctl server del %s %s", v->vip,
			 v->server);
		break;
	case DSR_WHY_DEVICE_DOWN:
		why = "nothing can be sent by the interface to it";
		if (p->link)
			snprintf(mend, sizeof(mend), "ip link set dev %s up",
				 p->link->name);
		break;
	case DSR_WHY_NO_DEVICE:
	case DSR_WHY_NO_ETHERNET:
		why = "requests need an Ethernet interface to leave by";
		if (message_has(p->server, FIELD_SERVER_IFNAME))
			snprintf(mend, sizeof(mend),
				 "dsrctl server set %s %s dev auto", v->vip,
				 v->server);
		break;
	default:
		why = "it takes no flows";
		break;
	}
	found(v, "server-down", why, *mend ? mend : NULL, "it is down: %s",
	      describe_why(p->after->why));
}

static void judge_duplicate(struct verdict *v)
{
	char first[MAC_STRLEN], second[MAC_STRLEN];
	const struct ask *ask = v->patient->ask;

	found(v, "duplicate-address",
	      "requests go to whichever answered last", NULL,
	      "%s and %s both answer %s for it on %s",
	      format_mac(first, ask->macs[0]),
	      format_mac(second, ask->macs[1]), ask_name(v),
	      v->patient->link->name);
}

static void judge_wrong_mac(struct verdict *v)
{
	const struct message *server = v->patient->server;
	bool pinned = message_has(server, FIELD_SERVER_MAC);
	char used[MAC_STRLEN], right[MAC_STRLEN];
	char mend[TEXT_STRLEN];

	if (pinned)
		snprintf(mend, sizeof(mend), "dsrctl server set %s %s mac auto",
			 v->vip, v->server);
	else
		snprintf(mend, sizeof(mend), "ip neighbour del %s dev %s",
			 v->server, v->patient->link->name);
	found(v, "wrong-mac", "requests for it go astray", mend,
	      "frames for it go to %s, which %s, but %s is what it answers %s with",
	      format_mac(used, server->path_mac),
	      pinned ? "is pinned" : "the kernel believes",
	      format_mac(right, v->patient->mac), ask_name(v));
}

/* Layer 2: whether it makes sense to say what is above it */
static bool judge_link(struct verdict *v)
{
	const struct patient *p = v->patient;
	bool down = p->after->state == DSR_SERVER_DOWN;
	bool silent = p->ask && !p->ask->n_macs;
	char address[ADDRESS_STRLEN];
	char mac[MAC_STRLEN];

	if (down && !(silent && p->after->why == DSR_WHY_NO_NEIGHBOUR)) {
		judge_down(v);
		return false;
	}
	/* who has its MAC pinned may do without ARP, if it is there */
	if (silent && !(message_has(p->server, FIELD_SERVER_MAC) && v->heard)) {
		found(v, "server-silent",
		      "it is off, or cut off, or has another address", NULL,
		      "it does not answer %s on %s", ask_name(v),
		      p->link->name);
		return false;
	}
	if (p->ask && p->ask->n_macs > 1)
		judge_duplicate(v);
	if (p->has_mac && message_has(p->server, FIELD_SERVER_PATH_MAC) &&
	    memcmp(p->mac, p->server->path_mac, MAC_LEN))
		judge_wrong_mac(v);
	if (p->twin)
		found(v, "shared-mac",
		      "they are one machine, or a router answers for both, by which DSR can't work",
		      NULL, "it has the same MAC as %s, %s",
		      format_address(address, &p->twin->server->server),
		      format_mac(mac, p->mac));
	return true;
}

/* --- the VIP ---------------------------------------------------------------- */

static void judge_missing(struct verdict *v)
{
	char mend[TEXT_STRLEN], address[ADDRESS_STRLEN];
	const struct patient *p = v->patient;

	snprintf(mend, sizeof(mend), "on %s: dsrctl realserver setup %s",
		 v->server, format_address(address, &p->vip->vip.addr));
	if (v->heard & HAS_HEARD(HEARD_BOUNCE))
		found(v, "vip-missing",
		      "the VIP is not on its loopback, so it forwards requests instead of taking them",
		      mend, "what it gets for the VIP comes back");
	else if (v->heard & HAS_HEARD(HEARD_UNREACHABLE))
		found(v, "vip-missing",
		      "the VIP is not on its loopback, so it forwards requests instead of taking them",
		      mend, "what it gets for the VIP ends in an ICMP error");
	else if (v->doctor->probes[p->probe].control_heard)
		found(v, "vip-missing",
		      "without the VIP on its loopback it drops requests",
		      mend, "it answers for its own address, but not for the VIP");
	else
		found(v, "vip-silent",
		      "the VIP is missing, or a firewall hides that and the service",
		      mend, "it answers neither for the VIP nor for its own address");
}

static void judge_service(struct verdict *v)
{
	const struct vip *vip = &v->patient->vip->vip;

	if (v->patient->probe == NO_PROBE ||
	    v->heard & (HAS_HEARD(HEARD_SYN_ACK) | HAS_HEARD(HEARD_DATAGRAM)))
		return;
	if (v->doctor->probes[v->patient->probe].strayed)
		found(v, "service-source",
		      "clients drop answers that come from an address they did not ask",
		      NULL,
		      "its answer from port %u comes from %s instead of the VIP: it has to be bound to the VIP",
		      vip->port, v->server);
	/* of a range, the first port need not be in use */
	if (vip->port != vip->port_last)
		return;
	if (v->heard & HAS_HEARD(HEARD_PROHIBITED))
		found(v, "service-rejected", "clients are turned away", NULL,
		      "a firewall rejects what comes for port %u", vip->port);
	else if (v->heard & (HAS_HEARD(HEARD_RST) | HAS_HEARD(HEARD_NO_PORT)))
		found(v, "service-closed", "clients are refused", NULL,
		      "it has the VIP, but nothing listens at port %u",
		      vip->port);
	else if (vip->port && vip->proto == IPPROTO_TCP)
		found(v, "service-silent",
		      "a firewall drops it, or the service is overrun", NULL,
		      "it has the VIP, but a SYN for port %u gets no answer",
		      vip->port);
}

/* The probe says what is true for us; the counters say what is for clients */
static void judge_counters(struct verdict *v)
{
	const struct patient *p = v->patient;
	uint64_t bounced = p->after->bounced - p->server->bounced;
	uint64_t retries = p->after->retries - p->server->retries;
	uint64_t flows = p->after->server_flows_total -
			 p->server->server_flows_total;

	if (bounced)
		found(v, "bounced",
		      "it does not take all that is for the VIP, or two directors point at each other",
		      NULL, "it sent back %llu frames while we looked",
		      (unsigned long long)bounced);
	/* not all that ever were: what was mended since would be told for ever */
	if (retries >= MANY_RETRIES && retries * RETRIES_SHARE >= flows)
		found(v, "retries",
		      "it answers us but not them: its way back to them is broken, or it is overrun",
		      NULL,
		      "clients repeated %llu SYNs while we looked, and made %llu new flows",
		      (unsigned long long)retries, (unsigned long long)flows);
}

static const char *service_text(const struct verdict *v)
{
	const struct vip *vip = &v->patient->vip->vip;

	if (v->patient->probe == NO_PROBE)
		return "not probed: this host has no address of its own to ask with";
	if (!v->heard)
		return "whether it has the VIP can't be told: it answers no echo";
	if (v->heard & (HAS_HEARD(HEARD_SYN_ACK) | HAS_HEARD(HEARD_DATAGRAM)))
		return "has the VIP, and the service answers";
	if (vip->port && vip->port == vip->port_last)
		return "has the VIP; the service says nothing, as it may";
	return "has the VIP";
}

static void tell_fine(struct verdict *v)
{
	const struct subject about = { .vip = v->vip, .server = v->server };
	const struct patient *p = v->patient;
	char text[TEXT_STRLEN];
	char mac[MAC_STRLEN];

	if (p->has_mac)
		snprintf(text, sizeof(text), "%s on %s %s",
			 format_mac(mac, p->mac), p->link->name,
			 service_text(v));
	else
		snprintf(text, sizeof(text), "its MAC is being asked for");
	findings_fine(&v->doctor->findings, &about, text);
}

/**
 * doctor_judge_server() - print what is to be said of a server of a VIP
 * @doctor: all that is known
 * @patient: the server
 */
void doctor_judge_server(struct doctor *doctor, const struct patient *patient)
{
	struct verdict v = { .doctor = doctor, .patient = patient };
	size_t before = doctor->findings.count;
	const struct vip *vip = &patient->vip->vip;
	unsigned int wrong = HAS_HEARD(HEARD_BOUNCE) |
			     HAS_HEARD(HEARD_UNREACHABLE);
	bool probed = patient->probe != NO_PROBE;
	bool certain;

	format_vip(v.vip, vip);
	format_address(v.server, &patient->server->server);
	if (probed)
		v.heard = doctor->probes[patient->probe].heard;
	/* that nothing is said is a bad sign where something has to be */
	certain = probed && (doctor->probes[patient->probe].control_heard ||
			     (vip->port && vip->proto == IPPROTO_TCP));

	if (judge_link(&v)) {
		if (v.heard & wrong || (certain && !(v.heard & PRESENT))) {
			judge_missing(&v);
		} else {
			judge_service(&v);
			judge_counters(&v);
		}
	}
	if (doctor->findings.count == before)
		tell_fine(&v);
}
