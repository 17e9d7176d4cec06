#include "runner/guard.h"

static bool is_for_this(const struct facts *f,
                        const struct recorded_approval *v)
{
	struct oid_hex blob = oid_hex(&f->request->blob);
	return str_eq_nocase(v->blob, str_of(blob.s));
}

static bool counts(const struct facts *f, const struct recorded_approval *v)
{
	return !v->rejects && is_for_this(f, v) &&
	       facts_may_approve(f, v->actor);
}

/* Persons, not approvals: whoever approves twice counts once. */
static int64_t count(const struct facts *f)
{
	int64_t n = 0;
	for (size_t i = 0; i < f->napprovals; i++) {
		bool first = counts(f, &f->approvals[i]);
		for (size_t j = 0; first && j < i; j++)
			first = !counts(f, &f->approvals[j]) ||
			        !str_eq_nocase(f->approvals[j].actor,
			                       f->approvals[i].actor);
		n += first;
	}
	return n;
}

/* Why somebody's approval did not help. */
static const char *why_not(const struct facts *f)
{
	for (size_t i = 0; i < f->napprovals; i++) {
		const struct recorded_approval *v = &f->approvals[i];
		if (v->rejects || counts(f, v))
			continue;
		if (str_eq_nocase(v->actor, f->actor.email))
			return "; the author's own does not count";
		if (!facts_may_approve(f, v->actor))
			return "; one is by somebody who may not approve it";
		return v->blob.n ? "; one is for another text of the intent"
		                 : "; one does not say for which text";
	}
	return "";
}

void guard_approval(const struct facts *f, struct trace_row *row,
                    struct arena *a)
{
	const struct number *needed = facts_approvals(f);
	if (!needed) {
		guard_pass(row, a, "none is asked for");
		return;
	}
	int64_t n = count(f);
	guard_rule(row, needed->at);
	guard_input_int(row, "approvals", n);
	guard_input_int(row, "needed", needed->n);
	if (n >= needed->n)
		guard_pass(row, a, "%lld of %lld", (long long)n,
		           (long long)needed->n);
	else
		guard_refuse(row, a, f, DIAG_APPROVAL_REQUIRED,
		             f->request->environment_at,
		             "%lld of %lld approvals for %" STR_FMT "%s",
		             (long long)n, (long long)needed->n,
		             STR_ARG(f->request->environment), why_not(f));
}
