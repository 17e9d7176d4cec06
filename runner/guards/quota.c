#include "runner/guard.h"

void guard_quota(const struct facts *f, struct trace_row *row, struct arena *a)
{
	if (!f->has_quota) {
		guard_skip(row, a, "there is no group or environment to count");
		return;
	}
	guard_rule(row, f->quota.at);
	guard_input_int(row, "used", f->quota_used);
	guard_input_int(row, "limit", f->quota.n);
	guard_input(row, "origin", str_of(f->quota.origin));
	if (f->quota_used < f->quota.n) {
		guard_pass(row, a, "%lld of %lld left today",
		           (long long)(f->quota.n - f->quota_used),
		           (long long)f->quota.n);
		return;
	}
	guard_refuse(row, a, f, DIAG_QUOTA_EXCEEDED,
	             f->request->environment.n ? f->request->environment_at
	                                       : f->request->service_at,
	             "%" STR_FMT " has used %lld of %lld today",
	             STR_ARG(f->group->id.s), (long long)f->quota_used,
	             (long long)f->quota.n);
	guard_ends(row, f->quota_resets_at, STR("the next day's quota begins"));
}
