#include "runner/release.h"

#include "core/sha256.h"

struct str release_token(struct arena *a, struct str repository,
                         const struct request *member, size_t i)
{
	struct str path =
	        str_format(a, "%" STR_FMT "#%zu", STR_ARG(member->path), i + 1);
	return sha256_token(a, repository, path,
	                    str_of(oid_hex(&member->blob).s));
}

/* --- one decision of many ------------------------------------------------- */

/* A slot may come free before the later members' turn. */
static bool only_lacks_slot(const struct decision *d)
{
	return d->outcome == OUTCOME_WAIT &&
	       d->code == DIAG_CONCURRENCY_LIMIT_REACHED && !d->nalso;
}

static void add_also(struct decision *d, enum diag_code code)
{
	bool known = code == DIAG_NONE || code == d->code;
	for (size_t i = 0; i < d->nalso; i++)
		known |= d->also[i] == code;
	if (!known && d->nalso < VERDICT_ALSO_MAX)
		d->also[d->nalso++] = code;
}

/* The codes in the order of the table, as `also` of any decision. */
static void sort_also(struct decision *d)
{
	for (size_t i = 1; i < d->nalso; i++)
		for (size_t k = i; k && d->also[k - 1] > d->also[k]; k--) {
			enum diag_code code = d->also[k];
			d->also[k] = d->also[k - 1];
			d->also[k - 1] = code;
		}
}

static void take(struct decision *d, const struct decision *item,
                 struct arena *a)
{
	enum diag_code before = d->code;
	d->outcome = item->outcome;
	d->code = item->code;
	d->message = str_format(a, "%" STR_FMT " to %" STR_FMT ": %" STR_FMT,
	                        STR_ARG(item->request->service),
	                        STR_ARG(item->request->environment),
	                        STR_ARG(item->message));
	d->hint = item->hint;
	d->at = item->at;
	d->next_allowed_at = item->next_allowed_at;
	add_also(d, before);
}

/* When the last of what waits may go; 0 where that of one is not known. */
static int64_t latest(const struct decision *d, const bool *exempt)
{
	int64_t at = d->next_allowed_at;
	for (size_t i = 0; i < d->nitems; i++) {
		const struct decision *item = &d->items[i];
		if (item->outcome != OUTCOME_WAIT || exempt[i])
			continue;
		if (!item->next_allowed_at)
			return 0;
		if (item->next_allowed_at > at)
			at = item->next_allowed_at;
	}
	return at;
}

static const struct decision *first_of(const struct decision *d,
                                       enum outcome outcome, const bool *exempt)
{
	for (size_t i = 0; i < d->nitems; i++)
		if (d->items[i].outcome == outcome && !exempt[i])
			return &d->items[i];
	return NULL;
}

void release_judge(struct decision *d, const size_t *order, struct arena *a)
{
	bool exempt[RELEASE_MAX] = {false};
	for (size_t i = 1; i < d->nitems; i++)
		exempt[order[i]] = only_lacks_slot(&d->items[order[i]]);
	const struct decision *denied = first_of(d, OUTCOME_DENY, exempt);
	const struct decision *waits = first_of(d, OUTCOME_WAIT, exempt);
	if (d->outcome != OUTCOME_DENY && denied)
		take(d, denied, a);
	else if (d->outcome == OUTCOME_ALLOW && waits)
		take(d, waits, a);
	for (size_t i = 0; i < d->nitems; i++) {
		const struct decision *item = &d->items[i];
		add_also(d, exempt[i] ? DIAG_NONE : item->code);
		for (size_t k = 0; k < item->nalso; k++)
			add_also(d, item->also[k]);
	}
	sort_also(d);
	if (d->outcome == OUTCOME_WAIT && d->next_allowed_at)
		d->next_allowed_at = latest(d, exempt);
}

/* --- what goes on --------------------------------------------------------- */

/* One release while it is brought forward. */
struct going {
	struct recorder *recorder;
	const struct policy *policy;
	struct arena *arena;
	struct str repository; /* its id, for tokens */
	const struct recorded_release *release;
	struct request request;
	struct actor actor;
	struct oid commit;
	/* Of each member: what it made, or NULL. */
	const struct deployment **made;
	uint64_t succeeded; /* 1 << i for each member that did */
};

static bool read_release(struct going *g, struct fail *why)
{
	struct world *w = g->recorder->world;
	const struct recorded_release *r = g->release;
	struct intent intent;
	struct oid blob;
	struct commit commit;
	json_t *doc;
	if (!oid_parse(r->blob, &blob) ||
	    !gather_again(w, g->arena, r->path, &blob, &intent, &g->request,
	                  why) ||
	    !json_read(&doc, g->arena, r->document, why))
		return false;
	const json_t *actor = json_object_get(doc, "actor");
	g->actor = (struct actor){
	        .email = json_get_str(actor, "email"),
	        .role = str_cstr(g->arena, json_get_str(actor, "role")),
	};
	if (!oid_parse(json_get_str(doc, "commit"), &g->commit))
		return true;
	if (!repo_commit(w->repo, g->arena, &g->commit, &commit, why))
		return false;
	g->actor.name = commit.author_name;
	return true;
}

/* A member goes by its place: a release has one of each. */
static bool find_made(struct going *g, struct fail *why)
{
	struct ledger *l = g->recorder->world->ledger;
	const struct request_more *more = request_more(&g->request);
	struct number_list numbers;
	g->made = arena_array(g->arena, more->nmembers, sizeof *g->made);
	if (!ledger_made(l, g->arena, g->release->path, g->release->blob,
	                 &numbers, why))
		return false;
	for (size_t k = 0; k < numbers.n; k++) {
		struct deployment *d;
		if (!ledger_deployment(l, g->arena, numbers.at[k], &d, why))
			return false;
		for (size_t i = 0; i < more->nmembers; i++) {
			const struct request_member *m = &more->members[i];
			if (!str_eq(m->service, d->service) ||
			    !str_eq(m->environment, d->environment))
				continue;
			g->made[i] = d;
			if (d->state == STATE_SUCCEEDED)
				g->succeeded |= UINT64_C(1) << i;
		}
	}
	return true;
}

static bool end(struct going *g, const char *state, struct str detail,
                struct fail *why)
{
	return record_release_ended(g->recorder, g->arena, g->release->path,
	                            state, detail, why);
}

/* Whether it has come to an end, which is recorded then. */
static bool settle(struct going *g, bool *ended, struct fail *why)
{
	size_t n = request_more(&g->request)->nmembers;
	*ended = true;
	for (size_t i = 0; i < n; i++) {
		const struct deployment *d = g->made[i];
		if (!d ||
		    (d->state != STATE_FAILED && d->state != STATE_CANCELED))
			continue;
		return end(g, deployment_state_names[d->state],
		           str_format(g->arena,
		                      "deployment %lld of %" STR_FMT
		                      " did not succeed: nothing more is sent",
		                      (long long)d->number,
		                      STR_ARG(d->service)),
		           why);
	}
	if (g->succeeded == UINT64_MAX >> (RELEASE_MAX - n))
		return end(g, "SUCCEEDED", STR(""), why);
	*ended = false;
	return true;
}

static bool has_slot(struct going *g, const struct facts *f, bool *has,
                     struct fail *why)
{
	int64_t used;
	struct str environment = f->request->environment;
	if (!ledger_slots(g->recorder->world->ledger, f->group->id.s,
	                  environment, world_now(g->recorder->world), &used,
	                  why))
		return false;
	*has = used < policy_limit(g->policy, f->group, environment,
	                           LIMIT_CONCURRENT_DEPLOYMENTS)
	                      .n;
	return true;
}

/* The policy may be another by now; the decision stands. */
static struct facts facts_of(struct going *g, size_t i)
{
	struct request *r = ARENA_NEW(g->arena, struct request);
	*r = request_member(g->arena, &g->request, i);
	struct facts f = {.policy = g->policy,
	                  .request = r,
	                  .now = world_now(g->recorder->world)};
	facts_resolve(&f);
	return f;
}

static bool make(struct going *g, const struct facts *f, size_t i,
                 struct fail *why)
{
	int64_t number;
	struct decision d = {
	        .request = f->request,
	        .token = release_token(g->arena, g->repository, f->request, i),
	        .group = f->group->id.s,
	        .recipe = f->recipe->id.s,
	        .commit = g->commit,
	        .actor = g->actor,
	};
	return record_deployment(g->recorder, g->arena, &d, f, &number, why);
}

/* Create it if its turn has come. */
static bool send_member(struct going *g, size_t i, bool *made, bool *broken,
                        struct fail *why)
{
	const struct request_member *m = &request_more(&g->request)->members[i];
	bool slot = false;
	if (g->made[i] || m->after & ~g->succeeded)
		return true;
	struct facts f = facts_of(g, i);
	if (!f.group || !f.recipe || !f.engine) {
		*broken = true;
		return end(g, "FAILED",
		           str_format(g->arena,
		                      "the policy no longer says how %" STR_FMT
		                      " goes to %" STR_FMT
		                      ": nothing more is sent",
		                      STR_ARG(m->service),
		                      STR_ARG(m->environment)),
		           why);
	}
	if (policy_mutations_stop(g->policy, f.group->id.s, m->environment))
		return true;
	if (!has_slot(g, &f, &slot, why))
		return false;
	*made = slot;
	return !slot || make(g, &f, i, why);
}

static bool advance(struct going *g, int64_t *room, int64_t *made,
                    int64_t *open, struct fail *why)
{
	size_t order[RELEASE_MAX];
	bool ended, broken = false;
	if (!read_release(g, why) || !find_made(g, why) ||
	    !settle(g, &ended, why))
		return false;
	if (ended)
		return true;
	request_order(&g->request, order);
	size_t n = request_more(&g->request)->nmembers;
	for (size_t i = 0; i < n && *room && !broken; i++) {
		bool one = false;
		if (!send_member(g, order[i], &one, &broken, why))
			return false;
		*made += one;
		*room -= one;
	}
	*open += !broken;
	return true;
}

struct collecting {
	struct arena *arena;
	VEC(struct recorded_release) list;
};

static bool collect(void *context, const struct recorded_release *r,
                    struct fail *why)
{
	struct collecting *c = context;
	(void)why;
	*vec_add(c->arena, &c->list) = (struct recorded_release){
	        str_copy(c->arena, r->path), str_copy(c->arena, r->blob),
	        str_copy(c->arena, r->document)};
	return true;
}

bool release_advance(struct recorder *r, const struct policy *policy,
                     int64_t room, int64_t *made, int64_t *open,
                     struct fail *why)
{
	struct ledger *l = r->world->ledger;
	struct arena *a = arena_new();
	struct collecting all = {.arena = a};
	struct ledger_head head;
	*made = *open = 0;
	bool fine = ledger_releases(l, collect, &all, why) &&
	            ledger_head(l, a, &head, why);
	for (size_t i = 0; i < all.list.n && fine; i++) {
		struct going g = {.recorder = r,
		                  .policy = policy,
		                  .arena = a,
		                  .repository = head.repository,
		                  .release = &all.list.at[i]};
		fine = ledger_begin(l, why);
		if (fine && advance(&g, &room, made, open, why))
			fine = ledger_commit(l, why);
		else if (fine) {
			fine = false;
			ledger_rollback(l);
		}
	}
	arena_free(a);
	return fine || fail_note(why, "bringing a release forward");
}
