# SPDX-License-Identifier: GPL-2.0-only
"""
Fragments, in every order. See fragments.t, which makes the network and turns
the lines printed here into TAP, as packets.t does.

usage: fragments.py [orphans NUMBER]
"""
import os
import random
import socket
import struct
import sys

from packets import (CLIENT, UDP, V4, Wire, frame, ipv4, ipv6,
                     new_port, report, sent_on)

SIZE = 1208     # of a fragment's data; a multiple of 8


def datagram(port, length):
    data = bytes(random.Random(length).randbytes(length))
    return struct.pack('!HHHH', new_port(), port, 8 + length, 0) + data


def cut4(payload, ident, size=SIZE):
    return [frame(ipv4(payload[at:at + size], ident=ident, frag=at // 8 |
                       (0x2000 if at + size < len(payload) else 0)))
            for at in range(0, len(payload), size)]


def cut6(payload, ident, size=SIZE):
    return [frame(ipv6(struct.pack('!BBHI', UDP, 0, at |
                                   (at + size < len(payload)), ident) +
                       payload[at:at + size], 44))
            for at in range(0, len(payload), size)]


class Test:
    def __init__(self, wire):
        self.wire = wire
        # not those of a run before: they are remembered for a while
        self.ident = random.randrange(65536)

    def new_ident(self):
        self.ident = (self.ident + 1) % 65536
        return self.ident

    def send(self, frames):
        """What came out, up to a good packet that was sent at last"""
        end = frame(ipv4(struct.pack('!HHHH', new_port(), 53, 15, 0) +
                         b'the end'))
        for one in frames + [end]:
            self.wire.client.send(one)
        came = []
        while not came or came[-1][14:] != sent_on(end)[14:]:
            came.append(self.wire.receive(self.wire.server))
        return came[:-1]

    def together(self, what, cut, order, ident=None):
        """Many datagrams: each arrives complete, at one of several servers"""
        servers, wrong = set(), ''
        for length in range(2 * SIZE, 4 * SIZE, 151):
            sent = cut(datagram(53, length),
                       self.new_ident() if ident is None else ident)
            came = self.send(order(list(sent)))
            macs = {one[:6] for one in came}
            servers |= macs
            if len(macs) != 1:
                wrong = 'one datagram went to %d servers' % len(macs)
            if sorted(one[6:] for one in came) != sorted(
                    sent_on(one)[6:] for one in sent):
                wrong = '%d of %d fragments came, or changed ones' % (
                    len(came), len(sent))
        if not wrong and len(servers) < 2:
            wrong = 'all went to one server: this shows nothing'
        report(what, wrong)

    def orders(self):
        shuffle = random.Random(1).sample
        for name, cut in (('IPv4', cut4), ('IPv6', cut6)):
            self.together(name + ': in order', cut, lambda frames: frames)
            self.together(name + ': the last first', cut,
                          lambda frames: frames[::-1])
            self.together(name + ': the first in the middle', cut,
                          lambda frames: [frames[1], frames[0]] + frames[2:])
            self.together(name + ': in any order', cut,
                          lambda frames: shuffle(frames, len(frames)))

    def reused(self):
        """A datagram that is complete has no more to do with its id"""
        for name, cut in (('IPv4', cut4), ('IPv6', cut6)):
            self.together(name + ': the last first, all of one id', cut,
                          lambda frames: frames[::-1], self.new_ident())

    def interleaved(self):
        """Two datagrams of one client at once"""
        one = cut4(datagram(53, 3000), self.new_ident())
        two = cut4(datagram(53, 3000), self.new_ident())
        mixed = [part for pair in zip(one[::-1], two) for part in pair]
        came = self.send(mixed)
        wrong = ''
        for parts in (one, two):
            macs = {c[:6] for c in came
                    if c[14:] in [sent_on(p)[14:] for p in parts]}
            if len(macs) != 1:
                wrong = '%d servers' % len(macs)
        if len(came) != len(mixed):
            wrong = '%d of %d came' % (len(came), len(mixed))
        report('two datagrams at once', wrong)

    def own(self):
        """A port without a VIP, on the director's own address"""
        Wire.enter('director')
        for name, order in (('in order', 1), ('the last first', -1)):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.bind(('10.0.0.100', 99))
            sock.settimeout(5)
            # with a checksum of 0: none
            sent = datagram(99, 3000)
            for one in cut4(sent, self.new_ident())[::order]:
                self.wire.client.send(one)
            try:
                wrong = '' if sock.recv(65536) == sent[8:] else 'other data'
            except socket.timeout:
                wrong = 'nothing came'
            sock.close()
            report("the director's own port, " + name, wrong)

    def tiny(self):
        """A first fragment without all ports tells nothing"""
        came = self.send(cut4(datagram(53, 40), self.new_ident(), size=8)
                         [1:])
        report('a datagram without its first part stays', '' if not came else
               '%d came' % len(came))

    def icmp(self):
        """A long ping is the stack's, in all its parts"""
        Wire.enter('client')
        echo = b'\x08\0' + bytes(2) + b'\0\1\0\1' + bytes(3000)
        total = sum(struct.unpack('!%dH' % (len(echo) // 2), echo))
        while total >> 16:
            total = (total & 0xffff) + (total >> 16)
        echo = echo[:2] + struct.pack('!H', total ^ 0xffff) + echo[4:]
        ident = self.new_ident()
        parts = [frame(ipv4(echo[at:at + SIZE], 1, ident=ident, frag=at // 8 |
                            (0x2000 if at + SIZE < len(echo) else 0)))
                 for at in range(0, len(echo), SIZE)]
        for one in parts:
            self.wire.client.send(one)
        reply = b''
        try:
            # in parts too: the first one says what it is
            while not reply:
                got = self.wire.receive(self.wire.client)
                if got[6:12] != CLIENT and got[26:30] == V4 and \
                        got[34:35] == b'\0':
                    reply = got
            report('a long ping to a local VIP is answered')
        except socket.timeout:
            report('a long ping to a local VIP is answered', 'no reply')

    def orphans(self, number):
        """Later parts only, of as many datagrams"""
        for ident in range(number):
            # paced by what comes out: no queue on the way may run over
            self.wire.client.send(frame(ipv4(
                bytes(64), frag=10, ident=ident,
                source=socket.inet_aton('198.51.101.%d' % (ident & 127)))))
            if ident % 100 == 99 and self.send([]):
                return report('none comes out', 'one did')
        return report('none comes out')


def main():
    os.sched_setaffinity(0, {0})
    test = Test(Wire(False))
    if 'orphans' in sys.argv:
        test.orphans(int(sys.argv[2]))
        report('that was all')
        return
    test.orders()
    test.reused()
    test.interleaved()
    test.own()
    test.tiny()
    test.icmp()
    report('that was all')


if __name__ == '__main__':
    main()
