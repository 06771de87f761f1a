#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: profile.py OUTPUT COUNTS DSR.KO [SUBJECT/LOAD...]

Where a packet's instructions went: OUTPUT is what guest.sh printed, COUNTS what
count.c wrote, an interval for each line R. Prints for each SUBJECT/LOAD the
functions with their instructions a packet, more than those of packets that tc
dropped or, for a packet to no VIP, without the module. Those of dsr.ko are told
apart by what was inlined into them, going by its debugging information.
"""
import bisect
import collections
import subprocess
import sys
import textwrap

KERNEL = 1 << 47
FLOOR = 2
DEFAULT = 'mirred/one dsr-dev/one dsr-dev/new dsr-hook/one'.split()


class Symbols:
    """Names of addresses, from /proc/kallsyms"""

    def __init__(self, lines):
        found = sorted((int(word[1], 16), word[2], ''.join(word[3:]))
                       for word in lines)
        self.addresses = [entry[0] for entry in found]
        self.names = [entry[1:] for entry in found]

    def find(self, address):
        """The name and the module ('' for the kernel itself)"""
        if address < KERNEL:
            return 'user space', ''
        return self.names[bisect.bisect_right(self.addresses, address) - 1]


def read_output(path):
    """The measurements, the symbols, and where dsr.ko's .text was"""
    runs, symbols, text = [], [], 0
    with open(path) as file:
        for line in file:
            word = line.split()
            if word[:1] == ['R']:
                runs.append((word[1] + '/' + word[2], int(word[3])))
            elif word[:1] == ['S']:
                symbols.append(word)
            elif word[:1] == ['T']:
                text = int(word[1], 16)
    return runs, Symbols(symbols), text


def read_counts(path):
    """For each interval, how often the instruction at an address ran"""
    intervals = []
    with open(path) as file:
        for line in file:
            if line == 'interval\n':
                intervals.append(collections.Counter())
                continue
            count, address, sizes = line.split()
            address = int(address, 16)
            for size in sizes:
                intervals[-1][address] += int(count)
                address += int(size, 16)
    return intervals


def inlined(module, offsets):
    """The innermost function at each offset into .text, as source has it"""
    offsets = sorted(offsets)
    if not offsets:
        return {}
    text = subprocess.run(
        ['addr2line', '-a', '-f', '-i', '-j', '.text', '-e', module],
        input='\n'.join(map(hex, offsets)), text=True, check=True,
        stdout=subprocess.PIPE).stdout
    names, lines = {}, iter(text.splitlines())
    for line in lines:
        if line.startswith('0x'):
            names[int(line, 16)] = next(lines)
    return names


def by_function(counts, packets, symbols, text, module):
    """Instructions a packet of each function, those of dsr.ko in parts"""
    total = collections.Counter()
    ours = {}
    for address, count in counts.items():
        name, owner = symbols.find(address)
        if owner == '[dsr]':
            ours[address - text] = name, count / packets
        else:
            total[f'{name} {owner}', ''] += count / packets
    names = inlined(module, ours)
    for offset, (name, count) in ours.items():
        total[f'{name} [dsr]', names.get(offset, '??')] += count
    return total


def show(title, total):
    """A table, the dearest first"""
    functions = collections.Counter()
    for (name, _), count in total.items():
        functions[name] += count
    mine = sum(count for name, count in functions.items()
               if name.endswith('[dsr]'))
    print(f'\n{title}: {sum(total.values()):.0f} more, '
          f'{mine:.0f} of it in dsr.ko')
    for name, count in sorted(functions.items(), key=lambda item: -item[1]):
        if abs(count) < FLOOR:
            continue
        parts = [f'{part} {n:.0f}' for (outer, part), n
                 in sorted(total.items(), key=lambda item: -item[1])
                 if outer == name and part and n >= FLOOR]
        print(f'{count:8.1f}  {name}')
        if len(parts) > 1:
            print(textwrap.fill(', '.join(parts), 79, initial_indent=' ' * 12,
                                subsequent_indent=' ' * 12))


def floor_of(title):
    """What a measurement is to be compared with"""
    if title.startswith('stranger-'):
        return 'stranger/one'
    return 'drop/' + title.split('/')[1]


def main():
    output, counts, module = sys.argv[1:4]
    wanted = sys.argv[4:] or DEFAULT
    runs, symbols, text = read_output(output)
    totals = {}
    for (title, packets), interval in zip(runs, read_counts(counts)):
        totals.setdefault(title, by_function(interval, packets, symbols, text,
                                             module))
    for title in wanted:
        if title not in totals:
            continue
        total = totals[title].copy()
        total.subtract(totals[floor_of(title)])
        show(title, total)


main()
