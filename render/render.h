/*
 * render: the site: static files from policy, ledger and a clock. CONTRACT
 * section 7. The same input gives the same bytes.
 */
#ifndef RENDER_RENDER_H
#define RENDER_RENDER_H

#include "core/diag.h"
#include "core/ledger.h"

/* A guardrail as people know it; a name in a recorded decision that is not
   among them is shown as it is. */
struct guardrail_text {
	const char *name, *title, *about; /* about: a sentence, what it asks */
};

struct insight_changes;

struct render_input {
	const struct policy *policy; /* of the commit */
	struct str commit;           /* hex; empty: not of a commit */
	struct str policy_tree;      /* hex, of policy/ in it */
	const char *version;         /* the program's; may be NULL */
	struct str repository_url; /* where the policy names none; may be "" */
	struct ledger *ledger;
	int64_t now;
	const char *out_dir;
	/* Files of the repository's templates/ and site/ at that commit. */
	const struct source *const *overrides;
	size_t noverrides;
	/* The commits that deployments delivered; NULL: none were measured. */
	const struct insight_changes *changes;
	/* The same of each production environment alone, in the order of the
	   policy; NULL: none were measured, or there is but one. */
	const struct insight_changes *const *changes_of;
	bool redact; /* or the policy's site.redact */
	const struct guardrail_text *guardrails; /* in the order that decides */
	size_t nguardrails;
	/* Called now and then; total 0: not known. May be NULL. */
	void (*progress)(void *context, const char *what, int64_t done,
	                 int64_t total);
	void *progress_context;
};

struct render_result {
	int64_t made; /* pages and other files that were computed */
	int64_t written, unchanged, removed;
};

/*
 * What the templates get, all or those of one page ("service"): names and
 * kinds, as a JSON array and as indented lines. False where there is no such
 * page.
 */
bool render_fields(struct jw *j, struct buf *text, struct str page);

/*
 * Write the site. A file is written only if its bytes differ; one that an
 * earlier render wrote and this one does not is removed; others in out_dir are
 * left alone. out_dir/.dxcp-render remembers input and files, so that a render
 * of the same input looks at each file's size and time and writes nothing, one
 * with another `now` alone makes only the pages that show the clock, and one
 * after more events those that the events touched as well (render/changes). A
 * folder that was edited, other templates, policy or program: all are made.
 *
 * Templates that do not parse or ask for names that their page does not have
 * are findings in ds; then nothing is written, and the result is all zeros.
 */
bool render_site(const struct render_input *in, struct arena *a,
                 struct diags *ds, struct render_result *out, struct fail *why);

#endif
