/* policy/: the rules of the commit, with the line that set each. */
#include "core/when.h"
#include "render/parts.h"
#include "render/policy_rules.h"
#include "render/rule_words.h"

struct order_row {
	struct str title;
	VEC(struct str) codes;
};
static const struct field order_list[] = {
        FIELD_TEXT(struct order_row, title),
        FIELD_TEXTS(struct order_row, codes),
};
static const struct fields order_fields = FIELDS(struct order_row, order_list);

struct recipe_row {
	struct str id, slug, name, engine, summary;
	int64_t revision;
	struct status status;
};
static const struct field recipe_list[] = {
        FIELD_TEXT(struct recipe_row, id),
        FIELD_TEXT(struct recipe_row, slug),
        FIELD_TEXT(struct recipe_row, name),
        FIELD_TEXT(struct recipe_row, engine),
        FIELD_TEXT(struct recipe_row, summary),
        FIELD_INT(struct recipe_row, revision),
        FIELD_STRUCT(struct recipe_row, status, &status_fields),
};
static const struct fields recipe_fields =
        FIELDS(struct recipe_row, recipe_list);

struct environment_row {
	struct str name, slug, type, state, gate;
	struct link *source;
};
static const struct field environment_list[] = {
        FIELD_TEXT(struct environment_row, name),
        FIELD_TEXT(struct environment_row, slug),
        FIELD_TEXT(struct environment_row, type),
        FIELD_TEXT(struct environment_row, state),
        FIELD_TEXT(struct environment_row, gate),
        FIELD_OPT(struct environment_row, source, &link_fields),
};
static const struct fields environment_fields =
        FIELDS(struct environment_row, environment_list);

struct guardrail_row {
	struct str title, about;
};
static const struct field guardrail_list[] = {
        FIELD_TEXT(struct guardrail_row, title),
        FIELD_TEXT(struct guardrail_row, about),
};
static const struct fields guardrail_fields =
        FIELDS(struct guardrail_row, guardrail_list);

struct view {
	struct frame frame;
	struct lede lede;
	struct str commit, commit_href;
	VEC(struct order_row) order;
	VEC(struct guardrail_row) guardrails;
	bool has_guardrails;
	struct str guardrail_words;
	struct window_rows windows;
	struct waiver_rows waivers;
	bool has_windows, has_waivers;
	struct rule_rows hooks, proposals, failures, people;
	bool has_hooks, has_proposals, has_failures, has_people;
	VEC(struct limit_row) limits;
	VEC(struct recipe_row) recipes;
	VEC(struct environment_row) environments;
	bool has_recipes, has_environments;
	struct fact_list facts;
	VEC(struct link) groups;
};
static const struct field view_list[] = {
        FIELD_STRUCT(struct view, frame, &frame_fields),
        FIELD_LIST(struct view, lede, &run_fields),
        FIELD_TEXT(struct view, commit),
        FIELD_URL(struct view, commit_href),
        FIELD_LIST(struct view, order, &order_fields),
        FIELD_LIST(struct view, guardrails, &guardrail_fields),
        FIELD_BOOL(struct view, has_guardrails),
        FIELD_TEXT(struct view, guardrail_words),
        FIELD_LIST(struct view, windows, &window_row_fields),
        FIELD_LIST(struct view, waivers, &waiver_row_fields),
        FIELD_BOOL(struct view, has_windows),
        FIELD_BOOL(struct view, has_waivers),
        FIELD_LIST(struct view, hooks, &rule_fields),
        FIELD_LIST(struct view, proposals, &rule_fields),
        FIELD_LIST(struct view, failures, &rule_fields),
        FIELD_LIST(struct view, people, &rule_fields),
        FIELD_BOOL(struct view, has_hooks),
        FIELD_BOOL(struct view, has_proposals),
        FIELD_BOOL(struct view, has_failures),
        FIELD_BOOL(struct view, has_people),
        FIELD_LIST(struct view, limits, &limit_fields),
        FIELD_LIST(struct view, recipes, &recipe_fields),
        FIELD_LIST(struct view, environments, &environment_fields),
        FIELD_BOOL(struct view, has_recipes),
        FIELD_BOOL(struct view, has_environments),
        FIELD_LIST(struct view, facts, &fact_fields),
        FIELD_LIST(struct view, groups, &link_fields),
};
static const struct fields view_fields = FIELDS(struct view, view_list);

static void fill_order(struct view *v, struct site *s)
{
	struct arena *a = s->page;
	for (int row = 1; row <= STEPS; row++) {
		struct order_row *to = vec_add(a, &v->order);
		to->title = step_title(row);
		for (int i = 1; i < DIAG_CODE_COUNT; i++) {
			const struct diag_info *info =
			        diag_info((enum diag_code)i);
			if (info->row == row)
				*vec_add(a, &to->codes) = str_of(info->name);
		}
	}
}

static void fill_guardrails(struct view *v, struct site *s)
{
	for (size_t i = 0; i < s->in->nguardrails; i++)
		*vec_add(s->page, &v->guardrails) = (struct guardrail_row){
		        str_of(s->in->guardrails[i].title),
		        str_of(s->in->guardrails[i].about)};
	v->has_guardrails = v->guardrails.n > 0;
	v->guardrail_words = words_count(s->page, (int64_t)v->guardrails.n,
	                                 "guardrail", "guardrails");
}

static void fill_recipes(struct view *v, struct site *s)
{
	for (size_t i = 0; i < s->policy->recipes.n; i++) {
		const struct recipe *r = s->policy->recipes.at[i];
		bool old = r->status.is == RECIPE_IS_DEPRECATED;
		*vec_add(s->page, &v->recipes) = (struct recipe_row){
		        .id = r->id.s,
		        .slug = words_slug(s->page, r->id.s),
		        .name = r->name.s,
		        .engine = r->engine.s,
		        .summary = words_line(s->page, r->summary.s),
		        .revision = r->revision.n,
		        .status = status_of(old ? STATUS_UNKNOWN : STATUS_OK,
		                            old ? "Deprecated" : "Active")};
	}
	v->has_recipes = v->recipes.n > 0;
}

static void fill_environments(struct view *v, struct site *s)
{
	static const char *const types[] = {"Not production", "Production"};
	static const char *const lives[] = {"Active", "Disabled", "Retired"};
	for (size_t i = 0; i < s->policy->environments.n; i++) {
		const struct environment *e = s->policy->environments.at[i];
		*vec_add(s->page, &v->environments) = (struct environment_row){
		        .name = e->name.s,
		        .slug = words_slug(s->page, e->name.s),
		        .type = str_of(types[e->type.is]),
		        .state = str_of(lives[e->lifecycle.is]),
		        .gate = gate_words(s, NULL, e->name.s),
		        .source = link_to_span(s, &e->name.at)};
	}
	v->has_environments = v->environments.n > 0;
}

static struct str limit_words(struct arena *a, const struct number *n)
{
	return GIVEN(*n) ? words_count(a, n->n, "deployment", "deployments")
	                 : STR("No limit");
}

static void fill_platform(struct view *v, struct site *s)
{
	struct arena *a = s->page;
	const struct platform *p = &s->policy->platform;
	fact_add(&v->facts, s, "Name", p->name.s, &p->name.at);
	fact_add(&v->facts, s, "Kill switch",
	         p->mutations.is_disabled ? STR("On") : STR("Off"),
	         &p->mutations.at);
	fact_add(&v->facts, s, "Time zone",
	         p->timezone.s.n ? p->timezone.s : STR("UTC"), &p->timezone.at);
	fact_add(&v->facts, s, "Identity",
	         p->identity.is == IDENTITY_SIGNED
	                 ? STR("Signed commits by known signers")
	                 : STR("The author of the commit"),
	         &p->identity.at);
	fact_add(&v->facts, s, "Sent in a run",
	         limit_words(a, &p->max_dispatches_per_run),
	         &p->max_dispatches_per_run.at);
	fact_add(&v->facts, s, "Waiting ends",
	         str_format(a, "after %s",
	                    when_duration_words(p->waiting_expires_after.t).s),
	         &p->waiting_expires_after.at);
}

static void fill_rules(struct view *v, struct site *s)
{
	window_rows_add(&v->windows, s, NULL);
	waiver_rows_add(&v->waivers, s, NULL);
	hook_rows_add(&v->hooks, s);
	proposal_rows_add(&v->proposals, s);
	failure_rows_add(&v->failures, s);
	people_rows_add(&v->people, s);
	v->has_windows = v->windows.n > 0;
	v->has_waivers = v->waivers.n > 0;
	v->has_hooks = v->hooks.n > 0;
	v->has_proposals = v->proposals.n > 0;
	v->has_failures = v->failures.n > 0;
	v->has_people = v->people.n > 0;
}

static bool write_policy(struct site *s, struct fail *why)
{
	struct arena *a = s->page;
	const struct policy *p = s->policy;
	const struct str path = STR("policy/index.html");
	struct view v = {.frame = frame_of(s, path, NAV_POLICY),
	                 .commit = words_oid(s->policy_commit),
	                 .commit_href = href_of_commit(s, s->policy_commit)};
	fill_order(&v, s);
	fill_guardrails(&v, s);
	fill_rules(&v, s);
	for (int i = 0; i < LIMIT_COUNT; i++)
		*vec_add(a, &v.limits) =
		        limit_of(s, NULL, (struct str){0}, (enum limit)i);
	fill_recipes(&v, s);
	fill_environments(&v, s);
	fill_platform(&v, s);
	for (size_t i = 0; i < p->groups.n; i++)
		*vec_add(a, &v.groups) = (struct link){
		        .text = p->groups.at[i]->name.s,
		        .slug = words_slug(a, p->groups.at[i]->id.s)};
	lede_add(&v.lede, a, "%" STR_FMT ", ",
	         STR_ARG(words_count(a, (int64_t)p->groups.n, "group",
	                             "groups")));
	lede_add(&v.lede, a, "%" STR_FMT ", ",
	         STR_ARG(words_count(a, (int64_t)p->services.n, "service",
	                             "services")));
	lede_add(&v.lede, a,
	         "%" STR_FMT ". Every rule is a line in the repository.",
	         STR_ARG(words_count(a, (int64_t)p->recipes.n, "recipe",
	                             "recipes")));
	v.frame.title = STR("Policy");
	v.frame.description = lede_text(&v.lede, a);
	return site_page(s, &view_policy, path, &v, why);
}

const struct page_kind view_policy = {
        .name = "policy",
        .fields = &view_fields,
        .write = write_policy,
        .about = "the rules in force, each with its line",
};
