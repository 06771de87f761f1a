/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a check has found: a line each for people, an object each for
 * programs.
 *
 *	10.0.0.100 eth0: vip-on-lan: WHAT: WHY; mend: COMMAND
 *	10.0.0.100:80/tcp 10.9.0.11: ok: WHAT
 */
#ifndef DSRCTL_FINDING_H
#define DSRCTL_FINDING_H

#include <stddef.h>

#include "output.h"

struct context;

/**
 * struct subject - what a finding is about; all NULL: this host
 * @vip: a VIP, or its address
 * @server: the address of a server
 * @dev: an interface
 */
struct subject {
	const char *vip;
	const char *server;
	const char *dev;
};

/**
 * struct finding - something that is wrong
 * @code: a word for it that stays, for scripts and for the manual
 * @about: what is wrong
 * @what: what is wrong with it
 * @why: why that hurts
 * @mend: the command that mends it, one line; NULL where there is none
 */
struct finding {
	const char *code;
	struct subject about;
	const char *what;
	const char *why;
	const char *mend;
};

/**
 * struct findings - all that a check prints
 * @json: print JSON
 * @array: the JSON that is printed
 * @count: the findings so far
 */
struct findings {
	bool json;
	struct array array;
	size_t count;
};

void findings_begin(struct findings *findings, const struct context *ctx);
void findings_add(struct findings *findings, const struct finding *finding);
void findings_fine(struct findings *findings, const struct subject *about,
		   const char *what);
int findings_end(struct findings *findings);

#endif /* DSRCTL_FINDING_H */
