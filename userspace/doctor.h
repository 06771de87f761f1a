/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "dsrctl doctor": what is known of VIPs, servers and this host, by the kernel
 * and by the wire, and what is to be said of it.
 */
#ifndef DSRCTL_DOCTOR_H
#define DSRCTL_DOCTOR_H

#include "finding.h"
#include "director.h"
#include "netlink.h"
#include "message.h"
#include "probe.h"

struct request;

#define NO_PROBE	SIZE_MAX

/**
 * struct place - the address of one or more VIPs
 * @addr: the address
 * @wanted: one of them is to be looked at
 * @told: the verdict was printed
 * @arp_off: the module does not speak for it
 * @route: where a packet of this host's for it would go
 * @packets: of all of them, forwarded while we looked
 * @probe: of the doctor's probes, the one that should come back, or NO_PROBE
 */
struct place {
	struct address addr;
	bool wanted;
	bool told;
	bool arp_off;
	struct route route;
	uint64_t packets;
	size_t probe;
};

/**
 * struct patient - a server of a VIP
 * @vip: the VIP
 * @server: the server
 * @after: the server when all was done; the same as @server if it is gone
 * @link: the interface to it, NULL if there is none
 * @ask: the question for its MAC, NULL if that could not be asked
 * @mac: where frames for it go or should go
 * @has_mac: @mac is known
 * @twin: a server of the VIP that has the same MAC and comes before, or NULL
 * @probe: of the doctor's probes, or NO_PROBE
 */
struct patient {
	const struct message *vip;
	const struct message *server;
	const struct message *after;
	const struct link *link;
	const struct ask *ask;
	uint8_t mac[MAC_LEN];
	bool has_mac;
	const struct patient *twin;
	size_t probe;
};

/**
 * struct doctor - all that is known
 * @host: this host; its addresses without those that are VIPs
 * @before: VIPs with their servers at first
 * @after: the same when all was done
 * @devs: the dev interfaces
 * @places: the addresses of VIPs, in order
 * @n_places: their number
 * @patients: the servers of all VIPs, in the order of @before
 * @n_patients: their number
 * @ways: the interfaces that clients come in by
 * @n_ways: their number
 * @segments: these and those to servers, if they have ARP
 * @n_segments: their number
 * @asks: who has which address
 * @probes: what is behind the MACs
 * @n_probes: their number
 * @answered: somebody else answered for a VIP, and that was told
 * @claims: how often another host claimed a VIP while we looked
 * @findings: what is printed
 */
struct doctor {
	struct director host;
	struct message_list before;
	struct message_list after;
	struct message_list devs;
	struct place *places;
	size_t n_places;
	struct patient *patients;
	size_t n_patients;
	const struct link **ways;
	size_t n_ways;
	const struct link **segments;
	size_t n_segments;
	struct asks asks;
	struct probe *probes;
	size_t n_probes;
	bool answered;
	uint64_t claims;
	struct findings findings;
};

/* doctor_kernel.c: what the kernel knows */
bool doctor_read_kernel(struct doctor *doctor, const struct request *req);
void doctor_read_again(struct doctor *doctor);
bool doctor_is_wanted(const struct request *req, const struct message *vip);
struct place *doctor_place(const struct doctor *doctor,
			   const struct address *addr);

/* doctor_wire.c: what the wire says */
bool doctor_ask_wire(struct doctor *doctor, struct wire *wire);

/* doctor_host.c, doctor_vip.c, doctor_server.c, doctor_filter.c: verdicts */
void doctor_judge_host(struct doctor *doctor);
void doctor_judge_place(struct doctor *doctor, const struct place *place);
void doctor_judge_claims(struct doctor *doctor);
void doctor_judge_vip(struct doctor *doctor, const struct message *vip,
		      const struct patient *patients, size_t count);
void doctor_judge_server(struct doctor *doctor, const struct patient *patient);
void doctor_judge_filters(struct doctor *doctor, const struct request *req);

#endif /* DSRCTL_DOCTOR_H */
