#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Interfaces of every kind, on the clients' side and on the servers', with the
# fast path and without it; they fail, change their MAC, and go while traffic
# runs.
#
#	client in0 --- in0  director  out0 --- out0 s1
#	                              out1 --- out1 s2
#
# in0 and out0 are of the kind at hand, out1 is a plain cable. Replies go by
# cables of their own.
#
# STOCK: 6.1 6.12: what drivers and GSO make of packets is the kernel's
# SECONDS: 135 105

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

web=$VIP4:80/tcp
web6=[$VIP6]:80/tcp
kind='' mode=''

# --- the network ------------------------------------------------------------

# joined KIND NAME: what makes the interface of the director from its cables
joined() {
	local cable
	case $1 in
	vlan) must ip -n director link add "$2" link "$2-1" type vlan id 7 ;;
	macvlan)
		must ip -n director link add "$2" link "$2-1" \
			type macvlan mode bridge
		# or it would say that the address of the other is its own
		must on director sysctl -qw "net.ipv4.conf.$2-1.arp_ignore=1"
		;;
	bridge) must ip -n director link add "$2" type bridge ;;
	bond) must ip -n director link add "$2" type bond \
		mode active-backup miimon 20 ;;
	esac
	[[ $1 == bridge || $1 == bond ]] || return
	for cable in $(ip -n director -br link show | grep -o "^$2-[12]"); do
		[[ $1 == bond ]] && ip -n director link set "$cable" down
		must ip -n director link set "$cable" master "$2"
	done
}

# wire KIND NAME PEER HOST: director and peer have each an interface NAME, and
# MACs that end in 08:02 and HOST
wire() {
	local kind=$1 name=$2 peer=$3
	local mac=02:00:00:00:00:$4
	link director "$name-1" 02:00:00:01:08:02 "$peer" "$name-1" 02:00:00:01:00:"$4"
	if [[ $kind == bond ]]; then
		link director "$name-2" 02:00:00:02:08:02 \
			"$peer" "$name-2" 02:00:00:02:00:"$4"
	fi
	if [[ $kind == vlan ]]; then
		must ip -n "$peer" link add "$name" link "$name-1" type vlan id 7
	else
		must ip -n "$peer" link add "$name" type bridge
		must ip -n "$peer" link set "$name-1" master "$name"
		[[ $kind != bond ]] ||
			must ip -n "$peer" link set "$name-2" master "$name"
	fi
	must ip -n "$peer" link set "$name" address "$mac"
	must ip -n "$peer" link set "$name" up
	joined "$kind" "$name"
	arrange "$name"
}

# arrange NAME: the director's interface is new, or has come back
arrange() {
	must ip -n director link set "$1" address "02:00:00:0${#1}:08:02"
	must ip -n director link set "$1" up
	case $1 in
	in0) address director in0 198.51.100.1/24 2001:db8:1::1/64 ;;
	out0) address director out0 10.9.0.2/24 2001:db8:9::2/64 ;;
	esac
}

# back SERVER HOST: the way of its replies
back() {
	link "$1" back "02:00:00:00:02:$2" client "from-$1" "02:00:00:00:03:$2"
	address "$1" back "10.7.$2.2/24" "2001:db8:7:$2::2/64"
	address client "from-$1" "10.7.$2.1/24" "2001:db8:7:$2::1/64"
	must ip -n "$1" route add 198.51.100.0/24 via "10.7.$2.1"
	must ip -n "$1" route add 2001:db8:1::/64 via "2001:db8:7:$2::1"
}

network() {
	local name
	for name in client director s1 s2; do
		namespace $name
	done
	wire "$1" in0 client 10
	wire "$1" out0 s1 11
	link director out1 02:00:00:00:09:02 s2 out1 02:00:00:00:00:12
	address client in0 198.51.100.10/24 2001:db8:1::10/64
	address s1 out0 10.9.0.11/24 2001:db8:9::11/64
	address s2 out1 10.9.1.12/24
	address director out1 10.9.1.2/24
	back s1 11
	back s2 12
	gateway client 198.51.100.1 2001:db8:1::1
	for name in s1 s2; do
		own_vip $name $VIP4 $VIP6
		serve $name
	done
}

# --- what is seen of it -----------------------------------------------------

# answers URL SERVER [SECONDS]
answers() {
	[[ $(fetch client "$1" --max-time "${3-3}" 2>/dev/null) == "$2" ]]
}

# s1_is "STATE [WHY]"
s1_is() {
	[[ $(ask '.[0].servers[0] | [.state, .why // empty] | join(" ")' \
		server show "$web" 10.9.0.11) == "$1" ]]
}

dev_is() {
	[[ $(ask '.[0].state' dev show) == "$1" ]]
}

# served: by both servers, and IPv6 as well
served() {
	ok "$kind, $mode: s1 answers" await 30 answers "http://$VIP4/" s1
	ok "$kind, $mode: s2 answers" await 30 answers "http://$VIP4/" s2
	ok "$kind, $mode: IPv6" await 30 answers "http://[$VIP6]/" s1
}

# Only the fast path counts what is asked of everybody
fast_path_counts() {
	local before
	before=$(stat_of '.passed["not-unicast"]')
	ip -n client neigh flush dev in0
	answers "http://$VIP4/" s1
	(($(stat_of '.passed["not-unicast"]') > before))
}

source_is() {
	ip -n client neigh flush dev in0
	answers "http://$VIP4/" s1
	captured out -c 500 | grep -q "$1 > 02:00:00:00:00:11"
}

# --- what happens to it -----------------------------------------------------

# The servers' side: it fails, and the other server has the traffic
servers_side() {
	run ip -n director link set out0 down
	ok "$kind: out0 is down, and so is its server" await 30 \
		s1_is 'down device-down'
	ok "$kind: the other one answers" answers "http://$VIP4/" s2 20
	ok "$kind: and for all" answers "http://$VIP4/" s2 20
	run ip -n director link set out0 up
	address6 out0
	ok "$kind: out0 is up, and so is its server" await 30 s1_is up
	ok "$kind: it answers" await 30 answers "http://$VIP4/" s1

	capture out s1 out0 dst host $VIP4
	run ip -n director link set out0 address 02:00:00:00:66:02
	ok "$kind: another MAC of out0 is the frames' source" await 30 \
		source_is 02:00:00:00:66:02
	end_captures

	run ip -n director link del out0
	ok "$kind: without out0 its server is down" await 30 \
		s1_is 'down no-device'
	ok "$kind: the other one answers alone" answers "http://$VIP4/" s2 20
	joined "$kind" out0
	arrange out0
	ok "$kind: another out0, and the server is up" await 30 s1_is up
	ok "$kind: it answers again" await 30 answers "http://$VIP4/" s1
}

# An interface that goes down loses its IPv6 addresses
address6() {
	case $1 in
	in0) ip -n director address replace 2001:db8:1::1/64 dev in0 ;;
	out0) ip -n director address replace 2001:db8:9::2/64 dev out0 ;;
	esac
}

# The clients' side
clients_side() {
	run ip -n director link set in0 address 02:00:00:00:66:08
	ip -n client neigh flush dev in0
	ok "$kind: another MAC of in0" await 30 answers "http://$VIP4/" s1
	run ip -n director link set in0 down
	fails "$kind: in0 is down, and nobody answers" 28 \
		fetch client "http://$VIP4/" --max-time 1
	run ip -n director link set in0 up
	ok "$kind: in0 is up" await 30 answers "http://$VIP4/" s1
	run ip -n director link del in0
	ok "$kind: the dev is absent" await 30 dev_is absent
	joined "$kind" in0
	arrange in0
	ip -n client neigh flush dev in0
	ok "$kind: the dev is there again" await 30 dev_is up
	ok "$kind: and is answered by" await 30 answers "http://$VIP4/" s1
	ok "$kind: the fast path is in use" fast_path_counts
}

# The first cable of a bond or its other end fails
fails_over() {
	local end=$1 name=$2
	run ip -n "$end" link set "$name-1" down
	ok "bond: $name-1 of $end is down, s1 answers" await 30 \
		answers "http://$VIP4/" s1
	ok 'bond: its server is up' s1_is up
	run ip -n "$end" link set "$name-1" up
	run ip -n "$end" link set "$name-2" down
	ok "bond: $name-2 of $end is down, s1 answers" await 30 \
		answers "http://$VIP4/" s1
	run ip -n "$end" link set "$name-2" up
}

try() {
	kind=$1
	network "$kind"
	run on director "$DSRCTL" -b - <<-END
		vip add $web scheduler rr
		server add $web 10.9.0.11 dev out0
		server add $web 10.9.1.12
		vip add $web6
		server add $web6 2001:db8:9::11
		vip add $VIP4/udp
		server add $VIP4/udp 10.9.0.11 dev out0
		server add $VIP4/udp 10.9.1.12
	END
	mode=hook served
	if [[ $kind == vlan ]]; then
		# tags within the frame, not beside it
		for name in in0 out0; do
			on director ethtool -K $name-1 txvlan off rxvlan off
		done
		on client ethtool -K in0-1 txvlan off rxvlan off
		mode='tags in the frame' served
	fi
	dsr dev add in0
	mode=dev served
	ok "$kind: the fast path is in use on in0" fast_path_counts

	on client bash -c "while sleep 0.02; do
		echo x >/dev/udp/$VIP4/53
	done" 2>/dev/null &
	traffic=$!
	servers_side
	clients_side
	if [[ $kind == bond ]]; then
		fails_over s1 out0
		fails_over client in0
	fi
	kill $traffic
	wait $traffic 2>/dev/null
	remove_network
}

load_module
for kind in ${KINDS:-vlan macvlan bridge bond}; do
	if [[ $kind == bond ]] && ! modprobe -q bonding; then
		diag 'this kernel has no bonds'
		continue
	fi
	try "$kind"
done
done_testing
