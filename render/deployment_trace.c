#include "render/deployment_trace.h"

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

/* Borrowed texts live as long as the document: copied into the page. */
static void add_step(struct reading *r, const json_t *row, int64_t number,
                     struct str commit)
{
	struct site *s = r->s;
	struct arena *a = s->page;
	struct str result = json_get_str(row, "result");
	struct trace_step *step = vec_add(a, &r->trace->rows);
	step->step = number;
	step->title = words_name(a, json_get_str(row, "guardrail"));
	step->code = str_copy(a, json_get_str(row, "code"));
	if (diag_find(step->code) == DIAG_NONE)
		step->code = (struct str){0};
	/* A detail may name people. */
	if (!s->in->redact)
		step->detail =
		        str_copy(a, words_line(a, json_get_str(row, "detail")));
	const json_t *rule = json_object_get(row, "rule");
	step->rule = link_to_file(s, str_copy(a, json_get_str(rule, "file")),
	                          json_get_int(rule, "line"), commit);
	step->status = result_status(result);
}

static bool add_document(void *context, const struct recorded_decision *d,
                         struct fail *why)
{
	struct reading *r = context;
	struct arena *a = r->s->page;
	json_t *document;
	if (!json_read(&document, a, d->document, why))
		return fail_note(why, "decision %lld", (long long)d->seq);
	r->trace = ARENA_NEW(a, struct trace);
	struct str commit = str_copy(a, json_get_str(document, "commit"));
	const json_t *rows = json_object_get(document, "trace");
	int64_t passed = 0, skipped = 0;
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		struct str result = json_get_str(row, "result");
		if (str_is(result, "skip")) {
			skipped++;
			continue;
		}
		passed += str_is(result, "pass");
		add_step(r, row, (int64_t)i + 1, commit);
	}
	r->trace->words = str_format(
	        a, "Run %lld: %lld of %zu passed; %lld did not concern it",
	        (long long)d->run, (long long)passed, r->trace->rows.n,
	        (long long)skipped);
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
