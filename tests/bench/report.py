#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: report.py [--report] [--docs DIRECTORY] RESULTS [KERNEL...]

Reads what guest.sh printed, RESULTS/KERNEL.txt for each KERNEL, or for all that
there are, with others beside it, writes it as RESULTS/performance.json and prints
the table, the ratios, the targets, and the gates. A gate is where the project
stands: the target if it has been reached. The status is 1 if a gate does not hold,
unless with --report.

--docs writes DIRECTORY/performance.json and the plots, puts the table into
DIRECTORY/performance.md, and the profiles in RESULTS/profile into
DIRECTORY/performance-profile.txt.
"""
import argparse
import json
import pathlib
import re
import sys

import plot

LOADS = ('one', '64k', 'new')
LOAD_NAMES = ('one flow', '64k flows', 'new flows')
PATHS = {
    'mirred': 'tc mirred redirect',
    'nft': 'nftables, map kept alive, fwd',
    'nft-once': 'nftables, map, fwd',
    'ipvs': 'IPVS, DR, mh',
    'dsr-dev': 'dsr, `dev add`',
    'dsr-hook': 'dsr, PRE_ROUTING',
}
# Where a target has not been reached, or can't be (docs/performance.md says
# why), or has been passed: what was, with a little room. A run that is worse
# fails.
GATES = {
    '6.12': {'ipvs': 6.0, 'table': 22, 'native ipvs': 2.2, 'native nft': 1.8,
             'mirred one': 0.86, 'mirred 64k': 0.94, 'stranger dev': 66},
    '6.1': {'ipvs': 5.4, 'table': 22, 'mirred one': 1.10, 'mirred 64k': 1.18,
            'stranger dev': 66},
}
MILLION = 1000000
# What a curve is about: the subjects' prefix, the load, and its name
CURVES = (
    ('vips', 'one', 'VIPs'),
    ('servers', 'one', 'servers'),
    ('servers', 'new', 'servers, new flows'),
    ('flows', 'random', 'flows'),
)


def read(path):
    """What a packet of each subject and load takes, in nanoseconds, which are
    instructions but for native speed, and other values. Of all rounds the least,
    as whatever disturbs one adds to it"""
    seen, values = {}, {}
    for line in path.read_text().splitlines():
        word = line.split()
        if word[:1] == ['V']:
            values[word[1]] = int(word[2])
        if word[:1] != ['R']:
            continue
        subject, load, packets, micro, left = word[1], word[2], *map(
            int, word[3:])
        subject = subject.replace('drop-again', 'drop')
        rounds = seen.setdefault(subject, {}).setdefault(load, [])
        if left == (0 if 'drop' in subject else packets):
            rounds.append(micro * 1000 / packets)
    for subject, loads in seen.items():
        for load, rounds in loads.items():
            if not rounds:
                sys.exit(f'report: {path}: {subject}, {load}: packets were lost '
                         'in each round')
    return {subject: {load: min(rounds) for load, rounds in loads.items()}
            for subject, loads in seen.items()}, values


def read_kernel(path):
    """What was measured with one kernel, in up to five guests"""
    raw, values = read(path)
    for suffix in ('.curves', '.scale', '.load', '.cpus'):
        beside = path.with_suffix(suffix)
        if beside.exists():
            more, others = read(beside)
            values.update(others)
            for subject, loads in more.items():
                raw.setdefault(subject, loads)
    return raw, values


def above(raw):
    """The same above what it is compared with: the drop, or a routed packet"""
    costs = {}
    for subject, loads in raw.items():
        for load, value in loads.items():
            floor = raw['drop'].get(load, raw['drop']['64k'])
            if subject.startswith('stranger-'):
                floor = raw['stranger'][load]
            elif subject.startswith('shared-'):
                floor = raw['shared-drop'][load]
            elif subject.startswith('cpus-'):
                floor = 0
            costs.setdefault(subject, {})[load] = round(value - floor, 1)
    return costs


def read_native(path):
    """The same in real nanoseconds above the drop; None if that was not
    measured"""
    if not path.exists():
        return None
    raw, _ = read(path)
    drop = raw.pop('drop')
    return {subject: {load: round(value - drop[load], 1)
                      for load, value in loads.items()}
            for subject, loads in raw.items()}


def curve(costs, prefix, load):
    """The points (number, cost) of one curve"""
    found = []
    for subject, loads in costs.items():
        match = re.fullmatch(prefix + r'-(\d+)', subject)
        if match and load in loads:
            found.append((int(match[1]), loads[load]))
    return sorted(found)


def native_targets(native, gates):
    dev = native['dsr-dev']
    for path, name, one, many in (('ipvs', 'IPVS', 5, 10),
                                  ('nft', 'nftables', 2, 3)):
        for load, least, gate in (('one', one, None),
                                  ('64k', many, gates[f'native {path}'])):
            yield (f'native, {name}: dev add, {load}',
                   native[path][load] / dev[load], '>=', least, gate)


def targets(kernel, costs, values, native):
    """Each target as (what, its value, relation, target, gate): the gate is
    None where it is the target, and 0 where there is none"""
    slack = 1.1 if kernel == '6.1' else 1
    gate = GATES[kernel]
    dev, ipvs = costs['dsr-dev'], costs['ipvs']
    for load, most in zip(LOADS, (1.0, 1.25, 2.5)):
        yield (f'dev add: mirred, {load}', dev[load] / costs['mirred'][load],
               '<=', most * slack, gate.get(f'mirred {load}'))
    yield ('IPVS: dev add, one', ipvs['one'] / dev['one'], '>=', 7 / slack,
           gate['ipvs'])
    yield ('nftables: dev add, one', costs['nft']['one'] / dev['one'], '>=',
           3.4 / slack, None)
    for load in LOADS:
        yield (f'PRE_ROUTING: IPVS, {load}',
               costs['dsr-hook'][load] / ipvs[load], '<=', 0.5, None)
    for way in ('hook', 'dev'):
        empty = costs[f'stranger-empty-{way}']['one']
        for vips, cost in curve(costs, f'stranger-{way}', 'one'):
            yield (f'no VIP\'s, {way}, {vips} VIPs: instructions', cost, '<=',
                   60, 0)
            yield (f'no VIP\'s, {way}, {vips} VIPs: above empty hooks',
                   cost - empty, '<=', 60, gate.get(f'stranger {way}'))
    for prefix, load, name in CURVES:
        points = curve(costs, prefix, load)
        # of established flows: a new one is shown, not judged
        if len(points) > 1 and load != 'new':
            yield (f'{points[-1][0]} {name}: {points[0][0]}',
                   points[-1][1] / points[0][1], '<=', 1.1, None)
    if 'cpus-2' in costs:
        yield ('two busy CPUs: one', costs['cpus-2']['both'] /
               costs['cpus-1']['both'], '<=', 1.02, None)
    if 'slab-bytes' in values:
        yield 'slab of a flow, bytes', values['slab-bytes'], '<=', 64, None
        yield ('table of a flow, bytes, at a million',
               values['table-bytes'] / MILLION, '<=', 16, gate['table'])
        for part in ('make', 'dump', 'expire'):
            yield (f'a million flows, {part}: longest wait, ms',
                   values[f'{part}-wait'] / 1000, '<=', 12, None)
    for part, name in ('load', '10,000 VIPs, rr'), ('load-mh', '1,000 VIPs, mh'):
        if f'{part}-dsr-time' in values:
            yield (f'{name}: ipvsadm -R, time', values[f'{part}-dsr-time'] /
                   values[f'{part}-ipvs-time'], '<=', 1, None)
    if native:
        yield from native_targets(native, gate)


def judge(kernel, costs, values, native):
    """The targets with whether they are reached, and whether the gates hold"""
    def meets(value, relation, bound):
        return value <= bound if relation == '<=' else value >= bound
    judged = []
    for name, value, relation, wanted, gate in targets(kernel, costs, values,
                                                      native):
        bound = wanted if gate is None else gate
        judged.append({
            'target': name, 'is': round(value, 2), 'relation': relation,
            'wanted': round(wanted, 2), 'gate': round(bound, 2),
            'reached': meets(value, relation, wanted),
            'holds': gate == 0 or meets(value, relation, bound)})
    return judged


def row(cells):
    return '| ' + ' | '.join(cells) + ' |'


def table(data):
    """The paths side by side, in Markdown"""
    kernels = list(data)
    head = ['path'] + [f'{kernel}: {load}' for kernel in kernels
                       for load in LOAD_NAMES]
    lines = [row(head), row(['---'] + ['--:'] * (len(head) - 1))]
    for path, name in PATHS.items():
        lines.append(row([name] + [
            f'{data[kernel]["costs"][path][load]:.0f}'
            for kernel in kernels for load in LOADS]))
    for path, name in PATHS.items():
        if path == 'dsr-dev':
            continue
        lines.append(row([f'{name} : `dev add`'] + [
            f'{of(data, kernel, path, load):.2f}'
            for kernel in kernels for load in LOADS]))
    return lines


def of(data, kernel, path, load):
    costs = data[kernel]['costs']
    return costs[path][load] / costs['dsr-dev'][load]


def target_table(data):
    lines = [row(['kernel', 'target', 'is', 'wanted', 'reached', 'gate']),
             row(['---'] * 6)]
    for kernel, entry in data.items():
        for target in entry['targets']:
            relation = target['relation']
            gate = f'{relation} {target["gate"]:.2f}'
            if not target['gate']:
                gate = 'none'
            elif not target['holds']:
                gate = f'**missed: {gate}**'
            lines.append(row([
                kernel, target['target'], f'{target["is"]:.2f}',
                f'{relation} {target["wanted"]:.2f}',
                'yes' if target['reached'] else 'no', gate]))
    return lines


# What scale_table() shows, with what to divide by and the unit
VALUES = (
    ('idle-wait', 'longest wait for the CPU, idle', 1e3, 'ms'),
    ('make-wait', 'longest wait while a million flows are made', 1e3, 'ms'),
    ('dump-wait', 'longest wait while they are dumped', 1e3, 'ms'),
    ('expire-wait', 'longest wait while they expire', 1e3, 'ms'),
    ('dump-time', '`flow show` of a million flows', 1e6, 's'),
    ('slab-bytes', 'slab of a flow', 1, 'bytes'),
    ('table-bytes', 'table of a million flows', 1e6, 'MB'),
    ('load-dsr-time', '10,000 VIPs with 10 servers, rr, `dsrctl config load`',
     1e6, 's'),
    ('load-ipvs-time', 'the same, `ipvsadm -R`', 1e6, 's'),
    ('load-dsr-wait', 'longest wait meanwhile, `dsrctl config load`', 1e3, 'ms'),
    ('load-ipvs-wait', 'the same, `ipvsadm -R`', 1e3, 'ms'),
    ('load-mh-dsr-time', '1,000 VIPs with 10 servers, mh, `dsrctl config load`',
     1e6, 's'),
    ('load-mh-ipvs-time', 'the same, `ipvsadm -R`', 1e6, 's'),
    ('load-servers-time', '65,535 servers of one VIP, rr, `dsrctl config load`',
     1e6, 's'),
    ('change-servers-time', 'half of them changed and half gone, the same', 1e6,
     's'),
    ('flush-servers-time', 'the rest gone, `dsrctl flush`', 1e6, 's'),
)
SHARED = (('shared-mirred', 'tc mirred redirect'), ('shared-ipvs', 'IPVS'),
          ('shared-dsr-dev', 'dsr, `dev add`'))


def other_tables(data):
    """With pktgen's shared packets, at two CPUs, and at scale"""
    kernels = list(data)
    lines = [row(['one flow, shared packets'] + kernels),
             row(['---'] + ['--:'] * len(kernels))]
    for subject, name in SHARED:
        lines.append(row([name] + [
            f'{costs[subject]["one"]:.0f}' if subject in costs else '-'
            for costs in (data[kernel]['costs'] for kernel in kernels)]))
    lines += ['', row(['scale'] + kernels),
              row(['---'] + ['--:'] * len(kernels))]
    for value, name, unit, unit_name in VALUES:
        lines.append(row([name] + [
            f'{values[value] / unit:.4g} {unit_name}' if value in values
            else '-'
            for values in (data[kernel]['values'] for kernel in kernels)]))
    return lines


# With a thousand flows what is known of them is in the processor's cache
NATIVE_LOADS = {'one': 'one flow', '1k': '1k flows', '64k': '64k flows'}


def native_table(data):
    """Nanoseconds of user-mode-linux"""
    lines = []
    for kernel, entry in data.items():
        if not entry['native']:
            continue
        lines += [row([f'native, {kernel}, ns', *NATIVE_LOADS.values()]),
                  row(['---', *['--:' for load in NATIVE_LOADS]])]
        lines += [row([name] + [f'{entry["native"][path][load]:.0f}'
                                for load in NATIVE_LOADS])
                  for path, name in PATHS.items() if path in entry['native']]
    return lines


def write_profile(directory, profiles):
    found = sorted(profiles.glob('*.profile'), reverse=True)
    if found:
        (directory / 'performance-profile.txt').write_text('\n'.join(
            f'Linux {path.stem}\n{path.read_text()}' for path in found))


def all_tables(data):
    parts = table(data), other_tables(data), native_table(data), target_table(data)
    return '\n\n'.join('\n'.join(lines) for lines in parts if lines)


def write_docs(directory, data, profiles):
    """What the documentation shows comes from a run, all of it"""
    page = directory / 'performance.md'
    figures = all_tables(data)
    text, found = re.subn(
        r'(<!-- figures -->\n).*(<!-- end of figures -->)',
        lambda match: match[1] + figures + '\n' + match[2],
        page.read_text(), flags=re.S)
    if not found:
        sys.exit(f'report: {page} has no place for the figures')
    page.write_text(text)
    write_json(directory, data)
    write_profile(directory, profiles)
    for kernel, entry in data.items():
        costs = entry['costs']
        groups = [(name.replace('`', ''), [costs[path][load] for load in LOADS])
                  for path, name in PATHS.items()]
        (directory / f'performance-{kernel}.svg').write_text(plot.bars(
            f'Linux {kernel}: instructions a packet, above a drop',
            LOAD_NAMES, groups))
        lines = [(name, curve(costs, prefix, load))
                 for prefix, load, name in CURVES]
        (directory / f'performance-{kernel}-curves.svg').write_text(plot.lines(
            f'Linux {kernel}: dsr by dev add, instructions a packet',
            [line for line in lines if line[1]]))


def write_json(directory, data):
    (directory / 'performance.json').write_text(
        json.dumps(data, indent=1, sort_keys=True) + '\n')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--report', action='store_true')
    parser.add_argument('--docs', type=pathlib.Path)
    parser.add_argument('results', type=pathlib.Path)
    parser.add_argument('kernels', nargs='*')
    options = parser.parse_args()

    data = {}
    for path in sorted(options.results.glob('*.txt'), reverse=True):
        if options.kernels and path.stem not in options.kernels:
            continue
        raw, values = read_kernel(path)
        costs = above(raw)
        native = read_native(path.with_suffix('.native'))
        data[path.stem] = {
            'raw': raw, 'costs': costs, 'values': values, 'native': native,
            'targets': judge(path.stem, costs, values, native)}
    if not data:
        sys.exit(f'report: {options.results}: nothing was measured')
    if options.docs:
        write_docs(options.docs, data, options.results / 'profile')
        return
    write_json(options.results, data)
    print(all_tables(data))
    missed = sum(not target['holds'] for entry in data.values()
                 for target in entry['targets'])
    if missed:
        print(f'\n{missed} gates do not hold')
        sys.exit(0 if options.report else 1)


main()
