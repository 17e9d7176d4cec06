"""Every file of a site that is no page, read strictly; a line a fault.

    strict.py FOLDER

JSON without a key twice, NaN or lone surrogates; XML without a script, a
handler, a foreign element or an address of another scheme; iCalendar with lines
of at most 75 bytes and the components and properties that we write; OpenMetrics
line by line.
"""
import json
import os
import re
import sys
import xml.etree.ElementTree as xml

ODD = re.compile('[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f'
                 '\u202a-\u202e\u2060\u2066-\u2069\ufeff]')


def read_json(text):
    def once(pairs):
        names = [name for name, _ in pairs]
        if len(set(names)) != len(names):
            raise ValueError('a key stands twice')
        return dict(pairs)

    def never(word):
        raise ValueError(word)
    json.loads(text, object_pairs_hook=once, parse_constant=never)
    json.dumps(json.loads(text), ensure_ascii=False).encode()


def read_xml(text):
    for e in xml.fromstring(text.encode()).iter():
        name = e.tag.rsplit('}')[-1]
        if name in ('script', 'foreignObject', 'hit-me', 'img', 'iframe'):
            yield '<%s>' % name
        for key, value in e.attrib.items():
            if key.startswith('on') or key == 'data-hit':
                yield 'attribute ' + key
            if key.rsplit('}')[-1] == 'href' and \
                    not re.match(r'https?://|mailto:|urn:|#|[^:]*$', value):
                yield 'href ' + value
        for value in [e.text or ''] + list(e.attrib.values()):
            if ODD.search(value):
                yield 'odd characters: %r' % value[:80]
        if e.attrib.get('type') in ('html', 'xhtml') and re.search(
                r'<(hit-me|script|img|svg)|data-hit(?![^<>]*<)', e.text or ''):
            yield 'markup in %s: %r' % (name, e.text[:200])


COMPONENTS = {'VCALENDAR', 'VEVENT', 'VTIMEZONE', 'STANDARD', 'DAYLIGHT'}


def read_ics(text):
    if '\n' in text.replace('\r\n', '') or '\r' in text.replace('\r\n', ''):
        yield 'a line end that is not CRLF'
    for line in text.split('\r\n'):
        if len(line.encode()) > 75:
            yield 'a line of %d bytes' % len(line.encode())
    for line in text.replace('\r\n ', '').split('\r\n')[:-1]:
        match = re.match(r'([A-Z-]+)((?:;[A-Z-]+=[^;:"]*)*):(.*)$', line, re.S)
        if not match:
            yield 'no property: %r' % line[:80]
        elif match[1] in ('BEGIN', 'END') and match[3] not in COMPONENTS:
            yield 'component ' + match[3]
        elif match[1] in ('ATTACH', 'ACTION', 'TRIGGER'):
            yield 'property ' + match[1]
        elif match[1] == 'URL' and not re.match('https?://', match[3]):
            yield line[:80]
        if ODD.search(line):
            yield 'odd characters: %r' % line[:80]


SAMPLE = re.compile(r'[a-z_]+(\{[a-z_]+="([^"\\\n]|\\[\\n"])*"(,[a-z_]+="([^"\\\n]|\\[\\n"])*")*\})?'
                    r' -?[0-9.eE+]+( [0-9.]+)?$')


def read_metrics(text):
    if not text.endswith('# EOF\n') or text.count('# EOF\n') != 1:
        yield 'it does not end with # EOF'
    for line in text.split('\n')[:-1]:
        if not SAMPLE.match(line) and not re.match(r'# (HELP|TYPE|UNIT) delivery_|# EOF$', line):
            yield 'no sample: %r' % line[:120]
        if line.startswith('hit'):
            yield 'a sample of another: ' + line


READERS = {'.json': read_json, '.svg': read_xml, '.atom': read_xml, '.xml': read_xml,
           '.ics': read_ics, '.prom': read_metrics}


def main(root):
    faults, seen = [], {}
    for folder, _, files in os.walk(root):
        for name in files:
            path = os.path.join(folder, name)
            kind = os.path.splitext(name)[1]
            if kind not in READERS:
                continue
            seen[kind] = seen.get(kind, 0) + 1
            try:
                with open(path, encoding='utf-8', newline='') as file:
                    for fault in READERS[kind](file.read()) or ():
                        faults.append('%s: %s' % (path, fault))
            except (ValueError, xml.ParseError) as why:
                faults.append('%s: %s' % (path, why))
    for kind in READERS:
        if not seen.get(kind):
            faults.append('there is no %s' % kind)
    print('\n'.join(faults[:40]))
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
