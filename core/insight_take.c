/* One deployment after the other: what it is, and what became of it. */
#include "core/insight_private.h"

#include <stdlib.h>
#include <string.h>

enum { QUARTER = 900, NUMBER_MOST = 1 << 30 };

/* --- incidents ------------------------------------------------------------ */

/* Its place is looked back at, too: nothing else may have happened there. */
static bool take_incident(void *context, const struct incident *i,
                          struct fail *why)
{
	struct reading *r = context;
	int64_t number = i->caused_by;
	if (reading_environment(r, i->environment) == NOT_ASKED)
		return true;
	if (!r->q->service.n || str_eq(r->q->service, i->service))
		reading_service(r, i->service);
	if (!number && !ledger_last_change(r->l, i->service, i->environment,
	                                   i->started_at, &number, why))
		return false;
	if (number < 1 || number > NUMBER_MOST)
		return true;
	*vec_add(r->arena, &r->hits) = (struct hit){
	        .number = number,
	        .known_at = i->recorded_at,
	        .resolved_at = i->resolved_at <= r->q->at ? i->resolved_at : 0,
	        .source = i->caused_by ? FAIL_INCIDENT : FAIL_INFERRED};
	return true;
}

static int hit_cmp(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (x->known_at > y->known_at) - (x->known_at < y->known_at);
}

/* A bit for each number that an incident is about: few are asked for more. */
bool reading_incidents(struct reading *r, struct fail *why)
{
	if (!ledger_incidents(r->l, r->q->at, take_incident, r, why))
		return false;
	if (!r->hits.n)
		return true;
	qsort(r->hits.at, r->hits.n, sizeof *r->hits.at, hit_cmp);
	r->hit_most = r->hits.at[r->hits.n - 1].number;
	r->hit_bits = arena_alloc(r->arena, (size_t)r->hit_most / 8 + 1);
	vec_each (struct hit, h, &r->hits)
		r->hit_bits[h->number / 8] |=
		        (unsigned char)(1 << h->number % 8);
	return true;
}

static void add_hits(const struct reading *r, int64_t number, struct fate *f)
{
	if (number > r->hit_most ||
	    !(r->hit_bits[number / 8] & 1 << number % 8))
		return;
	size_t low = 0, high = r->hits.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (r->hits.at[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < r->hits.n && r->hits.at[low].number == number; low++) {
		const struct hit *h = &r->hits.at[low];
		f->sources |= h->source;
		if (!f->known_at || h->known_at < f->known_at)
			f->known_at = h->known_at;
		if (h->resolved_at &&
		    (!f->resolved_at || h->resolved_at < f->resolved_at))
			f->resolved_at = h->resolved_at;
	}
}

/* --- what became of it ---------------------------------------------------- */

static struct fate fate_of(const struct reading *r, const struct ended *e)
{
	struct fate f = {.rollback = e->kind == KIND_ROLLBACK};
	bool began = e->started_at > 0 || e->imported;
	f.succeeded = e->state == STATE_SUCCEEDED;
	f.reached_failed = e->state == STATE_FAILED && began;
	f.delivers = f.succeeded && !f.rollback;
	f.undoes = f.rollback && (f.succeeded || f.reached_failed);
	f.changes = !f.rollback && (f.succeeded || f.reached_failed);
	if (!f.changes)
		return f;
	if (f.reached_failed) {
		f.sources |= FAIL_VERIFICATION;
		f.known_at = e->finished_at;
	}
	if (e->undone_at && e->undone_at <= r->q->at) {
		f.sources |= FAIL_ROLLBACK;
		if (!f.known_at || e->undone_at < f.known_at)
			f.known_at = e->undone_at;
	}
	if (r->hit_bits)
		add_hits(r, e->number, &f);
	return f;
}

/* It stays open until the next success in its lane, or the end of its incident,
   which comes up when its time has come. */
static void open_failure(struct reading *r, struct lane *lane,
                         const struct ended *e, const struct fate *f,
                         uint32_t cell)
{
	int64_t resolved = f->resolved_at > e->finished_at ? f->resolved_at
	                                                   : e->finished_at;
	*vec_add(r->arena, &lane->open) =
	        (struct open_failure){e->number, e->finished_at, cell};
	if (!f->resolved_at)
		return;
	size_t i = r->due.n;
	vec_add(r->arena, &r->due);
	for (; i > 0 && r->due.at[i - 1].at < resolved; i--)
		r->due.at[i] = r->due.at[i - 1];
	r->due.at[i] = (struct resolution){resolved, e->number, lane};
}

static void recover(struct reading *r, const struct open_failure *f, int64_t at)
{
	timings_add(&r->recoveries, f->cell, at - f->finished_at);
	period_each(t, r) period_recovered(r, t, f, at);
}

void reading_resolve(struct reading *r, const struct resolution *due)
{
	struct lane *lane = due->lane;
	size_t i = 0;
	while (i < lane->open.n && lane->open.at[i].number != due->number)
		i++;
	if (i == lane->open.n)
		return;
	recover(r, &lane->open.at[i], due->at);
	lane->open.n--;
	memmove(lane->open.at + i, lane->open.at + i + 1,
	        (lane->open.n - i) * sizeof *lane->open.at);
}

static void succeed(struct reading *r, struct lane *lane, int64_t at)
{
	for (size_t i = 0; i < lane->open.n; i++)
		recover(r, &lane->open.at[i], at);
	lane->open.n = 0;
}

/* --- before the scan ------------------------------------------------------ */

struct looking_back {
	struct reading *reading;
	struct lane *lane;
	size_t service;
};

static bool take_before(void *context, const struct ended *e, struct fail *why)
{
	struct looking_back *b = context;
	struct reading *r = b->reading;
	struct fate f = fate_of(r, e);
	uint32_t cell = reading_cell(r, b->service, e);
	(void)why;
	if (f.sources && r->cells.at[cell].asked &&
	    (!f.resolved_at || f.resolved_at >= r->from))
		open_failure(r, b->lane, e, &f, cell);
	return true;
}

static bool look_back(struct reading *r, size_t service, size_t environment,
                      struct fail *why)
{
	struct lane *lane = &r->states.at[service].lanes[environment];
	struct looking_back b = {r, lane, service};
	if (lane->known || r->is_whole)
		return true;
	lane->known = true;
	return ledger_failed_before(r->l, r->services.at.at[service],
	                            r->q->environments[environment], r->from,
	                            take_before, &b, why);
}

bool reading_look_back(struct reading *r, struct fail *why)
{
	for (size_t i = 0; i < r->states.n; i++)
		for (size_t k = 0; k < r->q->nenvironments; k++)
			if (!look_back(r, i, k, why))
				return false;
	return true;
}

/* --- lead times ----------------------------------------------------------- */

/* Whether it is the first success of its build that the scan came by. */
static bool take_build(struct reading *r, int64_t build)
{
	size_t at = (size_t)build;
	unsigned char bit = (unsigned char)(1 << at % 8);
	if (build <= 0 || at >= r->builds || r->delivered[at / 8] & bit)
		return false;
	r->delivered[at / 8] |= bit;
	return true;
}

/* Whether no version of the build had succeeded in E before the scan. What was
   built after all that did cannot have; only of the rest the ledger is asked.
 */
static bool is_first(struct reading *r, size_t service, const struct ended *e,
                     bool *first, struct fail *why)
{
	struct service_state *s = &r->states.at[service];
	bool before = false;
	if (!r->is_whole && !s->newest_known &&
	    !ledger_newest_delivered(r->l, e->service, r->from,
	                             &s->newest_built, why))
		return false;
	s->newest_known = true;
	if (!r->is_whole && e->built_at <= s->newest_built &&
	    !ledger_delivered_before(r->l, e, r->q->environments,
	                             r->q->nenvironments, &before, why))
		return false;
	*first = !before;
	return true;
}

static void add_lead(struct reading *r, const struct fact *f, int64_t seconds)
{
	if (seconds >= 0)
		timings_add(&r->leads, f->cell_number, seconds);
	else
		period_each(t, r) period_anomaly(t, f);
}

static void unmeasured(struct reading *r, const struct fact *f)
{
	period_each(t, r) period_unmeasured(t, f);
}

static void measure_changes(struct reading *r, const struct fact *f)
{
	const struct ended *e = f->ended;
	bool measured = r->states.at[f->cell->service].measured;
	const struct insight_delivery *d =
	        measured ? insight_changes_of(r->q->changes, e->number) : NULL;
	if (!measured || (d && d->unknown))
		unmeasured(r, f);
	for (size_t i = 0; d && i < d->n; i++)
		add_lead(r, f, e->finished_at - d->at[i]);
}

static bool measure_lead(struct reading *r, const struct fact *f, bool is_new,
                         struct fail *why)
{
	const struct ended *e = f->ended;
	bool first = false;
	if (r->by_commit) {
		measure_changes(r, f);
		return true;
	}
	if (!e->built_at)
		unmeasured(r, f);
	else if (is_new && !is_first(r, f->cell->service, e, &first, why))
		return false;
	if (first)
		add_lead(r, f, e->finished_at - e->built_at);
	return true;
}

/* --- rows ----------------------------------------------------------------- */

struct moment_of insight_moment(int64_t t, const struct zone *zone)
{
	struct civil c = when_civil(t, zone);
	int64_t day = calendar_day((struct date){c.year, c.month, c.day});
	return (struct moment_of){.day = day,
	                          .week = day - c.weekday,
	                          .weekday = c.weekday,
	                          .hour = c.hour};
}

/* The zone is asked once a quarter of an hour: no offset is finer. */
static const struct moment_of *moment_at(struct reading *r, int64_t t)
{
	if (t < r->quarter || t >= r->quarter + QUARTER) {
		r->quarter = t - t % QUARTER;
		r->moment = insight_moment(t, r->zone);
	}
	return &r->moment;
}

static struct fact fact_of(struct reading *r, const struct ended *e,
                           size_t service, size_t environment)
{
	uint32_t cell = reading_cell(r, service, e);
	return (struct fact){.ended = e,
	                     .fate = fate_of(r, e),
	                     .cell_number = cell,
	                     .cell = &r->cells.at[cell],
	                     .environment = environment,
	                     .moment = moment_at(r, e->finished_at)};
}

/* What is not asked for mends failures that are, and may bring a build that
   comes again. */
bool reading_take(void *context, const struct ended *e, struct fail *why)
{
	struct reading *r = context;
	size_t environment = reading_environment(r, e->environment);
	if (environment == NOT_ASKED ||
	    (r->q->service.n && !str_eq(r->q->service, e->service)))
		return true;
	size_t service = reading_service(r, e->service);
	struct lane *lane = &r->states.at[service].lanes[environment];
	bool succeeded = e->state == STATE_SUCCEEDED;
	if (!reading_pass(r, e->finished_at, why) ||
	    !look_back(r, service, environment, why))
		return false;
	if (succeeded)
		succeed(r, lane, e->finished_at);
	bool is_new = succeeded && take_build(r, e->build);
	struct fact f = fact_of(r, e, service, environment);
	if (!f.cell->asked)
		return true;
	period_each(t, r) period_count(r, t, &f);
	if (f.fate.sources)
		open_failure(r, lane, e, &f.fate, f.cell_number);
	return !f.fate.delivers || measure_lead(r, &f, is_new, why);
}
