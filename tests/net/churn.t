#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Everything changes at once while packets and fragments come: the
# configuration, interfaces, MACs, neighbours, other namespaces, the module.
# Afterwards it works as if nothing had been. ROUNDS says how often.
#
# STOCK: 6.12: servers go while another CPU sends
# SECONDS: 75 45

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

rounds=${ROUNDS:-6}

# Datagrams of one to three fragments to every VIP, in bursts, for ever
flood() {
	exec ip netns exec client /usr/bin/python3 -IS - $VIP4 $VIP6 <<-'END'
	import random, socket, sys, time
	sockets = [(socket.socket(socket.AF_INET6 if ':' in vip else
	                          socket.AF_INET, socket.SOCK_DGRAM), vip)
	           for vip in sys.argv[1:] for _ in range(200)]
	while True:
	    for sock, vip in random.choices(sockets, k=32):
	        try:
	            sock.sendto(bytes(random.randint(0, 4000)),
	                        (vip, random.choice([53, 99, 1000, 1500])))
	        except OSError:
	            pass    # no route for the moment
	    time.sleep(0.01)
	END
}

# What happens to the director while it is configured
shake() {
	local n=0
	while [[ -e $TMP/shaking ]]; do
		n=$((n + 1))
		ip -n director neigh flush dev eth1
		ip -n director link set eth1 address "02:00:00:00:a$((n % 8)):02"
		ip -n director link add spare type dummy
		ip -n director link set spare up
		ip netns add corner
		on corner "$DSRCTL" vip add "$VIP4:53/udp"
		on corner "$DSRCTL" server add "$VIP4:53/udp" 10.9.0.11
		ip -n director link set eth1 down
		ip -n director link set eth1 up
		ip netns del corner
		ip -n director link del spare
	done >/dev/null 2>&1
}

# Who reads meanwhile
watch() {
	while [[ -e $TMP/shaking ]]; do
		on director "$DSRCTL" show
		on director "$DSRCTL" -j flow show
		on director "$DSRCTL" stats
		on director cat /proc/net/dsr{,_flows,_stats}
	done >/dev/null 2>&1
}

forwarded() {
	on director sed -n 's/^forwarded //p' /proc/net/dsr_stats
}

more_than() {
	(($(forwarded) > $1))
}

answers() {
	[[ $(fetch client "$1" --max-time 2 2>/dev/null) == s[12] ]]
}

# configure: from standard input, all of which must be right
configure() {
	on director "$DSRCTL" -b - || die "round $n: the configuration"
}

topology 2 two-armed
on director sysctl -qw net.ipv6.conf.all.keep_addr_on_down=1
[[ ${DSR_KO-} ]] || die 'DSR_KO does not name the module'
insmod "$DSR_KO"
on director "$DSRCTL" monitor >/dev/null 2>&1 &
: >"$TMP/shaking"
flood &
background=($!)
shake &
background+=($!)
watch &
background+=($!)

for ((n = 1; n <= rounds; n++)); do
	configure <<-END
		vip add $VIP4:53/udp scheduler wlc
		vip add $VIP4/udp
		vip add $VIP4:1000-1400/udp scheduler wrr
		vip add $VIP4:1401-1600/udp scheduler nq
		vip add [$VIP6]:53/udp scheduler sed
		vip add $VIP6/any scheduler rr
		dev add eth0
		server add $VIP4:53/udp 10.9.0.11
		server add $VIP4:53/udp 10.9.0.12 weight 5
		server add $VIP4/udp 10.9.0.11 weight 5
		server add $VIP4/udp 10.9.0.12
		server add $VIP4/udp 10.9.0.77
		server add $VIP4:1000-1400/udp 10.9.0.11 weight 3
		server add $VIP4:1000-1400/udp 10.9.0.12 weight 30
		server add $VIP4:1401-1600/udp 10.9.0.12
		server add [$VIP6]:53/udp 2001:db8:9::11
		server add $VIP6/any 2001:db8:9::12
		server add $VIP6/any 2001:db8:9::77
	END
	# it may not be there at this moment
	on director "$DSRCTL" dev add spare 2>/dev/null
	on director "$DSRCTL" server set "$VIP4:1000-1400/udp" 10.9.0.12 \
		dev spare 2>/dev/null
	wait_for 30 "packets in round $n" more_than "$(forwarded)"
	configure <<-END
		server set $VIP4:53/udp 10.9.0.11 weight 0
		vip set $VIP4:53/udp scheduler wrr
		server set $VIP4:53/udp 10.9.0.12 mac 02:00:00:00:00:11
		server set $VIP4:53/udp 10.9.0.12 mac auto
		server del $VIP4/udp 10.9.0.12
		vip set $VIP4/udp scheduler lc
		vip del $VIP4:1000-1400/udp
		flow flush server 10.9.0.12
		server del $VIP6/any 2001:db8:9::12
		server add $VIP6/any 2001:db8:9::11
		dev del eth0
	END
	wait_for 30 "more packets in round $n" more_than "$(forwarded)"
	configure <<-END
		flow flush client 198.51.100.0/24
		flush
	END
	on director "$DSRCTL" dev del spare 2>/dev/null
	if ((n % 5 == 0)); then
		# a reader may be in it
		wait_for 30 "rmmod in round $n" rmmod dsr
		insmod "$DSR_KO" || die "insmod in round $n"
		diag "round $n"
	fi
done
report 0 "$rounds rounds"

rm "$TMP/shaking"
kill "${background[0]}"
wait "${background[@]}" 2>/dev/null
dsr vip add "$VIP4:80/tcp"
dsr vip add "[$VIP6]:80/tcp"
add_servers "$VIP4:80/tcp" 2
add_servers "[$VIP6]:80/tcp" 2
ok 'IPv4 works' await 30 answers "http://$VIP4/"
ok 'IPv6 works' await 30 answers "http://[$VIP6]/"
is "$(ask '[.[] | select(.vip | endswith(":80/tcp") | not)] | length' \
	flow show)" 0 'no flow is left of what was'
done_testing
