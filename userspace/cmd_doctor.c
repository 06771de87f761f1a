// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "dsrctl.h"
#include "snapshot.h"

static int fail_errno(const struct request *req, int err)
{
	return dsrctl_fail(req, err == -EPERM ?
			   "not permitted, this needs CAP_NET_RAW (be root)" :
			   strerror(-err));
}

static int collect_devs(struct context *ctx, struct message_list *list)
{
	const struct message msg = { .cmd = DSR_CMD_DEV_GET };

	return netlink_collect(&ctx->nl, &msg, 1, list);
}

static int read_stats(const struct nlmsghdr *nlh, void *data)
{
	return message_get(nlh, data);
}

static int count_claims(struct context *ctx, uint64_t *claims)
{
	const struct message msg = { .cmd = DSR_CMD_STATS_GET };
	struct message stats = { };
	const struct reader reader = { .read = read_stats, .data = &stats };
	int ret;

	ret = netlink_do(&ctx->nl, &msg, &reader);
	*claims = stats.arp_foreign;
	return ret;
}

/* What was asked for by name must be there, or a script would not notice */
static bool is_missing(const struct doctor *doctor, const char *word)
{
	struct vip vip;
	size_t i;

	parse_vip(word, &vip);
	for (i = 0; i < doctor->before.count; i++)
		if (doctor->before.items[i].cmd == DSR_CMD_VIP_GET &&
		    vip_same(&doctor->before.items[i].vip, &vip))
			return false;
	return true;
}

static int find_missing(const struct doctor *doctor, const struct request *req)
{
	char text[FAULT_STRLEN];
	size_t i;

	for (i = 0; i < req->n_rest; i++) {
		if (!is_missing(doctor, req->rest[i]))
			continue;
		snprintf(text, sizeof(text), "%.200s: no such VIP",
			 req->rest[i]);
		return dsrctl_fail(req, text);
	}
	return EXIT_DONE;
}

/* This host, then each VIP with its servers; its address when it comes first */
static int judge(struct doctor *doctor, const struct request *req)
{
	const struct patient *patient = doctor->patients;
	const struct patient *end = patient + doctor->n_patients;
	size_t i;

	doctor_judge_host(doctor);
	doctor_judge_filters(doctor, req);
	for (i = 0; i < doctor->before.count; i++) {
		const struct message *vip = &doctor->before.items[i];
		const struct patient *first = patient;
		struct place *place;

		if (vip->cmd != DSR_CMD_VIP_GET || !doctor_is_wanted(req, vip))
			continue;
		place = doctor_place(doctor, &vip->vip.addr);
		if (!place->told)
			doctor_judge_place(doctor, place);
		place->told = true;
		for (; patient < end && patient->vip == vip; patient++)
			doctor_judge_server(doctor, patient);
		doctor_judge_vip(doctor, vip, first, patient - first);
	}
	doctor_judge_claims(doctor);
	return findings_end(&doctor->findings);
}

static int examine(struct context *ctx, const struct request *req,
		   struct doctor *doctor, struct wire *wire)
{
	uint64_t claims;
	int status, err;

	if (count_claims(ctx, &claims) ||
	    snapshot_read(&ctx->nl, NULL, &doctor->before) ||
	    collect_devs(ctx, &doctor->devs))
		return dsrctl_refused(ctx, req);
	status = find_missing(doctor, req);
	if (status)
		return status;
	err = director_read(&doctor->host);
	if (err)
		return fail_errno(req, err);
	if (!doctor_read_kernel(doctor, req) || !doctor_ask_wire(doctor, wire))
		return fail_errno(req, -ENOMEM);
	if (snapshot_read(&ctx->nl, NULL, &doctor->after) ||
	    count_claims(ctx, &doctor->claims))
		return dsrctl_refused(ctx, req);
	doctor->claims -= claims;
	doctor_read_again(doctor);
	findings_begin(&doctor->findings, ctx);
	return judge(doctor, req);
}

static void discharge(struct doctor *doctor)
{
	director_free(&doctor->host);
	netlink_free_list(&doctor->before);
	netlink_free_list(&doctor->after);
	netlink_free_list(&doctor->devs);
	free(doctor->places);
	free(doctor->patients);
	free(doctor->ways);
	free(doctor->segments);
	asks_free(&doctor->asks);
	free(doctor->probes);
}

static int doctor_run(struct context *ctx, const struct request *req)
{
	struct doctor doctor = { };
	struct wire wire;
	int status, err;

	err = wire_open(&wire);
	if (err)
		return fail_errno(req, err);
	status = examine(ctx, req, &doctor, &wire);
	wire_close(&wire);
	discharge(&doctor);
	return status;
}

static const struct command commands[] = {
	{
		.rest = ARG_VIP,
		.run = doctor_run,
	},
	{ },
};

const struct object object_doctor = {
	.word = "doctor",
	.help =
	"Usage: dsrctl doctor [VIP...]\n"
	"\n"
	"Is DSR really working? Asks the wire, from the director, and touches no server:\n"
	"whether each server is there, has the VIP and its service answers; whether\n"
	"somebody else answers ARP for a VIP; whether requests come in, and can go out.\n"
	"A line for each, with what is wrong, why it hurts and what mends it; the status\n"
	"is 3 when something is. It takes some seconds and needs CAP_NET_RAW.\n",
	.commands = commands,
};
