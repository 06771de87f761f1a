#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# dsr-restore.service: the startup configuration at boot. The system that boots
# is the host's systemd, in PID and mount namespaces of its own, as far as the
# unit and what it needs; the director is the guest itself.
#
# STOCK: none: it is about what no kernel does differently
# SECONDS: 70 35

# shellcheck disable=SC2317 # functions are also called by await
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

conf=/etc/dsr/dsr.conf
unit=dsr-restore.service
target=/etc/systemd/system/dsr-test.target
vip=10.0.0.100:80/tcp

# boot [WORD...]: with words on the kernel's command line, which in a container
# systemd takes from its own. Ends when the unit has had its turn.
boot() {
	rm -f /run/booted
	# shellcheck disable=SC2016
	env -i container=dsr PATH="$PATH" unshare --pid --mount --cgroup --fork \
		--kill-child /bin/sh -c 'mount -t proc proc /proc &&
		mount -o remount,bind,ro /sys &&
		mount -t cgroup2 cgroup /sys/fs/cgroup &&
		mount -t tmpfs tmp /tmp && # a boot empties it
		exec /lib/systemd/systemd --unit=dsr-test.target "$@"' \
		sh "$@" >"$TMP/boot" 2>&1 &
	machine=$!
	await 300 test -e /run/booted || die "no boot: $(cat "$TMP/boot")"
	init=$(pgrep -P $machine)
}

# halt: and what has been in memory is gone
halt() {
	kill -9 "$init"
	wait $machine
	must rmmod dsr
} 2>/dev/null

# systemctl WORD...: in that system
systemctl() {
	nsenter -t "$init" --pid --mount --cgroup systemctl --no-pager "$@"
}

# state: how the unit ended
state() {
	systemctl show -P ActiveState $unit
}

# says TEXT DESCRIPTION: in the journal of this boot, which may come late
says() {
	await 60 heard "$1"
	report $? "$2" || diag "$(cat "$TMP/journal")"
}
heard() {
	nsenter -t "$init" --pid --mount --cgroup \
		journalctl -o cat --no-pager -b -u "$unit" >"$TMP/journal"
	grep -qF "$1" "$TMP/journal"
}

config() {
	"$DSRCTL" config show
}

[[ ${DSR_KO-} ]] || die 'DSR_KO does not name the module'
[[ -d /sys/fs/cgroup ]] || skip_all 'no cgroups in this kernel'
# a boot leaves /run, but not /tmp, where the module may be
must cp "$DSR_KO" /run/dsr.ko
echo 'install dsr insmod /run/dsr.ko' >/etc/modprobe.d/dsr.conf
must make -s -C "${DSRCTL%/*}" install UNITDIR=/etc/systemd/system
cat >$target <<-END
	[Unit]
	Wants=$unit booted.service
END
cat >/etc/systemd/system/booted.service <<-END
	[Unit]
	After=$unit
	[Service]
	Type=oneshot
	ExecStart=/bin/touch /run/booted
END
run ip link add eth0 type dummy
run ip link set eth0 up
run ip address add 10.9.0.2/24 dev eth0

cat >$conf <<-END
	# dsr config version 1
	dev add eth0
	vip add $vip scheduler rr
	server add $vip 10.9.0.11
END
chmod 600 $conf
cp $conf "$TMP/saved"

# --- a boot ------------------------------------------------------------------

boot
is "$(state)" active 'the unit has started'
is "$(config)" "$(cat "$TMP/saved")" \
	'it has loaded the module and the startup configuration'

echo "server add $vip 10.9.0.12" >>$conf
ok 'reload' systemctl reload $unit
is "$(config)" "$(cat $conf)" 'it loads what has changed'
cp $conf "$TMP/saved"

echo "server add $vip 10.9.0" >>$conf
fails 'reload of a bad file' 1 systemctl reload $unit
says "$conf:6: " 'the line is named'
is "$(config)" "$(cat "$TMP/saved")" 'and what runs goes on'
is "$(state)" active 'so does the unit'

ok 'stop' systemctl stop $unit
is "$(config)" "$(cat "$TMP/saved")" 'clients are served still'
halt

# --- a boot with a bad file --------------------------------------------------

cp $conf "$TMP/bad"
boot
is "$(state)" failed 'a bad file: the unit has failed'
says "$conf:6: " 'the line is named'
says 'the director came up empty' 'and what that means'
is "$(config)" '# dsr config version 1' 'empty it is'
ok 'the file is kept' cmp $conf "$TMP/bad"
ok 'it is mended' cp "$TMP/saved" $conf
ok 'and loaded' systemctl start $unit
is "$(config)" "$(cat $conf)" 'as a boot would have'
halt

# --- a boot that leaves it out -----------------------------------------------

boot dsr.skip-config
is "$(state)" inactive 'dsr.skip-config: the unit has not started'
says 'ConditionKernelCommandLine=!dsr.skip-config' 'it says why'
is "$(config)" '# dsr config version 1' 'the director is empty'
ok 'the file is kept' cmp $conf "$TMP/saved"
ok 'an admin may load it' "$DSRCTL" config load
is "$(config)" "$(cat $conf)" 'and it is there'
halt

# --- one that has none -------------------------------------------------------

rm $conf
boot
is "$(state)" inactive 'no file: the unit has not started'
kill -9 "$init"
wait $machine 2>/dev/null

done_testing
