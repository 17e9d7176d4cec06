/*
 * json: JSON text out (streamed, in the order that the code gives it) and in
 * (by jansson, whole documents).
 *
 * The writer (jw_) exists because documents of 100,000 decisions are streamed
 * in bounded memory; it escapes as RFC 8259 section 7 says, writes no invalid
 * UTF-8 (a bad byte becomes U+FFFD), and puts commas itself.
 */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include "core/fail.h"
#include "core/str.h"

#include <jansson.h>

enum { JSON_MAX_DEPTH = 32, JSON_MAX_BYTES = 64 * 1024 * 1024 };

struct jw {
	struct buf *out;
	int depth;
	bool more[JSON_MAX_DEPTH];  /* a comma is due at this depth */
	char close[JSON_MAX_DEPTH]; /* the bracket that ends this depth */
	bool after_key;
	bool pretty; /* two spaces a level, for people; else compact */
};

struct jw jw_new(struct buf *out);
void jw_open(struct jw *j, char bracket); /* '{' or '[' */
void jw_close(struct jw *j);              /* the matching one */
void jw_key(struct jw *j, const char *key);
void jw_str(struct jw *j, struct str value);
void jw_int(struct jw *j, int64_t value);
void jw_bool(struct jw *j, bool value);
void jw_null(struct jw *j);
void jw_when(struct jw *j, int64_t instant);
/* A piece of JSON that is known to be well-formed, as it is. */
void jw_raw(struct jw *j, struct str text);

/* Key and value in one. The _opt forms write null for an empty or 0 value. */
void jw_put_str(struct jw *j, const char *key, struct str value);
void jw_put_opt(struct jw *j, const char *key, struct str value);
void jw_put_int(struct jw *j, const char *key, int64_t value);
void jw_put_bool(struct jw *j, const char *key, bool value);
void jw_put_null(struct jw *j, const char *key);
void jw_put_when(struct jw *j, const char *key, int64_t instant);
void jw_put_when_opt(struct jw *j, const char *key, int64_t instant);

/* A string as a JSON literal with its quotes, appended to out. */
void json_quote(struct buf *out, struct str value);

/*
 * One document of at most JSON_MAX_BYTES, of any type; owned by the arena.
 * Duplicate keys are refused. The text of the failure (FAIL_INPUT) has line
 * and column.
 */
bool json_read(json_t **out, struct arena *a, struct str text,
               struct fail *why);

/* The same of what a server answered: of duplicate keys the last counts. Orca
   writes members of its triggers twice. */
bool json_read_theirs(json_t **out, struct arena *a, struct str text,
                      struct fail *why);

/* Members of an object, "" or 0 where absent or of another type. Borrowed. */
struct str json_get_str(const json_t *object, const char *key);
int64_t json_get_int(const json_t *object, const char *key);

/* Canonical text: keys sorted, no white space (RFC 8785 for the values that
   the ledger holds: text, integers, booleans, null, arrays, objects; a real
   number gets 17 digits, which is not that form). */
struct str json_canonical(struct arena *a, const json_t *value);

#endif
