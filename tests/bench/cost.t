#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a packet costs, in instructions and as a ratio to what others take, has not
# grown: `make bench-short`, each of its gates a test (see report.py).
#
# SECONDS: 65

set -uo pipefail

# Of 6.1 few packets say little (see docs/performance.md), of a debug kernel
# it is no measure
[[ " ${KERNEL-6.12} " == *' 6.12 '* ]] || { echo '1..0 # SKIP needs 6.12' && exit; }

KERNEL=6.12 "${0%/*}/run" -s 2>&1 | awk -F ' *[|] *' '
	$2 ~ /^6\.[0-9]+$/ && NF == 8 {
		holds = $7 !~ /missed/
		print (holds ? "ok" : "not ok"), ++n, "-", $2 ": " $3
		failed += !holds
	}
	{ print "# " $0 }
	END { print "1.." n + 0; exit failed || !n }'
status=("${PIPESTATUS[@]}")
exit $((status[0] || status[1]))
