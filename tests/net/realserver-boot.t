#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What `dsrctl realserver setup` does is there after the next boot, whoever
# manages the network of the machine, and undo leaves no file behind. The
# guest itself is the real server here. Of the managers there is what they
# leave in /run, and a process of their name. What they do with the files at
# boot is done by hand, but for systemd-networkd and ifupdown, which do it
# themselves; realserver-nm.t has the real NetworkManager.
#
# STOCK: none: it is about what no kernel does differently
# SECONDS: 50 37

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

PATH=${DSRCTL%/*}:$PATH

sysctl_file=/etc/sysctl.d/90-dsr-realserver.conf
networkd_file=/etc/systemd/network/10-dsr-realserver.network
nm_file=/etc/NetworkManager/dispatcher.d/50-dsr-realserver
ifupdown_file=/etc/network/interfaces.d/dsr-realserver
unit=dsr-realserver.service
unit_file=/etc/systemd/system/$unit
unit_link=/etc/systemd/system/multi-user.target.wants/$unit

# state: all that setup could touch in the running system
state() {
	ip -o address show lo | sed 's/ *valid_lft.*//' | sort
	sysctl net.ipv4.conf.{all,lan0}.arp_{ignore,announce}
}

# files: and elsewhere
files() {
	find /etc/sysctl.d /etc/systemd /etc/NetworkManager /etc/network \
		/var/lib/dsr /run/dsr ! -type d -printf '%p %m %s\n' 2>/dev/null |
		sort
}

# boot: all that only runs is gone
boot() {
	ip address del "$VIP4/32" dev lo 2>/dev/null
	ip address del "$VIP6/128" dev lo 2>/dev/null
	must sysctl -qw net.ipv4.conf.{all,lan0}.arp_{ignore,announce}=0
	rm -rf /run/dsr
}

# --- the managers ------------------------------------------------------------

daemons=()

# daemon NAME: a process that is called so
daemon() {
	must cp /bin/sleep "$TMP/$1"
	"$TMP/$1" 10000 &
	daemons+=($!)
	wait_for 10 "$1 to run" grep -q "^${1:0:15}$" "/proc/$!/comm"
}

# nobody: manages anything
nobody() {
	((${#daemons[@]} == 0)) || kill "${daemons[@]}"
	wait
	daemons=()
	rm -rf /run/systemd /run/NetworkManager /run/network
} 2>/dev/null

index=0
by_networkd() {
	mkdir -p /run/systemd/netif/links
	echo ADMIN_STATE=configured >/run/systemd/netif/links/"$index"
	echo ADMIN_STATE=unmanaged >/run/systemd/netif/links/1
	daemon systemd-networkd
}
# The real one, which needs neither udev nor dbus where /sys is read-only
start_networkd() {
	chown -R systemd-network /run/systemd/netif
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount -o remount,bind,ro /sys &&
		exec /lib/systemd/systemd-networkd' 2>"$TMP/networkd" &
	local pid=$!
	await 60 grep -q ^ADMIN_STATE=configured /run/systemd/netif/links/1 ||
		diag "$(cat "$TMP/networkd")"
	kill "$pid"
	wait "$pid"
	echo ADMIN_STATE=configured >/run/systemd/netif/links/"$index"
}

by_nm() {
	mkdir -p /run/NetworkManager/devices
	printf '[device]\nmanaged=true\n' >/run/NetworkManager/devices/"$index"
	daemon NetworkManager
}
start_nm() {
	must env -i "$nm_file" lan0 up
}

# The real one
by_ifupdown() {
	cat >/etc/network/interfaces <<-END
		source /etc/network/interfaces.d/*
		auto lan0
		iface lan0 inet manual
	END
	must ifup -a
}
start_ifupdown() {
	rm -rf /run/network
	must ifup -a
}

by_systemd() {
	mkdir -p /run/systemd/system
}
start_systemd() {
	must sh -e <(sed -n 's/^ExecStart=//p' "$unit_link")
}

# lasts MANAGER FILE MODE: setup, boots, undo
lasts() {
	local manager=$1 file=$2 mode=$3 before_files before got up up_files
	before=$(state)
	"by_$manager"
	before_files=$(files)

	got=$(dsrctl realserver setup --dry-run $VIP4 $VIP6)
	is "$(files)" "$before_files" "$manager: --dry-run writes nothing"
	must bash -ec "$got" >/dev/null
	up=$(state)
	up_files=$(files)
	must dsrctl realserver undo $VIP4 $VIP6 >/dev/null
	is "$(state)" "$before" "$manager: what was typed is undone"
	is "$(files)" "$before_files" "$manager: no file is left of it"

	got=$(dsrctl realserver setup $VIP4 $VIP6)
	like "$got" "wrote $sysctl_file" "$manager: says where settings are"
	like "$got" "wrote $file" "$manager: and where addresses are"
	is "$(stat -c %a "$file")" "$mode" "$manager: mode of the file"
	is "$(files)" "$up_files" "$manager: what was typed is what setup does"
	is "$(state)" "$up" "$manager: in the running system, too"
	is "$(dsrctl realserver setup $VIP4 $VIP6)" '' "$manager: once is enough"

	boot
	is "$(dsrctl realserver check | grep -c ': vip-missing: ')" 2 \
		"$manager: check knows what should be there"
	must sysctl -qp $sysctl_file
	"start_$manager"
	is "$(state)" "$up" "$manager: a boot brings it back"
	ok "$manager: check has no finding" dsrctl realserver check
	is "$(dsrctl realserver setup $VIP4 $VIP6)" '' \
		"$manager: setup has nothing to do"

	ok "$manager: undo of one" dsrctl realserver undo $VIP4
	unlike "$(cat "$file")" $VIP4 "$manager: it will not come back"
	like "$(cat "$file")" $VIP6 "$manager: and the other will"
	unlike "$(files)" $sysctl_file "$manager: IPv6 needs no settings"
	ok "$manager: undo" dsrctl realserver undo $VIP6
	is "$(files)" "$before_files" "$manager: no file is left"
	is "$(state)" "$before" "$manager: nor anything else"
	nobody
}

run ip link add lan0 type veth peer name lan1
run ip link set lan0 up
run ip link set lan1 up
run ip address add 10.9.0.11/24 dev lan0
must ip link set lo up
index=$(cat /sys/class/net/lan0/ifindex)
must sysctl -qw net.ipv4.conf.{all,lan0}.arp_{ignore,announce}=0
rm -rf /run/systemd /etc/network/interfaces

lasts networkd $networkd_file 644
lasts nm $nm_file 755
lasts ifupdown $ifupdown_file 644
lasts systemd $unit_file 644

# --- at the edge -------------------------------------------------------------

like "$(dsrctl realserver setup $VIP4)" 'run this at every start' \
	'nobody who brings addresses: that is told'
must test ! -e $unit_file
must dsrctl realserver undo $VIP4 >/dev/null

# a file for lo is there already: only one is taken
by_networkd
printf 'ADMIN_STATE=configured\nNETWORK_FILE=/run/systemd/network/lo.network\n' \
	>/run/systemd/netif/links/1
dropin=/etc/systemd/network/lo.network.d/50-dsr-realserver.conf
like "$(dsrctl realserver setup $VIP4)" "wrote $dropin" \
	'networkd: added to a file for lo'
unlike "$(cat $dropin)" 'Match' 'without what that file says'

# the network changes hands
nobody
by_nm
got=$(dsrctl realserver setup $VIP4)
like "$got" "wrote $nm_file" 'a new manager gets its file'
like "$got" "removed $dropin" 'and the old one loses its own'
must env -i "$nm_file" lan0 down
must ip address del $VIP4/32 dev lo
must env -i "$nm_file" lan0 down
unlike "$(state)" $VIP4 'NetworkManager: only when an interface goes up'
must dsrctl realserver undo $VIP4 >/dev/null

# a daemon that has left its files behind, and one that lets the LAN alone
kill "${daemons[@]}"
wait
like "$(dsrctl realserver setup --dry-run $VIP4)" 'run this at every start' \
	'a manager that does not run is none'
nobody
by_nm
printf '[device]\nmanaged=false\n' >/run/NetworkManager/devices/"$index"
like "$(dsrctl realserver setup --dry-run $VIP4)" 'run this at every start' \
	'one that does not manage the LAN, neither'
nobody
by_ifupdown
: >/etc/network/interfaces
unlike "$(dsrctl realserver setup --dry-run $VIP4)" $ifupdown_file \
	'ifupdown: interfaces.d is not read'
nobody

# files of others
before=$(state)
echo 'net.ipv4.conf.all.arp_ignore = 0' >$sysctl_file
fails 'a file that is not of setup' 2 dsrctl realserver setup $VIP4
is "$(cat $sysctl_file)" 'net.ipv4.conf.all.arp_ignore = 0' 'stays'
is "$(state)" "$before" 'and nothing was done'
rm $sysctl_file

# a file that can't be written
mkdir -p "$TMP/full"
must mount -t tmpfs -o size=4k,nr_inodes=1 full /etc/sysctl.d
fails 'a full disk' 2 dsrctl realserver setup $VIP4
is "$(ls -A /etc/sysctl.d)" '' 'leaves no half of a file'
must dsrctl realserver undo $VIP4 >/dev/null
must umount /etc/sysctl.d
is "$(state)" "$before" 'undo after half a setup'

# a record that can't be read
mkdir -p /var/lib/dsr
echo '{' >/var/lib/dsr/realserver.json
fails 'a record that is broken' 2 dsrctl realserver undo $VIP4
rm /var/lib/dsr/realserver.json

# --now
by_nm
before_files=$(files)
must dsrctl realserver setup --now $VIP4 $VIP6 >/dev/null
is "$(files | grep -v ' /run/dsr\|^/run/dsr')" "$before_files" \
	'--now writes nothing that lasts'
like "$(dsrctl realserver setup $VIP4)" "wrote $nm_file" \
	'it can be made to last later'
unlike "$(cat $nm_file)" $VIP6 'one without the other'
like "$(dsrctl realserver undo --now $VIP4)" 'comes back with the next boot' \
	'undo --now says what stays'
unlike "$(state)" $VIP4 'it goes'
must test -e $nm_file
must dsrctl realserver undo $VIP4 $VIP6 >/dev/null
is "$(files)" "$before_files" 'undo takes both back'
is "$(state)" "$before" 'in the running system, too'

# another network namespace
must ip netns add other
must ip netns exec other dsrctl realserver setup $VIP4 >/dev/null
is "$(files | grep -v '^/run/dsr')" "$before_files" \
	'for a namespace of its own nothing lasts'
nobody
done_testing
