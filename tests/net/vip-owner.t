#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Whose address a VIP is makes no difference to a client: routed to the
# director, the director's own, or nobody's. Only for the last does the module
# answer ARP and neighbour solicitation, and only on the interfaces that
# `dev add` names.
#
# STOCK: 6.1: who answers for an address is up to the kernel, too
# SECONDS: 56 40

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

# Addresses from the segment between router and director, which nobody has
lone4=10.8.0.100 lone6=2001:db8:8::100

# served ADDRESS DESCRIPTION: both servers answer what is asked of it
served() {
	local host=$1 got
	[[ $host == *:* ]] && host="[$host]"
	got=$(fetch client "http://$host/?[1-4]" -H 'Connection: close' |
		sort -u | xargs)
	is "$got" 's1 s2' "$2"
}

# neighbour ADDRESS: the MAC address that the router knows for it
neighbour() {
	ip -n router -j neigh show dev to-dsr to "$1" | jq -r '.[].lladdr // "none"'
}

forget() {
	ip -n router neigh flush dev to-dsr
}

# who_has NAMESPACE INTERFACE ADDRESS [SECONDS]: the answers to two ARP requests
who_has() {
	on "$1" arping -c 2 -w "${4-3}" -I "$2" "$3" |
		sed -n 's/^Unicast reply.*\[\(.*\)\].*/\1/p' | sort | uniq -c |
		xargs
}

# answers NAMESPACE INTERFACE ADDRESS: the same where some are expected. Who stands
# still hears less than was said, and asks again.
answers() {
	local heard tries
	for tries in 1 2 3; do
		heard=$(who_has "$@" 20)
		((${heard%% *} + 0 < 2)) || break
	done
	echo "$heard"
}

director_mac=02:00:00:00:08:02

topology 2 two-armed
own_vip s1 $lone4 $lone6
own_vip s2 $lone4 $lone6
load_module
for vip in "$VIP4" "[$VIP6]" $lone4 "[$lone6]"; do
	dsr vip add "$vip:80/tcp" scheduler rr
	add_servers "$vip:80/tcp" 2
done

served "$VIP4" 'IPv4: routed to the director'
served "$VIP6" 'IPv6: routed to the director'

run ip -n director address add "$VIP4/32" dev lo
run ip -n director address add "$VIP6/128" dev lo nodad
served "$VIP4" 'IPv4: an address of the director'
served "$VIP6" 'IPv6: an address of the director'

fails 'IPv4: nobody answers for an address that nobody has' 1 \
	on router arping -c 2 -w 2 -I to-dsr $lone4
ok 'IPv6: nor for that' test "$(on router ping -c 1 -W 2 $lone6 2>&1;
	neighbour $lone6)" != $director_mac

dsr dev add eth0
is "$(answers router to-dsr $lone4)" "2 ${director_mac^^}" \
	'IPv4: on a dev interface the module does, once for each request'
served $lone4 'IPv4: nobody has it'
is "$(neighbour $lone4)" $director_mac 'IPv4: and the router knows the director'
served $lone6 'IPv6: nobody has it'
is "$(neighbour $lone6)" $director_mac 'IPv6: and the router knows the director'

is "$(on s2 arping -c 2 -w 2 -I eth0 -s 10.9.0.12 $lone4 |
	grep -c ^Unicast)" 0 'no answer on the other interface'
is "$(who_has router to-dsr 10.8.0.101)" '' 'nor for an address next to it'

run ip -n director address add $lone4/24 dev eth0
is "$(answers router to-dsr $lone4)" "2 ${director_mac^^}" \
	'one answer still when the director has the address'
run ip -n director address del $lone4/24 dev eth0

dsr vip set "$lone4:80/tcp" arp off
is "$(who_has router to-dsr $lone4)" '' 'none with arp off'
dsr vip set "$lone4:80/tcp" arp auto
is "$(answers router to-dsr $lone4)" "2 ${director_mac^^}" 'again with arp auto'

dsr dev del eth0
forget
is "$(who_has router to-dsr $lone4)" '' 'none without the dev'
done_testing
