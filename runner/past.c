#include "core/peek.h"
#include "runner/past_private.h"

static void free_scratch(void *scratch)
{
	arena_free(scratch);
}

struct past *past_new(struct arena *a, struct world *w,
                      const struct policy *policy)
{
	struct past *p = ARENA_NEW(a, struct past);
	struct map *maps[] = {&p->places,      &p->usages, &p->intents,
	                      &p->builds,      &p->holds,  &p->approvals,
	                      &p->withdrawals, NULL};
	p->arena = a;
	p->scratch = arena_new();
	arena_defer(a, free_scratch, p->scratch);
	p->world = w;
	p->policy = policy;
	for (size_t i = 0; maps[i]; i++)
		*maps[i] = map_new(a);
	return p;
}

/* Runs several times an event: no printf. */
struct str past_key(struct arena *a, struct str x, struct str y)
{
	char *s = arena_text(a, x.n + y.n + 1);
	if (x.n)
		memcpy(s, x.s, x.n);
	s[x.n] = '\n';
	if (y.n)
		memcpy(s + x.n + 1, y.s, y.n);
	return (struct str){s, x.n + y.n + 1};
}

struct str past_key3(struct arena *a, struct str x, struct str y, struct str z)
{
	return past_key(a, past_key(a, x, y), z);
}

/* --- counting ------------------------------------------------------------ */

size_t instants_before(const struct instants *v, int64_t t)
{
	size_t low = 0, high = v->n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (v->at[mid] < t)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The clock of a run may stand before that of the run before it. */
static void instants_add(struct arena *a, struct instants *v, int64_t t)
{
	size_t i = v->n;
	*vec_add(a, v) = t;
	for (; i && v->at[i - 1] > t; i--)
		v->at[i] = v->at[i - 1];
	v->at[i] = t;
}

static void instants_drop(struct instants *v, int64_t t)
{
	size_t i = instants_before(v, t);
	if (i == v->n || v->at[i] != t)
		return;
	memmove(v->at + i, v->at + i + 1, (v->n - i - 1) * sizeof *v->at);
	v->n--;
}

struct past_usage *past_usage_of(struct past *p, struct arena *scratch,
                                 struct str group, struct str environment)
{
	struct str key = past_key(scratch, group, environment);
	struct past_usage *u = map_find(&p->usages, key);
	if (!u) {
		u = ARENA_NEW(p->arena, struct past_usage);
		map_put(&p->usages, key, u);
	}
	return u;
}

static struct past_usage *usage_of_service(struct past *p,
                                           struct arena *scratch,
                                           struct str service,
                                           struct str environment)
{
	const struct group *g = policy_group_of(p->policy, service);
	return g ? past_usage_of(p, scratch, g->id.s, environment) : NULL;
}

static enum limit quota_of(enum deployment_kind kind)
{
	return kind == KIND_ROLLBACK ? LIMIT_DAILY_ROLLBACKS
	                             : LIMIT_DAILY_DEPLOYS;
}

/* What was allowed in a pass counts before it is dispatched; then, for good. */
static void end_pass(struct past *p)
{
	vec_each (struct past_usage *const, u, &p->used) {
		memset((*u)->pass_used, 0, sizeof(*u)->pass_used);
		(*u)->pass_open = 0;
		(*u)->in_pass = false;
	}
	p->used.n = 0;
	p->dispatches = 0;
}

static void use(struct past *p, struct past_usage *u, enum limit quota,
                int64_t n)
{
	if (!u)
		return;
	if (!u->in_pass)
		*vec_add(p->arena, &p->used) = u;
	u->in_pass = true;
	u->pass_open += n;
	u->pass_used[quota] += n;
}

void past_use(struct past *p, struct arena *a, const struct facts *f, bool back)
{
	if (f->group)
		use(p,
		    past_usage_of(p, a, f->group->id.s,
		                  f->request->environment),
		    facts_quota(f->request), back ? -1 : 1);
}

int64_t past_room(const struct past *p)
{
	const struct number *limit =
	        &p->policy->platform.max_dispatches_per_run;
	if (!GIVEN(*limit))
		return -1;
	return limit->n > p->dispatches ? limit->n - p->dispatches : 0;
}

/* --- deployments --------------------------------------------------------- */

struct past_deployment *past_deployment_of(const struct past *p, int64_t number)
{
	if (number < 1 || (uint64_t)number > p->deployments.n)
		return NULL;
	return p->deployments.at[number - 1];
}

static bool contradicts(const struct event *e, struct fail *why)
{
	return fail_set(why, FAIL_INTEGRITY,
	                "event %lld, %" STR_FMT " %" STR_FMT
	                ", contradicts what was recorded before",
	                (long long)e->seq, STR_ARG(e->type),
	                STR_ARG(e->subject)) ||
	       fail_hint(why, "dxcp ledger verify says more");
}

static int name_find(const char *const *names, struct str name)
{
	for (int i = 0; names[i]; i++)
		if (str_is(name, names[i]))
			return i;
	return -1;
}

static struct past_intent *intent_of(struct past *p, struct str path)
{
	struct past_intent *i = map_find(&p->intents, path);
	if (!i) {
		i = ARENA_NEW(p->arena, struct past_intent);
		map_put(&p->intents, path, i);
	}
	return i;
}

bool past_comes_after(const struct past_deployment *a,
                      const struct past_deployment *b)
{
	return a->finished_at != b->finished_at
	               ? a->finished_at > b->finished_at
	               : a->number > b->number;
}

static void succeed(struct past *p, struct arena *scratch,
                    struct past_deployment *d)
{
	struct str key = past_key(scratch, d->service, d->environment);
	struct past_place *place = map_find(&p->places, key);
	if (!place) {
		place = ARENA_NEW(p->arena, struct past_place);
		map_put(&p->places, key, place);
	}
	size_t i = place->successes.n;
	*vec_add(p->arena, &place->successes) = d;
	struct past_deployment **at = place->successes.at;
	for (; i && past_comes_after(at[i - 1], d); i--)
		at[i] = at[i - 1];
	at[i] = d;
	struct past_deployment *undone =
	        d->kind == KIND_ROLLBACK ? past_deployment_of(p, d->rollback_of)
	                                 : NULL;
	if (!undone)
		return;
	undone->rolled_back = true;
	*vec_add(p->arena, &place->undone) = undone;
}

/* The members that both kinds of beginning have. */
static struct past_deployment *read_deployment(struct past *p,
                                               struct str payload, bool *known)
{
	struct past_deployment *d = ARENA_NEW(p->arena, struct past_deployment);
	struct peek members = {payload};
	struct str key, value;
	int kind = -1;
	while (peek_member(&members, &key, &value)) {
		if (str_is(key, "number"))
			d->number = peek_int(value);
		else if (str_is(key, "rollbackOf"))
			d->rollback_of = peek_int(value);
		else if (str_is(key, "service"))
			d->service =
			        str_copy(p->arena, peek_text(p->arena, value));
		else if (str_is(key, "environment"))
			d->environment =
			        str_copy(p->arena, peek_text(p->arena, value));
		else if (str_is(key, "version"))
			d->version =
			        str_copy(p->arena, peek_text(p->arena, value));
		else if (str_is(key, "kind"))
			kind = name_find(deployment_kind_names,
			                 peek_text(p->arena, value));
		else if (str_is(key, "intent"))
			d->path = str_copy(
			        p->arena,
			        peek_text(p->arena, peek_find(value, "path")));
	}
	*known = kind >= 0;
	d->kind = (enum deployment_kind)(kind < 0 ? 0 : kind);
	return d;
}

static bool add_deployment(struct past *p, const struct event *e,
                           struct past_deployment **out, struct fail *why)
{
	bool known;
	struct past_deployment *d = read_deployment(p, e->payload, &known);
	/* Numbers are given without gaps: none is above that of events. */
	if (!known || d->number < 1 || d->number > e->seq ||
	    past_deployment_of(p, d->number))
		return contradicts(e, why);
	while (p->deployments.n < (uint64_t)d->number)
		*vec_add(p->arena, &p->deployments) = NULL;
	p->deployments.at[d->number - 1] = d;
	*out = d;
	return true;
}

static bool create(struct past *p, const struct event *e, struct arena *scratch,
                   struct past_deployment *unused, struct fail *why)
{
	struct past_deployment *d;
	(void)unused;
	if (!add_deployment(p, e, &d, why))
		return false;
	d->usage = usage_of_service(p, scratch, d->service, d->environment);
	if (d->path.n)
		*vec_add(p->arena, &intent_of(p, d->path)->numbers) = d->number;
	return true;
}

static bool import(struct past *p, const struct event *e, struct arena *scratch,
                   struct past_deployment *unused, struct fail *why)
{
	struct past_deployment *d;
	(void)unused;
	if (!add_deployment(p, e, &d, why))
		return false;
	int state =
	        name_find(deployment_state_names,
	                  peek_text(scratch, peek_find(e->payload, "state")));
	int64_t created = peek_time(peek_find(e->payload, "createdAt"));
	int64_t finished = peek_time(peek_find(e->payload, "finishedAt"));
	if (state < 0 || !deployment_is_terminal((enum deployment_state)state))
		return contradicts(e, why);
	d->imported = true;
	d->state = (enum deployment_state)state;
	d->finished_at = finished ? finished : created ? created : e->time;
	if (d->state == STATE_SUCCEEDED)
		succeed(p, scratch, d);
	return true;
}

static bool dispatch(struct past *p, const struct event *e,
                     struct arena *scratch, struct past_deployment *d,
                     struct fail *why)
{
	(void)scratch;
	(void)why;
	end_pass(p);
	if (d->dispatched_at)
		return true;
	d->dispatched_at = e->time;
	d->state = STATE_DISPATCHING;
	if (!d->usage)
		return true;
	d->usage->open++;
	instants_add(p->arena, &d->usage->dispatched[quota_of(d->kind)],
	             d->dispatched_at);
	return true;
}

static bool withdraw(struct past *p, const struct event *e,
                     struct arena *scratch, struct past_deployment *d,
                     struct fail *why)
{
	struct past_intent *i = intent_of(p, d->path);
	(void)e;
	(void)scratch;
	(void)why;
	if (d->dispatched_at && d->usage) {
		d->usage->open--;
		instants_drop(&d->usage->dispatched[quota_of(d->kind)],
		              d->dispatched_at);
	}
	for (size_t n = 0; n < i->numbers.n; n++)
		if (i->numbers.at[n] == d->number)
			i->numbers.at[n] = 0;
	p->deployments.at[d->number - 1] = NULL;
	return true;
}

static bool end(struct past *p, const struct event *e, struct arena *scratch,
                struct past_deployment *d, struct fail *why)
{
	int state =
	        name_find(deployment_state_names,
	                  peek_text(scratch, peek_find(e->payload, "state")));
	int64_t finished = peek_time(peek_find(e->payload, "finishedAt"));
	if (state < 0 ||
	    !deployment_is_terminal((enum deployment_state)state) ||
	    d->finished_at)
		return contradicts(e, why);
	/* A cancel in the midst of a pass ends what was not dispatched. */
	if (d->dispatched_at) {
		end_pass(p);
		if (d->usage)
			d->usage->open--;
	}
	d->state = (enum deployment_state)state;
	d->finished_at = finished ? finished : e->time;
	if (d->state == STATE_SUCCEEDED)
		succeed(p, scratch, d);
	return true;
}

/* --- builds, and what people said ---------------------------------------- */

static bool register_build(struct past *p, const struct event *e,
                           struct arena *scratch, struct past_deployment *none,
                           struct fail *why)
{
	struct str service =
	        peek_text(scratch, peek_find(e->payload, "service"));
	struct str version =
	        peek_text(scratch, peek_find(e->payload, "version"));
	struct past_usage *u = usage_of_service(p, scratch, service, STR(""));
	(void)none;
	(void)why;
	map_put(&p->builds, past_key(scratch, service, version), p);
	if (u)
		instants_add(p->arena, &u->dispatched[LIMIT_DAILY_BUILDS],
		             e->time);
	return true;
}

/* A member of the payload, kept. */
static struct str kept(struct past *p, const struct event *e, const char *key)
{
	return str_copy(p->arena,
	                peek_text(p->arena, peek_find(e->payload, key)));
}

static struct str kept_path(struct past *p, const struct event *e)
{
	struct str intent = peek_find(e->payload, "intent");
	return str_copy(p->arena,
	                peek_text(p->arena, peek_find(intent, "path")));
}

static bool hold(struct past *p, const struct event *e, struct arena *scratch,
                 struct past_deployment *none, struct fail *why)
{
	struct str key =
	        past_key3(scratch, kept(p, e, "service"),
	                  kept(p, e, "environment"), kept(p, e, "version"));
	struct past_holds *holds = map_find(&p->holds, key);
	(void)none;
	(void)why;
	if (!holds) {
		holds = ARENA_NEW(p->arena, struct past_holds);
		map_put(&p->holds, key, holds);
	}
	*vec_add(p->arena, &holds->list) = (struct recorded_hold){
	        .time = e->time,
	        .until = peek_time(peek_find(e->payload, "until")),
	        .summary = kept(p, e, "summary"),
	        .actor = str_copy(p->arena, e->actor),
	        .intent_path = kept_path(p, e),
	};
	return true;
}

static bool approve(struct past *p, const struct event *e,
                    struct arena *scratch, struct past_deployment *none,
                    struct fail *why)
{
	struct str path = kept(p, e, "path");
	struct past_approvals *all = map_find(&p->approvals, path);
	(void)scratch;
	(void)none;
	(void)why;
	if (!all) {
		all = ARENA_NEW(p->arena, struct past_approvals);
		map_put(&p->approvals, path, all);
	}
	*vec_add(p->arena, &all->list) = (struct recorded_approval){
	        .time = e->time,
	        .rejects = str_is(kept(p, e, "decision"), "reject"),
	        .blob = kept(p, e, "blob"),
	        .summary = kept(p, e, "summary"),
	        .actor = str_copy(p->arena, e->actor),
	        .intent_path = kept_path(p, e),
	};
	return true;
}

static bool withdraw_intent(struct past *p, const struct event *e,
                            struct arena *scratch, struct past_deployment *none,
                            struct fail *why)
{
	struct str path = kept(p, e, "path");
	(void)scratch;
	(void)none;
	(void)why;
	if (map_find(&p->withdrawals, path))
		return true;
	struct recorded_withdrawal *w =
	        ARENA_NEW(p->arena, struct recorded_withdrawal);
	w->time = e->time;
	w->summary = kept(p, e, "summary");
	w->actor = str_copy(p->arena, e->actor);
	w->intent_path = kept_path(p, e);
	map_put(&p->withdrawals, path, w);
	return true;
}

static bool end_release(struct past *p, const struct event *e,
                        struct arena *scratch, struct past_deployment *none,
                        struct fail *why)
{
	(void)scratch;
	(void)none;
	(void)why;
	intent_of(p, kept(p, e, "path"))->releasing = false;
	return true;
}

static bool run(struct past *p, const struct event *e, struct arena *scratch,
                struct past_deployment *none, struct fail *why)
{
	(void)e;
	(void)scratch;
	(void)none;
	(void)why;
	end_pass(p);
	return true;
}

/* --- events -------------------------------------------------------------- */

static const struct handler {
	const char *type;
	bool (*take)(struct past *p, const struct event *e,
	             struct arena *scratch, struct past_deployment *d,
	             struct fail *why);
	bool has_deployment; /* the subject is the number of one */
} handlers[] = {
        {"deployment.created", create, false},
        {"deployment.dispatching", dispatch, true},
        {"deployment.started", dispatch, true},
        {"deployment.ended", end, true},
        {"build.registered", register_build, false},
        {"run.started", run, false},
        {"run.finished", run, false},
        {"deployment.withdrawn", withdraw, true},
        {"deployment.imported", import, false},
        {"approval.given", approve, false},
        {"hold.placed", hold, false},
        {"intent.withdrawn", withdraw_intent, false},
        {"release.ended", end_release, false},
};

bool past_event(struct past *p, const struct event *e, struct fail *why)
{
	const struct handler *h = handlers;
	const struct handler *stop =
	        handlers + sizeof handlers / sizeof *handlers;
	while (h < stop && !str_is(e->type, h->type))
		h++;
	if (h == stop)
		return true;
	int64_t number = 0;
	struct past_deployment *d = NULL;
	if (h->has_deployment && str_int(e->subject, &number))
		d = past_deployment_of(p, number);
	if (h->has_deployment && !d)
		return contradicts(e, why);
	arena_reset(p->scratch);
	return h->take(p, e, p->scratch, d, why);
}

bool past_created(const struct event *e, struct arena *a, struct str *path,
                  int64_t *number)
{
	if (!str_is(e->type, "deployment.created"))
		return false;
	*path = peek_text(a,
	                  peek_find(peek_find(e->payload, "intent"), "path"));
	return str_int(e->subject, number);
}

/* --- decisions ----------------------------------------------------------- */

static size_t find_settled(const struct past_intent *i, const struct oid *blob)
{
	size_t n = 0;
	while (n < i->settled.n && !oid_eq(&i->settled.at[n], blob))
		n++;
	return n;
}

/* As the ledger has it: it waits since this blob first waited; and what was
   allowed and could not be sent is settled no more. */
static void wait(struct past *p, struct past_intent *i,
                 const struct past_decision *d)
{
	struct past_wait *first = NULL;
	size_t at = find_settled(i, &d->blob);
	if (at < i->settled.n)
		i->settled.at[at] = i->settled.at[--i->settled.n];
	vec_each (struct past_wait, w, &i->waited)
		if (oid_eq(&w->blob, &d->blob))
			first = w;
	if (!first) {
		first = vec_add(p->arena, &i->waited);
		*first = (struct past_wait){d->blob, d->time};
	}
	i->waits = true;
	i->waiting = *first;
}

static void count_members(struct past *p, struct arena *scratch,
                          const struct request *release)
{
	const struct request_more *more = request_more(release);
	for (size_t n = 0; n < more->nmembers; n++)
		use(p,
		    usage_of_service(p, scratch, more->members[n].service,
		                     more->members[n].environment),
		    LIMIT_DAILY_DEPLOYS, 1);
	p->dispatches += (int64_t)more->nmembers;
}

static void allow(struct past *p, struct past_intent *i,
                  const struct past_decision *d, const struct request *members)
{
	struct arena *scratch = p->scratch;
	arena_reset(scratch);
	if (d->kind == INTENT_RELEASE)
		i->releasing = true;
	if (members && d->kind == INTENT_RELEASE)
		count_members(p, scratch, members);
	if (d->dispatches) {
		use(p, usage_of_service(p, scratch, d->service, d->environment),
		    d->kind == INTENT_ROLLBACK ? LIMIT_DAILY_ROLLBACKS
		                               : LIMIT_DAILY_DEPLOYS,
		    1);
		p->dispatches++;
	}
}

void past_decided(struct past *p, const struct past_decision *d,
                  const struct request *members)
{
	struct past_intent *i = intent_of(p, d->path);
	if (d->outcome == OUTCOME_WAIT) {
		wait(p, i, d);
		return;
	}
	if (d->outcome != OUTCOME_ALLOW && d->outcome != OUTCOME_DENY)
		return;
	i->waits = false;
	if (find_settled(i, &d->blob) == i->settled.n)
		*vec_add(p->arena, &i->settled) = d->blob;
	if (d->outcome == OUTCOME_ALLOW)
		allow(p, i, d, members);
}

bool past_decision_has(const struct past_decision *d, enum diag_code code)
{
	return d->also[code / 8] >> code % 8 & 1;
}
