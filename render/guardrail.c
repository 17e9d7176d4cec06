#include "render/guardrail.h"

#include "core/when.h"
#include "core/window.h"
#include "render/chart.h"

/* What is used up; the same for all services of a group. */
struct usage {
	int64_t deploys, rollbacks, open;
};

static struct usage *usage_of(struct site *s, const struct group *g,
                              struct str environment, struct fail *why)
{
	const struct zone *zone = s->policy->platform.zone;
	int64_t from = when_day_start(s->now, zone);
	int64_t to = when_day_end(s->now, zone);
	struct str key = str_format(s->page, "%" STR_FMT "/%" STR_FMT,
	                            STR_ARG(g->id.s), STR_ARG(environment));
	struct usage *u = map_find(&s->usage, key);
	site_until(s, to);
	if (u)
		return u;
	u = ARENA_NEW(s->arena, struct usage);
	/* What was overdue by then, that run has recorded. */
	if (!ledger_slots(s->ledger, g->id.s, environment, s->last_run,
	                  &u->open, why) ||
	    !ledger_quota(s->ledger, LIMIT_DAILY_DEPLOYS, g->id.s, environment,
	                  from, to, &u->deploys, why) ||
	    !ledger_quota(s->ledger, LIMIT_DAILY_ROLLBACKS, g->id.s,
	                  environment, from, to, &u->rollbacks, why))
		return NULL;
	map_put(&s->usage, str_copy(s->arena, key), u);
	return u;
}

static struct str left(struct site *s, int64_t used, int64_t max)
{
	return str_format(s->page, "%lld of %lld",
	                  (long long)(used < max ? max - used : 0),
	                  (long long)max);
}

static bool is_disabled(const struct site *s, const struct group *g,
                        struct str environment)
{
	const struct group_environment *step =
	        group_environment_of(g, environment);
	const struct environment *e =
	        policy_environment(s->policy, environment);
	bool off = step && GIVEN(step->enabled) && !step->enabled.on;
	return off || (e && e->lifecycle.is != LIFECYCLE_ACTIVE);
}

static int percent(int64_t used, int64_t most)
{
	return used >= most ? 100 : (int)(used * 100 / most);
}

/* --- windows and freezes ------------------------------------------------ */

static void say_window(struct buf *b, struct site *s, const char *what,
                       const struct window *w, const char *does, int64_t at)
{
	if (b->n)
		buf_add_char(b, ' ');
	buf_format(b, "%s%s%" STR_FMT " %s %" STR_FMT ".", what,
	           *what ? " " : "", STR_ARG(w->id.s), does,
	           STR_ARG(words_stamp(s->page, at)));
}

/* Any window that concerns it may change what is said. */
static void until_windows_change(struct site *s, struct str service)
{
	const struct policy *p = s->policy;
	for (size_t i = 0; i < p->windows.n; i++) {
		const struct window *w = p->windows.at[i];
		if (!w->scope.services.n ||
		    texts_has(&w->scope.services, service))
			site_until(s, window_at(w, s->now).until);
	}
}

static struct str window_words(struct headroom *h, struct site *s,
                               const struct window_query *q)
{
	struct buf b = buf_new(s->page, 4096);
	const struct windows *deny = &h->deny, *allow = &h->allow;
	struct window_change end = windows_change(
	        q, allow->holds ? WINDOW_ALLOW : WINDOW_DENY, s->now);
	if (deny->holds)
		say_window(&b, s, "The freeze", deny->holds, "ends",
		           deny->holds_until);
	if (h->is_closed && allow->begins)
		say_window(&b, s, "The window", allow->begins, "opens",
		           allow->begins_at);
	else if (h->is_closed)
		buf_add(&b, STR("No window opens any more."));
	else if (allow->holds && !deny->holds && end.window)
		say_window(&b, s, "The window", end.window, "closes", end.at);
	if (!deny->holds && deny->begins)
		say_window(&b, s, "The freeze", deny->begins, "begins",
		           deny->begins_at);
	return buf_str(&b);
}

/* A freeze that holds, or a window that is closed, closes all of it. */
static void read_windows(struct headroom *h, struct site *s,
                         const struct group *g, struct str environment,
                         struct str service)
{
	const struct window_query q = {.policy = s->policy,
	                               .group = g->id.s,
	                               .environment = environment,
	                               .service = service};
	h->deny = windows_at(&q, WINDOW_DENY, s->now);
	h->allow = windows_at(&q, WINDOW_ALLOW, s->now);
	h->is_frozen = h->deny.holds != NULL;
	h->is_closed = h->allow.n && !h->allow.holds;
	h->window = window_words(h, s, &q);
	until_windows_change(s, service);
}

static void sum_up(struct headroom *h)
{
	bool closed = h->is_frozen || h->is_closed;
	int slots = percent(h->in_progress, h->at_once);
	int deploys = percent(h->deployed, h->daily);
	h->used = h->stopped || h->disabled || closed ? 100
	          : slots > deploys                   ? slots
	                                              : deploys;
	h->status = h->stopped     ? status_of(STATUS_DENIED, "Switched off")
	            : h->disabled  ? status_of(STATUS_CANCELED, "Disabled")
	            : h->is_frozen ? status_of(STATUS_DENIED, "Frozen")
	            : h->is_closed ? status_of(STATUS_DENIED, "Closed")
	            : h->deployed >= h->daily
	                    ? status_of(STATUS_DENIED, "Quota used up")
	            : h->in_progress >= h->at_once
	                    ? status_of(STATUS_RUNNING, "Busy")
	                    : status_of(STATUS_OK, "Open");
}

bool headroom_read(struct headroom *h, struct site *s, const struct group *g,
                   struct str environment, struct str service, struct fail *why)
{
	const struct policy *p = s->policy;
	const struct usage *u = usage_of(s, g, environment, why);
	if (!u)
		return false;
	int64_t rollbacks =
	        policy_limit(p, g, environment, LIMIT_DAILY_ROLLBACKS).n;
	*h = (struct headroom){
	        .in_progress = u->open,
	        .at_once = policy_limit(p, g, environment,
	                                LIMIT_CONCURRENT_DEPLOYMENTS)
	                           .n,
	        .deployed = u->deploys,
	        .daily = policy_limit(p, g, environment, LIMIT_DAILY_DEPLOYS).n,
	        .stopped = policy_mutations_stop(p, g->id.s, environment),
	        .disabled = is_disabled(s, g, environment)};
	h->deploys = left(s, u->deploys, h->daily);
	h->rollbacks = left(s, u->rollbacks, rollbacks);
	h->slots = str_format(s->page, "%lld of %lld", (long long)u->open,
	                      (long long)h->at_once);
	h->gauge = chart_gauge(s->page, u->deploys, h->daily);
	h->rollbacks_gauge = chart_gauge(s->page, u->rollbacks, rollbacks);
	h->slots_gauge = chart_gauge(s->page, u->open, h->at_once);
	read_windows(h, s, g, environment, service);
	sum_up(h);
	return true;
}

static void add_names(struct buf *b, const char *before,
                      const struct texts *names)
{
	for (size_t i = 0; i < names->n; i++) {
		buf_add(b, str_of(i ? ", " : before));
		buf_add(b, names->at[i].s);
	}
}

struct str switch_words(struct site *s)
{
	const struct mutations *m = &s->policy->platform.mutations;
	if (!m->is_disabled)
		return STR("Dispatching is allowed everywhere.");
	struct buf b = buf_new(s->page, 4096);
	buf_add(&b, m->environments.n || m->groups.n
	                    ? STR("Nothing is dispatched")
	                    : STR("Nothing is dispatched anywhere"));
	add_names(&b, " in ", &m->environments);
	add_names(&b, " for ", &m->groups);
	if (m->reason.s.n) {
		buf_add(&b, STR(": "));
		buf_add(&b, words_line(s->page, m->reason.s));
	}
	if (!str_ends(buf_str(&b), STR(".")))
		buf_add_char(&b, '.');
	return buf_str(&b);
}
