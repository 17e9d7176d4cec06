#include "core/json.h"
#include "core/peek.h"
#include "tests/lib/tap.h"

#include <stdlib.h>

/* All members as "key=value;", from a copy of exactly as many bytes, so that a
   look past the end is seen. */
static struct str members(struct arena *a, struct str text)
{
	char *exact = arena_alloc(a, text.n);
	struct buf out = buf_new(a, 1 << 20);
	memcpy(exact, text.s, text.n);
	struct peek p = {{exact, text.n}};
	struct str key, value;
	while (peek_member(&p, &key, &value))
		buf_format(&out, "%" STR_FMT "=%" STR_FMT ";", STR_ARG(key),
		           STR_ARG(value));
	return buf_str(&out);
}

static void texts(struct arena *a)
{
	static const struct {
		const char *text, *members, *about;
	} cases[] = {
	        {"{}", "", "an empty object"},
	        {"{\"a\":1,\"b\":\"x\",\"c\":null}", "a=1;b=\"x\";c=null;",
	         "one value of each"},
	        {" { \"a\" : -1 , \"b\" : true }\n", "a=-1;b=true;",
	         "white space"},
	        {"{\"a\":{\"b\":[1,{\"c\":\"}\"}]},\"d\":[]}",
	         "a={\"b\":[1,{\"c\":\"}\"}]};d=[];",
	         "what is nested, with brackets in texts"},
	        {"{\"a\":\"x\\\"y\\\\\",\"b\":2}", "a=\"x\\\"y\\\\\";b=2;",
	         "quotes and backslashes in a text"},
	        {"{\"a\\\\\":1,\"b\":2}", "a\\\\=1;b=2;",
	         "a key with an escape"},
	        {"", "", "nothing"},
	        {"[1]", "", "a list"},
	        {"{\"a\":1,\"b\":\"x", "a=1;", "a text that does not end"},
	        {"{\"a\":1,\"b\":{\"c\":[", "a=1;",
	         "an object that does not end"},
	        {"{\"a\":1,\"b\\\"", "a=1;", "a key that does not end"},
	        {"{\"a\":1,\"b\"", "a=1;", "a key without a value"},
	        {"{\"a\":1,\"b\":", "a=1;", "a colon without a value"},
	        {"{\"a\":1 \"b\":2}", "a=1;", "a comma that is missing"},
	        {"{\"a\":1}}{\"b\":2}", "a=1;", "what follows the object"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str got = members(a, str_of(cases[i].text));
		ok(str_is(got, cases[i].members), "%s: %.*s", cases[i].about,
		   (int)got.n, got.s);
	}
}

static void values(struct arena *a)
{
	struct str doc = STR("{\"a\":\"plain\",\"b\":\"tab\\t\\u00e9\","
	                     "\"c\":12,\"d\":\"2026-03-02T08:00:00Z\","
	                     "\"e\":99,\"f\":1.5,\"g\":\"\\ud800\"}");
	struct str plain = peek_text(a, peek_find(doc, "a"));
	ok(str_is(plain, "plain") && plain.s > doc.s && plain.s < doc.s + doc.n,
	   "a text is a piece of the document");
	ok(str_is(peek_text(a, peek_find(doc, "b")), "tab\t\xc3\xa9"),
	   "escapes are read");
	ok(!peek_text(a, peek_find(doc, "g")).n, "one that is none is empty");
	ok(!peek_text(a, peek_find(doc, "c")).n, "a number is no text");
	ok(!peek_find(doc, "x").n, "a member that is not there");
	ok(peek_int(peek_find(doc, "c")) == 12, "an integer");
	ok(peek_int(peek_find(doc, "a")) == 0 &&
	           peek_int(peek_find(doc, "f")) == 0,
	   "what is none is 0");
	ok(peek_time(peek_find(doc, "d")) == 1772438400 &&
	           peek_time(peek_find(doc, "e")) == 99 &&
	           peek_time(peek_find(doc, "a")) == 0,
	   "an instant, as text or seconds");
}

/* A document cut short at any place gives members of the whole one, and no
   others. */
static void cut(struct arena *a)
{
	struct str doc =
	        STR("{\"actor\":{\"email\":\"b\\\"o\"},\"also\":[\"A\"],"
	            "\"at\":null,\"code\":\"X\"}");
	struct str all = members(a, doc);
	bool fine = true;
	for (size_t n = 0; n < doc.n; n++) {
		struct str some = members(a, str_head(doc, n));
		fine &= str_starts(all, some) ||
		        str_has(some, 'n'); /* "nul": cut within a word */
	}
	ok(fine, "cut short at any byte");
}

int main(void)
{
	struct arena *a = arena_new();
	texts(a);
	values(a);
	cut(a);
	arena_free(a);
	return tap_done();
}
