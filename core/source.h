/*
 * source: the bytes of one file as it stands in a commit or a work tree, and
 * the map from byte offsets to lines and columns.
 *
 * Offsets are bytes from 0; lines and columns count from 1, columns in UTF-8
 * code points. Lines end with LF (a CR before it belongs to the line end).
 * A byte order mark is not part of the first line. The line table is made when
 * the first place is asked for.
 */
#ifndef CORE_SOURCE_H
#define CORE_SOURCE_H

#include "core/arena.h"
#include "core/str.h"

enum { SOURCE_MAX_BYTES = 256 * 1024 }; /* CONTRACT section 1 */

struct source {
	struct str path; /* from the repository's root, '/' between parts */
	struct str text;
	struct arena *arena; /* where the line table goes */
	uint32_t *lines;     /* offset of each line's first byte */
	uint32_t nlines;     /* 0: not made yet */
	bool ascii;          /* made with them: columns are bytes */
};

/* A place in a file: half-open range of bytes. src NULL means "nowhere". */
struct span {
	const struct source *src;
	uint32_t start, end;
};

struct place {
	uint32_t line, column;
};

/* Path and text are borrowed: they must live as long as the arena. */
struct source *source_new(struct arena *a, struct str path, struct str text);

/* offset is clamped to the length. */
struct place source_place(const struct source *src, uint32_t offset);

/* The text of a line without its end; empty past the last one. */
struct str source_line(const struct source *src, uint32_t line);

/* All of the file, for findings about the file as such. */
struct span source_whole(const struct source *src);

/*
 * A range of a file as people and JSON are told of it. file.n == 0: nowhere.
 * Unlike a span it does not need the text of the file.
 */
struct location {
	struct str file;
	uint32_t line, column, end_line, end_column; /* the end is exclusive */
};

/* "Nowhere" for a span without source. The file name is borrowed. */
struct location location_of(struct span span);

/*
 * A copy of src, text and path included, in arena a, for a span that must
 * outlive the arena of its file.
 */
struct source *source_keep(struct arena *a, const struct source *src);

#endif
