/* --format json, one document, and jsonl, a document a line. */
#include "runner/report_format.h"

#include <assert.h>

enum stage { IN_DECISIONS, IN_FOLLOWED, IN_FINDINGS };

/* --- pieces of both ------------------------------------------------------ */

void report_origin_json(struct jw *j, const struct report *r)
{
	jw_put_str(j, "commit", str_of(oid_hex(&r->pass->tip).s));
	jw_put_str(j, "policyTree", str_of(oid_hex(&r->pass->policy_tree).s));
	jw_put_when(j, "now", world_now(&r->cli->world));
}

void report_summary_json(struct jw *j, const struct report *r)
{
	const struct run_result *run = r->run;
	jw_key(j, "summary");
	jw_open(j, '{');
	for (int i = 0; i < OUTCOME_COUNT; i++)
		jw_put_int(j, outcome_names[i], r->counts.of[i]);
	jw_put_int(j, "invalid", r->invalid);
	jw_close(j);
	if (!run)
		return;
	jw_key(j, "run");
	jw_open(j, '{');
	jw_put_int(j, "number", run->number);
	jw_put_when(j, "startedAt", run->started_at);
	jw_put_when(j, "finishedAt", run->finished_at);
	jw_close(j);
}

/* Document of the decision, with braces; into an arena. */
static struct str document_of(const struct report_item *item, struct arena *a)
{
	struct buf buf = buf_new(a, JSON_MAX_BYTES);
	struct jw j = jw_new(&buf);
	if (item->document.n)
		return item->document;
	jw_open(&j, '{');
	decision_json(&j, item->d);
	jw_close(&j);
	return buf_str(&buf);
}

/* What stands in the braces of an object. */
static struct str members(struct str document)
{
	assert(document.n > 2 && document.s[0] == '{' &&
	       document.s[document.n - 1] == '}');
	return (struct str){document.s + 1, document.n - 2};
}

static void add_made(struct buf *out, const struct deployment *made)
{
	struct jw inner = jw_new(out);
	if (!made)
		return;
	buf_add(out, STR(",\"deployment\":"));
	deployment_json(&inner, made);
}

/* --- json ---------------------------------------------------------------- */

static void json_begin(struct sink *s)
{
	struct jw *j = &s->json;
	jw_open(j, '{');
	jw_put_str(j, "schema",
	           s->report->kind == REPORT_CHECK ? STR("dxcp.check/1")
	                                           : STR("dxcp.run/1"));
	report_origin_json(j, s->report);
	jw_key(j, "decisions");
	jw_open(j, '[');
}

/* Close the arrays before the one of this stage, and open it. */
static void reach(struct sink *s, enum stage stage)
{
	struct jw *j = &s->json;
	while (s->stage < (int)stage) {
		s->stage++;
		if (s->stage == IN_FOLLOWED && s->report->kind != REPORT_RUN)
			continue;
		jw_close(j);
		jw_key(j, s->stage == IN_FOLLOWED ? "followed" : "findings");
		jw_open(j, '[');
	}
}

static void json_decision(struct sink *s, const struct report_item *item)
{
	struct str document = document_of(item, s->report->scratch);
	if (!item->made) {
		jw_raw(&s->json, document);
		return;
	}
	/* Without the closing brace: the deployment goes before it. */
	jw_raw(&s->json, str_head(document, document.n - 1));
	add_made(&s->buf, item->made);
	buf_add_char(&s->buf, '}');
}

static void json_followed(struct sink *s, const struct deployment *d)
{
	reach(s, IN_FOLLOWED);
	deployment_json(&s->json, d);
}

static void json_finding(struct sink *s, const struct diag *d,
                         const struct notice *notice)
{
	(void)notice;
	reach(s, IN_FINDINGS);
	finding_json(&s->json, d, NULL);
}

static bool json_end(struct sink *s, struct fail *why)
{
	struct jw *j = &s->json;
	(void)why;
	reach(s, IN_FINDINGS);
	jw_close(j);
	report_summary_json(j, s->report);
	jw_close(j);
	buf_add_char(&s->buf, '\n');
	return true;
}

const struct report_format report_json = {
        .wants_trace = true,
        .begin = json_begin,
        .decision = json_decision,
        .followed = json_followed,
        .finding = json_finding,
        .end = json_end,
};

/* --- jsonl --------------------------------------------------------------- */

static void line_decision(struct sink *s, const struct report_item *item)
{
	struct buf *out = &s->buf;
	struct str document = document_of(item, s->report->scratch);
	buf_add(out, STR("{\"schema\":\"dxcp.decision/1\","));
	buf_add(out, members(document));
	add_made(out, item->made);
	buf_add(out, STR("}\n"));
}

static void line_followed(struct sink *s, const struct deployment *d)
{
	struct buf one = buf_new(s->report->scratch, JSON_MAX_BYTES);
	struct jw j = jw_new(&one);
	deployment_json(&j, d);
	buf_add(&s->buf, STR("{\"schema\":\"dxcp.deployment/1\","));
	buf_add(&s->buf, members(buf_str(&one)));
	buf_add(&s->buf, STR("}\n"));
}

static void line_finding(struct sink *s, const struct diag *d,
                         const struct notice *notice)
{
	struct jw j = jw_new(&s->buf);
	(void)notice;
	finding_json(&j, d, "dxcp.finding/1");
	buf_add_char(&s->buf, '\n');
}

static bool line_end(struct sink *s, struct fail *why)
{
	struct jw j = jw_new(&s->buf);
	(void)why;
	jw_open(&j, '{');
	jw_put_str(&j, "schema", STR("dxcp.summary/1"));
	jw_put_str(&j, "command", str_of(report_command(s->report)));
	report_origin_json(&j, s->report);
	report_summary_json(&j, s->report);
	jw_close(&j);
	buf_add_char(&s->buf, '\n');
	return true;
}

const struct report_format report_jsonl = {
        .wants_trace = true,
        .decision = line_decision,
        .followed = line_followed,
        .finding = line_finding,
        .end = line_end,
};
