// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "talk.h"

/* What the kernel packs a dump into when the reader has room for it */
#define ANSWER_MAX	32768

/**
 * talk_about() - begin a question
 * @question: is set up
 * @type: of the message
 * @flags: NLM_F_*
 *
 * Return: its header, for mnl_nlmsg_put_extra_header() and mnl_attr_put().
 */
struct nlmsghdr *talk_about(union question *question, uint16_t type,
			    uint16_t flags)
{
	struct nlmsghdr *nlh;

	memset(question, 0, sizeof(*question));
	nlh = mnl_nlmsg_put_header(question->bytes);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = 1;
	return nlh;
}

static int receive(struct mnl_socket *socket, mnl_cb_t read, void *data)
{
	union {
		struct nlmsghdr nlh;
		char bytes[ANSWER_MAX];
	} answer;
	unsigned int portid = mnl_socket_get_portid(socket);
	int ret;

	do {
		ssize_t len = mnl_socket_recvfrom(socket, answer.bytes,
						  sizeof(answer));

		if (len < 0)
			return -errno;
		ret = mnl_cb_run(answer.bytes, len, 1, portid, read, data);
	} while (ret > MNL_CB_STOP);
	return ret < 0 ? -errno : 0;
}

/**
 * talk() - ask the kernel
 * @bus: NETLINK_*
 * @question: what to ask
 * @read: gets each message of the answer, may be NULL
 * @data: for @read
 *
 * Return: 0 or a negative errno; -EINTR when something changed while it was
 * listed.
 */
int talk(int bus, const union question *question, mnl_cb_t read, void *data)
{
	struct mnl_socket *socket;
	int ret = 0;

	socket = mnl_socket_open2(bus, SOCK_CLOEXEC);
	if (!socket)
		return -errno;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, question, question->nlh.nlmsg_len) < 0)
		ret = -errno;
	if (!ret)
		ret = receive(socket, read, data);
	mnl_socket_close(socket);
	return ret;
}
