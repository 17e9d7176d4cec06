/*
 * export: what the ledger and the policy say, in the forms that other programs
 * read. The site's calendar and metrics are made by the same functions.
 */
#ifndef RENDER_EXPORT_H
#define RENDER_EXPORT_H

#include "render/render.h"

enum export_format {
	EXPORT_CDEVENTS,    /* JSON Lines of CDEvents 0.5 */
	EXPORT_OPENMETRICS, /* 1.0: the site's metrics.prom */
	EXPORT_CSV,         /* RFC 4180: deployments, oldest first */
	EXPORT_BACKSTAGE,   /* catalog-info.yaml: services and groups */
	EXPORT_ICS,         /* RFC 5545: the site's calendar.ics */
	EXPORT_COUNT
};
extern const char *const export_names[]; /* NULL-terminated */

/* Takes the text piece by piece. */
typedef bool export_put(void *context, struct str text, struct fail *why);

/*
 * Only policy, commit, repository_url, ledger, now and redact of the input are
 * looked at. With [from, to) not 0, of cdevents and csv only what was recorded
 * in that time. In bounded memory but for the history (render/history.h).
 */
bool export_write(const struct render_input *in, enum export_format format,
                  int64_t from, int64_t to, struct arena *a, export_put *put,
                  void *context, struct fail *why);

#endif
