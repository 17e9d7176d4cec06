/*
 * decision_document: what pages read out of a recorded decision document, but
 * for its trace, which render/deployment_trace reads.
 */
#ifndef RENDER_DECISION_DOCUMENT_H
#define RENDER_DECISION_DOCUMENT_H

#include "render/scan.h"

struct decision_document {
	struct str message, hint, next, commit, policy_commit, group, recipe,
	        blob, role;
	int64_t line;            /* in the intent; 0: none */
	struct scan also, items; /* at these arrays; nothing to read: absent */
};

/* text: as recorded. The result borrows it. */
struct decision_document decision_document_read(struct str text,
                                                struct arena *a);

#endif
