#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# explain says what becomes of a packet, changes nothing, and then the packet
# is sent: that is what becomes of it.
#
# STOCK: none: it is about what no kernel does differently
# SECONDS: 95 80

# shellcheck disable=SC2317 # functions are also called by wait_for
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

client=198.51.100.10 client6=2001:db8:1::10

# explain.py sends what explain is asked of from the same CPU: schedulers that
# take turns do so on each
taskset -pc 0 $$ >/dev/null

# send PROTOCOL SOURCE PORT DESTINATION PORT [established]: one packet, from the
# router to the director
send() {
	echo "$@" >&"$sender"
}

# explain: the same arguments
explain() {
	local from=$2:$3 to=$4:$5
	[[ $2 == *:* ]] && from="[$2]:$3" to="[$4]:$5"
	"$DSRCTL" -N director -j explain "$1" "$from" "$to" "${@:6}"
}

# snapshot: all that asking might change
snapshot() {
	printf '%s\n' show 'flow show' stats | "$DSRCTL" -N director -j -b -
}

# unchanged BEFORE AFTER WHAT: two snapshots. (Neighbour discovery goes on.)
unchanged() {
	local states
	mapfile -t states < <(jq -cs '(.[:3], .[3:]) | [.[0],
		(.[1] | map(del(.age, .idle, .expires)) | sort_by(.client_port)),
		(.[2] | .forwarded, .answered, .dropped, .passed["no-port"])
		]' <<<"$1$2")
	is "${states[1]-}" "${states[0]-something}" "$3: asking changes nothing"
}

# counters: writes them for each line that it reads, and an empty line
counters() {
	# shellcheck disable=SC2016 # a script
	on director bash -c 'while read -r; do
		nft list counters
		cat /proc/net/dsr_stats
		echo
	done'
}

# tally INTO: an array of what may become of a packet, and how often it did.
# Frames are counted where they leave the director; who is passed goes on behind
# the module.
tally() {
	local -n into=$1
	local kind name number all named verdict=''
	echo >&"${counters[1]}"
	while read -r kind name number _ <&"${counters[0]}" && [[ $kind ]]; do
		case $kind in
		table) verdict=$number ;;
		counter) verdict="${verdict% *} $name" ;;
		packets) into["$verdict"]=$name ;;
		dropped) into["drop $name"]=$number ;;
		passed) [[ $name != no-port ]] || into["pass no-port"]=$number ;;
		esac
	done
	all=${into["pass passed"]} named=${into["pass no-port"]}
	into["pass not-vip"]=$((all - named))
}

# forwarded packets are counted before they arrive, passed ones afterwards
settled() {
	local -A again
	tally now
	tally again
	[[ ${now[*]} != "${before[*]}" && ${now[*]} == "${again[*]}" ]]
}

# fate PACKET: sends it, and sets $fate to what became of it
fate() {
	local -A before now
	local what
	tally before
	send "$@"
	wait_for 10 "something to happen to $*" settled
	fate=''
	for what in "${!now[@]}"; do
		[[ $what == 'pass passed' || ${now[$what]} == "${before[$what]}" ]] ||
			fate+=${fate:+, }$what
	done
}

# told WHAT FILTER WANTED PACKET: the filter's part of the answer is as wanted,
# asking changes nothing, and the answer is right. Leaves it in $answer.
told() {
	local what=$1 filter=$2 wanted=$3 before again said
	local core='[.vip, .by, .server, .mac, .dev, .verdict, .reason]'
	shift 3
	before=$(snapshot)
	answer=$(explain "$@")
	again=$(explain "$@")
	unchanged "$before" "$(snapshot)" "$what"
	mapfile -t said < <(jq -rs "(.[] | $core | tojson), (.[0] |
		\"\\(.verdict) \" + (.reason // (\"s\" + .mac[-1:])),
		($filter))" <<<"$answer$again")
	is "${said[1]-}" "${said[0]-something}" \
		"$what: the answer is the same again"
	is "${said[3]-}" "$wanted" "$what: $wanted"
	fate "$@"
	is "$fate" "${said[2]-something}" "$what: so it is"
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

down() {
	[[ $(ask ".[0].servers[] | select(.address == \"$1\") | .state" show) == "$2" ]]
}

# take_down ADDRESS, bring_up ADDRESS
take_down() {
	run ip -n director route add unreachable "$1"
	wait_for 10 "$1 is down" down "$1" down
}
bring_up() {
	run ip -n director route del unreachable "$1"
	wait_for 10 "$1 is up" down "$1" up
}

make_router
make_client
make_director
for n in 1 2 3; do
	make_server $n
done
must on director nft -f - <<-END
	table netdev forward {
		counter s1 { }
		counter s2 { }
		counter s3 { }
		chain out {
			type filter hook egress device "eth0" priority 0;
			ip daddr != $VIP4 accept
			ip6 daddr != $VIP6 accept
			ether daddr 02:00:00:00:00:11 counter name s1
			ether daddr 02:00:00:00:00:12 counter name s2
			ether daddr 02:00:00:00:00:13 counter name s3
		}
	}
	table ip pass {
		counter passed { }
		chain in {
			type filter hook prerouting priority 0;
			ip daddr $VIP4 counter name passed
			ip daddr 10.9.0.77 counter name passed
		}
	}
END
coproc counters { counters; }
exec {sender}> >(on router /usr/bin/python3 -IS "${0%/*}/explain.py")
load_module

# --- nothing to match ---
told 'no VIP at all' '"\(.verdict) \(.reason) \(.vip) \(.candidates)"' \
	'pass not-vip null []' tcp $client 1000 "$VIP4" 80
vip=$VIP4:80/tcp
# no flow ends because the host is slow
lasting='timeout syn 3600 timeout fin 3600 timeout udp 3600'
# shellcheck disable=SC2086 # words
dsr vip add "$vip" scheduler rr $lasting
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
	must "$DSRCTL" -N director flow flush >/dev/null
	before=$(snapshot)
	answers=''
	for n in 1 2 3 4 5; do
		packet=(tcp 198.51.100."$n" "$((port += 1))" "$VIP4" 80)
		answers+=$(explain "${packet[@]}")$(explain "${packet[@]}")
		((n > 1)) || unchanged "$before" "$(snapshot)" $scheduler
		send "${packet[@]}"
		wait_for 10 "flow $n" has_flows $n
	done
	is "$(jq -r .server <<<"$answers" | xargs)" \
		"$(ask 'sort_by(.client_port)[].server | ., .' flow show | xargs)" \
		"$scheduler: the servers are as foretold"
done

# --- flows ---
dsr vip set "$vip" scheduler rr
must "$DSRCTL" -N director flow flush >/dev/null
new='"\(.by) \(.flow.state)"'
told 'a new connection' "$new" 'scheduler null' tcp $client 3000 "$VIP4" 80
server=$(jq -r .server <<<"$answer")
told 'its SYN again' "$new" 'flow syn' \
	tcp $client 3000 "$VIP4" 80
told 'it goes on' '.by + " " + .server' "flow $server" \
	tcp $client 3000 "$VIP4" 80 established
told 'it is open' .flow.state open tcp $client 3000 "$VIP4" 80 established
told 'the midst of an unknown one' "$new" 'hash null' \
	tcp $client 3001 "$VIP4" 80 established

# --- servers that take no new flows ---
dsr server drain "$vip" "$server"
excluded="[.candidates[] | \"\(.address) \(.excluded)\"] | sort | join(\", \")"
told 'drained, its flow' '.by + " " + .server' "flow $server" \
	tcp $client 3000 "$VIP4" 80
told 'drained, another flow' \
	".candidates[] | select(.address == \"$server\").excluded" drained \
	tcp $client 3002 "$VIP4" 80
dsr server set "$vip" 10.9.0.11 weight 0
dsr server set "$vip" 10.9.0.12 weight 1 max-flows 1
dsr server set "$vip" 10.9.0.13 weight 1 max-flows none
must "$DSRCTL" -N director flow flush >/dev/null
told 'one may have one' "$excluded" \
	'10.9.0.11 weight, 10.9.0.12 null, 10.9.0.13 null' \
	tcp $client 3010 "$VIP4" 80
for n in 1 2 3; do
	told "there is room, packet $n" .verdict forward \
		tcp $client 301$n "$VIP4" 80
done
is "$(jq -r "$excluded" <<<"$(explain tcp $client 1 "$VIP4" 80)")" \
	'10.9.0.11 weight, 10.9.0.12 max-flows, 10.9.0.13 null' \
	'who has enough is named'
dsr server set "$vip" 10.9.0.13 max-flows 1
told 'all have enough' '"\(.verdict) \(.reason) \(.vip)"' "drop full $vip" \
	tcp $client 3020 "$VIP4" 80
dsr server del "$vip" 10.9.0.13
dsr vip set "$vip" sorry 10.9.0.13
dsr server set "$vip" 10.9.0.13 mac 02:00:00:00:00:13
told 'the sorry server' '"\(.by) \(.server)"' 'sorry 10.9.0.13' \
	tcp $client 3030 "$VIP4" 80
dsr server set "$vip" 10.9.0.12 max-flows none
told 'it is the last resort' "$excluded" \
	'10.9.0.11 weight, 10.9.0.12 null, 10.9.0.13 sorry' \
	tcp $client 3031 "$VIP4" 80

# --- a server that is down ---
udp=$VIP4:5000-5009/udp
dsr flush
# shellcheck disable=SC2086
dsr vip add "$udp" scheduler rr on-down keep $lasting
servers "$udp" 1
told 'a range, a datagram' '"\(.by) \(.vip)"' "scheduler $udp" \
	udp $client 4000 "$VIP4" 5003
take_down 10.9.0.11
told 'down, its flow waits' '"\(.by) \(.verdict) \(.reason)"' \
	'flow drop unreachable' udp $client 4000 "$VIP4" 5003
told 'down, another flow' '"\(.reason) \(.candidates[0].why)"' \
	'no-server no-route' udp $client 4001 "$VIP4" 5003
dsr server add "$udp" 10.9.0.12 mac 02:00:00:00:00:12
told 'down, its flow still waits' '"\(.by) \(.server) \(.verdict)"' \
	'flow 10.9.0.11 drop' udp $client 4000 "$VIP4" 5003
dsr vip set "$udp" on-down reschedule
told 'down, its flow leaves' '"\(.by) \(.server) \(.flow.server)"' \
	'scheduler 10.9.0.12 10.9.0.11' udp $client 4000 "$VIP4" 5003
bring_up 10.9.0.11

# --- persistence ---
dsr vip set "$udp" persistence 300 mask 24
told 'persistence, the first flow' '"\(.by) \(.persistence)"' \
	'scheduler null' udp 198.51.100.77 4100 "$VIP4" 5003
server=$(jq -r .server <<<"$answer")
told 'persistence, the next one' '"\(.by) \(.server) \(.persistence.server)"' \
	"persistence $server $server" udp 198.51.100.78 4101 "$VIP4" 5004
dsr server drain "$udp" "$server"
told 'persistence, drained' '"\(.by) \(.persistence.server)"' \
	"scheduler $server" udp 198.51.100.79 4102 "$VIP4" 5004
unlike "$(jq -r .server <<<"$answer")" "$server" 'it is another server'

# --- no room for flows ---
dsr server set "$udp" "$server" weight 1
dsr vip set "$udp" persistence 0
dsr limit flows 1
told 'at the limit' .by hash udp $client 4200 "$VIP4" 5005
told 'at the limit, again' '"\(.by) \(.flow)"' 'hash null' \
	udp $client 4200 "$VIP4" 5005
told 'at the limit, a flow that is there' .by flow \
	udp $client 4000 "$VIP4" 5003
dsr limit flows auto

# --- other protocols ---
dsr vip add "$VIP4/any"
servers "$VIP4/any" 1 1 1
told 'SCTP' .vip "$VIP4/any" sctp $client 4300 "$VIP4" 9
told 'GRE' .vip "$VIP4/any" 47 $client 0 "$VIP4" 0
told 'GRE again' '"\(.by) \(.flow.state)"' 'flow other' 47 $client 0 "$VIP4" 0
dsr vip add "[$VIP6]:53/udp"
servers "[$VIP6]:53/udp" 1 1 1
told 'IPv6' .vip "[$VIP6]:53/udp" udp $client6 4400 "$VIP6" 53
told 'IPv6 again' .by flow udp $client6 4400 "$VIP6" 53

# --- as text, without privilege; and what can't be asked ---
as_nobody() {
	on director setpriv --bounding-set -all --inh-caps -all \
		"$DSRCTL" explain "$@"
}
like "$(as_nobody udp "[$client6]:4400" "[$VIP6]:53")" \
	'verdict +forward$' 'anybody may ask'
fails 'but not about ICMP' 2 "$DSRCTL" -N director explain 1 $client "$VIP4"
fails 'nor about an extension header' 2 \
	"$DSRCTL" -N director explain 43 $client6 "$VIP6"
fails 'nor about an address that is mapped' 2 \
	"$DSRCTL" -N director explain tcp ::ffff:1.2.3.4 "$VIP6"
# their input ends, and so they do
eval "exec $sender>&- ${counters[1]}>&-"
wait
done_testing
