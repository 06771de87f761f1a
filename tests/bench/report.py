#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: report.py [--report] [--docs DIRECTORY] RESULTS

Reads what guest.sh printed, RESULTS/KERNEL.txt for each kernel, writes it as
RESULTS/performance.json and prints the table, the ratios, and which targets do
not hold. The status is 1 then, unless with --report.

--docs writes DIRECTORY/performance.json and the plots, and puts the table into
DIRECTORY/performance.md.
"""
import argparse
import json
import pathlib
import re
import statistics
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
# What a curve is about: the subjects' prefix, the load, and its name
CURVES = (
    ('vips', 'one', 'VIPs'),
    ('servers', 'one', 'servers'),
    ('servers', 'new', 'servers, new flows'),
    ('flows', 'random', 'flows'),
)


def read(path):
    """Median instructions a packet of each subject and load"""
    seen = {}
    for line in path.read_text().splitlines():
        word = line.split()
        if word[:1] != ['R']:
            continue
        subject, load, packets, micro, left = word[1], word[2], *map(
            int, word[3:])
        if left != (0 if subject.startswith('drop') else packets):
            sys.exit(f'report: {path}: not every packet left: {line}')
        subject = subject.replace('drop-again', 'drop')
        seen.setdefault(subject, {}).setdefault(load, []).append(
            micro * 1000 / packets)
    return {subject: {load: statistics.median(values)
                      for load, values in loads.items()}
            for subject, loads in seen.items()}


def above(raw):
    """The same above what it is compared with: the drop, or a routed packet"""
    costs = {}
    for subject, loads in raw.items():
        for load, value in loads.items():
            floor = raw['drop'].get(load, raw['drop']['64k'])
            if subject.startswith('stranger-'):
                floor = raw['stranger'][load]
            costs.setdefault(subject, {})[load] = round(value - floor, 1)
    return costs


def curve(costs, prefix, load):
    """The points (number, cost) of one curve"""
    found = []
    for subject, loads in costs.items():
        match = re.fullmatch(prefix + r'-(\d+)', subject)
        if match and load in loads:
            found.append((int(match[1]), loads[load]))
    return sorted(found)


def targets(kernel, costs):
    """Each target as (description, what it is, relation, what it should be)"""
    slack = 1.1 if kernel == '6.1' else 1
    dev, ipvs = costs['dsr-dev'], costs['ipvs']
    for load, most in zip(LOADS, (1.0, 1.25, 2.5)):
        yield (f'dev add: mirred, {load}', dev[load] / costs['mirred'][load],
               '<=', most * slack)
    yield 'IPVS: dev add, one', ipvs['one'] / dev['one'], '>=', 7 / slack
    yield ('nftables: dev add, one', costs['nft']['one'] / dev['one'], '>=',
           3.4 / slack)
    for load in LOADS:
        yield (f'PRE_ROUTING: IPVS, {load}',
               costs['dsr-hook'][load] / ipvs[load], '<=', 0.5)
    for way in ('dev', 'hook'):
        for vips, cost in curve(costs, f'stranger-{way}', 'one'):
            yield f'no VIP\'s, {way}, {vips} VIPs: instructions', cost, '<=', 60
    for prefix, load, name in CURVES:
        points = curve(costs, prefix, load)
        if points:
            yield (f'{points[-1][0]} {name}: {points[0][0]}',
                   points[-1][1] / points[0][1], '<=', 1.1)


def judge(kernel, costs):
    """The targets with whether they hold"""
    return [{'target': name, 'is': round(value, 2), 'relation': relation,
             'wanted': round(wanted, 2),
             'holds': value <= wanted if relation == '<=' else value >= wanted}
            for name, value, relation, wanted in targets(kernel, costs)]


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
    lines = [row(['kernel', 'target', 'is', 'wanted', 'holds']),
             row(['---'] * 5)]
    for kernel, entry in data.items():
        for target in entry['targets']:
            lines.append(row([
                kernel, target['target'], f'{target["is"]:.2f}',
                f'{target["relation"]} {target["wanted"]:.2f}',
                'yes' if target['holds'] else '**no**']))
    return lines


def write_docs(directory, data):
    """What the documentation shows comes from a run, all of it"""
    page = directory / 'performance.md'
    figures = '\n'.join(table(data) + [''] + target_table(data))
    text, found = re.subn(
        r'(<!-- figures -->\n).*(<!-- end of figures -->)',
        lambda match: match[1] + figures + '\n' + match[2],
        page.read_text(), flags=re.S)
    if not found:
        sys.exit(f'report: {page} has no place for the figures')
    page.write_text(text)
    write_json(directory, data)
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
    options = parser.parse_args()

    data = {}
    for path in sorted(options.results.glob('*.txt'), reverse=True):
        raw = read(path)
        costs = above(raw)
        data[path.stem] = {'raw': raw, 'costs': costs,
                           'targets': judge(path.stem, costs)}
    if not data:
        sys.exit(f'report: {options.results}: nothing was measured')
    if options.docs:
        write_docs(options.docs, data)
        return
    write_json(options.results, data)
    print('\n'.join(table(data) + [''] + target_table(data)))
    missed = sum(not target['holds'] for entry in data.values()
                 for target in entry['targets'])
    if missed:
        print(f'\n{missed} targets do not hold')
        sys.exit(0 if options.report else 1)


main()
