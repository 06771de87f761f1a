/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_STATE_H
#define _DSR_STATE_H

#include <linux/in.h>
#include <linux/types.h>
#include <uapi/linux/dsr.h>

/* What a packet of the client tells about its flow */
enum dsr_signal {
	DSR_SIGNAL_NONE,	/* nothing: its protocol has no state */
	DSR_SIGNAL_SYN,
	DSR_SIGNAL_DATA,
	DSR_SIGNAL_FIN,
	DSR_SIGNAL_RST,
	DSR_SIGNALS,
};

#define DSR_FLOW_STATES (DSR_FLOW_OTHER + 1)

/* The state of a flow that is being moved or unlinked; shown to nobody */
#define DSR_FLOW_BUSY 0xff

/*
 * Is a flow in that state a load on its server? A SYN is: of a hundred clients
 * that connect at once, the last must not see a server without connections.
 */
static inline bool dsr_state_active(u8 state)
{
	return state != DSR_FLOW_FIN && state != DSR_FLOW_RST &&
	       state != DSR_FLOW_BUSY;
}

extern const u8 dsr_state_table[][DSR_SIGNALS];

/**
 * dsr_state_next() - the state of a flow after one more packet
 * @state: enum dsr_flow_state before it
 * @signal: enum dsr_signal of the packet
 *
 * Context: any.
 * Return: enum dsr_flow_state after it.
 */
static inline u8 dsr_state_next(u8 state, u8 signal)
{
	return state >= DSR_FLOW_UDP ? state : dsr_state_table[state][signal];
}

/* Seconds of silence after which a flow is forgotten, by state */
extern const u32 dsr_state_timeouts[DSR_FLOW_STATES];

/**
 * dsr_state_first() - the state of a flow that a packet makes
 * @proto: IPPROTO_*
 * @signal: enum dsr_signal of the packet
 *
 * A connection may be met in its middle, by a director that took over.
 *
 * Context: any.
 * Return: enum dsr_flow_state.
 */
static inline u8 dsr_state_first(u8 proto, u8 signal)
{
	if (proto == IPPROTO_UDP)
		return DSR_FLOW_UDP;
	if (signal == DSR_SIGNAL_NONE)
		return DSR_FLOW_OTHER;
	return dsr_state_table[DSR_FLOW_SYN][signal];
}

/* A SYN on such a flow starts another connection: it is scheduled anew */
static inline bool dsr_state_reopens(u8 state, u8 signal)
{
	return signal == DSR_SIGNAL_SYN &&
	       (state == DSR_FLOW_FIN || state == DSR_FLOW_RST);
}

#endif /* _DSR_STATE_H */
