#include "runner/dispatch.h"

enum { BATCH = 64 }; /* recorded as being sent, at most, when a run is killed */

/* --- the open deployments ------------------------------------------------ */

struct open_numbers {
	struct arena *arena;
	bool pending; /* collect those in PENDING, else the others */
	VEC(int64_t) numbers;
};

static bool collect(void *context, const struct deployment *d, struct fail *why)
{
	struct open_numbers *open = context;
	(void)why;
	if ((d->state == STATE_PENDING) == open->pending)
		*vec_add(open->arena, &open->numbers) = d->number;
	return true;
}

static bool collect_open(struct ledger *l, struct open_numbers *open,
                         struct fail *why)
{
	struct deployment_filter filter = deployment_filter_any();
	filter.open_only = true;
	filter.oldest_first = true;
	return ledger_deployments(l, &filter, collect, open, why);
}

/* --- what the engine needs to know --------------------------------------- */

/* The parameters that the intent set; it is read again from its blob. */
static bool read_params(struct world *w, struct arena *a,
                        const struct deployment *d, struct engine_order *order,
                        struct fail *why)
{
	struct oid blob;
	struct str bytes;
	if (!oid_parse(d->intent_blob, &blob))
		return true; /* imported, or made by hand: it has no intent */
	if (!repo_blob(w->repo, a, &blob, &bytes, why))
		return fail_note(why, "reading %" STR_FMT " again",
		                 STR_ARG(d->intent_path));
	struct source *src = source_new(a, d->intent_path, bytes);
	struct diags ds = diags_new(a);
	struct intent intent = {0};
	intent_read(&intent, a, src, &ds);
	struct request request = request_of(a, &intent, src, &blob, &ds);
	order->params = request.params;
	order->ticket = intent.ticket.s;
	return true;
}

static bool make_order(struct world *w, struct arena *a,
                       const struct policy *policy, const struct deployment *d,
                       struct engine_order *order, struct fail *why)
{
	bool found;
	struct build *b = ARENA_NEW(a, struct build);
	*order = (struct engine_order){
	        .policy = policy,
	        .recipe = policy_recipe(policy, d->recipe),
	        .engine = policy_engine(policy, d->engine),
	        .deployment = d,
	};
	if (!ledger_build(w->ledger, a, d->service, d->version, &found, b, why))
		return false;
	order->build = found ? b : NULL;
	return read_params(w, a, d, order, why);
}

static const struct engine_ops *ops_of(const struct engine_order *order)
{
	return order->engine
	               ? engine_ops((enum engine_type)order->engine->type.is)
	               : NULL;
}

/* --- recording ----------------------------------------------------------- */

static void time_out(const struct deployment *d, struct arena *a,
                     struct engine_status *s)
{
	int64_t deadline = d->dispatched_at + d->timeout_s;
	s->state = STATE_FAILED;
	s->finished_at = deadline;
	s->has_failure = true;
	s->failure = (struct failure){
	        .category = FAILURE_TIMEOUT,
	        .summary = str_format(
	                a, "no end within the recipe's timeout of %s",
	                when_duration_words(d->timeout_s).s),
	        .hint = STR("Look at the execution at the engine; it may still "
	                    "be running there."),
	        .observed_at = deadline,
	};
}

/* CONTRACT section 8, "Engines": over its time at the deadline, whatever came
   after it. */
static bool is_over_time(const struct deployment *d,
                         const struct engine_status *s, int64_t now)
{
	int64_t deadline = d->dispatched_at + d->timeout_s;
	if (d->timeout_s <= 0 || now < deadline)
		return false;
	return !deployment_is_terminal(s->state) || s->finished_at > deadline;
}

static bool record_status(struct recorder *r, struct arena *a,
                          const struct deployment *d, struct engine_status *s,
                          struct dispatch_report *report, struct fail *why)
{
	bool unknown_id = d->state == STATE_DISPATCHING ||
	                  d->state == STATE_LOST_CONTACT ||
	                  d->state == STATE_PENDING;
	if (unknown_id && !record_started(r, d, s, why))
		return false;
	if (is_over_time(d, s, world_now(r->world)))
		time_out(d, a, s);
	if (deployment_is_terminal(s->state)) {
		report->ended++;
		report->failed += s->state == STATE_FAILED;
		return record_ended(r, d, s, why);
	}
	report->open++;
	if (s->progress.n)
		return record_progress(r, d, s->progress, why);
	return true;
}

/* The engine cannot say: keep it open, once said, until its time is over. */
static bool record_silence(struct recorder *r, struct arena *a,
                           const struct deployment *d, struct str text,
                           struct dispatch_report *report, struct fail *why)
{
	struct engine_status s = {.state = STATE_LOST_CONTACT};
	if (is_over_time(d, &s, world_now(r->world))) {
		time_out(d, a, &s);
		report->ended++;
		report->failed++;
		return record_ended(r, d, &s, why);
	}
	report->open++;
	if (d->state == STATE_LOST_CONTACT)
		return true;
	return record_lost_contact(r, d, text, why);
}

static enum diag_code code_of(enum engine_answer answer)
{
	switch (answer) {
	case ENGINE_IS_DOWN:
		return DIAG_ENGINE_UNAVAILABLE;
	case ENGINE_NO_ACCESS:
		return DIAG_ENGINE_UNAUTHORIZED;
	case ENGINE_BAD_CONFIG:
		return DIAG_ENGINE_MISCONFIGURED;
	case ENGINE_REFUSED:
	case ENGINE_NOT_FOUND:
	case ENGINE_NOT_ASKED:
	case ENGINE_READY:
	case ENGINE_UNCERTAIN:
		break;
	}
	return DIAG_ENGINE_CALL_FAILED;
}

/* --- sending ------------------------------------------------------------- */

static bool send_one(struct recorder *r, struct arena *a,
                     const struct policy *policy, int64_t number,
                     struct dispatch_report *report, struct fail *why)
{
	struct world *w = r->world;
	struct deployment *d;
	struct engine_order order;
	struct engine_status status = {0};
	struct str text = STR("the policy no longer has its engine");
	if (!ledger_deployment(w->ledger, a, number, &d, why) ||
	    !make_order(w, a, policy, d, &order, why))
		return false;
	const struct engine_ops *ops = ops_of(&order);
	enum engine_answer answer =
	        ops ? ops->start(w, a, &order, &status, &text)
	            : ENGINE_BAD_CONFIG;
	if (!ledger_begin(w->ledger, why))
		return false;
	bool fine;
	if (answer == ENGINE_READY) {
		report->sent++;
		fine = record_started(r, d, &status, why);
	} else if (answer == ENGINE_UNCERTAIN) {
		report->sent++;
		fine = record_lost_contact(r, d, text, why);
	} else {
		report->engine_down |= answer == ENGINE_IS_DOWN;
		fine = record_withdrawn(r, a, d, code_of(answer), text, why);
	}
	if (fine)
		return ledger_commit(w->ledger, why);
	ledger_rollback(w->ledger);
	return false;
}

/* The write-ahead of a batch: one transaction for all of it. */
static bool announce_batch(struct recorder *r, struct arena *a,
                           const int64_t *numbers, size_t n, struct fail *why)
{
	struct ledger *l = r->world->ledger;
	if (!ledger_begin(l, why))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct deployment *d;
		if (!ledger_deployment(l, a, numbers[i], &d, why) ||
		    !record_dispatching(r, d, why)) {
			ledger_rollback(l);
			return false;
		}
	}
	return ledger_commit(l, why);
}

/* A kill switch that came after the decision still stops what is not sent. */
static bool drop_stopped(struct recorder *r, struct arena *a,
                         const struct policy *policy, struct open_numbers *open,
                         struct fail *why)
{
	size_t kept = 0;
	for (size_t i = 0; i < open->numbers.n; i++) {
		struct deployment *d;
		if (!ledger_deployment(r->world->ledger, a, open->numbers.at[i],
		                       &d, why))
			return false;
		if (!policy_mutations_stop(policy, d->group, d->environment))
			open->numbers.at[kept++] = open->numbers.at[i];
	}
	open->numbers.n = kept;
	return true;
}

bool dispatch_pending(struct recorder *r, const struct policy *policy,
                      struct dispatch_report *report, struct fail *why)
{
	struct arena *a = arena_new(), *scratch = arena_new();
	struct open_numbers open = {.arena = a, .pending = true};
	bool fine = collect_open(r->world->ledger, &open, why) &&
	            drop_stopped(r, scratch, policy, &open, why);
	for (size_t i = 0; i < open.numbers.n && fine; i += BATCH) {
		size_t n =
		        open.numbers.n - i < BATCH ? open.numbers.n - i : BATCH;
		if (world_signal())
			break;
		world_progress(r->world, "dispatching", (int64_t)i,
		               (int64_t)open.numbers.n);
		fine = announce_batch(r, scratch, open.numbers.at + i, n, why);
		for (size_t k = i; k < i + n && fine; k++) {
			fine = send_one(r, scratch, policy, open.numbers.at[k],
			                report, why);
			arena_reset(scratch);
		}
	}
	arena_free(scratch);
	arena_free(a);
	return fine;
}

/* --- asking -------------------------------------------------------------- */

/* Known to have started nothing: send it, under the same token. */
static bool send_again(struct recorder *r, struct arena *a,
                       const struct policy *policy, int64_t number,
                       struct dispatch_report *report, struct fail *why)
{
	return send_one(r, a, policy, number, report, why);
}

static bool ask_one(struct recorder *r, struct arena *a,
                    const struct policy *policy, int64_t number,
                    struct dispatch_report *report, struct fail *why)
{
	struct world *w = r->world;
	struct deployment *d;
	struct engine_order order;
	struct engine_status status = {0};
	struct str text = STR("the policy no longer has its engine");
	if (!ledger_deployment(w->ledger, a, number, &d, why) ||
	    !make_order(w, a, policy, d, &order, why))
		return false;
	const struct engine_ops *ops = ops_of(&order);
	enum engine_answer answer =
	        ops ? ops->poll(w, a, &order, &status, &text)
	            : ENGINE_UNCERTAIN;
	if (answer == ENGINE_NOT_FOUND && d->state == STATE_DISPATCHING)
		return send_again(r, a, policy, number, report, why);
	report->engine_down |= answer == ENGINE_IS_DOWN;
	if (!ledger_begin(w->ledger, why))
		return false;
	bool fine = answer == ENGINE_READY
	                    ? record_status(r, a, d, &status, report, why)
	                    : record_silence(r, a, d, text, report, why);
	if (fine)
		return ledger_commit(w->ledger, why);
	ledger_rollback(w->ledger);
	return false;
}

bool dispatch_reconcile(struct recorder *r, const struct policy *policy,
                        struct dispatch_report *report, struct fail *why)
{
	struct arena *a = arena_new(), *scratch = arena_new();
	struct open_numbers open = {.arena = a};
	report->open = 0;
	bool fine = collect_open(r->world->ledger, &open, why);
	for (size_t i = 0; i < open.numbers.n && fine; i++) {
		world_progress(r->world, "asking the engines", (int64_t)i,
		               (int64_t)open.numbers.n);
		fine = ask_one(r, scratch, policy, open.numbers.at[i], report,
		               why);
		arena_reset(scratch);
	}
	arena_free(scratch);
	arena_free(a);
	return fine;
}
