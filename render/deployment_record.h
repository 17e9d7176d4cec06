/*
 * deployment_record: what is recorded of a deployment, and the proof of it: the
 * intent, who approved, the build, the commits that came with it, the engine's
 * execution. Names and values, some with an address.
 */
#ifndef RENDER_DEPLOYMENT_RECORD_H
#define RENDER_DEPLOYMENT_RECORD_H

#include "render/parts.h"

struct entry {
	struct str name, text, href;
	bool code;
};
extern const struct fields entry_fields;
struct entries {
	struct entry *at;
	size_t n, cap;
};

/* run: that judged it; 0: not known. */
bool record_add(struct entries *to, struct site *s, const struct deployment *d,
                int64_t run, struct fail *why);
bool evidence_add(struct entries *to, struct site *s,
                  const struct deployment *d, struct fail *why);

struct approval_row {
	int64_t at;
	struct str when, who, words;
	struct link *intent;
	struct status status;
};
extern const struct fields approval_fields;
struct approval_rows {
	struct approval_row *at;
	size_t n, cap;
};
/* What people said about the intent, oldest first; what was about another text
   of it says so. */
bool approvals_add(struct approval_rows *to, struct site *s,
                   const struct deployment *d, struct fail *why);

#endif
