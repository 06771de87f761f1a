#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# parse.c and message.c by themselves, see unit.c.

use FindBin;
require "$FindBin::Bin/lib.pl";

exec("$main::dir/build/unit") or die "exec: $!";
