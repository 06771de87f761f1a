# SPDX-License-Identifier: GPL-2.0-only
"""
What the director does with single packets: injects frames on the client's
cable and looks at what comes out of the server's. See packets.t, which makes
the network and turns the lines printed here into TAP: "0<TAB>DESCRIPTION", or
"1<TAB>DESCRIPTION<TAB>WHAT IS WRONG".

usage: packets.py hook|dev [tap]
"""
import ctypes
import os
import socket
import struct
import sys

CLIENT, DIRECTOR, OUT, SERVER = (bytes.fromhex('02000000' + end) for end in
                                 ('0010', '0802', '0002', '0011'))
V4 = socket.inet_aton('10.0.0.100')
V6 = socket.inet_pton(socket.AF_INET6, '2001:db8::100')
FROM4 = socket.inet_aton('198.51.100.10')
FROM6 = socket.inet_pton(socket.AF_INET6, '2001:db8:1::10')
TCP, UDP, SCTP, ICMP, ICMP6 = 6, 17, 132, 1, 58


def checksum(data):
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def ipv4(payload, proto=UDP, ttl=64, tos=0, ident=0x1234, options=b'',
         source=FROM4, frag=0x4000, version=4, ihl=None, length=None, wrong=0):
    ihl = 5 + len(options) // 4 if ihl is None else ihl
    length = 20 + len(options) + len(payload) if length is None else length
    head = struct.pack('!BBHHHBBH4s4s', version << 4 | ihl, tos, length, ident,
                       frag, ttl, proto, 0, source, V4) + options
    total = checksum(head) ^ wrong
    return head[:10] + struct.pack('!H', total) + head[12:] + payload


def ipv6(payload, proto=UDP, hops=64, traffic=0, label=0, source=FROM6,
         version=6, length=None):
    length = len(payload) if length is None else length
    return struct.pack('!IHBB16s16s', version << 28 | traffic << 20 | label,
                       length, proto, hops, source, V6) + payload


def neighbourly(data):
    """ARP, or neighbour discovery: a director announces what it speaks for"""
    return data[12:14] == b'\x08\x06' or (
        data[12:14] == b'\x86\xdd' and data[20] == ICMP6 and
        data[54] in (135, 136))


port = 1024


def new_port():
    """So that each packet is the first of its flow."""
    global port
    port += 1
    return port


def udp(data=b'hello'):
    return struct.pack('!HHHH', new_port(), 53, 8 + len(data), 0xbeef) + data


def tcp(flags=2, data=b''):
    return struct.pack('!HHIIBBHHHBBH', new_port(), 80, 0xdeadbeef, 0x01020304,
                       6 << 4, flags, 0x7210, 0x1111, 0xffff, 2, 4,
                       1460) + data


def sctp():
    return struct.pack('!HHIIBBHIIHHI', new_port(), 3868, 0, 0xcafe, 1, 0, 20,
                       1, 65535, 1, 1, 1)


def options(n, proto):
    """n IPv6 destination options headers before proto"""
    return b''.join(bytes([60 if i < n - 1 else proto, 0, 1, 4, 0, 0, 0, 0])
                    for i in range(n))


def frame(packet, to=DIRECTOR, source=CLIENT, kind=None, pad=b''):
    kind = kind or (0x0800 if packet[0] >> 4 == 4 else 0x86dd)
    return to + source + struct.pack('!H', kind) + packet + pad


def sent_on(sent):
    """The frame that is to come out for one that went in, without padding"""
    packet = bytearray(sent[14:])
    if sent[12:14] == b'\x08\x00':
        packet = packet[:struct.unpack('!H', packet[2:4])[0]]
        packet[8] -= 1
        head = (packet[0] & 15) * 4
        packet[10:12] = bytes(2)
        packet[10:12] = struct.pack('!H', checksum(packet[:head]))
    else:
        packet = packet[:40 + struct.unpack('!H', packet[4:6])[0]]
        packet[7] -= 1
    return SERVER + OUT + sent[12:14] + bytes(packet)


class Wire:
    """Both ends of the director, its counters, and a look in between."""
    PACKET_OUTGOING = 4

    def __init__(self, tap):
        self.client = self.open('client', 'eth0')
        self.server = self.open('s1', 'eth0')
        self.tap = None
        self.enter('director')
        if tap:
            self.tap = self.open('director', 'eth0')

    @staticmethod
    def enter(namespace):
        fd = os.open('/run/netns/' + namespace, os.O_RDONLY)
        if ctypes.CDLL(None, use_errno=True).setns(fd, 0):
            raise OSError(ctypes.get_errno(), 'setns')
        os.close(fd)

    @classmethod
    def open(cls, namespace, interface):
        cls.enter(namespace)
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                             socket.htons(3))
        sock.bind((interface, 3))
        sock.settimeout(5)
        return sock

    def receive(self, sock):
        """The next frame that came in and has to do with a VIP"""
        while True:
            data, address = sock.recvfrom(65536)
            if address[2] != self.PACKET_OUTGOING and not neighbourly(data) \
                    and (V4 in data or V6 in data):
                return data

    @staticmethod
    def counters():
        """Reasons, and what the servers were sent"""
        found = {'packets': 0, 'bytes': 0}
        with open('/proc/net/dsr_stats', encoding='ascii') as stats:
            for line in stats:
                words = line.split()
                found[' '.join(words[:-1])] = int(words[-1])
        with open('/proc/net/dsr', encoding='ascii') as vips:
            for line in vips:
                if line.startswith('  '):
                    found['packets'] += int(line.split()[4])
                    found['bytes'] += int(line.split()[5])
        return found

    def pass_through(self, sent):
        """
        What came out for sent, and how the counters changed. A good packet is
        sent after it and marks the end: all go one way, on one CPU.
        """
        end = frame(ipv4(udp(b'the end')))
        before = self.counters()
        self.client.send(sent)
        self.client.send(end)
        came = []
        try:
            while True:
                came.append(self.receive(self.server))
                if came[-1] == sent_on(end):
                    break
        except socket.timeout:
            return None, None
        after = self.counters()
        changed = {key: after[key] - before[key] for key in after}
        changed['forwarded'] -= 1
        changed['packets'] -= 1
        changed['bytes'] -= len(end) - 14
        if self.tap:
            self.compare_tap([sent, end])
        return came[:-1], changed

    def compare_tap(self, sent):
        """What a capture on the director sees: what was sent, bit by bit"""
        for one in sent:
            if V4 not in one and V6 not in one:
                continue
            seen = self.receive(self.tap)
            if one[12:14] != b'\x81\x00' and seen != one:
                report('a capture sees the packet as it came',
                       'sent %s, seen %s' % (one.hex(), seen.hex()))


def report(what, wrong=''):
    print('%d\t%s\t%s' % (bool(wrong), what, wrong), flush=True)


class Test:
    def __init__(self, wire, dev):
        self.wire = wire
        self.dev = dev

    def forwarded(self, what, sent):
        """It goes on, changed as it has to be and no more, and is counted"""
        came, changed = self.wire.pass_through(sent)
        want = sent_on(sent)
        size = len(want) - 14
        if came is None:
            return report(what, 'nothing arrives any more')
        if len(came) != 1:
            return report(what, '%d frames came, %s' % (len(came), changed))
        if came[0] != want:
            return report(what, 'came\n%s, wanted\n%s' %
                          (came[0].hex(), want.hex()))
        if (changed['forwarded'], changed['packets'],
                changed['bytes']) != (1, 1, size):
            return report(what, 'counted %s' % changed)
        return report(what)

    def stays(self, what, sent, *reasons):
        """
        It is not forwarded, and is counted by the reasons given. A reason
        "dev: ..." is counted on the fast path only: in PRE_ROUTING the stack
        has dropped the packet before.
        """
        came, changed = self.wire.pass_through(sent)
        if came is None:
            return report(what, 'nothing arrives any more')
        want = [reason.removeprefix('dev: ') for reason in reasons
                if self.dev or not reason.startswith('dev: ')]
        if came:
            return report(what, 'came %s' % came[0].hex())
        got = [key for key in changed if changed[key] and
               (key in want or not key.startswith('passed'))]
        # the hosts' own questions for each other pass, too
        if got != want or any(changed[key] > 1 and key.startswith('dropped')
                              for key in want):
            return report(what, 'counted %s, wanted %s' % (got, want))
        return report(what)

    def whole(self):
        """What must arrive as it was"""
        long = bytes(range(256)) * 4
        for name, packet in (
                ('udp', ipv4(udp())),
                ('udp without data', ipv4(udp(b''))),
                ('a TCP SYN with options', ipv4(tcp(), TCP)),
                ('TCP with data', ipv4(tcp(0x18, long), TCP)),
                ('an SCTP INIT', ipv4(sctp(), SCTP)),
                ('a protocol without ports', ipv4(b'12345678', 47)),
                ('DSCP and ECN', ipv4(udp(), tos=0xbb)),
                ('no DF, another id', ipv4(udp(), frag=0, ident=0xfedc)),
                ('IP options', ipv4(udp(), options=b'\x07\x0b\x04' +
                                    bytes(8) + b'\x00')),
                ('TTL 2', ipv4(udp(), ttl=2)),
                ('TTL 255', ipv4(udp(), ttl=255)),
                ('the MTU of the way out', ipv4(udp(bytes(1372)))),
                ('udp over IPv6', ipv6(udp())),
                ('TCP over IPv6', ipv6(tcp(0x18, long), TCP)),
                ('SCTP over IPv6', ipv6(sctp(), SCTP)),
                ('traffic class and flow label',
                 ipv6(udp(), traffic=0xbb, label=0xabcde)),
                ('hop limit 2', ipv6(udp(), hops=2)),
                ('hop-by-hop options', ipv6(options(1, UDP) + udp(), 0)),
                ('seven extension headers',
                 ipv6(options(7, TCP) + tcp(), 60)),
                ('a routing header', ipv6(bytes([UDP, 0, 4, 0, 0, 0, 0, 0]) +
                                          udp(), 43)),
                ('an atomic fragment', ipv6(bytes([UDP, 0, 0, 0, 0, 0, 0, 7]) +
                                            udp(), 44)),
                ('the MTU over IPv6', ipv6(udp(bytes(1352))))):
            self.forwarded('forwarded as it is: ' + name, frame(packet))
        self.forwarded('padding stays behind', frame(ipv4(udp(b'!')),
                                                     pad=bytes(17)))
        self.forwarded('padding stays behind, IPv6',
                       frame(ipv6(udp(b'!')), pad=bytes(11)))
        self.forwarded('padding of TCP stays behind',
                       frame(ipv4(tcp(0x10), TCP), pad=bytes(6)))
        self.forwarded('padding beyond the way out stays behind',
                       frame(ipv4(udp(b'!')), pad=bytes(1400)))

    def checksums(self):
        """One less TTL is one's complement arithmetic: all carries"""
        wrong = ''
        for ident in range(0, 65536, 509):
            sent = frame(ipv4(udp(), ident=ident, ttl=1 + ident % 254 or 2))
            if sent[22] < 2:
                continue
            self.wire.client.send(sent)
            if self.wire.receive(self.wire.server) != sent_on(sent):
                wrong = 'id %d' % ident
        report('the header checksum is right, whatever it was', wrong)

    def malformed(self):
        here, by_stack = 'dropped malformed', 'dev: dropped malformed'
        pad = bytes(40)
        for name, reason, packet in (
                ('IP version 5', by_stack, ipv4(udp(), version=5)),
                ('ihl 4', by_stack, ipv4(udp(), ihl=4)),
                ('ihl 0', by_stack, ipv4(udp(), ihl=0)),
                ('ihl beyond the packet', by_stack, ipv4(udp(b''), ihl=15)),
                ('tot_len below the header', by_stack,
                 ipv4(udp(), length=19)),
                ('tot_len 0', by_stack, ipv4(udp(), length=0)),
                ('tot_len beyond the frame', by_stack,
                 ipv4(udp(), length=1000)),
                ('a truncated UDP header', here, ipv4(udp()[:7]) + pad),
                ('a truncated TCP header', here, ipv4(tcp()[:19], TCP) + pad),
                ('a truncated SCTP chunk', here,
                 ipv4(sctp()[:15], SCTP) + pad),
                ('no transport header', here, ipv4(b'') + pad)):
            self.stays('malformed: ' + name, frame(packet, kind=0x0800),
                       reason)
        self.stays('malformed: a wrong header checksum',
                   frame(ipv4(udp(), wrong=0x0400)), by_stack)
        for name, reason, packet in (
                ('IP version 4 in an IPv6 frame', by_stack,
                 ipv6(udp(), version=4)),
                ('payload_len beyond the frame', by_stack,
                 ipv6(udp(), length=1000)),
                ('payload_len 0', here, ipv6(udp(), length=0) + pad),
                ('a truncated UDP header over IPv6', here,
                 ipv6(udp()[:7]) + pad),
                ('a truncated TCP header over IPv6', here,
                 ipv6(tcp()[:19], TCP) + pad),
                ('an extension header that ends the packet', here,
                 ipv6(options(1, UDP), 60) + pad),
                ('an extension header beyond the packet', here,
                 ipv6(bytes([UDP, 9]) + bytes(6) + udp(), 60)),
                ('nine extension headers', here,
                 ipv6(options(9, UDP) + udp(), 60)),
                ('fifty extension headers', here,
                 ipv6(options(50, UDP) + udp(), 60))):
            self.stays('malformed: ' + name, frame(packet, kind=0x86dd),
                       reason)
        self.stays('half an IPv4 header is left to the stack',
                   frame(ipv4(udp())[:10], kind=0x0800))
        self.stays('half an IPv6 header is left to the stack',
                   frame(ipv6(udp())[:39], kind=0x86dd))

    def martians(self):
        here, by_stack = 'dropped martian', 'dev: dropped martian'
        for source in ('224.0.0.1', '127.0.0.1', '255.255.255.255', '0.0.0.0',
                       '10.0.0.100'):
            self.stays('martian: from ' + source, frame(
                ipv4(udp(), source=socket.inet_aton(source))), here)
        for source, reason in (('ff02::1', by_stack), ('::1', by_stack),
                               ('::', here), ('2001:db8::100', here)):
            self.stays('martian: from ' + source, frame(
                ipv6(udp(), source=socket.inet_pton(socket.AF_INET6,
                                                    source))), reason)

    def others(self):
        """What is dropped or left alone for other reasons"""
        self.stays('TTL 1', frame(ipv4(udp(), ttl=1)), 'dropped ttl')
        self.stays('TTL 0', frame(ipv4(udp(), ttl=0)), 'dropped ttl')
        self.stays('hop limit 1', frame(ipv6(udp(), hops=1)), 'dropped ttl')
        self.stays('larger than the way out',
                   frame(ipv4(udp(bytes(1373)))), 'dropped too-big')
        self.stays('larger than the way out, IPv6',
                   frame(ipv6(udp(bytes(1353)))), 'dropped too-big')
        self.stays('ICMP', frame(ipv4(b'\x08' + bytes(11), ICMP)),
                   'passed icmp')
        self.stays('ICMPv6', frame(ipv6(b'\x80' + bytes(11), ICMP6)),
                   'passed icmp')
        self.stays("another host's frame",
                   frame(ipv4(udp()), to=b'\x02\0\0\0\x55\x55'),
                   'dev: passed other-host')
        self.stays("another host's frame, IPv6",
                   frame(ipv6(udp()), to=b'\x02\0\0\0\x55\x55'),
                   'dev: passed other-host')
        self.stays('a broadcast frame', frame(ipv4(udp()), to=b'\xff' * 6))
        self.stays('a multicast frame',
                   frame(ipv6(udp()), to=b'\x33\x33\0\0\0\1'))
        self.stays('a mapped IPv4 source', frame(ipv6(
            udp(), source=bytes(10) + b'\xff\xff' + FROM4)),
                   'passed not-vip')
        self.stays('a tagged frame', frame(
            struct.pack('!HH', 5, 0x0800) + ipv4(udp()), kind=0x8100))

    def bounced(self):
        """Frames of the VIP's own server, of a new and of an old flow"""
        packet = ipv4(udp())
        self.stays("bounced: a new flow of the server's", frame(
            packet, source=SERVER), 'dropped bounced')
        self.forwarded("the same from the client", frame(packet))
        self.stays('bounced: then from the server again', frame(
            packet, source=SERVER), 'dropped bounced')
        self.stays('bounced: over IPv6', frame(
            ipv6(udp()), source=SERVER), 'dropped bounced')
        self.forwarded('the flow goes on', frame(packet))


def main():
    os.sched_setaffinity(0, {0})
    wire = Wire('tap' in sys.argv)
    test = Test(wire, sys.argv[1] == 'dev')
    test.whole()
    if not wire.tap:
        test.checksums()
    test.malformed()
    test.martians()
    test.others()
    test.bounced()
    report('that was all')


if __name__ == '__main__':
    main()
