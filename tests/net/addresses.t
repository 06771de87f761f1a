#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Ten thousand VIPs, on as many addresses or on the ports of one: each gets its
# packets and no other does, however they were configured; and explain agrees.
#
# STOCK: none: it is about tables of ours
# SECONDS: 120

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

many=10000
server='10.9.0.11 mac 02:00:00:00:00:11 dev eth1'

# on_addresses FIRST COUNT: a configuration, as text
on_addresses() {
	awk -v first="$1" -v n="$2" -v server="$server" 'BEGIN {
		split(first, part, ".")
		at = (part[2] * 256 + part[3]) * 256 + part[4]
		for (last = at + n; at < last; at++) {
			vip = part[1] "." int(at / 65536) "." \
				int(at / 256) % 256 "." at % 256 ":53/udp"
			print "vip add " vip
			print "server add " vip " " server
		}
	}'
}

# on_ports FIRST COUNT
on_ports() {
	awk -v first="$1" -v n="$2" -v server="$server" 'BEGIN {
		for (port = first; port < first + n; port++) {
			print "vip add 10.64.0.1:" port "/udp"
			print "server add 10.64.0.1:" port "/udp " server
		}
	}'
}

# send ADDRESS COUNT PORT [PORTS]
send() {
	on client /usr/bin/python3 -IS "${0%/*}/addresses.py" "$@"
}

# has_taken PACKETS: forwarded so many since the last look
has_taken() {
	(($(stat_of .forwarded) - before >= $1))
}

# serves WHAT VIPS ADDRESS COUNT PORT [PORTS]: of so many VIPs each gets the one
# packet that is for it
serves() {
	local what=$1 vips=$2 before
	shift 2
	before=$(stat_of .forwarded)
	send "$@"
	await 10 has_taken "$vips"
	is $(($(stat_of .forwarded) - before)) "$vips" \
		"$what: each packet is forwarded"
	is "$("$DSRCTL" -N director -j show | grep -o '"packets":0,' | wc -l)" \
		0 "$what: no VIP is without"
}

# load FILE...: all of them as one configuration
load() {
	cat "$@" >"$TMP/all"
	dsr config load "$TMP/all"
}

# fate ADDRESS PORT
fate() {
	ask '.server // .reason' explain udp 198.51.100.10:5000 "$1:$2"
}

cables
run ip -n client route add 10.64.0.0/10 via 198.51.100.1
load_module
on client ping -qc1 -W5 198.51.100.1 >/dev/null

on_addresses 10.64.0.1 $many >"$TMP/addresses"
load "$TMP/addresses"
is "$(fate 10.64.0.1 53)" 10.9.0.11 'explain knows the first address'
serves 'after a load' $many 10.64.0.1 $many 53

# the first half goes, the other half stays and keeps its counters, and as many
# come
on_addresses 10.64.19.137 $((many / 2)) >"$TMP/half"
on_addresses 10.65.0.1 $((many / 2)) >"$TMP/new"
load "$TMP/half" "$TMP/new"
is "$(ask '[.[] | select(.packets == 1)] | length' show)" $((many / 2)) \
	'a load of other addresses: half of the VIPs stay as they were'
serves 'its new half' $((many / 2)) 10.65.0.1 $((many / 2)) 53
serves 'its old half' $((many / 2)) 10.64.19.137 $((many / 2)) 53
strangers=$(stat_of '.passed["not-vip"]')
send 10.64.0.1 $((many / 2)) 53
all_passed() {
	(($(stat_of '.passed["not-vip"]') - strangers >= many / 2))
}
ok 'what is for an address that has gone passes' await 10 all_passed
is "$(fate 10.64.0.1 53)" not-vip 'and explain says so'

dsr flush
is "$(fate 10.65.0.1 53)" not-vip 'after a flush no address is a VIP'"'"'s'
dsr --batch "$TMP/addresses"
serves 'after a batch' $many 10.64.0.1 $many 53

on_ports 1 $many >"$TMP/ports"
load "$TMP/ports"
serves 'on ports of one address, after a load' $many 10.64.0.1 1 1 $many
on_ports $((many / 2 + 1)) $many >"$TMP/other-ports"
load "$TMP/other-ports"
serves 'other ports, after another load' $many \
	10.64.0.1 1 $((many / 2 + 1)) $many
is "$(fate 10.64.0.1 $((many / 2)))" no-port 'the ports before are no VIPs'
is "$(fate 10.64.0.1 $((many / 2 + 1)))" 10.9.0.11 'those from there on are'

# a VIP that goes leaves its port to the wider one, and all others as they are
dsr vip add 10.64.0.1/udp
dsr server add 10.64.0.1/udp 10.9.0.12 mac 02:00:00:00:00:11 dev eth1
awk -v first=$((many / 2 + 1)) -v n=$((many / 2 + 500)) 'BEGIN {
	for (port = first; port < first + n; port++)
		print "vip del 10.64.0.1:" port "/udp"
}' >"$TMP/deletions"
dsr --batch "$TMP/deletions"
is "$(fate 10.64.0.1 $((many / 2 + 1)))" 10.9.0.12 \
	'a port whose VIP was deleted is the wider one'"'"'s'
is "$(fate 10.64.0.1 $((many + 501)))" 10.9.0.11 'the next one is still its own'
is "$(fate 10.64.0.1 $((many + many / 2)))" 10.9.0.11 'and the last'
dsr vip del 10.64.0.1/udp
serves 'after deletions' $((many / 2 - 500)) \
	10.64.0.1 1 $((many + 501)) $((many / 2 - 500))

dsr flush
dsr --batch "$TMP/ports"
serves 'on ports of one address, after a batch' $many 10.64.0.1 1 1 $many
dsr flush
is "$(ask length show)" 0 'a flush takes all of them'

# --- servers ---

# servers_left NUMBER
servers_left() {
	[[ $(on director grep -c ' rr\| up\|  10\.64\.' /proc/net/dsr) == "$1" ]]
}

awk 'BEGIN {
	print "vip add 10.0.0.100:80/tcp scheduler rr"
	for (i = 0; i < 65535; i++)
		print "server add 10.0.0.100:80/tcp 10.64." int(i / 256) "." i % 256,
			"mac 02:00:00:00:00:11 dev eth1"
}' >"$TMP/servers"
load "$TMP/servers"
ok '65,535 servers of one VIP come with a load' servers_left 65536
awk 'NR == 1 { print } NR > 1 && NR % 2 { print $0, "weight 2" }' \
	"$TMP/servers" >"$TMP/half"
load "$TMP/half"
ok 'half of them go with another' servers_left 32768
is "$("$DSRCTL" -N director config diff "$TMP/half")" '' \
	'and the others are changed'
dsr server set $VIP4:80/tcp 10.64.0.1 weight 3
dsr server del $VIP4:80/tcp 10.64.0.1
ok 'one is changed, and goes' servers_left 32767
dsr flush
ok 'all go' servers_left 0
done_testing
