#include "runner/guard.h"

void guard_hold(const struct facts *f, struct trace_row *row, struct arena *a)
{
	const struct recorded_hold *h = f->hold;
	const struct request *r = f->request;
	/* The end is exclusive: CONTRACT section 8. */
	if (!h || (h->until && f->now >= h->until)) {
		guard_pass(row, a, "no hold");
		return;
	}
	guard_input(row, "hold", h->intent_path);
	if (h->until)
		guard_input_when(row, a, "until", h->until);
	guard_refuse(row, a, f, DIAG_VERSION_ON_HOLD,
	             r->version_at.line ? r->version_at : r->environment_at,
	             "%" STR_FMT " is on hold in %" STR_FMT "%s%s, by %" STR_FMT
	             "%s%" STR_FMT,
	             STR_ARG(r->version), STR_ARG(r->environment),
	             h->until ? " until " : "",
	             h->until ? when_text(h->until).s : "", STR_ARG(h->actor),
	             h->summary.n ? ": " : "", STR_ARG(h->summary));
	if (!h->until)
		guard_hint(row, a,
		           "Deploy another version: the hold has no end.");
}
