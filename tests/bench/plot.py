# SPDX-License-Identifier: GPL-2.0-only
"""Plain plots, as text of SVG files"""
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 70, 60
# told apart by who sees few colours, and in grey
COLOURS = ('#0072b2', '#e69f00', '#009e73', '#cc79a7')


def text(x, y, what, anchor='middle', size=13):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
            f'font-size="{size}">{escape(what)}</text>')


def line(x1, y1, x2, y2, colour='#cccccc', width=1):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{colour}" stroke-width="{width}"/>')


def page(title, parts):
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
            f'height="{HEIGHT}" font-family="sans-serif">')
    return '\n'.join([
        '<!-- SPDX-License-Identifier: GPL-2.0-only -->', head,
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        text(WIDTH / 2, 24, title, size=16), *parts, '</svg>', ''])


def step(top):
    """A round distance for about six lines"""
    rough = top / 6
    power = 10 ** math.floor(math.log10(rough))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= rough)


def scale(top):
    """Where a value is drawn, and the lines to read it by"""
    def y_of(value):
        return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)
    parts, value = [], 0
    while value <= top:
        parts.append(line(LEFT, y_of(value), WIDTH - RIGHT, y_of(value)))
        parts.append(text(LEFT - 8, y_of(value) + 4, f'{value:g}', 'end'))
        value += step(top)
    return y_of, parts


def legend(names):
    parts, x = [], LEFT
    for name, colour in zip(names, COLOURS):
        parts.append(f'<rect x="{x}" y="40" width="12" height="12" '
                     f'fill="{colour}"/>')
        parts.append(text(x + 18, 51, name, 'start'))
        x += 40 + 8 * len(name)
    return parts


def bars(title, names, groups):
    """groups: (name, a value for each of names)"""
    y_of, parts = scale(max(max(values) for _, values in groups) * 1.05)
    wide = (WIDTH - LEFT - RIGHT) / len(groups)
    bar = wide * 0.8 / len(names)
    for i, (name, values) in enumerate(groups):
        x = LEFT + i * wide + wide * 0.1
        for value, colour in zip(values, COLOURS):
            parts.append(
                f'<rect x="{x:.1f}" y="{y_of(value):.1f}" width="{bar:.1f}" '
                f'height="{y_of(0) - y_of(value):.1f}" fill="{colour}"/>')
            parts.append(text(x + bar / 2, y_of(value) - 4, f'{value:.0f}',
                              size=11))
            x += bar
        parts.append(text(LEFT + (i + 0.5) * wide, HEIGHT - BOTTOM + 22, name,
                          size=11))
    return page(title, parts + legend(names))


def lines(title, curves):
    """curves: (name, [(number, value)...]), the numbers on a scale of powers"""
    points = [point for _, curve in curves for point in curve]
    y_of, parts = scale(max(value for _, value in points) * 1.1)
    most = math.log10(max(number for number, _ in points))

    def x_of(number):
        return LEFT + math.log10(number) / most * (WIDTH - LEFT - RIGHT)
    for power in range(math.floor(most) + 1):
        parts.append(text(x_of(10 ** power), HEIGHT - BOTTOM + 22,
                          f'{10 ** power:,}'))
    for (_, curve), colour in zip(curves, COLOURS):
        for a, b in zip(curve, curve[1:]):
            parts.append(line(x_of(a[0]), y_of(a[1]), x_of(b[0]), y_of(b[1]),
                              colour, 2))
        for number, value in curve:
            parts.append(f'<circle cx="{x_of(number):.1f}" '
                         f'cy="{y_of(value):.1f}" r="4" fill="{colour}"/>')
            parts.append(text(x_of(number), y_of(value) - 9, f'{value:.0f}',
                              size=11))
    return page(title, parts + legend([name for name, _ in curves]))
