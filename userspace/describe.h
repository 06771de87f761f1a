/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module's objects in words and in JSON, as every command shows them.
 */
#ifndef DSRCTL_DESCRIBE_H
#define DSRCTL_DESCRIBE_H

#include <jansson.h>

#include "message.h"

#define NUMBER_STRLEN	sizeof("18446744073709551615")

/* The time-outs of a VIP as users name them; ends with one without a name */
struct timeout_name {
	const char *name;
	enum field field;
};

extern const struct timeout_name timeout_names[];

const char *describe_text(char buf[NUMBER_STRLEN], const struct message *msg,
			  enum field field);
void describe_member(json_t *object, const char *key,
		     const struct message *msg, enum field field);
void describe_address(json_t *object, const char *key,
		      const struct address *addr);

const char *describe_why(unsigned int why);
const char *describe_dev_state(const struct message *dev);
const char *describe_weight(char buf[NUMBER_STRLEN],
			    const struct message *server);
bool describe_is_idle(const struct message *server);
const char *describe_mac(char buf[MAC_STRLEN], const struct message *server);
const char *describe_ifname(const struct message *server);

void describe_speaks(json_t *object, const struct message *vip);
void describe_vip(json_t *object, const struct message *vip);
void describe_server(json_t *object, const struct message *server);
void describe_dev(json_t *object, const struct message *dev);
void describe_flow(json_t *object, const struct message *flow);

#endif /* DSRCTL_DESCRIBE_H */
