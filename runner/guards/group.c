#include "runner/guard.h"

void guard_group(const struct facts *f, struct trace_row *row, struct arena *a)
{
	struct str service = f->request->service;
	if (!service.n) {
		guard_skip(row, a, "the intent names no service");
		return;
	}
	if (f->ntarget_services) {
		guard_skip(row, a, "it is about what is not of one service");
		return;
	}
	guard_input(row, "service", service);
	if (f->group) {
		guard_rule(row, f->group->services.span);
		guard_pass(row, a, "%" STR_FMT " is in %" STR_FMT,
		           STR_ARG(service), STR_ARG(f->group->id.s));
		return;
	}
	guard_refuse(row, a, f, DIAG_SERVICE_NOT_IN_DELIVERY_GROUP,
	             f->request->service_at,
	             "no delivery group lists %" STR_FMT, STR_ARG(service));
}
