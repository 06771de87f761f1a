#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# Every way to get a command line wrong: status 1, one line that says what and
# why, and nothing is sent.

use FindBin;
require "$FindBin::Bin/lib.pl";

my $vip = '10.0.0.100:80/tcp';
my $v6 = '[2001:db8::100]:53/udp';

sub object_wrong {
	my ($line, $error) = @_;
	my ($object) = $line =~ /^(\S+)/;

	wrong($line, "$error (see \"dsrctl $object help\")");
}

# options
wrong('', 'no object is given (see "dsrctl help")');
wrong('-j', 'no object is given (see "dsrctl help")');
wrong('-x show', '"-x": unknown option (see "dsrctl help")');
wrong('-jx show', '"-jx": unknown option (see "dsrctl help")');
wrong('--jason show', '"--jason": unknown option (see "dsrctl help")');
wrong('--js show', '"--js": unknown option (see "dsrctl help")');
wrong('--net=blue show', '"--net=blue": unknown option (see "dsrctl help")');
wrong('--net blue show', '"--net": unknown option (see "dsrctl help")');
wrong('--json=yes show', '"--json=yes": unknown option (see "dsrctl help")');
wrong('-N', '"-N": needs a value (see "dsrctl help")');
wrong('--batch', '"--batch": needs a value (see "dsrctl help")');
wrong('-N a -N b show', '"--netns": is there twice (see "dsrctl help")');
wrong('-b a --batch b', '"--batch": is there twice (see "dsrctl help")');
wrong('-b - show', '"show": a command and --batch exclude each other (see "dsrctl help")');
wrong('-N none show', 'netns none: no such network namespace');
wrong('-N ../blue show', '"../blue": not the name of a network namespace (see "dsrctl help")');
wrong('-N .. show', '"..": not the name of a network namespace (see "dsrctl help")');
wrong(['-N', '', 'show'], '"": not the name of a network namespace (see "dsrctl help")');

# objects and commands
wrong('vi show', '"vi": unknown object (see "dsrctl help")');
wrong('VIP show', '"VIP": unknown object (see "dsrctl help")');
wrong([''], '"": unknown object (see "dsrctl help")');
wrong(["sh\now\e[2J"], '"sh?ow?[2J": unknown object (see "dsrctl help")');
wrong(['x' x 5000], '"' . 'x' x 100 . '": unknown object (see "dsrctl help")');
wrong('help vip', '"vip": help stands alone or after an object (see "dsrctl help")');
object_wrong($_, "$_: no command is given") for qw(vip server dev flow);
object_wrong("$_ sho", "$_: \"sho\": unknown command") for qw(vip server dev flow);
object_wrong("$_ -j", "$_: \"-j\": options go before the object") for qw(vip show stats);
object_wrong("$_ help me", "$_: \"me\": unknown word")
	for qw(vip server dev flow show stats flush monitor doctor);
object_wrong("$_ now", "$_: \"now\": unknown word") for qw(show stats flush monitor);
object_wrong('doctor -j', 'doctor: "-j": options go before the object');
object_wrong("doctor $vip $v6 10.0.0.100", 'doctor: "10.0.0.100": a VIP is ' .
	     'ADDRESS[:PORT[-PORT]]/PROTOCOL, and /PROTOCOL is missing');
object_wrong('dev set eth0', 'dev: "set": unknown command');
object_wrong('vip drain x', 'vip: "drain": unknown command');

# arguments that are missing or too many
object_wrong("vip $_", "vip $_: VIP is missing") for qw(add set del);
for my $verb (qw(add set drain del)) {
	object_wrong("server $verb", "server $verb: VIP is missing");
	object_wrong("server $verb $vip", "server $verb $vip: ADDRESS is missing");
}
object_wrong("dev $_", "dev $_: IFNAME is missing") for qw(add del);
object_wrong("vip del $vip $vip", "vip del $vip: \"$vip\": unknown word");
object_wrong("vip show $vip 10.0.0.1", "vip show $vip: \"10.0.0.1\": unknown word");
object_wrong("server show $vip 10.9.0.1 10.9.0.2",
	     "server show $vip 10.9.0.1: \"10.9.0.2\": unknown word");
object_wrong('dev show eth0', 'dev show: "eth0": unknown word');
object_wrong("server drain $vip 10.9.0.1 weight 1",
	     "server drain $vip 10.9.0.1: \"weight\": unknown word");
object_wrong("vip show -j", 'vip show: "-j": options go before the object');
object_wrong("vip del $vip --json", "vip del $vip: \"--json\": options go before the object");

# VIPs
my %bad_vip = (
	'10.0.0.100' => 'a VIP is ADDRESS[:PORT[-PORT]]/PROTOCOL, and /PROTOCOL is missing',
	'10.0.0.100:80' => 'a VIP is ADDRESS[:PORT[-PORT]]/PROTOCOL, and /PROTOCOL is missing',
	'10.0.0.100:80/' => 'the protocol of a VIP is tcp, udp, sctp or any',
	'10.0.0.100:80/TCP' => 'the protocol of a VIP is tcp, udp, sctp or any',
	'10.0.0.100:80/icmp' => 'the protocol of a VIP is tcp, udp, sctp or any',
	'10.0.0.100:80/6' => 'the protocol of a VIP is tcp, udp, sctp or any',
	'/tcp' => 'not an IPv4 or IPv6 address',
	':80/tcp' => 'not an IPv4 or IPv6 address',
	'10.0.0:80/tcp' => 'not an IPv4 or IPv6 address',
	'10.0.0.256:80/tcp' => 'not an IPv4 or IPv6 address',
	'010.0.0.1:80/tcp' => 'not an IPv4 or IPv6 address',
	'10.0.0.1.2:80/tcp' => 'not an IPv4 or IPv6 address',
	'web.example:80/tcp' => 'not an IPv4 or IPv6 address',
	'10.0.0.100/24/tcp' => 'not an IPv4 or IPv6 address',
	'2001:db8::g/tcp' => 'not an IPv4 or IPv6 address',
	'fe80::1%eth0/tcp' => 'not an IPv4 or IPv6 address',
	'1:2:3:4:5:6:7:8:80/tcp' => 'not an IPv4 or IPv6 address',
	'[]:80/tcp' => 'not an IPv4 or IPv6 address',
	'[2001:db8::1:80/tcp' => 'the bracket is not closed',
	'[2001:db8::1]80/tcp' => 'after the bracket comes :PORT',
	'[10.0.0.1]:80/tcp' => 'brackets are for IPv6 addresses',
	'[10.0.0.1]/tcp' => 'brackets are for IPv6 addresses',
	'10.0.0.100:0/tcp' => 'a port is 1 to 65535; none means every port',
	'10.0.0.100:/tcp' => 'a port is 1 to 65535; none means every port',
	'10.0.0.100:65536/tcp' => 'a port is 1 to 65535; none means every port',
	'10.0.0.100:http/tcp' => 'a port is 1 to 65535; none means every port',
	'10.0.0.100:+80/tcp' => 'a port is 1 to 65535; none means every port',
	'10.0.0.100:80x/tcp' => 'a port is 1 to 65535; none means every port',
	'10.0.0.100:18446744073709551696/tcp' => 'a port is 1 to 65535; none means every port',
	'[2001:db8::1]:/tcp' => 'a port is 1 to 65535; none means every port',
	'10.0.0.100:-80/tcp' => 'a port is 1 to 65535; none means every port',
	'10.0.0.100:80-/tcp' => 'a range of ports is FIRST-LAST, each 1 to 65535',
	'10.0.0.100:80-65536/tcp' => 'a range of ports is FIRST-LAST, each 1 to 65535',
	'10.0.0.100:80-90-95/tcp' => 'a range of ports is FIRST-LAST, each 1 to 65535',
	'10.0.0.100:90-80/tcp' => 'the last port of a range must be above its first',
	'10.0.0.100:80-80/tcp' => 'the last port of a range must be above its first',
	'10.0.0.100:80/any' => 'protocol any takes every port: leave the port out',
	'[2001:db8::1]:80-81/any' => 'protocol any takes every port: leave the port out',
);
object_wrong("vip add $_", "vip add: \"$_\": $bad_vip{$_}") for sort keys %bad_vip;
object_wrong('vip show x', "vip show: \"x\": $bad_vip{'10.0.0.100'}");
wrong(['vip', 'add', ''], "vip add: \"\": $bad_vip{'10.0.0.100'} (see \"dsrctl vip help\")");

# servers
my $bad_server = "a server is an IPv4 or IPv6 address, its port is the VIP's";
object_wrong("server add $vip $_", "server add $vip: \"$_\": $bad_server")
	for qw(10.9.0.11:80 10.9.0 [2001:db8::1] weight 10.9.0.11/32);
object_wrong("server $_ $vip 2001:db8::1",
	     "server $_ $vip 2001:db8::1: an IPv4 VIP can't have an IPv6 server")
	for qw(add drain del show);
object_wrong("server add $v6 10.9.0.11",
	     "server add $v6 10.9.0.11: an IPv6 VIP can't have an IPv4 server");

# keywords
my $add = "server add $vip 10.9.0.11";
my $set = "server set $vip 10.9.0.11";
object_wrong("vip add $vip sched rr", "vip add $vip: \"sched\": unknown word");
object_wrong("vip add $vip scheduler", "vip add $vip: \"scheduler\" needs a value");
object_wrong("vip add $vip arp", "vip add $vip: \"arp\" needs a value");
object_wrong("vip add $vip arp on", "vip add $vip: arp \"on\": it is auto or off");
object_wrong("vip add $vip arp off arp off", "vip add $vip: \"arp\" is there twice");
object_wrong("vip add $vip scheduler mh arp auto scheduler rr",
	     "vip add $vip: \"scheduler\" is there twice");
object_wrong("vip add $vip scheduler sixteen-letters-",
	     "vip add $vip: scheduler \"sixteen-letters-\": " .
	     'the name of a scheduler has 1 to 15 characters');
object_wrong("vip add $vip scheduler r/r", "vip add $vip: scheduler \"r/r\": " .
	     'the name of a scheduler is letters and digits');
object_wrong("vip add $vip timeout", "vip add $vip: \"timeout\" is followed by one of syn, open, fin, rst, udp, other");
object_wrong("vip add $vip timeout any 4",
	     "vip add $vip: \"timeout\" is followed by one of syn, open, fin, rst, udp, other");
object_wrong("vip add $vip timeout udp", "vip add $vip: \"timeout udp\" needs a value");
object_wrong("vip add $vip timeout udp $_",
	     "vip add $vip: timeout udp \"$_\": seconds are 1 to 2592000 (30 days)")
	for qw(0 2592001 1s -1);
object_wrong("vip add $vip timeout udp 1 timeout syn 1 timeout udp 1",
	     "vip add $vip: \"timeout udp\" is there twice");
object_wrong("vip add $vip persistence x",
	     "vip add $vip: persistence \"x\": seconds are 0 to 2592000 (30 days)");
object_wrong("vip add $vip mask 33", "vip add $vip: mask \"33\": the length of a mask is 0 to 32");
object_wrong("vip add $v6 mask 129", "vip add $v6: mask \"129\": the length of a mask is 0 to 128");
object_wrong("vip add $vip sorry x",
	     "vip add $vip: sorry \"x\": a sorry server is an IPv4 or IPv6 address, or none");
object_wrong("vip add $vip sorry 2001:db8::1",
	     "vip add $vip: an IPv4 VIP can't have an IPv6 server");
object_wrong("vip add $vip on-down stay",
	     "vip add $vip: on-down \"stay\": it is reschedule, keep or drop");
object_wrong("$add max-flows $_",
	     "$add: max-flows \"$_\": a number of flows is 1 to 1073741824, or none: no bound")
	for qw(0 -1 1073741825);
object_wrong('limit flows', 'limit flows: N is missing');
object_wrong("limit flows $_", "limit flows: \"$_\": " .
	     'a limit is 1 to 1073741824 flows, or auto: by the memory of the host')
	for qw(0 1073741825 many);
object_wrong("vip set $vip", "vip set $vip: nothing to change is given");
object_wrong($set, "$set: nothing to change is given");
object_wrong("$add weight", "$add: \"weight\" needs a value");
object_wrong("$add weight $_", "$add: weight \"$_\": a weight is 0 to 65535")
	for qw(-1 65536 1.5 0x10 one +1 99999999999999999999);
object_wrong("$add weight 1 mac 02:00:00:00:00:11 weight 1",
	     "$add: \"weight\" is there twice");
object_wrong("$add mac $_", "$add: mac \"$_\": " .
	     'a MAC address is six pairs of hexadecimal digits with colons')
	for qw(auto 02:00:00:00:00 02:00:00:00:00:11:22 02-00-00-00-00-11
	       2:0:0:0:0:11 020000000011 02:00:00:00:00:1g 02:00:00:00:00:11:);
object_wrong("$add mac 03:00:00:00:00:11",
	     "$add: mac \"03:00:00:00:00:11\": a multicast address: a server's MAC is unicast");
object_wrong("$set mac ff:ff:ff:ff:ff:ff",
	     "$set: mac \"ff:ff:ff:ff:ff:ff\": a multicast address: a server's MAC is unicast");
object_wrong("$set mac 00:00:00:00:00:00",
	     "$set: mac \"00:00:00:00:00:00\": a MAC address of zeros is nobody's");
object_wrong("$set mac automatic", "$set: mac \"automatic\": " .
	     'a MAC address is six pairs of hexadecimal digits with colons');
object_wrong("$add dev 0123456789abcdef", "$add: dev \"0123456789abcdef\": " .
	     'the name of an interface has at most 15 characters');
object_wrong("dev add a/b", 'dev add: "a/b": ' .
	     "the name of an interface has no '/', ':' or blank");
object_wrong('dev add eth0:1', 'dev add: "eth0:1": ' .
	     "the name of an interface has no '/', ':' or blank");
object_wrong('dev del ..', 'dev del: "..": not the name of an interface');
wrong([qw(dev add), 'a b'], 'dev add: "a b": ' .
      "the name of an interface has no '/', ':' or blank (see \"dsrctl dev help\")");
wrong([qw(dev add), ''],
      'dev add: "": the name of an interface is missing (see "dsrctl dev help")');

# filters
object_wrong('flow show vip', 'flow show: "vip" needs a value');
object_wrong('flow show vip x', "flow show: vip \"x\": $bad_vip{'10.0.0.100'}");
object_wrong('flow show server x', 'flow show: server "x": not an IPv4 or IPv6 address');
object_wrong('flow show client x', 'flow show: client "x": not an IPv4 or IPv6 address');
object_wrong('flow show client 10.0.0.0/33',
	     'flow show: client "10.0.0.0/33": an IPv4 prefix length is 0 to 32');
object_wrong('flow show client 10.0.0.0/',
	     'flow show: client "10.0.0.0/": an IPv4 prefix length is 0 to 32');
object_wrong('flow show client 2001:db8::/129',
	     'flow show: client "2001:db8::/129": an IPv6 prefix length is 0 to 128');
object_wrong("flow show limit $_", "flow show: limit \"$_\": a number from 1 on")
	for qw(0 -1 x 9223372036854775808);
object_wrong('flow flush limit 3',
	     'flow flush: limit "3": flush forgets every flow that fits, a limit is for show');
object_wrong("flow show vip $v6 client 10.0.0.0/8",
	     "flow show: an IPv6 VIP can't have an IPv4 client");
object_wrong('flow flush server 10.9.0.11 client 2001:db8::1',
	     "flow flush: an IPv4 VIP can't have an IPv6 client");
object_wrong("flow show 10.0.0.1", 'flow show: "10.0.0.1": unknown word');
object_wrong("flow show vip $vip vip $vip", 'flow show: "vip" is there twice');

# packets
object_wrong('explain', 'explain: PROTOCOL is missing');
object_wrong('explain tcp', 'explain tcp: SOURCE is missing');
object_wrong('explain tcp 192.0.2.1', 'explain tcp 192.0.2.1: VIP-ADDRESS is missing');
object_wrong("explain $_", "explain: \"$_\": the protocol of a packet is tcp, udp, sctp or a number, 0 to 255")
	for qw(any TCP icmp 256 10.0.0.100:80/tcp);
my %bad_end = (
	'192.0.2' => 'not an IPv4 or IPv6 address',
	'192.0.2.1:80:80' => 'not an IPv4 or IPv6 address',
	'192.0.2.1/32' => 'not an IPv4 or IPv6 address',
	'192.0.2.1:' => 'a port is 0 to 65535',
	'192.0.2.1:65536' => 'a port is 0 to 65535',
	'192.0.2.1:http' => 'a port is 0 to 65535',
	'192.0.2.1:1-2' => 'a port is 0 to 65535',
	'[192.0.2.1]:80' => 'brackets are for IPv6 addresses',
	'[2001:db8::1:80' => 'the bracket is not closed',
	'[2001:db8::1]80' => 'after the bracket comes :PORT',
);
for my $end (sort keys %bad_end) {
	object_wrong("explain tcp $end", "explain tcp: \"$end\": $bad_end{$end}");
	object_wrong("explain tcp 192.0.2.1:1 $end",
		     "explain tcp 192.0.2.1:1: \"$end\": $bad_end{$end}");
}
object_wrong('explain 47 192.0.2.1:1', 'explain 47: "192.0.2.1:1": this protocol has no ports');
object_wrong('explain 47 192.0.2.1 10.0.0.1:1',
	     'explain 47 192.0.2.1: "10.0.0.1:1": this protocol has no ports');
object_wrong('explain tcp 192.0.2.1 2001:db8::1',
	     "explain tcp 192.0.2.1 2001:db8::1: an IPv6 VIP can't have an IPv4 client");
object_wrong("explain $_ 192.0.2.1 10.0.0.1 established",
	     "explain $_ 192.0.2.1 10.0.0.1: \"established\": only tcp and sctp have connections")
	for qw(udp 47);
object_wrong('explain tcp 192.0.2.1 10.0.0.1 now',
	     'explain tcp 192.0.2.1 10.0.0.1: "now": unknown word');
object_wrong('explain tcp -j', 'explain tcp: "-j": options go before the object');

# realserver: VIPs or their addresses, and keywords that look like options
for my $verb (qw(setup undo)) {
	object_wrong("realserver $verb$_", "realserver $verb: VIP is missing")
		for '', ' --now', ' --dry-run --now';
}
object_wrong('realserver', 'realserver: no command is given');
object_wrong('realserver show', 'realserver: "show": unknown command');
object_wrong('realserver --now', 'realserver: "--now": options go before the object');
for my $verb (qw(setup check undo)) {
	object_wrong("realserver $verb 10.0.0.300",
		     "realserver $verb: \"10.0.0.300\": $bad_vip{'10.0.0.100'}");
	object_wrong("realserver $verb 10.0.0.100:80",
		     "realserver $verb: \"10.0.0.100:80\": $bad_vip{'10.0.0.100:80'}");
	object_wrong("realserver $verb $vip 10.0.0.100/32",
		     "realserver $verb $vip: \"10.0.0.100/32\": $bad_vip{'10.0.0.100:80/TCP'}");
	object_wrong("realserver $verb $vip --dry",
		     "realserver $verb $vip: \"--dry\": options go before the object");
	wrong("realserver $verb $vip $_", "realserver $verb: \"$_\": " .
	      'a loopback address: no client can reach it') for qw(127.0.0.1 ::1 127.8.9.10:80/tcp);
	wrong("realserver $verb $_", "realserver $verb: \"$_\": not a unicast address")
		for qw(224.0.0.1 255.255.255.255 ff02::1);
	wrong("realserver $verb $_", "realserver $verb: \"$_\": not the address of a host")
		for qw(0.0.0.0 ::);
	wrong("realserver $verb fe80::1", "realserver $verb: \"fe80::1\": " .
	      'a link-local address: no client behind a router can reach it');
	wrong("realserver $verb ::ffff:10.0.0.1", "realserver $verb: \"::ffff:10.0.0.1\": " .
	      'an IPv4 address: write it as one');
}
object_wrong("realserver setup --now $vip --now",
	     "realserver setup $vip: \"--now\" is there twice");
object_wrong("realserver check --now $vip",
	     'realserver check: "--now": options go before the object');

object_wrong('monitor limit 0', 'monitor: limit "0": a number from 1 on');
object_wrong('monitor timestamp timestamp', 'monitor: "timestamp" is there twice');

done_testing();
