# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests in tests/net share. They are bash scripts that print TAP and
# run in a guest of their own as root (tests/guest/run), so they may do to the
# machine what they like. A test looks so:
#
#	. "${0%/*}/../lib.sh"
#	topology 2
#	load_module
#	dsr vip add "$VIP4:80/tcp"
#	...
#	is "$(fetch client "http://$VIP4/")" s1 'the first server answers'
#	done_testing
#
# The network. The router is an L3 switch: its bridge `lan` is the servers'
# segment. Each other namespace has one interface, eth0. Requests go from the
# client by the router to the director, which sends them to a server. The reply
# goes from the server by the router to the client.
#
#	   client        198.51.100.10       2001:db8:1::10
#	     |
#	   router        198.51.100.1        2001:db8:1::1
#	     | lan       10.9.0.1            2001:db8:9::1
#	  ---+-----+--------+--------+----
#	           |        |        |
#	        director    s1       s2 ...
#	        .2 ::2      .11      .12    10.9.0.0/24
#	                    ::11     ::12   2001:db8:9::/64
#
# With `topology N two-armed` the director takes requests by an interface of
# its own, eth0, and reaches the servers by eth1:
#
#	   router  to-dsr 10.8.0.1 ---- 10.8.0.2 eth0  director  eth1 10.9.0.2
#	           2001:db8:8::1   ---- ::2                           -- lan
#
# MAC addresses end as the IPv4 address does: 02:00:00:00:00:02 is the
# director's, :11 the first server's; a second arm's have 08 before that.
#
# Where frames are made by hand, `cables` connects three hosts without a router:
#
#	client eth0 198.51.100.10  ----  198.51.100.1 eth0  director
#	       2001:db8:1::10            2001:db8:1::1
#	s1     eth0                ----  10.9.0.2     eth1
#	                                 2001:db8:9::2

set -u
shopt -s inherit_errexit

VIP4=10.0.0.100
VIP6=2001:db8::100
TMP=$(mktemp -d)

# --- TAP --------------------------------------------------------------------

tests=0 failures=0

# diag TEXT...: for who reads the output
diag() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

# report STATUS DESCRIPTION: counts one test
report() {
	tests=$((tests + 1))
	if (($1 == 0)); then
		echo "ok $tests - $2"
		return 0
	fi
	failures=$((failures + 1))
	echo "not ok $tests - $2"
	return 1
}

# ok DESCRIPTION COMMAND...: the command must succeed
ok() {
	local what=$1 output status=0
	shift
	output=$("$@" 2>&1) || status=$?
	report "$status" "$what" && return
	diag "status $status of: $*"
	diag "$output"
}

# fails DESCRIPTION STATUS COMMAND...: it must end with that very status
fails() {
	local what=$1 want=$2 output status=0
	shift 2
	output=$("$@" 2>&1) || status=$?
	report "$((status != want))" "$what" && return
	diag "status $status instead of $want of: $*"
	diag "$output"
}

# is GOT WANTED DESCRIPTION
is() {
	[[ $1 == "$2" ]]
	report $? "$3" && return
	diag "got:    $1"
	diag "wanted: $2"
}

# like GOT REGEXP DESCRIPTION (an extended regular expression)
like() {
	[[ $1 =~ $2 ]]
	report $? "$3" && return
	diag "got:    $1"
	diag "wanted: something like $2"
}

# unlike GOT REGEXP DESCRIPTION
unlike() {
	[[ ! $1 =~ $2 ]]
	report $? "$3" && return
	diag "got:    $1"
	diag "wanted: nothing like $2"
}

# holds NUMBER OPERATOR NUMBER DESCRIPTION: OPERATOR is one of test(1), as -gt
holds() {
	test "$1" "$2" "$3"
	report $? "$4" && return
	diag "not true: $1 $2 $3"
}

# skip REASON: the one test that would stand here
skip() {
	tests=$((tests + 1))
	echo "ok $tests # SKIP $*"
}

# die TEXT...: this test can't go on; others can
die() {
	report 1 "$*"
	exit 1
}

# skip_all REASON: nothing in this file can run here
skip_all() {
	echo "1..0 # SKIP $*"
	tests=1
	exit 0
}

# The last line of each test. Unloading belongs to every one of them.
done_testing() {
	if [[ -e /sys/module/dsr ]]; then
		remove_network
		ok 'the module unloads' rmmod dsr
	fi
	echo "1..$tests"
	exit $((failures > 0))
}

# lines_of LABEL SCRIPT [ARGUMENTS...]: each line that a script in Python prints
# is a test: 0 or 1, what it is about, and what is wrong, with tabs between. It
# stands beside the test and ends with the line "that was all".
lines_of() {
	local label=$1 script=${0%/*}/$2 status what wrong last=''
	shift 2
	PYTHONPATH=${0%/*} ${inside+"${inside[@]}"} /usr/bin/python3 -S \
		"$script" "$@" >"$TMP/lines" 2>&1
	while IFS=$'\t' read -r status what wrong; do
		[[ $status == [01] ]] || die "${script##*/}: $status $what $(cat)"
		report "$status" "$label$what" || diag "$wrong"
		last=$what
	done <"$TMP/lines"
	[[ $last == 'that was all' ]] || die "${script##*/} did not end"
}

# lines_on NAMESPACE LABEL SCRIPT...: the same of a script that runs in there
lines_on() {
	local inside=(ip netns exec "$1")
	shift
	lines_of "$@"
}

# --- commands ---------------------------------------------------------------

# run COMMAND...: shows it, then runs it; for what must succeed
run() {
	echo "# \$ $*"
	"$@" || die "status $?: $*"
}

# must COMMAND...: the same, without showing it
must() {
	"$@" || die "status $?: $*"
}

# on NAMESPACE COMMAND...: silent, for queries and conditions
on() {
	local namespace=$1
	shift
	ip netns exec "$namespace" "$@"
}

# dsr ARGUMENTS...: the control tool on the director, shown
dsr() {
	echo "# director\$ dsrctl $*"
	"$DSRCTL" -N director "$@" || die "status $?: dsrctl $*"
}

# ask FILTER ARGUMENTS...: from the director's JSON, by a filter of jq
ask() {
	local filter=$1
	shift
	"$DSRCTL" -N director -j "$@" | jq -r "$filter"
}

# stat_of FILTER: one number of the director's counters, as .forwarded
stat_of() {
	ask "$1 // 0" stats
}

# Nothing ever comes from here
exec {nothing}<> <(:)

# pause: a tenth of a second, without a process for it
pause() {
	read -rt 0.1 -u "$nothing" || true
}

# await SECONDS COMMAND...: until it succeeds; fails if it never does. Tries are
# counted, ten a second, and not what the clock says: a guest that stands still
# loses none. With the debug kernel under qemu everything takes several times as
# long.
await() {
	local tries=$((10 * $1))
	[[ ${KERNEL-} != x86 ]] || tries=$((5 * tries))
	shift
	until "$@" >/dev/null 2>&1; do
		((tries-- > 0)) || return 1
		pause
	done
}

# wait_for SECONDS WHAT COMMAND...: the same, and the test ends without it
wait_for() {
	local seconds=$1 what=$2
	shift 2
	await "$seconds" "$@" || die "waited $seconds s in vain: $what"
}

# --- the module -------------------------------------------------------------

load_module() {
	[[ ${DSR_KO-} ]] || die 'DSR_KO does not name the module'
	run insmod "$DSR_KO"
}

# --- the network ------------------------------------------------------------

namespaces=()

# namespace NAME: with loopback up, and without waiting for duplicate
# address detection
namespace() {
	run ip netns add "$1"
	namespaces+=("$1")
	must on "$1" sysctl -qw net.ipv6.conf.{all,default}.accept_dad=0 \
		net.ipv6.conf.{all,default}.accept_ra=0
	must ip -n "$1" link set lo up
}

# link NS1 IF1 MAC1 NS2 IF2 MAC2: a cable
link() {
	run ip link add "$2" netns "$1" address "$3" type veth \
		peer name "$5" netns "$4" address "$6"
	must ip -n "$1" link set "$2" up
	must ip -n "$4" link set "$5" up
}

# address NAMESPACE INTERFACE ADDRESS/LENGTH...
address() {
	local namespace=$1 interface=$2 address
	shift 2
	for address; do
		must ip -n "$namespace" address add "$address" dev "$interface"
	done
}

# plug NAMESPACE INTERFACE HOST: into the LAN, as 10.9.0.HOST
plug() {
	local port=$1-$2
	link "$1" "$2" "02:00:00:00:00:$3" router "$port" "02:00:00:00:01:$3"
	must ip -n router link set "$port" master lan
	address "$1" "$2" "10.9.0.$((10#$3))/24" "2001:db8:9::$((10#$3))/64"
}

# gateway NAMESPACE ADDRESS4 ADDRESS6
gateway() {
	must ip -n "$1" route add default via "$2"
	must ip -n "$1" route add default via "$3"
}

make_router() {
	namespace router
	must on router sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1
	must ip -n router link add lan address 02:00:00:00:00:01 type bridge
	must ip -n router link set lan up
	address router lan 10.9.0.1/24 2001:db8:9::1/64
}

make_client() {
	namespace client
	link client eth0 02:00:00:00:00:10 router client 02:00:00:00:01:10
	address client eth0 198.51.100.10/24 2001:db8:1::10/64
	address router client 198.51.100.1/24 2001:db8:1::1/64
	gateway client 198.51.100.1 2001:db8:1::1
}

# make_director [two-armed]
make_director() {
	local way4=10.9.0.2 way6=2001:db8:9::2
	namespace director
	if [[ ${1-} == two-armed ]]; then
		way4=10.8.0.2 way6=2001:db8:8::2
		link director eth0 02:00:00:00:08:02 \
			router to-dsr 02:00:00:00:08:01
		address director eth0 $way4/24 $way6/64
		address router to-dsr 10.8.0.1/24 2001:db8:8::1/64
		plug director eth1 02
		gateway director 10.8.0.1 2001:db8:8::1
	else
		plug director eth0 02
		gateway director 10.9.0.1 2001:db8:9::1
	fi
	must ip -n router route add "$VIP4" via $way4
	must ip -n router route add "$VIP6" via $way6
}

# make_server NUMBER: an ordinary host, which knows nothing of a VIP
make_server() {
	namespace "s$1"
	plug "s$1" eth0 $((10 + $1))
	gateway "s$1" 10.9.0.1 2001:db8:9::1
}

# own_vip SERVER ADDRESS...: what an operator does on a real server. The
# address is its own, but it neither claims it nor answers for it on the LAN.
own_vip() {
	local server=$1 address
	shift
	must on "$server" sysctl -qw net.ipv4.conf.all.arp_ignore=1 \
		net.ipv4.conf.all.arp_announce=2
	for address; do
		case $address in
		*:*) must ip -n "$server" address add "$address/128" dev lo nodad ;;
		*) must ip -n "$server" address add "$address/32" dev lo ;;
		esac
	done
}

# topology SERVERS [two-armed]: the network drawn above, with web servers that
# hold $VIP4 and $VIP6
topology() {
	local n
	make_router
	make_client
	make_director "${2-}"
	for ((n = 1; n <= $1; n++)); do
		make_server "$n"
		own_vip "s$n" "$VIP4" "$VIP6"
		serve "s$n"
	done
}

# cables: the second network drawn above
cables() {
	namespace client
	namespace director
	namespace s1
	link client eth0 02:00:00:00:00:10 director eth0 02:00:00:00:08:02
	link director eth1 02:00:00:00:00:02 s1 eth0 02:00:00:00:00:11
	address client eth0 198.51.100.10/24 2001:db8:1::10/64
	address director eth0 198.51.100.1/24 2001:db8:1::1/64
	address director eth1 10.9.0.2/24 2001:db8:9::2/64
}

# four_servers VIP: four MACs that the director's second cable leads to
four_servers() {
	local network=10.9.0. n
	[[ $1 == \[* ]] && network=2001:db8:9::
	for n in 11 12 13 14; do
		dsr server add "$1" $network$n mac 02:00:00:00:00:$n dev eth1
	done
}

# add_servers VIP SERVERS [ARGUMENTS...]: s1 to sN, by the VIP's family
add_servers() {
	local vip=$1 last=$2 network=10.9.0. n
	shift 2
	[[ $vip == \[* ]] && network=2001:db8:9::
	for ((n = 1; n <= last; n++)); do
		dsr server add "$vip" "$network$((10 + n))" "$@"
	done
}

remove_network() {
	local name
	for name in "${namespaces[@]}"; do
		ip netns pids "$name" | xargs -r kill -9
		ip netns del "$name"
	done
	namespaces=()
}

# --- web servers and clients ------------------------------------------------

# serve NAMESPACE: a web server that says its name, takes uploads by PUT below
# /up/, and writes $TMP/NAMESPACE/access.log
serve() {
	local root=$TMP/$1
	mkdir -p "$root/up" "$root/tmp"
	chmod -R a+rwX "$TMP"
	echo "$1" >"$root/index.html"
	cat >"$root/nginx.conf" <<-END
		worker_processes 1;
		pid $root/pid;
		error_log $root/error.log;
		events { worker_connections 4096; }
		http {
			access_log $root/access.log;
			client_body_temp_path $root/tmp/client;
			proxy_temp_path $root/tmp/proxy;
			fastcgi_temp_path $root/tmp/fastcgi;
			uwsgi_temp_path $root/tmp/uwsgi;
			scgi_temp_path $root/tmp/scgi;
			client_max_body_size 0;
			keepalive_timeout 600;
			send_timeout 600;
			keepalive_requests 1000000;
			server {
				listen 80;
				listen [::]:80;
				root $root;
				location /up/ { dav_methods PUT; }
			}
		}
	END
	run ip netns exec "$1" nginx -p "$root" -c "$root/nginx.conf" \
		-e "$root/error.log"
}

# fetch NAMESPACE URL [OPTIONS...]
fetch() {
	local namespace=$1 url=$2
	shift 2
	on "$namespace" curl -sS --noproxy '*' --max-time 20 "$@" "$url"
}

# requests SERVER: how many its web server has answered
requests() {
	if [[ -e $TMP/$1/access.log ]]; then
		wc -l <"$TMP/$1/access.log"
	else
		echo 0
	fi
}

# requested SERVER NUMBER: it has answered so many. nginx writes that down when
# it has, so the client may be done before.
requested() {
	[[ $(requests "$1") == "$2" ]]
}

# --- looking at packets -----------------------------------------------------

# meter NAMESPACE INTERFACE: starts to count the IP packets to and from the
# VIPs that come in by it, so that neither ARP nor anything else is in the way
meter() {
	on "$1" nft -f - <<-END
		table netdev meter-$2 {
			counter to { }
			counter from { }
			chain in {
				type filter hook ingress device "$2" priority -1000;
				ip daddr $VIP4 counter name to
				ip saddr $VIP4 counter name from
				ip6 daddr $VIP6 counter name to
				ip6 saddr $VIP6 counter name from
			}
		}
	END
}

# metered NAMESPACE INTERFACE to|from [packets|bytes]
metered() {
	on "$1" nft list counter netdev "meter-$2" "$3" |
		sed -n "s/.*${4-packets} \([0-9]*\).*/\1/p"
}

# reset_meter NAMESPACE INTERFACE
reset_meter() {
	on "$1" nft reset counters table netdev "meter-$2" >/dev/null
}

# interface NAMESPACE INTERFACE COUNTER: one of its statistics, as rx_packets
interface() {
	on "$1" cat "/sys/class/net/$2/statistics/$3"
}

captures=()

# capture NAME NAMESPACE INTERFACE [FILTER]: begins to write $TMP/NAME.pcap
capture() {
	local name=$1 namespace=$2 interface=$3
	shift 3
	on "$namespace" tcpdump -i "$interface" -U --immediate-mode -n \
		-w "$TMP/$name.pcap" "$@" 2>"$TMP/$name.log" &
	captures+=($!)
	wait_for 20 "tcpdump in $namespace" \
		grep -q 'listening on' "$TMP/$name.log"
}

# end_captures: all of them, and what they saw is complete. (A job in the
# background ignores SIGINT.)
end_captures() {
	kill -TERM "${captures[@]}" 2>/dev/null
	wait "${captures[@]}" 2>/dev/null
	captures=()
}

# captured NAME [OPTIONS AND FILTER]: as text, a line a packet
captured() {
	local name=$1
	shift
	tcpdump -n -e -r "$TMP/$name.pcap" "$@" 2>/dev/null
}

# --- the end ----------------------------------------------------------------

# A test that ends before done_testing has printed no plan, which prove takes
# for the failure it is. Whatever failed, this is what one wants to see.
at_exit() {
	local status=$?
	if ((status != 0)) && ip netns pids director >/dev/null 2>&1; then
		for file in dsr dsr_flows dsr_stats; do
			diag "/proc/net/$file on the director:"
			diag "$(on director head -n 40 "/proc/net/$file" 2>&1)"
		done
	fi
	rm -rf "$TMP"
	exit "$status"
}
trap at_exit EXIT

# --- many flows -------------------------------------------------------------

# has_flows NUMBER [DIRECTOR]: in the whole table
has_flows() {
	[[ $("$DSRCTL" -N "${2-director}" -j stats) == *"\"flows\":$1,"* ]]
}

# knock NAMESPACE PROTOCOL ADDRESSES PORTS FIRST COUNT [CPU [SOURCES]]: a packet
# that opens a flow to each of ADDRESSES and PORTS from each of COUNT client
# ports, FIRST and up, in that order, and from each of SOURCES; all of these
# separated by commas. PROTOCOL is tcp, udp, sctp, or a number; fin and rst are
# the packets that end a flow of tcp. Nobody waits for an answer. With CPU all
# are sent on that one, so they stay in order.
knock() {
	on "$1" /usr/bin/python3 -IS - "${@:2}" <<-'END'
	import os, socket, struct, sys
	proto, addresses, ports, first, count = sys.argv[1:6]
	if len(sys.argv) > 6:
	    os.sched_setaffinity(0, {int(sys.argv[6])})
	flags = {'fin': 0x5011, 'rst': 0x5004}.get(proto, 0x5002)
	number = {'tcp': 6, 'fin': 6, 'rst': 6, 'udp': 17, 'sctp': 132}.get(
	    proto) or int(proto)
	family = socket.AF_INET6 if ':' in addresses else socket.AF_INET
	# what follows the ports: of a SYN, of a datagram, of an INIT
	rest = {6: struct.pack('!IIHHHH', 1, 0, flags, 65535, 0, 0),
	        17: struct.pack('!HH', 12, 0) + b'dsr!',
	        132: struct.pack('!IIBBHIIHHI', 0, 0, 1, 0, 20, 1, 65535, 1, 1, 1)
	       }.get(number, b'')
	raw = socket.socket(family, socket.SOCK_RAW, number)
	targets = [(port, address) for port in ports.split(',')
	           for address in addresses.split(',')]
	for source in sys.argv[7].split(',') if len(sys.argv) > 7 else ['']:
	    raw.bind((source, 0))
	    for client in range(int(first), int(first) + int(count)):
	        for port, address in targets:
	            raw.sendto(struct.pack('!HH', client, int(port)) + rest,
	                       (address, 0))
	END
}
