# SPDX-License-Identifier: GPL-2.0-only
"""
What tracepoints tell of single packets. See trace.t, which makes the network
and turns the lines printed here into TAP, as packets.t does.

usage: trace.py DIRECTORY hook|dev
"""
import os
import re
import socket
import struct
import sys
import time

from icmp import echo4
from packets import (ICMP, SERVER, TCP, V6, Wire, frame, ipv4, ipv6, report,
                     sctp, tcp, udp)

ELSEWHERE = socket.inet_pton(socket.AF_INET6, '2001:db8:1::1')
CLIENT4, CLIENT6 = '198.51.100.10', '[2001:db8:1::10]'
VIP4, VIP6 = '10.0.0.100', '[2001:db8::100]'


def ends(packet):
    """SOURCE:PORT > DESTINATION:PORT, as a tracepoint writes it"""
    head, source, dest = (20, CLIENT4, VIP4) if packet[0] >> 4 == 4 else (
        40, CLIENT6, VIP6)
    proto = packet[9 if head == 20 else 6]
    ports = (0, 0)
    if proto in (6, 17, 132):
        ports = (int.from_bytes(packet[head:head + 2], 'big'),
                 int.from_bytes(packet[head + 2:head + 4], 'big'))
    return 'proto=%d %s:%d > %s:%d ' % (proto, source, ports[0], dest,
                                        ports[1])


def datagram(source):
    """To the VIPs of port 54, see trace.t"""
    return struct.pack('!HHHHI', source, 54, 12, 0xbeef, 0)


class Test:
    def __init__(self, wire, directory):
        self.wire = wire
        self.directory = directory

    def lines(self):
        """But for how hosts look for one another, by ICMPv6"""
        with open(self.directory + '/trace', encoding='ascii') as trace:
            return [line for line in trace if not line.startswith('#') and
                    ' proto=58 ' not in line]

    def send(self, sent):
        """The trace of one frame"""
        with open(self.directory + '/trace', 'w', encoding='ascii'):
            pass
        self.wire.pass_through(sent)
        return self.lines()

    def traced(self, what, sent, want, core=None):
        """
        One event dsr_packet that holds the text wanted. Of what is dropped,
        the core is to tell the same story in its own words.
        """
        self.seen(what, self.send(sent), want, core)

    def seen(self, what, lines, want, core):
        found = [line for line in lines if 'dsr_packet:' in line]
        if len(found) != 1 or want not in found[0]:
            return report(what, 'wanted %s, traced %s' % (want, lines))
        after = self.freed(lines)
        got = re.search(r'reason: (\w+)', after[0]).group(1) if after else None
        if core and got != core:
            return report(what, 'the core says %s instead of %s' % (got, core))
        return report(what)

    @staticmethod
    def freed(lines):
        """What the core told of the packet after we had"""
        for i, line in enumerate(lines):
            if 'dsr_packet:' in line:
                skb = re.search('skbaddr=([0-9a-f]+)', line).group(1)
                return [later for later in lines[i:] if 'kfree_skb:' in later
                        and 'skbaddr=' + skb in later]
        return []

    def everywhere(self):
        """What both ways in are told of alike"""
        packet = ipv6(udp()).replace(V6, ELSEWHERE)
        self.traced('not-vip', frame(packet), 'reason=not-vip ')
        packet = ipv4(tcp(), TCP)
        self.traced('no-port', frame(packet), 'reason=no-port '
                    'protocol=0x0800 ' + ends(packet))
        packet = ipv4(sctp(), 132)
        self.traced('no-port, SCTP', frame(packet),
                    'reason=no-port protocol=0x0800 ' + ends(packet))
        packet = ipv4(b'\x08' + bytes(11), ICMP)
        self.traced('icmp', frame(packet), 'reason=icmp protocol=0x0800 ' +
                    ends(packet))
        packet = echo4(b'who?')
        self.traced('answered', frame(packet), 'reason=answered '
                    'protocol=0x0800 ' + ends(packet))
        packet = ipv4(udp()[:7])
        self.traced('malformed', frame(packet, pad=bytes(40)),
                    'reason=malformed protocol=0x0800 ' + ends(packet),
                    'IP_INHDR')
        packet = ipv4(udp(), source=bytes([224, 0, 0, 1]))
        self.traced('martian', frame(packet), 'reason=martian '
                    'protocol=0x0800 proto=17 224.0.0.1:', 'IP_INADDRERRORS')
        packet = ipv4(udp(), ttl=1)
        self.traced('ttl', frame(packet), 'reason=ttl protocol=0x0800 ' +
                    ends(packet), 'IP_INHDR')
        packet = ipv6(udp(), hops=1)
        self.traced('ttl, IPv6', frame(packet), 'reason=ttl '
                    'protocol=0x86dd ' + ends(packet), 'IP_INHDR')
        packet = ipv6(tcp(), TCP)
        self.traced('no-server', frame(packet), 'reason=no-server '
                    'protocol=0x86dd ' + ends(packet), 'IP_OUTNOROUTES')
        packet = ipv4(udp())
        self.traced('bounced', frame(packet, source=SERVER), 'reason=bounced '
                    'protocol=0x0800 ' + ends(packet), 'NETFILTER_DROP')
        packet = ipv4(udp(bytes(1373)))
        self.traced('too-big', frame(packet), 'reason=too-big '
                    'protocol=0x0800 ' + ends(packet), 'PKT_TOO_BIG')

        packet = ipv4(datagram(4000))
        self.traced('unreachable', frame(packet), 'reason=unreachable '
                    'protocol=0x0800 ' + ends(packet), 'NEIGH_FAILED')
        packet = ipv6(datagram(4001))
        self.traced('full', frame(packet), 'reason=full protocol=0x86dd ' +
                    ends(packet), 'NETFILTER_DROP')

    def fragment(self):
        """Known only when it has waited long enough"""
        packet = ipv4(bytes(64), frag=10)
        lines = self.send(frame(packet))
        end = time.monotonic() + 20
        while time.monotonic() < end and not self.freed(lines):
            time.sleep(0.1)
            lines = self.lines()
        # Linux 6.1 has no word for it
        core = 'NETFILTER_DROP' if os.uname().release.startswith('6.1.') \
            else 'FRAG_REASM_TIMEOUT'
        self.seen('fragment', lines, 'reason=fragment protocol=0x0800 '
                  'proto=17 %s:0 > %s:0 ' % (CLIENT4, VIP4), core)

    def by_dev(self):
        """What is counted at netdev ingress only"""
        packet = ipv4(udp())
        self.traced('not-unicast', frame(packet, to=b'\xff' * 6),
                    'reason=not-unicast protocol=0x0800 ' + ends(packet))
        packet = ipv6(udp())
        self.traced('other-host', frame(packet, to=b'\2\0\0\0\x55\x55'),
                    'reason=other-host protocol=0x86dd ' + ends(packet))
        arp = bytes.fromhex('0001080006040001020000000010c633640a'
                            '000000000000c6336401')
        self.traced('not even IP', frame(arp, to=b'\xff' * 6, kind=0x0806),
                    'reason=not-unicast protocol=0x0806 proto=0 0.0.0.0:0 ')

    def forwarded(self):
        for name, packet, server in (
                ('IPv4', ipv4(udp()), '10.9.0.11'),
                ('IPv6', ipv6(udp()), '2001:db8:9::11')):
            lines = [line for line in self.send(frame(packet))
                     if 'dsr_forward:' in line]
            want = 'server=%s %s' % (server, ends(packet))
            report('forwarded, ' + name, '' if any(want in line for line in
                                                   lines) else
                   'wanted %s, traced %s' % (want, lines))


def main():
    os.sched_setaffinity(0, {0})
    test = Test(Wire(False), sys.argv[1])
    test.everywhere()
    test.fragment()
    if sys.argv[2] == 'dev':
        test.by_dev()
    test.forwarded()
    report('that was all')


main()
