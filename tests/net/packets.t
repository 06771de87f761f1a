#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What is done with single packets, good and bad, in PRE_ROUTING and on the
# fast path, with and without a capture on the director. The frames are made in
# packets.py.
#
# STOCK: 6.1 6.12: checksums and GSO are each kernel's
# SECONDS: 20 15

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

is_up() {
	[[ $(ask '[.[].servers[].state] | unique | join(" ")' show) == up ]]
}

bounced() {
	ask '[.[].servers[].bounced] | add' show
}

# packets ARGUMENTS...: without flows from before, as flows are not proven again
packets() {
	dsr flow flush
	lines_of "$mode: " packets.py "$@"
}

cables
address s1 eth0 10.9.0.11/24 2001:db8:9::11/64
# less than the way in
ip -n director link set eth1 mtu 1400
load_module
dsr vip add $VIP4/any
dsr vip add $VIP6/any
add_servers $VIP4/any 1
dsr server add $VIP6/any 2001:db8:9::11
wait_for 10 'the server is up' is_up

mode=hook
packets hook
is "$(bounced)" 3 "$mode: counted against the server that sent them back"
mode='hook, capture'
packets hook tap

dsr dev add eth0
mode=dev
packets dev
is "$(bounced)" 9 "$mode: counted against the server that sent them back"
mode='dev, capture'
packets dev tap
done_testing
