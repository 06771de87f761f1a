#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The module compiles for both kernels without a warning of gcc (W=1), sparse
# or modpost.
#
# SECONDS: 120

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
cd "${0%/*}/../.." || exit

for kernel in ${KERNEL:-6.1 6.12}; do
	# It prints the module's path, and what is wrong with it
	is "$(tests/guest/module -d static "$kernel" \
		W=1 C=1 CF=-Wsparse-error KCFLAGS=-Werror 2>&1)" \
		"$(tests/guest/module -n -d static "$kernel")" \
		"no warning for Linux $kernel"
done
done_testing
