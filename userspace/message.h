/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Netlink attributes and a plain structure, one made from the other. No I/O.
 *
 * In a message the attributes are in nests, one for each object. Here all of
 * them are members of one structure, whatever object or request it stands for.
 * MESSAGE_FIELDS has a line for each: a new attribute is one more of them.
 */
#ifndef DSRCTL_MESSAGE_H
#define DSRCTL_MESSAGE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/dsr.h>

#include "parse.h"

struct nlmsghdr;

/*
 * F(NAME, NEST, KIND, MEMBER): DSR_A_NAME is in NEST, 0: in the message itself,
 * is written as message.c has it for KIND_ KIND, and is MEMBER of struct
 * message. Those of a nest stand together, and of an address ADDRESS6 after
 * ADDRESS4. A flag has no member: that it is there says all.
 */
#define MESSAGE_FIELDS(F)						\
	F(GENERATION, 0, BYTES, generation)				\
	F(COUNT, 0, BYTES, count)					\
									\
	F(VIP_ADDR4, DSR_A_VIP, ADDRESS4, vip.addr)			\
	F(VIP_ADDR6, DSR_A_VIP, ADDRESS6, vip.addr)			\
	F(VIP_PROTO, DSR_A_VIP, BYTES, vip.proto)			\
	F(VIP_PORT, DSR_A_VIP, BE16, vip.port)				\
	F(VIP_PORT_LAST, DSR_A_VIP, BE16, vip.port_last)		\
	F(VIP_SCHED, DSR_A_VIP, STRING, sched)				\
	F(VIP_ARP, DSR_A_VIP, BYTES, arp)				\
	F(VIP_PERSISTENCE, DSR_A_VIP, BYTES, persistence)		\
	F(VIP_PERSISTENCE_MASK, DSR_A_VIP, BYTES, persistence_mask)	\
	F(VIP_ON_DOWN, DSR_A_VIP, BYTES, on_down)			\
	F(VIP_TIMEOUT_SYN, DSR_A_VIP, BYTES, timeout_syn)		\
	F(VIP_TIMEOUT_OPEN, DSR_A_VIP, BYTES, timeout_open)		\
	F(VIP_TIMEOUT_FIN, DSR_A_VIP, BYTES, timeout_fin)		\
	F(VIP_TIMEOUT_RST, DSR_A_VIP, BYTES, timeout_rst)		\
	F(VIP_TIMEOUT_UDP, DSR_A_VIP, BYTES, timeout_udp)		\
	F(VIP_TIMEOUT_OTHER, DSR_A_VIP, BYTES, timeout_other)		\
	F(VIP_SORRY4, DSR_A_VIP, ADDRESS4, sorry)			\
	F(VIP_SORRY6, DSR_A_VIP, ADDRESS6, sorry)			\
	F(VIP_FLOWS, DSR_A_VIP, BYTES, vip_flows)			\
	F(VIP_FLOWS_TOTAL, DSR_A_VIP, BYTES, vip_flows_total)		\
	F(VIP_PACKETS, DSR_A_VIP, BYTES, vip_packets)			\
	F(VIP_BYTES, DSR_A_VIP, BYTES, vip_bytes)			\
	F(VIP_SPEAKS, DSR_A_VIP, BYTES, speaks)				\
	F(VIP_SPEAKER_MAC, DSR_A_VIP, BYTES, speaker_mac)		\
	F(VIP_SPEAKER_IFNAME, DSR_A_VIP, STRING, speaker_ifname)	\
									\
	F(SERVER_ADDR4, DSR_A_SERVER, ADDRESS4, server)			\
	F(SERVER_ADDR6, DSR_A_SERVER, ADDRESS6, server)			\
	F(SERVER_WEIGHT, DSR_A_SERVER, BYTES, weight)			\
	F(SERVER_MAX_FLOWS, DSR_A_SERVER, BYTES, max_flows)		\
	F(SERVER_DRAIN, DSR_A_SERVER, BYTES, drain)			\
	F(SERVER_MAC, DSR_A_SERVER, BYTES, mac)				\
	F(SERVER_IFNAME, DSR_A_SERVER, STRING, ifname)			\
	F(SERVER_SORRY, DSR_A_SERVER, FLAG, has)			\
	F(SERVER_STATE, DSR_A_SERVER, BYTES, state)			\
	F(SERVER_WHY, DSR_A_SERVER, BYTES, why)				\
	F(SERVER_PATH_MAC, DSR_A_SERVER, BYTES, path_mac)		\
	F(SERVER_PATH_IFNAME, DSR_A_SERVER, STRING, path_ifname)	\
	F(SERVER_FLOWS, DSR_A_SERVER, BYTES, server_flows)		\
	F(SERVER_ACTIVE, DSR_A_SERVER, BYTES, active)			\
	F(SERVER_FLOWS_TOTAL, DSR_A_SERVER, BYTES, server_flows_total)	\
	F(SERVER_PACKETS, DSR_A_SERVER, BYTES, server_packets)		\
	F(SERVER_BYTES, DSR_A_SERVER, BYTES, server_bytes)		\
	F(SERVER_BOUNCED, DSR_A_SERVER, BYTES, bounced)			\
	F(SERVER_RETRIES, DSR_A_SERVER, BYTES, retries)			\
									\
	F(DEV_IFNAME, DSR_A_DEV, STRING, dev)				\
	F(DEV_IFINDEX, DSR_A_DEV, BYTES, ifindex)			\
									\
	F(LIMIT_FLOWS, DSR_A_LIMIT, BYTES, flows_max)			\
	F(LIMIT_FLOWS_AUTO, DSR_A_LIMIT, FLAG, has)			\
									\
	F(FLOW_SERVER4, DSR_A_FLOW, ADDRESS4, flow_server)		\
	F(FLOW_SERVER6, DSR_A_FLOW, ADDRESS6, flow_server)		\
	F(FLOW_CLIENT4, DSR_A_FLOW, ADDRESS4, client)			\
	F(FLOW_CLIENT6, DSR_A_FLOW, ADDRESS6, client)			\
	F(FLOW_CLIENT_PREFIX, DSR_A_FLOW, BYTES, client_prefix)		\
	F(FLOW_CLIENT_PORT, DSR_A_FLOW, BE16, client_port)		\
	F(FLOW_DST4, DSR_A_FLOW, ADDRESS4, dst)				\
	F(FLOW_DST6, DSR_A_FLOW, ADDRESS6, dst)				\
	F(FLOW_DST_PORT, DSR_A_FLOW, BE16, dst_port)			\
	F(FLOW_PROTO, DSR_A_FLOW, BYTES, flow_proto)			\
	F(FLOW_STATE, DSR_A_FLOW, BYTES, flow_state)			\
	F(FLOW_AGE, DSR_A_FLOW, BYTES, age)				\
	F(FLOW_IDLE, DSR_A_FLOW, BYTES, idle)				\
	F(FLOW_EXPIRES, DSR_A_FLOW, BYTES, expires)			\
									\
	F(PERSIST_SERVER4, DSR_A_PERSIST, ADDRESS4, persist_server)	\
	F(PERSIST_SERVER6, DSR_A_PERSIST, ADDRESS6, persist_server)	\
	F(PERSIST_IDLE, DSR_A_PERSIST, BYTES, persist_idle)		\
	F(PERSIST_EXPIRES, DSR_A_PERSIST, BYTES, persist_expires)	\
									\
	F(STATS_FORWARDED, DSR_A_STATS, BYTES, forwarded)		\
	F(STATS_ANSWERED, DSR_A_STATS, BYTES, answered)			\
	F(STATS_FLOWS, DSR_A_STATS, BYTES, stats_flows)			\
	F(STATS_PERSISTENT, DSR_A_STATS, BYTES, persistent)		\
	F(STATS_ARP_FOREIGN, DSR_A_STATS, BYTES, arp_foreign)		\
									\
	F(FATE_BY, DSR_A_FATE, BYTES, by)				\
	F(FATE_PASSED, DSR_A_FATE, STRING, passed)			\
	F(FATE_DROPPED, DSR_A_FATE, STRING, dropped)			\
									\
	F(CLAIM_ADDR4, DSR_A_CLAIM, ADDRESS4, claim)			\
	F(CLAIM_ADDR6, DSR_A_CLAIM, ADDRESS6, claim)			\
	F(CLAIM_MAC, DSR_A_CLAIM, BYTES, claim_mac)			\
	F(CLAIM_IFNAME, DSR_A_CLAIM, STRING, claim_ifname)		\
	F(CLAIM_KIND, DSR_A_CLAIM, BYTES, claim_kind)			\
									\
	F(CAUSE_PID, DSR_A_CAUSE, BYTES, pid)				\
	F(CAUSE_UID, DSR_A_CAUSE, BYTES, uid)				\
	F(CAUSE_COMM, DSR_A_CAUSE, STRING, comm)

enum field {
	FIELD_NONE,
#define FIELD(name, nest, kind, member)	FIELD_##name,
	MESSAGE_FIELDS(FIELD)
#undef FIELD
	FIELDS
};

#define FIELD_WORD_BITS	64

/**
 * struct message - a request to the module or an object from it
 * @cmd: DSR_CMD_*
 * @has: a bit for each field that is there, see message_has()
 *
 * The other members are as MESSAGE_FIELDS says, in host byte order, and 0 where
 * they are not there.
 */
struct message {
	uint8_t cmd;
	uint64_t has[(FIELDS + FIELD_WORD_BITS - 1) / FIELD_WORD_BITS];

	uint32_t generation;
	uint32_t count;

	struct vip vip;
	char sched[DSR_SCHED_NAME_MAX + 1];
	uint8_t arp;
	uint32_t persistence;
	uint8_t persistence_mask;
	uint8_t on_down;
	uint32_t timeout_syn;
	uint32_t timeout_open;
	uint32_t timeout_fin;
	uint32_t timeout_rst;
	uint32_t timeout_udp;
	uint32_t timeout_other;
	struct address sorry;
	uint64_t vip_flows;
	uint64_t vip_flows_total;
	uint64_t vip_packets;
	uint64_t vip_bytes;
	uint8_t speaks;
	uint8_t speaker_mac[MAC_LEN];
	char speaker_ifname[IFNAMSIZ];

	struct address server;
	uint32_t weight;
	uint32_t max_flows;
	uint8_t drain;
	uint8_t mac[MAC_LEN];
	char ifname[IFNAMSIZ];
	uint8_t state;
	uint8_t why;
	uint8_t path_mac[MAC_LEN];
	char path_ifname[IFNAMSIZ];
	uint64_t server_flows;
	uint64_t active;
	uint64_t server_flows_total;
	uint64_t server_packets;
	uint64_t server_bytes;
	uint64_t bounced;
	uint64_t retries;

	char dev[IFNAMSIZ];
	uint32_t ifindex;

	uint64_t flows_max;

	struct address flow_server;
	struct address client;
	uint8_t client_prefix;
	uint16_t client_port;
	struct address dst;
	uint16_t dst_port;
	uint8_t flow_proto;
	uint8_t flow_state;
	uint32_t age;
	uint32_t idle;
	uint32_t expires;

	struct address persist_server;
	uint32_t persist_idle;
	uint32_t persist_expires;

	uint64_t forwarded;
	uint64_t answered;
	uint64_t stats_flows;
	uint64_t persistent;
	uint64_t arp_foreign;

	uint8_t by;
	char passed[DSR_REASON_NAME_MAX + 1];
	char dropped[DSR_REASON_NAME_MAX + 1];

	struct address claim;
	uint8_t claim_mac[MAC_LEN];
	char claim_ifname[IFNAMSIZ];
	uint8_t claim_kind;

	uint32_t pid;
	uint32_t uid;
	char comm[DSR_COMM_MAX + 1];
};

/**
 * struct reason - a counter of packets that were passed or dropped
 * @name: the reason
 * @count: the packets
 */
struct reason {
	char name[DSR_REASON_NAME_MAX + 1];
	uint64_t count;
};

static inline bool message_has(const struct message *msg, enum field field)
{
	return msg->has[field / FIELD_WORD_BITS] >> field % FIELD_WORD_BITS & 1;
}

static inline void message_set(struct message *msg, enum field field)
{
	msg->has[field / FIELD_WORD_BITS] |= 1ULL << field % FIELD_WORD_BITS;
}

void message_set_vip(struct message *msg, const struct vip *vip);
void message_set_address(struct message *msg, enum field v4,
			 const struct address *addr);
uint64_t message_number(const struct message *msg, enum field field);
const char *message_string(const struct message *msg, enum field field);
void message_copy(struct message *to, const struct message *from,
		  enum field field);
bool message_same(const struct message *a, const struct message *b);

void message_put(struct nlmsghdr *nlh, const struct message *msg);
void message_put_item(struct nlmsghdr *nlh, const struct message *msg);
int message_get(const struct nlmsghdr *nlh, struct message *msg);
int message_get_reasons(const struct nlmsghdr *nlh, unsigned int attr,
			struct reason *reasons, int max);
enum field message_field_at(const struct nlmsghdr *nlh, uint32_t offset);

#endif /* DSRCTL_MESSAGE_H */
