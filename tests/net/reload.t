#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Loads and unloads the module many times while packets come as fast as they
# can. Afterwards nothing of it is left.
#
# STOCK: 6.12: the module goes while another CPU is in it
# SECONDS: 165 65

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

rounds=${ROUNDS:-100}

# What the module must leave as it was
traces() {
	# The kernel itself leaves a link here of a cache that it had merged
	# with one of its own; a cache that is still there is a directory
	find /sys/kernel/slab -maxdepth 1 -name 'dsr*' ! -type l
	ls -d /sys/module/dsr /proc/net/dsr* \
		/sys/bus/workqueue/devices/dsr* 2>/dev/null
	on director ls /proc/net 2>/dev/null | grep dsr
	grep dsr /proc/slabinfo
	# the workers' thread that rescues it would be here
	pgrep -x dsr
	nft list hooks 2>/dev/null | grep dsr
	on director nft list hooks 2>/dev/null | grep dsr
}

forwarding() {
	[[ $("$DSRCTL" -N director -j stats) =~ '"forwarded":'([0-9]+) ]] &&
		((BASH_REMATCH[1] > 20))
}

make_router
make_client
make_director
make_server 1
make_server 2
[[ ${DSR_KO-} ]] || die 'DSR_KO does not name the module'
is "$(traces)" '' 'nothing of the module is there before'

# The first hook of a kind and the last make the kernel patch its code, which
# an emulator with two CPUs under full load may not survive. With these in a
# corner of their own ours are never the first.
namespace corner
on corner nft -f - <<-END
	table inet corner {
		chain in { type filter hook prerouting priority 0; }
	}
	table netdev corner {
		chain in { type filter hook ingress device lo priority 0; }
	}
END

cat >"$TMP/config" <<-END
	vip add $VIP4/any scheduler rr
	vip add [$VIP6]:1-65535/udp
	vip add $VIP4:53/udp scheduler wrr
	vip add 10.0.0.101:1000-2000/tcp
	server add $VIP4/any 10.9.0.11
	server add $VIP4:53/udp 10.9.0.11 weight 3
	server add $VIP4:53/udp 10.9.0.12
	server add [$VIP6]:1-65535/udp 2001:db8:9::11
	server add [$VIP6]:1-65535/udp 2001:db8:9::12
	server add 10.0.0.101:1000-2000/tcp 10.9.0.99
END
# One sender: on two CPUs that are both full nothing else gets on
(while :; do
	knock client udp $VIP4 53 1024 5000
	knock client udp $VIP6 53 1024 5000
done) &
flood=$!

loaded=0
for ((n = 1; n <= rounds; n++)); do
	insmod "$DSR_KO" || die "insmod, round $n"
	((n % 2)) || "$DSRCTL" -N director dev add eth0 ||
		die "dev add, round $n"
	"$DSRCTL" -N director -b "$TMP/config" || die "configuration, round $n"
	# now and then with many flows
	if ((n % 10 < 2)); then
		wait_for 20 "packets in round $n" forwarding
	fi
	rmmod dsr || die "rmmod, round $n"
	loaded=$((loaded + 1))
	((n % 10)) || diag "round $n"
done
is $loaded "$rounds" 'loaded and unloaded under full traffic'
is "$(traces)" '' 'nothing of it is left'

# what was there before it still works
kill $flood
wait $flood 2>/dev/null
ok 'the director still has its network' on client ping -qc1 -W5 10.9.0.2
remove_network
is "$(traces)" '' 'nor in any namespace'
done_testing
