/*
 * store: what the double knows, as JSON documents by key, kept in a journal so
 * that it survives the death of the double itself.
 *
 * One line a document, the newest of a key is the one that holds; a line that
 * was cut off at the end is not there. The journal is rewritten when it is
 * opened. It is not synced: it is for the death of processes, not of machines.
 */
#ifndef TESTS_GATE_STORE_H
#define TESTS_GATE_STORE_H

#include "core/json.h"

enum store_kind {
	STORE_SETTINGS,
	STORE_APPLICATIONS, /* by name */
	STORE_PIPELINES,    /* by id */
	STORE_EXECUTIONS,   /* by id, oldest first */
	STORE_TASKS,        /* by id */
	STORE_CORRELATIONS, /* correlation id -> execution id */
	STORE_SCRIPTS,      /* by pipeline id */
	STORE_FAULTS,       /* by their number, in order */
	STORE_LOG,          /* of requests, by their number, in order */
	STORE_KINDS
};

struct store {
	json_t *of[STORE_KINDS];      /* key -> document */
	json_t *touched[STORE_KINDS]; /* key -> true, since the last commit */
	int fd;                       /* -1: kept in memory only */
};

/* The journal in this folder, which is made if need be; NULL: none. */
bool store_open(struct store *s, const char *folder, struct fail *why);

/* NULL where there is none; borrowed. */
json_t *store_get(const struct store *s, enum store_kind kind, const char *key);
/* The document is taken over. */
void store_put(struct store *s, enum store_kind kind, const char *key,
               json_t *document);
void store_drop(struct store *s, enum store_kind kind, const char *key);
/* It was changed in place. */
void store_touch(struct store *s, enum store_kind kind, const char *key);
/* All documents of all kinds are dropped. */
void store_clear(struct store *s);

/* Append what changed since the last time. */
bool store_commit(struct store *s, struct fail *why);

#endif
