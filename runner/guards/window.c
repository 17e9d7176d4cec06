#include "runner/guard.h"

static void pass(const struct facts *f, const struct window_query *q,
                 const struct windows *all, struct trace_row *row,
                 struct arena *a)
{
	if (!all->holds) {
		guard_pass(row, a, "%s",
		           all->exempt ? "rollbacks are exempt"
		                       : "no delivery window concerns it");
		return;
	}
	guard_rule(row, all->holds->at);
	if (row->words != WORDS_ALL)
		return;
	struct window_change end = windows_change(q, WINDOW_ALLOW, f->now);
	bool ends = end.at != WINDOW_NEVER;
	guard_pass(row, a, "in the window %" STR_FMT ", open%s%s",
	           STR_ARG(all->holds->id.s), ends ? " until " : "",
	           ends ? when_text(end.at).s : "");
}

static void refuse(const struct facts *f, const struct windows *all,
                   struct trace_row *row, struct arena *a)
{
	const struct window *w = all->begins;
	struct spot at = f->request->environment_at;
	if (!w) {
		guard_refuse(row, a, f, DIAG_WINDOW_CLOSED, at,
		             "no delivery window is open, and none opens any "
		             "more");
		guard_hint(row, a,
		           "Ask a platform admin for a window, or for a "
		           "waiver.");
		return;
	}
	guard_rule(row, w->at);
	guard_input(row, "window", w->id.s);
	guard_input_when(row, a, "opens", all->begins_at);
	guard_refuse(row, a, f, DIAG_WINDOW_CLOSED, at,
	             "no delivery window is open; %" STR_FMT
	             " opens %s%s%" STR_FMT,
	             STR_ARG(w->id.s), when_text(all->begins_at).s,
	             w->reason.s.n ? ": " : "", STR_ARG(w->reason.s));
	struct window_change opens = {all->begins_at, w};
	guard_ends(row, opens.at, guard_change(a, &opens));
	guard_hint(row, a,
	           "Wait until %" STR_FMT
	           ", or ask a platform admin for a waiver.",
	           STR_ARG(row->ends_when));
}

void guard_window(const struct facts *f, struct trace_row *row, struct arena *a)
{
	struct window_query q;
	if (!facts_windows(f, &q)) {
		guard_skip(row, a, "there is no environment to look at");
		return;
	}
	struct windows all = windows_at(&q, WINDOW_ALLOW, f->now);
	if (all.n && !all.holds)
		refuse(f, &all, row, a);
	else
		pass(f, &q, &all, row, a);
}
