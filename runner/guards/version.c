#include "runner/guard.h"

void guard_version(const struct facts *f, struct trace_row *row,
                   struct arena *a)
{
	const struct request *r = f->request;
	/* A version that the ledger gave had the form once. */
	if (!r->version.n || !r->version_at.line) {
		guard_skip(row, a, "the intent names no version");
		return;
	}
	const struct service *s = f->service;
	guard_input(row, "version", r->version);
	if (s && s->pattern)
		guard_rule(row, s->version_pattern.at);
	if (r->version.n <= VERSION_MAX_BYTES &&
	    version_matches(s ? s->pattern : NULL, r->version)) {
		guard_pass(row, a, "%" STR_FMT " has the right form",
		           STR_ARG(r->version));
		return;
	}
	struct str pattern = s && s->pattern ? s->version_pattern.s
	                                     : STR(VERSION_DEFAULT_PATTERN);
	guard_refuse(row, a, f, DIAG_INVALID_VERSION, r->version_at,
	             "\"%" STR_FMT "\" does not have the form %" STR_FMT,
	             STR_ARG(str_head(r->version, VERSION_MAX_BYTES)),
	             STR_ARG(pattern));
}
