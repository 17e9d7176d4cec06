/*
 * insight_compat: the figures as two other programs would compute them from the
 * same rows, for those who compare. Both are described by what their queries
 * do, not by what their pages say.
 *
 * devlake (the SQL of Apache DevLake's dashboards, 2025-2026): successes alone,
 * rollbacks among them, by when they ended. Frequency: lower median of days
 * with a deployment over all weeks (from Monday) of the window. Lead time: of
 * each change by the deployment that brought it first, in minutes rounded up,
 * lower median; the first deployment of all brings nothing; negative ones are
 * left out. Fail rate: an incident is laid on the latest success before it
 * began, whatever service that was of and whatever the incident names;
 * deployments with one or more, of all. Recovery: from the end of that
 * deployment to the resolution, of incidents resolved in the window, lower
 * median. DevLake starts lead times at pull requests' first commits, which the
 * ledger does not know: here they start at commits, or at builds. There is no
 * rework rate.
 *
 * fourkeys (METRICS.md and the SQL views, archived): deployments by when they
 * were created, in UTC, weeks from Sunday, from the first data on. Frequency is
 * a class: daily where the median of days with a deployment a week is 3 or
 * more, weekly where the median week has one, monthly where the median month
 * has one such week, else yearly. Lead time: of each change and each deployment
 * that brought it, in whole minutes, only those above 0, interpolated median.
 * Fail rate: incidents that name a deployment over deployments, so that two
 * incidents of one count twice and it may exceed 1. Recovery: from the smaller
 * of the incident's begin and the named deployment's creation to the
 * resolution, interpolated median.
 */
#ifndef CORE_INSIGHT_COMPAT_H
#define CORE_INSIGHT_COMPAT_H

#include "core/insight.h"

enum compat { COMPAT_NONE, COMPAT_DEVLAKE, COMPAT_FOURKEYS };
extern const char *const compat_names[]; /* "", "devlake", "fourkeys", NULL */

struct insight_compat {
	int64_t deployments;
	int64_t median_days;         /* a week; -1: no data */
	const char *frequency_class; /* of fourkeys; "": no data */
	double lead_seconds;         /* median; -1: no data */
	size_t lead_n;
	bool lead_is_commit;
	int64_t failed;          /* deployments, or incidents */
	double recovery_seconds; /* median; -1: no data */
	size_t recovery_n;
};

bool insight_compat_read(struct insight_compat *out, struct arena *a,
                         struct ledger *l, const struct insight_question *q,
                         enum compat compat, struct fail *why);

/* The members of dxcp.insights/1 that it has, behind the schema. */
void insight_compat_json(struct jw *j, const struct insight_compat *c,
                         const struct insight_question *q, enum compat compat);

#endif
