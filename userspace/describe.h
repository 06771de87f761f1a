/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module's objects in words and in JSON, as every command shows them.
 */
#ifndef DSRCTL_DESCRIBE_H
#define DSRCTL_DESCRIBE_H

#include <jansson.h>

#include "message.h"

const char *describe_arp(unsigned int arp);
const char *describe_on_down(unsigned int on_down);
const char *describe_state(unsigned int state);
const char *describe_why(unsigned int why);
const char *describe_flow_state(unsigned int state);
const char *describe_dev_state(const struct message *dev);
unsigned int describe_weight(const struct message *server);
const char *describe_mac(char buf[MAC_STRLEN], const struct message *server);
const char *describe_ifname(const struct message *server);

void describe_vip(json_t *object, const struct message *vip);
void describe_server(json_t *object, const struct message *server);
void describe_dev(json_t *object, const struct message *dev);
void describe_flow(json_t *object, const struct message *flow);

#endif /* DSRCTL_DESCRIBE_H */
