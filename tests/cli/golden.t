#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# What is printed, compared with the files in golden/. To write them anew:
# make -C tests/cli golden

use FindBin;
use JSON::PP;
require "$FindBin::Bin/lib.pl";

my @runs = (
	# file, scene, arguments
	['help', '', qw(help)],
	(map { ["help-$_", '', $_, 'help'] }
	 qw(vip server dev flow show stats flush limit explain monitor config realserver
	    doctor)),
	['show', '', qw(show)],
	['show-stats', '', qw(-s show)],
	['show-json', '', qw(-jp show)],
	['show-stats-json', '', qw(-jps show)],
	['show-newer', 'newer', qw(show)],
	['show-newer-json', 'newer', qw(-jp show)],
	(map { ["$_->[0]-older", 'older', @$_], ["$_->[0]-older-json", 'older', '-jp', @$_] }
	 [qw(show)], [qw(dev show)], [qw(flow show)], [qw(stats)], [qw(config show)]),
	['limit-show-older', 'older', qw(limit show)],
	['limit-show-older-json', 'older', qw(-j limit show)],
	['explain-older', 'older', qw(explain tcp 192.0.2.1:40000 10.0.0.100:80)],
	['show-empty', 'empty', qw(show)],
	['vip-show', '', qw(vip show [2001:db8::100]:53/udp)],
	['vip-show-json', '', qw(-jp vip show [2001:db8::100]:53/udp)],
	['server-show', '', qw(server show 10.0.0.100:80/tcp 10.9.0.13)],
	['server-show-drain', '', qw(server show 10.0.0.100:80/tcp 10.9.0.12)],
	['server-show-json', '', qw(-jp server show 10.0.0.100:80/tcp 10.9.0.13)],
	['dev-show', '', qw(dev show)],
	['dev-show-json', '', qw(-jp dev show)],
	['flow-show', '', qw(flow show)],
	['flow-show-json', '', qw(-jp flow show)],
	['flow-show-empty', 'empty', qw(flow show)],
	['explain', '', qw(explain tcp 192.0.2.1:40000 10.0.0.100:80)],
	['explain-json', '', qw(-jp explain tcp 192.0.2.1:40000 10.0.0.100:80)],
	['explain-established', 'newer',
	 qw(explain tcp 192.0.2.1:40000 10.0.0.100:80 established)],
	['explain-dropped', 'dropped', qw(explain sctp 192.0.2.1 10.0.0.100:80)],
	['explain-passed', 'passed', qw(explain 47 192.0.2.1 10.0.0.101)],
	['explain-passed-json', 'passed', qw(-jp explain 47 192.0.2.1 10.0.0.101)],
	['explain-v6', '', qw(explain udp [2001:db8::9]:7 [2001:db8::100]:53)],
	['limit-show-json', '', qw(-j limit show)],
	['config-show', '', qw(config show)],
	['config-show-json', '', qw(-jp config show)],
	['config-show-empty', 'empty', qw(config show)],
	['stats', '', qw(stats)],
	['stats-json', '', qw(-jp stats)],
	['monitor', 'events', qw(monitor)],
	['monitor-timestamp', 'events', qw(monitor timestamp limit 4)],
	['monitor-json', 'events', qw(-j monitor)],
);

for my $run (@runs) {
	my ($name, $scene, @args) = @$run;
	my $file = "$main::dir/golden/$name";
	my $got = dsrctl(\@args, fake => $scene);

	is($got->{stderr}, '', "$name: no error");
	is($got->{status}, 0, "$name: status");
	spew($file, $got->{stdout}) if ($ENV{DSR_GOLDEN} // '') eq 'write';
	is($got->{stdout}, slurp($file), "$name: output");
	unlike($got->{stdout}, qr/[ \t]$/m, "$name: no blanks at the end of a line");
	unlike($got->{stdout}, qr/[\x00-\x09\x0b-\x1f\x7f]/, "$name: no control characters");
}

# Pretty or not, it is the same JSON, and without -p it is one line
for my $args (['show'], ['-s', 'show'], ['vip', 'show'], ['server', 'show'],
	      ['dev', 'show'], ['flow', 'show'], ['stats'], ['flow', 'flush']) {
	my $plain = dsrctl(['-j', @$args]);
	my $pretty = dsrctl(['-j', '-p', @$args]);
	my $name = "@$args";

	is($plain->{stdout} =~ tr/\n//, 1, "-j $name: one line");
	is_deeply(eval { decode_json($plain->{stdout}) },
		  eval { decode_json($pretty->{stdout}) }, "-jp $name: the same");
	ok(eval { decode_json($plain->{stdout}) }, "-j $name: it is JSON");
}
for my $args (['show'], ['dev', 'show'], ['flow', 'show'], ['flow', 'show', 'limit', '1']) {
	is(dsrctl(['-j', @$args], fake => 'empty')->{stdout}, "[]\n", "-j @$args: empty");
}

# A VIP that was removed and made anew has no negative rate
my ($anew) = @{decode_json(dsrctl(['-js', 'show'], fake => 'reset')->{stdout})};
is($anew->{"${_}_per_second"}, $anew->{$_}, "$_ that begin anew") for qw(packets bytes);

# What scripts were promised
my $show = decode_json(dsrctl(['-j', 'show'])->{stdout});
my ($vip) = @$show;
my ($server) = @{$vip->{servers}};
ok(exists($vip->{$_}), "a VIP has \"$_\"")
	for qw(vip address port protocol scheduler flows packets bytes servers);
ok(exists($server->{$_}), "a server has \"$_\"")
	for qw(address weight state mac dev flows packets bytes);
is($show->[2]{port_last}, 20100, 'a range has "port_last"');
ok(!exists($vip->{port_last}), 'a single port has not');
is($show->[3]{port}, 0, 'every port is 0');
my ($flow) = @{decode_json(dsrctl(['-j', 'flow', 'show'])->{stdout})};
ok(exists($flow->{$_}), "a flow has \"$_\"")
	for qw(vip client client_port server state age idle expires);
is_deeply(decode_json(dsrctl(['-j', 'vip', 'show'])->{stdout}), $show, 'vip show is show');
my $servers = decode_json(dsrctl(['-j', 'server', 'show'])->{stdout});
is(delete($servers->[0]{servers}[1]{oldest}), 102, 'server show adds the age of the oldest flow');
is_deeply($servers, $show, 'and is show otherwise');

# What is printed can be typed back
for my $object (@$show) {
	is(dsrctl(['vip', 'del', $object->{vip}])->{status}, 0, "vip del $object->{vip}");
}

# The help of dsrctl names every object, and the help of every object is its own
my $help = dsrctl(['help'])->{stdout};
is(dsrctl([$_])->{stdout}, $help, "$_ is help") for '-h', '--help';
is(dsrctl(['-h', 'vip'])->{stdout}, $help, '-h before an object');
for my $object ($help =~ /^  (\w+)  +[^-]*$/mg) {
	like(dsrctl([$object, 'help'])->{stdout}, qr/^Usage: dsrctl (\[-s\] )?$object/,
	     "$object help");
}

done_testing();
