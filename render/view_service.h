/*
 * view_service: a service in one row of a table: services/ and groups/<id>/.
 */
#ifndef RENDER_VIEW_SERVICE_H
#define RENDER_VIEW_SERVICE_H

#include "render/parts.h"

struct service_row {
	struct str service, service_slug, group, group_slug, owner;
	int64_t running, last, last_at, count;
	struct str version, since, last_words;
	struct status status;
};
extern const struct fields service_row_fields;
struct service_rows {
	struct service_row *at;
	size_t n, cap;
};
struct service_row service_row_of(struct site *s,
                                  const struct history_service *of);

/* Of the pair, or of what is on its way there. */
struct status pair_status(const struct pair *p);

#endif
