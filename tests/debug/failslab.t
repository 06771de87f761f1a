#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Memory that the kernel refuses to the module: to one allocation after the
# other that a command, loading or a new namespace makes, from one on to all
# that follow, and to all on the packet path. A command does all or nothing and
# says why; a packet goes on by hash; nothing leaks, which the guest looks for at
# its end. Needs a debug kernel.
#
# The guest itself is the director, so that its state is quick to read:
#
#	client 198.51.100.10 ---- in   director   out ---- s1 10.9.0.11 and .12

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

faults=/sys/kernel/debug/failslab
[[ -d $faults ]] || skip_all 'this kernel has no fault injection'
web=$VIP4:80/tcp
dns="[$VIP6]:53/udp"

# --- ways to fail -----------------------------------------------------------

# range SYMBOL: where that function of the kernel begins and ends
range() {
	awk -v name="$1" 'found { print start, "0x" $1; exit }
		$3 == name { found = 1; start = "0x" $1 }' /proc/kallsyms
}

# text: where the module's code begins and ends
text() {
	local start size
	start=$(</sys/module/dsr/sections/.text)
	size=$(size -A "$DSR_KO" | awk '$1 == ".text" { print $2 }')
	printf '%s 0x%x\n' "$start" $((start + size))
}

# aim RANGE: allocations that are made there, or by what is called from there
aim() {
	echo "${1% *}" >$faults/require-start
	echo "${1#* }" >$faults/require-end
}

# fail_all: of what is aimed at, for everyone, until fail_none
fail_all() {
	echo -1 >$faults/times
	echo 0 >$faults/space
	echo N >$faults/task-filter
	echo 100 >$faults/probability
}

fail_none() {
	echo 0 >$faults/probability
}

# attempt FILE VALUE COMMAND...: with that in /proc/self/FILE. Sets $status and
# $output; false if nothing had to fail.
attempt() {
	local file=$1 value=$2
	shift 2
	status=0
	echo 1000 >$faults/times
	(
		echo "$value" >"/proc/self/$file"
		exec "$@"
	) >"$TMP/output" 2>&1 || status=$?
	output=$(<"$TMP/output")
	(($(<$faults/times) < 1000))
}

# fail_one N COMMAND...: the Nth allocation, of those aimed at
fail_one() {
	attempt fail-nth "$@"
}

# fail_after BYTES COMMAND...: all of them after so many bytes. Large ones would
# be hit again and again: let the steps grow.
fail_after() {
	local hit=0
	echo "$1" >$faults/space
	echo Y >$faults/task-filter
	echo 100 >$faults/probability
	attempt make-it-fail 1 "${@:2}" || hit=1
	fail_none
	return $hit
}

# --- commands ---------------------------------------------------------------

# All that the director was told, which without traffic is all that it has
state() {
	cat /proc/net/dsr
	"$DSRCTL" dev show
}

# again COMMANDS: what puts the state back
again() {
	[[ ! $1 ]] || "$DSRCTL" -b - <<<"$1" >/dev/null || die "in vain: $1"
}

# A server that found no memory for its way looks again within a second
as_wanted() {
	[[ $(state) == "$1" ]]
}

# judge N COMMAND...: after it failed at N, or went on without
judge() {
	local n=$1
	shift
	if ((status == 0)); then
		await 5 as_wanted "$after" || wrong+="$n: half done: $(state); "
		again "$undo"
		return
	fi
	refused=$((refused + 1))
	[[ $output == 'dsrctl: '* && $output =~ memory|hook ]] ||
		wrong+="$n: it says '$output'; "
	as_wanted "$before" && return
	wrong+="$n: refused ($output) but done; "
	again "$undo"
}

all_refused=0

# sweep UNDO COMMAND...: of dsrctl. It fails at each of its allocations until it
# makes no more, then from each on. The commands UNDO take it back.
sweep() {
	local undo=$1 before after wrong='' refused=0 n ones
	shift
	before=$(state)
	"$DSRCTL" "$@" >"$TMP/expected" 2>&1 || die "$*: $(<"$TMP/expected")"
	after=$(state)
	again "$undo"
	as_wanted "$before" || die "this does not undo $*: $undo"
	for ((n = 1; ; n++)); do
		fail_one $n "$DSRCTL" "$@" || break
		judge $n "$@"
	done
	ones=$((n - 1))
	((status == 0)) || wrong+="without a fault: $output"
	again "$undo"
	for ((n = 0; ; n += 64 + n / 4)); do
		fail_after $n "$DSRCTL" "$@" || break
		judge "from $n" "$@"
	done
	again "$undo"
	all_refused=$((all_refused + refused))
	is "$wrong" '' "$*: $ones allocations, $n bytes, $refused refusals"
}

# What of an answer does not change while one looks
steady() {
	sed -E 's/"(age|idle|expires|not-vip|not-unicast)":[0-9]+//g'
}

# look RANGE COMMAND...: a sweep of what changes nothing: a whole answer or none
look() {
	local range=$1 want wrong='' refused=0 n
	shift
	want=$("$DSRCTL" "$@" | steady)
	aim "$range"
	for ((n = 1; ; n++)); do
		fail_one $n "$DSRCTL" "$@" || break
		if ((status != 0)); then
			refused=$((refused + 1))
			[[ $output == *'dsrctl: '* ]] || wrong+="$n: says nothing; "
		elif [[ $(steady <<<"$output") != "$want" ]]; then
			wrong+="$n: $output; "
		fi
	done
	[[ $(steady <<<"$output") == "$want" ]] || wrong+="without a fault: $output"
	is "$wrong" '' "$*: $((n - 1)) allocations, $refused refusals"
	aim "$(text)"
}

echo N >$faults/ignore-gfp-wait
echo 0 >$faults/verbose
echo 32 >$faults/stacktrace-depth
[[ ${DSR_KO-} ]] || die 'DSR_KO does not name the module'

# --- loading ----------------------------------------------------------------

# No further than where the module begins: what fails before and how is the
# kernel's own matter, and so is what it forgets of a cache's directory.
read -r from to <<<"$(range sysfs_slab_add)"
echo "$from" >$faults/reject-start
echo "$to" >$faults/reject-end
aim "$(range do_one_initcall)"

# loaded: after a fault at N, either that or it left nothing
loaded() {
	if ((status == 0)); then
		rmmod dsr || die "rmmod after fault $1 failed"
	elif [[ -e /sys/module/dsr || -e /proc/net/dsr ]]; then
		wrong+="$1: it is not gone; "
	fi
}

wrong=''
for ((n = 1; ; n++)); do
	fail_one $n insmod "$DSR_KO" || break
	loaded $n
done
((status == 0)) || wrong+="without a fault: $output"
rmmod dsr
for ((m = 0; ; m += 256 + m / 4)); do
	fail_after $m insmod "$DSR_KO" || break
	loaded "from $m"
done
is "$wrong" '' "insmod: $((n - 1)) allocations, $m bytes"

aim "$(text)"
refused=0 wrong=''
for ((n = 1; ; n++)); do
	fail_one $n unshare -n true || break
	((status == 0)) || refused=$((refused + 1))
done
((status == 0)) || wrong="without a fault: $output"
is "$wrong" '' "unshare -n: $((n - 1)) allocations"
holds $refused -gt 0 'no namespace is made without a director'

# --- the network ------------------------------------------------------------

namespace client
namespace s1
ip link add in address 02:00:00:00:08:02 type veth \
	peer name eth0 netns client address 02:00:00:00:00:10
ip link add out address 02:00:00:00:00:02 type veth \
	peer name eth0 netns s1 address 02:00:00:00:00:11
for interface in in out; do
	ip link set $interface up
done
for name in client s1; do
	ip -n $name link set eth0 up
done
address client eth0 198.51.100.10/24
ip address add 198.51.100.1/24 dev in
ip address add 10.9.0.2/24 dev out
ip address add 2001:db8:9::2/64 dev out nodad
ip -n client route add default via 198.51.100.1
ip -n client neigh add 198.51.100.1 lladdr 02:00:00:00:08:02 dev eth0
for n in 1 2; do
	ip neigh add 10.9.0.1$n lladdr 02:00:00:00:00:1$n dev out
	ip neigh add 2001:db8:9::1$n lladdr 02:00:00:00:00:1$n dev out
done
# --- the configuration ------------------------------------------------------

sweep "vip del $web" vip add "$web"
sweep "vip del $VIP4:100-200/udp" vip add "$VIP4:100-200/udp"
"$DSRCTL" vip add "$VIP4:300-400/udp"
sweep "vip del $VIP4:100-200/udp" vip add "$VIP4:100-200/udp" scheduler wrr
"$DSRCTL" vip add "$VIP4:500-600/udp"
sweep "vip add $VIP4:500-600/udp" vip del "$VIP4:500-600/udp"
"$DSRCTL" flush

"$DSRCTL" vip add "$web"
"$DSRCTL" server add "$web" 10.9.0.11 weight 3
for scheduler in mh sh dh rr wrr lc wlc sed nq fo ovf; do
	"$DSRCTL" vip set "$web" scheduler $scheduler
	sweep "server del $web 10.9.0.12" server add "$web" 10.9.0.12 weight 2
	"$DSRCTL" vip set "$web" scheduler mh
done
sweep "vip set $web scheduler mh arp auto" vip set "$web" scheduler wrr arp off
sweep "server set $web 10.9.0.11 weight 3" \
	server set "$web" 10.9.0.11 weight 0
sweep "server set $web 10.9.0.11 mac auto dev auto" \
	server set "$web" 10.9.0.11 mac 02:00:00:00:00:77 dev out
sweep "server add $web 10.9.0.11 weight 3" server del "$web" 10.9.0.11
sweep "vip add $web
server add $web 10.9.0.11 weight 3" vip del "$web"
sweep "dev del in" dev add in
sweep "vip add $web
server add $web 10.9.0.11 weight 3" flush
"$DSRCTL" vip add "$dns"
sweep "server del $dns 2001:db8:9::11" server add "$dns" 2001:db8:9::11
"$DSRCTL" dev add in
sweep 'dev add in' dev del in
"$DSRCTL" vip del "$dns"
# the messages of a dump are made by who calls the module
dump=$(range netlink_dump)
for command in show 'vip show' "server show $web" 'dev show'; do
	# shellcheck disable=SC2086 # words
	look "$dump" $command
	# shellcheck disable=SC2086
	look "$dump" -j $command
done

# what deletes is never refused, and small things need no memory
holds $all_refused -gt 100 'the commands met with faults'

# --- packets ----------------------------------------------------------------

# counted NAME: of the statistics, which /proc tells without memory
counted() {
	sed -n "s/^$1 //p" /proc/net/dsr_stats
}

# flows: how many there are
flows() {
	tail -n +2 /proc/net/dsr_flows | wc -l
}

# counts NAME NUMBER
counts() {
	[[ $(counted "$1") == "$2" ]]
}

# packets_of VIP: by server
packets_of() {
	"$DSRCTL" -j server show "$1" | jq -r '.[].servers[].packets' | xargs
}

# burst: two packets of each of 100 flows to two VIPs
burst() {
	knock client udp $VIP4 53,54 20000 100
	knock client udp $VIP4 53,54 20000 100
}

"$DSRCTL" flush
"$DSRCTL" -b - <<-END
	vip add $VIP4:53/udp
	server add $VIP4:53/udp 10.9.0.11
	server add $VIP4:53/udp 10.9.0.12
	vip add $VIP4:54/udp scheduler lc
	server add $VIP4:54/udp 10.9.0.11
	server add $VIP4:54/udp 10.9.0.12
END
start=$(counted forwarded)
fail_all
burst
ok 'without memory every packet is forwarded' \
	await 10 counts forwarded $((start + 400))
fail_none
is "$(flows)" 0 'and no flow is remembered'
read -r one two <<<"$(packets_of "$VIP4:54/udp")"
is "$((one % 2)) $((two % 2)) $((one + two))" '0 0 200' \
	'a flow goes by hash, always to the same server'
read -r one two <<<"$(packets_of "$VIP4:53/udp")"
fail_all
before=$(counted "dropped fragment")
start=$(counted forwarded)
on client /usr/bin/python3 -ISc "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for n in range(10):
    s.sendto(bytes(4000), ('$VIP4', 53))"
ok 'of a datagram in fragments the first is forwarded' \
	await 10 counts forwarded $((start + 10))
ok 'the others are dropped, and counted' \
	await 10 counts "dropped fragment" $((before + 20))
fails 'no memory, no echo' 1 on client ping -qc1 -W1 $VIP4
fail_none

ok 'an echo once there is memory' on client ping -qc1 -W5 $VIP4
was="$((2 * one)) $((2 * two))"
start=$(counted forwarded)
burst
ok 'packets go on' await 10 counts forwarded $((start + 400))
is "$(flows)" 200 'and their flows are remembered'
# 10 first fragments went to the one server of their flow
read -r one two <<<"$(packets_of "$VIP4:53/udp")"
read -r was_one was_two <<<"$was"
like "$((one - was_one)) $((two - was_two))" '^(10 0|0 10)$' \
	'mh: to the same servers as without memory'

look "$dump" -j flow show
look "$(text)" -j flow show
look "$(text)" -j stats
look "$(text)" flow show client 198.51.100.0/24 server 10.9.0.99
sweep '' flow flush client 198.51.100.9

fail_all
"$DSRCTL" flow flush >/dev/null 2>&1
fail_none
"$DSRCTL" flow flush >/dev/null
is "$(flows)" 0 'flows go without memory, too'
"$DSRCTL" flush
done_testing
