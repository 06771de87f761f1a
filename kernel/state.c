// SPDX-License-Identifier: GPL-2.0-only
/*
 * The states of a flow of which only the client's half is seen. Without the
 * server's half nothing tells a half-closed connection from a closed one: FIN
 * is a shorter time-out, not an end.
 */
#include <linux/in.h>

#include "state.h"

/* Unless the VIP says otherwise */
const u32 dsr_state_timeouts[DSR_FLOW_STATES] = {
	[DSR_FLOW_SYN] = 60,
	[DSR_FLOW_OPEN] = 900,
	[DSR_FLOW_FIN] = 120,
	[DSR_FLOW_RST] = 10,
	[DSR_FLOW_UDP] = 300,
	[DSR_FLOW_OTHER] = 300,
};

/*
 * A RST may be forged or meant for an old connection, so data opens the flow
 * again. A FIN stays: acknowledgements of the server's last data follow it.
 */
const u8 dsr_state_table[][DSR_SIGNALS] = {
	[DSR_FLOW_SYN] = {
		[DSR_SIGNAL_NONE] = DSR_FLOW_SYN,
		[DSR_SIGNAL_SYN] = DSR_FLOW_SYN,
		[DSR_SIGNAL_DATA] = DSR_FLOW_OPEN,
		[DSR_SIGNAL_FIN] = DSR_FLOW_FIN,
		[DSR_SIGNAL_RST] = DSR_FLOW_RST,
	},
	[DSR_FLOW_OPEN] = {
		[DSR_SIGNAL_NONE] = DSR_FLOW_OPEN,
		[DSR_SIGNAL_SYN] = DSR_FLOW_OPEN,
		[DSR_SIGNAL_DATA] = DSR_FLOW_OPEN,
		[DSR_SIGNAL_FIN] = DSR_FLOW_FIN,
		[DSR_SIGNAL_RST] = DSR_FLOW_RST,
	},
	[DSR_FLOW_FIN] = {
		[DSR_SIGNAL_NONE] = DSR_FLOW_FIN,
		[DSR_SIGNAL_SYN] = DSR_FLOW_SYN,
		[DSR_SIGNAL_DATA] = DSR_FLOW_FIN,
		[DSR_SIGNAL_FIN] = DSR_FLOW_FIN,
		[DSR_SIGNAL_RST] = DSR_FLOW_RST,
	},
	[DSR_FLOW_RST] = {
		[DSR_SIGNAL_NONE] = DSR_FLOW_RST,
		[DSR_SIGNAL_SYN] = DSR_FLOW_SYN,
		[DSR_SIGNAL_DATA] = DSR_FLOW_OPEN,
		[DSR_SIGNAL_FIN] = DSR_FLOW_FIN,
		[DSR_SIGNAL_RST] = DSR_FLOW_RST,
	},
};
