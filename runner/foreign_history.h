/*
 * foreign_history: deployment histories of other tools, as the lines that
 * `dxcp ledger import` takes (CONTRACT section 4).
 *
 * github: what the REST API lists as deployments (GET
 * /repos/{owner}/{repo}/deployments), an array; each with its statuses (GET
 * .../deployments/{id}/statuses) as a member `statuses`. The first status that
 * is an end counts: what came later (inactive) only says that another took its
 * place. One without an end is left out: it may end yet.
 *
 * argocd: Applications as kubectl prints them (-o json), one or a List: each
 * entry of status.history is a success. What is before an entry is not looked
 * at: Argo CD forgets the oldest, and a line must not change by that.
 */
#ifndef RUNNER_FOREIGN_HISTORY_H
#define RUNNER_FOREIGN_HISTORY_H

#include "core/fail.h"
#include "core/str.h"

enum history_format {
	HISTORY_JSONL,
	HISTORY_GITHUB,
	HISTORY_ARGOCD,
	HISTORY_UNKNOWN
};
extern const char *const history_format_names[]; /* ends with NULL */

/* By what it looks like, where that cannot be mistaken; else HISTORY_JSONL. */
enum history_format history_format_of(struct arena *a, struct str text);

/*
 * The lines, oldest first. service and environment: instead of what the dump
 * says (empty: what it says). *left_out: entries that are no ended deployment.
 * FAIL_INPUT where text is no such dump.
 */
bool history_convert(struct str *lines, struct arena *a,
                     enum history_format format, struct str text,
                     struct str service, struct str environment,
                     int64_t *left_out, struct fail *why);

#endif
