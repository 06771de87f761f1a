// SPDX-License-Identifier: GPL-2.0-only
/* The messages that come and go, in place of libmnl's and libc's; see kernel.h. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "kernel.h"

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
static unsigned int dumps;
static struct nlmsghdr request;
static bool subscribed, dumping;
static long slept;

bool scene(const char *name)
{
	const char *fake = getenv("DSR_FAKE");
	size_t len = strlen(name);

	return fake && !strncmp(fake, name, len) &&
	       (!fake[len] || fake[len] == ' ');
}

unsigned int scene_number(const char *name)
{
	return scene(name) ? atoi(getenv("DSR_FAKE") + strlen(name)) : 0;
}

/* --- the answers --- */

struct nlmsghdr *begin(uint16_t type, uint16_t flags)
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

void put(struct nlmsghdr *nlh, const void *data, size_t len)
{
	memset((char *)nlh + nlh->nlmsg_len, 0, NLMSG_ALIGN(len));
	memcpy((char *)nlh + nlh->nlmsg_len, data, len);
	nlh->nlmsg_len += NLMSG_ALIGN(len);
}

void end(struct nlmsghdr *nlh)
{
	queue[queued].len += nlh->nlmsg_len;
}

void send_datagram(void)
{
	queued++;
}

void send_error(int error)
{
	queue[queued].error = error;
	send_datagram();
}

struct nlmsghdr *object(uint8_t cmd)
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

/* It is another one after each of the first dumps that the scene says */
unsigned int generation(void)
{
	unsigned int moves = scene_number("moved");

	return 1000 + (dumps < moves ? dumps : moves);
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

/**
 * struct refusal - why a request is not done
 * @error: a negative errno, or 0
 * @blame: an attribute, as find_attr() takes it
 * @text: the reason
 */
struct refusal {
	int error;
	char blame[40];
	char text[200];
};

static void refusal_tlvs(struct nlmsghdr *nlh, const struct nlmsghdr *req,
			 const struct refusal *why)
{
	const struct nlattr *blamed = find_attr(req, why->blame);

	if (!*why->text && !blamed)
		return;
	nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
	if (*why->text)
		attr_str(nlh, NLMSGERR_ATTR_MSG, why->text);
	if (blamed)
		attr_u32(nlh, NLMSGERR_ATTR_OFFS,
			 (const char *)blamed - (const char *)req);
}

static void ack(const struct nlmsghdr *req, const struct refusal *why)
{
	struct nlmsghdr *nlh = begin(NLMSG_ERROR, 0);

	put(nlh, &why->error, sizeof(why->error));
	if (why->error && scene("echo")) {
		put(nlh, req, req->nlmsg_len);
	} else {
		put(nlh, req, sizeof(*req));
		nlh->nlmsg_flags |= NLM_F_CAPPED;
	}
	if (why->error && req->nlmsg_type == FAMILY)
		refusal_tlvs(nlh, req, why);
	end(nlh);
	send_datagram();
}

void done(int error, const char *text)
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

/* --- the requests --- */

static void group(struct nlmsghdr *nlh)
{
	size_t groups = begin_nest(nlh, CTRL_ATTR_MCAST_GROUPS);
	size_t first = begin_nest(nlh, 1);

	attr_u32(nlh, CTRL_ATTR_MCAST_GRP_ID, GROUP);
	attr_str(nlh, CTRL_ATTR_MCAST_GRP_NAME, DSR_MCGRP_EVENTS);
	end_nest(nlh, first);
	end_nest(nlh, groups);
}

static void family(const struct nlmsghdr *req)
{
	struct genlmsghdr genl = { .cmd = CTRL_CMD_NEWFAMILY };
	uint16_t id = FAMILY;
	struct nlmsghdr *nlh;

	if (scene("absent"))
		return ack(req, &(struct refusal) { .error = -ENOENT });

	nlh = begin(GENL_ID_CTRL, 0);
	put(nlh, &genl, sizeof(genl));
	attr(nlh, CTRL_ATTR_FAMILY_ID, &id, sizeof(id));
	attr_u32(nlh, CTRL_ATTR_VERSION,
		 scene_number("version") ?: DSR_GENL_VERSION);
	if (!scene("old"))
		group(nlh);
	end(nlh);
	send_datagram();
	ack(req, &(struct refusal) { });
}

static void dump(const struct nlmsghdr *req, uint8_t cmd)
{
	dumps++;
	dumping = true;
	strangers();
	if (cmd == DSR_CMD_FLOW_GET) {
		dumped_flows = 0;
		return dump_flows();
	}
	if (cmd == DSR_CMD_VIP_GET)
		dump_vips();
	else if (cmd == DSR_CMD_SERVER_GET)
		dump_servers(req);
	else
		dump_devs();
	if (scene("dumperror"))
		done(-EBUSY, "the table is being moved.");
	else
		done(0, NULL);
}

/* What is done without a dump */
static void act(const struct nlmsghdr *req, uint8_t cmd, struct refusal *why)
{
	strangers();
	if (cmd == DSR_CMD_FLOW_FLUSH)
		flushed();
	if (cmd == DSR_CMD_STATS_GET)
		stats();
	if (cmd == DSR_CMD_EXPLAIN)
		explanation(req);
	if (cmd == DSR_CMD_VIP_GET && !get_vip(req))
		*why = (struct refusal) { -ENOENT, "VIP", "no such VIP" };
}

static void answer(const struct nlmsghdr *req)
{
	const struct genlmsghdr *genl = (const void *)((const char *)req +
						       NLMSG_HDRLEN);
	struct refusal why = { };

	if (req->nlmsg_type == GENL_ID_CTRL)
		return family(req);
	log_request(req);
	if (scene("refuse") || scene("echo"))
		sscanf(getenv("DSR_FAKE"), "%*s %39s %d %199[^\n]", why.blame,
		       &why.error, why.text);
	why.error = -why.error;
	if (scene("nobufs"))
		return send_error(ENOBUFS);
	if (!why.error && (req->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP)
		return dump(req, genl->cmd);
	if (!why.error)
		act(req, genl->cmd, &why);
	ack(req, &why);
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
