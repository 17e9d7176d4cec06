"""A world whose texts would do harm if a page let them through.

    hostile.py policy|builds|deploys|later FOLDER    write the step's files
    hostile.py history                               lines for ledger import
    hostile.py author                                a name for a commit
    hostile.py subject                               and its message

Every text that people, builds or engines are free to write has pieces of the
corpus; each begins at another, so that all stand in every kind of place where
there is room. What runs would set the global HIT, ask by a dialog, or leave an
element hit-me or an attribute data-hit behind.
"""
import itertools
import json
import os
import sys

CORPUS = [
    '<script>HIT=1</script>',
    '"><img src=x onerror="HIT=1" data-hit>',
    "'><svg/onload=HIT=1 data-hit><hit-me>",
    '<a href="javascript:HIT=1">x</a>',
    '[x](javascript:HIT=1) ![y](data:text/html,<script>HIT=1</script>)',
    '<!-- --!> <hit-me data-hit> <!--',
    ']]><hit-me/><![CDATA[ <?xml version="1.0"?><!DOCTYPE a [<!ENTITY e "&e;">]>&e;',
    '&lt;hit-me&gt; &#60;hit-me&#62; &#x3c;hit-me&#x3e; &amp;amp; &nbsp;',
    '{{title}} {{#frame}} {{>top}} {{{hit}}} ${HIT=1} #{HIT=1} <%=HIT%>',
    '</title></textarea></style></script><hit-me>',
    '\u202eexe.tfdp\u202c \u2066a\u2069 \u061c\u200e\u200f',
    '\u200b\u200c\u200d\ufeff\u2060\u00ad a\u0300\u0301\u0302\u0303\u0304',
    '\u0007\u001b[31mred\u001b]8;;javascript:HIT=1\u0007 \u0085\u2028\u2029\u0001',
    '\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea \U0001f9ff \ufffd\uffff',
    '\r\nBEGIN:VALARM\r\nATTACH;FMTTYPE=text/html:javascript:HIT=1\r\nEND:VEVENT\r\n',
    '"} 1\nhit_total{a="\\"} 1\n# EOF\n',
    '*b* _i_ `c` # h\n\n<hit-me>\n\n    code\n\n[r]: javascript:HIT=1\n\n[r]',
    'W' * 150,
    '-->\\"\\\\\'; HIT=1; // \\u003cscript\\u003e',
    '<b class="pill" style="position:fixed;inset:0" id="main" onclick=HIT=1>b</b>',
]
at = itertools.count()


def text(most=900, line=False):
    """Pieces from the next of the corpus on, as many as fit; no more than
    `most` bytes."""
    begin, out = next(at) * 7, ''
    for i in range(len(CORPUS)):
        piece = CORPUS[(begin + i) % len(CORPUS)]
        if len((out + ' ' + piece).encode()) <= most:
            out += ' ' + piece
    return ' '.join(out.split()) if line else out[1:]


def address(i=None):
    """What a link must not lead to, or may only as it is written."""
    those = ['javascript:HIT=1//', 'data:text/html,<script>HIT=1</script>',
             ' javascript:HIT=1', 'JaVaScRiPt:HIT=1', 'java\tscript:HIT=1',
             'vbscript:HIT=1', 'https://example.com/"onmouseover="HIT=1',
             '//example.com/<hit-me>', "https://example.com/'>{{title}}",
             'https://user:secret@example.com/\u202e', 'file:///etc/passwd',
             'https://example.com/\n<hit-me>']
    return those[(next(at) if i is None else i) % len(those)]


def printed(value):
    return ''.join(c for c in value if c.isprintable() or c in '\u202e\u2066\u200b')


def quoted(value):
    # Of YAML's escapes JSON has the same, but for characters above U+FFFF,
    # which stand as they are, and U+007F to U+009F and the like.
    raw = json.dumps(value, ensure_ascii=False)
    return ''.join(c if ' ' <= c <= '~' or c >= '\U00010000' or c.isalpha()
                   else '\\u%04x' % ord(c) for c in raw)


def yaml(value):
    if isinstance(value, dict):
        return '{%s}' % ', '.join('%s: %s' % (quoted(k), yaml(v)) for k, v in value.items())
    if isinstance(value, list):
        return '[%s]' % ', '.join(map(yaml, value))
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def write(folder, name, *documents):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write('---\n'.join(yaml(d) + '\n' for d in documents))


# Names have few characters, and pages, scripts and tables that know more of
# them than of others.
LONG = 'x' * 128
SERVICES = ['constructor', 'con.aux', 'toString', LONG, '0', 'hasOwnProperty']
VERSION = '1.0.0-' + 'rc.' * 30 + '1'


def policy(folder):
    write(folder, 'policy/platform.yaml', {
        'kind': 'platform', 'name': text(200),
        'engines': {'box': {'type': 'sandbox', 'after': '4m', 'script': [
            {'service': 'con.aux', 'outcome': 'failed', 'after': '2m',
             'category': 'APP', 'message': text()},
            {'service': 'toString', 'outcome': 'failed', 'message': text(4000)},
            {'service': '0', 'environment': 'prod', 'outcome': 'hang'}]}},
        'site': {'title': text(200), 'repository_url': 'https://example.com/"><hit-me>',
                 'base_url': 'https://example.com/a/', 'emails': True,
                 'people': [{'identity': 'cy@example.com', 'shown': '{{title}} \u202e' + 'W' * 60}]}},
        {'kind': 'roles', 'platform_admin': ['ana@example.com'],
         'ci_publisher': ['ci@example.com'],
         'observer': ['"><hit-me>@example.com', text(200)]},
        {'kind': 'environment', 'name': 'dev', 'type': 'non_prod'},
        {'kind': 'environment', 'name': 'prod', 'type': 'prod'},
        {'kind': 'recipe', 'id': 'standard', 'name': text(300), 'revision': 1,
         'summary': text(240), 'engine': 'box', 'timeout': '10m',
         'overridable': {'note': {'type': 'string'}}},
        {'kind': 'window', 'id': 'sale', 'type': 'deny', 'reason': text(),
         'scope': {'environments': ['prod']},
         'when': {'dated': {'from': '2026-03-10T00:00:00Z', 'to': '2026-03-12T06:00:00Z'}}},
        {'kind': 'window', 'id': 'now', 'type': 'deny', 'reason': text(),
         'scope': {'services': ['hasOwnProperty'], 'environments': ['prod']},
         'when': {'dated': {'from': '2026-03-01T00:00:00Z', 'to': '2026-03-06T06:00:00Z'}}},
        {'kind': 'waiver', 'id': 'w', 'guardrail': 'WINDOW_CLOSED', 'owner': text(200),
         'scope': {'services': ['0']}, 'reason': text(),
         'expires': '2026-03-31T00:00:00Z'},
        {'kind': 'failure_rule', 'id': 'f', 'match': {'message': '*HIT*'},
         'category': 'APP', 'summary': text(), 'hint': text()})
    write(folder, 'policy/services.yaml', *[
        {'kind': 'service', 'name': name, 'owner': text(300), 'description': text(4000),
         'repository': address(6 + i), 'recipes': ['standard'],
         'routes': {'dev': 'standard', 'prod': 'standard'},
         'artifact_sources': ['s3://acme/%s/' % name]} for i, name in enumerate(SERVICES)])
    write(folder, 'policy/groups.yaml',
          {'kind': 'group', 'id': 'prototype', 'name': text(300),
           'owners': ['bo@example.com', '"onload=HIT=1 <hit-me>'], 'services': SERVICES[:3],
           'environments': ['dev', {'name': 'prod', 'approvals': 1}], 'recipes': ['standard']},
          {'kind': 'group', 'id': LONG, 'name': text(300), 'owners': ['bo@example.com'],
           'services': SERVICES[3:], 'environments': ['dev', 'prod'], 'recipes': ['standard']})


def builds(folder):
    for i, name in enumerate(SERVICES):
        build(folder, name, 'build', VERSION, 6, 8)
        build(folder, name, 'refused', VERSION + '.2', i, i + 3)


def build(folder, service, name, version, here, there):
    write(folder, 'intents/%s/%s.yaml' % (service, name), {
        'kind': 'build', 'service': service, 'version': version, 'summary': text(240),
        'ticket': text(200), 'artifact': 's3://acme/%s/%s' % (service, text(200, True)),
        'commit': '0123456789abcdef0123456789abcdef01234567', 'branch': text(200, True),
        'built_at': '2026-03-01T07:00:00Z', 'repository': address(here),
        'labels': {text(60, True): text(200)},
        'ci': {'provider': text(100), 'run_id': text(200), 'run_url': address(there)}})


def deploy(name, environment, **more):
    return dict({'kind': 'deploy', 'service': name, 'environment': environment,
                 'version': VERSION, 'summary': text(240), 'ticket': text(200),
                 'labels': {'a': text(200), text(60, True): 'b'},
                 'params': {'note': text(400)}}, **more)


def deploys(folder):
    odd = ['"><hit-me onload=HIT=1>', '{{title}} & \u202e', "'; HIT=1; '", 'a\u200bb \U0001f468',
           '%3Chit-me%3E#x?y', 'W' * 200]
    for name, path in zip(SERVICES, odd):
        write(folder, 'intents/%s/%s.yaml' % (name, path), deploy(name, 'dev'))
        write(folder, 'intents/%s/dev.yaml' % name, deploy(name, 'dev'))
    for name in SERVICES[3:]:
        write(folder, 'intents/%s/prod.yaml' % name, deploy(name, 'prod'))
    write(folder, 'intents/constructor/waits.yaml', deploy('constructor', 'prod'))


def later(folder):
    write(folder, 'intents/0/hold.yaml', {
        'kind': 'hold', 'service': '0', 'environment': 'prod', 'version': VERSION,
        'summary': text(240), 'ticket': text(200)})
    write(folder, 'intents/hasOwnProperty/incident.yaml', {
        'kind': 'incident', 'service': 'hasOwnProperty', 'environment': 'prod',
        'started_at': '2026-03-03T09:00:00Z', 'severity': text(100), 'summary': text(240)})
    write(folder, 'intents/0/unknown.yaml', deploy('0', 'prod', version='<hit-me data-hit>'))
    write(folder, 'intents/0/nowhere.yaml', deploy('<hit-me data-hit>', text(100, True)))
    write(folder, 'intents/toString/again.yaml', deploy('toString', 'prod', recipe='"><hit-me>'))
    write(folder, 'intents/constructor/approve.yaml', {
        'kind': 'approval', 'of': 'intents/constructor/waits.yaml', 'decision': 'reject',
        'summary': text(240)})
    write(folder, 'intents/0/approve.yaml', {
        'kind': 'approval', 'of': 'intents/<hit-me data-hit>.yaml', 'summary': text(240)})


def history():
    for i in range(24):
        print(json.dumps({
            'service': SERVICES[i % len(SERVICES)], 'environment': ['dev', 'prod'][i % 2],
            'version': 'v%d' % i, 'time': '2026-02-%02dT10:00:00Z' % (i + 1),
            'outcome': 'failed' if i % 5 == 4 else 'succeeded', 'actor': printed(text(200)),
            'message': text(), 'commit': printed(text(100)),
            'source': printed(address(i))}))


def main(step, folder=None):
    if step == 'author':
        # What git takes off at the ends or refuses is put in afterwards.
        sys.stdout.buffer.write((text(300, True).replace('\0', '')).encode())
    elif step == 'subject':
        sys.stdout.buffer.write(text(900).encode())
    elif step == 'history':
        history()
    else:
        {'policy': policy, 'builds': builds, 'deploys': deploys, 'later': later}[step](folder)


if __name__ == '__main__':
    main(*sys.argv[1:])
