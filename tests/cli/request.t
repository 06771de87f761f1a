#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# What each good command sends, to the byte: "do" or "dump" and the attributes
# in hex, integers as this machine has them.

use FindBin;
require "$FindBin::Bin/lib.pl";

my $vip = '10.0.0.100:80/tcp';
my $vip_attrs = 'ADDR4=0a000064 PROTO=06 PORT=0050';
my $server_attrs = "$vip_attrs SERVER4=0a09000b";

sub hex32 { return unpack('H*', pack('L', shift)) }
sub hexz { return unpack('H*', shift) . '00' }

# A command that says nothing and sends one line
sub sends {
	my ($line, $log, %want) = @_;

	run_is([split(' ', $line)], { log => "$log\n", %want });
}

# VIPs
sends("vip add $vip", "VIP_ADD do v1 $vip_attrs");
sends('vip add 10.0.0.100:20000-20100/udp',
      'VIP_ADD do v1 ADDR4=0a000064 PROTO=11 PORT=4e20 PORT_LAST=4e84');
sends('vip add 10.0.0.100/sctp', 'VIP_ADD do v1 ADDR4=0a000064 PROTO=84');
sends('vip add 10.0.0.100/any', 'VIP_ADD do v1 ADDR4=0a000064 PROTO=00');
sends('vip add [2001:db8::100]:53/udp',
      'VIP_ADD do v1 ADDR6=20010db8000000000000000000000100 PROTO=11 PORT=0035');
sends("vip add $_",
      'VIP_ADD do v1 ADDR6=20010db8000000000000000000000100 PROTO=06')
	for qw([2001:db8::100]/tcp 2001:db8::100/tcp);
sends("vip add $vip scheduler wlc arp off",
      "VIP_ADD do v1 $vip_attrs SCHED=" . hexz('wlc') . ' ARP=00');
sends("vip add $vip arp auto scheduler wlc",
      "VIP_ADD do v1 $vip_attrs SCHED=" . hexz('wlc') . ' ARP=01');
sends("vip set $vip arp auto", "VIP_SET do v1 $vip_attrs ARP=01");
sends("vip set $vip scheduler rr", "VIP_SET do v1 $vip_attrs SCHED=" . hexz('rr'));
sends("vip add $vip persistence 300 mask 24 sorry 10.9.0.9 on-down keep " .
      "timeout udp 30 timeout syn 1 timeout open 2592000 timeout fin 2",
      "VIP_ADD do v1 $vip_attrs PERSISTENCE=" . hex32(300) .
      ' PERSISTENCE_MASK=18 ON_DOWN=01 TIMEOUT_SYN=' . hex32(1) .
      ' TIMEOUT_OPEN=' . hex32(2592000) . ' TIMEOUT_FIN=' . hex32(2) .
      ' TIMEOUT_UDP=' . hex32(30) . ' SORRY4=0a090009');
sends("vip set $vip persistence $_", "VIP_SET do v1 $vip_attrs PERSISTENCE=00000000")
	for qw(0 none);
sends("vip set $vip sorry none", "VIP_SET do v1 $vip_attrs SORRY4=00000000");
sends('vip set 2001:db8::100/any sorry 2001:db8::9 mask 128',
      'VIP_SET do v1 ADDR6=20010db8000000000000000000000100 PROTO=00 ' .
      'PERSISTENCE_MASK=80 SORRY6=20010db8000000000000000000000009');
sends("vip del $vip", "VIP_DEL do v1 $vip_attrs");
sends("vip show", 'VIP_GET dump v1 SERVERS', stdout => qr/^VIP/);
sends("vip show $vip", "VIP_GET dump v1 $vip_attrs SERVERS", stdout => qr/^VIP/);
sends('show', 'VIP_GET dump v1 SERVERS', stdout => qr/^VIP/);
sends('flush', 'FLUSH do v1');

# servers
my $server = "$vip 10.9.0.11";
sends("server add $server", "SERVER_ADD do v1 $server_attrs");
sends("server add 2001:db8::100/any 2001:db8::9",
      'SERVER_ADD do v1 ADDR6=20010db8000000000000000000000100 PROTO=00 ' .
      'SERVER6=20010db8000000000000000000000009');
my $all = "$server_attrs WEIGHT=" . hex32(10) . ' MAC=0200000000af IFNAME=' . hexz('eth1');
sends("server add $server weight 10 mac 02:00:00:00:00:aF dev eth1", "SERVER_ADD do v1 $all");
sends("server add $server dev eth1 mac 02:00:00:00:00:af weight 10", "SERVER_ADD do v1 $all");
sends("server add $server weight $_",
      "SERVER_ADD do v1 $server_attrs WEIGHT=" . hex32($_)) for 0, 1, 65535;
sends("server add $server dev auto", "SERVER_ADD do v1 $server_attrs IFNAME=" . hexz('auto'));
sends("server add $server dev fifteen-letters",
      "SERVER_ADD do v1 $server_attrs IFNAME=" . hexz('fifteen-letters'));
sends("server set $server weight 10 mac 02:00:00:00:00:af dev eth1", "SERVER_SET do v1 $all");
sends("server set $server mac auto", "SERVER_SET do v1 $server_attrs MAC=000000000000");
sends("server set $server dev auto", "SERVER_SET do v1 $server_attrs IFNAME=00");
sends("server drain $server", "SERVER_SET do v1 $server_attrs DRAIN=01");
sends("server set $server max-flows $_->[0]",
      "SERVER_SET do v1 $server_attrs MAX_FLOWS=" . hex32($_->[1]))
	for [7, 7], [none => 0];
sends("server del $server", "SERVER_DEL do v1 $server_attrs");
sends('server show', "VIP_GET dump v1 SERVERS\n" .
      'FLOW_GET dump v1 ADDR4=0a000064 PROTO=06 PORT=0050 SERVER4=0a09000c',
      stdout => qr/10\.9\.0\.12/);
sends("server show $server", "VIP_GET dump v1 $vip_attrs SERVERS",
      stdout => qr/^VIP.*\n10\.0\.0\.100.*\n  10\.9\.0\.11 .*\n\z/);

# interfaces
sends('dev add eth0', 'DEV_ADD do v1 IFNAME=' . hexz('eth0'));
sends('dev del eth0', 'DEV_DEL do v1 IFNAME=' . hexz('eth0'));
sends('dev show', 'DEV_GET dump v1', stdout => qr/^DEV/);

# flows
my $filters = "vip $vip server 10.9.0.11 client 192.0.2.77/24";
my $filter_attrs = "$server_attrs CLIENT4=c0000200 CLIENT_PREFIX=18";
sends('flow show', 'FLOW_GET dump v1', stdout => qr/^VIP/);
sends("flow show $filters", "FLOW_GET dump v1 $filter_attrs", stdout => qr/^VIP/);
sends("flow show limit 1 client 192.0.2.1", 'FLOW_GET dump v1 CLIENT4=c0000201',
      stdout => qr/^VIP.*\n10\.0\.0\.100.*\n\z/);
sends('flow show client 2001:db8::/32',
      'FLOW_GET dump v1 CLIENT6=20010db8000000000000000000000000 CLIENT_PREFIX=20',
      stdout => qr/^VIP/);
sends("flow flush client 192.0.2.77/24 server 10.9.0.11 vip $vip",
      "FLOW_FLUSH do v1 $filter_attrs", stdout => "flushed 3 flows\n");
sends('flow flush', 'FLOW_FLUSH do v1', stdout => "flushed 3 flows\n");
sends('stats', 'STATS_GET do v1', stdout => qr/^COUNTER/);

# explanations, and what they say of the servers
my $asked = 'CLIENT4=c0000201';
my $servers = "\nVIP_GET dump v1 ADDR4=0a000064 PROTO=06 PORT=0050 SERVERS";
sends('explain tcp 192.0.2.1:40000 10.0.0.100:80',
      "EXPLAIN do v1 ADDR4=0a000064 $asked CLIENT_PORT=9c40 DST_PORT=0050 " .
      "DST_PROTO=06$servers", stdout => qr/^packet/);
sends('explain tcp 192.0.2.1 10.0.0.100:80 established',
      "EXPLAIN do v1 ADDR4=0a000064 $asked DST_PORT=0050 DST_PROTO=06 " .
      "FLOW_STATE=01$servers", stdout => qr/^packet/);
sends("explain $_ 192.0.2.1 10.0.0.100",
      "EXPLAIN do v1 ADDR4=0a000064 $asked DST_PROTO=2f$servers",
      stdout => qr/^packet/) for qw(47 047);
sends('explain udp [2001:db8::9]:7 2001:db8::100',
      'EXPLAIN do v1 ADDR6=20010db8000000000000000000000100 ' .
      'CLIENT6=20010db8000000000000000000000009 CLIENT_PORT=0007 DST_PROTO=11' .
      "\nVIP_GET dump v1 ADDR6=20010db8000000000000000000000100 PROTO=11 " .
      'PORT=0035 SERVERS', stdout => qr/^packet/);

# limits
sub hex64 { unpack('H*', pack('Q', shift)) }
sends("limit flows $_->[0]", 'LIMIT_SET do v1 FLOWS_MAX=' . hex64($_->[1]))
	for [1, 1], [1073741824, 1073741824], [auto => 0];
sends('limit show', 'STATS_GET do v1', stdout => "flows 1000000 (auto)\n");

# a network namespace is entered first; the order of options is free
run_is([@$_, qw(flush)], { log => "setns\nFLUSH do v1\n" })
	for ['-N', 'blue'], ['-Nblue'], ['--netns', 'blue'], ['--netns=blue'],
	    ['-j', '-N', 'blue', '-s'], ['-jsNblue'];

# help and version send nothing
run_is([@$_], { stdout => "dsrctl test\n" }) for ['-V'], ['--version'], ['-s', '-V'];
run_is([@$_], { stdout => "{\"version\":\"test\"}\n" }) for ['-jV'], ['-V', '--json'];

done_testing();
