#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Messages that are right and wrong in every way are done or refused as the header
# says, and leave the kernel log clean. SEED=N makes the same messages again,
# MESSAGES=N another number of them; the long form is a million.
#
# STOCK: none: it is about what no kernel does differently
# SECONDS: 150 40

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

messages=${MESSAGES:-${LONG:+1000000}}
seed=${SEED:-$(od -An -N 4 -t u4 /dev/urandom | tr -d ' ')}

namespace director
link director eth0 02:00:00:00:00:02 director far 02:00:00:00:00:01
address director eth0 10.9.0.2/24 2001:db8:9::2/64
load_module
diag "SEED=$seed"
lines_on director '' fuzz.py "$seed" "${messages:-20000}"
done_testing
