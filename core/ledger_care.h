/*
 * ledger_care: copies of a ledger, and ledgers out of copies.
 *
 * The text form is the list of its events as JSON Lines: one canonical record a
 * line, as core/ledger.h has it, oldest first. Everything else follows from it,
 * hashes too.
 */
#ifndef CORE_LEDGER_CARE_H
#define CORE_LEDGER_CARE_H

#include "core/ledger.h"

/*
 * A copy of the file by SQLite's online backup, though others write: made
 * beside path, verified, durable, and renamed to it; anything there is replaced
 * only with `over` (else FAIL_USAGE). FAIL_INTEGRITY where the copy is not
 * sound, which the ledger then is not either.
 */
bool ledger_backup(struct ledger *l, const char *path, bool over,
                   int64_t *events, struct fail *why);

/* All events, a line each with its line feed. */
typedef bool event_line_fn(void *context, struct str line, struct fail *why);
bool ledger_lines(struct ledger *l, event_line_fn *visit, void *context,
                  struct fail *why);

/*
 * A file of such lines ("-": standard input) into the ledger, whole or not at
 * all. What the ledger has already must be the same; what follows must follow
 * at once. FAIL_INPUT where a line is no event as it is written, FAIL_INTEGRITY
 * where it contradicts what is recorded.
 */
struct restore_result {
	int64_t read, added, known;
};
bool ledger_restore(struct ledger *l, const char *path,
                    struct restore_result *out, struct fail *why);

/* Whether a text begins as a line of events does. */
bool ledger_is_line(struct str text);

/*
 * Bring a file to the schema of this program: its chain is looked at before,
 * all of it after, in one transaction. *from is the schema that it had; the
 * same as LEDGER_SCHEMA: nothing was to do. FAIL_INTEGRITY for a newer one.
 */
bool ledger_migrate(struct arena *a, const char *path, int *from,
                    int64_t *events, struct fail *why);

#endif
