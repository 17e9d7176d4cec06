/* runs/ and runs/<number>/: whether the runner is healthy, and what each run
   decided. A run that recorded no decision and ended has no page. */
#include "core/when.h"
#include "render/changes.h"
#include "render/decided.h"

enum { RUNS_MAX = 80, ROWS_MAX = 400 };

/* --- the index ---------------------------------------------------------- */

struct run_row {
	int64_t number, at, allow, wait, deny;
	struct str when, took, gap, commit;
	bool has_page;
	struct status status;
};
static const struct field row_list[] = {
        FIELD_INT(struct run_row, number),
        FIELD_TIME(struct run_row, at),
        FIELD_INT(struct run_row, allow),
        FIELD_INT(struct run_row, wait),
        FIELD_INT(struct run_row, deny),
        FIELD_TEXT(struct run_row, when),
        FIELD_TEXT(struct run_row, took),
        FIELD_TEXT(struct run_row, gap),
        FIELD_TEXT(struct run_row, commit),
        FIELD_BOOL(struct run_row, has_page),
        FIELD_STRUCT(struct run_row, status, &status_fields),
};
static const struct fields row_fields = FIELDS(struct run_row, row_list);

struct view {
	struct frame frame;
	struct lede lede;
	VEC(struct run_row) rows;
	bool has_rows;
	struct str shown;
};
static const struct field view_list[] = {
        FIELD_STRUCT(struct view, frame, &frame_fields),
        FIELD_LIST(struct view, lede, &run_fields),
        FIELD_LIST(struct view, rows, &row_fields),
        FIELD_BOOL(struct view, has_rows),
        FIELD_TEXT(struct view, shown),
};
static const struct fields view_fields = FIELDS(struct view, view_list);

static bool run_has_page(const struct decided_list *all,
                         const struct recorded_run *r)
{
	return !r->finished_at || r->allow || decided_has_run(all, r->number);
}

static struct str took_words(struct arena *a, const struct recorded_run *r)
{
	if (!r->finished_at)
		return STR("");
	return words_duration(a, r->finished_at - r->started_at);
}

static struct status run_status(const struct recorded_run *r, bool newest)
{
	if (r->finished_at)
		return status_of(STATUS_OK, "Finished");
	return newest ? status_of(STATUS_RUNNING, "Not finished")
	              : status_of(STATUS_UNKNOWN, "Did not finish");
}

struct reading {
	struct site *s;
	struct view *v;
	const struct decided_list *all;
	int64_t newer; /* when the run after it began */
	int64_t longest, longest_from, unfinished;
};

static bool add_run(void *context, const struct recorded_run *r,
                    struct fail *why)
{
	struct reading *f = context;
	struct arena *a = f->s->page;
	(void)why;
	if (f->newer) {
		int64_t gap = f->newer - r->started_at;
		struct run_row *newer = &f->v->rows.at[f->v->rows.n - 1];
		newer->gap = words_duration(a, gap);
		if (gap > f->longest) {
			f->longest = gap;
			f->longest_from = r->started_at;
		}
	}
	f->unfinished += !r->finished_at;
	bool newest = !f->newer;
	f->newer = r->started_at;
	*vec_add(a, &f->v->rows) =
	        (struct run_row){.number = r->number,
	                         .at = r->started_at,
	                         .allow = r->allow,
	                         .wait = r->wait,
	                         .deny = r->deny,
	                         .when = words_when(a, r->started_at),
	                         .took = took_words(a, r),
	                         .commit = str_copy(a, words_oid(r->commit)),
	                         .has_page = run_has_page(f->all, r),
	                         .status = run_status(r, newest)};
	return true;
}

static void fill_lede(struct reading *f)
{
	struct arena *a = f->s->page;
	struct lede *l = &f->v->lede;
	if (!f->v->rows.n) {
		lede_add(l, a, "No run is recorded yet.");
		return;
	}
	const struct run_row *last = &f->v->rows.at[0];
	lede_add(l, a, "The last run, ");
	lede_strong(l, a, "%lld", (long long)last->number);
	lede_add(l, a, ", began on %" STR_FMT ".",
	         STR_ARG(words_stamp(a, last->at)));
	if (f->longest)
		lede_add(l, a,
		         " The longest gap between those below is %" STR_FMT
		         ", from %" STR_FMT ".",
		         STR_ARG(words_duration(a, f->longest)),
		         STR_ARG(words_stamp(a, f->longest_from)));
	if (f->unfinished)
		lede_strong(l, a, " %" STR_FMT ".",
		            STR_ARG(words_count(a, f->unfinished,
		                                "run did not finish",
		                                "runs did not finish")));
}

static bool write_index(struct site *s, struct fail *why)
{
	struct arena *a = s->page;
	const struct str path = STR("runs/index.html");
	struct view v = {.frame = frame_of(s, path, NAV_AUDIT)};
	struct reading f = {.s = s, .v = &v};
	if (!decided_read(&f.all, s, why) ||
	    !ledger_runs(s->ledger, RUNS_MAX, add_run, &f, why))
		return false;
	v.has_rows = v.rows.n > 0;
	v.shown = (int64_t)v.rows.n < s->head.runs
	                  ? str_format(a, "the newest %zu of %lld", v.rows.n,
	                               (long long)s->head.runs)
	                  : words_count(a, s->head.runs, "run", "runs");
	fill_lede(&f);
	frame_hot(&v.frame, s);
	v.frame.title = STR("Runs");
	v.frame.description = lede_text(&v.lede, a);
	return site_page(s, &view_runs, path, &v, why);
}

const struct page_kind view_runs = {
        .name = "runs",
        .fields = &view_fields,
        .hot = true,
        .write = write_index,
        .about = "the runner's health",
};

/* --- one run ------------------------------------------------------------ */

struct run_view {
	struct frame frame;
	struct lede lede;
	int64_t number, newer, older, more, count;
	struct str month;
	struct status status;
	VEC(struct decided_row) rows;
	bool has_rows;
	struct fact_list facts;
	struct link *commit;
};
static const struct field run_list[] = {
        FIELD_STRUCT(struct run_view, frame, &frame_fields),
        FIELD_LIST(struct run_view, lede, &run_fields),
        FIELD_INT(struct run_view, number),
        FIELD_INT(struct run_view, more),
        FIELD_INT(struct run_view, count),
        FIELD_TEXT(struct run_view, month),
        FIELD_STRUCT(struct run_view, status, &status_fields),
        FIELD_LIST(struct run_view, rows, &decided_fields),
        FIELD_BOOL(struct run_view, has_rows),
        FIELD_LIST(struct run_view, facts, &fact_fields),
        FIELD_OPT(struct run_view, commit, &link_fields),
};
static const struct fields run_view_fields = FIELDS(struct run_view, run_list);

struct filling {
	struct run_view *v;
	struct site *s;
};

static void add_row(void *context, const struct decided *d)
{
	struct filling *f = context;
	struct run_view *v = f->v;
	if (v->count++ >= ROWS_MAX) {
		v->more++;
		return;
	}
	*vec_add(f->s->page, &v->rows) = decided_row_of(f->s, d);
}

static bool fill_rows(struct run_view *v, struct site *s, struct fail *why)
{
	struct filling f = {v, s};
	if (!decided_in_run(s, v->number, add_row, &f, why))
		return false;
	v->has_rows = v->rows.n > 0;
	return true;
}

static void fill_facts(struct run_view *v, struct site *s,
                       const struct recorded_run *r)
{
	struct arena *a = s->page;
	const struct {
		const char *name;
		int64_t n;
	} counts[] = {{"Allowed", r->allow},
	              {"Waiting", r->wait},
	              {"Denied", r->deny},
	              {"Replayed", r->replay}};
	fact_add(&v->facts, s, "Began", words_stamp(a, r->started_at), NULL);
	if (r->finished_at) {
		fact_add(&v->facts, s, "Ended", words_stamp(a, r->finished_at),
		         NULL);
		fact_add(&v->facts, s, "Took", took_words(a, r), NULL);
	}
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		fact_add(&v->facts, s, counts[i].name,
		         str_format(a, "%lld", (long long)counts[i].n), NULL);
	v->commit = ARENA_NEW(a, struct link);
	v->commit->text = str_copy(a, words_oid(r->commit));
	v->commit->href = href_of_commit(s, str_copy(a, r->commit));
}

static bool write_run(void *context, const struct recorded_run *r,
                      struct fail *why)
{
	struct reading *f = context;
	struct site *s = f->s;
	struct arena *a = s->page;
	bool newest = !f->newer;
	f->newer = r->started_at;
	if (!changed_run(s, r->number) || !run_has_page(f->all, r))
		return true;
	struct str path =
	        str_format(a, "runs/%lld/index.html", (long long)r->number);
	struct run_view v = {.frame = frame_of(s, path, NAV_AUDIT),
	                     .number = r->number,
	                     .month = month_slug(a, month_of(r->started_at)),
	                     .status = run_status(r, newest)};
	if (!fill_rows(&v, s, why))
		return false;
	fill_facts(&v, s, r);
	lede_add(&v.lede, a, "%s on %" STR_FMT ". It recorded ",
	         r->finished_at ? "Finished" : "Began",
	         STR_ARG(words_stamp(a, r->finished_at ? r->finished_at
	                                               : r->started_at)));
	lede_strong(&v.lede, a, "%" STR_FMT ".",
	            STR_ARG(words_count(a, v.count, "decision", "decisions")));
	if (!r->finished_at)
		lede_add(&v.lede, a,
		         " It did not finish; the next one goes on from "
		         "where it stopped.");
	frame_changed(&v.frame, s,
	              r->finished_at ? r->finished_at : r->started_at);
	v.frame.title = str_format(a, "Run %lld", (long long)r->number);
	v.frame.description = lede_text(&v.lede, a);
	return site_page(s, &view_run, path, &v, why);
}

static bool write_runs(struct site *s, struct fail *why)
{
	struct reading f = {.s = s};
	return decided_read(&f.all, s, why) &&
	       ledger_runs(s->ledger, 0, write_run, &f, why);
}

const struct page_kind view_run = {
        .name = "run",
        .fields = &run_view_fields,
        .reads = READS_OWN,
        .write = write_runs,
        .about = "what one run decided",
};
