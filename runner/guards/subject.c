#include "runner/guard.h"

static void incident(const struct facts *f, struct trace_row *row,
                     const struct ruling *said, struct arena *a)
{
	const struct request *r = f->request;
	const struct deployment *d = f->cause;
	if (!said->caused_by) {
		guard_pass(row, a, "it names no deployment");
		return;
	}
	guard_input_int(row, "causedBy", said->caused_by);
	if (d && str_eq(d->service, r->service) &&
	    str_eq(d->environment, r->environment))
		guard_pass(row, a, "deployment %lld is of this service there",
		           (long long)said->caused_by);
	else
		guard_refuse(row, a, f, DIAG_NOT_FOUND, said->caused_by_at,
		             "there is no deployment %lld of %" STR_FMT
		             " in %" STR_FMT,
		             (long long)said->caused_by, STR_ARG(r->service),
		             STR_ARG(r->environment));
}

static void ended(const struct facts *f, struct trace_row *row,
                  const struct ruling *said, struct arena *a)
{
	int64_t number = f->target.last_number;
	if (number)
		guard_refuse(row, a, f, DIAG_NOT_FOUND, said->of_at,
		             "its deployment %lld has ended",
		             (long long)number);
	else
		guard_refuse(row, a, f, DIAG_NOT_FOUND, said->of_at,
		             "nothing of %" STR_FMT
		             " waits or runs: it is decided",
		             STR_ARG(said->of));
	guard_hint(row, a, "There is nothing left to cancel.");
}

void guard_subject(const struct facts *f, struct trace_row *row,
                   struct arena *a)
{
	const struct ruling *said = request_more(f->request)->ruling;
	if (!said) {
		guard_skip(row, a, "the file does not decode");
		return;
	}
	if (f->request->kind == INTENT_INCIDENT) {
		incident(f, row, said, a);
		return;
	}
	guard_input(row, "of", said->of);
	bool open =
	        f->target.waits || f->target.open_number || f->target.releasing;
	if (!f->target.known && !f->target_stands) {
		guard_refuse(row, a, f, DIAG_NOT_FOUND, said->of_at,
		             "there is no intent %" STR_FMT, STR_ARG(said->of));
		guard_hint(row, a,
		           "Give the path of its file, from the root of the "
		           "repository.");
	} else if (f->target.known && !open &&
	           f->request->kind == INTENT_CANCEL) {
		ended(f, row, said, a);
	} else {
		guard_pass(row, a,
		           f->target.open_number || f->target.releasing
		                   ? "it runs"
		           : f->target.waits ? "it waits"
		           : f->target.known ? "it is decided"
		                             : "it is new");
	}
}
