/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Netlink attributes and a plain structure, one made from the other. No I/O.
 *
 * Every attribute of include/uapi/linux/dsr.h that is not a nest is a field of
 * struct message, whatever object or request it belongs to. @has tells which
 * of them are there.
 */
#ifndef DSRCTL_MESSAGE_H
#define DSRCTL_MESSAGE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/dsr.h>

#include "parse.h"

struct nlmsghdr;

#define HAS(attr)	(1ULL << (attr))

/**
 * struct message - a request to the module or an object from it
 * @cmd: DSR_CMD_*
 * @has: HAS(DSR_A_*) of each attribute that is there
 *
 * The other fields are the attributes of the same name, in host byte order.
 */
struct message {
	uint8_t cmd;
	uint64_t has;

	struct vip vip;
	char sched[DSR_SCHED_NAME_MAX + 1];
	uint8_t arp;
	uint32_t persistence;
	uint8_t persistence_mask;
	uint8_t on_down;
	uint32_t timeout_syn;
	uint32_t timeout_open;
	uint32_t timeout_fin;
	uint32_t timeout_udp;
	struct address sorry;

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

	uint64_t flows;
	uint64_t active;
	uint64_t flows_total;
	uint64_t packets;
	uint64_t bytes;
	uint64_t bounced;
	uint64_t retries;

	uint32_t ifindex;

	struct address client;
	uint8_t client_prefix;
	uint16_t client_port;
	uint16_t dst_port;
	uint8_t dst_proto;
	uint8_t flow_state;
	uint32_t age;
	uint32_t idle;
	uint32_t expires;

	uint64_t forwarded;
	uint64_t answered;
	uint64_t flows_max;
	uint64_t arp_foreign;
	uint64_t persistent;

	uint8_t by;
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

void message_set_vip(struct message *msg, const struct vip *vip);
void message_set_server(struct message *msg, const struct address *addr);
void message_set_client(struct message *msg, const struct address *addr,
			int length);
bool message_same(const struct message *a, const struct message *b);

void message_put(struct nlmsghdr *nlh, const struct message *msg);
int message_get(const struct nlmsghdr *nlh, struct message *msg);
int message_get_nest(const struct nlmsghdr *nlh, unsigned int attr,
		     struct message *msg);
int message_get_reasons(const struct nlmsghdr *nlh, unsigned int attr,
			struct reason *reasons, int max);
unsigned int message_attr_at(const struct nlmsghdr *nlh, uint32_t offset);
unsigned int message_nested_attr_at(const struct nlmsghdr *nlh,
				    uint32_t offset);

#endif /* DSRCTL_MESSAGE_H */
