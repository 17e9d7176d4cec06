/*
 * files: whole files in and out, so that no reader ever sees half of one.
 */
#ifndef CORE_FILES_H
#define CORE_FILES_H

#include "core/fail.h"
#include "core/str.h"

/* All of a regular file, at most max bytes; fails for anything else. */
bool file_read(struct str *out, struct arena *a, const char *path, size_t max,
               struct fail *why);

/* Whether anything stands there; links are followed. */
bool file_exists(const char *path);

/* Make a directory and the ones above it; fine if it is there. */
bool dir_make(const char *path, struct fail *why);

/* Make the names in a directory durable. */
bool dir_sync(const char *path, struct fail *why);

/*
 * Remove the temporary files that writers of files left in a directory, or
 * below it as well, when they were killed. Links are not followed. Those of a
 * process that lives, other than this one, stay. Fine where there is no such
 * directory.
 */
bool dir_sweep(const char *path, bool below, struct fail *why);

/* New bytes by a temporary file beside it and rename(2), durable before it
   returns. What is there and no regular file (a device, a pipe) is written to
   as it is. */
bool file_write(const char *path, struct str bytes, struct fail *why);

/*
 * The same, part by part and not synced, for more than is to be held at once:
 * after file_begin, what was added replaces the file at file_end, or nothing
 * does. path is borrowed until then.
 */
enum { FILE_NAME_MAX = 4096 };
struct new_file {
	const char *path;
	char name[FILE_NAME_MAX]; /* beside it */
	int fd, error;            /* errno of the first failure */
};
bool file_begin(struct new_file *f, const char *path, struct fail *why);
void file_add(struct new_file *f, struct str bytes);
bool file_end(struct new_file *f, struct fail *why);

/* What became of a file that was to be written. */
enum file_change { FILE_SAME, FILE_CREATED, FILE_CHANGED };

/*
 * Write only if the bytes differ. A new file is created in place and removed
 * again if it cannot be completed; an existing one is replaced by rename, so
 * that a full disk leaves the old bytes. No fsync: the caller can make these
 * bytes again. Directories above are made as needed.
 */
bool file_write_if_changed(enum file_change *out, const char *path,
                           struct str bytes, struct fail *why);
/* The same, and quicker where the file is not there yet. */
bool file_write_likely_new(enum file_change *out, const char *path,
                           struct str bytes, struct fail *why);

#endif
