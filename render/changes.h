/*
 * changes: what the events since the last render touched: which pages have to
 * be made again.
 *
 * Each of these says whether a page about that thing may differ from what the
 * last render wrote. All of them say yes where there was no last render, or
 * where it went by other inputs (s->changes is NULL).
 */
#ifndef RENDER_CHANGES_H
#define RENDER_CHANGES_H

#include "render/site.h"

bool changed_deployment(const struct site *s, int64_t number);
bool changed_service(const struct site *s, const struct history_service *of);
bool changed_pair(const struct site *s, const struct pair *p);

#endif
