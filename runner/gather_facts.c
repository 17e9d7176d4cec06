/*
 * The facts of one request: what the policy says of its names, what the ledger
 * has counted, and what this pass has allowed on top of that.
 */
#include "runner/gather.h"

#include "runner/artifact_file.h"
#include "runner/history.h"
#include "runner/identity.h"
#include "runner/rulings.h"

/* What a group uses in an environment: the ledger's count, asked for once, and
   what this pass allowed since. */
struct usage {
	bool known[LIMIT_COUNT];
	int64_t used[LIMIT_COUNT];
};

struct tally {
	struct arena *arena;
	struct map usages; /* "group\nenvironment" -> struct usage */
	struct map builds; /* "service\nversion" -> struct packed_request */
	struct map looks;  /* "artifact\nsha256" -> enum artifact_look */
	struct rulings *rulings;
	/* Who made one commit: a commit brings many. */
	uint32_t roles_commit;
	unsigned roles;
	struct identity identity;
};

struct tally *tally_new(struct arena *a)
{
	struct tally *t = ARENA_NEW(a, struct tally);
	t->arena = a;
	t->usages = map_new(a);
	t->builds = map_new(a);
	t->looks = map_new(a);
	t->rulings = rulings_new(a);
	t->roles_commit = UINT32_MAX;
	return t;
}

static struct usage *usage_of(struct tally *t, struct arena *a,
                              struct str group, struct str environment)
{
	return MAP_MAKE(&t->usages, map_key(a, group, environment),
	                struct usage);
}

static bool count_quota(struct world *w, struct tally *t, struct arena *a,
                        struct facts *f, struct fail *why)
{
	enum limit quota = facts_quota(f->request);
	bool build = f->request->kind == INTENT_BUILD;
	struct str group = f->group->id.s;
	struct str environment = build ? STR("") : f->request->environment;
	struct usage *u = usage_of(t, a, group, environment);
	const struct zone *zone = f->policy->platform.zone;
	f->quota_resets_at = when_day_end(f->now, zone);
	if (!u->known[quota] &&
	    !ledger_quota(w->ledger, quota, group, environment,
	                  when_day_start(f->now, zone), f->quota_resets_at,
	                  &u->used[quota], why))
		return false;
	u->known[quota] = true;
	f->has_quota = true;
	f->quota = policy_limit(f->policy, f->group, environment, quota);
	f->quota_used = u->used[quota];
	return true;
}

static bool count_slots(struct world *w, struct tally *t, struct arena *a,
                        struct facts *f, struct fail *why)
{
	const enum limit slots = LIMIT_CONCURRENT_DEPLOYMENTS;
	struct str group = f->group->id.s;
	struct usage *u = usage_of(t, a, group, f->request->environment);
	if (!u->known[slots] &&
	    !ledger_slots(w->ledger, group, f->request->environment, f->now,
	                  &u->used[slots], why))
		return false;
	u->known[slots] = true;
	f->has_slots = true;
	f->slots = policy_limit(f->policy, f->group, f->request->environment,
	                        slots);
	f->slots_used = u->used[slots];
	return true;
}

static bool name_actor(struct world *w, const struct pass *p, struct tally *t,
                       struct facts *f, struct fail *why)
{
	uint32_t i = f->request->commit;
	if (i >= p->ncommits) {
		facts_actor(f, STR(""), STR(""), 0);
		return true;
	}
	const struct commit *c = &p->commits[i];
	if (t->roles_commit != i) {
		bool owns;
		if (!identity_of(w, p, t->arena, c, &t->identity, why))
			return false;
		t->roles_commit = i;
		t->roles =
		        policy_roles(f->policy, t->identity.email, NULL, &owns);
	}
	facts_actor(f, t->identity.email, c->author_name, t->roles);
	f->actor.proof = t->identity.proof;
	f->actor.author = c->author_email;
	f->actor.committer = c->committer_email;
	f->proven = t->identity.proven;
	f->proof_detail = t->identity.detail;
	return true;
}

static bool look_up_build(struct world *w, struct tally *t, struct arena *a,
                          struct facts *f, struct fail *why)
{
	const struct request *r = f->request;
	if (!r->service.n || !r->version.n)
		return true;
	const struct packed_request *packed =
	        map_find(&t->builds, map_key(a, r->service, r->version));
	if (packed) {
		struct request registers = packed_request_open(a, packed);
		f->registered = request_more(&registers)->build;
	}
	if (packed || !ledger_exists(w->ledger))
		return true;
	bool found;
	struct build *b = ARENA_NEW(a, struct build);
	if (!ledger_build(w->ledger, a, r->service, r->version, &found, b, why))
		return false;
	f->registered = found ? b : NULL;
	return true;
}

/* Each is looked at once a pass. */
static enum artifact_look look_at_artifact(struct tally *t, struct arena *a,
                                           const struct facts *f)
{
	const struct build *b = f->registered;
	if (!b || !facts_dispatches(f->request) ||
	    !str_starts(b->artifact, STR("file:")))
		return ARTIFACT_NOT_LOOKED_AT;
	struct str key = map_key(a, b->artifact, b->sha256);
	enum artifact_look *seen = map_find(&t->looks, key);
	if (!seen) {
		seen = ARENA_NEW(t->arena, enum artifact_look);
		*seen = artifact_file_look(b);
		map_put(&t->looks, str_copy(t->arena, key), seen);
	}
	return *seen;
}

bool gather_facts(struct world *w, const struct pass *p, struct tally *t,
                  struct arena *a, const struct packed_request *packed,
                  struct facts *out, struct fail *why)
{
	struct request *r = ARENA_NEW(a, struct request);
	*r = packed_request_open(a, packed);
	return gather_member(w, p, t, a, r, out, why);
}

bool gather_member(struct world *w, const struct pass *p, struct tally *t,
                   struct arena *a, const struct request *r, struct facts *out,
                   struct fail *why)
{
	bool dispatches = facts_dispatches(r);
	*out = (struct facts){
	        .policy = p->policy, .request = r, .now = world_now(w)};
	facts_resolve(out);
	if (!name_actor(w, p, t, out, why))
		return false;
	if (ledger_exists(w->ledger) &&
	    !ledger_record(w->ledger, r->path, &r->blob, &out->recorded, why))
		return false;
	/* Of a replay the version is what it was then. */
	if (out->recorded != RECORD_SAME &&
	    !history_facts(w->ledger, a, out, why))
		return false;
	if (!look_up_build(w, t, a, out, why) ||
	    !rulings_gather(w, p, t->rulings, a, out, why))
		return false;
	out->artifact = look_at_artifact(t, a, out);
	if (out->group &&
	    (r->kind == INTENT_BUILD || (dispatches && r->environment.n)) &&
	    !count_quota(w, t, a, out, why))
		return false;
	return !out->group || !dispatches || !r->environment.n ||
	       count_slots(w, t, a, out, why);
}

static void use(struct tally *t, struct arena *a, const struct facts *f,
                int64_t n)
{
	bool build = f->request->kind == INTENT_BUILD;
	if (!f->group)
		return;
	struct usage *u = usage_of(t, a, f->group->id.s,
	                           build ? STR("") : f->request->environment);
	u->used[facts_quota(f->request)] += n;
	if (!build)
		u->used[LIMIT_CONCURRENT_DEPLOYMENTS] += n;
}

void tally_member(struct tally *t, struct arena *a, const struct facts *f,
                  bool back)
{
	use(t, a, f, back ? -1 : 1);
}

void tally_stand(struct tally *t, struct arena *a,
                 const struct packed_request *packed, const struct facts *f)
{
	const struct request *r = f->request;
	if (rulings_are(r->kind))
		rulings_allow(t->rulings, f);
	else if (r->kind == INTENT_BUILD)
		map_put(&t->builds, map_key(a, r->service, r->version),
		        (void *)packed);
}

void tally_allow(struct tally *t, struct arena *a,
                 const struct packed_request *packed, const struct facts *f)
{
	tally_stand(t, a, packed, f);
	if (!rulings_are(f->request->kind))
		use(t, a, f, 1);
}
