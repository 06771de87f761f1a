// SPDX-License-Identifier: GPL-2.0-only
/*
 * parse.c and message.c by themselves. Prints TAP.
 *
 * What is printed can be typed back; what is sent is what is read; no bytes,
 * however wrong, are read beyond their end (the sanitizers watch).
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "message.h"
#include "parse.h"

#define ROUNDS	200000

static unsigned int tests, failed;

static void ok(bool good, const char *what, const char *name)
{
	printf("%sok %u - %s %s\n", good ? "" : "not ", ++tests, what, name);
	failed += !good;
}

/* The same numbers each time, so that what fails fails again */
static uint32_t random_number(void)
{
	static uint32_t state = 2463534242;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

static void test_vips(void)
{
	static const struct {
		const char *typed;
		const char *printed;
	} vips[] = {
		{ "10.0.0.100:80/tcp", "10.0.0.100:80/tcp" },
		{ "10.0.0.100:1/sctp", "10.0.0.100:1/sctp" },
		{ "10.0.0.100:65535/udp", "10.0.0.100:65535/udp" },
		{ "10.0.0.100:1-65535/udp", "10.0.0.100:1-65535/udp" },
		{ "10.0.0.100:20000-20100/udp", "10.0.0.100:20000-20100/udp" },
		{ "10.0.0.100/tcp", "10.0.0.100/tcp" },
		{ "10.0.0.100/any", "10.0.0.100/any" },
		{ "[2001:db8::100]:53/udp", "[2001:db8::100]:53/udp" },
		{ "[2001:db8::100]:1-2/udp", "[2001:db8::100]:1-2/udp" },
		{ "[2001:db8::100]/tcp", "2001:db8::100/tcp" },
		{ "2001:db8::100/tcp", "2001:db8::100/tcp" },
		{ "2001:DB8:0:0::100/any", "2001:db8::100/any" },
		{ "2001:db8::100:53/udp", "2001:db8::100:53/udp" },
		{ "::ffff:10.0.0.1/tcp", "::ffff:10.0.0.1/tcp" },
		{ "[1111:2222:3333:4444:5555:6666:7777:8888]:10000-65535/sctp",
		  "[1111:2222:3333:4444:5555:6666:7777:8888]:10000-65535/sctp" },
	};
	char text[VIP_STRLEN], again[VIP_STRLEN];
	struct vip vip;
	size_t i;

	for (i = 0; i < sizeof(vips) / sizeof(vips[0]); i++) {
		bool good = !parse_vip(vips[i].typed, &vip) &&
			    !strcmp(format_vip(text, &vip), vips[i].printed) &&
			    !parse_vip(text, &vip) &&
			    !strcmp(format_vip(again, &vip), text);

		ok(good, "VIP", vips[i].typed);
	}
}

static void test_prefixes(void)
{
	static const struct {
		const char *typed;
		const char *network;
		int length;
	} prefixes[] = {
		{ "10.1.2.3", "10.1.2.3", -1 },
		{ "10.1.2.3/32", "10.1.2.3", 32 },
		{ "10.1.2.255/25", "10.1.2.128", 25 },
		{ "10.1.2.3/8", "10.0.0.0", 8 },
		{ "10.1.2.3/0", "0.0.0.0", 0 },
		{ "2001:db8:ffff::1/33", "2001:db8:8000::", 33 },
		{ "2001:db8::1/128", "2001:db8::1", 128 },
		{ "2001:db8::1/127", "2001:db8::", 127 },
		{ "2001:db8::1/0", "::", 0 },
	};
	char text[ADDRESS_STRLEN];
	struct address addr;
	int length;
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		bool good = !parse_prefix(prefixes[i].typed, &addr, &length) &&
			    !strcmp(format_address(text, &addr),
				    prefixes[i].network) &&
			    length == prefixes[i].length;

		ok(good, "prefix", prefixes[i].typed);
	}
}

static void test_endpoints(void)
{
	static const char *const endpoints[][2] = {
		{ "10.1.2.3:80", "10.1.2.3:80" },
		{ "10.1.2.3", "10.1.2.3:0" },
		{ "10.1.2.3:65535", "10.1.2.3:65535" },
		{ "2001:db8::1", "[2001:db8::1]:0" },
		{ "[2001:db8::1]", "[2001:db8::1]:0" },
		{ "[1111:2222:3333:4444:5555:6666:7777:8888]:65535",
		  "[1111:2222:3333:4444:5555:6666:7777:8888]:65535" },
	};
	char text[ENDPOINT_STRLEN];
	struct address addr;
	uint16_t port;
	size_t i;

	for (i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
		ok(!parse_endpoint(endpoints[i][0], &addr, &port) &&
		   !strcmp(format_endpoint(text, &addr, port),
			   endpoints[i][1]), "endpoint", endpoints[i][0]);
}

/* Words made of the characters that mean something, in any order */
static void test_words(void)
{
	static const char letters[] = "0123456789abcdef:::..[]//--%tcpudpsany";
	char text[VIP_STRLEN], again[VIP_STRLEN];
	uint8_t mac[MAC_LEN];
	struct address addr;
	char name[IFNAMSIZ];
	uint64_t count;
	uint32_t weight;
	uint16_t port;
	struct vip vip;
	unsigned int i;
	int length;
	bool good = true;

	for (i = 0; i < ROUNDS; i++) {
		size_t len = random_number() % 30;
		/* no byte more than the word has, so that none is read */
		char *word = malloc(len + 1);
		size_t at;

		for (at = 0; at < len; at++)
			word[at] = letters[random_number() %
					   (sizeof(letters) - 1)];
		if (len > 12 && i & 1)
			memcpy(word + len - 4, "/tcp", 4);
		if (len > 12 && i & 2)
			memcpy(word, "1.2.3.4:", 8);
		word[len] = '\0';
		if (!parse_vip(word, &vip))
			good &= !parse_vip(format_vip(text, &vip), &vip) &&
				!strcmp(format_vip(again, &vip), text);
		parse_address(word, &addr);
		parse_prefix(word, &addr, &length);
		parse_endpoint(word, &addr, &port);
		parse_weight(word, &weight);
		parse_mac(word, mac);
		parse_ifname(word, name, sizeof(name));
		parse_scheduler(word, name, sizeof(name));
		parse_count(word, &count);
		free(word);
	}
	ok(good, "random", "words");
}

/* A value for each field, and each of its bytes its own, as far as it may be */
static void fill_bytes(void *value, size_t size)
{
	static uint8_t next;
	uint8_t *bytes = value;

	while (size--)
		*bytes++ = ++next;
}

static void fill_string(char *value, size_t size)
{
	memset(value, 'x', size - 1);
}

static void fill_address(struct address *addr, const char *text)
{
	parse_address(text, addr);
}

/* Every field, of one family */
static void fill(struct message *msg, bool v6)
{
	const char *text = v6 ? "2001:db8::2" : "10.9.0.11";
	/* as MESSAGE_FIELDS calls them */
	enum { BYTES, BE16, STRING, FLAG, ADDRESS4, ADDRESS6 };

	memset(msg, 0, sizeof(*msg));
#define FIELD(name, nest, kind, member)					\
	if ((kind != ADDRESS4 || !v6) && (kind != ADDRESS6 || v6))	\
		message_set(msg, FIELD_##name);				\
	if (kind == BYTES || kind == BE16)				\
		fill_bytes(&msg->member, sizeof(msg->member));		\
	if (kind == STRING)						\
		fill_string((void *)&msg->member, sizeof(msg->member));	\
	if (kind == ADDRESS4)						\
		fill_address((void *)&msg->member, text);
	MESSAGE_FIELDS(FIELD)
#undef FIELD
	msg->cmd = DSR_CMD_SERVER_GET;
	parse_vip(v6 ? "[2001:db8::1]:53-54/udp" : "10.0.0.100:80-81/tcp",
		  &msg->vip);
}

static struct nlmsghdr *put(char buf[2048], const struct message *msg)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = msg->cmd;
	message_put(nlh, msg);
	return nlh;
}

static void test_round_trip(bool v6)
{
	_Alignas(8) char buf[2048];
	struct message sent, got;
	struct nlmsghdr *nlh;

	fill(&sent, v6);
	nlh = put(buf, &sent);
	/* netlink.c has as much room */
	ok(nlh->nlmsg_len < sizeof(buf) / 2, "room for", "every attribute");
	ok(!message_get(nlh, &got) && !memcmp(&sent, &got, sizeof(got)),
	   "message with every attribute,", v6 ? "IPv6" : "IPv4");
	ok(message_same(&sent, &got), "message_same", v6 ? "IPv6" : "IPv4");
}

static void test_same(void)
{
	struct message a, b;

#define DIFFERENT(change)						\
	do {								\
		fill(&a, true);						\
		fill(&b, true);						\
		change;							\
		ok(!message_same(&a, &b), "message_same tells", #change); \
	} while (0)

	DIFFERENT(b.cmd++);
	DIFFERENT(b.vip.addr.v6.s6_addr[15]++);
	DIFFERENT(b.vip.addr.family = AF_INET);
	DIFFERENT(b.vip.port++);
	DIFFERENT(b.vip.port_last++);
	DIFFERENT(b.vip.proto++);
	DIFFERENT(b.server.v6.s6_addr[15]++);
}

static void test_field_at(void)
{
	_Alignas(8) char buf[2048];
	struct message msg = { };
	struct nlmsghdr *nlh;

	message_set(&msg, FIELD_GENERATION);
	message_set(&msg, FIELD_SERVER_WEIGHT);
	message_set(&msg, FIELD_SERVER_MAC);
	nlh = put(buf, &msg);
	ok(message_field_at(nlh, 19) == 0, "offset of", "the header");
	ok(message_field_at(nlh, 20) == FIELD_GENERATION, "offset of",
	   "the generation");
	ok(message_field_at(nlh, 28) == 0, "offset of", "a nest");
	ok(message_field_at(nlh, 32) == FIELD_SERVER_WEIGHT, "offset of",
	   "the weight");
	ok(message_field_at(nlh, 36) == FIELD_SERVER_WEIGHT, "offset in",
	   "the weight");
	ok(message_field_at(nlh, 40) == FIELD_SERVER_MAC, "offset of",
	   "the MAC address");
	ok(message_field_at(nlh, 52) == 0, "offset", "at the end");
	ok(message_field_at(nlh, 4000) == 0, "offset", "beyond the end");
}

/* Of the second item, behind its CMD */
static void test_field_at_in_load(void)
{
	_Alignas(8) char buf[2048];
	struct message msg = { .cmd = DSR_CMD_SERVER_ADD };
	struct nlmsghdr *nlh;
	uint32_t second;

	nlh = mnl_nlmsg_put_header(buf);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct genlmsghdr));
	message_set(&msg, FIELD_VIP_PROTO);
	message_put_item(nlh, &msg);
	second = nlh->nlmsg_len;
	message_set(&msg, FIELD_SERVER_WEIGHT);
	message_put_item(nlh, &msg);
	ok(message_field_at(nlh, 20) == 0, "offset of", "an item");
	ok(message_field_at(nlh, second + 4) == 0, "offset of", "its command");
	ok(message_field_at(nlh, second + 12) == 0, "offset of", "its VIP");
	ok(message_field_at(nlh, second + 16) == FIELD_VIP_PROTO, "offset of",
	   "the protocol of its VIP");
	ok(message_field_at(nlh, second + 28) == FIELD_SERVER_WEIGHT,
	   "offset of", "the weight of its server");
}

/* Nests whose attributes are longer than they are */
static void put_reasons(struct nlmsghdr *nlh)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, DSR_A_STATS);

	mnl_attr_put_u32(nlh, DSR_A_STATS_PASSED | NLA_F_NESTED, 0x00210004);
	mnl_attr_put_u32(nlh, DSR_A_STATS_DROPPED | NLA_F_NESTED, 0xffff0008);
	mnl_attr_nest_end(nlh, nest);
}

/* A good message with some bytes and its end wrong, at the end of its memory */
static void test_garbage(void)
{
	_Alignas(8) char good[2048];
	struct reason reasons[4];
	struct message msg;
	struct nlmsghdr *nlh;
	unsigned int i, wrong = 0;

	for (i = 0; i < ROUNDS; i++) {
		char *bytes;
		size_t len;
		int n;

		fill(&msg, i & 1);
		nlh = put(good, &msg);
		put_reasons(nlh);
		len = MNL_NLMSG_HDRLEN +
		      random_number() % (nlh->nlmsg_len - MNL_NLMSG_HDRLEN + 1);
		/* libmnl reads up to the next multiple of 4, which is there */
		bytes = calloc(1, MNL_ALIGN(len));
		memcpy(bytes, good, len);
		for (n = random_number() % 4; n && len > MNL_NLMSG_HDRLEN; n--)
			bytes[MNL_NLMSG_HDRLEN +
			      random_number() % (len - MNL_NLMSG_HDRLEN)] =
				random_number();
		nlh = (struct nlmsghdr *)bytes;
		nlh->nlmsg_len = len;
		wrong += message_get(nlh, &msg) == -EBADMSG;
		/* an offset comes with a request of ours, which has a header */
		if (len >= MNL_NLMSG_HDRLEN + sizeof(struct genlmsghdr)) {
			message_get_reasons(nlh, DSR_A_STATS_PASSED, reasons, 4);
			message_get_reasons(nlh, DSR_A_STATS_DROPPED, reasons, 4);
			message_field_at(nlh, random_number() % 1024);
		}
		free(bytes);
	}
	ok(wrong > ROUNDS / 100 && wrong < ROUNDS, "random", "messages");
}

int main(void)
{
	test_vips();
	test_prefixes();
	test_endpoints();
	test_words();
	test_round_trip(false);
	test_round_trip(true);
	test_same();
	test_field_at();
	test_field_at_in_load();
	test_garbage();
	printf("1..%u\n", tests);
	return failed ? 1 : 0;
}
