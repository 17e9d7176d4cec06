/* services/<service>/<environment>/: one service in one environment. */
#include "render/changes.h"
#include "render/view_service.h"

#include "render/can_deploy.h"
#include "render/offer.h"

enum { RECENT = 30, TARGETS = 5, DAYS_AHEAD = 7 };

struct target {
	int64_t number;
	struct str version, when;
	struct offer *offer;
};
static const struct field target_list[] = {
        FIELD_INT(struct target, number),
        FIELD_TEXT(struct target, version),
        FIELD_TEXT(struct target, when),
        FIELD_OPT(struct target, offer, &offer_fields),
};
static const struct fields target_fields = FIELDS(struct target, target_list);

struct view {
	struct frame frame;
	struct lede lede;
	struct str service, environment, count_words, no_targets;
	struct status status;
	VEC(struct target) targets;
	bool has_targets;
	struct events recent;
	bool has_recent;
	struct fact_list facts;
	struct answer *answer;
};
static const struct field view_list[] = {
        FIELD_STRUCT(struct view, frame, &frame_fields),
        FIELD_LIST(struct view, lede, &run_fields),
        FIELD_TEXT(struct view, service),
        FIELD_TEXT(struct view, environment),
        FIELD_TEXT(struct view, count_words),
        FIELD_TEXT(struct view, no_targets),
        FIELD_STRUCT(struct view, status, &status_fields),
        FIELD_LIST(struct view, targets, &target_fields),
        FIELD_BOOL(struct view, has_targets),
        FIELD_LIST(struct view, recent, &event_fields),
        FIELD_BOOL(struct view, has_recent),
        FIELD_LIST(struct view, facts, &fact_fields),
        FIELD_OPT(struct view, answer, &answer_fields),
};
static const struct fields view_fields = FIELDS(struct view, view_list);

static bool has_another(const struct pair *p)
{
	for (size_t i = 1; i < p->good.n; i++)
		if (!str_eq(p->good.at[i].version, p->good.at[0].version))
			return true;
	return false;
}

static void fill_targets(struct view *v, struct site *s, const struct pair *p)
{
	struct arena *a = s->page;
	v->no_targets =
	        !p->good.n ? STR("No version has succeeded here yet.")
	        : has_another(p)
	                ? STR("Every other version that succeeded here was "
	                      "rolled back.")
	                : STR("Only one version ever succeeded here.");
	for (size_t i = 0; p->good.n && i < TARGETS; i++) {
		const struct success *to = pair_target(&s->history, p, i);
		if (!to)
			break;
		*vec_add(a, &v->targets) = (struct target){
		        to->number, words_version(a, to->version),
		        words_when(a, to->finished_at),
		        offer_rollback(s, p->service, p->environment,
		                       pair_running(p)->number, to->version)};
	}
	v->has_targets = v->targets.n > 0;
}

static void fill_lede(struct view *v, struct site *s, const struct pair *p)
{
	struct arena *a = s->page;
	const struct success *running = pair_running(p);
	if (running) {
		lede_strong(&v->lede, a, "%" STR_FMT " runs here",
		            STR_ARG(words_version(a, running->version)));
		lede_add(&v->lede, a, " since %" STR_FMT ".",
		         STR_ARG(words_stamp(a, running->finished_at)));
	} else {
		lede_add(&v->lede, a, "Nothing runs here.");
	}
	if (p->open)
		lede_add(&v->lede, a,
		         " %" STR_FMT " is on its way in deployment %lld.",
		         STR_ARG(words_version(a, p->open_version)),
		         (long long)p->open);
	else if (p->failed)
		lede_strong(&v->lede, a,
		            " %" STR_FMT " failed on %" STR_FMT
		            " and changed nothing.",
		            STR_ARG(words_version(a, p->failed_version)),
		            STR_ARG(words_stamp(a, p->failed_at)));
}

static void fill_limits(struct view *v, struct site *s, const struct group *g,
                        const struct pair *p)
{
	struct arena *a = s->page;
	for (int i = 0; i < LIMIT_DAILY_BUILDS; i++) {
		struct limit_row row =
		        limit_of(s, g, p->environment, (enum limit)i);
		struct fact *fact = vec_add(a, &v->facts);
		fact->name = row.title;
		fact->text =
		        str_format(a, "%lld, set by: %" STR_FMT,
		                   (long long)row.value, STR_ARG(row.origin));
		fact->source = row.source;
	}
}

static void fill_policy(struct view *v, struct site *s, const struct pair *p,
                        const struct history_service *of)
{
	static const char *const types[] = {"not production", "production"};
	static const char *const lives[] = {"active", "disabled", "retired"};
	struct arena *a = s->page;
	const struct history_environment *e =
	        &s->history.environments.at[p->environment_at];
	const struct group_environment *step =
	        of->group ? group_environment_of(of->group, p->environment)
	                  : NULL;
	const struct route *route =
	        of->policy ? service_route(of->policy, p->environment) : NULL;
	if (e->policy) {
		fact_add(&v->facts, s, "Environment",
		         str_format(a, "%s, %s", types[e->policy->type.is],
		                    lives[e->policy->lifecycle.is]),
		         &e->policy->name.at);
	} else {
		fact_add(&v->facts, s, "Environment", STR("not in this policy"),
		         NULL);
	}
	if (!of->group)
		fact_add(&v->facts, s, "Group",
		         STR("none: nothing can be deployed"), NULL);
	else
		fact_add(&v->facts, s, "Group", of->group->id.s,
		         step ? &step->name.at : &of->group->id.at);
	if (of->group && !step)
		fact_add(&v->facts, s, "Allowed",
		         STR("no: the group does not have it"), NULL);
	else if (step && GIVEN(step->enabled) && !step->enabled.on)
		fact_add(&v->facts, s, "Allowed", STR("no: switched off"),
		         &step->enabled.at);
	fact_add(&v->facts, s, "Recipe",
	         route ? route->recipe.s : STR("none: not routed"),
	         route ? &route->recipe.at : NULL);
	if (of->group && step)
		fill_limits(v, s, of->group, p);
}

static bool fill_recent(struct view *v, struct site *s, const struct pair *p,
                        struct fail *why)
{
	struct deployment_filter filter = deployment_filter_any();
	filter.service = p->service;
	filter.environment = p->environment;
	filter.limit = RECENT;
	if (p->count && !events_read(&v->recent, s, filter, EVENT_DATE, why))
		return false;
	v->has_recent = v->recent.n > 0;
	v->count_words = p->count > RECENT
	                         ? str_format(s->page, "the newest %d of %lld",
	                                      RECENT, (long long)p->count)
	                         : words_count(s->page, p->count, "deployment",
	                                       "deployments");
	return true;
}

static bool write_one(struct site *s, const struct pair *p, struct fail *why)
{
	struct arena *a = s->page;
	const struct history_service *of =
	        &s->history.services.at[p->service_at];
	struct str path = str_format(
	        a, "services/%" STR_FMT "/%" STR_FMT "/index.html",
	        STR_ARG(of->slug),
	        STR_ARG(s->history.environments.at[p->environment_at].slug));
	struct view v = {.frame = frame_of(s, path, NAV_SERVICES),
	                 .service = p->service,
	                 .environment = p->environment,
	                 .status = pair_status(p)};
	if (!fill_recent(&v, s, p, why))
		return false;
	if (of->group && group_environment_of(of->group, p->environment) &&
	    !answer_read(&v.answer, s, of->group, p->environment, p->service,
	                 DAYS_AHEAD, why))
		return false;
	fill_targets(&v, s, p);
	fill_policy(&v, s, p, of);
	fill_lede(&v, s, p);
	frame_changed(&v.frame, s,
	              p->ended_at > p->last_at ? p->ended_at : p->last_at);
	v.frame.title =
	        str_format(a, "%" STR_FMT " in %" STR_FMT, STR_ARG(p->service),
	                   STR_ARG(p->environment));
	v.frame.description = lede_text(&v.lede, a);
	return site_page(s, &view_environment, path, &v, why);
}

static bool write_all(struct site *s, struct fail *why)
{
	vec_each (struct pair, p, &s->history.pairs)
		if (changed_place(s, &s->history.services.at[p->service_at]) &&
		    !write_one(s, p, why))
			return false;
	return true;
}

const struct page_kind view_environment = {
        .name = "environment",
        .fields = &view_fields,
        .reads = READS_OWN,
        .write = write_all,
        .about = "one service in one environment",
};
