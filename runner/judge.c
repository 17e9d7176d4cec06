#include "runner/judge.h"

#include <assert.h>
#include <string.h>

static void ask(struct trace_row *row, const struct guard *g,
                const struct facts *f, enum trace_words words, struct arena *a)
{
	/* The inputs past ninputs are never looked at: not worth clearing. */
	memset(row, 0, offsetof(struct trace_row, inputs));
	row->guardrail = g->name;
	row->title = g->title;
	row->words = words;
	/* Where even the kind could not be read, only what concerns all
	   kinds can be asked. */
	bool concerned = f->request->kind == INTENT_UNKNOWN
	                         ? g->kinds == FOR_ALL
	                         : (g->kinds & 1u << f->request->kind) != 0;
	row->result = concerned ? TRACE_PASS : TRACE_SKIP;
	if (concerned)
		g->check(f, row, a);
	else
		row->detail = STR("does not concern this kind of intent");
}

/* What would have been refused, were it not for the waiver. */
static void waive(struct trace_row *row, const struct waiver *w,
                  struct arena *a)
{
	bool waits = row->result == TRACE_WAIT;
	row->result = TRACE_WAIVED;
	row->next_allowed_at = 0;
	row->hint = STR("");
	if (row->words != WORDS_ALL)
		return;
	row->detail = str_format(
	        a,
	        "would have %s: %" STR_FMT "; waived by %" STR_FMT " (%" STR_FMT
	        ": %" STR_FMT ") until %s",
	        waits ? "to wait" : "been denied", STR_ARG(row->detail),
	        STR_ARG(w->id.s), STR_ARG(w->owner.s), STR_ARG(w->reason.s),
	        when_text(w->expires.t).s);
}

static void refuse(struct decision *d, const struct trace_row *row)
{
	if (d->code != DIAG_NONE) {
		assert(d->nalso < VERDICT_ALSO_MAX);
		d->also[d->nalso++] = row->code;
		return;
	}
	d->code = row->code;
	d->outcome = row->result == TRACE_WAIT ? OUTCOME_WAIT : OUTCOME_DENY;
	d->message = row->detail;
	d->hint = row->hint.n ? row->hint : str_of(diag_info(row->code)->hint);
	d->at = row->at;
}

static void add_hint(struct decision *d, struct arena *a, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));

static void add_hint(struct decision *d, struct arena *a, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	struct str more = str_vformat(a, fmt, args);
	va_end(args);
	d->hint = str_format(a, "%" STR_FMT " %" STR_FMT, STR_ARG(d->hint),
	                     STR_ARG(more));
}

/* Who has to wait longer than the intent lasts should hear of it now. */
static void warn_of_expiry(struct decision *d, const struct facts *f,
                           struct arena *a)
{
	const struct request_more *more = request_more(f->request);
	int64_t limit = f->policy->platform.waiting_expires_after.t;
	int64_t since = f->request->waiting ? more->waiting_since : f->now;
	if (more->expires && more->expires <= d->next_allowed_at)
		add_hint(d, a, "The intent expires before that, at %s.",
		         when_text(more->expires).s);
	else if (since + limit <= d->next_allowed_at)
		add_hint(d, a,
		         "The intent expires before that: at most %s of "
		         "waiting is allowed.",
		         when_duration_text(limit).s);
}

/*
 * Every wait with a known end but those for windows is over for good at that
 * end: from the last of them on, windows alone decide. `last` is the row with
 * the latest end.
 */
static void promise(struct decision *d, const struct facts *f,
                    const struct trace_row *decisive,
                    const struct trace_row *last, struct arena *a)
{
	struct window_query q;
	struct window_change pass = {last->next_allowed_at, NULL};
	if (facts_windows(f, &q))
		pass = windows_pass(&q, pass.at);
	if (pass.at == WINDOW_NEVER) {
		/* A row without an end has said so itself. */
		if (decisive->next_allowed_at)
			add_hint(d, a,
			         "No time is in sight that lies in a delivery "
			         "window and in no freeze.");
		return;
	}
	struct str what =
	        pass.window ? guard_change(a, &pass) : last->ends_when;
	if (pass.window || last != decisive)
		add_hint(d, a, "Earliest: %" STR_FMT ".", STR_ARG(what));
	d->next_allowed_at = pass.at;
	warn_of_expiry(d, f, a);
}

void judge(struct decision *d, const struct facts *f, bool words,
           struct arena *a)
{
	d->outcome = OUTCOME_ALLOW;
	d->code = DIAG_NONE;
	d->message = STR("allowed");
	d->hint = STR("");
	d->at = request_location(f->request, f->request->at);
	d->ntrace = d->nalso = 0;
	d->next_allowed_at = 0;
	const struct trace_row *decisive = NULL, *last = NULL;
	for (size_t i = 0; i < guard_count; i++) {
		struct trace_row *row = &d->trace[d->ntrace++];
		ask(row, &guards[i], f,
		    words     ? WORDS_ALL
		    : d->code ? WORDS_NONE
		              : WORDS_OF_REFUSAL,
		    a);
		if (row->result != TRACE_WAIT && row->result != TRACE_DENY)
			continue;
		const struct waiver *w = facts_waiver(f, row->code);
		if (w) {
			waive(row, w, a);
			continue;
		}
		refuse(d, row);
		decisive = decisive ? decisive : row;
		if (row->next_allowed_at > (last ? last->next_allowed_at : 0))
			last = row;
	}
	/* No time is promised for what a person has to change first. */
	if (d->outcome == OUTCOME_WAIT && last)
		promise(d, f, decisive, last, a);
}

void judge_replay(struct decision *d, struct str message)
{
	d->outcome = OUTCOME_REPLAY;
	d->code = DIAG_NONE;
	d->message = message;
	d->at = request_location(d->request, d->request->at);
}
