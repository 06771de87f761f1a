// SPDX-License-Identifier: GPL-2.0-only
/*
 * What keeps a host from being a real server. Looks, and touches nothing.
 */
#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "finding.h"
#include "listener.h"
#include "output.h"
#include "realserver.h"

/* Somewhere on the Internet, as a client is: the route there is the one back */
#define CLIENT		"192.0.2.1"

#define TEXT_STRLEN	512

/**
 * struct check - a look at this host
 * @req: what was asked for
 * @host: what is there
 * @record: what setup has done
 * @vips: what to look for
 * @findings: what is wrong
 * @prefix: what makes a command work in this network namespace
 * @status: not EXIT_DONE: not everything could be looked at
 */
struct check {
	const struct request *req;
	struct host host;
	struct record record;
	struct vip_list vips;
	struct findings findings;
	char prefix[PREFIX_STRLEN];
	int status;
};

static void __attribute__((format(printf, 3, 4)))
report(struct check *check, struct finding finding, const char *mend, ...)
{
	char text[TEXT_STRLEN * 2];
	va_list ap;

	va_start(ap, mend);
	if (mend)
		vsnprintf(text, sizeof(text), mend, ap);
	va_end(ap);
	finding.mend = mend ? text : NULL;
	findings_add(&check->findings, &finding);
}

/* --- lo itself --- */

static void check_address_of_lo(struct check *check, const char *word,
				unsigned int length)
{
	const struct net_address_list *all = &check->host.addresses;
	const struct link *lo = check->host.loopback;
	char what[TEXT_STRLEN];
	struct address addr;
	size_t i;

	parse_address(word, &addr);
	for (i = 0; i < all->count; i++)
		if (all->items[i].index == lo->index &&
		    all->items[i].length <= length &&
		    address_same(&all->items[i].addr, &addr))
			return;
	snprintf(what, sizeof(what), "%s/%u is not on it", word, length);
	report(check, (struct finding) {
		.code = "loopback-missing",
		.about = { .dev = lo->name },
		.what = what,
		.why = "programs on this server don't reach each other; a VIP must be one more address, not another one",
	}, "%sip address add %s/%u dev %s", check->prefix, word, length,
	   lo->name);
}

static void check_lo(struct check *check)
{
	const struct link *lo = check->host.loopback;
	char key[SYSCTL_STRLEN];
	int disabled;

	if (!(lo->flags & IFF_UP)) {
		report(check, (struct finding) {
			.code = "lo-down",
			.about = { .dev = lo->name },
			.what = "it is down",
			.why = "a VIP on it is nobody's, its packets are dropped",
		}, "%sip link set %s up", check->prefix, lo->name);
		return;
	}
	check_address_of_lo(check, "127.0.0.1", 8);
	sysctl_key(key, "ipv6", lo->name, "disable_ipv6");
	if (sysctl_read(key, &disabled) && !disabled)
		check_address_of_lo(check, "::1", 128);
}

/* --- where a VIP is --- */

/* With the address go those of its net that came later, or else they stay */
static bool has_secondary(const struct check *check,
			  const struct net_address *own)
{
	size_t i;

	for (i = 0; i < check->host.addresses.count; i++) {
		const struct net_address *other =
			&check->host.addresses.items[i];

		if (other->index == own->index && other != own &&
		    other->addr.family == AF_INET &&
		    other->length == own->length &&
		    other->flags & IFA_F_SECONDARY)
			return true;
	}
	return false;
}

static const char *deletion(char buf[TEXT_STRLEN], const struct check *check,
			    const struct net_address *own,
			    const struct link *link)
{
	char name[SYSCTL_STRLEN], key[SYSCTL_STRLEN];
	char addr[ADDRESS_STRLEN], word[WORD_STRLEN];
	size_t len = 0;

	*buf = '\0';
	if (own->addr.family == AF_INET && !(own->flags & IFA_F_SECONDARY) &&
	    has_secondary(check, own)) {
		sysctl_key(key, "ipv4", link->name, "promote_secondaries");
		sysctl_name(name, key);
		len = snprintf(buf, TEXT_STRLEN, "%ssysctl -w %s=1 && ",
			       check->prefix, realserver_quote(word, name));
	}
	snprintf(buf + len, TEXT_STRLEN - len, "%sip address del %s/%u dev %s",
		 check->prefix, format_address(addr, &own->addr), own->length,
		 realserver_quote(word, link->name));
	return buf;
}

/* An IPv6 address is on an interface once: the wrong one must go first */
static void report_place(struct check *check, struct finding finding,
			 const struct net_address *own,
			 const struct link *link)
{
	char del[TEXT_STRLEN];

	finding.about.dev = link->name;
	deletion(del, check, own, link);
	if (own->addr.family == AF_INET)
		report(check, finding, "%sdsrctl realserver setup %s && %s",
		       check->prefix, finding.about.vip, del);
	else
		report(check, finding, "%s && %sdsrctl realserver setup %s",
		       del, check->prefix, finding.about.vip);
}

static void check_mask(struct check *check, const char *vip,
		       const struct net_address *own, const struct link *link)
{
	char what[TEXT_STRLEN];

	if (own->length == address_bits(&own->addr))
		return;
	snprintf(what, sizeof(what), "its mask is /%u, not /%u", own->length,
		 address_bits(&own->addr));
	report_place(check, (struct finding) {
		.code = "vip-wide",
		.about = { .vip = vip },
		.what = what,
		.why = "the whole net becomes local, so this server can't reach any other host in it",
	}, own, link);
}

static void check_dad(struct check *check, const char *vip,
		      const struct net_address *own, const struct link *link)
{
	bool failed = own->flags & IFA_F_DADFAILED;

	if (own->addr.family != AF_INET6 || !(link->flags & IFF_UP) ||
	    !(own->flags & (IFA_F_DADFAILED | IFA_F_TENTATIVE)))
		return;
	report_place(check, (struct finding) {
		.code = "vip-dad",
		.about = { .vip = vip },
		.what = failed ?
			"duplicate address detection found it at another host" :
			"duplicate address detection goes on",
		.why = "the kernel does not use it; a VIP is at many hosts, so it is not to be asked for",
	}, own, link);
}

/* Returns whether the VIP is here as it should be, or what is wrong was told */
static bool check_place(struct check *check, const char *vip,
			const struct net_address *own)
{
	const struct link *link = host_link(&check->host, own->index);

	if (!link)
		return false;
	check_dad(check, vip, own, link);
	if (host_keeps_to_itself(link)) {
		check_mask(check, vip, own, link);
		return true;
	}
	report_place(check, (struct finding) {
		.code = "vip-on-lan",
		.about = { .vip = vip },
		.what = "it is on an interface to the LAN, not on lo",
		.why = "this server answers ARP for it, so clients' packets pass the director by",
	}, own, link);
	return true;
}

static void report_missing(struct check *check, const char *vip, int family)
{
	const char *key = family == AF_INET ? "net/ipv4/ip_forward" :
					      "net/ipv6/conf/all/forwarding";
	char what[TEXT_STRLEN], name[SYSCTL_STRLEN];
	int forwards;

	report(check, (struct finding) {
		.code = "vip-missing",
		.about = { .vip = vip },
		.what = "it is on no interface",
		.why = "the director's packets are not for this server, it does not answer them",
	}, "%sdsrctl realserver setup %s", check->prefix, vip);

	if (!sysctl_read(key, &forwards) || !forwards)
		return;
	snprintf(what, sizeof(what), "it is missing and %s is 1",
		 sysctl_name(name, key));
	report(check, (struct finding) {
		.code = "vip-bounces",
		.about = { .vip = vip },
		.what = what,
		.why = "this server sends the director's packets back, and they go round",
	}, "%sdsrctl realserver setup %s", check->prefix, vip);
}

/* --- who listens --- */

static void report_listener(struct check *check, const struct vip *vip,
			    const struct listener *listener)
{
	char addr[ADDRESS_STRLEN], name[VIP_STRLEN];
	bool elsewhere = listener->elsewhere.family != AF_UNSPEC;
	bool udp = vip->proto == IPPROTO_UDP;
	char what[TEXT_STRLEN], why[TEXT_STRLEN];

	format_vip(name, vip);
	if (elsewhere)
		snprintf(what, sizeof(what), "its service listens on %s only",
			 format_address(addr, &listener->elsewhere));
	else
		snprintf(what, sizeof(what), "nothing listens on its port");
	snprintf(why, sizeof(why), "clients are %s; %s on the VIP or on every address",
		 udp ? "told that the port is unreachable" : "refused",
		 elsewhere ? "let it listen" : "start a service that listens");
	report(check, (struct finding) {
		.code = elsewhere ? "listens-elsewhere" : "not-listening",
		.about = { .vip = name },
		.what = what,
		.why = why,
	}, NULL);
}

static void check_listener(struct check *check, const struct vip *vip)
{
	struct listener listener;
	char why[TEXT_STRLEN];
	int ret;

	if (!vip->port)
		return;
	ret = listener_find(vip, &listener);
	if (ret) {
		snprintf(why, sizeof(why), "the sockets: %s", strerror(-ret));
		check->status = dsrctl_fail(check->req, why);
	} else if (!listener.there) {
		report_listener(check, vip, &listener);
	}
}

static void check_places(struct check *check, const struct address *addr)
{
	const struct net_address_list *all = &check->host.addresses;
	char name[ADDRESS_STRLEN];
	bool there = false;
	size_t i;

	format_address(name, addr);
	for (i = 0; i < all->count; i++)
		if (address_same(&all->items[i].addr, addr))
			there |= check_place(check, name, &all->items[i]);
	if (!there)
		report_missing(check, name, addr->family);
}

static void check_vip(struct check *check, const struct vip *vip)
{
	size_t before = check->findings.count;
	const struct vip *first = check->vips.items;
	char name[VIP_STRLEN];
	const char *fine;

	/* the address is looked at once for all its ports */
	while (!address_same(&first->addr, &vip->addr))
		first++;
	if (first == vip)
		check_places(check, &vip->addr);
	check_listener(check, vip);
	if (check->findings.count != before)
		return;

	format_address(name, &vip->addr);
	if (vip->port)
		format_vip(name, vip);
	fine = !vip->port ? "it is here" :
	       first == vip ? "it is here, and somebody listens" :
			      "somebody listens";
	findings_fine(&check->findings, &(struct subject) { .vip = name },
		      fine);
}

/* --- the interfaces --- */

/* The kernel takes the larger one of "all" and the interface */
static int effective(const struct link *link, const char *name)
{
	char key[SYSCTL_STRLEN];
	int all = 0, own = 0;

	sysctl_read(sysctl_key(key, "ipv4", "all", name), &all);
	sysctl_read(sysctl_key(key, "ipv4", link->name, name), &own);
	return own > all ? own : all;
}

static void check_arp(struct check *check, const struct link *link,
		      const char *name, int good, struct finding finding)
{
	char all[SYSCTL_STRLEN], own[SYSCTL_STRLEN], key[SYSCTL_STRLEN];
	char word[WORD_STRLEN];
	int value = effective(link, name);
	char what[TEXT_STRLEN];

	if (realserver_arp_good(name, value))
		return;
	sysctl_name(all, sysctl_key(key, "ipv4", "all", name));
	sysctl_name(own, sysctl_key(key, "ipv4", link->name, name));
	snprintf(what, sizeof(what), "%s is %d, the larger one of \"all\" and this interface",
		 name, value);
	finding.about.dev = link->name;
	finding.what = what;
	if (good == ARP_IGNORE_GOOD && value == 8)
		finding.why = "this server answers no ARP at all, so the director can't find it";
	report(check, finding, "%ssysctl -w %s=%d %s=%d", check->prefix, all,
	       good, realserver_quote(word, own), good);
}

/* A frame from the director has a client's address as its source */
static void check_rp_filter(struct check *check, const struct link *link)
{
	char name[SYSCTL_STRLEN], key[SYSCTL_STRLEN];
	char word[WORD_STRLEN], what[TEXT_STRLEN];
	const struct link *back;
	struct address client;
	struct ways ways;
	size_t i;

	if (effective(link, "rp_filter") != 1)
		return;
	parse_address(CLIENT, &client);
	if (rtnetlink_route(&client, &ways) || !ways.count)
		return;
	for (i = 0; i < ways.count; i++)
		if (ways.index[i] == link->index)
			return;
	back = host_link(&check->host, ways.index[0]);
	sysctl_name(name, sysctl_key(key, "ipv4", link->name, "rp_filter"));
	snprintf(what, sizeof(what), "rp_filter is 1 (strict), and the way back to clients is %s",
		 back ? back->name : "another one");
	report(check, (struct finding) {
		.code = "rp-filter",
		.about = { .dev = link->name },
		.what = what,
		.why = "clients' packets that the director sends in here are dropped",
	}, "%ssysctl -w %s=2", check->prefix, realserver_quote(word, name));
}

static void check_interfaces(struct check *check)
{
	const struct host *host = &check->host;
	size_t i;

	for (i = 0; i < host->links.count; i++) {
		const struct link *link = &host->links.items[i];

		if (!(link->flags & IFF_UP) || !host_faces_lan(host, link))
			continue;
		check_arp(check, link, "arp_ignore", ARP_IGNORE_GOOD,
			  (struct finding) {
			.code = "arp-ignore",
			.why = "this server answers ARP for VIPs on lo, so clients' packets pass the director by",
		});
		check_arp(check, link, "arp_announce", ARP_ANNOUNCE_GOOD,
			  (struct finding) {
			.code = "arp-announce",
			.why = "this server asks ARP in the name of a VIP, so its neighbours send the VIP's packets to it",
		});
		if (host_has_ipv4(host, link))
			check_rp_filter(check, link);
	}
}

/* --- all of it --- */

static void add_address(struct vip_list *list, const struct address *addr)
{
	size_t i;

	if (address_fault(addr))
		return;
	for (i = 0; i < list->count; i++)
		if (address_same(&list->items[i].addr, addr))
			return;
	list->items = reallocarray(list->items, list->count + 1,
				   sizeof(*list->items));
	if (!list->items)
		out_of_memory();
	list->items[list->count++] = (struct vip) { .addr = *addr };
}

/* Those on lo, and those that should be */
static void find_vips(struct check *check)
{
	const struct host *host = &check->host;
	size_t i;

	for (i = 0; i < host->addresses.count; i++)
		if (host->addresses.items[i].index == host->loopback->index)
			add_address(&check->vips,
				    &host->addresses.items[i].addr);
	for (i = 0; i < check->record.n_vips; i++)
		add_address(&check->vips, &check->record.vips[i].addr);
	if (check->vips.count)
		return;
	report(check, (struct finding) {
		.code = "no-vip",
		.what = "there is no VIP on lo",
		.why = "it serves none; set one up by \"dsrctl realserver setup VIP\", or name those that it should have",
	}, NULL);
}

static int check_all(struct check *check)
{
	bool v4 = false;
	int status;
	size_t i;

	check_lo(check);
	if (!check->vips.count)
		find_vips(check);
	for (i = 0; i < check->vips.count; i++) {
		check_vip(check, &check->vips.items[i]);
		v4 |= check->vips.items[i].addr.family == AF_INET;
	}
	if (v4)
		check_interfaces(check);
	status = findings_end(&check->findings);
	return check->status ? check->status : status;
}

int check_run(struct context *ctx, const struct request *req)
{
	struct check check = { .req = req };
	int status;

	status = realserver_vips(&check.vips, req, true);
	if (!status)
		status = realserver_read(req, &check.host, &check.record);
	if (!status) {
		realserver_prefix(check.prefix, ctx);
		findings_begin(&check.findings, ctx);
		status = check_all(&check);
	}
	host_free(&check.host);
	record_free(&check.record);
	free(check.vips.items);
	return status;
}
