#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# ICMP errors about a server's replies go to that server; what is not an error,
# or not about a VIP, is left to the stack. Echo requests to a VIP that is
# nobody's address are answered while it has a server, and packets that are too
# big for the way out. In PRE_ROUTING and on the fast path.
# The frames are made in icmp.py.
#
#	client 198.51.100.10 ---- eth0 director eth1 ---- four MACs of servers

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

namespace client
namespace director
namespace s1
link client eth0 02:00:00:00:00:10 director eth0 02:00:00:00:08:02
link director eth1 02:00:00:00:00:02 s1 eth0 02:00:00:00:00:11
address client eth0 198.51.100.10/24 2001:db8:1::10/64
address director eth0 198.51.100.1/24 2001:db8:1::1/64
address director eth1 10.9.0.2/24 2001:db8:9::2/64
# less than the way in
ip -n director link set eth1 mtu 1400
load_module
for vip in "$VIP4:53/udp" "[$VIP6]:53/udp" "$VIP4:80/tcp" "[$VIP6]:80/tcp"; do
	dsr vip add "$vip" scheduler rr
	for n in 1 2 3 4; do
		case $vip in
		\[*) server=2001:db8:9::1$n ;;
		*) server=10.9.0.1$n ;;
		esac
		dsr server add "$vip" "$server" mac "02:00:00:00:00:1$n" dev eth1
	done
done

mode=hook
lines_of "$mode: " icmp.py
is "$(stat_of .answered)" 8 "$mode: echo requests are counted"
dsr dev add eth0
mode=dev
lines_of "$mode: " icmp.py

mode='all drained'
for vip in "$VIP4:53/udp" "[$VIP6]:53/udp" "$VIP4:80/tcp" "[$VIP6]:80/tcp"; do
	for n in 1 2 3 4; do
		case $vip in
		\[*) dsr server drain "$vip" 2001:db8:9::1$n ;;
		*) dsr server drain "$vip" 10.9.0.1$n ;;
		esac
	done
done
lines_of "$mode: " icmp.py silent
is "$(stat_of .answered)" 16 "$mode: no more echo requests are counted"
done_testing
