/*
 * lines: text that does not fit into memory, in and out: a file line by line,
 * and an output that grows piece by piece. Memory is flat.
 */
#ifndef CORE_LINES_H
#define CORE_LINES_H

#include "core/fail.h"
#include "core/str.h"

/* --- in --- */

struct line_reader;

/* "-" is standard input. Lines longer than max bytes are FAIL_INPUT. Ends with
   a. */
bool lines_open(struct line_reader **out, struct arena *a, const char *path,
                size_t max, struct fail *why);
/* Without its line end; *more false at the end of the file. Valid until the
   next one. *number counts from 1. */
bool lines_next(struct line_reader *r, struct str *line, int64_t *number,
                bool *more, struct fail *why);

/* --- out --- */

struct line_writer;

/*
 * path NULL or "-": standard output. A file appears under its name when
 * lines_close has made it durable, and not before: what goes wrong, or a closed
 * arena, leaves what was there.
 */
bool lines_create(struct line_writer **out, struct arena *a, const char *path,
                  struct fail *why);
bool lines_write(struct line_writer *w, struct str text, struct fail *why);
bool lines_close(struct line_writer *w, struct fail *why);

#endif
