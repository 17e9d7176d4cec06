/*
 * can_deploy: may a service be deployed to an environment, until when, and
 * why: an answer in words, what it rests on, and the days ahead as a drawing.
 * It knows the policy and the ledger, not the intent: the check decides.
 */
#ifndef RENDER_CAN_DEPLOY_H
#define RENDER_CAN_DEPLOY_H

#include "render/guardrail.h"

struct check {
	struct status status;
	struct str text;
};

struct open_day {         /* of the platform's zone */
	struct str day;   /* "Thu 5 Mar" */
	struct str words; /* "open 09:00 to 15:00"; "closed"; "frozen" */
	struct str bar;   /* SVG, 24 hours wide */
};

struct gauge_row {
	struct str name, words, gauge;
};

struct answer {
	struct str environment;
	struct str words; /* "Yes, until Thu 19 Nov 2026, 18:00 UTC" */
	bool yes;
	int64_t until; /* 0: no end is known */
	VEC(struct check) checks;
	VEC(struct gauge_row) gauges;
	VEC(struct open_day) days;
	bool has_days; /* windows or freezes concern it */
	struct str zone;
	struct str
	        rollbacks; /* whether rollbacks go: one sentence; may be "" */
};
extern const struct fields answer_fields;

/* service: may be empty: of the group. days: how many ahead to draw. */
bool answer_read(struct answer **out, struct site *s, const struct group *g,
                 struct str environment, struct str service, int days,
                 struct fail *why);

#endif
