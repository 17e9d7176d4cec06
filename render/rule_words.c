#include "render/rule_words.h"

#include "core/when.h"
#include "core/window.h"

enum { SCOPE_MAX = 4096 };

static const struct field window_list[] = {
        FIELD_TEXT(struct window_row, id),
        FIELD_TEXT(struct window_row, kind),
        FIELD_TEXT(struct window_row, when),
        FIELD_TEXT(struct window_row, scope),
        FIELD_TEXT(struct window_row, reason),
        FIELD_TEXT(struct window_row, rollbacks),
        FIELD_TEXT(struct window_row, now),
        FIELD_OPT(struct window_row, source, &link_fields),
};
const struct fields window_row_fields = FIELDS(struct window_row, window_list);

static const struct field waiver_list[] = {
        FIELD_TEXT(struct waiver_row, id),
        FIELD_TEXT(struct waiver_row, code),
        FIELD_TEXT(struct waiver_row, scope),
        FIELD_TEXT(struct waiver_row, owner),
        FIELD_TEXT(struct waiver_row, reason),
        FIELD_TEXT(struct waiver_row, expires),
        FIELD_OPT(struct waiver_row, source, &link_fields),
};
const struct fields waiver_row_fields = FIELDS(struct waiver_row, waiver_list);

/* --- scopes ------------------------------------------------------------- */

static void name_all(struct buf *b, const char *what, const struct texts *names)
{
	for (size_t i = 0; i < names->n; i++) {
		buf_add(b, i ? STR(", ") : b->n ? STR("; ") : STR(""));
		if (!i)
			buf_add(b, str_of(what));
		buf_add(b, names->at[i].s);
	}
}

struct str scope_words(struct arena *a, const struct scope *scope)
{
	struct buf b = buf_new(a, SCOPE_MAX);
	name_all(&b, "", &scope->environments);
	name_all(&b, "groups ", &scope->groups);
	name_all(&b, "services ", &scope->services);
	return b.n ? buf_str(&b) : STR("everything");
}

static bool concerns(const struct scope *scope, const struct group *g)
{
	if (!g)
		return true;
	if (scope->groups.n && !texts_has(&scope->groups, g->id.s))
		return false;
	bool served = !scope->services.n, deployed = !scope->environments.n;
	for (size_t i = 0; i < scope->services.n; i++)
		served |= texts_has(&g->services, scope->services.at[i].s);
	for (size_t i = 0; i < scope->environments.n; i++)
		deployed |= group_environment_of(
		                    g, scope->environments.at[i].s) != NULL;
	return served && deployed;
}

/* --- windows ------------------------------------------------------------ */

static struct str time_words(struct site *s, const struct window *w)
{
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu",
	                                   "Fri", "Sat", "Sun"};
	struct arena *a = s->page;
	const struct weekly *weekly = &w->when.weekly;
	const struct dated *dated = &w->when.dated;
	if (dated->at.src)
		return str_format(a, "%" STR_FMT " to %" STR_FMT,
		                  STR_ARG(words_stamp(a, dated->from.t)),
		                  STR_ARG(words_stamp(a, dated->to.t)));
	struct buf b = buf_new(a, SCOPE_MAX);
	for (int day = 0; day < 7; day++)
		if (weekly->day_bits & 1u << day)
			buf_format(&b, "%s%s", b.n ? ", " : "", days[day]);
	struct str zone = w->timezone.s.n ? w->timezone.s
	                                  : s->policy->platform.timezone.s;
	buf_format(&b, " %02d:%02d to %02d:%02d%s, %" STR_FMT,
	           weekly->from_minute / 60, weekly->from_minute % 60,
	           weekly->to_minute / 60, weekly->to_minute % 60,
	           weekly->to_minute <= weekly->from_minute ? " the next day"
	                                                    : "",
	           STR_ARG(zone.n ? zone : STR("UTC")));
	return buf_str(&b);
}

static struct str state_words(struct site *s, const struct window *w)
{
	struct window_state state = window_at(w, s->now);
	bool freeze = w->type.is == WINDOW_DENY;
	if (state.until == WINDOW_NEVER)
		return state.holds ? freeze ? STR("Holds, without an end")
		                            : STR("Open, without an end")
		       : freeze ? STR("Over")
		                   : STR("Never opens again");
	site_until(s, state.until);
	return str_format(s->page, "%s %" STR_FMT,
	                  state.holds ? freeze ? "Holds until" : "Open until"
	                  : freeze    ? "Begins"
	                              : "Opens",
	                  STR_ARG(words_stamp(s->page, state.until)));
}

static void add_window(struct window_rows *rows, struct site *s,
                       const struct window *w)
{
	*vec_add(s->page, rows) = (struct window_row){
	        .id = w->id.s,
	        .kind = w->type.is == WINDOW_DENY ? STR("Freeze")
	                                          : STR("Window"),
	        .when = time_words(s, w),
	        .scope = scope_words(s->page, &w->scope),
	        .reason = words_line(s->page, w->reason.s),
	        .rollbacks = w->rollbacks.is == ROLLBACKS_EXEMPT
	                             ? STR("exempt")
	                             : STR("included"),
	        .now = state_words(s, w),
	        .source = link_to_span(s, &w->id.at)};
}

void window_rows_add(struct window_rows *rows, struct site *s,
                     const struct group *g)
{
	const struct policy *p = s->policy;
	for (size_t i = 0; i < p->windows.n; i++)
		if (concerns(&p->windows.at[i]->scope, g))
			add_window(rows, s, p->windows.at[i]);
}

void window_rows_add_of(struct window_rows *rows, struct site *s,
                        struct str environment)
{
	const struct policy *p = s->policy;
	for (size_t i = 0; i < p->windows.n; i++) {
		const struct texts *of = &p->windows.at[i]->scope.environments;
		if (!of->n || texts_has(of, environment))
			add_window(rows, s, p->windows.at[i]);
	}
}

/* --- waivers ------------------------------------------------------------ */

void waiver_rows_add(struct waiver_rows *rows, struct site *s,
                     const struct group *g)
{
	const struct policy *p = s->policy;
	for (size_t i = 0; i < p->waivers.n; i++) {
		const struct waiver *w = p->waivers.at[i];
		if (!concerns(&w->scope, g))
			continue;
		*vec_add(s->page, rows) = (struct waiver_row){
		        .id = w->id.s,
		        .code = w->guardrail.s,
		        .scope = scope_words(s->page, &w->scope),
		        .owner = person_of(s, (struct str){0}, w->owner.s),
		        .reason = words_line(s->page, w->reason.s),
		        .expires = words_stamp(s->page, w->expires.t),
		        .source = link_to_span(s, &w->id.at)};
	}
}

/* --- gates -------------------------------------------------------------- */

struct str gate_words(struct site *s, const struct group *g,
                      struct str environment)
{
	const struct environment *e =
	        policy_environment(s->policy, environment);
	const struct group_environment *item =
	        g ? group_environment_of(g, environment) : NULL;
	int64_t approvals = item && GIVEN(item->approvals) ? item->approvals.n
	                    : e                            ? e->approvals.n
	                                                   : 0;
	int64_t soak = item && GIVEN(item->soak) ? item->soak.t
	               : e                       ? e->soak.t
	                                         : 0;
	struct buf b = buf_new(s->page, SCOPE_MAX);
	if (approvals > 0)
		buf_add(&b, words_count(s->page, approvals, "approval",
		                        "approvals"));
	if (soak > 0)
		buf_format(&b, "%spromotions after %s in the one before",
		           b.n ? ", " : "", when_duration_words(soak).s);
	return buf_str(&b);
}
