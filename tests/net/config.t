#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Configurations: what is saved is what is loaded. A load is done as a whole or
# not at all, whatever is wrong and whoever is killed; and what it does not
# change goes on as if nothing had happened.
#
# STOCK: none: it is about what no kernel does differently
# SECONDS: 60 45

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

vip=$VIP4:80/tcp

config() {
	on director "$DSRCTL" config "$@"
}

# refused DESCRIPTION LINE TEXT: what is on stdin is, and nothing has changed
refused() {
	local before after error status=0
	cat >"$TMP/bad"
	before=$(config show)
	error=$(config load "$TMP/bad" 2>&1) || status=$?
	after=$(config show)
	is "$status" 2 "$1: refused by the kernel"
	is "$error" "dsrctl: $TMP/bad:$2: $3" "$1: file, line and reason"
	is "$after" "$before" "$1: nothing has changed"
}

topology 2
load_module

# --- what is loaded is what there is ---

cat >"$TMP/a" <<-END
	# dsr config version 1
	limit flows 100000
	dev add absent0
	dev add eth0
	vip add $vip scheduler rr
	server add $vip 10.9.0.11
	server add $vip 10.9.0.12 weight 3
	vip add 10.0.0.101:100-200/udp scheduler wrr arp off
	vip add 10.0.0.101:300-400/udp timeout udp 30
	server add 10.0.0.101:300-400/udp 10.9.0.11 mac 02:00:00:00:00:11 dev eth0
	server drain 10.0.0.101:300-400/udp 10.9.0.11
	vip add $VIP6/any persistence 60 mask 64 sorry 2001:db8:9::12 on-down keep
	server add $VIP6/any 2001:db8:9::11 max-flows 7
	server set $VIP6/any 2001:db8:9::12 dev eth0
END
ok 'a file is loaded' config load "$TMP/a"
is "$(config show)" "$(cat "$TMP/a")" 'show prints the same file'
ok 'and diff sees no difference' config diff "$TMP/a"
is "$(ask '.[] | select(.dev == "absent0") | .state' dev show)" absent \
	'an absent interface waits'
like "$(fetch client "http://$VIP4/")" '^s[12]$' 'it forwards'

# --- what does not change goes on ---

mkfifo "$TMP/go"
on client bash -c "exec 3<>/dev/tcp/$VIP4/80; read -r; "'
	printf "GET / HTTP/1.0\r\n\r\n" >&3; tail -n 1 <&3' \
	<"$TMP/go" >"$TMP/answer" 2>&1 &
talker=$!
exec {go}>"$TMP/go"
# shellcheck disable=SC2016 # it is for eval
wait_for 20 'a connection' eval '(($(ask "[.[] | select(.state == \"open\")] |
	length" flow show) > 0))'
flow=$(ask '.[] | select(.state == "open") | .client, .client_port, .server' \
	flow show)
server=$(ask '.[] | select(.state == "open") | .server' flow show)
other=10.9.0.$((23 - ${server##*.}))
packets=$(ask ".[] | select(.vip == \"$vip\") | .packets" show)
ip netns exec director "$DSRCTL" monitor >"$TMP/events" &
listener=$!
# shellcheck disable=SC2016 # it is for eval
wait_for 20 'a listener' eval '[[ $(on director cat /proc/net/netlink |
	awk "\$2 == 16 && \$4 != \"00000000\"") ]]'
cat >"$TMP/b" <<-END
	vip add 10.0.0.102/any
	vip add $vip scheduler wrr
	server add $vip $server weight 2
	vip add 10.0.0.101:150-400/udp
	server add 10.0.0.101:150-400/udp 10.9.0.12
	dev add eth0
END
ok 'another file is loaded' config load "$TMP/b"
is "$(ask '.[] | select(.state == "open") | .client, .client_port, .server' \
	flow show)" "$flow" 'the flow of a server that stays is there'
is "$(ask ".[] | select(.vip == \"$vip\") | .packets" show)" "$packets" \
	'counters go on'
is "$(ask '.[] | .vip' show | sort | xargs)" \
	"$vip 10.0.0.101:150-400/udp 10.0.0.102/any" 'VIPs have come and gone'
is "$(ask '.[0].servers[].address' show)" "$server" 'servers have, too'
is "$(ask '.[].dev' dev show)" eth0 'and devs'
is "$(ask .auto limit show)" true 'no limit in the file is none'
echo >&"$go"
exec {go}>&-
wait $talker
like "$(cat "$TMP/answer")" '^s[12]$' 'the connection works on'

ok 'the same file again' config load "$TMP/b"
on director "$DSRCTL" dev del eth0
wait_for 20 'the last event' grep -q '^dev del dev eth0' "$TMP/events"
kill $listener
is "$(sed -E 's/ (weight|scheduler|arp|state|ifindex|mac|sched).*//' "$TMP/events" |
	grep -v '^server \(up\|resolving\|drained\)' | sed 's/ flows .*//' | sort)" \
	"$(sort <<-END
		config load
		config load
		limit set
		vip set vip $vip
		server set vip $vip server $server
		server del vip $vip server $other
		vip add vip 10.0.0.101:150-400/udp
		server add vip 10.0.0.101:150-400/udp server 10.9.0.12
		vip add vip 10.0.0.102/any
		vip del vip 10.0.0.101:100-200/udp
		vip del vip 10.0.0.101:300-400/udp
		vip del vip $VIP6/any
		dev del dev absent0
		dev del dev eth0
	END
	)" 'each change was told once, and no other'

# --- drains ---

dsr server set "$vip" "$server" weight 5
dsr server drain "$vip" "$server"
ok 'a file that says nothing of a drain' config load "$TMP/b"
is "$(ask ".[] | select(.vip == \"$vip\") | .servers[].state" show)" drain \
	'who drains stays drained'
is "$(config diff "$TMP/b")" "+server drain $vip $server" 'diff says so'
echo "server set $vip $server weight 1" >>"$TMP/b"
ok 'one that sets the weight' config load "$TMP/b"
ok 'ends the drain' config diff "$TMP/b"

# --- all or nothing ---

good="vip add $vip
server add $vip 10.9.0.12"
refused 'a scheduler' 3 "vip add 10.0.0.7/any: scheduler: no such scheduler" <<-END
	$good
	vip add 10.0.0.7/any scheduler nonsense
	vip add 10.0.0.8/any
END
refused 'a VIP twice' 3 "vip add $vip: VIP exists already" <<-END
	$good
	vip add $vip
END
refused 'a server twice' 4 \
	"server add $vip 10.9.0.12: server exists already" <<-END
	$good

	server add $vip 10.9.0.12
END
refused 'a server without its VIP' 3 \
	'server add 10.0.0.9/any 10.9.0.12: no such VIP' <<-END
	$good
	server add 10.0.0.9/any 10.9.0.12
	vip add 10.0.0.9/any
END
refused 'a drain of nobody' 3 "server drain $vip 10.9.0.13: no such server" <<-END
	$good
	server drain $vip 10.9.0.13
END
refused 'ranges that overlap' 4 \
	"vip add 10.0.0.9:20-30/udp: port range overlaps another VIP's" <<-END
	$good
	vip add 10.0.0.9:10-20/udp
	vip add 10.0.0.9:20-30/udp
END
refused 'the VIP as its server' 3 \
	"server add $vip $VIP4: server has the VIP's address" <<-END
	$good
	server add $vip $VIP4
END
refused 'no Ethernet' 4 'dev add lo: not an Ethernet interface' <<-END
	$good
	dev add absent0
	dev add lo
END
refused 'a sorry server as server' 2 \
	'server add 10.0.0.9/any 10.9.0.11: server exists already' <<-END
	vip add 10.0.0.9/any sorry 10.9.0.11
	server add 10.0.0.9/any 10.9.0.11
END
fails 'an unknown version is refused' 1 config load - <<<'# dsr config version 2'
fails 'a file that is not there' 1 config load "$TMP/none"
fails 'a typo' 1 config load - <<<'vip ad 10.0.0.1/any'

# --- killed loads ---

# many FILE SCHEDULER: so that a load takes a while
many() {
	local n
	for ((n = 1; n < 250; n++)); do
		echo "vip add 10.2.0.$n:80/tcp scheduler $2"
		echo "server add 10.2.0.$n:80/tcp 10.9.0.11 weight ${3-1}"
		echo "server add 10.2.0.$n:80/tcp 10.9.0.12"
	done >"$1"
}
many "$TMP/old" mh
many "$TMP/new" sh 2
config load "$TMP/old"
old=$(config show)
begin=${EPOCHREALTIME/./}
config load "$TMP/new"
took=$((${EPOCHREALTIME/./} - begin))
new=$(config show)
mkfifo "$TMP/never"
exec {never}<>"$TMP/never"
mixed=0 done_=0 not_done=0 want=old
for ((n = 0; n < 30; n++)); do
	# the one that is not there, killed before, amid or after its work
	ip netns exec director "$DSRCTL" config load "$TMP/$want" &
	loader=$!
	us=$((took * (RANDOM % 150) / 100))
	read -rt "$((us / 1000000)).$(printf %06d $((us % 1000000)))" -u "$never"
	kill -KILL $loader 2>/dev/null
	wait $loader 2>/dev/null
	case $(config show) in
	"$old") is_now=old ;;
	"$new") is_now=new ;;
	*) mixed=$((mixed + 1)) is_now=mixed ;;
	esac
	# sooner or later the next time: it may have become slow or fast since
	if [[ $is_now == "$want" ]]; then
		done_=$((done_ + 1)) took=$((took * 4 / 5))
	else
		not_done=$((not_done + 1)) took=$((took * 6 / 5))
	fi
	[[ $is_now == old ]] && want=new || want=old
done
is $mixed 0 'a load that is killed is done or is not'
diag "$done_ were done, $not_done were not"
holds $done_ -gt 0 'some were done'
holds $not_done -gt 0 'and some were not'

# --- traffic ---

cat >"$TMP/one" <<-END
	vip add $VIP4/any scheduler rr
	server add $VIP4/any 10.9.0.11
END
sed 's/\.11$/.12/' "$TMP/one" >"$TMP/two"
config load "$TMP/one"
before=$(stat_of .forwarded)
knock client udp "$VIP4" 53 1024 20000 &
sender=$!
loads=0
while kill -0 $sender 2>/dev/null; do
	config load "$TMP/two" && config load "$TMP/one" && loads=$((loads + 2))
done
wait $sender
diag "$loads loads"
holds $loads -gt 1 'servers were replaced while packets came'
# shellcheck disable=SC2016 # it is for eval
await 20 eval '(($(stat_of .forwarded) >= before + 20000))'
is $(($(stat_of .forwarded) - before)) 20000 'and not one packet was lost'
is "$(ask '[.dropped[]] | add' stats)" 0 'nor dropped'

# --- files ---

mkdir "$TMP/etc" "$TMP/full"
startup() {
	on director unshare -m bash -c "mkdir -p /etc/dsr 2>/dev/null
		mount --bind '$TMP/etc' /etc/dsr && $*"
}
if mkdir -p /etc/dsr 2>/dev/null; then
	ok 'save' startup "$DSRCTL config save"
	is "$(cat "$TMP/etc/dsr.conf")" "$(config show)" 'it is the running one'
	ok 'no difference' startup "$DSRCTL config diff"
	config load "$TMP/two"
	fails 'a difference' 3 startup "$DSRCTL config diff"
	ok 'load' startup "$DSRCTL config load && $DSRCTL config diff"
	ok 'erase' startup "$DSRCTL config erase"
	ok 'the file is gone' test ! -e "$TMP/etc/dsr.conf"
	is "$(config show | tail -n +2)" "$(cat "$TMP/one")" \
		'the running configuration is not'
	fails 'without the file all is new' 3 startup "$DSRCTL config diff"
	ok 'erase again' startup "$DSRCTL config erase"
	fails 'there is nothing to load' 1 startup "$DSRCTL config load"
fi
run mount -t tmpfs -o size=8k tmpfs "$TMP/full"
config save "$TMP/full/conf"
before=$(cat "$TMP/full/conf")
config load "$TMP/old"
fails 'the disk is full' 2 config save "$TMP/full/conf"
is "$(cat "$TMP/full/conf")" "$before" 'the old file is as it was'
is "$(ls -A "$TMP/full")" conf 'and nothing else is there'
run umount "$TMP/full"
is "$(config load /dev/null; config show)" '# dsr config version 1' \
	'an empty file empties the director'
done_testing
