/* index.html: what changed, what needs attention, guardrails now, what runs
   where. Hot: everything here is as of the data's time. */
#include "core/calendar.h"
#include "core/when.h"
#include "core/window.h"
#include "render/chart.h"
#include "render/decision_row.h"
#include "render/guardrail.h"
#include "render/parts.h"

#include <stdlib.h>

enum {
	HOUR = 60 * 60,
	CHANGES_MAX = 40,
	ATTENTION_MAX = 3,
	WAITING_MAX = 10,
	GUARDRAILS_MAX = 8,
	MATRIX_MAX = 60,
	COLUMNS_MAX = 6,
};

struct attention_row {
	struct status status;
	struct str what, text, to, link;
};
static const struct field attention_row_list[] = {
        FIELD_STRUCT(struct attention_row, status, &status_fields),
        FIELD_TEXT(struct attention_row, what),
        FIELD_TEXT(struct attention_row, text),
        FIELD_TEXT(struct attention_row, to),
        FIELD_TEXT(struct attention_row, link),
};
static const struct fields attention_row_fields =
        FIELDS(struct attention_row, attention_row_list);

struct attention {
	int64_t n, more;
	VEC(struct attention_row) rows;
};
static const struct field attention_list[] = {
        FIELD_INT(struct attention, n),
        FIELD_INT(struct attention, more),
        FIELD_LIST(struct attention, rows, &attention_row_fields),
};
static const struct fields attention_fields =
        FIELDS(struct attention, attention_list);

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

struct cell {
	int64_t number;
	struct str version, since, note, tone;
};
static const struct field cell_list[] = {
        FIELD_INT(struct cell, number), FIELD_TEXT(struct cell, version),
        FIELD_TEXT(struct cell, since), FIELD_TEXT(struct cell, note),
        FIELD_TEXT(struct cell, tone),
};
static const struct fields cell_fields = FIELDS(struct cell, cell_list);

struct matrix_row {
	struct str service, service_slug, group, strip;
	VEC(struct cell) cells;
};
static const struct field matrix_list[] = {
        FIELD_TEXT(struct matrix_row, service),
        FIELD_TEXT(struct matrix_row, service_slug),
        FIELD_TEXT(struct matrix_row, group),
        FIELD_HTML(struct matrix_row, strip),
        FIELD_LIST(struct matrix_row, cells, &cell_fields),
};
static const struct fields matrix_fields =
        FIELDS(struct matrix_row, matrix_list);

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
	VEC(struct str) columns;
	struct str matrix_note, strip_words;
	VEC(struct matrix_row) matrix;
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
        FIELD_TEXTS(struct view, columns),
        FIELD_TEXT(struct view, matrix_note),
        FIELD_TEXT(struct view, strip_words),
        FIELD_LIST(struct view, matrix, &matrix_fields),
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

/* --- attention ---------------------------------------------------------- */

static void attend(struct filling *f, struct attention_row row)
{
	struct attention *to = &f->v->attention;
	if (to->n == ATTENTION_MAX) {
		to->more++;
		return;
	}
	*vec_add(f->s->page, &to->rows) = row;
	to->n++;
}

static void attend_switch(struct filling *f)
{
	const struct mutations *m = &f->s->policy->platform.mutations;
	if (!m->is_disabled)
		return;
	struct attention_row row = {
	        .status = status_of(STATUS_DENIED, "Kill switch on"),
	        .what = STR("Nothing is dispatched."),
	        .text = switch_words(f->s),
	        .to = STR("groups/index.html"),
	        .link = STR("What it covers")};
	attend(f, row);
}

static void attend_failure(struct filling *f, const struct pair *p)
{
	struct arena *a = f->s->page;
	const struct success *running = pair_running(p);
	struct attention_row row = {
	        .status = status_of(STATUS_FAILED, NULL),
	        .what = str_format(
	                a, "%" STR_FMT " %" STR_FMT, STR_ARG(p->service),
	                STR_ARG(words_version(a, p->failed_version))),
	        .to = str_format(a, "deployments/%lld/index.html",
	                         (long long)p->failed),
	        .link = str_format(a, "What failed (%lld)",
	                           (long long)p->failed)};
	if (running)
		row.text =
		        str_format(a,
		                   "failed in %" STR_FMT " on %" STR_FMT
		                   "; %" STR_FMT " still runs there.",
		                   STR_ARG(p->environment),
		                   STR_ARG(words_stamp(a, p->failed_at)),
		                   STR_ARG(words_version(a, running->version)));
	else
		row.text = str_format(a,
		                      "failed in %" STR_FMT " on %" STR_FMT
		                      "; nothing runs there.",
		                      STR_ARG(p->environment),
		                      STR_ARG(words_stamp(a, p->failed_at)));
	attend(f, row);
}

static void attend_unknown(struct filling *f, const struct pair *p)
{
	struct arena *a = f->s->page;
	struct attention_row row = {
	        .status = status_of(STATUS_UNKNOWN, NULL),
	        .what = str_format(a, "%" STR_FMT " %" STR_FMT,
	                           STR_ARG(p->service),
	                           STR_ARG(words_version(a, p->open_version))),
	        .text = str_format(a,
	                           "in %" STR_FMT
	                           ": the engine cannot say what became of it.",
	                           STR_ARG(p->environment)),
	        .to = str_format(a, "deployments/%lld/index.html",
	                         (long long)p->open),
	        .link = str_format(a, "Deployment %lld", (long long)p->open)};
	attend(f, row);
}

static bool concerns_production(const struct site *s, const struct window *w)
{
	const struct policy *p = s->policy;
	for (size_t i = 0; i < p->environments.n; i++) {
		struct str name = p->environments.at[i]->name.s;
		bool named = !w->scope.environments.n;
		for (size_t k = 0; k < w->scope.environments.n; k++)
			named |= str_eq(w->scope.environments.at[k].s, name);
		if (named && p->environments.at[i]->type.is == ENVIRONMENT_PROD)
			return true;
	}
	return false;
}

/* One that holds in production, or begins within a week. */
static void attend_freeze(struct filling *f, const struct window *w)
{
	struct site *s = f->s;
	struct arena *a = s->page;
	struct window_state state = window_at(w, s->now);
	bool ends = state.until != WINDOW_NEVER;
	bool soon = ends && state.until - s->now <= 7 * DAY_SECONDS;
	if (w->type.is != WINDOW_DENY || !concerns_production(s, w) ||
	    (!state.holds && !soon))
		return;
	struct attention_row row = {
	        .status = state.holds ? status_of(STATUS_DENIED, "Frozen")
	                              : status_of(STATUS_UNKNOWN, "Freeze"),
	        .what = w->id.s,
	        .to = STR("policy/index.html#windows"),
	        .link = STR("What it covers")};
	row.text = str_format(
	        a, "%s%" STR_FMT "%s%" STR_FMT,
	        !state.holds ? "begins on "
	        : ends       ? "holds until "
	                     : "holds, without an end in sight",
	        STR_ARG(ends ? words_stamp(a, state.until) : (struct str){0}),
	        w->reason.s.n ? ": " : ".",
	        STR_ARG(words_line(a, w->reason.s)));
	attend(f, row);
}

static void fill_attention(struct filling *f)
{
	struct site *s = f->s;
	attend_switch(f);
	for (size_t i = 0; i < s->policy->windows.n; i++)
		attend_freeze(f, s->policy->windows.at[i]);
	for (int pass = 0; pass < 2; pass++)
		vec_each (struct pair, p, &s->history.pairs) {
			bool lost =
			        p->open && p->open_state == STATE_LOST_CONTACT;
			if (pass == 0 && p->failed &&
			    history_is_prod(&s->history, p))
				attend_failure(f, p);
			if (pass == 1 && lost)
				attend_unknown(f, p);
		}
	if (!f->waiting)
		return;
	struct arena *a = s->page;
	struct attention_row row = {
	        .status = status_of(STATUS_WAITING, NULL),
	        .what = words_count(a, f->waiting, "intent", "intents"),
	        .text = f->waiting == 1
	                        ? STR("waits; each run judges it again.")
	                        : STR("wait; each run judges them again."),
	        .to = STR("index.html#waiting"),
	        .link = STR("What they wait for")};
	attend(f, row);
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
		if (!headroom_read(&one->room, s, group, one->environment, why))
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

/* --- what runs where ---------------------------------------------------- */

/* Above MATRIX_MAX services only those that changed or are in trouble. */
static bool is_shown(const struct site *s, const struct history_service *of)
{
	if (s->history.services.n <= MATRIX_MAX)
		return true;
	for (size_t i = 0; i < of->pairs.n; i++) {
		const struct pair *p = &s->history.pairs.at[of->pairs.at[i]];
		bool recent = p->last_at >
		              s->now - (int64_t)HISTORY_DAYS * DAY_SECONDS;
		if (recent || p->open ||
		    (p->failed && history_is_prod(&s->history, p)))
			return true;
	}
	return false;
}

/* The environments that stand in the table, as columns. */
struct columns {
	size_t at[COLUMNS_MAX], n, all;
	int64_t *uses; /* by environment: in how many services something runs */
};

/* What is used more; of two alike, production. */
static bool is_before(const struct site *s, const struct columns *c, size_t x,
                      size_t y)
{
	const struct history_environment *e = s->history.environments.at;
	if (c->uses[x] != c->uses[y])
		return c->uses[x] > c->uses[y];
	return e[x].is_prod && !e[y].is_prod;
}

/* The COLUMNS_MAX that say most. */
static void choose_columns(struct columns *c, const struct site *s)
{
	for (size_t e = 0; e < s->history.environments.n; e++) {
		size_t i = c->n;
		if (!c->uses[e])
			continue;
		c->all++;
		while (i > 0 && is_before(s, c, e, c->at[i - 1]))
			i--;
		if (i == COLUMNS_MAX)
			continue;
		c->n += c->n < COLUMNS_MAX;
		for (size_t k = c->n - 1; k > i; k--)
			c->at[k] = c->at[k - 1];
		c->at[i] = e;
	}
}

static int rank(const struct site *s, size_t e)
{
	const struct history_environment *of = &s->history.environments.at[e];
	return !of->policy ? 2 : !of->is_prod;
}

/* Production first, then the promotion sequence backwards, then what only the
   history knows, the most used first. */
static struct columns find_columns(struct filling *f)
{
	struct site *s = f->s;
	size_t n = s->history.environments.n;
	struct columns c = {.uses = arena_array(s->page, n, sizeof *c.uses)};
	vec_each (struct pair, p, &s->history.pairs)
		c.uses[p->environment_at] +=
		        (p->good.n || p->open) &&
		        is_shown(s, &s->history.services.at[p->service_at]);
	choose_columns(&c, s);
	for (size_t i = 1; i < c.n; i++)
		for (size_t k = i; k > 0; k--) {
			size_t x = c.at[k - 1], y = c.at[k];
			int order = rank(s, x) - rank(s, y);
			if (order < 0 || (!order && (x > y || rank(s, x) == 2)))
				break;
			c.at[k - 1] = y;
			c.at[k] = x;
		}
	for (size_t i = 0; i < c.n; i++)
		*vec_add(s->page, &f->v->columns) =
		        s->history.environments.at[c.at[i]].name;
	return c;
}

static struct cell cell_of(struct site *s, const struct pair *p)
{
	struct cell cell = {0};
	const struct success *running = pair_running(p);
	if (running) {
		cell.number = running->number;
		cell.version = words_version(s->page, running->version);
		cell.since = words_day(s->page, running->finished_at);
	}
	if (p->open) {
		bool lost = p->open_state == STATE_LOST_CONTACT;
		cell.tone = lost ? STR("pill warn") : STR("pill info");
		cell.note = str_format(
		        s->page, "%s %" STR_FMT,
		        lost ? "unknown:" : "deploying",
		        STR_ARG(words_version(s->page, p->open_version)));
	} else if (p->failed) {
		cell.tone = STR("hold");
		cell.note = str_format(
		        s->page, "%" STR_FMT " failed",
		        STR_ARG(words_version(s->page, p->failed_version)));
	}
	return cell;
}

static int busiest(const struct site *s)
{
	int most = 1;
	vec_each (struct pair, p, &s->history.pairs)
		for (size_t i = 0;
		     i < HISTORY_DAYS && history_is_prod(&s->history, p); i++) {
			most = p->up[i] > most ? p->up[i] : most;
			most = p->down[i] > most ? p->down[i] : most;
		}
	return most;
}

static void add_matrix_row(struct filling *f, const struct history_service *of,
                           const struct columns *c, int most)
{
	struct site *s = f->s;
	struct arena *a = s->page;
	struct matrix_row *row = vec_add(a, &f->v->matrix);
	row->service = of->name;
	row->service_slug = of->slug;
	row->group = of->group ? of->group->id.s : STR("in no group");
	int up[HISTORY_DAYS] = {0}, down[HISTORY_DAYS] = {0};
	for (size_t i = 0; i < c->n; i++) {
		struct cell cell = {0};
		for (size_t k = 0; k < of->pairs.n; k++) {
			const struct pair *p =
			        &s->history.pairs.at[of->pairs.at[k]];
			if (p->environment_at != c->at[i])
				continue;
			cell = cell_of(s, p);
			for (size_t day = 0; day < HISTORY_DAYS &&
			                     history_is_prod(&s->history, p);
			     day++) {
				up[day] += p->up[day];
				down[day] += p->down[day];
			}
		}
		*vec_add(a, &row->cells) = cell;
	}
	row->strip = chart_strip(a, up, down, HISTORY_DAYS, most);
}

static void fill_matrix(struct filling *f)
{
	struct site *s = f->s;
	struct view *v = f->v;
	struct arena *a = s->page;
	struct columns columns = find_columns(f);
	int most = busiest(s);
	vec_each (struct history_service, of, &s->history.services)
		if (is_shown(s, of))
			add_matrix_row(f, of, &columns, most);
	v->services = (int64_t)s->history.services.n;
	v->no_services = !v->services;
	v->has_matrix = v->matrix.n > 0;
	v->strip_words = STR("production, 14 days");
	v->matrix_note = str_format(
	        a,
	        "Bars are the 14 days to %" STR_FMT
	        " in production: up succeeded, down failed or rolled back.%s%s",
	        STR_ARG(words_day(a, s->now)),
	        columns.all > columns.n
	                ? str_format(
	                          a,
	                          " Of %zu environments the %zu in most use are columns.",
	                          columns.all, columns.n)
	                          .s
	                : "",
	        v->matrix.n < s->history.services.n
	                ? " Only services that changed in them, or are in "
	                  "trouble, stand here."
	                : "");
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
	fill_attention(&f);
	fill_matrix(&f);
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
