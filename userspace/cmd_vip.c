// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "dsrctl.h"

static const char *set_scheduler(struct request *req, const char *value)
{
	message_set(&req->msg, FIELD_VIP_SCHED);
	return parse_scheduler(value, req->msg.sched, sizeof(req->msg.sched));
}

static const char *set_arp(struct request *req, const char *value)
{
	message_set(&req->msg, FIELD_VIP_ARP);
	if (!strcmp(value, "auto"))
		req->msg.arp = DSR_ARP_AUTO;
	else if (!strcmp(value, "off"))
		req->msg.arp = DSR_ARP_OFF;
	else
		return "it is auto or off";
	return NULL;
}

static const char *set_on_down(struct request *req, const char *value)
{
	message_set(&req->msg, FIELD_VIP_ON_DOWN);
	return parse_on_down(value, &req->msg.on_down);
}

static const char *set_persistence(struct request *req, const char *value)
{
	message_set(&req->msg, FIELD_VIP_PERSISTENCE);
	if (!strcmp(value, "none"))
		return NULL;
	return parse_seconds(value, 0, &req->msg.persistence);
}

static const char *set_mask(struct request *req, const char *value)
{
	message_set(&req->msg, FIELD_VIP_PERSISTENCE_MASK);
	return parse_mask(value, req->msg.vip.addr.family,
			  &req->msg.persistence_mask);
}

/* No address: zeros, as they are in a request by default */
static const char *set_sorry(struct request *req, const char *value)
{
	struct address addr;

	if (!strcmp(value, "none")) {
		message_set(&req->msg, FIELD_VIP_SORRY4);
		return NULL;
	}
	if (parse_address(value, &addr))
		return "a sorry server is an IPv4 or IPv6 address, or none";
	message_set_address(&req->msg, FIELD_VIP_SORRY4, &addr);
	return NULL;
}

#define SET_TIMEOUT(name, NAME)						\
static const char *set_timeout_##name(struct request *req,		\
				      const char *value)		\
{									\
	message_set(&req->msg, FIELD_VIP_TIMEOUT_##NAME);		\
	return parse_seconds(value, 1, &req->msg.timeout_##name);	\
}

SET_TIMEOUT(syn, SYN)
SET_TIMEOUT(open, OPEN)
SET_TIMEOUT(fin, FIN)
SET_TIMEOUT(rst, RST)
SET_TIMEOUT(udp, UDP)
SET_TIMEOUT(other, OTHER)

#define TIMEOUT(name, NAME)						\
	{ .word = "timeout", .sub = #name,				\
	  .subs = "syn, open, fin, rst, udp, other",			\
	  .field = FIELD_VIP_TIMEOUT_##NAME, .parse = set_timeout_##name }

static const struct keyword keywords[] = {
	{ .word = "scheduler", .field = FIELD_VIP_SCHED,
	  .values = "mh rr wrr lc wlc sed nq sh dh fo ovf",
	  .parse = set_scheduler },
	{ .word = "arp", .field = FIELD_VIP_ARP, .values = "auto off",
	  .parse = set_arp },
	{ .word = "persistence", .field = FIELD_VIP_PERSISTENCE,
	  .values = "none",
	  .parse = set_persistence },
	{ .word = "mask", .field = FIELD_VIP_PERSISTENCE_MASK, .parse = set_mask },
	{ .word = "sorry", .field = FIELD_VIP_SORRY4, .values = "none",
	  .parse = set_sorry },
	{ .word = "on-down", .field = FIELD_VIP_ON_DOWN,
	  .values = "reschedule keep drop", .parse = set_on_down },
	TIMEOUT(syn, SYN),
	TIMEOUT(open, OPEN),
	TIMEOUT(fin, FIN),
	TIMEOUT(rst, RST),
	TIMEOUT(udp, UDP),
	TIMEOUT(other, OTHER),
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
	"Usage: dsrctl vip add VIP [OPTIONS]\n"
	"       dsrctl vip set VIP OPTIONS\n"
	"       dsrctl vip del VIP\n"
	"       dsrctl vip show [VIP]\n"
	"\n"
	"VIP is ADDRESS[:PORT[-PORT]]/PROTOCOL, PROTOCOL one of tcp, udp, sctp, any:\n"
	"  10.0.0.100:80/tcp  [2001:db8::100]:53/udp  10.0.0.100:20000-20100/udp\n"
	"  10.0.0.100/tcp (every port)  10.0.0.100/any\n"
	"The most specific VIP wins: a port before a range before every port,\n"
	"a protocol before any.\n"
	"\n"
	"OPTIONS:\n"
	"scheduler NAME    mh (the default: Maglev), rr, wrr, lc, wlc, sed, nq, sh, dh, fo,\n"
	"                  ovf\n"
	"arp auto|off      auto (the default): answer ARP and neighbour solicitation for\n"
	"                  the address on \"dev\" interfaces while it is nobody's; off: never\n"
	"persistence SECONDS|none [mask LENGTH]\n"
	"                  a client, or all of its network, stays with its server for so\n"
	"                  long after its last packet; none is the default\n"
	"sorry ADDRESS|none\n"
	"                  the server that is used when no other can be\n"
	"on-down reschedule|keep|drop\n"
	"                  the flows of a server that goes down go to another one (the\n"
	"                  default), wait for it, or end\n"
	"timeout syn|open|fin|rst|udp|other SECONDS\n"
	"                  how long a flow in that state is remembered while it is silent;\n"
	"                  the defaults are 60, 900, 120, 10, 300 and 300\n",
	.commands = commands,
};
