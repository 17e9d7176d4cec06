/*
 * month_parts: what is listed by month, in pages of so many rows that are
 * numbered from the oldest: folder/2026-11/p1, p2, ... A full page never
 * changes; the newest is the month's index.
 */
#ifndef RENDER_MONTH_PARTS_H
#define RENDER_MONTH_PARTS_H

#include "render/fields.h"

enum { MONTH_PART_ROWS = 400 };

struct month_parts {
	const char *folder;  /* "audit" */
	int64_t month;       /* as month_of */
	int64_t part, parts; /* part: the one in hand, from 1 */
};

/* Of a month of n rows; the first part is in hand. */
struct month_parts month_parts_of(const char *folder, int64_t month, int64_t n);
bool month_parts_at_end(const struct month_parts *p);
/* The address of the part in hand, from the site's root. */
struct str month_parts_path(const struct month_parts *p, struct arena *a);

struct pager { /* partial pager */
	struct str newer, older, all;
	int64_t newer_part, older_part;
};
extern const struct fields pager_fields;
struct pager *month_parts_pager(const struct month_parts *p, struct arena *a,
                                struct str root);

#endif
