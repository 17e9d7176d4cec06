/*
 * deployment_timeline: what happened to a deployment, in order: how its intent
 * was written, approved and merged, why it waited, and the recorded events; and
 * where the time went.
 */
#ifndef RENDER_DEPLOYMENT_TIMELINE_H
#define RENDER_DEPLOYMENT_TIMELINE_H

#include "render/deployment_record.h"

struct phase {
	struct str name, mark, took;
};
struct phases {
	struct str bar;
	VEC(struct phase) parts;
};
extern const struct fields phases_fields;

struct step {
	int64_t at;
	struct str tone, when, icon, text, detail, after;
	struct str href; /* of the detail; may be empty */
	struct str day;  /* where it is another than that of the step before */
	bool strong;
};
extern const struct fields step_fields;
struct steps {
	struct step *at;
	size_t n, cap;
};

struct timeline {
	struct steps steps;
	struct str words;      /* how long it took in all; may be empty */
	struct phases *phases; /* NULL: nothing took any time */
};

/* d with its timeline; approvals: about its intent. */
bool timeline_read(struct timeline *out, struct site *s,
                   const struct deployment *d,
                   const struct approval_rows *approvals, struct fail *why);

#endif
