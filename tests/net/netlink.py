# SPDX-License-Identifier: GPL-2.0-only
"""
Speaks the netlink protocol of include/uapi/linux/dsr.h by hand, as no honest
tool would. See netlink.t, which turns the lines printed here into TAP:
"0<TAB>DESCRIPTION", or "1<TAB>DESCRIPTION<TAB>WHAT IS WRONG".
"""
import errno
import os
import re
import socket
import struct

HEADER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      '../../include/uapi/linux/dsr.h')
SOL_NETLINK, ADD_MEMBERSHIP, CAP_ACK, EXT_ACK = 270, 1, 10, 11
REQUEST, ACK, DUMP_INTR, DUMP = 1, 4, 0x10, 0x300
CAPPED, ACK_TLVS = 0x100, 0x200
ERROR, DONE = 2, 3


def enum(name):
    """The members of an enum in the header, without their prefix"""
    with open(HEADER, encoding='utf-8') as header:
        body = re.search(r'enum %s \{(.*?)\};' % name, header.read(),
                         re.S).group(1)
    body = re.sub(r'/\*.*?\*/', '', body, flags=re.S)
    names = re.findall(r'\bDSR_\w+(?= = 1,|,)', body)
    return {word.split('_', 2)[2]: number
            for number, word in enumerate(names, 1)}


CMD, A = enum('dsr_cmd'), enum('dsr_attr')
NAME = {number: name for name, number in A.items()}


def v4(text):
    return socket.inet_pton(socket.AF_INET, text)


def v6(text):
    return socket.inet_pton(socket.AF_INET6, text)


def u16(value):
    return struct.pack('!H', value)


def attribute(kind, value):
    head = struct.pack('=HH', 4 + len(value), A.get(kind, kind))
    return head + value + bytes(-len(value) % 4)


def attributes(data):
    """As a list: an attribute may come more than once"""
    found = []
    while len(data) >= 4:
        length, kind = struct.unpack('=HH', data[:4])
        found.append((kind & 0x3fff, data[4:length]))
        data = data[(length + 3) & ~3:]
    return found


class Answer:
    """What came for one request"""

    def __init__(self):
        self.error = 0
        self.text = ''
        self.offset = None
        self.objects = []	# (command, {attribute: value})
        self.interrupted = False
        self.parts = 0

    def take_error(self, flags, payload):
        self.error = -struct.unpack('=i', payload[:4])[0]
        if flags & ACK_TLVS:
            for kind, value in attributes(payload[4:]):
                if kind == 1:
                    self.text = value.rstrip(b'\0').decode()
                elif kind == 2:
                    self.offset = struct.unpack('=I', value)[0]

    def take(self, data):
        """Messages of one datagram; True if the answer is complete"""
        self.parts += 1
        while len(data) >= 16:
            length, kind, flags = struct.unpack('=IHH', data[:8])
            payload = data[16:length]
            data = data[(length + 3) & ~3:]
            self.interrupted |= bool(flags & DUMP_INTR)
            if kind == ERROR:
                # the header of the request comes between the two
                self.take_error(flags, payload[:4] + payload[20:])
                return True
            if kind == DONE:
                self.take_error(flags, payload)
                return True
            self.objects.append((payload[0], {
                NAME.get(kind, kind): value
                for kind, value in attributes(payload[4:])}))
        return False


class Genl:
    """A netlink socket in the network namespace that the process is in"""
    family = groups = None

    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sock.bind((0, 0))
        for option in (CAP_ACK, EXT_ACK):
            self.sock.setsockopt(SOL_NETLINK, option, 1)
        self.sock.settimeout(10)
        if Genl.family is None:
            self.find_family()

    def find_family(self):
        self.send(3, [(2, b'dsr\0')], ACK, family=16)
        found = dict(attributes(self.sock.recv(65536)[20:]))
        self.sock.recv(65536)
        Genl.family = struct.unpack('=H', found[1])[0]
        Genl.version = struct.unpack('=I', found[3])[0]
        groups = [dict(attributes(group))
                  for _, group in attributes(found[7])]
        Genl.groups = {group[1].rstrip(b'\0').decode():
                       struct.unpack('=I', group[2])[0] for group in groups}

    def send(self, cmd, attrs, flags=ACK, family=None, tail=b'', reserved=0):
        body = struct.pack('=BBH', CMD.get(cmd, cmd), 1, reserved)
        body += b''.join(attribute(*attr) for attr in attrs) + tail
        self.sock.send(struct.pack('=IHHII', 16 + len(body),
                                   family or self.family, REQUEST | flags, 1,
                                   0) + body)

    def ask(self, cmd, attrs=(), flags=ACK, **more):
        self.send(cmd, attrs, flags, **more)
        answer = Answer()
        while not answer.take(self.sock.recv(1 << 20)):
            pass
        return answer

    def listen(self):
        self.sock.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP,
                             self.groups['events'])

    def events(self):
        """What has come so far. That a drain is over is told later, by a work"""
        seen = Answer()
        self.sock.setblocking(False)
        try:
            while True:
                seen.take(self.sock.recv(1 << 20))
        except BlockingIOError:
            pass
        return [event for event in seen.objects
                if event[0] != CMD['SERVER_DRAINED_NTF']]


def report(what, wrong=''):
    print('%d\t%s\t%s' % (bool(wrong), what, wrong), flush=True)


# What is there while commands are refused
WEB = [('ADDR4', v4('10.0.0.100')), ('PROTO', b'\6'), ('PORT', u16(80))]
RANGE = [('ADDR4', v4('10.0.0.100')), ('PROTO', b'\x11'), ('PORT', u16(100)),
         ('PORT_LAST', u16(200))]
SIX = [('ADDR6', v6('2001:db8::100')), ('PROTO', b'\0')]
S1, S2 = ('SERVER4', v4('10.9.0.11')), ('SERVER4', v4('10.9.0.12'))
MAC = ('MAC', b'\2\0\0\0\0\x11')
ETH = ('IFNAME', b'eth0\0')


def state(genl):
    """All that is configured"""
    return (genl.ask('VIP_GET', [('SERVERS', b'')], ACK | DUMP).objects,
            genl.ask('DEV_GET', [], ACK | DUMP).objects)


class Refusals:
    """Each must be refused for the right reason and change nothing"""

    def __init__(self, genl):
        self.genl = genl
        self.before = state(genl)

    def refused(self, what, cmd, attrs, error, text='', blame=None,
                flags=ACK, **more):
        """blame: the attribute whose offset is to be told"""
        answer = self.genl.ask(cmd, attrs, flags, **more)
        # Linux 6.1 tells of a dump's refusal no offset, and not always why
        if flags & DUMP and os.uname().release.startswith('6.1.'):
            text, blame = '', None
        what = '%s refused: %s' % (cmd, what)
        offset, at = None, 20
        for attr in attrs:
            if attr[0] == blame:
                offset = at
            at += len(attribute(*attr))
        if answer.error != error:
            report(what, 'error %s instead of %s, %s' % (
                errno.errorcode.get(answer.error, answer.error),
                errno.errorcode[error], answer.text))
        elif not re.search(text, answer.text) or (text and not answer.text):
            report(what, 'the text is "%s"' % answer.text)
        elif blame and answer.offset != offset:
            report(what, 'offset %s instead of %s' % (answer.offset, offset))
        else:
            after = state(self.genl)
            report(what, after != self.before and 'something changed')
            self.before = after

    def vip(self, cmd, more, flags=ACK):
        """The ways to name a VIP wrongly; more is what cmd also needs"""
        addr, proto, port = WEB
        invalid, range_ = errno.EINVAL, errno.ERANGE
        for what, attrs, error, text, blame in (
                ('both families', WEB + [SIX[0]], invalid, 'both', 'ADDR6'),
                ('no protocol', [addr, port], invalid, 'protocol is missing',
                 None),
                ('protocol 1', [addr, ('PROTO', b'\1')], invalid, 'none of',
                 'PROTO'),
                ('protocol 255', [addr, ('PROTO', b'\xff')], invalid,
                 'none of', 'PROTO'),
                ('any with a port', [addr, ('PROTO', b'\0'), port], invalid,
                 'no port', 'PORT'),
                ('any with a last port', [addr, ('PROTO', b'\0'),
                                          ('PORT_LAST', u16(9))], invalid,
                 'no port', 'PORT_LAST'),
                ('a range that ends first', WEB + [('PORT_LAST', u16(79))],
                 invalid, 'ends before', 'PORT_LAST'),
                ('a range that ends with 0', WEB + [('PORT_LAST', u16(0))],
                 invalid, 'ends before', 'PORT_LAST'),
                ('a range without start', [addr, proto, (
                    'PORT_LAST', u16(9))], invalid, 'starts', 'PORT_LAST'),
                ('a short IPv4 address', [('ADDR4', b'\x0a\0\0'), proto],
                 invalid, 'length', 'ADDR4'),
                ('a long IPv4 address', [('ADDR4', b'\x0a\0\0\1\1'), proto],
                 invalid, 'length', 'ADDR4'),
                ('a short IPv6 address', [('ADDR6', SIX[0][1][:15]), proto],
                 range_, '.', 'ADDR6'),
                ('a long IPv6 address', [('ADDR6', SIX[0][1] + b'\0'), proto],
                 range_, '.', 'ADDR6'),
                ('a long protocol', [addr, ('PROTO', b'\6\0')], invalid,
                 'length', 'PROTO'),
                ('an empty protocol', [addr, ('PROTO', b'')], invalid, 'length',
                 'PROTO'),
                ('a short port', [addr, proto, ('PORT', b'\1')], invalid, 'length',
                 'PORT'),
                ('a long port', [addr, proto, ('PORT', bytes(4))], invalid,
                 'length', 'PORT'),
                ('a long last port', WEB + [('PORT_LAST', bytes(4))],
                 invalid, 'length', 'PORT_LAST'),
                ('an attribute nobody knows', WEB + [(200, b'')], invalid,
                 'nknown', 200),
                ('an attribute of other commands', WEB + [('COUNT', bytes(8))],
                 invalid, 'nsupported|nknown', 'COUNT')):
            self.refused(what, cmd, attrs + more, error, text, blame, flags)
        if not flags & DUMP:
            self.refused('no address', cmd, [proto, port] + more, invalid,
                         'address')
        self.refused('bytes left over', cmd, WEB + more, invalid, '.',
                     flags=flags, tail=b'\1\0\0\0')

    def addresses(self, cmd, four, six, attrs):
        """What no host can have as its address"""
        for kind, convert, texts in (
                (four, v4, ('0.0.0.0', '127.0.0.1', '224.0.0.1',
                            '239.255.255.255', '255.255.255.255')),
                (six, v6, ('::', '::1', 'ff02::1', '::ffff:10.0.0.100'))):
            for text in texts:
                self.refused('%s %s' % (kind, text), cmd,
                             attrs + [(kind, convert(text))], errno.EINVAL,
                             'unicast|mapped', kind)

    def vips(self):
        addr = WEB[0]
        sched = ('SCHED', b'rr\0')
        for cmd, more in (('VIP_ADD', []), ('VIP_SET', [sched]),
                          ('VIP_DEL', []), ('VIP_GET', []),
                          ('SERVER_ADD', [S2]), ('SERVER_GET', [S1]),
                          ('SERVER_SET', [S1, ('WEIGHT', bytes(4))]),
                          ('SERVER_DEL', [S1]), ('FLOW_FLUSH', [])):
            self.vip(cmd, more)
        self.addresses('VIP_ADD', 'ADDR4', 'ADDR6', [WEB[1], WEB[2]])

        udp = ('PROTO', b'\x11')
        exists, absent = errno.EEXIST, errno.ENOENT
        self.refused('exists', 'VIP_ADD', WEB, exists, 'exists')
        self.refused('exists, IPv6', 'VIP_ADD', SIX, exists, 'exists')
        for first, last in ((100, 200), (50, 100), (200, 300), (120, 130),
                            (1, 65535), (101, 200)):
            self.refused('%d-%d overlaps' % (first, last), 'VIP_ADD',
                         [addr, udp, ('PORT', u16(first)),
                          ('PORT_LAST', u16(last))], exists, 'overlap')
        for cmd, more in (('VIP_SET', [sched]), ('VIP_DEL', []),
                          ('VIP_GET', []), ('SERVER_ADD', [S2]),
                          ('SERVER_GET', [S1]), ('SERVER_DEL', [S1]),
                          ('SERVER_SET', [S1, ('WEIGHT', bytes(4))]),
                          ('FLOW_FLUSH', [])):
            self.refused('no such VIP', cmd, WEB[:2] + more, absent, 'VIP')
            self.refused('part of a range', cmd, RANGE[:3] + [
                ('PORT_LAST', u16(199))] + more, absent, 'VIP')
            self.refused('one port of a range', cmd, RANGE[:3] + more,
                         absent, 'VIP')
        self.refused('nothing to set', 'VIP_SET', WEB, errno.EINVAL,
                     'nothing')
        for cmd in ('VIP_ADD', 'VIP_SET'):
            self.sched(cmd, SIX if cmd == 'VIP_SET' else [
                ('ADDR4', v4('10.0.0.9')), udp])

    def sched(self, cmd, vip):
        for name, error in ((b'none\0', errno.EINVAL), (b'\0', errno.EINVAL),
                            (b'rr', errno.EINVAL), (b'', errno.EINVAL),
                            (b'mh' * 9 + b'\0', errno.EINVAL)):
            self.refused('scheduler %r' % name, cmd, vip + [('SCHED', name)],
                         error, '.', 'SCHED')
        self.refused('arp 2', cmd, vip + [('ARP', b'\2')], errno.ERANGE,
                     'range', 'ARP')
        self.refused('a long arp', cmd, vip + [('ARP', b'\1\0')],
                     errno.EINVAL, 'length', 'ARP')

    def servers(self):
        invalid, range_ = errno.EINVAL, errno.ERANGE
        self.addresses('SERVER_ADD', 'SERVER4', 'SERVER6', list(WEB))
        self.refused('no server', 'SERVER_ADD', WEB, invalid, 'address')
        self.refused('both families of a server', 'SERVER_ADD',
                     WEB + [S2, ('SERVER6', v6('2001:db8:9::1'))], invalid,
                     'both', 'SERVER6')
        self.refused('wrong family', 'SERVER_ADD',
                     WEB + [('SERVER6', v6('2001:db8:9::11'))], invalid,
                     'family', 'SERVER6')
        self.refused('wrong family', 'SERVER_ADD', SIX + [S2], invalid,
                     'family', 'SERVER4')
        self.refused("the VIP's own address", 'SERVER_ADD',
                     WEB + [('SERVER4', WEB[0][1])], invalid, "VIP's address",
                     'SERVER4')
        self.refused('exists', 'SERVER_ADD', WEB + [S1], errno.EEXIST,
                     'exists')
        for cmd in ('SERVER_SET', 'SERVER_DEL', 'SERVER_GET'):
            more = [('WEIGHT', bytes(4))] if cmd == 'SERVER_SET' else []
            self.refused('no such server', cmd, WEB + [S2] + more,
                         errno.ENOENT, 'server')
        self.refused('nothing to set', 'SERVER_SET', WEB + [S1], invalid,
                     'nothing')
        for cmd, server in (('SERVER_ADD', S2), ('SERVER_SET', S1)):
            for what, attr, error in (
                    ('weight 65536', ('WEIGHT', struct.pack('=I', 65536)),
                     range_),
                    ('a short weight', ('WEIGHT', bytes(2)), invalid),
                    ('a long weight', ('WEIGHT', bytes(8)), invalid),
                    ('a multicast MAC', ('MAC', b'\1\0\x5e\0\0\1'), invalid),
                    ('a broadcast MAC', ('MAC', b'\xff' * 6), invalid),
                    ('a short MAC', ('MAC', bytes(5)), range_),
                    ('a long MAC', ('MAC', bytes(8)), range_),
                    ('no such interface', ('IFNAME', b'eth9\0'),
                     errno.ENODEV),
                    ('a name without end', ('IFNAME', b'eth0'), invalid),
                    ('a long name', ('IFNAME', b'e' * 16 + b'\0'), invalid)):
                self.refused(what, cmd, WEB + [server, attr], error, '.',
                             attr[0])

    def others(self):
        invalid, range_ = errno.EINVAL, errno.ERANGE
        for cmd, name, error, text in (
                ('DEV_ADD', b'eth0\0', errno.EEXIST, 'exists'),
                ('DEV_ADD', b'eth9\0', errno.ENODEV, 'no such'),
                ('DEV_ADD', b'lo\0', invalid, 'Ethernet'),
                ('DEV_DEL', b'eth9\0', errno.ENOENT, 'no such')):
            self.refused('%r' % name, cmd, [('IFNAME', name)], error, text)
        for cmd in ('DEV_ADD', 'DEV_DEL'):
            self.refused('no interface', cmd, [], invalid, 'missing')
            self.refused('an empty name', cmd, [('IFNAME', b'\0')], invalid,
                         'missing')
            self.refused('a long name', cmd, [('IFNAME', b'e' * 16 + b'\0')],
                         invalid, '.', 'IFNAME')
        client = ('CLIENT4', v4('198.51.100.0'))
        for cmd, flags in (('FLOW_FLUSH', ACK), ('FLOW_GET', ACK | DUMP)):
            for what, attrs, error, blame in (
                    ('a prefix of nothing', [('CLIENT_PREFIX', b'\x18')],
                     invalid, 'CLIENT_PREFIX'),
                    ('an IPv4 prefix of 33', [client,
                                              ('CLIENT_PREFIX', b'\x21')],
                     invalid, 'CLIENT_PREFIX'),
                    ('a prefix of 129', [('CLIENT6', v6('::')),
                                         ('CLIENT_PREFIX', b'\x81')],
                     range_, 'CLIENT_PREFIX'),
                    ('two clients', [client, ('CLIENT6', v6('::'))], invalid,
                     'CLIENT6'),
                    ('two servers', [S1, ('SERVER6', v6('2001:db8::1'))],
                     invalid, 'SERVER6'),
                    ('a protocol of no VIP', [WEB[1]], invalid, None),
                    ('an attribute of others', [('WEIGHT', bytes(4))],
                     invalid, 'WEIGHT')):
                self.refused(what, cmd, attrs, error, '.', blame, flags)
        for cmd, flags in (('VIP_GET', ACK | DUMP), ('SERVER_GET',
                                                     ACK | DUMP)):
            self.vip(cmd, [], flags)
            self.refused('no such VIP', cmd, WEB[:2], errno.ENOENT, 'VIP',
                         None, flags)
        for cmd, flags in (('FLUSH', ACK), ('STATS_GET', ACK),
                           ('DEV_GET', ACK | DUMP)):
            self.refused('an attribute', cmd, [ETH], invalid, '.', 'IFNAME',
                         flags)
        for cmd, flags in ((200, ACK), ('VIP_ADD_NTF', ACK), ('DEV_GET', ACK),
                           ('VIP_ADD', ACK | DUMP)):
            self.refused('no such command', cmd, [], errno.EOPNOTSUPP,
                         flags=flags)
        self.refused('reserved bits', 'STATS_GET', [], invalid, reserved=1)


def configure(genl):
    for cmd, attrs in (('VIP_ADD', WEB), ('VIP_ADD', RANGE), ('VIP_ADD', SIX),
                       ('SERVER_ADD', WEB + [S1, MAC, ETH]),
                       ('DEV_ADD', [ETH])):
        answer = genl.ask(cmd, attrs)
        if answer.error:
            report('%s works' % cmd, answer.text)


def test_refusals(genl):
    listener = Genl()
    listener.listen()
    refusals = Refusals(genl)
    refusals.vips()
    refusals.servers()
    refusals.others()
    report('refusals make no events', ' '.join(
        str(cmd) for cmd, _ in listener.events()))


def test_privileges():
    """Another user, without capabilities: reads and does not write"""
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
    genl = Genl()
    for cmd, attrs, flags in (('VIP_GET', [], DUMP), ('VIP_GET', WEB, 0),
                              ('SERVER_GET', WEB + [S1], 0),
                              ('SERVER_GET', [], DUMP), ('DEV_GET', [], DUMP),
                              ('FLOW_GET', [], DUMP), ('STATS_GET', [], 0)):
        answer = genl.ask(cmd, attrs, ACK | flags)
        report('anybody may %s%s' % (cmd, ' dump' if flags else ''),
               answer.error and answer.text)
    for cmd, attrs in (('VIP_ADD', WEB[:2]), ('VIP_DEL', WEB),
                       ('VIP_SET', WEB + [('SCHED', b'rr\0')]),
                       ('SERVER_ADD', WEB + [S2]), ('SERVER_DEL', WEB + [S1]),
                       ('SERVER_SET', WEB + [S1, ('WEIGHT', bytes(4))]),
                       ('DEV_ADD', [('IFNAME', b'eth1\0')]),
                       ('DEV_DEL', [ETH]), ('FLOW_FLUSH', []), ('FLUSH', [])):
        answer = genl.ask(cmd, attrs)
        report('not anybody may %s' % cmd, '' if answer.error == errno.EPERM
               else 'error %d' % answer.error)


def number(value):
    return struct.unpack('=I', value)[0]


def places(objects):
    """[VIP, server...] for each VIP of a dump, by the numbers in addresses"""
    found = []
    for cmd, attrs in objects:
        vip = attrs['ADDR4'][3]
        if cmd == CMD['VIP_GET']:
            found.append([vip])
        elif not found or found[-1][0] != vip:
            found.append([-1])
        else:
            found[-1].append(attrs['SERVER4'][3])
    return found


def vip_of(n):
    return [('ADDR4', bytes([10, 1, 0, n])), ('PROTO', b'\0')]


def test_dumps(genl):
    vips, servers = 200, 20
    for n in range(1, vips + 1):
        genl.ask('VIP_ADD', vip_of(n) + [('SCHED', b'rr\0')])
        for m in range(1, servers + 1):
            genl.ask('SERVER_ADD', vip_of(n) + [
                ('SERVER4', bytes([10, 9, 0, m])), MAC, ETH])
    want = [[n] + list(range(1, servers + 1)) for n in range(1, vips + 1)]
    answer = genl.ask('VIP_GET', [('SERVERS', b'')], ACK | DUMP)
    report('a large dump is complete and in order',
           '' if places(answer.objects) == want else 'it is not')
    report('it takes many messages', '' if answer.parts > 20 else
           str(answer.parts))
    report('it is not called interrupted', answer.interrupted and 'it is')
    answer = genl.ask('SERVER_GET', vip_of(7), ACK | DUMP)
    report('the servers of one VIP', '' if [
        attrs['SERVER4'][3] for _, attrs in answer.objects] == want[6][1:]
           else 'wrong')

    # The kernel prepares a part or two, then waits for them to be read
    for what, cmd, attrs in (
            ('a new weight', 'SERVER_SET', vip_of(1) + [
                ('SERVER4', bytes([10, 9, 0, 1])),
                ('WEIGHT', struct.pack('=I', 5))]),
            ('a deletion before', 'VIP_DEL', vip_of(1)),
            ('a deletion of a server', 'SERVER_DEL', vip_of(100) + [
                ('SERVER4', bytes([10, 9, 0, 10]))]),
            ('a dev less', 'DEV_DEL', [ETH])):
        genl.send('VIP_GET', [('SERVERS', b'')], ACK | DUMP)
        answer = Answer()
        answer.take(genl.sock.recv(1 << 20))
        changed = Genl().ask(cmd, attrs)
        while not answer.take(genl.sock.recv(1 << 20)):
            pass
        report('a dump tells of its interruption by ' + what,
               changed.text or ('' if answer.interrupted else 'it does not'))
        if [place for place in places(answer.objects)
                if 1 < place[0] < 100] != want[1:99]:
            report('what stays is in it all the same', what)
    genl.ask('FLUSH')
    report('after a flush there is none', '' if not genl.ask(
        'VIP_GET', [], ACK | DUMP).objects else 'there is')


def test_events(genl):
    listener = Genl()
    listener.listen()
    pinned = WEB + [S1, MAC, ETH]
    for cmd, attrs, event, check in (
            ('VIP_ADD', WEB, 'VIP_ADD_NTF', ('SCHED', b'mh\0')),
            ('VIP_SET', WEB + [('SCHED', b'wrr\0')], 'VIP_SET_NTF',
             ('SCHED', b'wrr\0')),
            ('SERVER_ADD', pinned, 'SERVER_ADD_NTF', MAC),
            ('SERVER_SET', WEB + [S1, ('WEIGHT', struct.pack('=I', 9))],
             'SERVER_SET_NTF', ('WEIGHT', struct.pack('=I', 9))),
            ('SERVER_SET', WEB + [S1, ('WEIGHT', bytes(4))],
             'SERVER_SET_NTF', ('STATE', b'\1')),
            ('DEV_ADD', [ETH], 'DEV_ADD_NTF', ETH),
            ('DEV_DEL', [ETH], 'DEV_DEL_NTF', ETH),
            ('SERVER_DEL', WEB + [S1], 'SERVER_DEL_NTF', S1),
            ('SERVER_ADD', pinned, 'SERVER_ADD_NTF', S1),
            ('VIP_DEL', WEB, 'VIP_DEL_NTF', WEB[2]),
            ('VIP_ADD', SIX, 'VIP_ADD_NTF', SIX[0]),
            ('FLOW_FLUSH', [], None, None),
            ('FLUSH', [], 'FLUSH_NTF', None)):
        answer = genl.ask(cmd, attrs)
        events = listener.events()
        wrong = ''
        if answer.error:
            wrong = answer.text
        elif [seen for seen, _ in events] != ([CMD[event]] if event else []):
            wrong = 'events %s' % [seen for seen, _ in events]
        elif check and events[0][1].get(check[0]) != check[1]:
            wrong = '%s' % events[0][1]
        report('%s makes %s' % (cmd, event or 'no event'), wrong)


def main():
    genl = Genl()
    report('the family has version 1', '' if genl.version == 1 else
           str(genl.version))
    configure(genl)
    test_refusals(genl)
    child = os.fork()
    if not child:
        test_privileges()
        os._exit(0)
    report('the other user came to the end', os.waitpid(child, 0)[1])
    genl.ask('FLUSH')
    test_dumps(genl)
    test_events(genl)


main()
