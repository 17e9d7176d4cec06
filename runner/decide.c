#include "runner/decide.h"

#include "core/sha256.h"
#include "runner/engine.h"
#include "runner/judge.h"

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
	if (!s) {
		*text = str_format(a,
		                   "this version cannot run engines of the "
		                   "type of %" STR_FMT,
		                   STR_ARG(f->engine->id));
		return ENGINE_BAD_CONFIG;
	}
	struct deployment *would_be = ARENA_NEW(a, struct deployment);
	would_be->token = d->token;
	would_be->service = f->request->service;
	would_be->environment = f->request->environment;
	would_be->version = f->request->version;
	would_be->group = d->group;
	would_be->recipe = d->recipe;
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

static void begin(struct decision *d, const struct pass *p,
                  const struct facts *f, struct arena *a, bool with_token)
{
	const struct request *r = f->request;
	*d = (struct decision){
	        .request = r, .actor = f->actor, .trace = d->trace};
	if (f->group)
		d->group = f->group->id.s;
	if (f->route)
		d->recipe = f->route->recipe.s;
	if (r->commit < p->ncommits)
		d->commit = p->commits[r->commit].id;
	if (with_token)
		d->token = sha256_token(a, p->repository, r->path,
		                        str_of(oid_hex(&r->blob).s));
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
	struct pass *pass;
	const struct decide_options *options;
	struct tally *tally;
	int64_t dispatches, limit; /* limit < 0: none */
};

static bool decide_one(struct deciding *s, const struct packed_request *packed,
                       struct arena *a, struct facts *f, struct decision *d,
                       struct fail *why)
{
	if (!gather_facts(s->world, s->pass, s->tally, a, packed, f, why))
		return false;
	begin(d, s->pass, f, a, s->options->with_tokens);
	if (f->recorded == RECORD_SAME) {
		judge_replay(d, STR("recorded before"));
		return true;
	}
	if (is_replayed_build(f)) {
		judge_replay(d,
		             STR("these build facts are registered already"));
		return true;
	}
	judge(d, f, s->options->with_trace, a);
	bool dispatches = facts_dispatches(f->request);
	if (d->outcome == OUTCOME_ALLOW && dispatches && s->limit >= 0 &&
	    s->dispatches >= s->limit)
		leave_for_next_run(d, a, s->limit);
	if (dispatches && s->options->ask_engines)
		ask_and_judge(s->world, a, f, d);
	if (d->outcome == OUTCOME_ALLOW) {
		s->dispatches += dispatches;
		tally_allow(s->tally, a, packed, f);
	}
	return true;
}

bool decide(struct world *w, struct pass *p,
            const struct decide_options *options, decided_fn *visit,
            void *context, struct fail *why)
{
	const struct number *limit =
	        &p->policy->platform.max_dispatches_per_run;
	struct deciding s = {
	        .world = w,
	        .pass = p,
	        .options = options,
	        .tally = tally_new(p->arena),
	        .limit = GIVEN(*limit) ? limit->n : -1,
	};
	if (options->with_tokens && p->requests.n &&
	    !gather_repository(w, p, why))
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
		fine = decide_one(&s, &p->requests.at[p->order[i]], scratch, &f,
		                  &d, why) &&
		       visit(context, &d, &f, scratch, why);
		arena_reset(scratch);
	}
	arena_free(scratch);
	return fine;
}
