#include "runner/guard.h"

static void pass(const struct window_query *q, const struct windows *freezes,
                 struct trace_row *row, struct arena *a)
{
	if (freezes->begins) {
		guard_rule(row, freezes->begins->at);
		guard_pass(row, a,
		           "no freeze holds; the next one, %" STR_FMT
		           ", begins %s",
		           STR_ARG(freezes->begins->id.s),
		           when_text(freezes->begins_at).s);
	} else if (freezes->n) {
		guard_pass(row, a, "no freeze holds, and none is to come");
	} else if (q->rollback && freezes->exempt) {
		guard_pass(row, a, "rollbacks are exempt");
	} else {
		guard_pass(row, a, "no freeze concerns it");
	}
}

/* Freezes may follow each other: the last of them ends the wait. */
static void say_end(const struct facts *f, const struct window_query *q,
                    struct trace_row *row, struct arena *a)
{
	struct window_change end = windows_change(q, WINDOW_DENY, f->now);
	if (end.at == WINDOW_NEVER) {
		guard_hint(row, a,
		           "No end of it is in sight: ask a platform admin for "
		           "a waiver.");
		return;
	}
	guard_ends(row, end.at, guard_change(a, &end));
	guard_hint(row, a,
	           "Wait until %" STR_FMT
	           ", or ask a platform admin for a waiver.",
	           STR_ARG(row->ends_when));
}

void guard_freeze(const struct facts *f, struct trace_row *row, struct arena *a)
{
	struct window_query q;
	if (!facts_windows(f, &q)) {
		guard_skip(row, a, "there is no environment to look at");
		return;
	}
	struct windows freezes = windows_at(&q, WINDOW_DENY, f->now);
	const struct window *w = freezes.holds;
	if (!w) {
		pass(&q, &freezes, row, a);
		return;
	}
	bool ends = freezes.holds_until != WINDOW_NEVER;
	guard_rule(row, w->at);
	guard_input(row, "window", w->id.s);
	if (ends)
		guard_input_when(row, a, "until", freezes.holds_until);
	guard_refuse(row, a, f, DIAG_FREEZE_ACTIVE, f->request->environment_at,
	             "the freeze %" STR_FMT " holds%s%s%s%" STR_FMT,
	             STR_ARG(w->id.s), ends ? " until " : "",
	             ends ? when_text(freezes.holds_until).s : "",
	             w->reason.s.n ? ": " : "", STR_ARG(w->reason.s));
	say_end(f, &q, row, a);
}
