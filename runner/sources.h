/*
 * sources: the source repositories of the policy's services, for lead times of
 * commits (core/insight_change).
 *
 * service.repository may be a path, from the governance repository's root, or a
 * file: URL: that repository is read where it lies. Any other URL is read from
 * a bare clone of it, .dxcp/sources/NAME.git, which only sources_fetch makes
 * and brings up to date, with the git program. A service whose repository is
 * not at hand is left out: that is no failure.
 */
#ifndef RUNNER_SOURCES_H
#define RUNNER_SOURCES_H

#include "core/insight_change.h"
#include "runner/cli.h"

struct sources {
	VEC(struct insight_source) at; /* by name of the service */
	size_t missing; /* services that name one which is not at hand */
};

/* service, group: those alone; may be empty. */
bool sources_open(struct sources *out, struct cli *cli, const struct policy *p,
                  struct str service, struct str group);

/* Clone or fetch what is named by URL. */
bool sources_fetch(struct cli *cli, struct str service, struct str group);

/* The changes that they delivered to E of the question; NULL where there is no
   source. */
bool sources_changes(const struct insight_changes **out, struct cli *cli,
                     const struct sources *s, const struct insight_question *q);

#endif
