/* Figures in words. */
#include "core/insight.h"

struct str insight_seconds_words(struct arena *a, int64_t seconds)
{
	return seconds < 0
	               ? STR("no data")
	               : str_format(a, "%s", when_duration_words(seconds).s);
}

/* Of few the counts say more than a share of them. */
struct str insight_rate_words(struct arena *a, int64_t part, int64_t whole)
{
	int64_t rate = insight_per_mille(part, whole);
	if (rate < 0)
		return STR("no data");
	if (whole < INSIGHT_FEW)
		return str_format(a, "%lld of %lld", (long long)part,
		                  (long long)whole);
	return str_format(a, "%lld.%lld%%", (long long)(rate / 10),
	                  (long long)(rate % 10));
}

struct str insight_per_day_words(struct arena *a,
                                 const struct insight_metrics *m)
{
	if (!m->has_record || m->days <= 0)
		return STR("no data");
	return str_format(a, "%.2f a day", (double)m->deployed / m->days);
}

struct str insight_per_day_decimal(struct arena *a,
                                   const struct insight_metrics *m)
{
	if (!m->has_record || m->days <= 0)
		return STR("");
	return insight_decimal(
	        a, (int64_t)((double)m->deployed * 1000 / m->days + 0.5));
}

int64_t insight_all(const struct insight_metrics *m)
{
	return m->deployed + m->reached_failed + m->rollbacks;
}

int64_t insight_changed(const struct insight_metrics *m)
{
	return m->deployed + m->reached_failed;
}

bool insight_is_build(const struct insight_metrics *m)
{
	return !m->lead_is_commit && m->lead.n;
}
