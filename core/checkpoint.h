/*
 * checkpoint: what a ledger held at some size, in a few lines that can be kept
 * elsewhere: C2SP tlog-checkpoint as a signed-note.
 *
 *	<origin>
 *	<size, decimal>
 *	<base64 of the root of the RFC 6962 tree over the events>
 *
 *	— <key name> <base64 of key id and Ed25519 signature>
 *
 * Without a key it ends with the third line. The origin of a signed one is the
 * name of the key, else "dxcp/" and the repository's id. A leaf is the
 *canonical record of an event (core/ledger.h).
 */
#ifndef CORE_CHECKPOINT_H
#define CORE_CHECKPOINT_H

#include "core/merkle.h"
#include "core/note_key.h"

enum { CHECKPOINT_MAX = 64 * 1024 };

struct checkpoint {
	struct str origin;
	uint64_t size;
	struct merkle_hash root;
	/* As read: the three lines, and the signature lines after them. */
	struct str text, signatures;
};

/* The lines; with a signature where key is not NULL. */
struct str checkpoint_write(struct arena *a, const struct checkpoint *c,
                            const struct note_key *key);

/* Strict; lines after the third are let pass, as the format asks. FAIL_INPUT
   where text is none. Slices of text. */
bool checkpoint_read(struct checkpoint *out, struct arena *a, struct str text,
                     struct fail *why);

/* Whether one of its signatures is a good one by that key. FAIL_INTEGRITY. */
bool checkpoint_verify(struct arena *a, const struct checkpoint *c,
                       const struct note_key *key, struct fail *why);

#endif
