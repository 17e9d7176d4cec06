#include "runner/guard.h"

void guard_soak(const struct facts *f, struct trace_row *row, struct arena *a)
{
	const struct moment *soak = facts_soak(f);
	const struct deployment *d = f->success;
	if (!soak) {
		guard_pass(row, a, "no soak time is asked for");
		return;
	}
	guard_rule(row, soak->at);
	if (!d) {
		guard_skip(row, a, "nothing has run that could soak");
		return;
	}
	struct str from = request_more(f->request)->from;
	int64_t met_at = d->finished_at + soak->t;
	guard_input_int(row, "deployment", d->number);
	guard_input_when(row, a, "since", d->finished_at);
	if (f->now >= met_at) {
		guard_pass(row, a, "%s in %" STR_FMT ", %s are asked for",
		           when_duration_words(f->now - d->finished_at).s,
		           STR_ARG(from), when_duration_words(soak->t).s);
		return;
	}
	guard_refuse(
	        row, a, f, DIAG_SOAK_NOT_MET, request_more(f->request)->from_at,
	        "%" STR_FMT " has been in %" STR_FMT
	        " since %s; the soak time is %s",
	        STR_ARG(d->version), STR_ARG(from), when_text(d->finished_at).s,
	        when_duration_words(soak->t).s);
	guard_ends(row, met_at, STR("the soak time is over"));
}
