/*
 * oid: the id of a git object (SHA-1 repositories: 20 bytes).
 */
#ifndef CORE_OID_H
#define CORE_OID_H

#include "core/str.h"

struct oid {
	unsigned char id[20];
};
struct oid_hex {
	char s[41];
};

struct oid_hex oid_hex(const struct oid *oid); /* lower case, NUL at the end */
bool oid_parse(struct str hex, struct oid *out); /* 40 hex digits, else false */
bool oid_eq(const struct oid *a, const struct oid *b);
bool oid_is_zero(const struct oid *oid); /* all zero: "none" */

#endif
