/*
 * emit: the files of the site, written only where their bytes differ, and the
 * list of them: one line a file, "H 1234 index.html": hot (rewritten by every
 * run) or C for cold, size, path.
 */
#ifndef RENDER_EMIT_H
#define RENDER_EMIT_H

#include "render/people.h"
#include "render/writer.h"

struct emit {
	const char *out_dir;
	struct buf list;
	bool fresh; /* nothing was rendered here before */
	struct writer *writer;
	const struct people *people; /* whose addresses are taken out */
	struct arena *scratch;       /* for that; emptied file by file */
	int64_t written, unchanged;  /* as of emit_finish */
};

/* files: about how many are to come; more are fine. */
struct emit emit_new(struct arena *a, const char *out_dir,
                     const struct people *people, size_t files);

/* path: from out_dir, made of words_slug segments. That it could not be
   written is told by emit_finish. */
bool emit_file(struct emit *e, struct str path, struct str bytes, bool hot,
               struct fail *why);

/* Wait until all is written. */
bool emit_finish(struct emit *e, struct fail *why);

#endif
