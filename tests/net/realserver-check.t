#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `dsrctl realserver check`: each fault of a real server is named, in text and
# JSON and with status 3, and the command that is printed mends it. Where it can
# be seen on the wire, it is looked at there too.
#
# STOCK: 6.1: what the kernel of a real server does with the VIP
# SECONDS: 75 55

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

PATH=${DSRCTL%/*}:$PATH

# rs NAMESPACE ARGUMENTS...: on a real server
rs() {
	"$DSRCTL" -N "$1" realserver "${@:2}"
}

# who_has NAMESPACE ADDRESS: the answers to an ARP request on the LAN
who_has() {
	on "$1" arping -c 1 -w 1 -I eth0 "$2" | grep -c '^Unicast'
}

# the real server that is looked at
server=s1

# healthy WHAT ARGUMENTS...: it has no finding
healthy() {
	local what=$1 got status=0
	shift
	got=$(rs $server check "$@") || status=$?
	is "$status" 0 "$what: status 0"
	unlike "$got" ': mend: |^$' "$what: and a word for each VIP"
	is "$("$DSRCTL" -j -N $server realserver check "$@" |
		jq '[.[] | select(.finding)] | length')" 0 "$what: the same in JSON"
}

# finds CODE SUBJECT WHAT ARGUMENTS...: named in text and JSON, status 3
finds() {
	local code=$1 subject=$2 what=$3 text json status=0
	shift 3
	text=$(rs $server check "$@") || status=$?
	is "$status" 3 "$what: status 3"
	line=$(grep -m 1 -F "$subject: $code: " <<<"$text")
	like "$line" '^[^ ].*: [a-z-]+: .+: .+$' "$what: $code of $subject" ||
		diag "$text"
	json=$("$DSRCTL" -j -N $server realserver check "$@")
	json=$(jq -r --arg code "$code" --arg subject "$subject" '[.[] |
		select(.finding == $code and $subject ==
		([.vip, .dev] | map(values) | join(" ") |
		if . == "" then "this host" else . end))][0] | .mend // "",
		"\(.what): \(.why)" + if .mend then "; mend: \(.mend)" else "" end' \
		<<<"$json")
	mend=${json%%$'\n'*}
	is "${json#*$'\n'}" "${line#*: *: }" "$what: the same in JSON"
}

# gone CODE SUBJECT WHAT ARGUMENTS...
gone() {
	local code=$1 subject=$2 what=$3
	shift 3
	unlike "$(rs $server check "$@")" "$subject: $code: " "$what: gone"
}

# mended CODE SUBJECT WHAT ARGUMENTS...: found, and the command mends it
mended() {
	finds "$@"
	ok "$3: the command that mends it" eval "$mend"
	gone "$@"
}

make_router
make_client
make_director
make_server 1
make_server 2
serve s1
load_module
dsr vip add $VIP4:80/tcp
dsr server add $VIP4:80/tcp 10.9.0.11
ok 'a server is set up' rs s1 setup $VIP4 $VIP6
healthy 'set up' $VIP4:80/tcp "[$VIP6]:80/tcp"
healthy 'without a VIP named'

# --- VIPs --------------------------------------------------------------------

must ip -n s1 address del $VIP4/32 dev lo
finds vip-missing $VIP4 'IPv4: nowhere, without a VIP named'
mended vip-missing $VIP4 'IPv4: nowhere' $VIP4
is "$(fetch client http://$VIP4/)" s1 'and it is served'
must ip -n s1 address del $VIP6/128 dev lo
mended vip-missing $VIP6 'IPv6: nowhere' $VIP6

must on s1 sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
healthy 'a server that is a router'
must ip -n s1 address del $VIP4/32 dev lo
must ip -n s1 address del $VIP6/128 dev lo
mended vip-bounces $VIP4 'IPv4: sent back' $VIP4:80/tcp
mended vip-bounces $VIP6 'IPv6: sent back' $VIP6
must on s1 sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0

must ip -n s1 address del $VIP4/32 dev lo
address s1 lo $VIP4/24
mended vip-wide "$VIP4 lo" 'IPv4: /24'
must ip -n s1 address del $VIP6/128 dev lo
address s1 lo $VIP6/64
fails 'setup does not touch what it has not made' 2 rs s1 setup $VIP6
mended vip-wide "$VIP6 lo" 'IPv6: /64'
healthy 'with masks that are right again' $VIP4 $VIP6

must on s1 sysctl -qw net.ipv4.conf.eth0.arp_ignore=1
address s1 eth0 $VIP4/24 10.0.0.7/24
is "$(who_has s2 $VIP4)" 1 'a VIP on the LAN is answered for'
mended vip-on-lan "$VIP4 eth0" 'IPv4: on the LAN'
is "$(who_has s2 $VIP4)" 0 'and is not any more'
like "$(ip -n s1 address)" 10.0.0.7 'another address of that net stays'
must ip -n s1 address del 10.0.0.7/24 dev eth0
address s1 eth0 $VIP6/64
mended vip-on-lan "$VIP6 eth0" 'IPv6: on the LAN'

must ip -n s1 link add dummy9 type dummy
must ip -n s1 link set dummy9 up
must ip -n s1 address del $VIP4/32 dev lo
address s1 dummy9 $VIP4/32
healthy 'a VIP on a dummy' $VIP4
must ip -n s1 link del dummy9
ok 'and back' rs s1 setup $VIP4

must on s1 sysctl -qw net.ipv6.conf.{all,eth0}.accept_dad=1
address s2 eth0 $VIP6/64
address s1 eth0 $VIP6/64
wait_for 10 'duplicate address detection' \
	eval 'ip -n s1 address show dev eth0 | grep -q dadfailed'
mended vip-dad "$VIP6 eth0" 'found at another host' $VIP6
must ip -n s2 address del $VIP6/64 dev eth0
must on s1 sysctl -qw net.ipv6.conf.{all,eth0}.accept_dad=0

# lo
must ip -n s1 address del 127.0.0.1/8 dev lo
mended loopback-missing lo '127.0.0.1 is gone'
must ip -n s1 address del 127.0.0.1/8 dev lo
address s1 lo 127.0.0.1/32
mended loopback-missing lo '127.0.0.1 has another mask'
must ip -n s1 address del ::1/128 dev lo
mended loopback-missing lo '::1 is gone'
must ip -n s1 link set lo down
mended lo-down lo 'lo is down'
must rs s1 setup $VIP4 $VIP6 >/dev/null

# ARP
for fault in ignore:0:0 ignore:0:3 ignore:3:1 ignore:8:0 announce:0:0 \
	announce:1:1 announce:0:1 announce:2:3; do
	IFS=: read -r name all own <<<"$fault"
	must on s1 sysctl -qw "net.ipv4.conf.all.arp_$name=$all" \
		"net.ipv4.conf.eth0.arp_$name=$own"
	[[ $fault != ignore:0:0 ]] ||
		is "$(who_has s2 $VIP4)" 1 'a VIP on lo is answered for'
	mended "arp-$name" eth0 "arp_$name $own, $all for all"
	[[ $fault != ignore:8:0 ]] ||
		like "$line" 'no ARP at all' 'which is another fault'
	is "$(who_has s2 $VIP4)" 0 'and not once that is mended'
done
for fine in ignore:1:0 ignore:0:1 ignore:2:0 announce:0:2; do
	IFS=: read -r name all own <<<"$fine"
	must on s1 sysctl -qw "net.ipv4.conf.all.arp_$name=$all" \
		"net.ipv4.conf.eth0.arp_$name=$own"
	gone "arp-$name" eth0 "arp_$name $own, $all for all"
	is "$(who_has s2 $VIP4)" 0 'and it is not answered for'
done
odd="x;\$(y)\`'\""
must ip -n s1 link add "$odd" type veth peer name odd
must ip -n s1 link set "$odd" up
must on s1 tee "/proc/sys/net/ipv4/conf/$odd/arp_ignore" <<<3 >/dev/null
mended arp-ignore "$odd" 'an interface with an odd name'
must ip -n s1 link del odd
must on s1 sysctl -qw net.ipv4.conf.{all,eth0}.arp_{ignore,announce}=0
is "$(rs s1 check $VIP6)" "$VIP6: ok: it is here" 'IPv6 knows no ARP'
must rs s1 setup $VIP4 >/dev/null

# rp_filter: the way back is another one than that from the director
link s1 eth1 02:00:00:00:07:11 router to-s1 02:00:00:00:07:01
address s1 eth1 10.7.0.2/24
address router to-s1 10.7.0.1/24
must ip -n s1 route replace default via 10.7.0.1
must on s1 sysctl -qw net.ipv4.conf.{all,eth0,eth1}.rp_filter=0
is "$(fetch client http://$VIP4/)" s1 'an answer by another way'
must on s1 sysctl -qw net.ipv4.conf.all.rp_filter=1
fails 'none with a strict rp_filter' 28 \
	fetch client http://$VIP4/ --max-time 2
mended rp-filter eth0 'a strict rp_filter'
is "$(fetch client http://$VIP4/)" s1 'and the answer is back'
gone rp-filter eth1 'it may be strict on the way back'
must ip -n s1 route replace default via 10.9.0.1
must ip -n s1 link del eth1

# services
listening() {
	on s1 ss -Hltun "sport = :$1" | grep -q .
}

# listen PORT ADDRESS-OPTIONS...: with socat, until `deaf`
listen() {
	ip netns exec s1 socat "$@" /dev/null &
	listener=$!
	wait_for 10 "$1" listening "$port"
}
deaf() {
	kill "$listener"
	wait "$listener"
} 2>/dev/null

port=81
finds not-listening $VIP4:81/tcp 'TCP: nobody' $VIP4:81/tcp
is "$mend" '' 'no command starts a service'
listen TCP4-LISTEN:81,fork,bind=10.9.0.11
finds listens-elsewhere $VIP4:81/tcp 'TCP: only at its own address' $VIP4:81/tcp
like "$line" 'listens on 10.9.0.11 only' 'which is named'
deaf
for socket in TCP4-LISTEN:81,bind=$VIP4 TCP4-LISTEN:81 \
	TCP6-LISTEN:81,ipv6only=0; do
	listen "$socket,fork"
	healthy "$socket" $VIP4:81/tcp
	deaf
done
listen TCP6-LISTEN:81,fork,ipv6only=1
finds listens-elsewhere $VIP4:81/tcp 'TCP: for IPv6 only' $VIP4:81/tcp
healthy 'TCP: for IPv6' "[$VIP6]:81/tcp" "[$VIP6]:80-90/tcp"
deaf
port=53
finds not-listening $VIP4:53/udp 'UDP: nobody' $VIP4:53/udp
listen UDP4-RECVFROM:53,bind=10.9.0.11,fork
finds listens-elsewhere $VIP4:53/udp 'UDP: only at its own address' $VIP4:53/udp
deaf
listen UDP4-RECVFROM:53,bind=$VIP4,fork
healthy 'UDP: at the VIP' $VIP4:53/udp
deaf
finds not-listening $VIP4:5000/sctp 'SCTP: nobody' $VIP4:5000/sctp

server=s2
finds no-vip 'this host' 'a server without a VIP'
is "$mend" '' 'no command knows which'

done_testing
