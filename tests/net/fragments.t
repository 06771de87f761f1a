#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# All fragments of a datagram go to one server, in whatever order they come;
# those that are for no VIP are the director's own. In PRE_ROUTING and on the
# fast path. The frames are made in fragments.py.
#
# STOCK: 6.1 6.12: the two report fragments that waited in vain differently
# SECONDS: 32 20

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

spare=$TMP/spare

# dropped NUMBER: fragments; may be some of those that say nothing, too
dropped() {
	local dropped most=$(($1$(<"$spare")))
	dropped=$(stat_of '.dropped.fragment')
	((dropped >= $1 && dropped <= most))
}

cables
# one port of it is the director's own
address director lo $VIP4/32
load_module
for vip in "$VIP4:53/udp" "[$VIP6]:53/udp"; do
	dsr vip add "$vip"
	four_servers "$vip"
done

mode=hook
lines_of "$mode: " fragments.py "$spare"
dsr dev add eth0
ok "$mode: the parts of a datagram without its first are dropped in time" \
	await 20 dropped 5
mode=dev
lines_of "$mode: " fragments.py "$spare"

# more than may wait; what waits in vain is dropped and counted
mode='many at once'
lines_of "$mode: " fragments.py "$spare" orphans 5000
ok "$mode: each is counted as dropped in the end" await 20 dropped 5010
mode='after that'
lines_of "$mode: " fragments.py "$spare"
done_testing
