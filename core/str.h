/*
 * str: text that is read (struct str, a borrowed slice) and text that is
 * written (struct buf, a growing buffer with a cap).
 *
 * A slice does not own its bytes, may hold NUL, and is passed by value; the
 * bytes live in whatever arena made them. NUL-terminated strings appear only
 * at the border to libraries and as literals. Nothing here looks at a locale.
 */
#ifndef CORE_STR_H
#define CORE_STR_H

#include "core/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *s;
	size_t n;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
/* For printf: printf("%" STR_FMT, STR_ARG(name)). */
#define STR_FMT ".*s"
#define STR_ARG(v) (int)(v).n, (v).s

/* These are asked so often, of literals above all, that the compiler is to see
   through them. */

static inline struct str str_of(const char *cstr) /* NULL: the empty slice */
{
	return cstr ? (struct str){cstr, strlen(cstr)} : (struct str){"", 0};
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (!a.n || !memcmp(a.s, b.s, a.n));
}

static inline bool str_is(struct str a, const char *cstr)
{
	return str_eq(a, str_of(cstr));
}

static inline struct str str_from(struct str s, size_t start) /* clamped */
{
	if (start > s.n)
		start = s.n;
	return (struct str){s.n ? s.s + start : s.s, s.n - start};
}

static inline struct str str_head(struct str s, size_t n) /* clamped */
{
	return (struct str){s.s, n < s.n ? n : s.n};
}

bool str_eq_nocase(struct str a, struct str b); /* ASCII letters only */
int str_cmp(struct str a, struct str b);        /* byte order, as memcmp */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_has(struct str s, char c);
bool str_is_hex(struct str s); /* digits of either case, or empty */
bool str_contains(struct str s, struct str part);
struct str str_trim(struct str s); /* ASCII white space */
bool str_blank(struct str s);      /* nothing to be seen, of Unicode either */

/*
 * Cut at the first c: *head gets what stands before it, *tail what stands
 * after. False, with *head = s and *tail empty, where there is none.
 */
bool str_cut(struct str s, char c, struct str *head, struct str *tail);

/* The next piece of *rest up to sep, which is taken off; false at the end. */
bool str_next(struct str *rest, char sep, struct str *piece);

/* Decimal, an optional '-', nothing else, in range. */
bool str_int(struct str s, int64_t *out);

/* Copies in the arena. str_cstr ends the copy with NUL. */
struct str str_copy(struct arena *a, struct str s);
const char *str_cstr(struct arena *a, struct str s);
struct str str_lower(struct arena *a, struct str s);
struct str str_format(struct arena *a, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));
struct str str_vformat(struct arena *a, const char *fmt, va_list args)
        __attribute__((format(printf, 2, 0)));
/* "1 day", "2 days", "0 days". */
struct str str_count(struct arena *a, int64_t n, const char *one,
                     const char *many);

/* s if it has at most max code points, else so many and "...". For messages. */
struct str str_brief(struct arena *a, struct str s, size_t max);

/* Whether all of s is well-formed UTF-8 (RFC 3629: no surrogates, shortest
   form). Where not, *bad (if given) is the offset of the first bad byte. */
bool str_is_utf8(struct str s, size_t *bad);

bool str_is_ascii(struct str s);

/* The number of UTF-8 code points; stray bytes count as one each. */
size_t str_code_points(struct str s);

/*
 * Levenshtein distance, capped: gives limit + 1 as soon as it is exceeded.
 * The ground of every "did you mean". Strings over 64 bytes are "too far".
 */
size_t str_distance(struct str a, struct str b, size_t limit);

/*
 * A growing buffer in an arena. Past max bytes nothing more is added and
 * `full` stays set: append freely, look once at the end.
 */
struct buf {
	struct arena *arena;
	char *s;
	size_t n, cap, max;
	bool full;
};

struct buf buf_new(struct arena *a, size_t max);
void buf_add(struct buf *b, struct str s);
void buf_add_char(struct buf *b, char c);
void buf_add_int(struct buf *b, int64_t n); /* decimal; no printf */
/* s, then spaces until it fills width bytes. */
void buf_add_padded(struct buf *b, struct str s, size_t width);
/* RFC 3986: all but unreserved characters as %XX. */
void buf_add_percent(struct buf *b, struct str s);
void buf_format(struct buf *b, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));
void buf_reset(struct buf *b);
/* What was written so far; valid until the next append. */
struct str buf_str(const struct buf *b);

#endif
