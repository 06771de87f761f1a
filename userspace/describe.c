// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "describe.h"
#include "output.h"

#define NAME(names, value)						\
	((value) < sizeof(names) / sizeof((names)[0]) && (names)[value] ? \
	 (names)[value] : "unknown")

static const char *arp_name(unsigned int arp)
{
	static const char *const names[] = {
		[DSR_ARP_OFF] = "off",
		[DSR_ARP_AUTO] = "auto",
	};

	return NAME(names, arp);
}

static const char *speaks_name(unsigned int speaks)
{
	static const char *const names[] = {
		[DSR_SPEAKS_OFF] = "off",
		[DSR_SPEAKS_NOBODY] = "nobody",
		[DSR_SPEAKS_KERNEL] = "kernel",
		[DSR_SPEAKS_MODULE] = "module",
		[DSR_SPEAKS_OTHER] = "other",
	};

	return NAME(names, speaks);
}

static const char *claim_name(unsigned int kind)
{
	static const char *const names[] = {
		[DSR_CLAIM_FOREIGN] = "foreign",
		[DSR_CLAIM_LEAK] = "leak",
		[DSR_CLAIM_YIELDED] = "yielded",
		[DSR_CLAIM_RESUMED] = "resumed",
	};

	return NAME(names, kind);
}

static const char *on_down_name(unsigned int on_down)
{
	static const char *const names[] = {
		[DSR_ON_DOWN_RESCHEDULE] = "reschedule",
		[DSR_ON_DOWN_KEEP] = "keep",
		[DSR_ON_DOWN_DROP] = "drop",
	};

	return NAME(names, on_down);
}

static const char *state_name(unsigned int state)
{
	static const char *const names[] = {
		[DSR_SERVER_UP] = "up",
		[DSR_SERVER_DRAIN] = "drain",
		[DSR_SERVER_RESOLVING] = "resolving",
		[DSR_SERVER_DOWN] = "down",
	};

	return NAME(names, state);
}

const char *describe_why(unsigned int why)
{
	static const char *const names[] = {
		[DSR_WHY_NO_ROUTE] = "no-route",
		[DSR_WHY_OFF_LINK] = "off-link",
		[DSR_WHY_LOCAL] = "local-address",
		[DSR_WHY_NO_DEVICE] = "no-device",
		[DSR_WHY_DEVICE_DOWN] = "device-down",
		[DSR_WHY_NO_ETHERNET] = "no-ethernet",
		[DSR_WHY_NO_NEIGHBOUR] = "no-neighbour",
		[DSR_WHY_NO_MEMORY] = "no-memory",
	};

	return NAME(names, why);
}

static const char *flow_state_name(unsigned int state)
{
	static const char *const names[] = {
		[DSR_FLOW_SYN] = "syn",
		[DSR_FLOW_OPEN] = "open",
		[DSR_FLOW_FIN] = "fin",
		[DSR_FLOW_RST] = "rst",
		[DSR_FLOW_UDP] = "udp",
		[DSR_FLOW_OTHER] = "other",
	};

	return NAME(names, state);
}

/* The name of a value, NULL if it is a plain number */
static const char *value_name(enum field field, uint64_t value)
{
	switch (field) {
	case FIELD_VIP_ARP:
		return arp_name(value);
	case FIELD_VIP_SPEAKS:
		return speaks_name(value);
	case FIELD_CLAIM_KIND:
		return claim_name(value);
	case FIELD_VIP_ON_DOWN:
		return on_down_name(value);
	case FIELD_SERVER_STATE:
		return state_name(value);
	case FIELD_SERVER_WHY:
		return describe_why(value);
	case FIELD_FLOW_STATE:
		return flow_state_name(value);
	default:
		return NULL;
	}
}

/* NULL if it is a plain number */
static const char *field_text(const struct message *msg, enum field field)
{
	const char *text = message_string(msg, field);

	return text ? text : value_name(field, message_number(msg, field));
}

/**
 * describe_text() - a field in a word, for people
 * @buf: may be used for the text
 * @msg: the message
 * @field: the field: a number, what has a name, or a string
 *
 * Return: the text, "-" if the message does not have it: an older module knows
 * nothing of it, and that is not 0.
 */
const char *describe_text(char buf[NUMBER_STRLEN], const struct message *msg,
			  enum field field)
{
	const char *text;

	if (!message_has(msg, field))
		return "-";
	text = field_text(msg, field);
	if (text)
		return text;
	snprintf(buf, NUMBER_STRLEN, "%llu",
		 (unsigned long long)message_number(msg, field));
	return buf;
}

/**
 * describe_member() - the same, for programs
 * @object: where to add it
 * @key: its name there
 * @msg: the message; if it does not have the field, nothing is added
 * @field: the field
 */
void describe_member(json_t *object, const char *key,
		     const struct message *msg, enum field field)
{
	const char *text;

	if (!message_has(msg, field))
		return;
	text = field_text(msg, field);
	if (text)
		object_set_text(object, key, text);
	else
		object_set_number(object, key, message_number(msg, field));
}

/**
 * describe_address() - an address as a member of an object
 * @object: where to add it
 * @key: its name there
 * @addr: the address; if there is none, nothing is added
 */
void describe_address(json_t *object, const char *key,
		      const struct address *addr)
{
	char buf[ADDRESS_STRLEN];

	if (addr->family)
		object_set_text(object, key, format_address(buf, addr));
}

const char *describe_dev_state(const struct message *dev)
{
	if (!message_has(dev, FIELD_DEV_IFINDEX))
		return NULL;
	return dev->ifindex ? "up" : "absent";
}

/**
 * describe_mac() - the MAC that frames to a server get
 * @buf: for the text
 * @server: a server object
 *
 * Return: the next hop's or else the pinned one, NULL if there is neither.
 */
const char *describe_mac(char buf[MAC_STRLEN], const struct message *server)
{
	if (message_has(server, FIELD_SERVER_PATH_MAC))
		return format_mac(buf, server->path_mac);
	if (message_has(server, FIELD_SERVER_MAC))
		return format_mac(buf, server->mac);
	return NULL;
}

/**
 * describe_ifname() - the interface that frames to a server leave by
 * @server: a server object
 *
 * Return: the next hop's or else the pinned one, NULL if there is neither.
 */
const char *describe_ifname(const struct message *server)
{
	if (message_has(server, FIELD_SERVER_PATH_IFNAME))
		return server->path_ifname;
	if (message_has(server, FIELD_SERVER_IFNAME))
		return server->ifname;
	return NULL;
}

/**
 * describe_weight() - the weight that counts
 * @buf: may be used for the text
 * @server: a server object
 */
const char *describe_weight(char buf[NUMBER_STRLEN],
			    const struct message *server)
{
	return server->drain ? "0" :
			       describe_text(buf, server, FIELD_SERVER_WEIGHT);
}

/**
 * describe_is_idle() - whether a server takes no new flows by its weight
 * @server: a server object
 */
bool describe_is_idle(const struct message *server)
{
	return server->drain || (message_has(server, FIELD_SERVER_WEIGHT) &&
				 !server->weight);
}

static void describe_vip_name(json_t *object, const struct vip *vip)
{
	char buf[VIP_STRLEN];

	object_set_text(object, "vip", format_vip(buf, vip));
}

static void describe_protocol(json_t *object, unsigned int proto)
{
	char buf[PROTOCOL_STRLEN];

	object_set_text(object, "protocol", format_protocol(buf, proto));
}

const struct timeout_name timeout_names[] = {
	{ "syn", FIELD_VIP_TIMEOUT_SYN },
	{ "open", FIELD_VIP_TIMEOUT_OPEN },
	{ "fin", FIELD_VIP_TIMEOUT_FIN },
	{ "rst", FIELD_VIP_TIMEOUT_RST },
	{ "udp", FIELD_VIP_TIMEOUT_UDP },
	{ "other", FIELD_VIP_TIMEOUT_OTHER },
	{ NULL }
};

static void describe_timeouts(json_t *object, const struct message *vip)
{
	const struct timeout_name *timeout;
	json_t *timeouts = object_new();

	for (timeout = timeout_names; timeout->name; timeout++)
		describe_member(timeouts, timeout->name, vip, timeout->field);
	object_set_filled(object, "timeouts", timeouts);
}

/**
 * describe_speaks() - the members that say who speaks for a VIP's address
 * @object: where to add them
 * @vip: a VIP object
 */
void describe_speaks(json_t *object, const struct message *vip)
{
	char mac[MAC_STRLEN];

	describe_member(object, "speaks", vip, FIELD_VIP_SPEAKS);
	if (message_has(vip, FIELD_VIP_SPEAKER_MAC))
		object_set_text(object, "speaker_mac",
				format_mac(mac, vip->speaker_mac));
	describe_member(object, "speaker_dev", vip, FIELD_VIP_SPEAKER_IFNAME);
}

/**
 * describe_vip() - the members of a VIP but its servers
 * @object: where to add them
 * @vip: a VIP object
 */
void describe_vip(json_t *object, const struct message *vip)
{
	describe_vip_name(object, &vip->vip);
	describe_address(object, "address", &vip->vip.addr);
	object_set_number(object, "port", vip->vip.port);
	if (vip->vip.port_last != vip->vip.port)
		object_set_number(object, "port_last", vip->vip.port_last);
	describe_protocol(object, vip->vip.proto);
	describe_member(object, "scheduler", vip, FIELD_VIP_SCHED);
	describe_member(object, "arp", vip, FIELD_VIP_ARP);
	describe_speaks(object, vip);
	describe_member(object, "persistence", vip, FIELD_VIP_PERSISTENCE);
	if (vip->persistence)
		describe_member(object, "mask", vip,
				FIELD_VIP_PERSISTENCE_MASK);
	describe_address(object, "sorry", &vip->sorry);
	describe_member(object, "on_down", vip, FIELD_VIP_ON_DOWN);
	describe_timeouts(object, vip);
	describe_member(object, "flows", vip, FIELD_VIP_FLOWS);
	describe_member(object, "flows_total", vip, FIELD_VIP_FLOWS_TOTAL);
	describe_member(object, "packets", vip, FIELD_VIP_PACKETS);
	describe_member(object, "bytes", vip, FIELD_VIP_BYTES);
}

static void describe_pins(json_t *object, const struct message *server)
{
	bool mac = message_has(server, FIELD_SERVER_MAC);
	bool dev = message_has(server, FIELD_SERVER_IFNAME);
	json_t *pins;

	if (!mac && !dev)
		return;
	pins = json_array();
	if (mac)
		json_array_append_new(pins, json_string("mac"));
	if (dev)
		json_array_append_new(pins, json_string("dev"));
	object_set(object, "pinned", pins);
}

static void describe_weights(json_t *object, const struct message *server)
{
	if (server->drain)
		object_set_number(object, "weight", 0);
	describe_member(object, server->drain ? "drained_weight" : "weight",
			server, FIELD_SERVER_WEIGHT);
}

/**
 * describe_server() - the members of a server but its names
 * @object: where to add them
 * @server: a server object
 */
void describe_server(json_t *object, const struct message *server)
{
	const char *ifname = describe_ifname(server);
	char buf[MAC_STRLEN];
	const char *mac = describe_mac(buf, server);

	describe_weights(object, server);
	if (message_has(server, FIELD_SERVER_SORRY))
		object_set(object, "sorry", json_true());
	describe_member(object, "max_flows", server, FIELD_SERVER_MAX_FLOWS);
	describe_member(object, "state", server, FIELD_SERVER_STATE);
	if (server->state == DSR_SERVER_DOWN)
		describe_member(object, "why", server, FIELD_SERVER_WHY);
	if (mac)
		object_set_text(object, "mac", mac);
	if (ifname)
		object_set_text(object, "dev", ifname);
	describe_pins(object, server);
	describe_member(object, "flows", server, FIELD_SERVER_FLOWS);
	describe_member(object, "flows_total", server,
			FIELD_SERVER_FLOWS_TOTAL);
	describe_member(object, "packets", server, FIELD_SERVER_PACKETS);
	describe_member(object, "bytes", server, FIELD_SERVER_BYTES);
	describe_member(object, "active", server, FIELD_SERVER_ACTIVE);
	describe_member(object, "oldest", server, FIELD_FLOW_AGE);
	describe_member(object, "bounced", server, FIELD_SERVER_BOUNCED);
	describe_member(object, "retries", server, FIELD_SERVER_RETRIES);
}

void describe_dev(json_t *object, const struct message *dev)
{
	const char *state = describe_dev_state(dev);

	describe_member(object, "dev", dev, FIELD_DEV_IFNAME);
	describe_member(object, "ifindex", dev, FIELD_DEV_IFINDEX);
	if (state)
		object_set_text(object, "state", state);
}

void describe_flow(json_t *object, const struct message *flow)
{
	describe_vip_name(object, &flow->vip);
	describe_address(object, "client", &flow->client);
	describe_member(object, "client_port", flow, FIELD_FLOW_CLIENT_PORT);
	describe_member(object, "port", flow, FIELD_FLOW_DST_PORT);
	if (message_has(flow, FIELD_FLOW_PROTO))
		describe_protocol(object, flow->flow_proto);
	describe_address(object, "server", &flow->flow_server);
	describe_member(object, "state", flow, FIELD_FLOW_STATE);
	describe_member(object, "age", flow, FIELD_FLOW_AGE);
	describe_member(object, "idle", flow, FIELD_FLOW_IDLE);
	describe_member(object, "expires", flow, FIELD_FLOW_EXPIRES);
}
