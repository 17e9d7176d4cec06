/*
 * json: JSON text out (streamed, in the order that the code gives it) and in
 * (by jansson, whole documents).
 *
 * The writer exists because documents of 100,000 decisions are streamed in
 * bounded memory; it escapes as RFC 8259 section 7 says, writes no invalid
 * UTF-8 (a bad byte becomes U+FFFD), and puts commas itself.
 */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include "core/fail.h"
#include "core/str.h"

#include <jansson.h>

enum { JSON_MAX_DEPTH = 32 };

struct json {
	struct buf *out;
	int depth;
	bool more[JSON_MAX_DEPTH]; /* a comma is due at this depth */
	bool after_key;
	bool pretty; /* two spaces a level, for people; else compact */
};

struct json json_new(struct buf *out);
void json_open(struct json *j, char bracket); /* '{' or '[' */
void json_close(struct json *j);              /* the matching one */
void json_key(struct json *j, const char *key);
void json_str(struct json *j, struct str value);
void json_int(struct json *j, int64_t value);
void json_bool(struct json *j, bool value);
void json_null(struct json *j);
void json_when(struct json *j, int64_t instant);
/* A piece of JSON that is known to be well-formed, as it is. */
void json_raw(struct json *j, struct str text);

/* Key and value in one. The _opt forms write null for an empty or 0 value. */
void json_put_str(struct json *j, const char *key, struct str value);
void json_put_opt(struct json *j, const char *key, struct str value);
void json_put_int(struct json *j, const char *key, int64_t value);
void json_put_bool(struct json *j, const char *key, bool value);
void json_put_null(struct json *j, const char *key);
void json_put_when(struct json *j, const char *key, int64_t instant);
void json_put_when_opt(struct json *j, const char *key, int64_t instant);

/* A string as a JSON literal with its quotes, appended to out. */
void json_quote(struct buf *out, struct str value);

/*
 * One document; owned by the arena. Duplicate keys are refused. The text of
 * the failure (FAIL_INPUT) has line and column.
 */
bool json_read(json_t **out, struct arena *a, struct str text,
               struct fail *why);

/* Members of an object, "" or 0 where absent or of another type. Borrowed. */
struct str json_get_str(const json_t *object, const char *key);
int64_t json_get_int(const json_t *object, const char *key);

/* Canonical text: keys sorted, no white space (RFC 8785 for the values that
   the ledger holds: text, integers, booleans, null, arrays, objects). */
struct str json_canonical(struct arena *a, const json_t *value);

#endif
