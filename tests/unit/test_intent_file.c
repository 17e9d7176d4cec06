/* intent_file: what is written decodes to the same values, whatever they are;
 * a name is never taken twice. */
#include "core/files.h"
#include "core/intent.h"
#include "runner/intent_file.h"
#include "tests/lib/tap.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The text, and how it is to stand in the file. */
static const struct {
	const char *text, *written;
} values[] = {
        {"1.4.2", "1.4.2"},
        {"v1.4.2-rc.1+build.7", "v1.4.2-rc.1+build.7"},
        {"1.10", "\"1.10\""},
        {"2026.11", "\"2026.11\""},
        {"981", "\"981\""},
        {"1e3", "\"1e3\""},
        {"12e34", "\"12e34\""},
        {"12cb34", "12cb34"},
        {"0x1f", "\"0x1f\""},
        {"0b101", "\"0b101\""},
        {"0o17", "\"0o17\""},
        {"1_000", "\"1_000\""},
        {"12:30", "\"12:30\""},
        {"2026-11-20", "\"2026-11-20\""},
        {"-1", "\"-1\""},
        {".5", "\".5\""},
        {".inf", "\".inf\""},
        {"+1", "\"+1\""},
        {"null", "\"null\""},
        {"Null", "\"Null\""},
        {"~", "\"~\""},
        {"yes", "\"yes\""},
        {"No", "\"No\""},
        {"on", "\"on\""},
        {"y", "\"y\""},
        {"TRUE", "\"TRUE\""},
        {"<<", "\"<<\""},
        {"=", "\"=\""},
        {"Fix rounding in VAT totals", "Fix rounding in VAT totals"},
        {"s3://builds/checkout-1.zip", "s3://builds/checkout-1.zip"},
        {"https://ci.example/1?a=b%20c", "https://ci.example/1?a=b%20c"},
        {"pkg:generic/a@1", "pkg:generic/a@1"},
        {"a: b", "\"a: b\""},
        {"ends with a colon:", "\"ends with a colon:\""},
        {"a #comment", "\"a #comment\""},
        {"a#b", "\"a#b\""},
        {"- dash", "\"- dash\""},
        {"-dash", "\"-dash\""},
        {"? question", "\"? question\""},
        {"why?", "why?"},
        {"*alias", "\"*alias\""},
        {"&anchor", "\"&anchor\""},
        {"!tag", "\"!tag\""},
        {"%directive", "\"%directive\""},
        {"@at", "\"@at\""},
        {"`tick", "\"`tick\""},
        {"|", "\"|\""},
        {">", "\">\""},
        {"{a: b}", "\"{a: b}\""},
        {"[a, b]", "\"[a, b]\""},
        {"a, b", "\"a, b\""},
        {"say \"hi\"", "\"say \\\"hi\\\"\""},
        {"'quoted'", "\"'quoted'\""},
        {"it's", "it's"},
        {"back\\slash", "\"back\\\\slash\""},
        {"tab\there", "\"tab\\there\""},
        {"two\nlines", "\"two\\nlines\""},
        {"return\rhere", "\"return\\u000dhere\""},
        {"bell\a", "\"bell\\u0007\""},
        {"two  spaces", "\"two  spaces\""},
        {" before", "\" before\""},
        {"after ", "\"after \""},
        {"---", "\"---\""},
        {"...", "\"...\""},
        {"gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\""},
        {"\xe2\x86\x92 prod", "\"\xe2\x86\x92 prod\""},
        {"\xf0\x9f\x9a\x80", "\"\xf0\x9f\x9a\x80\""},
        {"line\xe2\x80\xa8separator", "\"line\\u2028separator\""},
        {"next\xc2\x85line", "\"next\\u0085line\""},
        {"\xef\xbb\xbfmark", "\"\\ufeffmark\""},
        {"right\xe2\x80\xaeleft", "\"right\\u202eleft\""},
        {"nbsp\xc2\xa0here", "\"nbsp\\u00a0here\""},
        {"\xf0\x9f\xbf\xbe", "\"\\U0001fffe\""},
};

static bool read_back(struct arena *a, struct intent *out, struct str text)
{
	struct diags ds = diags_new(a);
	struct source *src = source_new(a, STR("intents/s/i.yaml"), text);
	bool fine = intent_read(out, a, src, &ds);
	for (size_t i = 0; i < ds.n; i++)
		tap_note("%" STR_FMT, STR_ARG(ds.at[i].message));
	return fine;
}

static void test_values(struct arena *a)
{
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct str v = str_of(values[i].text);
		struct intent in;
		struct intent_file f = intent_file_new(a, "deploy");
		intent_file_text(&f, "service", STR("s"));
		intent_file_text(&f, "environment", STR("e"));
		intent_file_text(&f, "version", v);
		intent_file_text(&f, "summary", STR("x"));
		is_str(buf_str(&f.text),
		       str_format(a,
		                  "kind: deploy\nservice: s\nenvironment: e\n"
		                  "version: %s\nsummary: x\n",
		                  values[i].written)
		               .s,
		       "%s is written", values[i].written);
		ok(read_back(a, &in, buf_str(&f.text)), "it decodes");
		is_str(in.version.s, values[i].text, "to the same text");
	}
}

static void test_every_ascii(struct arena *a)
{
	/* Every byte first, in the middle and last. */
	int wrong = 0;
	for (char c = 1; c > 0 && c < 127; c++) {
		const char forms[3][5] = {
		        {c, 'a', 'b'}, {'a', c, 'b'}, {'a', 'b', c}};
		for (int k = 0; k < 3; k++) {
			struct intent in;
			struct intent_file f = intent_file_new(a, "cancel");
			intent_file_text(&f, "summary", STR("x"));
			intent_file_text(&f, "of", str_of(forms[k]));
			if (!read_back(a, &in, buf_str(&f.text)) ||
			    !str_is(in.of.s, forms[k])) {
				wrong++;
				tap_note("%d in %d", c, k);
			}
		}
	}
	is_int(wrong, 0, "every ASCII character comes back from every place");
}

static const struct {
	const char *name, *value, *written;
	bool plain;
} params[] = {
        {"replicas", "4", "replicas: 4", true},
        {"share", "0.5", "share: 0.5", true},
        {"below", "-3", "below: -3", true},
        {"dark", "true", "dark: true", true},
        {"word", "yes", "word: \"yes\"", false},
        {"power", "1e3", "power: \"1e3\"", false},
        {"point", "1.", "point: \"1.\"", false},
        {"nothing", "null", "nothing: \"null\"", false},
        {"empty", "", "empty: \"\"", false},
        {"no", "x", "\"no\": x", true},
        {"a: b", "x", "\"a: b\": x", true},
        {"7", "x", "\"7\": x", true},
};

static void test_params(struct arena *a)
{
	for (size_t i = 0; i < sizeof params / sizeof *params; i++) {
		struct intent in;
		struct intent_file f = intent_file_new(a, "deploy");
		intent_file_open(&f, "params");
		intent_file_param(&f, str_of(params[i].name),
		                  str_of(params[i].value));
		intent_file_close(&f);
		intent_file_text(&f, "ticket", STR("T-1"));
		is_str(buf_str(&f.text),
		       str_format(a,
		                  "kind: deploy\nparams:\n  %s\nticket: T-1\n",
		                  params[i].written)
		               .s,
		       "the parameter %s", params[i].written);
		struct diags ds = diags_new(a);
		struct source *src = source_new(a, STR("intents/s/i.yaml"),
		                                buf_str(&f.text));
		intent_read(&in, a, src, &ds);
		const struct yaml_node *key =
		        in.params.node ? in.params.node->first : NULL;
		if (!ok(key != NULL, "it is read"))
			continue;
		is_str(key->text, params[i].name, "with its name");
		is_str(key->next->text, params[i].value, "and its value");
		ok(key->next->plain == params[i].plain, "%s",
		   params[i].plain ? "which is plain" : "which is quoted");
	}
}

static void test_left_out(struct arena *a)
{
	struct intent_file f = intent_file_new(a, "build");
	intent_file_text(&f, "sha256", STR(""));
	intent_file_when(&f, "built_at", 0);
	intent_file_int(&f, "size_bytes", 0);
	is_str(buf_str(&f.text), "kind: build\n", "what is empty is left out");
	intent_file_when(&f, "built_at", 1763625600);
	intent_file_int(&f, "size_bytes", 12);
	is_str(buf_str(&f.text),
	       "kind: build\nbuilt_at: 2025-11-20T08:00:00Z\nsize_bytes: 12\n",
	       "times and numbers are plain");
}

static void test_fold(struct arena *a)
{
	is_str(intent_file_fold(a, STR(" one\n two\t\r\n three \n")),
	       "one two three", "a summary is one line");
	is_str(intent_file_fold(a, STR("\n \t")), "", "blank becomes empty");
	is_str(intent_file_fold(a, STR("")), "", "empty stays empty");
	struct intent_file f = intent_file_new(a, "cancel");
	intent_file_line(&f, "summary", STR("one\ntwo: \"three\""));
	is_str(buf_str(&f.text),
	       "kind: cancel\nsummary: \"one two: \\\"three\\\"\"\n",
	       "it is folded, then quoted");
}

static void test_path(struct arena *a)
{
	enum { NOON = 1795262400 }; /* 2026-11-21T12:00:00Z */
	char folder[] = "/tmp/test_intent_file.XXXXXX";
	struct fail why = {0};
	if (!ok(mkdtemp(folder) != NULL, "a folder"))
		return;
	const char *root = str_format(a, "%s/", folder).s;
	struct str what = STR("deploy-1.4.2-prod");
	struct str first = intent_file_path(a, root, STR("pay"), NOON, what);
	is_str(first, "intents/pay/20261121T120000Z-deploy-1.4.2-prod.yaml",
	       "the time, then what");
	const char *on_disk =
	        str_format(a, "%s%" STR_FMT, root, STR_ARG(first)).s;
	enum file_change change;
	ok(file_write_if_changed(&change, on_disk, STR("x"), &why),
	   "a file of that name");
	is_str(intent_file_path(a, root, STR("pay"), NOON, what),
	       "intents/pay/20261121T120000Z-deploy-1.4.2-prod-2.yaml",
	       "the next one is called otherwise");
	is_str(intent_file_path(a, root, STR("pay"), NOON,
	                        STR("build-../1:\xc3\xbc x")),
	       "intents/pay/20261121T120000Z-build-..-1----x.yaml",
	       "odd characters become dashes");
	struct str longest =
	        intent_file_path(a, root, STR("pay"), NOON,
	                         (struct str){arena_alloc(a, 100000), 100000});
	ok(longest.n < 255, "a long version makes no long name");
	unlink(on_disk);
	rmdir(str_format(a, "%s/intents/pay", folder).s);
	rmdir(str_format(a, "%s/intents", folder).s);
	rmdir(folder);
}

static void test_folder(void)
{
	ok(intent_file_is_folder(STR("check-out_2.x")), "a name is a folder");
	ok(!intent_file_is_folder(STR("")), "nothing is none");
	ok(!intent_file_is_folder(STR(".")), "'.' is none");
	ok(!intent_file_is_folder(STR("..")), "'..' is none");
	ok(!intent_file_is_folder(STR("a/b")), "a path is none");
	ok(!intent_file_is_folder(STR("a b")), "nor is what has spaces");
}

int main(void)
{
	struct arena *a = arena_new();
	test_values(a);
	test_every_ascii(a);
	test_params(a);
	test_left_out(a);
	test_fold(a);
	test_path(a);
	test_folder();
	arena_free(a);
	return tap_done();
}
