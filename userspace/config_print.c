// SPDX-License-Identifier: GPL-2.0-only
/* A configuration in words, as they can be typed, and in JSON. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "describe.h"
#include "output.h"

static void __attribute__((format(printf, 2, 3)))
append(char *buf, const char *fmt, ...)
{
	size_t len = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + len, CONFIG_STRLEN - len, fmt, ap);
	va_end(ap);
}

static bool has_mac(const struct message *item)
{
	static const uint8_t none[MAC_LEN];

	return memcmp(item->mac, none, sizeof(none));
}

static void append_seconds(char *buf, const char *word, uint32_t seconds,
			   uint32_t usual)
{
	if (seconds != usual)
		append(buf, " %s %u", word, seconds);
}

static void append_vip(char *buf, const struct message *vip)
{
	const struct message *usual = &config_vip_defaults;
	char address[ADDRESS_STRLEN];

	if (strcmp(vip->sched, usual->sched))
		append(buf, " scheduler %s", vip->sched);
	if (vip->arp != usual->arp)
		append(buf, " arp %s", describe_arp(vip->arp));
	append_seconds(buf, "persistence", vip->persistence,
		       usual->persistence);
	if (vip->persistence_mask != config_whole_mask(vip))
		append(buf, " mask %u", vip->persistence_mask);
	if (vip->sorry.family)
		append(buf, " sorry %s", format_address(address, &vip->sorry));
	if (vip->on_down != usual->on_down)
		append(buf, " on-down %s", describe_on_down(vip->on_down));
	append_seconds(buf, "timeout syn", vip->timeout_syn,
		       usual->timeout_syn);
	append_seconds(buf, "timeout open", vip->timeout_open,
		       usual->timeout_open);
	append_seconds(buf, "timeout fin", vip->timeout_fin,
		       usual->timeout_fin);
	append_seconds(buf, "timeout udp", vip->timeout_udp,
		       usual->timeout_udp);
}

static void append_server(char *buf, const struct message *server)
{
	char mac[MAC_STRLEN];

	if (server->cmd == DSR_CMD_SERVER_ADD && server->weight != 1)
		append(buf, " weight %u", server->weight);
	if (server->max_flows)
		append(buf, " max-flows %u", server->max_flows);
	if (has_mac(server))
		append(buf, " mac %s", format_mac(mac, server->mac));
	if (*server->ifname)
		append(buf, " dev %s", server->ifname);
}

/**
 * config_format() - a line of an item
 * @buf: for the text
 * @item: the item
 * @line: which line
 *
 * Only what differs from the defaults is in it.
 *
 * Return: @buf, or NULL if the item does not have that line.
 */
const char *config_format(char buf[CONFIG_STRLEN], const struct message *item,
			  enum config_line line)
{
	char vip[VIP_STRLEN], server[ADDRESS_STRLEN];

	format_vip(vip, &item->vip);
	format_address(server, &item->server);
	*buf = '\0';
	if (line == CONFIG_DRAIN) {
		if (!item->drain)
			return NULL;
		append(buf, "server drain %s %s", vip, server);
	} else if (item->cmd == DSR_CMD_LIMIT_SET) {
		append(buf, "limit flows %llu",
		       (unsigned long long)item->flows_max);
	} else if (item->cmd == DSR_CMD_DEV_ADD) {
		append(buf, "dev add %s", item->ifname);
	} else if (item->cmd == DSR_CMD_VIP_ADD) {
		append(buf, "vip add %s", vip);
		append_vip(buf, item);
	} else {
		append(buf, "server %s %s %s",
		       item->cmd == DSR_CMD_SERVER_ADD ? "add" : "set", vip,
		       server);
		append_server(buf, item);
	}
	return buf;
}

/* An option that has its default is left out, as it is in text */
static void set_number(json_t *object, const char *key, uint64_t number,
		       uint64_t usual)
{
	if (number != usual)
		object_set_number(object, key, number);
}

static void set_text(json_t *object, const char *key, const char *text,
		     const char *usual)
{
	if (strcmp(text, usual))
		object_set_text(object, key, text);
}

static json_t *vip_json(const struct message *vip)
{
	const struct message *usual = &config_vip_defaults;
	json_t *object = object_new();
	json_t *timeouts = object_new();
	char buf[VIP_STRLEN];

	object_set_text(object, "vip", format_vip(buf, &vip->vip));
	set_text(object, "scheduler", vip->sched, usual->sched);
	set_text(object, "arp", describe_arp(vip->arp),
		 describe_arp(usual->arp));
	set_number(object, "persistence", vip->persistence, 0);
	set_number(object, "mask", vip->persistence_mask, config_whole_mask(vip));
	if (vip->sorry.family)
		object_set_text(object, "sorry",
				format_address(buf, &vip->sorry));
	set_text(object, "on_down", describe_on_down(vip->on_down),
		 describe_on_down(usual->on_down));
	set_number(timeouts, "syn", vip->timeout_syn, usual->timeout_syn);
	set_number(timeouts, "open", vip->timeout_open, usual->timeout_open);
	set_number(timeouts, "fin", vip->timeout_fin, usual->timeout_fin);
	set_number(timeouts, "udp", vip->timeout_udp, usual->timeout_udp);
	if (json_object_size(timeouts))
		object_set(object, "timeouts", timeouts);
	else
		json_decref(timeouts);
	object_set(object, "servers", json_array());
	return object;
}

static json_t *server_json(const struct message *server)
{
	json_t *object = object_new();
	char buf[ADDRESS_STRLEN];

	object_set_text(object, "address", format_address(buf, &server->server));
	if (server->cmd == DSR_CMD_SERVER_SET)
		object_set(object, "sorry", json_true());
	else
		set_number(object, "weight", server->weight, 1);
	set_number(object, "max_flows", server->max_flows, 0);
	if (has_mac(server))
		object_set_text(object, "mac", format_mac(buf, server->mac));
	set_text(object, "dev", server->ifname, "");
	if (server->drain)
		object_set(object, "drain", json_true());
	return object;
}

/**
 * config_json() - a configuration as one JSON object
 * @config: the configuration
 */
json_t *config_json(const struct message_list *config)
{
	json_t *object = object_new(), *vip = NULL;
	json_t *devs = json_array();
	json_t *vips = json_array();
	size_t i;

	object_set_number(object, "version", CONFIG_VERSION);
	for (i = 0; i < config->count; i++) {
		const struct message *item = &config->items[i];

		if (item->cmd == DSR_CMD_LIMIT_SET) {
			object_set_number(object, "flows_max", item->flows_max);
		} else if (item->cmd == DSR_CMD_DEV_ADD) {
			json_array_append_new(devs, text_json(item->ifname));
		} else if (item->cmd == DSR_CMD_VIP_ADD) {
			vip = vip_json(item);
			json_array_append_new(vips, vip);
		} else if (vip) {
			json_array_append_new(json_object_get(vip, "servers"),
					      server_json(item));
		}
	}
	object_set(object, "devs", devs);
	object_set(object, "vips", vips);
	return object;
}
