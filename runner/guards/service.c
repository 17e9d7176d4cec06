#include "runner/guard.h"

void guard_service(const struct facts *f, struct trace_row *row,
                   struct arena *a)
{
	struct str service = f->request->service;
	if (!service.n || (!f->group && !f->service)) {
		guard_skip(row, a, "the service is in no group");
		return;
	}
	guard_input(row, "service", service);
	if (f->service) {
		guard_rule(row, f->service->at);
		guard_pass(row, a, "described");
		return;
	}
	guard_rule(row, f->group->services.span);
	guard_refuse(row, a, f, DIAG_SERVICE_NOT_ALLOWLISTED,
	             f->request->service_at,
	             "the policy has no service document for %" STR_FMT,
	             STR_ARG(service));
}
