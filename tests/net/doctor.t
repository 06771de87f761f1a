#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# dsrctl doctor: nothing to say of a healthy network; each fault is named when
# it is made, and not any more when it is mended, with the printed command if
# there is one.
#
# An interface that does LRO:
# QEMU_OPTIONS: -device vmxnet3,romfile=
#
# STOCK: none: it is about what no kernel does differently
# SECONDS: 270 155

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

# One in the segment of the clients' side that the module answers for
lone4=10.8.0.100 lone6=2001:db8:8::100
# and one that is the director's own
own4=10.0.0.101 own6=2001:db8::101

web=$VIP4:80/tcp web6="[$VIP6]:80/tcp"

# examine [VIP...]: $told and $status are what doctor says
examine() {
	status=0
	told=$(on director "$DSRCTL" -j doctor "$@" 2>"$TMP/error") || status=$?
}

# of FIELD...: of each finding, those fields that it has
of() {
	local IFS=,
	jq -r ".[] | select(.finding) | [${*/#/.}] |
		map(. // empty) | join(\" \")" <<<"$told" | sort
}

# healthy DESCRIPTION [VIP...]
healthy() {
	local what=$1
	shift
	examine "$@"
	is "$status: $(of finding vip server dev)" '0: ' "$what" && return
	diag "$(jq -c '.[]' <<<"$told")$(cat "$TMP/error")"
}

# ill DESCRIPTION FINDINGS [VIP...]: these, a line each, and no others
ill() {
	local what=$1 findings=$2
	shift 2
	examine "$@"
	is "$status: $(of finding vip server dev)" "3: $findings" "$what" &&
		return
	diag "$(jq -c '.[]' <<<"$told")$(cat "$TMP/error")"
}

# follow: the commands that the findings say. What one does to a server need
# not last.
follow() {
	local where command
	jq -r 'map(.mend // empty) | unique | .[]' <<<"$told" >"$TMP/commands"
	while read -r command; do
		where=director
		case $command in
		'on 10.9.0.11: '* | 'on 2001:db8:9::11: '*) where=s1 ;;
		'on 10.9.0.12: '* | 'on 2001:db8:9::12: '*) where=s2 ;;
		esac
		command=${command#on *: }
		command=${command/realserver setup/realserver setup --now}
		echo "# $where\$ $command"
		on $where bash -c "dsrctl() { '$DSRCTL' \"\$@\"; }; $command" ||
			die "status $?: $command"
	done <"$TMP/commands"
}

# all_up: as the kernel sees it
all_up() {
	[[ $(ask '[.[].servers[].state] | unique | join(" ")' show) == up ]]
}

topology 2 two-armed
for server in s1 s2; do
	own_vip $server $lone4 $lone6 $own4 $own6
done
run ip -n director address add $own4/32 dev lo
run ip -n director address add $own6/128 dev lo nodad
load_module
dsr dev add eth0
for vip in "$VIP4" "[$VIP6]" $lone4 "[$lone6]" $own4 "[$own6]"; do
	dsr vip add "$vip:80/tcp"
	add_servers "$vip:80/tcp" 2
done

# --- a healthy network ------------------------------------------------------

healthy 'a healthy network: no finding'
is "$(jq -r '.[] | select(.ok and (.vip // "" | test("/") | not)) |
	"\(.vip // .dev): \(.ok)"' <<<"$told")" \
	"eth0: clients come in by it: MTU 1500, no LRO, no redirects
$VIP4: routed here by 10.8.0.1
$VIP6: routed here by 2001:db8:8::1
$lone4: the module answers for it on eth0
$lone6: the module answers for it on eth0
$own4: an address of this host
$own6: an address of this host" 'whose each VIP is'
is "$(jq -r '.[] | select(.server).ok' <<<"$told" | sort | uniq -c | xargs -L1)" \
	'6 02:00:00:00:00:11 on eth1 has the VIP, and the service answers
6 02:00:00:00:00:12 on eth1 has the VIP, and the service answers' \
	'a verdict for each server of each VIP'
is "$(on director "$DSRCTL" doctor "$web" | tail -n 1)" \
	"$web 10.9.0.12: ok: 02:00:00:00:00:12 on eth1 has the VIP, and the service answers" \
	'a line each as text'
is "$("$DSRCTL" -N director doctor "$web" | wc -l)" 4 \
	'in another namespace, and of one VIP'
fails 'a VIP that does not exist' 2 on director "$DSRCTL" doctor 10.0.0.9:80/tcp
fails 'without CAP_NET_RAW' 2 on director \
	setpriv --bounding-set -net_raw "$DSRCTL" doctor

# --- the VIP is missing -----------------------------------------------------

run ip -n s1 address del "$VIP4/32" dev lo
run ip -n s1 address del "$VIP6/128" dev lo
ill 'the VIP is missing on a server' "vip-missing $web 10.9.0.11
vip-missing $web6 2001:db8:9::11" "$web" "$web6"
run on s1 sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ill 'and it forwards to its gateway' "vip-missing $web 10.9.0.11
vip-missing $web6 2001:db8:9::11" "$web" "$web6"
like "$(of what)" 'ICMP error' 'by which it is told'
run ip -n s1 route add "$VIP4" via 10.9.0.2
run ip -n s1 route add "$VIP6" via 2001:db8:9::2
ill 'and it forwards to the director' "vip-missing $web 10.9.0.11
vip-missing $web6 2001:db8:9::11" "$web" "$web6"
is "$(of what | uniq)" 'what it gets for the VIP comes back' \
	'by which it is told'
is "$(ask '[.[].flows] | add' show)" 0 'no packet became a flow'
run ip -n s1 route del "$VIP4"
run ip -n s1 route del "$VIP6"
run on s1 sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
run ip -n s1 route replace default via 2001:db8:9::1
follow
healthy 'the VIP is back' "$web" "$web6"

run ip -n s2 address del $own4/32 dev lo
run ip -n s2 address del $own6/128 dev lo
ill 'a VIP that the director has itself' "vip-missing $own4:80/tcp 10.9.0.12
vip-missing [$own6]:80/tcp 2001:db8:9::12" "$own4:80/tcp" "[$own6]:80/tcp"
follow
healthy 'and back' "$own4:80/tcp" "[$own6]:80/tcp"

# --- others answer for it ---------------------------------------------------

run on s1 sysctl -qw net.ipv4.conf.all.arp_ignore=0 \
	net.ipv4.conf.eth0.arp_ignore=0
run ip -n s1 address add "$VIP6/128" dev eth0 nodad
ill 'a server answers ARP for the VIP' "arp-leak $VIP4 10.9.0.11 eth1
arp-leak $VIP6 2001:db8:9::11 eth1" "$web" "$web6"
follow
run ip -n s1 address del "$VIP6/128" dev eth0
healthy 'it does not any more' "$web" "$web6"

namespace stranger
plug stranger eth0 99
run ip -n stranger address add "$VIP4/32" dev eth0
run ip -n stranger address add "$VIP6/128" dev eth0 nodad
ill 'a stranger has the VIP' "arp-stranger $VIP4 eth1
arp-stranger $VIP6 eth1" "$web" "$web6"
like "$(of what)" 02:00:00:00:00:99 'it is named'
dsr vip set "$web" arp off
dsr vip set "$web6" arp off
healthy 'which is as it should be where VIPs are left to another director' \
	"$web" "$web6"
dsr vip set "$web" arp auto
dsr vip set "$web6" arp auto
run ip -n stranger address del "$VIP4/32" dev eth0
run ip -n stranger address del "$VIP6/128" dev eth0
healthy 'it is gone' "$web" "$web6"

run ip -n stranger address add 10.9.0.11/24 dev eth0
run ip -n stranger address add 2001:db8:9::11/64 dev eth0 nodad
ill "a stranger has a server's address" "duplicate-address $web 10.9.0.11
duplicate-address $web6 2001:db8:9::11" "$web" "$web6"
run ip -n stranger address del 10.9.0.11/24 dev eth0
run ip -n stranger address del 2001:db8:9::11/64 dev eth0
for family in -4 -6; do
	# does not come to an end where the module asks for them meanwhile
	ip $family -n director neigh flush dev eth1 >/dev/null 2>&1
done
healthy 'not any more' "$web" "$web6"

# --- the way to a server ----------------------------------------------------

dsr server set "$web" 10.9.0.11 mac 02:00:00:00:00:77
ill 'a wrong MAC is pinned' "wrong-mac $web 10.9.0.11" "$web"
follow
healthy 'mended' "$web"

dsr server set "$web" 10.9.0.12 mac 02:00:00:00:00:12
healthy 'the right one is' "$web"
dsr server set "$web" 10.9.0.12 mac auto

run ip -n s1 link set eth0 down
ill 'a server is dead' "server-silent $web 10.9.0.11
server-silent $web6 2001:db8:9::11" "$web" "$web6"
run ip -n s1 link set eth0 up
run ip -n s1 address replace 2001:db8:9::11/64 dev eth0
gateway s1 10.9.0.1 2001:db8:9::1
wait_for 30 'the server to be up' all_up
healthy 'and alive' "$web" "$web6"

dsr server add "$web" 10.77.0.1
ill 'a server that is not in a segment of ours' \
	"server-down $web 10.77.0.1" "$web"
dsr server del "$web" 10.77.0.1

run ip -n s1 address add 10.9.0.21/24 dev eth0
dsr server add "$web" 10.9.0.21
ill 'a server that is there twice' "shared-mac $web 10.9.0.21" "$web"
dsr server del "$web" 10.9.0.21

dsr server drain "$web" 10.9.0.11
healthy 'one server is drained' "$web"
dsr server drain "$web" 10.9.0.12
ill 'all are' "no-server $web" "$web"
dsr server set "$web" 10.9.0.11 weight 1
dsr server set "$web" 10.9.0.12 weight 1

# --- the service ------------------------------------------------------------

must kill "$(cat "$TMP/s1/pid")"
await 10 test ! -e "$TMP/s1/pid"
ill 'nothing listens' "service-closed $web 10.9.0.11
service-closed $web6 2001:db8:9::11" "$web" "$web6"
serve s1
healthy 'it listens' "$web" "$web6"


# --- UDP, ranges and every port ---------------------------------------------

# datagrams NAMESPACE ADDRESS echo|silent: a service until it is killed
datagrams() {
	ip netns exec "$1" /usr/bin/python3 -IS - "$2" "$3" <<-'END' &
		import socket, sys
		family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
		sock = socket.socket(family, socket.SOCK_DGRAM)
		if family == socket.AF_INET6:
		    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
		sock.bind((sys.argv[1], 53))
		while True:
		    data, client = sock.recvfrom(2048)
		    if sys.argv[2] == 'echo':
		        sock.sendto(data, client)
	END
	services+=($!)
	wait_for 20 "a service on $1" listens "$1" "$2"
}

listens() {
	on "$1" ss -Hlun 'sport = :53' | grep -qF "$2"
}

services=()
names=$VIP4:53/udp names6="[$VIP6]:53/udp"
for vip in "$names" "$names6"; do
	dsr vip add "$vip"
	add_servers "$vip" 2
done
datagrams s1 0.0.0.0 silent
datagrams s1 :: silent
ill 'nothing listens for datagrams' "service-closed $names 10.9.0.12
service-closed $names6 2001:db8:9::12" "$names" "$names6"
datagrams s2 0.0.0.0 echo
datagrams s2 :: echo
ill "it answers by its server's address" "service-source $names 10.9.0.12
service-source $names6 2001:db8:9::12" "$names" "$names6"
kill "${services[@]:2}"
wait "${services[@]:2}" 2>/dev/null
datagrams s2 "$VIP4" echo
datagrams s2 "$VIP6" echo
healthy 'one is silent, the other one answers' "$names" "$names6"
is "$(jq -r '.[] | select(.server) | "\(.server) \(.ok)"' <<<"$told" |
	sed 's/02:.*VIP//' | sort)" \
	'10.9.0.11 ; the service says nothing, as it may
10.9.0.12 , and the service answers
2001:db8:9::11 ; the service says nothing, as it may
2001:db8:9::12 , and the service answers' 'and that is told'
kill "${services[@]}"
dsr vip del "$names"
dsr vip del "$names6"

for vip in "$VIP4:7000-7010/tcp" "$VIP4/sctp" "[$VIP6]/any"; do
	dsr vip add "$vip"
	add_servers "$vip" 2
done
healthy 'a range, and VIPs of every port' \
	"$VIP4:7000-7010/tcp" "$VIP4/sctp" "[$VIP6]/any"
run ip -n s1 address del "$VIP4/32" dev lo
run ip -n s1 address del "$VIP6/128" dev lo
ill 'the VIP is missing' "vip-missing $VIP4/sctp 10.9.0.11
vip-missing $VIP4:7000-7010/tcp 10.9.0.11
vip-missing $VIP6/any 2001:db8:9::11" \
	"$VIP4:7000-7010/tcp" "$VIP4/sctp" "[$VIP6]/any"
own_vip s1 "$VIP4" "$VIP6"
for vip in "$VIP4:7000-7010/tcp" "$VIP4/sctp" "[$VIP6]/any"; do
	dsr vip del "$vip"
done

# --- the director -----------------------------------------------------------

run ip -n director link set eth0 mtu 1600
ill 'the way in takes more than the way out' 'mtu eth0' "$web"
follow
healthy 'mended' "$web"
run ip -n director link set eth0 mtu 1500
run ip -n director link set eth1 mtu 1500

run on director sysctl -qw net.ipv4.ip_forward=1
ill 'the director forwards and redirects' 'redirects eth0' "$web"
follow
healthy 'mended' "$web"
run on director sysctl -qw net.ipv4.ip_forward=0

# merging NAME: gives the director the interface that does LRO
merging() {
	local path
	modprobe vmxnet3 2>/dev/null
	path=$(echo /sys/bus/pci/drivers/vmxnet3/*/net/*)
	[[ -e $path ]] || return
	run ip link set "${path##*/}" netns director name "$1"
	must ip -n director link set "$1" up
}

if merging eth6; then
	# by which the doctor looks for the rest of the world
	address director eth6 192.0.2.2/24
	run on director ethtool -K eth6 lro on
	ill 'an interface does LRO' 'lro eth6' $own4:80/tcp
	follow
	healthy 'mended' $own4:80/tcp
	run on director ethtool -K eth6 lro on
	dsr dev add eth6
	healthy 'a dev interface does none' $own4:80/tcp
	dsr dev del eth6
	must ip -n director link set eth6 down
else
	skip 'this machine has no interface that does LRO'
fi

dsr dev del eth0
ill 'nobody answers for VIPs of the segment' "vip-unowned $lone4
vip-unowned $lone6" "$lone4:80/tcp" "[$lone6]:80/tcp"
follow
healthy 'mended' "$lone4:80/tcp" "[$lone6]:80/tcp"

run ip -n router route del "$VIP4"
run ip -n router route del "$VIP6"
ill 'the router has no route to a VIP' "vip-unowned $VIP4
vip-unowned $VIP6" "$web" "$web6"
run ip -n router route add "$VIP4" via 10.8.0.2
run ip -n router route add "$VIP6" via 2001:db8:8::2
healthy 'it has one' "$web" "$web6"

run ip -n director link add eth7 type dummy
dsr dev add eth7
run ip -n director link del eth7
ill 'a dev interface that is not there' 'dev-absent eth7' "$web"
follow
healthy 'mended' "$web"

# --- what the module has seen -----------------------------------------------

# s1 sends back what clients send to the VIP, but not what the director does
run on s1 sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0
run ip -n s1 rule add pref 10 lookup local
run ip -n s1 rule del pref 0
run ip -n s1 rule add pref 5 from 198.51.100.0/24 lookup 5
run ip -n s1 route add "$VIP4" via 10.9.0.2 table 5
# knocking: 500 clients try again each second, not all in the same moment. What
# comes in the second of the clock that a flow was last seen in is no retry.
knocking() {
	touch "$TMP/knocking"
	on client /usr/bin/python3 -IS - "$VIP4" "$TMP/knocking" <<-'END' &
	import itertools, os, socket, struct, sys, time
	raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
	ports = itertools.cycle(range(20000, 20500))
	while os.path.exists(sys.argv[2]):
	    for port in itertools.islice(ports, 25):
	        raw.sendto(struct.pack('!HHIIHHHH', port, 80, 1, 0, 0x5002, 65535,
	                               0, 0), (sys.argv[1], 0))
	    time.sleep(0.05)
	END
	knocker=$!
}

# Until the last SYN is out
stop_knocking() {
	rm "$TMP/knocking"
	wait $knocker
}

# counts COUNTER: it has grown since
counts() {
	local now
	now=$(ask ".[].servers[0].$1" server show "$web")
	((now > before + 500))
}

dsr server drain "$web" 10.9.0.12
knocking
before=0
wait_for 60 'frames to bounce' counts bounced
ill 'a server bounces what clients send, who try again' \
	"bounced $web 10.9.0.11
retries $web 10.9.0.11" "$web"
stop_knocking
run ip -n s1 rule del pref 5
healthy 'not any more' "$web"

# Its answers don't find clients any more
run ip -n s1 route add blackhole 198.51.100.0/24
before=$(ask '.[].servers[0].retries' server show "$web")
knocking
wait_for 60 'clients to try again' counts retries
ill 'clients get no answer from a server' "retries $web 10.9.0.11" "$web"
stop_knocking
run ip -n s1 route del blackhole 198.51.100.0/24
healthy 'they do' "$web"

dsr server set "$web" 10.9.0.12 weight 1

# claimed: the module has heard somebody claim a VIP
claimed() {
	(($(stat_of .arp_foreign) > claims))
}

claims=$(stat_of .arp_foreign)
dsr dev add eth1
run ip -n stranger address add "$VIP4/32" dev eth0
run on stranger sysctl -qw net.ipv4.conf.all.arp_ignore=8
# arping takes too long to start to be heard while doctor looks
ip netns exec stranger /usr/bin/python3 -IS - "$VIP4" <<-'END' &
	import socket, sys, time
	wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
	wire.bind(('eth0', 0))
	mac, vip = wire.getsockname()[4], socket.inet_aton(sys.argv[1])
	while True:
	    wire.send(b'\xff' * 6 + mac + bytes.fromhex('08060001080006040001') +
	              mac + vip + b'\0' * 6 + vip)
	    time.sleep(0.02)
	END
claimant=$!
wait_for 60 'a claim' claimed
ill 'a stranger claims a VIP, but is silent when asked' 'arp-claim' "$web"
kill $claimant
wait $claimant 2>/dev/null
run ip -n stranger address del "$VIP4/32" dev eth0
healthy 'not any more' "$web"
dsr dev del eth1

# --- firewalls --------------------------------------------------------------

if ! on director nft list ruleset >/dev/null 2>&1; then
	diag 'no nftables in this kernel'
	done_testing
fi
on s1 nft -f - <<-END
	table inet wall {
		chain in {
			type filter hook input priority 0;
			tcp dport 80 drop
		}
	}
END
ill 'a firewall drops' "service-silent $web 10.9.0.11
service-silent $web6 2001:db8:9::11" "$web" "$web6"
must on s1 nft flush chain inet wall in
must on s1 nft add rule inet wall in tcp dport 80 \
	reject with icmpx admin-prohibited
ill 'a firewall rejects' "service-rejected $web 10.9.0.11
service-rejected $web6 2001:db8:9::11" "$web" "$web6"
must on s1 nft delete table inet wall
healthy 'the firewall is gone' "$web" "$web6"

# chain HOOK-AND-PRIORITY RULES: the director's, which replaces the one before
chain() {
	on director nft -f - <<-END || die "chain $1"
		table inet wall
		delete table inet wall
		table inet wall {
			set vips {
				type ipv4_addr
				elements = { $VIP4 }
			}
			chain sub {
				$2
			}
			chain in {
				type filter hook $1;
				jump sub
			}
		}
	END
}

dsr dev del eth0
for rule in 'drop' 'tcp dport 80 drop' "ip daddr $VIP4 tcp dport { 53, 80 } drop" \
	'ip daddr 10.0.0.0/24 counter drop' 'ip daddr @vips drop' \
	'ip daddr != 10.0.0.1 reject' 'ip daddr 10.0.0.90-10.0.0.110 drop'; do
	chain 'prerouting priority raw' "$rule"
	ill "a rule drops: $rule" "firewall $web" "$web"
done
follow
healthy 'mended' "$web"
chain 'prerouting priority raw; policy drop' 'ip daddr 10.0.0.1 accept'
ill 'a policy drops' "firewall $web" "$web"
follow
healthy 'mended' "$web"
rules=('fib saddr . iif oif missing drop')
if ! modinfo nft_fib_inet >/dev/null 2>&1; then
	rules=()
	skip 'this kernel has no fib in its rules'
fi
for rule in 'tcp dport 81 drop' "ip daddr $VIP4 udp dport 80 drop" \
	"ip daddr 10.0.0.101 drop" "ip6 daddr $VIP6 drop" \
	"ip daddr $VIP4 accept; drop" 'ip saddr 198.51.100.66 drop' \
	'ip saddr 198.51.100.66 accept; drop' 'iifname != "eth0" drop' \
	"${rules[@]}"; do
	chain 'prerouting priority raw' "$rule"
	healthy "a rule does not: $rule" "$web"
done
chain 'prerouting priority filter' drop
healthy 'one that comes after the module may drop' "$web"
dsr dev add eth0
chain 'prerouting priority raw' drop
healthy 'dev interfaces are before' "$web"
must on director nft delete table inet wall

# --- iptables-legacy --------------------------------------------------------

if ! on director iptables-legacy -t raw -L >/dev/null 2>&1; then
	diag 'no iptables-legacy in this kernel'
	done_testing
fi
must on director ip6tables-legacy -t raw -L >/dev/null
healthy 'a table without rules' "$web" "$web6"

# legacy PROGRAM RULES [POLICY]: the director's, which replace those before
legacy() {
	on director "$1-legacy-restore" <<-END || die "$1: $2"
		*raw
		:PREROUTING ${3-ACCEPT}
		:sub -
		-A PREROUTING -j sub
		$2
		COMMIT
	END
}

dsr dev del eth0
for rules in '-A sub -j DROP' '-A sub -p tcp --dport 80 -j DROP' \
	"-A sub -d $VIP4 -p tcp -m multiport --dports 53,79:81 -j DROP" \
	$'-A sub -d 10.0.0.0/24 -j LOG
		-A PREROUTING ! -d 10.0.0.1 -m comment --comment "-j it" -j DROP' \
	$'-A sub -s 198.51.100.66 -j DROP\n-A sub -i eth0 -j DROP'; do
	legacy iptables "$rules"
	ill "a rule drops: ${rules//$'\n'/, }" "firewall $web" "$web" "$web6"
	follow
	healthy 'mended' "$web" "$web6"
done
legacy iptables '-A sub -d 10.0.0.1 -j ACCEPT' DROP
ill 'a policy drops' "firewall $web" "$web" "$web6"
follow
healthy 'mended' "$web" "$web6"
legacy ip6tables "-A sub -d ${VIP6%:*}:/64 -p tcp -j DROP"
ill 'a rule for IPv6 drops' "firewall $web6" "$web" "$web6"
follow
healthy 'mended' "$web" "$web6"
for rules in '-A sub -p tcp --dport 81 -j DROP' \
	"-A sub -d $VIP4 -p udp --dport 80 -j DROP" \
	'-A sub ! -d 10.0.0.0/24 -j DROP' '-A sub ! -i eth0 -j DROP' \
	$'-A sub -i eth0 -j ACCEPT\n-A PREROUTING -j DROP' \
	$'-A sub -s 198.51.100.66 -j ACCEPT\n-A PREROUTING -j DROP' \
	'-A sub -d 10.0.0.100/255.0.255.255 -m ttl --ttl-lt 9 -j DROP'; do
	legacy iptables "$rules"
	healthy "a rule does not: ${rules//$'\n'/, }" "$web"
done
legacy iptables ''
must on director iptables-legacy -t mangle -A PREROUTING -j DROP
healthy 'a table that comes after the module may drop' "$web"
done_testing
