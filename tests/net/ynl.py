# SPDX-License-Identifier: GPL-2.0-only
"""
usage: ynl.py SOURCE DSRCTL

The client in tools/net/ynl of SOURCE, of Linux, knows of the protocol only what
docs/dsr.yaml says. See ynl.t, which turns the lines printed here into TAP.
"""
import errno
import ipaddress
import json
import os
import select
import subprocess
import sys

SOURCE, DSRCTL = sys.argv[1:]
sys.path[:0] = [os.path.join(SOURCE, 'tools/net/ynl')]
sys.path += ['/usr/lib/python3/dist-packages']
# pylint: disable=wrong-import-position
from lib import NlError, YnlFamily

import wire
from genl import report

SPEC = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    '../../docs/dsr.yaml')
SCHEMA = os.path.join(SOURCE, 'Documentation/netlink/genetlink-legacy.yaml')


def v4(text):
    return int(ipaddress.ip_address(text))


def v6(text):
    return ipaddress.ip_address(text).packed.hex()


WEB = {'addr4': v4('10.0.0.100'), 'proto': 6, 'port': 80}
DNS = {'addr6': v6('2001:db8::100'), 'proto': 17, 'port': 50, 'port-last': 60}
PIN = {'mac': '020000000011', 'ifname': 'eth0'}
S1, S2, S3 = ({'addr4': v4('10.9.0.%d' % host)} for host in (11, 12, 13))
SIX = {'addr6': v6('2001:db8:9::11')}
CLIENT = '198.51.100.1'


def known(value):
    """Without what only aligns the rest, which Linux 6.12 counts among what is
    unknown; nothing else may be"""
    if isinstance(value, list):
        return [known(one) for one in value]
    if not isinstance(value, dict):
        return value
    if [name for name in value if name.startswith('UnknownAttr')]:
        raise ValueError('not in the specification: %s' % value)
    return {name: known(one) for name, one in value.items() if name != 'pad'}


class Client:
    """The kernel's, and what of the protocol was used with it"""

    def __init__(self):
        self.ynl = YnlFamily(SPEC, SCHEMA, process_unknown=True)
        self.used = set()

    def do(self, name, **attrs):
        answer = known(self.ynl.do(name, attrs))
        self.used.add((name, 'do'))
        return answer

    def dump(self, name, **attrs):
        answer = known(self.ynl.dump(name, attrs))
        self.used.add((name, 'dump'))
        return answer

    def generation(self):
        return self.do('stats-get')['generation']

    def listen(self):
        self.ynl.ntf_subscribe('events')

    def events(self, last):
        """Those that come until one of that name has"""
        found = []
        while not found or found[-1]['name'] != last:
            if not self.ynl.async_msg_queue:
                # longer than any guest stands still
                if not select.select([self.ynl.sock], [], [], 60)[0]:
                    raise TimeoutError('no %s, but %s' % (last, found))
                self.ynl.check_ntf()
            while self.ynl.async_msg_queue and (
                    not found or found[-1]['name'] != last):
                found.append(known(self.ynl.async_msg_queue.pop(0)))
                self.used.add((found[-1]['name'], 'event'))
        return found

    def missing(self):
        """What the specification has and was not used"""
        return {(name, way) for name, operation in self.ynl.msgs.items()
                for way in ('do', 'dump', 'event')
                if way in operation.yaml} - self.used


def dsrctl(*words):
    done = subprocess.run([DSRCTL, '-j', *words], stdout=subprocess.PIPE,
                          check=True)
    return json.loads(done.stdout or 'null')


# --- the same as dsrctl shows it ---

PROTOCOLS = {0: 'any', 6: 'tcp', 17: 'udp', 132: 'sctp'}
COUNTERS = ('flows', 'flows-total', 'packets', 'bytes')


def counters(nest, names):
    return {name.replace('-', '_'): nest[name] for name in names}


def address(nest, what='addr'):
    return nest.get(what + '4', nest.get(what + '6'))


def last_of_range(vip):
    return vip.get('port-last') if vip.get('port-last') != vip.get('port') else None


def vip_name(vip):
    host, port, last = address(vip), vip.get('port', 0), last_of_range(vip)
    ports = (':%d' % port if port else '') + ('-%d' % last if last else '')
    return '%s%s/%s' % ('[%s]' % host if ':' in host and ports else host, ports,
                        PROTOCOLS[vip['proto']])


def server_as_shown(server):
    shown = dict(counters(server, COUNTERS + ('active', 'bounced', 'retries')),
                 address=address(server), max_flows=server['max-flows'],
                 state=server['state'], weight=server['weight'])
    if server['drain']:
        shown.update(weight=0, drained_weight=server['weight'])
    pinned = [name for name, attr in (('mac', 'mac'), ('dev', 'ifname'))
              if attr in server]
    for key, value in (('sorry', server.get('sorry')), ('why', server.get('why')),
                       ('pinned', pinned),
                       ('mac', server.get('path-mac', server.get('mac'))),
                       ('dev', server.get('path-ifname', server.get('ifname')))):
        if value:
            shown[key] = value
    return shown


def vip_as_shown(vip, servers):
    shown = dict(counters(vip, COUNTERS), vip=vip_name(vip),
                 address=address(vip), port=vip.get('port', 0),
                 protocol=PROTOCOLS[vip['proto']], scheduler=vip['sched'],
                 arp=vip['arp'], speaks=vip['speaks'],
                 persistence=vip['persistence'],
                 on_down=vip['on-down'],
                 timeouts={name[8:]: vip[name] for name in vip
                           if name.startswith('timeout-')},
                 servers=servers)
    for key, value in (('port_last', last_of_range(vip)),
                       ('sorry', address(vip, 'sorry'))):
        if value:
            shown[key] = value
    if vip['persistence']:
        shown['mask'] = vip['persistence-mask']
    return shown


def config_as_shown(client):
    servers = {}
    for message in client.dump('server-get'):
        for server in message['server']:
            servers.setdefault(vip_name(message['vip']), []).append(
                server_as_shown(server))
    return [vip_as_shown(message['vip'], servers.get(vip_name(message['vip']), []))
            for message in client.dump('vip-get')]


def flow_as_shown(message):
    flow = message['flow']
    return {'vip': vip_name(message['vip']), 'client': address(flow, 'client'),
            'client_port': flow['client-port'], 'port': flow['dst-port'],
            'protocol': PROTOCOLS[flow['proto']], 'state': flow['state'],
            'server': address(flow, 'server')}


def stats_as_shown(message):
    stats = message['stats']
    shown = {name.replace('-', '_'): value for name, value in stats.items()
             if name not in ('passed', 'dropped')}
    shown['flows_max'] = message['limit']['flows']
    if message['limit'].get('flows-auto'):
        shown['flows_max_auto'] = True
    for kind in ('passed', 'dropped'):
        shown[kind] = {reason['name']: reason['count'] for reason in stats[kind]}
    return shown


def same(what, ours, theirs):
    report(what, '' if ours == theirs and ours else '%s, dsrctl: %s' % (
        ours, theirs))


def ip(*words):
    subprocess.run(['ip', *words], check=True)


# --- the tests ---

def test_made(client):
    """By the kernel's client, and seen by both"""
    client.do('vip-add', vip=dict(WEB, sched='wrr'))
    client.do('vip-add', vip=dict(DNS, arp='off', persistence=600,
                                  **{'persistence-mask': 64, 'on-down': 'drop',
                                     'timeout-udp': 7,
                                     'sorry6': v6('2001:db8:9::12')}))
    client.do('server-add', vip=WEB, server=[dict(S1, weight=5, **PIN),
                                             dict(S2, **PIN), dict(S3, **PIN)])
    client.do('server-add', vip=DNS, server=[dict(SIX, **PIN)])
    client.do('server-set', vip=DNS, server=[
        dict(PIN, addr6=v6('2001:db8:9::12'))])
    client.do('server-set', vip=WEB, server=[dict(S1, drain=1),
                                             dict(S2, weight=7)])
    client.do('server-del', vip=WEB, server=[S3])
    client.do('vip-set', vip=dict(WEB, **{'timeout-syn': 9, 'sched': 'lc'}))
    client.do('dev-add', dev={'ifname': 'eth0'})
    client.do('limit-set', limit={'flows': 4711})
    same('VIPs and servers as dsrctl shows them', config_as_shown(client),
         dsrctl('show'))
    same('devs', [message['dev']['ifname'] for message in client.dump('dev-get')],
         [dev['dev'] for dev in dsrctl('dev', 'show')])
    same('stats and the limit', stats_as_shown(client.do('stats-get')),
         dsrctl('stats'))
    vip = client.do('vip-get', vip=WEB)
    server = client.do('server-get', vip=WEB, server=[S1])
    report('one VIP is as among all', '' if vip in client.dump(
        'vip-get') and [vip] == client.dump('vip-get', vip=WEB) else vip)
    report('one server as well', '' if server in client.dump('server-get')
           and server in client.dump('server-get', vip=WEB) else server)
    report('an address is shown as one writes it', '' if server['server'][0][
        'addr4'] == '10.9.0.11' else server)
    generation = client.generation()
    report('all have the generation', '' if {
        message['generation'] for way in ('vip-get', 'server-get', 'dev-get')
        for message in client.dump(way)} | {
            vip['generation'], server['generation']} == {generation} else vip)


def test_seen(client):
    """Made by dsrctl, and with flows"""
    for words in ('vip add 10.0.0.101:53/udp scheduler rr',
                  'server add 10.0.0.101:53/udp 10.9.0.11 mac '
                  '02:00:00:00:00:11 dev eth0'):
        subprocess.run([DSRCTL, *words.split()], check=True)
    same('what dsrctl makes', config_as_shown(client), dsrctl('show'))
    wire.send(wire.udp(CLIENT, 1024, '10.0.0.101', 53))
    wire.send(wire.udp(CLIENT, 1025, '10.0.0.101', 53))
    shown = []
    while len(shown) < 2:
        shown = client.dump('flow-get')
    # seconds go on between the two
    same('flows as dsrctl shows them', sorted(map(flow_as_shown, shown), key=str),
         sorted([{key: value for key, value in flow.items() if key not in (
             'age', 'idle', 'expires')} for flow in dsrctl('flow', 'show')],
                key=str))
    vip = {'addr4': v4('10.0.0.101'), 'proto': 17, 'port': 53}
    report('flows of a VIP', '' if len(client.dump(
        'flow-get', vip=vip)) == 2 else 'none')
    report('and of another one', client.dump('flow-get', vip=WEB))
    packet = {'client4': v4(CLIENT), 'dst4': v4('10.0.0.101'), 'proto': 17,
              'client-port': 1024, 'dst-port': 53}
    fate = client.do('explain', flow=packet)
    theirs = dsrctl('explain', 'udp', CLIENT + ':1024', '10.0.0.101:53')
    same('what would become of a packet', [
        vip_name(fate['vip']), fate['fate']['by'],
        address(fate['server'][0]), fate['server'][0]['path-ifname']],
         [theirs['vip'], theirs['by'], theirs['server'], theirs['dev']])
    gone = client.do('flow-flush', vip=vip, flow={
        'client4': v4('198.51.100.0'), 'client-prefix': 24})
    report('flows are forgotten and counted', '' if gone == {'count': 2} and
           not client.dump('flow-get') else gone)


def refused(what, client, error, text, attr, name, **attrs):
    """attr: the bad attribute, as the client tells it"""
    before = config_as_shown(client), client.generation()
    try:
        answer = client.do(name, **attrs)
        wrong = 'it is not: %s' % answer
    except NlError as refusal:
        extack = refusal.nl_msg.extack or {}
        wrong = '' if (refusal.nl_msg.error == -error and
                       text in extack.get('msg', '') and
                       extack.get('bad-attr') == attr) else (
                           refusal.nl_msg.error, extack)
    report('refused: ' + what, wrong)
    report('and nothing changed', '' if before == (
        config_as_shown(client), client.generation()) else 'it has')


def test_refusals(client):
    refused('a VIP that is there', client, errno.EEXIST, 'exists', None,
            'vip-add', vip=WEB)
    refused('a weight', client, errno.ERANGE, 'range', '.server.weight',
            'server-add', vip=WEB, server=dict(S3, weight=65536))
    refused('the weight of the second server', client, errno.ERANGE, 'range',
            '.server.weight', 'server-add', vip=WEB,
            server=[S3, {'addr4': v4('10.9.0.14'), 'weight': 65536}])
    refused('a scheduler', client, errno.EINVAL, 'no such scheduler',
            '.vip.sched', 'vip-set', vip=dict(WEB, sched='none'))
    refused('no such VIP', client, errno.ENOENT, 'no such VIP', '.vip',
            'vip-del', vip=dict(WEB, port=81))
    refused('no such server', client, errno.ENOENT, 'no such server', '.server',
            'server-del', vip=WEB, server=[S3])
    refused('no such interface', client, errno.ENODEV, 'no such interface',
            '.dev.ifname', 'dev-add', dev={'ifname': 'ghost'})
    refused('another generation', client, errno.EBUSY, 'another',
            '.generation', 'flush', generation=client.generation() ^ 1)
    refused('an item of a load', client, errno.EEXIST, 'exists', '.item',
            'config-load', item=[{'cmd': 'vip-add', 'vip': WEB}] * 2)
    refused('an attribute that the command does not take', client, errno.EINVAL,
            'nsupported', '.count', 'flush', count=1)


def test_loads(client):
    items = [{'cmd': 'limit-set', 'limit': {'flows': 99}},
             {'cmd': 'dev-add', 'dev': {'ifname': 'eth0'}},
             {'cmd': 'vip-add', 'vip': dict(WEB, sched='mh')},
             {'cmd': 'server-add', 'vip': WEB,
              'server': [dict(S2, **PIN), dict(S3, **PIN)]},
             {'cmd': 'server-set', 'vip': WEB, 'server': [dict(S3, drain=1)]}]
    before = config_as_shown(client), client.generation()
    client.do('config-load', item=items, **{'dry-run': True})
    report('a dry run changes nothing', '' if before == (
        config_as_shown(client), client.generation()) else 'it does')
    client.do('config-load', item=items, generation=before[1])
    shown = dsrctl('show')
    same('a load', config_as_shown(client), shown)
    report('is all there is', '' if [
        (vip['vip'], [(server['address'], server['weight'])
                      for server in vip['servers']]) for vip in shown] == [
                          ('10.0.0.100:80/tcp', [('10.9.0.12', 1),
                                                 ('10.9.0.13', 0)])] else shown)
    report('and makes another generation',
           '' if client.generation() != before[1] else 'it does not')


def caused(what, listener, client, name, request, **attrs):
    """An event of that name, by a command of another socket's"""
    client.do(request, **attrs)
    events = listener.events(name)
    cause = events[-1]['msg'].get('cause')
    wanted = {'portid': client.ynl.sock.getsockname()[0], 'pid': os.getpid(),
              'uid': os.getuid(), 'comm': 'python3'}
    if events[-1]['msg'].get('generation') != client.generation():
        report(what, events)
    else:
        report(what, cause != wanted and '%s, not %s' % (cause, wanted))
    return events[-1]['msg']


def test_events(client):
    listener = Client()
    listener.listen()
    client.do('config-load')
    report('an empty load', '' if listener.events('config-load-ntf')[-1][
        'msg'].keys() == {'generation', 'cause'} else 'its event')
    vip = {'addr4': v4('10.0.0.101'), 'proto': 17, 'port': 53}
    for request, attrs in (
            ('vip-add', {'vip': vip}), ('vip-set', {'vip': dict(vip, sched='rr')}),
            ('server-add', {'vip': vip, 'server': [dict(S1, **PIN)]}),
            ('server-set', {'vip': vip, 'server': [dict(S1, weight=3)]}),
            ('dev-add', {'dev': {'ifname': 'eth0'}}),
            ('limit-set', {'limit': {'flows': 500}})):
        caused('%s is told, with who did it' % request, listener, client,
               request + '-ntf', request, **attrs)
    test_own_events(client, listener, vip)
    for request, attrs in (
            ('server-del', {'vip': vip, 'server': [S1]}), ('vip-del', {'vip': vip}),
            ('flush', {}), ('config-load', {})):
        told = caused('%s is told, with who did it' % request, listener, client,
                      request + '-ntf', request, **attrs)
        if request == 'server-del':
            report('as it was', '' if told['server'][0]['weight'] == 3 else told)
    client.used |= listener.used


def test_own_events(client, listener, vip):
    """What happens by itself: a state, a drain that is over, a claim, a dev"""
    wire.send(wire.udp(CLIENT, 2000, '10.0.0.101', 53))
    while not client.dump('flow-get'):
        pass
    client.do('server-set', vip=vip, server=[dict(S1, drain=1)])
    client.do('flow-flush')
    ip('link', 'set', 'far', 'down')
    ip('link', 'set', 'far', 'up')
    wanted = {'server-drained-ntf', 'server-state-ntf'}
    own = []
    while wanted - {event['name'] for event in own}:
        own += listener.events((wanted - {event['name'] for event in own}).pop())
    ip('link', 'add', 'some0', 'type', 'veth', 'peer', 'name', 'some1')
    client.do('dev-add', dev={'ifname': 'some0'})
    ip('link', 'del', 'some0')
    own += listener.events('dev-state-ntf')
    wire.send(wire.claim('10.0.0.101'))
    own += listener.events('arp-ntf')
    report('what happens by itself has no cause', [
        event for event in own if 'cause' in event['msg'] and event[
            'name'] in wanted | {'dev-state-ntf', 'arp-ntf'}])
    report('a claim names the host', '' if own[-1]['msg'] == {'claim': {
        'addr4': '10.0.0.101', 'mac': '02:00:00:00:00:99', 'ifname': 'eth0',
        'kind': 'foreign'}}
           else own[-1])
    client.do('dev-del', dev={'ifname': 'some0'})
    listener.events('dev-del-ntf')
    client.do('server-set', vip=vip, server=[dict(S1, drain=0)])


def main():
    client = Client()
    test_made(client)
    test_seen(client)
    test_refusals(client)
    test_loads(client)
    test_events(client)
    report('every command and event of the specification was used', ' '.join(
        map(str, sorted(client.missing()))))
    report('that was all')


main()
