/*
 * peek: the members of a JSON object one after the other, without reading it
 * whole. For what the program wrote itself, canonical JSON above all: a
 * decision document has kilobytes of trace behind the few members that are
 * asked for, and a hundred thousand of them are looked at in one go.
 *
 * Values are pieces of the text, as they stand there. Text that is no JSON ends
 * the members early; nothing past its end is ever looked at.
 */
#ifndef CORE_PEEK_H
#define CORE_PEEK_H

#include "core/str.h"

/* Where the next member begins; in the beginning the object, with braces. */
struct peek {
	struct str rest;
};

/* False at the end. The key is without its quotes, escapes as they stand. */
bool peek_member(struct peek *p, struct str *key, struct str *value);
/* The value of one member; empty where there is none. */
struct str peek_find(struct str object, const char *key);

/* A text value without its quotes: a piece of it, or in a where it has
   escapes. Empty where it is another type. */
struct str peek_text(struct arena *a, struct str value);
/* 0 where it is no integer. */
int64_t peek_int(struct str value);
/* An instant, as text or as seconds; 0 where it is none. */
int64_t peek_time(struct str value);

#endif
