#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# Configurations as files: what can be in them, what is sent of them, how they
# are compared and saved; and what the completion of words is told.

use FindBin;
use JSON::PP;
require "$FindBin::Bin/lib.pl";

my $vip = '10.0.0.100:80/tcp';
my $name = 'VIP{ADDR4=0a000064 PROTO=06 PORT=0050}';
my $file = "$main::tmp/conf";
my @read = ('STATS_GET do v2', 'STATS_GET do v2', 'DEV_GET dump v2', 'VIP_GET dump v2',
	    'SERVER_GET dump v2', 'STATS_GET do v2');
my $read = join('', map { "$_\n" } @read);

sub with {
	my ($text, $want, @args) = @_;
	my %want = %$want;
	my $fake = delete($want{fake}) // '';

	spew($file, $text);
	$want{stderr} =~ s/FILE/$file/ if defined($want{stderr}) && !ref($want{stderr});
	run_is([@args, $file], \%want, fake => $fake);
}

# all lines go in one request, in their order
my $head = "# dsr config version 1\n";
with("$head# more\n\nlimit flows 70000\ndev add eth0\nvip add $vip scheduler rr # why\n" .
     "server add $vip 10.9.0.11 weight 3\nserver drain $vip 10.9.0.11\n",
     { log => "CONFIG_LOAD do v2 / LIMIT_SET LIMIT{FLOWS=7011010000000000}" .
	      ' / DEV_ADD DEV{IFNAME=6574683000}' .
	      " / VIP_ADD VIP{ADDR4=0a000064 PROTO=06 PORT=0050 SCHED=727200}" .
	      " / SERVER_ADD $name SERVER{ADDR4=0a09000b WEIGHT=03000000}" .
	      " / SERVER_SET $name SERVER{ADDR4=0a09000b DRAIN=01}\n" }, qw(config load));
with('', { log => "CONFIG_LOAD do v2\n" }, qw(config load));
run_is([qw(config load -)], { log => "CONFIG_LOAD do v2 / VIP_ADD $name\n" },
       stdin => "vip add $vip\n");

# wrong files: nothing is sent
sub wrong_config {
	my ($text, $line, $error) = @_;
	with($text, { status => 1, stderr => "dsrctl: FILE:$line: $error\n" }, 'config', $_)
		for qw(load diff);
}
my $no = 'not a line of a configuration (see dsr.conf(5))';
wrong_config("vip add $vip\n$_\n", 2, "$_: $no")
	for "vip del $vip", 'dev del eth0', 'flush', 'show', 'limit show',
	    "server del $vip 10.9.0.11", 'flow flush', 'config show', 'config load';
wrong_config("vip help\n", 1, "vip: $no");
wrong_config("\nvip ad $vip\n", 2, 'vip: "ad": unknown command (see "dsrctl vip help")');
wrong_config("# dsr config version $_\nvip add $vip\n", 1, "version $_: this dsrctl reads version 1")
	for qw(2 0 x 1x 99999999999999999999);
with("vip add $vip\n# dsr config version 2\n", { log => "CONFIG_LOAD do v2 / VIP_ADD $name\n" },
     qw(config load));
with("vip add $vip\0\n", { status => 1, stderr => "dsrctl: FILE:1: not a text file\n" },
     qw(config load));
run_is(['config', $_, "$main::tmp/none"],
       { status => 1, stderr => "dsrctl: $main::tmp/none: No such file or directory\n" })
	for qw(load diff);
run_is(['config', 'load', $main::tmp], { status => 1, stderr => "dsrctl: $main::tmp: Is a directory\n" });
wrong('config show x', 'config show: "x": unknown word (see "dsrctl config help")');
wrong('config erase x', 'config erase: "x": unknown word (see "dsrctl config help")');
wrong("config save x y", 'config save x: "y": unknown word (see "dsrctl config help")');

# what the kernel refuses is found in the file
my $two = "vip add $vip\n\nserver add $vip 10.9.0.11 weight 7\nserver add $vip 10.9.0.12\n";
with($two, { status => 2, fake => "refuse SERVER.WEIGHT 22 no", log => qr/^CONFIG_LOAD/,
	     stderr => "dsrctl: FILE:3: server add $vip 10.9.0.11: weight: no\n" }, qw(config load));
with($two, { status => 2, fake => "refuse SERVER.ADDR4 17 it is there", log => qr/^CONFIG_LOAD/,
	     stderr => "dsrctl: FILE:4: server add $vip 10.9.0.12: it is there\n" }, qw(config load));
with($two, { status => 2, fake => "refuse VIP.PROTO 22 no", log => qr/^CONFIG_LOAD/,
	     stderr => "dsrctl: FILE:4: server add $vip 10.9.0.12: no\n" }, qw(config load));
with("$two\nvip add 10.0.0.2/any timeout other 5\n",
     { status => 2, fake => "refuse VIP.TIMEOUT_OTHER 22 no", log => qr/^CONFIG_LOAD/,
       stderr => "dsrctl: FILE:6: vip add 10.0.0.2/any: timeout other: no\n" }, qw(config load));
with($two, { status => 2, fake => 'refuse - 12', log => qr/^CONFIG_LOAD/,
	     stderr => "dsrctl: FILE: config load: Cannot allocate memory\n" }, qw(config load));
with($two, { status => 2, fake => 'absent', stderr => qr/^dsrctl: \Q$file\E: config load: the dsr module is not/ },
     qw(config load));

# what is saved is what can be loaded, and no different from itself; it is what
# is shown, but for control characters in the name of an interface
run_is(['config', 'save', "$main::tmp/first"], { log => $read });
my $shown = slurp("$main::tmp/first");
is(dsrctl([qw(config show)])->{stdout}, $shown =~ s/\e/?/r, 'show prints what save writes');
like($shown, qr/\A# dsr config version 1\n/, 'it begins with the version');
with($shown, { log => $read }, qw(config diff));
with(join("\n", reverse(split(/\n/, $shown))) . "\n", { log => $read }, qw(config diff));
with("$shown# more\n", { log => qr/^CONFIG_LOAD/ }, qw(config load));
with($shown =~ s/^vip add $vip$/vip add $vip scheduler mh arp auto on-down reschedule timeout syn 60/mr,
     { log => $read }, qw(config diff));

# differences
with($shown =~ s/^dev add eth0\n//mr =~ s/weight 10/weight 5/r . "vip add 10.0.0.7/any\n",
     { status => 3, log => $read,
       stdout => "+dev add eth0\n-vip add 10.0.0.7/any\n" .
		 "-server add $vip 10.9.0.12 weight 5 mac 02:00:00:00:00:12\n" .
		 "+server add $vip 10.9.0.12 weight 10 mac 02:00:00:00:00:12\n" },
     qw(config diff));
with("server add $vip 10.9.0.99\nserver drain $vip 10.9.0.99\n",
     { status => 3, log => $read, fake => 'empty',
       stdout => "-server add $vip 10.9.0.99\n-server drain $vip 10.9.0.99\n" }, qw(config diff));
with("vip add $vip\nserver drain $vip 10.9.0.99\n",
     { status => 1, stderr => "dsrctl: FILE:2: server drain $vip 10.9.0.99: no such server in this file\n" },
     qw(config diff));
spew($file, "limit flows 5\n");
my $json = dsrctl(['-j', 'config', 'diff', $file], fake => 'empty');
is($json->{status}, 3, '-j diff: status');
is_deeply(decode_json($json->{stdout}), { file => ['limit flows 5'], running => [] },
	  '-j diff: both sides');

# saving: the mode stays, a link stays a link, and nothing else is left
my $saved = "$main::tmp/saved";
mkdir($saved);
run_is(['config', 'save', "$saved/a"], { log => $read });
is(slurp("$saved/a"), $shown, 'save writes the same again');
is((stat("$saved/a"))[2] & 07777, 0644, 'a new file can be read by all');
chmod(0600, "$saved/a");
symlink('a', "$saved/b");
spew("$saved/a", 'old');
run_is(['config', 'save', "$saved/b"], { log => $read });
is((stat("$saved/a"))[2] & 07777, 0600, 'an old one keeps its mode');
ok(-l "$saved/b", 'a link stays one');
is(slurp("$saved/a"), $shown, 'and what it names is written');
is_deeply([sort(map { s/.*\///r } glob("$saved/* $saved/.[!.]*"))], ['a', 'b'], 'nothing else is there');
run_is(['config', 'save', $saved], { status => 2, log => $read,
	stderr => "dsrctl: config save: $saved: Is a directory\n" });
run_is(['config', 'save', '/dev/null'], { status => 2, log => $read,
	stderr => "dsrctl: config save: /dev/null: not a regular file\n" });
run_is(['config', 'save', "$saved/no/where"], { status => 2, log => $read,
	stderr => "dsrctl: config save: $saved/no/where: No such file or directory\n" });
spew("$saved/a", 'old');
run_is(['config', 'save', "$saved/a"], { status => 2, log => qr/./, stderr => qr/: no\n\z/ },
       fake => 'refuse - 22 no');
is(slurp("$saved/a"), 'old', 'what can\'t be read is not saved');

# completion
sub completes {
	my ($line, $want) = @_;
	my $got = dsrctl(['--complete', split(/ /, $line, -1)]);

	is(join(' ', sort(split(/\n/, $got->{stdout}))), join(' ', sort(split(/ /, $want))),
	   "complete '$line'");
	is($got->{stderr}, '', "complete '$line': no error");
}
completes('config ', 'show diff load save erase help');
completes('-j config ', 'show diff load save erase help');
completes('config load ', 'FILE');
completes('vip del ', "$vip [2001:db8::100]:53/udp 10.0.0.100:20000-20100/udp 10.0.0.100/any");
completes('vip add ', '');
completes('vip add 10.0.0.1/any ', 'scheduler arp persistence mask sorry on-down timeout');
completes('vip add 10.0.0.1/any scheduler ', 'mh rr wrr lc wlc sed nq sh dh fo ovf');
completes('vip add 10.0.0.1/any scheduler rr timeout ', 'syn open fin rst udp other');
completes('vip add 10.0.0.1/any scheduler rr timeout syn 5 arp ', 'auto off');
completes('dev del ', 'eth0 a-long-name-123');
completes('flow show vip ', "$vip [2001:db8::100]:53/udp 10.0.0.100:20000-20100/udp 10.0.0.100/any");
completes('nonsense ', '');
completes('vip nonsense ', '');
completes('vip add x nonsense ', '');
completes('-b ', 'FILE');
like(dsrctl(['--complete', ''])->{stdout}, qr/^vip\n(.*\n)*config\n(.*\n)*--json\n/m, 'complete: objects, options');

done_testing();
