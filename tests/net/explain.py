# SPDX-License-Identifier: GPL-2.0-only
"""Sends the packets of explain.t from the router to the director: one for each
line "PROTOCOL SOURCE PORT DESTINATION PORT [established]" that it reads."""

import socket
import struct
import sys

NUMBERS = {'tcp': 6, 'udp': 17, 'sctp': 132}
DIRECTOR = bytes.fromhex('020000000002')


def payload(number, sport, dport, flags):
    rest = {6: struct.pack('!IIHHHH', 1, 0, 0x5000 | flags, 65535, 0, 0),
            17: struct.pack('!HH', 12, 0) + b'dsr!',
            132: struct.pack('!IIBBHIIHHI', 0, 0, 1, 0, 20, 1, 65535, 1, 1, 1)}
    if number not in rest:
        return b'dsr!'
    return struct.pack('!HH', sport, dport) + rest[number]


def checksum(head):
    total = sum(struct.unpack('!10H', head))
    total = (total & 0xffff) + (total >> 16)
    return (total + (total >> 16) & 0xffff) ^ 0xffff


def packet(proto, source, sport, target, dport, established=None):
    """Returns its EtherType and its bytes."""
    number = NUMBERS.get(proto) or int(proto)
    data = payload(number, int(sport), int(dport), 0x10 if established else 2)
    family = socket.AF_INET6 if ':' in target else socket.AF_INET
    ends = socket.inet_pton(family, source) + socket.inet_pton(family, target)
    if family == socket.AF_INET6:
        head = struct.pack('!IHBB', 6 << 28, len(data), number, 64) + ends
        return 0x86dd, head + data
    head = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(data), 0, 0x4000, 64,
                       number, 0) + ends
    head = head[:10] + struct.pack('!H', checksum(head)) + head[12:]
    return 0x0800, head + data


out = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
for line in sys.stdin:
    ether, data = packet(*line.split())
    out.sendto(data, ('lan', ether, 0, 0, DIRECTOR))
