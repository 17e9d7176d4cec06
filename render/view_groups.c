/* groups/ and groups/<id>/: what each group may do, and what it still may. */
#include "core/when.h"
#include "render/can_deploy.h"
#include "render/changes.h"
#include "render/guardrail.h"
#include "render/rule_words.h"
#include "render/view_service.h"

#include <assert.h>

enum { STEPS_IN_WORDS = 6, DAYS_AHEAD = 14, ANSWERS_MAX = 12 };

/* --- the index ---------------------------------------------------------- */

struct group_row {
	struct str group, group_slug, environment, slots, deploys, rollbacks,
	        deploys_gauge, window;
	struct status status;
};
static const struct field row_list[] = {
        FIELD_TEXT(struct group_row, group),
        FIELD_TEXT(struct group_row, group_slug),
        FIELD_TEXT(struct group_row, environment),
        FIELD_TEXT(struct group_row, slots),
        FIELD_TEXT(struct group_row, deploys),
        FIELD_TEXT(struct group_row, rollbacks),
        FIELD_HTML(struct group_row, deploys_gauge),
        FIELD_TEXT(struct group_row, window),
        FIELD_STRUCT(struct group_row, status, &status_fields),
};
static const struct fields row_fields = FIELDS(struct group_row, row_list);

struct view {
	struct frame frame;
	struct lede lede;
	bool switch_on, has_groups;
	struct str switch_text, zone, day_end;
	VEC(struct group_row) rows;
};
static const struct field view_list[] = {
        FIELD_STRUCT(struct view, frame, &frame_fields),
        FIELD_LIST(struct view, lede, &run_fields),
        FIELD_BOOL(struct view, switch_on),
        FIELD_BOOL(struct view, has_groups),
        FIELD_TEXT(struct view, switch_text),
        FIELD_TEXT(struct view, zone),
        FIELD_TEXT(struct view, day_end),
        FIELD_LIST(struct view, rows, &row_fields),
};
static const struct fields view_fields = FIELDS(struct view, view_list);

static bool add_rows(struct view *v, struct site *s, const struct group *g,
                     struct fail *why)
{
	const struct group_environment *e = g->environments.at;
	for (size_t i = g->environments.n; i > 0; i--) {
		struct headroom room;
		if (!headroom_read(&room, s, g, e[i - 1].name.s,
		                   (struct str){0}, why))
			return false;
		*vec_add(s->page, &v->rows) = (struct group_row){
		        .group = g->id.s,
		        .group_slug = words_slug(s->page, g->id.s),
		        .environment = e[i - 1].name.s,
		        .slots = room.slots,
		        .deploys = room.deploys,
		        .rollbacks = room.rollbacks,
		        .deploys_gauge = room.gauge,
		        .window = room.window,
		        .status = room.status};
	}
	return true;
}

/* What is closed, then what is busy, then the rest as they were. */
static void sort_rows(struct view *v, struct arena *a)
{
	static const char *const tones[] = {"deny", "neutral", "info", "ok"};
	struct group_row *sorted =
	        arena_array(a, v->rows.n, sizeof *v->rows.at);
	size_t n = 0;
	for (size_t k = 0; k < sizeof tones / sizeof *tones; k++)
		for (size_t i = 0; i < v->rows.n; i++)
			if (str_is(v->rows.at[i].status.tone, tones[k]))
				sorted[n++] = v->rows.at[i];
	assert(n == v->rows.n);
	v->rows.at = sorted;
}

static bool write_index(struct site *s, struct fail *why)
{
	struct arena *a = s->page;
	const struct platform *p = &s->policy->platform;
	const struct str path = STR("groups/index.html");
	struct view v = {.frame = frame_of(s, path, NAV_GROUPS),
	                 .switch_on = p->mutations.is_disabled,
	                 .switch_text = switch_words(s),
	                 .has_groups = s->policy->groups.n > 0,
	                 .zone = p->timezone.s.n ? p->timezone.s : STR("UTC"),
	                 .day_end =
	                         words_stamp(a, when_day_end(s->now, p->zone))};
	for (size_t i = 0; i < s->policy->groups.n; i++)
		if (!add_rows(&v, s, s->policy->groups.at[i], why))
			return false;
	if (v.switch_on)
		lede_strong(&v.lede, a, "The kill switch is on. ");
	else
		lede_add(&v.lede, a, "The kill switch is off. ");
	sort_rows(&v, a);
	size_t stopped = 0;
	vec_each (struct group_row, row, &v.rows)
		stopped += str_is(row->status.tone, "deny");
	lede_add(&v.lede, a, "%" STR_FMT " in all, ",
	         STR_ARG(words_count(a, (int64_t)v.rows.n,
	                             "pair of group and environment",
	                             "pairs of group and environment")));
	lede_add(&v.lede, a, "%zu of them closed to new deployments.", stopped);
	frame_hot(&v.frame, s);
	v.frame.title = STR("Guardrails");
	v.frame.description = lede_text(&v.lede, a);
	return site_page(s, &view_groups, path, &v, why);
}

const struct page_kind view_groups = {
        .name = "groups",
        .fields = &view_fields,
        .hot = true,
        .write = write_index,
        .about = "what each group may still do",
};

/* --- one group ---------------------------------------------------------- */

struct group_step {
	struct str environment, text;
	struct status status;
};
static const struct field group_step_list[] = {
        FIELD_TEXT(struct group_step, environment),
        FIELD_TEXT(struct group_step, text),
        FIELD_STRUCT(struct group_step, status, &status_fields),
};
static const struct fields group_step_fields =
        FIELDS(struct group_step, group_step_list);

struct group_view {
	struct frame frame;
	struct lede lede;
	struct str id, name, description, order, services_words;
	struct link *defined;
	struct limit_sets limits;
	struct window_rows windows;
	struct waiver_rows waivers;
	bool has_windows, has_waivers;
	struct service_rows services;
	VEC(struct answer) answers;
	bool has_days;
	VEC(struct group_step) steps;
	VEC(struct link) recipes;
	VEC(struct str) owners;
	bool has_owners;
};
static const struct field group_list[] = {
        FIELD_STRUCT(struct group_view, frame, &frame_fields),
        FIELD_LIST(struct group_view, lede, &run_fields),
        FIELD_TEXT(struct group_view, id),
        FIELD_TEXT(struct group_view, name),
        FIELD_TEXT(struct group_view, description),
        FIELD_TEXT(struct group_view, order),
        FIELD_TEXT(struct group_view, services_words),
        FIELD_OPT(struct group_view, defined, &link_fields),
        FIELD_LIST(struct group_view, limits, &limit_set_fields),
        FIELD_LIST(struct group_view, windows, &window_row_fields),
        FIELD_LIST(struct group_view, waivers, &waiver_row_fields),
        FIELD_BOOL(struct group_view, has_windows),
        FIELD_BOOL(struct group_view, has_waivers),
        FIELD_LIST(struct group_view, services, &service_row_fields),
        FIELD_LIST(struct group_view, answers, &answer_fields),
        FIELD_BOOL(struct group_view, has_days),
        FIELD_LIST(struct group_view, steps, &group_step_fields),
        FIELD_LIST(struct group_view, recipes, &link_fields),
        FIELD_TEXTS(struct group_view, owners),
        FIELD_BOOL(struct group_view, has_owners),
};
static const struct fields group_fields = FIELDS(struct group_view, group_list);

static void add_step(struct group_view *v, struct site *s,
                     const struct group *g, const struct group_environment *e)
{
	struct str gate = gate_words(s, g, e->name.s);
	const struct environment *known =
	        policy_environment(s->policy, e->name.s);
	bool off = GIVEN(e->enabled) && !e->enabled.on;
	struct group_step *step = vec_add(s->page, &v->steps);
	step->environment = e->name.s;
	step->text = !known ? STR("The policy does not describe it.")
	             : known->type.is == ENVIRONMENT_PROD
	                     ? STR("Production.")
	                     : STR("Not production.");
	if (gate.n)
		step->text = str_format(s->page,
		                        "%" STR_FMT " Asks for %" STR_FMT ".",
		                        STR_ARG(step->text), STR_ARG(gate));
	step->status = off      ? status_of(STATUS_CANCELED, "Switched off")
	               : !known ? status_of(STATUS_UNKNOWN, NULL)
	               : known->lifecycle.is == LIFECYCLE_ACTIVE
	                       ? status_of(STATUS_OK, "Active")
	               : known->lifecycle.is == LIFECYCLE_RETIRED
	                       ? status_of(STATUS_CANCELED, "Retired")
	                       : status_of(STATUS_CANCELED, "Disabled");
}

static void fill_steps(struct group_view *v, struct site *s,
                       const struct group *g)
{
	struct arena *a = s->page;
	struct buf order = buf_new(a, 4096);
	const struct group_environment *e = g->environments.at;
	for (size_t i = 0; i < g->environments.n; i++) {
		buf_format(&order, "%s%" STR_FMT, i ? ", then " : "",
		           STR_ARG(e[i].name.s));
		add_step(v, s, g, &e[i]);
	}
	if (g->environments.n <= STEPS_IN_WORDS)
		v->order = buf_str(&order);
	limit_sets_add(&v->limits, s, g);
}

/* Of the last step first; a group of very many gets those that matter most. */
static bool fill_answers(struct group_view *v, struct site *s,
                         const struct group *g, struct fail *why)
{
	const struct group_environment *e = g->environments.at;
	for (size_t i = g->environments.n; i > 0 && v->answers.n < ANSWERS_MAX;
	     i--) {
		struct answer *answer;
		if (!answer_read(&answer, s, g, e[i - 1].name.s,
		                 (struct str){0}, DAYS_AHEAD, why))
			return false;
		*vec_add(s->page, &v->answers) = *answer;
		v->has_days = v->has_days || answer->has_days;
	}
	return true;
}

static int64_t fill_members(struct group_view *v, struct site *s,
                            const struct group *g)
{
	struct arena *a = s->page;
	int64_t changed = 0;
	for (size_t i = 0; i < g->services.n; i++) {
		const struct history_service *of =
		        history_service(&s->history, g->services.at[i].s);
		if (!of)
			continue;
		struct service_row row = service_row_of(s, of);
		changed = row.last_at > changed ? row.last_at : changed;
		*vec_add(a, &v->services) = row;
	}
	for (size_t i = 0; i < g->recipes.n; i++) {
		struct link *l = vec_add(a, &v->recipes);
		l->text = g->recipes.at[i].s;
		if (policy_recipe(s->policy, l->text))
			l->slug = words_slug(a, l->text);
	}
	for (size_t i = 0; !s->in->redact && i < g->owners.n; i++)
		*vec_add(a, &v->owners) = g->owners.at[i].s;
	v->has_owners = v->owners.n > 0;
	return changed;
}

static bool write_group(struct site *s, const struct group *g, struct fail *why)
{
	struct arena *a = s->page;
	struct str path = str_format(a, "groups/%" STR_FMT "/index.html",
	                             STR_ARG(words_slug(a, g->id.s)));
	struct group_view v = {.frame = frame_of(s, path, NAV_GROUPS),
	                       .id = g->id.s,
	                       .name = g->name.s.n ? g->name.s : g->id.s,
	                       .description = words_line(a, g->description.s),
	                       .defined = link_to_span(s, &g->id.at)};
	fill_steps(&v, s, g);
	if (!fill_answers(&v, s, g, why))
		return false;
	window_rows_add(&v.windows, s, g);
	waiver_rows_add(&v.waivers, s, g);
	v.has_windows = v.windows.n > 0;
	v.has_waivers = v.waivers.n > 0;
	frame_changed(&v.frame, s, fill_members(&v, s, g));
	v.services_words =
	        words_count(a, (int64_t)v.services.n, "service", "services");
	lede_add(&v.lede, a, "%" STR_FMT " delivered through %" STR_FMT ".",
	         STR_ARG(v.services_words),
	         STR_ARG(v.order.n
	                         ? v.order
	                         : words_count(a, (int64_t)g->environments.n,
	                                       "environment", "environments")));
	v.frame.title = v.name;
	v.frame.description = lede_text(&v.lede, a);
	return site_page(s, &view_group, path, &v, why);
}

static bool write_groups(struct site *s, struct fail *why)
{
	for (size_t i = 0; i < s->policy->groups.n; i++)
		if (changed_group(s, s->policy->groups.at[i]) &&
		    !write_group(s, s->policy->groups.at[i], why))
			return false;
	return true;
}

const struct page_kind view_group = {
        .name = "group",
        .fields = &group_fields,
        .reads = READS_OWN,
        .write = write_groups,
        .about = "one group: members, limits, owners",
};
