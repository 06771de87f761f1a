#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Clients reach real web servers by an IPv4 and an IPv6 VIP, and what the
# servers answer does not come by the director.
#
# STOCK: 6.1 6.12: the whole way on each
# SECONDS: 50 45

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

# The last acknowledgements follow the answer
forwarded_is_seen() {
	[[ $(ask '.[0].packets' show) == $(metered director eth0 to) ]]
}

# who_answers URL: to six requests
who_answers() {
	for _ in 1 2 3 4 5 6; do
		fetch client "$1"
	done | sort -u | xargs
}

# forget: what meters and web servers have counted
forget() {
	reset_meter director eth0
	reset_meter router client
	for server in s1 s2 s3; do
		reset_meter $server eth0
		true >"$TMP/$server/access.log"
	done
}

# What meters and counters say of the requests that were made
counted() {
	local packets bytes sum=0 n
	ok "$family: the director forwarded all that came to it" \
		await 10 forwarded_is_seen
	packets=$(metered director eth0 to)
	bytes=$(metered director eth0 to bytes)
	holds "$packets" -ge 35 "$family: that is some packets of each request"
	is "$(metered director eth0 from)" 0 "$family: no reply came to it"
	holds "$(metered router client to)" -ge "$packets" \
		"$family: they came from the client"
	for n in 1 2 3; do
		sum=$((sum + $(metered s$n eth0 to)))
	done
	is "$sum" "$packets" "$family: the servers got each packet once"
	is "$(ask '.[0] | "\(.packets) \(.bytes)"' show)" "$packets $bytes" \
		"$family: the VIP counts packets and bytes"
	is "$(ask '[.[0].servers[].packets] | add' show)" "$packets" \
		"$family: the servers count the same"
	for n in 1 2 3; do
		is "$(ask ".[0].servers[$((n - 1))].packets" show)" \
			"$(metered s$n eth0 to)" \
			"$family: s$n got what is counted for it"
	done
}

# What s1 was sent, in the capture of this family
changed() {
	captured "$family" -v >"$TMP/s1.txt"
	like "$(head -n 1 "$TMP/s1.txt")" \
		'02:00:00:00:00:02 > 02:00:00:00:00:11' \
		"$family: the frame is from the director to the server"
	is "$(grep -cE '(ttl|hlim) 62,' "$TMP/s1.txt")" \
		"$(grep -c ethertype "$TMP/s1.txt")" \
		"$family: router and director took one from the TTL each"
	is "$(grep -cE 'incorrect|bad cksum' "$TMP/s1.txt")" 0 \
		"$family: no checksum is wrong"
}

# answered_are 'BY-S1-AND-S2 BY-S3': nginx writes that down when it has
answered_are() {
	[[ "$(($(requests s1) + $(requests s2))) $(requests s3)" == "$1" ]]
}

# serve_by FAMILY VIP ADDRESS SERVER3 CLIENT
serve_by() {
	local family=$1 vip=$2 url=http://${2%:*}/
	fails "$family: without the VIP there is no web page" 28 \
		fetch client "$url" --max-time 2
	forget
	dsr vip add "$vip" scheduler rr
	add_servers "$vip" 2
	capture "$family" s1 eth0 dst host "$3" and dst port 80

	is "$(who_answers "$url")" 's1 s2' "$family: two servers answer"
	ok "$family: each request was answered once, and only by them" \
		await 10 answered_are '6 0'
	dsr server add "$vip" "$4"
	is "$(who_answers "$url")" 's1 s2 s3' "$family: with a third, three answer"
	is "$(cut -d ' ' -f 1 "$TMP"/s?/access.log | sort -u | xargs)" "$5" \
		"$family: the servers see the address of the client"
	counted
	end_captures
	changed

	dsr vip del "$vip"
	fails "$family: without the VIP nothing is served" 28 \
		fetch client "$url" --max-time 2
}

topology 3
load_module
is "$(ask '.[]' show)" '' 'there is no VIP at first'
meter director eth0
meter router client
for server in s1 s2 s3; do
	meter $server eth0
done
# so that checksums are complete where tcpdump sees them
run ip netns exec client ethtool -K eth0 tx off
serve_by IPv4 $VIP4:80/tcp $VIP4 10.9.0.13 198.51.100.10
serve_by IPv6 "[$VIP6]:80/tcp" $VIP6 2001:db8:9::13 2001:db8:1::10
done_testing
