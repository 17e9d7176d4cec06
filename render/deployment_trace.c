#include "render/deployment_trace.h"

#include "core/verdict.h"
#include "render/scan.h"

enum { NAMES_MAX = 16 * 1024 };

static const struct field step_list[] = {
        FIELD_INT(struct trace_step, step),
        FIELD_TEXT(struct trace_step, title),
        FIELD_TEXT(struct trace_step, detail),
        FIELD_TEXT(struct trace_step, code),
        FIELD_OPT(struct trace_step, rule, &link_fields),
        FIELD_BOOL(struct trace_step, passed),
        FIELD_STRUCT(struct trace_step, status, &status_fields),
};
static const struct fields step_fields = FIELDS(struct trace_step, step_list);

static const struct field trace_list[] = {
        FIELD_TEXT(struct trace, document),
        FIELD_TEXT(struct trace, words),
        FIELD_LIST(struct trace, rows, &step_fields),
        FIELD_TEXT(struct trace, passed),
        FIELD_TEXT(struct trace, skipped),
};
const struct fields trace_fields = FIELDS(struct trace, trace_list);

/* One row of the document; its texts live as long as the document. */
struct found {
	int64_t step, line;
	struct str guardrail, result, code, detail, file;
	bool passed, skipped, limited;
};
struct document {
	struct str commit;
	int64_t run, skipped, passed;
	VEC(struct found) rows;
};

static struct status result_status(struct str result)
{
	if (str_is(result, "wait"))
		return status_of(STATUS_WAITING, "Waits");
	if (str_is(result, "deny"))
		return status_of(STATUS_DENIED, NULL);
	if (str_is(result, "waived"))
		return status_of(STATUS_UNKNOWN, "Waived");
	return status_of(STATUS_SKIPPED, NULL);
}

static void read_rule(struct scan *scan, struct found *f, struct arena *a)
{
	struct str key;
	if (!scan_open(scan, '{'))
		return;
	while (scan_key(scan, &key))
		if (str_is(key, "file"))
			f->file = scan_str(scan, a);
		else if (str_is(key, "line"))
			f->line = scan_int(scan);
		else
			scan_skip(scan);
}

static void read_inputs(struct scan *scan, struct found *f)
{
	struct str key;
	if (!scan_open(scan, '{'))
		return;
	while (scan_key(scan, &key)) {
		f->limited = f->limited || str_is(key, "limit");
		scan_skip(scan);
	}
}

static struct found read_row(struct scan *scan, struct arena *a)
{
	struct found f = {0};
	struct str key;
	if (!scan_open(scan, '{'))
		return f;
	while (scan_key(scan, &key))
		if (str_is(key, "guardrail"))
			f.guardrail = scan_str(scan, a);
		else if (str_is(key, "result"))
			f.result = scan_str(scan, a);
		else if (str_is(key, "code"))
			f.code = scan_str(scan, a);
		else if (str_is(key, "detail"))
			f.detail = scan_str(scan, a);
		else if (str_is(key, "rule"))
			read_rule(scan, &f, a);
		else if (str_is(key, "inputs"))
			read_inputs(scan, &f);
		else
			scan_skip(scan);
	f.passed = str_is(f.result, "pass");
	f.skipped = str_is(f.result, "skip");
	return f;
}

static void read_rows(struct scan *scan, struct document *doc, struct arena *a)
{
	if (!scan_open(scan, '['))
		return;
	vec_reserve(a, &doc->rows, VERDICT_TRACE_MAX);
	for (int64_t step = 1; scan_more(scan); step++) {
		struct found f = read_row(scan, a);
		f.step = step;
		doc->passed += f.passed;
		doc->skipped += f.skipped;
		*vec_add(a, &doc->rows) = f;
	}
}

static struct document read_document(struct str text, struct arena *a)
{
	struct scan scan = scan_of(text);
	struct document doc = {0};
	struct str key;
	if (!scan_open(&scan, '{'))
		return doc;
	while (scan_key(&scan, &key))
		if (str_is(key, "policyCommit"))
			doc.commit = scan_str(&scan, a);
		else if (str_is(key, "run"))
			doc.run = scan_int(&scan);
		else if (str_is(key, "trace"))
			read_rows(&scan, &doc, a);
		else
			scan_skip(&scan);
	return doc;
}

static struct str title_of(struct site *s, struct str guardrail)
{
	const struct guardrail_text *g = map_find(&s->guardrails, guardrail);
	return g ? str_of(g->title) : words_name(s->page, guardrail);
}

static struct trace_step step_of(struct site *s, const struct found *f,
                                 struct str commit)
{
	struct arena *a = s->page;
	bool known = f->code.n && diag_find(f->code) != DIAG_NONE;
	struct trace_step step = {
	        .step = f->step,
	        .title = title_of(s, f->guardrail),
	        .code = known ? f->code : (struct str){0},
	        /* A detail may name people. */
	        .detail = s->in->redact
	                          ? (struct str){0}
	                          : words_times(a, words_line(a, f->detail)),
	        .rule = link_to_file(s, f->file, f->line, commit),
	        .passed = f->passed};
	if (!f->passed)
		step.status = result_status(f->result);
	return step;
}

/* Passed, by what is built in: there is nothing to say but its name. */
static bool is_plain(const struct found *f)
{
	return f->skipped || (f->passed && !f->file.n && !f->limited);
}

static void name_plain(struct buf *to, struct site *s, const struct found *f)
{
	if (to->n)
		buf_add(to, STR(", "));
	buf_add(to, title_of(s, f->guardrail));
}

static void fill(struct trace *t, struct site *s, const struct document *doc)
{
	struct arena *a = s->page;
	struct buf passed = buf_new(a, NAMES_MAX), skipped = passed;
	vec_each (struct found, f, &doc->rows)
		if (is_plain(f))
			name_plain(f->skipped ? &skipped : &passed, s, f);
		else
			*vec_add(a, &t->rows) = step_of(s, f, doc->commit);
	t->run = doc->run;
	t->passed = buf_str(&passed);
	t->skipped = buf_str(&skipped);
	t->words = str_format(
	        a, "Run %lld: %lld of %zu passed; %lld did not concern it",
	        (long long)doc->run, (long long)doc->passed,
	        doc->rows.n - (size_t)doc->skipped, (long long)doc->skipped);
}

struct trace *trace_of(struct site *s, struct str text)
{
	struct arena *a = s->page;
	struct document doc = read_document(text, a);
	if (!doc.rows.n)
		return NULL;
	struct trace *t = ARENA_NEW(a, struct trace);
	fill(t, s, &doc);
	/* It names people. */
	if (!s->in->redact)
		t->document = text;
	return t;
}

bool trace_read(struct trace **out, struct site *s, int64_t number,
                struct fail *why)
{
	struct str text;
	if (!ledger_decision_of(s->ledger, s->page, number, &text, why))
		return false;
	*out = trace_of(s, text);
	return true;
}
