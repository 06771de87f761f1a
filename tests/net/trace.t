#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tracepoints name the reason of each packet that is passed on or dropped, and
# the server of each that is forwarded; the kernel's own tracepoint of drops
# names a reason that fits. The frames are made in trace.py.
#
# STOCK: 6.1 6.12: tracepoints and the reasons of dropped packets
# SECONDS: 33 21

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

tracing=/sys/kernel/tracing
[[ -e $tracing/events ]] || mount -t tracefs tracefs $tracing
# a buffer of our own
trace=$tracing/instances/dsr

enable() {
	local event
	run mkdir $trace
	for event in dsr/dsr_packet dsr/dsr_forward skb/kfree_skb; do
		echo 1 >"$trace/events/$event/enable" || die "no $event"
	done
}

cables
# less than the way in
ip -n director link set eth1 mtu 1400
load_module
dsr vip add $VIP4:53/udp
dsr server add $VIP4:53/udp 10.9.0.11 mac 02:00:00:00:00:11 dev eth1
dsr vip add "[$VIP6]:53/udp"
dsr server add "[$VIP6]:53/udp" 2001:db8:9::11 mac 02:00:00:00:00:11 dev eth1
# none of its servers takes flows
dsr vip add "[$VIP6]/tcp"
dsr server add "[$VIP6]/tcp" 2001:db8:9::11 weight 0
# Two flows, from port 4000: one whose server goes down, which it waits for, and
# one that is all that its server may have
run ip -n client route add $VIP4 via 198.51.100.1
run ip -n client route add $VIP6 via 2001:db8:1::1
dsr vip add $VIP4:54/udp on-down keep
dsr server add $VIP4:54/udp 10.9.0.12 mac 02:00:00:00:00:12 dev eth1
dsr vip add "[$VIP6]:54/udp"
dsr server add "[$VIP6]:54/udp" 2001:db8:9::12 mac 02:00:00:00:00:12 dev eth1 \
	max-flows 1
knock client udp $VIP4 54 4000 1
knock client udp $VIP6 54 4000 1
wait_for 10 'there are two flows' has_flows 2
run ip -n director link add unplugged type dummy
dsr server set $VIP4:54/udp 10.9.0.12 dev unplugged
enable

mode=hook
lines_of "$mode: " trace.py $trace hook
dsr dev add eth0
mode=dev
lines_of "$mode: " trace.py $trace dev

on client ping -q -i 0.002 -w 3 $VIP4 >/dev/null &
ok 'the module unloads while it is traced' rmmod dsr
load_module
run rmdir $trace
wait
done_testing
