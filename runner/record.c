#include "runner/record.h"

#include <assert.h>
#include <string.h>

enum { DOCUMENT_MAX = 1 << 20 };

static json_t *text(struct str s)
{
	return json_stringn(s.s, s.n);
}

static json_t *text_or_null(struct str s)
{
	return s.n ? text(s) : json_null();
}

static json_t *when(int64_t instant)
{
	return json_string(when_text(instant).s);
}

static struct str number_text(struct arena *a, int64_t number)
{
	return str_format(a, "%lld", (long long)number);
}

static bool append_raw(struct recorder *r, const char *type, struct str subject,
                       struct str actor, json_t *payload, struct fail *why)
{
	bool fine = ledger_append(r->world->ledger, world_now(r->world), type,
	                          subject, actor, payload, NULL, why);
	json_decref(payload);
	return fine;
}

/* run.started goes before a run's first event, so that an idle run costs one.
 */
static bool announce(struct recorder *r, struct arena *a, struct fail *why)
{
	if (r->announced)
		return true;
	r->announced = true;
	return append_raw(r, "run.started", number_text(a, r->run), STR(""),
	                  json_pack("{s:I,s:s,s:s}", "number",
	                            (json_int_t)r->run, "commit",
	                            oid_hex(&r->commit).s, "policyTree",
	                            oid_hex(&r->policy_tree).s),
	                  why);
}

static bool append(struct recorder *r, struct arena *a, const char *type,
                   struct str subject, struct str actor, json_t *payload,
                   struct fail *why)
{
	if (announce(r, a, why))
		return append_raw(r, type, subject, actor, payload, why);
	json_decref(payload);
	return false;
}

bool record_ledger(struct recorder *r, struct str repository, struct fail *why)
{
	return append_raw(r, "ledger.created", STR("ledger"), STR(""),
	                  json_pack("{s:i,s:o}", "schema", LEDGER_SCHEMA,
	                            "repository", text(repository)),
	                  why);
}

static json_t *intent_ref(const struct request *r, const struct oid *commit)
{
	return json_pack("{s:o,s:s,s:s}", "path", text(r->path), "blob",
	                 oid_hex(&r->blob).s, "commit", oid_hex(commit).s);
}

static json_t *actor_ref(const struct actor *actor)
{
	return json_pack("{s:o,s:s,s:o}", "email", text(actor->email), "role",
	                 actor->role, "name", text(actor->name));
}

static bool record_build(struct recorder *r, struct arena *a,
                         const struct decision *d, struct fail *why)
{
	const struct build *b = request_more(d->request)->build;
	json_t *payload = json_pack(
	        "{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "service",
	        text(b->service), "version", text(b->version), "artifact",
	        text(b->artifact), "commit", text(b->commit), "branch",
	        text(b->branch), "builtAt",
	        b->built_at ? when(b->built_at) : json_null(), "group",
	        text_or_null(d->group), "actor", actor_ref(&d->actor), "intent",
	        intent_ref(d->request, &d->commit), "run",
	        json_integer(r->run));
	json_object_set_new(payload, "sha256", text_or_null(b->sha256));
	json_object_set_new(payload, "sizeBytes",
	                    b->size_bytes ? json_integer(b->size_bytes)
	                                  : json_null());
	json_object_set_new(payload, "contentType",
	                    text_or_null(b->content_type));
	json_object_set_new(payload, "repository", text_or_null(b->repository));
	json_object_set_new(payload, "ci",
	                    json_pack("{s:o,s:o,s:o}", "provider",
	                              text_or_null(b->ci_provider), "runId",
	                              text_or_null(b->ci_run_id), "runUrl",
	                              text_or_null(b->ci_run_url)));
	return append(r, a, "build.registered",
	              str_format(a, "%" STR_FMT "@%" STR_FMT,
	                         STR_ARG(b->service), STR_ARG(b->version)),
	              d->actor.email, payload, why);
}

/* Nothing where the intent does not say. */
static json_t *reason_of(const struct intent *intent)
{
	return GIVEN(intent->reason)
	               ? json_string(intent_reason_names[intent->reason.is])
	               : json_null();
}

/* When the change that brought the intent was written: from there on figures
   count how long it was reviewed. */
static bool authored_at(struct recorder *r, struct arena *a,
                        const struct oid *id, int64_t *at, struct fail *why)
{
	struct commit commit = {.author_at = 0};
	if (!oid_is_zero(id) &&
	    !repo_commit(r->world->repo, a, id, &commit, why))
		return false;
	*at = commit.author_at;
	return true;
}

/* "… (#12)", as forges end what they squash. */
static bool names_change(struct str subject)
{
	size_t n = subject.n;
	if (!n || subject.s[n - 1] != ')')
		return false;
	for (n--; n && subject.s[n - 1] >= '0' && subject.s[n - 1] <= '9';)
		n--;
	return n + 1 < subject.n && n > 2 && subject.s[n - 1] == '#' &&
	       subject.s[n - 2] == '(';
}

/* Many intents come with one commit, and so by one step. */
static bool find_arrival(struct recorder *r, struct arena *a,
                         const struct decision *d, struct fail *why)
{
	struct arrival *to = &r->arrival;
	const struct request *q = d->request;
	struct commit step;
	bool found;
	if (oid_is_zero(&d->commit) || oid_eq(&to->commit, &d->commit))
		return true;
	*to = (struct arrival){.commit = d->commit};
	if (!repo_arrival(r->world->repo, a, &r->commit, str_cstr(a, q->path),
	                  &q->blob, &found, &step, why))
		return false;
	if (!found ||
	    (oid_eq(&step.id, &d->commit) && !names_change(step.subject)))
		return true;
	struct str words =
	        str_brief(a, step.subject, (sizeof to->words - 1) / 4);
	memcpy(to->words, words.s, words.n);
	to->merged_at = step.committed_at;
	return true;
}

/* How the intent was merged, for who looks where the time went. */
static bool record_arrival(struct recorder *r, struct arena *a,
                           const struct decision *d, int64_t number,
                           struct fail *why)
{
	const struct deployment of = {.number = number};
	struct arrival *came = &r->arrival;
	if (!find_arrival(r, a, d, why))
		return fail_note(why, "finding how %" STR_FMT " was merged",
		                 STR_ARG(d->request->path));
	return oid_is_zero(&d->commit) || !came->merged_at ||
	       record_note(r, &of, came->merged_at, STR("merged"),
	                   str_of(came->words), why);
}

bool record_deployment(struct recorder *r, struct arena *a,
                       const struct decision *d, const struct facts *f,
                       int64_t *number, struct fail *why)
{
	const struct request *q = d->request;
	struct ledger *l = r->world->ledger;
	struct deployment *before;
	struct intent intent;
	int64_t next, authored;
	if (!gather_again(r->world, a, q->path, &q->blob, &intent, NULL, why) ||
	    !authored_at(r, a, &d->commit, &authored, why) ||
	    !ledger_next_number(l, &next, why) ||
	    !ledger_running(l, a, q->service, q->environment, 0, &before, why))
		return false;
	json_t *payload = json_pack(
	        "{s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:I,s:s}", "number",
	        (json_int_t)next, "token", text(d->token), "service",
	        text(q->service), "environment", text(q->environment),
	        "version", text(q->version), "previousVersion",
	        before ? text(before->version) : json_null(), "group",
	        text(d->group), "recipe", text(d->recipe), "recipeRevision",
	        (json_int_t)f->recipe->revision.n, "kind",
	        deployment_kind_names[facts_deployment_kind(q)]);
	json_object_set_new(payload, "rollbackOf",
	                    f->undoes ? json_integer(f->undoes->number)
	                              : json_null());
	json_object_set_new(payload, "sourceEnvironment",
	                    text_or_null(request_more(q)->from));
	json_object_set_new(payload, "summary", text(intent.summary.s));
	json_object_set_new(payload, "ticket", text_or_null(intent.ticket.s));
	json_object_set_new(payload, "reason", reason_of(&intent));
	json_object_set_new(payload, "authoredAt",
	                    authored ? when(authored) : json_null());
	json_object_set_new(payload, "actor", actor_ref(&d->actor));
	json_object_set_new(payload, "engine", text(f->engine->id));
	json_object_set_new(payload, "timeout",
	                    json_integer(f->recipe->timeout.t));
	json_object_set_new(payload, "intent", intent_ref(q, &d->commit));
	json_object_set_new(payload, "run", json_integer(r->run));
	if (!append(r, a, "deployment.created", number_text(a, next),
	            d->actor.email, payload, why))
		return false;
	*number = next;
	return record_arrival(r, a, d, next, why);
}

/* --- what people say about intents and deployments ------------------------ */

static bool append_ruling(struct recorder *r, struct arena *a,
                          const struct decision *d, const char *type,
                          struct str subject, json_t *payload, struct fail *why)
{
	const struct ruling *said = request_more(d->request)->ruling;
	json_object_set_new(payload, "summary", text(said->summary));
	json_object_set_new(payload, "group", text_or_null(d->group));
	json_object_set_new(payload, "actor", actor_ref(&d->actor));
	json_object_set_new(payload, "intent",
	                    intent_ref(d->request, &d->commit));
	json_object_set_new(payload, "run", json_integer(r->run));
	return append(r, a, type, subject, d->actor.email, payload, why);
}

static bool record_hold(struct recorder *r, struct arena *a,
                        const struct decision *d, struct fail *why)
{
	const struct request *q = d->request;
	int64_t until = request_more(q)->ruling->until;
	return append_ruling(
	        r, a, d, "hold.placed",
	        str_format(a, "%" STR_FMT "@%" STR_FMT, STR_ARG(q->service),
	                   STR_ARG(q->version)),
	        json_pack("{s:o,s:o,s:o,s:o}", "service", text(q->service),
	                  "environment", text(q->environment), "version",
	                  text(q->version), "until",
	                  until ? when(until) : json_null()),
	        why);
}

static bool record_approval(struct recorder *r, struct arena *a,
                            const struct decision *d, struct fail *why)
{
	const struct ruling *said = request_more(d->request)->ruling;
	return append_ruling(r, a, d, "approval.given", said->of,
	                     json_pack("{s:o,s:o,s:s}", "path", text(said->of),
	                               "blob", text_or_null(said->digest),
	                               "decision",
	                               said->rejects ? "reject" : "approve"),
	                     why);
}

static bool record_incident(struct recorder *r, struct arena *a,
                            const struct decision *d, struct fail *why)
{
	const struct request *q = d->request;
	const struct ruling *said = request_more(q)->ruling;
	return append_ruling(
	        r, a, d, "incident.reported", q->service,
	        json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "service",
	                  text(q->service), "environment", text(q->environment),
	                  "startedAt", when(said->started_at), "resolvedAt",
	                  said->resolved_at ? when(said->resolved_at)
	                                    : json_null(),
	                  "causedBy",
	                  said->caused_by ? json_integer(said->caused_by)
	                                  : json_null(),
	                  "severity", text_or_null(said->severity)),
	        why);
}

/* What was never sent needs no engine to stop it. */
static bool end_unsent(struct recorder *r, struct arena *a, int64_t number,
                       struct fail *why)
{
	struct deployment *d;
	struct engine_status s = {.state = STATE_CANCELED,
	                          .finished_at = world_now(r->world),
	                          .detail = STR("it had not been sent yet")};
	if (!ledger_deployment(r->world->ledger, a, number, &d, why))
		return false;
	return !d || d->state != STATE_PENDING || record_ended(r, d, &s, why);
}

bool record_release_ended(struct recorder *r, struct arena *a, struct str path,
                          const char *state, struct str detail,
                          struct fail *why)
{
	return append(r, a, "release.ended", path, STR(""),
	              json_pack("{s:o,s:s,s:o}", "path", text(path), "state",
	                        state, "detail", text_or_null(detail)),
	              why);
}

static bool cancel_one(struct recorder *r, struct arena *a,
                       const struct decision *d, int64_t number,
                       struct str detail, struct fail *why)
{
	return append_ruling(r, a, d, "deployment.cancel_requested",
	                     number_text(a, number),
	                     json_pack("{s:I,s:o}", "number",
	                               (json_int_t)number, "detail",
	                               text(detail)),
	                     why) &&
	       end_unsent(r, a, number, why);
}

static bool record_cancel(struct recorder *r, struct arena *a,
                          const struct decision *d, const struct facts *f,
                          struct fail *why)
{
	const struct ruling *said = request_more(d->request)->ruling;
	struct number_list open;
	struct str detail =
	        str_format(a, "by %" STR_FMT ": %" STR_FMT,
	                   STR_ARG(d->actor.email), STR_ARG(said->summary));
	if (!f->target.open_number && !f->target.releasing)
		return append_ruling(r, a, d, "intent.withdrawn", said->of,
		                     json_pack("{s:o}", "path", text(said->of)),
		                     why);
	if (!ledger_open_of(r->world->ledger, a, said->of, &open, why))
		return false;
	for (size_t i = 0; i < open.n; i++)
		if (!cancel_one(r, a, d, open.at[i], detail, why))
			return false;
	return !f->target.releasing ||
	       record_release_ended(r, a, said->of, "CANCELED", detail, why);
}

/* What follows from an intent that was allowed. */
static bool record_effect(struct recorder *r, struct arena *a,
                          const struct decision *d, const struct facts *f,
                          int64_t *number, struct fail *why)
{
	switch (d->request->kind) {
	case INTENT_BUILD:
		return record_build(r, a, d, why);
	case INTENT_HOLD:
		return record_hold(r, a, d, why);
	case INTENT_APPROVAL:
		return record_approval(r, a, d, why);
	case INTENT_CANCEL:
		return record_cancel(r, a, d, f, why);
	case INTENT_INCIDENT:
		return record_incident(r, a, d, why);
	case INTENT_RELEASE:
		return true; /* its members follow: runner/release */
	case INTENT_DEPLOY:
	case INTENT_PROMOTE:
	case INTENT_ROLLBACK:
	case INTENT_UNKNOWN:
		break;
	}
	return record_deployment(r, a, d, f, number, why);
}

/* The decision document as text and as the payload of its event. */
static bool document_of(struct recorder *r, struct arena *a,
                        const struct decision *d, struct str *out,
                        json_t **payload, struct fail *why)
{
	struct buf buf = buf_new(a, DOCUMENT_MAX);
	struct jw j = jw_new(&buf);
	jw_open(&j, '{');
	decision_json(&j, d);
	jw_close(&j);
	if (buf.full)
		return fail_set(why, FAIL_SYSTEM,
		                "the decision about %" STR_FMT
		                " is larger than %d bytes",
		                STR_ARG(d->request->path), DOCUMENT_MAX);
	*out = buf_str(&buf);
	if (!json_read(payload, a, *out, why))
		return fail_note(why, "recording a decision");
	json_object_set_new(*payload, "run", json_integer(r->run));
	/* Where the lines of the rules in the trace are to be looked up. */
	json_object_set_new(*payload, "policyCommit",
	                    json_string(oid_hex(&r->commit).s));
	return true;
}

bool record_decision(struct recorder *r, struct arena *a,
                     const struct decision *d, const struct facts *f,
                     int64_t *number, struct str *document, struct fail *why)
{
	json_t *payload;
	*number = 0;
	if (!document_of(r, a, d, document, &payload, why))
		return false;
	if (d->outcome == OUTCOME_REPLAY)
		return true;
	if (d->outcome == OUTCOME_WAIT && d->request->waiting &&
	    d->request->waiting_code == d->code)
		return true;
	if (!append(r, a, "intent.decided", d->request->path, d->actor.email,
	            json_incref(payload), why))
		return false;
	if (d->outcome != OUTCOME_ALLOW)
		return true;
	return record_effect(r, a, d, f, number, why);
}

/* The newest decision about a path, as a document to be changed. */
struct newest {
	struct arena *arena;
	json_t *document;
};

static bool take_newest(void *context, const struct recorded_decision *d,
                        struct fail *why)
{
	struct newest *newest = context;
	return json_read(&newest->document, newest->arena, d->document, why);
}

/* The release was allowed as a whole: where the engine was out of reach the
   member's turn comes again, where it refused the release ends. */
static bool record_member_withdrawn(struct recorder *r, struct arena *a,
                                    const struct deployment *d,
                                    const struct diag_info *info,
                                    struct str reason, struct fail *why)
{
	if (info->level == DIAG_WAIT)
		return true;
	return record_release_ended(
	        r, a, d->intent_path, "FAILED",
	        str_format(a, "%s of %" STR_FMT ": %" STR_FMT, info->name,
	                   STR_ARG(d->service), STR_ARG(reason)),
	        why);
}

/* The guardrail that asks the engine said yes before the engine said no. */
static void put_engine_row(const json_t *doc, const struct diag_info *info,
                           struct str reason)
{
	size_t i;
	json_t *row;
	json_array_foreach(json_object_get(doc, "trace"), i, row)
	{
		if (!str_is(json_get_str(row, "guardrail"), "engine"))
			continue;
		json_object_set_new(row, "code", json_string(info->name));
		json_object_set_new(row, "result",
		                    json_string(info->level == DIAG_WAIT
		                                        ? "wait"
		                                        : "deny"));
		json_object_set_new(row, "detail", text(reason));
	}
}

bool record_withdrawn(struct recorder *r, struct arena *a,
                      const struct deployment *d, enum diag_code code,
                      struct str reason, struct fail *why)
{
	const struct diag_info *info = diag_info(code);
	struct newest newest = {.arena = a};
	struct decision_filter filter = {
	        .path = d->intent_path, .outcome = -1, .limit = 1};
	if (!ledger_decisions(r->world->ledger, &filter, take_newest, &newest,
	                      why))
		return false;
	if (!append(r, a, "deployment.withdrawn", number_text(a, d->number),
	            STR(""),
	            json_pack("{s:I,s:s,s:o}", "number", (json_int_t)d->number,
	                      "code", info->name, "message", text(reason)),
	            why))
		return false;
	if (!newest.document)
		return fail_set(why, FAIL_INTEGRITY,
		                "deployment %lld has no decision",
		                (long long)d->number);
	json_t *doc = newest.document;
	if (str_is(json_get_str(doc, "kind"), "release"))
		return record_member_withdrawn(r, a, d, info, reason, why);
	json_object_set_new(
	        doc, "decision",
	        json_string(info->level == DIAG_WAIT ? "wait" : "deny"));
	json_object_set_new(doc, "code", json_string(info->name));
	json_object_set_new(doc, "cause",
	                    json_string(diag_cause_name(info->cause)));
	json_object_set_new(doc, "message", text(reason));
	json_object_set_new(doc, "hint", json_string(info->hint));
	json_object_set_new(doc, "run", json_integer(r->run));
	put_engine_row(doc, info, reason);
	return append(r, a, "intent.decided", d->intent_path, d->actor_email,
	              json_incref(doc), why);
}

static bool append_about(struct recorder *r, const struct deployment *d,
                         const char *type, json_t *payload, struct fail *why)
{
	struct arena *a = arena_new();
	json_object_set_new(payload, "number", json_integer(d->number));
	bool fine = append(r, a, type, number_text(a, d->number), STR(""),
	                   payload, why);
	arena_free(a);
	return fine;
}

bool record_dispatching(struct recorder *r, const struct engine_order *order,
                        struct fail *why)
{
	json_t *payload = json_pack("{s:I}", "run", (json_int_t)r->run);
	if (order->attempt > 1)
		json_object_set_new(payload, "attempt",
		                    json_integer(order->attempt));
	if (order->target.n)
		json_object_set_new(payload, "target", text(order->target));
	if (order->queue.n)
		json_object_set_new(payload, "queue", text(order->queue));
	return append_about(r, order->deployment, "deployment.dispatching",
	                    payload, why);
}

bool record_note(struct recorder *r, const struct deployment *d, int64_t at,
                 struct str event, struct str detail, struct fail *why)
{
	struct arena *a = arena_new();
	struct str type = str_format(a, "deployment.%" STR_FMT, STR_ARG(event));
	bool fine = append_about(r, d, type.s,
	                         json_pack("{s:o,s:o}", "at",
	                                   at ? when(at) : json_null(),
	                                   "detail", text_or_null(detail)),
	                         why);
	arena_free(a);
	return fine;
}

bool record_started(struct recorder *r, const struct deployment *d,
                    const struct engine_status *s, struct fail *why)
{
	return append_about(
	        r, d, "deployment.started",
	        json_pack("{s:o,s:o,s:o}", "executionId",
	                  text_or_null(s->execution_id), "executionUrl",
	                  text_or_null(s->execution_url), "startedAt",
	                  when(s->started_at ? s->started_at
	                                     : world_now(r->world))),
	        why);
}

bool record_progress(struct recorder *r, const struct deployment *d,
                     struct str detail, struct fail *why)
{
	return append_about(r, d, "deployment.progress",
	                    json_pack("{s:o}", "detail", text(detail)), why);
}

bool record_lost_contact(struct recorder *r, const struct deployment *d,
                         struct str detail, struct fail *why)
{
	return append_about(r, d, "deployment.lost_contact",
	                    json_pack("{s:o}", "detail", text(detail)), why);
}

static json_t *failure_json(const struct failure *f)
{
	return json_pack("{s:s,s:o,s:o,s:o,s:o}", "category",
	                 failure_category_names[f->category], "summary",
	                 text(f->summary), "detail", text_or_null(f->detail),
	                 "hint", text_or_null(f->hint), "observedAt",
	                 when(f->observed_at));
}

bool record_ended(struct recorder *r, const struct deployment *d,
                  const struct engine_status *s, struct fail *why)
{
	json_t *failures = json_array();
	assert(deployment_is_terminal(s->state));
	vec_each (const struct failure, f, &s->failures)
		json_array_append_new(failures, failure_json(f));
	return append_about(r, d, "deployment.ended",
	                    json_pack("{s:s,s:o,s:o,s:o}", "state",
	                              deployment_state_names[s->state],
	                              "finishedAt", when(s->finished_at),
	                              "detail", text_or_null(s->detail),
	                              "failures", failures),
	                    why);
}

bool record_finished(struct recorder *r, const struct oid *intents_tree,
                     const struct run_counts *counts, struct fail *why)
{
	struct arena *a = arena_new();
	json_t *payload = json_pack(
	        "{s:I,s:s,s:s,s:s,s:o}", "number", (json_int_t)r->run, "commit",
	        oid_hex(&r->commit).s, "intentsTree", oid_hex(intents_tree).s,
	        "policyTree", oid_hex(&r->policy_tree).s, "startedAt",
	        when(r->started_at));
	for (int i = 0; i < OUTCOME_COUNT; i++)
		json_object_set_new(payload, outcome_names[i],
		                    json_integer(counts->of[i]));
	bool fine = append_raw(r, "run.finished", number_text(a, r->run),
	                       STR(""), payload, why);
	arena_free(a);
	return fine;
}
