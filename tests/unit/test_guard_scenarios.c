/*
 * Runs tests/guards/<guard>/<case>/: one scenario a folder, the name a
 * sentence.
 *
 *	intent.yaml   the intent, as if at intents/<its service>/intent.yaml
 *	              (facts.yaml may say another path)
 *	facts.yaml    what git, the ledger and the engine said; see fact_keys
 *	policy.yaml   the policy, where the shared tests/guards/policy.yaml
 *	              does not do
 *	windows.yaml  more policy, as policy/windows.yaml; where it is needed
 *	expect.txt    what the guardrail says, line by line
 *
 * expect.txt is compared whole. With UPDATE=1 in the environment it is written
 * instead, for a person to review.
 */
#include "core/files.h"
#include "core/vec.h"
#include "runner/judge.h"
#include "tests/lib/tap.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

struct given_build {
	struct text artifact, sha256, commit;
};

struct given_deployment {
	struct number number;
	struct text version;
	struct choice kind, outcome;
	struct moment finished;
};
struct given_running {
	struct text service, version;
};
struct given_hold {
	struct moment until;
	struct text actor, summary;
};
struct given_approval {
	struct text actor, summary;
	struct flag other_blob, no_blob;
	struct choice decision;
};
struct given_target {
	struct flag known, stands, waits;
	struct number open, last;
};
struct given_cause {
	struct text service, environment;
};
struct given_hook_answer {
	struct text id, text;
	struct choice result;
};

struct given {
	struct moment now, waiting_since;
	struct text actor, path, engine_text;
	struct choice recorded, engine, artifact;
	struct flag mixed, removed, is_signed;
	struct number quota_used, slots_used;
	struct given_build registered;
	struct given_deployment success, undoes, undone;
	struct list running; /* struct given_running */
	struct given_hold hold, withdrawal;
	struct list approvals; /* struct given_approval */
	struct given_target target;
	struct given_cause cause;
	struct list hooks; /* struct given_hook_answer; not given: not asked */
};

static const char *const recorded_names[] = {"none", "same", "changed", NULL};
static const char *const engine_names[] = {
        "not-asked",  "ready",   "not-found",   "down",      "no-access",
        "bad-config", "refused", "no-artifact", "uncertain", NULL};

static const char *const artifact_names[] = {"not-looked-at", "there",
                                             "missing", "differs", NULL};

static const struct key build_keys[] = {
        KEY_TEXT(struct given_build, artifact, REQUIRED, "its address"),
        KEY_TEXT(struct given_build, sha256, OPTIONAL, "its digest"),
        KEY_TEXT(struct given_build, commit, OPTIONAL, "its commit"),
};
static const struct shape build_shape =
        SHAPE("registered build", struct given_build, build_keys);

static const struct key deployment_keys[] = {
        KEY_NUMBER(struct given_deployment, number, REQUIRED, 1, 1000000,
                   "its number"),
        KEY_TEXT(struct given_deployment, version, REQUIRED, "its version"),
        KEY_CHOICE(struct given_deployment, kind, OPTIONAL,
                   deployment_kind_names, "its kind"),
        KEY_CHOICE(struct given_deployment, outcome, OPTIONAL,
                   deployment_outcome_names, "what became of it"),
        KEY_MOMENT(struct given_deployment, finished, OPTIONAL, "when"),
};
static const struct shape deployment_shape =
        SHAPE("deployment", struct given_deployment, deployment_keys);

static const struct key running_keys[] = {
        KEY_TEXT(struct given_running, service, REQUIRED, "what"),
        KEY_TEXT(struct given_running, version, REQUIRED, "in which version"),
};
static const struct shape running_shape =
        SHAPE("running version", struct given_running, running_keys);

static const char *const decision_names[] = {"approve", "reject", NULL};

static const struct key hold_keys[] = {
        KEY_TEXT(struct given_hold, actor, REQUIRED, "who said so"),
        KEY_TEXT(struct given_hold, summary, OPTIONAL, "and why"),
        KEY_MOMENT(struct given_hold, until, OPTIONAL, "its end"),
};
static const struct shape hold_shape =
        SHAPE("hold or cancel", struct given_hold, hold_keys);

static const struct key approval_keys[] = {
        KEY_TEXT(struct given_approval, actor, REQUIRED, "who said so"),
        KEY_TEXT(struct given_approval, summary, OPTIONAL, "and why"),
        KEY_CHOICE(struct given_approval, decision, OPTIONAL, decision_names,
                   "approve (the default) or reject"),
        KEY_FLAG(struct given_approval, other_blob, OPTIONAL,
                 "for another text than the intent's"),
        KEY_FLAG(struct given_approval, no_blob, OPTIONAL, "for none"),
};
static const struct shape approval_shape =
        SHAPE("approval", struct given_approval, approval_keys);

static const struct key target_keys[] = {
        KEY_FLAG(struct given_target, known, OPTIONAL, "a run judged it"),
        KEY_FLAG(struct given_target, stands, OPTIONAL, "its file is there"),
        KEY_FLAG(struct given_target, waits, OPTIONAL, "it waits"),
        KEY_NUMBER(struct given_target, open, OPTIONAL, 0, 1000000,
                   "its deployment that has not ended"),
        KEY_NUMBER(struct given_target, last, OPTIONAL, 0, 1000000,
                   "its last deployment"),
};
static const struct shape target_shape =
        SHAPE("target", struct given_target, target_keys);

static const struct key cause_keys[] = {
        KEY_TEXT(struct given_cause, service, REQUIRED, "of which"),
        KEY_TEXT(struct given_cause, environment, REQUIRED, "and where"),
};
static const struct shape cause_shape =
        SHAPE("cause", struct given_cause, cause_keys);

static const char *const hook_results[] = {"allow", "deny", "failed", NULL};

static const struct key hook_answer_keys[] = {
        KEY_TEXT(struct given_hook_answer, id, REQUIRED, "of which hook"),
        KEY_CHOICE(struct given_hook_answer, result, REQUIRED, hook_results,
                   "what it said"),
        KEY_TEXT(struct given_hook_answer, text, OPTIONAL, "in its words"),
};
static const struct shape hook_answer_shape =
        SHAPE("hook's answer", struct given_hook_answer, hook_answer_keys);

static const struct key fact_keys[] = {
        KEY_MOMENT(struct given, now, OPTIONAL, "the clock"),
        KEY_MOMENT(struct given, waiting_since, OPTIONAL,
                   "when it first waited"),
        KEY_TEXT(struct given, actor, OPTIONAL, "author's e-mail"),
        KEY_TEXT(struct given, path, OPTIONAL, "the intent's path"),
        KEY_CHOICE(struct given, recorded, OPTIONAL, recorded_names,
                   "what the ledger has of this path"),
        KEY_CHOICE(struct given, engine, OPTIONAL, engine_names,
                   "what the engine said"),
        KEY_CHOICE(struct given, artifact, OPTIONAL, artifact_names,
                   "what was seen of the build's artifact"),
        KEY_TEXT(struct given, engine_text, OPTIONAL, "in its words"),
        KEY_FLAG(struct given, mixed, OPTIONAL, "its change touched policy/"),
        KEY_FLAG(struct given, removed, OPTIONAL, "its file is gone"),
        KEY_FLAG(struct given, is_signed, OPTIONAL, "by a known signer"),
        KEY_NUMBER(struct given, quota_used, OPTIONAL, 0, 1000000,
                   "dispatched today"),
        KEY_NUMBER(struct given, slots_used, OPTIONAL, 0, 1000000,
                   "in progress"),
        KEY_STRUCT(struct given, registered, OPTIONAL, &build_shape,
                   "the build of this version"),
        KEY_STRUCT(struct given, success, OPTIONAL, &deployment_shape,
                   "what a promotion or rollback goes by"),
        KEY_STRUCT(struct given, undoes, OPTIONAL, &deployment_shape,
                   "what a rollback undoes"),
        KEY_STRUCT(struct given, undone, OPTIONAL, &deployment_shape,
                   "of this version there, rolled back"),
        KEY_STRUCTS(struct given, running, OPTIONAL, &running_shape,
                    "other services in the environment"),
        KEY_STRUCT(struct given, hold, OPTIONAL, &hold_shape,
                   "on the version there"),
        KEY_STRUCT(struct given, withdrawal, OPTIONAL, &hold_shape,
                   "a cancel of the intent"),
        KEY_STRUCTS(struct given, approvals, OPTIONAL, &approval_shape,
                    "and rejections of the intent"),
        KEY_STRUCT(struct given, target, OPTIONAL, &target_shape,
                   "the intent that it is about"),
        KEY_STRUCT(struct given, cause, OPTIONAL, &cause_shape,
                   "the deployment that caused the incident"),
        KEY_STRUCTS(struct given, hooks, OPTIONAL, &hook_answer_shape,
                    "what hooks said, in order"),
};
static const struct shape fact_shape = SHAPE("facts", struct given, fact_keys);

/* --- reading a scenario --------------------------------------------------- */

static struct source *read_source(struct arena *a, const char *file,
                                  struct str as)
{
	struct fail why = {0};
	struct str text;
	if (!file_read(&text, a, file, SOURCE_MAX_BYTES, &why))
		return NULL;
	return source_new(a, as, text);
}

static struct policy *read_policy(struct arena *a, const char *folder)
{
	struct diags ds = diags_new(a);
	struct source *files[2];
	size_t n = 1;
	files[0] = read_source(a, str_format(a, "%s/policy.yaml", folder).s,
	                       STR("policy/policy.yaml"));
	if (!files[0])
		files[0] = read_source(a, "tests/guards/policy.yaml",
		                       STR("policy/policy.yaml"));
	if (!files[0])
		return NULL;
	files[n] = read_source(a, str_format(a, "%s/windows.yaml", folder).s,
	                       STR("policy/windows.yaml"));
	n += files[n] != NULL;
	struct policy *p = policy_read(a, files, n, &ds);
	struct buf out = buf_new(a, 1 << 16);
	for (size_t i = 0; i < ds.n && ds.errors; i++)
		diag_print(&out, &ds.at[i], false);
	if (ds.errors)
		tap_note("%s: %.*s", folder, STR_ARG(buf_str(&out)));
	return ds.errors ? NULL : p;
}

static bool read_given(struct arena *a, const char *folder, struct given *out)
{
	struct diags ds = diags_new(a);
	struct source *src = read_source(
	        a, str_format(a, "%s/facts.yaml", folder).s, STR("facts.yaml"));
	struct yaml_document *doc = src ? yaml_parse(a, src, &ds) : NULL;
	if (doc && decode(out, a, &fact_shape, doc->root, &ds))
		return true;
	struct buf text = buf_new(a, 1 << 16);
	for (size_t i = 0; i < ds.n; i++)
		diag_print(&text, &ds.at[i], false);
	tap_note("%s: %.*s", folder, STR_ARG(buf_str(&text)));
	return false;
}

static bool read_request(struct arena *a, const char *folder,
                         const struct given *given, struct request *out)
{
	static const struct oid blob;
	struct diags ds = diags_new(a);
	struct intent *intent = ARENA_NEW(a, struct intent);
	struct source *src =
	        read_source(a, str_format(a, "%s/intent.yaml", folder).s,
	                    STR("intents/checkout/intent.yaml"));
	if (!src)
		return false;
	if (given->path.s.n)
		src->path = given->path.s;
	intent_read(intent, a, src, &ds);
	*out = request_of(a, intent, src, &blob, &ds);
	out->path = src->path;
	out->mixed = given->mixed.on;
	out->removed = given->removed.on;
	out->waiting = GIVEN(given->waiting_since);
	request_more_new(a, out)->waiting_since = given->waiting_since.t;
	/* As runner/history does. */
	if (GIVEN(given->success.number) && !out->version.n)
		out->version = given->success.version.s;
	return true;
}

static void fill_counts(struct facts *f, const struct given *given)
{
	bool build = f->request->kind == INTENT_BUILD;
	struct str environment = build ? STR("") : f->request->environment;
	if (!f->group)
		return;
	f->has_quota = true;
	f->quota = policy_limit(f->policy, f->group, environment,
	                        facts_quota(f->request));
	f->quota_used = given->quota_used.n;
	f->quota_resets_at = when_day_end(f->now, f->policy->platform.zone);
	f->has_slots = !build;
	f->slots = policy_limit(f->policy, f->group, environment,
	                        LIMIT_CONCURRENT_DEPLOYMENTS);
	f->slots_used = given->slots_used.n;
}

static const struct deployment *
make_deployment(struct arena *a, const struct given_deployment *given)
{
	if (!GIVEN(given->number))
		return NULL;
	struct deployment *d = ARENA_NEW(a, struct deployment);
	d->number = given->number.n;
	d->version = given->version.s;
	d->kind = (enum deployment_kind)given->kind.is;
	d->outcome = (enum deployment_outcome)given->outcome.is;
	d->finished_at = given->finished.t;
	return d;
}

/* As runner/history does. */
static void fill_needs(struct arena *a, struct facts *f,
                       const struct given *given)
{
	const struct given_running *running = given->running.at;
	if (!f->service || !f->service->needs.n || !f->request->environment.n)
		return;
	const struct need *need = f->service->needs.at;
	struct deployment **runs =
	        arena_array(a, f->service->needs.n, sizeof *runs);
	for (size_t i = 0; i < f->service->needs.n; i++)
		for (size_t k = 0; k < given->running.n; k++)
			if (str_eq(running[k].service.s, need[i].service.s)) {
				runs[i] = ARENA_NEW(a, struct deployment);
				runs[i]->version = running[k].version.s;
			}
	f->needs = (const struct deployment *const *)runs;
}

static void fill_approvals(struct arena *a, struct facts *f,
                           const struct given *given)
{
	const struct given_approval *said = given->approvals.at;
	struct recorded_approval *all =
	        arena_array(a, given->approvals.n + 1, sizeof *all);
	for (size_t i = 0; i < given->approvals.n; i++) {
		struct oid_hex blob = oid_hex(&f->request->blob);
		if (said[i].other_blob.on)
			blob.s[0] = 'f';
		all[i] = (struct recorded_approval){
		        .actor = said[i].actor.s,
		        .summary = said[i].summary.s,
		        .rejects = said[i].decision.is == APPROVAL_REJECT,
		        .blob = said[i].no_blob.on
		                        ? STR("")
		                        : str_copy(a, str_of(blob.s)),
		        .intent_path = STR("intents/checkout/yes.yaml"),
		};
	}
	f->approvals = all;
	f->napprovals = given->approvals.n;
}

static void fill_rulings(struct arena *a, struct facts *f,
                         const struct given *given)
{
	struct recorded_hold *h = ARENA_NEW(a, struct recorded_hold);
	struct recorded_withdrawal *w =
	        ARENA_NEW(a, struct recorded_withdrawal);
	struct deployment *d = ARENA_NEW(a, struct deployment);
	h->until = given->hold.until.t;
	h->actor = given->hold.actor.s;
	h->summary = given->hold.summary.s;
	h->intent_path = STR("intents/checkout/hold.yaml");
	f->hold = h->actor.n ? h : NULL;
	w->actor = given->withdrawal.actor.s;
	w->summary = given->withdrawal.summary.s;
	w->intent_path = STR("intents/checkout/cancel.yaml");
	f->withdrawal = w->actor.n ? w : NULL;
	f->target = (struct recorded_intent){
	        .known = given->target.known.on,
	        .waits = given->target.waits.on,
	        .open_number = given->target.open.n,
	        .last_number = given->target.last.n,
	};
	f->target_stands = given->target.stands.on;
	d->service = given->cause.service.s;
	d->environment = given->cause.environment.s;
	f->cause = d->service.n ? d : NULL;
	fill_approvals(a, f, given);
}

static const struct hook *find_hook(const struct policy *p, struct str id)
{
	for (size_t i = 0; i < p->hooks.n; i++)
		if (str_eq(p->hooks.at[i]->id.s, id))
			return p->hooks.at[i];
	return NULL;
}

static void fill_hooks(struct arena *a, struct facts *f,
                       const struct given *given)
{
	const struct given_hook_answer *said = given->hooks.at;
	struct hook_answer *all =
	        arena_array(a, given->hooks.n + 1, sizeof *all);
	for (size_t i = 0; i < given->hooks.n; i++) {
		all[i] = (struct hook_answer){
		        .hook = find_hook(f->policy, said[i].id.s),
		        .result = (enum hook_result)said[i].result.is,
		        .text = said[i].text.s,
		};
		if (all[i].result != HOOK_FAILED)
			all[i].output = STR("abc");
		if (!all[i].hook)
			ok(false, "the policy has the hook");
	}
	f->hooks_asked = given->hooks.span.src != NULL;
	f->hooks = all;
	f->nhooks = given->hooks.n;
}

static struct facts make_facts(struct arena *a, const struct policy *policy,
                               const struct request *request,
                               const struct given *given)
{
	struct facts f = {.policy = policy,
	                  .request = request,
	                  .now = given->now.t,
	                  .recorded = (enum record_state)given->recorded.is,
	                  .artifact = (enum artifact_look)given->artifact.is,
	                  .engine_answer = (enum engine_answer)given->engine.is,
	                  .engine_text = given->engine_text.s};
	bool owns;
	struct str email = str_lower(a, given->actor.s);
	facts_resolve(&f);
	facts_actor(&f, email, email,
	            policy_roles(policy, email, f.group, &owns));
	if (given->registered.artifact.s.n) {
		struct build *b = ARENA_NEW(a, struct build);
		b->service = request->service;
		b->version = request->version;
		b->artifact = given->registered.artifact.s;
		b->sha256 = given->registered.sha256.s;
		b->commit = given->registered.commit.s;
		f.registered = b;
	}
	f.proven = given->is_signed.on;
	f.actor.proof = f.proven ? PROOF_SIGNED : PROOF_AUTHOR;
	f.proof_detail = f.proven ? STR("the SSH key SHA256:abc")
	                          : STR("the commit is not signed");
	f.success = make_deployment(a, &given->success);
	f.undoes = make_deployment(a, &given->undoes);
	f.undone = make_deployment(a, &given->undone);
	fill_needs(a, &f, given);
	fill_counts(&f, given);
	fill_rulings(a, &f, given);
	fill_hooks(a, &f, given);
	return f;
}

/* --- what the guardrail said ---------------------------------------------- */

static const struct trace_row *row_of(const struct decision *d,
                                      const char *guardrail)
{
	for (size_t i = 0; i < d->ntrace; i++)
		if (!strcmp(d->trace[i].guardrail, guardrail))
			return &d->trace[i];
	return NULL;
}

/* What the decision makes of a wait, where that is more than the row says. */
static void add_whole(struct buf *out, const struct decision *d,
                      const struct trace_row *row)
{
	struct str hint =
	        row->hint.n ? row->hint : str_of(diag_info(row->code)->hint);
	bool decides = d->code == row->code;
	if (row->result != TRACE_WAIT || d->outcome != OUTCOME_WAIT ||
	    (d->next_allowed_at == row->next_allowed_at &&
	     (!decides || str_eq(d->hint, hint))))
		return;
	if (!d->next_allowed_at)
		buf_format(out, "all told at no known time\n");
	else if (d->next_allowed_at != row->next_allowed_at)
		buf_format(out, "all told from %s\n",
		           when_text(d->next_allowed_at).s);
	buf_format(out, "hint %" STR_FMT "\n", STR_ARG(d->hint));
}

static struct str describe(struct arena *a, const struct decision *d,
                           const struct trace_row *row)
{
	static const char *const results[] = {"pass", "wait", "deny", "waived",
	                                      "skip"};
	struct buf out = buf_new(a, 1 << 16);
	buf_format(&out, "%s", results[row->result]);
	if (row->code)
		buf_format(&out, " %s", diag_info(row->code)->name);
	buf_format(&out, ": %.*s\n", STR_ARG(row->detail));
	if (row->at.file.n)
		buf_format(&out, "at %.*s:%u:%u-%u:%u\n", STR_ARG(row->at.file),
		           row->at.line, row->at.column, row->at.end_line,
		           row->at.end_column);
	if (row->rule.file.n)
		buf_format(&out, "rule %.*s:%u\n", STR_ARG(row->rule.file),
		           row->rule.line);
	if (row->hint.n)
		buf_format(&out, "next %.*s\n", STR_ARG(row->hint));
	if (row->next_allowed_at)
		buf_format(&out, "allowed from %s\n",
		           when_text(row->next_allowed_at).s);
	if (d->code != row->code)
		buf_format(&out, "decided by %s\n",
		           d->code ? diag_info(d->code)->name : "nobody");
	add_whole(&out, d, row);
	return buf_str(&out);
}

/* --- the order of the decision table -------------------------------------- */

/* Codes are numbered in the order of the table. ARTIFACT_NOT_FOUND is given in
   its place and, where only the engine knows of it, by the engine at the end.
 */
static bool has_place(enum diag_code code)
{
	return code != DIAG_NONE && code != DIAG_ARTIFACT_NOT_FOUND;
}

static bool is_in_order(const struct decision *d)
{
	enum diag_code last = has_place(d->code) ? d->code : DIAG_NONE;
	for (size_t i = 0; i < d->nalso; i++) {
		if (!has_place(d->also[i]))
			continue;
		if (d->also[i] <= last)
			return false;
		last = d->also[i];
	}
	return true;
}

/* What the scenarios have shown: by which guardrail each code is given (1 +
   its place), and which pairs were refused together. */
struct shown {
	size_t by[DIAG_CODE_COUNT];
	bool together[DIAG_CODE_COUNT][DIAG_CODE_COUNT];
};

static void show(struct shown *s, const struct decision *d)
{
	for (size_t i = 0; i < d->ntrace; i++) {
		const struct trace_row *row = &d->trace[i];
		if (row->code != DIAG_NONE)
			s->by[row->code] = i + 1;
	}
	for (size_t i = 0; i < d->nalso; i++)
		s->together[d->code][d->also[i]] = true;
}

/*
 * The first guardrail that refuses decides: so that its code stands before all
 * later ones in the table, guardrails have to stand in the order of their
 * codes. Two codes of one guardrail never come together.
 */
static void check_order(const struct shown *s)
{
	enum diag_code before = DIAG_NONE;
	size_t pairs = 0, seen = 0;
	for (int i = DIAG_NONE + 1; i < DIAG_CODE_COUNT; i++) {
		enum diag_code code = (enum diag_code)i;
		if (!diag_info(code)->row)
			continue;
		ok(s->by[code] > 0, "a scenario shows %s",
		   diag_info(code)->name);
		if (!has_place(code))
			continue;
		if (before != DIAG_NONE) {
			ok(s->by[before] <= s->by[code],
			   "where both refuse, %s decides, not %s",
			   diag_info(before)->name, diag_info(code)->name);
			ok(!s->together[code][before],
			   "and never the other way round");
			pairs++;
			seen += s->together[before][code];
		}
		before = code;
	}
	tap_note("%zu of %zu neighbours of the table refuse together in a "
	         "scenario",
	         seen, pairs);
}

static void run_case(struct arena *a, const char *guardrail, const char *folder,
                     struct shown *shown)
{
	struct fail why = {0};
	struct given given = {0};
	struct request request;
	const char *expect = str_format(a, "%s/expect.txt", folder).s;
	struct policy *policy = read_policy(a, folder);
	if (!policy || !read_given(a, folder, &given) ||
	    !read_request(a, folder, &given, &request)) {
		ok(false, "%s can be read", folder);
		return;
	}
	struct facts f = make_facts(a, policy, &request, &given);
	struct decision d = {
	        .request = &request,
	        .trace = arena_array(a, VERDICT_TRACE_MAX, sizeof *d.trace)};
	judge(&d, &f, true, a);
	show(shown, &d);
	if (!is_in_order(&d))
		ok(false, "%s: refusals are in the order of the table", folder);
	const struct trace_row *row = row_of(&d, guardrail);
	if (!ok(row != NULL, "%s: the guardrail has a row", folder))
		return;
	struct str got = describe(a, &d, row), want = STR("");
	if (getenv("UPDATE") && !file_write(expect, got, &why))
		tap_note("%s", why.text);
	file_read(&want, a, expect, 1 << 16, &why);
	is_str(got, str_cstr(a, want), "%s", folder);
}

/* --- finding the scenarios ------------------------------------------------ */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct names {
	VEC(const char *) list;
};

static struct names folders_in(struct arena *a, const char *path)
{
	struct names names = {0};
	DIR *dir = opendir(path);
	if (!dir)
		return names;
	for (const struct dirent *e; (e = readdir(dir));)
		if (e->d_name[0] != '.' && !strchr(e->d_name, '.'))
			*vec_add(a, &names.list) =
			        str_cstr(a, str_of(e->d_name));
	closedir(dir);
	qsort(names.list.at, names.list.n, sizeof *names.list.at, by_name);
	return names;
}

int main(void)
{
	struct arena *a = arena_new(), *scratch = arena_new();
	struct shown *shown = ARENA_NEW(a, struct shown);
	for (size_t i = 0; i < guard_count; i++) {
		const char *folder =
		        str_format(a, "tests/guards/%s", guards[i].name).s;
		struct names cases = folders_in(a, folder);
		ok(cases.list.n >= 3,
		   "%s has a passing, a failing and a boundary case (%zu)",
		   guards[i].name, cases.list.n);
		vec_each (const char *, name, &cases.list) {
			run_case(scratch, guards[i].name,
			         str_format(scratch, "%s/%s", folder, *name).s,
			         shown);
			arena_reset(scratch);
		}
	}
	check_order(shown);
	arena_free(scratch);
	arena_free(a);
	return tap_done();
}
