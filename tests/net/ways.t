#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Whatever way a packet comes in by, it is served, and counted once: with a
# priority tag, by an ifb, a macvlan above a dev interface, a VRF, a tunnel; and in
# fragments, with conntrack in use and without. In PRE_ROUTING and on the fast
# path.
#
# STOCK: 6.1: each of these is a part of the kernel
# SECONDS: 60 40

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

# to ADDRESS COUNT [SIZE]: datagrams from the client, each from another port
to() {
	on client /usr/bin/python3 -IS - "$@" <<-'END'
	import socket, sys
	address, count = sys.argv[1], int(sys.argv[2])
	size = int(sys.argv[3]) if len(sys.argv) > 3 else 10
	for _ in range(count):
	    with socket.socket(socket.AF_INET6 if ':' in address else
	                       socket.AF_INET, socket.SOCK_DGRAM) as sender:
	        sender.sendto(bytes(size), (address, 53))
	END
}

# arrived FAMILY: whole datagrams at the server
arrived() {
	on s1 nft list counter inet arrivals "$1" |
		sed -n 's/.*packets \([0-9]*\).*/\1/p'
}

have_arrived() {
	(($(arrived "$1") >= $2))
}

counts() {
	ask '[.forwarded, .passed["not-vip"], .passed["other-host"],
		.passed["no-port"], (.dropped | add)] | join(" ")' stats
}

# serves WHAT [SIZE]: datagrams of both families get to the server, each counted
# as forwarded and as nothing else
serves() {
	local what=$1 size=${2-10} address family before now had
	for address in "$VIP4" "$VIP6"; do
		family=v4
		[[ $address != *:* ]] || family=v6
		# so that nothing waits on its way to the director
		had=$(arrived $family)
		to "$address" 1
		await 20 have_arrived $family $((had + 1))
		read -ra before <<<"$(counts)"
		had=$(arrived $family)
		to "$address" 10 "$size"
		ok "$what: 10 of 10 are served, $family" await 20 \
			have_arrived $family $((had + 10))
		read -ra now <<<"$(counts)"
		# a datagram is as many packets as it has fragments
		holds $((now[0] - before[0])) -ge 10 "$what: counted, $family"
		is "$((now[0] - before[0] > 30)) $((now[2] - before[2])) $((now[3] -
			before[3])) $((now[4] - before[4]))" '0 0 0 0' \
			"$what: and once, $family"
	done
}

# both WHAT [SIZE]: PRE_ROUTING and the fast path
both() {
	serves "$@"
	dsr dev add eth0
	serves "$1, dev" "${@:2}"
	dsr dev del eth0
}

# by INTERFACE [ADDRESS4 ADDRESS6]: the router's way to the VIPs
by() {
	run ip -n router route replace "$VIP4" dev "$1" ${2+via "$2"}
	ip -n router -6 route del "$VIP6"
	run ip -n router -6 route add "$VIP6" dev "$1" ${3+via "$3"}
}

topology 1 two-armed
on s1 nft -f - <<-END
	table inet arrivals {
		counter v4 { }
		counter v6 { }
		chain in {
			type filter hook input priority 0;
			ip daddr $VIP4 udp dport 53 counter name v4
			ip6 daddr $VIP6 udp dport 53 counter name v6
		}
	}
END
load_module
for vip in "$VIP4" "[$VIP6]"; do
	dsr vip add "$vip:53/udp"
	add_servers "$vip:53/udp" 1
done
both plain

# --- an alternative name ---

dev_state() {
	ask '.[] | "\(.dev) \(.state)"' dev show
}
is_up() {
	[[ $(dev_state) == "$1 up" ]]
}
run ip -n director link property add dev eth0 altname wan0
dsr dev add wan0
fails 'an interface is no dev twice, by another of its names' 2 \
	"$DSRCTL" -N director dev add eth0
run ip -n director link set eth0 down
run ip -n director link set eth0 up
# which has cost it its routes, and an address
address director eth0 2001:db8:8::2/64
gateway director 10.8.0.1 2001:db8:8::1
ok 'by an alternative name it is followed' await 10 is_up wan0
serves 'by an alternative name, dev'
printf 'dev add eth0\ndev add wan0\n' >"$TMP/twice"
fails 'nor in a file' 2 "$DSRCTL" -N director config load "$TMP/twice"
dsr dev del eth0
is "$(dev_state)" '' 'by either name it goes'

# --- conntrack ---

both fragments 3000
on director nft -f - <<-'END'
	table inet stateful {
		chain in {
			type filter hook input priority 0;
			ct state established accept
		}
	}
END
both 'fragments with conntrack' 3000
both 'fragments with conntrack, which go in other sizes' 2000
on director nft flush ruleset

# --- a priority tag ---

run ip -n router link add link to-dsr name prio type vlan id 0 \
	egress-qos-map 0:5
run ip -n router link set prio up
must on router sysctl -qw net.ipv4.conf.{all,to-dsr,prio}.rp_filter=0
by prio
dsr dev add eth0
serves 'VLAN 0, whose VIP is asked for with the tag, dev'
capture tags director eth0 'vlan 0 and arp'
ip -n router neigh flush dev prio
to "$VIP4" 1
tagged() {
	captured tags | grep -q 'p 5,.*Reply'
}
ok 'who asks with a priority is answered with it' await 10 tagged
end_captures
dsr dev del eth0
for address in "$VIP4" "$VIP6"; do
	run ip -n router neigh replace "$address" lladdr 02:00:00:00:08:02 \
		dev prio nud permanent
done
serves 'VLAN 0'
by to-dsr 10.8.0.2 2001:db8:8::2
run ip -n router link del prio

# --- ifb ---

run ip -n director link add ifb0 type ifb
run ip -n director link set ifb0 up
run ip netns exec director tc qdisc add dev eth0 handle ffff: ingress
run ip netns exec director tc filter add dev eth0 parent ffff: protocol all \
	matchall action mirred egress redirect dev ifb0
both 'by an ifb'
run ip netns exec director tc qdisc del dev eth0 handle ffff: ingress

# --- a macvlan above a dev interface ---

run ip -n director link add link eth0 name mac0 type macvlan mode bridge
run ip -n director link set mac0 up
address director mac0 10.8.0.3/24 2001:db8:8::3/64
by to-dsr 10.8.0.3 2001:db8:8::3
both 'a macvlan'
by to-dsr 10.8.0.2 2001:db8:8::2
run ip -n director link del mac0
# or it asks the MAC that is gone whether it still has the address
run ip -n router neigh flush dev to-dsr
run ip -n router -6 neigh flush dev to-dsr

# --- a VRF ---

run ip -n director link add blue type vrf table 100
run ip -n director link set blue up
run ip -n director link set eth0 master blue
address director eth0 2001:db8:8::2/64
for vip in "$VIP4" "[$VIP6]"; do
	dsr server set "$vip:53/udp" \
		"$(ask ".[] | select(.vip == \"$vip:53/udp\") |
			.servers[0].address" show)" dev eth1
done
both 'a VRF'
run ip -n router route add 10.0.0.99 via 10.8.0.2
read -ra before <<<"$(counts)"
to 10.0.0.99 10
strangers() {
	read -ra now <<<"$(counts)"
	((now[1] - before[1] >= 10))
}
await 20 strangers
holds $((now[1] - before[1])) -lt 20 'a stranger in a VRF is counted once'
run ip -n director link set eth0 nomaster
run ip -n director link del blue
ip -n director address add 2001:db8:8::2/64 dev eth0 2>/dev/null
gateway director 10.8.0.1 2001:db8:8::1 2>/dev/null

# --- a tunnel, in which frames have no Ethernet header ---

run ip -n router link add tun0 type ipip local 10.8.0.1 remote 10.8.0.2
run ip -n director link add tun0 type ipip local 10.8.0.2 remote 10.8.0.1
run ip -n router link set tun0 up mtu 1480
run ip -n director link set tun0 up mtu 1480
must on director sysctl -qw net.ipv4.conf.{all,tun0}.rp_filter=0
run ip -n router route replace "$VIP4" dev tun0
had=$(arrived v4)
to "$VIP4" 10
ok 'a tunnel: 10 of 10 are served' await 20 have_arrived v4 $((had + 10))
run ip -n director link set eth1 mtu 1400
# mtu_of ADDRESS: as the client has learned it, by a datagram that must not be
# fragmented
mtu_of() {
	on client /usr/bin/python3 -IS - "$1" <<-'END'
	import socket, sys, time
	with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
	    sender.setsockopt(0, 10, 2)
	    sender.connect((sys.argv[1], 53))
	    for _ in range(3):
	        try:
	            sender.send(bytes(1440))
	        except OSError:
	            pass
	        time.sleep(.2)
	    print(sender.getsockopt(0, 14))
	END
}
told() {
	[[ $(mtu_of "$VIP4") == 1400 ]]
}
ok 'too big, by a tunnel: the client is told' await 10 told
done_testing
