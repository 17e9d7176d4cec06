/*
 * sha256: digests (FIPS 180-4), by libcrypto. This module and core/note_key
 * alone include openssl headers.
 */
#ifndef CORE_SHA256_H
#define CORE_SHA256_H

#include "core/str.h"

struct sha256_hex {
	char s[65]; /* lower-case hex, NUL at the end */
};

struct sha256_hex sha256_of(struct str bytes);
/* Of several pieces one after the other, without joining them. */
struct sha256_hex sha256_of_parts(const struct str *parts, size_t n);

/* As bytes. */
enum { SHA256_BYTES = 32 };
void sha256_raw(const struct str *parts, size_t n,
                unsigned char out[SHA256_BYTES]);

/* The token of an intent (CONTRACT section 1): "dxcp-" and 32 hex digits of
   SHA-256 over repository id, path and blob id, with a line feed after each. */
struct str sha256_token(struct arena *a, struct str repository, struct str path,
                        struct str blob);

#endif
