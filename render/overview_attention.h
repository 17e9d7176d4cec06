/*
 * overview_attention: what needs somebody's attention, in at most three rows:
 * the kill switch, freezes that hold or come, failures in production that no
 * success followed, deployments that the engine lost, what waits.
 */
#ifndef RENDER_OVERVIEW_ATTENTION_H
#define RENDER_OVERVIEW_ATTENTION_H

#include "render/parts.h"

struct attention_row {
	struct status status;
	struct str what, text, to, link;
};

struct attention {
	int64_t n, more; /* more: that are not shown */
	VEC(struct attention_row) rows;
};
extern const struct fields attention_fields;

/* waiting: how many intents wait. */
void attention_read(struct attention *out, struct site *s, int64_t waiting);

#endif
