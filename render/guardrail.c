#include "render/guardrail.h"

#include "core/when.h"
#include "core/window.h"
#include "render/chart.h"

static bool left(struct str *out, int64_t *used, struct site *s,
                 const struct group *g, struct str environment,
                 enum limit limit, struct fail *why)
{
	const struct zone *zone = s->policy->platform.zone;
	int64_t max = policy_limit(s->policy, g, environment, limit).n;
	if (!ledger_quota(s->ledger, limit, g->id.s, environment,
	                  when_day_start(s->now, zone),
	                  when_day_end(s->now, zone), used, why))
		return false;
	*out = str_format(s->page, "%lld of %lld",
	                  (long long)(*used < max ? max - *used : 0),
	                  (long long)max);
	return true;
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

/* A freeze that holds, or a window that is closed, closes all of it. */
static bool read_windows(struct headroom *out, struct site *s,
                         const struct group *g, struct str environment)
{
	const struct window_query q = {.policy = s->policy,
	                               .group = g->id.s,
	                               .environment = environment};
	struct buf b = buf_new(s->page, 4096);
	struct windows deny = windows_at(&q, WINDOW_DENY, s->now);
	struct windows allow = windows_at(&q, WINDOW_ALLOW, s->now);
	struct window_change end = windows_change(
	        &q, allow.holds ? WINDOW_ALLOW : WINDOW_DENY, s->now);
	bool closed = allow.n && !allow.holds;
	if (deny.holds) {
		out->status = status_of(STATUS_DENIED, "Frozen");
		say_window(&b, s, "The freeze", deny.holds, "ends",
		           deny.holds_until);
	} else if (closed) {
		out->status = status_of(STATUS_DENIED, "Closed");
	}
	if (closed && allow.begins)
		say_window(&b, s, "The window", allow.begins, "opens",
		           allow.begins_at);
	else if (closed)
		buf_add(&b, STR("No window opens any more."));
	else if (allow.holds && !deny.holds && end.window)
		say_window(&b, s, "The window", end.window, "closes", end.at);
	if (!deny.holds && deny.begins)
		say_window(&b, s, "The freeze", deny.begins, "begins",
		           deny.begins_at);
	out->window = buf_str(&b);
	return deny.holds || closed;
}

bool headroom_read(struct headroom *out, struct site *s, const struct group *g,
                   struct str environment, struct fail *why)
{
	int64_t deploys, rollbacks, open;
	int64_t slots = policy_limit(s->policy, g, environment,
	                             LIMIT_CONCURRENT_DEPLOYMENTS)
	                        .n;
	int64_t most =
	        policy_limit(s->policy, g, environment, LIMIT_DAILY_DEPLOYS).n;
	*out = (struct headroom){0};
	if (!ledger_slots(s->ledger, g->id.s, environment, &open, why) ||
	    !left(&out->deploys, &deploys, s, g, environment,
	          LIMIT_DAILY_DEPLOYS, why) ||
	    !left(&out->rollbacks, &rollbacks, s, g, environment,
	          LIMIT_DAILY_ROLLBACKS, why))
		return false;
	out->slots = str_format(s->page, "%lld of %lld", (long long)open,
	                        (long long)slots);
	out->gauge = chart_gauge(s->page, deploys, most);
	out->stopped = policy_mutations_stop(s->policy, g->id.s, environment);
	bool disabled = is_disabled(s, g, environment);
	bool closed = read_windows(out, s, g, environment);
	int of_slots = percent(open, slots),
	    of_deploys = percent(deploys, most);
	out->used = out->stopped || disabled || closed ? 100
	            : of_slots > of_deploys            ? of_slots
	                                               : of_deploys;
	out->status = out->stopped ? status_of(STATUS_DENIED, "Switched off")
	              : disabled   ? status_of(STATUS_CANCELED, "Disabled")
	              : closed     ? out->status
	              : deploys >= most
	                      ? status_of(STATUS_DENIED, "Quota used up")
	              : open >= slots ? status_of(STATUS_RUNNING, "Busy")
	                              : status_of(STATUS_OK, "Open");
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
