#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What can be said about the source by reading it.
#
# SECONDS: 15

# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
cd "${0%/*}/../.." || exit

# files PATTERN...: of the project, without what was built
files() {
	find Makefile Kbuild kernel include userspace tests docs .ci -type f \
		\( -name "$1" "${@:2}" \) ! -path '*/build/*' ! -name '*.mod.c'
}

mapfile -t scripts < <(grep -lIr -m1 '^#!/bin/bash' tests userspace .ci)
ok 'shellcheck has no complaint' shellcheck -x "${scripts[@]}"

release=$(tests/guest/release 6.12)
mapfile -t sources < <(find kernel include -name '*.[ch]' ! -name '*.mod.c')
ok 'the kernel-doc comments are right' \
	"/usr/lib/linux-kbuild-${release%-amd64}/scripts/kernel-doc" \
	-none -Wall -Werror "${sources[@]}"

mapfile -t pages < <(find userspace docs -name '*.[1-9]')
if ((${#pages[@]} > 0)); then
	ok 'the manual pages are right' mandoc -Tlint -Wwarning "${pages[@]}"
fi

mapfile -t code < <(files '*.[ch]' -o -name '*.sh' -o -name '*.t' \
	-o -name Makefile -o -name Kbuild)
is "$(grep -L 'SPDX-License-Identifier: ' "${code[@]}" "${scripts[@]}")" '' \
	'each file names its licence'

# names FILE: those of states and reasons; of none there is no need to speak
names() {
	grep -oE '\[DSR_(SERVER|WHY|FLOW)_[A-Z_]+\] = "[^"]+"' "$1" | sort
}
is "$(names kernel/proc.c)" "$(names userspace/describe.c)" \
	'/proc and dsrctl have the same names'
holds "$(names kernel/proc.c | wc -l)" -ge 18 'and they were found'

mapfile -t blank < <(files '*.[ch]' -o -name '*.sh' -o -name '*.t' \
	-o -name '*.md' -o -name Makefile -o -name Kbuild)
is "$(grep -nE '[[:blank:]]+$' "${blank[@]}" "${scripts[@]}")" '' \
	'no line ends in blanks'
done_testing
