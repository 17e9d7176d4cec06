#include "runner/guard.h"

static bool is_met(const struct need *need, const struct deployment *runs)
{
	return runs && version_cmp(runs->version, need->min_version.s) >= 0;
}

static void refuse(const struct facts *f, size_t i, struct trace_row *row,
                   struct arena *a)
{
	const struct need *need =
	        &((const struct need *)f->service->needs.at)[i];
	const struct deployment *runs = f->needs[i];
	struct str place = f->request->environment;
	guard_rule(row, need->service.at);
	guard_input(row, "service", need->service.s);
	guard_input(row, "needed", need->min_version.s);
	guard_input(row, "runs", runs ? runs->version : STR(""));
	guard_refuse(row, a, f, DIAG_DEPENDENCY_NOT_READY,
	             f->request->environment_at,
	             "%" STR_FMT " needs %" STR_FMT " %" STR_FMT
	             " or later in %" STR_FMT ", where %s%" STR_FMT " runs",
	             STR_ARG(f->service->name.s), STR_ARG(need->service.s),
	             STR_ARG(need->min_version.s), STR_ARG(place),
	             runs ? "" : "none",
	             STR_ARG(runs ? runs->version : STR("")));
	guard_hint(row, a,
	           "Deploy %" STR_FMT " %" STR_FMT " or later to %" STR_FMT
	           " first.",
	           STR_ARG(need->service.s), STR_ARG(need->min_version.s),
	           STR_ARG(place));
}

/* A rollback is not held up by what the version before it did not need. */
void guard_dependency(const struct facts *f, struct trace_row *row,
                      struct arena *a)
{
	const struct need *need = f->service ? f->service->needs.at : NULL;
	if (!f->service || !f->service->needs.n) {
		guard_pass(row, a, "it needs no other service");
		return;
	}
	guard_rule(row, f->service->needs.span);
	if (!f->needs) {
		guard_skip(row, a, "there is no environment to look at");
		return;
	}
	for (size_t i = 0; i < f->service->needs.n; i++)
		if (!is_met(&need[i], f->needs[i])) {
			refuse(f, i, row, a);
			return;
		}
	guard_pass(row, a, "what it needs runs there");
}
