# SPDX-License-Identifier: GPL-2.0-only
"""
Fragments, in every order. See fragments.t, which makes the network and turns
the lines printed here into TAP, as packets.t does.

usage: fragments.py SPARE [orphans NUMBER]

What waits for its datagram's first part is forgotten after two seconds. Where the
guest stood still meanwhile an attempt says nothing, and is made again; the parts
of such an attempt, of which some may have been dropped, are counted in SPARE.
"""
import os
import random
import socket
import struct
import sys
import time

from packets import (CLIENT, UDP, V4, Wire, frame, ipv4, ipv6,
                     new_port, report, sent_on)

SIZE = 1208     # of a fragment's data; a multiple of 8


def datagram(port, length):
    data = bytes(random.Random(length).randbytes(length))
    return struct.pack('!HHHH', new_port(), port, 8 + length, 0) + data


def cut4(payload, ident, size=SIZE, proto=UDP):
    return [frame(ipv4(payload[at:at + size], proto, ident=ident, frag=at // 8 |
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
        self.spare = 0

    def new_ident(self):
        self.ident = (self.ident + 1) % 65536
        return self.ident

    def at_once(self, make):
        """Sends what make() makes, within a time in which nothing is forgotten"""
        while True:
            frames, start = make(), time.monotonic()
            for one in frames:
                self.wire.client.send(one)
            if time.monotonic() - start < 1:
                return frames
            self.came()
            self.new_ident()
            self.spare += len(frames)

    def came(self):
        """What came out, up to a good packet that is sent at last"""
        end = frame(ipv4(struct.pack('!HHHH', new_port(), 53, 15, 0) +
                         b'the end'))
        self.wire.client.send(end)
        came = []
        while not came or came[-1][14:] != sent_on(end)[14:]:
            came.append(self.wire.receive(self.wire.server))
        return came[:-1]

    def send(self, make):
        """What was sent at once, and what came out of it"""
        return self.at_once(make), self.came()

    def together(self, what, cut, order, same_ident=False):
        """Many datagrams: each arrives complete, at one of several servers"""
        servers, wrong = set(), ''
        for length in range(2 * SIZE, 4 * SIZE, 151):
            sent, came = self.send(lambda: order(cut(
                datagram(53, length), self.ident if same_ident else
                self.new_ident())))
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
            self.new_ident()
            self.together(name + ': the last first, all of one id', cut,
                          lambda frames: frames[::-1], same_ident=True)

    def interleaved(self):
        """Two datagrams of one client at once"""
        def mixed():
            one = cut4(datagram(53, 3000), self.new_ident())
            two = cut4(datagram(53, 3000), self.new_ident())
            return [part for pair in zip(one[::-1], two) for part in pair]

        sent, came = self.send(mixed)
        wrong = ''
        for parts in (sent[::2], sent[1::2]):
            macs = {c[:6] for c in came
                    if c[14:] in [sent_on(p)[14:] for p in parts]}
            if len(macs) != 1:
                wrong = '%d servers' % len(macs)
        if len(came) != len(sent):
            wrong = '%d of %d came' % (len(came), len(sent))
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
            self.at_once(lambda: cut4(sent, self.new_ident())[::order])
            try:
                wrong = '' if sock.recv(65536) == sent[8:] else 'other data'
            except socket.timeout:
                wrong = 'nothing came'
            sock.close()
            report("the director's own port, " + name, wrong)

    def tiny(self):
        """A first fragment without all ports tells nothing"""
        _, came = self.send(lambda: cut4(datagram(53, 40), self.new_ident(),
                                         size=8)[1:])
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
        self.at_once(lambda: cut4(echo, self.new_ident(), proto=1))
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
            if ident % 100 == 99 and self.came():
                return report('none comes out', 'one did')
        return report('none comes out')


def main():
    os.sched_setaffinity(0, {0})
    test = Test(Wire(False))
    if 'orphans' in sys.argv:
        test.orphans(int(sys.argv[3]))
    else:
        test.orders()
        test.reused()
        test.interleaved()
        test.own()
        test.tiny()
        test.icmp()
    with open(sys.argv[1], 'a', encoding='ascii') as spare:
        print('+', test.spare, file=spare)
    report('that was all')


if __name__ == '__main__':
    main()
