#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a packet costs, in instructions and as a ratio to what others take, has not
# grown: `make bench-short`, each of its gates a test (see report.py).

set -uo pipefail

kernels=''
for kernel in ${KERNEL:-6.12 6.1}; do
	# of the debug kernels this would be no measure
	[[ $kernel != 6.* ]] || kernels+=" $kernel"
done
[[ $kernels ]] || { echo '1..0 # SKIP needs a stock kernel' && exit; }

KERNEL=$kernels "${0%/*}/run" -s 2>&1 | awk -F ' *[|] *' '
	$2 ~ /^6\.[0-9]+$/ && NF == 8 {
		holds = $7 !~ /missed/
		print (holds ? "ok" : "not ok"), ++n, "-", $2 ": " $3
		failed += !holds
	}
	{ print "# " $0 }
	END { print "1.." n + 0; exit failed || !n }'
status=("${PIPESTATUS[@]}")
exit $((status[0] || status[1]))
