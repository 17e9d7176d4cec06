#include "runner/guard.h"

/* git's own object ids: SHA-1 or SHA-256, in full or abbreviated to 7. */
static bool is_commit_id(struct str s)
{
	return s.n >= 7 && s.n <= 64 && str_is_hex(s);
}

void guard_build_facts(const struct facts *f, struct trace_row *row,
                       struct arena *a)
{
	const struct request *r = f->request;
	const struct build *b = request_more(r)->build;
	if (r->invalid == DIAG_INVALID_BUILD_REGISTRATION)
		guard_refuse(row, a, f, r->invalid, request_more(r)->invalid_at,
		             "%" STR_FMT,
		             STR_ARG(request_more(r)->invalid_why));
	else if (!b)
		guard_skip(row, a, "the file does not decode");
	else if (!is_commit_id(b->commit))
		guard_refuse(row, a, f, DIAG_INVALID_BUILD_REGISTRATION,
		             b->commit_at,
		             "\"%" STR_FMT "\" is not a git commit id",
		             STR_ARG(b->commit));
	else
		guard_pass(row, a, "complete");
}
