#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# All fragments of a datagram go to one server, in whatever order they come;
# those that are for no VIP are the director's own. In PRE_ROUTING and on the
# fast path. The frames are made in fragments.py.
#
#	client 198.51.100.10 ---- eth0 director eth1 ---- four MACs of servers

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

dropped() {
	[[ $(stat_of '.dropped.fragment') == "$1" ]]
}

namespace client
namespace director
namespace s1
link client eth0 02:00:00:00:00:10 director eth0 02:00:00:00:08:02
link director eth1 02:00:00:00:00:02 s1 eth0 02:00:00:00:00:11
address client eth0 198.51.100.10/24 2001:db8:1::10/64
address director eth0 198.51.100.1/24 2001:db8:1::1/64
address director eth1 10.9.0.2/24 2001:db8:9::2/64
# one port of it is the director's own
address director lo $VIP4/32
load_module
for vip in "$VIP4:53/udp" "[$VIP6]:53/udp"; do
	dsr vip add "$vip"
	for n in 1 2 3 4; do
		case $vip in
		\[*) server=2001:db8:9::1$n ;;
		*) server=10.9.0.1$n ;;
		esac
		dsr server add "$vip" "$server" mac "02:00:00:00:00:1$n" dev eth1
	done
done

mode=hook
lines_of "$mode: " fragments.py
dsr dev add eth0
ok "$mode: the parts of a datagram without its first are dropped in time" \
	await 20 dropped 5
mode=dev
lines_of "$mode: " fragments.py

# more than may wait; what waits in vain is dropped and counted
mode='many at once'
lines_of "$mode: " fragments.py orphans 5000
ok "$mode: each is counted as dropped in the end" await 20 dropped 5010
mode='after that'
lines_of "$mode: " fragments.py
done_testing
