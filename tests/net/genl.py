# SPDX-License-Identifier: GPL-2.0-only
"""
Speaks the netlink protocol of include/uapi/linux/dsr.h by hand, as no honest tool
would. What a message holds is a list of (NAME, VALUE), where a list as VALUE is a
nest; a number may stand for NAME.
"""
import os
import re
import socket
import struct

HEADER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      '../../include/uapi/linux/dsr.h')
SOL_NETLINK, ADD_MEMBERSHIP, CAP_ACK, EXT_ACK = 270, 1, 10, 11
REQUEST, ACK, ECHO, DUMP_INTR, DUMP = 1, 4, 8, 0x10, 0x300
ACK_TLVS = 0x200
ERROR, DONE = 2, 3
NESTED, TYPE_MASK = 0x8000, 0x3fff


def read_enums():
    """{enum: {member: number}}"""
    with open(HEADER, encoding='utf-8') as header:
        text = re.sub(r'/\*.*?\*/', '', header.read(), flags=re.S)
    enums = {}
    for tag, body in re.findall(r'enum (\w+) \{(.*?)\}', text, re.S):
        number, members = 0, {}
        for name, value in re.findall(r'(\w+)\s*(?:= (\d+))?\s*,', body):
            number = int(value or number)
            members[name] = number
            number += 1
        enums[tag] = members
    return enums


def without(prefix, members):
    return {name[len(prefix):]: number for name, number in members.items()
            if name.startswith(prefix)}


ENUMS = read_enums()
CMD = without('DSR_CMD_', ENUMS['dsr_cmd'])
# {set: {NAME: number}}; a message itself is the set 'dsr'
SETS = {'dsr': without('DSR_A_', ENUMS['dsr_attr'])}
for enum in ENUMS:
    if enum.endswith('_attr') and enum != 'dsr_attr':
        SETS[enum[4:-5]] = without('DSR_A_%s_' % enum[4:-5].upper(),
                                   ENUMS[enum])
NAMES = {space: {number: name for name, number in attrs.items()}
         for space, attrs in SETS.items()}
EVENTS = {number for name, number in CMD.items() if name.endswith('_NTF')}


def space_in(space, name):
    """The set of what is in a nest; None if it is none"""
    if space == 'dsr' or space == 'item':
        return name.lower() if name.lower() in SETS else None
    if space == 'stats' and name in ('PASSED', 'DROPPED'):
        return 'reason'
    return None


def v4(text):
    return socket.inet_pton(socket.AF_INET, text)


def v6(text):
    return socket.inet_pton(socket.AF_INET6, text)


def u8(value):
    return struct.pack('=B', value)


def u16(value):
    return struct.pack('!H', value)


def u32(value):
    return struct.pack('=I', value)


def u64(value):
    return struct.pack('=Q', value)


def number(value):
    """Of any length, in the host's order"""
    return struct.unpack('=' + {1: 'B', 2: 'H', 4: 'I', 8: 'Q'}[len(value)],
                         value)[0]


def encode_one(kind, value, space):
    code = SETS.get(space, {}).get(kind, kind)
    if isinstance(value, list):
        code |= NESTED
        value = encode(value, space_in(space, kind)
                       if isinstance(kind, str) else None)
    return struct.pack('=HH', 4 + len(value), code) + value + bytes(
        -len(value) % 4)


def encode(attrs, space='dsr'):
    return b''.join(encode_one(kind, value, space) for kind, value in attrs)


def offset_of(attrs, path, space='dsr', at=20):
    """Where in a message an attribute is. path is as 'VIP.ADDR4', or, where there
    are several, 'SERVER#1.WEIGHT' of the second"""
    first, _, rest = path.partition('.')
    name, _, skip = first.partition('#')
    skip = int(skip or 0)
    for kind, value in attrs:
        if str(kind) == name:
            if not skip:
                return offset_of(value, rest, space_in(space, kind),
                                 at + 4) if rest else at
            skip -= 1
        at += len(encode_one(kind, value, space))
    return None


def split(data):
    """(type, value) of each attribute"""
    found = []
    while len(data) >= 4:
        length, kind = struct.unpack_from('=HH', data)
        found.append((kind & TYPE_MASK, data[4:length]))
        data = data[(length + 3) & ~3:]
    return found


def decode(data, space='dsr'):
    """{NAME: value}; a nest is one of these, what is repeated in STATS a list"""
    found = {}
    for kind, value in split(data):
        name = NAMES[space].get(kind, kind)
        inner = space_in(space, name) if isinstance(name, str) else None
        if inner == 'reason':
            found.setdefault(name, []).append(decode(value, inner))
        elif inner:
            found[name] = decode(value, inner)
        else:
            found[name] = value
    return found


class Message:
    """One that came"""

    def __init__(self, flags, seq, portid, payload):
        self.interrupted = bool(flags & DUMP_INTR)
        self.seq = seq
        self.portid = portid
        self.cmd = payload[0]
        self.attrs = decode(payload[4:])

    def __eq__(self, other):
        return (self.cmd, self.attrs) == (other.cmd, other.attrs)

    def __repr__(self):
        return '%d %s' % (self.cmd, self.attrs)

    def get(self, *path):
        """What is in there, or None"""
        found = self.attrs
        for name in path:
            found = (found or {}).get(name)
        return found


class Answer:
    """What came for one request"""

    def __init__(self):
        self.error = 0
        self.text = ''
        self.offset = None
        self.objects = []
        self.parts = 0

    @property
    def interrupted(self):
        return any(message.interrupted for message in self.objects)

    @property
    def generations(self):
        """All that were told"""
        return {number(message.attrs['GENERATION'])
                if 'GENERATION' in message.attrs else None
                for message in self.objects}

    def take_error(self, flags, payload):
        self.error = -struct.unpack('=i', payload[:4])[0]
        if flags & ACK_TLVS:
            for kind, value in split(payload[4:]):
                if kind == 1:
                    self.text = value.rstrip(b'\0').decode()
                elif kind == 2:
                    self.offset = struct.unpack('=I', value)[0]

    def take(self, data):
        """Messages of one datagram; True if the answer is complete"""
        self.parts += 1
        while len(data) >= 16:
            length, kind, flags, seq, portid = struct.unpack_from('=IHHII', data)
            payload = data[16:length]
            data = data[(length + 3) & ~3:]
            if kind == ERROR:
                # the header of the request comes between the two
                self.take_error(flags, payload[:4] + payload[20:])
                return True
            if kind == DONE:
                self.take_error(flags, payload)
                return True
            self.objects.append(Message(flags, seq, portid, payload))
        return False


def tells_why(flags):
    """Whether the kernel tells of such a request's refusal why, and where: of a
    dump's Linux 6.1 tells no offset, and not always why"""
    return not (flags & DUMP and os.uname().release.startswith('6.1.'))


class Genl:
    """A netlink socket in the network namespace that the process is in"""
    family = groups = version = None

    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sock.bind((0, 0))
        self.portid = self.sock.getsockname()[0]
        self.seq = 0
        self.buffer = bytearray(1 << 20)
        for option in (CAP_ACK, EXT_ACK):
            self.sock.setsockopt(SOL_NETLINK, option, 1)
        # longer than any guest stands still
        self.sock.settimeout(60)
        if Genl.family is None:
            self.find_family()

    def find_family(self):
        self.send(3, b'\x08\0\2\0dsr\0', ACK, family=16)
        found = dict(split(self.sock.recv(65536)[20:]))
        self.sock.recv(65536)
        Genl.family = struct.unpack('=H', found[1])[0]
        Genl.version = struct.unpack('=I', found[3])[0]
        groups = [dict(split(group)) for _, group in split(found[7])]
        Genl.groups = {group[1].rstrip(b'\0').decode():
                       struct.unpack('=I', group[2])[0] for group in groups}

    def send(self, cmd, attrs=(), flags=ACK, family=None, tail=b'', reserved=0):
        """attrs may be bytes as well"""
        if not isinstance(attrs, bytes):
            attrs = encode(attrs)
        self.seq += 1
        body = struct.pack('=BBH', CMD.get(cmd, cmd), 2, reserved) + attrs + tail
        self.sock.send(struct.pack('=IHHII', 16 + len(body),
                                   family or self.family, REQUEST | flags,
                                   self.seq, 0) + body)

    def receive(self):
        """One datagram. The buffer stays: to have a new one of this size for each
        would cost more than all else"""
        return bytes(memoryview(self.buffer)[:self.sock.recv_into(self.buffer)])

    def ask(self, cmd, attrs=(), flags=ACK, **more):
        self.send(cmd, attrs, flags, **more)
        answer = Answer()
        while not answer.take(self.receive()):
            pass
        return answer

    def dump(self, cmd, attrs=()):
        return self.ask(cmd, attrs, ACK | DUMP)

    def listen(self):
        self.sock.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, self.groups['events'])

    def events(self):
        """What has come so far. That a drain is over is told later, by a work"""
        seen = Answer()
        self.sock.setblocking(False)
        try:
            while True:
                seen.take(self.receive())
        except BlockingIOError:
            pass
        self.sock.settimeout(60)
        return [event for event in seen.objects
                if event.cmd != CMD['SERVER_DRAINED_NTF']]

    def event(self, wanted):
        """Waits for one of that kind, and lets others go by"""
        while True:
            seen = Answer()
            seen.take(self.receive())
            for event in seen.objects:
                if event.cmd == CMD[wanted]:
                    return event


def report(what, wrong=''):
    """One line for lines_of() of tests/lib.sh; what is wrong, if anything"""
    print('%d\t%s\t%s' % (bool(wrong), what, ' '.join(str(wrong).split())
                          if wrong else ''), flush=True)
