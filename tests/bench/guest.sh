#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# usage: guest.sh short|full|profile|curves|scale|load|cpus|native
#
# Measures in a guest whose nanoseconds are instructions, or in one (native) of
# which they are time (see run). Prints a line for each time that packets were
# sent:
#
#	R SUBJECT LOAD PACKETS MICROSECONDS LEFT
#
# LEFT is how many of the packets left the director. With $MARK each sending is
# an interval for count.c. What is no packet's cost is a line
#
#	V NAME VALUE
#
# Other lines are for people.
#
#	pktgen --> v0 | v1 --> director --> d0 (dummy; four servers)
#
# LEFT is read from d0. With an old kernel there is a router before v0.

set -euo pipefail

extent=$1
vip=10.0.0.100
stranger=198.51.100.1
packets=10000 rounds=3 neighbours=1000
many=65536
million=1000000
counting=no shared='' director=director source=v0 gateway=02:00:00:00:00:02
case $extent in
short) packets=5000 ;;
profile) rounds=1 ;;
esac

in_director() {
	ip netns exec "$director" "$@"
}

# pktgen FILE WORDS...
pktgen() {
	echo "${*:2}" >"/proc/net/pktgen/$1"
}

# Random numbers cost several times as much until the kernel has had enough
# entropy, and this guest gets none: it would differ from run to run
seed_random() {
	python3 -c 'import fcntl, struct
RNDADDENTROPY = 0x40085203
with open("/dev/random", "wb") as device:
    fcntl.ioctl(device, RNDADDENTROPY, struct.pack("ii", 512, 64) + bytes(64))'
}

make_network() {
	modprobe -a pktgen veth dummy sch_ingress cls_matchall act_mirred act_gact
	# a table that grows keeps the CPU for longer than the usual queue lasts
	sysctl -qw net.core.netdev_max_backlog=100000
}

# $director, at the other end of $source
make_director() {
	local n
	ip netns add "$director"
	ip link add "$source" address 02:00:00:00:00:01 type veth \
		peer name v1 netns "$director" address 02:00:00:00:00:02
	ip -n "$director" link add d0 address 02:00:00:00:00:03 type dummy
	# nobody sends but pktgen
	sysctl -qw "net.ipv6.conf.$source.disable_ipv6=1"
	in_director sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv4.conf.{all,default,v1,d0}.rp_filter=0 \
		net.ipv6.conf.all.disable_ipv6=1
	ip link set "$source" up
	for n in lo v1 d0; do ip -n "$director" link set $n up; done
	ip -n "$director" address add 10.8.0.2/24 dev v1
	ip -n "$director" address add 10.9.0.2/16 dev d0
	ip -n "$director" route add default via 10.9.1.1
	for ((n = 1; n <= neighbours; n++)); do
		echo "neigh add $(server "$n") lladdr $(mac "$n") dev d0 nud permanent"
	done | ip -n "$director" -batch -
}

# pktgen holds on to each packet, as no network card does: who wants to change
# it has to copy it. Since Linux 6.7 it can be told not to. Before, a router on
# the way, which must copy it as well, makes it like any other.
make_relay() {
	pktgen kpktgend_0 add_device v0
	grep -q SHARED /proc/net/pktgen/v0 && return
	source=p0 gateway=02:00:00:00:00:05
	pktgen kpktgend_0 rem_device_all
	ip netns add relay
	ip link add p0 address 02:00:00:00:00:04 type veth \
		peer name p1 netns relay address 02:00:00:00:00:05
	ip link set v0 netns relay
	ip netns exec relay sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv4.conf.{all,default,p1,v0}.rp_filter=0 \
		net.ipv6.conf.all.disable_ipv6=1
	sysctl -qw net.ipv6.conf.p0.disable_ipv6=1
	ip link set p0 up
	ip -n relay link set p1 up
	ip -n relay link set v0 up
	ip -n relay address add 10.8.0.1/24 dev v0
	ip -n relay neigh add 10.8.0.2 lladdr 02:00:00:00:00:02 dev v0 \
		nud permanent
	ip -n relay route add default via 10.8.0.2
	# Until Linux 6.4 a packet is handled at once or, for as long as this
	# thread has something to do, together with others, which takes 870 less:
	# so this has to be over soon.
	chrt -f -p 50 "$(pgrep -x ksoftirqd/0)"
}

# server N, mac N: of the Nth
server() {
	echo "10.9.$((1 + ($1 - 1) / 250)).$((1 + ($1 - 1) % 250))"
}

mac() {
	printf '02:00:00:01:%02x:%02x\n' $(($1 / 256)) $(($1 % 256))
}

left() {
	in_director cat /sys/class/net/d0/statistics/tx_packets
}

# send COUNT TO FIRST LAST [FLAG]: from the addresses FIRST to LAST (numbers
# in 10.0.0.0/8), one after the other, or by chance with the flag IPSRC_RND
send() {
	pktgen kpktgend_0 rem_device_all
	pktgen kpktgend_0 add_device "$source"
	pktgen "$source" count "$1"
	pktgen "$source" clone_skb 0
	pktgen "$source" pkt_size 60
	pktgen "$source" delay 0
	pktgen "$source" dst_mac "$gateway"
	pktgen "$source" dst "$2"
	pktgen "$source" src_min "$(client "$3")"
	pktgen "$source" src_max "$(client "$4")"
	pktgen "$source" udp_src_min 4000
	pktgen "$source" udp_src_max 4000
	pktgen "$source" udp_dst_min 80
	pktgen "$source" udp_dst_max 80
	[[ -z ${5-} ]] || pktgen "$source" flag "$5"
	[[ $source == p0 || $shared ]] || pktgen "$source" flag '!SHARED'
	[[ -z ${MARK-} || $counting == no ]] || "$MARK" begin
	echo start >/proc/net/pktgen/pgctrl
	[[ -z ${MARK-} || $counting == no ]] || "$MARK" end
}

client() {
	echo "10.$((64 + ($1 >> 16))).$((($1 >> 8) & 255)).$(($1 & 255))"
}

# measure SUBJECT LOAD SEND-ARGUMENTS...
measure() {
	local subject=$1 load=$2 before
	shift 2
	before=$(left)
	counting=yes
	send "$@"
	counting=no
	echo "R $subject $load $1 $(sed -n 's/^Result: OK: \([0-9]*\).*/\1/p' \
		"/proc/net/pktgen/$source") $(($(left) - before))"
}

next_client=0

# fresh NUMBER: so many clients not seen before, as $first and $last
fresh() {
	first=$next_client last=$((next_client + $1))
	next_client=$((last + 1))
}

# One flow; its first packets are not counted
one_flow() {
	local i first last
	fresh 1
	send 100 "${2-$vip}" "$first" "$first"
	for ((i = 0; i < rounds; i++)); do
		measure "$1" one "$packets" "${2-$vip}" "$first" "$first"
	done
}

# make_flows NUMBER: of the clients from $first to $last
make_flows() {
	fresh "$1"
	send $(($1 + 1)) "$vip" "$first" "$last"
}

# random_flows SUBJECT LOAD FLOWS: made before, then at random
random_flows() {
	local i first last
	make_flows "$3"
	for ((i = 0; i < rounds; i++)); do
		measure "$1" "$2" "$packets" "$vip" "$first" "$last" IPSRC_RND
	done
}

new_flows() {
	local i first last
	for ((i = 0; i < rounds; i++)); do
		fresh "$packets"
		measure "$1" new "$packets" "$vip" "$first" "$last"
	done
}

loads() {
	one_flow "$1"
	random_flows "$1" 64k "$many"
	new_flows "$1"
}

# --- the paths --------------------------------------------------------------

# tc_ingress ACTION...: for whatever comes in
tc_ingress() {
	in_director tc qdisc add dev v1 clsact
	in_director tc filter add dev v1 ingress matchall action "$@"
}

tc_end() {
	in_director tc qdisc del dev v1 clsact
}

add_drop() {
	tc_ingress drop
}

measure_drop() {
	add_drop
	one_flow "$1"
	many=1000 random_flows "$1" 64k 1000
	new_flows "$1"
	tc_end
}

add_mirred() {
	tc_ingress mirred egress redirect dev d0
}

measure_mirred() {
	add_mirred
	loads mirred
	tc_end
}

# nft_servers STATEMENT...: chains server0 to server3, each with what a packet to
# that server is to do, SERVER for its address; and $jumps, the map from a hash to them
nft_servers() {
	local n
	chains='' jumps=''
	for n in {0..3}; do
		jumps+="$n : jump server$n, "
		chains+="chain server$n { ${*//SERVER/$(server $((n + 1)))}
		}
		"
	done
}

# nft_load RULES: those for packets to the VIP
nft_load() {
	in_director nft -f - <<-END
		table netdev lb {
			map flows {
				type ipv4_addr . inet_service : ipv4_addr
				size 1048576
				flags dynamic,timeout
				timeout 5m
			}
			$chains
			chain vip {
				$1
			}
			chain in {
				type filter hook ingress device v1 priority 0
				ip daddr $vip udp dport 80 jump vip
			}
		}
	END
}

# A map says where a flow goes, however many servers there are by now. fwd takes
# one off the TTL and finds the MAC. Each packet puts its flow's end off, as with
# IPVS and with us, by which it is made as well.
add_nft() {
	local chains jumps key='ip saddr . udp sport'
	nft_servers "update @flows { $key : SERVER }"
	nft_load "jhash $key mod 4 vmap { $jumps }
		fwd ip to $key map @flows device d0"
}

# The same, but a flow is found first, and ends five minutes after it began
add_nft_once() {
	local chains jumps key='ip saddr . udp sport'
	nft_servers "add @flows { $key : SERVER }
		fwd ip to SERVER device d0"
	nft_load "fwd ip to $key map @flows device d0
		jhash $key mod 4 vmap { $jumps }"
}

del_nft() {
	in_director nft delete table netdev lb
}

measure_nft() {
	add_nft
	loads nft
	del_nft
	add_nft_once
	loads nft-once
	del_nft
}

add_ipvs() {
	local n
	# its default of 4096 buckets would be no match for so many flows
	modprobe ip_vs conn_tab_bits=20
	ip -n "$director" address add $vip/32 dev lo
	in_director ipvsadm -A -u $vip:80 -s mh
	for n in {1..4}; do
		in_director ipvsadm -a -u $vip:80 -r "$(server "$n")" -g
	done
}

del_ipvs() {
	in_director ipvsadm -C
	ip -n "$director" address del $vip/32 dev lo
}

measure_ipvs() {
	add_ipvs
	loads ipvs
	del_ipvs
}

# add_vip SERVERS: our VIP with so many servers. Maglev's table is made once.
add_vip() {
	local n
	{
		echo "vip add $vip:80/udp scheduler rr"
		for ((n = 1; n <= $1; n++)); do
			echo "server add $vip:80/udp $(server "$n")"
		done
		echo "vip set $vip:80/udp scheduler mh"
	} | dsrctl -b -
}

dsrctl() {
	in_director "$DSRCTL" "$@"
}

# other_vips NUMBER: more of them, on other addresses
other_vips() {
	local n
	for ((n = 0; n < $1; n++)); do
		echo "vip add 10.1.$((n / 250)).$((n % 250)):80/udp"
	done | dsrctl -b -
}

add_dsr_hook() {
	add_vip 4
}

add_dsr_dev() {
	dsrctl dev add v1
	add_vip 4
}

measure_dsr() {
	add_dsr_dev
	loads dsr-dev
	dsrctl dev del v1
	dsrctl flush
	add_dsr_hook
	loads dsr-hook
	dsrctl flush
}

# With packets that pktgen holds on to, as was said of them at make_relay
measure_shared() {
	[[ $source == v0 ]] || return 0
	shared=yes
	add_drop
	one_flow shared-drop
	tc_end
	add_mirred
	one_flow shared-mirred
	tc_end
	add_ipvs
	one_flow shared-ipvs
	del_ipvs
	add_dsr_dev
	one_flow shared-dsr-dev
	dsrctl dev del v1
	dsrctl flush
	shared=''
}

# What netfilter takes for hooks that do nothing
measure_empty() {
	insmod "$EMPTY_KO"
	one_flow stranger-empty-hook $stranger
	rmmod empty
	insmod "$EMPTY_KO" ingress=1
	one_flow stranger-empty-dev $stranger
	rmmod empty
}

# Packets that are for no VIP are routed
measure_strangers() {
	local vips
	for vips in 1 10000; do
		add_vip 4
		other_vips $((vips - 1))
		one_flow "stranger-hook-$vips" $stranger
		dsrctl dev add v1
		one_flow "stranger-dev-$vips" $stranger
		one_flow "vips-$vips"
		dsrctl dev del v1
		dsrctl flush
		[[ $extent != profile ]] || break
	done
}

measure_servers() {
	local servers first last
	dsrctl dev add v1
	for servers in 4 64 1000; do
		add_vip "$servers"
		one_flow "servers-$servers"
		# a table that is small yet would grow while it is measured
		make_flows "$many"
		new_flows "servers-$servers"
		dsrctl flush
	done
	dsrctl dev del v1
}

measure_flows() {
	local flows
	dsrctl dev add v1
	for flows in 1000 32000; do
		add_vip 4
		random_flows "flows-$flows" random "$flows"
		dsrctl flush
	done
	dsrctl dev del v1
}

# watch NAME COMMAND...: how long it takes, and how long at the worst somebody
# has to wait for the CPU meanwhile, in microseconds
watch() {
	local name=$1 begin late
	shift
	"$LATE_TOOL" >/run/late &
	late=$!
	begin=$(date +%s%N)
	"$@"
	echo "V $name-time $((($(date +%s%N) - begin) / 1000))"
	kill $late
	wait $late
	echo "V $name-wait $(($(</run/late) / 1000))"
}

flows_now() {
	dsrctl stats | awk '$1 == "flows" { print $NF }'
}

# Bytes of slab that a flow takes, the unused ends of pages included. The guest
# was told to merge no slabs (see run), so flows have one of their own.
slab_bytes() {
	awk -v flows="$(flows_now)" '$1 == "dsr_flow" {
		printf "V slab-bytes %.0f\n", $15 * $6 * 4096 / flows
	}' /proc/slabinfo
}

# The last of them are gone at the latest eight seconds after they expired
await_expiry() {
	local i
	for ((i = 0; i < 90; i++)); do
		sleep 1
		(($(flows_now) > 0)) || return 0
	done
	echo 'guest.sh: flows are left that should have expired' >&2
	return 1
}

measure_million() {
	local i first last
	add_vip 4
	fresh "$million"
	watch idle sleep 1
	watch make send $((million + 1)) "$vip" "$first" "$last"
	for ((i = 0; i < rounds; i++)); do
		measure flows-$million random "$packets" "$vip" "$first" "$last" \
			IPSRC_RND
	done
	slab_bytes
	awk '/bucket_table_alloc|rhashtable/ && $2 > most { most = $2 }
	END { print "V table-bytes", most }' /proc/vmallocinfo
	# shellcheck disable=SC2016 # expanded there
	watch dump in_director bash -c '"$1" -j flow show >/run/flows' - "$DSRCTL"
	echo "V dumped $(grep -o '"client":' /run/flows | wc -l)"
	rm /run/flows
	# of five minutes, most of which would be waiting
	dsrctl vip set "$vip:80/udp" timeout udp 1
	watch expire await_expiry
	dsrctl flush
}

# services NUMBER SCHEDULER: with ten servers each, as ipvsadm -S writes them to
# /run/ipvs, and dsrctl config save to /run/dsr
services() {
	local n s vip
	echo '# dsr config version 1' >/run/dsr
	for ((n = 0; n < $1; n++)); do
		vip=10.1.$((n / 250)).$((n % 250)):80
		echo "-A -u $vip -s $2" >&3
		echo "vip add $vip/udp scheduler $2" >&4
		for s in {1..10}; do
			echo "-a -u $vip -r 10.9.1.$s -g" >&3
			echo "server add $vip/udp 10.9.1.$s" >&4
		done
	done 3>/run/ipvs 4>>/run/dsr
}

# load NAME: how long either takes
load() {
	watch "$1-ipvs" in_director ipvsadm -R </run/ipvs
	in_director ipvsadm -C
	watch "$1-dsr" dsrctl config load /run/dsr
	dsrctl flush
}

# measure_many_servers NUMBER: so many of one VIP, of rr; half of them with another
# weight, the other half gone; and none
measure_many_servers() {
	awk -v n="$1" 'BEGIN {
		print "# dsr config version 1"
		print "vip add 10.1.0.1:80/tcp scheduler rr"
		for (i = 0; i < n; i++)
			print "server add 10.1.0.1:80/tcp 10.64." int(i / 256) \
				"." i % 256 " mac 02:00:00:00:00:11 dev v1"
	}' >/run/dsr
	awk 'NR <= 2 { print } NR > 2 && NR % 2 { print $0, "weight 2" }' \
		/run/dsr >/run/half
	watch load-servers dsrctl config load /run/dsr
	watch change-servers dsrctl config load /run/half
	watch flush-servers dsrctl flush
}

# A table for each service, and none. A few first: a guest that waits for its
# disk waits in its own time.
measure_load() {
	modprobe -a ip_vs ip_vs_rr ip_vs_mh
	services 10 rr
	load load-warm
	services 1000 mh
	load load-mh
	services 10000 rr
	load load
	measure_many_servers 65535
}

# prepare_cpu CPU: what one_flow() sends, from 256 clients of its own
prepare_cpu() {
	local word
	pktgen "kpktgend_$1" add_device "v0@$1"
	for word in "count $packets" 'clone_skb 0' 'pkt_size 60' 'delay 0' \
		"dst_mac $gateway" "dst $vip" \
		"src_min 10.64.$1.0" "src_max 10.64.$1.255" \
		'udp_src_min 4000' 'udp_src_max 4000' \
		'udp_dst_min 80' 'udp_dst_max 80' 'flag !SHARED'; do
		pktgen "v0@$1" "$word"
	done
}

# One CPU that sends, and two at once. The clock goes on while either of them
# works, and they take turns of 100 ms: so there is a lot to send.
measure_cpus() {
	local cpus n before packets=150000
	[[ $source == v0 ]] || return 0
	dsrctl dev add v1
	add_vip 4
	for cpus in 1 2 1 2; do
		for n in 0 1; do pktgen "kpktgend_$n" rem_device_all; done
		for ((n = 0; n < cpus; n++)); do prepare_cpu "$n"; done
		before=$(left)
		echo start >/proc/net/pktgen/pgctrl
		awk -v cpus="$cpus" -v all=$((cpus * packets)) \
			-v left=$(($(left) - before)) '
		$1 == "started:" {
			if (!begin || $2 + 0 < begin) begin = $2 + 0
			if ($4 + 0 > end) end = $4 + 0
		}
		END { print "R cpus-" cpus, "both", all, end - begin, left }
		' /proc/net/pktgen/v0@*
	done
}

# In turns of a fraction of a second, each path with a director of its own: so
# whatever else the host does meanwhile hits all of them alike. As many packets in
# a turn as make 64k flows busy: they send several in it.
measure_native() {
	local path first last round
	local paths=(drop mirred nft ipvs dsr-dev dsr-hook)
	packets=400000 neighbours=4
	fresh "$many"
	for path in "${paths[@]}"; do
		director=$path source=v-$path
		make_director
		"add_${path/-/_}"
		# the flows that there are to be
		send $((many + 1)) $vip "$first" "$last"
	done
	for ((round = 0; round < 24; round++)); do
		for path in "${paths[@]}"; do
			director=$path source=v-$path
			measure "$path" one "$packets" $vip "$first" "$first"
			measure "$path" 1k "$packets" $vip "$first" \
				$((first + 1023)) IPSRC_RND
			measure "$path" 64k "$packets" $vip "$first" "$last" \
				IPSRC_RND
		done
	done
}

# symbols: for the profile, of the kernel and of the modules
print_symbols() {
	awk '$2 ~ /[tTwW]/ { print "S", $1, $3, $4 }' /proc/kallsyms
	echo "T $(cat /sys/module/dsr/sections/.text)"
}

# The paths side by side
measure_paths() {
	measure_drop drop
	measure_mirred
	if [[ $extent != profile ]]; then
		measure_nft
		measure_ipvs
	fi
	one_flow stranger $stranger
	[[ $extent == profile ]] || measure_empty
	insmod "$DSR_KO"
	measure_dsr
	measure_strangers
	[[ $extent != full ]] || measure_shared
	measure_drop drop-again
}

main() {
	make_network
	if [[ $extent == native ]]; then
		insmod "$DSR_KO"
		measure_native
		return
	fi
	seed_random
	make_director
	make_relay
	case $extent in
	curves)
		insmod "$DSR_KO"
		measure_servers
		measure_flows
		;;
	scale)
		insmod "$DSR_KO"
		dsrctl dev add v1
		measure_million
		;;
	load)
		insmod "$DSR_KO"
		measure_load
		;;
	cpus)
		insmod "$DSR_KO"
		measure_cpus
		;;
	*)
		measure_paths
		;;
	esac
	[[ -z ${MARK-} ]] || print_symbols
}

main
