#include "runner/gate_failure.h"

#include "runner/failure_class.h"
#include "runner/gate_document.h"
#include "runner/redact.h"

#include <assert.h>
#include <string.h>

enum {
	CANDIDATES_MAX = 64,  /* stages that are looked at */
	DEPTH_MAX = 16,       /* of stages in stages */
	SAID_MAX = 32 * 1024, /* what one stage may say before it is cut */
};

#define STARTUP_PREFIX STR("Failed on startup: ")

/* --- text ------------------------------------------------------------------
 */

struct str gate_text(struct arena *a, struct str text, size_t max)
{
	struct str clean = redact(a, text);
	char *line = arena_text(a, clean.n + 1);
	for (size_t i = 0; i < clean.n; i++)
		line[i] = clean.s[i] == '\n' || clean.s[i] == '\t' ? ' '
		                                                   : clean.s[i];
	return str_brief(a, str_trim((struct str){line, clean.n}), max);
}

/* The start of a text that is masked already. */
static struct str shortened(struct arena *a, struct str text, size_t max)
{
	if (text.n <= max)
		return text;
	size_t n = max - 4;
	while (n && ((unsigned char)text.s[n] & 0xC0) == 0x80)
		n--;
	return str_format(a, "%" STR_FMT "\n...", (int)n, text.s);
}

static void add_line(struct buf *out, const char *what, struct str text)
{
	text = str_trim(text);
	if (!text.n || str_contains(buf_str(out), text))
		return; /* Spinnaker likes to say things twice */
	if (out->n)
		buf_add_char(out, '\n');
	buf_add(out, str_of(what));
	buf_add(out, text);
}

/* --- one stage ---------------------------------------------------------------
 */

static bool is_given(const struct gate_exception *e)
{
	return e->type.n || e->errors.n || e->error.n;
}

static void add_exception(struct buf *out, const struct gate_exception *e)
{
	add_line(out, "", e->errors);
	if (!e->errors.n)
		add_line(out, "", e->error);
	add_line(out, "", e->body);
	add_line(out, "cause: ", e->cause);
}

/* All that a stage says, the most telling first. */
static struct str said_by(struct arena *a, const struct gate_trouble *t)
{
	struct buf out = buf_new(a, SAID_MAX);
	add_exception(&out, &t->stage);
	add_exception(&out, &t->task);
	add_line(&out, "", t->kato_message);
	add_line(&out, "cause: ", t->kato_cause);
	add_line(&out, "", t->monitor_error);
	add_line(&out, "", t->webhook_error);
	add_line(&out, "", t->expressions);
	add_line(&out, "", t->precondition_message);
	add_line(&out, "", t->messages);
	add_line(&out, "failed: ", t->failed_manifests);
	add_line(&out, "warning: ", t->warnings);
	add_line(&out, "", t->job_message);
	add_line(&out, "", t->failure_message);
	add_line(&out, "build result: ", t->build_result);
	add_line(&out, "bake: ", t->bake_result);
	add_line(&out, "progress: ", t->monitor_progress);
	add_line(&out, "state: ", t->monitor_value);
	add_line(&out, "answer: ", t->monitor_body);
	add_line(&out, "answer: ", t->webhook_body);
	if (t->kato_message.n)
		add_line(&out, "last step: ", t->kato_step);
	return buf_str(&out);
}

/* What a person, or an expression, decided: there is no message then. */
static struct str decided_by(struct arena *a, const struct gate_stage *s)
{
	const struct gate_trouble *t = s->trouble;
	struct str who = s->judged_by.n ? s->judged_by : s->modified_by;
	if (str_eq_nocase(s->judgment, STR("stop")))
		return str_format(a, "judged \"stop\"%s%" STR_FMT "%s%" STR_FMT,
		                  who.n ? " by " : "", STR_ARG(who),
		                  t->judgment_input.n ? ": " : "",
		                  STR_ARG(t->judgment_input));
	if (t->precondition.n)
		return str_format(a, "%" STR_FMT " is %" STR_FMT,
		                  STR_ARG(t->precondition),
		                  STR_ARG(t->precondition_result));
	if (t->precondition_result.n || t->precondition_type.n)
		return str_format(a,
		                  "the precondition %" STR_FMT " does not hold",
		                  STR_ARG(t->precondition_type));
	return STR("");
}

static bool is_precondition(const struct gate_trouble *t)
{
	return t->precondition_type.n || t->precondition_result.n;
}

static enum failure_source source_of(const struct gate_stage *s)
{
	const struct gate_trouble *t = s->trouble;
	const struct gate_exception *e =
	        is_given(&t->stage) ? &t->stage : &t->task;
	if (t->planning_failed)
		return FAILED_IN_PLANNING;
	if (is_given(e) && t->expressions.n && !e->type.n)
		return FAILED_IN_EXPRESSION;
	if (t->failed_manifests.n)
		return FAILED_IN_MANIFEST;
	if (is_given(e))
		return FAILED_IN_EXCEPTION;
	if (t->kato_message.n)
		return FAILED_IN_CLOUD;
	if (t->monitor_error.n)
		return FAILED_IN_MONITOR;
	if (t->webhook_error.n || t->webhook_status >= 300)
		return FAILED_IN_WEBHOOK;
	if (t->monitor_body.n || t->monitor_value.n || t->monitor_progress.n)
		return FAILED_IN_MONITOR;
	if (str_eq_nocase(s->judgment, STR("stop")))
		return FAILED_IN_JUDGMENT;
	if (is_precondition(t))
		return FAILED_IN_PRECONDITION;
	if (t->expressions.n)
		return FAILED_IN_EXPRESSION;
	if (t->messages.n)
		return FAILED_IN_MANIFEST;
	if (t->job_message.n || t->failure_message.n || t->build_result.n ||
	    t->bake_result.n)
		return FAILED_IN_OUTPUT;
	if (t->child_id.n && str_is(s->type, "pipeline"))
		return FAILED_IN_CHILD;
	return FAILED_IN_SILENCE;
}

static struct failure_facts facts_of(struct arena *a,
                                     const struct gate_stage *s,
                                     const struct gate_question *q)
{
	const struct gate_trouble *t = s->trouble;
	const struct gate_exception *e =
	        is_given(&t->stage) ? &t->stage : &t->task;
	struct failure_facts facts = {
	        .source = source_of(s),
	        .stage_type = gate_text(a, s->type, 80),
	        .stage_name = gate_text(a, s->name, 80),
	        .exception_type = gate_text(a, e->type, 80),
	        .kind = gate_text(a, e->kind, 40),
	        .http_status = e->http_status,
	        .service = q->service,
	        .environment = q->environment,
	        .recipe = q->recipe,
	};
	if (facts.source == FAILED_IN_WEBHOOK)
		facts.http_status = t->webhook_status;
	else if (facts.source == FAILED_IN_MONITOR && t->monitor_error.n)
		facts.http_status = t->monitor_status;
	if (facts.http_status < 300)
		facts.http_status = 0; /* what is wrong is in the answer */
	struct str said = said_by(a, t);
	facts.message = redact(a, said.n ? said : decided_by(a, s));
	return facts;
}

/* "stage Deploy to prod (deployManifest): SpinnakerHttpException, HTTP 422,
   POST http://clouddriver/..." */
static struct str heading(struct arena *a, const struct gate_stage *s,
                          const struct failure_facts *facts)
{
	const struct gate_trouble *t = s->trouble;
	const struct gate_exception *e =
	        is_given(&t->stage) ? &t->stage : &t->task;
	struct buf out = buf_new(a, 2048);
	buf_format(&out, "stage %" STR_FMT, STR_ARG(facts->stage_name));
	if (facts->stage_type.n)
		buf_format(&out, " (%" STR_FMT ")", STR_ARG(facts->stage_type));
	if (facts->exception_type.n)
		buf_format(&out, ": %" STR_FMT, STR_ARG(facts->exception_type));
	if (facts->http_status)
		buf_format(&out, ", HTTP %lld", (long long)facts->http_status);
	else if (facts->kind.n)
		buf_format(&out, ", %" STR_FMT, STR_ARG(facts->kind));
	if (e->url.n)
		buf_format(&out, ", %" STR_FMT "%s%" STR_FMT,
		           STR_ARG(gate_text(a, e->method, 20)),
		           e->method.n ? " " : "",
		           STR_ARG(gate_text(a, e->url, 300)));
	if (e->operation.n)
		buf_format(&out, ", in %" STR_FMT,
		           STR_ARG(gate_text(a, e->operation, 80)));
	return buf_str(&out);
}

static int64_t time_of(const struct gate_execution *x,
                       const struct gate_stage *s,
                       const struct gate_question *q)
{
	const struct gate_trouble *t = s->trouble;
	int64_t ms = s->ended_ms      ? s->ended_ms
	             : t->stage.at_ms ? t->stage.at_ms
	             : t->task.at_ms  ? t->task.at_ms
	                              : 0;
	return ms ? ms / 1000 : x->finished_at ? x->finished_at : q->now;
}

/* --- which stages ------------------------------------------------------------
 */

struct candidate {
	const struct gate_stage *stage;
	int depth;
	bool described; /* a stage in it has said why */
	bool given;
};

struct candidates {
	struct candidate at[CANDIDATES_MAX];
	size_t n;
};

static const struct gate_stage *stage_by(const struct gate_document *doc,
                                         struct str id)
{
	for (size_t i = 0; id.n && i < doc->stages.n; i++)
		if (str_eq(doc->stages.at[i].id, id))
			return &doc->stages.at[i];
	return NULL;
}

static int depth_of(const struct gate_document *doc, const struct gate_stage *s)
{
	int depth = 0;
	while (depth < DEPTH_MAX && s && s->parent.n) {
		s = stage_by(doc, s->parent);
		depth++;
	}
	return depth;
}

static void add_candidates(struct candidates *c,
                           const struct gate_document *doc, const char *status)
{
	for (size_t i = 0; i < doc->stages.n && c->n < CANDIDATES_MAX; i++) {
		const struct gate_stage *s = &doc->stages.at[i];
		if (s->trouble && str_is(s->status, status))
			c->at[c->n++] = (struct candidate){
			        .stage = s, .depth = depth_of(doc, s)};
	}
}

/* Those that made it fail: others that were stopped for it say nothing. */
static void find_candidates(struct candidates *c,
                            const struct gate_document *doc,
                            enum deployment_state state)
{
	static const char *const statuses[] = {
	        "TERMINAL", "STOPPED", "FAILED_CONTINUE", "CANCELED", NULL};
	for (size_t i = 0; statuses[i] && !c->n; i++)
		if (!i || state == STATE_FAILED)
			add_candidates(c, doc, statuses[i]);
}

/* The deepest that was not taken yet, of equals the first. */
static struct candidate *take_deepest(struct candidates *c)
{
	struct candidate *best = NULL;
	for (size_t i = 0; i < c->n; i++)
		if (!c->at[i].given && (!best || c->at[i].depth > best->depth))
			best = &c->at[i];
	if (best)
		best->given = true;
	return best;
}

static void mark_described(struct candidates *c,
                           const struct gate_document *doc,
                           const struct gate_stage *s)
{
	for (int i = 0; i < DEPTH_MAX && s; i++) {
		for (size_t k = 0; k < c->n; k++)
			if (c->at[k].stage == s)
				c->at[k].described = true;
		s = stage_by(doc, s->parent);
	}
}

/* --- all
 * ------------------------------------------------------------------------ */

static bool is_told_already(const struct gate_execution *out,
                            struct str message)
{
	for (size_t i = 0; i < out->nfailures; i++)
		if (str_ends(out->failures[i].detail, message))
			return true;
	return false;
}

static void add_failure(struct gate_execution *out, struct arena *a,
                        const struct failure_facts *facts, struct str head,
                        int64_t at, const struct gate_question *q)
{
	if (out->nfailures == GATE_FAILURES_MAX)
		return;
	struct failure *f = &out->failures[out->nfailures];
	*f = (struct failure){.category = FAILURE_UNKNOWN, .observed_at = at};
	failure_classify(f, a, facts, q->policy);
	struct str all = facts->message;
	if (head.n && all.n)
		all = str_format(a, "%" STR_FMT "\n%" STR_FMT, STR_ARG(head),
		                 STR_ARG(facts->message));
	else if (head.n)
		all = head;
	f->summary = str_copy(a, f->summary);
	f->detail = str_copy(a, shortened(a, all, GATE_DETAIL_MAX));
	out->nfailures++;
}

static void add_child(struct gate_execution *out, struct arena *a,
                      const struct gate_stage *s,
                      const struct failure_facts *facts)
{
	if (!str_is(s->type, "pipeline") || !s->trouble->child_id.n)
		return;
	*vec_add(a, &out->children) = (struct gate_child){
	        .execution_id = gate_text(a, s->trouble->child_id, 64),
	        .stage_name = str_copy(a, facts->stage_name),
	};
}

static void add_stages(struct gate_execution *out, struct arena *a,
                       const struct gate_document *doc,
                       const struct gate_question *q)
{
	struct candidates *c = ARENA_NEW(a, struct candidates);
	struct arena *scratch = arena_new();
	struct candidate *next;
	find_candidates(c, doc, out->state);
	while (out->nfailures < GATE_FAILURES_MAX && (next = take_deepest(c))) {
		const struct gate_stage *s = next->stage;
		arena_reset(scratch);
		struct failure_facts facts = facts_of(scratch, s, q);
		bool silent = facts.source == FAILED_IN_SILENCE ||
		              is_told_already(out, facts.message);
		add_child(out, a, s, &facts);
		if (silent && next->described)
			continue;
		add_failure(out, a, &facts, heading(scratch, s, &facts),
		            time_of(out, s, q), q);
		mark_described(c, doc, s);
	}
	arena_free(scratch);
}

/* It failed without a stage that failed. */
static void add_whole(struct gate_execution *out, struct arena *a,
                      const struct gate_document *doc,
                      const struct gate_question *q)
{
	struct str reason = redact(a, doc->cancel_reason);
	struct failure_facts facts = {
	        .source = FAILED_IN_SILENCE,
	        .message = reason,
	        .service = q->service,
	        .environment = q->environment,
	        .recipe = q->recipe,
	};
	if (str_starts(reason, STARTUP_PREFIX)) {
		facts.source = FAILED_IN_STARTUP;
		facts.message = str_from(reason, STARTUP_PREFIX.n);
	} else if (reason.n)
		facts.source = FAILED_IN_OUTPUT;
	else if (!doc->top_level)
		facts.source = FAILED_IN_NOTHING;
	add_failure(out, a, &facts, STR(""),
	            out->finished_at ? out->finished_at : q->now, q);
}

void gate_failures_read(struct gate_execution *out, struct arena *a,
                        const struct gate_document *doc,
                        const struct gate_question *q)
{
	if (out->state != STATE_FAILED && out->state != STATE_CANCELED)
		return;
	if (!str_starts(doc->cancel_reason, STARTUP_PREFIX))
		add_stages(out, a, doc, q);
	if (!out->nfailures && out->state == STATE_FAILED)
		add_whole(out, a, doc, q);
}

void gate_execution_follow(struct gate_execution *parent, struct arena *a,
                           const struct gate_execution *child)
{
	struct failure all[GATE_FAILURES_MAX];
	size_t n = 0;
	for (size_t i = 0; i < child->nfailures; i++) {
		all[n] = child->failures[i];
		struct str in = str_format(
		        a, "in the pipeline %" STR_FMT " (%" STR_FMT "):\n",
		        STR_ARG(child->name), STR_ARG(child->id));
		struct str detail =
		        str_format(a, "%" STR_FMT "%" STR_FMT, STR_ARG(in),
		                   STR_ARG(all[n].detail));
		all[n++].detail = shortened(a, detail, GATE_DETAIL_MAX);
	}
	for (size_t i = 0; i < parent->nfailures && n < GATE_FAILURES_MAX; i++)
		all[n++] = parent->failures[i];
	memcpy(parent->failures, all, n * sizeof *all);
	parent->nfailures = n;
}
