#include "render/overview_matrix.h"

#include "core/calendar.h"
#include "render/chart.h"

#include <stdlib.h>

enum { MATRIX_MAX = 60, COLUMNS_MAX = 6 };

static const struct field column_list[] = {
        FIELD_TEXT(struct column, name),
        FIELD_TEXT(struct column, slug),
};
static const struct fields column_fields = FIELDS(struct column, column_list);

static const struct field cell_list[] = {
        FIELD_INT(struct cell, number), FIELD_TEXT(struct cell, version),
        FIELD_TEXT(struct cell, since), FIELD_TEXT(struct cell, note),
        FIELD_TEXT(struct cell, tone),
};
static const struct fields cell_fields = FIELDS(struct cell, cell_list);

static const struct field matrix_list[] = {
        FIELD_TEXT(struct matrix_row, service),
        FIELD_TEXT(struct matrix_row, service_slug),
        FIELD_TEXT(struct matrix_row, group),
        FIELD_HTML(struct matrix_row, strip),
        FIELD_LIST(struct matrix_row, cells, &cell_fields),
};
static const struct fields matrix_row_fields =
        FIELDS(struct matrix_row, matrix_list);

static const struct field matrix_field_list[] = {
        FIELD_LIST(struct matrix, columns, &column_fields),
        FIELD_LIST(struct matrix, rows, &matrix_row_fields),
        FIELD_TEXT(struct matrix, note),
        FIELD_TEXT(struct matrix, strip_words),
};
const struct fields matrix_fields = FIELDS(struct matrix, matrix_field_list);

/* Which services have a row, by their place in the history. */
struct shown {
	bool *is;
	bool some; /* not all of those that changed or are in trouble */
};

struct candidate {
	int64_t last; /* change */
	size_t at;
	bool trouble;
};

static int candidate_cmp(const void *pa, const void *pb)
{
	const struct candidate *a = pa, *b = pb;
	if (a->trouble != b->trouble)
		return b->trouble - a->trouble;
	if (a->last != b->last)
		return a->last < b->last ? 1 : -1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static struct candidate candidate_of(const struct site *s, size_t at)
{
	const struct history_service *of = &s->history.services.at[at];
	struct candidate c = {.at = at};
	for (size_t i = 0; i < of->pairs.n; i++) {
		const struct pair *p = &s->history.pairs.at[of->pairs.at[i]];
		c.last = p->last_at > c.last ? p->last_at : c.last;
		c.trouble |= p->open ||
		             (p->failed && history_is_prod(&s->history, p));
	}
	return c;
}

/* Above MATRIX_MAX services only those that changed or are in trouble, and of
   these so many: trouble first, then what changed last. */
static struct shown choose_services(const struct site *s)
{
	size_t n = s->history.services.n;
	struct shown shown = {.is = arena_array(s->page, n, sizeof(bool))};
	struct candidate *all = arena_array(s->page, n, sizeof *all);
	size_t some = 0;
	for (size_t i = 0; i < n; i++) {
		struct candidate c = candidate_of(s, i);
		if (n <= MATRIX_MAX || c.trouble ||
		    c.last > s->now - (int64_t)HISTORY_DAYS * DAY_SECONDS)
			all[some++] = c;
	}
	if (some > MATRIX_MAX)
		qsort(all, some, sizeof *all, candidate_cmp);
	shown.some = some > MATRIX_MAX;
	for (size_t i = 0; i < some && i < MATRIX_MAX; i++)
		shown.is[all[i].at] = true;
	return shown;
}

/* The environments that stand in the table, as columns. */
struct columns {
	size_t at[COLUMNS_MAX], n, all;
	int64_t *uses; /* by environment: in how many services something runs */
};

/* What is used more; of two alike, production. */
static bool is_before(const struct site *s, const struct columns *c, size_t x,
                      size_t y)
{
	const struct history_environment *e = s->history.environments.at;
	if (c->uses[x] != c->uses[y])
		return c->uses[x] > c->uses[y];
	return e[x].is_prod && !e[y].is_prod;
}

/* The COLUMNS_MAX that say most. */
static void choose_columns(struct columns *c, const struct site *s)
{
	for (size_t e = 0; e < s->history.environments.n; e++) {
		size_t i = c->n;
		if (!c->uses[e])
			continue;
		c->all++;
		while (i > 0 && is_before(s, c, e, c->at[i - 1]))
			i--;
		if (i == COLUMNS_MAX)
			continue;
		c->n += c->n < COLUMNS_MAX;
		for (size_t k = c->n - 1; k > i; k--)
			c->at[k] = c->at[k - 1];
		c->at[i] = e;
	}
}

static int rank(const struct site *s, size_t e)
{
	const struct history_environment *of = &s->history.environments.at[e];
	return !of->policy ? 2 : !of->is_prod;
}

/* Production first, then the promotion sequence backwards, then what only the
   history knows, the most used first. */
static struct columns find_columns(struct matrix *m, struct site *s,
                                   const struct shown *shown)
{
	size_t n = s->history.environments.n;
	struct columns c = {.uses = arena_array(s->page, n, sizeof *c.uses)};
	vec_each (struct pair, p, &s->history.pairs)
		c.uses[p->environment_at] +=
		        (p->good.n || p->open) && shown->is[p->service_at];
	choose_columns(&c, s);
	for (size_t i = 1; i < c.n; i++)
		for (size_t k = i; k > 0; k--) {
			size_t x = c.at[k - 1], y = c.at[k];
			int order = rank(s, x) - rank(s, y);
			if (order < 0 || (!order && (x > y || rank(s, x) == 2)))
				break;
			c.at[k - 1] = y;
			c.at[k] = x;
		}
	for (size_t i = 0; i < c.n; i++) {
		const struct history_environment *e =
		        &s->history.environments.at[c.at[i]];
		*vec_add(s->page, &m->columns) =
		        (struct column){e->name, e->slug};
	}
	return c;
}

/* before: the step before it; NULL: it is the first. */
static struct cell cell_of(struct site *s, const struct pair *p,
                           const struct pair *before)
{
	struct cell cell = {0};
	const struct success *running = pair_running(p);
	if (running) {
		cell.number = running->number;
		cell.version = words_version(s->page, running->version);
		cell.since = words_day(s->page, running->finished_at);
	}
	if (p->open) {
		bool lost = p->open_state == STATE_LOST_CONTACT;
		cell.tone = lost ? STR("pill warn") : STR("pill info");
		cell.note = str_format(
		        s->page, "%s %" STR_FMT,
		        lost ? "unknown:" : "deploying",
		        STR_ARG(words_version(s->page, p->open_version)));
	} else if (p->failed) {
		cell.tone = STR("hold");
		cell.note = str_format(
		        s->page, "%" STR_FMT " failed",
		        STR_ARG(words_version(s->page, p->failed_version)));
	} else if (before && pair_behind(p, before) > 0) {
		cell.tone = STR("lag");
		cell.note = str_format(s->page, "%lld behind",
		                       (long long)pair_behind(p, before));
	}
	return cell;
}

static int busiest(const struct site *s)
{
	int most = 1;
	vec_each (struct pair, p, &s->history.pairs)
		for (size_t i = 0;
		     i < HISTORY_DAYS && history_is_prod(&s->history, p); i++) {
			most = p->up[i] > most ? p->up[i] : most;
			most = p->down[i] > most ? p->down[i] : most;
		}
	return most;
}

static void add_row(struct matrix *m, struct site *s,
                    const struct history_service *of, const struct columns *c,
                    int most)
{
	struct arena *a = s->page;
	struct matrix_row *row = vec_add(a, &m->rows);
	row->service = of->name;
	row->service_slug = of->slug;
	row->group = of->group ? of->group->id.s : STR("in no group");
	int up[HISTORY_DAYS] = {0}, down[HISTORY_DAYS] = {0};
	for (size_t i = 0; i < c->n; i++) {
		struct cell cell = {0};
		for (size_t k = 0; k < of->pairs.n; k++) {
			const struct pair *p =
			        &s->history.pairs.at[of->pairs.at[k]];
			if (p->environment_at != c->at[i])
				continue;
			cell = cell_of(
			        s, p,
			        k ? &s->history.pairs.at[of->pairs.at[k - 1]]
			          : NULL);
			for (size_t day = 0; day < HISTORY_DAYS &&
			                     history_is_prod(&s->history, p);
			     day++) {
				up[day] += p->up[day];
				down[day] += p->down[day];
			}
		}
		*vec_add(a, &row->cells) = cell;
	}
	row->strip = chart_strip(a, up, down, HISTORY_DAYS, most);
}

static struct str note_of(const struct matrix *m, struct site *s,
                          const struct columns *c, const struct shown *shown)
{
	struct arena *a = s->page;
	struct buf b = buf_new(a, 1024);
	buf_format(&b,
	           "Bars are the 14 days to %" STR_FMT
	           " in production: up succeeded, down failed or rolled back.",
	           STR_ARG(words_day(a, s->now)));
	if (c->all > c->n)
		buf_format(&b,
		           " Of %zu environments the %zu in most use are "
		           "columns.",
		           c->all, c->n);
	if (shown->some)
		buf_format(&b,
		           " %d services stand here: those in trouble, and "
		           "those that changed last.",
		           MATRIX_MAX);
	else if (m->rows.n < s->history.services.n)
		buf_add(&b, STR(" Only services that changed in them, or are "
		                "in trouble, stand here."));
	return buf_str(&b);
}

void matrix_read(struct matrix *m, struct site *s)
{
	struct shown shown = choose_services(s);
	struct columns columns = find_columns(m, s, &shown);
	int most = busiest(s);
	for (size_t i = 0; i < s->history.services.n; i++)
		if (shown.is[i])
			add_row(m, s, &s->history.services.at[i], &columns,
			        most);
	m->strip_words = STR("production, 14 days");
	m->note = note_of(m, s, &columns, &shown);
}
