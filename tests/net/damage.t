#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A million damaged packets, made from good ones of every kind, leave the kernel
# log clean and the service up, and each is accounted for. SEED=N makes the same
# packets again, DAMAGED=N another number of them.
#
# STOCK: none: it is about what no kernel does differently
# SECONDS: 75 120

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

damaged=${DAMAGED:-1000000}
seed=${SEED:-$(od -An -N 4 -t u4 /dev/urandom | tr -d ' ')}
rounds=10
director_mac=02:00:00:00:08:02

# accounted: all packets that met any fate
accounted() {
	stat_of '.forwarded + .answered + ([.passed, .dropped] | map(add) | add)'
}

# refused: what the director's stack has found to be no packet, before
# PRE_ROUTING could see and count it
refused() {
	on director cat /proc/net/snmp /proc/net/netstat /proc/net/snmp6 | awk '
		$1 == "Ip:" || $1 == "IpExt:" {
			if ($2 !~ /^[0-9]+$/)
				split($0, name)
			else
				for (i = 2; i <= NF; i++)
					is[$1 name[i]] = $i
		}
		{ is[$1] = $2 }
		END {
			print is["Ip:InHdrErrors"] + is["IpExt:InTruncatedPkts"] + \
				is["Ip6InHdrErrors"] + is["Ip6InTruncatedPkts"]
		}'
}

# Fragments that wait are not yet anything
accounted_are() {
	(($(accounted) + $(refused) >= $1))
}

# complaints: of the kernel, so far
complaints() {
	dmesg | grep -cE 'BUG:|WARNING:|Oops|KASAN|UBSAN|suspicious|INFO: (rcu|task)'
}

# replay SEED: a tenth of the packets, and leaves in $counted how many of them
# are for the director to account for
replay() {
	"$TMP/damage" "$1" $((damaged / rounds)) $director_mac \
		<"$TMP/good.pcap" >"$TMP/bad.pcap" 2>"$TMP/counted" ||
		die "$(<"$TMP/counted")"
	counted=$(<"$TMP/counted")
	on client taskset 1 tcpreplay -q --topspeed -i eth0 "$TMP/bad.pcap" \
		>"$TMP/replayed" 2>&1 || die "$(<"$TMP/replayed")"
}

cables
must gcc -O2 -o "$TMP/damage" "${0%/*}/damage.c"
must /usr/bin/python3 -S "${0%/*}/damage.py" >"$TMP/good.pcap"
load_module
for vip in "$VIP4:53/udp" "[$VIP6]:53/udp" "$VIP4:1-1024/tcp" "$VIP4/sctp" \
	"[$VIP6]/any"; do
	dsr vip add "$vip"
	four_servers "$vip"
done
# What the director answers does not come back: the client has no address
run ip -n director neigh add 198.51.100.10 lladdr 02:00:00:00:00:10 dev eth0
run ip -n director neigh add 2001:db8:1::10 lladdr 02:00:00:00:00:10 dev eth0
run ip -n client address flush dev eth0
before=$(complaints)

diag "SEED=$seed DAMAGED=$damaged"
dsr dev add eth0
for ((round = 0; round < rounds; round++)); do
	if ((round == rounds / 2)); then
		forwarded=$(stat_of .forwarded)
		dsr dev del eth0
	fi
	was=$(accounted) refused=$(refused)
	replay $((seed + round))
	# in PRE_ROUTING the stack takes some away before
	((round < rounds / 2)) || continue
	ok "seed $((seed + round)): each of $counted is accounted for" \
		await 20 accounted_are $((was + refused + counted))
	# hosts solicit and report on their own
	holds "$(accounted)" -le $((was + counted + 20)) 'and hardly another'
done
holds "$forwarded" -gt $((damaged / 20)) 'dev: some were good enough to go on'
holds "$(stat_of .forwarded)" -gt $((forwarded + damaged / 20)) \
	'hook: some were good enough to go on'

for reason in passed.{not-vip,no-port,icmp,not-unicast,other-host} \
	dropped.{malformed,martian,fragment,ttl}; do
	holds "$(stat_of ".${reason%.*}[\"${reason#*.}\"]")" -gt 0 \
		"some were $reason"
done
is "$(complaints)" "$before" 'the kernel has no complaint'

address client eth0 198.51.100.10/24 2001:db8:1::10/64
run ip -n client route add $VIP4 via 198.51.100.1
run ip -n client route add $VIP6 via 2001:db8:1::1
run ip -n director neigh flush dev eth0
on director "$DSRCTL" flow flush
forwarded=$(stat_of .forwarded)
knock client udp $VIP4 53 10000 50
knock client tcp $VIP6 80 10000 50
serves() {
	[[ $(stat_of .forwarded) == $((forwarded + 100)) ]]
}
ok 'new clients are served as before' await 10 serves
done_testing
