#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Where servers are on layer 2: MACs, interfaces and routes that change, come
# and go, what the operator pins, and what it says when there is no way.
#
# STOCK: 6.1 6.12: its table and its events are the kernel's
# SECONDS: 62 42

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

web=$VIP4:80/tcp
web6="[$VIP6]:80/tcp"

# server VIP ADDRESS FILTER: of its JSON object
server() {
	ask ".[].servers[] | select(.address == \"$2\") | $3" server show "$1"
}

# server_is VIP ADDRESS "STATE [WHY]"
server_is() {
	[[ $(server "$1" "$2" '[.state, .why // empty] | join(" ")') == "$3" ]]
}

# becomes VIP ADDRESS "STATE [WHY]": within seconds
becomes() {
	await 20 server_is "$@"
	report $? "$2 is $3" && return
	diag "it is $(server "$1" "$2" .)"
}

# mac_is VIP ADDRESS MAC
mac_is() {
	[[ $(server "$1" "$2" .mac) == "$3" ]]
}

# answers URL [SERVER]: a new connection is answered, by that one
answers() {
	local name
	name=$(fetch client "$1" --max-time 10) && [[ $name == "${2-$name}" ]]
}

# neighbour_times REACHABLE DELAY RETRANS: in ms, s and ms
neighbour_times() {
	local family
	for family in ipv4 ipv6; do
		on director sysctl -qw \
			net.$family.neigh.eth0.base_reachable_time_ms="$1" \
			net.$family.neigh.eth0.delay_first_probe_time="$2" \
			net.$family.neigh.eth0.retrans_time_ms="$3"
	done
}

# Neighbours are found out to be gone within about 2 seconds instead of 40
quick_neighbours() {
	neighbour_times 1000 1 200
	# those that are there have their time still
	on director ip neigh flush dev eth0
	on director ip -6 neigh flush dev eth0
}

topology 2
load_module
dsr vip add "$web" scheduler rr
dsr vip add "$web6" scheduler rr
on director "$DSRCTL" -j monitor >"$TMP/events" &
monitor=$!
add_servers "$web" 1
add_servers "$web6" 1
becomes "$web" 10.9.0.11 up
becomes "$web6" 2001:db8:9::11 up
is "$(server "$web" 10.9.0.11 '"\(.mac) \(.dev)"')" '02:00:00:00:00:11 eth0' \
	'its MAC and interface'

# --- a server with another MAC ----------------------------------------------

# The default timers would take most of a minute: an announcement is followed
on s1 ip link set eth0 address 02:00:00:00:aa:11
on s1 arping -q -U -c 1 -I eth0 10.9.0.11
ok 'a new MAC that the server announces is followed' \
	await 5 mac_is "$web" 10.9.0.11 02:00:00:00:aa:11
ok 'and used' answers "http://$VIP4/" s1

quick_neighbours
becomes "$web" 10.9.0.11 up
becomes "$web6" 2001:db8:9::11 up
on s1 ip link set eth0 address 02:00:00:00:bb:11
ok 'one that it does not announce is found out' \
	await 20 mac_is "$web" 10.9.0.11 02:00:00:00:bb:11
ok 'and used' await 5 answers "http://$VIP4/" s1
ok 'the same with IPv6' \
	await 20 mac_is "$web6" 2001:db8:9::11 02:00:00:00:bb:11
ok 'and used' await 5 answers "http://[$VIP6]/" s1

# --- the director forgets ---------------------------------------------------

for n in 1 2 3; do
	on director ip neigh flush dev eth0
	ok "neighbours flushed, $n: traffic goes on" answers "http://$VIP4/" s1
done
on director ip -6 neigh flush dev eth0
ok 'the same with IPv6' answers "http://[$VIP6]/" s1

# --- pins -------------------------------------------------------------------

dsr server set "$web" 10.9.0.11 mac 02:00:00:00:00:12
ok 'a pinned MAC wins' answers "http://$VIP4/" s2
on director ip neigh flush dev eth0
on director ping -qc1 -W5 10.9.0.11 >/dev/null
is "$(server "$web" 10.9.0.11 .mac)" 02:00:00:00:00:12 \
	'also over what the neighbour says'
dsr server set "$web" 10.9.0.11 mac auto
ok 'without the pin it is the neighbour again' answers "http://$VIP4/" s1

plug director eth1 03
dsr server set "$web" 10.9.0.11 dev eth1
becomes "$web" 10.9.0.11 up
capture pinned s1 eth0 ether src 02:00:00:00:00:03 and tcp dst port 80
ok 'a pinned interface is used' await 5 answers "http://$VIP4/" s1
end_captures
like "$(captured pinned)" '02:00:00:00:00:03 > 02:00:00:00:bb:11' \
	'with its own MAC as the source'
ip -n director link set eth1 down
becomes "$web" 10.9.0.11 'down device-down'
ip -n director link set eth1 up
becomes "$web" 10.9.0.11 up
ip -n director link del eth1
becomes "$web" 10.9.0.11 'down no-device'
plug director eth1 03
becomes "$web" 10.9.0.11 up
ok 'it is used again' await 5 answers "http://$VIP4/" s1
dsr server set "$web" 10.9.0.11 dev auto
ip -n director link del eth1
becomes "$web" 10.9.0.11 up
is "$(server "$web" 10.9.0.11 .dev)" eth0 'without the pin by the route'

# --- a server that is silent ------------------------------------------------

dsr server add "$web" 10.9.0.12
dsr server add "$web6" 2001:db8:9::12
becomes "$web" 10.9.0.12 up
becomes "$web6" 2001:db8:9::12 up
on director "$DSRCTL" flow flush
knock client tcp $VIP4 80 10000 20
knock client tcp $VIP6 80 10000 20
# servers_of VIP: of its flows
servers_of() {
	ask '[.[].server] | unique | join(" ")' flow show vip "$1"
}
is "$(servers_of "$web")" '10.9.0.11 10.9.0.12' 'flows on both servers'

ip -n router link set s1-eth0 down
becomes "$web" 10.9.0.11 'down no-neighbour'
becomes "$web6" 2001:db8:9::11 'down no-neighbour'
knock client tcp $VIP4 80 10000 40
knock client tcp $VIP6 80 10000 40
is "$(servers_of "$web")" 10.9.0.12 'its flows and new ones go to the other'
is "$(servers_of "$web6")" 2001:db8:9::12 'the same with IPv6'
is "$(ask length flow show vip "$web")" 40 'none is lost'
before=$(requests s2)
for n in 1 2 3 4; do
	fetch client "http://$VIP4/" >/dev/null
done
ok 'every connection is answered' await 10 requested s2 $((before + 4))
ip -n router link set s1-eth0 up
becomes "$web" 10.9.0.11 up
becomes "$web6" 2001:db8:9::11 up
knock client tcp $VIP4 80 20000 20
is "$(servers_of "$web")" '10.9.0.11 10.9.0.12' 'it gets flows again'

# --- the director's interface -----------------------------------------------

on director sysctl -qw net.ipv6.conf.eth0.keep_addr_on_down=1
ip -n director link set eth0 down
becomes "$web" 10.9.0.11 'down no-route'
becomes "$web6" 2001:db8:9::11 'down no-route'
ip -n director link set eth0 up
gateway director 10.9.0.1 2001:db8:9::1
becomes "$web" 10.9.0.11 up
becomes "$web6" 2001:db8:9::11 up
ok 'after the interface was down: IPv4' await 5 answers "http://$VIP4/"
ok 'after the interface was down: IPv6' await 5 answers "http://[$VIP6]/"

ip -n director link del eth0
becomes "$web" 10.9.0.11 'down no-route'
plug director eth0 02
gateway director 10.9.0.1 2001:db8:9::1
quick_neighbours
becomes "$web" 10.9.0.11 up
becomes "$web6" 2001:db8:9::11 up
ok 'after the interface was another: IPv4' await 5 answers "http://$VIP4/"
ok 'after the interface was another: IPv6' await 5 answers "http://[$VIP6]/"

# --- why not ----------------------------------------------------------------

on director ip route add unreachable 192.0.2.0/24
on director ip -6 route add unreachable 2001:db8:77::/64
for pair in "$web 192.0.2.1 no-route" "$web 203.0.113.5 off-link" \
	"$web 10.9.0.2 local-address" "$web 10.9.0.99 no-neighbour" \
	"$web6 2001:db8:77::1 no-route" "$web6 2001:db8:99::1 off-link" \
	"$web6 2001:db8:9::2 local-address" \
	"$web6 2001:db8:9::99 no-neighbour"; do
	read -r vip address why <<<"$pair"
	dsr server add "$vip" "$address"
	becomes "$vip" "$address" "down $why"
done
dsr server add "$web" 192.0.2.2 dev lo
becomes "$web" 192.0.2.2 'down no-ethernet'
on director ip route del unreachable 192.0.2.0/24
becomes "$web" 192.0.2.1 'down off-link'
on director ip route add 192.0.2.1/32 dev eth0
ip -n s2 address add 192.0.2.1/32 dev eth0
becomes "$web" 192.0.2.1 up

# --- what was told ----------------------------------------------------------

kill "$monitor"
wait "$monitor" 2>/dev/null
# told ADDRESS: what happened to it, the states in a row, each once
told() {
	jq -r "select(.server? == \"$1\" or .address? == \"$1\") |
		[.state, .why // empty] | join(\" \")" "$TMP/events" | uniq |
		paste -sd,
}
like "$(told 2001:db8:9::11)" \
	'up,(resolving,)?down no-neighbour,up,.*down no-route,.*up' \
	'monitor told of the server that was silent'
like "$(told 10.9.0.11)" 'down device-down,.*down no-device,.*up' \
	'and of the interface that was down and gone'
like "$(told 192.0.2.1)" 'down no-route,down off-link,.*up' \
	'and of the route'
dsr flush

# --- a VIP that is the director's own in the servers' net -------------------

# The kernel chooses the first address of an interface to ask from. It probes
# an entry by itself that grows old within the delay after its making, which is
# so with quick neighbours only.
neighbour_times 30000 5 1000
ip -n director address flush dev eth0
address director eth0 10.9.0.100/24 10.9.0.2/24
for n in 1 2; do
	own_vip s$n 10.9.0.100
	ip -n s$n neigh flush dev eth0
done
capture arp director eth0 arp
dsr vip add 10.9.0.100:80/tcp
add_servers 10.9.0.100:80/tcp 2
becomes 10.9.0.100:80/tcp 10.9.0.11 up
becomes 10.9.0.100:80/tcp 10.9.0.12 up
ok 'a VIP in the net of the servers works' \
	await 10 answers http://10.9.0.100/
end_captures
like "$(captured arp)" 'Request who-has 10.9.0.11 ' 'the servers were asked for'
unlike "$(captured arp)" 'who-has 10\.9\.0\.1[12] .*tell 10\.9\.0\.100' \
	'never with the VIP as the sender'
done_testing
