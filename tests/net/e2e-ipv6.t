#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Clients reach real web servers by an IPv6 VIP, and what the servers answer
# does not come by the director.

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

vip=[$VIP6]:80/tcp
url=http://[$VIP6]/

topology 3
load_module
ok 'there is no VIP at first' on director test -z "$(ask '.[]' show)"
fails 'and so no web page' 28 fetch client "$url" --max-time 2

meter director eth0
meter router client
for server in s1 s2 s3; do
	meter $server eth0
done
dsr vip add "$vip" scheduler rr
add_servers "$vip" 2
# so that checksums are complete where tcpdump sees them
run ip netns exec client ethtool -K eth0 tx off
capture s1 s1 eth0 dst host $VIP6 and dst port 80

got=$(for _ in 1 2 3 4 5 6; do fetch client "$url"; done | sort -u | xargs)
is "$got" 's1 s2' 'two servers answer'
is "$(($(requests s1) + $(requests s2))) $(requests s3)" '6 0' \
	'each request was answered once, and only by servers of the VIP'

dsr server add "$vip" 2001:db8:9::13
got=$(for _ in 1 2 3 4 5 6; do fetch client "$url"; done | sort -u | xargs)
is "$got" 's1 s2 s3' 'with a third, three answer'
is "$(sort -u -k 1,1 "$TMP"/s?/access.log | cut -d ' ' -f 1 | xargs)" \
	2001:db8:1::10 'the servers see the address of the client'

# The last acknowledgements follow the answer
forwarded_is_seen() {
	(($(stat_of .forwarded) == $(metered director eth0 to)))
}
ok 'the director forwarded all that came to it' await 10 forwarded_is_seen
packets=$(metered director eth0 to)
bytes=$(metered director eth0 to bytes)
holds "$(metered director eth0 to)" -ge 35 'that is some packets of each request'
is "$(metered director eth0 from)" 0 'no reply came to it'
holds "$(metered router client to)" -ge "$packets" 'they came from the client'

sum=0
for server in s1 s2 s3; do
	sum=$((sum + $(metered $server eth0 to)))
done
is "$sum" "$packets" 'the servers got each packet once'
is "$(ask '.[0] | "\(.packets) \(.bytes)"' show)" "$packets $bytes" \
	'the VIP counts packets and bytes'
is "$(ask '[.[0].servers[].packets] | add' show)" "$packets" \
	'the servers count the same'
for n in 1 2 3; do
	is "$(ask ".[0].servers[$((n - 1))].packets" show)" \
		"$(metered s$n eth0 to)" "s$n got what is counted for it"
done

end_captures
captured s1 -v >"$TMP/s1.txt"
like "$(head -n 1 "$TMP/s1.txt")" \
	'02:00:00:00:00:02 > 02:00:00:00:00:11' \
	'the frame is from the director to the server'
is "$(grep -c 'hlim 62,' "$TMP/s1.txt")" "$(grep -c ethertype "$TMP/s1.txt")" \
	'router and director have taken one from the hop limit each'
is "$(grep -cE 'incorrect|bad cksum' "$TMP/s1.txt")" 0 'no checksum is wrong'

dsr vip del "$vip"
fails 'without the VIP nothing is served' 28 fetch client "$url" --max-time 2
done_testing
