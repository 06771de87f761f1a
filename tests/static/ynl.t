#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The YNL specification, docs/dsr.yaml, says what the header says, and the kernel's
# tools take it: the schema, and the generator of C.

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

source=$("${0%/*}/../debug/source") || die 'no source of Linux'
lines_of '' ynl.py "$source" "$TMP"
done_testing
