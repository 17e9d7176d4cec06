/*
 * insight_private: what the files of core/insight share. For core/insight*.c
 * alone.
 *
 * A reading goes once over what ended, in that order, and tells every period,
 * one a window, what it has to count. What does not depend on a window (names,
 * what failed and is not mended yet, durations) is the reading's and is kept
 * once; the periods keep counts, and where the durations stand that are theirs.
 */
#ifndef CORE_INSIGHT_PRIVATE_H
#define CORE_INSIGHT_PRIVATE_H

#include "core/calendar.h"
#include "core/insight_change.h"
#include "core/map.h"
#include "core/timings.h"

#define NOT_ASKED SIZE_MAX

enum side_name { SIDE_NOW, SIDE_BEFORE, SIDES };

/* That a row may count for: everything, its group, its recipe. */
enum { SUBJECTS = 3 };

/* What became of a deployment, in hindsight. */
struct fate {
	bool rollback, succeeded, reached_failed;
	bool changes;     /* one of D+ or DX */
	bool delivers;    /* one of D+ */
	bool undoes;      /* one of DR */
	unsigned sources; /* why it failed; 0: it did not */
	int64_t known_at; /* the first of them */
	int64_t resolved_at;
};

struct hit { /* an incident about a deployment */
	int64_t number, known_at, resolved_at;
	enum fail_source source;
};

struct open_failure {
	int64_t number, finished_at;
	uint32_t cell;
};

struct lane {       /* a service in one of E */
	bool known; /* what had failed there before the scan was asked */
	VEC(struct open_failure) open;
};

struct service_state {
	size_t group;           /* that the policy gives it */
	uint32_t latest, cells; /* of its latest deployment; its first one */
	int64_t first_at;
	int64_t newest_built; /* delivered before the scan */
	bool newest_known, measured;
	struct lane *lanes; /* by index in E */
};

/* A service in a group by a recipe: what durations are kept by. */
struct cell {
	size_t service, group, recipe;
	uint32_t next; /* of the same service; NO_CELL */
	size_t subjects[SUBJECTS], nsubjects;
	bool asked;
};
#define NO_CELL UINT32_MAX

struct moment_of {         /* in the zone */
	int64_t day, week; /* days from 1970; of a week its Monday */
	int weekday, hour;
};

/* One deployment, as every period counts it. */
struct fact {
	const struct ended *ended;
	struct fate fate;
	uint32_t cell_number;
	const struct cell *cell;
	size_t environment; /* in E */
	const struct moment_of *moment;
};

/* Texts by small numbers, in the order in which they came. */
struct names {
	struct map by;
	VEC(struct str) at;
	size_t last; /* that was asked: often it is asked again */
};

/* An incident that will be over, while its failure may be mended before. */
struct resolution {
	int64_t at, number;
	struct lane *lane;
};

/* --- periods (insight_period.c) ------------------------------------------- */

struct side { /* one window of one subject */
	struct insight_metrics *m;
	int64_t day, week;
	int days; /* of the week so far */
	int64_t weeks_of[8];
};

struct subject { /* everything, one group, or one recipe */
	struct insight *out;
	struct side sides[SIDES];
	/* By number of the name; of a group its recipes alone. */
	struct insight_counts recipes, services, groups;
	int64_t stopped; /* seconds: until it was allowed it was not reviewed */
};

struct mark { /* how many durations there were at a bound */
	size_t leads, recoveries;
};

/* Which groups a code stopped, in the order in which it did. */
struct stop_group {
	size_t group;
	int64_t n;
};
struct stop_groups {
	enum diag_code code;
	VEC(struct stop_group) groups;
};

/*
 * One window. Its bounds are where the window before begins, where it begins
 * itself, where its buckets end, and the end of what it counts, which is not
 * its own where that lies in the future. They are passed in this order.
 */
struct period {
	size_t window; /* its number in what was asked */
	struct arena *arena;
	struct insight_window now, before;
	int64_t end;
	bool begun;
	size_t bound, nbounds; /* the next to be passed */
	int64_t *bounds;
	struct mark *marks;
	struct insights found;
	struct subject *subjects;
	VEC(struct stop_groups) stopped;
};

struct reading {
	struct arena *arena;
	struct ledger *l;
	const struct insight_question *q;
	const struct zone *zone;
	int64_t from, to; /* of the scan */
	bool is_whole;    /* nothing had ended before */
	bool by_commit;
	struct names services, groups, recipes;
	VEC(struct service_state) states; /* by number of the name */
	VEC(struct cell) cells;
	/* Everything, each group, each recipe of the policy. */
	size_t ngroups, nrecipes, nsubjects;
	int64_t *firsts;      /* successes, by subject */
	VEC(struct hit) hits; /* by number */
	int64_t hit_most;
	unsigned char *hit_bits;
	VEC(struct resolution) due; /* the next one last */
	size_t builds;
	unsigned char *delivered; /* bits: builds that succeeded in E */
	int64_t quarter;          /* of an hour, that moment is of */
	struct moment_of moment;
	struct timings leads, recoveries; /* by cell */
	VEC(struct insight_mark) policy_changes;
	struct period *periods; /* by their ends */
	size_t nperiods, ended;
	int64_t next_bound; /* of any of them */
	int64_t stops_to;   /* stops were read so far */
	insights_fn *visit;
	void *context;
	struct arena *keep; /* for what is found; NULL: until visit returns */
};

/* Those that count now: begun, and not ended. */
#define period_each(t, r)                                  \
	for (struct period *t = (r)->periods + (r)->ended; \
	     t < (r)->periods + (r)->nperiods; t++)        \
		if (t->begun)

/* Before a window begins, and where it does. */
struct period period_new(const struct insight_question *q, size_t window,
                         struct insight_window w);
void period_begin(struct reading *r, struct period *t);
/* Up to, and with, an instant. */
void period_pass(struct reading *r, struct period *t, int64_t at);
int64_t period_next_bound(const struct period *t); /* before it begins, too */
void period_count(const struct reading *r, struct period *t,
                  const struct fact *f);
/* A duration that is not counted: it is negative, or nobody knows it. */
void period_anomaly(struct period *t, const struct fact *f);
void period_unmeasured(struct period *t, const struct fact *f);
void period_recovered(const struct reading *r, struct period *t,
                      const struct open_failure *f, int64_t at);
/* All of the figures. */
void period_end(struct reading *r, struct period *t);

/* --- names and places (insight_read.c) ----------------------------------- */

size_t names_number(struct names *n, struct arena *a, struct str name);
/* The number in E; NOT_ASKED. */
size_t reading_environment(const struct reading *r, struct str name);
size_t reading_service(struct reading *r, struct str name);
uint32_t reading_cell(struct reading *r, size_t service, const struct ended *e);
/* The subject of a group by the number of its name; 0: it has none. */
size_t reading_group_subject(const struct reading *r, size_t group);
/* Let time pass: what is due by an instant happens, in the order of time. */
bool reading_pass(struct reading *r, int64_t at, struct fail *why);

/* --- rows (insight_take.c) ----------------------------------------------- */

bool reading_incidents(struct reading *r, struct fail *why);
/* What had failed in all lanes that are known of, before the scan. */
bool reading_look_back(struct reading *r, struct fail *why);
bool reading_take(void *context, const struct ended *e, struct fail *why);
void reading_resolve(struct reading *r, const struct resolution *due);
struct moment_of insight_moment(int64_t t, const struct zone *zone);

/* insight_stops.c: stops up to an instant, for all periods that have begun; and
   what is to be done with them where one ends. */
bool reading_stops(struct reading *r, int64_t to, struct fail *why);
void period_settle_stops(const struct reading *r, struct period *t);

/* insight_findings.c: trends, jumps, policy changes, attention. */
bool reading_policy(struct reading *r, struct fail *why);
void period_find(const struct reading *r, struct period *t);

#endif
