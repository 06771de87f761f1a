// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's side of dsrctl's conversation, for tests without a kernel: it
 * takes the place of libmnl's socket functions, so everything above them is
 * tested as it is, to the last byte.
 *
 *	DSR_FAKE	what this kernel is like, see scenes below
 *	DSR_FAKE_LOG	a file: one line for each request, attributes in hex
 *
 * Requests are read and answers are made without dsrctl's own message.c: a
 * mistake in there must not be on both sides.
 *
 *	(none)		two VIPs with servers and two without, three flows
 *	empty		nothing is configured
 *	absent		the module is not loaded
 *	old		the module has no events
 *	garbage		an attribute is too short
 *	newer		attributes and states that dsrctl does not know
 *	events		events, a loss, more events, then SIGTERM
 *	dumperror	a dump ends in an error with a text
 *	nobufs		there is no memory for an answer
 *	closed		setns() is not permitted
 *	reset		every counter begins anew before the second dump
 *	flows N		there are N flows
 *	passed, dropped	that is what becomes of a packet
 *	busy N		the configuration changes in N dumps
 *	refuse ATTR ERRNO TEXT	refuse every request and blame ATTR
 *	echo ATTR ERRNO TEXT	the same, by a kernel that sends requests back
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include <linux/dsr.h>

#define FAMILY		29
#define GROUP		7
#define PORTID		4242
#define MAX_DATAGRAMS	32
#define DATAGRAM	4096

struct mnl_socket {
	int fd;
};

struct datagram {
	char data[DATAGRAM];
	size_t len;
	int error;
};

int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_nanosleep(const struct timespec *time, struct timespec *left);
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_setns(int fd, int type);

static struct datagram queue[MAX_DATAGRAMS];
static size_t queued, taken;
static unsigned int dumps, dumped_flows;
static struct nlmsghdr request;
static bool subscribed, dumping;
static long slept;

static const char *const commands[] = {
	[DSR_CMD_VIP_ADD] = "VIP_ADD",
	[DSR_CMD_VIP_SET] = "VIP_SET",
	[DSR_CMD_VIP_DEL] = "VIP_DEL",
	[DSR_CMD_VIP_GET] = "VIP_GET",
	[DSR_CMD_SERVER_ADD] = "SERVER_ADD",
	[DSR_CMD_SERVER_SET] = "SERVER_SET",
	[DSR_CMD_SERVER_DEL] = "SERVER_DEL",
	[DSR_CMD_SERVER_GET] = "SERVER_GET",
	[DSR_CMD_DEV_ADD] = "DEV_ADD",
	[DSR_CMD_DEV_DEL] = "DEV_DEL",
	[DSR_CMD_DEV_GET] = "DEV_GET",
	[DSR_CMD_FLOW_GET] = "FLOW_GET",
	[DSR_CMD_FLOW_FLUSH] = "FLOW_FLUSH",
	[DSR_CMD_STATS_GET] = "STATS_GET",
	[DSR_CMD_FLUSH] = "FLUSH",
	[DSR_CMD_CONFIG_LOAD] = "CONFIG_LOAD",
	[DSR_CMD_LIMIT_SET] = "LIMIT_SET",
	[DSR_CMD_EXPLAIN] = "EXPLAIN",
};

static const char *const attributes[] = {
	[DSR_A_ADDR4] = "ADDR4",
	[DSR_A_ADDR6] = "ADDR6",
	[DSR_A_PROTO] = "PROTO",
	[DSR_A_PORT] = "PORT",
	[DSR_A_PORT_LAST] = "PORT_LAST",
	[DSR_A_SCHED] = "SCHED",
	[DSR_A_ARP] = "ARP",
	[DSR_A_SERVER4] = "SERVER4",
	[DSR_A_SERVER6] = "SERVER6",
	[DSR_A_WEIGHT] = "WEIGHT",
	[DSR_A_MAC] = "MAC",
	[DSR_A_IFNAME] = "IFNAME",
	[DSR_A_SERVERS] = "SERVERS",
	[DSR_A_CLIENT4] = "CLIENT4",
	[DSR_A_CLIENT6] = "CLIENT6",
	[DSR_A_CLIENT_PREFIX] = "CLIENT_PREFIX",
	[DSR_A_CLIENT_PORT] = "CLIENT_PORT",
	[DSR_A_DST_PORT] = "DST_PORT",
	[DSR_A_DST_PROTO] = "DST_PROTO",
	[DSR_A_FLOW_STATE] = "FLOW_STATE",
	[DSR_A_FLOWS_MAX] = "FLOWS_MAX",
	[DSR_A_PERSISTENCE] = "PERSISTENCE",
	[DSR_A_PERSISTENCE_MASK] = "PERSISTENCE_MASK",
	[DSR_A_ON_DOWN] = "ON_DOWN",
	[DSR_A_TIMEOUT_SYN] = "TIMEOUT_SYN",
	[DSR_A_TIMEOUT_OPEN] = "TIMEOUT_OPEN",
	[DSR_A_TIMEOUT_FIN] = "TIMEOUT_FIN",
	[DSR_A_TIMEOUT_UDP] = "TIMEOUT_UDP",
	[DSR_A_SORRY4] = "SORRY4",
	[DSR_A_SORRY6] = "SORRY6",
	[DSR_A_MAX_FLOWS] = "MAX_FLOWS",
	[DSR_A_DRAIN] = "DRAIN",
};

static const char v6_vip[] = "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\x01\0";
static const char v6_server[] = "\x20\x01\x0d\xb8\0\0\0\x09\0\0\0\0\0\0\0\x11";
static const char v6_client[] = "\x20\x01\x0d\xb8\0\0\xff\xff\0\0\0\0\0\0\0\x01";

static bool scene(const char *name)
{
	const char *fake = getenv("DSR_FAKE");
	size_t len = strlen(name);

	return fake && !strncmp(fake, name, len) &&
	       (!fake[len] || fake[len] == ' ');
}

static unsigned int scene_number(const char *name)
{
	return scene(name) ? atoi(getenv("DSR_FAKE") + strlen(name)) : 0;
}

static void __attribute__((format(printf, 1, 2))) note(const char *fmt, ...)
{
	const char *name = getenv("DSR_FAKE_LOG");
	FILE *file = name ? fopen(name, "a") : NULL;
	va_list ap;

	if (!file)
		return;
	va_start(ap, fmt);
	vfprintf(file, fmt, ap);
	va_end(ap);
	fclose(file);
}

/* --- the answers --- */

static struct nlmsghdr *begin(uint16_t type, uint16_t flags)
{
	struct datagram *datagram = &queue[queued];
	struct nlmsghdr *nlh = (void *)(datagram->data + datagram->len);

	memset(nlh, 0, sizeof(*nlh));
	nlh->nlmsg_len = NLMSG_HDRLEN;
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	nlh->nlmsg_seq = subscribed ? 0 : request.nlmsg_seq;
	nlh->nlmsg_pid = subscribed ? 0 : PORTID;
	return nlh;
}

static void put(struct nlmsghdr *nlh, const void *data, size_t len)
{
	memset((char *)nlh + nlh->nlmsg_len, 0, NLMSG_ALIGN(len));
	memcpy((char *)nlh + nlh->nlmsg_len, data, len);
	nlh->nlmsg_len += NLMSG_ALIGN(len);
}

static void attr(struct nlmsghdr *nlh, uint16_t type, const void *data,
		 size_t len)
{
	struct nlattr nla = { .nla_len = NLA_HDRLEN + len, .nla_type = type };

	put(nlh, &nla, sizeof(nla));
	put(nlh, data, len);
}

static void attr_u8(struct nlmsghdr *nlh, uint16_t type, uint8_t value)
{
	attr(nlh, type, &value, sizeof(value));
}

static void attr_be16(struct nlmsghdr *nlh, uint16_t type, uint16_t value)
{
	uint8_t bytes[] = { value >> 8, value };

	attr(nlh, type, bytes, sizeof(bytes));
}

static void attr_u32(struct nlmsghdr *nlh, uint16_t type, uint32_t value)
{
	attr(nlh, type, &value, sizeof(value));
}

static void attr_u64(struct nlmsghdr *nlh, uint16_t type, uint64_t value)
{
	attr(nlh, DSR_A_PAD, "", 0);
	attr(nlh, type, &value, sizeof(value));
}

static void attr_str(struct nlmsghdr *nlh, uint16_t type, const char *text)
{
	attr(nlh, type, text, strlen(text) + 1);
}

static void end(struct nlmsghdr *nlh)
{
	queue[queued].len += nlh->nlmsg_len;
}

static void send_datagram(void)
{
	queued++;
}

static struct nlmsghdr *object(uint8_t cmd)
{
	struct genlmsghdr genl = { .cmd = cmd, .version = DSR_GENL_VERSION };
	bool dump = request.nlmsg_flags & NLM_F_DUMP;
	struct nlmsghdr *nlh;

	nlh = begin(FAMILY, dump ? NLM_F_MULTI : 0);
	if (dump && dumps <= scene_number("busy"))
		nlh->nlmsg_flags |= NLM_F_DUMP_INTR;
	put(nlh, &genl, sizeof(genl));
	return nlh;
}

/* Answers to somebody else must not be taken for ours */
static void strangers(void)
{
	struct nlmsghdr *nlh = object(DSR_CMD_VIP_GET);

	nlh->nlmsg_seq++;
	end(nlh);
	nlh = object(DSR_CMD_VIP_GET);
	nlh->nlmsg_pid++;
	end(nlh);
	send_datagram();
}

static bool is_load(const char *data)
{
	const struct genlmsghdr *genl = (const void *)(data + NLMSG_HDRLEN);

	return request.nlmsg_type == FAMILY && genl->cmd == DSR_CMD_CONFIG_LOAD;
}

/* Where an attribute is; the items of a load are looked into, the last first */
static size_t attr_offset(const char *data, unsigned int type)
{
	size_t at = NLMSG_HDRLEN + GENL_HDRLEN;
	size_t found = 0;

	while (at + NLA_HDRLEN <= request.nlmsg_len) {
		const struct nlattr *nla = (const void *)(data + at);

		if (is_load(data) && nla->nla_type & NLA_F_NESTED) {
			at += NLA_HDRLEN;
			continue;
		}
		if (nla->nla_type == type)
			found = at;
		if (found && !is_load(data))
			break;
		at += NLA_ALIGN(nla->nla_len);
	}
	return found;
}

static void refusal_tlvs(struct nlmsghdr *nlh, const char *data,
			 const char *scene_text)
{
	unsigned int type = 0;
	char text[200] = "";
	size_t offset;
	int error = 0;

	sscanf(scene_text, "%*s %u %d %199[^\n]", &type, &error, text);
	offset = attr_offset(data, type);
	if (!*text && !offset)
		return;
	nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
	if (*text)
		attr_str(nlh, NLMSGERR_ATTR_MSG, text);
	if (offset)
		attr_u32(nlh, NLMSGERR_ATTR_OFFS, offset);
}

static void ack(const char *data, int error)
{
	struct nlmsghdr *nlh = begin(NLMSG_ERROR, 0);

	put(nlh, &error, sizeof(error));
	if (error && scene("echo")) {
		put(nlh, data, request.nlmsg_len);
	} else {
		put(nlh, &request, sizeof(request));
		nlh->nlmsg_flags |= NLM_F_CAPPED;
	}
	if (error && getenv("DSR_FAKE"))
		refusal_tlvs(nlh, data, getenv("DSR_FAKE"));
	end(nlh);
	send_datagram();
}

static void done(int error, const char *text)
{
	struct nlmsghdr *nlh = begin(NLMSG_DONE, NLM_F_MULTI);

	put(nlh, &error, sizeof(error));
	if (text) {
		nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
		attr_str(nlh, NLMSGERR_ATTR_MSG, text);
	}
	end(nlh);
	send_datagram();
}

/* --- what this kernel has --- */

static void vip_name(struct nlmsghdr *nlh, bool v6, uint8_t proto,
		     uint16_t port, uint16_t last)
{
	if (v6)
		attr(nlh, DSR_A_ADDR6, v6_vip, 16);
	else
		attr(nlh, DSR_A_ADDR4, "\x0a\0\0\x64", 4);
	attr_u8(nlh, DSR_A_PROTO, proto);
	if (port)
		attr_be16(nlh, DSR_A_PORT, port);
	if (last)
		attr_be16(nlh, DSR_A_PORT_LAST, last);
}

/* Every dump finds counters that have grown, so that there are rates */
static void counters(struct nlmsghdr *nlh, unsigned int flows)
{
	unsigned int age = scene("reset") && dumps == 1 ? 100 : dumps;

	attr_u64(nlh, DSR_A_FLOWS, flows);
	attr_u64(nlh, DSR_A_FLOWS_TOTAL, flows * (1 + age));
	attr_u64(nlh, DSR_A_PACKETS, flows * (10 + 4 * age));
	attr_u64(nlh, DSR_A_BYTES, flows * (1000 + 500 * age));
}

static void vip(bool v6, uint8_t proto, uint16_t port, uint16_t last,
		const char *sched, uint8_t arp, unsigned int flows)
{
	struct nlmsghdr *nlh = object(DSR_CMD_VIP_GET);

	vip_name(nlh, v6, proto, port, last);
	attr_str(nlh, DSR_A_SCHED, sched);
	attr_u8(nlh, DSR_A_ARP, arp);
	attr_u32(nlh, DSR_A_PERSISTENCE, v6 ? 600 : 0);
	attr_u8(nlh, DSR_A_PERSISTENCE_MASK, v6 ? 64 : 32);
	attr_u8(nlh, DSR_A_ON_DOWN, v6 ? DSR_ON_DOWN_DROP : 0);
	attr_u32(nlh, DSR_A_TIMEOUT_SYN, 60);
	attr_u32(nlh, DSR_A_TIMEOUT_OPEN, 900);
	attr_u32(nlh, DSR_A_TIMEOUT_FIN, 120);
	attr_u32(nlh, DSR_A_TIMEOUT_UDP, 300);
	if (v6)
		attr(nlh, DSR_A_SORRY6, v6_server, 16);
	counters(nlh, flows);
	end(nlh);
}

struct server {
	uint8_t last;		/* byte of its address */
	uint32_t weight;
	uint8_t state;
	uint8_t why;
	const char *mac;
	const char *dev;
	const char *path_mac;
	const char *path_dev;
	unsigned int flows;
};

static void server_attrs(struct nlmsghdr *nlh, const struct server *server)
{
	uint8_t addr[] = { 10, 9, 0, server->last };

	if (server->last)
		attr(nlh, DSR_A_SERVER4, addr, 4);
	else
		attr(nlh, DSR_A_SERVER6, v6_server, 16);
	if (!server->last)
		attr(nlh, DSR_A_SORRY, "", 0);
	attr_u32(nlh, DSR_A_WEIGHT, server->weight);
	attr_u32(nlh, DSR_A_MAX_FLOWS, server->last == 11 ? 1000 : 0);
	attr_u8(nlh, DSR_A_DRAIN, server->state == DSR_SERVER_DRAIN);
	attr_u8(nlh, DSR_A_STATE, server->state);
	if (server->why)
		attr_u8(nlh, DSR_A_WHY, server->why);
	if (server->mac)
		attr(nlh, DSR_A_MAC, server->mac, 6);
	if (server->dev)
		attr_str(nlh, DSR_A_IFNAME, server->dev);
	if (server->path_mac)
		attr(nlh, DSR_A_PATH_MAC, server->path_mac, 6);
	if (server->path_dev)
		attr_str(nlh, DSR_A_PATH_IFNAME, server->path_dev);
	counters(nlh, server->flows);
	attr_u64(nlh, DSR_A_ACTIVE, server->flows ? 1 : 0);
	attr_u64(nlh, DSR_A_BOUNCED, server->last == 13 ? 5 : 0);
	attr_u64(nlh, DSR_A_RETRIES, server->last == 11 ? 2 : 0);
}

static const struct server servers[] = {
	{ .last = 11, .weight = 1, .state = DSR_SERVER_UP, .flows = 2,
	  .path_mac = "\x02\0\0\0\0\x11", .path_dev = "eth1" },
	{ .last = 12, .weight = 10, .state = DSR_SERVER_DRAIN, .flows = 1,
	  .mac = "\x02\0\0\0\0\x12", .path_mac = "\x02\0\0\0\0\x12",
	  .path_dev = "eth1" },
	{ .last = 13, .weight = 65535, .state = DSR_SERVER_DOWN,
	  .why = DSR_WHY_NO_DEVICE, .mac = "\x02\0\0\0\0\x13",
	  .dev = "eth7\x1b[2J\xff" },
};

static const struct server v6 = {
	.weight = 1, .state = DSR_SERVER_RESOLVING, .path_dev = "eth1",
	.dev = "eth1",
};

static void put_server(const struct server *server)
{
	struct nlmsghdr *nlh = object(DSR_CMD_SERVER_GET);
	bool is_v6 = server == &v6;

	vip_name(nlh, is_v6, is_v6 ? IPPROTO_UDP : IPPROTO_TCP,
		 is_v6 ? 53 : 80, 0);
	server_attrs(nlh, server);
	end(nlh);
}

static void newer_object(void)
{
	const struct server odd = { .last = 11, .state = 99, .why = 99 };
	struct nlmsghdr *nlh;

	vip(false, IPPROTO_TCP, 80, 0, "mh", 9, 1);
	nlh = object(DSR_CMD_SERVER_GET);
	vip_name(nlh, false, IPPROTO_TCP, 80, 80);
	server_attrs(nlh, &odd);
	attr(nlh, DSR_A_MAX + 1, "new", 3);
	attr(nlh, 4095, "", 0);
	end(nlh);
	send_datagram();
}

static void garbage_object(void)
{
	struct nlmsghdr *nlh;

	vip(false, IPPROTO_TCP, 80, 0, "mh", DSR_ARP_AUTO, 1);
	nlh = object(DSR_CMD_VIP_GET);
	attr(nlh, DSR_A_ADDR4, "\x0a", 1);
	end(nlh);
	send_datagram();
}

static void dump_vips(const char *data)
{
	size_t port = attr_offset(data, DSR_A_PORT);
	bool all = !attr_offset(data, DSR_A_PROTO);
	size_t i;

	if (scene("newer"))
		return newer_object();
	if (scene("garbage"))
		return garbage_object();
	if (scene("empty"))
		return;

	if (all || (port && !memcmp(data + port + NLA_HDRLEN, "\0\x50", 2))) {
		vip(false, IPPROTO_TCP, 80, 80, "mh", DSR_ARP_AUTO, 3);
		for (i = 0; i < sizeof(servers) / sizeof(servers[0]); i++)
			put_server(&servers[i]);
		send_datagram();
	}
	if (all || attr_offset(data, DSR_A_ADDR6)) {
		vip(true, IPPROTO_UDP, 53, 0, "wrr", DSR_ARP_OFF, 0);
		put_server(&v6);
		send_datagram();
	}
	if (all) {
		vip(false, IPPROTO_UDP, 20000, 20100, "sh", DSR_ARP_AUTO, 0);
		vip(false, 0, 0, 65535, "mh", DSR_ARP_AUTO, 0);
		send_datagram();
	}
}

static void dev(const char *name, unsigned int ifindex)
{
	struct nlmsghdr *nlh = object(DSR_CMD_DEV_GET);

	attr_str(nlh, DSR_A_IFNAME, name);
	attr_u32(nlh, DSR_A_IFINDEX, ifindex);
	end(nlh);
}

static void dump_devs(void)
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
	bool is_v6 = i == 1;

	vip_name(nlh, is_v6, is_v6 ? IPPROTO_UDP : i == 2 ? 0 : IPPROTO_TCP,
		 is_v6 ? 53 : i == 2 ? 0 : 80, 0);
	if (is_v6)
		attr(nlh, DSR_A_SERVER6, v6_server, 16);
	else
		attr(nlh, DSR_A_SERVER4, "\x0a\x09\0\x0b", 4);
	if (is_v6)
		attr(nlh, DSR_A_CLIENT6, v6_client, 16);
	else
		attr(nlh, DSR_A_CLIENT4, client, 4);
	attr_be16(nlh, DSR_A_CLIENT_PORT, i == 2 ? 0 : 40000 + i % 1000);
	attr_be16(nlh, DSR_A_DST_PORT, is_v6 ? 53 : i == 2 ? 0 : 80);
	attr_u8(nlh, DSR_A_DST_PROTO, is_v6 ? IPPROTO_UDP :
		i == 2 ? IPPROTO_GRE : IPPROTO_TCP);
	attr_u8(nlh, DSR_A_FLOW_STATE, is_v6 ? DSR_FLOW_UDP :
		i == 2 ? DSR_FLOW_OTHER : DSR_FLOW_OPEN);
	attr_u32(nlh, DSR_A_AGE, 100 + i);
	attr_u32(nlh, DSR_A_IDLE, 1);
	attr_u32(nlh, DSR_A_EXPIRES, 899);
	end(nlh);
}

/* One datagram with more flows; called again until there are no more */
static void dump_flows(void)
{
	unsigned int all = scene("flows") ? scene_number("flows") :
			   scene("empty") ? 0 : 3;
	int i;

	if (dumped_flows == all) {
		done(0, NULL);
		return;
	}
	for (i = 0; i < 10 && dumped_flows < all; i++)
		flow(dumped_flows++);
	send_datagram();
}

static size_t begin_nest(struct nlmsghdr *nlh, uint16_t type)
{
	struct nlattr nest = { .nla_type = type | NLA_F_NESTED };
	size_t start = nlh->nlmsg_len;

	put(nlh, &nest, sizeof(nest));
	return start;
}

static void end_nest(struct nlmsghdr *nlh, size_t start)
{
	uint16_t len = nlh->nlmsg_len - start;

	memcpy((char *)nlh + start, &len, sizeof(len));
}

static void reason(struct nlmsghdr *nlh, uint16_t type, const char *name,
		   uint64_t count)
{
	size_t nest = begin_nest(nlh, type);

	attr_str(nlh, DSR_A_REASON, name);
	attr_u64(nlh, DSR_A_COUNT, count);
	end_nest(nlh, nest);
}

static void stats(void)
{
	struct nlmsghdr *nlh = object(DSR_CMD_STATS_GET);

	attr_u64(nlh, DSR_A_FORWARDED, 12345678901);
	attr_u64(nlh, DSR_A_ANSWERED, 7);
	attr_u64(nlh, DSR_A_FLOWS, 3);
	attr_u64(nlh, DSR_A_FLOWS_MAX, 1000000);
	attr(nlh, DSR_A_FLOWS_MAX_AUTO, "", 0);
	attr_u64(nlh, DSR_A_PERSISTENT, 8);
	attr_u64(nlh, DSR_A_ARP_FOREIGN, 9);
	reason(nlh, DSR_A_PASSED, "no-server", 4);
	reason(nlh, DSR_A_PASSED, "own", 0);
	reason(nlh, DSR_A_DROPPED, "ttl", 1);
	if (scene("garbage"))
		reason(nlh, DSR_A_DROPPED,
		       "a-reason-with-a-name-that-is-too-long", 1);
	end(nlh);
	send_datagram();
}

static void entry(struct nlmsghdr *nlh, uint16_t type, uint8_t last)
{
	uint8_t addr[] = { 10, 9, 0, last };
	size_t nest = begin_nest(nlh, type);

	attr(nlh, DSR_A_SERVER4, addr, 4);
	if (type == DSR_A_FLOW) {
		attr_u8(nlh, DSR_A_FLOW_STATE, DSR_FLOW_FIN);
		attr_u32(nlh, DSR_A_AGE, 100);
	}
	attr_u32(nlh, DSR_A_IDLE, 20);
	attr_u32(nlh, DSR_A_EXPIRES, 280);
	end_nest(nlh, nest);
}

static void server_choice(struct nlmsghdr *nlh)
{
	attr_u8(nlh, DSR_A_BY, scene("newer") ? 99 : DSR_BY_SCHEDULER);
	attr(nlh, DSR_A_SERVER4, "\x0a\x09\0\x0b", 4);
	attr(nlh, DSR_A_PATH_MAC, "\x02\0\0\0\0\x11", 6);
	attr_str(nlh, DSR_A_PATH_IFNAME, "eth1");
}

/* The flow is past and the client's server drains: the scheduler has chosen */
static void explanation(const char *data)
{
	struct nlmsghdr *nlh = object(DSR_CMD_EXPLAIN);
	bool is_v6 = attr_offset(data, DSR_A_ADDR6);

	if (scene("passed")) {
		reason(nlh, DSR_A_PASSED, "not-vip", 0);
	} else if (is_v6) {
		vip_name(nlh, true, IPPROTO_UDP, 53, 0);
		attr_u8(nlh, DSR_A_BY, DSR_BY_SORRY);
		attr(nlh, DSR_A_SERVER6, v6_server, 16);
		attr_str(nlh, DSR_A_PATH_IFNAME, "eth1");
	} else {
		vip_name(nlh, false, IPPROTO_TCP, 80, 0);
		if (scene("dropped"))
			reason(nlh, DSR_A_DROPPED, "full", 0);
		else
			server_choice(nlh);
		entry(nlh, DSR_A_FLOW, 13);
		entry(nlh, DSR_A_PERSIST, 12);
	}
	end(nlh);
	send_datagram();
}

static void flushed(void)
{
	struct nlmsghdr *nlh = object(DSR_CMD_FLOW_FLUSH);

	attr_u64(nlh, DSR_A_FLOWS, scene("flows") ? scene_number("flows") : 3);
	end(nlh);
	send_datagram();
}

static void server_event(uint8_t cmd, const struct server *server)
{
	struct nlmsghdr *nlh = object(cmd);

	vip_name(nlh, false, IPPROTO_TCP, 80, 0);
	server_attrs(nlh, server);
	end(nlh);
}

static void events(void)
{
	struct server resolving = servers[0];
	struct nlmsghdr *nlh;

	resolving.state = DSR_SERVER_RESOLVING;
	resolving.path_mac = NULL;

	/* another family's, and one that is newer than dsrctl */
	end(begin(FAMILY + 1, 0));
	end(object(200));
	nlh = object(DSR_CMD_VIP_ADD_NTF);
	vip_name(nlh, false, IPPROTO_TCP, 80, 0);
	attr_str(nlh, DSR_A_SCHED, "mh");
	attr_u8(nlh, DSR_A_ARP, DSR_ARP_AUTO);
	end(nlh);
	server_event(DSR_CMD_SERVER_ADD_NTF, &resolving);
	server_event(DSR_CMD_SERVER_STATE_NTF, &servers[0]);
	send_datagram();

	queue[queued].error = ENOBUFS;
	send_datagram();

	server_event(DSR_CMD_SERVER_STATE_NTF, &servers[2]);
	nlh = object(DSR_CMD_DEV_STATE_NTF);
	attr_str(nlh, DSR_A_IFNAME, "eth0");
	attr_u32(nlh, DSR_A_IFINDEX, 0);
	end(nlh);
	end(object(DSR_CMD_FLUSH_NTF));
	send_datagram();
}

/* --- the requests --- */

static void log_request(const char *data)
{
	const struct genlmsghdr *genl = (const void *)(data + NLMSG_HDRLEN);
	size_t at = NLMSG_HDRLEN + GENL_HDRLEN;
	size_t i;

	note("%s %s v%u", commands[genl->cmd],
	     request.nlmsg_flags == (NLM_F_REQUEST | NLM_F_ACK) ? "do" :
	     request.nlmsg_flags == (NLM_F_REQUEST | NLM_F_DUMP) ? "dump" :
	     "with odd flags", genl->version);
	while (at < request.nlmsg_len) {
		const struct nlattr *nla = (const void *)(data + at);

		if (is_load(data) && nla->nla_type & NLA_F_NESTED) {
			note(" / %s", commands[nla->nla_type & ~NLA_F_NESTED]);
			at += NLA_HDRLEN;
			continue;
		}
		note(" %s", attributes[nla->nla_type]);
		for (i = NLA_HDRLEN; i < nla->nla_len; i++)
			note("%s%02x", i == NLA_HDRLEN ? "=" : "",
			     (uint8_t)data[at + i]);
		at += NLA_ALIGN(nla->nla_len);
	}
	note("\n");
}

static void family(const char *data)
{
	struct genlmsghdr genl = { .cmd = CTRL_CMD_NEWFAMILY };
	uint16_t id = FAMILY;
	struct nlmsghdr *nlh;
	struct nlattr nest;
	size_t outer, inner;

	if (scene("absent"))
		return ack(data, -ENOENT);

	nlh = begin(GENL_ID_CTRL, 0);
	put(nlh, &genl, sizeof(genl));
	attr(nlh, CTRL_ATTR_FAMILY_ID, &id, sizeof(id));
	if (!scene("old")) {
		memset(&nest, 0, sizeof(nest));
		outer = nlh->nlmsg_len;
		put(nlh, &nest, sizeof(nest));
		inner = nlh->nlmsg_len;
		put(nlh, &nest, sizeof(nest));
		attr_u32(nlh, CTRL_ATTR_MCAST_GRP_ID, GROUP);
		attr_str(nlh, CTRL_ATTR_MCAST_GRP_NAME, DSR_MCGRP_EVENTS);
		nest.nla_len = nlh->nlmsg_len - inner;
		nest.nla_type = 1 | NLA_F_NESTED;
		memcpy((char *)nlh + inner, &nest, sizeof(nest));
		nest.nla_len = nlh->nlmsg_len - outer;
		nest.nla_type = CTRL_ATTR_MCAST_GROUPS | NLA_F_NESTED;
		memcpy((char *)nlh + outer, &nest, sizeof(nest));
	}
	end(nlh);
	send_datagram();
	ack(data, 0);
}

static void dump(const char *data, uint8_t cmd)
{
	dumps++;
	dumping = true;
	strangers();
	if (cmd == DSR_CMD_FLOW_GET) {
		dumped_flows = 0;
		return dump_flows();
	}
	if (cmd == DSR_CMD_VIP_GET)
		dump_vips(data);
	else
		dump_devs();
	if (scene("dumperror"))
		done(-EBUSY, "the table is being moved.");
	else
		done(0, NULL);
}

static int refusal(void)
{
	const char *fake = getenv("DSR_FAKE");
	int error = 0;

	if (scene("refuse") || scene("echo"))
		sscanf(fake, "%*s %*u %d", &error);
	return error;
}

static void answer(const char *data)
{
	const struct genlmsghdr *genl = (const void *)(data + NLMSG_HDRLEN);

	if (request.nlmsg_type == GENL_ID_CTRL)
		return family(data);
	log_request(data);
	if (refusal())
		return ack(data, -refusal());
	if (scene("nobufs")) {
		queue[queued].error = ENOBUFS;
		return send_datagram();
	}
	if ((request.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP)
		return dump(data, genl->cmd);

	strangers();
	if (genl->cmd == DSR_CMD_FLOW_FLUSH)
		flushed();
	if (genl->cmd == DSR_CMD_STATS_GET)
		stats();
	if (genl->cmd == DSR_CMD_EXPLAIN)
		explanation(data);
	ack(data, 0);
}

/* --- instead of libmnl and libc --- */

struct mnl_socket *mnl_socket_open2(int bus, int flags)
{
	static struct mnl_socket socket;

	if (bus != NETLINK_GENERIC || !(flags & SOCK_CLOEXEC))
		abort();
	socket.fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	queued = 0;
	taken = 0;
	dumping = false;
	return &socket;
}

int mnl_socket_bind(struct mnl_socket *nl, unsigned int groups, pid_t pid)
{
	(void)nl;
	if (groups || pid)
		abort();
	return 0;
}

int mnl_socket_close(struct mnl_socket *nl)
{
	return close(nl->fd);
}

unsigned int mnl_socket_get_portid(const struct mnl_socket *nl)
{
	(void)nl;
	return PORTID;
}

int mnl_socket_get_fd(const struct mnl_socket *nl)
{
	return nl->fd;
}

int mnl_socket_setsockopt(const struct mnl_socket *nl, int type, void *buf,
			  socklen_t len)
{
	(void)nl;
	if (len != sizeof(int))
		abort();
	if (type == NETLINK_ADD_MEMBERSHIP) {
		if (*(int *)buf != GROUP)
			abort();
		subscribed = true;
		request.nlmsg_flags = 0;
		queued = 0;
		taken = 0;
		memset(queue, 0, sizeof(queue));
		events();
	}
	return 0;
}

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *req,
			  size_t size)
{
	(void)nl;
	memcpy(&request, req, sizeof(request));
	/* a dump that was not read to its end is in the way of the next one */
	if (request.nlmsg_len != size || taken != queued || dumping)
		abort();
	memset(queue, 0, sizeof(queue));
	queued = 0;
	taken = 0;
	answer(req);
	return size;
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf,
			    size_t size)
{
	struct datagram *datagram;

	(void)nl;
	/* a dump of flows goes on for as long as somebody reads */
	if (taken == queued && dumped_flows && !subscribed) {
		memset(queue, 0, sizeof(queue));
		queued = 0;
		taken = 0;
		dump_flows();
	}
	if (taken == queued && subscribed)
		raise(SIGTERM);
	if (taken == queued)
		abort();

	datagram = &queue[taken++];
	if (datagram->error) {
		errno = datagram->error;
		return -1;
	}
	if (size < datagram->len)
		abort();
	memcpy(buf, datagram->data, datagram->len);
	if (((struct nlmsghdr *)buf)->nlmsg_type == NLMSG_DONE ||
	    ((struct nlmsghdr *)buf)->nlmsg_type == NLMSG_ERROR)
		dumping = false;
	return datagram->len;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	now->tv_sec = clock == CLOCK_REALTIME ? 1767225599 : 5000 + slept;
	now->tv_nsec = 123456789;
	return 0;
}

int __wrap_nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)left;
	slept += time->tv_sec;
	return 0;
}

int __wrap_open(const char *path, int flags, ...)
{
	if (!strcmp(path, "/run/netns/blue"))
		path = "/dev/null";
	return __real_open(path, flags);
}

int __wrap_setns(int fd, int type)
{
	if (fd < 0 || type != CLONE_NEWNET)
		abort();
	if (scene("closed")) {
		errno = EPERM;
		return -1;
	}
	note("setns\n");
	return 0;
}
