/*
 * words: instants, counts and names as people read them, and names as the
 * addresses of the site hold them. All times are UTC.
 */
#ifndef RENDER_WORDS_H
#define RENDER_WORDS_H

#include "core/str.h"

struct str words_day(struct arena *a, int64_t t);   /* "19 Nov 2026" */
struct str words_when(struct arena *a, int64_t t);  /* "19 Nov 2026 14:31" */
struct str words_stamp(struct arena *a, int64_t t); /* "Thu 19 Nov 2026, 14:31
                                                       UTC" */
struct str words_clock(struct arena *a, int64_t t); /* "14:31" */
struct str words_clock_full(struct arena *a, int64_t t); /* "14:31:06" */
struct str words_duration(struct arena *a, int64_t seconds);

/* A month is a number: year * 12 + (month - 1). */
int64_t month_of(int64_t t);
int64_t month_start(int64_t month);                     /* its first instant */
struct str month_slug(struct arena *a, int64_t month);  /* "2026-11" */
struct str month_words(struct arena *a, int64_t month); /* "November 2026" */

/* "1 deployment", "3 deployments". */
struct str words_count(struct arena *a, int64_t n, const char *one,
                       const char *many);

/* "ROLL_FORWARD" as "Roll forward". */
struct str words_name(struct arena *a, struct str name);

/* One line of at most 240 code points: white space runs become one space, a
   longer text ends with an ellipsis. */
struct str words_line(struct arena *a, struct str text);

/* The text with instants in it ("2026-03-10T00:00:00Z") as words_stamp has
   them; the text itself where there is none. */
struct str words_times(struct arena *a, struct str text);

/* A version as rows and titles show it: a long hex id by its first 12 digits,
   any other over 32 code points cut with an ellipsis. */
struct str words_version(struct arena *a, struct str version);

/* The first 7 hex digits of an object id. */
struct str words_oid(struct str hex);

/*
 * A name as one segment of an address and of a path. Letters, digits, '.', '_'
 * and '-' stand for themselves; other bytes, a leading '.' or '_', and the
 * first byte of a name that ends like one of our own files become "~hh".
 * Different names give different segments; a name over 120 bytes ends with 16
 * hex digits of its SHA-256. Never empty, never "..".
 */
struct str words_slug(struct arena *a, struct str name);

#endif
