#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Memory that the kernel refuses while a whole configuration is loaded: all of it
# is there then, or nothing of it has happened. And per-CPU memory, which comes in
# chunks and so is hardly ever refused.
#
# SECONDS: 105

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/debug/faults.sh
. "${0%/*}/faults.sh"

web=$VIP4:80/tcp

run insmod "$DSR_KO"
small_network
aim "$(text)"

# --- loads ------------------------------------------------------------------

# One thing of each kind
cat >"$TMP/one" <<-END
	limit flows 4096
	dev add in
	dev add absent0
	vip add $web
	server add $web 10.9.0.11 weight 3
	server add $web 10.9.0.12
	vip add $VIP4:100-200/udp scheduler wrr timeout udp 20
	server add $VIP4:100-200/udp 10.9.0.11 mac 02:00:00:00:00:11 dev out
	vip add $VIP4:300-400/udp
	vip add $VIP6/any persistence 60 mask 64 sorry 2001:db8:9::12
	server add $VIP6/any 2001:db8:9::11 max-flows 7
	server set $VIP6/any 2001:db8:9::12 dev out
END
# What stays, what changes, what goes and what comes, of each kind
cat >"$TMP/two" <<-END
	limit flows 8192
	dev add out
	vip add $web scheduler wlc
	server add $web 10.9.0.11 weight 4 dev out
	server add $web 10.9.0.13
	vip add $VIP4:100-200/udp scheduler wrr timeout udp 20
	server add $VIP4:100-200/udp 10.9.0.11 mac 02:00:00:00:00:11 dev out
	vip add $VIP4:250-400/udp
	server add $VIP4:250-400/udp 10.9.0.12
	vip add $VIP6/any persistence 60 mask 64 sorry 2001:db8:9::13
	server add $VIP6/any 2001:db8:9::12
	vip add 10.0.0.101/any arp off
END
sweep 'config load /dev/null' config load "$TMP/one"
"$DSRCTL" config load "$TMP/one"
sweep "config load $TMP/one" config load "$TMP/two"
sweep '' config load "$TMP/one"
sweep "config load $TMP/one" config load /dev/null
holds $all_refused -gt 50 'the loads met with faults'

# --- per-CPU memory ---------------------------------------------------------

# Something is only refused when each chunk is full and one more is needed

# servers VIPS: so many VIPs, with 50 servers each
servers() {
	local v n
	for ((v = 1; v <= $1; v++)); do
		echo "vip add 10.1.0.$v/any scheduler rr"
		for ((n = 1; n <= 50; n++)); do
			echo "server add 10.1.0.$v/any 10.9.0.$((n + 10))" \
				"mac 02:00:00:00:00:11 dev out"
		done
	done
}

# vips: a per-CPU word each, for what room is left
vips() {
	local net n
	for ((net = 0; net < 16; net++)); do
		for ((n = 1; n < 255; n++)); do
			echo "vip add 10.2.$net.$n/any scheduler rr"
		done
	done
}

# refuses COMMAND...: for want of memory, and nothing has changed
refuses() {
	local before
	before=$(state)
	fails "refused: $*" 2 "$DSRCTL" "$@"
	like "$("$DSRCTL" "$@" 2>&1)" '^dsrctl: .*memory' 'with the reason'
	ok 'and nothing has changed' as_wanted "$before"
}

"$DSRCTL" config load "$TMP/one"
aim "$(range pcpu_create_chunk)"
fail_all
servers 250 >"$TMP/servers"
fails 'per-CPU memory is full of servers' 2 "$DSRCTL" -b "$TMP/servers"
vips >"$TMP/vips"
fails 'and of VIPs' 2 "$DSRCTL" -b "$TMP/vips"
refuses server add "$web" 10.9.0.13
refuses vip add 10.0.0.101/any
refuses vip set "$web" sorry 10.9.0.13
refuses config load "$TMP/two"
fails 'no namespace is made' 1 unshare -n true
fail_none
ok 'all of it works once there is memory' "$DSRCTL" config load "$TMP/two"
ok 'a namespace, too' unshare -n true
"$DSRCTL" flush
done_testing
