#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Which server gets a new flow: the schedulers by weight and in order, and the
# most specific VIP.

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

first=10000	# client port of the next draw: each one makes new flows

# order [DIRECTOR]: the servers of all flows, a digit each, by client port.
# Of thousands of flows /proc is the quicker reading.
order() {
	on "${1-director}" sort -n -k 3,3 /proc/net/dsr_flows |
		awk '$3 ~ /^[0-9]/ { n = split($4, a, /[.:]/); printf "%d", a[n] - 10 }'
}

# has_flows NUMBER [DIRECTOR]: in the whole table
has_flows() {
	[[ $(on "${2-director}" "$DSRCTL" -j stats | jq .flows) == "$1" ]]
}

# draw VIP PROTOCOL ADDRESS PORT COUNT: makes that many flows in order, and
# sets $drawn to their servers
draw() {
	run on director "$DSRCTL" flow flush
	knock client "$2" "$3" "$4" $first "$5" 0
	wait_for 10 "$5 flows of $1" has_flows "$5"
	drawn=$(order)
	first=$((first + $5))
}

all_up() {
	[[ $(ask 'map(.servers[] | select(.weight > 0 and .state != "up")) |
		length' show) == 0 ]]
}

# servers VIP WEIGHT...: s1 to sN with these weights
servers() {
	local vip=$1 network=10.9.0. n=0 weight
	shift
	[[ $vip == \[* ]] && network=2001:db8:9::
	for weight; do
		n=$((n + 1))
		dsr server add "$vip" $network$((10 + n)) weight "$weight"
	done
	wait_for 10 'the servers are up' all_up
}

# turns DIGITS WEIGHT...: "even" if every round of the sum of the weights, no
# matter where it begins, has each server as often as its weight says, and no
# server has to wait for two of its turns and more; otherwise what is wrong
turns() {
	awk -v digits="$1" -v weights="${*:2}" 'BEGIN {
		n = split(weights, w, " ")
		for (i = 1; i <= n; i++)
			sum += w[i]
		for (at = 1; at + sum - 1 <= length(digits); at++) {
			split("", seen)
			for (k = at; k < at + sum; k++)
				seen[substr(digits, k, 1)]++
			for (i = 1; i <= n; i++)
				if (seen[i] + 0 != w[i])
					bad = bad " s" i " " (seen[i] + 0) \
						" times from " at
		}
		for (at = 1; at <= length(digits); at++) {
			i = substr(digits, at, 1)
			if (last[i] && at - last[i] > sum / w[i] + 2)
				bad = bad " s" i " waits at " at
			last[i] = at
		}
		print at == 1 ? "no flows" : bad ? substr(bad, 2, 99) : "even"
	}'
}

# shares DIGITS WEIGHT...: "fair" if each server has its share of the flows to
# within 5 standard deviations of a fair draw, which chance leaves less than
# once in a million times; otherwise who does not
shares() {
	awk -v digits="$1" -v weights="${*:2}" 'BEGIN {
		n = split(weights, w, " ")
		for (i = 1; i <= n; i++)
			sum += w[i]
		all = length(digits)
		for (at = 1; at <= all; at++)
			got[substr(digits, at, 1)]++
		for (i = 1; i <= n; i++) {
			p = w[i] / sum
			off = got[i] - all * p
			if (off * off > 25 * all * p * (1 - p))
				bad = bad " s" i " has " (got[i] + 0)
			seen += got[i]
		}
		if (seen != all)
			bad = bad " others have " all - seen
		print !all ? "no flows" : bad ? substr(bad, 2) : "fair"
	}'
}

# same A B: how many of a hundred digits are the same in both
same() {
	awk -v a="$1" -v b="$2" 'BEGIN {
		for (i = 1; i <= length(a); i++)
			n += substr(a, i, 1) == substr(b, i, 1)
		print int(100 * n / length(a))
	}'
}

make_router
make_client
make_director
for n in 1 2 3 4; do
	make_server $n
done
load_module
# so that no packet waits on its way to the director
on client ping -qc1 -W5 10.9.0.2 >/dev/null
on client ping -qc1 -W5 2001:db8:9::2 >/dev/null

# --- rr ---------------------------------------------------------------------

rr=$VIP4:53/udp
dsr vip add "$rr" scheduler rr
servers "$rr" 1 5 1
draw "$rr" udp $VIP4 53 60
is "$(turns "$drawn" 1 1 1)" even 'rr: in strict turn, whatever the weights'

if (($(nproc) > 1)); then
	run on director "$DSRCTL" flow flush
	knock client udp $VIP4 53 10000 301 0 &
	knock client udp $VIP4 53 30000 301 1 &
	wait %1 %2
	wait_for 10 'the flows of two CPUs' has_flows 602
	drawn=$(order)
	apart=$(for n in 1 2 3; do
		tr -cd "$n" <<<"$drawn" | wc -c
	done | sort -n | sed -n '1h; $ { G; s/\n/ /p }')
	holds "$((${apart% *} - ${apart#* }))" -le 2 \
		"rr: on two CPUs no more than two apart: $apart"
else
	skip 'rr on two CPUs: there is one'
fi

dsr server set "$rr" 10.9.0.13 weight 0
draw "$rr" udp $VIP4 53 40
is "$(turns "$drawn" 1 1)" even 'rr: a drained server gets none, the others go on'
dsr server add "$rr" 10.9.0.14
dsr server set "$rr" 10.9.0.13 weight 1
wait_for 10 'the servers are up' all_up
draw "$rr" udp $VIP4 53 40
is "$(turns "$drawn" 1 1 1 1)" even 'rr: new and restored servers take their turns'

# --- wrr --------------------------------------------------------------------

wrr="[$VIP6]:8080/tcp"
dsr vip add "$wrr" scheduler wrr
servers "$wrr" 3 1
draw "$wrr" tcp $VIP6 8080 80
is "$(turns "$drawn" 3 1)" even 'wrr: 3 to 1, tcp over IPv6'

dsr server set "$wrr" 2001:db8:9::11 weight 500
dsr server set "$wrr" 2001:db8:9::12 weight 300
dsr server add "$wrr" 2001:db8:9::13 weight 100
wait_for 10 'the servers are up' all_up
draw "$wrr" tcp $VIP6 8080 90
is "$(turns "$drawn" 5 3 1)" even \
	'wrr: weights changed while running, 500 to 300 to 100, interleaved'
unlike "$drawn" '111|222|33' 'wrr: no bursts'

dsr server set "$wrr" 2001:db8:9::12 weight 0
draw "$wrr" tcp $VIP6 8080 90
is "$(turns "$drawn" 5 0 1)" even 'wrr: weight 0 gets none'

# as large as can be: about to scale, the shares stay
dsr server set "$wrr" 2001:db8:9::11 weight 65535
dsr server set "$wrr" 2001:db8:9::13 weight 21845
dsr server set "$wrr" 2001:db8:9::12 weight 1
draw "$wrr" tcp $VIP6 8080 400
is "$(shares "$drawn" 3 0 1)" fair 'wrr: large weights keep their shares'

dsr vip set "$wrr" scheduler rr
draw "$wrr" tcp $VIP6 8080 60
is "$(turns "$drawn" 1 1 1)" even 'wrr becomes rr while running'

# --- mh ---------------------------------------------------------------------

mh=$VIP4/sctp
dsr vip add "$mh"
is "$(ask '.[0].scheduler' vip show "$mh")" mh 'mh is the default'
servers "$mh" 1 1 2 4
begin=$first
draw "$mh" sctp $VIP4 3868 1000
one=$drawn
is "$(shares "$one" 1 1 2 4)" fair 'mh: shares by weight, sctp, every port'
# runs of the same server are as long as chance makes them
like "$one" 444 'mh: it does not take turns'

first=$begin
draw "$mh" sctp $VIP4 3868 1000
is "$drawn" "$one" 'mh: the same flows have the same servers again'

# A second director of the same VIP, told of the servers the other way round
namespace twin
plug twin eth0 03
run on twin "$DSRCTL" -b - <<-END
	vip add $mh
	server add $mh 10.9.0.14 weight 4
	server add $mh 10.9.0.12
	server add $mh 10.9.0.13 weight 2
	server add $mh 10.9.0.11
END
ip -n router route replace $VIP4 via 10.9.0.3
on client ping -qc1 -W5 10.9.0.3 >/dev/null
knock client sctp $VIP4 3868 "$begin" 1000 $(($(nproc) - 1))
wait_for 10 'flows on the second director' has_flows 1000 twin
is "$(order twin)" "$one" \
	'mh: two directors choose the same'
ip -n router route replace $VIP4 via 10.9.0.2

dsr server set "$mh" 10.9.0.12 weight 0
first=$begin
draw "$mh" sctp $VIP4 3868 1000
is "$(shares "$drawn" 1 0 2 4)" fair 'mh: weight 0 gets none, the others share'
# an eighth of the flows had to move, and hardly any other did
holds "$(same "$one" "$drawn")" -ge 80 'mh: the others keep nearly all of theirs'

dsr vip set "$mh" scheduler wrr
draw "$mh" sctp $VIP4 3868 70
is "$(turns "$drawn" 1 0 2 4)" even 'mh becomes wrr while running'
dsr flush

# --- the most specific VIP --------------------------------------------------

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

# in an order in which the first match is not the best one
dsr vip add $VIP4/any
dsr vip add $VIP4/udp
dsr vip add $VIP4:300-400/udp
dsr vip add $VIP4:50-60/udp
dsr vip add $VIP4:61-299/udp
dsr vip add $VIP4:53/udp
dsr server add $VIP4/any 10.9.0.14
dsr server add $VIP4/udp 10.9.0.13
dsr server add $VIP4:50-60/udp 10.9.0.12
dsr server add $VIP4:61-299/udp 10.9.0.13
dsr server add $VIP4:300-400/udp 10.9.0.14
dsr server add $VIP4:53/udp 10.9.0.11
wait_for 10 'the servers are up' all_up
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
