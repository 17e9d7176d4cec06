#include "runner/rulings.h"

struct approvals {
	VEC(struct recorded_approval) list;
};

struct rulings {
	struct arena *arena;
	bool asked; /* the ledger, whether there are any */
	struct ruling_presence in_ledger;
	struct map holds;       /* place -> struct recorded_hold */
	struct map approvals;   /* path -> struct approvals */
	struct map withdrawals; /* path -> struct recorded_withdrawal */
};

struct rulings *rulings_new(struct arena *a)
{
	struct rulings *r = ARENA_NEW(a, struct rulings);
	r->arena = a;
	r->holds = map_new(a);
	r->approvals = map_new(a);
	r->withdrawals = map_new(a);
	return r;
}

bool rulings_are(enum intent_kind kind)
{
	return kind == INTENT_HOLD || kind == INTENT_APPROVAL ||
	       kind == INTENT_CANCEL || kind == INTENT_INCIDENT;
}

static struct str place(struct arena *a, const struct request *r)
{
	return map_key3(a, r->service, r->environment, r->version);
}

/* --- what was said about a request --------------------------------------- */

static bool lasts_longer(const struct recorded_hold *a,
                         const struct recorded_hold *b)
{
	if (!b || !b->until)
		return !b;
	return !a->until || a->until > b->until;
}

static bool find_hold(struct world *w, struct rulings *r, struct arena *a,
                      struct facts *f, struct fail *why)
{
	const struct request *q = f->request;
	struct recorded_hold *known = NULL;
	if (!q->service.n || !q->environment.n || !q->version.n)
		return true;
	if (r->in_ledger.holds &&
	    !ledger_hold(w->ledger, a, q->service, q->environment, q->version,
	                 f->now, &known, why))
		return false;
	if (r->holds.n) {
		struct recorded_hold *h = map_find(&r->holds, place(a, q));
		bool holds = h && (!h->until || f->now < h->until);
		if (holds && lasts_longer(h, known))
			known = h;
	}
	f->hold = known;
	return true;
}

struct collecting {
	struct arena *arena;
	struct approvals all;
};

static bool add_approval(void *context, const struct recorded_approval *v,
                         struct fail *why)
{
	struct collecting *c = context;
	struct recorded_approval *kept = vec_add(c->arena, &c->all.list);
	(void)why;
	*kept = *v;
	kept->blob = str_copy(c->arena, v->blob);
	kept->summary = str_copy(c->arena, v->summary);
	kept->actor = str_copy(c->arena, v->actor);
	kept->intent_path = str_copy(c->arena, v->intent_path);
	return true;
}

/* During a run what the pass allowed is in the ledger too: told twice is no
   more than told once, as persons are counted. */
static bool find_approvals(struct world *w, struct rulings *r, struct arena *a,
                           struct facts *f, struct fail *why)
{
	struct collecting c = {.arena = a};
	const struct approvals *new = map_find(&r->approvals, f->request->path);
	if (r->in_ledger.approvals &&
	    !ledger_approvals(w->ledger, f->request->path, add_approval, &c,
	                      why))
		return false;
	for (size_t i = 0; new &&i < new->list.n; i++)
		*vec_add(a, &c.all.list) = new->list.at[i];
	f->approvals = c.all.list.at;
	f->napprovals = c.all.list.n;
	return true;
}

static bool find_withdrawal(struct world *w, struct rulings *r, struct arena *a,
                            struct facts *f, struct fail *why)
{
	struct recorded_withdrawal *found =
	        map_find(&r->withdrawals, f->request->path);
	if (!found && r->in_ledger.withdrawals &&
	    !ledger_withdrawal(w->ledger, a, f->request->path, &found, why))
		return false;
	f->withdrawal = found;
	return true;
}

/* --- what a ruling is about ---------------------------------------------- */

static const struct packed_request *in_pass(const struct pass *p,
                                            struct str path)
{
	for (size_t i = 0; i < p->requests.n; i++)
		if (str_eq(packed_request_path(&p->requests.at[i]), path))
			return &p->requests.at[i];
	return NULL;
}

/* Its blob at the tip; zero where it does not stand there. */
static bool stands(struct world *w, const struct pass *p, struct arena *a,
                   struct str path, struct oid *blob, struct fail *why)
{
	const struct packed_request *r = p->worktree ? in_pass(p, path) : NULL;
	*blob = r ? r->blob : (struct oid){0};
	/* What may stand under intents/ has no odd characters. */
	if (p->worktree || !str_starts(path, STR("intents/")) ||
	    !str_ends(path, STR(".yaml")))
		return true;
	return repo_file(w->repo, &p->tip, str_cstr(a, path), blob, why) ||
	       fail_note(why, "looking for %" STR_FMT, STR_ARG(path));
}

/* The one that is judged, else as it was recorded, or stands at the tip. */
static bool read_target(struct world *w, const struct pass *p, struct arena *a,
                        const struct facts *f, struct str path,
                        const struct oid *blob, struct request *out,
                        struct fail *why)
{
	const struct packed_request *r = in_pass(p, path);
	if (r && (!f->target.known || f->target.waits)) {
		*out = packed_request_open(a, r);
		return true;
	}
	return gather_recorded(w, a, path, blob, out, why);
}

/* What a target is about that its path does not say. */
static bool find_services(struct world *w, const struct pass *p,
                          struct arena *a, struct facts *f, struct str path,
                          const struct oid *blob, struct fail *why)
{
	struct request target;
	VEC(struct str) services = {0};
	struct str folder = request_path_service(path);
	if (policy_group_of(p->policy, folder) || oid_is_zero(blob))
		return true;
	if (!read_target(w, p, a, f, path, blob, &target, why))
		return false;
	const struct request_more *more = request_more(&target);
	if (target.service.n && !folder.n)
		*vec_add(a, &services) = target.service;
	for (size_t i = 0; i < more->nmembers; i++)
		*vec_add(a, &services) = more->members[i].service;
	f->target_services = services.at;
	f->ntarget_services = services.n;
	return true;
}

static bool find_target(struct world *w, const struct pass *p, struct arena *a,
                        struct facts *f, struct fail *why)
{
	const struct ruling *said = request_more(f->request)->ruling;
	if (!said || !said->of.n || str_eq(said->of, f->request->path))
		return true;
	if (ledger_exists(w->ledger) &&
	    !ledger_intent(w->ledger, said->of, &f->target, why))
		return false;
	struct oid blob = f->target.blob;
	if (!f->target.known && !stands(w, p, a, said->of, &blob, why))
		return false;
	f->target_stands = !f->target.known && !oid_is_zero(&blob);
	return find_services(w, p, a, f, said->of, &blob, why);
}

static bool find_cause(struct world *w, struct arena *a, struct facts *f,
                       struct fail *why)
{
	const struct ruling *said = request_more(f->request)->ruling;
	struct deployment *cause = NULL;
	if (!said || !said->caused_by || !ledger_exists(w->ledger))
		return true;
	if (!ledger_deployment(w->ledger, a, said->caused_by, &cause, why))
		return false;
	f->cause = cause;
	return true;
}

/* --- all ----------------------------------------------------------------- */

static bool ask_once(struct world *w, struct rulings *r, struct fail *why)
{
	if (r->asked || !ledger_exists(w->ledger))
		return true;
	r->asked = true;
	return ledger_rulings(w->ledger, &r->in_ledger, why);
}

bool rulings_gather(struct world *w, const struct pass *p, struct rulings *r,
                    struct arena *a, struct facts *f, struct fail *why)
{
	enum intent_kind kind = f->request->kind;
	if (!ask_once(w, r, why) || !find_withdrawal(w, r, a, f, why))
		return false;
	if (kind == INTENT_APPROVAL || kind == INTENT_CANCEL)
		return find_target(w, p, a, f, why);
	if (kind == INTENT_INCIDENT)
		return find_cause(w, a, f, why);
	return find_hold(w, r, a, f, why) && find_approvals(w, r, a, f, why);
}

static void allow_hold(struct rulings *r, const struct facts *f,
                       const struct ruling *said)
{
	struct recorded_hold *h = ARENA_NEW(r->arena, struct recorded_hold);
	struct str key = place(r->arena, f->request);
	h->time = f->now;
	h->until = said->until;
	h->actor = str_copy(r->arena, f->actor.email);
	h->summary = said->summary;
	h->intent_path = f->request->path;
	if (lasts_longer(h, map_find(&r->holds, key)))
		map_put(&r->holds, key, h);
}

static void allow_approval(struct rulings *r, const struct facts *f,
                           const struct ruling *said)
{
	struct approvals *all =
	        MAP_MAKE(&r->approvals, said->of, struct approvals);
	*vec_add(r->arena, &all->list) = (struct recorded_approval){
	        .time = f->now,
	        .rejects = said->rejects,
	        .blob = said->digest,
	        .actor = str_copy(r->arena, f->actor.email),
	        .summary = said->summary,
	        .intent_path = f->request->path,
	};
}

static void allow_cancel(struct rulings *r, const struct facts *f,
                         const struct ruling *said)
{
	if (f->target.open_number || f->target.releasing)
		return;
	struct recorded_withdrawal *w =
	        ARENA_NEW(r->arena, struct recorded_withdrawal);
	w->time = f->now;
	w->actor = str_copy(r->arena, f->actor.email);
	w->summary = said->summary;
	w->intent_path = f->request->path;
	map_put(&r->withdrawals, said->of, w);
}

void rulings_allow(struct rulings *r, const struct facts *f)
{
	const struct ruling *said = request_more(f->request)->ruling;
	if (!said)
		return;
	if (f->request->kind == INTENT_HOLD)
		allow_hold(r, f, said);
	else if (f->request->kind == INTENT_APPROVAL)
		allow_approval(r, f, said);
	else if (f->request->kind == INTENT_CANCEL)
		allow_cancel(r, f, said);
}
