/*
 * month_parts: what is listed by month, in pages of so many rows that are
 * numbered from the oldest: folder/2026-11/p1, p2, ... A full page never
 * changes; the newest is the month's index.
 */
#ifndef RENDER_MONTH_PARTS_H
#define RENDER_MONTH_PARTS_H

#include "core/vec.h"
#include "render/fields.h"

/* As many as a page of 40 kB has room for. A site's addresses follow from them:
   another number moves what stands in every month. */
enum { DEPLOYMENTS_PART_ROWS = 40, AUDIT_PART_ROWS = 80 };

struct month_parts {
	const char *folder;  /* "audit" */
	int64_t month;       /* as month_of */
	int64_t part, parts; /* part: the one in hand, from 1 */
};

/* Of a month of n rows, so many a part; the first part is in hand. */
struct month_parts month_parts_of(const char *folder, int64_t month, int64_t n,
                                  int64_t rows);
bool month_parts_at_end(const struct month_parts *p);
/* The address of the part in hand, from the site's root. */
struct str month_parts_path(const struct month_parts *p, struct arena *a);

struct pager_jump {
	struct str href;
	int64_t part;
};
struct pager { /* partial pager */
	struct str newer, older, all;
	int64_t newer_part, older_part;
	VEC(struct pager_jump) jumps; /* further back: ten pages, a hundred */
};
extern const struct fields pager_fields;
struct pager *month_parts_pager(const struct month_parts *p, struct arena *a,
                                struct str root);

#endif
