/*
 * emit: the files of the site, written only where their bytes differ, and the
 * list of them: one line a file, "H 1234 index.html": hot (rewritten by every
 * run) or C for cold, size, path.
 */
#ifndef RENDER_EMIT_H
#define RENDER_EMIT_H

#include "core/fail.h"
#include "core/str.h"

struct emit {
	const char *out_dir;
	struct buf list;
	int64_t written, unchanged;
};

/* files: about how many are to come; more are fine. */
struct emit emit_new(struct arena *a, const char *out_dir, size_t files);

/* path: from out_dir, made of words_slug segments. */
bool emit_file(struct emit *e, struct str path, struct str bytes, bool hot,
               struct fail *why);

#endif
