#include "render/deployment_trace.h"

#include "render/scan.h"

static const struct field step_list[] = {
        FIELD_INT(struct trace_step, step),
        FIELD_TEXT(struct trace_step, title),
        FIELD_TEXT(struct trace_step, detail),
        FIELD_TEXT(struct trace_step, code),
        FIELD_OPT(struct trace_step, rule, &link_fields),
        FIELD_STRUCT(struct trace_step, status, &status_fields),
};
static const struct fields step_fields = FIELDS(struct trace_step, step_list);

static const struct field trace_list[] = {
        FIELD_TEXT(struct trace, words),
        FIELD_LIST(struct trace, rows, &step_fields),
};
const struct fields trace_fields = FIELDS(struct trace, trace_list);

/* One row of the document; its texts live as long as the document. */
struct found {
	int64_t step, line;
	struct str guardrail, result, code, detail, file;
};
struct document {
	struct str commit;
	int64_t skipped, passed;
	VEC(struct found) rows;
};

struct reading {
	struct site *s;
	struct trace *trace;
};

static struct status result_status(struct str result)
{
	if (str_is(result, "pass"))
		return status_of(STATUS_OK, "Passed");
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
		else
			scan_skip(scan);
	return f;
}

static void read_rows(struct scan *scan, struct document *doc, struct arena *a)
{
	if (!scan_open(scan, '['))
		return;
	for (int64_t step = 1; scan_more(scan); step++) {
		struct found f = read_row(scan, a);
		f.step = step;
		doc->passed += str_is(f.result, "pass");
		if (str_is(f.result, "skip"))
			doc->skipped++;
		else
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
		else if (str_is(key, "trace"))
			read_rows(&scan, &doc, a);
		else
			scan_skip(&scan);
	return doc;
}

static struct trace_step step_of(struct site *s, const struct found *f,
                                 struct str commit)
{
	struct arena *a = s->page;
	bool known = f->code.n && diag_find(f->code) != DIAG_NONE;
	return (struct trace_step){
	        .step = f->step,
	        .title = words_name(a, f->guardrail),
	        .code = known ? f->code : (struct str){0},
	        /* A detail may name people. */
	        .detail = s->in->redact ? (struct str){0}
	                                : words_line(a, f->detail),
	        .rule = link_to_file(s, f->file, f->line, commit),
	        .status = result_status(f->result)};
}

static bool add_document(void *context, const struct recorded_decision *d,
                         struct fail *why)
{
	struct reading *r = context;
	struct arena *a = r->s->page;
	(void)why;
	struct document doc = read_document(str_copy(a, d->document), a);
	r->trace = ARENA_NEW(a, struct trace);
	vec_each (struct found, f, &doc.rows)
		*vec_add(a, &r->trace->rows) = step_of(r->s, f, doc.commit);
	r->trace->words = str_format(
	        a, "Run %lld: %lld of %zu passed; %lld did not concern it",
	        (long long)d->run, (long long)doc.passed, doc.rows.n,
	        (long long)doc.skipped);
	return true;
}

bool trace_read(struct trace **out, struct site *s, int64_t number,
                struct fail *why)
{
	struct reading r = {.s = s};
	struct decision_filter f = {
	        .outcome = -1, .number = number, .limit = 1};
	if (!ledger_decisions(s->ledger, &f, add_document, &r, why))
		return false;
	*out = r.trace && r.trace->rows.n ? r.trace : NULL;
	return true;
}
