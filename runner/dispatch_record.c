#include "runner/dispatch_private.h"

enum diag_code dispatch_code(enum engine_answer answer)
{
	enum diag_code code = engine_answer_code(answer);
	return code == DIAG_NONE ? DIAG_ENGINE_CALL_FAILED : code;
}

/* --- ends ---------------------------------------------------------------- */

bool dispatch_record_end(struct dispatch *d, struct asked *x, struct fail *why)
{
	const struct deployment *of = x->call.order.deployment;
	struct dispatch_report *report = d->report;
	report->ended++;
	report->failed += x->call.status.state == STATE_FAILED;
	*vec_add(d->recorder->world->arena, &report->ended_numbers) =
	        of->number;
	return record_ended(d->recorder, of, &x->call.status, why);
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

static void time_out(struct asked *x)
{
	const struct deployment *d = x->call.order.deployment;
	struct engine_status *s = &x->call.status;
	struct arena *a = x->call.arena;
	struct str said =
	        s->failures.n ? s->failures.at[0].detail : s->progress;
	s->state = STATE_FAILED;
	s->finished_at = d->dispatched_at + d->timeout_s;
	s->failures.n = 0;
	*vec_add(a, &s->failures) = (struct failure){
	        .detail = said,
	        .category = FAILURE_TIMEOUT,
	        .summary = str_format(
	                a, "no end within the recipe's timeout of %s",
	                when_duration_words(d->timeout_s).s),
	        .hint = STR("Look at the execution at the engine; it may still "
	                    "be running there."),
	        .observed_at = s->finished_at,
	};
}

bool dispatch_record_overtime(struct dispatch *d, struct asked *x, bool *over,
                              struct fail *why)
{
	*over = is_over_time(x->call.order.deployment, &x->call.status,
	                     world_now(d->recorder->world));
	if (!*over)
		return true;
	time_out(x);
	return dispatch_record_end(d, x, why);
}

/* --- what happened in between --------------------------------------------- */

/* Whether the timeline has it; at 0: at whatever time. */
static bool is_recorded(const struct deployment *d, int64_t at,
                        struct str event, struct str detail)
{
	for (size_t i = 0; i < d->ntimeline; i++) {
		const struct timeline_entry *t = &d->timeline[i];
		if (str_eq(t->event, event) && str_eq(t->detail, detail) &&
		    (!at || t->at == at))
			return true;
	}
	return false;
}

static bool note_once(struct dispatch *d, const struct deployment *of,
                      int64_t at, struct str event, struct str detail,
                      struct fail *why)
{
	return is_recorded(of, at, event, detail) ||
	       record_note(d->recorder, of, at, event, detail, why);
}

static bool note_duplicate(struct dispatch *d, const struct asked *x,
                           struct str id, struct fail *why)
{
	static const struct str event = {"DUPLICATE_EXECUTION", 19};
	const struct deployment *of = x->call.order.deployment;
	const struct recipe *recipe = x->call.order.recipe;
	struct str detail = str_format(x->call.arena,
	                               "execution %" STR_FMT
	                               " has the token of this deployment, too",
	                               STR_ARG(id));
	if (is_recorded(of, 0, event, detail))
		return true;
	if (d->findings)
		diag_add(d->findings, DIAG_DUPLICATE_EXECUTION,
		         recipe ? recipe->id.at : (struct span){0},
		         "deployment %lld (%" STR_FMT "): %" STR_FMT
		         ", beside %" STR_FMT,
		         (long long)of->number, STR_ARG(of->token),
		         STR_ARG(detail), STR_ARG(x->call.status.execution_id));
	return record_note(d->recorder, of, 0, event, detail, why);
}

static bool note_all(struct dispatch *d, const struct asked *x,
                     struct fail *why)
{
	const struct deployment *of = x->call.order.deployment;
	const struct engine_status *s = &x->call.status;
	vec_each (const struct engine_event, e, &s->events)
		if (!note_once(d, of, e->at, e->event, e->detail, why))
			return false;
	vec_each (const struct str, text, &s->warnings)
		if (!note_once(d, of, 0, STR("warning"), *text, why))
			return false;
	vec_each (const struct str, id, &s->duplicates)
		if (!note_duplicate(d, x, *id, why))
			return false;
	return true;
}

/* --- how it stands -------------------------------------------------------- */

static bool record_open(struct dispatch *d, const struct asked *x,
                        struct fail *why)
{
	const struct deployment *of = x->call.order.deployment;
	const struct engine_status *s = &x->call.status;
	d->report->open++;
	if (s->state == STATE_LOST_CONTACT)
		return of->state == STATE_LOST_CONTACT ||
		       record_lost_contact(d->recorder, of, s->progress, why);
	if (!s->progress.n || is_recorded(of, 0, STR("progress"), s->progress))
		return true;
	return record_progress(d->recorder, of, s->progress, why);
}

/* It is known where it was not, or it is there again, or it turned out to be
   another. */
static bool record_found(struct dispatch *d, const struct asked *x,
                         struct fail *why)
{
	const struct deployment *of = x->call.order.deployment;
	bool is_known = of->execution_id.n > 0 &&
	                str_eq(of->execution_id, x->call.status.execution_id);
	if (is_known && (of->state != STATE_LOST_CONTACT ||
	                 x->call.status.state == STATE_LOST_CONTACT))
		return true;
	return record_started(d->recorder, of, &x->call.status, why);
}

bool dispatch_record_status(struct dispatch *d, struct asked *x,
                            struct fail *why)
{
	bool over;
	if (!record_found(d, x, why) || !note_all(d, x, why) ||
	    !dispatch_record_overtime(d, x, &over, why))
		return false;
	if (over)
		return true;
	return deployment_is_terminal(x->call.status.state)
	               ? dispatch_record_end(d, x, why)
	               : record_open(d, x, why);
}

bool dispatch_record_silence(struct dispatch *d, struct asked *x,
                             struct str text, struct fail *why)
{
	const struct deployment *of = x->call.order.deployment;
	bool over;
	x->call.status = (struct engine_status){.state = STATE_LOST_CONTACT};
	if (!dispatch_record_overtime(d, x, &over, why))
		return false;
	if (over)
		return true;
	d->report->open++;
	if (of->state == STATE_LOST_CONTACT)
		return true;
	return record_lost_contact(d->recorder, of, text, why);
}
