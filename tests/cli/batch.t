#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# Files of commands.
#
# SECONDS: 13

use FindBin;
require "$FindBin::Bin/lib.pl";

my $vip = '10.0.0.100:80/tcp';
my $add = 'VIP_ADD do v2 VIP{ADDR4=0a000064 PROTO=06 PORT=0050}';
my $devs = "STATS_GET do v2\nDEV_GET dump v2\nSTATS_GET do v2";
my $flush = 'FLUSH do v2';

sub batch {
	my ($text, $want, @options) = @_;
	my $file = spew("$main::tmp/commands", $text);
	my %want = %$want;

	# the same from a file and from the standard input
	for my $name ($file, '-') {
		my %here = %want;

		$here{stderr} =~ s/FILE/$name/ if defined($here{stderr});
		run_is([@options, '-b', $name], \%here,
		       fake => delete($here{fake}) // '', stdin => $text);
	}
}

# good ones
batch('', { });
batch("\n \t\n# nothing\n   # more of it\n", { });
batch("vip add $vip\nflush\n", { log => "$add\n$flush\n" });
batch("  vip\tadd   $vip  # why\r\n\nflush", { log => "$add\n$flush\n" });
batch("vip add $vip #comment\n", { log => "$add\n" });
batch("vip help\n", { stdout => slurp("$main::dir/golden/help-vip") });
batch("dev show\nstats\n", { log => "$devs\nSTATS_GET do v2\n",
			     stdout => slurp("$main::dir/golden/dev-show") .
				       slurp("$main::dir/golden/stats") });
batch("dev show\nflow flush\n",
      { log => "$devs\nFLOW_FLUSH do v2\n",
	stdout => qr/\A\[\{.*\}\]\n\{"flushed":3\}\n\z/ }, '-j');
batch("flush\n" x 1000, { log => "$flush\n" x 1000 });
batch("flow show limit 1\nflush\n", { stdout => qr/^VIP/, log => "FLOW_GET dump v2\n$flush\n" });
batch("flush\n", { log => "setns\n$flush\n" }, '-N', 'blue');

# wrong ones: nothing is sent, wherever the mistake is
sub wrong_batch {
	my ($text, $line, $error) = @_;
	batch($text, { status => 1, stderr => "dsrctl: FILE:$line: $error\n" });
}
wrong_batch("flush\nvip ad $vip\n", 2, 'vip: "ad": unknown command (see "dsrctl vip help")');
wrong_batch("\n# x\nflush now\nflush\n", 3, 'flush: "now": unknown word (see "dsrctl flush help")');
wrong_batch("nonsense\n", 1, '"nonsense": unknown object (see "dsrctl help")');
wrong_batch("help\n", 1, '"help": unknown object (see "dsrctl help")');
wrong_batch("-j show\n", 1, '"-j": unknown object (see "dsrctl help")');
wrong_batch("\"flush\"\n", 1, '""flush"": unknown object (see "dsrctl help")');
wrong_batch("flush\nmonitor\n", 2, 'monitor: it does not end, so it can\'t be in a batch');
wrong_batch("vip add $vip#x\n", 1, "vip add: \"$vip#x\": the protocol of a VIP is tcp, udp, sctp or any " .
	    '(see "dsrctl vip help")');
wrong_batch("flush\nflush\0x\n", 2, 'not a text file');
wrong_batch('flush ' . 'x ' x 100, 1, 'flush: "x": unknown word (see "dsrctl flush help")');
wrong_batch('flush ' . 'x' x 100000, 1,
	    'flush: "' . 'x' x 100 . '": unknown word (see "dsrctl flush help")');

# refused ones: what was before is done, what is after is not
batch("vip add $vip\nflush\nstats\n",
      { status => 2, log => "$add\n", fake => 'refuse - 17 it is there',
	stderr => "dsrctl: FILE:1: vip add $vip: it is there\n" });
batch("vip help\ndev show\nvip show 10.0.0.1/any\nflush\n",
      { status => 2, fake => 'empty', log => qr/\A\Q$devs\E\nSTATS_GET.*\nVIP_GET.*\n\z/,
	stdout => qr/^Usage.*^DEV +IFINDEX +STATE\n\z/ms,
	stderr => "dsrctl: FILE:3: vip show 10.0.0.1/any: no such VIP\n" });

# files that are not there
run_is(['-b', "$main::tmp/none"],
       { status => 1, stderr => "dsrctl: $main::tmp/none: No such file or directory\n" });
run_is(['-b', $main::tmp], { status => 1, stderr => "dsrctl: $main::tmp: Is a directory\n" });
run_is(['-b', ''], { status => 1, stderr => qr/^dsrctl: .*No such file or directory\n\z/ });

done_testing();
