/*
 * deployment_trace: a guardrail decision, as the page of the deployment that it
 * allowed shows it, or that of the decision itself: read from the recorded
 * decision document. Rows are the
 * guardrails that tell something: what did not simply pass, and what a line of
 * the policy or a limit decided; the others are named in two lists.
 */
#ifndef RENDER_DEPLOYMENT_TRACE_H
#define RENDER_DEPLOYMENT_TRACE_H

#include "render/parts.h"

struct trace_step {
	int64_t step;
	struct str title, detail, code;
	struct link *rule;
	bool passed; /* then there is no status */
	struct status status;
};
struct trace {
	struct str
	        document; /* as it was recorded, JSON; empty where redacted */
	int64_t run;      /* that judged it; 0: not known */
	struct str words;
	VEC(struct trace_step) rows;
	struct str passed, skipped; /* names: "Request, Role" */
};
extern const struct fields trace_fields;

/* text: the document, in the page arena. NULL: it has no trace. */
struct trace *trace_of(struct site *s, struct str text);

/* NULL in *out where no decision is recorded for it. */
bool trace_read(struct trace **out, struct site *s, int64_t number,
                struct fail *why);

#endif
