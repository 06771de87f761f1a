#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Shows Direct Server Return to somebody who has never seen it. Runs as root in
# a guest (make demo) and fails unless every packet went where the picture says.

set -euo pipefail

vip=123.123.123.123
servers=(10.1.1.2 10.1.1.3)
files=$(mktemp -d)

picture() {
	cat <<-END

	             client  198.51.100.7
	               |
	               A
	          +----------+           +-----------+
	          |    L3  B |---------->| B   L4    |
	          |  switch  |           |   switch  |
	          |        C |<----------| C   (dsr) |
	          +----------+           +-----------+
	               D
	               |  10.1.1.0/24
	          -----+-----+-----------+----
	                     |           |
	                  10.1.1.2    10.1.1.3    web servers

	A client on the internet asks for $vip, the only public address.

	  a request goes  client, A, L3, B, L4, C, L3, D, server
	  the reply goes  server, D, L3, A, client

	The L4 switch chooses a server and writes that server's MAC address into
	the frame. It changes no IP address, so the server gets the client's own
	packet and answers the client itself. Replies, which are most of the
	traffic, never pass the L4 switch. That is Direct Server Return.
	END
}

say() {
	printf '\n%s\n' "$1"
}

# title TEXT
title() {
	printf '\n=== %s\n' "$1"
}

# on HOST COMMAND...: shows the command, then runs it on that host
on() {
	local host=$1
	shift
	printf '  %-9s # %s\n' "$host" "$*"
	quietly "$host" "$@" 2>&1 | sed 's/^/              /'
}

quietly() {
	local host=$1
	shift
	case $1 in
	dsrctl) set -- "$DSRCTL" "${@:2}" ;;
	esac
	ip netns exec "$host" "$@"
}

# cable NAME HOST HOST [OWN]: both of its ends bear its name, unless the first
# host has one of its own for it
cable() {
	local own=${4-$1}
	ip link add "$own" netns "$2" type veth peer name "$1" netns "$3"
	ip -n "$2" link set "$own" up
	ip -n "$3" link set "$1" up
}

host() {
	ip netns add "$1"
	ip -n "$1" link set lo up
}

build_network() {
	local name
	for name in client l3-switch l4-switch lan; do
		host $name
	done
	cable A client l3-switch
	cable B l3-switch l4-switch
	cable C l4-switch l3-switch
	cable D l3-switch lan

	# The internet's side of the L3 switch
	ip -n client address add 198.51.100.7/24 dev A
	ip -n client route add default via 198.51.100.1
	ip -n l3-switch address add 198.51.100.1/24 dev A
	quietly l3-switch sysctl -qw net.ipv4.ip_forward=1

	# Its VLAN of the servers: the ports C and D
	ip -n l3-switch link add vlan type bridge
	ip -n l3-switch link set vlan up
	ip -n l3-switch link set C master vlan
	ip -n l3-switch link set D master vlan
	ip -n l3-switch address add 10.1.1.1/24 dev vlan

	# The way to the VIP
	ip -n l3-switch address add 10.2.2.1/30 dev B
	ip -n l4-switch address add 10.2.2.2/30 dev B
	ip -n l4-switch address add 10.1.1.4/24 dev C
	ip -n l3-switch route add $vip via 10.2.2.2

	# What the servers are plugged into
	ip -n lan link add lan type bridge
	ip -n lan link set lan up
	ip -n lan link set D master lan
}

# web_server ADDRESS: its name is its address
web_server() {
	local root=$files/$1
	host "$1"
	cable "${1##*.}" "$1" lan eth0
	ip -n lan link set "${1##*.}" master lan
	ip -n "$1" address add "$1/24" dev eth0
	ip -n "$1" route add default via 10.1.1.1
	# Packets as they are on a wire, to count what a wire would carry
	quietly "$1" ethtool -K eth0 tso off gso off

	mkdir "$root"
	{
		echo "hello from $1"
		head -c 100000 /dev/zero | tr '\0' .
	} >"$root/index.html"
	cat >"$root/nginx.conf" <<-END
		pid $root/pid;
		events { }
		http {
			access_log off;
			server {
				listen 80;
				root $root;
			}
		}
	END
	chmod -R a+rX "$files"
	quietly "$1" nginx -p "$root" -c "$root/nginx.conf" -e "$root/errors"
}

# --- counting -----------------------------------------------------------------

# Both ends of each cable; what one end sends is counted where the other
# receives it
ends=(
	client:A l3-switch:A
	l3-switch:B l4-switch:B
	l4-switch:C l3-switch:C
	l3-switch:D lan:D
)

install_counters() {
	local end
	for end in "${ends[@]}"; do
		quietly "${end%:*}" nft -f - <<-END
			table netdev count-${end#*:} {
				counter request { }
				counter reply { }
				chain in {
					type filter hook ingress \
						device ${end#*:} priority -500;
					ip daddr $vip counter name request
					ip saddr $vip counter name reply
				}
			}
		END
	done
}

reset_counters() {
	local host
	for host in client l3-switch l4-switch lan; do
		quietly "$host" nft reset counters >/dev/null
	done
}

# read_counters: into count[END KIND UNIT], KIND being request or reply and UNIT
# packets or bytes
declare -A count
read_counters() {
	local host port kind word1 word2 word3 word4
	for host in client l3-switch l4-switch lan; do
		while read -r word1 word2 word3 word4 _; do
			case $word1 in
			table) port=${word3#count-} ;;
			counter) kind=$word2 ;;
			packets)
				count[$host:$port $kind packets]=$word2
				count[$host:$port $kind bytes]=$word4
				;;
			esac
		done < <(quietly "$host" nft list counters)
	done
}

# line TEXT END request|reply
line() {
	printf '    %-28s %6d packets %9d bytes\n' "$1" \
		"${count[$2 $3 packets]}" "${count[$2 $3 bytes]}"
}

table() {
	echo
	echo "  requests, to $vip"
	line 'A   client -> L3 switch' l3-switch:A request
	line 'B   L3 switch -> L4 switch' l4-switch:B request
	line 'C   L4 switch -> L3 switch' l3-switch:C request
	line 'D   L3 switch -> servers' lan:D request
	echo "  replies, from $vip"
	line 'D   servers -> L3 switch' l3-switch:D reply
	line 'A   L3 switch -> client' client:A reply
	line 'C   L3 switch -> L4 switch' l4-switch:C reply
	line 'B   L4 switch -> L3 switch' l3-switch:B reply
}

# The picture is true if each cable has carried in each direction just what it
# shows. Fails, and says where not.
verify() {
	local end kind want got wrong=0 requests replies
	requests=${count[l3-switch:A request packets]}
	replies=${count[l3-switch:D reply packets]}
	((requests > 0 && replies > 0)) || return 1
	for end in "${ends[@]}"; do
		for kind in request reply; do
			want=0
			case $end-$kind in
			l3-switch:A-request | l4-switch:B-request | \
				l3-switch:C-request | lan:D-request)
				want=$requests ;;
			l3-switch:D-reply | client:A-reply)
				want=$replies ;;
			esac
			got=${count[$end $kind packets]}
			((got == want)) && continue
			echo "  WRONG: $got ${kind}s came in at $end, not $want"
			wrong=1
		done
	done
	return $wrong
}

# Reads until nothing moves any more: closing takes longer than the client
settle() {
	local before=''
	until read_counters && [[ "${count[*]}" == "$before" ]]; do
		before=${count[*]}
		sleep 0.3
	done
}

# --- the story ---------------------------------------------------------------

# What the L4 switch is told
configure() {
	local server
	printf '  %-9s # %s\n' '' 'insmod dsr.ko'
	insmod "$DSR_KO"
	on l4-switch dsrctl vip add $vip:80/tcp scheduler rr
	for server in "${servers[@]}"; do
		on l4-switch dsrctl server add $vip:80/tcp "$server"
	done
}

not_mine() {
	quietly "$1" nstat -asz IpInAddrErrors |
		awk '/InAddrErrors/ { print $2 }'
}

# A server that does not know the VIP drops what the L4 switch sends it
without_vip() {
	local server status=0 dropped=0
	reset_counters
	printf '  %-9s # %s\n' client "curl --max-time 3 http://$vip/"
	quietly client curl -sS --max-time 3 "http://$vip/" 2>&1 |
		sed 's/^/              /' || status=$?
	((status == 28)) || say "That should have timed out: status $status"
	read_counters
	say 'No answer. But the request has come as far as the servers:'
	line 'D   L3 switch -> servers' lan:D request
	line 'D   servers -> L3 switch' l3-switch:D reply
	say 'There it is a packet to a foreign address, and a server is no router:'
	for server in "${servers[@]}"; do
		on "$server" nstat -asz IpInAddrErrors
		dropped=$((dropped + $(not_mine "$server")))
	done
	((status == 28 && dropped > 0 &&
		dropped == ${count[lan:D request packets]}))
}

with_vip() {
	local server
	for server in "${servers[@]}"; do
		on "$server" sysctl -w net.ipv4.conf.all.arp_ignore=1 \
			net.ipv4.conf.all.arp_announce=2
		on "$server" ip address add $vip/32 dev lo
	done
}

fetch_pages() {
	local n server
	reset_counters
	for n in 1 2 3 4 5 6; do
		printf '  %-9s # %s\n' client "curl http://$vip/ | head -1"
		quietly client curl -sS --max-time 20 "http://$vip/" \
			>"$files/answer.$n"
		head -n 1 "$files/answer.$n" | sed 's/^/              /'
	done
	for server in "${servers[@]}"; do
		grep -q "^hello from $server\$" "$files"/answer.* || {
			echo "  WRONG: $server has served nothing"
			return 1
		}
	done
	settle
}

share() {
	local through all
	through=${count[l4-switch:B request bytes]}
	all=$((through + ${count[client:A reply bytes]}))
	say "The L4 switch has carried $through of $all bytes: $(awk \
		"BEGIN { printf \"%.1f\", 100 * $through / $all }") percent."
}

failed() {
	title "FAILED: $1"
	head -v -n 40 /proc/net/dsr* || :
	quietly l4-switch cat /proc/net/dsr /proc/net/dsr_stats || :
	exit 1
}

main() {
	title 'The network'
	picture
	build_network
	for server in "${servers[@]}"; do
		web_server "$server"
	done
	install_counters

	title 'The L4 switch: one VIP, two servers'
	configure

	title 'The mistake everybody makes once: the servers do not know the VIP'
	without_vip || failed 'the servers were expected to drop that request'

	title 'So each server gets the VIP as an address of its own'
	say 'On the loopback, where it can receive, and with two settings that keep
it from telling the LAN about it: arp_ignore=1, do not answer ARP for it;
arp_announce=2, do not use it as the sender in ARP.'
	with_vip

	title 'The same request again, six times'
	fetch_pages || failed 'not all servers answered'

	title 'What went where, counted where each cable ends'
	table
	verify || failed 'that is not the picture'
	share

	title 'What the L4 switch knows'
	on l4-switch dsrctl show
	on l4-switch cat /proc/net/dsr
	say 'The picture is true: each request took A, B, C, D, each reply D, A.'
}

main
