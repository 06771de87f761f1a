#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Packets come to the module by NF_INET_PRE_ROUTING, by netdev ingress of the
# interfaces that `dev add` names, or both: each is handled once in any case.
# A namespace without VIPs has no hooks.
#
# STOCK: 6.1 6.12: where packets come in is the kernel's
# SECONDS: 60 40

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

vip=$VIP4:80/tcp
url=http://$VIP4/

# hooked FAMILY [device DEVICE]: how many hooks there the module has
hooked() {
	on director nft list hooks "$@" | grep -c '\[dsr\]'
}

# hooks_are IP IP6 ETH0 IDLE DESCRIPTION: the number of hooks there. Debian's
# 6.1 can't list them.
hooks_are() {
	local got
	if ! modprobe -q nfnetlink_hook; then
		report 0 "$5 # SKIP this kernel does not list hooks"
		return
	fi
	got="$(hooked ip) $(hooked ip6) $(hooked netdev device eth0)"
	is "$got $(hooked netdev device idle)" "$1 $2 $3 $4" "$5"
}

# handled_once DESCRIPTION: requests, and every packet that came to the director
# has been forwarded once
handled_once() {
	local before got servers=0 n
	reset_meter director eth0
	for n in 1 2; do
		reset_meter s$n eth0
	done
	before=$(stat_of .forwarded)
	got=$(for _ in 1 2 3 4 5 6; do fetch client "$url"; done | sort -u)
	is "$(xargs <<<"$got")" 's1 s2' "$1: both servers answer"
	settled() {
		(($(stat_of .forwarded) - before == \
			$(metered director eth0 to)))
	}
	ok "$1: each packet is counted once" await 10 settled
	for n in 1 2; do
		servers=$((servers + $(metered s$n eth0 to)))
	done
	is "$servers" "$(metered director eth0 to)" \
		"$1: each packet reaches a server once"
	is "$(metered director eth0 from)" 0 "$1: no reply comes back"
}

topology 2
run ip -n director link add idle type dummy
meter director eth0
meter s1 eth0
meter s2 eth0
load_module

hooks_are 0 0 0 0 'no hook after insmod'
dsr dev add eth0
hooks_are 0 0 0 0 'a dev without a VIP has no hook'

# crowd FAMILY HOOK: all the hooks that there can be in one place are taken
crowd() {
	local n
	{
		echo "table $1 crowd {"
		for ((n = 0; n < 1024; n++)); do
			echo "chain c$n { type filter hook $2 priority 0; }"
		done
		echo '}'
	} | on director nft -f - || die "no crowd at $2"
}

# refused TEXT COMMAND...
refused() {
	local text=$1
	shift
	is "$(on director "$DSRCTL" "$@" 2>&1)" "dsrctl: $*: $text" \
		"$*: refused, and why"
}

# the kernel's bound; what it says of it must come through
full="others have registered all hooks that there can be"
if on director nft list ruleset >/dev/null 2>&1; then
	crowd ip prerouting
	refused "$full" vip add "$vip"
	on director nft delete table ip crowd
	dsr dev add idle
	crowd netdev 'ingress device idle'
	refused "$full" vip add "$vip"
	hooks_are 0 0 0 0 'a hook that is refused takes the others along'
	dsr dev del idle
	dsr vip add "$vip"
	refused "$full" dev add idle
	on director nft delete table netdev crowd
	dsr vip del "$vip"
else
	skip 'no nftables in this kernel'
fi
dsr dev del eth0

dsr vip add "$vip" scheduler rr
add_servers "$vip" 2
hooks_are 1 1 0 0 'a VIP has hooks in the host'
handled_once 'pre-routing alone'

dsr dev add eth0
hooks_are 1 1 1 0 'with a dev it has one there too'
handled_once 'both'

dsr dev del eth0
dsr dev add idle
hooks_are 1 1 0 1 'the hook moves with the dev'
handled_once 'dev elsewhere'

dsr dev add eth0
dsr vip del "$vip"
hooks_are 0 0 0 0 'all are gone with the last VIP'
is "$(ask length dev show)" 2 \
	'the devs are still known'

dsr vip add "$vip" scheduler rr
add_servers "$vip" 2
hooks_are 1 1 1 1 'and their hooks come back with the next'
handled_once 'after all that'
dsr flush
hooks_are 0 0 0 0 'all are gone after flush'
done_testing
