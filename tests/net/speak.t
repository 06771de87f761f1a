#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Who speaks for a VIP that is nobody's address: it is announced when that begins
# and when the way changes; it is left to a host that claims it, for as long as
# that is there; of several directors the one with the lowest MAC has it; one that
# holds the address never yields; and a server that claims it leaks.
#
# STOCK: 6.12: the kernel's own ARP and neighbour discovery answer here
# SECONDS: 75 60

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

# Addresses of the segment; two, so that one of them may be given up
one4=10.9.0.100 two4=10.9.0.101 one6=2001:db8:9::100
mac=02:00:00:00:00:02

# heard NAME FILTER...: frames in a capture that is still going on
heard() {
	local name=$1
	shift
	captured "$name" "$@" | grep -c .
}

has_heard() {
	(($(heard "${@:2}") >= $1))
}

# knows ADDRESS MAC: that is what the router has now, if it asks
knows() {
	ip -n router neigh flush dev lan
	on router ping -c 1 -W 1 "$1" >/dev/null
	[[ $(ip -n router -j neigh show dev lan to "$1" |
		jq -r '.[].lladdr // "none"') == "$2" ]]
}

# speaks ADDRESS DIRECTOR: what its VIP's object says
speaks() {
	"$DSRCTL" -N "${2-director}" -j show | jq -r "first(.[] |
		select(.address == \"$1\")) |
		[.speaks, .speaker_mac // empty, .speaker_dev // empty] |
		join(\" \")"
}

says() {
	[[ $(speaks "$1" "${3-director}") == "$2" ]]
}

# configure NAMESPACE: a director like the first one
configure() {
	local address
	for address in $one4 $two4 "[$one6]"; do
		must "$DSRCTL" -N "$1" vip add "$address:80/tcp"
	done
	must "$DSRCTL" -N "$1" server add "$one4:80/tcp" 10.9.0.11
	must "$DSRCTL" -N "$1" server add "[$one6]:80/tcp" 2001:db8:9::11
}

# claim NAMESPACE ADDRESS: as a host does that has just been given it
claim() {
	case $2 in
	*:*) on "$1" /usr/bin/python3 -S "${0%/*}/speak.py" eth0 "$2" ;;
	*) on "$1" arping -q -U -c 1 -I eth0 -s "$2" "$2" >/dev/null ;;
	esac
}

topology 1
load_module
configure director
is "$(speaks $one4)" nobody 'without dev nobody speaks for an address'
"$DSRCTL" -N director monitor >"$TMP/events" &
monitor=$!
capture wire router lan 'arp or icmp6'

# --- announced ---

dsr dev add eth0
announced4="arp and arp[6:2] == 1 and arp[14:4] == arp[24:4]"
announced6='icmp6 and ip6[40] == 136 and ip6[44] & 0x60 == 0x20'
ok 'each is announced a few times: IPv4' await 20 has_heard 6 wire \
	"ether src $mac and $announced4"
ok 'IPv6' await 20 has_heard 3 wire "ether src $mac and $announced6"
is "$(speaks $one4)" module 'the module speaks for it'
like "$(on director "$DSRCTL" explain tcp 198.51.100.10:5000 $one4:80)" \
	'arp +the module answers for the address' 'explain says so'
ok 'the router gets its MAC' await 10 knows $one4 $mac

run ip -n director link set eth0 address 02:00:00:00:00:03
ok 'a new MAC is announced: IPv4' await 20 has_heard 6 wire \
	"ether src 02:00:00:00:00:03 and $announced4"
ok 'IPv6' await 20 has_heard 3 wire \
	"ether src 02:00:00:00:00:03 and $announced6"
run ip -n director link set eth0 address $mac

# --- left to who claims it ---

namespace holder
plug holder eth0 05
address holder eth0 $one4/24 $two4/24 $one6/64
claim holder $one4
ok 'a host that claims it has it' await 20 says $one4 \
	"other 02:00:00:00:00:05 eth0"
like "$(on director "$DSRCTL" explain tcp 198.51.100.10:5000 $one4:80)" \
	'another host speaks.*02:00:00:00:00:05' 'explain says so'
claim holder $two4
claim holder $one6
ok 'so with the next one' await 20 says $two4 "other 02:00:00:00:00:05 eth0"
ok 'and IPv6' await 20 says $one6 "other 02:00:00:00:00:05 eth0"
ok 'the router gets the MAC of that' await 10 knows $one4 02:00:00:00:00:05
before=$(heard wire "ether src $mac and arp[6:2] == 2 and src host $one4")
knows $one4 02:00:00:00:00:05
is "$(heard wire "ether src $mac and arp[6:2] == 2 and src host $one4")" \
	"$before" 'and the module is silent'

run ip -n holder address del $two4/24 dev eth0
ok 'an address that it gives up is ours again' await 40 says $two4 module
is "$(speaks $one4)" 'other 02:00:00:00:00:05 eth0' 'the other is not'
run ip -n holder link set eth0 down
ok 'with the host gone all are: IPv4' await 40 says $one4 module
ok 'IPv6' await 40 says $one6 module
ok 'the router knows' await 10 knows $one4 $mac
end_captures
for event in 'foreign address' 'yielded address' 'resumed address'; do
	holds "$(grep -c "^arp $event $one4 " "$TMP/events")" -ge 1 \
		"the event: $event"
done

# --- several directors ---

namespace second
plug second eth0 08
gateway second 10.9.0.1 2001:db8:9::1
configure second
must "$DSRCTL" -N second dev add eth0
ok 'a director with a higher MAC leaves it to the first: IPv4' await 40 \
	says $one4 "other $mac eth0" second
ok 'IPv6' await 40 says $one6 "other $mac eth0" second
is "$(speaks $one4) $(speaks $one6)" 'module module' 'which goes on'
run ip -n director link set eth0 down
ok 'and takes over when that is gone: IPv4' await 40 says $one4 module second
ok 'IPv6' await 40 says $one6 module second
run ip -n director link set eth0 up
ok 'until it is back' await 60 says $one4 "other $mac eth0" second
ok 'and speaks' await 40 says $one4 module

# --- who holds it ---

run ip -n second address add $one4/32 dev lo
ok 'an address of lo is answered for by the module' await 20 \
	says $one4 module second
ok 'its claim is heeded' await 40 says $one4 "other 02:00:00:00:00:08 eth0"
run ip -n director address add $one4/32 dev lo
claim director $one4
run ip -n director address del $one4/32 dev lo
says $one4 module second
report $? 'who holds it does not yield'
must ip -n second link set eth0 down

# --- a leak ---

ok 'once more it is ours' await 40 says $one4 module
run ip -n s1 address add $one4/24 dev eth0
claim s1 $one4
leaked() {
	grep -q "^arp leak address $one4 mac 02:00:00:00:00:11 dev eth0" \
		"$TMP/events"
}
ok 'a server that claims it leaks: the event' await 20 leaked
is "$(speaks $one4)" module 'and has no say'

# --- arp off ---

dsr vip set $one4:80/tcp arp off
is "$(speaks $one4)" off 'with arp off it is others'"'"
kill $monitor
done_testing
