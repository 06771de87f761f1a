# SPDX-License-Identifier: GPL-2.0-only
"""
usage: ynl.py SOURCE DIRECTORY

Holds docs/dsr.yaml against include/uapi/linux/dsr.h, and gives it to the tools in
SOURCE, of Linux. See ynl.t, which turns the lines printed here into TAP. What is
made goes to DIRECTORY.
"""
import os
import re
import shutil
import subprocess
import sys

sys.path.append('/usr/lib/python3/dist-packages')
# pylint: disable=wrong-import-position
import jsonschema
import yaml

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..')
HEADER = os.path.join(TOP, 'include/uapi/linux/dsr.h')
SPEC = os.path.join(TOP, 'docs/dsr.yaml')
SOURCE, DIRECTORY = sys.argv[1:]
YNL = os.path.join(SOURCE, 'tools/net/ynl')


def report(what, wrong=''):
    wrong = ' '.join(str(wrong or '').split())[:1000]
    print('%d\t%s\t%s' % (bool(wrong), what, wrong), flush=True)


def run(*command):
    """What a command has to say; nothing is right"""
    done = subprocess.run(command, stdout=subprocess.PIPE, timeout=120,
                          stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout or (done.returncode and 'status %d' % done.returncode)


def enums_of(text):
    """{enum: [member]} of a header"""
    text = re.sub(r'/\*.*?\*/', '', text, flags=re.S)
    return {tag: re.findall(r'(?:^|,)\s*(\w+)', body)
            for tag, body in re.findall(r'enum (\w+) \{(.*?)\}', text, re.S)}


def read_header(path):
    """{enum: {member: number}}, the defines being those of enum ''; the compiler
    tells the numbers"""
    with open(path, encoding='utf-8') as header:
        text = header.read()
    enums = enums_of(text)
    enums[''] = re.findall(r'^#define\s+(DSR_\w+)\s', text, re.M)
    program = os.path.join(DIRECTORY, 'numbers')
    with open(program + '.c', 'w', encoding='utf-8') as code:
        code.write('#include <stdio.h>\n#include "%s"\nint main(void)\n{\n'
                   % path)
        for tag, names in enums.items():
            for name in names:
                code.write('\tprintf(_Generic(%s, char *: "%s %s %%s\\n", '
                           'default: "%s %s %%lld\\n"), _Generic(%s, char *: '
                           '%s, default: (long long)%s));\n' % (
                               name, tag or '-', name, tag or '-', name, name,
                               name, name))
        code.write('}\n')
    wrong = run('gcc', '-w', '-o', program, program + '.c')
    if wrong:
        sys.exit(wrong)
    numbers = {}
    for line in subprocess.check_output([program], text=True).splitlines():
        tag, name, value = line.split()
        numbers.setdefault(tag.strip('-'), {})[name] = value
    return numbers


def upper(*words):
    return '-'.join(words).upper().replace('-', '_')


def counted(prefix, entries, first):
    """{NAME: number} of entries, each the next number or one of its own"""
    numbers = {}
    for entry in entries:
        if isinstance(entry, str):
            entry = {'name': entry}
        first = entry.get('value', first)
        numbers[upper(prefix + entry['name'])] = str(first)
        first += 1
    return numbers


def with_max(prefix, numbers):
    last = max(map(int, numbers.values()))
    numbers[upper('__' + prefix + 'max')] = str(last + 1)
    numbers[upper(prefix + 'max')] = str(last)
    return numbers


def attr_prefix(name):
    return 'dsr-a-' if name == 'dsr' else 'dsr-a-%s-' % name


def read_spec(spec):
    """As read_header()"""
    found = {'': {upper(spec['c-family-name']): spec['name'],
                  upper(spec['c-version-name']): str(spec['version'])}}
    for group in spec['mcast-groups']['list']:
        found[''][upper('dsr-mcgrp-' + group['name'])] = group['name']
    for thing in spec['definitions']:
        if thing['type'] == 'const':
            found[''][upper('dsr-' + thing['name'])] = str(thing['value'])
        elif 'header' not in thing:
            name = 'dsr-' + thing['name']
            found[upper(name).lower()] = counted(
                thing.get('name-prefix', name + '-'), thing['entries'],
                thing.get('value-start', 0))
    for attrs in spec['attribute-sets']:
        prefix = attr_prefix(attrs['name'])
        found[upper(attrs['enum-name']).lower()] = with_max(prefix, counted(
            prefix, attrs['attributes'], 1))
    found[upper(spec['operations']['enum-name']).lower()] = with_max(
        'dsr-cmd-', counted('dsr-cmd-', spec['operations']['list'], 1))
    return found


def differences(ours, theirs):
    """What only one side has, or has otherwise"""
    wrong = []
    for tag in sorted(set(ours) | set(theirs)):
        mine = set(ours.get(tag, {}).items())
        other = set(theirs.get(tag, {}).items())
        wrong += ['%s %s=%s only in the header' % (tag, *item)
                  for item in sorted(mine - other)]
        wrong += ['%s %s=%s not in the header' % (tag, *item)
                  for item in sorted(other - mine)]
    return '; '.join(wrong)


def type_in_header(comment):
    """What a comment beside an attribute says of its type"""
    kind = {'be16': 'u16 big-endian', 'be32': 'u32 big-endian',
            'struct in6_addr': 'binary 16', '6 bytes': 'binary 6',
            'alignment only': 'pad'}
    said = re.split('[,;:]', comment, maxsplit=1)[0].strip()
    said = kind.get(said, said)
    enum = re.search(r'enum (dsr_\w+)', comment)
    if enum:
        said += ' ' + enum.group(1)
    if re.search('; (may be )?repeated$', comment):
        said += ' repeated'
    return said


def type_in_spec(attr, spec):
    said = attr['type']
    if said == 'binary':
        said += ' %d' % attr['checks']['exact-len']
    if 'byte-order' in attr:
        said += ' ' + attr['byte-order']
    if 'enum' in attr:
        said += ' dsr_' + attr['enum'].replace('-', '_')
    if 'nested-attributes' in attr:
        said += ' ' + [attrs['enum-name'].replace('-', '_')
                       for attrs in spec['attribute-sets']
                       if attrs['name'] == attr['nested-attributes']][0]
    if attr.get('multi-attr'):
        said += ' repeated'
    return said


def compare_types(spec):
    with open(HEADER, encoding='utf-8') as header:
        said = dict(re.findall(r'^\t(DSR_A_\w+)[^/\n]*/\* (.*?)(?: ?\*/)?$',
                               header.read(), re.M))
    wrong, count = [], 0
    for attrs in spec['attribute-sets']:
        for attr in attrs['attributes']:
            name = upper(attr_prefix(attrs['name']) + attr['name'])
            ours = type_in_header(said.pop(name, 'nothing'))
            theirs = type_in_spec(attr, spec)
            count += 1
            if ours != theirs:
                wrong.append('%s is %s, not %s' % (name, ours, theirs))
    report('every attribute has the type that the header tells',
           '; '.join(wrong + list(said)))
    report('and they were found', '' if count > 90 else count)


def attributes_used(spec):
    """Those of the main set that some command or event has"""
    used = set()
    for operation in spec['operations']['list']:
        for mode in ('do', 'dump', 'event'):
            part = operation.get(mode, {})
            for side in (part, part.get('request', {}), part.get('reply', {})):
                used |= set(side.get('attributes', []))
    return used


def check_operations(spec):
    operations = spec['operations']['list']
    wrong = [operation['name'] for operation in operations
             if operation['name'].endswith('-ntf') != ('event' in operation) or
             ('event' in operation) != (operation.get('mcgrp') == 'events') or
             operation.get('attribute-set') != 'dsr']
    report('what ends in -ntf is an event of the group, and nothing else is',
           ' '.join(wrong))
    known = {attr['name'] for attr in spec['attribute-sets'][0]['attributes']}
    report('every attribute is some message\'s', ' '.join(
        known ^ attributes_used(spec)))
    # this enum is written again for clients, as no other way is left
    names = [operation['name'] for operation in operations
             if 'event' not in operation]
    entries = [thing for thing in spec['definitions']
               if thing['name'] == 'cmd'][0]['entries']
    report('an item\'s commands are the commands',
           '' if entries == names else entries)


def generate(mode, kind, spec):
    """Returns the path of what was made, or None"""
    path = os.path.join(DIRECTORY, '%s-dsr.%s' % (
        mode, 'h' if kind == 'header' else 'c'))
    wrong = run('/usr/bin/python3', '-B', os.path.join(YNL, 'ynl-gen-c.py'), '--mode',
                mode, '--' + kind, '--spec', spec, '-o', path)
    report('the generator makes a %s of mode %s' % (kind, mode), wrong)
    return path if os.path.exists(path) and not wrong else None


def main():
    with open(SPEC, encoding='utf-8') as file:
        spec = yaml.safe_load(file)
    with open(os.path.join(SOURCE, 'Documentation/netlink',
                           spec['protocol'] + '.yaml'), encoding='utf-8') as file:
        schema = yaml.safe_load(file)
    checker = jsonschema.Draft7Validator(schema)
    report('it is valid', '; '.join('%s: %s' % (
        '/'.join(map(str, error.path)), error.message)
        for error in checker.iter_errors(spec)))

    header = read_header(HEADER)
    report('every enum, attribute, command, event and constant is the header\'s',
           differences(header, read_spec(spec)))
    report('and they were found', '' if sum(map(len, header.values())) > 200
           else header)
    compare_types(spec)
    check_operations(spec)

    # The generator looks for the schema beside the specification, and for the
    # top of a kernel's source above it, without an end if there is none
    tree = os.path.join(DIRECTORY, 'linux')
    shutil.copytree(os.path.join(SOURCE, 'Documentation/netlink'),
                    os.path.join(tree, 'Documentation/netlink'),
                    ignore=shutil.ignore_patterns('specs'))
    with open(os.path.join(tree, 'MAINTAINERS'), 'w', encoding='utf-8'):
        pass
    copy = os.path.join(tree, 'Documentation/netlink/specs/dsr.yaml')
    os.mkdir(os.path.dirname(copy))
    shutil.copy(SPEC, copy)
    made = {(mode, kind): generate(mode, kind, copy)
            for mode in ('uapi', 'user', 'kernel')
            for kind in ('header', 'source') if mode != 'uapi' or
            kind == 'header'}

    rendered = made['uapi', 'header']
    report('the header that it makes is as ours', differences(
        header, read_header(rendered)) if rendered else 'there is none')
    library = made['user', 'source']
    report('the C library that it makes compiles', run(
        'gcc', '-std=gnu11', '-Wall', '-Wextra', '-Werror',
        '-Wno-unused-parameter', '-I' + os.path.join(YNL, 'lib'),
        '-I' + os.path.join(TOP, 'include/uapi'), '-c', '-o', '/dev/null',
        library) if library else 'there is none')
    report('that was all')


main()
