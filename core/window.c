#include "core/window.h"

/* Days before an instant's own on which a stretch that holds then may have
   begun: one for midnight, one for a clock that was set back over it. */
enum { DAYS_BEFORE = 2, DAYS_AFTER = 16, DAYS_IN_WEEK = 7 };

struct stretch {
	int64_t from, to;
};

/* The stretch that begins so many days after the date of c. */
static struct stretch stretch_of(const struct window *w, struct civil c,
                                 int days)
{
	const struct weekly *weekly = &w->when.weekly;
	struct civil end = {.year = c.year,
	                    .month = c.month,
	                    .day = c.day + days,
	                    .minute = weekly->from_minute};
	struct stretch s = {.from = when_instant(end, w->zone)};
	end.minute = weekly->to_minute;
	end.day += weekly->to_minute <= weekly->from_minute;
	s.to = when_instant(end, w->zone);
	return s;
}

/*
 * Stretches come in the order of their days, as the clock does. Where they
 * leave no gap for longer than a week there is none on the clock's face, and
 * never will be.
 */
static struct window_state weekly_at(const struct window *w, int64_t t)
{
	struct civil c = when_civil(t, w->zone);
	struct window_state state = {false, t};
	for (int i = -DAYS_BEFORE; i <= DAYS_AFTER; i++) {
		int weekday = (c.weekday + i + DAYS_IN_WEEK) % DAYS_IN_WEEK;
		if (!(w->when.weekly.day_bits & 1u << weekday))
			continue;
		struct stretch s = stretch_of(w, c, i);
		if (s.from >= s.to || s.to <= state.until)
			continue;
		if (s.from > state.until) {
			if (!state.holds)
				state.until = s.from;
			return state;
		}
		state = (struct window_state){true, s.to};
	}
	const int64_t week = (int64_t)(DAYS_IN_WEEK + 1) * 24 * 60 * 60;
	if (!state.holds || state.until - t > week)
		state.until = WINDOW_NEVER;
	return state;
}

struct window_state window_at(const struct window *w, int64_t t)
{
	const struct dated *dated = &w->when.dated;
	if (!dated->at.src)
		return weekly_at(w, t);
	if (t < dated->from.t)
		return (struct window_state){false, dated->from.t};
	if (t < dated->to.t)
		return (struct window_state){true, dated->to.t};
	return (struct window_state){false, WINDOW_NEVER};
}

static void take_state(struct windows *all, const struct window *w, int64_t t)
{
	struct window_state state = window_at(w, t);
	all->n++;
	if (state.holds && (!all->holds || state.until > all->holds_until)) {
		all->holds = w;
		all->holds_until = state.until;
	} else if (!state.holds && state.until < all->begins_at) {
		all->begins = w;
		all->begins_at = state.until;
	}
}

struct windows windows_at(const struct window_query *q, enum window_type type,
                          int64_t t)
{
	struct windows all = {.holds_until = WINDOW_NEVER,
	                      .begins_at = WINDOW_NEVER};
	for (size_t i = 0; i < q->policy->windows.n; i++) {
		const struct window *w = q->policy->windows.at[i];
		if (w->type.is != (int)type ||
		    !scope_covers(&w->scope, q->group, q->environment,
		                  q->service))
			continue;
		if (q->rollback && w->rollbacks.is == ROLLBACKS_EXEMPT)
			all.exempt++;
		else
			take_state(&all, w, t);
	}
	return all;
}

/* As windows_change, where the answer for t is known; *budget changes may be
   looked at. */
static struct window_change change_after(const struct window_query *q,
                                         enum window_type type,
                                         struct windows all, int *budget)
{
	struct window_change change = {all.begins_at, all.begins};
	while (all.holds && all.holds_until != WINDOW_NEVER && *budget > 0) {
		change = (struct window_change){all.holds_until, all.holds};
		all = windows_at(q, type, change.at);
		--*budget;
	}
	return all.holds ? (struct window_change){WINDOW_NEVER, NULL} : change;
}

struct window_change windows_change(const struct window_query *q,
                                    enum window_type type, int64_t t)
{
	int budget = WINDOW_CHANGES_MAX;
	return change_after(q, type, windows_at(q, type, t), &budget);
}

struct window_change windows_pass(const struct window_query *q, int64_t t)
{
	int budget = WINDOW_CHANGES_MAX;
	struct window_change pass = {t, NULL};
	while (pass.at != WINDOW_NEVER && budget-- > 0) {
		struct windows deny = windows_at(q, WINDOW_DENY, pass.at);
		if (deny.holds && pass.at >= q->waived_until[WINDOW_DENY]) {
			pass = change_after(q, WINDOW_DENY, deny, &budget);
			continue;
		}
		struct windows allow = windows_at(q, WINDOW_ALLOW, pass.at);
		if (!allow.n || allow.holds ||
		    pass.at < q->waived_until[WINDOW_ALLOW])
			return pass;
		pass = (struct window_change){allow.begins_at, allow.begins};
	}
	return (struct window_change){WINDOW_NEVER, NULL};
}
