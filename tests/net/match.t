#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The most specific VIP has a packet: a port before a range before every port, a
# protocol before any.
#
# STOCK: none: it is about what no kernel does differently
# SECONDS: 45 32

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

# server_of PROTOCOL PORT: a new flow's server
server_of() {
	on director "$DSRCTL" flow flush >/dev/null
	knock client "$1" $VIP4 "$2" 40000 1
	await 5 has_flows 1
	on director sed -n 's/.* 10\.9\.0\.1\([0-9]\) .*/\1/p' /proc/net/dsr_flows
}

# servers_of PORTS: those of udp, by port
servers_of() {
	local ports
	IFS=, read -ra ports <<<"$1"
	on director "$DSRCTL" flow flush >/dev/null
	knock client udp $VIP4 "$1" 40000 1
	await 5 has_flows ${#ports[@]}
	ask '.[] | "\(.port) \(.server)"' flow show | sort -n |
		sed -n 's/ 10\.9\.0\.1/:/p' | paste -sd ' '
}

cables
run ip -n client route add $VIP4 via 198.51.100.1
load_module
# so that no packet waits on its way to the director
on client ping -qc1 -W5 198.51.100.1 >/dev/null
# in an order in which the first match is not the best one
dsr vip add $VIP4/any
dsr vip add $VIP4/udp
dsr vip add $VIP4:300-400/udp
dsr vip add $VIP4:50-60/udp
dsr vip add $VIP4:61-299/udp
dsr vip add $VIP4:53/udp
dsr server add $VIP4/any 10.9.0.14 mac 02:00:00:00:00:14 dev eth1
dsr server add $VIP4/udp 10.9.0.13 mac 02:00:00:00:00:13 dev eth1
dsr server add $VIP4:50-60/udp 10.9.0.12 mac 02:00:00:00:00:12 dev eth1
dsr server add $VIP4:61-299/udp 10.9.0.13 mac 02:00:00:00:00:13 dev eth1
dsr server add $VIP4:300-400/udp 10.9.0.14 mac 02:00:00:00:00:14 dev eth1
dsr server add $VIP4:53/udp 10.9.0.11 mac 02:00:00:00:00:11 dev eth1
is "$(servers_of 49,50,52,53,54,60,61,299,300,400,401,65535)" \
	'49:3 50:2 52:2 53:1 54:2 60:2 61:3 299:3 300:4 400:4 401:3 65535:3' \
	'a port before a range before every port'
is "$(server_of tcp 53)" 4 'another protocol, the same port: any'
is "$(server_of sctp 53)" 4 'sctp: any'
is "$(server_of 47 0)" 4 'a protocol without ports: any'
is "$(ask '.[0].vip' flow show)" $VIP4/any 'its flow names the VIP'

dsr vip del $VIP4:53/udp
is "$(servers_of 53)" 53:2 'without the port the range has it'
dsr vip del $VIP4:50-60/udp
is "$(servers_of 53,61)" '53:3 61:3' 'without the range every port has it'
dsr vip del $VIP4/udp
is "$(servers_of 53,300)" '53:4 300:4' 'without every port any has it'
dsr vip del $VIP4/any
before=$(stat_of '.passed["no-port"]')
forwarded=$(stat_of .forwarded)
knock client udp $VIP4 53 41000 3
passed_on() {
	[[ $(stat_of '.passed["no-port"]') == $((before + 3)) ]]
}
ok 'without any it is passed on, and counted' await 5 passed_on
is "$(stat_of .forwarded)" "$forwarded" 'and not forwarded'

# --- AH is a protocol of its own, in either family ---

# wrap ADDRESS: a SYN in AH
wrap() {
	on client /usr/bin/python3 -IS - "$1" <<-'END'
	import socket, struct, sys
	family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
	with socket.socket(family, socket.SOCK_RAW, 51) as sender:
	    sender.sendto(bytes([6, 4]) + bytes(22) + struct.pack(
	        '!HHIIHHHH', 40000, 80, 1, 0, 0x5002, 65535, 0, 0),
	                  (sys.argv[1], 0))
	END
}

run ip -n client -6 route add $VIP6 via 2001:db8:1::1
on client ping -qc1 -W5 2001:db8:1::1 >/dev/null
for vip in $VIP4 "[$VIP6]"; do
	dsr vip add "$vip:80/tcp"
	four_servers "$vip:80/tcp" >/dev/null
done
before=$(stat_of '.passed["no-port"]')
for address in $VIP4 $VIP6; do
	wrap "$address"
done
wrapped_passed() {
	(($(stat_of '.passed["no-port"]') == before + 2))
}
ok 'what AH wraps is not for the VIP of a port' await 5 wrapped_passed
on director "$DSRCTL" flow flush >/dev/null
for vip in $VIP4 "[$VIP6]"; do
	dsr vip add "$vip/any"
	four_servers "$vip/any" >/dev/null
done
for address in $VIP4 $VIP6; do
	wrap "$address"
done
ok 'but for that of any protocol' await 5 has_flows 2
dsr flush

# --- a client that persists has one server, whichever VIP it uses ---

clients=$(seq -s, -f '198.51.100.%g' 20 59)
for address in ${clients//,/ }; do
	must ip -n client address add "$address/24" dev eth0
done
for vip in 80/tcp 443/tcp 5060/udp 20000-20100/udp; do
	dsr vip add "$VIP4:$vip" scheduler mh persistence 60
	four_servers "$VIP4:$vip" >/dev/null
done
knock client tcp $VIP4 80,443 40000 1 0 "$clients"
knock client udp $VIP4 5060,20050 40000 1 0 "$clients"
await 10 has_flows 160
is "$(ask 'group_by(.client) | map(map(.server) | unique | length) |
	[length, max] | join(" ")' flow show)" '40 1' \
	'mh, four VIPs: each of 40 clients has one server'
is "$(ask 'map(.server) | unique | length' flow show)" 4 'of four'
dsr flush

# --- a flow that is past its time is used while it is there ---

dsr vip add $VIP4:53/udp scheduler rr timeout udp 1
four_servers $VIP4:53/udp >/dev/null
# past: what explain says of one that has just expired
past() {
	by=$(ask 'select(.flow.expires == 0) | .by' explain udp \
		198.51.100.10:42000 "$VIP4:53")
	[[ $by ]]
}
# The sweep may be faster: another try
by=''
for try in {1..20}; do
	on director "$DSRCTL" flow flush >/dev/null
	knock client udp $VIP4 53 42000 1 0
	await 5 past && break
done
diag "try $try"
is "$by" flow 'a flow that is past its time goes on to its server'
done_testing
