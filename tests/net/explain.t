#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# explain says what becomes of a packet, changes nothing, and then the packet
# is sent: that is what becomes of it.

# shellcheck disable=SC2317 # functions are also called by wait_for
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

client=198.51.100.10

# send PROTOCOL SOURCE PORT DESTINATION PORT [established]: one packet, from the
# router to the director. Schedulers that take turns do so on each CPU: it is
# sent by the one that explain is asked on.
send() {
	on router /usr/bin/python3 -IS - "$@" <<-'END'
	import os, socket, struct, sys
	proto, source, sport, target, dport = sys.argv[1:6]
	os.sched_setaffinity(0, {0})
	number = {'tcp': 6, 'udp': 17, 'sctp': 132}.get(proto) or int(proto)
	flags = 0x10 if len(sys.argv) > 6 else 0x02
	payload = {6: struct.pack('!IIHHHH', 1, 0, 0x5000 | flags, 65535, 0, 0),
	           17: struct.pack('!HH', 12, 0) + b'dsr!',
	           132: struct.pack('!IIBBHIIHHI', 0, 0, 1, 0, 20, 1, 65535, 1,
	                            1, 1)}.get(number, b'dsr!')
	if number in (6, 17, 132):
	    payload = struct.pack('!HH', int(sport), int(dport)) + payload
	family = socket.AF_INET6 if ':' in target else socket.AF_INET
	ends = socket.inet_pton(family, source) + socket.inet_pton(family, target)
	if family == socket.AF_INET6:
	    ether = 0x86dd
	    head = struct.pack('!IHBB', 6 << 28, len(payload), number, 64) + ends
	else:
	    ether = 0x0800
	    head = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(payload), 0, 0x4000,
	                       64, number, 0) + ends
	    total = sum(struct.unpack('!10H', head))
	    total = (total & 0xffff) + (total >> 16)
	    total = (total + (total >> 16) & 0xffff) ^ 0xffff
	    head = head[:10] + struct.pack('!H', total) + head[12:]
	out = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
	out.sendto(head + payload,
	           ('lan', ether, 0, 0, bytes.fromhex('020000000002')))
	END
}

# explain: the same arguments
explain() {
	local from=$2:$3 to=$4:$5
	[[ $2 == *:* ]] && from="[$2]:$3" to="[$4]:$5"
	on director taskset -c 0 "$DSRCTL" -j explain "$1" "$from" "$to" "${@:6}"
}

# snapshot: all that asking might change. (Neighbour discovery goes on.)
snapshot() {
	# shellcheck disable=SC2016 # $0 is for that shell
	on director bash -c '"$0" -j show; "$0" -j flow show; "$0" -j stats' \
		"$DSRCTL" | jq -cs '.[0],
			(.[1] | map(del(.age, .idle, .expires)) |
				sort_by(.client_port)),
			(.[2] | .forwarded, .answered, .dropped,
				.passed["no-port"])'
}

# tally: what may become of a packet, and how often it did. Frames are counted
# where they leave the director; who is passed goes on behind the module.
tally() {
	local passed
	on router nft list counters table netdev sent | awk '
		/^\tcounter/ { name = $2 } /packets/ { print "forward", name, $2 }'
	passed=$(on director nft list counter ip passed passed |
		sed -n 's/.*packets \([0-9]*\).*/\1/p')
	# shellcheck disable=SC2016 # $no_port is jq's
	ask '.passed["no-port"] as $no_port |
		"pass no-port \($no_port)",
		"pass not-vip \('"$passed"' - $no_port)",
		(.dropped | to_entries[] | "drop \(.key) \(.value)")' stats
}

# forwarded packets are counted before they arrive, passed ones afterwards
settled() {
	now=$(tally)
	[[ $now != "$before" && $now == "$(tally)" ]]
}

# fate PACKET: sends it, and prints what became of it
fate() {
	local before now
	before=$(tally)
	send "$@"
	wait_for 10 "something to happen to $*" settled
	grep -vxF -- "$before" <<<"$now" | sed 's/ [0-9]*$//'
}

# told WHAT FILTER WANTED PACKET: the filter's part of the answer is as wanted,
# asking changes nothing, and the answer is right. Leaves it in $answer.
told() {
	local what=$1 filter=$2 wanted=$3 before again
	local core='[.vip, .by, .server, .mac, .dev, .verdict, .reason]'
	shift 3
	before=$(snapshot)
	answer=$(explain "$@")
	again=$(explain "$@")
	is "$(snapshot)" "$before" "$what: asking changes nothing"
	is "$(jq -c "$core" <<<"$again")" "$(jq -c "$core" <<<"$answer")" \
		"$what: the answer is the same again"
	is "$(jq -r "$filter" <<<"$answer")" "$wanted" "$what: $wanted"
	is "$(fate "$@")" \
		"$(jq -r '"\(.verdict) " + (.reason // ("s" + .mac[-1:]))' \
			<<<"$answer")" \
		"$what: so it is"
}

# servers VIP WEIGHT...: s1 to sN. Their MACs are known: only a route that
# changes makes them go down.
servers() {
	local vip=$1 network=10.9.0. n=10 weight
	shift
	[[ $vip == \[* ]] && network=2001:db8:9::
	for weight; do
		n=$((n + 1))
		dsr server add "$vip" $network$n weight "$weight" \
			mac 02:00:00:00:00:$n
	done
}

flows() {
	[[ $(stat_of .flows) == "$1" ]]
}

make_router
make_client
make_director
for n in 1 2 3; do
	make_server $n
done
must on router nft -f - <<-END
	table netdev sent {
		counter s1 { }
		counter s2 { }
		counter s3 { }
		chain in {
			type filter hook ingress device "director-eth0" priority 0;
			ether saddr != 02:00:00:00:00:02 accept
			ip daddr != $VIP4 accept
			ip6 daddr != $VIP6 accept
			ether daddr 02:00:00:00:00:11 counter name s1
			ether daddr 02:00:00:00:00:12 counter name s2
			ether daddr 02:00:00:00:00:13 counter name s3
		}
	}
END
must on director nft -f - <<-END
	table ip passed {
		counter passed { }
		chain in {
			type filter hook prerouting priority 0;
			ip daddr { $VIP4, 10.9.0.77 } counter name passed
		}
	}
END
load_module

# --- nothing to match ---
told 'no VIP at all' '"\(.verdict) \(.reason) \(.vip) \(.candidates)"' \
	'pass not-vip null []' tcp $client 1000 "$VIP4" 80
vip=$VIP4:80/tcp
dsr vip add "$vip" scheduler rr
told 'a VIP without servers' '"\(.verdict) \(.reason) \(.vip)"' \
	"drop no-server $vip" tcp $client 1000 "$VIP4" 80
servers "$vip" 1 1 1
told 'another address' .reason not-vip tcp $client 1000 10.9.0.77 80
told 'another port' .reason no-port tcp $client 1000 "$VIP4" 81
told 'another protocol' .reason no-port udp $client 1000 "$VIP4" 80
told 'a source that can not be' .reason martian tcp 127.0.0.1 1000 "$VIP4" 80

# --- schedulers: asked twice before each packet ---
port=2000
for scheduler in mh sh dh rr wrr lc wlc sed nq fo ovf; do
	dsr vip set "$vip" scheduler $scheduler
	for n in 1 2 3; do
		dsr server set "$vip" 10.9.0.1$n weight $n
	done
	must on director "$DSRCTL" flow flush >/dev/null
	before=$(snapshot)
	said='' got=''
	for n in 1 2 3 4 5; do
		packet=(tcp 198.51.100."$n" "$((port += 1))" "$VIP4" 80)
		said+=" $(explain "${packet[@]}" | jq -r .server)"
		[[ ${said##* } == "$(explain "${packet[@]}" | jq -r .server)" ]] ||
			said+=-or-another
		((n > 1)) || is "$(snapshot)" "$before" \
			"$scheduler: asking changes nothing"
		send "${packet[@]}"
		wait_for 10 "flow $n" flows $n
	done
	got=$(ask 'sort_by(.client_port)[].server' flow show | xargs)
	is "$got" "${said# }" "$scheduler: the servers are as foretold"
done
done_testing
