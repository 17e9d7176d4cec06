/* yaml: the tree, its places, and all that is refused. */
#include "core/yaml.h"
#include "tests/lib/tap.h"

#include <string.h>

/* One test's file and what became of it. */
struct parsed {
	struct arena *a;
	struct source *src;
	struct diags ds;
	struct yaml_document *doc;
};

static struct parsed parse(struct str text)
{
	struct parsed p = {.a = arena_new()};
	p.src = source_new(p.a, STR("f"), text);
	p.ds = diags_new(p.a);
	p.doc = yaml_parse(p.a, p.src, &p.ds);
	return p;
}

/* The tree as one line: {key=value,...} [item,...]; 'text' where quoted, ~ for
   null, ! behind what is broken. */
static void add_node(struct buf *b, const struct yaml_node *node)
{
	const char *open = "", *close = "";
	if (node->kind == YAML_MAP)
		open = "{", close = "}";
	else if (node->kind == YAML_LIST)
		open = "[", close = "]";
	else if (!node->plain && !node->broken)
		open = close = "'";
	buf_format(b, "%s", open);
	if (node->kind == YAML_SCALAR)
		buf_add(b, yaml_is_null(node) ? STR("~") : node->text);
	size_t i = 0;
	yaml_each (child, node) {
		bool value = node->kind == YAML_MAP && i % 2;
		buf_format(b, "%s", !i ? "" : value ? "=" : ",");
		add_node(b, child);
		i++;
	}
	buf_format(b, "%s%s", close, node->broken ? "!" : "");
}

static struct str tree(const struct parsed *p)
{
	struct buf b = buf_new(p->a, 1 << 20);
	for (const struct yaml_document *d = p->doc; d; d = d->next) {
		buf_format(&b, "%s", d == p->doc ? "" : " ");
		add_node(&b, d->root);
	}
	return buf_str(&b);
}

static void test_trees(void)
{
	static const struct {
		const char *name, *text, *tree;
	} cases[] = {
	        {"a map", "a: b\nc: d\n", "{a=b,c=d}"},
	        {"a list", "- a\n- b\n", "[a,b]"},
	        {"nesting", "a:\n  b:\n  - c\n  - {d: e}\n",
	         "{a={b=[c,{d=e}]}}"},
	        {"empty map and list", "a: {}\nb: []\n", "{a={},b=[]}"},
	        {"quotes", "a: 'b'\nc: \"d\"\n", "{a='b',c='d'}"},
	        {"nulls", "a:\nb: ~\nc: null\nd: ''\n", "{a=~,b=~,c=~,d=''}"},
	        {"numbers stay text", "a: 1.10\nb: 010\n", "{a=1.10,b=010}"},
	        {"escapes", "a: \"b\\tc\"\nd: 'it''s'\n",
	         "{a='b\tc',d='it's'}"},
	        {"a folded plain text", "a: b\n  c\n", "{a=b c}"},
	        {"block texts", "a: |\n  b\n  c\nd: >-\n  e\n  f\n",
	         "{a='b\nc\n',d='e f'}"},
	        {"CR LF", "a: b\r\nc: |\r\n  d\r\n  e\r\n", "{a=b,c='d\ne\n'}"},
	        {"comments", "# x\na: b # y\n# z\n", "{a=b}"},
	        {"a colon without a space", "a: s3://x/y\n", "{a=s3://x/y}"},
	        {"documents", "a: b\n---\n- c\n...\n---\nd\n", "{a=b} [c] d"},
	        {"an empty document", "---\n---\na: b\n", "~ {a=b}"},
	        {"a directive", "%YAML 1.1\n---\na: b\n", "{a=b}"},
	        {"an alias", "a: &x [b]\nc: *x\n", "{a=[b],c=[b]}"},
	        {"an alias of an alias's parent",
	         "a: &x [b]\nc: &y {d: *x}\ne: *y\n",
	         "{a=[b],c={d=[b]},e={d=[b]}}"},
	        {"the anchor given last counts", "[&x a, &x b, *x]", "[a,b,b]"},
	        {"an alias as key", "{&x a: b, c: {*x : d}}", "{a=b,c={a=d}}"},
	        {"an anchored null", "a: &x\nb: *x\n", "{a=~,b=~}"},
	        {"a lone pair in a list", "[a: b]", "[{a=b}]"},
	        {"a quoted << is a key", "'<<': b", "{'<<'=b}"},
	        {"words that YAML 1.1 takes for truth values", "on: yes",
	         "{on=yes}"},
	        {"a byte order mark",
	         "\xEF\xBB\xBF"
	         "a: b\n",
	         "{a=b}"},
	        {"more pairs than are compared one by one",
	         "{a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: "
	         "10, k: 11, l: 12, m: 13, n: 14, o: 15, p: 16, q: 17, r: 18}",
	         "{a=1,b=2,c=3,d=4,e=5,f=6,g=7,h=8,i=9,j=10,k=11,l=12,m=13,"
	         "n=14,o=15,p=16,q=17,r=18}"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct parsed p = parse(str_of(cases[i].text));
		is_str(tree(&p), cases[i].tree, "%s", cases[i].name);
		is_int((int64_t)p.ds.n, 0, "%s: nothing to report",
		       cases[i].name);
		arena_free(p.a);
	}
}

/* The piece of the source that a path of child numbers leads to. */
static struct str piece(const struct parsed *p, const char *path)
{
	const struct yaml_node *node = p->doc ? p->doc->root : NULL;
	for (; node && *path; path++) {
		int n = *path - '0';
		node = node->first;
		while (node && n-- > 0)
			node = node->next;
	}
	if (!node)
		return STR("(none)");
	return str_head(str_from(p->src->text, node->at.start),
	                node->at.end - node->at.start);
}

static void test_spans(void)
{
	static const struct {
		const char *name, *text, *path, *piece;
	} cases[] = {
	        {"a key", "a: b\nkey: value\n", "2", "key"},
	        {"a value", "a: b\nkey: value # c\n", "3", "value"},
	        {"a quoted value has its quotes", "a: 'b'\n", "1", "'b'"},
	        {"a map ends at its last child", "a:\n  b: c\n\n# x\nd: e\n",
	         "1", "b: c"},
	        {"so does the root", "a: b\n\n\n", "", "a: b"},
	        {"a list starts at its first dash", "a:\n- b\n- c\n\nd: e\n",
	         "1", "- b\n- c"},
	        {"nested last children", "a:\n  b:\n    - c\n\nd: e\n", "1",
	         "b:\n    - c"},
	        {"a flow map has its braces", "a: {b: c }\nd: e\n", "1",
	         "{b: c }"},
	        {"an empty flow list", "a: [ ]\nd: e\n", "1", "[ ]"},
	        {"a lone pair has no braces", "[a: b, c]", "0", "a: b"},
	        {"a lone pair that ends with a map", "[a: {b: c} ]", "0",
	         "a: {b: c}"},
	        {"an anchor is not part of the value", "a: &x  b\n", "1", "b"},
	        {"nor of a list", "a: &x\n  - b\nc: d\n", "1", "- b"},
	        {"nor when a comment follows it", "a: &x # y\n  {b: c}\n", "1",
	         "{b: c}"},
	        {"an anchored first key belongs to the map", "&x a: b\n", "",
	         "&x a: b"},
	        {"but not to the key", "&x a: b\n", "0", "a"},
	        {"a map and its first key, both anchored", "m: &m\n  &k a: b\n",
	         "1", "&k a: b"},
	        {"an alias", "a: &x b\nc: *x\n", "3", "*x"},
	        {"a block text without its last line end",
	         "a: |\n  b\n  c\n\nd: e\n", "1", "|\n  b\n  c"},
	        {"a plain text of two lines", "a: b\n  c\nd: e\n", "1",
	         "b\n  c"},
	        {"behind letters of two bytes", "\xC3\xA4: \xC3\xB6\nkey: v\n",
	         "3", "v"},
	        {"of letters of four bytes", "a: \xF0\x9F\x9A\x80\nb: c\n", "1",
	         "\xF0\x9F\x9A\x80"},
	        {"behind a byte order mark",
	         "\xEF\xBB\xBF"
	         "a: b\nc: d\n",
	         "3", "d"},
	        {"behind a mark and other letters",
	         "\xEF\xBB\xBF\xC3\xA4: {\xC3\xB6: [x]}\nc: d\n", "1",
	         "{\xC3\xB6: [x]}"},
	        {"behind CR LF", "a: b\r\nc: d\r\n", "3", "d"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct parsed p = parse(str_of(cases[i].text));
		is_str(piece(&p, cases[i].path), cases[i].piece, "%s",
		       cases[i].name);
		arena_free(p.a);
	}
}

static void test_empty_values(void)
{
	static const struct {
		const char *name, *text, *path;
		uint32_t at;
	} cases[] = {
	        {"nothing stands behind the colon", "a:\n\nb: c\n", "1", 2},
	        {"or behind the dash", "-\n- b\n", "0", 1},
	        {"or behind the anchor", "a: &x\nb: c\n", "1", 5},
	        {"an empty document: behind its mark", "---\n\n---\na\n", "",
	         3},
	        {"a key without colon", "? a\n\n\n", "1", 3},
	        {"at the end of the file", "a:", "1", 2},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct parsed p = parse(str_of(cases[i].text));
		const struct yaml_node *node = p.doc->root;
		if (*cases[i].path)
			node = node->first;
		if (*cases[i].path == '1')
			node = node->next;
		is_int(node->at.start, cases[i].at, "%s", cases[i].name);
		is_int(node->at.end, cases[i].at, "%s: empty", cases[i].name);
		arena_free(p.a);
	}
}

static void test_slices(void)
{
	struct parsed p =
	        parse(STR("a: b\nc: 'd'\ne: \"f\\x41\"\ng: h\n  i\n"));
	const char *from = p.src->text.s, *to = from + p.src->text.n;
	static const bool borrowed[] = {true, true, false, false};
	int i = 0;
	yaml_each_pair (k, p.doc->root) {
		const char *s = k->next->text.s;
		ok((s >= from && s < to) == borrowed[i], "%.*s is %s",
		   (int)k->text.n, k->text.s,
		   borrowed[i] ? "a piece of the source" : "a copy");
		i++;
	}
	struct span at = {0};
	const struct yaml_node *node = yaml_find(p.doc->root, "e", &at);
	ok(node && str_is(node->text, "fA"), "a key is found");
	is_int(at.start, 12, "and its place");
	ok(!yaml_find(p.doc->root, "z", &at), "one that is not there is not");
	is_int(at.start, 12, "and touches nothing");
	ok(!yaml_find(node, "e", NULL), "a scalar has no keys");
	is_int(p.doc->root->size, 9, "the size counts all nodes");
	arena_free(p.a);
}

/* What is reported: "CODE line:column" and the tree that stays. */
static void test_findings(void)
{
	const struct {
		const char *name;
		struct str text;
		const char *found, *tree;
	} cases[] = {
	        {"nothing", STR(""), "EMPTY_FILE 1:1", ""},
	        {"a byte order mark", STR("\xEF\xBB\xBF"), "EMPTY_FILE 1:1",
	         ""},
	        {"white space", STR("\n  \n"), "EMPTY_FILE 1:1", ""},
	        {"comments", STR("# a\n# b\n"), "EMPTY_FILE 1:1", ""},
	        {"a tab as indentation", STR("a:\n\tb: c\n"),
	         "SYNTAX_ERROR 2:1", ""},
	        {"a tab after indentation", STR("a:\n  b: c\n\td: e\n"),
	         "SYNTAX_ERROR 3:1", ""},
	        {"a tab in a block text", STR("a: |\n\tb\n"),
	         "SYNTAX_ERROR 2:1", ""},
	        {"an open quote", STR("a: b\nc: \"d\ne: f\n"),
	         "SYNTAX_ERROR 2:4", ""},
	        {"an open quote behind other letters",
	         STR("a: b\n\xC3\xA4\xC3\xB6: 'd\ne: f\n"), "SYNTAX_ERROR 2:5",
	         ""},
	        {"an open quote before a document", STR("a: 'b\n---\nc: d\n"),
	         "SYNTAX_ERROR 1:4", ""},
	        {"an open bracket", STR("a: [b,\n\n\n"), "SYNTAX_ERROR 1:7",
	         ""},
	        {"a second colon", STR("a: b: c\n"), "SYNTAX_ERROR 1:5", ""},
	        {"a line without colon", STR("a: b\nfoo\nc: d\n"),
	         "SYNTAX_ERROR 2:1", ""},
	        {"an at sign", STR("a: @b\n"), "SYNTAX_ERROR 1:4", ""},
	        {"an unknown escape", STR("a: \"\\q\"\n"), "SYNTAX_ERROR 1:5",
	         ""},
	        {"a syntax error keeps the documents before it",
	         STR("a: b\n---\nc: ]\n"), "SYNTAX_ERROR 3:4", "{a=b}"},
	        {"a NUL", STR("a: b\nc\0: d\n"), "INVALID_ENCODING 2:2", ""},
	        {"a NUL at the end", STR("a: b\0"), "INVALID_ENCODING 1:5", ""},
	        {"an escaped NUL", STR("a: \"b\\0\"\n"), "INVALID_ENCODING 1:4",
	         "{a=!}!"},
	        {"a control character", STR("a: \x1B[1m\n"),
	         "INVALID_ENCODING 1:4", ""},
	        {"DEL", STR("a: b\x7F\n"), "INVALID_ENCODING 1:5", ""},
	        {"Latin-1", STR("a: \xC3\xA4\nb: caf\xE9 \n"),
	         "INVALID_ENCODING 2:7", ""},
	        {"a cut sequence at the end", STR("a: \xE2\x80"),
	         "INVALID_ENCODING 1:4", ""},
	        {"a surrogate", STR("a: \xED\xA0\x80"), "INVALID_ENCODING 1:4",
	         ""},
	        {"UTF-16",
	         STR("\xFF\xFE"
	             "a\0:\0"),
	         "INVALID_ENCODING 1:1", ""},
	        {"the first of several bad places",
	         STR("a: \xC2\x85\nb: \xFF\n"), "INVALID_ENCODING 1:4", ""},
	        {"U+0085", STR("a: \xC3\xA4\xC2\x85\n"), "INVALID_ENCODING 1:5",
	         ""},
	        {"U+0080", STR("a: \xC2\x80\n"), "INVALID_ENCODING 1:4", ""},
	        {"U+2028",
	         STR("a: b\xE2\x80\xA8"
	             "c: d\n"),
	         "INVALID_ENCODING 1:5", ""},
	        {"U+2029", STR("a: 'b\xE2\x80\xA9'\n"), "INVALID_ENCODING 1:6",
	         ""},
	        {"a second byte order mark",
	         STR("\xEF\xBB\xBF\xEF\xBB\xBF"
	             "a: b\n"),
	         "INVALID_ENCODING 1:1", ""},
	        {"U+FFFF", STR("a: \xEF\xBF\xBF\n"), "INVALID_ENCODING 1:4",
	         ""},
	        {"a duplicate key", STR("a: b\nc: d\na: e\n"),
	         "DUPLICATE_KEY 3:1", "{a=b,c=d}!"},
	        {"thrice", STR("a: b\na: d\n'a': e\n"),
	         "DUPLICATE_KEY 2:1, DUPLICATE_KEY 3:1", "{a=b}!"},
	        {"a duplicate key of a nested map", STR("a: {b: c, b: d}\n"),
	         "DUPLICATE_KEY 1:11", "{a={b=c}!}!"},
	        {"keys of different maps", STR("a: {a: b}\nb: {a: c}\n"), "",
	         "{a={a=b},b={a=c}}"},
	        {"the 18th key repeats the first",
	         STR("{a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, "
	             "j: 10, k: 11, l: 12, m: 13, n: 14, o: 15, p: 16, q: 17, "
	             "a: 18}"),
	         "DUPLICATE_KEY 1:112",
	         "{a=1,b=2,c=3,d=4,e=5,f=6,g=7,h=8,i=9,j=10,k=11,l=12,m=13,"
	         "n=14,o=15,p=16,q=17}!"},
	        {"the 19th key repeats the 18th",
	         STR("{a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, "
	             "j: 10, k: 11, l: 12, m: 13, n: 14, o: 15, p: 16, q: 17, "
	             "r: 18, r: 19}"),
	         "DUPLICATE_KEY 1:119",
	         "{a=1,b=2,c=3,d=4,e=5,f=6,g=7,h=8,i=9,j=10,k=11,l=12,m=13,"
	         "n=14,o=15,p=16,q=17,r=18}!"},
	        {"a merge key", STR("a: &x {b: c}\nd:\n  <<: *x\n  e: f\n"),
	         "TAG_NOT_ALLOWED 3:3", "{a={b=c},d={e=f}!}!"},
	        {"a tag", STR("a: !!str b\nc: d\n"), "TAG_NOT_ALLOWED 1:4",
	         "{a=b!,c=d}!"},
	        {"a tag behind an anchor", STR("a: &x !t b\nc: *x\n"),
	         "TAG_NOT_ALLOWED 1:7", "{a=b!,c=b!}!"},
	        {"the tag that means nothing", STR("a: ! b\n"),
	         "TAG_NOT_ALLOWED 1:4", "{a=b!}!"},
	        {"a tag of nothing", STR("a: !!null\nb: c\n"),
	         "TAG_NOT_ALLOWED 1:4", "{a=~!,b=c}!"},
	        {"a tag of a map", STR("a: !!map\n  b: c\n"),
	         "TAG_NOT_ALLOWED 1:4", "{a={b=c}!}!"},
	        {"a tag of a list", STR("a: !x [b]\n"), "TAG_NOT_ALLOWED 1:4",
	         "{a=[b]!}!"},
	        {"a tag of a key", STR("!!str a: b\nc: d\n"),
	         "TAG_NOT_ALLOWED 1:1", "{c=d}!"},
	        {"a list as key", STR("? [a]\n: b\nc: d\n"), "INVALID_KEY 1:3",
	         "{c=d}!"},
	        {"a map as key", STR("a: {{b}}\n"), "INVALID_KEY 1:5",
	         "{a={}!}!"},
	        {"no key", STR("?\n: b\nc: d\n"), "INVALID_KEY 1:2", "{c=d}!"},
	        {"null as key", STR("null: b\n"), "INVALID_KEY 1:1", "{}!"},
	        {"an unknown alias", STR("a: *x\nb: c\n"), "SYNTAX_ERROR 1:4",
	         "{a=!,b=c}!"},
	        {"an anchor of the document before",
	         STR("a: &x b\n---\nc: *x\n"), "SYNTAX_ERROR 3:4",
	         "{a=b} {c=!}!"},
	        {"an alias in its own list", STR("a: &x [b, *x]\n"),
	         "SYNTAX_ERROR 1:11", "{a=[b,!]!}!"},
	        {"an alias in its own map", STR("&x\na:\n  b: *x\n"),
	         "SYNTAX_ERROR 3:6", "{a={b=!}!}!"},
	        {"findings of two documents",
	         STR("a: 1\na: 2\n---\n<<: {}\n---\nb: c\n"),
	         "DUPLICATE_KEY 2:1, TAG_NOT_ALLOWED 4:1", "{a=1}! {}! {b=c}"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct parsed p = parse(cases[i].text);
		struct buf b = buf_new(p.a, 1000);
		for (size_t k = 0; k < p.ds.n; k++) {
			struct location l = location_of(p.ds.at[k].at);
			buf_format(&b, "%s%s %u:%u", k ? ", " : "",
			           diag_info(p.ds.at[k].code)->name, l.line,
			           l.column);
		}
		is_str(buf_str(&b), cases[i].found, "%s", cases[i].name);
		is_str(tree(&p), cases[i].tree, "%s: what stays",
		       cases[i].name);
		arena_free(p.a);
	}
}

static void test_messages(void)
{
	struct parsed p = parse(STR("a: 1\nb: 2\na: 3\n"));
	is_str(p.ds.at[0].message, "the key \"a\" stands twice",
	       "a duplicate key is named");
	is_int(p.ds.at[0].notes->at.start, 0, "a note points at the first");
	arena_free(p.a);
	p = parse(STR("a: 'b\n"));
	is_str(p.ds.at[0].message, "the quote that opens here is not closed",
	       "an open quote is called that");
	arena_free(p.a);
	p = parse(STR("a:\n\tb: c\n"));
	is_str(p.ds.at[0].message, "a tab stands in the indentation",
	       "a tab is called that");
	arena_free(p.a);
	p = parse(STR("a: `b`\n"));
	is_str(p.ds.at[0].message,
	       "a value cannot start with \"`\": put it in quotes",
	       "a character is quoted");
	arena_free(p.a);
	p = parse(STR("x: y\na: [b\nc: d\n"));
	is_str(p.ds.at[0].message, "expected \",\" or \"]\" here",
	       "a bracket is missing");
	is_int(p.ds.at[0].notes->at.start, 8, "a note points at the other");
	arena_free(p.a);
	p = parse(STR("a: !<foo\n"));
	is_str(p.ds.at[0].message,
	       "did not find the expected '>' while scanning a tag",
	       "what has no words of ours is passed on");
	arena_free(p.a);
}

/* text n times, with open before and close after it. */
static struct str repeated(struct arena *a, const char *open, const char *text,
                           size_t n, const char *close)
{
	struct buf b = buf_new(a, 4 << 20);
	buf_add(&b, str_of(open));
	for (size_t i = 0; i < n; i++)
		buf_add(&b, str_of(text));
	buf_add(&b, str_of(close));
	return buf_str(&b);
}

static void is_finding(struct str text, enum diag_code code, int64_t at,
                       const char *name)
{
	struct parsed p = parse(text);
	enum diag_code got = p.ds.n ? p.ds.at[0].code : DIAG_NONE;
	is_str(str_of(diag_info(got)->name), diag_info(code)->name, "%s", name);
	ok(p.ds.n <= 1, "%s: one finding at most", name);
	ok(!p.doc == (code != DIAG_NONE), "%s: a document if it may be", name);
	if (code && p.ds.n)
		is_int(p.ds.at[0].at.start, at, "%s: at its place", name);
	arena_free(p.a);
}

static void test_depth(void)
{
	struct arena *a = arena_new();
	is_finding(repeated(a, "", "[", 32, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"),
	           DIAG_NONE, 0, "32 levels");
	is_finding(repeated(a, "", "[", 33, ""), DIAG_TOO_DEEP, 32,
	           "33 levels");
	is_finding(repeated(a, "", "{a: ", 200, ""), DIAG_TOO_DEEP, 4 * 32,
	           "200 maps");
	is_finding(repeated(a, "", "- ", 100000, "a"), DIAG_TOO_DEEP, 64,
	           "100,000 lists on a line");
	is_finding(repeated(a, "", "[", 250000, ""), DIAG_TOO_DEEP, 32,
	           "250,000 brackets");
	is_finding(repeated(a, "", "? ", 100000, "a"), DIAG_TOO_DEEP, 64,
	           "100,000 keys in keys");
	/* 16 levels, used at the 17th and at the 18th. */
	struct str deep = repeated(a, "- &a ", "[", 15, "]]]]]]]]]]]]]]]\n- ");
	const char *head = str_cstr(a, deep);
	is_finding(repeated(a, head, "[", 16, "*a]]]]]]]]]]]]]]]]"), DIAG_NONE,
	           0, "32 levels through an alias");
	is_finding(repeated(a, head, "[", 17, "*a]]]]]]]]]]]]]]]]]"),
	           DIAG_TOO_DEEP, (int64_t)deep.n + 17,
	           "33 levels through an alias");
	arena_free(a);
}

static void test_nodes(void)
{
	struct arena *a = arena_new();
	is_finding(repeated(a, "", "- a\n", 9999, ""), DIAG_NONE, 0,
	           "10,000 nodes");
	is_finding(repeated(a, "", "- a\n", 10000, ""), DIAG_TOO_MANY_NODES,
	           9999 * 4 + 2, "10,001 nodes");
	is_finding(repeated(a, "", "- []\n", 10000, ""), DIAG_TOO_MANY_NODES,
	           9999 * 5 + 2, "10,001 lists");
	is_finding(repeated(a, "a\n", "---\na\n", 10001, ""), DIAG_NONE, 0,
	           "10,001 documents");
	/* 1 + 1 + 99 * 100 + 98 = 10,000 */
	is_finding(repeated(a, "[&a [0", ",0", 98, "],*a,1]"), DIAG_NONE, 0,
	           "an alias that fits");
	struct str bomb =
	        repeated(a, "- &x0 [a, a, a, a, a, a, a, a, a]\n", "", 0, "");
	struct buf b = buf_new(a, 1 << 16);
	buf_add(&b, bomb);
	for (int i = 1; i < 8; i++)
		buf_format(&b,
		           "- &x%d [*x%d, *x%d, *x%d, *x%d, *x%d, *x%d, *x%d, "
		           "*x%d, *x%d]\n",
		           i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1,
		           i - 1, i - 1);
	struct parsed p = parse(buf_str(&b));
	ok(p.ds.n == 1 && p.ds.at[0].code == DIAG_TOO_MANY_NODES && !p.doc,
	   "a bomb of nines is refused");
	arena_free(p.a);
	buf_reset(&b);
	buf_format(&b, "- &x0 [a, a]\n");
	for (int i = 1; i <= 31; i++)
		buf_format(&b, "- &x%d [*x%d, *x%d]\n", i, i - 1, i - 1);
	p = parse(buf_str(&b));
	ok(p.ds.n == 1 && p.ds.at[0].code == DIAG_TOO_MANY_NODES && !p.doc,
	   "a bomb of 2^32 values is refused");
	is_str(str_head(str_from(p.src->text, p.ds.at[0].at.start), 4), "*x10",
	       "where it crosses the cap");
	arena_free(p.a);
	arena_free(a);
}

static void test_aliases(void)
{
	struct arena *a = arena_new();
	is_finding(repeated(a, "- &a b\n", "- *a\n", 64, ""), DIAG_NONE, 0,
	           "64 aliases");
	is_finding(repeated(a, "- &a b\n", "- *a\n", 65, ""),
	           DIAG_TOO_MANY_ALIASES, 7 + 64 * 5 + 2, "65 aliases");
	struct parsed p =
	        parse(repeated(a, "", "- &a b\n- *a\n---\n", 65, "c\n"));
	ok(p.ds.n == 1 && p.ds.at[0].code == DIAG_TOO_MANY_ALIASES,
	   "65 aliases in as many documents");
	is_int((int64_t)source_place(p.src, p.ds.at[0].at.start).line,
	       64 * 3 + 2, "are refused at the last");
	arena_free(p.a);
	arena_free(a);
}

static void test_sizes(void)
{
	struct arena *a = arena_new();
	struct str text = repeated(a, "a: ", "b", SOURCE_MAX_BYTES - 3, "");
	is_finding(text, DIAG_NONE, 0, "256 KiB");
	text = repeated(a, "a: ", "b", SOURCE_MAX_BYTES - 2, "");
	is_finding(text, DIAG_FILE_TOO_LARGE, 0, "256 KiB and a byte");
	is_finding(repeated(a, "", "%TAG !a! b\n", 9, "---\na\n"),
	           DIAG_SYNTAX_ERROR, 8 * 11, "too many directives");
	is_finding(repeated(a, "a: '", "% %", 1000, "'\n"), DIAG_NONE, 0,
	           "percent signs");
	arena_free(a);
}

int main(void)
{
	test_trees();
	test_spans();
	test_empty_values();
	test_slices();
	test_findings();
	test_messages();
	test_depth();
	test_nodes();
	test_aliases();
	test_sizes();
	return tap_done();
}
