#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A connection stays with its server whatever is done to the others, and to the
# server itself short of its deletion.
#
# STOCK: 6.12: a flow's packets by either CPU
# SECONDS: 46 26

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

vip=$VIP4:80/tcp

# dial NAME: opens a connection from the client, on which each line that is
# written gets the body of an answer back
declare -A to from
dial() {
	local in out
	mkfifo "$TMP/$1.to" "$TMP/$1.from"
	on client bash "$TMP/talk" "$VIP4" <"$TMP/$1.to" >"$TMP/$1.from" 2>&1 &
	exec {in}>"$TMP/$1.to" {out}<"$TMP/$1.from"
	to[$1]=$in from[$1]=$out
}
cat >"$TMP/talk" <<'END'
exec 3<>"/dev/tcp/$1/80"
while read -r _; do
	printf 'GET / HTTP/1.1\r\nHost: dsr\r\n\r\n' >&3
	while IFS= read -r -t 10 line <&3 && [[ $line != $'\r' ]]; do :; done
	read -r -t 10 line <&3 || line=silence
	echo "$line"
done
END

# again NAME: a request on it; prints which server has answered
again() {
	local answer=silence
	echo >&"${to[$1]}"
	read -r -t 15 answer <&"${from[$1]}"
	echo "$answer"
}

# everyone: the answers on all four connections
everyone() {
	local name
	for name in a b c d; do
		again $name
	done | xargs
}

new_connections() {
	local n
	for ((n = 0; n < $1; n++)); do
		fetch client "http://$VIP4/"
	done | sort -u | xargs
}

topology 3
load_module
dsr vip add "$vip" scheduler rr
add_servers "$vip" 2
for name in a b c d; do
	dial $name
done
first=$(everyone)
is "$(xargs -n 1 <<<"$first" | sort -u | xargs)" 's1 s2' \
	'four connections, some to each server'

dsr server add "$vip" 10.9.0.13
is "$(everyone)" "$first" 'they stay when a server is added'
# each CPU takes turns of its own: one of them has three of these
like "$(new_connections $((2 * $(nproc) + 1)))" s3 'which takes new connections'

dsr server set "$vip" 10.9.0.13 weight 50
is "$(everyone)" "$first" 'they stay when a weight changes'
dsr vip set "$vip" scheduler mh
is "$(everyone)" "$first" 'they stay when the scheduler changes'
dsr vip set "$vip" scheduler rr

dsr server set "$vip" 10.9.0.11 weight 0
is "$(new_connections 6)" 's2 s3' 'weight 0 takes no new connections'
is "$(everyone)" "$first" 'and keeps those it has'
dsr server drain "$vip" 10.9.0.12
is "$(new_connections 4)" s3 'draining is the same'
is "$(everyone)" "$first" 'for those too'
is "$(ask '.[0].servers[].state' show | xargs)" 'drain drain up' \
	'that is what show tells'

dsr server set "$vip" 10.9.0.12 weight 1
dsr server del "$vip" 10.9.0.13
is "$(everyone)" "$first" 'they stay when another server is deleted'

dsr server del "$vip" 10.9.0.11
is "$(ask '[.[] | select(.server == "10.9.0.11")] | length' flow show)" 0 \
	'a deleted server has no flows'
for name in a b c d; do
	[[ $first == s2* ]] && want=s2 || want=other
	first=${first#* }
	if [[ $want == s2 ]]; then
		is "$(again $name)" s2 "$name stays with s2"
	else
		# s2 knows nothing of the connection and resets it
		unlike "$(again $name)" '^s1$' "$name is not with s1 any more"
	fi
done
is "$(new_connections 3)" s2 'new connections go to the server that is left'
done_testing
