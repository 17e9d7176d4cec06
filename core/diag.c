#include "core/diag.h"

#include "core/vec.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct diag_info table[DIAG_CODE_COUNT] = {
        [DIAG_NONE] = {"", DIAG_ALLOW, CAUSE_NONE, 0, "Everything passed.",
                       "Nothing to do."},
#define DECISION(name, row, level, cause, summary, hint) \
	[DIAG_##name] = {#name, level, cause, row, summary, hint},
#define FINDING(name, level, cause, summary, hint) \
	[DIAG_##name] = {#name, level, cause, 0, summary, hint},
#include "core/diag_codes.def"
#undef DECISION
#undef FINDING
};

const struct diag_info *diag_info(enum diag_code code)
{
	assert(code < DIAG_CODE_COUNT);
	return &table[code];
}

enum diag_code diag_find(struct str name)
{
	for (enum diag_code c = DIAG_NONE + 1; c < DIAG_CODE_COUNT; c++)
		if (str_eq_nocase(name, str_of(table[c].name)))
			return c;
	return DIAG_NONE;
}

enum diag_code diag_nearest(struct str name)
{
	char upper[64];
	if (!name.n || name.n > sizeof upper)
		return DIAG_NONE;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.s[i];
		upper[i] = c >= 'a' && c <= 'z'   ? (char)(c - 'a' + 'A')
		           : c == '-' || c == ' ' ? '_'
		                                  : c;
	}
	enum diag_code nearest = DIAG_NONE;
	size_t limit = name.n < 3 ? 1 : name.n / 3;
	for (enum diag_code c = DIAG_NONE + 1; c < DIAG_CODE_COUNT; c++) {
		size_t d = str_distance((struct str){upper, name.n},
		                        str_of(table[c].name), limit);
		if (d > limit)
			continue;
		nearest = c;
		if (!d)
			break;
		limit = d - 1; /* only a nearer one displaces it */
	}
	return nearest;
}

const char *diag_cause_name(enum diag_cause cause)
{
	static const char *const names[] = {
	        [CAUSE_NONE] = "",
	        [CAUSE_USER_ERROR] = "USER_ERROR",
	        [CAUSE_POLICY] = "POLICY",
	        [CAUSE_ENGINE] = "ENGINE",
	};
	return names[cause];
}

const char *diag_level_name(enum diag_level level)
{
	static const char *const names[] = {
	        [DIAG_ALLOW] = "allow",     [DIAG_WAIT] = "wait",
	        [DIAG_DENY] = "deny",       [DIAG_NOTE] = "note",
	        [DIAG_WARNING] = "warning", [DIAG_ERROR] = "error",
	};
	return names[level];
}

struct diags diags_new(struct arena *a)
{
	return (struct diags){.arena = a};
}

static void count(struct diags *ds, enum diag_code code)
{
	ds->errors += table[code].level == DIAG_ERROR;
	ds->warnings += table[code].level == DIAG_WARNING;
}

/*
 * The next place. Beyond the cap it is one past the end, which every later
 * one overwrites: callers may write to it, nobody reads it.
 */
static struct diag *next_slot(struct diags *ds)
{
	ds->at = vec_grow(ds->arena, ds->at, ds->n, &ds->cap, sizeof *ds->at);
	struct diag *d = &ds->at[ds->n];
	memset(d, 0, sizeof *d);
	if (ds->n < DIAGS_MAX)
		ds->n++;
	else
		ds->dropped++;
	return d;
}

static bool is_kept(const struct diags *ds, const struct diag *d)
{
	return d < ds->at + ds->n;
}

struct diag *diag_add(struct diags *ds, enum diag_code code, struct span at,
                      const char *fmt, ...)
{
	assert(code > DIAG_NONE && code < DIAG_CODE_COUNT);
	struct diag *d = next_slot(ds);
	count(ds, code);
	d->code = code;
	d->at = at;
	if (!is_kept(ds, d))
		return d;
	va_list args;
	va_start(args, fmt);
	d->message = str_vformat(ds->arena, fmt, args);
	va_end(args);
	return d;
}

void diag_hint(struct diags *ds, struct diag *d, const char *fmt, ...)
{
	if (!is_kept(ds, d))
		return;
	va_list args;
	va_start(args, fmt);
	d->hint = str_vformat(ds->arena, fmt, args);
	va_end(args);
}

static struct diag_note *add_note(struct diags *ds, struct diag *d)
{
	struct diag_note *note = ARENA_NEW(ds->arena, struct diag_note);
	if (d->last_note)
		d->last_note->next = note;
	else
		d->notes = note;
	d->last_note = note;
	return note;
}

void diag_note(struct diags *ds, struct diag *d, struct span at,
               const char *fmt, ...)
{
	if (!is_kept(ds, d))
		return;
	struct diag_note *note = add_note(ds, d);
	note->at = at;
	va_list args;
	va_start(args, fmt);
	note->message = str_vformat(ds->arena, fmt, args);
	va_end(args);
}

struct kept_pair {
	const struct source *from, *copy;
};

/* The sources that were copied, each with its copy. */
struct kept {
	VEC(struct kept_pair) pairs;
};

static struct span keep_span(struct diags *ds, struct kept *kept,
                             struct span at)
{
	if (!at.src)
		return at;
	/* Findings come file by file: the last one is nearly always it. */
	for (size_t i = kept->pairs.n; i-- > 0;)
		if (kept->pairs.at[i].from == at.src) {
			at.src = kept->pairs.at[i].copy;
			return at;
		}
	struct kept_pair *p = vec_add(ds->arena, &kept->pairs);
	p->from = at.src;
	at.src = p->copy = source_keep(ds->arena, at.src);
	return at;
}

void diags_keep(struct diags *ds, const struct diags *from)
{
	struct kept kept = {0};
	for (size_t i = 0; i < from->n; i++) {
		const struct diag *old = &from->at[i];
		struct diag *d = next_slot(ds);
		if (!is_kept(ds, d))
			continue;
		d->code = old->code;
		d->message = str_copy(ds->arena, old->message);
		d->hint = str_copy(ds->arena, old->hint);
		d->at = keep_span(ds, &kept, old->at);
		for (struct diag_note *n = old->notes; n; n = n->next) {
			struct diag_note *note = add_note(ds, d);
			note->message = str_copy(ds->arena, n->message);
			note->at = keep_span(ds, &kept, n->at);
		}
	}
	ds->dropped += from->dropped;
	ds->errors += from->errors;
	ds->warnings += from->warnings;
}

static int cmp(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Beyond path, offset and code only to make the order a total one. */
static int compare(const void *left, const void *right)
{
	const struct diag *a = left, *b = right;
	struct str none = {"", 0};
	int order = 0;
	if (a->at.src != b->at.src)
		order = str_cmp(a->at.src ? a->at.src->path : none,
		                b->at.src ? b->at.src->path : none);
	if (!order)
		order = cmp(a->at.start, b->at.start);
	if (!order)
		order = cmp(a->code, b->code);
	if (!order)
		order = cmp(a->at.end, b->at.end);
	if (!order)
		order = str_cmp(a->message, b->message);
	return order ? order : str_cmp(a->hint, b->hint);
}

void diags_sort(struct diags *ds)
{
	if (ds->n < 2)
		return;
	qsort(ds->at, ds->n, sizeof *ds->at, compare);
	size_t n = 1;
	for (size_t i = 1; i < ds->n; i++) {
		if (!compare(&ds->at[n - 1], &ds->at[i])) {
			ds->errors -= table[ds->at[i].code].level == DIAG_ERROR;
			ds->warnings -=
			        table[ds->at[i].code].level == DIAG_WARNING;
			continue;
		}
		ds->at[n++] = ds->at[i];
	}
	ds->n = n;
}
