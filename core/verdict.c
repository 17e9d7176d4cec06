#include "core/verdict.h"

#include "core/deployment.h"

#include <assert.h>

const char *const outcome_names[] = {
        [OUTCOME_ALLOW] = "allow", [OUTCOME_WAIT] = "wait",
        [OUTCOME_DENY] = "deny",   [OUTCOME_REPLAY] = "replay",
        [OUTCOME_COUNT] = NULL,
};

static const char *const result_names[] = {
        [TRACE_PASS] = "pass",     [TRACE_WAIT] = "wait", [TRACE_DENY] = "deny",
        [TRACE_WAIVED] = "waived", [TRACE_SKIP] = "skip",
};

static const char *const proof_names[] = {
        [PROOF_AUTHOR] = "author",
        [PROOF_SIGNED] = "signed",
};

static struct str code_name(enum diag_code code)
{
	return str_of(diag_info(code)->name); /* "" is written as null */
}

/* The file as such (line 0) is told as its start: clients expect numbers that
   count from 1. */
static void place_json(struct jw *j, const char *line, const char *column,
                       uint32_t l, uint32_t c)
{
	jw_put_int(j, line, l ? l : 1);
	jw_put_int(j, column, l ? c : 1);
}

void location_json(struct jw *j, const char *key, const struct location *at)
{
	if (!at->file.n) {
		jw_put_null(j, key);
		return;
	}
	jw_key(j, key);
	jw_open(j, '{');
	jw_put_str(j, "file", at->file);
	place_json(j, "line", "column", at->line, at->column);
	place_json(j, "endLine", "endColumn", at->end_line, at->end_column);
	jw_close(j);
}

static void actor_json(struct jw *j, const struct actor *actor)
{
	jw_key(j, "actor");
	jw_open(j, '{');
	jw_put_opt(j, "email", actor->email);
	jw_put_opt(j, "role", str_of(actor->role));
	jw_put_str(j, "proof", str_of(proof_names[actor->proof]));
	jw_close(j);
}

void rule_json(struct jw *j, const struct location *rule)
{
	if (!rule->file.n) {
		jw_put_null(j, "rule");
		return;
	}
	jw_key(j, "rule");
	jw_open(j, '{');
	jw_put_str(j, "file", rule->file);
	jw_put_int(j, "line", rule->line ? rule->line : 1);
	jw_close(j);
}

static void inputs_json(struct jw *j, const struct trace_row *row)
{
	assert(row->ninputs <= TRACE_INPUTS_MAX);
	jw_key(j, "inputs");
	jw_open(j, '{');
	for (size_t i = 0; i < row->ninputs; i++) {
		const struct trace_input *in = &row->inputs[i];
		if (in->is_number)
			jw_put_int(j, in->name, in->number);
		else
			jw_put_str(j, in->name, in->text);
	}
	jw_close(j);
}

static void row_json(struct jw *j, const struct trace_row *row)
{
	jw_open(j, '{');
	jw_put_str(j, "guardrail", str_of(row->guardrail));
	jw_put_opt(j, "code", code_name(row->code));
	jw_put_str(j, "result", str_of(result_names[row->result]));
	jw_put_str(j, "detail", row->detail);
	rule_json(j, &row->rule);
	inputs_json(j, row);
	jw_close(j);
}

static void request_json(struct jw *j, const struct decision *d)
{
	const struct request *r = d->request;
	const char *kind =
	        r->kind < INTENT_KIND_COUNT ? intent_kinds[r->kind].name : "";
	jw_put_str(j, "intent", r->path);
	jw_put_str(j, "blob", str_of(oid_hex(&r->blob).s));
	jw_put_str(j, "token", d->token);
	jw_put_opt(j, "kind", str_of(kind));
	jw_put_opt(j, "service", r->service);
	jw_put_opt(j, "environment", r->environment);
	jw_put_opt(j, "version", r->version);
	jw_put_opt(j, "group", d->group);
	jw_put_opt(j, "recipe", d->recipe);
}

/* Who wrote and who committed it, as the commit has it: not proven. */
static void commit_json(struct jw *j, const struct decision *d)
{
	struct oid_hex hex = oid_hex(&d->commit);
	jw_put_opt(j, "commit", str_of(oid_is_zero(&d->commit) ? "" : hex.s));
	jw_put_opt(j, "author", d->actor.author);
	jw_put_opt(j, "committer", d->actor.committer);
}

/* The services of a release that go before member i. */
static void after_json(struct jw *j, const struct request_more *release,
                       size_t i)
{
	jw_key(j, "after");
	jw_open(j, '[');
	for (size_t k = 0; k < release->nmembers; k++)
		if (release->members[i].after >> k & 1)
			jw_str(j, release->members[k].service);
	jw_close(j);
}

static void items_json(struct jw *j, const struct decision *d)
{
	jw_key(j, "items");
	jw_open(j, '[');
	for (size_t i = 0; i < d->nitems; i++) {
		jw_open(j, '{');
		decision_json(j, &d->items[i]);
		after_json(j, request_more(d->request), i);
		if (d->items[i].made) {
			jw_key(j, "deployment");
			deployment_json(j, d->items[i].made);
		}
		jw_close(j);
	}
	jw_close(j);
}

void decision_json(struct jw *j, const struct decision *d)
{
	assert(d->nalso <= VERDICT_ALSO_MAX && d->ntrace <= VERDICT_TRACE_MAX);
	request_json(j, d);
	actor_json(j, &d->actor);
	jw_put_str(j, "decision", str_of(outcome_names[d->outcome]));
	jw_put_opt(j, "code", code_name(d->code));
	jw_put_opt(j, "cause",
	           str_of(diag_cause_name(diag_info(d->code)->cause)));
	jw_put_str(j, "message", d->message);
	jw_put_opt(j, "hint", d->hint);
	jw_put_when_opt(j, "nextAllowedAt", d->next_allowed_at);
	jw_key(j, "also");
	jw_open(j, '[');
	for (size_t i = 0; i < d->nalso; i++)
		jw_str(j, code_name(d->also[i]));
	jw_close(j);
	location_json(j, "at", &d->at);
	jw_key(j, "trace");
	jw_open(j, '[');
	for (size_t i = 0; i < d->ntrace; i++)
		row_json(j, &d->trace[i]);
	jw_close(j);
	commit_json(j, d);
	if (d->nitems)
		items_json(j, d);
}

static void notes_json(struct jw *j, const struct diag *d)
{
	jw_key(j, "notes");
	jw_open(j, '[');
	for (const struct diag_note *n = d->notes; n; n = n->next) {
		struct location at = location_of(n->at);
		jw_open(j, '{');
		jw_put_str(j, "message", n->message);
		location_json(j, "at", &at);
		jw_close(j);
	}
	jw_close(j);
}

void finding_json(struct jw *j, const struct diag *d, const char *schema)
{
	const struct diag_info *info = diag_info(d->code);
	struct location at = location_of(d->at);
	jw_open(j, '{');
	if (schema)
		jw_put_str(j, "schema", str_of(schema));
	jw_put_str(j, "code", str_of(info->name));
	jw_put_str(j, "level", str_of(diag_level_name(info->level)));
	jw_put_str(j, "message", d->message);
	jw_put_str(j, "hint", d->hint.n ? d->hint : str_of(info->hint));
	location_json(j, "at", &at);
	notes_json(j, d);
	jw_close(j);
}

void findings_json(struct jw *j, const struct diags *ds)
{
	jw_open(j, '[');
	for (size_t i = 0; i < ds->n; i++)
		finding_json(j, &ds->at[i], NULL);
	jw_close(j);
}
