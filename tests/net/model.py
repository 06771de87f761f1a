# SPDX-License-Identifier: GPL-2.0-only
"""
What include/uapi/linux/dsr.h says of every message: whether it is refused, and if
not, what the configuration is then. Written after that text and docs/dsr.yaml, not
after the module.
"""
import copy
import ipaddress
import struct

from genl import CMD, NAMES, NESTED, TYPE_MASK, number
from spec import RULES, text


class Refused(Exception):
    """So that message has to be"""


# A nest that is looked into by what is done with it
LATER = 'later'


def attrs(names, **nests):
    """What is taken: a nest, a value up to a number, or any that fits"""
    return dict(dict.fromkeys(names.split()), **nests)


NAME = attrs('ADDR4 ADDR6 PROTO PORT PORT_LAST')
TIMEOUTS = ['TIMEOUT_' + which for which in 'SYN OPEN FIN RST UDP OTHER'.split()]
NUMBERS = ['ARP', 'PERSISTENCE', 'PERSISTENCE_MASK', 'ON_DOWN'] + TIMEOUTS
VIP = dict(NAME, **attrs('SCHED SORRY4 SORRY6 ' + ' '.join(NUMBERS)))
ADDR = attrs('ADDR4 ADDR6')
SERVER = dict(ADDR, **attrs('WEIGHT MAX_FLOWS DRAIN MAC IFNAME'))
DEV, LIMIT = attrs('IFNAME'), attrs('FLOWS')
FILTER = attrs('SERVER4 SERVER6 CLIENT4 CLIENT6 CLIENT_PREFIX')
# a packet is of no other state than syn or open
PACKET = attrs('CLIENT4 CLIENT6 CLIENT_PORT DST4 DST6 DST_PORT PROTO', STATE=1)
ITEM = attrs('CMD', VIP=LATER, SERVER=LATER, DEV=LATER, LIMIT=LATER)

# What each command takes
TAKES = {
    'VIP_ADD': attrs('GENERATION', VIP=VIP),
    'VIP_SET': attrs('GENERATION', VIP=VIP),
    'VIP_DEL': attrs('GENERATION', VIP=NAME),
    'VIP_GET': attrs('', VIP=NAME),
    'SERVER_ADD': attrs('GENERATION', VIP=NAME, SERVER=LATER),
    'SERVER_SET': attrs('GENERATION', VIP=NAME, SERVER=LATER),
    'SERVER_DEL': attrs('GENERATION', VIP=NAME, SERVER=LATER),
    'SERVER_GET': attrs('', VIP=NAME, SERVER=LATER),
    'DEV_ADD': attrs('GENERATION', DEV=DEV),
    'DEV_DEL': attrs('GENERATION', DEV=DEV),
    'DEV_GET': {},
    'FLOW_GET': attrs('', VIP=NAME, FLOW=FILTER),
    'FLOW_FLUSH': attrs('', VIP=NAME, FLOW=FILTER),
    'STATS_GET': {},
    'FLUSH': attrs('GENERATION'),
    'LIMIT_SET': attrs('GENERATION', LIMIT=LIMIT),
    'EXPLAIN': attrs('', FLOW=PACKET),
    'CONFIG_LOAD': attrs('GENERATION DRY_RUN', ITEM=LATER),
}
DUMPS = {'VIP_GET', 'SERVER_GET', 'DEV_GET', 'FLOW_GET'}
ONLY_DUMPS = {'DEV_GET', 'FLOW_GET'}
CHANGES = {cmd for cmd, takes in TAKES.items() if 'GENERATION' in takes}
ITEM_TAKES = {'VIP_ADD': {'VIP'}, 'SERVER_ADD': {'VIP', 'SERVER'},
              'SERVER_SET': {'VIP', 'SERVER'}, 'DEV_ADD': {'DEV'},
              'LIMIT_SET': {'LIMIT'}}
SCHEDULERS = {b'mh', b'sh', b'dh', b'rr', b'wrr', b'lc', b'wlc', b'sed', b'nq',
              b'fo', b'ovf'}


def need(condition, why):
    if not condition:
        raise Refused(why)


def parse(data, space, takes):
    """{NAME: value}; a nest is one of these, or as it came if it is for LATER;
    what may be repeated is a list"""
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from('=HH', data)
        if not 4 <= length <= len(data):
            break
        value, data = data[4:length], data[(length + 3) & ~3:]
        name = NAMES[space].get(kind & TYPE_MASK)
        need(name in takes, 'it takes no %s' % (name or kind))
        rule = RULES[space][name]
        need(bool(kind & NESTED) == (rule.kind == 'nest'), name + ' nested?')
        if rule.kind != 'nest':
            need(rule.fits(value) and (takes[name] is None or
                                       value[0] <= takes[name]),
                 '%s %r' % (name, value))
        elif takes[name] is not LATER:
            value = parse(value, rule.nest, takes[name])
        else:
            need(not value or len(value) >= 4, name + ' is cut')
        if rule.repeated:
            found.setdefault(name, []).append(value)
        else:
            found[name] = value
    need(not data, 'bytes left over')
    return found


def address(nest, four='ADDR4', six='ADDR6'):
    """Of a host; IPv4 in mapped form"""
    need((four in nest) != (six in nest), 'one address')
    value = nest.get(four, nest.get(six))
    host = ipaddress.ip_address(value)
    need(not host.is_multicast and not host.is_loopback, 'no host')
    if four in nest:
        need(any(value) and value != b'\xff' * 4, 'no host')
        return mapped(value)
    need(any(value) and not is_mapped(value), 'no host')
    return value


def mapped(value):
    return bytes(10) + b'\xff\xff' + value if len(value) == 4 else value


def is_mapped(value):
    return value[:12] == mapped(bytes(4))[:12]


def name_of(vip):
    addr = address(vip)
    need('PROTO' in vip, 'no protocol')
    proto = vip['PROTO'][0]
    need(proto in (0, 6, 17, 132), 'protocol')
    port = int.from_bytes(vip.get('PORT', b''), 'big')
    last = int.from_bytes(vip['PORT_LAST'], 'big') if 'PORT_LAST' in vip else port
    need(proto or not (port or last), 'any has no port')
    need(last >= port and (port or not last), 'range')
    return addr, proto, port, last


def overlap(one, other):
    return (one != other and one[:2] == other[:2] and one[3] > one[2] and
            other[3] > other[2] and one[2] <= other[3] and other[2] <= one[3])


def new_options(key):
    defaults = dict(zip(TIMEOUTS, (60, 900, 120, 10, 300, 300)))
    return dict(defaults, SCHED=b'mh', ARP=1, PERSISTENCE=0, ON_DOWN=0,
                PERSISTENCE_MASK=32 if is_mapped(key[0]) else 128, SORRY=None)


def new_server(sorry=False):
    return {'WEIGHT': 1, 'MAX_FLOWS': 0, 'DRAIN': 0, 'MAC': bytes(6),
            'IFNAME': b'', 'SORRY': sorry}


def read_sorry(key, nest):
    for which in ('SORRY4', 'SORRY6'):
        if which in nest and not any(nest[which]):
            return None
    addr = server_of(key, nest, 'SORRY4', 'SORRY6')
    need(not is_link_local(addr), 'link-local')
    return addr


def server_of(key, nest, *which):
    addr = address(nest, *which)
    need(is_mapped(addr) == is_mapped(key[0]), 'family')
    need(addr != key[0], 'the address of the VIP')
    return addr


def read_options(key, options, nest):
    """Options as a nest has them, else as they were"""
    options = dict(options, **{name: number(nest[name]) for name in NUMBERS
                               if name in nest})
    if 'SCHED' in nest:
        options['SCHED'] = text(nest['SCHED'])
        need(options['SCHED'] in SCHEDULERS, 'scheduler')
    need(options['PERSISTENCE_MASK'] <= (32 if is_mapped(key[0]) else 128),
         'mask')
    if 'SORRY4' in nest or 'SORRY6' in nest:
        options['SORRY'] = read_sorry(key, nest)
    return options


def is_link_local(addr):
    return addr[0] == 0xfe and addr[1] & 0xc0 == 0x80


def set_server(addr, server, nest, interfaces=None):
    """interfaces: one of which it has to name, if given"""
    for name in ('WEIGHT', 'MAX_FLOWS', 'DRAIN'):
        if name in nest:
            server[name] = number(nest[name])
    if 'WEIGHT' in nest and 'DRAIN' not in nest:
        server['DRAIN'] = 0
    if 'MAC' in nest:
        need(not nest['MAC'][0] & 1, 'multicast')
        server['MAC'] = nest['MAC']
    if 'IFNAME' in nest:
        server['IFNAME'] = text(nest['IFNAME'])
        need(interfaces is None or not server['IFNAME'] or
             server['IFNAME'] in interfaces, 'no such interface')
    need(server['IFNAME'] or not is_link_local(addr), 'link-local')


def check_setting(server, nest):
    share = {'WEIGHT', 'MAX_FLOWS', 'DRAIN'} & set(nest)
    need(share or {'MAC', 'IFNAME'} & set(nest), 'nothing to set')
    need(not (share and server['SORRY']), 'sorry')


class Vip:
    """One, with its servers by their addresses"""

    def __init__(self, key, options):
        self.key, self.options, self.servers = key, options, {}
        if options['SORRY']:
            self.servers[options['SORRY']] = new_server(True)

    def set(self, options):
        old, new = self.options['SORRY'], options['SORRY']
        self.options = options
        if old == new:
            return
        need(new not in self.servers, 'there is such a server')
        self.servers.pop(old, None)
        if new:
            self.servers[new] = new_server(True)


class Model:
    """A configuration. interfaces: {name: whether it is Ethernet}"""

    def __init__(self, interfaces):
        self.interfaces = interfaces
        self.vips, self.devs, self.limit = {}, [], 0

    def after(self, cmd, data, dump, generation):
        """The configuration after a message; raises Refused. generation() is
        called if the message names one"""
        name = next((name for name in TAKES if CMD[name] == cmd), None)
        need(name in (DUMPS if dump else set(TAKES) - ONLY_DUMPS), 'command')
        message = parse(data, 'dsr', TAKES[name])
        if 'GENERATION' in message:
            need(number(message['GENERATION']) == generation(), 'generation')
        if name == 'CONFIG_LOAD':
            return self.loaded(message)
        model = self
        if name in CHANGES:
            model = copy.copy(self)
            model.vips = copy.deepcopy(self.vips)
            model.devs = list(self.devs)
        getattr(model, name.lower())(message, *[dump] if name in DUMPS else ())
        return model

    def vip(self, message):
        key = name_of(message.get('VIP', {}))
        need(key in self.vips, 'no such VIP')
        return self.vips[key]

    # --- VIPs ---

    def vip_add(self, message):
        nest = message.get('VIP', {})
        key = name_of(nest)
        need(key not in self.vips and not any(
            overlap(key, other) for other in self.vips), 'exists')
        self.vips[key] = Vip(key, read_options(key, new_options(key), nest))

    def vip_set(self, message):
        vip = self.vip(message)
        need(set(message['VIP']) - set(NAME), 'nothing to set')
        vip.set(read_options(vip.key, vip.options, message['VIP']))

    def vip_del(self, message):
        del self.vips[self.vip(message).key]

    def vip_get(self, message, dump):
        if not dump or 'VIP' in message:
            self.vip(message)

    def flush(self, _):
        self.vips = {}

    # --- servers ---

    def servers(self, message, takes):
        """(VIP, {address: nest})"""
        vip = self.vip(message)
        nests = [parse(nest, 'server', takes)
                 for nest in message.get('SERVER', [])]
        need(nests, 'no server')
        named = {address(nest): nest for nest in nests}
        need(len(named) == len(nests), 'twice')
        return vip, named

    def server_add(self, message):
        vip, named = self.servers(message, SERVER)
        for addr, nest in named.items():
            server_of(vip.key, nest)
            need(addr not in vip.servers, 'exists')
            vip.servers[addr] = new_server()
            set_server(addr, vip.servers[addr], nest, self.interfaces)

    def server_set(self, message):
        vip, named = self.servers(message, SERVER)
        for addr, nest in named.items():
            need(addr in vip.servers, 'no such server')
            check_setting(vip.servers[addr], nest)
            set_server(addr, vip.servers[addr], nest, self.interfaces)

    def server_del(self, message):
        vip, named = self.servers(message, ADDR)
        for addr in named:
            need(addr in vip.servers and not vip.servers[addr]['SORRY'],
                 'no such server, or sorry')
            del vip.servers[addr]

    def server_get(self, message, dump):
        if dump:
            need('SERVER' not in message, 'one server')
            self.vip_get(message, dump)
            return
        vip = self.vip(message)
        nests = [parse(nest, 'server', ADDR)
                 for nest in message.get('SERVER', [])]
        need(nests and address(nests[-1]) in vip.servers, 'no such server')

    # --- the rest ---

    def dev_add(self, message):
        name = text(message.get('DEV', {}).get('IFNAME', b''))
        need(name not in self.devs and self.interfaces.get(name), 'dev')
        self.devs.append(name)

    def dev_del(self, message):
        name = text(message.get('DEV', {}).get('IFNAME', b''))
        need(name in self.devs, 'no such dev')
        self.devs.remove(name)

    def dev_get(self, *_):
        pass

    def stats_get(self, _):
        pass

    def limit_set(self, message):
        need('FLOWS' in message.get('LIMIT', {}), 'no limit')
        self.limit = number(message['LIMIT']['FLOWS'])

    def flow_flush(self, message):
        nest = message.get('FLOW', {})
        clients = {'CLIENT4', 'CLIENT6'} & set(nest)
        need(len(clients) < 2, 'one client')
        if 'CLIENT_PREFIX' in nest:
            need(clients and nest['CLIENT_PREFIX'][0] <= (
                32 if 'CLIENT4' in nest else 128), 'prefix')
        if 'SERVER4' in nest or 'SERVER6' in nest:
            address(nest, 'SERVER4', 'SERVER6')
        if 'VIP' in message:
            self.vip(message)

    def flow_get(self, message, _):
        self.flow_flush(message)

    def explain(self, message):
        nest = message.get('FLOW', {})
        dst = address(nest, 'DST4', 'DST6')
        need(('CLIENT4' in nest) != ('CLIENT6' in nest), 'one client')
        client = mapped(nest.get('CLIENT4', nest.get('CLIENT6')))
        need(('CLIENT4' in nest) == is_mapped(client) == is_mapped(dst),
             'families')
        need('PROTO' in nest, 'no protocol')
        proto = nest['PROTO'][0]
        # ICMP, and what is a header and no protocol
        need(proto not in (1, 58) and (is_mapped(dst) or proto not in (
            0, 43, 44, 51, 60)), 'protocol')
        need(proto in (6, 17, 132) or not {
            'CLIENT_PORT', 'DST_PORT'} & set(nest), 'ports')

    # --- loads ---

    def loaded(self, message):
        new = Model(self.interfaces)
        seen = set()
        for data in message.get('ITEM', []):
            item = parse(data, 'item', ITEM)
            need('CMD' in item, 'no command')
            cmd = next((cmd for cmd in ITEM_TAKES if CMD[cmd] ==
                        item['CMD'][0]), None)
            need(cmd and set(item) - {'CMD'} <= ITEM_TAKES[cmd], 'command')
            for kind, takes in (('VIP', VIP if cmd == 'VIP_ADD' else NAME),
                                ('DEV', DEV), ('LIMIT', LIMIT)):
                if kind in item:
                    item[kind] = parse(item[kind], kind.lower(), takes)
            need(cmd != 'LIMIT_SET' or cmd not in seen, 'limit twice')
            seen.add(cmd)
            getattr(new, 'load_' + cmd.lower())(item, self)
        # what was there keeps its place
        new.vips = {key: new.vips[key] for key in [
            key for key in self.vips if key in new.vips] + list(new.vips)}
        new.devs = [name for name in self.devs if name in new.devs] + [
            name for name in new.devs if name not in self.devs]
        return self if 'DRY_RUN' in message else new

    def load_vip_add(self, item, _):
        self.vip_add(item)

    def load_server_add(self, item, old):
        vip = self.vip(item)
        need('SERVER' in item, 'no server')
        before = old.vips[vip.key].servers if vip.key in old.vips else {}
        for data in item['SERVER']:
            nest = parse(data, 'server', SERVER)
            addr = server_of(vip.key, nest)
            need(addr not in vip.servers, 'exists')
            vip.servers[addr] = server = new_server()
            set_server(addr, server, nest)
            if 'DRAIN' not in nest and addr in before:
                server['DRAIN'] = before[addr]['DRAIN']

    def load_server_set(self, item, _):
        vip = self.vip(item)
        need('SERVER' in item, 'no server')
        for data in item['SERVER']:
            nest = parse(data, 'server', SERVER)
            addr = address(nest)
            need(addr in vip.servers, 'no such server')
            check_setting(vip.servers[addr], nest)
            set_server(addr, vip.servers[addr], nest)

    def load_dev_add(self, item, _):
        name = text(item.get('DEV', {}).get('IFNAME', b''))
        need(name and name not in self.devs and
             self.interfaces.get(name, True), 'dev')
        self.devs.append(name)

    def load_limit_set(self, item, _):
        self.limit_set(item)

    # --- what dumps are to show ---

    def shown(self):
        return ([(vip.key, vip.options) for vip in self.vips.values()],
                [(vip.key, sorted(vip.servers.items()))
                 for vip in self.vips.values() if vip.servers],
                self.devs, self.limit)


def shown(genl):
    """The same of the module"""
    vips, servers = [], {}
    for message in genl.dump('VIP_GET').objects:
        nest = message.attrs['VIP']
        options = {name: number(nest[name]) for name in NUMBERS}
        sorry = nest.get('SORRY4', nest.get('SORRY6'))
        vips.append((name_of(nest), dict(
            options, SCHED=text(nest['SCHED']), SORRY=sorry and mapped(sorry))))
    for message in genl.dump('SERVER_GET').objects:
        nest = message.attrs['SERVER']
        servers.setdefault(name_of(message.attrs['VIP']), []).append((
            address(nest), {
                'WEIGHT': number(nest['WEIGHT']), 'SORRY': 'SORRY' in nest,
                'MAX_FLOWS': number(nest['MAX_FLOWS']),
                'DRAIN': number(nest['DRAIN']), 'MAC': nest.get('MAC', bytes(6)),
                'IFNAME': text(nest.get('IFNAME', b''))}))
    devs = [text(message.get('DEV', 'IFNAME'))
            for message in genl.dump('DEV_GET').objects]
    limit = genl.ask('STATS_GET').objects[0].get('LIMIT')
    return (vips, [(key, sorted(of_vip)) for key, of_vip in servers.items()],
            devs, 0 if 'FLOWS_AUTO' in limit else number(limit['FLOWS']))
