#include "runner/run.h"

#include "runner/policy_change.h"
#include "runner/release.h"
#include "runner/sync.h"

#include <string.h>

enum {
	LOOK_AGAIN = 60, /* seconds */
	DOCUMENT_MAX = 1 << 20,
};

/* --- check --------------------------------------------------------------- */

/* What a pull request adds: everything since it left the base, as one step. */
static bool range_since(struct world *w, struct pass *p, struct str base,
                        struct gather_range *range, struct fail *why)
{
	struct oid commit;
	if (!repo_resolve(w->repo, base, &commit, why) ||
	    !repo_merge_base(w->repo, &commit, &p->tip, &range->base, why))
		return false;
	range->as_one = true;
	return repo_tree(w->repo, &range->base, "intents", &range->base_tree,
	                 why);
}

/* A build of the base counts before a run has recorded it. In a shallow clone
   nobody can say who registered it. */
static bool stand_on_base(struct world *w, struct pass *p,
                          struct gather_range *range, struct fail *why)
{
	struct ledger_head head;
	if (!ledger_head(w->ledger, p->arena, &head, why))
		return false;
	range->with_standing = !repo_is_shallow(w->repo);
	range->standing = head.commit;
	range->standing_tree = head.intents_tree;
	return true;
}

/* Everything not yet recorded: since the commit that the last run finished. */
static bool range_since_run(struct world *w, struct pass *p,
                            struct gather_range *range, struct fail *why)
{
	struct ledger_head head;
	if (!ledger_head(w->ledger, p->arena, &head, why))
		return false;
	range->base = head.commit;
	range->base_tree = head.intents_tree;
	range->with_waiting = true;
	return true;
}

bool check_policy_change(struct world *w, struct pass *p, struct str base,
                         struct fail *why)
{
	struct gather_range range = {0};
	struct ledger_head head;
	if (base.n)
		return range_since(w, p, base, &range, why) &&
		       policy_change_check(w, p, &range.base, true, why);
	return ledger_head(w->ledger, p->arena, &head, why) &&
	       policy_change_order(w, p, &head, why) &&
	       policy_change_check(w, p, &head.commit, false, why);
}

bool check_gather(struct world *w, struct pass *p, struct str base,
                  struct fail *why)
{
	struct gather_range range = {0};
	bool ranged = base.n ? range_since(w, p, base, &range, why) &&
	                               stand_on_base(w, p, &range, why)
	                     : range_since_run(w, p, &range, why);
	return ranged && gather_requests(w, p, &range, why);
}

/* --- run ----------------------------------------------------------------- */

struct running {
	struct world *world;
	const struct run_options *options;
	struct pass *pass;
	struct run_result *result;
	struct recorder recorder;
	struct dispatch dispatch;
	int64_t released;   /* members of releases that this run created */
	int64_t releases;   /* that go on */
	bool is_new_tip;    /* no run finished at this commit before */
	int undurable;      /* decisions in the open transaction */
	struct map by_path; /* path -> 1 + index into result->decided */
};

/* A later decision about the same file, in a run that waits, replaces it. */
static struct decided *slot_for(struct running *run, struct str path, bool *new)
{
	struct run_result *result = run->result;
	struct arena *a = run->world->arena;
	size_t *at = map_find(&run->by_path, path);
	*new = !at;
	if (at)
		return &result->decided.at[*at];
	at = ARENA_NEW(a, size_t);
	*at = result->decided.n;
	map_put(&run->by_path, str_copy(a, path), at);
	struct decided *d = vec_add(a, &result->decided);
	d->arena = a;
	d->text = buf_new(a, DOCUMENT_MAX);
	return d;
}

/* A run that waits says the same of the same again and again. */
static struct str keep_text(struct arena *a, struct str kept, struct str text)
{
	return str_eq(kept, text) ? kept : str_copy(a, text);
}

static void keep_document(struct running *run, struct decided *kept,
                          struct str document)
{
	if (!run->options->keep_documents)
		return;
	buf_reset(&kept->text);
	buf_add(&kept->text, document);
	kept->document = buf_str(&kept->text);
}

/* What reports ask for; the rest goes with the pass that read it. */
static struct request keep_request(struct arena *a, const struct request *r)
{
	struct request kept = *r;
	kept.path = str_copy(a, r->path);
	kept.service = str_copy(a, r->service);
	kept.environment = str_copy(a, r->environment);
	kept.version = str_copy(a, r->version);
	kept.params = NULL;
	kept.more = NULL;
	return kept;
}

/* As the guardrail expiry has it. */
static int64_t expiry_of(const struct facts *f)
{
	const struct request_more *more = request_more(f->request);
	int64_t since = f->request->waiting ? more->waiting_since : f->now;
	int64_t at = since + f->policy->platform.waiting_expires_after.t;
	return more->expires && more->expires < at ? more->expires : at;
}

/* Of a release, what is told of its members. */
static void keep_items(struct decision *kept, const struct decision *d,
                       struct arena *a)
{
	kept->items = arena_array(a, d->nitems, sizeof *kept->items);
	kept->nitems = d->nitems;
	for (size_t i = 0; i < d->nitems; i++) {
		const struct decision *from = &d->items[i];
		struct decision *item = &kept->items[i];
		struct request *r = ARENA_NEW(a, struct request);
		*r = keep_request(a, from->request);
		*item = *from;
		item->request = r;
		item->trace = NULL;
		item->ntrace = 0;
		item->token = str_copy(a, from->token);
		item->message = str_copy(a, from->message);
		item->hint = str_copy(a, from->hint);
		item->at.file = kept->at.file;
	}
}

/* The request and actor of a file's first decision stay. */
static void keep_decision(struct running *run, const struct decision *d,
                          const struct facts *f, struct str document,
                          int64_t number)
{
	bool new;
	struct decided *kept = slot_for(run, d->request->path, &new);
	struct decision before = kept->decision;
	struct arena *a = kept->arena;
	if (new) {
		kept->request = keep_request(a, d->request);
		before.actor = d->actor;
		before.actor.email = str_copy(a, d->actor.email);
		before.actor.name = str_copy(a, d->actor.name);
		before.actor.author = str_copy(a, d->actor.author);
		before.actor.committer = str_copy(a, d->actor.committer);
	}
	kept->decision = *d;
	kept->decision.request = &kept->request;
	kept->decision.trace = NULL;
	kept->decision.ntrace = 0;
	kept->decision.actor = before.actor;
	kept->decision.token = keep_text(a, before.token, d->token);
	kept->decision.message = keep_text(a, before.message, d->message);
	kept->decision.hint = keep_text(a, before.hint, d->hint);
	kept->decision.at.file = keep_text(a, before.at.file, d->at.file);
	keep_items(&kept->decision, d, a);
	kept->expires_at = expiry_of(f);
	keep_document(run, kept, document);
	/* A replay keeps the number that an earlier pass of this run gave. */
	if (number)
		kept->number = number;
}

static bool document_only(const struct decision *d, struct arena *a,
                          struct str *out)
{
	struct buf buf = buf_new(a, DOCUMENT_MAX);
	struct jw j = jw_new(&buf);
	jw_open(&j, '{');
	decision_json(&j, d);
	jw_close(&j);
	*out = buf_str(&buf);
	return true;
}

/*
 * Decisions are made durable some at a time. One transaction for all would
 * outgrow SQLite's cache on a large first run, and spill to disk page by page;
 * and nothing needs it: a run killed in between leaves decisions that stand,
 * and the next one judges the rest.
 */
enum { DECISIONS_AT_ONCE = 256 };

static bool commit_some(struct running *run, struct fail *why)
{
	struct ledger *l = run->world->ledger;
	if (++run->undurable < DECISIONS_AT_ONCE)
		return true;
	run->undurable = 0;
	return ledger_commit(l, why) && ledger_begin(l, why);
}

static bool take_decision(void *context, const struct decision *d,
                          const struct facts *f, struct arena *scratch,
                          struct fail *why)
{
	struct running *run = context;
	struct str document;
	int64_t number = 0;
	if (run->options->dry_run)
		document_only(d, scratch, &document);
	else if (!record_decision(&run->recorder, scratch, d, f, &number,
	                          &document, why) ||
	         !commit_some(run, why))
		return false;
	keep_decision(run, d, f, document, number);
	return true;
}

/* The decisions' trace is cleared when kept; vectors move: mend the pointers.
 */
static void settle(struct running *run)
{
	struct run_result *result = run->result;
	memset(&result->counts, 0, sizeof result->counts);
	result->undecodable = 0;
	vec_each (struct decided, d, &result->decided) {
		d->decision.request = &d->request;
		result->counts.of[d->decision.outcome]++;
		result->undecodable += d->request.invalid != DIAG_NONE;
	}
}

static bool decide_all(struct running *run, struct pass *p, struct fail *why)
{
	struct world *w = run->world;
	struct decide_options options = {
	        .ask_engines = true,
	        .ask_hooks = true,
	        .with_tokens = true,
	        .with_trace = true,
	};
	/* Later passes of a run that waits find few that the first did not. */
	if (!run->result->decided.n)
		vec_reserve(w->arena, &run->result->decided, p->requests.n);
	if (run->options->dry_run)
		return decide(w, p, &options, take_decision, run, why);
	if (!ledger_begin(w->ledger, why))
		return false;
	if (decide(w, p, &options, take_decision, run, why))
		return ledger_commit(w->ledger, why);
	ledger_rollback(w->ledger);
	return false;
}

static bool note_engine_down(struct running *run)
{
	vec_each (struct decided, d, &run->result->decided)
		if (d->decision.code == DIAG_ENGINE_UNAVAILABLE)
			run->result->report.engine_down = true;
	return true;
}

static bool follow(struct running *run, struct fail *why)
{
	if (run->options->dry_run || dispatch_reconcile(&run->dispatch, why))
		return true;
	return fail_note(why, "following what runs");
}

/* How many members of releases may still be created. */
static int64_t room_left(const struct running *run, const struct policy *policy)
{
	const struct number *limit = &policy->platform.max_dispatches_per_run;
	if (!GIVEN(*limit))
		return -1;
	return limit->n > run->released ? limit->n - run->released : 0;
}

/* What is recorded, and of releases one member after the other for as long as
   their ends let more go. */
static bool send(struct running *run, const struct policy *policy,
                 struct fail *why)
{
	struct run_result *result = run->result;
	int64_t made, ended;
	do {
		ended = result->report.ended;
		if (!release_advance(&run->recorder, policy,
		                     room_left(run, policy), &made,
		                     &run->releases, why))
			return false;
		run->released += made;
		if (!dispatch_pending(&run->dispatch, why))
			return fail_note(why, "dispatching");
		if (!dispatch_reconcile_fresh(&run->dispatch, why))
			return fail_note(why, "following what was sent");
	} while (made && result->report.ended != ended && !world_signal());
	return true;
}

static bool watch(struct running *run, struct fail *why)
{
	if (run->options->dry_run || dispatch_watch(&run->dispatch, why))
		return true;
	return fail_note(why, "looking at what has ended");
}

/* What is in range and not recorded, and what waits. */
static bool judge_and_send(struct running *run, struct pass *p,
                           const struct gather_range *range, struct fail *why)
{
	if (!gather_requests(run->world, p, range, why) ||
	    !decide_all(run, p, why))
		return false;
	note_engine_down(run);
	return run->options->dry_run || send(run, p->policy, why);
}

static bool has_waiting(const struct run_result *result)
{
	vec_each (const struct decided, d, &result->decided)
		if (d->decision.outcome == OUTCOME_WAIT)
			return true;
	return false;
}

/* When a decision may be another though nothing ends: at its own time, or
   within a minute where no time is known. */
static int64_t next_change(const struct decided *d, int64_t now)
{
	const struct decision *is = &d->decision;
	int64_t next = is->next_allowed_at > now ? is->next_allowed_at
	                                         : now + LOOK_AGAIN;
	/* For an engine that is out of reach, or for its turn. */
	if (is->code == DIAG_ENGINE_UNAVAILABLE || is->code == DIAG_NONE)
		return now;
	return d->expires_at < next ? d->expires_at : next;
}

/* When to judge again what waits: at once where a deployment ended since the
   last time. */
static int64_t next_judgement(struct running *run, int64_t ended_then)
{
	int64_t now = world_now(run->world), next = INT64_MAX;
	const struct dispatch_report *report = &run->result->report;
	if (report->ended != ended_then || (report->held && !report->open))
		return now;
	vec_each (struct decided, d, &run->result->decided) {
		int64_t change = next_change(d, now);
		if (d->decision.outcome == OUTCOME_WAIT && change < next)
			next = change;
	}
	return next;
}

/* A second where something runs, which is asked for; else until `next`. */
static void pause_run(struct running *run, int64_t next, int64_t until)
{
	int64_t now = world_now(run->world);
	if (next > until)
		next = until;
	if (next <= now || run->result->report.open)
		next = now + 1;
	world_sleep(run->world, next - now);
}

/* What a pass over waiting intents reads goes with it: there may be thousands
   of passes. */
static bool judge_waiting(struct running *run, struct fail *why)
{
	struct arena *a = arena_new();
	struct pass p = *run->pass;
	struct gather_range waiting_only = {
	        .base = p.tip,
	        .base_tree = p.intents_tree,
	        .with_waiting = true,
	};
	p.arena = a;
	p.findings = diags_new(a);
	memset(&p.requests, 0, sizeof p.requests);
	bool fine = judge_and_send(run, &p, &waiting_only, why);
	arena_free(a);
	return fine;
}

/*
 * --wait: follow what runs, and judge again what waits, until there is neither.
 * Not all of it every second: thousands may wait.
 */
static bool go_on(struct running *run, int64_t until, struct fail *why)
{
	struct run_result *result = run->result;
	struct world *w = run->world;
	settle(run);
	int64_t ended = 0, next = next_judgement(run, ended);
	while (world_now(w) < until && !world_signal() &&
	       (result->report.open || result->report.held || run->releases ||
	        has_waiting(result))) {
		if (!sync_push_news(w, false, why))
			return false;
		pause_run(run, next, until);
		if (!follow(run, why))
			return false;
		if (result->report.ended == ended && world_now(w) < next)
			continue;
		ended = result->report.ended;
		if (!judge_waiting(run, why))
			return false;
		settle(run);
		next = next_judgement(run, ended);
	}
	return true;
}

static bool begin_run(struct running *run, const struct ledger_head *head,
                      struct fail *why)
{
	struct run_result *result = run->result;
	struct ledger *l = run->world->ledger;
	run->recorder = (struct recorder){
	        .world = run->world,
	        .run = head->runs + 1,
	        .started_at = result->started_at,
	        .commit = run->pass->tip,
	        .policy_tree = run->pass->policy_tree,
	};
	run->dispatch = (struct dispatch){
	        .recorder = &run->recorder,
	        .policy = run->pass->policy,
	        .findings = &run->pass->findings,
	        .report = &result->report,
	        .looked = map_new(run->world->arena),
	        .sent = map_new(run->world->arena),
	};
	result->number = run->recorder.run;
	run->is_new_tip = !oid_eq(&head->commit, &run->pass->tip);
	if (head->repository.n || run->options->dry_run)
		return true;
	if (!gather_repository(run->world, run->pass, why) ||
	    !ledger_begin(l, why))
		return false;
	if (record_ledger(&run->recorder, run->pass->repository, why))
		return ledger_commit(l, why);
	ledger_rollback(l);
	return false;
}

/* What the ledger says now about an intent whose dispatch was withdrawn. */
static bool take_withdrawn(void *context, const struct recorded_decision *r,
                           struct fail *why)
{
	struct decided *d = context;
	struct arena *a = d->arena;
	json_t *doc;
	if (!json_read(&doc, a, r->document, why))
		return false;
	d->number = 0;
	d->document = str_copy(a, r->document);
	d->decision.outcome = r->outcome;
	d->decision.code = r->code;
	d->decision.message = json_get_str(doc, "message");
	d->decision.hint = json_get_str(doc, "hint");
	return true;
}

/* The deployment that a decision made, if it is still there. */
static bool still_made(struct ledger *l, struct arena *scratch,
                       const struct decided *d, bool *is, struct fail *why)
{
	struct deployment *made;
	if (!ledger_deployment(l, scratch, d->number, &made, why))
		return false;
	*is = made && str_eq(made->intent_path, d->request.path);
	return true;
}

static bool refresh_withdrawn(struct running *run, struct fail *why)
{
	struct ledger *l = run->world->ledger;
	struct arena *scratch = arena_new();
	bool fine = true;
	vec_each (struct decided, d, &run->result->decided) {
		struct decision_filter filter = {
		        .path = d->request.path, .outcome = -1, .limit = 1};
		bool made = true;
		fine = !d->number || still_made(l, scratch, d, &made, why);
		if (fine && !made)
			fine = ledger_decisions(l, &filter, take_withdrawn, d,
			                        why);
		arena_reset(scratch);
		if (!fine)
			break;
	}
	arena_free(scratch);
	return fine;
}

/* What the releases have made that this run allowed. */
static bool find_members(struct running *run, struct fail *why)
{
	struct world *w = run->world;
	vec_each (struct decided, d, &run->result->decided)
		if (d->request.kind == INTENT_RELEASE &&
		    d->decision.outcome == OUTCOME_ALLOW &&
		    !ledger_made(w->ledger, w->arena, d->request.path,
		                 str_of(oid_hex(&d->request.blob).s),
		                 &d->numbers, why))
			return false;
	return true;
}

static bool finish_run(struct running *run, struct fail *why)
{
	struct run_result *result = run->result;
	struct ledger *l = run->world->ledger;
	if (!run->options->dry_run &&
	    (!refresh_withdrawn(run, why) || !find_members(run, why)))
		return false;
	settle(run);
	result->finished_at = world_now(run->world);
	if (run->options->dry_run)
		return true;
	if (!ledger_begin(l, why))
		return false;
	if (record_finished(&run->recorder, &run->pass->intents_tree,
	                    &result->counts, why))
		return ledger_commit(l, why) &&
		       sync_push_news(run->world, run->is_new_tip, why);
	ledger_rollback(l);
	return false;
}

bool run_pass(struct world *w, struct pass *p,
              const struct run_options *options, struct run_result *out,
              struct fail *why)
{
	struct ledger_head head;
	*out = (struct run_result){.started_at = world_now(w)};
	struct running run = {.world = w,
	                      .options = options,
	                      .pass = p,
	                      .result = out,
	                      .by_path = map_new(w->arena)};
	if (!ledger_head(w->ledger, w->arena, &head, why) ||
	    !begin_run(&run, &head, why))
		return false;
	struct gather_range range = {.base = head.commit,
	                             .base_tree = head.intents_tree,
	                             .with_waiting = true};
	int64_t until = out->started_at + options->wait;
	return watch(&run, why) && follow(&run, why) &&
	       judge_and_send(&run, p, &range, why) &&
	       go_on(&run, until, why) && finish_run(&run, why);
}
