/*
 * embedded: the files that are compiled into the program, by their paths in
 * this repository: templates/ and site/, which a user's repository may
 * override, and policy/ and intents/, the example that `dxcp init` writes.
 *
 * The table is written by ci/embed. It is sorted by path, in byte order.
 */
#ifndef CORE_EMBEDDED_H
#define CORE_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
	const char *path;           /* "templates/index.html" */
	const unsigned char *bytes; /* size bytes, and a NUL after them */
	size_t size;
};

/* embedded_files[0 .. embedded_count) */
extern const struct embedded_file embedded_files[];
extern const size_t embedded_count;

#endif
