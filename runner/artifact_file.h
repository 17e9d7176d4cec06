/*
 * artifact_file: is an artifact where its build says, and what it was? Only
 * what lies on this machine can be looked at: file:///path.
 */
#ifndef RUNNER_ARTIFACT_FILE_H
#define RUNNER_ARTIFACT_FILE_H

#include "core/request.h"
#include "runner/facts.h"

/* Larger ones are there, and not read. */
enum { ARTIFACT_READ_MAX = 64 << 20 };

/*
 * ARTIFACT_MISSING only where nothing can stand there; what is there and cannot
 * be read is not looked at. ARTIFACT_DIFFERS: from the build's sha256, where it
 * has one. A folder is there.
 */
enum artifact_look artifact_file_look(const struct build *b);

#endif
