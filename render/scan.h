/*
 * scan: members out of JSON text, read on the way past, without building the
 * document. A site of 10,000 deployments reads as many decision documents of
 * thirty rows each; building them (core/json) took longer than all else.
 *
 *	struct scan s = scan_of(text);
 *	struct str key;
 *	bool object = scan_open(&s, '{');
 *	while (object && scan_key(&s, &key))
 *		if (str_is(key, "code"))
 *			code = scan_str(&s, arena);
 *		else
 *			scan_skip(&s);
 *
 * Meant for text that was JSON when it was recorded. Of any other text it
 * reads what it can, stops (`bad`) at the first thing that it does not expect,
 * and never reads past the end or deeper than SCAN_MAX_DEPTH.
 */
#ifndef RENDER_SCAN_H
#define RENDER_SCAN_H

#include "core/str.h"

enum { SCAN_MAX_DEPTH = 64 };

struct scan {
	struct str rest;
	bool bad;
};

struct scan scan_of(struct str text);

/* Enter an object or array. False where the next value is none (null, say);
   that value is skipped. */
bool scan_open(struct scan *s, char bracket);

/* The next member's key, as written (keys with escapes are not known); false
   at the object's end, which is passed. */
bool scan_key(struct scan *s, struct str *key);

/* Whether the array has another value; false at its end, which is passed. */
bool scan_more(struct scan *s);

/* The next value: its text where it is a string, else empty. Borrowed where
   nothing was escaped, else in a. */
struct str scan_str(struct scan *s, struct arena *a);

/* The next value where it is an integer, else 0. */
int64_t scan_int(struct scan *s);

void scan_skip(struct scan *s);

#endif
