/*
 * ledger_project: from one event to the rows that follow from it.
 *
 * The one function that writes projections, both when an event is appended and
 * when all of them are made anew, so that the two cannot differ. It looks at
 * nothing but the event and the rows that earlier events made.
 */
#ifndef CORE_LEDGER_PROJECT_H
#define CORE_LEDGER_PROJECT_H

#include "core/canon.h"
#include "core/ledger_row.h"

/*
 * payload is e->payload, read. An event that contradicts what came before (a
 * number that is taken, an end after the end) or lacks a member that its type
 * needs is FAIL_INTEGRITY. An event of an unknown type makes no rows, save a
 * timeline entry where it is one of deployment.* with the number of one.
 */
bool project_event(struct ledger *l, const struct event *e,
                   const struct canon *payload, struct fail *why);

/* --- between the files of ledger_project --- */

/* What one projection works on. */
struct projection {
	struct ledger *l;
	const struct event *e;
	const struct canon *payload;
	struct fail *why;
};

/* FAIL_INTEGRITY: the event cannot be, and why; false. */
bool projection_contradicts(struct projection *p, const char *what);
/* Run a statement that must change exactly one row. */
bool projection_touch(struct projection *p, struct query *q);

/* object.key where object is given, else key. */
struct str payload_text(const struct canon *payload, const char *object,
                        const char *key);
/* The e-mail of the person: an object with it, or a text. */
struct str payload_actor(const struct canon *payload);
/* An instant as text or as seconds; `otherwise` where there is none. */
int64_t payload_time(const struct canon *payload, const char *key,
                     int64_t otherwise);
/* One of names (an enum's), as the static text. */
bool payload_name(struct projection *p, const char *key,
                  const char *const *names, struct str *out);

/* How parameters are filled from members. */
struct payload_member {
	int parameter;
	const char *object, *key;
	enum { MEMBER_TEXT, MEMBER_INT, MEMBER_TIME } type;
};
void payload_bind(struct query *q, const struct canon *payload,
                  const struct payload_member *m, size_t n);
#define PAYLOAD_BIND(q, payload, members) \
	payload_bind(q, payload, members, sizeof(members) / sizeof(members)[0])

/* One a type; `other` is for types of deployment.* that are not known. */
bool project_deployment_created(struct projection *p);
bool project_deployment_dispatching(struct projection *p);
bool project_deployment_withdrawn(struct projection *p);
bool project_deployment_started(struct projection *p);
bool project_deployment_progress(struct projection *p);
bool project_deployment_lost_contact(struct projection *p);
bool project_deployment_ended(struct projection *p);
bool project_deployment_imported(struct projection *p);
bool project_deployment_other(struct projection *p);
bool project_hold(struct projection *p);
bool project_approval(struct projection *p);
bool project_withdrawal(struct projection *p);
bool project_cancellation(struct projection *p);
bool project_incident(struct projection *p);
bool project_release(struct projection *p);
bool project_release_ended(struct projection *p);

#endif
