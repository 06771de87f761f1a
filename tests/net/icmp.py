# SPDX-License-Identifier: GPL-2.0-only
"""
ICMP errors about what a VIP's servers sent. See icmp.t, which makes the
network and turns the lines printed here into TAP, as packets.t does.
"""
import os
import socket
import struct
import sys

from packets import (CLIENT, DIRECTOR, FROM4, FROM6, ICMP, ICMP6, TCP, UDP, V4, V6, Wire, frame,
                     ipv4, ipv6, report, sent_on, tcp, udp)

ROUTER4 = socket.inet_aton('203.0.113.7')
ROUTER6 = socket.inet_pton(socket.AF_INET6, '2001:db8:7::7')


def reply4(request, cut=28, source=V4):
    """The start of a server's reply to a request"""
    ports = request[20:24]
    return struct.pack('!BBHHHBBH4s4s', 0x45, 0, 1500, 7, 0x4000, 60,
                       request[9], 0, source, FROM4)[:cut] + \
        (ports[2:4] + ports[0:2] + b'\1\2\3\4' + bytes(40))[:max(cut - 20, 0)]


def reply6(request, cut=48, source=V6, ext=b'', proto=None):
    ports = request[40:44]
    return (struct.pack('!IHBB16s16s', 6 << 28, 1400, proto or request[6], 60,
                        source, FROM6) + ext + ports[2:4] + ports[0:2] +
            bytes(60))[:cut]


def error4(quote, kind=3, code=4):
    return ipv4(struct.pack('!BBHHH', kind, code, 0, 0, 1400) + quote, ICMP,
                source=ROUTER4)


def error6(quote, kind=2, code=0):
    return ipv6(struct.pack('!BBHI', kind, code, 0, 1280) + quote, ICMP6,
                source=ROUTER6)


def sum_of(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def pseudo6(source, to, data):
    return source + to + struct.pack('!II', len(data), ICMP6)


def echo4(data):
    head = b'\x08\0\0\0\1\2\3\4' + data
    return ipv4(head[:2] + struct.pack('!H', sum_of(head)) + head[4:], ICMP)


def echo6(data):
    head = b'\x80\0\0\0\1\2\3\4' + data
    total = sum_of(pseudo6(FROM6, V6, head) + head)
    return ipv6(head[:2] + struct.pack('!H', total) + head[4:], ICMP6)


def fragment(name, whole, start, end, ident):
    more = end < len(whole)
    if name == 'IPv4':
        return ipv4(whole[start:end], ICMP, frag=start // 8 | more << 13,
                    ident=ident)
    return ipv6(struct.pack('!BBHI', ICMP6, 0, start | more, ident) +
                whole[start:end], 44)


def wrong_parts(name, came, whole, kind):
    """What is wrong with an answer in two parts, or an empty text"""
    parts = {}
    for packet in (one[14:] for one in came):
        if name == 'IPv4':
            size, _, frag = struct.unpack('!HHH', packet[2:8])
            parts[(frag & 0x1fff) * 8] = packet[20:size]
            ends = packet[12:20] == V4 + FROM4
        else:
            frag = struct.unpack('!H', packet[42:44])[0]
            parts[frag & ~7] = packet[48:40 + struct.unpack('!H',
                                                            packet[4:6])[0]]
            ends = packet[8:40] == V6 + FROM6
        if not ends:
            return 'wrong addresses'
    got = b''.join(parts[at] for at in sorted(parts))
    pseudo = b'' if name == 'IPv4' else pseudo6(V6, FROM6, got)
    if sum_of(pseudo + got):
        return 'wrong checksum'
    return '' if got[0] == kind and got[4:] == whole[4:] else 'came ' + got.hex()


def icmp_of(reply, source=None):
    """The ICMP part of a good reply from a VIP, without its checksum; or from
    another source"""
    packet = reply[14:]
    assert reply[:12] == CLIENT + DIRECTOR, 'wrong MACs'
    if packet[0] >> 4 == 4:
        assert packet[12:20] == (source or V4) + FROM4, 'wrong addresses'
        assert sum_of(packet[:20]) == 0, 'wrong header checksum'
        icmp, pseudo = packet[20:struct.unpack('!H', packet[2:4])[0]], b''
    else:
        assert packet[8:40] == (source or V6) + FROM6, 'wrong addresses'
        icmp = packet[40:40 + struct.unpack('!H', packet[4:6])[0]]
        pseudo = pseudo6(source or V6, FROM6, icmp)
    assert sum_of(pseudo + icmp) == 0, 'wrong ICMP checksum'
    return icmp[:2] + icmp[4:]


class Test:
    def __init__(self, wire):
        self.wire = wire

    def send(self, packet):
        """What came out for it, up to a good packet that is sent after it"""
        end = frame(ipv4(udp(b'the end')))
        for one in (frame(packet), end):
            self.wire.client.send(one)
        came = []
        while not came or came[-1][14:] != sent_on(end)[14:]:
            came.append(self.wire.receive(self.wire.server))
        return came[:-1]

    def follows(self, what, make, error):
        """Each of many flows' errors goes where the flow goes"""
        servers, wrong = set(), ''
        for _ in range(8):
            request = make()
            flow = self.send(request)
            came = self.send(error(request))
            if len(flow) != 1 or len(came) != 1:
                wrong = '%d and %d frames came' % (len(flow), len(came))
                break
            servers.add(flow[0][:6])
            if came[0][:6] != flow[0][:6]:
                wrong = 'the flow goes to %s, the error to %s' % (
                    flow[0][:6].hex(), came[0][:6].hex())
            if came[0][6:] != sent_on(frame(error(request)))[6:]:
                wrong = 'it was changed'
        if not wrong and len(servers) < 2:
            wrong = 'all flows went to one server: this shows nothing'
        report(what, wrong)

    def passes(self, what, packet):
        came = self.send(packet)
        report(what, '%d came' % len(came) if came else '')

    def flows(self):
        def udp4():
            return ipv4(udp())

        def tcp4():
            return ipv4(tcp(), TCP)

        def udp6():
            return ipv6(udp())

        def tcp6():
            return ipv6(tcp(), TCP)

        for name, kind, code in (('fragmentation needed', 3, 4),
                                 ('port unreachable', 3, 3),
                                 ('time exceeded', 11, 0)):
            self.follows('UDP: ' + name, udp4,
                         lambda r: error4(reply4(r), kind, code))
        self.follows('TCP: fragmentation needed', tcp4,
                     lambda r: error4(reply4(r)))
        self.follows('a long quote', tcp4, lambda r: error4(reply4(r, 60)))
        self.follows('a quote of four bytes after the header', tcp4,
                     lambda r: error4(reply4(r, 24)))
        for name, kind in (('packet too big', 2), ('unreachable', 1),
                           ('time exceeded', 3)):
            self.follows('UDP over IPv6: ' + name, udp6,
                         lambda r: error6(reply6(r), kind))
        self.follows('TCP over IPv6: packet too big', tcp6,
                     lambda r: error6(reply6(r)))
        self.follows('a quote with an extension header', udp6,
                     lambda r: error6(reply6(
                         r, 60, ext=bytes([UDP, 0, 1, 4, 0, 0, 0, 0]),
                         proto=60)))

    def unknown(self):
        """No flow: it goes to a server by hash, always the same"""
        for name, packet in (('IPv4', error4(reply4(ipv4(udp())))),
                             ('IPv6', error6(reply6(ipv6(udp()))))):
            came = [self.send(packet) for _ in range(5)]
            macs = {one[0][:6] for one in came if len(one) == 1}
            report('an unknown flow, ' + name, '' if len(macs) == 1 and
                   all(came) else '%d servers' % len(macs))

    def answered(self, what, packet, want, source=None):
        self.wire.client.send(frame(packet))
        try:
            got = icmp_of(self.wire.receive(self.wire.client), source)
            report(what, '' if got == want else 'came %s, wanted %s' % (
                got.hex(), want.hex()))
        except (AssertionError, socket.timeout) as error:
            report(what, str(error))

    def too_big(self):
        """The way out takes 1400 bytes"""
        for name, packet in (('UDP', ipv4(udp(bytes(range(245)) * 6))),
                             ('TCP', ipv4(tcp(0x18, bytes(1380)), TCP))):
            self.answered('too big: ' + name, packet, struct.pack(
                '!BBHH', 3, 4, 0, 1400) + packet[:548])
        packet = ipv6(udp(bytes(1400)))
        self.answered('too big: IPv6', packet,
                      struct.pack('!BBI', 2, 0, 1400) + packet[:1232])

    def in_parts(self):
        """Without DF it goes in parts that the way takes, options in the first"""
        options = b'\x07\x07\x04' + bytes(4) + b'\0'
        for name, packet in (
                ('a datagram', ipv4(udp(bytes(range(250)) * 6)[:1472], frag=0)),
                ('one with options', ipv4(udp(bytes(range(240)) * 6), frag=0,
                                          options=options)),
                ('a fragment', ipv4(udp(bytes(1472)), frag=0x2000))):
            came = self.send(packet)
            wrong, data, at = '', b'', (packet[0] & 15) * 4
            for number, part in enumerate(one[14:] for one in came):
                size, ident, frag = struct.unpack('!HHH', part[2:8])
                head = (part[0] & 15) * 4
                if size > 1400 or sum_of(part[:head]):
                    wrong = 'part %d is of %d bytes' % (number, size)
                if (frag & 0x1fff) * 8 != len(data) or ident != \
                        struct.unpack('!H', packet[4:6])[0]:
                    wrong = 'part %d is not at its place' % number
                more = number < len(came) - 1 or packet[6] & 0x20
                if bool(frag & 0x2000) != bool(more):
                    wrong = 'part %d says that it is not the last' % number
                if number and b'\x07\x07' in part[20:head]:
                    wrong = 'part %d has an option that is not for it' % number
                if part[8] != packet[8] - 1 or part[12:20] != packet[12:20]:
                    wrong = 'part %d has changed' % number
                data += part[head:size]
            if data != packet[at:]:
                wrong = wrong or 'its data has changed'
            report('%s larger than the way out, without DF' % name,
                   wrong if len(came) > 1 else '%d came' % len(came))

    def expired(self):
        own4 = socket.inet_aton('198.51.100.1')
        own6 = socket.inet_pton(socket.AF_INET6, '2001:db8:1::1')
        packet = ipv4(udp(b'far'), ttl=1)
        self.answered('time exceeded', packet, struct.pack('!BBI', 11, 0, 0) +
                      packet, own4)
        packet = ipv6(udp(b'far'), hops=1)
        self.answered('time exceeded, IPv6', packet,
                      struct.pack('!BBI', 3, 0, 0) + packet, own6)

    def echo_parts(self):
        """A request in fragments is answered, whichever comes first"""
        for name, make, reply in (('IPv4', echo4, 0), ('IPv6', echo6, 129)):
            for order in ((0, 1), (1, 0)):
                data = bytes(i & 255 for i in range(2000))
                whole = make(data)[20 if name == 'IPv4' else 40:]
                parts = [fragment(name, whole, 0, 1200, order[0] + 77),
                         fragment(name, whole, 1200, len(whole), order[0] + 77)]
                for number in order:
                    self.wire.client.send(frame(parts[number]))
                what = 'echo in fragments, %s, %s first' % (
                    name, ('the first', 'the second')[order[0]])
                try:
                    got = [self.wire.receive(self.wire.client) for _ in order]
                    report(what, wrong_parts(name, got, whole, reply))
                except socket.timeout as error:
                    report(what, str(error))

    def echo(self):
        for size in (0, 1, 56, 1300):
            data = bytes(i & 255 for i in range(size))
            self.answered('echo of %d bytes' % size, echo4(data),
                          b'\0\0\1\2\3\4' + data)
            self.answered('echo of %d bytes, IPv6' % size, echo6(data),
                          b'\x81\0\1\2\3\4' + data)

    def silent(self):
        """No server takes flows: no echo, but what the stack has to say"""
        self.wire.client.settimeout(1)
        for name, packet, reply in (('IPv4', echo4(b'anybody?'), 0),
                                    ('IPv6', echo6(b'anybody?'), 129)):
            self.wire.client.send(frame(packet))
            wrong = ''
            try:
                while not wrong:
                    got = self.wire.receive(self.wire.client)
                    if got[34 if name == 'IPv4' else 54] == reply:
                        wrong = 'came ' + got.hex()
            except socket.timeout:
                pass
            report('no server, no echo: ' + name, wrong)

    def others(self):
        old = ipv4(udp())
        self.send(old)
        self.passes('a quote without ports, of an unknown VIP',
                    error4(reply4(old, 20)))
        self.passes('a quote of another address', error4(reply4(
            old, source=FROM4)))
        self.passes('a quote of another version', error4(reply6(ipv6(udp()))))
        self.passes('half a quote', error4(reply4(old, 12)))
        self.passes('no quote', error4(b''))
        self.passes('no ICMP header', ipv4(b'\3', ICMP))
        self.passes('a redirect', error4(reply4(old), 5, 1))
        self.passes('an echo request', ipv4(b'\x08' + bytes(11), ICMP))
        self.passes('half a quote, IPv6', error6(reply6(ipv6(udp()), 30)))
        self.passes('an echo request, IPv6', ipv6(b'\x80' + bytes(11), ICMP6))


def main():
    os.sched_setaffinity(0, {0})
    test = Test(Wire(False))
    if 'silent' in sys.argv:
        test.silent()
        report('that was all')
        return
    test.flows()
    test.unknown()
    test.too_big()
    test.in_parts()
    test.expired()
    test.echo()
    test.echo_parts()
    test.others()
    report('that was all')


if __name__ == '__main__':
    main()
