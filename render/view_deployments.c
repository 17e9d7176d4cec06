/* deployments/ and deployments/<yyyy-mm>/: all of them, newest first. */
#include "render/changes.h"
#include "render/month_parts.h"
#include "render/parts.h"

enum { LATEST = 40 };

struct month_row {
	struct str slug, words;
	int64_t count, wrong;
};
static const struct field month_row_list[] = {
        FIELD_TEXT(struct month_row, slug),
        FIELD_TEXT(struct month_row, words),
        FIELD_INT(struct month_row, count),
        FIELD_INT(struct month_row, wrong),
};
static const struct fields month_row_fields =
        FIELDS(struct month_row, month_row_list);

/* --- the index ---------------------------------------------------------- */

struct view {
	struct frame frame;
	struct lede lede;
	bool has_rows;
	struct str shown;
	struct events rows;
	VEC(struct month_row) months;
};
static const struct field view_list[] = {
        FIELD_STRUCT(struct view, frame, &frame_fields),
        FIELD_LIST(struct view, lede, &run_fields),
        FIELD_BOOL(struct view, has_rows),
        FIELD_TEXT(struct view, shown),
        FIELD_LIST(struct view, rows, &event_fields),
        FIELD_LIST(struct view, months, &month_row_fields),
};
static const struct fields view_fields = FIELDS(struct view, view_list);

static bool write_index(struct site *s, struct fail *why)
{
	struct arena *a = s->page;
	const struct str path = STR("deployments/index.html");
	struct view v = {.frame = frame_of(s, path, NAV_DEPLOYMENTS)};
	struct deployment_filter f = deployment_filter_any();
	f.limit = LATEST;
	if (!events_read(&v.rows, s, f, EVENT_SERVICE | EVENT_DATE, why))
		return false;
	int64_t wrong = 0;
	for (size_t i = s->history.months.n; i > 0; i--) {
		const struct month *m = &s->history.months.at[i - 1];
		wrong += m->wrong;
		*vec_add(a, &v.months) = (struct month_row){
		        month_slug(a, m->month), month_words(a, m->month),
		        m->count, m->wrong};
	}
	v.has_rows = v.rows.n > 0;
	v.shown = (int64_t)v.rows.n < s->history.count
	                  ? str_format(a, "%zu of %lld", v.rows.n,
	                               (long long)s->history.count)
	                  : words_count(a, s->history.count, "deployment",
	                                "deployments");
	if (v.has_rows)
		lede_add(&v.lede, a,
		         "%" STR_FMT " recorded since %" STR_FMT
		         "; %lld failed or were rolled back.",
		         STR_ARG(words_count(a, s->history.count, "deployment",
		                             "deployments")),
		         STR_ARG(v.months.at[v.months.n - 1].words),
		         (long long)wrong);
	else
		lede_add(&v.lede, a, "Nothing has been deployed yet.");
	frame_hot(&v.frame, s);
	v.frame.title = STR("Deployments");
	v.frame.description = lede_text(&v.lede, a);
	return site_page(s, &view_deployments, path, &v, why);
}

const struct page_kind view_deployments = {
        .name = "deployments",
        .fields = &view_fields,
        .hot = true,
        .write = write_index,
        .about = "the latest deployments, and all months",
};

/* --- a month, in parts -------------------------------------------------- */

struct month_view {
	struct frame frame;
	struct lede lede;
	struct str words;
	int64_t part;
	bool several;
	struct events rows;
	struct pager *pager;
};
static const struct field month_list[] = {
        FIELD_STRUCT(struct month_view, frame, &frame_fields),
        FIELD_LIST(struct month_view, lede, &run_fields),
        FIELD_TEXT(struct month_view, words),
        FIELD_INT(struct month_view, part),
        FIELD_BOOL(struct month_view, several),
        FIELD_LIST(struct month_view, rows, &event_fields),
        FIELD_OPT(struct month_view, pager, &pager_fields),
};
static const struct fields month_fields = FIELDS(struct month_view, month_list);

struct parts {
	struct site *s;
	const struct month *month;
	struct events rows;
	struct month_parts at;
	int64_t changed;
};

static bool write_part(struct parts *p, struct fail *why)
{
	struct site *s = p->s;
	struct arena *a = s->page;
	struct str path = month_parts_path(&p->at, a);
	struct month_view v = {.frame = frame_of(s, path, NAV_DEPLOYMENTS),
	                       .words = month_words(a, p->month->month),
	                       .part = p->at.part,
	                       .several = p->at.parts > 1};
	for (size_t i = p->rows.n; i > 0; i--)
		*vec_add(a, &v.rows) = p->rows.at[i - 1];
	bool newest = month_parts_at_end(&p->at);
	if (newest)
		lede_add(&v.lede, a,
		         "%" STR_FMT " in %" STR_FMT
		         "; %lld failed or were rolled back.",
		         STR_ARG(words_count(a, p->month->count, "deployment",
		                             "deployments")),
		         STR_ARG(v.words), (long long)p->month->wrong);
	else
		lede_add(&v.lede, a, "Deployments %lld to %lld.",
		         (long long)p->rows.at[0].number,
		         (long long)p->rows.at[p->rows.n - 1].number);
	frame_changed(&v.frame, s, newest ? p->month->last_at : p->changed);
	v.frame.title =
	        str_format(a, "Deployments in %" STR_FMT, STR_ARG(v.words));
	v.frame.description = lede_text(&v.lede, a);
	v.pager = month_parts_pager(&p->at, a, v.frame.root);
	p->rows = (struct events){0};
	p->changed = 0;
	p->at.part++;
	return site_page(s, &view_month, path, &v, why);
}

static bool add_row(void *context, const struct deployment *d, struct fail *why)
{
	struct parts *p = context;
	(void)why;
	*vec_add(p->s->page, &p->rows) =
	        event_of(p->s, d, EVENT_SERVICE | EVENT_DATE);
	int64_t at = d->finished_at ? d->finished_at : d->created_at;
	p->changed = at > p->changed ? at : p->changed;
	return true;
}

/* Where a new number opens a part, the one before gets its number, and the one
   before that a link to it. The newest counts the whole month. */
static bool is_stale(const struct site *s, const struct month *m, size_t part)
{
	size_t n = m->firsts.n, q = 0;
	int64_t to = part + 1 < n ? m->firsts.at[part + 1] : m->last + 1;
	if (!s->changes || changed_between(s, m->firsts.at[part], to))
		return true;
	int64_t created = s->changes->first_number;
	while (q + 1 < n && m->firsts.at[q + 1] <= created)
		q++;
	if (created <= m->last && part + 2 >= q)
		return true;
	return part + 1 == n &&
	       changed_between(s, m->firsts.at[0], m->last + 1);
}

static bool write_one_part(struct site *s, const struct month *m, size_t part,
                           struct fail *why)
{
	struct parts p = {.s = s,
	                  .month = m,
	                  .at = month_parts_of("deployments", m->month,
	                                       m->count,
	                                       DEPLOYMENTS_PART_ROWS)};
	struct deployment_filter f = deployment_filter_any();
	f.from = month_start(m->month);
	f.to = month_start(m->month + 1);
	f.above = m->firsts.at[part] - 1;
	f.below = part + 1 < m->firsts.n ? m->firsts.at[part + 1] : 0;
	f.oldest_first = true;
	f.with_failures = true;
	p.at.part = (int64_t)part + 1;
	return ledger_deployments(s->ledger, &f, add_row, &p, why) &&
	       (!p.rows.n || write_part(&p, why));
}

static bool write_months(struct site *s, struct fail *why)
{
	vec_each (struct month, m, &s->history.months)
		for (size_t part = 0; part < m->firsts.n; part++)
			if (is_stale(s, m, part) &&
			    !write_one_part(s, m, part, why))
				return false;
	return true;
}

const struct page_kind view_month = {
        .name = "month",
        .fields = &month_fields,
        .reads = READS_OWN,
        .write = write_months,
        .about = "the deployments of one month",
};
