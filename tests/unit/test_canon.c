/* What canon takes is what jansson reads and json_canonical writes, and says
   the same. */
#include "core/canon.h"
#include "core/json.h"
#include "tests/lib/tap.h"

#include <string.h>

static bool is_canonical(struct arena *a, struct str text)
{
	struct fail why = {0};
	json_t *tree;
	return json_read(&tree, a, text, &why) &&
	       str_eq(json_canonical(a, tree), text);
}

static const char *const canonical[] = {
        "{}",
        "[]",
        "[[],{}]",
        "null",
        "true",
        "false",
        "0",
        "-1",
        "9223372036854775807",
        "-9223372036854775808",
        "\"\"",
        "\"\\\"\\\\\\b\\t\\n\\f\\r\\u0001\\u001f\"",
        "\"/ \x7f \xc3\xa4 \xe2\x80\xa8 \xf0\x9f\x98\x80\"",
        "\"eight or more bytes, then \\n and eight or more again\"",
        "{\"\":1,\"A\":[1,2,{\"x\":null}],\"a\":\"\",\"aa\":{},\"b\":0}",
        "{\"\xf0\x90\x80\x80\":1,\"\xee\x80\x80\":2,\"\xef\xbf\xbd\":3}",
};

static const char *const others[] = {
        "",
        " {}",
        "{} ",
        "{}{}",
        "{\"a\": 1}",
        "{\"b\":1,\"a\":2}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,}",
        "{\"a\"}",
        "{a:1}",
        "[1,]",
        "[1 ,2]",
        "[",
        "{\"a\":",
        "\"",
        "\"\\",
        "\"\\\"",
        "nul",
        "True",
        "01",
        "-0",
        "-",
        "+1",
        "9223372036854775808",
        "\"\\/\"",
        "\"\\u0041\"",
        "\"\\u001F\"",
        "\"\\u000a\"",
        "\"\\u0000\"",
        "\"\\u2028\"",
        "\"\\u001\"",
        "\"\t\"",
        "\"\xff\"",
        "\"\xc3\"",
        "\"\xed\xa0\x80\"",
        "{\"\xee\x80\x80\":2,\"\xf0\x90\x80\x80\":1}",
};

static void forms(struct arena *a)
{
	bool exact;
	for (size_t i = 0; i < sizeof canonical / sizeof *canonical; i++) {
		struct str text = str_of(canonical[i]);
		ok(is_canonical(a, text) && canon_read(a, text, &exact) &&
		           exact,
		   "taken: %s", canonical[i]);
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct str text = str_of(others[i]);
		ok(!is_canonical(a, text) && !canon_read(a, text, NULL),
		   "not taken: %s", others[i]);
	}
	ok(canon_read(a, STR("[1.5,1e+20,-0.0]"), &exact) && !exact,
	   "real numbers are taken, and told of");
	ok(!canon_read(a, STR("[1.]"), NULL) &&
	           !canon_read(a, STR("[1e]"), NULL) &&
	           !canon_read(a, STR("[00.5]"), NULL),
	   "as far as they are JSON");
}

/* Both say the same. */
static bool same(const struct canon *v, const json_t *tree)
{
	const char *key;
	json_t *member;
	switch (json_typeof(tree)) {
	case JSON_OBJECT:
		if (v->type != CANON_OBJECT || v->n != json_object_size(tree))
			return false;
		json_object_foreach((json_t *)(uintptr_t)tree, key,
		                    member) if (!canon_member(v, key) ||
		                                !same(canon_member(v, key),
		                                      member)) return false;
		return true;
	case JSON_ARRAY:
		if (canon_size(v) != json_array_size(tree))
			return false;
		for (size_t i = 0; i < canon_size(v); i++)
			if (!same(canon_item(v, i), json_array_get(tree, i)))
				return false;
		return true;
	case JSON_STRING:
		return v->type == CANON_TEXT &&
		       str_eq(v->text, (struct str){json_string_value(tree),
		                                    json_string_length(tree)});
	case JSON_INTEGER:
		return v->type == CANON_INT &&
		       v->integer == json_integer_value(tree);
	case JSON_TRUE:
	case JSON_FALSE:
		return v->type == CANON_BOOL &&
		       str_is(v->text, json_is_true(tree) ? "true" : "false");
	case JSON_NULL:
		return v->type == CANON_NULL;
	case JSON_REAL:
		return v->type == CANON_REAL;
	}
	return false;
}

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

/* Documents of which a few bytes were changed, dropped or doubled. */
static void changed(struct arena *a)
{
	static const char document[] =
	        "{\"a\":[1,-20,{\"b\":\"x\\n\\u0007\"}],\"b\":null,"
	        "\"bb\":true,\"c\":{\"d\":\"\xc3\xa4\xe2\x82\xac plain and "
	        "long\",\"e\":[]},\"z\":\"\\\"\"}";
	static const char bytes[] = "{}[],:\"\\abnu0159-. \xc3\xa4\xee";
	uint64_t seed = 7;
	int differ = 0, taken = 0;
	for (int i = 0; i < 30000; i++) {
		char text[sizeof document];
		size_t n = sizeof document - 1;
		memcpy(text, document, sizeof document);
		for (uint64_t k = next_random(&seed) % 3; k < 3; k++) {
			size_t at = next_random(&seed) % n;
			char byte =
			        bytes[next_random(&seed) % (sizeof bytes - 1)];
			if (byte == 'u') {
				memmove(text + at, text + at + 1, n - at);
				n--;
			} else {
				text[at] = byte;
			}
		}
		bool exact = false;
		struct fail why = {0};
		json_t *tree;
		struct str changed_text = {text, n};
		const struct canon *v = canon_read(a, changed_text, &exact);
		bool want = is_canonical(a, changed_text);
		if (v && exact)
			differ += !want ||
			          !json_read(&tree, a, changed_text, &why) ||
			          !same(v, tree);
		else
			differ += want && !v;
		taken += v != NULL;
		arena_reset(a);
	}
	is_int(differ, 0, "both judge and read a changed document alike");
	ok(taken > 50, "%d of which were taken", taken);
}

static void asking(struct arena *a)
{
	const struct canon *v = canon_read(
	        a, STR("{\"a\":[7,[8,9],\"x\"],\"n\":5,\"t\":\"text\"}"), NULL);
	is_str(canon_text(v, "t"), "text", "a text");
	is_int(canon_int(v, "n"), 5, "a number");
	is_str(canon_text(v, "n"), "", "a number is no text");
	is_int(canon_int(v, "t"), 0, "a text is no number");
	is_int(canon_int(v, "none"), 0, "what is not there is 0");
	ok(!canon_member(NULL, "t") && !canon_member(canon_member(v, "t"), "t"),
	   "of what is no object there are no members");
	const struct canon *array = canon_member(v, "a");
	ok(canon_size(array) == 3 && canon_item(array, 2) &&
	           !canon_item(array, 3) && !canon_size(v),
	   "an array has items");
	is_str(canon_item(array, 2)->text, "x", "after those of another");
	is_str(array->text, "[7,[8,9],\"x\"]", "its text is told as it stands");
}

static void any(struct arena *a)
{
	struct fail why = {0};
	char deep[2 * CANON_DEPTH_MAX + 2];
	enum { LEVELS = CANON_DEPTH_MAX + 1 };
	is_int(canon_int(canon_read_any(a, STR(" {\"b\":1, \"a\":2}"), &why),
	                 "a"),
	       2, "any JSON is read by way of its canonical form");
	ok(!canon_read_any(a, STR("{"), &why) && why.kind == FAIL_INPUT,
	   "no JSON is not");
	memset(deep, '[', LEVELS);
	memset(deep + LEVELS, ']', LEVELS);
	ok(!canon_read_any(a, (struct str){deep, sizeof deep}, &why),
	   "nor what is nested too deeply: %s", why.text);
	ok(canon_read_any(a, (struct str){deep + 1, sizeof deep - 2}, &why),
	   "one level less is");
}

int main(void)
{
	struct arena *a = arena_new();
	forms(a);
	asking(a);
	any(a);
	changed(a);
	arena_free(a);
	return tap_done();
}
