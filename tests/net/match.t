#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The most specific VIP has a packet: a port before a range before every port, a
# protocol before any.
#
# STOCK: none: it is about what no kernel does differently
# SECONDS: 28 20

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
done_testing
