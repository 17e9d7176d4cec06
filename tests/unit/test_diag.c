/* diag: the table of codes, collections, and findings as text. */
#include "core/diag.h"
#include "tests/lib/tap.h"

#include <ctype.h>
#include <string.h>

static bool is_sentence(const char *s)
{
	size_t n = strlen(s);
	return n > 3 && isupper((unsigned char)s[0]) && s[n - 1] == '.';
}

static void test_table(void)
{
	int row = 0;
	for (enum diag_code c = 1; c < DIAG_CODE_COUNT; c++) {
		const struct diag_info *info = diag_info(c);
		ok(diag_find(str_of(info->name)) == c, "%s finds itself",
		   info->name);
		ok(is_sentence(info->summary) && is_sentence(info->hint),
		   "%s has a summary and a hint", info->name);
		ok((info->row > 0) == (info->level <= DIAG_DENY),
		   "%s has a row if it is a decision", info->name);
		if (info->row)
			ok(info->row >= row, "%s stands in its row's order",
			   info->name);
		row = info->row ? info->row : row;
	}
	is_str(str_of(diag_info(DIAG_NONE)->name), "", "none has no name");
	ok(diag_find(STR("")) == DIAG_NONE, "nothing finds nothing");
	ok(diag_find(STR("freeze_Active")) == DIAG_FREEZE_ACTIVE,
	   "letter case does not matter");
	ok(diag_find(STR("FREEZE_ACTIV")) == DIAG_NONE, "one letter does");
	ok(diag_nearest(STR("freeze-activ")) == DIAG_FREEZE_ACTIVE,
	   "a misspelt name has a nearest one");
	ok(diag_nearest(STR("QUOTA_EXEEDED")) == DIAG_QUOTA_EXCEEDED,
	   "another one");
	ok(diag_nearest(STR("WINDOW")) == DIAG_NONE, "half a name has none");
	ok(diag_nearest(STR("")) == DIAG_NONE, "nor has nothing");
	is_str(str_of(diag_cause_name(CAUSE_USER_ERROR)), "USER_ERROR",
	       "a cause has a name");
	is_str(str_of(diag_cause_name(CAUSE_NONE)), "", "no cause has none");
	is_str(str_of(diag_level_name(DIAG_WAIT)), "wait", "levels have names");
}

static void test_add(void)
{
	struct arena *a = arena_new();
	struct diags ds = diags_new(a);
	struct span nowhere = {0};
	struct diag *d = diag_add(&ds, DIAG_UNKNOWN_KEY, nowhere, "k %d", 7);
	diag_hint(&ds, d, "h %s", "x");
	diag_note(&ds, d, nowhere, "first");
	diag_note(&ds, d, nowhere, "second");
	diag_add(&ds, DIAG_UNKNOWN_REFERENCE, nowhere, "w");
	is_str(ds.at[0].message, "k 7", "the message is formatted");
	is_str(ds.at[0].hint, "h x", "the hint too");
	is_str(ds.at[0].notes->message, "first", "notes stay in order");
	is_str(ds.at[0].notes->next->message, "second", "all of them");
	is_int((int64_t)ds.errors, 1, "one error");
	is_int((int64_t)ds.warnings, 1, "one warning");
	for (size_t i = 2; i < DIAGS_MAX; i++)
		diag_add(&ds, DIAG_UNKNOWN_KEY, nowhere, "k");
	is_int((int64_t)ds.dropped, 0, "at the cap nothing is dropped");
	size_t used = arena_used(a);
	d = diag_add(&ds, DIAG_UNKNOWN_KEY, nowhere, "one more");
	diag_hint(&ds, d, "may be given");
	diag_note(&ds, d, nowhere, "may be given");
	d = diag_add(&ds, DIAG_UNKNOWN_KEY, nowhere, "and one more");
	is_int((int64_t)ds.n, DIAGS_MAX, "the cap holds");
	is_int((int64_t)ds.dropped, 2, "what is beyond is counted");
	is_int((int64_t)ds.errors, DIAGS_MAX + 1, "as errors too");
	ok(arena_used(a) - used < 4000000, "and takes no memory for texts");
	arena_free(a);
}

static void test_sort(void)
{
	struct arena *a = arena_new();
	struct source *x = source_new(a, STR("x"), STR("0123456789"));
	struct source *y = source_new(a, STR("y"), STR("0123456789"));
	struct source *x2 = source_new(a, STR("x"), STR("0123456789"));
	struct diags ds = diags_new(a);
	diag_add(&ds, DIAG_WRONG_TYPE, (struct span){y, 1, 2}, "6");
	diag_add(&ds, DIAG_WRONG_TYPE, (struct span){x, 9, 10}, "5");
	diag_add(&ds, DIAG_WRONG_TYPE, (struct span){x, 3, 4}, "4");
	diag_add(&ds, DIAG_MISSING_KEY, (struct span){x, 3, 4}, "3");
	diag_add(&ds, DIAG_MISSING_KEY, (struct span){x, 3, 4}, "2");
	diag_add(&ds, DIAG_MISSING_KEY, (struct span){x2, 3, 4}, "2");
	diag_add(&ds, DIAG_UNKNOWN_REFERENCE, (struct span){0}, "1");
	diag_add(&ds, DIAG_UNKNOWN_REFERENCE, (struct span){0}, "1");
	diags_sort(&ds);
	is_int((int64_t)ds.n, 6, "equal ones are dropped");
	struct buf b = buf_new(a, 100);
	for (size_t i = 0; i < ds.n; i++)
		buf_add(&b, ds.at[i].message);
	is_str(buf_str(&b), "123456", "by path, offset, code, then text");
	is_int((int64_t)ds.errors, 5, "the dropped error is not counted");
	is_int((int64_t)ds.warnings, 1, "nor the dropped warning");
	arena_free(a);
}

static void test_keep(void)
{
	struct arena *file = arena_new(), *a = arena_new();
	struct source *x = source_new(file, str_copy(file, STR("x")),
	                              str_copy(file, STR("one\ntwo\n")));
	struct diags from = diags_new(file), ds = diags_new(a);
	struct diag *d = diag_add(&from, DIAG_WRONG_TYPE,
	                          (struct span){x, 4, 7}, "%s", "m");
	diag_note(&from, d, (struct span){x, 0, 3}, "%s", "n");
	diag_hint(&from, d, "%s", "h");
	diag_add(&from, DIAG_UNKNOWN_REFERENCE, (struct span){0}, "w");
	diags_keep(&ds, &from);
	arena_free(file);
	is_int((int64_t)ds.n, 2, "findings are kept");
	ok(ds.errors == 1 && ds.warnings == 1, "and counted");
	ok(ds.at[0].at.src == ds.at[0].notes->at.src,
	   "one source is copied once");
	is_str(source_line(ds.at[0].at.src, 2), "two", "its text lives on");
	is_str(ds.at[0].message, "m", "so does the message");
	is_str(ds.at[0].hint, "h", "and the hint");
	is_str(ds.at[0].notes->message, "n", "and the note");
	ok(!ds.at[1].at.src, "nowhere stays nowhere");
	arena_free(a);
}

/* Print one UNKNOWN_KEY at start .. end of text. */
static struct str printed(struct arena *a, struct str text, uint32_t start,
                          uint32_t end)
{
	struct source *src = source_new(a, STR("f"), text);
	struct diags ds = diags_new(a);
	struct diag *d = diag_add(&ds, DIAG_UNKNOWN_KEY,
	                          (struct span){src, start, end}, "m");
	diag_hint(&ds, d, "h");
	struct buf out = buf_new(a, 100000);
	diag_print(&out, d, false);
	return buf_str(&out);
}

static void test_excerpts(void)
{
	static const struct {
		const char *name, *text;
		uint32_t start, end;
		const char *place, *line, *carets;
	} cases[] = {
	        {"a word", "a: b\nenv: prd\n", 10, 13, "2:6",
	         "    2 | env: prd", "      |      ^^^"},
	        {"an empty span", "a:\nb: c\n", 2, 2, "1:3",
	         "    1 | a:", "      |   ^"},
	        {"several lines: the first only", "m:  \n  k: v\n", 0, 11,
	         "1:1", "    1 | m:  ", "      | ^^"},
	        {"the end of the file", "a: b\n", 5, 5, "2:1", "    2 | ",
	         "      | ^"},
	        {"an empty file", "", 0, 0, "1:1", "    1 | ", "      | ^"},
	        {"a tab is one column", "\ta: b\n", 4, 5, "1:5",
	         "    1 |  a: b", "      |     ^"},
	        {"CR LF", "a: b\r\nc: d\r\n", 3, 6, "1:4", "    1 | a: b",
	         "      |    ^"},
	        {"letters of two bytes", "\xC3\xA4: \xC3\xB6\xC3\xBC\n", 4, 8,
	         "1:4", "    1 | \xC3\xA4: \xC3\xB6\xC3\xBC", "      |    ^^"},
	        {"a control character", "a\x1B[1m: b\n", 7, 8, "1:8",
	         "    1 | a\\x1B[1m: b", "      |           ^"},
	        {"a caret as wide as what is shown", "a\x07z\n", 1, 2, "1:2",
	         "    1 | a\\x07z", "      |  ^^^^"},
	        {"a bidirectional control", "a\xE2\x80\xAE: b\n", 6, 7, "1:5",
	         "    1 | a<U+202E>: b", "      |            ^"},
	        {"a C1 control", "\xC2\x9B: b\n", 2, 3, "1:2",
	         "    1 | <U+009B>: b", "      |         ^"},
	        {"a byte that is not UTF-8", "a\xE9z\n", 1, 2, "1:2",
	         "    1 | a\\xE9z", "      |  ^^^^"},
	        {"DEL", "a\x7F\n", 1, 2, "1:2", "    1 | a\\x7F",
	         "      |  ^^^^"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena *a = arena_new();
		struct str got = printed(a, str_of(cases[i].text),
		                         cases[i].start, cases[i].end);
		struct str want = str_format(
		        a, "f:%s: error[UNKNOWN_KEY]: m\n%s\n%s\n  next: h\n",
		        cases[i].place, cases[i].line, cases[i].carets);
		is_str(got, str_cstr(a, want), "%s", cases[i].name);
		arena_free(a);
	}
}

/* The line with the excerpt, and that with the carets, from `printed`. */
static void cut_lines(struct str out, struct str *line, struct str *carets)
{
	struct str head;
	str_next(&out, '\n', &head);
	str_next(&out, '\n', line);
	str_next(&out, '\n', carets);
}

static void test_long_line(void)
{
	struct arena *a = arena_new();
	char text[1001];
	memset(text, 'x', 1000);
	text[1000] = '\n';
	for (uint32_t at = 0; at < 1000; at += 111) {
		text[at] = 'O';
		struct str out =
		        printed(a, (struct str){text, 1001}, at, at + 1);
		struct str line, carets;
		cut_lines(out, &line, &carets);
		text[at] = 'x';
		ok(line.n <= 8 + 120 + 6 && carets.n <= line.n,
		   "a long line is cut around %u", at);
		ok(line.s[carets.n - 1] == 'O', "its caret is under %u", at);
		ok(str_ends(line, STR("...")) == (at < 900),
		   "dots at the end show that it goes on");
		ok((strncmp(line.s + 8, "...", 3) == 0) == (at > 60),
		   "dots at the start show that there is more");
	}
	struct str line, carets;
	cut_lines(printed(a, (struct str){text, 1001}, 0, 1000), &line,
	          &carets);
	ok(carets.n <= 8 + 120, "the carets of a long span are cut");
	memset(text, 7, 1000);
	cut_lines(printed(a, (struct str){text, 1001}, 500, 501), &line,
	          &carets);
	ok(line.n <= 8 + 120 + 6, "so is a line of control characters");
	arena_free(a);
}

static void test_print(void)
{
	struct arena *a = arena_new();
	struct source *x = source_new(a, STR("in\x1B/x.yaml"),
	                              STR("kind: deploy\nenvironment: prd\n"));
	struct source *y = source_new(a, STR("p.yaml"), STR("  - dev\n"));
	struct diags ds = diags_new(a);
	struct diag *d = diag_add(&ds, DIAG_INVALID_VALUE,
	                          (struct span){x, 26, 29}, "\"p\x01\" is not");
	diag_note(&ds, d, (struct span){y, 4, 7}, "declared here");
	diag_note(&ds, d, (struct span){0}, "no place");
	struct buf out = buf_new(a, 10000);
	diag_print(&out, d, false);
	is_str(buf_str(&out),
	       "in\\x1B/x.yaml:2:14: error[INVALID_VALUE]: \"p\\x01\" is not\n"
	       "    2 | environment: prd\n"
	       "      |              ^^^\n"
	       "p.yaml:1:5: note: declared here\n"
	       "    1 |   - dev\n"
	       "      |     ^^^\n"
	       "note: no place\n"
	       "  next: Give a value within the limits named.\n",
	       "a finding with notes");
	buf_reset(&out);
	diag_print(&out, d, true);
	ok(str_contains(buf_str(&out),
	                STR("\033[1min\\x1B/x.yaml:2:14:\033[0m "
	                    "\033[1;31merror[INVALID_VALUE]\033[0m: ")),
	   "in colour the place is bold and an error red");
	struct buf small = buf_new(a, 40);
	diag_print(&small, d, true);
	ok(small.full && small.n <= 40, "a full buffer takes no more");
	buf_reset(&out);
	diag_print(
	        &out,
	        diag_add(&ds, DIAG_FREEZE_ACTIVE, (struct span){0}, "%s", ""),
	        false);
	is_str(buf_str(&out),
	       "wait[FREEZE_ACTIVE]: A freeze covers this service and "
	       "environment.\n  next: Wait until the freeze ends, or ask a "
	       "platform admin for a waiver.\n",
	       "without a place and a message of its own");
	arena_free(a);
}

int main(void)
{
	test_table();
	test_add();
	test_sort();
	test_keep();
	test_excerpts();
	test_long_line();
	test_print();
	return tap_done();
}
