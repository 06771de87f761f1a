#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a VIP and a server can be told: persistence, bounds, a sorry server,
# drain, what becomes of flows when a server goes, time-outs and limits.
#
# STOCK: 6.12: SCTP and other protocols' own stacks
# SECONDS: 120 62

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

web=$VIP4:80/tcp
dns=$VIP4:53/udp

# answers COUNT [CURL OPTIONS...]: the servers of that many new connections
answers() {
	fetch client "http://$VIP4/?[1-$1]" -H 'Connection: close' "${@:2}" |
		sort -u | xargs
}

# server ADDRESS FILTER [VIP]: of its JSON object
server() {
	ask ".[].servers[] | select(.address == \"$1\") | $2" \
		server show "${3-$web}"
}

# server_is ADDRESS STATE [VIP]
server_is() {
	[[ $(server "$1" .state "${3-$web}") == "$2" ]]
}

# shares VIP: how many flows each server has, by address
shares() {
	ask '[.[].servers[]] | sort_by(.address) | .[].flows' \
		server show "$1" | xargs
}

# stat_is NAME NUMBER
stat_is() {
	[[ $(stat_of ".$1") == "$2" ]]
}

flow_is_open() {
	[[ $(ask '.[0].state' flow show) == open ]]
}

# has_retries ADDRESS NUMBER
has_retries() {
	[[ $(server "$1" .retries) == "$2" ]]
}

# late_flows NUMBER: at least so many of ports 40000 to 40059
late_flows() {
	[[ $(ask '[.[] | select(.client_port >= 40000 and
		.client_port < 40060)] | length' flow show) -ge $1 ]]
}

# all_idle SECONDS: every flow has been silent for as long
all_idle() {
	[[ $(ask '[.[].idle] | min // 0' flow show) -ge $1 ]]
}

# unplug SERVER, plug_in SERVER: the director has no way to it any more
unplug() {
	on director ip route add unreachable 10.9.0.1"$1"
	wait_for 10 "10.9.0.1$1 is down" server_is 10.9.0.1"$1" down "$2"
}

plug_in() {
	on director ip route del unreachable 10.9.0.1"$1"
	wait_for 10 "10.9.0.1$1 is up" server_is 10.9.0.1"$1" up "$2"
}

all_up() {
	[[ $(ask 'map(.servers[] | select(.state != "up")) | length' show) == 0 ]]
}

topology 3
address client eth0 198.51.100.20/24 198.51.100.130/24
load_module
dsr dev add eth0
on director "$DSRCTL" -j monitor >"$TMP/events" &
monitor=$!

# told EVENT FILTER: such an event was seen
told() {
	[[ $(jq "select(.event == \"$1\" and ($2)) | 1" "$TMP/events") ]]
}

# --- persistence ------------------------------------------------------------

dsr vip add "$web" scheduler rr
add_servers "$web" 3
wait_for 10 'the servers are up' all_up
is "$(answers 6)" 's1 s2 s3' 'without persistence: all servers in turn'
is "$(stat_of .persistent)" 0 'and nothing is remembered of clients'

dsr vip set "$web" persistence 300
is "$(ask '.[0] | [.persistence, .mask] | @csv' vip show "$web")" 300,32 \
	'persistence is shown'
mine=$(answers 1)
is "$(answers 6)" "$mine" 'with it a client stays with its server'
is "$(stat_of .persistent)" 1 'one client is remembered'
is "$(answers 3 --interface 198.51.100.20 | wc -w)" 1 \
	'another client stays with its own'
is "$(stat_of .persistent)" 2 'two are remembered'

dsr server drain "$web" "10.9.0.1${mine#s}"
second=$(answers 3)
unlike "$second" "$mine| " 'drained: the client leaves, for one other server'
dsr server set "$web" "10.9.0.1${mine#s}" weight 1
is "$(answers 3)" "$second" 'and stays there when the first one is back'
unplug "${second#s}" "$web"
third=$(answers 3)
unlike "$third" "$second| " 'down: the client leaves'
plug_in "${second#s}" "$web"
dsr server del "$web" "10.9.0.1${third#s}"
unlike "$(answers 3)" "$third| " 'deleted: the client leaves'
dsr server add "$web" "10.9.0.1${third#s}"
wait_for 10 'the servers are up' all_up

dsr flow flush
dsr vip set "$web" persistence 1
answers 1 >/dev/null
dsr flow flush
ok 'a client without flows is forgotten after its time, another later' \
	await 30 stat_is persistent 1
dsr vip set "$web" persistence 300 mask 25
mine=$(answers 1)
is "$(answers 3 --interface 198.51.100.20)" "$mine" \
	'a client in the same network stays with the same server'
is "$(stat_of .persistent)" 2 'they are remembered as one'
answers 1 --interface 198.51.100.130 >/dev/null
is "$(stat_of .persistent)" 3 'one in another network is another one'
is "$(dsr vip show "$web" | grep -c '300 s /25')" 1 'show tells people, too'

dsr vip set "$web" scheduler mh persistence 300 mask 32
for ((n = 40; n < 52; n++)); do
	must ip -n client address add 198.51.100.$n/24 dev eth0
	answers 2 --interface 198.51.100.$n
done >"$TMP/each"
is "$(awk '{ print NF }' "$TMP/each" | sort -u)" 1 \
	'persistence and mh: each client has one server'
is "$(sort -u "$TMP/each" | wc -l)" 3 'but not all the same one'
dsr vip set "$web" scheduler rr
dsr vip set "$web" persistence none
is "$(answers 6)" 's1 s2 s3' 'none: all servers in turn again'

# --- max-flows and sorry ----------------------------------------------------

# a connection that is served is over and no bound
dsr flow flush
dsr server set "$web" 10.9.0.11 max-flows 3
dsr server set "$web" 10.9.0.12 max-flows 5
for scheduler in rr mh lc fo; do
	dsr vip set "$web" scheduler $scheduler
	dsr flow flush
	knock client tcp "$VIP4" 80 20000 60 0
	wait_for 5 '60 flows' stat_is flows 60
	is "$(shares "$web")" '3 5 52' "max-flows: $scheduler takes no more"
done
is "$(server 10.9.0.11 '[.max_flows, .active] | @csv')" 3,3 'show tells'
dsr server set "$web" 10.9.0.13 max-flows 1
dsr flow flush
full=$(stat_of .dropped.full)
knock client tcp "$VIP4" 80 20000 20 0
wait_for 5 'eleven are dropped' stat_is dropped.full $((full + 11))
report $? 'when all are full, packets are dropped for that reason'
is "$(shares "$web")" '3 5 1' 'and each server has what it may'

dsr server del "$web" 10.9.0.13
dsr vip set "$web" sorry 10.9.0.13
is "$(ask '.[0] | .sorry, (.servers[] | select(.sorry) | .address)' \
	vip show "$web" | xargs)" '10.9.0.13 10.9.0.13' 'a sorry server is shown'
wait_for 10 'the sorry server is up' server_is 10.9.0.13 up
knock client tcp "$VIP4" 80 20000 20 0
wait_for 5 '20 flows' stat_is flows 20
is "$(shares "$web")" '3 5 12' 'the sorry server takes what others may not'
for verb in add del drain; do
	"$DSRCTL" -N director server $verb "$web" 10.9.0.13 2>"$TMP/err"
	is $? 2 "server $verb is refused for the sorry server"
	like "$(cat "$TMP/err")" 'sorry server|exists already' 'with the reason'
done
dsr flow flush
dsr vip set "$web" scheduler rr
dsr server set "$web" 10.9.0.11 max-flows none
is "$(answers 4)" 's1 s2' 'while others can, it takes nothing'
dsr server drain "$web" 10.9.0.11
dsr server drain "$web" 10.9.0.12
is "$(answers 3)" s3 'it answers when all others are drained'
dsr server set "$web" 10.9.0.11 weight 1
is "$(answers 3)" s1 'and no more when one is back'
dsr vip set "$web" sorry none
is "$(ask '.[0].servers | length' vip show "$web")" 2 'none: it is gone'
dsr flush

# --- drain ------------------------------------------------------------------

dsr vip add "$dns" scheduler rr timeout udp 200
add_servers "$dns" 2 weight 7
wait_for 10 'the servers are up' all_up
knock client udp "$VIP4" 53 30000 10
wait_for 5 '10 flows' stat_is flows 10
dsr server drain "$dns" 10.9.0.11
is "$(server 10.9.0.11 '[.weight, .drained_weight, .state, .flows] | @csv' \
	"$dns")" '0,7,"drain",5' 'a drain: weight, state and the flows left'
like "$(server 10.9.0.11 .oldest "$dns")" '^[0-9]+$' 'the age of the oldest'
is "$(server 10.9.0.12 .oldest "$dns")" null 'others have none'
dsr vip set "$dns" timeout udp 1
ok 'an event tells of its end' await 30 told server-drained \
	'.server == "10.9.0.11"'
is "$(server 10.9.0.11 .flows "$dns")" 0 'there are no flows then'
fails 'of the other one there is none' 1 told server-drained \
	'.server == "10.9.0.12"'
dsr server set "$dns" 10.9.0.11 weight 3
is "$(server 10.9.0.11 '[.weight, .drained_weight, .state] | @csv' "$dns")" \
	'3,,"up"' 'a weight ends it'
dsr flush

# --- time-outs --------------------------------------------------------------

dsr vip add "$web" timeout syn 50 timeout open 700 timeout fin 6
is "$(ask '.[0].timeouts | [.syn, .open, .fin, .udp] | @csv' show)" \
	50,700,6,300 'time-outs are shown'
add_servers "$web" 1
wait_for 10 'the server is up' all_up
knock client tcp "$VIP4" 80 20000 1
wait_for 5 'its flow' stat_is flows 1
holds "$(ask '.[0].expires' flow show)" -le 50 'a SYN expires as it was told'
dsr vip set "$web" timeout syn 1
ok 'and is gone then' await 15 stat_is flows 0

ip netns exec client \
	bash -c "exec 3<>/dev/tcp/$VIP4/80; echo >&3; read -r _ <&3" &
wait_for 10 'an open flow' flow_is_open
holds "$(ask '.[0].expires' flow show)" -gt 600 'an open flow by its own'
dsr vip set "$web" timeout open 30
holds "$(ask '.[0].expires' flow show)" -le 30 'a change counts at once'
kill $!
wait $! 2>/dev/null
# as long as there is a VIP: what is lost of it comes again, and is counted below
wait_for 10 'the connection to end' eval \
	'! on s1 ss -Htn "sport = :80" | grep -q .'
dsr flush

# --- when a server goes -----------------------------------------------------

for on_down in reschedule keep drop; do
	dsr vip add "$dns" scheduler fo on-down $on_down
	dsr server add "$dns" 10.9.0.11 weight 9
	dsr server add "$dns" 10.9.0.12
	wait_for 10 'the servers are up' all_up
	knock client udp "$VIP4" 53 30000 1
	wait_for 5 'a flow' stat_is flows 1
	unplug 1 "$dns"
	dropped=$(stat_of .dropped.unreachable)
	knock client udp "$VIP4" 53 30000 1
	knock client udp "$VIP4" 53 30001 1
	wait_for 5 'two flows' stat_is flows 2
	if [[ $on_down == reschedule ]]; then
		is "$(shares "$dns")" '0 2' 'reschedule: its flow goes on'
		is "$(stat_of .dropped.unreachable)" "$dropped" 'nothing is lost'
	else
		is "$(shares "$dns")" '1 1' "$on_down: its flow does not go on"
		is "$(stat_of .dropped.unreachable)" $((dropped + 1)) \
			'what comes for it is dropped'
	fi
	plug_in 1 "$dns"
	dsr flush
done

# a connection's client learns at once: the other server resets it
dsr vip add "$web" scheduler fo
dsr server add "$web" 10.9.0.11 weight 9
dsr server add "$web" 10.9.0.12
wait_for 10 'the servers are up' all_up
mkfifo "$TMP/go"
on client bash -c "exec 3<>/dev/tcp/$VIP4/80; echo connected; read -r _ <$TMP/go
	printf 'GET / HTTP/1.0\r\n\r\n' >&3; cat <&3; echo over" \
	>"$TMP/reset" 2>&1 &
wait_for 10 'a connection' grep -q connected "$TMP/reset"
unplug 1 "$web"
echo >"$TMP/go"
ok 'TCP: the client is told at once' await 10 grep -q over "$TMP/reset"
like "$(cat "$TMP/reset")" 'reset by peer' 'by a reset'
plug_in 1 "$web"

# --- SYNs again, and other hosts' claims ------------------------------------

dsr flow flush
knock client tcp "$VIP4" 80 21000 1
wait_for 10 'a second goes by' all_idle 1
knock client tcp "$VIP4" 80 21000 1
wait_for 5 'the SYN is counted' has_retries 10.9.0.11 1
report $? 'a SYN that comes again is counted for its server'

claim() {
	on "$1" /usr/bin/python3 -IS - "$2" "$VIP4" <<-'END'
	import socket, sys
	mac, vip = bytes.fromhex(sys.argv[1]), socket.inet_aton(sys.argv[2])
	raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
	raw.bind(('eth0', 0))
	raw.send(b'\xff' * 6 + mac + bytes.fromhex('08060001080006040001') +
	         mac + vip + b'\0' * 6 + vip)
	END
}
claim s3 020000000013
ok 'a host that claims the VIP is counted' await 5 stat_is arp_foreign 1
ok 'and named' await 5 told arp-foreign \
	'.mac == "02:00:00:00:00:13" and .dev == "eth0" and .address == "10.0.0.100"'
dsr vip set "$web" arp off
claim s3 020000000013
claim client 020000000010
dsr vip set "$web" arp auto
claim s3 020000000013
ok 'not where others are to speak for it' await 5 stat_is arp_foreign 2
dsr flush

# --- the limit --------------------------------------------------------------

dsr vip add "$dns" scheduler rr
dsr vip add "$web" scheduler rr timeout syn 60
add_servers "$dns" 2
add_servers "$web" 2
wait_for 10 'the servers are up' all_up
is "$(ask .auto limit show)" true 'the limit is by memory'
dsr limit flows 100
is "$(ask '[.flows, .auto] | @csv' limit show)" 100,false 'until it is set'
ok 'which is an event' await 5 told limit-set '.flows == 100'
forwarded=$(stat_of .forwarded)
knock client udp "$VIP4" 53 30000 150
wait_for 10 '150 packets' stat_is forwarded $((forwarded + 150))
report $? 'beyond the limit packets are forwarded all the same'
is "$(stat_of .flows)" 100 'and not remembered'
dsr flow flush

on client bash -c "exec 3<>/dev/tcp/$VIP4/80; echo connected; read -r _ <$TMP/go
	printf 'GET / HTTP/1.0\r\n\r\n' >&3; cat <&3" >"$TMP/held" 2>&1 &
wait_for 10 'a connection' grep -q connected "$TMP/held"
knock client tcp "$VIP4" 80 20000 99
wait_for 10 '100 flows' stat_is flows 100
wait_for 20 'they are silent' all_idle 4
knock client tcp "$VIP4" 80 40000 60
wait_for 10 'they are seen' late_flows 30
report $? 'at the limit new flows take the place of half-open ones'
holds "$(stat_of .flows)" -le $((100 + $(nproc))) 'and the limit holds'
echo >"$TMP/go"
ok 'an open connection is none of them' await 10 grep -qx 's[12]' "$TMP/held"
dsr limit flows auto
is "$(ask .auto limit show)" true 'auto: by memory again'
kill "$monitor"
done_testing
