#include "runner/propose.h"

#include "core/files.h"
#include "core/glob.h"
#include "core/sha256.h"
#include "runner/decide.h"
#include "runner/intent_file.h"
#include "runner/run.h"

#include <stdlib.h>

enum { DOCUMENT_MAX = 1 << 24, SHOWN = 100, SHORT_OID = 7 };

const char *const proposal_state_names[] = {
        [PROPOSAL_NEW] = "new",         [PROPOSAL_LATER] = "later",
        [PROPOSAL_ON_HOLD] = "on-hold", [PROPOSAL_DENIED] = "denied",
        [PROPOSAL_ASKED] = "asked",     [PROPOSAL_RUNS] = "runs",
};

struct proposing {
	struct world *world;
	struct pass *pass;
	struct arena *arena;
	const struct propose_options *options;
	struct proposals *out;
	struct map asked;   /* "service\nenvironment\nversion" -> its path */
	struct map newest;  /* "service\nenvironment" -> 1 + index; see keep */
	struct map by_path; /* path -> struct proposal, once all are there */
	/* Of the rule, service and environment that are looked at. */
	const struct proposal_rule *rule;
	struct str service;
	struct deployment *runs; /* in the rule's environment; NULL: none */
	bool past_runs; /* builds that come now were registered before it */
};

/* --- what is asked for in the working tree ---------------------------------
 */

static void mark(struct proposing *s, struct str path, struct str service,
                 struct str environment, struct str version)
{
	struct str *kept = ARENA_NEW(s->arena, struct str);
	*kept = path;
	map_put(&s->asked, map_key3(s->arena, service, environment, version),
	        kept);
}

/* A promotion without version means what runs where it comes from. */
static bool mark_request(struct proposing *s, const struct request *r,
                         struct fail *why)
{
	const struct request_more *more = request_more(r);
	struct deployment *d = NULL;
	for (size_t i = 0; i < more->nmembers; i++)
		mark(s, r->path, more->members[i].service,
		     more->members[i].environment, more->members[i].version);
	if (r->kind != INTENT_DEPLOY && r->kind != INTENT_PROMOTE)
		return true;
	if (r->kind == INTENT_PROMOTE && !r->version.n && more->from.n &&
	    !ledger_running(s->world->ledger, s->arena, r->service, more->from,
	                    0, &d, why))
		return false;
	mark(s, r->path, r->service, r->environment,
	     d ? d->version : r->version);
	return true;
}

static bool mark_asked(struct proposing *s, struct fail *why)
{
	bool fine = true;
	struct arena *scratch = arena_new();
	for (size_t i = 0; fine && i < s->pass->requests.n; i++) {
		arena_reset(scratch);
		struct request r =
		        packed_request_open(scratch, &s->pass->requests.at[i]);
		fine = mark_request(s, &r, why);
	}
	arena_free(scratch);
	return fine;
}

/* --- candidates ------------------------------------------------------------
 */

static bool matches(const struct text *glob, struct str text)
{
	return !GIVEN(*glob) || glob_match(glob->s, text);
}

/* < 0, 0, > 0 as a is older; 0 also where the versions do not tell. */
static int age(struct str a, struct str b)
{
	return version_is_semantic(a) && version_is_semantic(b)
	               ? version_cmp(a, b)
	               : 0;
}

static bool is_newer(struct str version, int64_t registered,
                     const struct proposal *than)
{
	int order = age(version, than->version);
	return order > 0 || (!order && registered > than->registered);
}

/*
 * Room for a candidate: that of an older one for the same place, unless all are
 * wanted; NULL where it is not newer than that.
 */
static struct proposal *keep(struct proposing *s, enum intent_kind kind,
                             struct str version, int64_t registered)
{
	struct arena *a = s->arena;
	struct str environment = s->rule->environment.s;
	struct str key = map_key3(a, s->service, environment,
	                          s->options->all ? version : STR(""));
	size_t *at = MAP_MAKE(&s->newest, key, size_t);
	if (!*at) {
		vec_add(a, &s->out->list);
		*at = s->out->list.n;
	} else if (!is_newer(version, registered, &s->out->list.at[*at - 1])) {
		return NULL;
	}
	struct proposal *p = &s->out->list.at[*at - 1];
	*p = (struct proposal){.rule = s->rule,
	                       .kind = kind,
	                       .service = s->service,
	                       .environment = environment,
	                       .version = str_copy(a, version),
	                       .registered = registered};
	return p;
}

static struct str older(struct proposing *s)
{
	return str_format(s->arena, "%" STR_FMT " runs there (deployment %lld)",
	                  STR_ARG(s->runs->version),
	                  (long long)s->runs->number);
}

/* Whether what runs is that version, or newer: by version, else by which was
   registered first. */
static bool is_behind(const struct proposing *s, struct str version)
{
	if (!s->runs)
		return false;
	int order = age(version, s->runs->version);
	return str_eq(version, s->runs->version) || order < 0 ||
	       (!order && s->past_runs);
}

static bool take_build(void *context, const struct registered_build *b,
                       struct fail *why)
{
	struct proposing *s = context;
	const struct build *build = &b->build;
	struct proposal *p = NULL;
	(void)why;
	s->past_runs |= s->runs && str_eq(build->version, s->runs->version);
	if (matches(&s->rule->branch, build->branch) &&
	    matches(&s->rule->version, build->version) &&
	    !(s->options->all && is_behind(s, build->version)))
		p = keep(s, INTENT_DEPLOY, build->version, b->seq);
	if (!p)
		return true;
	struct str commit = str_head(build->commit, SHORT_OID);
	p->summary =
	        str_format(s->arena, "%s build of %" STR_FMT " (%" STR_FMT ")",
	                   s->options->all ? "New" : "Newest",
	                   STR_ARG(str_brief(s->arena, build->branch, SHOWN)),
	                   STR_ARG(commit));
	if (is_behind(s, build->version)) {
		p->state = PROPOSAL_RUNS;
		p->detail = older(s);
	}
	return true;
}

static bool find_builds(struct proposing *s, struct fail *why)
{
	s->past_runs = false;
	return ledger_builds(s->world->ledger, s->service, 0, take_build, s,
	                     why);
}

/* What the rule says about branches is asked of the version's build. */
static bool branch_matches(struct proposing *s, struct str version, bool *out,
                           struct fail *why)
{
	struct build b;
	*out = !GIVEN(s->rule->branch);
	if (*out)
		return true;
	if (!ledger_build(s->world->ledger, s->arena, s->service, version, out,
	                  &b, why))
		return false;
	*out = *out && matches(&s->rule->branch, b.branch);
	return true;
}

static bool find_promotion(struct proposing *s,
                           const struct group_environment *from,
                           struct fail *why)
{
	struct deployment *d;
	bool wanted;
	s->past_runs = false;
	if (!ledger_running(s->world->ledger, s->arena, s->service,
	                    from->name.s, 0, &d, why))
		return false;
	if (!d || !matches(&s->rule->version, d->version))
		return true;
	if (!branch_matches(s, d->version, &wanted, why))
		return false;
	struct proposal *p =
	        wanted ? keep(s, INTENT_PROMOTE, d->version, 0) : NULL;
	if (!p)
		return true;
	p->from = from->name.s;
	p->summary = str_format(s->arena,
	                        "Succeeded in %" STR_FMT
	                        " on %.10s (deployment %lld)",
	                        STR_ARG(p->from), when_text(d->finished_at).s,
	                        (long long)d->number);
	if (is_behind(s, d->version)) {
		p->state = PROPOSAL_RUNS;
		p->detail = older(s);
	}
	return true;
}

static bool find_for(struct proposing *s, const struct service *service,
                     struct fail *why)
{
	const struct propose_options *o = s->options;
	struct str environment = s->rule->environment.s;
	const struct group *g =
	        policy_group_of(s->pass->policy, service->name.s);
	const struct group_environment *step =
	        g ? group_environment_of(g, environment) : NULL;
	bool promotes = s->rule->on.is == PROPOSE_PROMOTION;
	s->service = service->name.s;
	if (!step || !service_route(service, environment) ||
	    !intent_file_is_folder(s->service) ||
	    (promotes && step == g->environments.at) ||
	    (o->service.n && !str_eq(o->service, s->service)) ||
	    (o->environment.n && !str_eq(o->environment, environment)))
		return true;
	if (!ledger_running(s->world->ledger, s->arena, s->service, environment,
	                    0, &s->runs, why))
		return false;
	return promotes ? find_promotion(s, step - 1, why)
	                : find_builds(s, why);
}

static int by_place(const void *pa, const void *pb)
{
	const struct proposal *a = pa, *b = pb;
	int order = str_cmp(a->service, b->service);
	if (!order)
		order = str_cmp(a->environment, b->environment);
	if (!order)
		order = version_cmp(a->version, b->version);
	return order ? order : str_cmp(a->version, b->version);
}

static bool find_all(struct proposing *s, struct fail *why)
{
	const struct policy *policy = s->pass->policy;
	for (size_t i = 0; i < policy->proposal_rules.n; i++) {
		s->rule = policy->proposal_rules.at[i];
		for (size_t k = 0; k < policy->services.n; k++)
			if (!find_for(s, policy->services.at[k], why))
				return false;
	}
	if (s->out->list.n)
		qsort(s->out->list.at, s->out->list.n, sizeof *s->out->list.at,
		      by_place);
	return true;
}

/* --- their files -----------------------------------------------------------
 */

static bool fits_name(struct str version)
{
	for (size_t i = 0; i < version.n; i++)
		if (version.s[i] == '/' || version.s[i] == '+')
			return false;
	return intent_file_is_folder(version);
}

/* The same for the same proposal whenever it is made; versions that no file can
   be named by do not meet in one name either. */
static struct str path_of(struct arena *a, const struct proposal *p)
{
	struct str version = p->version;
	struct sha256_hex digest = sha256_of(version);
	if (!fits_name(version))
		version = (struct str){digest.s, 16};
	return str_format(
	        a,
	        "intents/%" STR_FMT "/proposed-%" STR_FMT "-%" STR_FMT ".yaml",
	        STR_ARG(p->service), STR_ARG(version), STR_ARG(p->environment));
}

static bool compose(struct proposing *s, struct proposal *p, struct fail *why)
{
	bool promotes = p->kind == INTENT_PROMOTE;
	struct intent_file f =
	        intent_file_new(s->arena, intent_kinds[p->kind].name);
	intent_file_text(&f, "service", p->service);
	intent_file_text(&f, "from", p->from);
	intent_file_text(&f, promotes ? "to" : "environment", p->environment);
	intent_file_text(&f, "version", p->version);
	intent_file_text(&f, "summary", p->summary);
	intent_file_text(&f, "reason", STR("planned"));
	intent_file_open(&f, "labels");
	intent_file_text(&f, INTENT_PROPOSED_LABEL, p->rule->id.s);
	intent_file_close(&f);
	p->path = path_of(s->arena, p);
	return intent_file_whole(&f, repo_root(s->world->repo), p->path,
	                         &p->text) ||
	       fail_set(why, FAIL_SYSTEM, "a proposal is too long");
}

/* --- what was asked for before ---------------------------------------------
 */

static bool ran_before(struct proposing *s, struct proposal *p, bool *out,
                       struct fail *why)
{
	struct deployment *d;
	if (!ledger_success(s->world->ledger, s->arena, p->service,
	                    p->environment, p->version, &d, why))
		return false;
	*out = d != NULL;
	if (d)
		p->detail = str_format(s->arena,
		                       "it ran there before (deployment %lld)",
		                       (long long)d->number);
	return true;
}

static bool was_recorded(struct proposing *s, struct proposal *p, bool *out,
                         struct fail *why)
{
	static const char *const came_of_it[] = {
	        [OUTCOME_ALLOW] = "allowed",
	        [OUTCOME_WAIT] = "waiting",
	        [OUTCOME_DENY] = "denied",
	        [OUTCOME_REPLAY] = "recorded",
	};
	struct recorded_decision d;
	if (!ledger_asked(s->world->ledger, s->arena, p->service,
	                  p->environment, p->version, out, &d, why))
		return false;
	if (*out)
		p->detail = str_format(s->arena,
		                       "asked for by %" STR_FMT " (%s%s%s)",
		                       STR_ARG(d.path), came_of_it[d.outcome],
		                       d.code == DIAG_NONE ? "" : ", ",
		                       diag_info(d.code)->name);
	return true;
}

static bool stands_in_tree(struct proposing *s, struct proposal *p)
{
	const struct str *path =
	        map_find(&s->asked, map_key3(s->arena, p->service,
	                                     p->environment, p->version));
	const char *file =
	        str_format(s->arena, "%s%" STR_FMT, repo_root(s->world->repo),
	                   STR_ARG(p->path))
	                .s;
	if (path)
		p->detail = str_format(s->arena, "asked for by %" STR_FMT,
		                       STR_ARG(*path));
	else if (file_exists(file))
		p->detail =
		        str_format(s->arena, "%" STR_FMT " is there already",
		                   STR_ARG(p->path));
	return p->detail.n > 0;
}

/* As the guardrail has it: the proposal itself may stand there already, and is
   not judged a second time. */
static bool was_undone(struct proposing *s, struct proposal *p,
                       struct fail *why)
{
	struct deployment *d;
	if (!ledger_undone(s->world->ledger, s->arena, p->service,
	                   p->environment, p->version, &d, why))
		return false;
	if (!d)
		return true;
	p->state = PROPOSAL_ON_HOLD;
	p->code = DIAG_VERSION_ON_HOLD;
	p->outcome = OUTCOME_DENY;
	p->detail = str_format(s->arena, "rolled back there (deployment %lld)",
	                       (long long)d->number);
	return true;
}

static bool settle(struct proposing *s, struct proposal *p, struct fail *why)
{
	if (p->state == PROPOSAL_RUNS)
		return true;
	if (!was_undone(s, p, why) || p->state == PROPOSAL_ON_HOLD)
		return p->state == PROPOSAL_ON_HOLD;
	bool asked = stands_in_tree(s, p);
	if (!asked && !was_recorded(s, p, &asked, why))
		return false;
	if (!asked && !ran_before(s, p, &asked, why))
		return false;
	if (asked)
		p->state = PROPOSAL_ASKED;
	return true;
}

/* --- judging ---------------------------------------------------------------
 */

static bool has_code(const struct decision *d, enum diag_code code)
{
	for (size_t i = 0; i < d->nalso; i++)
		if (d->also[i] == code)
			return true;
	return d->code == code;
}

/* What it is of no use to ask for now: it would wait for nobody's answer. */
static bool is_too_early(const struct proposing *s, const struct decision *d)
{
	int64_t lasts = s->pass->policy->platform.waiting_expires_after.t;
	return has_code(d, DIAG_MUTATIONS_DISABLED) ||
	       has_code(d, DIAG_SOAK_NOT_MET) ||
	       has_code(d, DIAG_DEPENDENCY_NOT_READY) ||
	       d->next_allowed_at >= world_now(s->world) + lasts;
}

static enum proposal_state state_of(const struct proposing *s,
                                    const struct decision *d)
{
	if (d->code == DIAG_VERSION_ON_HOLD)
		return PROPOSAL_ON_HOLD;
	if (d->outcome == OUTCOME_DENY)
		return PROPOSAL_DENIED;
	return d->outcome == OUTCOME_WAIT && is_too_early(s, d) ? PROPOSAL_LATER
	                                                        : PROPOSAL_NEW;
}

static bool take(void *context, const struct decision *d, const struct facts *f,
                 struct arena *scratch, struct fail *why)
{
	struct proposing *s = context;
	struct proposal *p = map_find(&s->by_path, d->request->path);
	(void)f;
	(void)scratch;
	(void)why;
	if (!p)
		return true;
	p->state = state_of(s, d);
	p->outcome = d->outcome;
	p->code = d->code;
	p->next_allowed_at = d->next_allowed_at;
	p->detail = str_copy(s->arena, d->message);
	p->hint = str_copy(s->arena, d->hint);
	if (!s->options->with_documents)
		return true;
	struct buf out = buf_new(s->arena, DOCUMENT_MAX);
	struct jw j = jw_new(&out);
	jw_open(&j, '{');
	decision_json(&j, d);
	jw_close(&j);
	p->document = buf_str(&out);
	return true;
}

static bool judge_all(struct proposing *s, struct fail *why)
{
	struct pass *pass = s->pass;
	const struct decide_options how = {
	        .ask_hooks = true,
	        .hooks_about = &pass->drafts,
	        .with_tokens = s->options->with_documents,
	        .with_trace = s->options->with_documents};
	vec_each (struct proposal, p, &s->out->list) {
		struct oid blob;
		if (p->state != PROPOSAL_NEW)
			continue;
		if (!repo_blob_id(s->world->repo, p->text, &blob, why))
			return false;
		gather_draft(pass, p->path, &blob, p->text);
		map_put(&s->by_path, p->path, p);
	}
	return !s->by_path.n || decide(s->world, pass, &how, take, s, why);
}

bool propose(struct world *w, struct pass *p,
             const struct propose_options *options, struct proposals *out,
             struct fail *why)
{
	struct arena *a = w->arena;
	struct proposing s = {.world = w,
	                      .pass = p,
	                      .arena = a,
	                      .options = options,
	                      .out = out,
	                      .asked = map_new(a),
	                      .newest = map_new(a),
	                      .by_path = map_new(a)};
	*out = (struct proposals){0};
	if (!ledger_exists(w->ledger))
		return true;
	if (!check_gather(w, p, STR(""), why) || !mark_asked(&s, why) ||
	    !find_all(&s, why))
		return false;
	vec_each (struct proposal, c, &out->list)
		if (!compose(&s, c, why) || !settle(&s, c, why))
			return false;
	if (!judge_all(&s, why))
		return false;
	vec_each (struct proposal, c, &out->list)
		out->count[c->state]++;
	return true;
}
