#include "runner/guard.h"

void guard_rollback_kind(const struct facts *f, struct trace_row *row,
                         struct arena *a)
{
	const struct request *r = f->request;
	const struct request_more *more = request_more(r);
	const struct deployment *d = f->undoes;
	if (!d) {
		guard_skip(row, a, "there is nothing to undo");
		return;
	}
	guard_input_int(row, "deployment", d->number);
	guard_input(row, "kind", str_of(deployment_kind_names[d->kind]));
	if (d->kind == KIND_ROLLBACK)
		guard_refuse(row, a, f, DIAG_ROLLBACK_OF_ROLLBACK,
		             more->of ? more->of_at : r->environment_at,
		             "deployment %lld%s is a rollback itself",
		             (long long)d->number,
		             more->of ? "" : ", which runs,");
	else
		guard_pass(row, a, "deployment %lld is no rollback",
		           (long long)d->number);
}
