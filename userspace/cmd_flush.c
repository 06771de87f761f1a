// SPDX-License-Identifier: GPL-2.0-only
#include "dsrctl.h"

static const struct command commands[] = {
	{
		.cmd = DSR_CMD_FLUSH,
		.run = dsrctl_send,
	},
	{ },
};

const struct object object_flush = {
	.word = "flush",
	.help =
	"Usage: dsrctl flush\n"
	"\n"
	"Removes every VIP with its servers and flows. The interfaces of \"dev\" stay.\n",
	.commands = commands,
};
