#include "runner/history.h"

static void mean_version(struct facts *f, struct arena *a, struct str version)
{
	struct request *r = ARENA_NEW(a, struct request);
	*r = *f->request;
	r->version = version;
	f->request = r;
}

static bool promotion(struct ledger *l, struct arena *a, struct facts *f,
                      struct fail *why)
{
	const struct request *r = f->request;
	struct str from = request_more(r)->from;
	struct deployment *d = NULL;
	if (!from.n)
		return true;
	if (r->version.n ? !ledger_success(l, a, r->service, from, r->version,
	                                   &d, why)
	                 : !ledger_running(l, a, r->service, from, 0, &d, why))
		return false;
	if (d && !r->version.n)
		mean_version(f, a, d->version);
	f->success = d;
	return true;
}

/* What is undone: the one that the intent names, if it was made there, or what
   runs. */
static bool find_undone(struct ledger *l, struct arena *a, struct facts *f,
                        struct fail *why)
{
	const struct request *r = f->request;
	int64_t of = request_more(r)->of;
	struct deployment *d;
	if (!of) {
		if (!ledger_running(l, a, r->service, r->environment, 0, &d,
		                    why))
			return false;
		f->undoes = d;
		return true;
	}
	if (!ledger_deployment(l, a, of, &d, why))
		return false;
	if (d && str_eq(d->service, r->service) &&
	    str_eq(d->environment, r->environment))
		f->undoes = d;
	return true;
}

static bool rollback(struct ledger *l, struct arena *a, struct facts *f,
                     struct fail *why)
{
	const struct request *r = f->request;
	struct deployment *d = NULL;
	if (!r->environment.n)
		return true;
	if (!find_undone(l, a, f, why))
		return false;
	if (r->version.n) {
		if (!ledger_success(l, a, r->service, r->environment,
		                    r->version, &d, why))
			return false;
	} else if (f->undoes) {
		if (!ledger_success_before(l, a, f->undoes, &d, why))
			return false;
		if (d)
			mean_version(f, a, d->version);
	}
	f->success = d;
	return true;
}

/* What runs, of what the service needs. */
static bool needs(struct ledger *l, struct arena *a, struct facts *f,
                  struct fail *why)
{
	const struct need *need = f->service->needs.at;
	struct deployment **runs =
	        arena_array(a, f->service->needs.n, sizeof *runs);
	for (size_t i = 0; i < f->service->needs.n; i++)
		if (ledger_exists(l) &&
		    !ledger_running(l, a, need[i].service.s,
		                    f->request->environment, 0, &runs[i], why))
			return false;
	f->needs = (const struct deployment *const *)runs;
	return true;
}

static bool has_needs(const struct facts *f)
{
	return (f->request->kind == INTENT_DEPLOY ||
	        f->request->kind == INTENT_PROMOTE) &&
	       f->service && f->service->needs.n && f->request->environment.n;
}

/* What automation is not to bring back. */
static bool undone(struct ledger *l, struct arena *a, struct facts *f,
                   struct fail *why)
{
	const struct request *r = f->request;
	struct deployment *d;
	if (!facts_automation(f) || !r->environment.n || !r->version.n)
		return true;
	if (!ledger_undone(l, a, r->service, r->environment, r->version, &d,
	                   why))
		return false;
	f->undone = d;
	return true;
}

bool history_facts(struct ledger *l, struct arena *a, struct facts *f,
                   struct fail *why)
{
	if (has_needs(f) && !needs(l, a, f, why))
		return false;
	if (!f->request->service.n || !ledger_exists(l))
		return true;
	if (f->request->kind == INTENT_ROLLBACK)
		return rollback(l, a, f, why);
	if (f->request->kind == INTENT_PROMOTE && !promotion(l, a, f, why))
		return false;
	return (f->request->kind != INTENT_PROMOTE &&
	        f->request->kind != INTENT_DEPLOY) ||
	       undone(l, a, f, why);
}
