#include "core/json.h"
#include "tests/lib/tap.h"

#include <string.h>

static void document(struct jw *j)
{
	jw_open(j, '{');
	jw_put_str(j, "schema", STR("dxcp.check/1"));
	jw_key(j, "list");
	jw_open(j, '[');
	jw_int(j, INT64_MIN);
	jw_bool(j, true);
	jw_null(j);
	jw_open(j, '{');
	jw_close(j);
	jw_open(j, '[');
	jw_close(j);
	jw_raw(j, STR("{\"a\":1}"));
	jw_close(j);
	jw_put_opt(j, "none", STR(""));
	jw_put_opt(j, "some", STR("x"));
	jw_put_int(j, "n", 7);
	jw_put_bool(j, "b", false);
	jw_put_null(j, "nil");
	jw_put_when(j, "at", 0);
	jw_put_when_opt(j, "never", 0);
	jw_put_when_opt(j, "then", 1795161600);
	jw_close(j);
}

static void writer(struct arena *a)
{
	struct buf out = buf_new(a, 4096);
	struct jw j = jw_new(&out);
	document(&j);
	is_str(buf_str(&out),
	       "{\"schema\":\"dxcp.check/1\",\"list\":[-9223372036854775808,"
	       "true,null,{},[],{\"a\":1}],\"none\":null,\"some\":\"x\","
	       "\"n\":7,\"b\":false,\"nil\":null,"
	       "\"at\":\"1970-01-01T00:00:00Z\",\"never\":null,"
	       "\"then\":\"2026-11-20T08:00:00Z\"}",
	       "commas and values, compact");
	buf_reset(&out);
	j = jw_new(&out);
	j.pretty = true;
	jw_open(&j, '{');
	jw_put_int(&j, "a", 1);
	jw_key(&j, "b");
	jw_open(&j, '[');
	jw_int(&j, 1);
	jw_open(&j, '{');
	jw_close(&j);
	jw_open(&j, '{');
	jw_put_null(&j, "c");
	jw_close(&j);
	jw_close(&j);
	jw_close(&j);
	is_str(buf_str(&out),
	       "{\n"
	       "  \"a\": 1,\n"
	       "  \"b\": [\n"
	       "    1,\n"
	       "    {},\n"
	       "    {\n"
	       "      \"c\": null\n"
	       "    }\n"
	       "  ]\n"
	       "}",
	       "two spaces a level, pretty");
	buf_reset(&out);
	j = jw_new(&out);
	for (int i = 1; i < JSON_MAX_DEPTH; i++)
		jw_open(&j, '[');
	for (int i = 1; i < JSON_MAX_DEPTH; i++)
		jw_close(&j);
	json_t *back;
	struct fail why = {0};
	ok(json_read(&back, a, buf_str(&out), &why), "the deepest nesting");
}

static const struct {
	const char *bytes;
	size_t n;
	const char *quoted, *what;
} quotes[] = {
#define Q(bytes, quoted, what)                         \
	{                                              \
		bytes, sizeof(bytes) - 1, quoted, what \
	}
        Q("", "\"\"", "nothing"),
        Q("caf\xc3\xa9", "\"caf\xc3\xa9\"", "UTF-8 as it is"),
        Q("a\"b\\c/d", "\"a\\\"b\\\\c/d\"", "quote and backslash"),
        Q("\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\"", "short escapes"),
        Q("a\0b", "\"a\\u0000b\"", "NUL"),
        Q("\x01\x1b\x1f\x7f", "\"\\u0001\\u001b\\u001f\x7f\"",
          "control characters; DEL is none in JSON"),
        Q("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa",
          "\"\xe2\x80\xa7\\u2028\\u2029\xe2\x80\xaa\"",
          "line and paragraph separator"),
        Q("\xf0\x9f\x9a\x80", "\"\xf0\x9f\x9a\x80\"", "four bytes"),
        Q("a\xff"
          "b",
          "\"a\xef\xbf\xbd"
          "b\"",
          "a stray byte"),
        Q("\xff\xfe", "\"\xef\xbf\xbd\xef\xbf\xbd\"", "two of them"),
        Q("\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"", "overlong form"),
        Q("\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"",
          "surrogate"),
        Q("ab\xe2\x80", "\"ab\xef\xbf\xbd\xef\xbf\xbd\"", "cut short"),
        Q("\xe2\"", "\"\xef\xbf\xbd\\\"\"", "cut by a quote"),
};

static void quoting(struct arena *a)
{
	for (size_t i = 0; i < sizeof quotes / sizeof quotes[0]; i++) {
		struct buf out = buf_new(a, 1000);
		struct str s =
		        str_copy(a, (struct str){quotes[i].bytes, quotes[i].n});
		json_quote(&out, s);
		is_str(buf_str(&out), quotes[i].quoted, "%s", quotes[i].what);
	}
	struct buf out = buf_new(a, 4);
	json_quote(&out, STR("abcdef"));
	ok(out.full && out.n <= 4, "a full buffer says so");
}

static const struct {
	const char *text, *why;
} refusals[] = {
        {"", "JSON, line 1, column 0: "},
        {"{\"a\":1,\n \"a\":2}", "JSON, line 2, column 4: duplicate"},
        {"{\"a\":1}\n}", "JSON, line 2, column 1: "},
        {"[1,]", "JSON, line 1, column 4: "},
        {"{\"a\":\"\x1b[31m\"}", "JSON, line 1, column "},
        {"\"\xff\"", "JSON, line 1, column "},
        {"[99999999999999999999]", "JSON, line 1, column "},
        {"'a'", "JSON, line 1, column "},
        {"NaN", "JSON, line 1, column "},
};

static void reader(struct arena *a)
{
	json_t *value = NULL;
	struct fail why = {0};
	struct str text = STR("{\"s\":\"a\xc3\xa9\",\"n\":-5,\"o\":{}}");
	ok(json_read_theirs(&value, a, STR("{\"n\":1,\"n\":2}"), &why) &&
	           json_get_int(value, "n") == 2,
	   "of a server's duplicate keys the last counts");
	ok(json_read(&value, a, text, &why), "a document is read");
	is_str(json_get_str(value, "s"), "a\xc3\xa9", "its text");
	is_int(json_get_int(value, "n"), -5, "its number");
	is_str(json_get_str(value, "n"), "", "a number is no text");
	is_int(json_get_int(value, "s"), 0, "a text is no number");
	is_str(json_get_str(value, "absent"), "", "absent text");
	is_int(json_get_int(NULL, "n"), 0, "a member of nothing");
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		json_t *kept = value;
		struct fail w = {0};
		bool fine = json_read(&kept, a, str_of(refusals[i].text), &w);
		ok(!fine && kept == value && w.kind == FAIL_INPUT &&
		           str_starts(str_of(w.text), str_of(refusals[i].why)),
		   "refused with '%s': %s", refusals[i].why, w.text);
		ok(!str_has(str_of(w.text), '\x1b'),
		   "and none of the document's escapes");
	}
	char deep[9000];
	memset(deep, '[', sizeof deep);
	struct fail w = {0};
	ok(!json_read(&value, a, (struct str){deep, sizeof deep}, &w),
	   "nine thousand brackets are refused");
	char big = '1';
	w = (struct fail){0};
	ok(!json_read(&value, a, (struct str){&big, JSON_MAX_BYTES + 1ul},
	              &w) &&
	           w.kind == FAIL_INPUT,
	   "a text over the cap is refused unread");
}

static const struct {
	const char *text, *canonical, *what;
} canon[] = {
        {" { \"b\" : [ 1 , true , null ] , \"a\" : { \"d\":2, \"c\":\"x\" } } ",
         "{\"a\":{\"c\":\"x\",\"d\":2},\"b\":[1,true,null]}",
         "keys sorted, no space"},
        {"{\"ab\":1,\"a\":2,\"B\":3,\"\":4}",
         "{\"\":4,\"B\":3,\"a\":2,\"ab\":1}", "a prefix comes first"},
        {"{\"\xef\xac\xb3\":1,\"\xf0\x9f\x98\x82\":2,\"\xe2\x82\xac\":3}",
         "{\"\xe2\x82\xac\":3,\"\xf0\x9f\x98\x82\":2,\"\xef\xac\xb3\":1}",
         "keys in the order of UTF-16, as in RFC 8785 section 3.2.3"},
        {"\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\"",
         "\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"",
         "text as in RFC 8785 section 3.2.2"},
        {"\"\\u2028\"", "\"\xe2\x80\xa8\"", "line separator as it is"},
        {"[-9223372036854775808,9223372036854775807,-0]",
         "[-9223372036854775808,9223372036854775807,0]", "integers"},
        {"[]", "[]", "an empty array"},
        {"{}", "{}", "an empty object"},
        {"0.5", "0.5", "a real number"},
};

static void canonical(struct arena *a)
{
	for (size_t i = 0; i < sizeof canon / sizeof canon[0]; i++) {
		json_t *value;
		struct fail why = {0};
		if (json_read(&value, a, str_of(canon[i].text), &why))
			is_str(json_canonical(a, value), canon[i].canonical,
			       "%s", canon[i].what);
		else
			ok(false, "%s: %s", canon[i].what, why.text);
	}
}

int main(void)
{
	struct arena *a = arena_new();
	writer(a);
	quoting(a);
	reader(a);
	canonical(a);
	arena_free(a);
	return tap_done();
}
