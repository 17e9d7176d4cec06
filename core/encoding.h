/*
 * encoding: whether the bytes of a file are text as YAML files may hold it.
 *
 * UTF-8 (RFC 3629), with or without a byte order mark at the start; no NUL and
 * no other control character but tab, LF and CR (YAML 1.1 section 4.1.1); none
 * of U+0085, U+2028 and U+2029, which YAML 1.1 takes for line ends and editors
 * do not.
 */
#ifndef CORE_ENCODING_H
#define CORE_ENCODING_H

#include "core/diag.h"

/*
 * Report the first place that is wrong (INVALID_ENCODING), and return false, or
 * give the text without the byte order mark, and whether all of it is ASCII.
 */
bool encoding_check(const struct source *src, struct str *text, bool *ascii,
                    struct diags *ds);

#endif
