#include "runner/judge.h"

#include <assert.h>
#include <string.h>

static void ask(struct trace_row *row, const struct guard *g,
                const struct facts *f, enum trace_words words, struct arena *a)
{
	/* The inputs past ninputs are never looked at: not worth clearing. */
	memset(row, 0, offsetof(struct trace_row, inputs));
	row->ninputs = 0;
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
	for (size_t i = 0; i < guard_count; i++) {
		struct trace_row *row = &d->trace[d->ntrace++];
		ask(row, &guards[i], f,
		    words     ? WORDS_ALL
		    : d->code ? WORDS_NONE
		              : WORDS_OF_REFUSAL,
		    a);
		if (row->result != TRACE_WAIT && row->result != TRACE_DENY)
			continue;
		refuse(d, row);
		if (row->next_allowed_at > d->next_allowed_at)
			d->next_allowed_at = row->next_allowed_at;
	}
	/* No time is promised for what a person has to change first. */
	if (d->outcome != OUTCOME_WAIT)
		d->next_allowed_at = 0;
}

void judge_replay(struct decision *d, struct str message)
{
	d->outcome = OUTCOME_REPLAY;
	d->code = DIAG_NONE;
	d->message = message;
	d->at = request_location(d->request, d->request->at);
}
