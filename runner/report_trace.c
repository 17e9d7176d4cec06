/* The trace of a decision, out of its document: a run keeps only that. */
#include "runner/guard.h"
#include "runner/report_format.h"

static const char *const result_names[] = {
        [TRACE_PASS] = "pass",     [TRACE_WAIT] = "wait", [TRACE_DENY] = "deny",
        [TRACE_WAIVED] = "waived", [TRACE_SKIP] = "skip",
};

static enum trace_result result_of(struct str name)
{
	size_t i = 0;
	while (i < TRACE_SKIP && !str_is(name, result_names[i]))
		i++;
	return (enum trace_result)i;
}

/* A guardrail of another version keeps its name for a title. */
static const char *title_of(struct arena *a, struct str name)
{
	for (size_t i = 0; i < guard_count; i++)
		if (str_is(name, guards[i].name))
			return guards[i].title;
	return str_cstr(a, name);
}

static struct trace_row read_row(struct arena *a, const json_t *from)
{
	const json_t *rule = json_object_get(from, "rule");
	struct str name = json_get_str(from, "guardrail");
	struct trace_row row = {
	        .guardrail = str_cstr(a, name),
	        .title = title_of(a, name),
	        .code = diag_find(json_get_str(from, "code")),
	        .result = result_of(json_get_str(from, "result")),
	        .detail = json_get_str(from, "detail"),
	};
	if (!json_is_object(rule))
		return row;
	row.rule.file = json_get_str(rule, "file");
	row.rule.line = row.rule.end_line =
	        (uint32_t)json_get_int(rule, "line");
	row.rule.column = row.rule.end_column = 1;
	return row;
}

bool report_read_trace(struct arena *a, struct str document, struct decision *d,
                       struct fail *why)
{
	json_t *doc;
	if (!json_read(&doc, a, document, why))
		return false;
	const json_t *trace = json_object_get(doc, "trace");
	size_t n = json_array_size(trace);
	d->ntrace = 0;
	for (size_t i = 0; i < n && d->ntrace < VERDICT_TRACE_MAX; i++)
		d->trace[d->ntrace++] = read_row(a, json_array_get(trace, i));
	return true;
}
