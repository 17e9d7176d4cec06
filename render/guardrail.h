/*
 * guardrail: what a group may still do in an environment at the data's time,
 * in words, and until when that is so. Pages that are not hot may show it with
 * that time: site_until is told.
 */
#ifndef RENDER_GUARDRAIL_H
#define RENDER_GUARDRAIL_H

#include "core/window.h"
#include "render/parts.h"

struct headroom {
	struct status status; /* open, busy, used up, stopped */
	struct str slots;     /* "0 of 1" */
	struct str deploys;   /* "6 of 10" */
	struct str rollbacks; /* "3 of 3" */
	struct str gauge;     /* of deploys, SVG */
	struct str rollbacks_gauge, slots_gauge;
	struct str window; /* when it opens, ends or freezes; may be "" */
	int used; /* percent of what is nearest to its limit; 100: closed */

	bool stopped;  /* by the kill switch */
	bool disabled; /* the environment, or the group's step to it */
	int64_t in_progress, at_once, deployed, daily; /* counts and limits */
	struct windows deny, allow;
	bool is_frozen, is_closed; /* by a freeze; by no window being open */
};

/* service: of windows that name services; may be empty. */
bool headroom_read(struct headroom *out, struct site *s, const struct group *g,
                   struct str environment, struct str service,
                   struct fail *why);

/* What the kill switch covers, and why: one sentence. */
struct str switch_words(struct site *s);

#endif
