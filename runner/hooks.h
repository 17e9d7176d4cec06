/*
 * hooks: checks of the platform's own, asked about what no guardrail before
 * them denies: a program, which allows by exiting with 0, or a rule of an OPA
 * server. CONTRACT section 8, "Engines".
 *
 * Asking is done here and made a fact; the guardrail `hook` decides on it. What
 * hooks are told is in hook_input; site/guide/hooks.md tells their authors.
 *
 * An OPA rule is asked by POST {"input": facts} to the hook's opa_url. Its
 * result is true or false, or a list (a set) of messages, each a text or an
 * object with `msg`: none allows. true allows, but where the address ends in
 * deny, denied, violation or violations it denies. No result, another status
 * than 200, an answer that is no JSON: the hook failed.
 */
#ifndef RUNNER_HOOKS_H
#define RUNNER_HOOKS_H

#include "runner/facts.h"
#include "runner/gather.h"

enum {
	HOOK_OUTPUT_MAX = 64 * 1024, /* that is kept, and of an OPA's answer */
	HOOK_MESSAGE_MAX = 240,      /* characters */
};

/* Of one pass; what it opens ends with the pass's arena. */
struct hooks;
struct hooks *hooks_new(struct world *w, const struct pass *p);

/*
 * Ask all hooks that concern the request, in the policy's order, up to the
 * first that denies; the answers go to f->hooks, their texts to a.
 * *told_to_stop where a signal came meanwhile: then there is no answer. Fails
 * where the intent cannot be read again.
 */
bool hooks_ask(struct hooks *h, struct arena *a, struct facts *f,
               const struct decision *d, bool *told_to_stop, struct fail *why);

/* Whether it can be asked: its program is there, its server answers; *text is
   one sentence either way. For doctor. */
bool hook_examine(struct world *w, struct arena *a, const struct hook *hook,
                  struct str *text);

/* What hooks are told: one object, schema dxcp.hook/1, with a line feed. */
bool hook_input(struct str *out, struct world *w, const struct pass *p,
                struct arena *a, const struct facts *f,
                const struct decision *d, struct fail *why);

/*
 * What an OPA's answer says, of status 200; rule is the address. HOOK_FAILED
 * with the reason in *text where it says nothing.
 */
enum hook_result hook_opa_result(struct str *text, struct arena *a,
                                 struct str rule, struct str body);

#endif
