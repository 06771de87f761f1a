# SPDX-License-Identifier: GPL-2.0-only
"""
Makes messages: good ones of every command, of few names so that they meet, and then
spoils most of them.
"""
from genl import CMD, NESTED, SETS, encode, space_in, u8, u16, u32, u64, v4, v6
from model import (CHANGES, DUMPS, NUMBERS, ONLY_DUMPS, TAKES, is_mapped,
                   mapped, name_of)
from spec import RULES

FOUR, SIX = [v4('10.0.0.100'), v4('10.0.0.101')], [v6('2001:db8::100')]
PORTS = [(0, 0), (80, 80), (443, 443), (100, 200), (150, 250), (80, 90)]
SERVERS4 = [v4('10.9.0.%d' % host) for host in range(11, 19)] + FOUR[:1]
SERVERS6 = [v6('2001:db8:9::%x' % host) for host in range(11, 19)] + SIX + [
    v6('fe80::11')]
CLIENTS = [v4('198.51.100.1'), v4('198.51.100.2')]
NAMES = [b'eth0\0', b'far\0', b'lo\0', b'ghost0\0', b'a\nb\0', b'\0']
# what empties the configuration is rare, what fills it is not
OFTEN = {'VIP_ADD': 6, 'SERVER_ADD': 6, 'CONFIG_LOAD': 4, 'VIP_DEL': 1, 'FLUSH': .2}
SCHEDULERS = [b'mh\0', b'rr\0', b'wrr\0', b'lc\0', b'sh\0', b'fo\0']


class Draft:
    """random: where chance comes from; there(): the model of what there is;
    generation(): tells the number now"""

    def __init__(self, random, there, generation):
        self.random, self.there, self.generation = random, there, generation

    def some(self, of, *makers):
        """Some of these attributes"""
        return [(name, make()) for name, make in makers
                if self.random.random() < of]

    # --- objects ---

    def name(self, new=False):
        """Mostly that of a VIP that is there, unless it is to be new"""
        choice, there = self.random.choice, list(self.there().vips)
        if there and self.random.random() > (.9 if new else .2):
            addr, proto, first, last = choice(there)
        else:
            addr = mapped(choice(FOUR + SIX))
            proto = choice([0, 6, 6, 17])
            first, last = choice(PORTS) if proto else (0, 0)
        return [self.addr(addr), ('PROTO', u8(proto))] + (
            [('PORT', u16(first))] if first else []) + (
                [('PORT_LAST', u16(last))] if last != first else [])

    def addr(self, addr):
        return ('ADDR4', addr[12:]) if is_mapped(addr) else ('ADDR6', addr)

    def value(self, space, name):
        """One that mostly fits"""
        rule = RULES[space][name]
        values = rule.edges()
        good = [value for value in values if rule.fits(value)]
        return self.random.choice(good or values)

    def options(self, six):
        picked = self.random.sample(NUMBERS, self.random.randrange(3))
        options = [(name, self.value('vip', name)) for name in picked]
        options += self.some(.3, ('SCHED', lambda: self.random.choice(
            SCHEDULERS)))
        return options + self.some(.2, (
            'SORRY6' if six else 'SORRY4',
            lambda: self.random.choice((SERVERS6 if six else SERVERS4) + [
                bytes(16 if six else 4)])))

    def addresses(self, name, new):
        """Of servers of a VIP: those that are there, unless they are to be new;
        but never quite so"""
        servers = set(map(mapped, SERVERS6 if name[0][0] == 'ADDR6' else SERVERS4))
        vip = self.there().vips.get(name_of(dict(name)))
        there = set(vip.servers) if vip else set()
        pool = sorted(servers - there if new else there or servers)
        if not pool or self.random.random() < .1:
            pool = sorted(servers)
        return self.random.sample(pool, min(
            len(pool), self.random.choice([1, 1, 2, 3])))

    def server(self, cmd, addr):
        nest = [self.addr(addr)]
        if cmd not in ('SERVER_ADD', 'SERVER_SET'):
            return nest
        return nest + self.some(
            .5, ('WEIGHT', lambda: self.value('server', 'WEIGHT')),
            ('MAC', lambda: self.random.choice(
                [bytes(6), b'\2\0\0\0\0\x11'])),
            ('IFNAME', lambda: self.random.choice(NAMES[:1] * 4 + NAMES))
        ) + self.some(.3, ('DRAIN', lambda: self.value('server', 'DRAIN')),
                      ('MAX_FLOWS', lambda: self.value('server', 'MAX_FLOWS')))

    def dev(self):
        return [('IFNAME', self.random.choice(NAMES[:2] * 3 + NAMES))]

    def limit(self):
        return [('FLOWS', u64(self.random.choice([0, 1, 1000, 1 << 30])))]

    def filter(self):
        return self.some(.3, ('CLIENT4', lambda: self.random.choice(CLIENTS)),
                         ('SERVER4', lambda: self.random.choice(SERVERS4)),
                         ('CLIENT_PREFIX', lambda: self.value(
                             'flow', 'CLIENT_PREFIX')))

    def packet(self):
        return [('CLIENT4', self.random.choice(CLIENTS)),
                ('DST4', self.random.choice(FOUR)),
                ('PROTO', u8(self.random.choice([6, 17, 132])))] + self.some(
                    .5, ('DST_PORT', lambda: u16(80)),
                    ('CLIENT_PORT', lambda: u16(1024)),
                    ('STATE', lambda: u8(self.random.randrange(2))))

    # --- messages ---

    def objects(self, cmd, name, loads=False):
        """What a command takes, of a VIP of that name"""
        new = cmd == 'SERVER_ADD' and not loads
        six = name[0][0] == 'ADDR6'
        if cmd in ('VIP_ADD', 'VIP_SET'):
            return [('VIP', name + self.options(six))]
        if cmd in ('SERVER_ADD', 'SERVER_SET', 'SERVER_DEL', 'SERVER_GET'):
            addrs = self.addresses(name, new)
            return [('VIP', name)] + [
                ('SERVER', self.server(cmd, addr))
                for addr in (addrs[:1] if cmd == 'SERVER_GET' else addrs)]
        makers = {'DEV': self.dev, 'LIMIT': self.limit, 'VIP': lambda: name,
                  'FLOW': self.packet if cmd == 'EXPLAIN' else self.filter}
        return [(kind, makers[kind]()) for kind in TAKES[cmd] if kind in makers]

    def items(self):
        """Of a load: some VIPs with their servers, and the rest"""
        items = []
        names = [self.name() for _ in range(self.random.randrange(7))]
        if self.random.random() < .9:
            names = [name for place, name in enumerate(names)
                     if name not in names[:place]]
        for name in names:
            items.append(('VIP_ADD', self.objects('VIP_ADD', name)))
            items += [(cmd, self.objects(cmd, name, True))
                      for cmd in self.random.choice([
                          [], ['SERVER_ADD'], ['SERVER_ADD', 'SERVER_SET']])]
        items += [(cmd, self.objects(cmd, self.name())) for cmd in (
            'DEV_ADD', 'LIMIT_SET') if self.random.random() < .4]
        return [('ITEM', [('CMD', u8(CMD[cmd]))] + nests)
                for cmd, nests in items]

    def good(self):
        """(NAME of the command, attributes, whether it is a dump)"""
        cmd = self.random.choices(list(TAKES), [
            OFTEN.get(cmd, 2) for cmd in TAKES])[0]
        dump = cmd in DUMPS and (cmd in ONLY_DUMPS or
                                 self.random.random() < .5)
        if cmd == 'CONFIG_LOAD':
            attrs = self.items() + self.some(.3, ('DRY_RUN', lambda: b''))
        elif dump and (cmd == 'DEV_GET' or self.random.random() < .5):
            attrs = []
        else:
            attrs = self.objects(cmd, self.name(cmd == 'VIP_ADD'))
            if dump and cmd == 'SERVER_GET':
                attrs = attrs[:1]
        if cmd in CHANGES and self.random.random() < .1:
            attrs.append(('GENERATION', u32(
                self.generation() + self.random.choice([0, 0, 1]) & 0xffffffff)))
        return cmd, attrs, dump

    # --- spoiling ---

    def nests(self, attrs, space='dsr'):
        """Every list of attributes, with its set"""
        yield attrs, space
        for name, value in attrs:
            if isinstance(value, list):
                yield from self.nests(value, space_in(space, name)
                                      if isinstance(name, str) else None)

    def foreign(self, space):
        """Any attribute: of this set, of another one, or of none"""
        name = self.random.choice(sorted(RULES.get(space, {'PAD': 0})))
        if self.random.random() < .5 and space in RULES:
            rule = RULES[space][name]
            return name, [] if rule.kind == 'nest' else self.random.choice(
                rule.edges())
        return self.random.choice([0, 1, 2, 7, 30, 200, 0x3fff]), bytes(
            self.random.randrange(9))

    def spoil_value(self, nest, at, space):
        name, value = nest[at]
        rule = RULES.get(space, {}).get(name)
        code = SETS.get(space, {}).get(name, name)
        if isinstance(value, list):
            data = encode(value, space_in(space, name)
                          if isinstance(name, str) else None)
            return self.random.choice([
                (name, []), (code, data), (name, data[:-1]), (name, value * 2),
                (code | NESTED, data[:-1]), (code | NESTED, data + b'\1'),
                (code | NESTED, data[:2]), (name, [(code | NESTED, data)])])
        return self.random.choice([
            (name, self.random.choice(rule.edges() if rule else [b''])),
            (name, self.random.choice(rule.edges() if rule else [b''])),
            (name, value[:-1]), (name, value + b'\0'), (name, b''),
            (name, []), (code | NESTED, value), (code | 0x4000, value)])

    def spoil(self, attrs):
        """Changes one thing, wherever it is"""
        nest, space = self.random.choice(list(self.nests(attrs)))
        way = self.random.randrange(6)
        at = self.random.randrange(len(nest)) if nest else None
        if way == 0 or at is None:
            nest.insert(self.random.randrange(len(nest) + 1),
                        self.foreign(space))
        elif way == 1:
            del nest[at]
        elif way == 2:
            nest.insert(self.random.randrange(len(nest) + 1), nest[at])
        elif way == 3:
            self.random.shuffle(nest)
        else:
            nest[at] = self.spoil_value(nest, at, space)

    def spoil_bytes(self, data):
        """A bit, a length, the end"""
        data = bytearray(data)
        if not data:
            return b'\1\2\3'
        at = self.random.randrange(len(data))
        way = self.random.randrange(4)
        if way == 0:
            data[at] ^= 1 << self.random.randrange(8)
        elif way == 1:
            del data[at:]
        elif way == 2:
            data[at & ~3] = self.random.choice([0, 1, 3, 4, 5, 8, 12, 255])
        else:
            data += bytes(self.random.randrange(1, 9))
        return bytes(data)

    def message(self):
        """(number of the command, bytes, whether it is a dump)"""
        cmd, attrs, dump = self.good()
        chance = self.random.random()
        code = CMD[cmd]
        if chance < .05:
            code = self.random.choice([0, 19, 127, 128, 255] + [
                CMD[other] for other in TAKES])
        elif chance < .07:
            dump = not dump
        elif chance < .45:
            for _ in range(self.random.choice([1, 1, 2, 3])):
                self.spoil(attrs)
        data = encode(attrs)
        return code, self.spoil_bytes(data) if chance > .93 else data, dump
