# SPDX-License-Identifier: GPL-2.0-only
"""An unsolicited neighbour advertisement: speak.py INTERFACE ADDRESS"""
import socket
import struct
import sys

interface, address = sys.argv[1:]
with open('/sys/class/net/%s/address' % interface, encoding='ascii') as file:
    mac = bytes.fromhex(file.read().strip().replace(':', ''))
index = socket.if_nametoindex(interface)
sender = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
# type, override; the kernel fills in the checksum
sender.sendto(struct.pack('!BBHI', 136, 0, 0, 0x20000000) +
              socket.inet_pton(socket.AF_INET6, address) + b'\2\1' + mac,
              ('ff02::1', 0, 0, index))
