#include "runner/decide.h"

#include "core/sha256.h"
#include "runner/engine.h"
#include "runner/hooks.h"
#include "runner/judge.h"
#include "runner/release.h"

#include <string.h>

/* Whether two registrations state the same; summaries may differ. */
static bool same_build(const struct build *a, const struct build *b)
{
	return str_eq(a->artifact, b->artifact) &&
	       str_eq(a->commit, b->commit) && str_eq(a->branch, b->branch) &&
	       str_eq(a->sha256, b->sha256) &&
	       str_eq(a->content_type, b->content_type) &&
	       str_eq(a->repository, b->repository) &&
	       str_eq(a->ci_provider, b->ci_provider) &&
	       str_eq(a->ci_run_id, b->ci_run_id) &&
	       str_eq(a->ci_run_url, b->ci_run_url) &&
	       a->built_at == b->built_at && a->size_bytes == b->size_bytes;
}

static bool is_replayed_build(const struct facts *f)
{
	return f->request->kind == INTENT_BUILD &&
	       request_more(f->request)->build &&
	       f->request->invalid == DIAG_NONE && f->registered &&
	       same_build(request_more(f->request)->build, f->registered);
}

/* The order as it would be given to the engine, for a preflight. */
static enum engine_answer ask_engine(struct world *w, struct arena *a,
                                     const struct facts *f,
                                     const struct decision *d, struct str *text)
{
	struct engine_session *s = engine_session(w, f->policy, f->engine);
	struct deployment *would_be = ARENA_NEW(a, struct deployment);
	would_be->token = d->token;
	would_be->service = f->request->service;
	would_be->environment = f->request->environment;
	would_be->version = f->request->version;
	would_be->group = d->group;
	would_be->recipe = d->recipe;
	would_be->recipe_revision = f->recipe ? f->recipe->revision.n : 0;
	would_be->actor_email = d->actor.email;
	would_be->intent_path = f->request->path;
	would_be->kind = facts_deployment_kind(f->request);
	would_be->rollback_of = f->undoes ? f->undoes->number : 0;
	would_be->source_environment = request_more(f->request)->from;
	struct engine_call call = {
	        .arena = a,
	        .order = {.recipe = f->recipe,
	                  .deployment = would_be,
	                  .build = f->registered,
	                  .params = f->request->params},
	};
	s->ops->preflight(s, &call);
	*text = call.text;
	return call.answer;
}

/* Row 10, asked only where everything before it allows. */
static void ask_and_judge(struct world *w, struct arena *a, struct facts *f,
                          struct decision *d)
{
	if (d->outcome != OUTCOME_ALLOW || !f->engine)
		return;
	f->engine_answer = ask_engine(w, a, f, d, &f->engine_text);
	judge(d, f, true, a);
}

static void leave_for_next_run(struct decision *d, struct arena *a,
                               int64_t limit)
{
	d->outcome = OUTCOME_WAIT;
	d->message = str_format(
	        a, "the run has dispatched its %lld (max_dispatches_per_run)",
	        (long long)limit);
	d->hint = STR("The next run goes on with it.");
}

struct deciding {
	struct world *world;
	struct pass *pass; /* NULL: of recorded requests */
	const struct decide_options *options;
	struct fact_source source;
	bool with_tokens;
	struct hooks *hooks;       /* NULL: none are asked */
	int64_t dispatches, limit; /* limit < 0: none */
};

static void begin(const struct deciding *s, struct decision *d,
                  const struct facts *f)
{
	const struct request *r = f->request;
	*d = (struct decision){
	        .request = r, .actor = f->actor, .trace = d->trace};
	if (f->group)
		d->group = f->group->id.s;
	if (f->route)
		d->recipe = f->route->recipe.s;
	if (s->pass && r->commit < s->pass->ncommits)
		d->commit = s->pass->commits[r->commit].id;
}

static bool has_room(const struct deciding *s)
{
	return s->limit < 0 || s->dispatches < s->limit;
}

/* --- hooks --------------------------------------------------------------- */

static bool is_denied_before_hooks(const struct decision *d)
{
	for (size_t i = 0; i < d->ntrace; i++) {
		if (!strcmp(d->trace[i].guardrail, "hook"))
			return false;
		if (d->trace[i].result == TRACE_DENY)
			return true;
	}
	return false;
}

static void leave_unanswered(struct decision *d)
{
	d->outcome = OUTCOME_WAIT;
	d->code = DIAG_NONE;
	d->nalso = 0;
	d->message = STR("told to stop before a hook had answered");
	d->hint = STR("The next run asks it again.");
}

static bool ask_hooks(struct deciding *s, struct arena *a, struct facts *f,
                      struct decision *d, struct fail *why)
{
	const struct map *only = s->options->hooks_about;
	bool told_to_stop = false;
	if (!s->hooks || (only && !map_find(only, f->request->path)) ||
	    is_denied_before_hooks(d) || !facts_has_hooks(f))
		return true;
	if (!hooks_ask(s->hooks, a, f, d, &told_to_stop, why))
		return false;
	if (told_to_stop)
		leave_unanswered(d);
	else
		judge(d, f, s->options->with_trace, a);
	return true;
}

/* --- releases ------------------------------------------------------------ */

/* The members that go before member i, however far. */
static uint64_t all_before(const struct request_more *release, size_t i)
{
	uint64_t before = release->members[i].after, last = 0;
	while (before != last) {
		last = before;
		for (size_t k = 0; k < release->nmembers; k++)
			if (before >> k & 1)
				before |= release->members[k].after;
	}
	return before;
}

/* What a member needs runs by then if a member before it brings it. */
static void expect_needs(struct facts *f, const struct request_more *release,
                         size_t i, struct arena *a)
{
	uint64_t before = all_before(release, i);
	if (!f->needs || !before)
		return;
	const struct need *need = f->service->needs.at;
	const struct deployment **runs =
	        arena_array(a, f->service->needs.n, sizeof *runs);
	for (size_t n = 0; n < f->service->needs.n; n++) {
		runs[n] = f->needs[n];
		for (size_t k = 0; k < release->nmembers; k++) {
			const struct request_member *m = &release->members[k];
			if (!(before >> k & 1) ||
			    !str_eq(m->service, need[n].service.s) ||
			    !str_eq(m->environment, f->request->environment))
				continue;
			struct deployment *brought =
			        ARENA_NEW(a, struct deployment);
			brought->version = m->version;
			runs[n] = brought;
		}
	}
	f->needs = runs;
}

static bool decide_member(struct deciding *s, const struct request *release,
                          bool denied, size_t i, struct arena *a,
                          struct facts *f, struct decision *d, struct fail *why)
{
	struct request *r = ARENA_NEW(a, struct request);
	*r = request_member(a, release, i);
	if (!s->source.facts(s->source.context, a, r, f, why))
		return false;
	expect_needs(f, request_more(release), i, a);
	d->trace = arena_array(a, VERDICT_TRACE_MAX, sizeof *d->trace);
	begin(s, d, f);
	if (s->with_tokens)
		d->token = release_token(a, s->pass->repository, r, i);
	judge(d, f, s->options->with_trace, a);
	if (!denied && !ask_hooks(s, a, f, d, why))
		return false;
	if (s->options->ask_engines)
		ask_and_judge(s->world, a, f, d);
	return true;
}

/* Each on top of what the ones before it use; all or none are counted. */
static bool decide_release(struct deciding *s, struct arena *a,
                           const struct facts *f, struct decision *d,
                           struct fail *why)
{
	size_t n = request_more(f->request)->nmembers;
	size_t order[RELEASE_MAX];
	bool denied = d->outcome == OUTCOME_DENY;
	struct facts *facts = arena_array(a, n, sizeof *facts);
	d->items = arena_array(a, n, sizeof *d->items);
	d->nitems = n;
	request_order(f->request, order);
	for (size_t k = 0; k < n; k++) {
		size_t i = order[k];
		if (!decide_member(s, f->request, denied, i, a, &facts[i],
		                   &d->items[i], why))
			return false;
		s->source.use(s->source.context, a, &facts[i], false);
	}
	release_judge(d, order, a);
	if (d->outcome == OUTCOME_ALLOW && !has_room(s))
		leave_for_next_run(d, a, s->limit);
	for (size_t i = 0; i < n && d->outcome != OUTCOME_ALLOW; i++)
		s->source.use(s->source.context, a, &facts[i], true);
	if (d->outcome == OUTCOME_ALLOW)
		s->dispatches += (int64_t)n;
	return true;
}

/* --- all ----------------------------------------------------------------- */

static bool decide_facts(struct deciding *s, struct arena *a, struct facts *f,
                         struct decision *d, struct fail *why)
{
	judge(d, f, s->options->with_trace, a);
	bool dispatches = facts_dispatches(f->request);
	if (f->request->kind == INTENT_RELEASE &&
	    f->request->invalid == DIAG_NONE)
		return decide_release(s, a, f, d, why);
	if (d->outcome == OUTCOME_ALLOW && dispatches && !has_room(s))
		leave_for_next_run(d, a, s->limit);
	else if (!ask_hooks(s, a, f, d, why))
		return false;
	if (dispatches && s->options->ask_engines)
		ask_and_judge(s->world, a, f, d);
	s->dispatches += dispatches && d->outcome == OUTCOME_ALLOW;
	return true;
}

bool decide_recorded(const struct fact_source *source, const struct request *r,
                     int64_t room, struct arena *a, struct decision *d,
                     struct fail *why)
{
	static const struct decide_options nothing;
	struct deciding s = {
	        .options = &nothing, .source = *source, .limit = room};
	struct facts f;
	if (!source->facts(source->context, a, r, &f, why))
		return false;
	begin(&s, d, &f);
	return decide_facts(&s, a, &f, d, why);
}

static bool decide_one(struct deciding *s, struct tally *tally,
                       const struct packed_request *packed, struct arena *a,
                       struct facts *f, struct decision *d, struct fail *why)
{
	const struct pass *p = s->pass;
	if (!gather_facts(s->world, p, tally, a, packed, f, why))
		return false;
	const struct request *r = f->request;
	begin(s, d, f);
	if (s->with_tokens)
		d->token = sha256_token(a, p->repository, r->path,
		                        str_of(oid_hex(&r->blob).s));
	if (f->recorded == RECORD_SAME) {
		judge_replay(d, STR("recorded before"));
		return true;
	}
	if (is_replayed_build(f)) {
		judge_replay(d,
		             STR("these build facts are registered already"));
		return true;
	}
	if (!decide_facts(s, a, f, d, why))
		return false;
	/* The members of a release are counted already. */
	if (d->outcome == OUTCOME_ALLOW && r->kind != INTENT_RELEASE)
		tally_allow(tally, a, packed, f);
	return true;
}

/* --- a pass's own facts -------------------------------------------------- */

struct pass_source {
	struct world *world;
	struct pass *pass;
	struct tally *tally;
};

static bool facts_of_pass(void *context, struct arena *a,
                          const struct request *r, struct facts *out,
                          struct fail *why)
{
	struct pass_source *s = context;
	return gather_member(s->world, s->pass, s->tally, a, r, out, why);
}

static void use_of_pass(void *context, struct arena *a, const struct facts *f,
                        bool back)
{
	struct pass_source *s = context;
	tally_member(s->tally, a, f, back);
}

/*
 * What a change stands on, judged for what it lets the change do: it uses up
 * nothing. A wait does not undo it: the run that sees the change sees its end.
 */
static bool take_standing(struct pass_source *s,
                          const struct packed_request *packed, struct arena *a,
                          struct facts *f, struct decision *d, struct fail *why)
{
	if (!gather_facts(s->world, s->pass, s->tally, a, packed, f, why))
		return false;
	if (f->recorded == RECORD_SAME ||
	    (f->registered && f->request->kind == INTENT_BUILD))
		return true;
	judge(d, f, false, a);
	if (d->outcome != OUTCOME_DENY)
		tally_stand(s->tally, a, packed, f);
	return true;
}

bool decide(struct world *w, struct pass *p,
            const struct decide_options *options, decided_fn *visit,
            void *context, struct fail *why)
{
	const struct number *limit =
	        &p->policy->platform.max_dispatches_per_run;
	struct pass_source from = {w, p, tally_new(p->arena)};
	struct deciding s = {
	        .world = w,
	        .pass = p,
	        .options = options,
	        .source = {&from, facts_of_pass, use_of_pass},
	        .limit = GIVEN(*limit) ? limit->n : -1,
	};
	if (options->ask_hooks && p->policy->hooks.n)
		s.hooks = hooks_new(w, p);
	/* Hooks are told the token. */
	s.with_tokens = options->with_tokens || s.hooks;
	if (s.with_tokens && p->requests.n && !gather_repository(w, p, why))
		return false;
	struct arena *scratch = arena_new();
	struct decision d = {.trace = arena_array(p->arena, VERDICT_TRACE_MAX,
	                                          sizeof *d.trace)};
	bool fine = true;
	for (size_t i = 0; i < p->requests.n && fine; i++) {
		struct facts f;
		if (i % 1024 == 0)
			world_progress(w, "judging", (int64_t)i,
			               (int64_t)p->requests.n);
		const struct packed_request *r = &p->requests.at[p->order[i]];
		fine = r->standing
		               ? take_standing(&from, r, scratch, &f, &d, why)
		               : decide_one(&s, from.tally, r, scratch, &f, &d,
		                            why) &&
		                         visit(context, &d, &f, scratch, why);
		arena_reset(scratch);
	}
	arena_free(scratch);
	return fine;
}
