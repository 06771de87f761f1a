#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Memory that the kernel refuses to the module: to one allocation after the
# other that a command, loading or a new namespace makes, from one on to all
# that follow, and to all on the packet path. A command does all or nothing and
# says why; a packet goes on by hash; nothing leaks, which the guest looks for at
# its end.
#
# SECONDS: 230

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/debug/faults.sh
. "${0%/*}/faults.sh"

web=$VIP4:80/tcp
dns="[$VIP6]:53/udp"

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

small_network

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
sweep "vip set $web persistence none mask 32" \
	vip set "$web" persistence 60 mask 24
"$DSRCTL" vip set "$web" timeout udp 20 on-down drop
sweep "vip set $web timeout udp 20 on-down drop" \
	vip set "$web" timeout udp 30 on-down keep
sweep "vip set $web sorry none" vip set "$web" sorry 10.9.0.12
"$DSRCTL" vip set "$web" sorry 10.9.0.13
sweep "vip set $web sorry 10.9.0.13" vip set "$web" sorry 10.9.0.12
sweep "server set $web 10.9.0.13 mac auto" \
	server set "$web" 10.9.0.13 mac 02:00:00:00:00:77
sweep "vip set $web sorry 10.9.0.13" vip set "$web" sorry none
"$DSRCTL" vip del "$web"
"$DSRCTL" vip add "$web"
"$DSRCTL" server add "$web" 10.9.0.11 weight 3
sweep "server set $web 10.9.0.11 weight 3" \
	server set "$web" 10.9.0.11 weight 0
sweep "server set $web 10.9.0.11 max-flows none" \
	server set "$web" 10.9.0.11 max-flows 100
sweep "server set $web 10.9.0.11 weight 3" server drain "$web" 10.9.0.11
sweep "server set $web 10.9.0.11 mac auto dev auto" \
	server set "$web" 10.9.0.11 mac 02:00:00:00:00:77 dev out
sweep "server add $web 10.9.0.11 weight 3" server del "$web" 10.9.0.11
sweep "vip add $web
server add $web 10.9.0.11 weight 3" vip del "$web"
sweep "dev del in" dev add in
sweep 'limit flows auto' limit flows 4096
sweep "vip add $web
server add $web 10.9.0.11 weight 3" flush
sweep "vip del $dns" vip add "$dns" scheduler wlc arp off persistence 60 mask 64 \
	sorry 2001:db8:9::12 on-down drop timeout syn 5 timeout udp 10
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
look "$dump" config show
for command in 'limit show' "explain tcp 192.0.2.1:1 $VIP4:80"; do
	# shellcheck disable=SC2086
	look "$(text)" -j $command
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
