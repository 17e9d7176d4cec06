/*
 * version: order of versions, and the pattern that a version must match.
 *
 * Order is Semantic Versioning 2.0.0 section 11; a version that is not of that
 * form sorts before all that are, by bytes. Build metadata does not count, so
 * that 0 does not mean the same text. Patterns are regular expressions
 * (PCRE2, anchored at both ends by the program, with match limits, so that a
 * hostile pattern costs bounded time).
 */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H

#include "core/fail.h"
#include "core/str.h"

enum { VERSION_MAX_BYTES = 256 };

/* CONTRACT section 1. */
#define VERSION_DEFAULT_PATTERN \
	"^[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?$"

int version_cmp(struct str a, struct str b);
bool version_is_semantic(struct str s);

struct version_pattern;

/*
 * Compile; the result lives in a. Where it does not compile, or is longer than
 * VERSION_MAX_BYTES: false, FAIL_INPUT, *offset is the byte of the pattern that
 * is wrong. NULL pattern (later) is the default one.
 */
bool version_pattern_new(struct version_pattern **out, struct arena *a,
                         struct str pattern, size_t *offset, struct fail *why);

/* False for a version over VERSION_MAX_BYTES, or where a limit is reached. */
bool version_matches(const struct version_pattern *p, struct str version);

#endif
