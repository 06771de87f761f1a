/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sockets that wait for clients.
 */
#ifndef DSRCTL_LISTENER_H
#define DSRCTL_LISTENER_H

#include <stdbool.h>

#include "parse.h"

/**
 * struct listener - who waits on the ports of a VIP
 * @there: somebody takes what is sent to the VIP
 * @elsewhere: an address that somebody takes it at instead, AF_UNSPEC: none
 */
struct listener {
	bool there;
	struct address elsewhere;
};

int listener_find(const struct vip *vip, struct listener *listener);

#endif /* DSRCTL_LISTENER_H */
