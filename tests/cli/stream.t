#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# Long answers and broken streams.

use FindBin;
use JSON::PP;
require "$FindBin::Bin/lib.pl";

my $full = "dsrctl: standard output: No space left on device\n";

# What could not be written is an error
run_is([@$_], { status => 2, stderr => $full, log => qr// }, stdout => '/dev/full')
	for ['show'], ['-j', 'show'], ['flow', 'show'], ['flow', 'flush'], ['help'], ['-V'];
# and a command that prints nothing has none
run_is(['flush'], { log => "FLUSH do v2\n" }, stdout => '/dev/full');

sub shell {
	my ($command, $fake) = @_;
	local $ENV{DSR_FAKE} = $fake // '';
	local $ENV{DSRCTL} = $dsrctl;
	local $ENV{PLAIN} = "$main::dir/build/dsrctl-plain";
	delete(local $ENV{DSR_FAKE_LOG});
	my $output = qx($command);
	return ($output, $? >> 8);
}

my ($out, $status) = shell('$DSRCTL -V 2>&1 >&-');
like($out, qr/^dsrctl: standard output: .*\n\z/, 'a closed stdout is told');
is($status, 2, 'and gives a status');
($out, $status) = shell('$DSRCTL flush 2>&1 >&-');
is($out . $status, '0', 'a closed stdout that nobody needs is none');
($out, $status) = shell('$DSRCTL flush <&- >&- 2>&-');
is($status, 0, 'everything closed');

# Nobody reads any more: it ends at once, and not by going through it all
my $gone = '(trap "" PIPE; timeout 20 $PLAIN -j flow show 2>PIPE.err;' .
	   ' echo $? >PIPE.status) | head -c 100';
shell($gone =~ s/PIPE\./$main::tmp\/pipe./gr, 'flows 100000000');
is(slurp("$main::tmp/pipe.status"), "2\n", 'a reader that has gone ends a dump');
like(slurp("$main::tmp/pipe.err"), qr/^dsrctl: standard output: .*\n\z/, 'and a line');

# A million flows go through a small memory
($out, $status) = shell('ulimit -v 40000; $PLAIN -j flow show | tail -c 200', 'flows 1000000');
like($out, qr/"client":"192\.\d+\.\d+\.63".*\}\]\n\z/, 'a million flows as JSON in 40 MB');
($out, $status) = shell('ulimit -v 40000; $PLAIN flow show | wc -l', 'flows 1000000');
is($out, "1000001\n", 'a million flows as text in 40 MB');

# and are one good array
my $flows = decode_json((shell('$PLAIN -j flow show', 'flows 5000'))[0]);
is(scalar(@$flows), 5000, 'thousands of flows are one array');
is(scalar(@{decode_json((shell("\$PLAIN -j flow show limit $_", 'flows 5000'))[0])}), $_,
   "limit $_") for 1, 9, 10, 11, 4999;
is(scalar(@{decode_json((shell('$PLAIN -j flow show limit 6000', 'flows 5000'))[0])}), 5000,
   'a limit above');

# the columns stay where they are once the head is printed
($out) = shell('$PLAIN flow show', 'flows 1200');
my %columns = map { rindex($_, '899') => 1 } grep { /899/ } split(/\n/, $out);
cmp_ok(scalar(keys(%columns)), '<=', 2, 'columns do not wander');

# Events: a signal ends them with status 0, and each is out at once
run_is(['monitor'], { stdout => slurp("$main::dir/golden/monitor") }, fake => 'events');
run_is(['monitor', 'limit', '1'], { stdout => qr/\A.*\n\z/ }, fake => 'events');
run_is(['-j', 'monitor'], { status => 2, stderr => $full }, fake => 'events', stdout => '/dev/full');

done_testing();
