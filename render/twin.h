/*
 * twin: what a page shows as JSON, from the struct that its template gets, by
 * the struct's table of fields: nobody has to keep the two alike.
 *
 *	{"schema":"dxcp.page/1","kind":"group","page":"groups/money/index.html",
 *	 "title":"Money","description":"2 services ...","changed":"2026-...",
 *	 "data":{"limits":[{"environments":"prod","rows":[...]}]}}
 *
 * Names of members are those of the fields in camelCase. Left out are fields
 * of HTML (drawings), members that say only whether another one is there
 * (has_...), and what is empty: a text, a time, a list. A state is its word.
 */
#ifndef RENDER_TWIN_H
#define RENDER_TWIN_H

#include "core/json.h"
#include "render/parts.h"

/* page: its address from the site's root. view: of kind->fields, the first of
   which is its frame. */
void twin_json(struct jw *j, const struct page_kind *kind, struct str page,
               const void *view);

/* The frame of a view; NULL where it has none. */
struct frame *twin_frame(const struct page_kind *kind, void *view);

#endif
