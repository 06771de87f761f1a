/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * dsr: an L4 switch for Direct Server Return. The generic netlink protocol.
 *
 * The family is "dsr", version 2, and works on the network namespace that the
 * socket was opened in. Reading needs no privilege; a command that changes
 * something needs CAP_NET_ADMIN in the user namespace that owns the network
 * namespace. Events go to the multicast group "events".
 *
 * A message's attributes are those of enum dsr_attr. Nearly all of them are
 * objects, each a nest with a set of attributes of its own. In "VIP", "SERVER"
 * and so on below such a nest is meant; what it holds follows in braces.
 *
 * Addresses and ports are in network byte order, all other integers in host
 * byte order. Validation is strict: an attribute that a command does not know
 * is refused; of one that is repeated where it may not be, the last counts. Every
 * refusal carries an extended ACK with a text and, where one attribute is to
 * blame, its offset. A refused command changes nothing.
 *
 * What names a VIP, "NAME" below:
 *
 *	ADDR4 (be32) or ADDR6 (16 bytes)	exactly one
 *	PROTO (u8)	IPPROTO_TCP, _UDP, _SCTP, or 0 for any; required
 *	PORT (be16)	1 to 65535; absent or 0 for every port, and always so
 *			with PROTO 0
 *	PORT_LAST (be16) above PORT: a range, both ends included; absent or
 *			equal to PORT for a single port
 *
 * A server is named by its VIP and ADDR4 or ADDR6, of the VIP's family: "ADDR"
 * below, as where only an address is meant.
 *
 * Commands (doit; "dumpit" where it says so):
 *
 *	VIP_ADD		VIP {NAME, [options]}
 *			EEXIST when it is there, or its range overlaps another.
 *			Options: SCHED, ARP, PERSISTENCE, PERSISTENCE_MASK,
 *			ON_DOWN, TIMEOUT_*, SORRY4/6 (of the VIP's family; zero:
 *			none)
 *	VIP_SET		VIP {NAME, at least one option}
 *	VIP_DEL		VIP {NAME}; its servers and flows go with it
 *	VIP_GET		VIP {NAME}; answers with a VIP object
 *			dumpit [VIP {NAME}]: every VIP object in the order of
 *			their making, or one
 *	SERVER_ADD	VIP {NAME}, SERVER {ADDR, [options]}...
 *			Options: WEIGHT, MAX_FLOWS, DRAIN, MAC, IFNAME. There may
 *			be many SERVERs: all of them are added or none, and the
 *			VIP's table is built once
 *	SERVER_SET	VIP {NAME}, SERVER {ADDR, at least one option}..., in the
 *			same way; an all-zero MAC and an empty IFNAME take the
 *			pin away. A WEIGHT without DRAIN ends a drain. The sorry
 *			server takes MAC and IFNAME only
 *	SERVER_DEL	VIP {NAME}, SERVER {ADDR}..., in the same way; their
 *			flows are scheduled anew
 *	SERVER_GET	VIP {NAME}, SERVER {ADDR}; answers with a server object
 *			dumpit [VIP {NAME}]: the server objects of all VIPs, in
 *			the order of VIP_GET, or of one
 *	DEV_ADD		DEV {IFNAME}; the interface must exist
 *	DEV_DEL		DEV {IFNAME}
 *	DEV_GET		dumpit: dev objects
 *	FLOW_GET	dumpit [VIP {NAME}] [FLOW {[SERVER4/6] [CLIENT4/6
 *			[CLIENT_PREFIX]]}]: flow objects that fit every filter
 *			given
 *	FLOW_FLUSH	the filters of FLOW_GET; forgets these flows, answers
 *			with COUNT, their number
 *	STATS_GET	answers with a stats object
 *	LIMIT_SET	LIMIT {FLOWS}; 0: by the memory of the host
 *	FLUSH		removes every VIP; dev entries stay
 *	EXPLAIN		FLOW {CLIENT4/6, DST4/6, PROTO, [CLIENT_PORT] [DST_PORT]
 *			[STATE]}: what would become of such a packet now? It
 *			opens a flow, or with STATE DSR_FLOW_OPEN is of a
 *			connection that is open. Answers with an explanation and
 *			changes nothing. A scheduler that takes turns answers for
 *			the CPU that asks
 *	CONFIG_LOAD	[DRY_RUN] ITEM...: the whole configuration, in place of
 *			what there is. An ITEM is a command: CMD, one of VIP_ADD,
 *			SERVER_ADD, SERVER_SET, DEV_ADD and LIMIT_SET, and the
 *			objects that this takes. VIPs, servers and devs that it
 *			does not name go, new ones come, others are set; options
 *			that it does not name are as when added, but whether a
 *			server drains is as now. Interfaces may be absent. All of
 *			it is done, or nothing. With DRY_RUN all of it is tried
 *			but nothing done: what would be refused is
 *
 * GENERATION (u32) is another number after each change of the configuration;
 * a change of state is none. Every answer with VIPs, servers, devs or limits
 * has it. What changes the configuration (all of the above but the GETs,
 * EXPLAIN and FLOW_FLUSH) takes it, too: then it is refused with EBUSY unless
 * that is the number now, so that nobody overwrites what he has not seen. The
 * number never tells how many changes there were; where it begins is random.
 *
 * Dumps report NLM_F_DUMP_INTR when the configuration changed meanwhile; the
 * reader starts over. Two dumps belong together if their GENERATION is the same.
 * FLOW_GET does not report it: flows change all the time, one that exists for
 * the whole dump is in it at least once.
 *
 * Objects in answers and events:
 *
 *	VIP object	VIP {NAME, every option but SORRY4/6 when there is none,
 *			FLOWS, FLOWS_TOTAL, PACKETS, BYTES, SPEAKS,
 *			[SPEAKER_MAC] [SPEAKER_IFNAME]}
 *	server object	VIP {NAME}, SERVER {ADDR, [SORRY], WEIGHT, MAX_FLOWS,
 *			DRAIN, STATE, [WHY], [MAC] and [IFNAME] when pinned,
 *			[PATH_MAC] [PATH_IFNAME] the next hop in use, FLOWS,
 *			ACTIVE, FLOWS_TOTAL, PACKETS, BYTES, BOUNCED, RETRIES}
 *	dev object	DEV {IFNAME, IFINDEX (0 while the interface is absent)}
 *	flow object	VIP {NAME}, FLOW {SERVER4/6, CLIENT4/6, CLIENT_PORT,
 *			DST_PORT, PROTO, STATE, AGE, IDLE, EXPIRES}
 *	stats object	STATS {FORWARDED, ANSWERED, FLOWS, PERSISTENT,
 *			ARP_FOREIGN, PASSED..., DROPPED...}, LIMIT {FLOWS,
 *			[FLOWS_AUTO]}. There is one PASSED or DROPPED {NAME,
 *			COUNT} for each reason, also those that are 0
 *	explanation	[VIP {NAME}] that matches; FATE {[BY] if a server is
 *			chosen, or else PASSED or DROPPED: the reason; that may be
 *			beside BY if the server can't be reached}; [SERVER {ADDR,
 *			[SORRY] [PATH_MAC] [PATH_IFNAME]}] that is chosen; [FLOW
 *			{SERVER4/6, STATE, AGE, IDLE, EXPIRES}] of these addresses
 *			and ports, also if it is past; [PERSIST {SERVER4/6, IDLE,
 *			EXPIRES}] of the client, also if its server takes no flows
 *
 * Events: the ids that end in _NTF, each with the object as it is after the
 * change (of a deletion: as it was). FLUSH_NTF has no object; it stands for the
 * deletion of all VIPs. LIMIT_SET_NTF has LIMIT. CONFIG_LOAD_NTF has none: it
 * follows the events of a load, also where these are none. ARP_NTF has CLAIM
 * {ADDR4/6, a VIP's address; KIND; but with DSR_CLAIM_RESUMED also MAC, of a host
 * that claims it, and IFNAME, where it was heard}. FLOW_FLUSH makes no event.
 *
 * All but ARP_NTF have GENERATION. An event that a command made has CAUSE {PORTID,
 * PID, UID, COMM}, who sent it; its GENERATION is that with the whole command
 * done, and its header has the port id and the sequence number of the command.
 * With NLM_F_ECHO the sender is told of the events of its own command, before the
 * ACK, whether or not it listens to others. What happens by itself has no CAUSE.
 */
#ifndef _UAPI_LINUX_DSR_H
#define _UAPI_LINUX_DSR_H

#define DSR_GENL_NAME		"dsr"
#define DSR_GENL_VERSION	2
#define DSR_MCGRP_EVENTS	"events"

#define DSR_WEIGHT_MAX		65535
#define DSR_TIMEOUT_MAX		2592000	/* seconds, 30 days */
#define DSR_FLOWS_MAX		1073741824
#define DSR_SCHED_NAME_MAX	15	/* bytes, without the final 0 */
#define DSR_REASON_NAME_MAX	31
#define DSR_COMM_MAX		15

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
	DSR_CMD_VIP_ADD_NTF = 128,
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
	DSR_CMD_ARP_NTF,		/* a VIP's address was claimed */
	DSR_CMD_CONFIG_LOAD_NTF,	/* a load is done */

	__DSR_CMD_MAX,
	DSR_CMD_MAX = __DSR_CMD_MAX - 1
};

enum dsr_attr {
	DSR_A_GENERATION = 1,	/* u32 */
	DSR_A_VIP,		/* nest: enum dsr_vip_attr */
	DSR_A_SERVER,		/* nest: enum dsr_server_attr; may be repeated */
	DSR_A_DEV,		/* nest: enum dsr_dev_attr */
	DSR_A_LIMIT,		/* nest: enum dsr_limit_attr */
	DSR_A_FLOW,		/* nest: enum dsr_flow_attr */
	DSR_A_PERSIST,		/* nest: enum dsr_persist_attr */
	DSR_A_STATS,		/* nest: enum dsr_stats_attr */
	DSR_A_FATE,		/* nest: enum dsr_fate_attr */
	DSR_A_CLAIM,		/* nest: enum dsr_claim_attr */
	DSR_A_CAUSE,		/* nest: enum dsr_cause_attr */
	DSR_A_ITEM,		/* nest: enum dsr_item_attr; repeated */
	DSR_A_DRY_RUN,		/* flag */
	DSR_A_COUNT,		/* u32 */

	__DSR_A_MAX,
	DSR_A_MAX = __DSR_A_MAX - 1
};

enum dsr_vip_attr {
	DSR_A_VIP_PAD = 1,	/* alignment only */
	DSR_A_VIP_ADDR4,	/* be32 */
	DSR_A_VIP_ADDR6,	/* struct in6_addr */
	DSR_A_VIP_PROTO,	/* u8, IPPROTO_*, 0: any */
	DSR_A_VIP_PORT,		/* be16, 0: every port */
	DSR_A_VIP_PORT_LAST,	/* be16 */
	DSR_A_VIP_SCHED,	/* string, a scheduler's name */
	DSR_A_VIP_ARP,		/* u8, enum dsr_arp */
	DSR_A_VIP_PERSISTENCE,	/* u32, seconds; 0: none */
	DSR_A_VIP_PERSISTENCE_MASK, /* u8, clients are told apart by so many bits */
	DSR_A_VIP_ON_DOWN,	/* u8, enum dsr_on_down */
	DSR_A_VIP_TIMEOUT_SYN,	/* u32, seconds, 1 to DSR_TIMEOUT_MAX */
	DSR_A_VIP_TIMEOUT_OPEN,	/* u32, likewise */
	DSR_A_VIP_TIMEOUT_FIN,	/* u32, likewise */
	DSR_A_VIP_TIMEOUT_RST,	/* u32, likewise */
	DSR_A_VIP_TIMEOUT_UDP,	/* u32, likewise */
	DSR_A_VIP_TIMEOUT_OTHER, /* u32, likewise */
	DSR_A_VIP_SORRY4,	/* be32, serves when no other server can */
	DSR_A_VIP_SORRY6,	/* struct in6_addr */
	DSR_A_VIP_FLOWS,	/* u64, flows that exist */
	DSR_A_VIP_FLOWS_TOTAL,	/* u64, flows ever made */
	DSR_A_VIP_PACKETS,	/* u64, forwarded; each segment of a GSO packet */
	DSR_A_VIP_BYTES,	/* u64, forwarded; IP header and payload */
	DSR_A_VIP_SPEAKS,	/* u8, enum dsr_speaks */
	DSR_A_VIP_SPEAKER_MAC,	/* 6 bytes, of the other host that does */
	DSR_A_VIP_SPEAKER_IFNAME, /* string, where that was heard */

	__DSR_A_VIP_MAX,
	DSR_A_VIP_MAX = __DSR_A_VIP_MAX - 1
};

enum dsr_server_attr {
	DSR_A_SERVER_PAD = 1,	/* alignment only */
	DSR_A_SERVER_ADDR4,	/* be32 */
	DSR_A_SERVER_ADDR6,	/* struct in6_addr */
	DSR_A_SERVER_WEIGHT,	/* u32, 0 to DSR_WEIGHT_MAX */
	DSR_A_SERVER_MAX_FLOWS,	/* u32, active ones; 0: no bound */
	DSR_A_SERVER_DRAIN,	/* u8, 1: as with weight 0, which is kept */
	DSR_A_SERVER_MAC,	/* 6 bytes, the pinned one */
	DSR_A_SERVER_IFNAME,	/* string, the pinned one */
	DSR_A_SERVER_SORRY,	/* flag: it is its VIP's sorry server */
	DSR_A_SERVER_STATE,	/* u8, enum dsr_server_state */
	DSR_A_SERVER_WHY,	/* u8, enum dsr_why */
	DSR_A_SERVER_PATH_MAC,	/* 6 bytes, the one in use */
	DSR_A_SERVER_PATH_IFNAME, /* string, the one in use */
	DSR_A_SERVER_FLOWS,	/* u64, flows that exist */
	DSR_A_SERVER_ACTIVE,	/* u64, flows that are open */
	DSR_A_SERVER_FLOWS_TOTAL, /* u64, flows ever made */
	DSR_A_SERVER_PACKETS,	/* u64, forwarded; each segment of a GSO packet */
	DSR_A_SERVER_BYTES,	/* u64, forwarded; IP header and payload */
	DSR_A_SERVER_BOUNCED,	/* u64, frames that came back from this server */
	DSR_A_SERVER_RETRIES,	/* u64, SYNs repeated: nobody had answered */

	__DSR_A_SERVER_MAX,
	DSR_A_SERVER_MAX = __DSR_A_SERVER_MAX - 1
};

enum dsr_dev_attr {
	DSR_A_DEV_IFNAME = 1,	/* string */
	DSR_A_DEV_IFINDEX,	/* u32 */

	__DSR_A_DEV_MAX,
	DSR_A_DEV_MAX = __DSR_A_DEV_MAX - 1
};

enum dsr_limit_attr {
	DSR_A_LIMIT_PAD = 1,	/* alignment only */
	DSR_A_LIMIT_FLOWS,	/* u64, 1 to DSR_FLOWS_MAX */
	DSR_A_LIMIT_FLOWS_AUTO,	/* flag: FLOWS is by the host's memory */

	__DSR_A_LIMIT_MAX,
	DSR_A_LIMIT_MAX = __DSR_A_LIMIT_MAX - 1
};

enum dsr_flow_attr {
	DSR_A_FLOW_SERVER4 = 1,	/* be32 */
	DSR_A_FLOW_SERVER6,	/* struct in6_addr */
	DSR_A_FLOW_CLIENT4,	/* be32 */
	DSR_A_FLOW_CLIENT6,	/* struct in6_addr */
	DSR_A_FLOW_CLIENT_PREFIX, /* u8, length in bits; absent: the whole address */
	DSR_A_FLOW_CLIENT_PORT,	/* be16 */
	DSR_A_FLOW_DST4,	/* be32, the address that the client uses */
	DSR_A_FLOW_DST6,	/* struct in6_addr */
	DSR_A_FLOW_DST_PORT,	/* be16, the port that the client uses */
	DSR_A_FLOW_PROTO,	/* u8, the protocol that the client uses */
	DSR_A_FLOW_STATE,	/* u8, enum dsr_flow_state */
	DSR_A_FLOW_AGE,		/* u32, seconds since the flow was made */
	DSR_A_FLOW_IDLE,	/* u32, seconds since its last packet */
	DSR_A_FLOW_EXPIRES,	/* u32, seconds until it is forgotten if idle */

	__DSR_A_FLOW_MAX,
	DSR_A_FLOW_MAX = __DSR_A_FLOW_MAX - 1
};

enum dsr_persist_attr {
	DSR_A_PERSIST_SERVER4 = 1, /* be32 */
	DSR_A_PERSIST_SERVER6,	/* struct in6_addr */
	DSR_A_PERSIST_IDLE,	/* u32, seconds since the client's last packet */
	DSR_A_PERSIST_EXPIRES,	/* u32, seconds until it is forgotten if idle */

	__DSR_A_PERSIST_MAX,
	DSR_A_PERSIST_MAX = __DSR_A_PERSIST_MAX - 1
};

enum dsr_stats_attr {
	DSR_A_STATS_PAD = 1,	/* alignment only */
	DSR_A_STATS_FORWARDED,	/* u64, packets */
	DSR_A_STATS_ANSWERED,	/* u64, echo requests to VIPs of the module's, and
				 * questions who has them */
	DSR_A_STATS_FLOWS,	/* u64, flows that exist */
	DSR_A_STATS_PERSISTENT,	/* u64, clients that stay with their server */
	DSR_A_STATS_ARP_FOREIGN, /* u64, times another host claimed a VIP */
	DSR_A_STATS_PASSED,	/* nest: enum dsr_reason_attr; repeated */
	DSR_A_STATS_DROPPED,	/* nest: enum dsr_reason_attr; repeated */

	__DSR_A_STATS_MAX,
	DSR_A_STATS_MAX = __DSR_A_STATS_MAX - 1
};

enum dsr_reason_attr {
	DSR_A_REASON_PAD = 1,	/* alignment only */
	DSR_A_REASON_NAME,	/* string */
	DSR_A_REASON_COUNT,	/* u64, packets */

	__DSR_A_REASON_MAX,
	DSR_A_REASON_MAX = __DSR_A_REASON_MAX - 1
};

enum dsr_fate_attr {
	DSR_A_FATE_BY = 1,	/* u8, enum dsr_by */
	DSR_A_FATE_PASSED,	/* string, a reason */
	DSR_A_FATE_DROPPED,	/* string, a reason */

	__DSR_A_FATE_MAX,
	DSR_A_FATE_MAX = __DSR_A_FATE_MAX - 1
};

enum dsr_claim_attr {
	DSR_A_CLAIM_ADDR4 = 1,	/* be32 */
	DSR_A_CLAIM_ADDR6,	/* struct in6_addr */
	DSR_A_CLAIM_MAC,	/* 6 bytes */
	DSR_A_CLAIM_IFNAME,	/* string */
	DSR_A_CLAIM_KIND,	/* u8, enum dsr_claim_kind */

	__DSR_A_CLAIM_MAX,
	DSR_A_CLAIM_MAX = __DSR_A_CLAIM_MAX - 1
};

enum dsr_cause_attr {
	DSR_A_CAUSE_PORTID = 1,	/* u32, of the netlink socket */
	DSR_A_CAUSE_PID,	/* u32, of the process, as the host sees it */
	DSR_A_CAUSE_UID,	/* u32, as the namespace's owner sees it */
	DSR_A_CAUSE_COMM,	/* string, the process's name */

	__DSR_A_CAUSE_MAX,
	DSR_A_CAUSE_MAX = __DSR_A_CAUSE_MAX - 1
};

enum dsr_item_attr {
	DSR_A_ITEM_CMD = 1,	/* u8, enum dsr_cmd */
	DSR_A_ITEM_VIP,		/* nest: enum dsr_vip_attr */
	DSR_A_ITEM_SERVER,	/* nest: enum dsr_server_attr; may be repeated */
	DSR_A_ITEM_DEV,		/* nest: enum dsr_dev_attr */
	DSR_A_ITEM_LIMIT,	/* nest: enum dsr_limit_attr */

	__DSR_A_ITEM_MAX,
	DSR_A_ITEM_MAX = __DSR_A_ITEM_MAX - 1
};

/* Whether the module answers ARP and neighbour solicitation for a VIP */
enum dsr_arp {
	DSR_ARP_OFF,		/* never */
	DSR_ARP_AUTO,		/* on dev interfaces, while it is nobody's address */
};

/* Who answers ARP and neighbour solicitation for a VIP's address */
enum dsr_speaks {
	DSR_SPEAKS_OFF,		/* others: the VIP, or one beside it, says arp off */
	DSR_SPEAKS_NOBODY,	/* the address is nobody's, and there is no dev */
	DSR_SPEAKS_KERNEL,	/* this host, whose address it is */
	DSR_SPEAKS_MODULE,	/* the module, on dev interfaces */
	DSR_SPEAKS_OTHER,	/* another host, which claims it */
};

/* What has been heard of an address of VIPs */
enum dsr_claim_kind {
	DSR_CLAIM_FOREIGN,	/* another host claims it */
	DSR_CLAIM_LEAK,		/* a server of a VIP there does: it is to be silent */
	DSR_CLAIM_YIELDED,	/* it is the other host's to speak for from now on */
	DSR_CLAIM_RESUMED,	/* that is gone: the module speaks for it again */
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
