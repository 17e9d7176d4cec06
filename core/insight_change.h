/*
 * insight_change: the commits that deployments delivered, read from the
 * services' source repositories. What a source is and where it is kept is the
 * caller's business (runner/sources): here it is an open repository a service.
 *
 * A success of a version that never succeeded in the environment before
 * delivers the commits that can be reached from its build's commit and not from
 * that of any of the MOST_HIDDEN successes before it there; merges are left
 * out. The first success delivers nothing: nobody knows what was new in it.
 * Over several environments a commit counts where it came first.
 */
#ifndef CORE_INSIGHT_CHANGE_H
#define CORE_INSIGHT_CHANGE_H

#include "core/insight.h"
#include "core/repo.h"

struct insight_source {
	struct str service;
	const struct repo *repo;
};

/* What one deployment delivered: when its commits were made. */
struct insight_delivery {
	int64_t number;
	int64_t *at;
	size_t n;
	bool unknown; /* the repository lacks a commit that this needs */
};

struct insight_changes {
	VEC(struct str) services; /* that were measured, by name */
	VEC(struct insight_delivery) deliveries; /* by number */
};

/* environments: E of the question. Everything lives in a. */
bool insight_changes_read(struct insight_changes *out, struct arena *a,
                          struct ledger *l,
                          const struct insight_source *sources, size_t nsources,
                          const struct str *environments, size_t nenvironments,
                          struct fail *why);

bool insight_changes_measured(const struct insight_changes *c,
                              struct str service);
/* NULL: nothing is known of it, or it delivered nothing. */
const struct insight_delivery *
insight_changes_of(const struct insight_changes *c, int64_t number);

#endif
