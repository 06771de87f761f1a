#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Nobody sees what a detector does not find. So here is a bug of each kind, in
# a module of its own, and the run of a guest that has it must fail and name it.
# With user-mode-linux: the other debug kernel has the same detectors.
#
# SECONDS: 110

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
here=$(cd "${0%/*}" && pwd)

# build: the module with the bugs, into $TMP
build() {
	cp "$here"/bugs/* "$TMP"
	ARCH=um make -s -C "$("$here/kernel" um)/build" M="$TMP" modules
}

# guest COMMAND...: sets $status, and in $output what the runner says
guest() {
	status=0
	output=$(DSR_KO=$TMP/bugs.ko APPEND=kasan_multi_shot \
		"$here/run" -q -k um -t 120 -- "$*" 2>&1 >/dev/null) ||
		status=$?
}

# plant BUG...: one after the other
plant() {
	# shellcheck disable=SC2016 # they are the guest's
	guest "for bug in $*;"' do insmod "$DSR_KO" bug=$bug && rmmod bugs; done'
}

# found WHAT PATTERN: one line of the runner's list
found() {
	is "$status" 126 "$1: the run fails"
	like "$output" $'\n''guest: [^'$'\n'"]*$2" "$1: and says so"
}

build >"$TMP/log" 2>&1 || die "the module can not be built: $(<"$TMP/log")"

plant none
is "$status" 0 'without a bug the run does not fail'
is "$output" '' 'and says nothing'

plant freed outside shift twice timer list refs cache
found 'use after free' 'BUG: KASAN: slab-use-after-free'
found 'access outside' 'BUG: KASAN: slab-out-of-bounds'
found 'shift too far' 'UBSAN: shift-out-of-bounds'
found 'freed twice' 'ODEBUG: activate active .* rcu_head'
found 'freed with a timer' 'ODEBUG: free active .* timer_list'
found 'list' 'list_del corruption'
found 'reference count' 'refcount_t: addition on 0'
found 'object left in a cache' 'WARNING: .*kmem_cache_destroy'

plant leak
found 'leak' 'unreferenced object 0x'
plant percpu
found 'leak of percpu memory' 'unreferenced object 0x'

# lockdep ends with the first thing that it finds
plant sleep
found 'sleep in atomic context' 'BUG: sleeping function called'
plant rcu
found 'RCU without a lock' 'suspicious rcu_dereference_check\(\) usage'
plant unlocked
found 'update without the lock' 'suspicious rcu_dereference_protected\(\) usage'
plant order
found 'order of locks' 'WARNING: possible circular locking dependency'
found 'nothing more by lockdep' 'BUG: lockdep is off'
plant context
found 'softirq' 'WARNING: inconsistent lock state'

# what waits for ever may not hold the output
# shellcheck disable=SC2016 # it is the guest's
guest 'ip link add bug type dummy; insmod "$DSR_KO" bug=dev
	ip link del bug >/dev/null 2>&1 & . tests/lib.sh
	await 60 eval "dmesg | grep -q waiting.for"'
found 'interface held' 'unregister_netdevice: waiting for bug'
# shellcheck disable=SC2016
guest 'ip netns add a; ip netns exec a insmod "$DSR_KO" bug=net
	ip netns del a; . tests/lib.sh
	await 60 eval "dmesg | grep -q ref_tracker"'
found 'namespace in use' 'ref_tracker: net notrefcnt'

guest 'echo off >/sys/kernel/debug/kmemleak'
found 'no look for leaks' 'kmemleak is off'

# Nor may it find bugs of the kernel's own (tests/debug/um-fork.patch)
# shellcheck disable=SC2016
guest 'for n in {1..60}; do
		(while :; do (exec true) & (exec true) & wait; done) &
		sleep 0.0$((n % 10)); kill -9 $!
	done'
is "$status: $output" '0: ' 'a fork may be killed half way'
done_testing
