/* environments/<name>/: everything that runs in an environment, a week of
   changes by day, and the windows and freezes that concern it. */
#include "core/calendar.h"
#include "render/guardrail.h"
#include "render/parts.h"
#include "render/rule_words.h"

enum { DAYS = 7, CHANGES_MAX = 16, ROWS_MAX = 250 };

struct place_row {
	int64_t number, since_at;
	struct str service, service_slug, group, group_slug, version, since,
	        note;
	struct status status;
};
static const struct field row_list[] = {
        FIELD_INT(struct place_row, number),
        FIELD_TIME(struct place_row, since_at),
        FIELD_TEXT(struct place_row, service),
        FIELD_TEXT(struct place_row, service_slug),
        FIELD_TEXT(struct place_row, group),
        FIELD_TEXT(struct place_row, group_slug),
        FIELD_TEXT(struct place_row, version),
        FIELD_TEXT(struct place_row, since),
        FIELD_TEXT(struct place_row, note),
        FIELD_STRUCT(struct place_row, status, &status_fields),
};
static const struct fields row_fields = FIELDS(struct place_row, row_list);

struct day {
	struct str words;
	struct events rows;
};
static const struct field day_list[] = {
        FIELD_TEXT(struct day, words),
        FIELD_LIST(struct day, rows, &event_fields),
};
static const struct fields day_fields = FIELDS(struct day, day_list);

struct room_row {
	struct str group, group_slug, slots, deploys, rollbacks, gauge, window;
	struct status status;
};
static const struct field room_list[] = {
        FIELD_TEXT(struct room_row, group),
        FIELD_TEXT(struct room_row, group_slug),
        FIELD_TEXT(struct room_row, slots),
        FIELD_TEXT(struct room_row, deploys),
        FIELD_TEXT(struct room_row, rollbacks),
        FIELD_HTML(struct room_row, gauge),
        FIELD_TEXT(struct room_row, window),
        FIELD_STRUCT(struct room_row, status, &status_fields),
};
static const struct fields room_fields = FIELDS(struct room_row, room_list);

struct view {
	struct frame frame;
	struct lede lede;
	struct str name, kind, gate;
	struct link *defined;
	VEC(struct place_row) rows;
	bool has_rows;
	int64_t more_rows;
	struct str rows_words, week;
	VEC(struct day) days;
	bool has_days;
	int64_t more_changes;
	VEC(struct room_row) rooms;
	bool has_rooms;
	struct window_rows windows;
	bool has_windows;
};
static const struct field view_list[] = {
        FIELD_STRUCT(struct view, frame, &frame_fields),
        FIELD_LIST(struct view, lede, &run_fields),
        FIELD_TEXT(struct view, name),
        FIELD_TEXT(struct view, kind),
        FIELD_TEXT(struct view, gate),
        FIELD_OPT(struct view, defined, &link_fields),
        FIELD_LIST(struct view, rows, &row_fields),
        FIELD_BOOL(struct view, has_rows),
        FIELD_INT(struct view, more_rows),
        FIELD_TEXT(struct view, week),
        FIELD_LIST(struct view, days, &day_fields),
        FIELD_BOOL(struct view, has_days),
        FIELD_INT(struct view, more_changes),
        FIELD_LIST(struct view, rooms, &room_fields),
        FIELD_BOOL(struct view, has_rooms),
        FIELD_LIST(struct view, windows, &window_row_fields),
        FIELD_BOOL(struct view, has_windows),
};
static const struct fields view_fields = FIELDS(struct view, view_list);

struct filling {
	struct site *s;
	struct view *v;
	const struct history_environment *of;
	int64_t running, failed, open, changes;
};

/* --- what runs ---------------------------------------------------------- */

static void add_row(struct filling *f, const struct pair *p)
{
	struct site *s = f->s;
	struct arena *a = s->page;
	const struct success *running = pair_running(p);
	f->running += running != NULL;
	f->failed += p->failed != 0;
	f->open += p->open != 0;
	if (!p->count)
		return;
	if (f->v->rows.n == ROWS_MAX) {
		f->v->more_rows++;
		return;
	}
	const struct history_service *of =
	        &s->history.services.at[p->service_at];
	struct place_row *row = vec_add(a, &f->v->rows);
	row->service = of->name;
	row->service_slug = of->slug;
	if (of->group) {
		row->group = of->group->id.s;
		row->group_slug = words_slug(a, row->group);
	}
	if (running) {
		row->number = running->number;
		row->version = words_version(a, running->version);
		row->since_at = running->finished_at;
		row->since = words_when(a, running->finished_at);
	}
	row->status = status_of_deployment(p->last_state, p->last_outcome,
	                                   p->last_kind);
	if (p->open)
		row->note = words_version(a, p->open_version);
	else if (p->failed)
		row->note = words_version(a, p->failed_version);
}

/* Services are by name. */
static void fill_rows(struct filling *f, size_t environment)
{
	const struct history *h = &f->s->history;
	vec_each (struct history_service, of, &h->services)
		for (size_t i = 0; i < of->pairs.n; i++) {
			const struct pair *p = &h->pairs.at[of->pairs.at[i]];
			if (p->environment_at == environment)
				add_row(f, p);
		}
	f->v->has_rows = f->v->rows.n > 0;
	f->v->rows_words = words_count(f->s->page, f->running, "service runs",
	                               "services run");
}

/* --- what changed ------------------------------------------------------- */

static bool add_change(void *context, const struct deployment *d,
                       struct fail *why)
{
	struct filling *f = context;
	struct arena *a = f->s->page;
	(void)why;
	if (!str_eq(d->environment, f->of->name))
		return true;
	if (f->changes++ >= CHANGES_MAX) {
		f->v->more_changes++;
		return true;
	}
	struct event_row row = event_of(f->s, d, EVENT_SERVICE);
	struct str words = words_day(a, row.at);
	struct day *day =
	        f->v->days.n ? &f->v->days.at[f->v->days.n - 1] : NULL;
	if (!day || !str_eq(day->words, words)) {
		day = vec_add(a, &f->v->days);
		day->words = words;
	}
	row.environment = (struct str){0};
	*vec_add(a, &day->rows) = row;
	return true;
}

static bool fill_days(struct filling *f, struct fail *why)
{
	struct site *s = f->s;
	struct deployment_filter filter = deployment_filter_any();
	int64_t today = calendar_day_of(s->now);
	filter.from = (today - DAYS + 1) * DAY_SECONDS;
	filter.to = s->now + 1;
	filter.with_failures = true;
	if (!ledger_deployments(s->ledger, &filter, add_change, f, why))
		return false;
	f->v->has_days = f->v->days.n > 0;
	f->v->week = str_format(s->page, "%s to %s",
	                        words_day(s->page, filter.from).s,
	                        words_day(s->page, s->now).s);
	return true;
}

/* --- rules -------------------------------------------------------------- */

static bool fill_rooms(struct filling *f, struct fail *why)
{
	struct site *s = f->s;
	struct arena *a = s->page;
	for (size_t i = 0; i < s->policy->groups.n; i++) {
		const struct group *g = s->policy->groups.at[i];
		struct headroom room;
		if (!group_environment_of(g, f->of->name))
			continue;
		if (!headroom_read(&room, s, g, f->of->name, (struct str){0},
		                   why))
			return false;
		*vec_add(a, &f->v->rooms) =
		        (struct room_row){.group = g->id.s,
		                          .group_slug = words_slug(a, g->id.s),
		                          .slots = room.slots,
		                          .deploys = room.deploys,
		                          .rollbacks = room.rollbacks,
		                          .gauge = room.gauge,
		                          .window = room.window,
		                          .status = room.status};
	}
	f->v->has_rooms = f->v->rooms.n > 0;
	window_rows_add_of(&f->v->windows, s, f->of->name);
	f->v->has_windows = f->v->windows.n > 0;
	return true;
}

static void fill_kind(struct filling *f)
{
	static const char *const types[] = {"Not production", "Production"};
	static const char *const lives[] = {"active", "disabled", "retired"};
	const struct environment *e = f->of->policy;
	struct view *v = f->v;
	v->name = f->of->name;
	v->kind = STR("Not in this policy: nothing can be deployed to it");
	if (!e)
		return;
	v->kind = str_format(f->s->page, "%s, %s", types[e->type.is],
	                     lives[e->lifecycle.is]);
	v->gate = gate_words(f->s, NULL, v->name);
	v->defined = link_to_span(f->s, &e->name.at);
}

static void fill_lede(struct filling *f)
{
	struct arena *a = f->s->page;
	struct lede *l = &f->v->lede;
	lede_add(l, a, "%" STR_FMT " in %" STR_FMT ".",
	         STR_ARG(f->v->rows_words), STR_ARG(f->of->name));
	if (f->open)
		lede_add(l, a, " %" STR_FMT " in progress.",
		         STR_ARG(words_count(a, f->open, "deployment is",
		                             "deployments are")));
	if (f->failed)
		lede_strong(l, a,
		            " Of %" STR_FMT
		            " the last deployment failed and changed "
		            "nothing.",
		            STR_ARG(words_count(a, f->failed, "service",
		                                "services")));
	lede_add(l, a, " %" STR_FMT " from %" STR_FMT ".",
	         STR_ARG(words_count(a, f->changes, "change", "changes")),
	         STR_ARG(f->v->week));
}

/* --- the page ----------------------------------------------------------- */

static bool write_one(struct site *s, size_t environment, struct fail *why)
{
	struct arena *a = s->page;
	const struct history_environment *of =
	        &s->history.environments.at[environment];
	struct str path = str_format(a, "environments/%" STR_FMT "/index.html",
	                             STR_ARG(of->slug));
	struct view v = {.frame = frame_of(s, path, NAV_OVERVIEW)};
	struct filling f = {.s = s, .v = &v, .of = of};
	fill_kind(&f);
	fill_rows(&f, environment);
	if (!fill_days(&f, why) || !fill_rooms(&f, why))
		return false;
	fill_lede(&f);
	frame_hot(&v.frame, s);
	v.frame.title = of->name;
	v.frame.description = lede_text(&v.lede, a);
	return site_page(s, &view_place, path, &v, why);
}

static bool write_all(struct site *s, struct fail *why)
{
	for (size_t i = 0; i < s->history.environments.n; i++)
		if (!write_one(s, i, why))
			return false;
	return true;
}

const struct page_kind view_place = {
        .name = "place",
        .fields = &view_fields,
        .hot = true,
        .write = write_all,
        .about = "one environment: what runs in it, what changed",
};
