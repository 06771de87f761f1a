#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Uploads through the director arrive as they were sent, whether packets come
# to it as on a wire or merged into large ones (GSO, GRO).
#
# STOCK: 6.12: both CPUs take turns
# SECONDS: 50 35

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

size=$((20 * 1000 * 1000))

# offload on|off: in all that touches a request
offload() {
	local end
	for end in client:eth0 router:client router:director-eth0 \
		director:eth0 s1:eth0; do
		on "${end%:*}" ethtool -K "${end#*:}" tso "$1" gso "$1" \
			gro "$1" tx "$1" >/dev/null
	done
	diag "offload is $1"
}

# upload DESCRIPTION URL VIP
upload() {
	local vip=$3 before
	before=$(ask ".[] | select(.vip == \"$vip\") | .bytes" show)
	ok "$1: upload" fetch client "$2" -T "$TMP/file" --max-time 120
	is "$(sha256sum <"$TMP/s1/up/file")" "$sum" "$1: it arrived as it was"
	rm -f "$TMP/s1/up/file"
	holds "$(ask ".[] | select(.vip == \"$vip\") | .bytes" show)" \
		-gt $((before + size)) "$1: it came by the director"
}

# stream DESCRIPTION IPERF-ARGUMENTS... The server is bound to the VIP, for its
# answers to UDP would otherwise come from its own address.
stream() {
	local what=$1
	shift
	on s1 iperf3 -s -1 -D -B "$VIP4" >/dev/null
	wait_for 10 'iperf3 listens' eval 'on s1 ss -ltn | grep -q :5201'
	on client iperf3 -J -c "$VIP4" "$@" >"$TMP/iperf.json"
	is "$(jq -r '.error // "none"' "$TMP/iperf.json")" none "$what: no error"
	holds "$(jq '.end.sum_received.bytes // .end.sum.bytes // 0' \
		"$TMP/iperf.json")" -gt 100000 "$what: data got there"
	wait_for 10 'iperf3 ends' eval '! on s1 ss -ltn | grep -q :5201'
}

topology 1
head -c $size /dev/urandom >"$TMP/file"
sum=$(sha256sum <"$TMP/file")
load_module
dsr vip add "$VIP4/any"
dsr vip add "[$VIP6]:80/tcp"
add_servers "$VIP4/any" 1
add_servers "[$VIP6]:80/tcp" 1
meter director eth0

for state in on off; do
	offload $state
	upload "IPv4, offload $state" "http://$VIP4/up/file" "$VIP4/any"
	upload "IPv6, offload $state" "http://[$VIP6]/up/file" "[$VIP6]:80/tcp"
	stream "iperf3 tcp, offload $state" -n 5M
	stream "iperf3 udp, offload $state" -n 500K -u -b 2M
done

is "$(metered director eth0 from)" 0 'no reply came to the director'
is "$(ask '[.dropped[]] | add' stats)" 0 'nothing was dropped'
done_testing
