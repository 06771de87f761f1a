# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of refused memory share, beside tests/lib.sh. They need a debug
# kernel.
#
# The guest itself is the director, so that its state is quick to read:
#
#	client 198.51.100.10 ---- in   director   out ---- s1 10.9.0.11 to .13

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

faults=/sys/kernel/debug/failslab
[[ -d $faults ]] || skip_all 'this kernel has no fault injection'
[[ ${DSR_KO-} ]] || die 'DSR_KO does not name the module'
echo N >$faults/ignore-gfp-wait
echo 0 >$faults/verbose
echo 32 >$faults/stacktrace-depth

# --- ways to fail -----------------------------------------------------------

# range SYMBOL: where that function of the kernel begins and ends
range() {
	awk -v name="$1" 'found { print start, "0x" $1; exit }
		$3 == name { found = 1; start = "0x" $1 }' /proc/kallsyms
}

# text: where the module's code begins and ends
text() {
	local start size
	start=$(</sys/module/dsr/sections/.text)
	size=$(size -A "$DSR_KO" | awk '$1 == ".text" { print $2 }')
	printf '%s 0x%x\n' "$start" $((start + size))
}

# aim RANGE: allocations that are made there, or by what is called from there
aim() {
	echo "${1% *}" >$faults/require-start
	echo "${1#* }" >$faults/require-end
}

# fail_all: of what is aimed at, for everyone, until fail_none
fail_all() {
	echo -1 >$faults/times
	echo 0 >$faults/space
	echo N >$faults/task-filter
	echo 100 >$faults/probability
}

fail_none() {
	echo 0 >$faults/probability
}

# attempt FILE VALUE COMMAND...: with that in /proc/self/FILE. Sets $status and
# $output; false if nothing had to fail.
attempt() {
	local file=$1 value=$2
	shift 2
	status=0
	echo 1000 >$faults/times
	(
		echo "$value" >"/proc/self/$file"
		exec "$@"
	) >"$TMP/output" 2>&1 || status=$?
	output=$(<"$TMP/output")
	(($(<$faults/times) < 1000))
}

# fail_one N COMMAND...: the Nth allocation, of those aimed at
fail_one() {
	attempt fail-nth "$@"
}

# fail_after BYTES COMMAND...: all of them after so many bytes. Large ones would
# be hit again and again: let the steps grow.
fail_after() {
	local hit=0
	echo "$1" >$faults/space
	echo Y >$faults/task-filter
	echo 100 >$faults/probability
	attempt make-it-fail 1 "${@:2}" || hit=1
	fail_none
	return $hit
}

# --- commands ---------------------------------------------------------------

# All that the director was told, which without traffic is all that it has
state() {
	"$DSRCTL" config show
	"$DSRCTL" dev show
	sort /proc/net/dsr
}

# again COMMANDS: what puts the state back
again() {
	[[ ! $1 ]] || "$DSRCTL" -b - <<<"$1" >/dev/null || die "in vain: $1"
}

# A server that found no memory for its way looks again within a second
as_wanted() {
	[[ $(state) == "$1" ]]
}

# judge N COMMAND...: after it failed at N, or went on without
judge() {
	local n=$1
	shift
	if ((status == 0)); then
		await 5 as_wanted "$after" || wrong+="$n: half done: $(state); "
		again "$undo"
		return
	fi
	refused=$((refused + 1))
	[[ $output == 'dsrctl: '* && $output =~ memory|hook ]] ||
		wrong+="$n: it says '$output'; "
	as_wanted "$before" && return
	wrong+="$n: refused ($output) but done; "
	again "$undo"
}

all_refused=0

# sweep UNDO COMMAND...: of dsrctl. It fails at each of its allocations until it
# makes no more, then from each on. The commands UNDO take it back.
sweep() {
	local undo=$1 before after wrong='' refused=0 n ones
	shift
	before=$(state)
	"$DSRCTL" "$@" >"$TMP/expected" 2>&1 || die "$*: $(<"$TMP/expected")"
	after=$(state)
	again "$undo"
	as_wanted "$before" || die "this does not undo $*: $undo"
	for ((n = 1; ; n++)); do
		fail_one $n "$DSRCTL" "$@" || break
		judge $n "$@"
	done
	ones=$((n - 1))
	((status == 0)) || wrong+="without a fault: $output"
	again "$undo"
	for ((n = 0; ; n += 64 + n / 4)); do
		fail_after $n "$DSRCTL" "$@" || break
		judge "from $n" "$@"
	done
	again "$undo"
	all_refused=$((all_refused + refused))
	is "$wrong" '' "$*: $ones allocations, $n bytes, $refused refusals"
}

# What of an answer does not change while one looks
steady() {
	sed -E 's/"(age|idle|expires|not-vip|not-unicast)":[0-9]+//g'
}

# look RANGE COMMAND...: a sweep of what changes nothing: a whole answer or none
look() {
	local range=$1 want wrong='' refused=0 n
	shift
	want=$("$DSRCTL" "$@" | steady)
	aim "$range"
	for ((n = 1; ; n++)); do
		fail_one $n "$DSRCTL" "$@" || break
		if ((status != 0)); then
			refused=$((refused + 1))
			[[ $output == *'dsrctl: '* ]] || wrong+="$n: says nothing; "
		elif [[ $(steady <<<"$output") != "$want" ]]; then
			wrong+="$n: $output; "
		fi
	done
	[[ $(steady <<<"$output") == "$want" ]] || wrong+="without a fault: $output"
	is "$wrong" '' "$*: $((n - 1)) allocations, $refused refusals"
	aim "$(text)"
}

# --- the network ------------------------------------------------------------

# small_network: that of the picture
small_network() {
	local n name interface
	namespace client
	namespace s1
	ip link add in address 02:00:00:00:08:02 type veth \
		peer name eth0 netns client address 02:00:00:00:00:10
	ip link add out address 02:00:00:00:00:02 type veth \
		peer name eth0 netns s1 address 02:00:00:00:00:11
	for interface in in out; do
		ip link set $interface up
	done
	for name in client s1; do
		ip -n $name link set eth0 up
	done
	address client eth0 198.51.100.10/24
	ip address add 198.51.100.1/24 dev in
	ip address add 10.9.0.2/24 dev out
	ip address add 2001:db8:9::2/64 dev out nodad
	ip -n client route add default via 198.51.100.1
	ip -n client neigh add 198.51.100.1 lladdr 02:00:00:00:08:02 dev eth0
	for n in 1 2 3; do
		ip neigh add 10.9.0.1$n lladdr 02:00:00:00:00:1$n dev out
		ip neigh add 2001:db8:9::1$n lladdr 02:00:00:00:00:1$n dev out
	done
}
