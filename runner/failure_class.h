/*
 * failure_class: what kind of failure it was: CONTRACT section 2, "Failure
 * categories", and section 8, "Failures without category are classified from
 * their text".
 *
 * Two ordered lists decide. The built-in one, failure_class.def, always finds
 * a row (the last of them is UNKNOWN). Then the policy's `failure_rule`s, in
 * the order of their files and documents: the first whose `match` fits
 * replaces the category, the summary and the hint. So a platform team's own
 * words win over the built-in ones, about failures that the built-in list
 * knows, too: a rule that had no effect where the program has an opinion of
 * its own would surprise its author.
 *
 * All keys of a `match` must fit. Patterns are those of core/glob.h, without
 * regard to letter case (ASCII), and '*' takes everything, '/' and line ends
 * included. A key matches nothing where the failure has no such field: a
 * `stage_type` never fits what a program said.
 */
#ifndef RUNNER_FAILURE_CLASS_H
#define RUNNER_FAILURE_CLASS_H

#include "core/deployment.h"
#include "core/policy.h"

/* Where the text was found, for the rows that go by that. */
enum failure_source {
	FAILED_IN_EXCEPTION, /* of a stage or task */
	FAILED_IN_CLOUD,     /* a cloud operation: kato.tasks */
	FAILED_IN_MANIFEST,  /* messages about a manifest that did not settle */
	FAILED_IN_WEBHOOK,   /* what a webhook stage called */
	FAILED_IN_MONITOR,   /* what a webhook stage then asked for its end */
	FAILED_IN_JUDGMENT,  /* a person stopped it */
	FAILED_IN_EXPRESSION,
	FAILED_IN_PRECONDITION,
	FAILED_IN_PLANNING, /* a stage could not be laid out */
	FAILED_IN_STARTUP,  /* refused before its first stage */
	FAILED_IN_NOTHING,  /* a pipeline without stages */
	FAILED_IN_CHILD,    /* a pipeline that was started by this one */
	FAILED_IN_OUTPUT,   /* what a program or a script said */
	FAILED_IN_SILENCE,  /* it failed and did not say why */
};

/* What is known of one failure. Empty and 0: not known. */
struct failure_facts {
	enum failure_source source;
	struct str stage_type, stage_name; /* "deployManifest", "Deploy" */
	struct str exception_type;         /* a Java class without package */
	struct str kind;                   /* HTTP, NETWORK, UNEXPECTED */
	int64_t http_status;
	struct str message; /* all that was said: several lines */
	struct str service, environment, recipe;
};

/* The facts of what a program, or a script, said of a deployment. */
struct failure_facts failure_output(const struct deployment *d,
                                    struct str message);

/*
 * Fill f's category, summary and hint. What f has of them already (a category
 * but UNKNOWN, a text that is not empty) stays, unless a rule of the policy
 * replaces it: the engine said that, or knows better. A rule's `runbook` is put
 * at the end of the hint. Texts live in a; detail and observed_at are the
 * caller's. policy may be NULL.
 */
void failure_classify(struct failure *f, struct arena *a,
                      const struct failure_facts *facts,
                      const struct policy *policy);

/* The rule of the policy that fits, or NULL. */
const struct failure_rule *failure_rule_for(const struct failure_facts *facts,
                                            const struct policy *policy);

#endif
