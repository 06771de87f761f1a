/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * dsr: an L4 switch for Direct Server Return. The generic netlink protocol.
 *
 * The family is "dsr", version 1, and works on the network namespace that the
 * socket was opened in. Reading needs no privilege; a command that changes
 * something needs CAP_NET_ADMIN in the user namespace that owns the network
 * namespace. Events go to the multicast group "events".
 *
 * Addresses and ports are in network byte order, all other integers in host
 * byte order. Validation is strict: an attribute that a command does not know
 * is refused. Every refusal carries an extended ACK with a text and, where one
 * attribute is to blame, its offset. A refused command changes nothing.
 *
 * A VIP is named by ADDR4 or ADDR6, PROTO, and unless it takes every port,
 * PORT and PORT_LAST. "VIP" below stands for these attributes:
 *
 *	ADDR4 (be32) or ADDR6 (16 bytes)	exactly one
 *	PROTO (u8)	IPPROTO_TCP, _UDP, _SCTP, or 0 for any; required
 *	PORT (be16)	1 to 65535; absent or 0 for every port, and always so
 *			with PROTO 0
 *	PORT_LAST (be16) above PORT: a range, both ends included; absent or
 *			equal to PORT for a single port
 *
 * A server is named by its VIP and SERVER4 or SERVER6, of the VIP's family.
 *
 * Commands (doit; "dumpit" where it says so):
 *
 *	VIP_ADD		VIP [options]
 *			EEXIST when it is there, or its range overlaps another.
 *			Options: SCHED, ARP, PERSISTENCE, PERSISTENCE_MASK,
 *			ON_DOWN, TIMEOUT_SYN, _OPEN, _FIN, _UDP, SORRY4/6 (of
 *			the VIP's family; zero: none)
 *	VIP_SET		VIP, and at least one option
 *	VIP_DEL		VIP; its servers and flows go with it
 *	VIP_GET		VIP; answers with a VIP object
 *			dumpit [VIP] [SERVERS]: every VIP object in the order of
 *			their making. With SERVERS each is followed by a
 *			message SERVER_GET for each of its servers
 *	SERVER_ADD	VIP, server [options]: WEIGHT, MAX_FLOWS, DRAIN, MAC,
 *			IFNAME
 *	SERVER_SET	VIP, server, at least one option; an all-zero MAC and
 *			an empty IFNAME take the pin away. A WEIGHT without
 *			DRAIN ends a drain. The sorry server takes MAC and
 *			IFNAME only
 *	SERVER_DEL	VIP, server; its flows are scheduled anew
 *	SERVER_GET	VIP, server; answers with a server object
 *			dumpit [VIP]: the server objects of all VIPs or one
 *	DEV_ADD		IFNAME; the interface must exist
 *	DEV_DEL		IFNAME
 *	DEV_GET		dumpit: dev objects
 *	FLOW_GET	dumpit [VIP] [SERVER4/6] [CLIENT4/6 [CLIENT_PREFIX]]:
 *			flow objects that fit every filter given
 *	FLOW_FLUSH	the filters of FLOW_GET; forgets these flows, answers
 *			with FLOWS, their number
 *	STATS_GET	answers with a stats object
 *	LIMIT_SET	FLOWS_MAX; 0: by the memory of the host
 *	FLUSH		removes every VIP; dev entries stay
 *	EXPLAIN		CLIENT4/6, ADDR4/6, DST_PROTO [CLIENT_PORT] [DST_PORT]
 *			[FLOW_STATE]: what would become of such a packet now? It
 *			opens a flow, or with FLOW_STATE OPEN is of a connection
 *			that is open. Answers with an explanation and changes
 *			nothing. A scheduler that takes turns answers for the CPU
 *			that asks
 *	CONFIG_LOAD	the whole configuration, in place of what there is. Its
 *			attributes are not those below but nests, in order, whose
 *			types are commands and which hold the attributes of these:
 *			VIP_ADD, SERVER_ADD, SERVER_SET, DEV_ADD, LIMIT_SET.
 *			VIPs, servers and devs that it does not name go, new
 *			ones come, others are set; options that it does not name
 *			are as when added, but who drains goes on to. Interfaces
 *			may be absent. All of it is done, or nothing
 *
 * Dumps report NLM_F_DUMP_INTR when the configuration changed meanwhile; the
 * reader starts over. FLOW_GET does not: flows change all the time, one that
 * exists for the whole dump is in it at least once.
 *
 * Objects (a message's attributes):
 *
 *	VIP object	VIP, every option but SORRY4/6 when there is none,
 *			FLOWS, FLOWS_TOTAL, PACKETS, BYTES
 *	server object	VIP, server, [SORRY], WEIGHT, MAX_FLOWS, DRAIN, STATE,
 *			[WHY], [MAC] and [IFNAME] when pinned, [PATH_MAC]
 *			[PATH_IFNAME] the next hop in use, FLOWS, ACTIVE,
 *			FLOWS_TOTAL, PACKETS, BYTES, BOUNCED, RETRIES
 *	dev object	IFNAME, IFINDEX (0 while the interface is absent)
 *	flow object	VIP, server, CLIENT4/6, CLIENT_PORT, DST_PORT, DST_PROTO,
 *			FLOW_STATE, AGE, IDLE, EXPIRES
 *	stats object	FORWARDED, ANSWERED, FLOWS, FLOWS_MAX,
 *			[FLOWS_MAX_AUTO], PERSISTENT, ARP_FOREIGN, PASSED...,
 *			DROPPED...
 *			(one nest of REASON and COUNT for each reason, also
 *			those that are 0)
 *	explanation	[VIP] that matches, [BY] and [server] [SORRY] that is
 *			chosen, its [PATH_MAC] [PATH_IFNAME]; [FLOW] of these
 *			addresses and ports, also if it is past: server,
 *			FLOW_STATE, AGE, IDLE, EXPIRES; [PERSIST] of the client,
 *			also if its server takes no flows: SERVER4/6, IDLE,
 *			EXPIRES; PASSED or DROPPED, with REASON, unless the
 *			packet would be forwarded
 *
 * Events: the ids that end in _NTF, each with the object as it is after the
 * change (of a deletion: as it was). FLUSH_NTF has no attributes; it stands
 * for the deletion of all VIPs. LIMIT_SET_NTF has FLOWS_MAX. ARP_NTF has
 * ADDR4/6, a VIP's address, PATH_MAC, of a host that claims it, and IFNAME,
 * where it was heard. FLOW_FLUSH makes no event.
 */
#ifndef _UAPI_LINUX_DSR_H
#define _UAPI_LINUX_DSR_H

#define DSR_GENL_NAME		"dsr"
#define DSR_GENL_VERSION	1
#define DSR_MCGRP_EVENTS	"events"

#define DSR_WEIGHT_MAX		65535
#define DSR_TIMEOUT_MAX		2592000	/* seconds, 30 days */
#define DSR_FLOWS_MAX		1073741824
#define DSR_SCHED_NAME_MAX	15	/* bytes, without the final 0 */
#define DSR_REASON_NAME_MAX	31

enum dsr_cmd {
	DSR_CMD_VIP_ADD = 1,
	DSR_CMD_VIP_SET,
	DSR_CMD_VIP_DEL,
	DSR_CMD_VIP_GET,
	DSR_CMD_SERVER_ADD,
	DSR_CMD_SERVER_SET,
	DSR_CMD_SERVER_DEL,
	DSR_CMD_SERVER_GET,
	DSR_CMD_DEV_ADD,
	DSR_CMD_DEV_DEL,
	DSR_CMD_DEV_GET,
	DSR_CMD_FLOW_GET,
	DSR_CMD_FLOW_FLUSH,
	DSR_CMD_STATS_GET,
	DSR_CMD_FLUSH,
	DSR_CMD_LIMIT_SET,
	DSR_CMD_EXPLAIN,
	DSR_CMD_CONFIG_LOAD,

	/* events, never sent to the kernel */
	DSR_CMD_VIP_ADD_NTF,
	DSR_CMD_VIP_SET_NTF,
	DSR_CMD_VIP_DEL_NTF,
	DSR_CMD_SERVER_ADD_NTF,
	DSR_CMD_SERVER_SET_NTF,
	DSR_CMD_SERVER_DEL_NTF,
	DSR_CMD_SERVER_STATE_NTF,	/* STATE, WHY or the next hop changed */
	DSR_CMD_DEV_ADD_NTF,
	DSR_CMD_DEV_DEL_NTF,
	DSR_CMD_DEV_STATE_NTF,		/* the interface came or went */
	DSR_CMD_FLUSH_NTF,
	DSR_CMD_SERVER_DRAINED_NTF,	/* its last flow has gone */
	DSR_CMD_LIMIT_SET_NTF,
	DSR_CMD_ARP_NTF,		/* another host claims a VIP */

	__DSR_CMD_MAX,
	DSR_CMD_MAX = __DSR_CMD_MAX - 1
};

enum dsr_attr {
	DSR_A_PAD = 1,		/* alignment only */

	/* VIP */
	DSR_A_ADDR4,		/* be32 */
	DSR_A_ADDR6,		/* struct in6_addr */
	DSR_A_PROTO,		/* u8, IPPROTO_*, 0: any */
	DSR_A_PORT,		/* be16, 0: every port */
	DSR_A_PORT_LAST,	/* be16 */
	DSR_A_SCHED,		/* string, a scheduler's name */
	DSR_A_ARP,		/* u8, enum dsr_arp */

	/* server */
	DSR_A_SERVER4,		/* be32 */
	DSR_A_SERVER6,		/* struct in6_addr */
	DSR_A_WEIGHT,		/* u32, 0 to DSR_WEIGHT_MAX */
	DSR_A_MAC,		/* 6 bytes, the pinned one */
	DSR_A_IFNAME,		/* string; of a server: the pinned one */
	DSR_A_STATE,		/* u8, enum dsr_server_state */
	DSR_A_WHY,		/* u8, enum dsr_why */
	DSR_A_PATH_MAC,		/* 6 bytes, the one in use */
	DSR_A_PATH_IFNAME,	/* string, the one in use */

	/* counters */
	DSR_A_FLOWS,		/* u64, flows that exist */
	DSR_A_FLOWS_TOTAL,	/* u64, flows ever made */
	DSR_A_PACKETS,		/* u64, forwarded; each segment of a GSO packet */
	DSR_A_BYTES,		/* u64, forwarded; IP header and payload */
	DSR_A_BOUNCED,		/* u64, frames that came back from this server */

	/* dev */
	DSR_A_IFINDEX,		/* u32 */

	/* dump options */
	DSR_A_SERVERS,		/* flag */

	/* flow */
	DSR_A_CLIENT4,		/* be32 */
	DSR_A_CLIENT6,		/* struct in6_addr */
	DSR_A_CLIENT_PREFIX,	/* u8, length in bits; absent: the whole address */
	DSR_A_CLIENT_PORT,	/* be16 */
	DSR_A_DST_PORT,		/* be16, the port that the client uses */
	DSR_A_DST_PROTO,	/* u8, the protocol that the client uses */
	DSR_A_FLOW_STATE,	/* u8, enum dsr_flow_state */
	DSR_A_AGE,		/* u32, seconds since the flow was made */
	DSR_A_IDLE,		/* u32, seconds since its last packet */
	DSR_A_EXPIRES,		/* u32, seconds until it is forgotten if idle */

	/* stats */
	DSR_A_FORWARDED,	/* u64, packets */
	DSR_A_FLOWS_MAX,	/* u64, the limit, 1 to DSR_FLOWS_MAX */
	DSR_A_PASSED,		/* nest: REASON, COUNT; repeated */
	DSR_A_DROPPED,		/* nest: REASON, COUNT; repeated */
	DSR_A_REASON,		/* string */
	DSR_A_COUNT,		/* u64, packets */
	DSR_A_ANSWERED,		/* u64, echo requests to VIPs of the module's */

	/* VIP */
	DSR_A_PERSISTENCE,	/* u32, seconds; 0: none */
	DSR_A_PERSISTENCE_MASK,	/* u8, clients are told apart by so many bits */
	DSR_A_ON_DOWN,		/* u8, enum dsr_on_down */
	DSR_A_TIMEOUT_SYN,	/* u32, seconds, 1 to DSR_TIMEOUT_MAX */
	DSR_A_TIMEOUT_OPEN,	/* u32, likewise */
	DSR_A_TIMEOUT_FIN,	/* u32, likewise */
	DSR_A_TIMEOUT_UDP,	/* u32, likewise */
	DSR_A_SORRY4,		/* be32, serves when no other server can */
	DSR_A_SORRY6,		/* struct in6_addr */

	/* server */
	DSR_A_MAX_FLOWS,	/* u32, active ones; 0: no bound */
	DSR_A_DRAIN,		/* u8, 1: as with weight 0, which is kept */
	DSR_A_SORRY,		/* flag: it is its VIP's sorry server */
	DSR_A_ACTIVE,		/* u64, flows that are open */
	DSR_A_RETRIES,		/* u64, SYNs repeated: nobody had answered */

	/* stats */
	DSR_A_FLOWS_MAX_AUTO,	/* flag: the limit is by the host's memory */
	DSR_A_ARP_FOREIGN,	/* u64, times another host claimed a VIP */
	DSR_A_PERSISTENT,	/* u64, clients that stay with their server */

	/* explanation */
	DSR_A_BY,		/* u8, enum dsr_by */
	DSR_A_FLOW,		/* nest */
	DSR_A_PERSIST,		/* nest */

	__DSR_A_MAX,
	DSR_A_MAX = __DSR_A_MAX - 1
};

/* Whether the module answers ARP and neighbour solicitation for a VIP */
enum dsr_arp {
	DSR_ARP_OFF,		/* never */
	DSR_ARP_AUTO,		/* on dev interfaces, while it is nobody's address */
};

/* What becomes of the flows of a server that goes down */
enum dsr_on_down {
	DSR_ON_DOWN_RESCHEDULE,	/* to another server, with their next packet */
	DSR_ON_DOWN_KEEP,	/* they wait for it */
	DSR_ON_DOWN_DROP,	/* they end; their packets are dropped */
};

enum dsr_server_state {
	DSR_SERVER_UP,		/* takes flows */
	DSR_SERVER_DRAIN,	/* weight 0: keeps its flows, takes no new ones */
	DSR_SERVER_RESOLVING,	/* its MAC is being asked for; takes flows */
	DSR_SERVER_DOWN,	/* can't be reached, see WHY; takes no flows */
};

/* Why a server is down */
enum dsr_why {
	DSR_WHY_NONE,
	DSR_WHY_NO_ROUTE,	/* no route to its address */
	DSR_WHY_OFF_LINK,	/* only by a gateway: not in a segment of ours */
	DSR_WHY_LOCAL,		/* its address is the director's own */
	DSR_WHY_NO_DEVICE,	/* the pinned interface does not exist */
	DSR_WHY_DEVICE_DOWN,	/* the interface is down or has no carrier */
	DSR_WHY_NO_ETHERNET,	/* the interface has no Ethernet header */
	DSR_WHY_NO_NEIGHBOUR,	/* does not answer ARP or solicitation */
	DSR_WHY_NO_MEMORY,	/* tried again within a second */
};

/* What a director can know of a flow: it sees the client's half only */
enum dsr_flow_state {
	DSR_FLOW_SYN,		/* SYN or INIT seen, nothing more */
	DSR_FLOW_OPEN,		/* the client has gone on */
	DSR_FLOW_FIN,		/* FIN or SHUTDOWN seen */
	DSR_FLOW_RST,		/* RST or ABORT seen */
	DSR_FLOW_UDP,		/* UDP: has no state */
	DSR_FLOW_OTHER,		/* another protocol, of an "any" VIP */
};

/* What names the server for a packet */
enum dsr_by {
	DSR_BY_FLOW = 1,	/* the flow, which goes on */
	DSR_BY_PERSISTENCE,	/* the client's last flow */
	DSR_BY_SCHEDULER,	/* the VIP's scheduler */
	DSR_BY_HASH,		/* a hash: it is in the midst of a connection that
				 * nobody knows, or can't be remembered */
	DSR_BY_SORRY,		/* nobody: no other server can take it */
};

#endif /* _UAPI_LINUX_DSR_H */
