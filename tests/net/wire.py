# SPDX-License-Identifier: GPL-2.0-only
"""
Frames for the director, out of the interface "far" that is connected to its eth0.
"""
import ipaddress
import socket
import struct


def send(frame):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
        wire.bind(('far', 0))
        wire.send(frame)


def packed(addr):
    return addr if isinstance(addr, bytes) else ipaddress.ip_address(addr).packed


def checksum(head):
    total = sum(struct.unpack('!%dH' % (len(head) // 2), head))
    total = (total & 0xffff) + (total >> 16)
    return 0xffff - ((total & 0xffff) + (total >> 16))


def udp(client, client_port, vip, port):
    """An empty datagram by IPv4"""
    head = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 28, 0, 0, 64, 17, 0,
                       packed(client), packed(vip))
    return (b'\2\0\0\0\0\2\2\0\0\0\0\1\x08\0' + head[:10] +
            struct.pack('!H', checksum(head)) + head[12:] +
            struct.pack('!HHHH', client_port, port, 8, 0))


def claim(addr):
    """An ARP request about itself of a host that has that address"""
    return (b'\xff' * 6 + b'\2\0\0\0\0\x99\x08\6\0\1\x08\0\6\4\0\1' +
            b'\2\0\0\0\0\x99' + packed(addr) + bytes(6) + packed(addr))
