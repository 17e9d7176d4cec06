"""What must hold of every file of a rendered site, without a browser.

    site_check.py FOLDER        one line a fault; exit 1 if there is any

Every address within the site names a file that is there, and an element of it
where it has a fragment; none begins with '/'. A page has one h1, no level of
heading left out, no id twice, no style attribute, no script of its own, no
element of the kinds that run code; its twin is there and is JSON.
"""
import json
import os
import sys
import urllib.parse
import xml.etree.ElementTree as xml
from html.parser import HTMLParser

VOID = set("area base br col embed hr img input link meta source wbr".split())
BANNED = set("iframe object embed form base frame frameset applet style".split())


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.ids, self.links, self.faults = set(), [], []
        self.headings, self.open, self.twin, self.bytes = [], [], None, 0

    def fault(self, text):
        self.faults.append("line %d: %s" % (self.getpos()[0], text))

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        if len(names) != len(attrs):
            self.fault("an attribute stands twice in <%s>" % tag)
        if tag not in VOID:
            self.open.append(tag)
        if tag in BANNED:
            self.fault("<%s>" % tag)
        if tag == "script" and "src" not in names:
            self.fault("a script in the page")
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append(int(tag[1]))
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.fault("attribute %s" % name)
            if name == "id":
                if value in self.ids:
                    self.fault("id %s stands twice" % value)
                self.ids.add(value)
            if name in ("href", "src"):
                self.links.append((self.getpos()[0], value or ""))
        if tag == "link" and names.get("type") == "application/json":
            self.twin = names.get("href")

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.fault("</%s> closes nothing" % tag)
        else:
            self.open.pop()

    handle_startendtag = lambda self, tag, attrs: (
        self.handle_starttag(tag, attrs),
        self.open and self.open[-1] == tag and self.open.pop())


def read_page(path):
    page = Page()
    with open(path, encoding="utf-8", newline="") as file:
        page.feed(file.read())
    page.close()
    if page.open:
        page.fault("not closed: %s" % " ".join(page.open))
    if page.headings.count(1) != 1:
        page.fault("%d h1" % page.headings.count(1))
    for before, after in zip(page.headings, page.headings[1:]):
        if after > before + 1:
            page.fault("an h%d after an h%d" % (after, before))
    return page


def target_of(path, address):
    """The file and fragment that it names; None where it leaves the site."""
    parts = urllib.parse.urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    file = urllib.parse.unquote(parts.path)
    at = os.path.normpath(os.path.join(os.path.dirname(path), file)) if file \
        else path
    return at, urllib.parse.unquote(parts.fragment)


def check_links(root, name, page, pages):
    for line, address in page.links:
        where = "%s:%d: %s" % (name, line, address or "an empty address")
        if address.startswith("/") or not address:
            yield where + ": is not relative"
            continue
        if address == "#":
            yield where + ": leads nowhere"
            continue
        target = target_of(name, address)
        if not target:
            scheme = urllib.parse.urlsplit(address).scheme
            if scheme not in ("http", "https", "mailto"):
                yield where + ": has the scheme " + scheme
            continue
        at, fragment = target
        if at.startswith("..") or not os.path.isfile(os.path.join(root, at)):
            yield where + ": there is no such file"
        elif fragment and at in pages and fragment not in pages[at].ids:
            yield where + ": there is no such id"


def check_twin(root, name, page):
    if not page.twin:
        yield "%s: it has no twin" % name
        return
    at, _ = target_of(name, page.twin)
    try:
        with open(os.path.join(root, at), encoding="utf-8") as file:
            json.load(file)
    except (OSError, ValueError) as error:
        yield "%s: its twin: %s" % (name, error)


def twice(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("a member stands twice: %s" % names)
    return dict(pairs)


def check_data(root, name):
    path = os.path.join(root, name)
    try:
        if name.endswith(".json"):
            with open(path, encoding="utf-8") as file:
                json.load(file, object_pairs_hook=twice)
        elif name.endswith((".svg", ".xml", ".atom")):
            xml.parse(path)
    except (ValueError, xml.ParseError) as error:
        yield "%s: %s" % (name, error)


def main(root):
    names = sorted(
        os.path.relpath(os.path.join(folder, file), root)
        for folder, _, files in os.walk(root) for file in files)
    pages = {name: read_page(os.path.join(root, name))
             for name in names if name.endswith(".html")}
    faults = []
    for name in names:
        faults.extend(check_data(root, name))
    for name, page in pages.items():
        faults.extend("%s: %s" % (name, fault) for fault in page.faults)
        faults.extend(check_links(root, name, page, pages))
        if name != "404.html":
            faults.extend(check_twin(root, name, page))
    if not pages:
        faults.append("%s: there is no page" % root)
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
