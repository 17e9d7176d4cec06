#include "core/insight.h"

#include "core/json.h"

const char *const fail_source_names[FAIL_SOURCES] = {"verification", "rollback",
                                                     "incident", "inferred"};
const char *const insight_phase_names[PHASE_COUNT] = {
        "review", "approval", "window", "slot", "other", "engine"};

int64_t insight_per_mille(int64_t part, int64_t whole)
{
	return whole > 0 ? (part * 2000 + whole) / (2 * whole) : -1;
}

struct str insight_decimal(struct arena *a, int64_t thousandths)
{
	struct str s =
	        str_format(a, "%lld.%03d", (long long)(thousandths / 1000),
	                   (int)(thousandths % 1000));
	while (s.n && s.s[s.n - 1] == '0')
		s.n--;
	if (s.n && s.s[s.n - 1] == '.')
		s.n--;
	return s;
}

/* --- bands --- */

/*
 * Two tables that define thresholds for all four: as Apache DevLake's
 * dashboards apply them, whose frequencies are of days with a deployment. The
 * report of 2024 has clusters whose fail rates do not rise with the level, that
 * of 2025 no levels at all: neither is a table to look a figure up in.
 */
const char *const band_sources[] = {
        "", "DORA report 2021, as Apache DevLake applies it",
        "DORA report 2023, as Apache DevLake applies it"};

enum { HOUR = 3600, DAY = 24 * HOUR };

struct band_table {
	/* Seconds below which it is elite, high, medium. */
	int64_t lead[3], recovery[3];
	int64_t fail[3]; /* thousandths, up to which */
	int weeks[2];    /* deployment days a week of elite, high */
};
static const struct band_table tables[] = {
        [BANDS_2021] = {.lead = {HOUR, 7 * DAY, 182 * DAY},
                        .recovery = {HOUR, DAY, 7 * DAY},
                        .fail = {150, 200, 300},
                        .weeks = {5, 0}},
        [BANDS_2023] = {.lead = {DAY, 7 * DAY, 30 * DAY},
                        .recovery = {HOUR, DAY, 7 * DAY},
                        .fail = {50, 100, 150},
                        .weeks = {5, 1}},
};
static const char *const levels[] = {"elite", "high", "medium", "low"};

static const char *below(int64_t seconds, size_t n, const int64_t limits[3])
{
	size_t i = 0;
	if (n < INSIGHT_SMALL || seconds < 0)
		return "";
	while (i < 3 && seconds >= limits[i])
		i++;
	return levels[i];
}

static const char *rate_band(const struct insight_metrics *m,
                             const struct band_table *t)
{
	int64_t of = m->deployed + m->reached_failed, i = 0;
	int64_t rate = insight_per_mille(m->failed, of);
	if (of < INSIGHT_SMALL)
		return "";
	while (i < 3 && rate > t->fail[i])
		i++;
	return levels[i];
}

/* Days of deployment a week; below that days a month, or a half-year, by how
   many there were in the window. */
static const char *frequency_band(const struct insight_metrics *m,
                                  enum band_year year)
{
	const struct band_table *t = &tables[year];
	double a_month = m->days > 0 ? (double)m->deployed * 30.4 / m->days : 0;
	if (m->deployed < INSIGHT_SMALL || m->median_days_per_week < 0)
		return "";
	if (m->median_days_per_week >= t->weeks[0])
		return levels[0];
	if (t->weeks[1] && m->median_days_per_week >= t->weeks[1])
		return levels[1];
	if (a_month >= 1)
		return levels[t->weeks[1] ? 2 : 1];
	return year == BANDS_2021 && a_month * 6 >= 1 ? levels[2] : levels[3];
}

struct insight_bands insight_bands_of(const struct insight_metrics *m,
                                      enum band_year year)
{
	if (year == BANDS_NONE)
		return (struct insight_bands){"", "", "", ""};
	const struct band_table *t = &tables[year];
	return (struct insight_bands){
	        .frequency = frequency_band(m, year),
	        .lead = below(m->lead.median, m->lead.n, t->lead),
	        .fail_rate = rate_band(m, t),
	        .recovery =
	                below(m->recovery.median, m->recovery.n, t->recovery),
	};
}
