/*
 * found: findings as one short text, for tables of cases.
 */
#ifndef TESTS_LIB_FOUND_H
#define TESTS_LIB_FOUND_H

#include "core/diag.h"

/*
 * "CODE line:column-endline:endcolumn" of every finding, in the order of their
 * places, with ", " between them; without the end where it is on the same
 * line: "CODE line:column-endcolumn". "CODE" alone: nowhere. "" for none.
 */
struct str found(struct arena *a, struct diags *ds);

/* As found, of the findings in one file only; those nowhere count as in "". */
struct str found_in(struct arena *a, struct diags *ds, const char *path);

#endif
