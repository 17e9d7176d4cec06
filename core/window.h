/*
 * window: when delivery is open, and when it is frozen: CONTRACT section 8,
 * "Windows". Pure functions of the policy and an instant.
 *
 * A window holds in half-open stretches. A dated one has one stretch, from
 * <= t < to. A weekly one has one for each of its days: from the instant at
 * which its zone's clock shows `from` on that day to the instant at which it
 * shows `to`; where `to` is not after `from`, on the next day. The stretch
 * belongs to the day that it begins on: [fri] 22:00 to 06:00 covers the early
 * Saturday, not the early Friday. Stretches that meet or overlap are one.
 *
 * On the days that the clock changes, both ends are what when_instant gives.
 * A time that the clock skips is the instant of the jump, so that a stretch
 * that lies in the skipped hour does not occur. A time that the clock shows
 * twice is the first of the two: 01:00 to 02:30 ends at the first 02:30, 02:30
 * to 04:00 begins at the first and lasts an hour longer than on other days.
 *
 * A weekly window without end is one whose stretches leave no gap. Searches
 * over several windows give up after WINDOW_CHANGES_MAX changes, with
 * WINDOW_NEVER: more than a year of a change a day.
 */
#ifndef CORE_WINDOW_H
#define CORE_WINDOW_H

#include "core/policy.h"

#define WINDOW_NEVER INT64_MAX
enum { WINDOW_CHANGES_MAX = 1000 };

/* Whether a window holds at an instant, and the first instant after it at
   which that is otherwise, or WINDOW_NEVER. */
struct window_state {
	bool holds;
	int64_t until;
};
struct window_state window_at(const struct window *w, int64_t t);

/* Who is asking. */
struct window_query {
	const struct policy *policy;
	struct str group, environment, service;
	bool rollback; /* windows that exempt rollbacks do not concern it */
	/* By enum window_type: before this instant windows_pass does not mind
	   windows of the type. 0: it always does. */
	int64_t waived_until[2];
};

/* What the windows of one type that concern a query say at an instant. */
struct windows {
	size_t n;      /* how many concern it */
	size_t exempt; /* how many more would, if it were no rollback */
	/* Of those that hold the one that holds longest, of the others the one
	   that begins first; the first in the policy where several do. */
	const struct window *holds, *begins;
	int64_t holds_until, begins_at; /* WINDOW_NEVER where there is none */
};
struct windows windows_at(const struct window_query *q, enum window_type type,
                          int64_t t);

/* An instant and the window that ends or begins then. */
struct window_change {
	int64_t at; /* WINDOW_NEVER: none is known */
	const struct window *window;
};

/* The first instant after t at which it is otherwise whether any window of
   the type holds. */
struct window_change windows_change(const struct window_query *q,
                                    enum window_type type, int64_t t);

/*
 * The first instant from t on at which no deny window holds and, where allow
 * windows concern the query, one of them does. `window` is the one that has to
 * end or begin for that: NULL where it is t itself, and where `at` is
 * WINDOW_NEVER.
 */
struct window_change windows_pass(const struct window_query *q, int64_t t);

#endif
