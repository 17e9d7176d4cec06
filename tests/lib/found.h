/*
 * found: findings as one short text, for tables of cases.
 */
#ifndef TESTS_LIB_FOUND_H
#define TESTS_LIB_FOUND_H

#include "core/diag.h"

/*
 * "CODE <text>" of every finding, in the order of their places, with ", "
 * between them: the text is what the finding points at, its first line and ".."
 * where there are more. "CODE" alone: it points nowhere. "" for no findings.
 */
struct str found(struct arena *a, struct diags *ds);

/* As found, of the findings in one file only; those nowhere count as in "". */
struct str found_in(struct arena *a, struct diags *ds, const char *path);

#endif
