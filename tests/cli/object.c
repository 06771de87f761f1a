// SPDX-License-Identifier: GPL-2.0-only
/* What this kernel has, and says of it; see kernel.h. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "kernel.h"

unsigned int dumped_flows;

/* How often VIPs were read */
static unsigned int age;

static const char v6_vip[] = "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\x01\0";
static const char v6_server[] = "\x20\x01\x0d\xb8\0\0\0\x09\0\0\0\0\0\0\0\x11";
static const char v6_client[] = "\x20\x01\x0d\xb8\0\0\xff\xff\0\0\0\0\0\0\0\x01";

/* One that is of the configuration, or says what it is now */
static struct nlmsghdr *configured(uint8_t cmd)
{
	struct nlmsghdr *nlh = object(cmd);

	if (!scene("older"))
		attr_u32(nlh, DSR_A_GENERATION, generation());
	return nlh;
}

/* --- VIPs --- */

struct vip {
	bool v6;
	uint8_t proto;
	uint16_t port;
	uint16_t last;
	const char *sched;
	uint8_t arp;
	unsigned int flows;
};

static const struct vip vips[] = {
	{ false, IPPROTO_TCP, 80, 80, "mh", DSR_ARP_AUTO, 3 },
	{ true, IPPROTO_UDP, 53, 0, "wrr", DSR_ARP_OFF, 0 },
	{ false, IPPROTO_UDP, 20000, 20100, "sh", DSR_ARP_AUTO, 0 },
	{ false, 0, 0, 65535, "mh", DSR_ARP_AUTO, 0 },
};

static const struct vip *const web = &vips[0];
static const struct vip *const names = &vips[1];

/* The nest stays open for options */
static size_t begin_vip(struct nlmsghdr *nlh, const struct vip *vip)
{
	size_t nest = begin_nest(nlh, DSR_A_VIP);

	if (vip->v6)
		attr(nlh, DSR_A_VIP_ADDR6, v6_vip, 16);
	else
		attr(nlh, DSR_A_VIP_ADDR4, "\x0a\0\0\x64", 4);
	attr_u8(nlh, DSR_A_VIP_PROTO, vip->proto);
	if (vip->port)
		attr_be16(nlh, DSR_A_VIP_PORT, vip->port);
	if (vip->last)
		attr_be16(nlh, DSR_A_VIP_PORT_LAST, vip->last);
	return nest;
}

static void name_vip(struct nlmsghdr *nlh, const struct vip *vip)
{
	end_nest(nlh, begin_vip(nlh, vip));
}

/* Whenever VIPs are read, counters have grown, so that there are rates */
static unsigned int grown(unsigned int flows, unsigned int first,
			  unsigned int step)
{
	return flows * (first + step * (scene("reset") && age == 1 ? 100 : age));
}

static void vip_options(struct nlmsghdr *nlh, const struct vip *vip)
{
	attr_u32(nlh, DSR_A_VIP_PERSISTENCE, vip->v6 ? 600 : 0);
	attr_u8(nlh, DSR_A_VIP_PERSISTENCE_MASK, vip->v6 ? 64 : 32);
	attr_u8(nlh, DSR_A_VIP_ON_DOWN, vip->v6 ? DSR_ON_DOWN_DROP : 0);
	attr_u32(nlh, DSR_A_VIP_TIMEOUT_SYN, 60);
	attr_u32(nlh, DSR_A_VIP_TIMEOUT_OPEN, 900);
	attr_u32(nlh, DSR_A_VIP_TIMEOUT_FIN, 120);
	attr_u32(nlh, DSR_A_VIP_TIMEOUT_RST, vip->v6 ? 7 : 10);
	attr_u32(nlh, DSR_A_VIP_TIMEOUT_UDP, 300);
	attr_u32(nlh, DSR_A_VIP_TIMEOUT_OTHER, vip->v6 ? 2592000 : 300);
	if (vip->v6)
		attr(nlh, DSR_A_VIP_SORRY6, v6_server, 16);
}

static void put_speaks(struct nlmsghdr *nlh, const struct vip *vip)
{
	uint8_t speaks = vip->v6 ? DSR_SPEAKS_OTHER :
			 vip->arp == DSR_ARP_OFF ? DSR_SPEAKS_OFF :
						   DSR_SPEAKS_MODULE;

	attr_u8(nlh, DSR_A_VIP_SPEAKS, scene("newer") ? 9 : speaks);
	if (!vip->v6)
		return;
	attr(nlh, DSR_A_VIP_SPEAKER_MAC, "\x02\0\0\0\0\x01", 6);
	attr_str(nlh, DSR_A_VIP_SPEAKER_IFNAME, "eth0");
}

static void put_vip(const struct vip *vip)
{
	struct nlmsghdr *nlh = configured(DSR_CMD_VIP_GET);
	size_t nest = begin_vip(nlh, vip);

	if (!scene("older")) {
		attr_str(nlh, DSR_A_VIP_SCHED, vip->sched);
		attr_u8(nlh, DSR_A_VIP_ARP, scene("newer") ? 9 : vip->arp);
		vip_options(nlh, vip);
		attr_u64(nlh, DSR_A_VIP_FLOWS, vip->flows);
		attr_u64(nlh, DSR_A_VIP_FLOWS_TOTAL, grown(vip->flows, 1, 1));
		attr_u64(nlh, DSR_A_VIP_PACKETS, grown(vip->flows, 10, 4));
		attr_u64(nlh, DSR_A_VIP_BYTES, grown(vip->flows, 1000, 500));
		put_speaks(nlh, vip);
	}
	if (scene("newer"))
		attr(nlh, DSR_A_VIP_MAX + 1, "new", 3);
	if (scene("garbage"))
		attr(nlh, DSR_A_VIP_PACKETS, "\x0a", 1);
	end_nest(nlh, nest);
	if (scene("newer"))
		end_nest(nlh, begin_nest(nlh, DSR_A_MAX + 1));
	end(nlh);
}

void dump_vips(void)
{
	size_t i;

	age++;
	for (i = 0; i < sizeof(vips) / sizeof(vips[0]); i++) {
		if (scene("empty") || (i && (scene("newer") || scene("older"))))
			break;
		put_vip(&vips[i]);
		send_datagram();
	}
}

/* The VIP that a request names, as far as it is one of those with servers */
static const struct vip *named(const struct nlmsghdr *request)
{
	const struct nlattr *port = find_attr(request, "VIP.PORT");

	if (scene("empty"))
		return NULL;
	if (find_attr(request, "VIP.ADDR6"))
		return names;
	return port && !memcmp(port + 1, "\0\x50", 2) ? web : NULL;
}

/* Whether there is such a one */
bool get_vip(const struct nlmsghdr *request)
{
	const struct vip *vip = named(request);

	age++;
	if (vip) {
		put_vip(vip);
		send_datagram();
	}
	return vip;
}

/* --- servers --- */

struct server {
	const struct vip *vip;
	uint8_t last;		/* byte of its address; 0: the sorry server */
	uint32_t weight;
	uint8_t state;
	uint8_t why;
	const char *mac;
	const char *dev;
	const char *path_mac;
	const char *path_dev;
	unsigned int flows;
};

static const struct server servers[] = {
	{ .vip = &vips[0], .last = 11, .weight = 1, .state = DSR_SERVER_UP,
	  .flows = 2, .path_mac = "\x02\0\0\0\0\x11", .path_dev = "eth1" },
	{ .vip = &vips[0], .last = 12, .weight = 10, .state = DSR_SERVER_DRAIN,
	  .flows = 1, .mac = "\x02\0\0\0\0\x12", .path_mac = "\x02\0\0\0\0\x12",
	  .path_dev = "eth1" },
	{ .vip = &vips[0], .last = 13, .weight = 65535,
	  .state = DSR_SERVER_DOWN, .why = DSR_WHY_NO_DEVICE,
	  .mac = "\x02\0\0\0\0\x13", .dev = "eth7\x1b[2J\xff" },
	{ .vip = &vips[1], .weight = 1, .state = DSR_SERVER_RESOLVING,
	  .path_dev = "eth1", .dev = "eth1" },
};

static void server_address(struct nlmsghdr *nlh, const struct server *server)
{
	uint8_t addr[] = { 10, 9, 0, server->last };

	if (server->last)
		attr(nlh, DSR_A_SERVER_ADDR4, addr, 4);
	else
		attr(nlh, DSR_A_SERVER_ADDR6, v6_server, 16);
}

static void server_path(struct nlmsghdr *nlh, const struct server *server)
{
	if (server->path_mac)
		attr(nlh, DSR_A_SERVER_PATH_MAC, server->path_mac, 6);
	if (server->path_dev)
		attr_str(nlh, DSR_A_SERVER_PATH_IFNAME, server->path_dev);
}

static void server_attrs(struct nlmsghdr *nlh, const struct server *server)
{
	unsigned int flows = server->flows;

	if (!server->last)
		attr(nlh, DSR_A_SERVER_SORRY, "", 0);
	attr_u32(nlh, DSR_A_SERVER_WEIGHT, server->weight);
	attr_u32(nlh, DSR_A_SERVER_MAX_FLOWS, server->last == 11 ? 1000 : 0);
	attr_u8(nlh, DSR_A_SERVER_DRAIN, server->state == DSR_SERVER_DRAIN);
	attr_u8(nlh, DSR_A_SERVER_STATE, server->state);
	if (server->why)
		attr_u8(nlh, DSR_A_SERVER_WHY, server->why);
	if (server->mac)
		attr(nlh, DSR_A_SERVER_MAC, server->mac, 6);
	if (server->dev)
		attr_str(nlh, DSR_A_SERVER_IFNAME, server->dev);
	server_path(nlh, server);
	attr_u64(nlh, DSR_A_SERVER_FLOWS, flows);
	attr_u64(nlh, DSR_A_SERVER_FLOWS_TOTAL, grown(flows, 1, 1));
	attr_u64(nlh, DSR_A_SERVER_PACKETS, grown(flows, 10, 4));
	attr_u64(nlh, DSR_A_SERVER_BYTES, grown(flows, 1000, 500));
	attr_u64(nlh, DSR_A_SERVER_ACTIVE, flows ? 1 : 0);
	attr_u64(nlh, DSR_A_SERVER_BOUNCED, server->last == 13 ? 5 : 0);
	attr_u64(nlh, DSR_A_SERVER_RETRIES, server->last == 11 ? 2 : 0);
}

static void put_server(struct nlmsghdr *nlh, const struct server *server)
{
	size_t nest;

	name_vip(nlh, server->vip);
	nest = begin_nest(nlh, DSR_A_SERVER);
	server_address(nlh, server);
	if (!scene("older"))
		server_attrs(nlh, server);
	if (scene("newer")) {
		attr(nlh, DSR_A_SERVER_MAX + 1, "new", 3);
		attr(nlh, 4095, "", 0);
	}
	end_nest(nlh, nest);
}

static void send_server(const struct server *server)
{
	struct nlmsghdr *nlh = configured(DSR_CMD_SERVER_GET);

	put_server(nlh, server);
	end(nlh);
	send_datagram();
}

void dump_servers(const struct nlmsghdr *request)
{
	static const struct vip nobodys = { .proto = IPPROTO_SCTP };
	static const struct server odd = {
		.vip = &vips[0], .last = 11, .state = 99, .why = 99,
	};
	static const struct server orphan = { .vip = &nobodys, .last = 11 };
	bool all = !find_attr(request, "VIP");
	size_t i;

	if (scene("empty"))
		return;
	if (scene("newer"))
		return send_server(&odd);
	if (scene("older"))
		return send_server(&servers[0]);
	for (i = 0; i < sizeof(servers) / sizeof(servers[0]); i++)
		if (all || servers[i].vip == named(request))
			send_server(&servers[i]);
	if (scene("orphan"))
		send_server(&orphan);
}

/* --- devs, flows, counters --- */

static void put_dev(struct nlmsghdr *nlh, const char *name,
		    unsigned int ifindex)
{
	size_t nest = begin_nest(nlh, DSR_A_DEV);

	attr_str(nlh, DSR_A_DEV_IFNAME, name);
	if (!scene("older"))
		attr_u32(nlh, DSR_A_DEV_IFINDEX, ifindex);
	end_nest(nlh, nest);
}

static void dev(const char *name, unsigned int ifindex)
{
	struct nlmsghdr *nlh = configured(DSR_CMD_DEV_GET);

	put_dev(nlh, name, ifindex);
	end(nlh);
}

void dump_devs(void)
{
	if (scene("empty"))
		return;
	dev("eth0", 3);
	dev("a-long-name-123", 0);
	send_datagram();
}

static void flow(unsigned int i)
{
	uint8_t client[] = { 192, 0, 2 + (i >> 8), i };
	struct nlmsghdr *nlh = object(DSR_CMD_FLOW_GET);
	static const struct vip any = { };
	bool is_v6 = i == 1;
	size_t nest;

	name_vip(nlh, is_v6 ? names : i == 2 ? &any : web);
	nest = begin_nest(nlh, DSR_A_FLOW);
	if (is_v6)
		attr(nlh, DSR_A_FLOW_SERVER6, v6_server, 16);
	else
		attr(nlh, DSR_A_FLOW_SERVER4, "\x0a\x09\0\x0b", 4);
	if (is_v6)
		attr(nlh, DSR_A_FLOW_CLIENT6, v6_client, 16);
	else
		attr(nlh, DSR_A_FLOW_CLIENT4, client, 4);
	attr_be16(nlh, DSR_A_FLOW_CLIENT_PORT, i == 2 ? 0 : 40000 + i % 1000);
	attr_be16(nlh, DSR_A_FLOW_DST_PORT, is_v6 ? 53 : i == 2 ? 0 : 80);
	attr_u8(nlh, DSR_A_FLOW_PROTO, is_v6 ? IPPROTO_UDP :
		i == 2 ? IPPROTO_GRE : IPPROTO_TCP);
	if (!scene("older")) {
		attr_u8(nlh, DSR_A_FLOW_STATE, is_v6 ? DSR_FLOW_UDP :
			i == 2 ? DSR_FLOW_OTHER : DSR_FLOW_OPEN);
		attr_u32(nlh, DSR_A_FLOW_AGE, 100 + i);
		attr_u32(nlh, DSR_A_FLOW_IDLE, 1);
		attr_u32(nlh, DSR_A_FLOW_EXPIRES, 899);
	}
	end_nest(nlh, nest);
	end(nlh);
}

static unsigned int flow_count(void)
{
	return scene("flows") ? scene_number("flows") : scene("empty") ? 0 : 3;
}

/* One datagram with more flows; called again until there are no more */
void dump_flows(void)
{
	unsigned int all = flow_count();
	int i;

	if (dumped_flows == all) {
		done(0, NULL);
		return;
	}
	for (i = 0; i < 10 && dumped_flows < all; i++)
		flow(dumped_flows++);
	send_datagram();
}

void flushed(void)
{
	struct nlmsghdr *nlh = object(DSR_CMD_FLOW_FLUSH);

	attr_u32(nlh, DSR_A_COUNT, flow_count());
	end(nlh);
	send_datagram();
}

static void reason(struct nlmsghdr *nlh, uint16_t type, const char *name,
		   uint64_t count)
{
	size_t nest = begin_nest(nlh, type);

	attr_str(nlh, DSR_A_REASON_NAME, name);
	attr_u64(nlh, DSR_A_REASON_COUNT, count);
	end_nest(nlh, nest);
}

static void put_limit(struct nlmsghdr *nlh)
{
	size_t nest = begin_nest(nlh, DSR_A_LIMIT);

	attr_u64(nlh, DSR_A_LIMIT_FLOWS, 1000000);
	attr(nlh, DSR_A_LIMIT_FLOWS_AUTO, "", 0);
	end_nest(nlh, nest);
}

void stats(void)
{
	struct nlmsghdr *nlh = configured(DSR_CMD_STATS_GET);
	size_t nest = begin_nest(nlh, DSR_A_STATS);

	attr_u64(nlh, DSR_A_STATS_FORWARDED, 12345678901);
	if (!scene("older")) {
		attr_u64(nlh, DSR_A_STATS_ANSWERED, 7);
		attr_u64(nlh, DSR_A_STATS_FLOWS, 3);
		attr_u64(nlh, DSR_A_STATS_PERSISTENT, 8);
		attr_u64(nlh, DSR_A_STATS_ARP_FOREIGN, 9);
	}
	reason(nlh, DSR_A_STATS_PASSED, "no-server", 4);
	reason(nlh, DSR_A_STATS_PASSED, "own", 0);
	reason(nlh, DSR_A_STATS_DROPPED, "ttl", 1);
	if (scene("garbage"))
		reason(nlh, DSR_A_STATS_DROPPED,
		       "a-reason-with-a-name-that-is-too-long", 1);
	if (scene("newer"))
		reason(nlh, DSR_A_STATS_MAX + 1, "new", 1);
	end_nest(nlh, nest);
	if (!scene("older"))
		put_limit(nlh);
	end(nlh);
	send_datagram();
}

/* --- what becomes of a packet --- */

static void chosen(struct nlmsghdr *nlh, uint8_t by,
		   const struct server *server)
{
	size_t nest = begin_nest(nlh, DSR_A_FATE);

	attr_u8(nlh, DSR_A_FATE_BY, by);
	end_nest(nlh, nest);
	nest = begin_nest(nlh, DSR_A_SERVER);
	server_address(nlh, server);
	server_path(nlh, server);
	end_nest(nlh, nest);
}

static void not_chosen(struct nlmsghdr *nlh, uint16_t fate, const char *why)
{
	size_t nest = begin_nest(nlh, DSR_A_FATE);

	attr_str(nlh, fate, why);
	end_nest(nlh, nest);
}

/* The flow is past and the client's server drains */
static void known(struct nlmsghdr *nlh)
{
	size_t nest = begin_nest(nlh, DSR_A_FLOW);

	attr(nlh, DSR_A_FLOW_SERVER4, "\x0a\x09\0\x0d", 4);
	attr_u8(nlh, DSR_A_FLOW_STATE, DSR_FLOW_FIN);
	attr_u32(nlh, DSR_A_FLOW_AGE, 100);
	attr_u32(nlh, DSR_A_FLOW_IDLE, 20);
	attr_u32(nlh, DSR_A_FLOW_EXPIRES, 280);
	end_nest(nlh, nest);
	nest = begin_nest(nlh, DSR_A_PERSIST);
	attr(nlh, DSR_A_PERSIST_SERVER4, "\x0a\x09\0\x0c", 4);
	attr_u32(nlh, DSR_A_PERSIST_IDLE, 20);
	attr_u32(nlh, DSR_A_PERSIST_EXPIRES, 280);
	end_nest(nlh, nest);
}

void explanation(const struct nlmsghdr *request)
{
	struct nlmsghdr *nlh = object(DSR_CMD_EXPLAIN);

	if (scene("passed")) {
		not_chosen(nlh, DSR_A_FATE_PASSED, "not-vip");
	} else if (find_attr(request, "FLOW.DST6")) {
		name_vip(nlh, names);
		chosen(nlh, DSR_BY_SORRY, &servers[3]);
	} else {
		name_vip(nlh, web);
		if (scene("dropped"))
			not_chosen(nlh, DSR_A_FATE_DROPPED, "full");
		else
			chosen(nlh, scene("newer") ? 99 : DSR_BY_SCHEDULER,
			       &servers[0]);
		known(nlh);
	}
	end(nlh);
	send_datagram();
}

/* --- events --- */

/* Who did it; a process may call itself what it likes */
static void cause(struct nlmsghdr *nlh, const char *comm)
{
	size_t nest = begin_nest(nlh, DSR_A_CAUSE);

	attr_u32(nlh, DSR_A_CAUSE_PORTID, 5555);
	attr_u32(nlh, DSR_A_CAUSE_PID, 4321);
	attr_u32(nlh, DSR_A_CAUSE_UID, 1000);
	attr_str(nlh, DSR_A_CAUSE_COMM, comm);
	end_nest(nlh, nest);
	nlh->nlmsg_seq = 77;
	nlh->nlmsg_pid = 5555;
}

static void server_event(uint8_t cmd, const struct server *server,
			 const char *comm)
{
	struct nlmsghdr *nlh = configured(cmd);

	put_server(nlh, server);
	if (comm)
		cause(nlh, comm);
	end(nlh);
}

static void first_events(void)
{
	struct server resolving = servers[0];
	struct nlmsghdr *nlh;
	size_t nest;

	resolving.state = DSR_SERVER_RESOLVING;
	resolving.path_mac = NULL;

	/* another family's, and one that is newer than dsrctl */
	end(begin(FAMILY + 1, 0));
	end(object(200));
	nlh = configured(DSR_CMD_VIP_ADD_NTF);
	nest = begin_vip(nlh, web);
	attr_str(nlh, DSR_A_VIP_SCHED, "mh");
	attr_u8(nlh, DSR_A_VIP_ARP, DSR_ARP_AUTO);
	end_nest(nlh, nest);
	cause(nlh, "dsrctl");
	end(nlh);
	server_event(DSR_CMD_SERVER_ADD_NTF, &resolving, "\xff\x1b[2J\"");
	server_event(DSR_CMD_SERVER_STATE_NTF, &servers[0], NULL);
	send_datagram();
}

static void claim_event(uint8_t kind, bool told)
{
	struct nlmsghdr *nlh = object(DSR_CMD_ARP_NTF);
	size_t nest = begin_nest(nlh, DSR_A_CLAIM);

	attr(nlh, DSR_A_CLAIM_ADDR4, "\x0a\0\0\x64", 4);
	if (kind != DSR_CLAIM_RESUMED) {
		attr(nlh, DSR_A_CLAIM_MAC, "\x02\0\0\0\0\x01", 6);
		attr_str(nlh, DSR_A_CLAIM_IFNAME, "eth0");
	}
	if (told)
		attr_u8(nlh, DSR_A_CLAIM_KIND, kind);
	end_nest(nlh, nest);
	end(nlh);
}

void events(void)
{
	struct nlmsghdr *nlh;

	first_events();
	send_error(ENOBUFS);
	server_event(DSR_CMD_SERVER_STATE_NTF, &servers[2], NULL);
	nlh = configured(DSR_CMD_DEV_STATE_NTF);
	put_dev(nlh, "eth0", 0);
	end(nlh);
	claim_event(DSR_CLAIM_FOREIGN, false);	/* an older module's */
	claim_event(DSR_CLAIM_YIELDED, true);
	claim_event(DSR_CLAIM_RESUMED, true);
	end(configured(DSR_CMD_FLUSH_NTF));
	nlh = configured(DSR_CMD_LIMIT_SET_NTF);
	put_limit(nlh);
	cause(nlh, "dsrctl");
	end(nlh);
	nlh = configured(DSR_CMD_CONFIG_LOAD_NTF);
	cause(nlh, "dsrctl");
	end(nlh);
	send_datagram();
}
