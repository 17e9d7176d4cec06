/*
 * ledger_sync: the ledger's file and its copy in git, as the commits of
 * core/repo_ledger have it: how they stand to each other, and bringing either
 * up to the other.
 *
 * Nothing is remembered about that: the hash of an event says all that came
 * before it, so that one look at the copy's last event tells whether a file has
 * all of it. The cost follows what is new.
 */
#ifndef CORE_LEDGER_SYNC_H
#define CORE_LEDGER_SYNC_H

#include "core/ledger.h"
#include "core/repo_ledger.h"

struct ledger_standing {
	int64_t file, copy; /* the number of the last event of each; 0: none */
	int64_t common;     /* up to this one they are the same */
};

/* commit zero: a copy without events. */
bool ledger_compare(struct ledger *l, const struct repo *r,
                    const struct oid *commit, struct ledger_standing *out,
                    struct fail *why);

/* Whether the events of one copy begin with all those of another (zero: one
   without events). Says nothing about how their commits are related. */
bool ledger_copy_continues(const struct repo *r, const struct oid *older,
                           const struct oid *newer, bool *out,
                           struct fail *why);

/*
 * Whether the file's events after `seq`, which the copy does not have, may be
 * dropped: all of them follow from git or from what engines know. Not so where
 * deployment history was imported, or something was sent that was announced
 * here alone; *reason then says what, as a clause.
 */
bool ledger_may_drop(struct ledger *l, int64_t seq, bool *may,
                     struct str *reason, struct arena *a, struct fail *why);

/*
 * Make the file what the copy is, in one transaction: events after
 * standing->common are dropped, where there are any, and all tables made anew;
 * then what the copy has more is proved, appended and projected.
 */
bool ledger_follow(struct ledger *l, const struct repo *r,
                   const struct oid *commit,
                   const struct ledger_standing *standing, struct fail *why);

/*
 * The other way: one commit on top of parent with the events after standing's
 * common, which must be all of the copy. *events says how many. Two runs may
 * record the very same events at once: by `runner`, words that no other run
 * has, their commits differ, so that only one of them gets to be the next.
 */
bool ledger_write_commit(struct ledger *l, const struct repo *r,
                         const struct oid *parent, int64_t after,
                         struct str runner, struct oid *out, int64_t *events,
                         struct fail *why);

/* Whether an event after `seq` says more than that a run found nothing to do.
 */
bool ledger_has_news(struct ledger *l, int64_t seq, bool *out,
                     struct fail *why);

/*
 * A ledger for reading that is l, brought up to the copy: l itself where it has
 * all of it, or has events of its own; else a private temporary one. l is not
 * written to.
 */
bool ledger_read_followed(struct ledger **inout, struct arena *a,
                          const struct repo *r, const struct oid *commit,
                          struct ledger_standing *standing, struct fail *why);

/*
 * A ledger for reading that is l as it was at an instant: with the events up to
 * the last one before the first that is later; l itself where none is. Else a
 * private temporary one.
 */
bool ledger_read_until(struct ledger **inout, struct arena *a, int64_t time,
                       struct fail *why);

#endif
