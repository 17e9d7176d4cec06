/*
 * site_diff: what differs between two rendered sites, page by page: pages that
 * one of them lacks, and those of which the main part says something else. The
 * stamp of a page, its frame and its style do not count.
 */
#ifndef RENDER_SITE_DIFF_H
#define RENDER_SITE_DIFF_H

#include "core/fail.h"
#include "core/str.h"
#include "core/vec.h"

enum site_change_kind { SITE_ADDED, SITE_REMOVED, SITE_CHANGED };
extern const char *const site_change_names[]; /* "added", ... */

struct site_change {
	enum site_change_kind kind;
	struct str path, title;
	struct str before, after; /* the page's sentence; empty where none */
};
struct site_changes {
	struct site_change *at; /* by path */
	size_t n, cap;
	int64_t same;   /* pages */
	int64_t others; /* files that are no pages and differ */
};

/* Folders that dxcp render wrote. */
bool site_diff(struct site_changes *out, struct arena *a, const char *old_dir,
               const char *new_dir, struct fail *why);

#endif
