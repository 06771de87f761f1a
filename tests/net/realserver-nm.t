#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `dsrctl realserver setup` where NetworkManager brings the network up: the real
# one, which the host's systemd boots in PID and mount namespaces of its own.
# The guest itself is the real server.
#
# STOCK: none: it is about what no kernel does differently
# SECONDS: 52 35

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

PATH=${DSRCTL%/*}:$PATH

# boot: ends when NetworkManager has set lan0 up
boot() {
	# shellcheck disable=SC2016
	env -i container=dsr PATH="$PATH" unshare --pid --mount --cgroup --fork \
		--kill-child /bin/sh -c 'mount -t proc proc /proc &&
		mount -o remount,bind,ro /sys &&
		mount -t cgroup2 cgroup /sys/fs/cgroup &&
		mount -t tmpfs tmp /tmp && # a boot empties it
		exec /lib/systemd/systemd --unit=dsr-test.target' \
		>"$TMP/boot" 2>&1 &
	machine=$!
	await 300 is_connected || die "no boot: $(cat "$TMP/boot")"
	init=$(pgrep -P $machine)
}

# The file is what setup looks at
is_connected() {
	ip -o -4 address show dev lan0 | grep -q 10.9.0.11 &&
		grep -q ^connection-uuid= /run/NetworkManager/devices/"$index"
}

# halt: all that only runs is gone
halt() {
	kill -9 "$init"
	wait $machine
	rm -rf /run/NetworkManager /run/dbus /run/systemd /run/dsr
	must ip address flush dev lan0
	must ip address flush dev lo scope global
	must sysctl -qw net.ipv4.conf.{all,lan0}.arp_{ignore,announce}=0
} 2>/dev/null

# has VIP: on lo
has() {
	ip -o address show dev lo | grep -qw "$1"
}

settings() {
	sysctl -n net.ipv4.conf.all.arp_{ignore,announce} | xargs
}

[[ -d /sys/fs/cgroup ]] || skip_all 'no cgroups in this kernel'
cat >/etc/systemd/system/dsr-test.target <<-END
	[Unit]
	Wants=systemd-sysctl.service dbus.service NetworkManager.service
END
cat >/etc/NetworkManager/system-connections/lan.nmconnection <<-END
	[connection]
	id=lan
	type=ethernet
	interface-name=lan0
	[ethernet]
	[ipv4]
	method=manual
	address1=10.9.0.11/24
	[ipv6]
	method=link-local
END
chmod 600 /etc/NetworkManager/system-connections/lan.nmconnection
must systemctl --quiet enable NetworkManager
run ip link add lan0 type veth peer name lan1
run ip link set lan1 up
must ip link set lo up
index=$(cat /sys/class/net/lan0/ifindex)

boot
got=$(dsrctl realserver setup $VIP4 $VIP6)
like "$got" '/etc/NetworkManager/dispatcher.d/' 'setup has a file for it'
ok 'check has no finding' dsrctl realserver check $VIP4 $VIP6
files=$(sed -n 's/^wrote //p' <<<"$got")
halt

is "$(dsrctl realserver check | grep -c ': vip-missing: ')" 2 \
	'the VIPs have gone down with the machine'
boot
ok 'a boot brings one back' await 300 has $VIP4
ok 'and the other' await 300 has $VIP6
is "$(settings)" '1 2' 'and the settings'
ok 'check has no finding' dsrctl realserver check
is "$(dsrctl realserver setup $VIP4 $VIP6)" '' 'setup has nothing to do'

ok 'undo' dsrctl realserver undo $VIP4 $VIP6
fails 'no VIP is left' 1 has $VIP4
# shellcheck disable=SC2086 # words
is "$(ls $files 2>/dev/null)" '' 'nor a file'
halt
done_testing
