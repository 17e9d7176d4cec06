/*
 * documents: the files of the site that are no pages: feeds, badges, the
 * calendar, metrics, the search index, api/v1. Rows of a table, as kinds of
 * pages are (render/site.h).
 *
 * What `dxcp export` prints and a file of the site holds is made by one
 * function, which appends it to a buffer.
 */
#ifndef RENDER_DOCUMENTS_H
#define RENDER_DOCUMENTS_H

#include "render/site.h"

struct document {
	const char *about;
	bool hot; /* tells the time, or is of what every run changes */
	enum reads reads;
	bool (*write)(struct site *s, struct fail *why);
};
extern const struct document site_documents[];
extern const size_t site_document_count;

bool write_status(struct site *s, struct fail *why);
bool write_health(struct site *s, struct fail *why);
bool write_stamp(struct site *s, struct fail *why);
bool write_services_api(struct site *s, struct fail *why);
bool write_policy_api(struct site *s, struct fail *why);
bool write_api_index(struct site *s, struct fail *why);
bool write_feeds(struct site *s, struct fail *why);
bool write_service_feeds(struct site *s, struct fail *why);
bool write_badges(struct site *s, struct fail *why);
bool write_calendar(struct site *s, struct fail *why);
bool write_metrics(struct site *s, struct fail *why);
bool write_search(struct site *s, struct fail *why);
bool write_sitemap(struct site *s, struct fail *why);

/* feeds/: Atom 1.0 (RFC 4287), made without a clock. */
enum { FEED_MAX = 50, FEED_SERVICE_MAX = 20 };

/* RFC 5545: what of the policy is of dates and hours. */
void calendar_text(struct buf *out, struct site *s);

/* OpenMetrics 1.0: what the ledger counts. */
bool metrics_text(struct buf *out, struct site *s, struct fail *why);

/* An address that is absolute where site.base_url is set, else from the root
   of the site with `root` before it. */
struct str address_of(struct site *s, const char *root, struct str path);
/* With a slash at its end; empty: none is set. */
struct str base_url(struct site *s);

#endif
