#include "render/overview_attention.h"

#include "core/calendar.h"
#include "core/window.h"
#include "render/guardrail.h"

enum { ATTENTION_MAX = 3 };

static const struct field attention_row_list[] = {
        FIELD_STRUCT(struct attention_row, status, &status_fields),
        FIELD_TEXT(struct attention_row, what),
        FIELD_TEXT(struct attention_row, text),
        FIELD_TEXT(struct attention_row, to),
        FIELD_TEXT(struct attention_row, link),
};
static const struct fields attention_row_fields =
        FIELDS(struct attention_row, attention_row_list);

static const struct field attention_list[] = {
        FIELD_INT(struct attention, n),
        FIELD_INT(struct attention, more),
        FIELD_LIST(struct attention, rows, &attention_row_fields),
};
const struct fields attention_fields = FIELDS(struct attention, attention_list);

struct attending {
	struct site *s;
	struct attention *out;
};

static void attend(struct attending *f, struct attention_row row)
{
	struct attention *to = f->out;
	if (to->n == ATTENTION_MAX) {
		to->more++;
		return;
	}
	*vec_add(f->s->page, &to->rows) = row;
	to->n++;
}

static void attend_switch(struct attending *f)
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

static void attend_failure(struct attending *f, const struct pair *p)
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

static void attend_unknown(struct attending *f, const struct pair *p)
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
static void attend_freeze(struct attending *f, const struct window *w,
                          bool holds)
{
	struct site *s = f->s;
	struct arena *a = s->page;
	struct window_state state = window_at(w, s->now);
	bool ends = state.until != WINDOW_NEVER;
	bool soon = ends && state.until - s->now <= 7 * DAY_SECONDS;
	if (w->type.is != WINDOW_DENY || state.holds != holds ||
	    !concerns_production(s, w) || (!state.holds && !soon))
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

static void attend_freezes(struct attending *f, bool holds)
{
	const struct policy *p = f->s->policy;
	for (size_t i = 0; i < p->windows.n; i++)
		attend_freeze(f, p->windows.at[i], holds);
}

static void attend_pairs(struct attending *f)
{
	const struct history *h = &f->s->history;
	vec_each (struct pair, p, &h->pairs)
		if (p->failed && history_is_prod(h, p))
			attend_failure(f, p);
	vec_each (struct pair, p, &h->pairs)
		if (p->open && p->open_state == STATE_LOST_CONTACT)
			attend_unknown(f, p);
}

void attention_read(struct attention *out, struct site *s, int64_t waiting)
{
	struct attending attending = {s, out}, *f = &attending;
	attend_switch(f);
	attend_freezes(f, true);
	attend_pairs(f);
	attend_freezes(f, false);
	if (!waiting)
		return;
	struct arena *a = s->page;
	struct attention_row row = {
	        .status = status_of(STATUS_WAITING, NULL),
	        .what = words_count(a, waiting, "intent", "intents"),
	        .text = waiting == 1 ? STR("waits; each run judges it again.")
	                             : STR("wait; each run judges them again."),
	        .to = STR("index.html#waiting"),
	        .link = STR("What they wait for")};
	attend(f, row);
}
