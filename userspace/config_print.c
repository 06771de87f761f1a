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

/* What an option is when nobody has set it */
static const struct message usual = {
	.sched = "mh",
	.arp = DSR_ARP_AUTO,
	.on_down = DSR_ON_DOWN_RESCHEDULE,
	.timeout_syn = 60,
	.timeout_open = 900,
	.timeout_fin = 120,
	.timeout_rst = 10,
	.timeout_udp = 300,
	.timeout_other = 300,
	.weight = 1,
};

/* Only what is not usual is printed; what an older module lacks is not there */
static bool is_usual(const struct message *item, enum field field)
{
	const char *text = message_string(item, field);

	if (!message_has(item, field))
		return true;
	return text ? !strcmp(text, message_string(&usual, field)) :
		      message_number(item, field) ==
		      message_number(&usual, field);
}

static bool has_usual_mask(const struct message *vip)
{
	return !message_has(vip, FIELD_VIP_PERSISTENCE_MASK) ||
	       vip->persistence_mask ==
	       (vip->vip.addr.family == AF_INET ? 32 : 128);
}

static void append_option(char *buf, const char *words,
			  const struct message *item, enum field field)
{
	char text[NUMBER_STRLEN];

	if (!is_usual(item, field))
		append(buf, " %s %s", words, describe_text(text, item, field));
}

static void append_timeouts(char *buf, const struct message *vip)
{
	const struct timeout_name *timeout;
	char words[32];

	for (timeout = timeout_names; timeout->name; timeout++) {
		snprintf(words, sizeof(words), "timeout %s", timeout->name);
		append_option(buf, words, vip, timeout->field);
	}
}

static void append_vip(char *buf, const struct message *vip)
{
	char address[ADDRESS_STRLEN];

	append_option(buf, "scheduler", vip, FIELD_VIP_SCHED);
	append_option(buf, "arp", vip, FIELD_VIP_ARP);
	append_option(buf, "persistence", vip, FIELD_VIP_PERSISTENCE);
	if (!has_usual_mask(vip))
		append(buf, " mask %u", vip->persistence_mask);
	if (vip->sorry.family)
		append(buf, " sorry %s", format_address(address, &vip->sorry));
	append_option(buf, "on-down", vip, FIELD_VIP_ON_DOWN);
	append_timeouts(buf, vip);
}

static void append_server(char *buf, const struct message *server)
{
	char mac[MAC_STRLEN];

	if (server->cmd == DSR_CMD_SERVER_ADD)
		append_option(buf, "weight", server, FIELD_SERVER_WEIGHT);
	append_option(buf, "max-flows", server, FIELD_SERVER_MAX_FLOWS);
	if (has_mac(server))
		append(buf, " mac %s", format_mac(mac, server->mac));
	append_option(buf, "dev", server, FIELD_SERVER_IFNAME);
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
		append(buf, "dev add %s", item->dev);
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

static void set_option(json_t *object, const char *key,
		       const struct message *item, enum field field)
{
	if (!is_usual(item, field))
		describe_member(object, key, item, field);
}

static void set_timeouts(json_t *object, const struct message *vip)
{
	const struct timeout_name *timeout;
	json_t *timeouts = object_new();

	for (timeout = timeout_names; timeout->name; timeout++)
		set_option(timeouts, timeout->name, vip, timeout->field);
	object_set_filled(object, "timeouts", timeouts);
}

static json_t *vip_json(const struct message *vip)
{
	json_t *object = object_new();
	char buf[VIP_STRLEN];

	object_set_text(object, "vip", format_vip(buf, &vip->vip));
	set_option(object, "scheduler", vip, FIELD_VIP_SCHED);
	set_option(object, "arp", vip, FIELD_VIP_ARP);
	set_option(object, "persistence", vip, FIELD_VIP_PERSISTENCE);
	if (!has_usual_mask(vip))
		object_set_number(object, "mask", vip->persistence_mask);
	describe_address(object, "sorry", &vip->sorry);
	set_option(object, "on_down", vip, FIELD_VIP_ON_DOWN);
	set_timeouts(object, vip);
	object_set(object, "servers", json_array());
	return object;
}

static json_t *server_json(const struct message *server)
{
	json_t *object = object_new();
	char buf[MAC_STRLEN];

	describe_address(object, "address", &server->server);
	if (server->cmd == DSR_CMD_SERVER_SET)
		object_set(object, "sorry", json_true());
	else
		set_option(object, "weight", server, FIELD_SERVER_WEIGHT);
	set_option(object, "max_flows", server, FIELD_SERVER_MAX_FLOWS);
	if (has_mac(server))
		object_set_text(object, "mac", format_mac(buf, server->mac));
	set_option(object, "dev", server, FIELD_SERVER_IFNAME);
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
			json_array_append_new(devs, text_json(item->dev));
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
