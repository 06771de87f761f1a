#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# What each good command sends, to the byte: "do" or "dump" and the attributes
# in hex, integers as this machine has them.

use FindBin;
require "$FindBin::Bin/lib.pl";

my $vip = '10.0.0.100:80/tcp';
my $name = 'ADDR4=0a000064 PROTO=06 PORT=0050';
my $six = 'ADDR6=20010db8000000000000000000000100';
my $address = 'ADDR4=0a09000b';

sub hex32 { return unpack('H*', pack('L', shift)) }
sub hexz { return unpack('H*', shift) . '00' }

# The configuration is read between two looks at its generation
sub looks { return join("\n", 'STATS_GET do v2', @_, 'STATS_GET do v2') }

# A command that says nothing and sends one line
sub sends {
	my ($line, $log, %want) = @_;

	run_is([split(' ', $line)], { log => "$log\n", %want });
}

# The objects of a request, with what is in them
sub vip { return "VIP{" . join(' ', @_) . '}' }
sub server { return vip($name) . ' SERVER{' . join(' ', @_) . '}' }

# VIPs
sends("vip add $vip", 'VIP_ADD do v2 ' . vip($name));
sends('vip add 10.0.0.100:20000-20100/udp',
      'VIP_ADD do v2 VIP{ADDR4=0a000064 PROTO=11 PORT=4e20 PORT_LAST=4e84}');
sends('vip add 10.0.0.100/sctp', 'VIP_ADD do v2 VIP{ADDR4=0a000064 PROTO=84}');
sends('vip add 10.0.0.100/any', 'VIP_ADD do v2 VIP{ADDR4=0a000064 PROTO=00}');
sends('vip add [2001:db8::100]:53/udp', 'VIP_ADD do v2 ' . vip($six, 'PROTO=11 PORT=0035'));
sends("vip add $_", 'VIP_ADD do v2 ' . vip($six, 'PROTO=06'))
	for qw([2001:db8::100]/tcp 2001:db8::100/tcp);
sends("vip add $vip scheduler wlc arp off",
      'VIP_ADD do v2 ' . vip($name, 'SCHED=' . hexz('wlc'), 'ARP=00'));
sends("vip add $vip arp auto scheduler wlc",
      'VIP_ADD do v2 ' . vip($name, 'SCHED=' . hexz('wlc'), 'ARP=01'));
sends("vip set $vip arp auto", 'VIP_SET do v2 ' . vip($name, 'ARP=01'));
sends("vip set $vip scheduler rr", 'VIP_SET do v2 ' . vip($name, 'SCHED=' . hexz('rr')));
sends("vip add $vip persistence 300 mask 24 sorry 10.9.0.9 on-down keep " .
      'timeout udp 30 timeout syn 1 timeout other 3 timeout open 2592000 timeout fin 2 ' .
      'timeout rst 4',
      'VIP_ADD do v2 ' .
      vip($name, 'PERSISTENCE=' . hex32(300), 'PERSISTENCE_MASK=18 ON_DOWN=01',
	  'TIMEOUT_SYN=' . hex32(1), 'TIMEOUT_OPEN=' . hex32(2592000),
	  'TIMEOUT_FIN=' . hex32(2), 'TIMEOUT_RST=' . hex32(4), 'TIMEOUT_UDP=' . hex32(30),
	  'TIMEOUT_OTHER=' . hex32(3), 'SORRY4=0a090009'));
sends("vip set $vip persistence $_", 'VIP_SET do v2 ' . vip($name, 'PERSISTENCE=00000000'))
	for qw(0 none);
sends("vip set $vip sorry none", 'VIP_SET do v2 ' . vip($name, 'SORRY4=00000000'));
sends('vip set 2001:db8::100/any sorry 2001:db8::9 mask 128',
      'VIP_SET do v2 ' . vip($six, 'PROTO=00', 'PERSISTENCE_MASK=80',
			     'SORRY6=20010db8000000000000000000000009'));
sends("vip del $vip", 'VIP_DEL do v2 ' . vip($name));
my $all = looks('VIP_GET dump v2', 'SERVER_GET dump v2');
my $one = looks('VIP_GET do v2 ' . vip($name), 'SERVER_GET dump v2 ' . vip($name));
sends("vip show", $all, stdout => qr/^VIP/);
sends("vip show $vip", $one, stdout => qr/^VIP/);
sends('show', $all, stdout => qr/^VIP/);
sends('flush', 'FLUSH do v2');

# servers
my $server = "$vip 10.9.0.11";
sends("server add $server", 'SERVER_ADD do v2 ' . server($address));
sends("server add 2001:db8::100/any 2001:db8::9",
      'SERVER_ADD do v2 ' . vip($six, 'PROTO=00') .
      ' SERVER{ADDR6=20010db8000000000000000000000009}');
my $options = server($address, 'WEIGHT=' . hex32(10), 'MAC=0200000000af',
		     'IFNAME=' . hexz('eth1'));
sends("server add $server weight 10 mac 02:00:00:00:00:aF dev eth1", "SERVER_ADD do v2 $options");
sends("server add $server dev eth1 mac 02:00:00:00:00:af weight 10", "SERVER_ADD do v2 $options");
sends("server add $server weight $_",
      'SERVER_ADD do v2 ' . server($address, 'WEIGHT=' . hex32($_))) for 0, 1, 65535;
sends("server add $server dev $_", 'SERVER_ADD do v2 ' . server($address, 'IFNAME=' . hexz($_)))
	for qw(auto fifteen-letters);
sends("server set $server weight 10 mac 02:00:00:00:00:af dev eth1", "SERVER_SET do v2 $options");
sends("server set $server mac auto", 'SERVER_SET do v2 ' . server($address, 'MAC=000000000000'));
sends("server set $server dev auto", 'SERVER_SET do v2 ' . server($address, 'IFNAME=00'));
sends("server drain $server", 'SERVER_SET do v2 ' . server($address, 'DRAIN=01'));
sends("server set $server max-flows $_->[0]",
      'SERVER_SET do v2 ' . server($address, 'MAX_FLOWS=' . hex32($_->[1])))
	for [7, 7], [none => 0];
sends("server del $server", 'SERVER_DEL do v2 ' . server($address));
sends('server show', "$all\nFLOW_GET dump v2 " . vip($name) . ' FLOW{SERVER4=0a09000c}',
      stdout => qr/10\.9\.0\.12/);
sends("server show $server", $one,
      stdout => qr/^VIP.*\n10\.0\.0\.100.*\n  10\.9\.0\.11 .*\n\z/);

# interfaces
sends('dev add eth0', 'DEV_ADD do v2 DEV{IFNAME=' . hexz('eth0') . '}');
sends('dev del eth0', 'DEV_DEL do v2 DEV{IFNAME=' . hexz('eth0') . '}');
sends('dev show', looks('DEV_GET dump v2'), stdout => qr/^DEV/);

# flows
my $filters = "vip $vip server 10.9.0.11 client 192.0.2.77/24";
my $filter_attrs = vip($name) . ' FLOW{SERVER4=0a09000b CLIENT4=c0000200 CLIENT_PREFIX=18}';
sends('flow show', 'FLOW_GET dump v2', stdout => qr/^VIP/);
sends("flow show $filters", "FLOW_GET dump v2 $filter_attrs", stdout => qr/^VIP/);
sends("flow show limit 1 client 192.0.2.1", 'FLOW_GET dump v2 FLOW{CLIENT4=c0000201}',
      stdout => qr/^VIP.*\n10\.0\.0\.100.*\n\z/);
sends('flow show client 2001:db8::/32',
      'FLOW_GET dump v2 FLOW{CLIENT6=20010db8000000000000000000000000 CLIENT_PREFIX=20}',
      stdout => qr/^VIP/);
sends("flow flush client 192.0.2.77/24 server 10.9.0.11 vip $vip",
      "FLOW_FLUSH do v2 $filter_attrs", stdout => "flushed 3 flows\n");
sends('flow flush', 'FLOW_FLUSH do v2', stdout => "flushed 3 flows\n");
sends('stats', 'STATS_GET do v2', stdout => qr/^COUNTER/);

# explanations, and what they say of the servers
sub explains {
	my ($line, $packet, $shown) = @_;

	sends("explain $line", "EXPLAIN do v2 FLOW{$packet}\n$shown", stdout => qr/^packet/);
}
explains('tcp 192.0.2.1:40000 10.0.0.100:80',
	 'CLIENT4=c0000201 CLIENT_PORT=9c40 DST4=0a000064 DST_PORT=0050 PROTO=06', $one);
explains('tcp 192.0.2.1 10.0.0.100:80 established',
	 'CLIENT4=c0000201 DST4=0a000064 DST_PORT=0050 PROTO=06 STATE=01', $one);
explains("$_ 192.0.2.1 10.0.0.100", 'CLIENT4=c0000201 DST4=0a000064 PROTO=2f', $one)
	for qw(47 047);
my $names = vip($six, 'PROTO=11 PORT=0035');
explains('udp [2001:db8::9]:7 2001:db8::100',
	 'CLIENT6=20010db8000000000000000000000009 CLIENT_PORT=0007 ' .
	 'DST6=20010db8000000000000000000000100 PROTO=11',
	 looks("VIP_GET do v2 $names", "SERVER_GET dump v2 $names"));

# limits
sub hex64 { unpack('H*', pack('Q', shift)) }
sends("limit flows $_->[0]", 'LIMIT_SET do v2 LIMIT{FLOWS=' . hex64($_->[1]) . '}')
	for [1, 1], [1073741824, 1073741824], [auto => 0];
sends('limit show', 'STATS_GET do v2', stdout => "flows 1000000 (auto)\n");

# a network namespace is entered first; the order of options is free
run_is([@$_, qw(flush)], { log => "setns\nFLUSH do v2\n" })
	for ['-N', 'blue'], ['-Nblue'], ['--netns', 'blue'], ['--netns=blue'],
	    ['-j', '-N', 'blue', '-s'], ['-jsNblue'];

# help and version send nothing
run_is([@$_], { stdout => "dsrctl test\n" }) for ['-V'], ['--version'], ['-s', '-V'];
run_is([@$_], { stdout => "{\"version\":\"test\"}\n" }) for ['-jV'], ['-V', '--json'];

done_testing();
