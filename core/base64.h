/*
 * base64: bytes as letters (RFC 4648 section 4, with padding).
 */
#ifndef CORE_BASE64_H
#define CORE_BASE64_H

#include "core/str.h"

struct str base64_encode(struct arena *a, struct str bytes);

/* Strict: no white space, padding where it belongs, unused bits zero, so that
   no two texts mean the same bytes. False where text is not that. */
bool base64_decode(struct arena *a, struct str text, struct str *bytes);

#endif
