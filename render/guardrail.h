/*
 * guardrail: what a group may still do in an environment at the data's time,
 * in words. Only hot pages may show it.
 */
#ifndef RENDER_GUARDRAIL_H
#define RENDER_GUARDRAIL_H

#include "render/parts.h"

struct headroom {
	struct status status; /* open, busy, used up, stopped */
	struct str slots;     /* "0 of 1" */
	struct str deploys;   /* "6 of 10" */
	struct str rollbacks; /* "3 of 3" */
	struct str gauge;     /* of deploys, SVG */
	struct str window;    /* when it opens, ends or freezes; may be "" */
	bool stopped;         /* by the kill switch */
	int used; /* percent of what is nearest to its limit; 100: closed */
};
bool headroom_read(struct headroom *out, struct site *s, const struct group *g,
                   struct str environment, struct fail *why);

/* What the kill switch covers, and why: one sentence. */
struct str switch_words(struct site *s);

#endif
