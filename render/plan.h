/*
 * plan: which pages of a site are stale, from the stamp that the last render
 * left in the output folder (.dxcp-render):
 *
 *	dxcp-render 4
 *	inputs <sha256: policy, templates, redaction, format of the pages>
 *	events <number> <hash of the last>
 *	commit <hex>
 *	now <seconds>
 *	until <seconds: before it, another now changes hot files alone>
 *	<one line a file, as render/emit writes them, sorted>
 *
 * It is the same for the same site, however the site came to be, but for
 * `until`, which may be earlier. What it lists and the disk does not agree with
 * (by size, or changed after the stamp was written) makes all stale. Before the
 * first write it is replaced by one of the same files and no inputs: what a
 * killed render leaves is known to the next, which makes everything anew and
 * removes what should not be there.
 */
#ifndef RENDER_PLAN_H
#define RENDER_PLAN_H

#include "core/map.h"
#include "core/sha256.h"
#include "render/emit.h"

enum stale {
	STALE_NOTHING, /* as it was */
	STALE_HOT,     /* only the clock moved, and not past `until` */
	STALE_SOME,    /* events came, or `until`: render/changes knows which */
	STALE_ALL
};

/* What a site is made from. */
struct plan_inputs {
	struct sha256_hex digest;
	struct str commit;
	int64_t events;
	struct str hash;
	int64_t now;
};

struct plan {
	enum stale stale;
	struct plan_inputs inputs;
	struct plan_inputs was; /* of the old stamp */
	int64_t until;          /* likewise */
	struct str old;         /* the old stamp's lines of files */
	bool finished;          /* by the render that left it */
	int64_t files;          /* in it */
};

struct plan plan_make(struct arena *a, const char *out_dir,
                      const struct plan_inputs *inputs);

/* The files of the render that out_dir holds, by path; FAIL_INPUT where it
   holds none that was finished. */
struct plan_files {
	struct str *at;
	size_t n, cap;
};
bool plan_files(struct plan_files *out, struct arena *a, const char *out_dir,
                struct fail *why);

/* Before the first write: make the stamp one of no inputs. */
bool plan_begin(const struct plan *p, struct arena *a, struct emit *e,
                struct fail *why);

/* After the last: with STALE_ALL remove what only the old list has, else keep
   it; write the stamp. *kept: files of the old list that were not made. */
bool plan_finish(const struct plan *p, struct arena *a, const struct emit *e,
                 int64_t until, int64_t *removed, int64_t *kept,
                 struct fail *why);

#endif
