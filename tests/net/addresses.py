# SPDX-License-Identifier: GPL-2.0-only
"""A datagram to each of many VIPs: addresses.py FIRST COUNT PORT [PORTS]

To COUNT addresses from FIRST on, to each of PORTS (1) ports from PORT on. Not
faster than a receiver can take them who has a queue of a thousand.
"""
import ipaddress
import socket
import sys
import time

first = ipaddress.ip_address(sys.argv[1])
count, port = int(sys.argv[2]), int(sys.argv[3])
ports = int(sys.argv[4]) if len(sys.argv) > 4 else 1
family = socket.AF_INET6 if first.version == 6 else socket.AF_INET
sender = socket.socket(family, socket.SOCK_DGRAM)
sent = 0
for address in range(count):
    for each in range(port, port + ports):
        sender.sendto(b'dsr', (str(first + address), each))
        sent += 1
        if sent % 500 == 0:
            time.sleep(0.01)
