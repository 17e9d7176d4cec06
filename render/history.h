/*
 * history: what the ledger's deployments amount to: what runs where, what came
 * after what, how many a month. Made in one pass over all of them, in memory
 * that grows by about a hundred bytes a deployment; pages read it in place of
 * asking the ledger again.
 */
#ifndef RENDER_HISTORY_H
#define RENDER_HISTORY_H

#include "core/ledger.h"
#include "core/map.h"
#include "core/vec.h"

enum { HISTORY_DAYS = 14, SEEN_MAX = 3 };

struct success {
	int64_t number, finished_at;
	struct str version;
};

/* A service in an environment: one the policy knows, or that was deployed to
   once. */
struct pair {
	struct str service, environment;
	struct str group; /* of the last deployment */
	size_t service_at, environment_at;
	int64_t count;
	int64_t last, last_at; /* the newest deployment; 0: none */
	enum deployment_state last_state;
	enum deployment_outcome last_outcome;
	enum deployment_kind last_kind;
	int64_t open; /* the newest that has not ended; 0: none */
	enum deployment_state open_state;
	struct str open_version;
	int64_t failed, failed_at; /* newest failure without a later success */
	struct str failed_version;
	VEC(struct success) good; /* by finish time, then number */
	int up[HISTORY_DAYS], down[HISTORY_DAYS]; /* days before now */
	/* How many ended how: by kind, then by state from STATE_SUCCEEDED. */
	int ends[KIND_COUNT][STATE_COUNT - STATE_SUCCEEDED];
	int64_t ended_at, ended; /* to find the newest end */
};

struct history_service {
	struct str name, slug;
	const struct service *policy; /* NULL: the policy does not know it */
	const struct group *group;    /* likewise */
	VEC(size_t) pairs;            /* in the order of its environments */
	int64_t count;
};

struct history_environment {
	struct str name, slug;
	const struct environment *policy; /* NULL: not known there */
	bool is_prod;
};

struct month {
	int64_t month; /* as month_of */
	int64_t count, wrong;
	int64_t first, last; /* the lowest and highest number in it */
	int64_t last_at;     /* the newest change to one of its deployments */
	VEC(int64_t) firsts; /* the first number of each of its parts */
};

struct lineage {                    /* of a deployment */
	const struct success *next; /* what ran after it; NULL: it runs */
	int64_t rolled_back_by, rolled_back_at;
};

struct past_failure {
	int64_t number, at;
	size_t service_at;
	enum failure_category category;
};

struct history {
	VEC(struct history_service) services;         /* by name */
	VEC(struct history_environment) environments; /* in promotion order */
	VEC(struct pair) pairs;
	VEC(struct month) months;          /* oldest first */
	VEC(struct lineage) lineage;       /* by number */
	VEC(struct past_failure) failures; /* by number */
	struct map service_by;
	int64_t count, first, last;
};

bool history_read(struct history *h, struct arena *a, struct ledger *l,
                  const struct policy *policy, int64_t now, struct fail *why);

/* NULL: there is none. */
const struct pair *history_pair(const struct history *h, struct str service,
                                struct str environment);

/* What runs: the latest success by finish time, then number; NULL: nothing. */
const struct success *pair_running(const struct pair *p);

/* The newest success of another version than the one running that was not
   rolled back, counted from `skip` such versions; NULL: there is none. */
const struct success *pair_target(const struct history *h, const struct pair *p,
                                  size_t skip);

/* How many versions succeeded in `before`, the step before p's, after the one
   that runs in p; -1: that one never did. 0 where nothing runs in either. */
int64_t pair_behind(const struct pair *p, const struct pair *before);

const struct lineage *history_lineage(const struct history *h, int64_t number);
const struct history_service *history_service(const struct history *h,
                                              struct str name);
bool history_is_prod(const struct history *h, const struct pair *p);

/* Failures of the same service and category in the 90 days before this one:
   how many, and the numbers of the newest. */
int64_t history_seen(const struct history *h, int64_t number,
                     int64_t newest[SEEN_MAX], size_t *n);

#endif
