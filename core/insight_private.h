/*
 * insight_private: what the files of core/insight keep while they read. For
 * core/insight*.c alone.
 */
#ifndef CORE_INSIGHT_PRIVATE_H
#define CORE_INSIGHT_PRIVATE_H

#include "core/calendar.h"
#include "core/insight_change.h"
#include "core/map.h"

#define NOT_ASKED SIZE_MAX

enum { SIDE_NOW, SIDE_BEFORE, SIDES, SIDE_EARLIER = SIDES };

/* That a row may count for: everything, its group, its recipe. */
enum { SUBJECTS = 3 };

/* What became of a deployment, in hindsight. */
struct fate {
	bool rollback, succeeded, reached_failed;
	bool changes;     /* one of D+ or DX */
	unsigned sources; /* why it failed; 0: it did not */
	int64_t known_at; /* the first of them */
	int64_t resolved_at;
};

struct hit { /* an incident about a deployment */
	int64_t number, known_at, resolved_at;
	enum fail_source source;
};

struct open_failure {
	int64_t number, finished_at, resolved_at;
	struct subject *subjects[SUBJECTS];
	int side;               /* whose window it ended in */
	uint32_t row[SUBJECTS]; /* 1 + its index in their failures */
};

struct lane { /* a service in one of E */
	bool known;
	VEC(struct open_failure) open;
};

struct service_state {
	struct str name, group;
	int64_t first_at;
	int64_t newest_built;
	bool newest_known, measured;
	struct lane *lanes; /* by index in E */
	struct samples lead;
};

struct moment_of {         /* in the zone */
	int64_t from;      /* of its quarter of an hour */
	int64_t day, week; /* days from 1970; of a week its Monday */
	int weekday, hour;
};

struct side { /* one window of one subject */
	struct insight_metrics *m;
	struct samples lead, recovery;
	int64_t day, week;
	int days; /* of the week so far */
	int64_t weeks_of[8];
};

struct recovery {
	int64_t at, took;
};

struct counted {
	struct insight_counts list;
	struct map by;
	size_t last; /* 1 + index of what was asked last */
};

struct subject { /* everything, one group, or one recipe */
	struct insight *out;
	struct side sides[SIDES];
	int64_t first;
	size_t bucket;
	struct samples bucket_lead;
	bool is_recipe;
	/* Of a recipe its own; else they are those of the services. */
	struct counted recipes, services, groups;
	VEC(struct recovery) recoveries;
};

/* One deployment being counted. */
struct counting {
	bool now;
	struct str group;
	struct subject *subjects[SUBJECTS];
	struct side *sides[SUBJECTS];
	struct service_state *service;
	struct insight_count *count;
	const struct moment_of *moment;
};

struct reading {
	struct arena *arena;
	struct ledger *l;
	const struct insight_question *q;
	struct insights *out;
	const struct zone *zone;
	struct insight_window now, before, scan;
	bool by_commit;
	int64_t first; /* success in E */
	struct subject *subjects;
	size_t nsubjects;
	struct map group_subjects, recipe_subjects;
	struct counted services, groups;
	VEC(struct service_state) states; /* by index in services */
	VEC(struct hit) hits;             /* by number */
	int64_t hit_most;
	unsigned char *hit_bits;
	struct moment_of moment;
};

/* --- names (insight_read.c) --- */

struct insight_count *reading_count(struct reading *r, struct counted *c,
                                    struct str name);
/* The index in E; NOT_ASKED. */
size_t reading_environment(const struct reading *r, struct str name);
/* The group that the policy gives a service; empty. */
struct str reading_group(const struct reading *r, struct str service);
/* Everything, and one more for the group and for the recipe where each has its
   own; what is left of out is NULL. */
void reading_subjects(struct reading *r, struct str group, struct str recipe,
                      struct subject *out[SUBJECTS]);
/* What is kept of a service while the rows go by: its index in states and in
   the list of services. */
size_t reading_service(struct reading *r, struct str name);

/* --- rows (insight_take.c) --- */

bool reading_incidents(struct reading *r, struct fail *why);
bool reading_take(void *context, const struct ended *e, struct fail *why);
const struct moment_of *reading_moment(struct reading *r, int64_t t);
/* A failure that ended at an instant, or did not before the scan did. */
void reading_recover(struct reading *r, const struct open_failure *f,
                     int64_t at);
void reading_stays_open(const struct open_failure *f);
/* The figures of the bucket that is being filled. */
void reading_flush(struct subject *s);

/* insight_stops.c: stops, and the phases that they make. */
bool insight_read_stops(struct reading *r, struct fail *why);
/* insight_findings.c: trends, jumps, policy changes, attention. */
bool insight_add_findings(struct reading *r, struct fail *why);

#endif
