/*
 * ledger_line: an event as one line of JSON Lines, as git's copy of the ledger
 * has it:
 *
 *	{"event":RECORD,"hash":"HASH"}
 *
 * RECORD is the canonical record byte for byte, so that the line can be proved
 * without a JSON library: HASH is SHA-256(hash of the line before, LF, RECORD).
 */
#ifndef CORE_LEDGER_LINE_H
#define CORE_LEDGER_LINE_H

#include "core/canon.h"
#include "core/ledger_private.h"

/* Append the line of an event, with its line feed. */
void ledger_line_add(struct buf *out, const struct event *e);

/* The two parts of a line without its line feed; false: it is none. */
bool ledger_line_split(struct str line, struct str *record, struct str *hash);

/*
 * The event of a line that must follow the event seq - 1 with the hash prev.
 * Proved by its hash; texts and *payload are borrowed from the line and a.
 * FAIL_INTEGRITY where it does not follow.
 */
bool ledger_line_read(struct event *out, const struct canon **payload,
                      struct arena *a, struct str line, int64_t seq,
                      struct str prev, struct fail *why);

#endif
