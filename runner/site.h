/*
 * site: rendering as the commands ask for it: of now, or of another time.
 */
#ifndef RUNNER_SITE_H
#define RUNNER_SITE_H

#include "render/render.h"
#include "runner/cli.h"

struct site_wanted {
	/*
	 * Of when: a time (RFC 3339), or a revision; empty: now. At a time, the
	 * ledger has the events up to it, and policy and pages are those of the
	 * commit that the last run until then read. Of a commit, the time is
	 * the end of the last run that read it, or the commit's own.
	 */
	struct str at;
	struct str head; /* policy and pages of this revision; empty: see at */
	const char *out_dir;
};

/*
 * Findings of the policy or of templates go to ds; where there are any errors
 * nothing is written. False with cli->why set where it could not be done.
 */
bool site_render(struct cli *cli, const struct site_wanted *wanted,
                 struct diags *ds, struct render_result *out);

#endif
