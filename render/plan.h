/*
 * plan: which pages of a site are stale, from the stamp that the last render
 * left in the output folder (.dxcp-render):
 *
 *	dxcp-render 3
 *	inputs <sha256: ledger head, commit, templates, redaction, format>
 *	now <seconds>
 *	until <seconds: before it, another now changes hot files alone>
 *	<one line a file, as render/emit writes them, sorted>
 *
 * It is the same for the same site, however the site came to be. What it lists
 * and the disk does not agree with (by size, or changed after the stamp was
 * written) makes all stale. Before the first write it is replaced by one of the
 * same files and no inputs: what a killed render leaves is known to the next,
 * which makes everything anew and removes what should not be there.
 */
#ifndef RENDER_PLAN_H
#define RENDER_PLAN_H

#include "core/map.h"
#include "core/sha256.h"
#include "render/emit.h"

enum stale {
	STALE_NOTHING, /* as it was */
	STALE_HOT,     /* only the clock moved, and not past `until` */
	STALE_ALL
};

struct plan {
	enum stale stale;
	struct sha256_hex inputs;
	int64_t now;
	int64_t until;  /* of the old stamp */
	struct str old; /* the old stamp's lines of files */
	bool finished;  /* by the render that left it */
	int64_t files;  /* in it */
};

struct plan plan_make(struct arena *a, const char *out_dir,
                      struct sha256_hex inputs, int64_t now);

/* Before the first write: make the stamp one of no inputs, and begin the new
   one in e->list, with STALE_HOT with the cold files of the old. */
bool plan_begin(const struct plan *p, struct arena *a, struct emit *e,
                struct fail *why);

/* After the last: remove what only the old list has, write the stamp. */
bool plan_finish(const struct plan *p, struct arena *a, const struct emit *e,
                 int64_t until, int64_t *removed, struct fail *why);

#endif
