// SPDX-License-Identifier: GPL-2.0-only
/* The verdict for this host: what is in the way of requests here */
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "doctor.h"
#include "sysctl.h"

#define TEXT_STRLEN	256

static void tell(struct doctor *doctor, const char *dev, const char *code,
		 const char *what, const char *why, const char *mend)
{
	const struct finding finding = {
		.code = code,
		.about.dev = dev,
		.what = what,
		.why = why,
		.mend = mend,
	};

	findings_add(&doctor->findings, &finding);
}

static void judge_devs(struct doctor *doctor)
{
	char mend[TEXT_STRLEN];
	size_t i;

	for (i = 0; i < doctor->devs.count; i++) {
		const struct message *dev = &doctor->devs.items[i];

		if (dev->ifindex)
			continue;
		snprintf(mend, sizeof(mend), "dsrctl dev del %s", dev->dev);
		tell(doctor, dev->dev, "dev-absent",
		     "it is a dev interface, but does not exist",
		     "no request comes in by it", mend);
	}
}

static bool has_lro(const char *dev)
{
	struct ethtool_value flags = { .cmd = ETHTOOL_GFLAGS };
	struct ifreq ifr = { .ifr_data = (void *)&flags };
	int fd, ret;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	ret = ioctl(fd, SIOCETHTOOL, &ifr);
	close(fd);
	return !ret && flags.data & ETH_FLAG_LRO;
}

static void judge_lro(struct doctor *doctor, const struct link *way)
{
	char mend[TEXT_STRLEN];

	if (!has_lro(way->name))
		return;
	snprintf(mend, sizeof(mend), "ethtool -K %s lro off", way->name);
	tell(doctor, way->name, "lro", "it merges packets for good (LRO)",
	     "what is merged is too big for the way out, and is dropped", mend);
}

/* Where a request that came in by @way may have to leave by a narrower one */
static void judge_mtu(struct doctor *doctor, const struct link *way)
{
	char what[TEXT_STRLEN], mend[TEXT_STRLEN];
	const struct link *narrow = NULL;
	size_t i;

	for (i = 0; i < doctor->n_patients; i++) {
		const struct link *link = doctor->patients[i].link;

		if (link && link->mtu < way->mtu &&
		    (!narrow || link->mtu < narrow->mtu))
			narrow = link;
	}
	if (!narrow)
		return;
	snprintf(what, sizeof(what), "its MTU is %u, but %u on %s to the servers",
		 way->mtu, narrow->mtu, narrow->name);
	snprintf(mend, sizeof(mend), "ip link set dev %s mtu %u", narrow->name,
		 way->mtu);
	tell(doctor, way->name, "mtu", what,
	     "larger requests are dropped, and clients that don't get or heed the ICMP for it hang",
	     mend);
}

static bool is_routed_back(const struct doctor *doctor, const struct link *way)
{
	size_t i;

	for (i = 0; i < doctor->n_places; i++) {
		const struct place *place = &doctor->places[i];

		if (place->addr.family == AF_INET && !place->route.local &&
		    place->route.index == way->index)
			return true;
	}
	return false;
}

static bool is_on(const char *ifname, const char *name)
{
	char key[SYSCTL_STRLEN];
	int value;

	return sysctl_read(sysctl_key(key, "ipv4", ifname, name), &value) &&
	       value > 0;
}

/* What is for a VIP's address but for no VIP is the stack's: it may redirect */
static void judge_redirects(struct doctor *doctor, const struct link *way)
{
	char name[SYSCTL_STRLEN], key[SYSCTL_STRLEN];
	char mend[TEXT_STRLEN];

	if (!is_on("all", "forwarding") ||
	    (!is_on("all", "send_redirects") &&
	     !is_on(way->name, "send_redirects")) ||
	    !is_routed_back(doctor, way))
		return;
	sysctl_name(name, sysctl_key(key, "ipv4", "all", "send_redirects"));
	snprintf(mend, sizeof(mend), "sysctl -w %s=0 ", name);
	sysctl_name(name, sysctl_key(key, "ipv4", way->name, "send_redirects"));
	snprintf(mend + strlen(mend), sizeof(mend) - strlen(mend), "%s=0", name);
	tell(doctor, way->name, "redirects",
	     "this host forwards and sends redirects by it",
	     "a ping to a VIP makes it tell clients of a way past the director",
	     mend);
}

/**
 * doctor_judge_host() - print what is to be said of this host
 * @doctor: all that is known
 */
void doctor_judge_host(struct doctor *doctor)
{
	char text[TEXT_STRLEN];
	size_t i;

	judge_devs(doctor);
	for (i = 0; i < doctor->n_ways; i++) {
		const struct link *way = doctor->ways[i];
		const struct subject about = { .dev = way->name };
		size_t before = doctor->findings.count;

		judge_lro(doctor, way);
		judge_mtu(doctor, way);
		judge_redirects(doctor, way);
		snprintf(text, sizeof(text),
			 "clients come in by it: MTU %u, no LRO, no redirects",
			 way->mtu);
		if (doctor->findings.count == before)
			findings_fine(&doctor->findings, &about, text);
	}
}
