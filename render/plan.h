/*
 * plan: which pages of a site are stale, from the stamp that the last render
 * left in the output folder (.dxcp-render):
 *
 *	dxcp-render 1
 *	inputs <sha256: ledger head, commit, templates, redaction, format>
 *	now <seconds>
 *	<one line a file, as render/emit writes them>
 *
 * What the stamp lists and the disk does not agree with makes all stale. The
 * stamp is removed before the first write and written after the last.
 */
#ifndef RENDER_PLAN_H
#define RENDER_PLAN_H

#include "core/map.h"
#include "core/sha256.h"
#include "render/emit.h"

enum stale {
	STALE_NOTHING, /* as it was */
	STALE_HOT,     /* only the clock moved */
	STALE_ALL
};

struct plan {
	enum stale stale;
	struct sha256_hex inputs;
	int64_t now;
	struct str old; /* the old stamp's lines of files */
	int64_t files;  /* in it */
};

struct plan plan_make(struct arena *a, const char *out_dir,
                      struct sha256_hex inputs, int64_t now);

/* Before the first write: take the stamp away and begin the new one in e->list,
   with STALE_HOT with the cold files of the old. */
bool plan_begin(const struct plan *p, struct emit *e, struct fail *why);

/* After the last: remove what only the old list has, write the stamp. */
bool plan_finish(const struct plan *p, struct arena *a, const struct emit *e,
                 int64_t *removed, struct fail *why);

#endif
