#include "runner/guard.h"

static void refuse_held(const struct facts *f, struct trace_row *row,
                        struct arena *a)
{
	const struct recorded_hold *h = f->hold;
	const struct request *r = f->request;
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

/* A rollback is a person's word that this version is not to run there. */
static void refuse_undone(const struct facts *f, struct trace_row *row,
                          struct arena *a)
{
	const struct request *r = f->request;
	guard_input_int(row, "deployment", f->undone->number);
	guard_input(row, "automation", str_of(facts_automation(f)));
	guard_refuse(row, a, f, DIAG_VERSION_ON_HOLD,
	             r->version_at.line ? r->version_at : r->environment_at,
	             "%" STR_FMT " was rolled back in %" STR_FMT
	             " (deployment %lld), and automation does not bring it "
	             "back: %s",
	             STR_ARG(r->version), STR_ARG(r->environment),
	             (long long)f->undone->number, facts_automation(f));
	guard_hint(row, a,
	           "Register a version that is mended, or let a person deploy "
	           "this one with an intent of their own.");
}

void guard_hold(const struct facts *f, struct trace_row *row, struct arena *a)
{
	const struct recorded_hold *h = f->hold;
	/* The end is exclusive: CONTRACT section 8. */
	if (h && (!h->until || f->now < h->until))
		refuse_held(f, row, a);
	else if (f->undone && facts_automation(f))
		refuse_undone(f, row, a);
	else
		guard_pass(row, a, "no hold");
}
