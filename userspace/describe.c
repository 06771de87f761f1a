// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>

#include "describe.h"
#include "output.h"

#define NAME(names, value)						\
	((value) < sizeof(names) / sizeof((names)[0]) && (names)[value] ? \
	 (names)[value] : "unknown")

const char *describe_arp(unsigned int arp)
{
	static const char *const names[] = {
		[DSR_ARP_OFF] = "off",
		[DSR_ARP_AUTO] = "auto",
	};

	return NAME(names, arp);
}

const char *describe_on_down(unsigned int on_down)
{
	static const char *const names[] = {
		[DSR_ON_DOWN_RESCHEDULE] = "reschedule",
		[DSR_ON_DOWN_KEEP] = "keep",
		[DSR_ON_DOWN_DROP] = "drop",
	};

	return NAME(names, on_down);
}

const char *describe_state(unsigned int state)
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

const char *describe_flow_state(unsigned int state)
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

const char *describe_dev_state(const struct message *dev)
{
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
	if (server->has & HAS(DSR_A_PATH_MAC))
		return format_mac(buf, server->path_mac);
	if (server->has & HAS(DSR_A_MAC))
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
	if (server->has & HAS(DSR_A_PATH_IFNAME))
		return server->path_ifname;
	if (server->has & HAS(DSR_A_IFNAME))
		return server->ifname;
	return NULL;
}

/**
 * describe_weight() - the weight that counts
 * @server: a server object
 */
unsigned int describe_weight(const struct message *server)
{
	return server->drain ? 0 : server->weight;
}

static void describe_counters(json_t *object, const struct message *msg)
{
	object_set_number(object, "flows", msg->flows);
	object_set_number(object, "flows_total", msg->flows_total);
	object_set_number(object, "packets", msg->packets);
	object_set_number(object, "bytes", msg->bytes);
}

static void describe_vip_name(json_t *object, const struct vip *vip)
{
	char buf[VIP_STRLEN];

	object_set_text(object, "vip", format_vip(buf, vip));
}

static void describe_address(json_t *object, const char *key,
			     const struct address *addr)
{
	char buf[ADDRESS_STRLEN];

	object_set_text(object, key, format_address(buf, addr));
}

static void describe_protocol(json_t *object, unsigned int proto)
{
	char buf[PROTOCOL_STRLEN];

	object_set_text(object, "protocol", format_protocol(buf, proto));
}

static void describe_options(json_t *object, const struct message *vip)
{
	json_t *timeouts = object_new();

	object_set_text(object, "scheduler", vip->sched);
	object_set_text(object, "arp", describe_arp(vip->arp));
	object_set_number(object, "persistence", vip->persistence);
	if (vip->persistence)
		object_set_number(object, "mask", vip->persistence_mask);
	if (vip->sorry.family)
		describe_address(object, "sorry", &vip->sorry);
	object_set_text(object, "on_down", describe_on_down(vip->on_down));
	object_set_number(timeouts, "syn", vip->timeout_syn);
	object_set_number(timeouts, "open", vip->timeout_open);
	object_set_number(timeouts, "fin", vip->timeout_fin);
	object_set_number(timeouts, "udp", vip->timeout_udp);
	object_set(object, "timeouts", timeouts);
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
	describe_options(object, vip);
	describe_counters(object, vip);
}

static void describe_pins(json_t *object, const struct message *server)
{
	json_t *pins;

	if (!(server->has & (HAS(DSR_A_MAC) | HAS(DSR_A_IFNAME))))
		return;
	pins = json_array();
	if (server->has & HAS(DSR_A_MAC))
		json_array_append_new(pins, json_string("mac"));
	if (server->has & HAS(DSR_A_IFNAME))
		json_array_append_new(pins, json_string("dev"));
	object_set(object, "pinned", pins);
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

	object_set_number(object, "weight", describe_weight(server));
	if (server->drain)
		object_set_number(object, "drained_weight", server->weight);
	if (server->has & HAS(DSR_A_SORRY))
		object_set(object, "sorry", json_true());
	object_set_number(object, "max_flows", server->max_flows);
	object_set_text(object, "state", describe_state(server->state));
	if (server->state == DSR_SERVER_DOWN)
		object_set_text(object, "why", describe_why(server->why));
	if (mac)
		object_set_text(object, "mac", mac);
	if (ifname)
		object_set_text(object, "dev", ifname);
	describe_pins(object, server);
	describe_counters(object, server);
	object_set_number(object, "active", server->active);
	if (server->has & HAS(DSR_A_AGE))
		object_set_number(object, "oldest", server->age);
	object_set_number(object, "bounced", server->bounced);
	object_set_number(object, "retries", server->retries);
}

void describe_dev(json_t *object, const struct message *dev)
{
	object_set_text(object, "dev", dev->ifname);
	object_set_number(object, "ifindex", dev->ifindex);
	object_set_text(object, "state", describe_dev_state(dev));
}

void describe_flow(json_t *object, const struct message *flow)
{
	describe_vip_name(object, &flow->vip);
	describe_address(object, "client", &flow->client);
	object_set_number(object, "client_port", flow->client_port);
	object_set_number(object, "port", flow->dst_port);
	describe_protocol(object, flow->dst_proto);
	describe_address(object, "server", &flow->server);
	object_set_text(object, "state", describe_flow_state(flow->flow_state));
	object_set_number(object, "age", flow->age);
	object_set_number(object, "idle", flow->idle);
	object_set_number(object, "expires", flow->expires);
}
