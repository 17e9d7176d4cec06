#include "runner/guard.h"

/* The place of the version, or of what stands for it. */
static struct spot version_spot(const struct request *r)
{
	return r->version_at.line ? r->version_at : request_more(r)->from_at;
}

void guard_promotion_version(const struct facts *f, struct trace_row *row,
                             struct arena *a)
{
	const struct request *r = f->request;
	const struct deployment *d = f->success;
	struct str from = request_more(r)->from;
	if (!from.n || !r->service.n) {
		guard_skip(row, a, "the intent does not say from where");
		return;
	}
	guard_input(row, "from", from);
	if (r->version.n)
		guard_input(row, "version", r->version);
	if (d)
		guard_input_int(row, "deployment", d->number);
	if (d && d->outcome != RESULT_ROLLED_BACK)
		guard_pass(row, a,
		           "%" STR_FMT " succeeded in %" STR_FMT
		           " as deployment %lld",
		           STR_ARG(r->version), STR_ARG(from),
		           (long long)d->number);
	else if (d)
		guard_refuse(row, a, f, DIAG_PROMOTION_VERSION_INELIGIBLE,
		             version_spot(r),
		             "%" STR_FMT " was rolled back in %" STR_FMT
		             " (deployment %lld)",
		             STR_ARG(r->version), STR_ARG(from),
		             (long long)d->number);
	else if (r->version.n)
		guard_refuse(row, a, f, DIAG_PROMOTION_VERSION_INELIGIBLE,
		             version_spot(r),
		             "%" STR_FMT " %" STR_FMT
		             " never succeeded in %" STR_FMT,
		             STR_ARG(r->service), STR_ARG(r->version),
		             STR_ARG(from));
	else
		guard_refuse(row, a, f, DIAG_PROMOTION_VERSION_INELIGIBLE,
		             version_spot(r),
		             "the intent names no version, and no %" STR_FMT
		             " runs in %" STR_FMT,
		             STR_ARG(r->service), STR_ARG(from));
}
