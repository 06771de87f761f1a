#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A million SYNs from as many addresses neither stop new clients nor touch a
# download that goes on meanwhile. FLOOD=N sends N. In user-mode-linux it is a
# twentieth, still far more than the limit: a million would take it all day.
#
# STOCK: 6.12: each CPU makes room by itself
# SECONDS: 85 40

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

vip=$VIP4:80/tcp
[[ ${KERNEL-} == um ]] && : "${FLOOD:=50000}"
flood=${FLOOD:-1000000}
limit=10000

# download: a file, slowly enough for it to last until the flood is over
download() {
	fetch client "http://$VIP4/file" --max-time 900 | {
		until [[ -e $TMP/over ]]; do
			dd bs=8k count=1 iflag=fullblock status=none
			sleep 0.1
		done
		cat
	} | sha256sum | cut -d ' ' -f 1
}

# is_open: the download's flow, of which $port and $server tell from now on
is_open() {
	read -r port server < <(ask '.[] | select(.state == "open") |
		"\(.client_port) \(.server)"' flow show client 198.51.100.10)
}

topology 2
namespace attacker
link attacker eth0 02:00:00:00:00:66 director eth9 02:00:00:00:09:02
must gcc -O2 -o "$TMP/flood" "${0%/*}/flood.c"
"$TMP/flood" "$flood" 02:00:00:00:09:02 $VIP4 80 >"$TMP/syns.pcap"
for server in s1 s2; do
	# what a server does about a flood is its own affair
	must ip -n $server route add blackhole 100.64.0.0/10
	must on $server sysctl -qw net.ipv4.conf.all.rp_filter=1 \
		net.ipv4.conf.eth0.rp_filter=1
	yes $server | head -c 64M >"$TMP/$server/file"
	sha256sum <"$TMP/$server/file" | cut -d ' ' -f 1 >"$TMP/$server/sum"
done
load_module
dsr vip add $vip scheduler rr
add_servers $vip 2
dsr limit flows $limit

download >"$TMP/sum" &
downloading=$!
wait_for 20 'the download' is_open
on attacker tcpreplay -q --topspeed -i eth0 "$TMP/syns.pcap" \
	>"$TMP/replayed" 2>&1 &
flooding=$!

answered=0 refused=0
while kill -0 $flooding 2>/dev/null; do
	if [[ $(fetch client "http://$VIP4/" 2>/dev/null) == s[12] ]]; then
		answered=$((answered + 1))
	else
		refused=$((refused + 1))
	fi
done
ok 'all SYNs were sent' wait $flooding
holds $answered -ge 2 "during the flood $answered new clients were answered"
is $refused 0 'and none was not'
holds "$(stat_of .forwarded)" -ge "$flood" 'the director forwarded all of it'
# two CPUs that find room for one more make two
holds "$(stat_of .flows)" -le $((limit + $(nproc))) 'and remembers no more than it may'
holds "$(stat_of .flows)" -ge $((limit * 9 / 10)) 'but hardly less'
is "$(ask ".[] | select(.client_port == $port) | \"\(.state) \(.server)\"" \
	flow show client 198.51.100.10)" "open $server" \
	'the download has the server that it had'

touch "$TMP/over"
wait $downloading
is "$(<"$TMP/sum")" "$(<"$TMP/s${server: -1}/sum")" 'and is complete'
is "$(for n in 1 2 3 4 5 6; do fetch client "http://$VIP4/"; done | sort -u |
	xargs)" 's1 s2' 'afterwards all is as before'
done_testing
