#include "runner/remedy.h"

#include "runner/guard.h"

/* What one refusal is told from. */
struct refusal {
	struct arena *a;
	const struct policy *policy;
	const struct group *group; /* of the service, as it is now; NULL */
	const json_t *doc, *row, *inputs;
	struct str at; /* ", at policy/x.yaml:12"; or empty */
};

static struct str of_doc(const struct refusal *r, const char *key)
{
	return json_get_str(r->doc, key);
}

static struct str input(const struct refusal *r, const char *key)
{
	return json_get_str(r->inputs, key);
}

static struct str say(const struct refusal *r, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));

static struct str say(const struct refusal *r, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	struct str s = str_vformat(r->a, fmt, args);
	va_end(args);
	return s;
}

/* "bo@example.com, or a platform admin (ana@example.com)" */
static struct str people(const struct refusal *r)
{
	const struct texts *admins = &r->policy->roles.platform_admin;
	struct str admin = say(r, "a platform admin (%" STR_FMT ")",
	                       STR_ARG(guard_names(r->a, admins)));
	if (!r->group || !r->group->owners.n)
		return admin;
	return say(r, "an owner of %" STR_FMT " (%" STR_FMT ") or %" STR_FMT,
	           STR_ARG(r->group->id.s),
	           STR_ARG(guard_names(r->a, &r->group->owners)),
	           STR_ARG(admin));
}

static struct str actor(const struct refusal *r)
{
	return json_get_str(json_object_get(r->doc, "actor"), "email");
}

/* The instant that is known of this wait, for people; empty: none. */
static struct str until(const struct refusal *r, const char *key)
{
	struct str t = input(r, key);
	return t.n ? t : of_doc(r, "nextAllowedAt");
}

/* --- one a code ---------------------------------------------------------- */

static struct str raise(const struct refusal *r, const char *limit)
{
	int64_t n = json_get_int(r->inputs, "limit");
	int64_t used = json_get_int(r->inputs, "used");
	if (r->at.n)
		return say(r, "raise %s from %lld to %lld%" STR_FMT, limit,
		           (long long)n, (long long)(used + 1), STR_ARG(r->at));
	return say(r,
	           "set %s to %lld for the group %" STR_FMT
	           " (%lld is built in)",
	           limit, (long long)(used + 1), STR_ARG(of_doc(r, "group")),
	           (long long)n);
}

static struct str quota(const struct refusal *r)
{
	struct str kind = of_doc(r, "kind"), next = until(r, "resets");
	enum limit limit = str_is(kind, "build")      ? LIMIT_DAILY_BUILDS
	                   : str_is(kind, "rollback") ? LIMIT_DAILY_ROLLBACKS
	                                              : LIMIT_DAILY_DEPLOYS;
	return say(r, "wait for the next day%s%" STR_FMT "%s, or %" STR_FMT,
	           next.n ? " (" : "", STR_ARG(next), next.n ? ")" : "",
	           STR_ARG(raise(r, limit_name(limit))));
}

static struct str slots(const struct refusal *r)
{
	return say(r, "wait until one of what runs there ends, or %" STR_FMT,
	           STR_ARG(raise(r, limit_name(LIMIT_CONCURRENT_DEPLOYMENTS))));
}

static struct str approval(const struct refusal *r)
{
	int64_t missing = json_get_int(r->inputs, "needed") -
	                  json_get_int(r->inputs, "approvals");
	return say(r,
	           "have it approved by %lld more: %" STR_FMT
	           ", but not its author (dxcp approve %" STR_FMT ")",
	           (long long)missing, STR_ARG(people(r)),
	           STR_ARG(of_doc(r, "intent")));
}

static struct str dependency(const struct refusal *r)
{
	struct str runs = input(r, "runs");
	return say(r,
	           "deploy %" STR_FMT " %" STR_FMT " or later to %" STR_FMT
	           " first (%s%" STR_FMT ")",
	           STR_ARG(input(r, "service")), STR_ARG(input(r, "needed")),
	           STR_ARG(of_doc(r, "environment")),
	           runs.n ? "there runs " : "none runs there", STR_ARG(runs));
}

static struct str window(const struct refusal *r)
{
	struct str opens = until(r, "opens");
	return say(r,
	           "wait%s%" STR_FMT ", widen the window %" STR_FMT "%" STR_FMT
	           ", or have WINDOW_CLOSED waived",
	           opens.n ? " until " : "", STR_ARG(opens),
	           STR_ARG(input(r, "window")), STR_ARG(r->at));
}

static struct str freeze(const struct refusal *r)
{
	struct str ends = until(r, "until");
	return say(r,
	           "wait%s%" STR_FMT ", end the freeze %" STR_FMT "%" STR_FMT
	           ", or have FREEZE_ACTIVE waived",
	           ends.n ? " until " : "", STR_ARG(ends),
	           STR_ARG(input(r, "window")), STR_ARG(r->at));
}

static struct str soak(const struct refusal *r)
{
	struct str next = until(r, "until");
	return say(r,
	           "let it run a while longer in the environment "
	           "before%s%" STR_FMT ", or ask for a shorter soak%" STR_FMT,
	           next.n ? ", until " : "", STR_ARG(next), STR_ARG(r->at));
}

static struct str not_before(const struct refusal *r)
{
	struct str next = until(r, "until");
	return say(r, "wait%s%" STR_FMT ", or take not_before out of the file",
	           next.n ? " until " : "", STR_ARG(next));
}

static struct str hold(const struct refusal *r)
{
	struct str ends = input(r, "until");
	if (json_object_get(r->inputs, "automation"))
		return say(r, "let a person deploy it, with an intent of their "
		              "own, or deploy another version");
	return say(r, "deploy another version%s%" STR_FMT,
	           ends.n ? ", or wait until " : "", STR_ARG(ends));
}

static struct str kill_switch(const struct refusal *r)
{
	return say(r, "have a platform admin lift the kill switch%" STR_FMT,
	           STR_ARG(r->at));
}

static struct str no_role(const struct refusal *r)
{
	return say(r,
	           "let %" STR_FMT
	           " author it, or have the policy give %" STR_FMT " a role",
	           STR_ARG(people(r)), STR_ARG(actor(r)));
}

static struct str not_owner(const struct refusal *r)
{
	return say(r,
	           "let %" STR_FMT " author it, or add %" STR_FMT
	           " to the owners%" STR_FMT,
	           STR_ARG(people(r)), STR_ARG(actor(r)), STR_ARG(r->at));
}

static struct str ci_only(const struct refusal *r)
{
	const struct texts *ci = &r->policy->roles.ci_publisher;
	return say(r, "let a CI publisher (%" STR_FMT ") author it",
	           STR_ARG(guard_names(r->a, ci)));
}

static struct str unbuilt(const struct refusal *r)
{
	const struct texts *ci = &r->policy->roles.ci_publisher;
	return say(r,
	           "have a CI publisher (%" STR_FMT
	           ") register the build of %" STR_FMT " %" STR_FMT
	           ", or name a version that is registered",
	           STR_ARG(guard_names(r->a, ci)),
	           STR_ARG(of_doc(r, "service")),
	           STR_ARG(of_doc(r, "version")));
}

static struct str ineligible(const struct refusal *r)
{
	struct str version = input(r, "version");
	return say(r,
	           "let %" STR_FMT " %" STR_FMT " succeed in %" STR_FMT
	           " first",
	           STR_ARG(of_doc(r, "service")),
	           STR_ARG(version.n ? version : STR("a version")),
	           STR_ARG(input(r, "from")));
}

static struct str foreign_environment(const struct refusal *r)
{
	struct buf known = buf_new(r->a, 4096);
	const struct group_environment *first =
	        r->group ? r->group->environments.at : NULL;
	for (size_t i = 0; first && i < r->group->environments.n; i++)
		buf_format(&known, "%s%" STR_FMT, i ? ", " : "",
		           STR_ARG(first[i].name.s));
	return say(r,
	           "choose one of %" STR_FMT ", or add %" STR_FMT
	           " to the environments of the group%" STR_FMT,
	           STR_ARG(buf_str(&known)), STR_ARG(of_doc(r, "environment")),
	           STR_ARG(r->at));
}

static struct str switched_off(const struct refusal *r)
{
	return say(r, "have the environment opened again%" STR_FMT,
	           STR_ARG(r->at));
}

static struct str mended(const struct refusal *r)
{
	return say(r, "correct the file: %" STR_FMT,
	           STR_ARG(json_get_str(r->row, "detail")));
}

static struct str hint(const struct refusal *r)
{
	enum diag_code code = diag_find(json_get_str(r->row, "code"));
	bool decisive = str_eq(json_get_str(r->row, "code"), of_doc(r, "code"));
	struct str said = of_doc(r, "hint");
	if (!decisive || !said.n)
		said = str_of(diag_info(code)->hint);
	if (str_ends(said, STR(".")))
		said.n--;
	return say(r, "%" STR_FMT "%" STR_FMT, STR_ARG(said), STR_ARG(r->at));
}

static const struct {
	enum diag_code code;
	struct str (*say)(const struct refusal *r);
	bool by_itself;
} steps[] = {
        {DIAG_INVALID_REQUEST, mended, false},
        {DIAG_AUTHZ_ROLE_REQUIRED, no_role, false},
        {DIAG_ROLE_FORBIDDEN, no_role, false},
        {DIAG_CI_ONLY, ci_only, false},
        {DIAG_DELIVERY_GROUP_SCOPE_REQUIRED, not_owner, false},
        {DIAG_MUTATIONS_DISABLED, kill_switch, false},
        {DIAG_ENVIRONMENT_NOT_ALLOWED, foreign_environment, false},
        {DIAG_ENVIRONMENT_DISABLED, switched_off, false},
        {DIAG_VERSION_NOT_FOUND, unbuilt, false},
        {DIAG_PROMOTION_VERSION_INELIGIBLE, ineligible, false},
        {DIAG_VERSION_ON_HOLD, hold, false},
        {DIAG_NOT_BEFORE, not_before, true},
        {DIAG_FREEZE_ACTIVE, freeze, true},
        {DIAG_WINDOW_CLOSED, window, true},
        {DIAG_SOAK_NOT_MET, soak, true},
        {DIAG_DEPENDENCY_NOT_READY, dependency, false},
        {DIAG_APPROVAL_REQUIRED, approval, false},
        {DIAG_QUOTA_EXCEEDED, quota, true},
        {DIAG_CONCURRENCY_LIMIT_REACHED, slots, true},
        {DIAG_ENGINE_UNAVAILABLE, hint, true},
};

/* --- all ----------------------------------------------------------------- */

static void add(struct refusal *r, enum diag_code code, struct remedies *out)
{
	const json_t *rule = json_object_get(r->row, "rule");
	struct remedy *m = vec_add(r->a, out);
	m->code = code;
	m->file = json_get_str(rule, "file");
	m->line = json_get_int(rule, "line");
	r->at = m->file.n ? say(r, ", at %" STR_FMT ":%lld", STR_ARG(m->file),
	                        (long long)m->line)
	                  : STR("");
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (steps[i].code == code) {
			m->text = steps[i].say(r);
			m->by_itself = steps[i].by_itself;
			return;
		}
	m->text = hint(r);
}

void remedies_of(struct arena *a, const struct policy *p, const json_t *doc,
                 struct remedies *out)
{
	struct refusal r = {.a = a, .policy = p, .doc = doc};
	size_t i;
	json_t *row;
	r.group = policy_group_of(p, json_get_str(doc, "service"));
	*out = (struct remedies){0};
	json_array_foreach(json_object_get(doc, "trace"), i, row)
	{
		struct str result = json_get_str(row, "result");
		enum diag_code code = diag_find(json_get_str(row, "code"));
		if (code == DIAG_NONE ||
		    !(str_is(result, "wait") || str_is(result, "deny")))
			continue;
		r.row = row;
		r.inputs = json_object_get(row, "inputs");
		add(&r, code, out);
	}
}
