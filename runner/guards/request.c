#include "runner/guard.h"

/* The folder of a path under intents/, empty for a file in intents/ itself. */
static struct str folder(struct str path)
{
	struct str top, rest, service, tail;
	str_cut(path, '/', &top, &rest);
	return str_cut(rest, '/', &service, &tail) ? service : STR("");
}

/* CONTRACT section 8, "Files": approvals and cancels may stand in the folder
   of the service that they are about, or in intents/; section 1: incidents
   too. */
static bool may_stand_outside(enum intent_kind kind)
{
	return kind == INTENT_APPROVAL || kind == INTENT_CANCEL ||
	       kind == INTENT_INCIDENT;
}

static bool is_misplaced(const struct request *r)
{
	struct str service = folder(r->path);
	if (r->member || !r->service.n ||
	    (!service.n && may_stand_outside(r->kind)))
		return false;
	return !str_eq(service, r->service);
}

void guard_request(const struct facts *f, struct trace_row *row,
                   struct arena *a)
{
	const struct request *r = f->request;
	if (r->invalid == DIAG_INVALID_REQUEST) {
		guard_refuse(row, a, f, r->invalid, request_more(r)->invalid_at,
		             "%" STR_FMT,
		             STR_ARG(request_more(r)->invalid_why));
	} else if (r->invalid != DIAG_NONE) {
		guard_skip(row, a, "the keys of the build are at fault");
	} else if (is_misplaced(r)) {
		guard_refuse(row, a, f, DIAG_INVALID_REQUEST, r->service_at,
		             "the intent is for %" STR_FMT
		             " but does not stand in intents/%" STR_FMT "/",
		             STR_ARG(r->service), STR_ARG(r->service));
		guard_hint(row, a,
		           "Move the file to intents/%" STR_FMT
		           "/, or correct the service.",
		           STR_ARG(r->service));
	} else if (r->summary_is_blank) {
		guard_refuse(row, a, f, DIAG_INVALID_REQUEST, r->summary_at,
		             "the summary is blank");
		guard_hint(row, a, "Say in one sentence why this is wanted.");
	} else if (r->summary_length > SUMMARY_MAX) {
		guard_refuse(row, a, f, DIAG_INVALID_REQUEST, r->summary_at,
		             "the summary has %u characters; at most %d fit",
		             r->summary_length, SUMMARY_MAX);
		guard_hint(row, a,
		           "Shorten the summary; details belong into "
		           "the commit message.");
	} else {
		guard_pass(row, a, "decodes");
	}
}
