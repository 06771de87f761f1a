#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Each network namespace has a director of its own. Namespaces end while they
# work, and interfaces move, change their names, go and come back.
#
# STOCK: 6.1 6.12: the end of a namespace is the kernel's
# SECONDS: 42 28

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

web=$VIP4:80/tcp

# dev_is NAME STATE
dev_is() {
	[[ $(ask ".[] | select(.dev == \"$1\") | .state" dev show) == "$2" ]]
}

# server_is "STATE [WHY]"
server_is() {
	[[ $(ask '.[0].servers[0] | [.state, .why // empty] | join(" ")' \
		server show "$web" 10.9.0.11) == "$1" ]]
}

# answers SERVER: a new connection is answered by that one
answers() {
	[[ $(fetch client "http://$VIP4/" --max-time 2 2>/dev/null) == "$1" ]]
}

# answering_for DIRECTOR HOST: the router sends the VIP's packets to it
answering_for() {
	ip -n router route replace $VIP4 via "10.9.0.$2"
}

topology 2
namespace twin
plug twin eth0 03
gateway twin 10.9.0.1 2001:db8:9::1
load_module

# --- two directors ----------------------------------------------------------

dsr vip add "$web"
dsr server add "$web" 10.9.0.11
run on twin "$DSRCTL" vip add "$web"
run on twin "$DSRCTL" server add "$web" 10.9.0.12
ok 'one director has its server' await 10 answers s1
flows=$(ask '.[0].servers[0].flows' show)
answering_for twin 3
ok 'the other has another' await 10 answers s2
is "$(ask '.[].servers[].address' show)" 10.9.0.11 \
	'one does not show what the other has'
is "$(on twin "$DSRCTL" -j show | jq -r '.[].servers[].address')" 10.9.0.12 \
	'nor the reverse'
is "$(ask '.[0].servers[0].flows' show)" "$flows" 'each counts its own flows'
for file in dsr dsr_flows; do
	like "$(on director cat /proc/net/$file)" '10\.9\.0\.11 ' \
		"/proc/net/$file has what is of its namespace"
	unlike "$(on director cat /proc/net/$file)" '10\.9\.0\.12 ' \
		"/proc/net/$file has nothing of the other"
done
forwarded=$(on director sed -n 's/^forwarded //p' /proc/net/dsr_stats)
ok 'another connection by the second director' await 10 answers s2
is "$(on director sed -n 's/^forwarded //p' /proc/net/dsr_stats)" \
	"$forwarded" 'dsr_stats of the first does not count it'
run on twin "$DSRCTL" flush
is "$(ask length show)" 1 'a flush of one leaves the other alone'
is "$(on router "$DSRCTL" -j show)" '[]' 'who has no VIP shows none'

# --- the end of a namespace -------------------------------------------------

run on twin "$DSRCTL" dev add eth0
run on twin "$DSRCTL" vip add "$web"
run on twin "$DSRCTL" server add "$web" 10.9.0.12
ok 'the second director works again' await 10 answers s2
(while :; do
	knock client tcp $VIP4 80 20000 2000
done) &
flood=$!
twin_has_flows() {
	(($(on twin "$DSRCTL" -j stats | jq .flows) > 50))
}
wait_for 20 'traffic by the second director' twin_has_flows
run ip netns del twin
namespaces=(router client director s1 s2)
# its interface is gone when the clean-up of the namespace is done
gone() {
	! ip -n router link show twin-eth0 >/dev/null 2>&1
}
ok 'a namespace ends in the midst of traffic' await 30 gone
kill $flood
wait $flood 2>/dev/null
answering_for director 2
ok 'the first director goes on' await 10 answers s1

# --- interfaces of dev and of servers ---------------------------------------

# settle: the director's eth0 is new or has come back
settle() {
	ip -n director link set eth0 up
	ip -n director address replace 10.9.0.2/24 dev eth0
	ip -n director route replace default via 10.9.0.1
}

dsr dev add eth0
dsr server set "$web" 10.9.0.11 dev eth0
ok 'eth0 is pinned and has the fast path' await 10 answers s1
namespace other
before=$(stat_of .forwarded)

run ip -n director link set eth0 netns other
ok 'moved to another namespace: the dev is absent' await 10 dev_is eth0 absent
ok 'the server is down' await 10 server_is 'down no-device'
is "$(on other "$DSRCTL" -j dev show)" '[]' 'there it is no dev'
run ip -n other link set eth0 netns director
settle
ok 'back: the dev is there' await 10 dev_is eth0 up
ok 'the server is up' await 10 server_is up
ok 'and works' await 10 answers s1

run ip -n director link set eth0 down
run ip -n director link set eth0 name lan0
ok 'renamed: the dev is absent' await 10 dev_is eth0 absent
ok 'the server is down' await 10 server_is 'down no-device'
run ip -n director link set lan0 name eth0
settle
ok 'named as before: the dev is there' await 10 dev_is eth0 up
ok 'the server is up' await 10 server_is up
ok 'and works' await 10 answers s1

run ip -n director link del eth0
ok 'deleted: the dev is absent' await 10 dev_is eth0 absent
ok 'the server is down' await 10 server_is 'down no-device'
plug director eth0 02
settle
ok 'another of that name: the dev is there' await 10 dev_is eth0 up
ok 'the server is up' await 10 server_is up
ok 'and works' await 10 answers s1
holds "$(stat_of .forwarded)" -gt "$before" 'all by this director'
# PRE_ROUTING would not count what is for another host's MAC
other=$(stat_of '.passed["other-host"]')
on router arping -q -c 1 -w 2 -I lan 10.9.0.2
ip -n router neigh replace 10.9.0.2 dev lan lladdr 02:00:00:00:66:66
knock client tcp $VIP4 80 30000 1
counted() {
	(($(stat_of '.passed["other-host"]') > other))
}
ok 'the fast path is in use on it' await 5 counted
done_testing
