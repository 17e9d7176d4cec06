/*
 * deployment_trace: the guardrail decision that allowed a deployment, as its
 * page shows it: read from the recorded decision document.
 */
#ifndef RENDER_DEPLOYMENT_TRACE_H
#define RENDER_DEPLOYMENT_TRACE_H

#include "render/parts.h"

struct trace_step {
	int64_t step;
	struct str title, detail, code;
	struct link *rule;
	struct status status;
};
struct trace {
	struct str words;
	VEC(struct trace_step) rows;
};
extern const struct fields trace_fields;

/* NULL in *out where no decision is recorded for it. */
bool trace_read(struct trace **out, struct site *s, int64_t number,
                struct fail *why);

#endif
