/*
 * insight: the figures of delivery, each exactly defined, each a function of
 * the ledger's rows, the policy's zone and kinds of environments, a window, and
 * (for lead times of changes) of the commits between builds. Two readings of
 * the same give the same bytes.
 *
 * What is counted. E are the environments asked for: by default those of type
 * prod. A deployment counts in the window that holds the instant at which it
 * ended; windows are half open, days and ISO weeks are the zone's.
 *
 *	D+	succeeded (also if superseded or rolled back later), no rollback
 *	DX	failed, no rollback, after the engine had begun: it reached the
 *		environment, and failed its verification there. What was
 *		imported says nothing of that; it counts, and is told.
 *	DR	rollbacks that succeeded, or failed after they had begun
 *
 * What was canceled, or failed before the engine began, is in none of them (the
 * latter is `attempts_failed`).
 *
 *	deployment frequency	|D+| a day of the window, and the lower median
 *		over the weeks wholly or partly in it of the days with one of
 *		D+; weeks before the first success in scope do not count, later
 *		ones without any count as 0
 *	change lead time	of each change: end of the first success that
 *		holds it, less the time of its commit (core/insight_change);
 *		without a source repository of each version: end of its first
 *		success less its build's built_at, and called build lead time
 *	change fail rate	of D+ and DX the share that failed in hindsight:
 *		all of DX; what a successful rollback names; what an incident
 *		names; and what an incident without a name befell: it began
 *		after the end of this one and before the next of the service
 *	failed deployment recovery time	of each that failed in hindsight: to the
 *		next success in its place or the resolution of its incident,
 *		whichever is earlier; counted where the recovery is in the
 *		window. Those that failed in it and had not recovered by its end
 *		are open, and not in the median
 *	deployment rework rate	of D+, DX and DR the share that was not planned:
 *		rollbacks, and intents with the reason hotfix or incident
 *	rollback rate	of the same, DR alone
 *
 * "No data" is n 0 and a value of -1, never 0. Facts count as they were known
 * at `at`: what ended by then, incidents that were recorded by then.
 */
#ifndef CORE_INSIGHT_H
#define CORE_INSIGHT_H

#include "core/ledger_insight.h"
#include "core/trend.h"
#include "core/vec.h"
#include "core/when.h"

enum {
	INSIGHT_SMALL = 5,   /* of fewer no band and no arrow */
	INSIGHT_BUCKETS = 80 /* of a series */
};

struct insight_window { /* [from, to) */
	int64_t from, to;
};

/* --- windows (insight_window.c) ------------------------------------------ */

/*
 * "7d", "13w", "12m", "all" as of now: so many days, ISO weeks or calendar
 * months of the zone, the one that holds `now` included and cut off there.
 * "2026-w46": that week whole, or up to now. first: where "all" begins. False
 * for another word, or more than 3660 days.
 */
bool insight_window_of(struct str name, int64_t now, const struct zone *zone,
                       int64_t first, struct insight_window *out);

/* As long as this one, right before it. */
struct insight_window insight_window_before(struct insight_window w);

/* Days of the zone's calendar in it: a day of 23 hours is one; fractions of
   those that it holds a part of. */
double insight_days(struct insight_window w, const struct zone *zone);

enum insight_unit { UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_YEAR };
/*
 * The pieces of a window that a chart shows: days up to 31, ISO weeks up to 60,
 * months up to 60, else years; none shorter than `least`. at[0 .. n]: bounds,
 * cut to the window.
 */
struct insight_buckets {
	enum insight_unit unit;
	size_t n;
	int64_t at[INSIGHT_BUCKETS + 1];
	bool part_first, part_last; /* the window cuts them off */
};
struct insight_buckets insight_buckets_of(struct insight_window w,
                                          const struct zone *zone,
                                          enum insight_unit least);

/* "2026-w46" of the week that holds an instant, and its first instant. */
struct str insight_week_name(struct arena *a, int64_t t,
                             const struct zone *zone);
int64_t insight_week_start(int64_t t, const struct zone *zone);
int64_t insight_week_end(int64_t t, const struct zone *zone);

/* --- the figures ---------------------------------------------------------- */

struct insight_spread { /* seconds; -1: no data */
	int64_t p10, median, p75, p90;
	size_t n;
};

enum fail_source { /* how a failure in hindsight is known; bits */
	           FAIL_VERIFICATION = 1, /* it failed itself: DX */
	           FAIL_ROLLBACK = 2,
	           FAIL_INCIDENT = 4,
	           FAIL_INFERRED = 8, /* an incident that names none */
	           FAIL_SOURCES = 4
};
extern const char *const fail_source_names[FAIL_SOURCES];

struct insight_metrics {
	struct insight_window window;
	double days;
	bool has_record; /* something had succeeded here before its end */
	int64_t deployed, reached_failed, rollbacks; /* |D+|, |DX|, |DR| */
	int64_t ended; /* all deployments, however they ended */
	int64_t attempts_failed, canceled;
	int64_t reached_unknown;  /* of DX */
	int median_days_per_week; /* -1: no data */
	int64_t weeks, active_weeks;
	int64_t failed, failed_then; /* then: as known at the window's end */
	int64_t by_source[FAIL_SOURCES];
	int64_t rework, unmarked;
	bool lead_is_commit;
	struct insight_spread lead; /* of changes, or of builds */
	int64_t lead_anomalies;     /* negative, not in it */
	int64_t lead_unmeasured; /* of D+, without commit and build, or first */
	struct insight_spread recovery;
	int64_t open;
};

struct insight_count { /* of a service, recipe or group */
	struct str name, group;
	int64_t ended, deployed, failed, rollbacks;
	int64_t failed_before, deployed_before;
	struct insight_spread lead;
	uint16_t *up, *down; /* by bucket, where a series was asked for */
	int64_t last_at;     /* latest success in this window or before it; 0 */
	int64_t first_at;
};
struct insight_counts {
	struct insight_count *at;
	size_t n, cap;
};

struct insight_bucket {
	int64_t from, to;
	int64_t deployed, failed, failed_then, changes; /* changes: D+ and DX */
	struct insight_spread lead, recovery;
};

/* What stopped intents, by code. */
struct insight_stop {
	enum diag_code code; /* none: it waited for the next run */
	int64_t n, denied;   /* intents; of them denied for good */
	int64_t waited;      /* seconds, all of them */
	int64_t n_before, waited_before;
	/* What became of them: deployed and well, deployed and failed in
	   hindsight, waiting still; the rest never ran. */
	int64_t went_well, went_wrong, wait_still;
	struct str most; /* the group that it stopped most; may be empty */
	int64_t most_n;
};
struct insight_stops {
	struct insight_stop *at;
	size_t n, cap;
};

enum insight_phase {                 /* where the time of D+ went */
	             PHASE_REVIEW,   /* from the intent's commit until it was
	                                first judged */
	             PHASE_APPROVAL, /* what APPROVAL_REQUIRED cost */
	             PHASE_WINDOW,   /* NOT_BEFORE, FREEZE_ACTIVE, WINDOW_CLOSED
	                              */
	             PHASE_SLOT,     /* quotas, and others in progress */
	             PHASE_OTHER,    /* any other wait */
	             PHASE_ENGINE,   /* from the dispatch to the end */
	             PHASE_COUNT
};
extern const char *const insight_phase_names[PHASE_COUNT];

struct insight_mark { /* a policy change, or a jump of a figure */
	int64_t at;
	struct str commit, what;
};

enum attention_kind {
	ATTENTION_ELEVATED, /* fails more often than the rest */
	ATTENTION_FRICTION, /* a guardrail that costs much, or more */
	ATTENTION_STALE,    /* was deployed regularly, and is not any more */
	ATTENTION_FLAPPING  /* forth and back */
};
struct insight_attention {
	enum attention_kind kind;
	struct str name, text; /* a service, or a code; and why */
};

struct insight_failure { /* the rows behind the failures */
	int64_t number, ended_at, recovered_at; /* 0: open */
	unsigned sources;
	bool late; /* known only after the window's end */
	struct str service, environment;
};

/* Everything about one scope in one window. */
struct insight {
	struct str group, recipe; /* empty: all */
	const struct zone *zone;
	struct insight_metrics now, before;
	int64_t categories[FAILURE_CATEGORY_COUNT],
	        categories_before[FAILURE_CATEGORY_COUNT];
	struct insight_stops stops;
	struct insight_counts services, recipes, groups;
	int64_t by_hour[7][24]; /* of D+; 0 Monday */
	int64_t phases[PHASE_COUNT];
	int64_t phased; /* deployments that they are of; 0 of one recipe */
	enum insight_unit unit;
	bool part_first, part_last;
	VEC(struct insight_bucket) buckets;
	struct trend frequency, fail_rate, lead, recovery;
	VEC(struct insight_mark) policy_changes, jumps;
	VEC(struct insight_attention) attention;
	VEC(struct insight_failure) failures; /* the first INSIGHT_FAILURES */
};
enum { INSIGHT_FAILURES = 200 };

/* --- asking (insight_read.c) ---------------------------------------------- */

struct insight_changes; /* core/insight_change.h */

struct insight_question {
	const struct policy *policy;
	struct insight_window window;
	int64_t at; /* as known then */
	/* Up to which what goes on still is counted, waits and the days since
	   the last deployment, or up to the window's end; 0: up to `at`. */
	int64_t present;
	struct str zone_name;              /* as the policy has it, for JSON */
	struct str group, service, recipe; /* empty: any */
	const struct str *environments;    /* E */
	size_t nenvironments;
	const struct insight_changes *changes; /* NULL: none were measured */
	enum insight_unit least_unit;          /* of the series */
	bool series; /* buckets, trends, marks, attention, strips */
	bool slices; /* one more insight for each group and each recipe */
};

/* Up to when what goes on still is counted in a window. */
int64_t insight_present(const struct insight_question *q,
                        const struct insight_window *w);

/* The environments of type prod, in the order of the policy. */
void insight_production(const struct policy *p, struct arena *a,
                        struct insight_question *q);

/* When anything first succeeded in E; 0: never. */
bool insight_first(struct ledger *l, const struct insight_question *q,
                   int64_t *out, struct fail *why);

/* Sets of figures: one, or with slices one more for each group, then for each
   recipe of the policy. */
struct insights {
	struct insight *at;
	size_t n;
};
/* Everything lives in a. */
bool insight_read(struct insights *out, struct arena *a, struct ledger *l,
                  const struct insight_question *q, struct fail *why);

/*
 * The same of several windows (that of the question is not looked at), for
 * little more than one of them costs: what they share is read once. visit gets
 * each once, in the order of their ends, of equal ends in the order given; what
 * it gets lives until it returns. It may ask the ledger other things. False:
 * so did visit, or the ledger could not be read.
 */
typedef bool insights_fn(void *context, size_t window,
                         const struct insights *found, struct fail *why);
bool insight_read_each(struct ledger *l, const struct insight_question *q,
                       const struct insight_window *windows, size_t n,
                       insights_fn *visit, void *context, struct fail *why);

/* --- in words and numbers ------------------------------------------------- */

/* Bands are never shown unasked: which table, by its year. Of n below
   INSIGHT_SMALL, or no data, none: empty. */
enum band_year { BANDS_NONE, BANDS_2021, BANDS_2023 };
struct insight_bands {
	const char *frequency, *lead, *fail_rate, *recovery; /* "" : none */
};
struct insight_bands insight_bands_of(const struct insight_metrics *m,
                                      enum band_year year);
extern const char *const band_sources[]; /* by enum band_year */

/* The members of "metrics", with braces. */
struct jw;
void insight_metrics_json(struct jw *j, const struct insight_metrics *m);
/* All of dxcp.insights/1 behind its schema, without braces. */
void insight_json(struct jw *j, const struct insight *in,
                  const struct insight_question *q, enum band_year bands);

/* As people read them; "no data" where there is none. Of fewer than INSIGHT_FEW
   the counts, "2 of 7". */
enum { INSIGHT_FEW = 10 };
struct str insight_seconds_words(struct arena *a, int64_t seconds);
struct str insight_rate_words(struct arena *a, int64_t part, int64_t whole);
struct str insight_per_day_words(struct arena *a,
                                 const struct insight_metrics *m);

/* "0.43"; empty: no data. */
struct str insight_per_day_decimal(struct arena *a,
                                   const struct insight_metrics *m);

int64_t insight_changed(const struct insight_metrics *m); /* |D+| and |DX| */
int64_t insight_all(const struct insight_metrics *m);     /* and |DR| */
bool insight_is_build(const struct insight_metrics *m); /* lead, by built_at */

/* part of whole, in thousandths: half rounds up; -1 where whole is 0. */
int64_t insight_per_mille(int64_t part, int64_t whole);
/* A decimal of thousandths without trailing zeros: "0.077", "3". */
struct str insight_decimal(struct arena *a, int64_t thousandths);

#endif
