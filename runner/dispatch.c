#include "runner/dispatch.h"

#include <string.h>

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
	struct intent intent;
	struct request request;
	if (!oid_parse(d->intent_blob, &blob))
		return true; /* imported, or made by hand: it has no intent */
	if (!gather_again(w, a, d->intent_path, &blob, &intent, &request, why))
		return false;
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
	if (!ledger_build(w->ledger, a, d->service, d->version, &found, b,
	                  why) ||
	    !ledger_cancel_requested(w->ledger, d->number, &order->cancel_at,
	                             why))
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
	struct str said = s->has_failure ? s->failure.detail : STR("");
	s->state = STATE_FAILED;
	s->finished_at = deadline;
	s->has_failure = true;
	s->failure = (struct failure){
	        .detail = said,
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

static bool record_end(struct recorder *r, const struct deployment *d,
                       const struct engine_status *s,
                       struct dispatch_report *report, struct fail *why)
{
	report->ended++;
	report->failed += s->state == STATE_FAILED;
	*vec_add(r->world->arena, &report->ended_numbers) = d->number;
	return record_ended(r, d, s, why);
}

static bool record_status(struct recorder *r, struct arena *a,
                          const struct deployment *d, struct engine_status *s,
                          struct dispatch_report *report, struct fail *why)
{
	bool unknown_id =
	        d->state == STATE_DISPATCHING || d->state == STATE_LOST_CONTACT;
	if (unknown_id && !record_started(r, d, s, why))
		return false;
	if (is_over_time(d, s, world_now(r->world)))
		time_out(d, a, s);
	if (deployment_is_terminal(s->state))
		return record_end(r, d, s, report, why);
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
		return record_end(r, d, &s, report, why);
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

/* --- one batch ------------------------------------------------------------ */

/* What an engine said about one deployment of a batch. */
struct answered {
	struct deployment *deployment;
	enum engine_answer answer;
	struct engine_status status;
	struct str text;
	bool canceled; /* it was asked to be stopped */
};

struct batch {
	struct recorder *recorder;
	const struct policy *policy;
	struct dispatch_report *report;
	struct arena *arena; /* of the batch; texts live here */
	struct answered at[BATCH];
	size_t n;
};

typedef enum engine_answer ask_fn(struct world *w, struct arena *a,
                                  const struct engine_order *order,
                                  struct engine_status *out, struct str *text);

/* Ask the engine of one deployment to start it, or how it stands. */
static bool ask_engine(struct batch *b, int64_t number, bool start,
                       struct answered *out, struct fail *why)
{
	struct world *w = b->recorder->world;
	struct engine_order order;
	if (!ledger_deployment(w->ledger, b->arena, number, &out->deployment,
	                       why) ||
	    !make_order(w, b->arena, b->policy, out->deployment, &order, why))
		return false;
	const struct engine_ops *ops = ops_of(&order);
	out->canceled = order.cancel_at != 0;
	out->text = STR("the policy no longer has its engine");
	if (!ops) {
		out->answer = start ? ENGINE_BAD_CONFIG : ENGINE_UNCERTAIN;
		return true;
	}
	ask_fn *ask = start                            ? ops->start
	              : order.cancel_at && ops->cancel ? ops->cancel
	                                               : ops->poll;
	out->answer = ask(w, b->arena, &order, &out->status, &out->text);
	return true;
}

/* One transaction for all of a batch: a durable write costs the same for one
   and for sixty-four. Killed before it, the next run asks the engines again. */
static bool record_batch(struct batch *b,
                         bool record(struct batch *b, struct answered *x,
                                     struct fail *why),
                         struct fail *why)
{
	struct ledger *l = b->recorder->world->ledger;
	if (!ledger_begin(l, why))
		return false;
	for (size_t i = 0; i < b->n; i++)
		if (!record(b, &b->at[i], why)) {
			ledger_rollback(l);
			return false;
		}
	return ledger_commit(l, why);
}

/* --- sending ------------------------------------------------------------- */

static bool record_sent(struct batch *b, struct answered *x, struct fail *why)
{
	if (x->answer == ENGINE_READY) {
		b->report->sent++;
		return record_started(b->recorder, x->deployment, &x->status,
		                      why);
	}
	if (x->answer == ENGINE_UNCERTAIN) {
		b->report->sent++;
		return record_lost_contact(b->recorder, x->deployment, x->text,
		                           why);
	}
	b->report->engine_down |= x->answer == ENGINE_IS_DOWN;
	return record_withdrawn(b->recorder, b->arena, x->deployment,
	                        code_of(x->answer), x->text, why);
}

/* The write-ahead: that it is about to be sent is durable before it is. */
static bool record_announced(struct batch *b, struct answered *x,
                             struct fail *why)
{
	return record_dispatching(b->recorder, x->deployment, why);
}

static bool send_batch(struct batch *b, const int64_t *numbers, size_t n,
                       struct fail *why)
{
	struct ledger *l = b->recorder->world->ledger;
	b->n = n;
	for (size_t i = 0; i < n; i++)
		if (!ledger_deployment(l, b->arena, numbers[i],
		                       &b->at[i].deployment, why))
			return false;
	if (!record_batch(b, record_announced, why))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!ask_engine(b, numbers[i], true, &b->at[i], why))
			return false;
	return record_batch(b, record_sent, why);
}

/* A kill switch that came after the decision still stops what is not sent. */
static bool drop_stopped(struct world *w, struct arena *a,
                         const struct policy *policy, struct open_numbers *open,
                         struct fail *why)
{
	size_t kept = 0;
	for (size_t i = 0; i < open->numbers.n; i++) {
		struct deployment *d;
		if (!ledger_deployment(w->ledger, a, open->numbers.at[i], &d,
		                       why))
			return false;
		if (!policy_mutations_stop(policy, d->group, d->environment))
			open->numbers.at[kept++] = open->numbers.at[i];
		arena_reset(a);
	}
	open->numbers.n = kept;
	return true;
}

/* --- asking -------------------------------------------------------------- */

/* Announced by a run that was killed before the engine got it. */
static bool is_unsent(const struct answered *x)
{
	return x->answer == ENGINE_NOT_FOUND &&
	       x->deployment->state == STATE_DISPATCHING;
}

static bool record_unsent(struct batch *b, struct answered *x, struct fail *why)
{
	x->status = (struct engine_status){
	        .state = STATE_CANCELED,
	        .finished_at = world_now(b->recorder->world),
	        .detail = STR("it had not been sent yet"),
	};
	return record_end(b->recorder, x->deployment, &x->status, b->report,
	                  why);
}

static bool record_answer(struct batch *b, struct answered *x, struct fail *why)
{
	if (is_unsent(x))
		return !x->canceled || record_unsent(b, x, why);
	b->report->engine_down |= x->answer == ENGINE_IS_DOWN;
	if (x->answer == ENGINE_READY)
		return record_status(b->recorder, b->arena, x->deployment,
		                     &x->status, b->report, why);
	return record_silence(b->recorder, b->arena, x->deployment, x->text,
	                      b->report, why);
}

static bool poll_batch(struct batch *b, const int64_t *numbers, size_t n,
                       struct fail *why)
{
	int64_t again[BATCH];
	size_t nagain = 0;
	b->n = n;
	for (size_t i = 0; i < n; i++)
		if (!ask_engine(b, numbers[i], false, &b->at[i], why))
			return false;
	if (!record_batch(b, record_answer, why))
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct deployment *d = b->at[i].deployment;
		/* The kill switch holds for what is known not to be sent. */
		if (is_unsent(&b->at[i]) && !b->at[i].canceled &&
		    !policy_mutations_stop(b->policy, d->group, d->environment))
			again[nagain++] = numbers[i];
	}
	return !nagain || send_batch(b, again, nagain, why);
}

/* --- all ----------------------------------------------------------------- */

typedef bool batch_fn(struct batch *b, const int64_t *numbers, size_t n,
                      struct fail *why);

static bool in_batches(struct recorder *r, const struct policy *policy,
                       struct dispatch_report *report,
                       const struct open_numbers *open, batch_fn *work,
                       const char *what, struct fail *why)
{
	struct batch *b = ARENA_NEW(open->arena, struct batch);
	bool fine = true;
	b->recorder = r;
	b->policy = policy;
	b->report = report;
	b->arena = arena_new();
	for (size_t i = 0; i < open->numbers.n && fine; i += BATCH) {
		size_t left = open->numbers.n - i;
		if (world_signal())
			break;
		world_progress(r->world, what, (int64_t)i,
		               (int64_t)open->numbers.n);
		memset(b->at, 0, sizeof b->at);
		fine = work(b, open->numbers.at + i,
		            left < BATCH ? left : BATCH, why);
		arena_reset(b->arena);
	}
	arena_free(b->arena);
	return fine;
}

bool dispatch_pending(struct recorder *r, const struct policy *policy,
                      struct dispatch_report *report, struct fail *why)
{
	struct arena *a = arena_new(), *scratch = arena_new();
	struct open_numbers open = {.arena = a, .pending = true};
	bool fine = collect_open(r->world->ledger, &open, why) &&
	            drop_stopped(r->world, scratch, policy, &open, why) &&
	            in_batches(r, policy, report, &open, send_batch,
	                       "dispatching", why);
	arena_free(scratch);
	arena_free(a);
	return fine;
}

bool dispatch_reconcile(struct recorder *r, const struct policy *policy,
                        struct dispatch_report *report, struct fail *why)
{
	struct arena *a = arena_new();
	struct open_numbers open = {.arena = a};
	report->open = 0;
	bool fine = collect_open(r->world->ledger, &open, why) &&
	            in_batches(r, policy, report, &open, poll_batch,
	                       "asking the engines", why);
	arena_free(a);
	return fine;
}
