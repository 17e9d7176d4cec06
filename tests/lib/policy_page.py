"""The tables of site/guide/policy.md, from the schemas of the program.

    policy_page.py tables SCHEMAS PAGE   the page, its tables made anew
    policy_page.py examples PAGE...      the documents in pages, as one stream

A section "## `KIND`" has a table of the kind's keys, with the way to those of
maps in it ("when.weekly"). A heading "### `WAY`" in the section gives the keys
of that map a table of their own. What many kinds have, SHARED, has a section
"## `scope`" as if it were a kind. SCHEMAS is what `dxcp schema --out` wrote.
"""
import json
import os
import re
import sys

SHARED = ("guardrails", "scope")

# What the page calls the forms of texts. A form that is none of these stops
# the script, so that somebody finds words for it.
DAY = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
FORMS = [
    (r"^[0-9]+[smhd]$", "a duration"),
    (r"^0*[1-9][0-9]*[smhd]$", "a duration, not 0"),
    (r"^-?[0-9]+([.][0-9]+)?$", "a decimal number"),
    (r"^([01][0-9]|2[0-3]):[0-5][0-9]$", "a clock time"),
    (r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", "a clock time"),
    (r"^[A-Za-z_][A-Za-z0-9_]{0,127}$", "a variable's name"),
    (r"^https?://[^/?#@]+(/[^?#]*)?$", "an address, http or https"),
]
BEGINNINGS = [
    ("^" + DAY, "an instant"),
    ("^(?=.{1,128}$)[a-z0-9]+(-", "a name, lower-case, up to 128 characters"),
    ("^(?![Ii][Nn][Dd][Ee][Xx]", "an id, up to 128 characters"),
    ("^(file://.|pkg:", "a prefix of addresses"),
    ("^(?=.*[^ \t])[^<>&", "a name, up to 80 characters"),
    ("^(0|[1-9][0-9]*)[.]", "a semantic version"),
]


def form(pattern):
    for known, name in FORMS:
        if pattern == known:
            return name
    for known, name in BEGINNINGS:
        if pattern.startswith(known):
            return name
    sys.exit("%s: a form without a name" % pattern)


def words(names):
    return ", ".join("`%s`" % name for name in names)


def one(value):
    """What a single value may be."""
    if "enum" in value:
        return words(value["enum"])
    types = value["type"]
    if types == "boolean":
        return "`true`, `false`"
    if types == "integer":
        least, most = value["minimum"], value.get("maximum")
        return "a number from %d%s" % (
            least, "" if most in (None, 2**31 - 1) else " to %d" % most)
    name = form(value["pattern"]) if "pattern" in value else "a text"
    if "maxLength" in value:
        name += ", up to %d characters" % value["maxLength"]
    return name + (", or `null`" if "null" in types else "")


def takes(value):
    """What a key takes, and the map whose keys follow, if any."""
    if "anyOf" in value:
        short, inner = value["anyOf"]
        return one(short) + ", or a map", inner, ""
    if value.get("type") == "array":
        items, some = value["items"], value.get("minItems")
        if "properties" in items or "anyOf" in items:
            name, inner, _ = takes(items)
            each = "texts or maps" if "anyOf" in items else "maps"
            return "a list of " + each, inner, "[]"
        name = one(items)
        name = "a list of texts" if name == "a text" else "a list: " + name
        return name + (", at least one" if some else ""), None, ""
    if "properties" in value:
        also = ""
        if "oneOf" in value:
            also = ": one of " + words(
                x["required"][0] for x in value["oneOf"])
        if "minProperties" in value:
            also = ", at least one key"
        return "a map" + also, value, ""
    if isinstance(value.get("additionalProperties"), dict):
        items = value["additionalProperties"]
        if "properties" in items or "anyOf" in items:
            name, inner, _ = takes(items)
            each = "texts or maps" if "anyOf" in items else "maps"
            return "a map from names to " + each, inner, ".NAME"
        return "a map from names to texts", None, ""
    if "type" not in value and "enum" not in value:
        return "anything", None, ""
    return one(value), None, ""


def rows(schema, way, shared):
    for key, value in schema["properties"].items():
        if key == "kind" and not way:
            continue
        what, inner, each = takes(value)
        about = value["description"].replace("*", "\\*")
        if key in SHARED:
            inner.pop("description")
            assert shared.setdefault(key, inner) == inner, key
            what, inner = "a map: see `%s`" % key, None
        if key in schema.get("required", ()):
            what = "**required**: " + what
        yield way, key, what, about
        if inner:
            yield from rows(inner, "%s%s%s." % (way, key, each), shared)


def tables(schema, ways, shared):
    """The lines of each table: of the kind, then of each of the ways."""
    out = {way: ["| key | takes | what it is |", "|---|---|---|"]
           for way in ways}
    for place, key, what, about in rows(schema, "", shared):
        way = max((w for w in ways if place.startswith(w)), key=len)
        out[way].append("| `%s%s` | %s | %s |" % (
            place[len(way):], key, what, about))
    return out


def remake(schemas, page):
    lines = open(page).read().split("\n")
    kind, sections = None, []  # (line of the heading, kind, way)
    for n, line in enumerate(lines):
        m = re.fullmatch(r"(##|###) `([^`]+)`", line)
        if m and m.group(1) == "##":
            kind = m.group(2)
            sections.append((n, kind, ""))
        elif m:
            sections.append((n, kind, m.group(2) + "."))
        elif line.startswith("## "):
            kind = None
    out, told = [], {}
    for n, kind, way in sections:
        told.setdefault(kind, []).append(way)
    policy = json.load(open(os.path.join(schemas, "policy.json")))
    kinds = policy["properties"]["kind"]["enum"]
    if list(told) != kinds + list(SHARED):
        sys.exit("the page has %s, not %s" % (list(told), kinds))
    made, shared = {}, {}
    for kind in kinds:
        schema = json.load(open(os.path.join(schemas, kind + ".json")))
        made[kind] = tables(schema, told[kind], shared)
    for name in SHARED:
        made[name] = tables(shared[name], told[name], {})
    want, inside = None, False
    at = {n: (kind, way) for n, kind, way in sections}
    for n, line in enumerate(lines):
        if n in at:
            if want is not None:
                sys.exit("%s has no table" % (want,))
            want = at[n]
        bar = line.startswith("|")
        if bar and want and not inside:
            out += made[want[0]][want[1]]
            want, inside = None, True
        inside = inside and bar
        if not inside:
            out.append(line)
    if want is not None:
        sys.exit("%s has no table" % (want,))
    return "\n".join(out)


def examples(page):
    """Blocks of indented lines that begin with the key kind."""
    blocks, block = [], []
    for line in open(page).read().split("\n") + ["end"]:
        if line.startswith("    ") or (block and not line):
            block.append(line[4:])
            continue
        if block and block[0].startswith("kind: "):
            blocks.append("\n".join(block).rstrip("\n") + "\n")
        block = []
    return blocks


if sys.argv[1:2] == ["tables"]:
    sys.stdout.write(remake(sys.argv[2], sys.argv[3]))
elif sys.argv[1:2] == ["examples"]:
    print("---\n".join(b for p in sys.argv[2:] for b in examples(p)), end="")
else:
    sys.exit(__doc__)
