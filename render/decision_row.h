/*
 * decision_row: what was decided about an intent that did not go through, in
 * one row: partial decision.
 */
#ifndef RENDER_DECISION_ROW_H
#define RENDER_DECISION_ROW_H

#include "render/parts.h"

struct decision_row {
	int64_t at;   /* a wait: since when */
	int64_t next; /* the earliest time that it may go; 0: not known */
	int64_t seq;  /* of its page */
	struct str when, next_words, service, service_slug, environment, from,
	        version, code, message, hint, by;
	struct link *intent;
	struct status status;
};
extern const struct fields decision_fields;

/* d waits or was denied. Texts are copied into the page arena. Messages end
   without a full stop, which the partial adds. */
struct decision_row decision_row_of(struct site *s,
                                    const struct recorded_decision *d);

#endif
