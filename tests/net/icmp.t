#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# ICMP errors about a server's replies go to that server; what is not an error,
# or not about a VIP, is left to the stack. Echo requests to a VIP that is
# nobody's address are answered while it has a server, of any size, packets that
# have been too long on their way, and those that are too big for the way out, if
# they may not go in parts. In PRE_ROUTING and on the fast path.
# The frames are made in icmp.py.
#
# STOCK: 6.1 6.12: its errors are made by each kernel's own functions
# SECONDS: 30 20

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

cables
# less than the way in
ip -n director link set eth1 mtu 1400
load_module
vips=("$VIP4:53/udp" "[$VIP6]:53/udp" "$VIP4:80/tcp" "[$VIP6]:80/tcp")
for vip in "${vips[@]}"; do
	dsr vip add "$vip" scheduler rr
	four_servers "$vip"
done

mode=hook
lines_of "$mode: " icmp.py
is "$(stat_of .answered)" 16 "$mode: echo requests are counted"
dsr dev add eth0
mode=dev
lines_of "$mode: " icmp.py

mode='all drained'
for vip in "${vips[@]}"; do
	for server in $(ask '.[].servers[].address' server show "$vip"); do
		dsr server drain "$vip" "$server"
	done
done
lines_of "$mode: " icmp.py silent
is "$(stat_of .answered)" 32 "$mode: no more echo requests are counted"
done_testing
