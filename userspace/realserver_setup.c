// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making a host a real server, and taking that back.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "realserver.h"

/**
 * struct job - a setup or an undo
 * @req: what was asked for
 * @plan: what will be done
 * @host: what is there
 * @record: what setup has done
 * @lasting: it is meant to outlast a boot
 */
struct job {
	const struct request *req;
	struct plan *plan;
	struct host host;
	struct record record;
	bool lasting;
};

/* What setup sees to: ARP says and asks nothing about the VIPs */
static const struct {
	const char *name;
	int value;
} arp_settings[] = {
	{ "arp_ignore", ARP_IGNORE_GOOD },
	{ "arp_announce", ARP_ANNOUNCE_GOOD },
};

#define N_ARP_SETTINGS	(sizeof(arp_settings) / sizeof(arp_settings[0]))

static void note_sysctl(struct job *job, const char *ifname, size_t setting)
{
	const char *name = arp_settings[setting].name;
	struct kept_sysctl *kept;
	char key[SYSCTL_STRLEN];
	int now;

	sysctl_key(key, "ipv4", ifname, name);
	if (!sysctl_read(key, &now))
		return;
	kept = record_sysctl(&job->record, key);
	if (!kept) {
		kept = record_add_sysctl(&job->record, key);
		kept->before = now;
	}
	kept->value = realserver_arp_good(name, now) ?
		      now : arp_settings[setting].value;
	kept->lasting |= job->lasting;
	if (kept->value != now)
		plan_sysctl(job->plan, key, kept->value);
}

static void silence_arp(struct job *job)
{
	const struct host *host = &job->host;
	size_t i, j;

	for (j = 0; j < N_ARP_SETTINGS; j++)
		note_sysctl(job, "all", j);
	for (i = 0; i < host->links.count; i++) {
		const struct link *link = &host->links.items[i];

		if (!host_faces_lan(host, link) || !host_has_ipv4(host, link))
			continue;
		for (j = 0; j < N_ARP_SETTINGS; j++)
			note_sysctl(job, link->name, j);
	}
}

static bool label_taken(const struct job *job, const char *label)
{
	size_t i;

	for (i = 0; i < job->host.addresses.count; i++)
		if (!strcmp(job->host.addresses.items[i].label, label))
			return true;
	for (i = 0; i < job->record.n_vips; i++)
		if (!strcmp(job->record.vips[i].label, label))
			return true;
	return false;
}

static void choose_label(const struct job *job, struct kept_vip *kept)
{
	char label[IFNAMSIZ];
	unsigned int n = 0;

	do {
		snprintf(label, sizeof(label), "lo:%u", n++);
	} while (label_taken(job, label));
	strcpy(kept->label, label);
}

/* What is on lo under the name of a VIP, NULL: nothing */
static const struct net_address *on_lo(const struct job *job,
				       const struct address *addr)
{
	return host_find(&job->host, job->host.loopback, addr);
}

static void add_vip(struct job *job, const struct address *addr)
{
	const struct net_address *there = on_lo(job, addr);
	bool done = there && there->length == address_bits(addr);
	char text[ADDRESS_STRLEN];
	struct net_address own;
	struct kept_vip *kept;

	/* the kernel has an IPv6 address once, whatever its prefix */
	if (there && !done && addr->family == AF_INET6)
		plan_refuse(job->plan, "%s/%u is on lo, take it away first: ip address del %s/%u dev lo",
			    format_address(text, addr), there->length, text,
			    there->length);

	kept = record_vip(&job->record, addr);
	if (!kept)
		kept = record_add_vip(&job->record, addr);
	kept->lasting |= job->lasting;
	kept->added |= !done;
	if (done)
		strcpy(kept->label, there->label);
	else if (addr->family == AF_INET && !*kept->label)
		choose_label(job, kept);
	if (done)
		return;
	realserver_own(&own, kept);
	own.index = job->host.loopback->index;
	plan_add_address(job->plan, &own);
}

static void plan_setup(struct job *job, const struct vip *vips, size_t count)
{
	bool v4 = false;
	size_t i;

	job->lasting = !job->req->now && !job->record.own_netns;
	for (i = 0; i < count; i++)
		v4 |= vips[i].addr.family == AF_INET;
	/* before the addresses: not one answer may leave */
	if (v4)
		silence_arp(job);
	for (i = 0; i < count; i++)
		add_vip(job, &vips[i].addr);
	if (job->lasting)
		lasting_plan(job->plan, &job->host, &job->record);
	if (!job->lasting && !job->req->now)
		plan_note(job->plan, "only what runs is changed: this network namespace does not outlast a boot");
	/* first of all, so that undo knows if this ends half way */
	record_plan_first(&job->record, job->plan);
}

static void drop_vip(struct job *job, const struct kept_vip *kept)
{
	struct record *record = &job->record;
	size_t i = kept - record->vips;

	memmove(&record->vips[i], &record->vips[i + 1],
		(--record->n_vips - i) * sizeof(*kept));
}

static void take_vip(struct job *job, const struct address *addr)
{
	struct kept_vip *kept = record_vip(&job->record, addr);
	const struct net_address *there = on_lo(job, addr);
	char text[ADDRESS_STRLEN];

	format_address(text, addr);
	if (!kept) {
		plan_note(job->plan, "%s: setup has not set it up, so there is nothing to undo",
			  text);
		return;
	}
	if (there && there->length != address_bits(addr))
		there = NULL;
	if (there && kept->added)
		plan_del_address(job->plan, there);
	else if (there)
		plan_note(job->plan, "%s stays on lo: it was there before setup",
			  text);
	if (!job->req->now || !kept->lasting)
		drop_vip(job, kept);
	else
		plan_note(job->plan, "%s comes back with the next boot", text);
}

static bool is_taken(struct job *job, const struct net_address *own,
		     const struct vip *vips, size_t count)
{
	const struct kept_vip *kept = record_vip(&job->record, &own->addr);
	size_t i;

	for (i = 0; kept && kept->added && i < count; i++)
		if (address_same(&own->addr, &vips[i].addr))
			return own->length == address_bits(&own->addr);
	return false;
}

/* An IPv4 address for clients that stays on lo without @vips */
static const struct net_address *find_left(struct job *job,
					   const struct vip *vips,
					   size_t count)
{
	const struct host *host = &job->host;
	size_t i;

	for (i = 0; i < host->addresses.count; i++) {
		const struct net_address *own = &host->addresses.items[i];

		if (own->index == host->loopback->index &&
		    own->addr.family == AF_INET && !address_fault(&own->addr) &&
		    !is_taken(job, own, vips, count))
			return own;
	}
	return NULL;
}

static void restore_sysctl(struct job *job, const struct kept_sysctl *kept)
{
	char name[SYSCTL_STRLEN];
	int now;

	if (!sysctl_read(kept->key, &now) || now == kept->before)
		return;
	if (now == kept->value)
		plan_sysctl(job->plan, kept->key, kept->before);
	else
		plan_note(job->plan, "%s stays %d: setup made it %d, not that",
			  sysctl_name(name, kept->key), now, kept->value);
}

static bool has_ipv4(const struct record *record, bool lasting)
{
	size_t i;

	for (i = 0; i < record->n_vips; i++)
		if (record->vips[i].addr.family == AF_INET &&
		    (record->vips[i].lasting || !lasting))
			return true;
	return false;
}

/* Back to what they were, unless somebody needs them */
static void take_sysctls(struct job *job, bool needed)
{
	struct record *record = &job->record;
	bool lasting = has_ipv4(record, true);
	size_t i, n = 0;

	for (i = 0; i < record->n_sysctls; i++) {
		struct kept_sysctl *kept = &record->sysctls[i];

		if (!needed)
			restore_sysctl(job, kept);
		kept->lasting &= lasting;
		if (needed || kept->lasting)
			record->sysctls[n++] = *kept;
	}
	record->n_sysctls = n;
}

static void plan_undo(struct job *job, const struct vip *vips, size_t count)
{
	const struct net_address *left = find_left(job, vips, count);
	size_t n_sysctls = job->record.n_sysctls;
	char text[ADDRESS_STRLEN];
	bool others;
	size_t i;

	for (i = 0; i < count; i++)
		take_vip(job, &vips[i].addr);
	/* one of setup's that is not on lo now is to come back */
	others = !job->req->now && has_ipv4(&job->record, false);
	take_sysctls(job, left || others);
	if (left && n_sysctls && !record_vip(&job->record, &left->addr))
		plan_note(job->plan, "arp_ignore and arp_announce stay: %s is on lo",
			  format_address(text, &left->addr));
	if (!job->req->now && !job->record.own_netns)
		lasting_plan(job->plan, &job->host, &job->record);
	/* last of all, so that undo can be done again if this ends half way */
	record_plan(&job->record, job->plan);
}

static int run(struct context *ctx, const struct request *req,
	       void (*plan)(struct job *job, const struct vip *vips,
			    size_t count))
{
	struct job job = { .req = req };
	struct vip_list list;
	int status;

	status = realserver_vips(&list, req, false);
	if (!status)
		status = realserver_read(req, &job.host, &job.record);
	if (!status) {
		job.plan = plan_new(ctx);
		plan(&job, list.items, list.count);
		status = plan_run(job.plan, req);
		plan_free(job.plan);
	}
	host_free(&job.host);
	record_free(&job.record);
	free(list.items);
	return status;
}

int setup_run(struct context *ctx, const struct request *req)
{
	return run(ctx, req, plan_setup);
}

int undo_run(struct context *ctx, const struct request *req)
{
	return run(ctx, req, plan_undo);
}
