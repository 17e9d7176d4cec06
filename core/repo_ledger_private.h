/*
 * repo_ledger_private: how the files of core/repo_ledger name things.
 */
#ifndef CORE_REPO_LEDGER_PRIVATE_H
#define CORE_REPO_LEDGER_PRIVATE_H

#include "core/repo_ledger.h"
#include "core/repo_private.h"

/* Events of the innermost folder, and of the one around it. */
enum { SEQS_OF_LEAF = 1000, SEQS_OF_FOLDER = 1000000, SEQ_MAX = 999999999 };

struct str repo_ledger_path(struct arena *a, int64_t first, int64_t last);

#endif
