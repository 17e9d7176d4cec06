/*
 * writer: files written by a thread of their own, in the order given, while the
 * next pages are being made. Half of a render's time is the kernel's: making
 * and comparing files.
 *
 * Files are handed over in batches of about a megabyte: one is being filled
 * while the other is being written. What goes wrong is kept, nothing is written
 * after it, and writer_finish tells. Where there can be no thread the caller's
 * does the writing.
 */
#ifndef RENDER_WRITER_H
#define RENDER_WRITER_H

#include "core/fail.h"
#include "core/str.h"

struct writer;

/* Stopped when a goes; what was not finished by then may not be written. */
struct writer *writer_new(struct arena *a);

/* path: at most WRITER_PATH_MAX bytes with its NUL. likely_new: as
   file_write_likely_new. Path and bytes are copied. */
enum { WRITER_PATH_MAX = 4096 };
void writer_put(struct writer *w, const char *path, struct str bytes,
                bool likely_new);

struct written {
	int64_t written, unchanged;
};

/* All that was given is written: how many since the last time. */
bool writer_finish(struct writer *w, struct written *out, struct fail *why);

#endif
