#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `dsrctl realserver` on a real server: what setup does is enough for traffic
# and keeps ARP silent, --dry-run prints what has the same effect, and undo
# takes back what setup did and nothing else.
#
# STOCK: 6.12: what the kernel of a real server does with the VIP
# SECONDS: 37 28

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

PATH=${DSRCTL%/*}:$PATH

# rs NAMESPACE ARGUMENTS...: on a real server
rs() {
	"$DSRCTL" -N "$1" realserver "${@:2}"
}

# state NAMESPACE: all that setup could touch
state() {
	ip -n "$1" -o address | sed 's/ *valid_lft.*//'
	on "$1" sysctl net.ipv4.conf.{all,lo,eth0}.arp_{ignore,announce}
	ls /run/dsr 2>/dev/null
}

# who_has NAMESPACE ADDRESS: the answers to an ARP request on the LAN
who_has() {
	on "$1" arping -c 1 -w 1 -I eth0 "$2" | grep -c '^Unicast'
}

# --- set up ------------------------------------------------------------------

make_router
make_client
make_director
make_server 1
make_server 2
serve s1
foreign=10.0.0.200
address s1 eth0 $foreign/32
must on s1 sysctl -qw net.ipv4.conf.eth0.arp_ignore=2
before=$(state s1)

commands=$(rs s1 setup --dry-run $VIP4:80/tcp $VIP6 $VIP4)
is "$(state s1)" "$before" '--dry-run does nothing'
like "$commands" "ip address add $VIP4/32 dev lo label lo:0" \
	'and prints the command for the VIP'
like "$commands" "sysctl -w net.ipv4.conf.all.arp_ignore=1.*ip address add" \
	'after that which keeps ARP silent'
unlike "$commands" 'eth0.arp_ignore=' 'an even stricter setting stays'
is "$(grep -c "add $VIP4" <<<"$commands")" 1 'a VIP that is named twice is one'
run bash -ec "$commands" >/dev/null
typed=$(state s1)
like "$typed" "$VIP4/32 scope global lo:0" 'what is typed makes the VIP'
is "$(rs s1 setup --dry-run $VIP4 $VIP6 | grep -vc '^#')" 0 \
	'then nothing is left to do'
rs s1 undo $VIP4 $VIP6 >/dev/null
is "$(state s1)" "$before" 'undo takes back what was typed'

ok 'setup' rs s1 setup $VIP4:80/tcp $VIP6
is "$(state s1)" "$typed" 'does what the commands do'
ok 'setup again' rs s1 setup $VIP4:80/tcp $VIP6
is "$(state s1)" "$typed" 'and nothing has changed'
is "$(ip -n s1 -j address show lo | jq -r '.[].addr_info[] |
	select(.local == "'$VIP6'") | "\(.prefixlen) \(.nodad)"')" '128 true' \
	'IPv6: without duplicate address detection'
like "$(state s1)" "$foreign" 'an address of somebody else stays'
is "$(on s1 sysctl -n net.ipv4.conf.{eth0,all}.arp_{ignore,announce} | xargs)" \
	'2 2 1 2' 'arp_ignore and arp_announce'

# --- real traffic ------------------------------------------------------------

load_module
dsr vip add $VIP4:80/tcp
dsr vip add "[$VIP6]:80/tcp"
dsr server add $VIP4:80/tcp 10.9.0.11
dsr server add "[$VIP6]:80/tcp" 2001:db8:9::11
ip -n s1 neigh flush dev eth0
capture arp s1 eth0 'arp and ether src 02:00:00:00:00:11'
is "$(fetch client http://$VIP4/)" s1 'IPv4: the server answers a client'
is "$(fetch client "http://[$VIP6]/")" s1 'IPv6: the server answers a client'
is "$(who_has s2 $VIP4)" 0 'and nobody who asks for the VIP by ARP'
is "$(who_has s2 10.9.0.11)" 1 'but who asks for its own address'
end_captures
like "$(captured arp)" 'Request who-has 10.9.0.1 tell 10.9.0.11' \
	'it asks in its own name'
unlike "$(captured arp)" "tell $VIP4" 'and not in that of the VIP'
is "$(rs s1 check $VIP4:80/tcp "[$VIP6]:80/tcp" | grep -c ': ok: ')" 2 \
	'check has no finding'

# --- undo --------------------------------------------------------------------

# somebody else has a VIP there, and its label
must ip -n s2 address add $foreign/32 dev lo label lo:0
before=$(state s2)
ok 'setup beside another VIP' rs s2 setup $VIP4 $VIP6 10.0.0.101
like "$(state s2)" "$VIP4/32 scope global lo:1" 'takes another label'
like "$(rs s2 undo $foreign)" 'has not set it up' \
	'undo of a VIP that setup has not made: nothing'
like "$(state s2)" $foreign 'and it stays'
ok 'undo of some' rs s2 undo $VIP6 $VIP4:80/tcp
like "$(state s2)" 'lo:2' 'lets the other VIP be'
like "$(state s2)" 'all.arp_ignore = 1' 'and the settings that it needs'
must ip -n s2 address del 10.0.0.101/32 dev lo
must ip -n s2 address del $foreign/32 dev lo
must rs s2 setup $VIP4 >/dev/null
must rs s2 undo $VIP4 >/dev/null
like "$(state s2)" 'all.arp_ignore = 1' 'also while it is away'
must ip -n s2 address add $foreign/32 dev lo label lo:0
like "$(rs s2 undo 10.0.0.101)" "stay: $foreign is on lo" \
	'so do those that a VIP of somebody else needs'
is "$(who_has s1 $foreign)" 0 'so nobody hears of it'
must ip -n s2 address del $foreign/32 dev lo
ok 'undo again' rs s2 undo 10.0.0.101
must ip -n s2 address add $foreign/32 dev lo label lo:0
is "$(state s2)" "$before" 'takes the settings back when nobody needs them'
must ip -n s2 address del $foreign/32 dev lo

# a VIP that was there before setup
before=$(state s2)
must ip -n s2 address add $VIP4/32 dev lo
must rs s2 setup $VIP4 >/dev/null
like "$(rs s2 undo $VIP4)" "$VIP4 stays on lo" 'what was there before stays'
must ip -n s2 address del $VIP4/32 dev lo
must rs s2 undo $VIP4 >/dev/null
is "$(state s2)" "$before" 'and the rest went'

# settings that somebody has changed since
must rs s2 setup --now $VIP4 >/dev/null
must on s2 sysctl -qw net.ipv4.conf.eth0.arp_ignore=2
like "$(rs s2 undo --now $VIP4)" 'eth0.arp_ignore stays 2' \
	'a setting that somebody has changed stays'
must on s2 sysctl -qw net.ipv4.conf.eth0.arp_ignore=0
is "$(state s2)" "$before" 'and the others do not'

must rs s2 setup $VIP4 $VIP6 >/dev/null
commands=$(rs s2 undo --dry-run $VIP4 $VIP6)
run bash -ec "$commands" >/dev/null
is "$(state s2)" "$before" 'the commands of undo do the same'
is "$("$DSRCTL" -j -N s2 realserver setup --dry-run $VIP4 |
	jq -r '.[].command' | grep -c '^ip netns exec s2 ip address add')" 1 \
	'--dry-run in JSON'
done_testing
