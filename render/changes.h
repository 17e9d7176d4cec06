/*
 * changes: what the events since the last render touched, and so which pages
 * may differ from what it wrote. Pages of many (a deployment's, a service's)
 * ask here before they are made.
 *
 * Each question errs on the side of yes, and is yes for everything where there
 * was no last render, or it went by other inputs (s->changes is NULL). What a
 * page of a kind reads is what its question must cover:
 *
 *	changed_deployment  events of that number; the success after it; what
 *		undid it; earlier failures of its service; its build; what was
 *		said about its intent
 *	changed_service     deployments, decisions, builds, holds of the service
 *	changed_place       that, and what any service of its group did: quotas,
 *		slots; and the clock, where an answer of the last render was
 *		good until a time that has come
 *	changed_group       what any of its services did, and the clock
 *	changed_intent      decisions and deployments of the intent at a path
 *	changed_run         runs that began or ended
 *
 * Events of a type that is not known here make all pages stale.
 */
#ifndef RENDER_CHANGES_H
#define RENDER_CHANGES_H

#include "render/site.h"

struct changed_end { /* a deployment that has ended and changed */
	int64_t number, finished_at, rollback_of;
	struct str service, environment;
	bool succeeded;
};

struct changes {
	bool clock;        /* an answer of the last render has run out */
	bool imported;     /* history from elsewhere came */
	bool other_policy; /* a run went by another than this render's */
	int64_t known_at;  /* when the last event before was recorded */
	VEC(struct changed_end) ends;
	VEC(int64_t) numbers; /* of deployments, lowest first */
	int64_t first_number; /* lowest that was created; INT64_MAX: none */
	VEC(int64_t) times;   /* of the new events */
	struct map services, groups, environments, paths, runs;
};

/*
 * Read the events after the first `known`, whose last has that hash, into
 * s->changes. It stays NULL where the ledger is not that one grown, or where
 * something happened that may touch any page.
 */
bool changes_read(struct site *s, int64_t known, struct str hash, bool clock,
                  struct fail *why);
/* Then, with the history: what else shows them. */
bool changes_spread(struct site *s, struct fail *why);

bool changed_deployment(const struct site *s, int64_t number);
bool changed_service(const struct site *s, const struct history_service *of);
bool changed_pair(const struct site *s, const struct pair *p);
bool changed_place(const struct site *s, const struct history_service *of);
bool changed_group(const struct site *s, const struct group *g);
bool changed_intent(const struct site *s, struct str path);
bool changed_run(const struct site *s, int64_t number);

/* How many events of [from, to) by time are new; INT64_MAX: all. */
int64_t changed_events(const struct site *s, int64_t from, int64_t to);

/* Whether any number in [from, to) changed. */
bool changed_between(const struct site *s, int64_t from, int64_t to);

#endif
