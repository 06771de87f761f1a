# SPDX-License-Identifier: GPL-2.0-only
"""
The netlink protocol: what is refused and why, privileges, dumps, events, loads.
See netlink.t, which turns the lines printed here into TAP.
"""
import errno
import os
import re
import subprocess

from genl import (ACK, CMD, DUMP, ECHO, Answer, Genl, encode, number, offset_of,
                  report, tells_why, u8, u16, u32, u64, v4, v6)

# What is there while commands are refused: names of VIPs, and servers
WEB = [('ADDR4', v4('10.0.0.100')), ('PROTO', b'\6'), ('PORT', u16(80))]
RANGE = [('ADDR4', v4('10.0.0.100')), ('PROTO', b'\x11'), ('PORT', u16(100)),
         ('PORT_LAST', u16(200))]
SIX = [('ADDR6', v6('2001:db8::100')), ('PROTO', b'\0')]
S1, S2 = [('ADDR4', v4('10.9.0.11'))], [('ADDR4', v4('10.9.0.12'))]
S3 = [('ADDR4', v4('10.9.0.13'))]
MAC = ('MAC', b'\2\0\0\0\0\x11')
ETH = ('IFNAME', b'eth0\0')
NO_WEIGHT = ('WEIGHT', u32(0))
RR = ('SCHED', b'rr\0')
# none of these can be an interface's
NO_NAMES = (b'a\nb\0', b'a b\0', b'a/b\0', b'a:b\0', b'..\0')

INVALID, RANGE_ERROR, EXISTS = errno.EINVAL, errno.ERANGE, errno.EEXIST
ABSENT, BUSY, UNKNOWN = errno.ENOENT, errno.EBUSY, 'nsupported|nknown'


def vip(attrs, *more):
    return [('VIP', attrs + list(more))]


def servers(name, *attrs):
    """A request about servers of a VIP"""
    return [('VIP', name)] + [('SERVER', list(each)) for each in attrs]


def item(cmd, attrs):
    return ('ITEM', [('CMD', u8(CMD.get(cmd, cmd)))] + attrs)


def load(*items):
    """A load; each item is (CMD, attributes)"""
    return [item(*each) for each in items]


# What changes the configuration, and does not fail while the above is there
CHANGES = (('VIP_ADD', vip(WEB[:2])), ('VIP_SET', vip(WEB, RR)),
           ('VIP_DEL', vip(RANGE)), ('SERVER_ADD', servers(WEB, S2)),
           ('SERVER_SET', servers(WEB, S1 + [('WEIGHT', u32(7))])),
           ('SERVER_DEL', servers(WEB, S1)), ('DEV_DEL', [('DEV', [ETH])]),
           ('DEV_ADD', [('DEV', [ETH])]), ('LIMIT_SET', [
               ('LIMIT', [('FLOWS', u64(4711))])]),
           ('CONFIG_LOAD', load(('VIP_ADD', vip(SIX)))), ('FLUSH', []))


def state(genl):
    """All that is configured"""
    return [genl.dump(cmd).objects
            for cmd in ('VIP_GET', 'SERVER_GET', 'DEV_GET')]


def generation(genl):
    return genl.ask('STATS_GET').objects[0].get('GENERATION')


def wrong_names():
    """The ways to name a VIP wrongly, as (what, attributes, error, text, blame)"""
    addr, proto, port = WEB
    return [
        ('both families', WEB + [SIX[0]], INVALID, 'both', 'ADDR6'),
        ('no protocol', [addr, port], INVALID, 'protocol is missing',
         None),
        ('protocol 1', [addr, ('PROTO', b'\1')], INVALID, 'none of',
         'PROTO'),
        ('protocol 255', [addr, ('PROTO', b'\xff')], INVALID,
         'none of', 'PROTO'),
        ('any with a port', [addr, ('PROTO', b'\0'), port], INVALID,
         'no port', 'PORT'),
        ('any with a last port', [addr, ('PROTO', b'\0'),
                                  ('PORT_LAST', u16(9))], INVALID,
         'no port', 'PORT_LAST'),
        ('a range that ends first', WEB + [('PORT_LAST', u16(79))],
         INVALID, 'ends before', 'PORT_LAST'),
        ('a range that ends with 0', WEB + [('PORT_LAST', u16(0))],
         INVALID, 'ends before', 'PORT_LAST'),
        ('a range without start', [addr, proto, (
            'PORT_LAST', u16(9))], INVALID, 'starts', 'PORT_LAST'),
        ('a short IPv4 address', [('ADDR4', b'\x0a\0\0'), proto],
         INVALID, 'length', 'ADDR4'),
        ('a long IPv4 address', [('ADDR4', b'\x0a\0\0\1\1'), proto],
         INVALID, 'length', 'ADDR4'),
        ('a short IPv6 address', [('ADDR6', SIX[0][1][:15]), proto],
         RANGE_ERROR, '.', 'ADDR6'),
        ('a long IPv6 address', [('ADDR6', SIX[0][1] + b'\0'), proto],
         RANGE_ERROR, '.', 'ADDR6'),
        ('a long protocol', [addr, ('PROTO', b'\6\0')], INVALID,
         'length', 'PROTO'),
        ('an empty protocol', [addr, ('PROTO', b'')], INVALID, 'length',
         'PROTO'),
        ('a short port', [addr, proto, ('PORT', b'\1')], INVALID,
         'length', 'PORT'),
        ('a long port', [addr, proto, ('PORT', bytes(4))], INVALID,
         'length', 'PORT'),
        ('a long last port', WEB + [('PORT_LAST', bytes(4))],
         INVALID, 'length', 'PORT_LAST'),
        ('an attribute nobody knows', WEB + [(200, b'')], INVALID,
         UNKNOWN, '200'),
        ('an attribute of answers', WEB + [('PACKETS', bytes(8))],
         INVALID, UNKNOWN, 'PACKETS'),
        ('a nest where none is', [addr, proto, ('PORT', [])], INVALID,
         'NESTED|length', 'PORT'),
        ('nothing in it', [], INVALID, 'address', None)]


def wrong_items():
    """What no item may be, as (what, attributes, error, text, blame)"""
    add = ('VIP_ADD', vip(WEB))
    dev, limit = [('DEV', [ETH])], [('LIMIT', [('FLOWS', u64(9))])]
    no_cmd = [('ITEM', vip(WEB))]
    return [
        ('an empty item', [('ITEM', [])], INVALID, 'command', 'ITEM'),
        ('an item without command', no_cmd, INVALID, 'command', 'ITEM'),
        ('such an item after another', load(add) + no_cmd, INVALID,
         'command', 'ITEM#1'),
        ('command 0', load((0, vip(WEB))), INVALID, '.', 'ITEM.CMD'),
        ('command 200', load((200, vip(WEB))), INVALID, '.',
         'ITEM.CMD'),
        ('a command of events', load(('VIP_ADD_NTF', vip(WEB))), INVALID,
         '.', 'ITEM.CMD'),
        ('a command that is not loaded', load(('VIP_DEL', vip(WEB))),
         INVALID, '.', 'ITEM.CMD'),
        ('a load in a load', load(('CONFIG_LOAD', [])), INVALID, '.',
         'ITEM.CMD'),
        ('a long command', [('ITEM', [('CMD', b'\1\0')] + vip(WEB))],
         INVALID, 'length', 'ITEM.CMD'),
        ('a VIP_ADD without VIP', load(('VIP_ADD', [])), INVALID,
         'missing', 'ITEM'),
        ('a SERVER_ADD without VIP', load(add, (
            'SERVER_ADD', [('SERVER', S1)])), INVALID, 'missing',
         'ITEM#1'),
        ('a SERVER_ADD without server', load(add, (
            'SERVER_ADD', vip(WEB))), INVALID, '.', 'ITEM#1'),
        ('a DEV_ADD without dev', load(('DEV_ADD', [])), INVALID,
         'missing', 'ITEM'),
        ('a LIMIT_SET without limit', load(('LIMIT_SET', [])), INVALID,
         'missing', 'ITEM'),
        ('a dev in a VIP_ADD', load(('VIP_ADD', vip(WEB) + dev)),
         INVALID, '.', 'ITEM.DEV'),
        ('a server in a VIP_ADD', load(('VIP_ADD', servers(WEB, S1))),
         INVALID, '.', 'ITEM.SERVER'),
        ('a limit in a DEV_ADD', load(('DEV_ADD', dev + limit)),
         INVALID, '.', 'ITEM.LIMIT'),
        ('a VIP in a LIMIT_SET', load(('LIMIT_SET', limit + vip(
            WEB))), INVALID, '.', 'ITEM.VIP'),
        ('an attribute nobody knows in an item', load(
            ('VIP_ADD', vip(WEB) + [(200, b'')])), INVALID, UNKNOWN,
         'ITEM.200')]


def wrong_loads():
    """The same of what items are together, and of what is in them or beside them"""
    add = ('VIP_ADD', vip(WEB))
    dev = ('DEV_ADD', [('DEV', [ETH])])
    limit = ('LIMIT_SET', [('LIMIT', [('FLOWS', u64(9))])])
    flat = [(0x8000 | 12, encode(item(*add)[1], 'item')[:-2])]
    return [
        ('a server of no VIP', load(('SERVER_ADD', servers(WEB, S1))),
         ABSENT, 'VIP', None),
        ('a server before its VIP', load((
            'SERVER_ADD', servers(WEB, S1)), add), ABSENT, 'VIP', None),
        ('a server that is set and not there', load(add, (
            'SERVER_SET', servers(WEB, S1 + [NO_WEIGHT]))), ABSENT,
         'server', None),
        ('a VIP twice', load(add, add), EXISTS, 'exists', 'ITEM#1'),
        ('a dev twice', load(dev, dev), EXISTS, 'exists', None),
        ('a limit twice', load(limit, limit), EXISTS, 'twice',
         'ITEM#1'),
        ('a server twice', load(add, (
            'SERVER_ADD', servers(WEB, S1)), (
                'SERVER_ADD', servers(WEB, S1))), EXISTS, '.', None),
        ('a server twice in one item', load(add, (
            'SERVER_ADD', servers(WEB, S1, S1))), EXISTS, '.', None),
        ('ranges that overlap', load(('VIP_ADD', vip(RANGE)), (
            'VIP_ADD', vip(RANGE[:2] + [('PORT', u16(50)), (
                'PORT_LAST', u16(100))]))), EXISTS, 'overlap', None),
        ('no such scheduler', load(('VIP_ADD', vip(WEB, (
            'SCHED', b'none\0')))), INVALID, 'scheduler',
         'ITEM.VIP.SCHED'),
        ('a value out of range', load(('VIP_ADD', vip(WEB, (
            'ARP', b'\2')))), RANGE_ERROR, 'range', 'ITEM.VIP.ARP'),
        ('no Ethernet', load(('DEV_ADD', [('DEV', [
            ('IFNAME', b'lo\0')])])), INVALID, 'Ethernet', None),
        ('the same after a new dev', load(*[('DEV_ADD', [('DEV', [
            ('IFNAME', name)])]) for name in (b'far\0', b'lo\0')]),
         INVALID, 'Ethernet', 'ITEM#1.DEV.IFNAME'),
        *[('%r' % name, load(('DEV_ADD', [('DEV', [
            ('IFNAME', name)])])), INVALID, 'no interface can',
           'ITEM.DEV.IFNAME') for name in NO_NAMES],
        ('such a name of a server', load(add, ('SERVER_ADD', servers(
            WEB, S1 + [('IFNAME', NO_NAMES[0])]))), INVALID,
         'no interface can', 'ITEM#1.SERVER.IFNAME'),
        ('a cut item', flat, INVALID, '.', None),
        ('an item that is no nest', [(12, encode(item(*add)[1],
                                                 'item'))], INVALID,
         'NESTED', '12'),
        ('a VIP that is no nest in an item', [('ITEM', [
            ('CMD', b'\1'), (2, encode(WEB, 'vip'))])], INVALID,
         'NESTED', 'ITEM.2'),
        ('what is not in an item', vip(WEB), INVALID, '.', 'VIP'),
        ('what is not in an item, after one', load(add) + vip(WEB),
         INVALID, '.', 'VIP')]


class Refusals:
    """Each must be refused for the right reason and change nothing"""

    def __init__(self, genl):
        self.genl = genl
        self.before = state(genl)

    def refused(self, what, cmd, attrs, error, text='', blame=None,
                flags=ACK, **more):
        """blame: the attribute whose offset is to be told, as for offset_of()"""
        answer = self.genl.ask(cmd, attrs, flags, **more)
        if not tells_why(flags):
            text, blame = '', None
        what = '%s refused: %s' % (cmd, what)
        offset = blame and offset_of(attrs, blame)
        if answer.error != error:
            report(what, 'error %s instead of %s, %s' % (
                errno.errorcode.get(answer.error, answer.error),
                errno.errorcode[error], answer.text))
        elif not re.search(text, answer.text) or (text and not answer.text):
            report(what, 'the text is "%s"' % answer.text)
        elif blame and (answer.offset != offset or offset is None):
            report(what, 'offset %s instead of %s' % (answer.offset, offset))
        else:
            after = state(self.genl)
            report(what, after != self.before and 'something changed')
            self.before = after

    def vip(self, cmd, message, flags=ACK, options=()):
        """The ways to name a VIP wrongly; message makes a message of a name"""
        _, proto, port = WEB
        # where the VIP is: at the top, but for items
        at = 'ITEM.VIP' if message(WEB)[0][0] == 'ITEM' else 'VIP'
        for what, attrs, error, text, blame in wrong_names():
            self.refused(what, cmd, message(attrs), error, text,
                         blame and '%s.%s' % (at, blame), flags)
        if not options:
            self.refused('an option', cmd, message(WEB + [RR]), INVALID,
                         UNKNOWN, at + '.SCHED', flags)
        self.refused('no address', cmd, message([proto, port]), INVALID,
                     'address', flags=flags)
        name = encode(WEB, 'vip')
        for what, value, text in (
                ('bytes left over in it', name + b'\1\0\0\0', '.'),
                ('cut in an attribute', name[:-5], '.'),
                ('cut in a header', name + b'\6\0', '.'),
                ('an attribute longer than it', name + b'\xff\0\5\0', '.')):
            self.refused(what, cmd, message(value), INVALID, text, flags=flags)
        if at != 'VIP':
            return
        # from here on about the message
        self.refused('an attribute nobody knows beside it', cmd,
                     message(WEB) + [(200, b'')], INVALID, UNKNOWN, '200', flags)
        self.refused('an attribute of answers beside it', cmd,
                     message(WEB) + [('COUNT', bytes(4))], INVALID, UNKNOWN,
                     'COUNT', flags)
        self.refused('no nest of it', cmd, encode(message(WEB)).replace(
            b'\2\x80', b'\2\0', 1), INVALID, 'NESTED', flags=flags)
        self.refused('what was inside is outside', cmd, encode(WEB, 'vip') +
                     encode(message(WEB)[1:]), INVALID, '.', flags=flags)
        self.refused('bytes left over', cmd, message(WEB), INVALID, '.',
                     flags=flags, tail=b'\1\0\0\0')

    def addresses(self, cmd, four, six, message, at):
        """What no host can have as its address"""
        for kind, convert, texts in (
                (four, v4, ('0.0.0.0', '127.0.0.1', '224.0.0.1',
                            '239.255.255.255', '255.255.255.255')),
                (six, v6, ('::', '::1', 'ff02::1', '::ffff:10.0.0.100'))):
            for text in texts:
                self.refused('%s %s' % (kind, text), cmd,
                             message([(kind, convert(text))]), INVALID,
                             'unicast|mapped', '%s.%s' % (at, kind))

    def vips(self):
        weight = ('WEIGHT', u32(0))
        about = {
            'VIP_ADD': lambda name: vip(name),
            'VIP_SET': lambda name: vip(name, RR),
            'VIP_DEL': lambda name: vip(name),
            'VIP_GET': lambda name: vip(name),
            'SERVER_ADD': lambda name: servers(name, S2),
            'SERVER_GET': lambda name: servers(name, S1),
            'SERVER_SET': lambda name: servers(name, S1 + [weight]),
            'SERVER_DEL': lambda name: servers(name, S1),
            'FLOW_FLUSH': lambda name: vip(name),
        }

        def with_bytes(message, value):
            """In place of the VIP's attributes"""
            if not isinstance(value, bytes):
                return message(value)
            return [(kind, inner) if kind != 'VIP' else (0x8002, value)
                    for kind, inner in message([])]

        for cmd, message in about.items():
            self.vip(cmd, lambda value, message=message: with_bytes(
                message, value), options=cmd in ('VIP_ADD', 'VIP_SET'))
            if cmd != 'FLOW_FLUSH':
                self.refused('no VIP', cmd, message(WEB)[1:], INVALID,
                             'missing')
        self.addresses('VIP_ADD', 'ADDR4', 'ADDR6',
                       lambda addr: vip(addr + WEB[1:]), 'VIP')

        addr, udp = WEB[0], ('PROTO', b'\x11')
        self.refused('exists', 'VIP_ADD', vip(WEB), EXISTS, 'exists')
        self.refused('exists, IPv6', 'VIP_ADD', vip(SIX), EXISTS, 'exists')
        for first, last in ((100, 200), (50, 100), (200, 300), (120, 130),
                            (1, 65535), (101, 200)):
            self.refused('%d-%d overlaps' % (first, last), 'VIP_ADD', vip(
                [addr, udp, ('PORT', u16(first)), ('PORT_LAST', u16(last))]),
                         EXISTS, 'overlap')
        for cmd, message in about.items():
            if cmd == 'VIP_ADD':
                continue
            self.refused('no such VIP', cmd, message(WEB[:2]), ABSENT, 'VIP',
                         'VIP')
            self.refused('part of a range', cmd, message(RANGE[:3] + [
                ('PORT_LAST', u16(199))]), ABSENT, 'VIP', 'VIP')
            self.refused('one port of a range', cmd, message(RANGE[:3]),
                         ABSENT, 'VIP', 'VIP')
        self.refused('nothing to set', 'VIP_SET', vip(WEB), INVALID, 'nothing')
        for cmd in ('VIP_ADD', 'VIP_SET'):
            self.options(cmd, SIX if cmd == 'VIP_SET' else [
                ('ADDR4', v4('10.0.0.9')), udp])

    def options(self, cmd, name):
        """What no option of a VIP may be"""
        for sched in (b'none\0', b'\0', b'rr', b'', b'mh' * 9 + b'\0'):
            self.refused('scheduler %r' % sched, cmd, vip(name, (
                'SCHED', sched)), INVALID, '.', 'VIP.SCHED')
        for kind, value, error in (
                ('ARP', u8(2), RANGE_ERROR), ('ON_DOWN', u8(3), RANGE_ERROR),
                ('PERSISTENCE', u32(2592001), RANGE_ERROR),
                ('PERSISTENCE_MASK', u8(129), RANGE_ERROR)):
            self.refused('%s %d' % (kind, number(value)), cmd, vip(name, (
                kind, value)), error, 'range', 'VIP.' + kind)
        self.refused('a long arp', cmd, vip(name, ('ARP', b'\1\0')), INVALID,
                     'length', 'VIP.ARP')
        for which in 'SYN OPEN FIN RST UDP OTHER'.split():
            kind = 'TIMEOUT_' + which
            for seconds in (0, 2592001, 0xffffffff):
                self.refused('%s %d' % (kind, seconds), cmd, vip(name, (
                    kind, u32(seconds))), RANGE_ERROR, 'range', 'VIP.' + kind)
            self.refused('a short ' + kind, cmd, vip(name, (kind, u16(9))),
                         INVALID, 'length', 'VIP.' + kind)

    def servers(self):
        def web(server):
            return servers(WEB, server)
        self.addresses('SERVER_ADD', 'ADDR4', 'ADDR6', web, 'SERVER')
        for cmd in ('SERVER_ADD', 'SERVER_SET', 'SERVER_DEL', 'SERVER_GET'):
            self.refused('no server', cmd, vip(WEB), INVALID, '.')
            self.refused('nothing in the server', cmd, web([]), INVALID,
                         'address')
            self.refused('no nest of the server', cmd, encode(
                web(S1)).replace(b'\3\x80', b'\3\0', 1), INVALID, 'NESTED')
            self.refused('both families of a server', cmd, web(S2 + [
                ('ADDR6', v6('2001:db8:9::1'))]), INVALID, 'both',
                         'SERVER.ADDR6')
            for what, attr in (('nobody knows', (200, b'')),
                               ('of answers', ('STATE', b'\0'))):
                self.refused('an attribute %s in the server' % what, cmd,
                             web(S1 + [attr]), INVALID, UNKNOWN,
                             'SERVER.%s' % attr[0])
            if cmd in ('SERVER_DEL', 'SERVER_GET'):
                self.refused('an option of the server', cmd,
                             web(S1 + [NO_WEIGHT]), INVALID, UNKNOWN,
                             'SERVER.WEIGHT')
            self.refused('the server is cut', cmd, vip(WEB) + [
                (0x8003, encode(S1, 'server')[:-2])], INVALID, '.')
        self.refused('wrong family', 'SERVER_ADD', web([
            ('ADDR6', v6('2001:db8:9::11'))]), INVALID, 'family',
                     'SERVER.ADDR6')
        self.refused('wrong family', 'SERVER_ADD', servers(SIX, S2), INVALID,
                     'family', 'SERVER.ADDR4')
        self.refused("the VIP's own address", 'SERVER_ADD', web(WEB[:1]),
                     INVALID, "VIP's address", 'SERVER.ADDR4')
        self.refused('exists', 'SERVER_ADD', web(S1), EXISTS, 'exists',
                     'SERVER')
        for cmd in ('SERVER_SET', 'SERVER_DEL', 'SERVER_GET'):
            more = [NO_WEIGHT] if cmd == 'SERVER_SET' else []
            self.refused('no such server', cmd, web(S2 + more), ABSENT,
                         'server', 'SERVER')
        self.refused('nothing to set', 'SERVER_SET', web(S1), INVALID,
                     'nothing')
        for cmd, server in (('SERVER_ADD', S2), ('SERVER_SET', S1)):
            for what, attr, error in (
                    ('weight 65536', ('WEIGHT', u32(65536)), RANGE_ERROR),
                    ('a short weight', ('WEIGHT', bytes(2)), INVALID),
                    ('a long weight', ('WEIGHT', bytes(8)), INVALID),
                    ('too many flows', ('MAX_FLOWS', u32((1 << 30) + 1)),
                     RANGE_ERROR),
                    ('drain 2', ('DRAIN', b'\2'), RANGE_ERROR),
                    ('a multicast MAC', ('MAC', b'\1\0\x5e\0\0\1'), INVALID),
                    ('a broadcast MAC', ('MAC', b'\xff' * 6), INVALID),
                    ('a short MAC', ('MAC', bytes(5)), RANGE_ERROR),
                    ('a long MAC', ('MAC', bytes(8)), RANGE_ERROR),
                    ('no such interface', ('IFNAME', b'eth9\0'),
                     errno.ENODEV),
                    ('a name with a line feed', ('IFNAME', b'e\nth0\0'), INVALID),
                    ('a name without end', ('IFNAME', b'eth0'), INVALID),
                    ('a long name', ('IFNAME', b'e' * 16 + b'\0'), INVALID)):
                self.refused(what, cmd, web(server + [attr]), error, '.',
                             'SERVER.' + attr[0])

    def several(self):
        """One of many servers is wrong: then there is none"""
        good = {'SERVER_ADD': S2, 'SERVER_SET': S1 + [('WEIGHT', u32(9))],
                'SERVER_DEL': S1}
        option = [('WEIGHT', u32(5))]
        absent = [('ADDR4', v4('10.9.0.99'))]
        for cmd, first in good.items():
            set_ = option if cmd == 'SERVER_SET' else []
            bad = [('no address', set_, INVALID, 'address', None),
                   ('the same again', first, None, 'twice|exists', 'SERVER#1'),
                   ('another family', SIX[:1] + set_, None, '.', None),
                   ('an attribute nobody knows', S3 + set_ + [(200, b'')],
                    INVALID, UNKNOWN, 'SERVER#1.200')]
            if cmd == 'SERVER_ADD':
                bad += [('exists', S1, EXISTS, 'exists', 'SERVER#1')]
            else:
                bad += [('is not there', absent + set_, ABSENT, 'no such server',
                         'SERVER#1')]
            if cmd == 'SERVER_SET':
                bad += [('nothing to set', S1, None, 'nothing|twice', None)]
            if cmd != 'SERVER_DEL':
                bad += [('weight 65536', S3 + [('WEIGHT', u32(65536))],
                         RANGE_ERROR, 'range', 'SERVER#1.WEIGHT'),
                        ('no such interface', (
                            S3 if cmd == 'SERVER_ADD' else S1) + [
                                ('IFNAME', b'eth9\0')], None, '.', None)]
            for what, second, error, text, blame in bad:
                self.second(cmd, what, servers(WEB, first, second), error, text,
                            blame)
            self.second(cmd, 'the third is cut', servers(WEB, first) + [
                (0x8003, encode(S3, 'server')[:-2])], INVALID, '.', None)
            self.second(cmd, 'the second is no nest', servers(WEB, first) + [
                (3, encode(S3, 'server'))], INVALID, 'NESTED', None)

    def second(self, cmd, what, attrs, error, text, blame):
        """As refused(), where any error will do if none is given"""
        if error is None:
            error = self.genl.ask(cmd, attrs).error or INVALID
        self.refused('second server: ' + what, cmd, attrs, error, text, blame)

    def others(self):
        for cmd, name, error, text in (
                ('DEV_ADD', b'eth0\0', EXISTS, 'exists'),
                ('DEV_ADD', b'eth9\0', errno.ENODEV, 'no such'),
                ('DEV_ADD', b'lo\0', INVALID, 'Ethernet'),
                ('DEV_DEL', b'eth9\0', ABSENT, 'no such')):
            self.refused('%r' % name, cmd, [('DEV', [('IFNAME', name)])], error,
                         text)
        for cmd in ('DEV_ADD', 'DEV_DEL'):
            self.refused('no dev', cmd, [], INVALID, 'missing')
            self.refused('no interface', cmd, [('DEV', [])], INVALID, 'missing')
            self.refused('an empty name', cmd, [('DEV', [('IFNAME', b'\0')])],
                         INVALID, 'missing')
            self.refused('a long name', cmd, [('DEV', [
                ('IFNAME', b'e' * 16 + b'\0')])], INVALID, '.', 'DEV.IFNAME')
            for name in NO_NAMES:
                self.refused('%r' % name, cmd, [('DEV', [('IFNAME', name)])],
                             INVALID, 'no interface can', 'DEV.IFNAME')
            self.refused('an attribute of answers', cmd, [('DEV', [
                ETH, ('IFINDEX', u32(1))])], INVALID, UNKNOWN, 'DEV.IFINDEX')
        for what, attrs, error, text, blame in (
                ('no limit', [], INVALID, 'missing', None),
                ('no number', [('LIMIT', [])], INVALID, 'missing', None),
                ('too large', [('LIMIT', [('FLOWS', u64((1 << 30) + 1))])],
                 RANGE_ERROR, 'range', 'LIMIT.FLOWS'),
                ('short', [('LIMIT', [('FLOWS', u32(9))])], INVALID, 'length',
                 'LIMIT.FLOWS'),
                ('an attribute of answers', [('LIMIT', [
                    ('FLOWS', u64(9)), ('FLOWS_AUTO', b'')])], INVALID, UNKNOWN,
                 'LIMIT.FLOWS_AUTO')):
            self.refused(what, 'LIMIT_SET', attrs, error, text, blame)
        for cmd, flags in (('VIP_GET', ACK | DUMP), ('SERVER_GET', ACK | DUMP)):
            self.refused('an attribute nobody knows', cmd, [(200, b'')], INVALID,
                         UNKNOWN, '200', flags)
        self.vip('SERVER_GET', lambda name: vip(name) if not isinstance(
            name, bytes) else [(0x8002, name)], ACK | DUMP)
        self.refused('no such VIP', 'SERVER_GET', vip(WEB[:2]), ABSENT, 'VIP',
                     None, ACK | DUMP)
        for cmd, flags in (('FLUSH', ACK), ('STATS_GET', ACK),
                           ('DEV_GET', ACK | DUMP)):
            self.refused('an attribute', cmd, [('DEV', [ETH])], INVALID, '.',
                         'DEV', flags)
        for cmd, attrs in CHANGES:
            if cmd != 'CONFIG_LOAD':
                self.refused('a dry run', cmd, attrs + [('DRY_RUN', b'')],
                             INVALID, UNKNOWN, 'DRY_RUN')
        for cmd, attrs, flags in (
                ('VIP_GET', vip(WEB), ACK), ('SERVER_GET', servers(WEB, S1), ACK),
                ('VIP_GET', [], ACK | DUMP), ('STATS_GET', [], ACK),
                ('DEV_GET', [], ACK | DUMP), ('FLOW_GET', [], ACK | DUMP),
                ('FLOW_FLUSH', [], ACK)):
            self.refused('a generation', cmd, attrs + [('GENERATION', u32(1))],
                         INVALID, UNKNOWN, 'GENERATION', flags)
        for cmd, flags in ((200, ACK), ('VIP_ADD_NTF', ACK), ('DEV_GET', ACK),
                           ('VIP_ADD', ACK | DUMP)):
            self.refused('no such command', cmd, [], errno.EOPNOTSUPP,
                         flags=flags)
        self.refused('reserved bits', 'STATS_GET', [], INVALID, reserved=1)

    def flows(self):
        client = ('CLIENT4', v4('198.51.100.0'))
        server = ('SERVER4', v4('10.9.0.11'))
        for cmd, flags in (('FLOW_FLUSH', ACK), ('FLOW_GET', ACK | DUMP)):
            for what, attrs, error, blame in (
                    ('a prefix of nothing', [('CLIENT_PREFIX', b'\x18')],
                     INVALID, 'CLIENT_PREFIX'),
                    ('an IPv4 prefix of 33', [client,
                                              ('CLIENT_PREFIX', b'\x21')],
                     INVALID, 'CLIENT_PREFIX'),
                    ('a prefix of 129', [('CLIENT6', v6('::')),
                                         ('CLIENT_PREFIX', b'\x81')],
                     RANGE_ERROR, 'CLIENT_PREFIX'),
                    ('two clients', [client, ('CLIENT6', v6('::'))], INVALID,
                     'CLIENT6'),
                    ('two servers', [server, ('SERVER6', v6('2001:db8::1'))],
                     INVALID, 'SERVER6'),
                    ('an attribute of answers', [('AGE', bytes(4))], INVALID,
                     'AGE'),
                    ('an attribute of others', [('DST_PORT', u16(9))], INVALID,
                     'DST_PORT')):
                self.refused(what, cmd, [('FLOW', attrs)], error, '.',
                             'FLOW.' + blame, flags)
            self.refused('a protocol of no VIP', cmd, vip([WEB[1]]), INVALID,
                         '.', None, flags)
            self.refused('a server', cmd, [('SERVER', S1)], INVALID, '.',
                         'SERVER', flags)

    def explain(self):
        client, dst = ('CLIENT4', v4('198.51.100.1')), ('DST4', WEB[0][1])
        proto = ('PROTO', b'\6')
        for what, attrs, error, blame in (
                ('no client', [dst, proto], INVALID, None),
                ('no destination', [client, proto], INVALID, None),
                ('no protocol', [client, dst], INVALID, None),
                ('two families', [('CLIENT6', v6('2001:db8::1')), dst, proto],
                 INVALID, 'CLIENT6'),
                ('no host', [client, ('DST4', v4('224.0.0.1')), proto], INVALID,
                 'DST4'),
                ('ICMP', [client, dst, ('PROTO', b'\1')], INVALID, 'PROTO'),
                ('ports of none', [client, dst, ('PROTO', b'\x2f'),
                                   ('DST_PORT', u16(9))], INVALID, 'DST_PORT'),
                ('a state', [client, dst, proto, ('STATE', b'\2')], RANGE_ERROR,
                 'STATE'),
                ('a server', [client, dst, proto, ('SERVER4', v4('10.9.0.11'))],
                 INVALID, 'SERVER4')):
            self.refused(what, 'EXPLAIN', [('FLOW', attrs)], error, '.',
                         blame and 'FLOW.' + blame)
        self.refused('nothing', 'EXPLAIN', [], INVALID, '.')
        self.refused('a VIP', 'EXPLAIN', vip(WEB), INVALID, '.', 'VIP')

    def generations(self):
        """It is another than expected"""
        now = number(generation(self.genl))
        for cmd, attrs in CHANGES:
            for wrong in ((now - 1) & 0xffffffff, (now + 1) & 0xffffffff,
                          now ^ 1 << 31):
                self.refused('generation %+d' % (wrong - now), cmd, attrs + [
                    ('GENERATION', u32(wrong))], BUSY, '.', 'GENERATION')
            self.refused('a short generation', cmd, attrs + [
                ('GENERATION', b'\1\0')], INVALID, 'length', 'GENERATION')

    def loads(self, dry_run):
        """What no load may hold; with a dry run as well"""
        run = [('DRY_RUN', b'')] if dry_run else []
        for what, attrs, error, text, blame in wrong_items() + wrong_loads():
            self.refused(('dry run: ' if dry_run else '') + what, 'CONFIG_LOAD',
                         run + attrs, error, text, blame)
        if dry_run:
            self.refused('a dry run that is no flag', 'CONFIG_LOAD',
                         load(('VIP_ADD', vip(WEB))) + [('DRY_RUN', b'\1')],
                         RANGE_ERROR, '.', 'DRY_RUN')
            self.vip('CONFIG_LOAD', self.loaded(run), options=(RR,))

    @staticmethod
    def loaded(run):
        def message(name):
            if isinstance(name, bytes):
                return [('ITEM', [('CMD', b'\1'), (0x8002, name)])] + run
            return load(('VIP_ADD', vip(name))) + run
        return message


def configure(genl):
    genl.ask('CONFIG_LOAD')
    for cmd, attrs in (('VIP_ADD', vip(WEB)), ('VIP_ADD', vip(RANGE)),
                       ('VIP_ADD', vip(SIX)),
                       ('SERVER_ADD', servers(WEB, S1 + [MAC, ETH])),
                       ('DEV_ADD', [('DEV', [ETH])])):
        answer = genl.ask(cmd, attrs)
        if answer.error:
            report('%s works' % cmd, answer.text)


def test_refusals(genl):
    listener = Genl()
    listener.listen()
    refusals = Refusals(genl)
    refusals.vips()
    refusals.servers()
    refusals.several()
    refusals.others()
    refusals.flows()
    refusals.explain()
    refusals.generations()
    for dry_run in (False, True):
        refusals.loads(dry_run)
    report('refusals make no events', ' '.join(map(str, listener.events())))


def test_privileges():
    """Another user, without capabilities: reads and does not write"""
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
    genl = Genl()
    packet = [('FLOW', [('CLIENT4', v4('198.51.100.1')), ('DST4', WEB[0][1]),
                        ('PROTO', b'\6')])]
    for cmd, attrs, flags in (('VIP_GET', [], DUMP), ('VIP_GET', vip(WEB), 0),
                              ('SERVER_GET', servers(WEB, S1), 0),
                              ('SERVER_GET', [], DUMP), ('DEV_GET', [], DUMP),
                              ('FLOW_GET', [], DUMP), ('STATS_GET', [], 0),
                              ('EXPLAIN', packet, 0)):
        answer = genl.ask(cmd, attrs, ACK | flags)
        report('anybody may %s%s' % (cmd, ' dump' if flags else ''),
               answer.error and (answer.text or answer.error))
    for cmd, attrs in CHANGES + (
            ('FLOW_FLUSH', []),
            ('CONFIG_LOAD', load(('VIP_ADD', vip(WEB))) + [('DRY_RUN', b'')])):
        answer = genl.ask(cmd, attrs)
        report('not anybody may %s' % cmd, '' if answer.error == errno.EPERM
               else 'error %d' % answer.error)


def places(vips, objects):
    """[VIP, server...] for each VIP of two dumps, by the numbers in addresses"""
    found = [[message.get('VIP', 'ADDR4')[3]] for message in vips]
    rest = list(objects)
    for place in found:
        while rest and rest[0].get('VIP', 'ADDR4')[3] == place[0]:
            place.append(rest.pop(0).get('SERVER', 'ADDR4')[3])
    return found + [[-1] for _ in rest]


def vip_of(n):
    return [('ADDR4', bytes([10, 1, 0, n])), ('PROTO', b'\0')]


def server_of(m):
    return [('ADDR4', bytes([10, 9, 0, m])), MAC, ETH]


def test_dumps(genl):
    vips, count = 200, 20
    for n in range(1, vips + 1):
        genl.ask('VIP_ADD', vip(vip_of(n), RR))
        genl.ask('SERVER_ADD', servers(vip_of(n), *[
            server_of(m) for m in range(1, count + 1)]))
    want = [[n] + list(range(1, count + 1)) for n in range(1, vips + 1)]
    first, second = genl.dump('VIP_GET'), genl.dump('SERVER_GET')
    report('a large dump is complete and in order',
           '' if places(first.objects, second.objects) == want else 'it is not')
    report('it takes many messages', '' if second.parts > 20 else second.parts)
    report('it is not called interrupted',
           (first.interrupted or second.interrupted) and 'it is')
    report('each message has the same generation, in both',
           '' if len(first.generations | second.generations) == 1 and
           None not in first.generations else first.generations)
    answer = genl.dump('SERVER_GET', vip(vip_of(7)))
    report('the servers of one VIP', '' if [
        message.get('SERVER', 'ADDR4')[3] for message in answer.objects
        ] == want[6][1:] else 'wrong')

    # The kernel prepares a part or two, then waits for them to be read
    for what, cmd, attrs in (
            ('a new weight', 'SERVER_SET', servers(vip_of(1), server_of(1)[:1] + [
                ('WEIGHT', u32(5))])),
            ('a deletion before', 'VIP_DEL', vip(vip_of(1))),
            ('a deletion of a server', 'SERVER_DEL', servers(
                vip_of(100), server_of(10)[:1])),
            ('a dev less', 'DEV_DEL', [('DEV', [ETH])])):
        listed = genl.dump('VIP_GET')
        genl.send('SERVER_GET', flags=ACK | DUMP)
        answer = Answer()
        answer.take(genl.sock.recv(1 << 20))
        changed = Genl().ask(cmd, attrs)
        while not answer.take(genl.sock.recv(1 << 20)):
            pass
        report('a dump tells of its interruption by ' + what,
               changed.text or ('' if answer.interrupted else 'it does not'))
        now = genl.dump('VIP_GET').generations
        report('and two dumps with %s between have two generations' % what,
               '' if len(now | listed.generations) == 2 else now)
        if [place for place in places(listed.objects, answer.objects)
                if 1 < place[0] < 100] != want[1:99]:
            report('what stays is in it all the same', what)
    genl.ask('FLUSH')
    report('after a flush there is none', '' if not genl.dump(
        'VIP_GET').objects else 'there is')


class Changes:
    """Does something and sees what events that makes"""

    def __init__(self, genl):
        self.genl = genl
        self.listener = Genl()
        self.listener.listen()

    def made(self, cmd, attrs, wanted, what=None, flags=ACK):
        """Returns the events, or none if they are not the wanted ones"""
        before = generation(self.genl)
        answer = self.genl.ask(cmd, attrs, flags)
        seq = self.genl.seq
        events = self.listener.events()
        now = generation(self.genl)
        wrong = ''
        if answer.error:
            wrong = answer.text or answer.error
        elif [event.cmd for event in events] != [CMD[name] for name in wanted]:
            wrong = 'events %s' % [event.cmd for event in events]
        else:
            wrong = self.told(events, seq, now)
        report(what or '%s makes %s' % (cmd, ' '.join(wanted) or 'no event'),
               wrong)
        if wanted:
            report('and another generation', before == now and 'the same')
        return [] if wrong else events

    def told(self, events, seq, now):
        """What is wrong with who the events say made them, if anything"""
        with open('/proc/self/comm', 'rb') as comm:
            cause = {'PORTID': u32(self.genl.portid), 'PID': u32(os.getpid()),
                     'UID': u32(0), 'COMM': comm.read().strip() + b'\0'}
        for event in events:
            if event.get('CAUSE') != cause:
                return 'cause %s instead of %s' % (event.get('CAUSE'), cause)
            if event.get('GENERATION') != now:
                return 'generation %s instead of %s' % (
                    event.get('GENERATION'), now)
            if (event.seq, event.portid) != (seq, self.genl.portid):
                return 'number %d from %d' % (event.seq, event.portid)
        return ''


def test_events(genl):
    changes = Changes(genl)
    pinned = S1 + [MAC, ETH]
    weight = ('WEIGHT', u32(9))
    for cmd, attrs, event, path, value in (
            ('VIP_ADD', vip(WEB), 'VIP_ADD_NTF', ('VIP', 'SCHED'), b'mh\0'),
            ('VIP_SET', vip(WEB, ('SCHED', b'wrr\0')), 'VIP_SET_NTF',
             ('VIP', 'SCHED'), b'wrr\0'),
            ('SERVER_ADD', servers(WEB, pinned), 'SERVER_ADD_NTF',
             ('SERVER', 'MAC'), MAC[1]),
            ('SERVER_SET', servers(WEB, S1 + [weight]), 'SERVER_SET_NTF',
             ('SERVER', 'WEIGHT'), weight[1]),
            ('SERVER_SET', servers(WEB, S1 + [NO_WEIGHT]), 'SERVER_SET_NTF',
             ('SERVER', 'STATE'), b'\1'),
            ('DEV_ADD', [('DEV', [ETH])], 'DEV_ADD_NTF', ('DEV', 'IFNAME'),
             ETH[1]),
            ('DEV_DEL', [('DEV', [ETH])], 'DEV_DEL_NTF', ('DEV', 'IFNAME'),
             ETH[1]),
            ('SERVER_DEL', servers(WEB, S1), 'SERVER_DEL_NTF',
             ('SERVER', 'ADDR4'), S1[0][1]),
            ('SERVER_ADD', servers(WEB, pinned), 'SERVER_ADD_NTF',
             ('VIP', 'PORT'), WEB[2][1]),
            ('VIP_DEL', vip(WEB), 'VIP_DEL_NTF', ('VIP', 'PORT'), WEB[2][1]),
            ('VIP_ADD', vip(SIX), 'VIP_ADD_NTF', ('VIP', 'ADDR6'), SIX[0][1]),
            ('LIMIT_SET', [('LIMIT', [('FLOWS', u64(4711))])], 'LIMIT_SET_NTF',
             ('LIMIT', 'FLOWS'), u64(4711)),
            ('FLOW_FLUSH', [], None, None, None),
            ('FLUSH', [], 'FLUSH_NTF', None, None)):
        events = changes.made(cmd, attrs, [event] if event else [])
        if path and events and events[0].get(*path) != value:
            report('with %s' % ' '.join(path), events[0])
    test_load_events(genl, changes)
    genl.ask('CONFIG_LOAD')


def test_load_events(genl, changes):
    wanted = load(('LIMIT_SET', [('LIMIT', [('FLOWS', u64(99))])]),
                  ('VIP_ADD', vip(WEB)),
                  ('SERVER_ADD', servers(WEB, S1 + [MAC, ETH], S2 + [MAC, ETH])),
                  ('DEV_ADD', [('DEV', [ETH])]))
    events = changes.made('CONFIG_LOAD', wanted, [
        'LIMIT_SET_NTF', 'VIP_ADD_NTF', 'SERVER_ADD_NTF', 'SERVER_ADD_NTF',
        'DEV_ADD_NTF', 'CONFIG_LOAD_NTF'])
    report('the last of them has no object', '' if events and set(
        events[-1].attrs) == {'GENERATION', 'CAUSE'} else events)
    before = state(genl)
    events = changes.made('CONFIG_LOAD', [('GENERATION', generation(
        genl))] + wanted, ['CONFIG_LOAD_NTF'],
                          'a load of what is there makes CONFIG_LOAD_NTF only')
    report('and nothing is another', [
        [message.attrs[kind] for message in objects for kind in message.attrs
         if kind != 'GENERATION'] for objects in before] != [
             [message.attrs[kind] for message in objects
              for kind in message.attrs if kind != 'GENERATION']
             for objects in state(genl)] and 'it is')
    before = state(genl)
    for what, attrs in (('something else', load(('VIP_ADD', vip(SIX)))),
                        ('nothing', []), ('the same', wanted)):
        answer = genl.ask('CONFIG_LOAD', attrs + [('DRY_RUN', b'')])
        events = changes.listener.events()
        report('a dry run of %s is accepted, and tells nobody' % what,
               answer.text or answer.error or events)
    report('and changes nothing', before != state(genl) and 'something')
    answer = genl.ask('CONFIG_LOAD', [('DRY_RUN', b''), (
        'GENERATION', generation(genl))])
    report('a dry run may expect the generation that is', answer.error)
    changes.made('CONFIG_LOAD', [], [
        'LIMIT_SET_NTF', 'VIP_DEL_NTF', 'DEV_DEL_NTF', 'CONFIG_LOAD_NTF']
                 if limit_goes(genl) else [
                     'VIP_DEL_NTF', 'DEV_DEL_NTF', 'CONFIG_LOAD_NTF'],
                 'an empty load empties the configuration')


def limit_goes(genl):
    """Whether a load that names no limit lets it be by the host's memory"""
    genl.ask('CONFIG_LOAD', [('DRY_RUN', b'')])
    return genl.ask('STATS_GET').objects[0].get('LIMIT', 'FLOWS_AUTO') is None


def test_own(genl):
    """What happens by itself has no cause"""
    genl.ask('VIP_ADD', vip(WEB))
    genl.ask('SERVER_ADD', servers(WEB, S1 + [MAC, ETH]))
    listener = Genl()
    listener.listen()
    for way in ('down', 'up'):
        before = generation(genl)
        subprocess.run(['ip', 'link', 'set', 'far', way], check=True)
        event = listener.event('SERVER_STATE_NTF')
        report('a state that changes by itself, to %s, has no cause' % way,
               'CAUSE' in event.attrs and event)
        report('nor a number', (event.seq or event.portid) and 'it has')
        report('but the generation, as it is shown', '' if event.get(
            'GENERATION') == before else event)
        report('which is the same', '' if generation(genl) == before else
               'it is not')
    genl.ask('FLUSH')


def test_generations(genl):
    """In every answer, another with each change, and as expected"""
    configure(genl)
    now = number(generation(genl))
    for cmd, attrs, flags in (('VIP_GET', vip(WEB), ACK),
                              ('SERVER_GET', servers(WEB, S1), ACK),
                              ('STATS_GET', [], ACK),
                              ('VIP_GET', [], ACK | DUMP),
                              ('SERVER_GET', [], ACK | DUMP),
                              ('DEV_GET', [], ACK | DUMP)):
        answer = genl.ask(cmd, attrs, flags)
        report('the generation is in the answer to %s%s' % (
            cmd, ' dump' if flags & DUMP else ''),
               '' if answer.generations == {now} else answer.objects)
    seen = {now}
    for cmd, attrs in CHANGES:
        before = generation(genl)
        answer = genl.ask(cmd, [('GENERATION', before)] + attrs)
        now = number(generation(genl))
        wrong = answer.text or answer.error
        if not wrong and now in seen:
            wrong = '%d again' % now
        seen.add(now)
        report('%s of the generation that is, and then it is another' % cmd,
               wrong)
    genl.ask('CONFIG_LOAD')


def test_servers(genl):
    """Several in one request"""
    genl.ask('VIP_ADD', vip(WEB))
    changes = Changes(genl)
    many = [server_of(m) for m in (14, 11, 13, 12)]
    events = changes.made('SERVER_ADD', servers(WEB, *many),
                          ['SERVER_ADD_NTF'] * 4, 'four servers in one request')
    report('each has its event, in order', '' if [
        event.get('SERVER', 'ADDR4')[3] for event in events
        ] == [14, 11, 13, 12] else events)

    def there():
        return [(message.get('SERVER', 'ADDR4')[3],
                 number(message.get('SERVER', 'WEIGHT')))
                for message in genl.dump('SERVER_GET').objects]
    report('and is there', '' if there() == [
        (14, 1), (11, 1), (13, 1), (12, 1)] else there())
    changes.made('SERVER_SET', servers(WEB, many[1][:1] + [('WEIGHT', u32(5))],
                                       many[3][:1] + [('WEIGHT', u32(6))]),
                 ['SERVER_SET_NTF'] * 2, 'two are set')
    report('each to its own', '' if there() == [
        (14, 1), (11, 5), (13, 1), (12, 6)] else there())
    changes.made('SERVER_DEL', servers(WEB, many[1][:1], many[0][:1]),
                 ['SERVER_DEL_NTF'] * 2, 'two are deleted')
    report('and the others are there', '' if there() == [(13, 1), (12, 6)]
           else there())
    genl.ask('SERVER_SET', servers(WEB, many[2][:1] + [('DRAIN', b'\1')]))
    genl.ask('SERVER_SET', servers(WEB, many[2][:1] + [('WEIGHT', u32(2))]))
    report('a weight ends a drain', '' if genl.dump('SERVER_GET').objects[0].get(
        'SERVER', 'DRAIN') == b'\0' else 'it does not')
    genl.ask('FLUSH')


def test_drains(genl):
    """Through a load"""
    genl.ask('VIP_ADD', vip(WEB))
    genl.ask('SERVER_ADD', servers(WEB, S1 + [('DRAIN', b'\1')], S2))
    for what, options, wanted in (
            ('nothing is as it was', [], [1, 0]),
            ('WEIGHT alone is as it was', [('WEIGHT', u32(3))], [1, 0]),
            ('DRAIN 0 ends it', [('DRAIN', b'\0')], [0, 0]),
            ('DRAIN 1 begins it', [('DRAIN', b'\1')], [1, 1])):
        answer = genl.ask('CONFIG_LOAD', load(('VIP_ADD', vip(WEB)), (
            'SERVER_ADD', servers(WEB, S1 + options, S2 + options))))
        drains = [number(message.get('SERVER', 'DRAIN'))
                  for message in genl.dump('SERVER_GET').objects]
        report('load: a drain of which is said: ' + what,
               answer.text or drains != wanted and drains)
    genl.ask('FLUSH')


def test_options(genl):
    """All of a VIP's, there and back"""
    options = {'SCHED': b'wrr\0', 'ARP': u8(1), 'PERSISTENCE': u32(2592000),
               'PERSISTENCE_MASK': u8(24), 'ON_DOWN': u8(2),
               'SORRY4': v4('10.9.0.99')}
    for place, which in enumerate('SYN OPEN FIN RST UDP OTHER'.split()):
        options['TIMEOUT_' + which] = u32(1000 + place)
    for cmd, name in (('VIP_ADD', WEB), ('VIP_SET', RANGE)):
        if cmd == 'VIP_SET':
            genl.ask('VIP_ADD', vip(name))
        answer = genl.ask(cmd, vip(name, *options.items()))
        shown = genl.ask('VIP_GET', vip(name)).objects[0].get('VIP')
        report('every option of %s is shown as it was set' % cmd,
               answer.text or ' '.join(
                   kind for kind, value in options.items()
                   if shown.get(kind) != value))
    for which in 'SYN OPEN FIN RST UDP OTHER'.split():
        kind = 'TIMEOUT_' + which
        for seconds in (1, 2592000):
            genl.ask('VIP_SET', vip(WEB, (kind, u32(seconds))))
            shown = genl.ask('VIP_GET', vip(WEB)).objects[0].get('VIP')
            options[kind] = u32(seconds)
            report('%s %d, and no other with it' % (kind, seconds), ' '.join(
                other for other, value in options.items()
                if shown.get(other) != value))
    genl.ask('FLUSH')


def test_echo(genl):
    """Who asks for it is told of the events of his own command, before the ACK"""
    listener, sender = Genl(), Genl()
    listener.listen()
    two = servers(WEB, S1 + [MAC, ETH], S2 + [MAC, ETH])
    for subscribed in (False, True):
        if subscribed:
            sender.listen()
        who = ', who listens as well' if subscribed else ''
        for cmd, attrs, wanted in (
                ('VIP_ADD', vip(WEB), ['VIP_ADD_NTF']),
                ('SERVER_ADD', two, ['SERVER_ADD_NTF'] * 2),
                ('VIP_SET', vip(WEB, RR), ['VIP_SET_NTF']),
                ('DEV_ADD', [('DEV', [ETH])], ['DEV_ADD_NTF']),
                ('DEV_DEL', [('DEV', [ETH])], ['DEV_DEL_NTF']),
                ('SERVER_SET', servers(WEB, S1 + [('WEIGHT', u32(4))]),
                 ['SERVER_SET_NTF']),
                ('SERVER_DEL', servers(WEB, S1), ['SERVER_DEL_NTF']),
                ('LIMIT_SET', [('LIMIT', [('FLOWS', u64(500))])],
                 ['LIMIT_SET_NTF']),
                ('VIP_DEL', vip(WEB), ['VIP_DEL_NTF']),
                ('FLUSH', [], ['FLUSH_NTF']),
                ('CONFIG_LOAD', load(('VIP_ADD', vip(SIX))),
                 ['LIMIT_SET_NTF', 'VIP_ADD_NTF', 'CONFIG_LOAD_NTF']),
                ('CONFIG_LOAD', [], ['VIP_DEL_NTF', 'CONFIG_LOAD_NTF'])):
            answer = sender.ask(cmd, attrs, ACK | ECHO)
            wanted = [CMD[name] for name in wanted]
            got = [event.cmd for event in answer.objects
                   if event.cmd != CMD['SERVER_DRAINED_NTF']]
            report('%s tells its sender%s, once' % (cmd, who),
                   answer.text or got != wanted and
                   '%s instead of %s' % (got, wanted))
            report('of his own command', ' '.join(
                '%d/%d' % (event.seq, event.portid) for event in answer.objects
                if (event.seq, event.portid) != (sender.seq, sender.portid)))
            report('and nothing comes after the ACK', sender.events())
            others = [event.cmd for event in listener.events()]
            report('others are told, too', others != wanted and others)
    answer = sender.ask('VIP_DEL', vip(WEB), ACK | ECHO)
    report('what is refused has no echo', '' if answer.error == ABSENT and
           not answer.objects else answer.objects)
    quiet = Genl()
    quiet.ask('VIP_ADD', vip(WEB))
    report('who does not ask for it is not told', quiet.events())
    genl.ask('VIP_DEL', vip(WEB), ACK | ECHO)
    report('nor is he of what others do', quiet.events())


def main():
    genl = Genl()
    report('the family has version 2', '' if genl.version == 2 else
           genl.version)
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
    test_own(genl)
    test_generations(genl)
    test_servers(genl)
    test_drains(genl)
    test_options(genl)
    test_echo(genl)
    report('that was all')


main()
