#include "runner/guard.h"

enum { ANSWERS_MAX = 4096 };

/* "scan allow, opa deny", and the digests of what they answered. */
static void put_answers(const struct facts *f, struct trace_row *row,
                        struct arena *a)
{
	static const char *const words[] = {"allow", "deny", "failed"};
	struct buf hooks = buf_new(a, ANSWERS_MAX);
	struct buf outputs = buf_new(a, ANSWERS_MAX);
	for (size_t i = 0; i < f->nhooks; i++) {
		const struct hook_answer *answer = &f->hooks[i];
		struct str id = answer->hook->id.s;
		buf_format(&hooks, "%s%" STR_FMT " %s", i ? ", " : "",
		           STR_ARG(id), words[answer->result]);
		if (answer->output.n)
			buf_format(&outputs, "%s%" STR_FMT " sha256:%" STR_FMT,
			           outputs.n ? ", " : "", STR_ARG(id),
			           STR_ARG(answer->output));
	}
	guard_input(row, "hooks", buf_str(&hooks));
	if (outputs.n)
		guard_input(row, "outputs", buf_str(&outputs));
}

static void refuse(const struct facts *f, struct trace_row *row,
                   struct arena *a, const struct hook_answer *answer)
{
	struct spot at = f->request->environment_at;
	bool failed = answer->result == HOOK_FAILED;
	guard_rule(row, answer->hook->id.at);
	guard_refuse(row, a, f, DIAG_HOOK_DENIED, at,
	             "the hook %" STR_FMT " %s: %" STR_FMT,
	             STR_ARG(answer->hook->id.s),
	             failed ? "failed, which denies" : "denies",
	             STR_ARG(answer->text));
	if (failed)
		guard_hint(row, a,
		           "Ask the platform team to look at the hook, then "
		           "propose the intent in a new file.");
}

void guard_hook(const struct facts *f, struct trace_row *row, struct arena *a)
{
	const struct hook_answer *passed = NULL;
	if (!facts_has_hooks(f)) {
		guard_pass(row, a, "no hook concerns it");
		return;
	}
	if (!f->hooks_asked) {
		guard_skip(row, a, "not asked");
		return;
	}
	put_answers(f, row, a);
	for (size_t i = 0; i < f->nhooks; i++) {
		const struct hook_answer *answer = &f->hooks[i];
		bool failed = answer->result == HOOK_FAILED;
		if (answer->result == HOOK_DENIES ||
		    (failed &&
		     answer->hook->on_failure.is == ON_FAILURE_DENY)) {
			refuse(f, row, a, answer);
			return;
		}
		if (failed && !passed)
			passed = answer;
		guard_rule(row, answer->hook->id.at);
	}
	if (passed)
		guard_pass(row, a,
		           "the hook %" STR_FMT
		           " failed, which its on_failure lets pass: %" STR_FMT,
		           STR_ARG(passed->hook->id.s), STR_ARG(passed->text));
	else
		guard_pass(row, a, "allowed");
}
