#include "runner/guard.h"

/* CONTRACT section 8: the end is exclusive; waiting counts from the run that
   first recorded the wait. */
void guard_expiry(const struct facts *f, struct trace_row *row, struct arena *a)
{
	const struct request *r = f->request;
	const struct request_more *more = request_more(r);
	const struct moment *limit = &f->policy->platform.waiting_expires_after;
	if (more->expires && f->now >= more->expires) {
		guard_refuse(row, a, f, DIAG_INTENT_EXPIRED, more->expires_at,
		             "the intent expired at %s",
		             when_text(more->expires).s);
	} else if (r->waiting && f->now >= more->waiting_since + limit->t) {
		guard_rule(row, limit->at);
		guard_refuse(row, a, f, DIAG_INTENT_EXPIRED, r->at,
		             "the intent has waited since %s; at most %s is "
		             "allowed",
		             when_text(more->waiting_since).s,
		             when_duration_text(limit->t).s);
	} else {
		guard_pass(row, a, "in time");
	}
}
