/*
 * trial: an intent that is made up, to ask what would be decided about it. It
 * decodes, and has whatever guardrails are content with in what was not asked
 * about.
 */
#ifndef RUNNER_TRIAL_H
#define RUNNER_TRIAL_H

#include "core/intent.h"
#include "core/oid.h"
#include "core/policy.h"
#include "runner/intent_file.h"

struct trial {
	enum intent_kind kind;
	struct str service, environment;
	struct str version; /* empty: any, where the kind can go without */
	struct str of;      /* path of an intent: approval, cancel */
	struct oid digest;  /* of that, as it stands; zero: not known */
	/* Of a release: "SERVICE@VERSION", all to the environment. */
	const struct str *members;
	size_t nmembers;
};

/* The file's text, as if written now; in a. */
struct str trial_text(struct arena *a, const struct policy *p,
                      const struct trial *t, int64_t now);

#endif
