/* index.html: what changed, what needs attention, guardrails now, what runs
   where. Hot: everything here is as of the data's time. */
#include "core/calendar.h"
#include "core/when.h"
#include "render/decision_row.h"
#include "render/guardrail.h"
#include "render/overview_attention.h"
#include "render/overview_matrix.h"
#include "render/parts.h"

#include <stdlib.h>

enum {
	HOUR = 60 * 60,
	CHANGES_MAX = 40,
	WAITING_MAX = 10,
	GUARDRAILS_MAX = 8,
};

struct span_of_time {
	int64_t n;
	struct str words;
	struct events rows;
};
static const struct field span_list[] = {
        FIELD_INT(struct span_of_time, n),
        FIELD_TEXT(struct span_of_time, words),
        FIELD_LIST(struct span_of_time, rows, &event_fields),
};
static const struct fields span_fields = FIELDS(struct span_of_time, span_list);

struct quiet {
	struct str until, what, when;
	int64_t number;
};
static const struct field quiet_list[] = {
        FIELD_TEXT(struct quiet, until),
        FIELD_TEXT(struct quiet, what),
        FIELD_TEXT(struct quiet, when),
        FIELD_INT(struct quiet, number),
};
static const struct fields quiet_fields = FIELDS(struct quiet, quiet_list);

struct guardrail_fact {
	struct str title, text, gauge;
	struct status status;
};
static const struct field guardrail_list[] = {
        FIELD_TEXT(struct guardrail_fact, title),
        FIELD_TEXT(struct guardrail_fact, text),
        FIELD_HTML(struct guardrail_fact, gauge),
        FIELD_STRUCT(struct guardrail_fact, status, &status_fields),
};
static const struct fields guardrail_fields =
        FIELDS(struct guardrail_fact, guardrail_list);

struct view {
	struct frame frame;
	struct lede lede;
	struct attention attention;
	struct span_of_time hour, earlier, before;
	int64_t more_changes;
	struct quiet *quiet;
	VEC(struct decision_row) waiting;
	bool has_waiting;
	int64_t more_waiting;
	VEC(struct guardrail_fact) guardrails;
	int64_t more_guardrails;
	int64_t services;
	bool no_services, has_matrix;
	struct matrix matrix;
};
static const struct field view_list[] = {
        FIELD_STRUCT(struct view, frame, &frame_fields),
        FIELD_LIST(struct view, lede, &run_fields),
        FIELD_STRUCT(struct view, attention, &attention_fields),
        FIELD_STRUCT(struct view, hour, &span_fields),
        FIELD_STRUCT(struct view, earlier, &span_fields),
        FIELD_STRUCT(struct view, before, &span_fields),
        FIELD_INT(struct view, more_changes),
        FIELD_OPT(struct view, quiet, &quiet_fields),
        FIELD_LIST(struct view, waiting, &decision_fields),
        FIELD_BOOL(struct view, has_waiting),
        FIELD_INT(struct view, more_waiting),
        FIELD_LIST(struct view, guardrails, &guardrail_fields),
        FIELD_INT(struct view, more_guardrails),
        FIELD_INT(struct view, services),
        FIELD_BOOL(struct view, no_services),
        FIELD_BOOL(struct view, has_matrix),
        FIELD_STRUCT(struct view, matrix, &matrix_fields),
};
static const struct fields view_fields = FIELDS(struct view, view_list);

struct filling {
	struct site *s;
	struct view *v;
	int64_t tried, succeeded, failed, undone, open, waiting;
};

/* --- what changed ------------------------------------------------------- */

static bool add_change(void *context, const struct deployment *d,
                       struct fail *why)
{
	struct filling *f = context;
	struct site *s = f->s;
	(void)why;
	const struct environment *e =
	        policy_environment(s->policy, d->environment);
	if (!e || e->type.is != ENVIRONMENT_PROD)
		return true;
	f->tried++;
	f->failed += d->state == STATE_FAILED;
	f->undone += d->outcome == RESULT_ROLLED_BACK;
	f->open += !deployment_is_terminal(d->state);
	f->succeeded +=
	        d->state == STATE_SUCCEEDED && d->outcome != RESULT_ROLLED_BACK;
	if (f->v->hour.n + f->v->earlier.n + f->v->before.n == CHANGES_MAX) {
		f->v->more_changes++;
		return true;
	}
	struct event_row row = event_of(s, d, EVENT_SERVICE);
	bool same_day = calendar_day_of(row.at) == calendar_day_of(s->now);
	struct span_of_time *to = row.at > s->now - HOUR ? &f->v->hour
	                          : same_day             ? &f->v->earlier
	                                                 : &f->v->before;
	*vec_add(s->page, &to->rows) = row;
	to->n++;
	return true;
}

static void fill_quiet(struct filling *f)
{
	struct site *s = f->s;
	const struct pair *newest = NULL;
	vec_each (struct pair, p, &s->history.pairs)
		if (p->last && history_is_prod(&s->history, p) &&
		    (!newest || p->last > newest->last))
			newest = p;
	struct quiet *q = f->v->quiet = ARENA_NEW(s->page, struct quiet);
	q->until = words_stamp(s->page, s->now);
	if (!newest)
		return;
	q->number = newest->last;
	q->what = newest->service;
	q->when = words_stamp(s->page, newest->last_at);
}

static bool fill_changes(struct filling *f, struct fail *why)
{
	struct site *s = f->s;
	struct arena *a = s->page;
	struct deployment_filter filter = deployment_filter_any();
	filter.from = s->now - DAY_SECONDS;
	filter.to = s->now + 1;
	filter.with_failures = true;
	if (!ledger_deployments(s->ledger, &filter, add_change, f, why))
		return false;
	f->v->hour.words =
	        str_format(a, "%s to %s", words_clock(a, s->now - HOUR).s,
	                   words_clock(a, s->now).s);
	f->v->earlier.words = words_day(a, s->now);
	f->v->before.words = str_format(a, "%s, from %s",
	                                words_day(a, s->now - DAY_SECONDS).s,
	                                words_clock(a, s->now - DAY_SECONDS).s);
	if (!f->tried)
		fill_quiet(f);
	return true;
}

/* --- waiting ------------------------------------------------------------ */

static bool add_waiting(void *context, const struct recorded_decision *d,
                        struct fail *why)
{
	struct filling *f = context;
	struct site *s = f->s;
	(void)why;
	f->waiting++;
	if (f->v->waiting.n == WAITING_MAX)
		f->v->more_waiting++;
	else
		*vec_add(s->page, &f->v->waiting) = decision_row_of(s, d);
	return true;
}

/* --- guardrails --------------------------------------------------------- */

/* A group in a production environment, to be shown if it is near a limit. */
struct candidate {
	const struct group *group;
	struct str environment;
	struct headroom room;
	size_t at;
};
struct candidates {
	VEC(struct candidate) list;
};

/* The nearest to its limit first. */
static int candidate_cmp(const void *pa, const void *pb)
{
	const struct candidate *a = pa, *b = pb;
	if (a->room.used != b->room.used)
		return b->room.used - a->room.used;
	return (a->at > b->at) - (a->at < b->at);
}

static bool add_candidates(struct candidates *c, struct site *s,
                           const struct group *group, struct fail *why)
{
	const struct group_environment *e = group->environments.at;
	for (size_t i = 0; i < group->environments.n; i++) {
		const struct environment *known =
		        policy_environment(s->policy, e[i].name.s);
		if (!known || known->type.is != ENVIRONMENT_PROD)
			continue;
		struct candidate *one = vec_add(s->page, &c->list);
		one->group = group;
		one->environment = e[i].name.s;
		one->at = c->list.n;
		if (!headroom_read(&one->room, s, group, one->environment,
		                   (struct str){0}, why))
			return false;
	}
	return true;
}

static struct guardrail_fact fact_of(struct arena *a, const struct candidate *c)
{
	return (struct guardrail_fact){
	        .title = str_format(a, "%" STR_FMT ", %" STR_FMT,
	                            STR_ARG(c->group->id.s),
	                            STR_ARG(c->environment)),
	        .status = c->room.status,
	        .text = str_format(
	                a,
	                "%" STR_FMT " in progress. %" STR_FMT
	                " deploys left.%s%" STR_FMT,
	                STR_ARG(c->room.slots), STR_ARG(c->room.deploys),
	                c->room.window.n ? " " : "", STR_ARG(c->room.window)),
	        .gauge = c->room.gauge,
	};
}

static bool fill_guardrails(struct filling *f, struct fail *why)
{
	struct site *s = f->s;
	struct arena *a = s->page;
	const struct policy *p = s->policy;
	struct guardrail_fact *fact = vec_add(a, &f->v->guardrails);
	struct candidates c = {0};
	bool on = p->platform.mutations.is_disabled;
	fact->title = STR("Kill switch");
	fact->status =
	        status_of(on ? STATUS_DENIED : STATUS_OK, on ? "On" : "Off");
	fact->text = switch_words(s);
	for (size_t g = 0; g < p->groups.n; g++)
		if (!add_candidates(&c, s, p->groups.at[g], why))
			return false;
	if (c.list.n)
		qsort(c.list.at, c.list.n, sizeof *c.list.at, candidate_cmp);
	size_t shown = c.list.n < GUARDRAILS_MAX ? c.list.n : GUARDRAILS_MAX;
	for (size_t i = 0; i < shown; i++)
		*vec_add(a, &f->v->guardrails) = fact_of(a, &c.list.at[i]);
	f->v->more_guardrails = (int64_t)(c.list.n - shown);
	return true;
}

/* --- the page ----------------------------------------------------------- */

static void lede_part(struct filling *f, int64_t n, const char *what,
                      bool *more)
{
	if (!n)
		return;
	lede_add(&f->v->lede, f->s->page, "%s%lld %s", *more ? ", " : ": ",
	         (long long)n, what);
	*more = true;
}

static void fill_lede(struct filling *f)
{
	struct site *s = f->s;
	struct lede *l = &f->v->lede;
	bool on = s->policy->platform.mutations.is_disabled, more = false;
	if (on)
		lede_strong(l, s->page, "The kill switch is on. ");
	if (!f->tried) {
		lede_strong(l, s->page, "No production change");
		lede_add(l, s->page, " in the 24 hours to %s UTC",
		         words_clock(s->page, s->now).s);
	} else {
		lede_strong(l, s->page, "%" STR_FMT,
		            STR_ARG(words_count(s->page, f->tried,
		                                "production change",
		                                "production changes")));
		lede_add(l, s->page, " in the 24 hours to %s UTC",
		         words_clock(s->page, s->now).s);
		lede_part(f, f->succeeded, "succeeded", &more);
		lede_part(f, f->failed, "failed", &more);
		lede_part(f, f->undone, "rolled back", &more);
		lede_part(f, f->open, "in progress", &more);
	}
	lede_add(l, s->page, ".%s", on ? "" : " The kill switch is off.");
}

static bool write_overview(struct site *s, struct fail *why)
{
	const struct str path = STR("index.html");
	struct view v = {.frame = frame_of(s, path, NAV_OVERVIEW)};
	struct filling f = {.s = s, .v = &v};
	if (!fill_changes(&f, why) ||
	    !ledger_waiting(s->ledger, add_waiting, &f, why) ||
	    !fill_guardrails(&f, why))
		return false;
	v.has_waiting = v.waiting.n > 0;
	attention_read(&v.attention, s, f.waiting);
	matrix_read(&v.matrix, s);
	v.services = (int64_t)s->history.services.n;
	v.no_services = !v.services;
	v.has_matrix = v.matrix.rows.n > 0;
	fill_lede(&f);
	frame_hot(&v.frame, s);
	v.frame.title = STR("Overview");
	v.frame.description = lede_text(&v.lede, s->page);
	v.frame.json = STR("api/v1/status.json");
	return site_page(s, &view_overview, path, &v, why);
}

const struct page_kind view_overview = {
        .name = "index",
        .fields = &view_fields,
        .hot = true,
        .write = write_overview,
        .about = "what changed, what needs attention, what runs where",
};
