# SPDX-License-Identifier: GPL-2.0-only
"""
What docs/dsr.yaml says of each attribute's values: which fit, and which are at the
edges of that.
"""
import os
import re
import sys

sys.path.append('/usr/lib/python3/dist-packages')
# pylint: disable=wrong-import-position
import yaml

SPEC = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    '../../docs/dsr.yaml')
SIZES = {'u8': 1, 'u16': 2, 'u32': 4, 'u64': 8}


def interface_name(name):
    """Whether an interface can have it; an empty one says that there is none"""
    return name not in (b'.', b'..') and not re.search(rb'[/:\s\xa0]', name)


class Rule:
    """What a value has to be"""

    def __init__(self, attr, spec):
        self.kind = attr['type']
        self.nest = attr.get('nested-attributes')
        self.repeated = attr.get('multi-attr', False)
        self.name = attr['name']
        self.order = 'big' if 'byte-order' in attr else sys.byteorder
        checks = {check: spec.constants.get(value, value)
                  for check, value in attr.get('checks', {}).items()}
        self.size = SIZES.get(self.kind, checks.get('exact-len'))
        self.longest = checks.get('max-len')
        self.low = checks.get('min', 0)
        self.high = checks.get('max', 256 ** (self.size or 0) - 1)
        if 'enum' in attr and attr['enum'] != 'cmd':
            self.low, self.high = spec.enums[attr['enum']]

    def fits(self, value):
        if self.kind == 'string':
            # ends with a 0 at the latest where the longest would
            whole = value[:-1] if value[-1:] == b'\0' else value
            return b'\0' in value[:self.longest + 1] and len(
                whole) <= self.longest and (self.name != 'ifname' or
                                            interface_name(text(value)))
        if self.kind in SIZES:
            return len(value) == self.size and (
                self.low <= int.from_bytes(value, self.order) <= self.high)
        return len(value) == (self.size or 0)

    def pack(self, value):
        return value.to_bytes(self.size, self.order)

    def edges(self):
        """Values that just fit, or just do not"""
        if self.kind in SIZES:
            most = 256 ** self.size - 1
            return [self.pack(value) for value in sorted(
                {0, 1, self.low - 1, self.low, self.high, self.high + 1,
                 most // 2, most // 2 + 1, most}) if 0 <= value <= most]
        if self.kind == 'string':
            return [b'', b'\0', b'x' * self.longest + b'\0',
                    b'x' * self.longest, b'x' * (self.longest + 1) + b'\0',
                    b'x\0' + b'y' * (self.longest - 2),
                    b'x\0' + b'y' * self.longest, b'\n\0', b'\xff\0']
        if self.kind == 'binary':
            return [bytes(self.size), b'\xff' * self.size,
                    b'\1' + bytes(self.size - 1), bytes(self.size - 1) + b'\1']
        return [b'']


class Spec:
    """The whole of it: rules[set][NAME]"""

    def __init__(self):
        with open(SPEC, encoding='utf-8') as file:
            spec = yaml.safe_load(file)
        self.constants = {thing['name']: thing['value']
                          for thing in spec['definitions']
                          if thing['type'] == 'const'}
        self.enums = {}
        for thing in spec['definitions']:
            if thing['type'] == 'enum':
                first = thing.get('value-start', 0)
                self.enums[thing['name']] = (
                    first, first + len(thing['entries']) - 1)
        self.rules = {attrs['name']: {
            attr['name'].upper().replace('-', '_'): Rule(attr, self)
            for attr in attrs['attributes']} for attrs in spec['attribute-sets']}


def text(value):
    """A string as the kernel reads it"""
    return value.split(b'\0')[0]


RULES = Spec().rules
