// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "dsrctl.h"

static const char *set_scheduler(struct request *req, const char *value)
{
	req->msg.has |= HAS(DSR_A_SCHED);
	return parse_scheduler(value, req->msg.sched, sizeof(req->msg.sched));
}

static const char *set_arp(struct request *req, const char *value)
{
	req->msg.has |= HAS(DSR_A_ARP);
	if (!strcmp(value, "auto"))
		req->msg.arp = DSR_ARP_AUTO;
	else if (!strcmp(value, "off"))
		req->msg.arp = DSR_ARP_OFF;
	else
		return "it is auto or off";
	return NULL;
}

static const struct keyword keywords[] = {
	{ .word = "scheduler", .attr = DSR_A_SCHED, .parse = set_scheduler },
	{ .word = "arp", .attr = DSR_A_ARP, .parse = set_arp },
	{ },
};

static const struct command commands[] = {
	{
		.verb = "add",
		.cmd = DSR_CMD_VIP_ADD,
		.args = { ARG_VIP },
		.need = 1,
		.keywords = keywords,
		.run = dsrctl_send,
	}, {
		.verb = "set",
		.cmd = DSR_CMD_VIP_SET,
		.args = { ARG_VIP },
		.need = 1,
		.keywords = keywords,
		.change = true,
		.run = dsrctl_send,
	}, {
		.verb = "del",
		.cmd = DSR_CMD_VIP_DEL,
		.args = { ARG_VIP },
		.need = 1,
		.run = dsrctl_send,
	}, {
		.verb = "show",
		.cmd = DSR_CMD_VIP_GET,
		.args = { ARG_VIP },
		.run = show_run,
	},
	{ },
};

const struct object object_vip = {
	.word = "vip",
	.help =
	"Usage: dsrctl vip add VIP [scheduler NAME] [arp auto|off]\n"
	"       dsrctl vip set VIP [scheduler NAME] [arp auto|off]\n"
	"       dsrctl vip del VIP\n"
	"       dsrctl vip show [VIP]\n"
	"\n"
	"VIP is ADDRESS[:PORT[-PORT]]/PROTOCOL, PROTOCOL one of tcp, udp, sctp, any:\n"
	"  10.0.0.100:80/tcp  [2001:db8::100]:53/udp  10.0.0.100:20000-20100/udp\n"
	"  10.0.0.100/tcp (every port)  10.0.0.100/any\n"
	"The most specific VIP wins: a port before a range before every port,\n"
	"a protocol before any.\n"
	"\n"
	"scheduler  mh (the default: Maglev), rr, wrr, lc, wlc, sed, nq, sh, dh, fo, ovf\n"
	"arp        auto (the default): answer ARP and neighbour solicitation for the\n"
	"           address on \"dev\" interfaces while it is nobody's; off: never\n",
	.commands = commands,
};
