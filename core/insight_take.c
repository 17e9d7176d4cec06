/* One deployment after the other, counted. */
#include "core/insight_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { QUARTER = 900, NUMBER_MOST = 1 << 30 };

/* --- incidents ------------------------------------------------------------ */

static bool take_incident(void *context, const struct incident *i,
                          struct fail *why)
{
	struct reading *r = context;
	int64_t number = i->caused_by;
	if (reading_environment(r, i->environment) == NOT_ASKED)
		return true;
	if (!number && !ledger_last_change(r->l, i->service, i->environment,
	                                   i->started_at, &number, why))
		return false;
	if (number < 1 || number > NUMBER_MOST)
		return true;
	struct hit *h = vec_add(r->arena, &r->hits);
	*h = (struct hit){
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

/* --- one deployment ------------------------------------------------------- */

static struct fate fate_of(const struct reading *r, const struct ended *e)
{
	struct fate f = {.rollback = e->kind == KIND_ROLLBACK};
	bool began = e->started_at > 0 || e->imported;
	f.succeeded = e->state == STATE_SUCCEEDED;
	f.reached_failed = e->state == STATE_FAILED && began;
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

/* The zone is asked once a quarter of an hour: no offset is finer. */
const struct moment_of *reading_moment(struct reading *r, int64_t t)
{
	struct moment_of *m = &r->moment;
	if (t >= m->from && t < m->from + QUARTER)
		return m;
	struct civil c = when_civil(t, r->zone);
	m->from = t - t % QUARTER;
	m->day = calendar_day((struct date){c.year, c.month, c.day});
	m->week = m->day - c.weekday;
	m->weekday = c.weekday;
	m->hour = c.hour;
	return m;
}

/* What had been delivered before the scan. */
static bool know_newest(struct reading *r, struct service_state *s,
                        struct fail *why)
{
	if (!s->newest_known && r->scan.from > r->first &&
	    !ledger_newest_delivered(r->l, s->name, r->scan.from,
	                             &s->newest_built, why))
		return false;
	s->newest_known = true;
	return true;
}

/* Whether no version of this build succeeded in E before. What was built after
   all that did cannot have; only of the rest the ledger is asked. */
static bool is_first(struct reading *r, struct service_state *s,
                     const struct ended *e, bool *first, struct fail *why)
{
	bool before = false;
	if (!know_newest(r, s, why))
		return false;
	if (e->built_at > s->newest_built)
		s->newest_built = e->built_at;
	else if (!ledger_delivered_before(r->l, e, r->q->environments,
	                                  r->q->nenvironments, &before, why))
		return false;
	*first = !before;
	return true;
}

static void add_lead(struct reading *r, struct counting *c, int64_t seconds)
{
	for (size_t i = 0; i < SUBJECTS && c->subjects[i]; i++) {
		struct side *side = c->sides[i];
		if (seconds < 0) {
			side->m->lead_anomalies++;
			continue;
		}
		samples_add(&side->lead, r->arena, seconds);
		if (r->q->series && c->now)
			samples_add(&c->subjects[i]->bucket_lead, r->arena,
			            seconds);
	}
	if (r->q->series && c->now && seconds >= 0)
		samples_add(&c->service->lead, r->arena, seconds);
}

static void unmeasured(struct counting *c)
{
	for (size_t i = 0; i < SUBJECTS && c->subjects[i]; i++)
		c->sides[i]->m->lead_unmeasured++;
}

static bool measure_lead(struct reading *r, struct counting *c,
                         const struct ended *e, struct fail *why)
{
	bool first;
	if (r->by_commit) {
		const struct insight_delivery *d =
		        c->service->measured
		                ? insight_changes_of(r->q->changes, e->number)
		                : NULL;
		if (!c->service->measured || (d && d->unknown))
			unmeasured(c);
		for (size_t i = 0; d && i < d->n; i++)
			add_lead(r, c, e->finished_at - d->at[i]);
		return true;
	}
	if (!e->built_at) {
		unmeasured(c);
		return true;
	}
	if (!is_first(r, c->service, e, &first, why))
		return false;
	if (first)
		add_lead(r, c, e->finished_at - e->built_at);
	return true;
}

/* --- recovery ------------------------------------------------------------- */

void reading_recover(struct reading *r, const struct open_failure *f,
                     int64_t at)
{
	int64_t took = at > f->finished_at ? at - f->finished_at : 0;
	for (size_t i = 0; i < SUBJECTS && f->subjects[i]; i++) {
		struct subject *s = f->subjects[i];
		bool now = at >= r->now.from, before = at >= r->before.from;
		if (before)
			samples_add(&s->sides[!now].recovery, r->arena, took);
		if (now && r->q->series)
			*vec_add(r->arena, &s->recoveries) =
			        (struct recovery){at, took};
		/* It had not recovered by the end of its own window. */
		if (f->side == SIDE_BEFORE && now)
			s->sides[SIDE_BEFORE].m->open++;
		if (f->row[i])
			s->out->failures.at[f->row[i] - 1].recovered_at = at;
	}
}

void reading_stays_open(const struct open_failure *f)
{
	if (f->side == SIDE_EARLIER)
		return;
	for (size_t i = 0; i < SUBJECTS && f->subjects[i]; i++)
		f->subjects[i]->sides[f->side].m->open++;
}

/* A success ends all failures before it; an incident may have ended before. */
static void success_at(struct reading *r, struct lane *p, int64_t at)
{
	for (size_t i = 0; i < p->open.n; i++) {
		const struct open_failure *f = &p->open.at[i];
		bool earlier = f->resolved_at && f->resolved_at < at;
		reading_recover(r, f, earlier ? f->resolved_at : at);
	}
	p->open.n = 0;
}

static bool is_asked(const struct reading *r, const struct ended *e,
                     struct str group)
{
	const struct insight_question *q = r->q;
	return (!q->recipe.n || str_eq(q->recipe, e->recipe)) &&
	       (!q->group.n || str_eq(q->group, group));
}

/* The group of the deployment, where the ledger knows one. */
static struct str group_of(struct reading *r, const struct service_state *s,
                           const struct ended *e)
{
	return e->group.n && !str_eq(e->group, s->group)
	               ? reading_count(r, &r->groups, e->group)->name
	               : s->group;
}

struct looking_back {
	struct reading *reading;
	struct lane *lane;
	const struct service_state *service;
};

static bool take_before(void *context, const struct ended *e, struct fail *why)
{
	struct looking_back *b = context;
	(void)why;
	struct reading *r = b->reading;
	struct fate f = fate_of(r, e);
	struct str group = group_of(r, b->service, e);
	if (!f.changes || !f.sources || !is_asked(r, e, group))
		return true;
	struct open_failure *open = vec_add(r->arena, &b->lane->open);
	*open = (struct open_failure){.number = e->number,
	                              .finished_at = e->finished_at,
	                              .resolved_at = f.resolved_at,
	                              .side = SIDE_EARLIER};
	reading_subjects(r, group, e->recipe, open->subjects);
	return true;
}

static bool look_back(struct reading *r, const struct service_state *s,
                      struct lane *p, const struct ended *e, struct fail *why)
{
	struct looking_back b = {r, p, s};
	if (p->known || r->scan.from <= r->first)
		return true;
	p->known = true;
	return ledger_ended_before(r->l, e->service, e->environment,
	                           r->scan.from, take_before, &b, why);
}

/* --- counting ------------------------------------------------------------- */

static void count_day(struct side *side, const struct moment_of *m)
{
	if (side->week != m->week && side->days) {
		side->weeks_of[side->days]++;
		side->days = 0;
	}
	if (side->days && side->day == m->day)
		return;
	side->week = m->week;
	side->day = m->day;
	side->days++;
}

void reading_flush(struct subject *s)
{
	if (!s->out->buckets.n)
		return;
	s->out->buckets.at[s->bucket].lead = insight_spread_of(&s->bucket_lead);
	samples_reset(&s->bucket_lead);
}

static struct insight_bucket *bucket_at(struct subject *s, int64_t t)
{
	while (s->bucket + 1 < s->out->buckets.n &&
	       t >= s->out->buckets.at[s->bucket].to) {
		reading_flush(s);
		s->bucket++;
	}
	return &s->out->buckets.at[s->bucket];
}

static void count_bucket(struct reading *r, struct counting *c,
                         const struct ended *e, const struct fate *f)
{
	size_t at = 0;
	for (size_t i = 0; i < SUBJECTS && c->subjects[i]; i++) {
		struct insight_bucket *b =
		        bucket_at(c->subjects[i], e->finished_at);
		at = c->subjects[i]->bucket;
		b->deployed += f->succeeded && !f->rollback;
		b->changes += f->changes;
		b->failed += f->sources != 0;
		b->failed_then +=
		        f->sources && (f->known_at < b->to || b->to > r->q->at);
	}
	struct insight_count *n = c->count;
	if (!n->up) {
		size_t buckets = r->subjects[0].out->buckets.n;
		n->up = arena_array(r->arena, buckets, sizeof *n->up);
		n->down = arena_array(r->arena, buckets, sizeof *n->down);
	}
	uint16_t *strip = f->sources ? n->down : n->up;
	if (f->changes && strip[at] < UINT16_MAX)
		strip[at]++;
}

static void count_failure(struct reading *r, struct subject *s,
                          struct insight_metrics *m, const struct ended *e,
                          const struct fate *f, bool now, uint32_t *row)
{
	bool then = f->known_at < m->window.to || m->window.to > r->q->at;
	m->failed++;
	m->failed_then += then;
	for (int i = 0; i < FAIL_SOURCES; i++)
		m->by_source[i] += f->sources >> i & 1;
	if (!now || s->out->failures.n >= INSIGHT_FAILURES)
		return;
	*vec_add(r->arena, &s->out->failures) = (struct insight_failure){
	        .number = e->number,
	        .ended_at = e->finished_at,
	        .sources = f->sources,
	        .late = !then,
	        .service = str_copy(r->arena, e->service),
	        .environment = str_copy(r->arena, e->environment)};
	*row = (uint32_t)s->out->failures.n;
}

static bool is_marked(const struct ended *e)
{
	return str_is(e->reason, "hotfix") || str_is(e->reason, "incident");
}

static void count_metrics(struct insight_metrics *m, const struct ended *e,
                          const struct fate *f)
{
	bool undoes = f->rollback && (f->succeeded || f->reached_failed);
	m->ended++;
	m->deployed += f->succeeded && !f->rollback;
	m->reached_failed += f->changes && f->reached_failed;
	m->reached_unknown += f->changes && f->reached_failed && e->imported;
	m->rollbacks += undoes;
	m->attempts_failed += e->state == STATE_FAILED && !f->reached_failed;
	m->canceled += e->state == STATE_CANCELED;
	m->rework += undoes || (f->changes && is_marked(e));
	m->unmarked += f->changes && !e->reason.n;
}

static enum failure_category category_of(struct str name)
{
	int i = 0;
	while (failure_category_names[i] &&
	       !str_is(name, failure_category_names[i]))
		i++;
	return failure_category_names[i] ? (enum failure_category)i
	                                 : FAILURE_UNKNOWN;
}

static void count_phases(struct insight *in, const struct ended *e)
{
	int64_t sent = e->dispatched_at ? e->dispatched_at : e->created_at;
	if (!e->authored_at)
		return;
	in->phased++;
	if (e->created_at > e->authored_at)
		in->phases[PHASE_REVIEW] += e->created_at - e->authored_at;
	if (e->finished_at > sent)
		in->phases[PHASE_ENGINE] += e->finished_at - sent;
}

static void count_subject(struct reading *r, struct counting *c, size_t i,
                          const struct ended *e, const struct fate *f,
                          uint32_t *row)
{
	struct insight *in = c->subjects[i]->out;
	struct side *side = c->sides[i];
	count_metrics(side->m, e, f);
	if (e->state == STATE_FAILED) {
		enum failure_category k = category_of(e->category);
		(c->now ? in->categories : in->categories_before)[k]++;
	}
	if (f->sources)
		count_failure(r, c->subjects[i], side->m, e, f, c->now, row);
	if (!f->succeeded || f->rollback)
		return;
	count_day(side, c->moment);
	if (!c->now)
		return;
	in->by_hour[c->moment->weekday][c->moment->hour]++;
	count_phases(in, e);
}

static void count_name(struct insight_count *n, const struct counting *c,
                       const struct fate *f)
{
	bool deployed = f->succeeded && !f->rollback;
	if (!c->now) {
		n->deployed_before += deployed;
		n->failed_before += f->sources != 0;
		return;
	}
	n->ended++;
	n->deployed += deployed;
	n->failed += f->sources != 0;
	n->rollbacks += f->rollback && (f->succeeded || f->reached_failed);
}

static void count_names(struct reading *r, struct counting *c,
                        const struct ended *e, const struct fate *f)
{
	count_name(c->count, c, f);
	c->count->group = c->service->group;
	if (f->succeeded)
		c->count->last_at = e->finished_at;
	count_name(reading_count(r, &r->groups, c->group), c, f);
	for (size_t i = 0; i < SUBJECTS && c->subjects[i]; i++) {
		struct subject *s = c->subjects[i];
		count_name(reading_count(r, &s->recipes, e->recipe), c, f);
		if (!s->is_recipe)
			continue;
		struct insight_count *n =
		        reading_count(r, &s->services, c->service->name);
		n->group = c->service->group;
		n->last_at = c->count->last_at;
		count_name(n, c, f);
		count_name(reading_count(r, &s->groups, c->group), c, f);
	}
}

/* What is not asked for ends failures that are, and may have brought a version
   that comes again. */
static bool pass_by(struct reading *r, struct service_state *s,
                    struct lane *lane, const struct ended *e, struct fail *why)
{
	if (e->state != STATE_SUCCEEDED)
		return true;
	if (!look_back(r, s, lane, e, why) || !know_newest(r, s, why))
		return false;
	success_at(r, lane, e->finished_at);
	if (e->built_at > s->newest_built)
		s->newest_built = e->built_at;
	return true;
}

bool reading_take(void *context, const struct ended *e, struct fail *why)
{
	struct reading *r = context;
	size_t environment = reading_environment(r, e->environment);
	if (environment == NOT_ASKED ||
	    (r->q->service.n && !str_eq(r->q->service, e->service)))
		return true;
	size_t at = reading_service(r, e->service);
	struct service_state *service = &r->states.at[at];
	struct str group = group_of(r, service, e);
	struct lane *lane = &service->lanes[environment];
	if (!is_asked(r, e, group))
		return pass_by(r, service, lane, e, why);
	struct fate f = fate_of(r, e);
	struct counting c = {.now = e->finished_at >= r->now.from,
	                     .group = group,
	                     .service = service,
	                     .count = &r->services.list.at[at],
	                     .moment = reading_moment(r, e->finished_at)};
	uint32_t row[SUBJECTS] = {0};
	reading_subjects(r, group, e->recipe, c.subjects);
	if (!look_back(r, service, lane, e, why))
		return false;
	if (f.succeeded)
		success_at(r, lane, e->finished_at);
	for (size_t i = 0; i < SUBJECTS && c.subjects[i]; i++) {
		c.sides[i] = &c.subjects[i]->sides[!c.now];
		count_subject(r, &c, i, e, &f, &row[i]);
	}
	count_names(r, &c, e, &f);
	if (c.now && r->q->series)
		count_bucket(r, &c, e, &f);
	if (f.sources) {
		struct open_failure *open = vec_add(r->arena, &lane->open);
		*open = (struct open_failure){.number = e->number,
		                              .finished_at = e->finished_at,
		                              .resolved_at = f.resolved_at,
		                              .side = c.now ? SIDE_NOW
		                                            : SIDE_BEFORE};
		memcpy(open->subjects, c.subjects, sizeof open->subjects);
		memcpy(open->row, row, sizeof open->row);
	}
	return !f.succeeded || f.rollback || measure_lead(r, &c, e, why);
}
