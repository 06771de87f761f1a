#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# What the kernel refuses: status 2, one line with its reason, and the word
# that it blames.

use FindBin;
require "$FindBin::Bin/lib.pl";

my $vip = '10.0.0.100:80/tcp';
my %errno = (EPERM => 1, ENOENT => 2, EEXIST => 17, EINVAL => 22, ENOSPC => 28, EOPNOTSUPP => 95);

sub refused {
	my ($fake, $line, $error) = @_;
	my @args = split(' ', $line);

	run_is(\@args, { status => 2, stderr => "dsrctl: $error\n",
			 log => qr/^(?:\w+ (?:do|dump) v2.*\n)*\z/ }, fake => $fake);
}

sub blame {
	my ($attr, $errno, $text) = @_;
	return join(' ', 'refuse', $attr || '-', $errno{$errno}, $text // ());
}

# the text, and the word where the blamed attribute has one
my $add = "server add $vip 10.9.0.11";
refused(blame('', 'EEXIST', 'the VIP is there already'), "vip add $vip",
	"vip add $vip: the VIP is there already");
refused(blame('SERVER.WEIGHT', 'EINVAL', 'integer out of range'),
	"$add weight 5 mac 02:00:00:00:00:11", "$add: weight: integer out of range");
refused(blame('SERVER.MAC', 'EINVAL', 'not unicast'),
	"$add weight 5 mac 02:00:00:00:00:11", "$add: mac: not unicast");
refused(blame('SERVER.IFNAME', 'EINVAL', 'no such interface'), "$add dev eth9",
	"$add: dev: no such interface");
refused(blame('DEV.IFNAME', 'EINVAL', 'no such interface'), 'dev add eth9',
	'dev add eth9: no such interface');
refused(blame('VIP.SCHED', 'ENOENT', 'no such scheduler'), "vip add $vip arp off scheduler xx",
	"vip add $vip: scheduler: no such scheduler");
refused(blame('VIP.ARP', 'EINVAL', 'no'), "vip set $vip arp off", "vip set $vip: arp: no");
refused(blame('VIP.PORT', 'EINVAL', 'no'), "vip add $vip", "vip add $vip: no");
refused(blame('VIP.PORT', 'EINVAL', 'no'), "flow flush vip $vip", 'flow flush: vip: no');
refused(blame('SERVER.ADDR4', 'ENOENT', 'no such server'), "server del $vip 10.9.0.11",
	"server del $vip 10.9.0.11: no such server");
refused(blame('FLOW.SERVER4', 'ENOENT', 'no'), 'flow flush server 10.9.0.11', 'flow flush: server: no');
refused(blame('FLOW.CLIENT_PREFIX', 'EINVAL', 'no'), 'flow flush client 10.0.0.0/8',
	'flow flush: client: no');
refused(blame('SERVER.DRAIN', 'EINVAL', 'no'), "server drain $vip 10.9.0.11",
	"server drain $vip 10.9.0.11: no");

refused(blame('VIP.SORRY6', 'EINVAL', 'no'), 'vip set 2001:db8::1/any sorry 2001:db8::2',
	'vip set 2001:db8::1/any: sorry: no');
refused(blame('LIMIT.FLOWS', 'EINVAL', 'no'), 'limit flows 5', 'limit flows 5: no');
refused(blame('VIP.TIMEOUT_UDP', 'EINVAL', 'no'), "vip set $vip timeout udp 5",
	"vip set $vip: timeout udp: no");
refused(blame('VIP.TIMEOUT_OTHER', 'EINVAL', 'no'), "vip add $vip timeout udp 5 timeout other 6",
	"vip add $vip: timeout other: no");
# what names the VIP or the server as a whole has been typed already
refused(blame('VIP', 'ENOENT', 'no such VIP'), "server del $vip 10.9.0.11",
	"server del $vip 10.9.0.11: no such VIP");
refused(blame('SERVER', 'ENOENT', 'no such server'), "server del $vip 10.9.0.11",
	"server del $vip 10.9.0.11: no such server");
refused(blame('VIP', 'ENOENT', 'no such VIP'), "flow flush vip $vip", 'flow flush: no such VIP');
# of a newer dsrctl's
refused(blame('VIP.TIMEOUT_OTHER', 'EINVAL', 'Unknown attribute type'),
	"vip set $vip timeout other 5",
	"vip set $vip: timeout other: the dsr module in this kernel does not know this");

# a full stop is not ours; control characters are nobody's
refused(blame('', 'EINVAL', "the table is full.\e[2J."), 'flush',
	'flush: the table is full.?[2J');

# without a text
refused(blame('', 'EINVAL'), 'flush', 'flush: Invalid argument');
refused(blame('SERVER.WEIGHT', 'EINVAL'), "$add weight 1", "$add: weight: Invalid argument");
refused(blame('', 'EPERM'), 'flush',
	'flush: not permitted, this needs CAP_NET_ADMIN (be root)');
refused(blame('', 'EOPNOTSUPP'), 'stats',
	'stats: the dsr module in this kernel does not know this command');

# a kernel that sends the request back with the error
refused("echo SERVER.WEIGHT $errno{EINVAL} integer out of range", "$add weight 5",
	"$add: weight: integer out of range");

# dumps
refused(blame('VIP.ADDR4', 'ENOENT', 'no such VIP'), "flow show vip $vip", 'flow show: vip: no such VIP');
refused(blame('', 'EINVAL', 'no'), $_, "$_: no")
	for 'show', 'vip show', 'server show', 'dev show', 'flow show', '-j flow show' =~ s/-j //r;
refused('dumperror', 'show', 'show: the table is being moved');
refused('nobufs', $_, "$_: No buffer space available")
	for 'show', 'stats', 'flow show', 'explain tcp 192.0.2.1 10.0.0.100:80';
# of what changes something it is not known whether it was done
refused('nobufs', $_, "$_: the kernel had no memory to answer, it may have been done or not")
	for 'flush', "vip add $vip", 'flow flush', 'dev del eth0', 'limit flows 5';
refused('absent', $_, "$_: the dsr module is not loaded in this kernel " .
	'(insmod dsr.ko, or modprobe dsr)')
	for 'show', 'vip show', 'dev show', 'flow show', 'flow flush', 'stats', 'flush', 'monitor';
refused('old', 'monitor', 'monitor: the dsr module in this kernel has no events');
refused('garbage', $_, "$_: the dsr module's answer can't be read, it is of another version")
	for qw(show stats);

# with -j, nothing that looks like an answer
run_is(['-j', 'flow', 'show'], { status => 2, log => qr/^FLOW_GET/,
	stderr => "dsrctl: flow show: no\n" }, fake => blame('', 'EINVAL', 'no'));

# what was asked for by name is not there
refused('empty', "vip show $vip", "vip show $vip: no such VIP");
refused('empty', "server show $vip", "server show $vip: no such VIP");
refused('', "server show $vip 10.9.0.99", "server show $vip 10.9.0.99: no such server");

# a network namespace that may not be entered
run_is(['-N', 'blue', 'flush'], { status => 2,
	stderr => "dsrctl: netns blue: not permitted, this needs CAP_SYS_ADMIN (be root)\n" },
       fake => 'closed');

# the module is of another release
refused("version $_", 'show', "show: the module speaks version $_ of the protocol, this dsrctl " .
	'version 2: they have to be of one release') for 1, 3;
refused('orphan', 'show', "show: the dsr module's answer can't be read, it is of another version");

# the configuration changes while it is read: in a dump, or between two
my $look = "STATS_GET do v2\n";
my $changed = 'the configuration changed each of the 10 times that it was read';
my %reads = ('dev show' => "DEV_GET dump v2\n$look",
	     'show' => "VIP_GET dump v2\nSERVER_GET dump v2\n$look");
for my $case (['dev show', 'busy', 9, 1], ['dev show', 'moved', 9, 1],
	      ['show', 'busy', 18, 2], ['show', 'moved', 18, 2], ['show', 'moved', 17, 2]) {
	my ($line, $scene, $times, $dumps) = @$case;
	my @args = split(' ', $line);

	run_is(\@args, { stdout => qr/\A\w.*\n.*\n/, log => $look . $reads{$line} x 10 },
	       fake => "$scene $times");
	run_is(\@args, { status => 2, log => $look . $reads{$line} x 10,
			 stderr => "dsrctl: $line: $changed\n" },
	       fake => "$scene " . ($times + $dumps));
}
# flows always change
run_is(['flow', 'show'], { stdout => qr/(.*\n){4}/, log => "FLOW_GET dump v2\n" }, fake => 'busy 99');

done_testing();
