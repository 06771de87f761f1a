#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Which server gets a new flow, scheduler by scheduler: in exact order where
# there is one, by fair shares where a hash decides, on two CPUs, and while
# servers and weights change. Nobody answers: what counts is the choice.
#
# STOCK: 6.12: both CPUs take turns
# SECONDS: 76 50

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

vip=$VIP4/udp
first=10000	# client port of the next draw: each one makes new flows
cpus=$(nproc)
((cpus > 2)) && cpus=2

# pool SCHEDULER WEIGHT...: the VIP anew, with s1 to sN of these weights
pool() {
	local n=10 weight
	{
		printf '%s\n' flush 'flow flush'
		echo "vip add $vip scheduler $1"
		for weight in "${@:2}"; do
			n=$((n + 1))
			echo "server add $vip 10.9.0.$n weight $weight" \
				"mac 02:00:00:00:00:$n dev eth1"
		done
	} >"$TMP/batch"
	echo "# pool $*"
	must "$DSRCTL" -N director -b "$TMP/batch" >/dev/null
}

# weigh WEIGHT...: those of s1 to sN, in one go
weigh() {
	local n=10 weight
	for weight; do
		n=$((n + 1))
		echo "server set $vip 10.9.0.$n weight $weight"
	done >"$TMP/batch"
	echo "# weigh $*"
	must "$DSRCTL" -N director -b "$TMP/batch" >/dev/null
}

# order [DIRECTOR]: the servers of all flows, a digit each, by client port.
# Of thousands of flows /proc is the quicker reading.
order() {
	on "${1-director}" sort -n -k 3,3 /proc/net/dsr_flows |
		awk '$3 ~ /^[0-9]/ { n = split($4, a, /[.:]/); printf "%d", a[n] - 10 }'
}

# draw COUNT [PROTOCOL]: makes that many flows in order, and sets $drawn to
# their servers
draw() {
	must "$DSRCTL" -N director flow flush >/dev/null
	flows=0
	more "$@"
}

# more COUNT [PROTOCOL]: the same, beside those that are there
more() {
	flows=$((flows + $1))
	knock client "${2-udp}" $VIP4 53 $first "$1" 0
	wait_for 20 "$flows flows" has_flows $flows
	drawn=$(order)
	drawn=${drawn:flows - $1}
	first=$((first + $1))
}

# model SCHEDULER COUNT WEIGHT...: what it has to choose for as many flows that
# stay active, a digit each; of servers alike the first one
model() {
	awk -v scheduler="$1" -v count="$2" -v weights="${*:3}" '
	function better(a, b) {	# is a flow better off with a than with b?
		if (scheduler == "lc")
			return flows[a] < flows[b]
		if (scheduler == "wlc")
			return flows[a] * w[b] < flows[b] * w[a]
		if (scheduler == "fo")
			return w[a] > w[b]
		if (scheduler == "ovf")
			return w[a] > w[b]
		if (scheduler == "nq" && !flows[a] != !flows[b])
			return !flows[a]
		if (scheduler == "nq" && !flows[a])
			return 0
		return (flows[a] + 1) * w[b] < (flows[b] + 1) * w[a]
	}
	BEGIN {
		n = split(weights, w, " ")
		while (count--) {
			best = 0
			for (i = 1; i <= n; i++)
				if (w[i] && !(scheduler == "ovf" && flows[i] >= w[i]) &&
				    (!best || better(i, best)))
					best = i
			flows[best]++
			printf "%d", best
		}
	}'
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

# moved BEFORE AFTER SERVER: of all flows that SERVER had neither before nor
# after, how many in a thousand have another one now
moved() {
	awk -v a="$1" -v b="$2" -v gone="$3" 'BEGIN {
		for (i = 1; i <= length(a); i++) {
			x = substr(a, i, 1)
			y = substr(b, i, 1)
			if (x == gone || y == gone)
				continue
			n++
			if (x != y)
				moved++
		}
		print n ? int(1000 * moved / n) : 1000
	}'
}

# apart: the most flows that a server has more than another
apart() {
	ask '[.[0].servers[].flows] | max - min' show
}

# knock_on_all COUNT: as many flows from each CPU at once
knock_on_all() {
	local cpu jobs=()
	for ((cpu = 0; cpu < cpus; cpu++)); do
		knock client udp $VIP4 53 $((20000 + cpu * 20000)) "$1" $cpu &
		jobs+=($!)
	done
	wait "${jobs[@]}"
}

cables
run ip -n client route add $VIP4 via 198.51.100.1
run ip -n client address add 198.51.101.0/24 dev lo
load_module
# so that no packet waits on its way to the director
on client ping -qc1 -W5 198.51.100.1 >/dev/null

# --- rr ---------------------------------------------------------------------

pool rr 1 5 1
draw 60
is "$(turns "$drawn" 1 1 1)" even 'rr: in strict turn, whatever the weights'
weigh 1 5 0
draw 40
is "$(turns "$drawn" 1 1)" even 'rr: a drained server gets none, the others go on'
dsr server add $vip 10.9.0.14 mac 02:00:00:00:00:14 dev eth1
weigh 1 5 1
draw 40
is "$(turns "$drawn" 1 1 1 1)" even 'rr: new and restored servers take their turns'

# --- wrr --------------------------------------------------------------------

pool wrr 3 1
draw 80
is "$(turns "$drawn" 3 1)" even 'wrr: 3 to 1'
dsr server add $vip 10.9.0.13 mac 02:00:00:00:00:13 dev eth1
weigh 500 300 100
draw 90
is "$(turns "$drawn" 5 3 1)" even \
	'wrr: weights changed while running, 500 to 300 to 100, interleaved'
unlike "$drawn" '111|222|33' 'wrr: no bursts'
weigh 5 5 0
draw 40
unlike "$drawn" '11|22' 'wrr: 5 and 5 take turns, not five of each'
weigh 500 0 100
draw 90
is "$(turns "$drawn" 5 0 1)" even 'wrr: weight 0 gets none'

# as large as can be: about to scale, the shares stay
weigh 65535 1 21845
draw 400
is "$(shares "$drawn" 3 0 1)" fair 'wrr: large weights keep their shares'

# --- the least loaded, and the first ----------------------------------------

# exactly SCHEDULER COUNT WEIGHT...: all the choices that it makes
exactly() {
	pool "$1" "${@:3}"
	draw "$2"
	is "$drawn" "$(model "$@")" "$1: $2 flows by weights ${*:3}"
}
for scheduler in lc wlc sed nq fo; do
	exactly $scheduler 60 1 2 0 4 3
done
exactly wlc 60 65535 1 0 21845
exactly ovf 60 10 20 30 5

dropped=$(stat_of '[.dropped[]] | add')
knock client udp $VIP4 53 $first 20 0
all_full() {
	[[ $(stat_of '[.dropped[]] | add') == $((dropped + 15)) ]]
}
ok 'ovf: beyond all weights a flow is dropped, and counted' await 10 all_full

pool fo 1 3 2
weigh 1 0 2
draw 20
is "$drawn" 33333333333333333333 'fo: without the first the second has all'

# Ended flows count a 256th: so the next ones go to who lost ten of them
vip=$VIP4/tcp
pool lc 0 1 0
begin=$first
draw 10 tcp
weigh 1 1 1
more 20 tcp
is "$drawn" 13131313131313131313 'lc: who has the fewest connections gets the next'
knock client fin $VIP4 53 "$begin" 10 0
ended() {
	[[ $(ask '[.[] | select(.state == "fin")] | length' flow show) == 10 ]]
}
wait_for 10 'ten ended connections' ended
more 10 tcp
is "$drawn" 2222222222 'lc: connections that end are no longer counted'
more 6 tcp
is "$(shares "$drawn" 1 1 1) ${#drawn}" 'fair 6' 'lc: then all are alike'
vip=$VIP4/udp

# --- mh, sh, dh -------------------------------------------------------------

pool mh 1 1 2 4
begin=$first
draw 1000
one=$drawn
is "$(shares "$one" 1 1 2 4)" fair 'mh: shares by weight'
# runs of the same server are as long as chance makes them
like "$one" 444 'mh: it does not take turns'
first=$begin
draw 1000
is "$drawn" "$one" 'mh: the same flows have the same servers again'

# A second director of the same VIP, told of the servers the other way round
namespace twin
link client eth1 02:00:00:00:02:10 twin eth0 02:00:00:00:02:02
link twin eth1 02:00:00:00:03:02 s1 eth1 02:00:00:00:03:11
address client eth1 192.0.2.10/24
address twin eth0 192.0.2.1/24
{
	head -n 3 "$TMP/batch"
	tail -n +4 "$TMP/batch" | tac
} >"$TMP/twin"
run "$DSRCTL" -N twin -b "$TMP/twin"
run ip -n client route replace $VIP4 via 192.0.2.1 src 198.51.100.10
on client ping -qc1 -W5 192.0.2.1 >/dev/null
knock client udp $VIP4 53 "$begin" 1000 0
wait_for 10 'flows on the second director' has_flows 1000 twin
is "$(order twin)" "$one" 'mh: two directors choose the same'
run ip -n client route replace $VIP4 via 198.51.100.1

# A server of nine goes: who had it has to move, and of the others Maglev moves
# few. dsrctl(8) says how many.
pool mh 1 1 1 1 1 1 1 1 1
begin=$first
draw 2000
one=$drawn
is "$(shares "$one" 1 1 1 1 1 1 1 1 1)" fair 'mh: nine servers'
dsr server del $vip 10.9.0.15
first=$begin
draw 2000
is "$(shares "$drawn" 1 1 1 1 0 1 1 1 1)" fair \
	'mh: what one of nine had is shared by all others'
promille=$(moved "$one" "$drawn" 5)
holds "$promille" -le 30 "mh: it goes, and moves $promille in 1000 of the others"
two=$drawn
dsr server add $vip 10.9.0.15 mac 02:00:00:00:00:15 dev eth1
first=$begin
draw 2000
is "$drawn" "$one" 'mh: it comes again, and all is as it was'
holds "$(moved "$one" "$two" 0)" -ge 80 'mh: this can tell who moved'

# clients: 64 of them, 3 connections each; prints each one's servers
clients() {
	local n sources=
	must "$DSRCTL" -N director flow flush >/dev/null
	for ((n = 1; n <= 64; n++)); do
		sources+=,198.51.101.$n
	done
	knock client udp $VIP4 53 10000 3 0 "${sources#,}"
	wait_for 10 'flows of 64 clients' has_flows 192
	ask '.[] | "\(.client) \(.server)"' flow show | sort -u
}
pool sh 1 1 1 1
found=$(clients)
is "$(wc -l <<<"$found")" 64 'sh: all connections of a client go to one server'
digits=$(grep -o '.$' <<<"$found" | tr -d '\n')
is "$(shares "$digits" 1 1 1 1)" fair 'sh: clients are spread'
pool mh 1 1 1 1
holds "$(clients | wc -l)" -gt 100 'sh: which mh does not do'

{
	printf '%s\n' flush 'flow flush'
	for n in {1..16}; do
		echo "vip add 10.0.1.$n/udp scheduler dh"
		for server in 11 12 13 14; do
			echo "server add 10.0.1.$n/udp 10.9.0.$server" \
				"mac 02:00:00:00:00:$server dev eth1"
		done
	done
} >"$TMP/batch"
run "$DSRCTL" -N director -b "$TMP/batch"
run ip -n client route add 10.0.1.0/24 via 198.51.100.1
knock client udp "$(echo 10.0.1.{1..16} | tr ' ' ,)" 53,54 10000 3 0
wait_for 10 'flows to 16 VIPs' has_flows 96
found=$(ask '.[] | "\(.vip) \(.server)"' flow show | sort -u)
is "$(wc -l <<<"$found")" 16 'dh: all connections to a VIP go to one server'
holds "$(cut -d ' ' -f 2 <<<"$found" | sort -u | wc -l)" -ge 2 \
	'dh: but not those to all VIPs'

# --- on all CPUs, and while all changes -------------------------------------

# Received on one CPU, but spread over all of them by their ports
ones=(1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1)
rps=/sys/class/net/eth0/queues/rx-0/rps_cpus
on director bash -c "[[ ! -e $rps ]] || echo 3 >$rps"
# the packets that each CPU took from its queue
taken() {
	local n
	head -n "$cpus" /proc/net/softnet_stat | while read -r n _; do
		echo $((16#$n))
	done
}
for scheduler in rr wrr lc sed; do
	pool $scheduler "${ones[@]}"
	taken >"$TMP/before"
	knock client udp $VIP4 53 20000 400 0
	wait_for 10 '400 flows' has_flows 400
	holds "$(apart)" -le "$cpus" \
		"$scheduler: 400 flows on 30 servers, apart by $cpus CPUs at the most"
	taken >"$TMP/after"
	busy=$(paste "$TMP/before" "$TMP/after" | awk '$2 - $1 >= 100' | wc -l)
	is "$busy" "$cpus" "$scheduler: all of these CPUs had a part"
done

pool wrr 3 1 2 1
# what comes in stays on its CPU, where no queue can run over
on director bash -c "[[ ! -e $rps ]] || echo 0 >$rps"
knock_on_all 8000 &
n=0
while kill -0 $! 2>/dev/null; do
	n=$((n + 1))
	weigh $((n % 5)) 1 $((n * 700 % 65536)) $((n % 2 * 65535)) >/dev/null
done
holds $n -ge 3 "weights changed $n times while flows came"
wait_for 20 'the flows' has_flows $((8000 * cpus))
is "$(ask '.[0] | .packets - .flows' show)" 0 'each came to a server'
weigh 3 1 2 1
draw 70
is "$(turns "$drawn" 3 1 2 1)" even 'and then all have their shares'

dsr vip set $vip scheduler rr
draw 60
is "$(turns "$drawn" 1 1 1 1)" even 'wrr becomes rr while running'
dsr vip set $vip scheduler sed
draw 60
is "$drawn" "$(model sed 60 3 1 2 1)" 'rr becomes sed while running'
done_testing
