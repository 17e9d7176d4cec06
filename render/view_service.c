/* services/<service>/: what runs where, how to go back, what happened, and
   the rules in force. */
#include "render/view_service.h"
#include "render/changes.h"

#include "render/can_deploy.h"
#include "render/decision_row.h"
#include "render/insight_slices.h"
#include "render/offer.h"

enum {
	RECENT = 20,
	FAILURES = 5,
	WAITING = 20,
	DENIED = 5,
	LANES_IN_WORDS = 6,
	DAYS_AHEAD = 7
};

/* --- a row of a table --------------------------------------------------- */

static const struct field row_list[] = {
        FIELD_TEXT(struct service_row, service),
        FIELD_TEXT(struct service_row, service_slug),
        FIELD_TEXT(struct service_row, group),
        FIELD_TEXT(struct service_row, group_slug),
        FIELD_TEXT(struct service_row, owner),
        FIELD_INT(struct service_row, running),
        FIELD_INT(struct service_row, last),
        FIELD_TIME(struct service_row, last_at),
        FIELD_INT(struct service_row, count),
        FIELD_TEXT(struct service_row, version),
        FIELD_TEXT(struct service_row, since),
        FIELD_TEXT(struct service_row, last_words),
        FIELD_STRUCT(struct service_row, status, &status_fields),
};
const struct fields service_row_fields = FIELDS(struct service_row, row_list);

struct service_row service_row_of(struct site *s,
                                  const struct history_service *of)
{
	struct arena *a = s->page;
	const struct history *h = &s->history;
	const struct pair *last = NULL;
	struct service_row row = {
	        .service = of->name,
	        .service_slug = of->slug,
	        .count = of->count,
	        .status = status_of(STATUS_PENDING, "Not deployed")};
	if (of->group) {
		row.group = of->group->id.s;
		row.group_slug = words_slug(a, row.group);
	}
	if (of->policy)
		row.owner = of->policy->owner.s;
	for (size_t i = 0; i < of->pairs.n; i++) {
		const struct pair *p = &h->pairs.at[of->pairs.at[i]];
		const struct success *running = pair_running(p);
		if (!last || p->last > last->last)
			last = p;
		if (!running || !history_is_prod(h, p) ||
		    running->number < row.running)
			continue;
		row.running = running->number;
		row.version = words_version(a, running->version);
		row.since = words_day(a, running->finished_at);
	}
	if (last && last->last) {
		row.last = last->last;
		row.last_at = last->last_at;
		row.last_words = words_when(a, last->last_at);
		row.status = status_of_deployment(
		        last->last_state, last->last_outcome, last->last_kind);
	}
	return row;
}

struct status pair_status(const struct pair *p)
{
	if (p->open)
		return status_of_deployment(p->open_state, RESULT_NONE,
		                            KIND_ROLL_FORWARD);
	if (p->failed)
		return status_of(STATUS_FAILED, "Last one failed");
	return pair_running(p) ? status_of(STATUS_OK, "Current")
	                       : status_of(STATUS_PENDING, "Empty");
}

/* --- the page ----------------------------------------------------------- */

struct lane {
	struct str environment, environment_slug, version, since, by, note, lag;
	int64_t number, note_number;
	bool is_prod;
	struct status status;
	struct offer *next; /* what runs in the environment before it, here */
};
static const struct field lane_list[] = {
        FIELD_TEXT(struct lane, environment),
        FIELD_TEXT(struct lane, environment_slug),
        FIELD_TEXT(struct lane, version),
        FIELD_TEXT(struct lane, since),
        FIELD_TEXT(struct lane, by),
        FIELD_TEXT(struct lane, note),
        FIELD_TEXT(struct lane, lag),
        FIELD_INT(struct lane, number),
        FIELD_INT(struct lane, note_number),
        FIELD_BOOL(struct lane, is_prod),
        FIELD_STRUCT(struct lane, status, &status_fields),
        FIELD_OPT(struct lane, next, &offer_fields),
};
static const struct fields lane_fields = FIELDS(struct lane, lane_list);

struct way_back {
	struct str environment, environment_slug, text, now;
	struct offer *offer;
};
static const struct field way_back_list[] = {
        FIELD_TEXT(struct way_back, environment),
        FIELD_TEXT(struct way_back, environment_slug),
        FIELD_TEXT(struct way_back, text),
        FIELD_TEXT(struct way_back, now),
        FIELD_OPT(struct way_back, offer, &offer_fields),
};
static const struct fields way_back_fields =
        FIELDS(struct way_back, way_back_list);

struct failed_row {
	int64_t number, at;
	struct str when, environment, version, category, summary;
};
static const struct field failed_list[] = {
        FIELD_INT(struct failed_row, number),
        FIELD_TIME(struct failed_row, at),
        FIELD_TEXT(struct failed_row, when),
        FIELD_TEXT(struct failed_row, environment),
        FIELD_TEXT(struct failed_row, version),
        FIELD_TEXT(struct failed_row, category),
        FIELD_TEXT(struct failed_row, summary),
};
static const struct fields failed_fields =
        FIELDS(struct failed_row, failed_list);

struct route_row {
	struct str environment, recipe, recipe_slug;
};
static const struct field route_list[] = {
        FIELD_TEXT(struct route_row, environment),
        FIELD_TEXT(struct route_row, recipe),
        FIELD_TEXT(struct route_row, recipe_slug),
};
static const struct fields route_fields = FIELDS(struct route_row, route_list);

struct hold_row {
	struct str environment, version, until, by, summary;
	int64_t until_at;
	struct link *intent;
};
static const struct field hold_list[] = {
        FIELD_TEXT(struct hold_row, environment),
        FIELD_TEXT(struct hold_row, version),
        FIELD_TEXT(struct hold_row, until),
        FIELD_TEXT(struct hold_row, by),
        FIELD_TEXT(struct hold_row, summary),
        FIELD_TIME(struct hold_row, until_at),
        FIELD_OPT(struct hold_row, intent, &link_fields),
};
static const struct fields hold_fields = FIELDS(struct hold_row, hold_list);

struct view {
	struct frame frame;
	struct lede lede;
	struct str service, service_slug, group, group_slug, owner, description,
	        repository, repository_text, lane_order;
	bool has_figures;
	struct link *defined;
	VEC(struct lane) lanes;
	bool has_lanes;
	struct way_back *rollback;
	VEC(struct decision_row) stopped;
	bool has_stopped;
	VEC(struct hold_row) holds;
	bool has_holds;
	struct answer *answer;
	struct events recent;
	bool has_recent;
	VEC(struct failed_row) failures;
	bool has_failures;
	struct limit_sets limits;
	bool has_limits;
	VEC(struct route_row) routes;
	bool has_routes;
};
static const struct field view_list[] = {
        FIELD_STRUCT(struct view, frame, &frame_fields),
        FIELD_LIST(struct view, lede, &run_fields),
        FIELD_TEXT(struct view, service),
        FIELD_TEXT(struct view, service_slug),
        FIELD_TEXT(struct view, group),
        FIELD_TEXT(struct view, group_slug),
        FIELD_TEXT(struct view, owner),
        FIELD_BOOL(struct view, has_figures),
        FIELD_TEXT(struct view, description),
        FIELD_URL(struct view, repository),
        FIELD_TEXT(struct view, repository_text),
        FIELD_TEXT(struct view, lane_order),
        FIELD_OPT(struct view, defined, &link_fields),
        FIELD_LIST(struct view, lanes, &lane_fields),
        FIELD_BOOL(struct view, has_lanes),
        FIELD_OPT(struct view, rollback, &way_back_fields),
        FIELD_LIST(struct view, stopped, &decision_fields),
        FIELD_BOOL(struct view, has_stopped),
        FIELD_LIST(struct view, holds, &hold_fields),
        FIELD_BOOL(struct view, has_holds),
        FIELD_OPT(struct view, answer, &answer_fields),
        FIELD_LIST(struct view, recent, &event_fields),
        FIELD_BOOL(struct view, has_recent),
        FIELD_LIST(struct view, failures, &failed_fields),
        FIELD_BOOL(struct view, has_failures),
        FIELD_LIST(struct view, limits, &limit_set_fields),
        FIELD_BOOL(struct view, has_limits),
        FIELD_LIST(struct view, routes, &route_fields),
        FIELD_BOOL(struct view, has_routes),
};
static const struct fields view_fields = FIELDS(struct view, view_list);

struct filling {
	struct site *s;
	struct view *v;
	const struct history_service *of;
	const struct pair *prod; /* the production pair that changed last */
	int64_t prods;           /* how many of them run something */
};

static bool add_lane(struct filling *f, const struct pair *p, struct fail *why)
{
	struct site *s = f->s;
	struct arena *a = s->page;
	const struct success *running = pair_running(p);
	struct lane *lane = vec_add(a, &f->v->lanes);
	lane->environment = p->environment;
	lane->environment_slug =
	        s->history.environments.at[p->environment_at].slug;
	lane->is_prod = history_is_prod(&s->history, p);
	lane->status = pair_status(p);
	if (p->open) {
		lane->note =
		        str_format(a, "%" STR_FMT " is on its way.",
		                   STR_ARG(words_version(a, p->open_version)));
		lane->note_number = p->open;
	} else if (p->failed) {
		lane->note =
		        str_format(a, "%" STR_FMT " failed on %" STR_FMT ".",
		                   STR_ARG(words_version(a, p->failed_version)),
		                   STR_ARG(words_day(a, p->failed_at)));
		lane->note_number = p->failed;
	}
	if (!running)
		return true;
	struct deployment *d;
	lane->number = running->number;
	lane->version = words_version(a, running->version);
	lane->since = words_when(a, running->finished_at);
	if (!ledger_deployment(s->ledger, a, running->number, &d, why))
		return false;
	if (d)
		lane->by = person_of(s, d->actor_name, d->actor_email);
	return true;
}

/* Whether versions are promoted to it from the one before. */
static bool is_next(const struct group *g, struct str environment,
                    struct str before)
{
	const struct group_environment *e = g ? g->environments.at : NULL;
	for (size_t i = 1; g && i < g->environments.n; i++)
		if (str_eq(e[i].name.s, environment))
			return str_eq(e[i - 1].name.s, before);
	return false;
}

/* How far a lane is behind the one before it. */
static void say_lag(struct filling *f, struct lane *lane, const struct pair *p,
                    const struct pair *before)
{
	struct arena *a = f->s->page;
	const struct success *running = pair_running(p);
	const struct success *there = pair_running(before);
	if (!running || !there || str_eq(running->version, there->version))
		return;
	int64_t n = pair_behind(p, before);
	if (n > 0 && is_next(f->of->group, p->environment, before->environment))
		lane->next =
		        offer_promotion(f->s, p->service, before->environment,
		                        p->environment, there->version);
	if (n > 0)
		lane->lag = str_format(
		        a, "%" STR_FMT " behind %" STR_FMT ".",
		        STR_ARG(words_count(a, n, "release", "releases")),
		        STR_ARG(before->environment));
	else if (n < 0)
		lane->lag = str_format(a, "Never ran in %" STR_FMT ".",
		                       STR_ARG(before->environment));
}

static int64_t newest_success(const struct pair *p)
{
	const struct success *running = pair_running(p);
	return running ? running->finished_at : 0;
}

static bool fill_lanes(struct filling *f, struct fail *why)
{
	struct arena *a = f->s->page;
	const struct history *h = &f->s->history;
	struct buf order = buf_new(a, 4096);
	for (size_t i = 0; i < f->of->pairs.n; i++) {
		const struct pair *p = &h->pairs.at[f->of->pairs.at[i]];
		if (!add_lane(f, p, why))
			return false;
		if (i)
			say_lag(f, &f->v->lanes.at[i], p,
			        &h->pairs.at[f->of->pairs.at[i - 1]]);
		buf_format(&order, "%s%" STR_FMT, i ? ", then " : "",
		           STR_ARG(p->environment));
		if (!history_is_prod(h, p))
			continue;
		f->prods += p->good.n > 0;
		if (!f->prod || newest_success(p) > newest_success(f->prod))
			f->prod = p;
	}
	f->v->has_lanes = f->v->lanes.n > 0;
	f->v->lane_order = f->of->pairs.n <= LANES_IN_WORDS
	                           ? buf_str(&order)
	                           : STR("in the order of promotion");
	return true;
}

static void fill_way_back(struct filling *f)
{
	struct arena *a = f->s->page;
	const struct pair *p = f->prod;
	const struct success *running = p ? pair_running(p) : NULL;
	const struct success *to =
	        running ? pair_target(&f->s->history, p, 0) : NULL;
	if (!running)
		return;
	struct way_back *w = f->v->rollback = ARENA_NEW(a, struct way_back);
	w->environment = p->environment;
	w->environment_slug = words_slug(a, p->environment);
	if (f->v->answer && str_eq(f->v->answer->environment, p->environment))
		w->now = f->v->answer->rollbacks;
	if (!to) {
		w->text = str_format(
		        a,
		        "There is no version to go back to: nothing else ran "
		        "in %" STR_FMT " that was not rolled back.",
		        STR_ARG(p->environment));
		return;
	}
	w->text = str_format(
	        a,
	        "Moves %" STR_FMT " from %" STR_FMT " to %" STR_FMT
	        ", the last version that ran there and was not rolled back. "
	        "The command writes an intent; guardrails judge it.",
	        STR_ARG(p->environment),
	        STR_ARG(words_version(a, running->version)),
	        STR_ARG(words_version(a, to->version)));
	w->offer = offer_rollback(f->s, p->service, p->environment,
	                          running->number, to->version);
}

static void fill_lede(struct filling *f)
{
	struct arena *a = f->s->page;
	struct lede *l = &f->v->lede;
	const struct pair *p = f->prod;
	const struct success *running = p ? pair_running(p) : NULL;
	if (!f->of->count) {
		lede_add(l, a, "No version of %" STR_FMT " was ever deployed.",
		         STR_ARG(f->of->name));
		return;
	}
	if (!p) {
		lede_add(l, a,
		         "%" STR_FMT
		         " has no production environment in this policy.",
		         STR_ARG(f->of->name));
		return;
	}
	if (running) {
		lede_add(l, a, "%" STR_FMT " has run ",
		         STR_ARG(p->environment));
		lede_strong(l, a, "%" STR_FMT,
		            STR_ARG(words_version(a, running->version)));
		lede_add(l, a, " since %" STR_FMT ".",
		         STR_ARG(words_stamp(a, running->finished_at)));
		if (f->prods > 1)
			lede_add(l, a,
			         " It is the latest of %lld production "
			         "environments to change.",
			         (long long)f->prods);
	} else {
		lede_add(l, a, "No version runs in %" STR_FMT ".",
		         STR_ARG(p->environment));
	}
	if (p->failed)
		lede_strong(l, a,
		            " %" STR_FMT " failed there on %" STR_FMT
		            " and changed nothing.",
		            STR_ARG(words_version(a, p->failed_version)),
		            STR_ARG(words_stamp(a, p->failed_at)));
}

static void fill_facts(struct filling *f)
{
	struct site *s = f->s;
	struct view *v = f->v;
	const struct service *p = f->of->policy;
	v->service = f->of->name;
	v->service_slug = f->of->slug;
	v->has_figures = service_has_figures(s, f->of);
	if (f->of->group) {
		v->group = f->of->group->id.s;
		v->group_slug = words_slug(s->page, v->group);
	}
	if (!p)
		return;
	v->owner = p->owner.s;
	v->description = words_line(s->page, p->description.s);
	v->defined = link_to_span(s, &p->name.at);
	struct str scheme, rest;
	if (str_starts(p->repository.s, STR("http")) &&
	    str_cut(p->repository.s, ':', &scheme, &rest)) {
		v->repository = p->repository.s;
		v->repository_text = str_from(rest, 2);
	}
}

static void fill_rules(struct filling *f)
{
	struct site *s = f->s;
	struct arena *a = s->page;
	const struct group *g = f->of->group;
	if (g)
		limit_sets_add(&f->v->limits, s, g);
	f->v->has_limits = f->v->limits.n > 0;
	const struct service *p = f->of->policy;
	for (size_t i = 0; p && i < p->routes.n; i++) {
		struct route_row *row = vec_add(a, &f->v->routes);
		row->environment = p->routes.at[i].environment.s;
		row->recipe = p->routes.at[i].recipe.s;
		if (policy_recipe(s->policy, row->recipe))
			row->recipe_slug = words_slug(a, row->recipe);
	}
	f->v->has_routes = f->v->routes.n > 0;
}

static bool add_failure(void *context, const struct deployment *d,
                        struct fail *why)
{
	struct filling *f = context;
	struct arena *a = f->s->page;
	(void)why;
	struct failed_row *row = vec_add(a, &f->v->failures);
	row->number = d->number;
	row->at = d->finished_at;
	row->when = words_when(a, d->finished_at);
	row->environment = str_copy(a, d->environment);
	row->version = str_copy(a, words_version(a, d->version));
	row->summary = STR("not recorded");
	if (d->nfailures) {
		row->category = words_name(
		        a, str_of(failure_category_names[d->failures[0]
		                                                 .category]));
		row->summary =
		        str_copy(a, words_line(a, d->failures[0].summary));
	}
	return true;
}

static bool fill_history(struct filling *f, struct fail *why)
{
	struct deployment_filter filter = deployment_filter_any();
	filter.service = f->of->name;
	filter.limit = RECENT;
	if (!f->of->count)
		return true;
	if (!events_read(&f->v->recent, f->s, filter, EVENT_DATE, why))
		return false;
	filter.state = STATE_FAILED;
	filter.limit = FAILURES;
	filter.with_failures = true;
	if (!ledger_deployments(f->s->ledger, &filter, add_failure, f, why))
		return false;
	f->v->has_recent = f->v->recent.n > 0;
	f->v->has_failures = f->v->failures.n > 0;
	return true;
}

static bool add_stopped(void *context, const struct recorded_decision *d,
                        struct fail *why)
{
	struct filling *f = context;
	(void)why;
	/* Each change of a wait is recorded: only the last one counts, until
	   it is over. */
	if (d->outcome == OUTCOME_WAIT &&
	    (!d->since || f->v->stopped.n == WAITING))
		return true;
	*vec_add(f->s->page, &f->v->stopped) = decision_row_of(f->s, d);
	return true;
}

/* What its team asked for and did not get, which nothing else here shows. */
static bool fill_stopped(struct filling *f, struct fail *why)
{
	struct decision_filter filter = {.service = f->of->name,
	                                 .outcome = OUTCOME_WAIT};
	if (!ledger_decisions(f->s->ledger, &filter, add_stopped, f, why))
		return false;
	filter.outcome = OUTCOME_DENY;
	filter.limit = DENIED;
	if (!ledger_decisions(f->s->ledger, &filter, add_stopped, f, why))
		return false;
	f->v->has_stopped = f->v->stopped.n > 0;
	return true;
}

static bool add_hold(void *context, struct str environment, struct str version,
                     const struct recorded_hold *h, struct fail *why)
{
	struct filling *f = context;
	struct site *s = f->s;
	struct arena *a = s->page;
	(void)why;
	struct hold_row *row = vec_add(a, &f->v->holds);
	row->environment = str_copy(a, environment);
	row->version = str_copy(a, words_version(a, version));
	row->by = str_copy(a, person_of(s, (struct str){0}, h->actor));
	if (!s->in->redact)
		row->summary = str_copy(a, words_line(a, h->summary));
	row->intent =
	        link_to_file(s, str_copy(a, h->intent_path), 0, s->in->commit);
	if (h->until) {
		row->until_at = h->until;
		row->until = words_stamp(a, h->until);
		site_until(s, h->until);
	}
	return true;
}

static bool fill_holds(struct filling *f, struct fail *why)
{
	struct site *s = f->s;
	struct ruling_presence some;
	if (!ledger_rulings(s->ledger, &some, why) ||
	    (some.holds &&
	     !ledger_holds(s->ledger, f->of->name, s->now, add_hold, f, why)))
		return false;
	f->v->has_holds = f->v->holds.n > 0;
	return true;
}

/* The production environment that changed last, or else the last step. */
static struct str asked_of(const struct filling *f)
{
	const struct group *g = f->of->group;
	const struct group_environment *e = g->environments.at;
	if (f->prod && group_environment_of(g, f->prod->environment))
		return f->prod->environment;
	return e[g->environments.n - 1].name.s;
}

static bool fill_answer(struct filling *f, struct fail *why)
{
	const struct group *g = f->of->group;
	return !g || !g->environments.n ||
	       answer_read(&f->v->answer, f->s, g, asked_of(f), f->of->name,
	                   DAYS_AHEAD, why);
}

/* When anything on the page last changed, as far as the ledger knows. */
static int64_t last_change(const struct filling *f)
{
	const struct history *h = &f->s->history;
	int64_t t = 0;
	for (size_t i = 0; i < f->of->pairs.n; i++) {
		const struct pair *p = &h->pairs.at[f->of->pairs.at[i]];
		t = p->last_at > t ? p->last_at : t;
		t = p->ended_at > t ? p->ended_at : t;
	}
	vec_each (struct decision_row, row, &f->v->stopped)
		t = row->at > t ? row->at : t;
	return t;
}

static bool write_one(struct site *s, const struct history_service *of,
                      struct fail *why)
{
	struct arena *a = s->page;
	struct str path = str_format(a, "services/%" STR_FMT "/index.html",
	                             STR_ARG(of->slug));
	struct view v = {.frame = frame_of(s, path, NAV_SERVICES)};
	struct filling f = {.s = s, .v = &v, .of = of};
	fill_facts(&f);
	if (!fill_lanes(&f, why) || !fill_stopped(&f, why) ||
	    !fill_holds(&f, why) || !fill_answer(&f, why) ||
	    !fill_history(&f, why))
		return false;
	fill_way_back(&f);
	fill_rules(&f);
	fill_lede(&f);
	frame_changed(&v.frame, s, last_change(&f));
	v.frame.title = of->name;
	v.frame.description = lede_text(&v.lede, a);
	v.frame.json = str_format(
	        a, "api/v1/services/%" STR_FMT "/delivery-status.json",
	        STR_ARG(of->slug));
	return site_page(s, &view_service, path, &v, why);
}

static bool write_all(struct site *s, struct fail *why)
{
	vec_each (struct history_service, of, &s->history.services)
		if (changed_place(s, of) && !write_one(s, of, why))
			return false;
	return true;
}

const struct page_kind view_service = {
        .name = "service",
        .fields = &view_fields,
        .reads = READS_OWN,
        .write = write_all,
        .about = "one service: what runs where, how to go back",
};
