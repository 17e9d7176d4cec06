/*
 * note_key: Ed25519 signatures (RFC 8032) in the form of C2SP signed-note, by
 * libcrypto. This module and core/sha256 alone include openssl headers.
 *
 * Keys are written as golang.org/x/mod/sumdb/note writes them, in one line:
 *
 *	PRIVATE+KEY+<name>+<id>+<base64 of 0x01 and the seed>
 *	<name>+<id>+<base64 of 0x01 and the public key>
 *
 * id is 8 hex digits: the first four bytes of SHA-256 over name, LF, 0x01 and
 * the public key. A name has no white space and no '+'.
 */
#ifndef CORE_NOTE_KEY_H
#define CORE_NOTE_KEY_H

#include "core/fail.h"
#include "core/str.h"

enum { NOTE_KEY = 32, NOTE_SIGNATURE = 64 };

struct note_key {
	struct str name;
	unsigned char id[4];
	unsigned char public_key[NOTE_KEY];
	bool can_sign;
	unsigned char seed[NOTE_KEY];
};

/* A new key. FAIL_USAGE for a name that cannot be one. */
bool note_key_new(struct note_key *out, struct arena *a, struct str name,
                  struct fail *why);

/* A line as above, of either form; white space around it does not matter.
   FAIL_INPUT where it is not one, or its id is not that of its key. */
bool note_key_read(struct note_key *out, struct arena *a, struct str text,
                   struct fail *why);

/* The lines above, without a line end. */
struct str note_key_private(struct arena *a, const struct note_key *s);
struct str note_key_public(struct arena *a, const struct note_key *s);

/* "<name> <base64 of id and signature>": what a note has after the dash. */
struct str note_key_sign(struct arena *a, const struct note_key *s,
                         struct str text);
/* Whether such a line is this signer's good signature of the text. */
bool note_key_verify(struct arena *a, const struct note_key *s, struct str text,
                     struct str line);

#endif
