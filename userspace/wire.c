// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

/* The longest header chain that is read: an error and what it quotes */
#define HEARD_MAX	256
/* Room for the answers of a whole round */
#define RCVBUF		(4 << 20)
/* To find a port that is not in use */
#define TRIES		100
#define TAG_MASK	((uint16_t)~(WIRE_TAGS - 1))
/* To a DNS server it is a question, to others it says nothing */
#define DATAGRAM_LEN	12

struct packet {
	union {
		struct ip ip4;
		struct ip6_hdr ip6;
	};
	uint8_t payload[64];
};

/* Where the filter goes on: the numbers of its instructions */
enum {
	ARP = 6,
	IP4 = 8,
	IP6 = 15,
	PORTS = 20,
	IGNORE = 26,
	COPY = 27,
};

#define LOAD(size, at)	BPF_STMT(BPF_LD | (size) | BPF_ABS, at)
#define IF(number, op, value, yes, no)					\
	BPF_JUMP(BPF_JMP | (op) | BPF_K, value, (yes) - (number) - 1,	\
		 (no) - (number) - 1)

/*
 * Only what may be for us is copied, so that a director under load does not
 * notice: ARP replies, ICMP, and ports that are tags.
 */
static int attach_filter(const struct wire *wire)
{
	struct sock_filter code[] = {
		LOAD(BPF_W, SKF_AD_OFF + SKF_AD_PKTTYPE),
		IF(1, BPF_JEQ, PACKET_OUTGOING, IGNORE, 2),
		LOAD(BPF_W, SKF_AD_OFF + SKF_AD_PROTOCOL),
		IF(3, BPF_JEQ, ETH_P_IP, IP4, 4),
		IF(4, BPF_JEQ, ETH_P_IPV6, IP6, 5),
		IF(5, BPF_JEQ, ETH_P_ARP, ARP, IGNORE),
		[ARP] = LOAD(BPF_H, 6),
		IF(7, BPF_JEQ, ARPOP_REPLY, COPY, IGNORE),
		[IP4] = LOAD(BPF_H, 6),
		IF(9, BPF_JSET, IP_OFFMASK, IGNORE, 10),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		LOAD(BPF_B, 9),
		IF(12, BPF_JEQ, IPPROTO_ICMP, COPY, 13),
		IF(13, BPF_JEQ, IPPROTO_TCP, PORTS, 14),
		IF(14, BPF_JEQ, IPPROTO_UDP, PORTS, IGNORE),
		[IP6] = BPF_STMT(BPF_LDX | BPF_W | BPF_IMM,
				 sizeof(struct ip6_hdr)),
		LOAD(BPF_B, 6),
		IF(17, BPF_JEQ, IPPROTO_ICMPV6, COPY, 18),
		IF(18, BPF_JEQ, IPPROTO_TCP, PORTS, 19),
		IF(19, BPF_JEQ, IPPROTO_UDP, PORTS, IGNORE),
		[PORTS] = BPF_STMT(BPF_LD | BPF_H | BPF_IND, 0),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TAG_MASK),
		IF(22, BPF_JEQ, wire->base, COPY, 23),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TAG_MASK),
		IF(25, BPF_JEQ, wire->base, COPY, IGNORE),
		[IGNORE] = BPF_STMT(BPF_RET | BPF_K, 0),
		[COPY] = BPF_STMT(BPF_RET | BPF_K, HEARD_MAX),
	};
	struct sock_fprog filter = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};

	return setsockopt(wire->fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter,
			  sizeof(filter));
}

static int open_silent(uint16_t port)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog filter = { .len = 1, .filter = &nothing };
	struct sockaddr_in6 any6 = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
	};
	struct sockaddr_in any4 = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};
	int both = 0;
	int fd, ret;

	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &both, sizeof(both));
		ret = bind(fd, (struct sockaddr *)&any6, sizeof(any6));
	} else {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		ret = bind(fd, (struct sockaddr *)&any4, sizeof(any4));
	}
	if (!ret && !setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter,
				sizeof(filter)) && !listen(fd, 1))
		return fd;
	ret = -errno;
	close(fd);
	return ret;
}

/* Ports that are not in use, by chance */
static int choose_tags(struct wire *wire)
{
	int tries;

	if (getrandom(&wire->seq, sizeof(wire->seq), 0) != sizeof(wire->seq))
		return -EIO;
	for (tries = 0; tries < TRIES; tries++) {
		wire->port = (wire->seq + tries) | 0x8000;
		wire->base = wire->port & TAG_MASK;
		wire->silent = open_silent(wire->port);
		if (wire->silent != -EADDRINUSE)
			break;
	}
	return wire->silent < 0 ? wire->silent : 0;
}

/**
 * wire_open() - begin to listen
 * @wire: is set up
 *
 * Return: 0 or a negative errno.
 */
int wire_open(struct wire *wire)
{
	struct sockaddr_ll any = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
	};
	int room = RCVBUF;
	int err;

	/* without a protocol it hears nothing before the filter is there */
	wire->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (wire->fd < 0)
		return -errno;
	err = choose_tags(wire);
	if (err) {
		close(wire->fd);
		return err;
	}
	if (setsockopt(wire->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room,
		       sizeof(room)))
		setsockopt(wire->fd, SOL_SOCKET, SO_RCVBUF, &room,
			   sizeof(room));
	if (!attach_filter(wire) &&
	    !bind(wire->fd, (struct sockaddr *)&any, sizeof(any)))
		return 0;
	err = -errno;
	wire_close(wire);
	return err;
}

void wire_close(struct wire *wire)
{
	close(wire->silent);
	close(wire->fd);
}

/* What can't be sent is not answered, and that is what is reported then */
static void send_frame(const struct wire *wire, int ifindex,
		       const uint8_t mac[MAC_LEN], uint16_t protocol,
		       const void *payload, size_t len)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = ifindex,
		.sll_halen = MAC_LEN,
	};

	memcpy(to.sll_addr, mac, MAC_LEN);
	sendto(wire->fd, payload, len, 0, (struct sockaddr *)&to, sizeof(to));
}

static uint32_t add_sum(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	size_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? bytes[i] : bytes[i] << 8;
	return sum;
}

static uint16_t end_sum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

static uint32_t pseudo_sum(const struct sent *sent, uint8_t protocol,
			   size_t len)
{
	bool v4 = sent->to.family == AF_INET;
	size_t size = v4 ? sizeof(sent->to.v4) : sizeof(sent->to.v6);
	uint32_t sum = protocol + len;

	sum = add_sum(sum, &sent->from.v4, size);
	return add_sum(sum, &sent->to.v4, size);
}

/* Puts the IP header before a payload of @len bytes, and sends it */
static void send_packet(const struct wire *wire, const struct sent *sent,
			uint8_t protocol, const void *payload, size_t len)
{
	struct packet packet = { };
	struct ip *ip4 = &packet.ip4;
	struct ip6_hdr *ip6 = &packet.ip6;

	if (sent->to.family == AF_INET) {
		ip4->ip_v = 4;
		ip4->ip_hl = sizeof(*ip4) / 4;
		ip4->ip_len = htons(sizeof(*ip4) + len);
		ip4->ip_off = htons(IP_DF);
		ip4->ip_ttl = sent->ttl;
		ip4->ip_p = protocol;
		ip4->ip_src = sent->from.v4;
		ip4->ip_dst = sent->to.v4;
		ip4->ip_sum = end_sum(add_sum(0, ip4, sizeof(*ip4)));
		memcpy(ip4 + 1, payload, len);
		send_frame(wire, sent->ifindex, sent->mac, ETH_P_IP, &packet,
			   sizeof(*ip4) + len);
	} else {
		ip6->ip6_vfc = 6 << 4;
		ip6->ip6_plen = htons(len);
		ip6->ip6_nxt = protocol;
		ip6->ip6_hlim = sent->ttl;
		ip6->ip6_src = sent->from.v6;
		ip6->ip6_dst = sent->to.v6;
		memcpy(ip6 + 1, payload, len);
		send_frame(wire, sent->ifindex, sent->mac, ETH_P_IPV6, &packet,
			   sizeof(*ip6) + len);
	}
}

static void ask_arp(const struct wire *wire, int ifindex,
		    const uint8_t mac[MAC_LEN], const struct address *from,
		    const struct address *addr)
{
	static const uint8_t everybody[MAC_LEN] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff
	};
	struct arp arp = {
		.hdr = {
			.ar_hrd = htons(ARPHRD_ETHER),
			.ar_pro = htons(ETH_P_IP),
			.ar_hln = MAC_LEN,
			.ar_pln = sizeof(arp.tip),
			.ar_op = htons(ARPOP_REQUEST),
		},
		.sip = from->v4,
		.tip = addr->v4,
	};

	memcpy(arp.sha, mac, MAC_LEN);
	send_frame(wire, ifindex, everybody, ETH_P_ARP, &arp, sizeof(arp));
}

static void solicit(const struct wire *wire, int ifindex,
		    const uint8_t mac[MAC_LEN], const struct address *from,
		    const struct address *addr)
{
	static const uint8_t group[13] = {
		0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff
	};
	struct {
		struct nd_neighbor_solicit ns;
		struct nd_opt_hdr opt;
		uint8_t mac[MAC_LEN];
	} ask = {
		.ns.nd_ns_type = ND_NEIGHBOR_SOLICIT,
		.ns.nd_ns_target = addr->v6,
		.opt.nd_opt_type = ND_OPT_SOURCE_LINKADDR,
		.opt.nd_opt_len = 1,
	};
	struct sent sent = {
		.ifindex = ifindex,
		.from = *from,
		.to = *addr,
		.ttl = 255,
	};
	size_t len = sizeof(ask);

	/* who has no address may not say where it is */
	if (IN6_IS_ADDR_UNSPECIFIED(&from->v6))
		len = sizeof(ask.ns);
	memcpy(ask.mac, mac, MAC_LEN);
	memcpy(&sent.to.v6, group, sizeof(group));
	sent.mac[0] = 0x33;
	sent.mac[1] = 0x33;
	memcpy(sent.mac + 2, sent.to.v6.s6_addr + 12, 4);

	ask.ns.nd_ns_cksum = end_sum(add_sum(pseudo_sum(&sent, IPPROTO_ICMPV6,
							len), &ask, len));
	send_packet(wire, &sent, IPPROTO_ICMPV6, &ask, len);
}

/**
 * wire_ask() - ask a segment who has an address
 * @wire: where
 * @ifindex: the interface to the segment
 * @mac: of that interface
 * @from: the address that asks; all zero when the interface has none
 * @addr: the address
 */
void wire_ask(struct wire *wire, int ifindex, const uint8_t mac[MAC_LEN],
	      const struct address *from, const struct address *addr)
{
	if (addr->family == AF_INET)
		ask_arp(wire, ifindex, mac, from, addr);
	else
		solicit(wire, ifindex, mac, from, addr);
}

static void send_segment(const struct wire *wire, const struct sent *sent,
			 uint8_t flags)
{
	struct tcphdr tcp = {
		.th_sport = htons(wire->port),
		.th_dport = htons(sent->port),
		.th_seq = htonl(sent->seq),
		.th_off = sizeof(tcp) / 4,
		.th_flags = flags,
		.th_win = htons(flags & TH_SYN ? 65535 : 0),
	};

	tcp.th_sum = end_sum(add_sum(pseudo_sum(sent, IPPROTO_TCP, sizeof(tcp)),
				     &tcp, sizeof(tcp)));
	send_packet(wire, sent, IPPROTO_TCP, &tcp, sizeof(tcp));
}

void wire_syn(struct wire *wire, const struct sent *sent)
{
	send_segment(wire, sent, TH_SYN);
}

void wire_rst(struct wire *wire, const struct sent *sent)
{
	send_segment(wire, sent, TH_RST);
}

void wire_datagram(struct wire *wire, const struct sent *sent)
{
	struct {
		struct udphdr hdr;
		uint8_t payload[DATAGRAM_LEN];
	} udp = {
		.hdr.uh_sport = htons(wire->base + sent->tag),
		.hdr.uh_dport = htons(sent->port),
		.hdr.uh_ulen = htons(sizeof(udp)),
	};

	udp.hdr.uh_sum = end_sum(add_sum(pseudo_sum(sent, IPPROTO_UDP,
						    sizeof(udp)),
					 &udp, sizeof(udp)));
	/* 0 would say that there is none */
	if (!udp.hdr.uh_sum)
		udp.hdr.uh_sum = 0xffff;
	send_packet(wire, sent, IPPROTO_UDP, &udp, sizeof(udp));
}

void wire_echo(struct wire *wire, const struct sent *sent)
{
	bool v4 = sent->to.family == AF_INET;
	uint8_t protocol = v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	/* of both kinds the header is the same */
	struct icmp6_hdr echo = {
		.icmp6_type = v4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST,
		.icmp6_id = htons(wire->base + sent->tag),
	};
	uint32_t sum = v4 ? 0 : pseudo_sum(sent, protocol, sizeof(echo));

	echo.icmp6_cksum = end_sum(add_sum(sum, &echo, sizeof(echo)));
	send_packet(wire, sent, protocol, &echo, sizeof(echo));
}

/**
 * wire_hear() - wait for something to be said to us
 * @wire: where
 * @heard: is filled
 * @ms: how long to wait; 0 takes only what is there
 *
 * Return: whether there was something. If not, the time need not be over.
 */
bool wire_hear(struct wire *wire, struct heard *heard, int ms)
{
	struct pollfd poll_fd = { .fd = wire->fd, .events = POLLIN };
	struct sockaddr_ll from = { };
	socklen_t size = sizeof(from);
	uint8_t data[HEARD_MAX];
	ssize_t len;

	if (poll(&poll_fd, 1, ms) <= 0)
		return false;
	len = recvfrom(wire->fd, data, sizeof(data), MSG_DONTWAIT,
		       (struct sockaddr *)&from, &size);
	if (len < 0)
		return false;
	memset(heard, 0, sizeof(*heard));
	heard->ifindex = from.sll_ifindex;
	memcpy(heard->mac, from.sll_addr, MAC_LEN);
	return wire_read(wire, ntohs(from.sll_protocol), data, len, heard);
}
