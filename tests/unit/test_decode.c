/* decode: from maps to structs, and what is reported on the way. */
#include "core/decode.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <string.h>

struct part {
	struct text name;
	struct number weight;
};
struct thing {
	int before; /* not a key: stays as it was */
	struct text name, note;
	struct number count, least;
	struct flag on;
	struct moment from;
	struct moment wait;
	struct choice color;
	struct texts tags;
	struct part part;
	struct list parts;
	struct raw extra;
};

static const char *const colors[] = {"red", "green", "blue", NULL};

static bool part_of_word(void *out, const struct yaml_node *node)
{
	struct part *part = out;
	if (str_is(node->text, "bad"))
		return false;
	part->name = (struct text){node->text, node->at};
	return true;
}

static const struct key part_keys[] = {
        KEY_TEXT(struct part, name, REQUIRED, "what it is called"),
        KEY_NUMBER(struct part, weight, OPTIONAL, 0, 10, "how heavy it is"),
};
static const struct shape part_shape = {
        .what = "part",
        .size = sizeof(struct part),
        .keys = part_keys,
        .nkeys = 2,
        .scalar = part_of_word,
};
static const struct key thing_keys[] = {
        {KEY_(KEY_IS_TEXT, struct thing, name, REQUIRED, "the name"), .max = 5},
        {KEY_(KEY_IS_TEXT, struct thing, note, OPTIONAL, "a note"), .min = -1,
         .nullable = true},
        KEY_NUMBER(struct thing, count, OPTIONAL, -1, 20, "how many"),
        KEY_NUMBER(struct thing, least, OPTIONAL, 1, INT64_MAX, "at least"),
        KEY_FLAG(struct thing, on, OPTIONAL, "whether it is on"),
        KEY_MOMENT(struct thing, from, OPTIONAL, "when it starts"),
        KEY_DURATION(struct thing, wait, OPTIONAL, "how long it waits"),
        KEY_CHOICE(struct thing, color, OPTIONAL, colors, "its colour"),
        {KEY_(KEY_IS_TEXTS, struct thing, tags, OPTIONAL, "words"), .max = 3},
        KEY_STRUCT(struct thing, part, OPTIONAL, &part_shape, "the part"),
        KEY_STRUCTS(struct thing, parts, OPTIONAL, &part_shape, "the parts"),
        KEY_RAW(struct thing, extra, OPTIONAL, "anything"),
};
static const struct shape thing_shape =
        SHAPE("thing", struct thing, thing_keys);

struct decoded {
	struct arena *a;
	struct source *src;
	struct diags ds;
	struct thing thing;
	bool good;
};

static struct decoded read_thing(const char *text)
{
	struct decoded d = {.a = arena_new(), .thing = {.before = 7}};
	d.src = source_new(d.a, STR("f"), str_of(text));
	d.ds = diags_new(d.a);
	struct yaml_document *doc = yaml_parse(d.a, d.src, &d.ds);
	d.good = doc && decode(&d.thing, d.a, &thing_shape, doc->root, &d.ds);
	return d;
}

static void test_values(void)
{
	struct decoded d = read_thing("kind: thing\n"
	                              "name: \"a b\"\n"
	                              "note: ''\n"
	                              "count: -1\n"
	                              "least: 9223372036854775807\n"
	                              "on: true\n"
	                              "from: 2026-11-20T08:00:00Z\n"
	                              "wait: 15m\n"
	                              "color: green\n"
	                              "tags: [a, 1, yes]\n"
	                              "part: {name: p, weight: 10}\n"
	                              "parts: [{name: q}, r]\n"
	                              "extra: {x: [1]}\n");
	const struct thing *t = &d.thing;
	ok(d.good && !d.ds.n, "all is well");
	is_int(t->before, 7, "what is not a key stays");
	is_str(t->name.s, "a b", "a text");
	is_int(t->name.at.start, 18, "with its place");
	ok(GIVEN(t->note) && !t->note.s.n, "an empty text where it may be");
	is_int(t->count.n, -1, "the least number");
	ok(t->least.n == INT64_MAX, "the greatest number");
	ok(t->on.on && GIVEN(t->on), "a flag");
	is_int(t->from.t, 1795161600, "an instant");
	is_int(t->wait.t, 900, "a duration");
	is_int(t->color.is, 1, "a choice");
	is_int((int64_t)t->tags.n, 3, "texts");
	is_str(t->tags.at[2].s, "yes", "any scalar is a text");
	is_str(t->part.name.s, "p", "a nested struct");
	is_int(t->part.weight.n, 10, "to its last key");
	const struct part *parts = t->parts.at;
	is_int((int64_t)t->parts.n, 2, "a list of structs");
	is_str(parts[0].name.s, "q", "a map in it");
	is_str(parts[1].name.s, "r", "a word in it");
	ok(t->extra.node && t->extra.node->kind == YAML_MAP, "a raw node");
	ok(t->tags.span.src && t->parts.span.src, "lists have places");
	arena_free(d.a);

	d = read_thing("name: b\nnote: ~\ntags: []\nparts: []\n");
	ok(d.good && !d.ds.n, "keys may be left out");
	ok(!GIVEN(d.thing.count) && !GIVEN(d.thing.part.name) &&
	           !d.thing.extra.node,
	   "what is left out is not given");
	ok(!GIVEN(d.thing.note), "null is not given where it may be");
	ok(!d.thing.tags.n && d.thing.tags.span.src, "an empty list is given");
	arena_free(d.a);
}

static void test_findings(void)
{
	static const struct {
		const char *name, *text; /* after "name: n\n" */
		enum diag_code code;
		uint32_t column; /* in line 2 */
		const char *message;
	} cases[] = {
	        {"null for a text", "part: {name: }", DIAG_WRONG_TYPE, 13,
	         "expected a text for \"name\", not nothing"},
	        {"a list for a text", "note: [a]", DIAG_WRONG_TYPE, 7,
	         "expected a text for \"note\", not a list"},
	        {"an empty text", "part: {name: ''}", DIAG_WRONG_TYPE, 14,
	         "\"name\" is empty"},
	        {"a word for a number", "count: many", DIAG_WRONG_TYPE, 8,
	         "\"many\" is not a whole number in decimal digits"},
	        {"a fraction", "count: 1.0", DIAG_WRONG_TYPE, 8,
	         "\"1.0\" is not a whole number in decimal digits"},
	        {"an octal number", "count: 010", DIAG_WRONG_TYPE, 8,
	         "\"010\" is not a whole number in decimal digits"},
	        {"a hexadecimal number", "count: 0x1F", DIAG_WRONG_TYPE, 8,
	         "\"0x1F\" is not a whole number in decimal digits"},
	        {"a lone minus", "count: -", DIAG_SYNTAX_ERROR, 8,
	         "a list item cannot start here: put it on a line of its own"},
	        {"a number in quotes", "count: '3'", DIAG_WRONG_TYPE, 8,
	         "\"3\" is not a number: leave the quotes out"},
	        {"a number too small", "count: -2", DIAG_INVALID_VALUE, 8,
	         "\"-2\" is not in range: -1 to 20"},
	        {"a number too big", "count: 21", DIAG_INVALID_VALUE, 8,
	         "\"21\" is not in range: -1 to 20"},
	        {"a number beyond all", "count: 9223372036854775808",
	         DIAG_INVALID_VALUE, 8,
	         "\"9223372036854775808\" is not in range: -1 to 20"},
	        {"a number below an open range", "least: 0", DIAG_INVALID_VALUE,
	         8, "\"0\" is not in range: 1 or more"},
	        {"a map for a number", "count: {}", DIAG_WRONG_TYPE, 8,
	         "expected a number for \"count\", not a map"},
	        {"yes for a flag", "on: yes", DIAG_WRONG_TYPE, 5,
	         "\"yes\" is not true or false"},
	        {"true in quotes", "on: \"true\"", DIAG_WRONG_TYPE, 5,
	         "\"true\" is not true or false: leave the quotes out"},
	        {"null for a flag", "on:", DIAG_WRONG_TYPE, 4,
	         "expected true or false for \"on\", not nothing"},
	        {"a day that does not exist", "from: 2026-02-30T00:00:00Z",
	         DIAG_INVALID_VALUE, 7,
	         "\"2026-02-30T00:00:00Z\" is not an instant such as "
	         "2026-11-20T08:00:00Z"},
	        {"a duration without unit", "wait: 15", DIAG_INVALID_VALUE, 7,
	         "\"15\" is not a duration such as 30s, 15m, 2h or 7d"},
	        {"a list for a duration", "wait: [1s]", DIAG_WRONG_TYPE, 7,
	         "expected a duration for \"wait\", not a list"},
	        {"no colour", "color: pink", DIAG_INVALID_VALUE, 8,
	         "\"pink\" is not one of red, green, blue"},
	        {"null for a choice", "color: null", DIAG_WRONG_TYPE, 8,
	         "expected one of red, green, blue for \"color\", not nothing"},
	        {"a word for a list", "tags: a", DIAG_WRONG_TYPE, 7,
	         "expected a list for \"tags\", not a single value"},
	        {"a map for a list", "tags: {a: b}", DIAG_WRONG_TYPE, 7,
	         "expected a list for \"tags\", not a map"},
	        {"a text too long in a list", "tags: [a, abcd]",
	         DIAG_INVALID_VALUE, 11,
	         "\"tags\" has 4 characters, more than 3"},
	        {"null in a list", "tags: [a, ~]", DIAG_WRONG_TYPE, 11,
	         "expected a text for \"tags\", not nothing"},
	        {"a word for a struct list", "parts: a", DIAG_WRONG_TYPE, 8,
	         "expected a list for \"parts\", not a single value"},
	        {"a word that is not taken", "parts: [bad]", DIAG_WRONG_TYPE, 9,
	         "expected a map (part), not a single value"},
	        {"null for a struct", "part:", DIAG_WRONG_TYPE, 6,
	         "expected a map (part), not nothing"},
	        {"a list for a struct", "part: []", DIAG_WRONG_TYPE, 7,
	         "expected a map (part), not a list"},
	        {"an unknown key", "zzz: a", DIAG_UNKNOWN_KEY, 1,
	         "unknown key \"zzz\""},
	        {"a misspelt key", "colour: red", DIAG_UNKNOWN_KEY, 1,
	         "unknown key \"colour\"; did you mean \"color\"?"},
	        {"a key in capitals", "TAGS: []", DIAG_UNKNOWN_KEY, 1,
	         "unknown key \"TAGS\"; did you mean \"tags\"?"},
	        {"a key that begins a known one", "tag: []", DIAG_UNKNOWN_KEY,
	         1, "unknown key \"tag\"; did you mean \"tags\"?"},
	        {"an empty key", "'': a", DIAG_UNKNOWN_KEY, 1,
	         "unknown key \"\""},
	        {"a kind within", "part: {kind: x, name: n}", DIAG_UNKNOWN_KEY,
	         8, "unknown key \"kind\""},
	        {"a missing key within", "parts: [{}]", DIAG_MISSING_KEY, 9,
	         "missing key \"name\" (part)"},
	        {"a tag, which is reported once", "count: !!str many",
	         DIAG_TAG_NOT_ALLOWED, 8, "the tag !!str is not used here"},
	        {"a duplicate key, where the first is fine",
	         "count: 1\ncount: 2", DIAG_DUPLICATE_KEY, 1,
	         "the key \"count\" stands twice"},
	        {"a tag in a raw node", "extra: [!x a]", DIAG_TAG_NOT_ALLOWED,
	         9, "the tag !x is not used here"},
	        {"an unknown alias", "tags: [*a]", DIAG_SYNTAX_ERROR, 8,
	         "no anchor &a stands before this alias"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[256];
		snprintf(text, sizeof text, "name: n\n%s\n", cases[i].text);
		struct decoded d = read_thing(text);
		ok(!d.good, "%s is not decoded", cases[i].name);
		is_int((int64_t)d.ds.n, 1, "%s: one finding", cases[i].name);
		if (d.ds.n) {
			const struct diag *f = &d.ds.at[0];
			is_str(str_of(diag_info(f->code)->name),
			       diag_info(cases[i].code)->name, "%s: its code",
			       cases[i].name);
			is_int(source_place(d.src, f->at.start).column,
			       cases[i].column, "%s: its place", cases[i].name);
			is_str(f->message, cases[i].message, "%s: its message",
			       cases[i].name);
		}
		arena_free(d.a);
	}
}

static void test_root(void)
{
	struct decoded d = read_thing("- a\n");
	is_str(d.ds.at[0].message, "expected a map (thing), not a list",
	       "a list for a document");
	arena_free(d.a);
	d = read_thing("---\n");
	is_str(d.ds.at[0].message, "expected a map (thing), not nothing",
	       "an empty document");
	arena_free(d.a);
	d = read_thing("kind: thing\ncount: 1\n");
	ok(!d.good && d.ds.n == 1 && d.ds.at[0].code == DIAG_MISSING_KEY,
	   "a missing key");
	is_int(d.ds.at[0].at.start, 0, "is missing in the map");
	is_int(d.thing.count.n, 1, "and the other is read");
	is_str(d.ds.at[0].hint, "Add \"name\": the name.", "the hint says how");
	arena_free(d.a);
}

static void test_all_at_once(void)
{
	struct decoded d = read_thing("nmae: n\n"
	                              "count: x\n"
	                              "tags: [a, [], b, abcd]\n"
	                              "parts: [{name: p, weight: 11}, {}, q]\n"
	                              "color: [red]\n");
	ok(!d.good, "a file full of mistakes");
	is_int((int64_t)d.ds.n, 8, "each of them is reported");
	is_str(d.ds.at[0].message,
	       "unknown key \"nmae\"; did you mean \"name\"?",
	       "the misspelt key first");
	ok(str_contains(d.ds.at[0].hint, STR("Keys here (thing): name, note")),
	   "with the known keys");
	is_str(d.ds.at[7].message, "missing key \"name\" (thing)",
	       "the missing key last");
	is_int((int64_t)d.thing.tags.n, 2, "good items are kept");
	is_str(d.thing.tags.at[1].s, "b", "in their order");
	const struct part *parts = d.thing.parts.at;
	is_int((int64_t)d.thing.parts.n, 3, "structs keep their places");
	ok(!GIVEN(parts[0].weight) && !GIVEN(parts[1].name),
	   "what was wrong is not given");
	is_str(parts[2].name.s, "q", "what was right is");
	arena_free(d.a);
}

static void test_lengths(void)
{
	struct decoded d = read_thing("name: \xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4"
	                              "\xC3\xA4\n");
	ok(d.good, "five letters of two bytes are five characters");
	arena_free(d.a);
	d = read_thing("name: abcdef\n");
	ok(!d.good && d.ds.at[0].code == DIAG_INVALID_VALUE &&
	           !GIVEN(d.thing.name),
	   "six are too many");
	arena_free(d.a);
	char text[1024] = "name: n\ncolor: ";
	memset(text + strlen(text), 'x', 1000);
	d = read_thing(text);
	ok(d.ds.n == 1 && d.ds.at[0].message.n < 120,
	   "a long word is cut in the message");
	arena_free(d.a);
}

static void test_nearest(void)
{
	static const char *const names[] = {"dev", "staging", "prod", NULL};
	static const struct {
		const char *word, *want;
	} cases[] = {
	        {"prd", "prod"},    {"PROD", "prod"}, {"stagign", "staging"},
	        {"production", ""}, {"de", "dev"},    {"d", ""},
	        {"", ""},           {"rpod", "prod"}, {"dve", "dev"},
	        {"prod", "prod"},   {"stage", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		is_str(str_of(decode_nearest(str_of(cases[i].word), names)),
		       cases[i].want, "nearest to \"%s\"", cases[i].word);
	char wide[100];
	memset(wide, 'x', sizeof wide);
	ok(!decode_nearest((struct str){wide, sizeof wide}, names),
	   "nothing is near a very long word");
}

int main(void)
{
	test_values();
	test_findings();
	test_root();
	test_all_at_once();
	test_lengths();
	test_nearest();
	return tap_done();
}
