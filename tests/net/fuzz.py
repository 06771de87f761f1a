# SPDX-License-Identifier: GPL-2.0-only
"""
usage: fuzz.py SEED MESSAGES

Sends messages that are right and wrong in every way. Each is refused or done as the
model says, and the configuration is what those that were done made it. See fuzz.t,
which turns the lines printed here into TAP.
"""
import errno
import random
import socket
import sys

import wire
from draft import CLIENTS, FOUR, Draft
from genl import ACK, CMD, DUMP, ECHO, Genl, number, report, tells_why
from model import TAKES, Model, Refused, shown

SO_RCVBUFFORCE = 33
# so many messages between two looks at the whole configuration
LOOK = 20


def generation_of(genl):
    return number(genl.ask('STATS_GET').objects[0].get('GENERATION'))


class Fuzz:
    """The module and the model, side by side"""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.genl = Genl()
        self.genl.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        self.genl.ask('CONFIG_LOAD')
        self.model = Model({name.encode(): name in ('eth0', 'far')
                            for _, name in socket.if_nameindex()})
        self.draft = Draft(self.chance, lambda: self.model,
                           lambda: generation_of(self.genl))
        self.before = shown(self.genl), generation_of(self.genl)
        self.changed = False
        self.done, self.refused = {}, {}

    def message(self):
        """The next one; returns what is wrong"""
        cmd, data, dump = self.draft.message()
        try:
            after, why = self.model.after(
                cmd, data, dump, lambda: generation_of(self.genl)), ''
        except Refused as refused:
            after, why = None, str(refused)
        flags = ACK | (DUMP if dump else self.chance.choice([0, ECHO]))
        answer = self.genl.ask(cmd, data, flags)
        count = self.refused if answer.error else self.done
        count[cmd] = count.get(cmd, 0) + 1
        if bool(answer.error) != (after is None):
            return 'command %d%s %s: %s' % (
                cmd, ' dump' if dump else '', data.hex(),
                'error %d "%s", and should be done' % (
                    answer.error, answer.text) if answer.error else
                'done, and should be refused: ' + why)
        if (tells_why(flags) and not answer.text and
                answer.error not in (0, errno.EOPNOTSUPP)):
            return 'command %d %s: refused without a text' % (cmd, data.hex())
        if after is not None and after is not self.model:
            self.model, self.changed = after, True
        return ''

    def packet(self):
        """So that there are flows"""
        choice = self.chance.choice
        wire.send(wire.udp(choice(CLIENTS), choice(range(1024, 1100)),
                           choice(FOUR), choice([80, 443, 120, 180])))

    def look(self):
        """At the whole configuration; returns what is wrong"""
        now = shown(self.genl), generation_of(self.genl)
        wanted = self.model.shown()
        if now[0] != wanted:
            return 'there is %s instead of %s' % (now[0], wanted)
        if not self.changed and now != self.before:
            return 'another generation, and nothing was changed'
        self.before, self.changed = now, False
        return ''

    def run(self, count):
        """Returns what is wrong, and with which message"""
        for place in range(count):
            if not place % 5:
                self.packet()
            wrong = self.message()
            if not wrong and not place % LOOK:
                wrong = self.look()
            if wrong:
                return 'message %d: %s' % (place, wrong)
        return self.look()


def main():
    seed, count = map(int, sys.argv[1:])
    fuzz = Fuzz(seed)
    wrong = fuzz.run(count)
    report('%d messages are done and %d refused as they should be, and the '
           'configuration is what the former made it' % (
               sum(fuzz.done.values()), sum(fuzz.refused.values())), wrong)
    for what, seen in (('done', fuzz.done), ('refused', fuzz.refused)):
        report('some of every command are %s' % what, ' '.join(
            name for name in TAKES if CMD[name] not in seen))
    fuzz.genl.ask('CONFIG_LOAD')
    report('that was all')


main()
