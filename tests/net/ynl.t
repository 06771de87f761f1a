#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel's own netlink client, which knows of the protocol only what
# docs/dsr.yaml says, does all that the module can, and shows what dsrctl shows.
#
# STOCK: none: it is about what no kernel does differently
# SECONDS: 30 20

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

source=$("${0%/*}/../debug/source") || die 'no source of Linux'

namespace director
link director eth0 02:00:00:00:00:02 director far 02:00:00:00:00:01
address director eth0 10.9.0.2/24 2001:db8:9::2/64
load_module
lines_on director '' ynl.py "$source" "$DSRCTL"
done_testing
