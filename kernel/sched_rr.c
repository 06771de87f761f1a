// SPDX-License-Identifier: GPL-2.0-only
/* rr: every server in turn, whatever its weight. */
#include "sched.h"

const struct dsr_sched dsr_sched_rr = {
	.name = "rr",
	.turns = true,
	.slots = dsr_sched_each_slots,
	.fill = dsr_sched_each_fill,
	.choose = dsr_sched_turn,
};
