#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The netlink protocol: refusals, privileges, large dumps, events, loads. Messages
# that dsrctl would never send are made in netlink.py.
#
# STOCK: 6.1 6.12: what checks messages is the kernel's, and dumps got their attributes anew in 6.6
# SECONDS: 20 15

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

# nobody COMMAND...: as a user without privileges, who may not be allowed into
# the directory that this is in
nobody() {
	(cd / && on director setpriv --reuid 65534 --regid 65534 \
		--clear-groups "$@")
}
chmod 711 "$TMP"
tool=$TMP/dsrctl
install -m 755 "$DSRCTL" "$tool"

namespace director
link director eth0 02:00:00:00:00:02 director far 02:00:00:00:00:01
address director eth0 10.9.0.2/24 2001:db8:9::2/64
load_module
lines_on director '' netlink.py

dsr vip add $VIP4/any
fails 'another user is refused' 2 nobody "$tool" vip del $VIP4/any
like "$(nobody "$tool" vip del $VIP4/any 2>&1)" 'dsrctl: .*not permitted' \
	'and told why'
is "$(nobody "$tool" -j show | jq -r '.[].vip')" $VIP4/any \
	'another user may look'

# A namespace belongs to the user namespace that made it
fails 'root of another user namespace is refused' 2 \
	nobody unshare -Ur "$tool" vip del $VIP4/any
# shellcheck disable=SC2016 # the inner shell's
is "$(nobody unshare -Urn bash -c \
	'"$1" vip add 10.7.7.7/any && "$1" -j show' - "$tool" |
	jq -r '.[].vip')" 10.7.7.7/any \
	'who owns a namespace by its user namespace may write'
is "$(ask '.[].vip' show)" $VIP4/any 'and that was all in its own'
done_testing
