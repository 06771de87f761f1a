# SPDX-License-Identifier: GPL-2.0-only
"""
Writes a capture of good frames, of every kind that a director meets, for
damage.t to damage.
"""
import socket
import struct
import sys

from fragments import cut4, cut6, datagram
from icmp import (echo4, echo6, error4, error6, pseudo6, reply4, reply6,
                  sum_of)
from packets import (CLIENT, DIRECTOR, FROM4, FROM6, ICMP6, SCTP, TCP, UDP, V4,
                     V6, frame, ipv4, ipv6, options, sctp, tcp, udp)


def solicitation(kind=135):
    """For the VIP, or its answer"""
    node = socket.inet_pton(socket.AF_INET6, 'ff02::1:ff00:100')
    body = struct.pack('!BBHI', kind, 0, 0, 0) + V6 + b'\1\1' + CLIENT
    total = sum_of(pseudo6(FROM6, node, body) + body)
    return ipv6(body[:2] + struct.pack('!H', total) + body[4:], ICMP6,
                hops=255).replace(V6, node, 1)


def arp(operation):
    return struct.pack('!HHBBH6s4s6s4s', 1, 0x0800, 6, 4, operation, CLIENT,
                       FROM4, bytes(6), V4)


def tagged(packet):
    return frame(struct.pack('!HH', 5, 0x0800) + packet, kind=0x8100)


def frames():
    text = bytes(range(256)) * 2
    yield from map(frame, (
        ipv4(udp()), ipv4(udp(text)), ipv4(udp(bytes(1472))),
        ipv4(tcp(), TCP), ipv4(tcp(0x18, text), TCP), ipv4(tcp(0x11), TCP),
        ipv4(tcp(4), TCP), ipv4(sctp(), SCTP), ipv4(text, 47),
        ipv4(text, 51), ipv4(udp(), ttl=2),
        ipv4(udp(), options=b'\x07\x0b\x04' + bytes(9)),
        ipv4(udp(), options=b'\x83\x0b\x04' + V4 + FROM4 + b'\0'),
        echo4(text), error4(reply4(ipv4(udp()))),
        error4(reply4(ipv4(tcp(), TCP), 60), 11, 0),
        error4(reply4(ipv4(sctp(), SCTP)), 3, 3),
        ipv6(udp()), ipv6(udp(text)), ipv6(udp(bytes(1452))),
        ipv6(tcp(), TCP), ipv6(tcp(0x18, text), TCP), ipv6(sctp(), SCTP),
        ipv6(options(1, UDP) + udp(), 0), ipv6(options(7, TCP) + tcp(), 60),
        ipv6(bytes([UDP, 0, 4, 0, 0, 0, 0, 0]) + udp(), 43),
        ipv6(bytes([UDP, 0, 0, 0, 0, 0, 0, 7]) + udp(), 44),
        ipv6(bytes([UDP, 4]) + bytes(22) + udp(), 51),
        ipv6(b'', 59), echo6(text), error6(reply6(ipv6(udp()))),
        error6(reply6(ipv6(udp()), 60, ext=options(1, UDP), proto=60), 1),
        error6(reply6(ipv6(tcp(), TCP)), 3)))
    for ident in range(4):
        parts = cut4(datagram(53, 3000), ident) + cut6(datagram(53, 3000),
                                                       ident)
        yield from parts[::1 - 2 * (ident & 1)]
    yield frame(arp(1), to=b'\xff' * 6, kind=0x0806)
    yield frame(arp(2), to=DIRECTOR, kind=0x0806)
    yield frame(solicitation(), to=b'\x33\x33\xff\0\1\0')
    yield frame(solicitation(136))
    yield tagged(ipv4(udp()))
    yield frame(ipv4(udp()), to=b'\xff' * 6)


def main():
    out = sys.stdout.buffer
    out.write(struct.pack('=IHHIIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for one in frames():
        out.write(struct.pack('=IIII', 0, 0, len(one), len(one)) + one)


main()
