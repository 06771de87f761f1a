// SPDX-License-Identifier: GPL-2.0-only
/* mark begin|end: tells count.c, which looks at the guest from outside */
#include <string.h>

#include "mark.h"

#define STRING(...) #__VA_ARGS__
#define ASSEMBLE(...) __asm__ volatile(".byte " STRING(__VA_ARGS__))
#define MARK(which) ASSEMBLE(MARK_BYTES(which))

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "begin"))
		MARK(MARK_BEGIN);
	else if (argc == 2 && !strcmp(argv[1], "end"))
		MARK(MARK_END);
	else
		return 1;
	return 0;
}
