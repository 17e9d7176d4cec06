/* audit/ and audit/<yyyy-mm>/: every recorded event, by month. */
#include "render/changes.h"
#include "render/decided.h"
#include "render/month_parts.h"
#include "render/parts.h"

enum { HASH_SHOWN = 10 };

/* --- the index ---------------------------------------------------------- */

struct month_row {
	struct str slug, words;
	int64_t month, count, decisions;
};
static const struct field month_row_list[] = {
        FIELD_TEXT(struct month_row, slug),
        FIELD_TEXT(struct month_row, words),
        FIELD_INT(struct month_row, count),
        FIELD_INT(struct month_row, decisions),
};
static const struct fields month_row_fields =
        FIELDS(struct month_row, month_row_list);
struct audit_months {
	struct arena *arena;
	struct month_row *at; /* oldest first */
	size_t n, cap;
};
/* What the page lists: newest first. */
struct months {
	struct month_row *at;
	size_t n, cap;
};

struct view {
	struct frame frame;
	struct lede lede;
	struct months months;
	bool has_months;
	int64_t events;
	struct str head;
	struct command *command;
};
static const struct field view_list[] = {
        FIELD_STRUCT(struct view, frame, &frame_fields),
        FIELD_LIST(struct view, lede, &run_fields),
        FIELD_LIST(struct view, months, &month_row_fields),
        FIELD_BOOL(struct view, has_months),
        FIELD_INT(struct view, events),
        FIELD_TEXT(struct view, head),
        FIELD_OPT(struct view, command, &command_fields),
};
static const struct fields view_fields = FIELDS(struct view, view_list);

static struct month_row *month_row(struct audit_months *m, int64_t time)
{
	int64_t month = month_of(time);
	for (size_t i = m->n; i > 0; i--)
		if (m->at[i - 1].month == month)
			return &m->at[i - 1];
	return NULL;
}

static bool count_decision(void *context, int64_t time, struct fail *why)
{
	struct month_row *row = month_row(context, time);
	(void)why;
	if (row)
		row->decisions++;
	return true;
}

/* Counted once for both kinds of page. */
static bool months_read(struct site *s, struct fail *why)
{
	int64_t t = 0;
	if (s->audit)
		return true;
	struct audit_months *m = ARENA_NEW(s->arena, struct audit_months);
	m->arena = s->arena;
	if (!ledger_event_next(s->ledger, INT64_MIN, &t, why))
		return false;
	while (t) {
		struct month_row *row = vec_add(m->arena, m);
		row->month = month_of(t);
		int64_t from = month_start(row->month),
		        to = month_start(row->month + 1);
		if (!ledger_event_count(s->ledger, from, to, &row->count,
		                        why) ||
		    !ledger_event_next(s->ledger, to, &t, why))
			return false;
	}
	s->audit = m;
	return ledger_decision_times(s->ledger, count_decision, m, why);
}

static bool write_index(struct site *s, struct fail *why)
{
	struct arena *a = s->page;
	const struct str path = STR("audit/index.html");
	struct view v = {.frame = frame_of(s, path, NAV_AUDIT),
	                 .events = s->head.events,
	                 .head = str_copy(a, str_of(s->head.hash))};
	if (!months_read(s, why))
		return false;
	for (size_t i = s->audit->n; i > 0; i--) {
		struct month_row row = s->audit->at[i - 1];
		row.slug = month_slug(a, row.month);
		row.words = month_words(a, row.month);
		*vec_add(a, &v.months) = row;
	}
	v.has_months = v.months.n > 0;
	if (!s->head.events)
		v.head = (struct str){0};
	v.command = command_new(a, "Command that verifies the ledger",
	                        STR("dxcp ledger verify"), true);
	lede_add(&v.lede, a,
	         "%" STR_FMT
	         " recorded: who asked for what, what was decided by which "
	         "rule, what came of it.",
	         STR_ARG(words_count(a, s->head.events, "event", "events")));
	v.frame.title = STR("Audit");
	v.frame.description = lede_text(&v.lede, a);
	return site_page(s, &view_audit, path, &v, why);
}

const struct page_kind view_audit = {
        .name = "audit",
        .fields = &view_fields,
        .write = write_index,
        .about = "all months of recorded events",
};

/* --- a month, in parts -------------------------------------------------- */

struct row {
	int64_t seq, at, number;
	struct str when, actor, what, subject, code, hash;
	struct str href;             /* from the root */
	const struct status *status; /* NULL: none */
};
static const struct field row_list[] = {
        FIELD_INT(struct row, seq),
        FIELD_TIME(struct row, at),
        FIELD_INT(struct row, number),
        FIELD_TEXT(struct row, when),
        FIELD_TEXT(struct row, actor),
        FIELD_TEXT(struct row, what),
        FIELD_TEXT(struct row, subject),
        FIELD_TEXT(struct row, href),
        FIELD_TEXT(struct row, code),
        FIELD_TEXT(struct row, hash),
        FIELD_OPT(struct row, status, &status_fields),
};
static const struct fields row_fields = FIELDS(struct row, row_list);

struct month_view {
	struct frame frame;
	struct lede lede;
	struct str words;
	int64_t part;
	bool several;
	VEC(struct row) rows;
	struct pager *pager;
};
static const struct field month_list[] = {
        FIELD_STRUCT(struct month_view, frame, &frame_fields),
        FIELD_LIST(struct month_view, lede, &run_fields),
        FIELD_TEXT(struct month_view, words),
        FIELD_INT(struct month_view, part),
        FIELD_BOOL(struct month_view, several),
        FIELD_LIST(struct month_view, rows, &row_fields),
        FIELD_OPT(struct month_view, pager, &pager_fields),
};
static const struct fields month_fields = FIELDS(struct month_view, month_list);

struct parts {
	struct site *s;
	int64_t month, count;
	struct month_parts at;
	VEC(struct row) rows;
	const struct decided_list *decided;
};

static bool write_part(struct parts *p, struct fail *why)
{
	struct site *s = p->s;
	struct arena *a = s->page;
	struct str path = month_parts_path(&p->at, a);
	struct month_view v = {.frame = frame_of(s, path, NAV_AUDIT),
	                       .words = month_words(a, p->month),
	                       .part = p->at.part,
	                       .several = p->at.parts > 1};
	for (size_t i = p->rows.n; i > 0; i--)
		*vec_add(a, &v.rows) = p->rows.at[i - 1];
	lede_add(&v.lede, a, "Events %lld to %lld",
	         (long long)p->rows.at[0].seq,
	         (long long)p->rows.at[p->rows.n - 1].seq);
	if (v.several && month_parts_at_end(&p->at))
		lede_add(&v.lede, a, ", the newest of %lld in %" STR_FMT,
		         (long long)p->count, STR_ARG(v.words));
	lede_add(&v.lede, a, ".");
	frame_changed(&v.frame, s, p->rows.at[p->rows.n - 1].at);
	v.frame.title = str_format(a, "Audit of %" STR_FMT, STR_ARG(v.words));
	v.frame.description = lede_text(&v.lede, a);
	v.pager = month_parts_pager(&p->at, a, v.frame.root);
	p->rows.at = NULL;
	p->rows.n = p->rows.cap = 0;
	p->at.part++;
	return site_page(s, &view_audit_month, path, &v, why);
}

static void fill_verdict(struct row *row, struct parts *p)
{
	static const enum status_is looks[OUTCOME_COUNT] = {
	        [OUTCOME_ALLOW] = STATUS_OK,
	        [OUTCOME_WAIT] = STATUS_WAITING,
	        [OUTCOME_DENY] = STATUS_DENIED,
	        [OUTCOME_REPLAY] = STATUS_SKIPPED};
	static const char *const words[OUTCOME_COUNT] = {"Allowed", "Waits",
	                                                 "Denied", "Replayed"};
	static const struct decided allowed = {.outcome = OUTCOME_ALLOW};
	const struct decided *v = decided_at(p->decided, row->seq);
	v = v ? v : &allowed;
	struct status *status = ARENA_NEW(p->s->page, struct status);
	*status = status_of(looks[v->outcome], words[v->outcome]);
	row->status = status;
	row->code = str_of(diag_info(v->code)->name);
	if (decided_has_page(v))
		row->href = str_format(p->s->page, "decisions/%lld/index.html",
		                       (long long)row->seq);
}

/* What each type of event is called. */
static const struct {
	const char *type, *what;
	bool about_deployment;
} types[] = {
        {"ledger.created", "Ledger begun", false},
        {"run.started", "Run started", false},
        {"run.finished", "Run finished", false},
        {"intent.decided", "Intent decided", false},
        {"build.registered", "Build registered", false},
        {"deployment.created", "Deployment recorded", true},
        {"deployment.dispatching", "Being sent", true},
        {"deployment.withdrawn", "Not sent", false},
        {"deployment.started", "Taken by the engine", true},
        {"deployment.progress", "Progress", true},
        {"deployment.lost_contact", "Engine silent", true},
        {"deployment.not_found", "Not at the engine yet", true},
        {"deployment.unsent", "Not sent this time", true},
        {"deployment.stage", "A stage", true},
        {"deployment.warning", "To look at", true},
        {"deployment.DUPLICATE_EXECUTION", "Ran more than once", true},
        {"deployment.restarted", "Restarted after its end", true},
        {"deployment.ended_later", "Ended at the engine later", true},
        {"deployment.ended", "Ended", true},
        {"deployment.imported", "Taken over from elsewhere", true},
};

static void name_event(struct row *row, struct parts *p, const struct event *e)
{
	struct arena *a = p->s->page;
	row->what = str_copy(a, e->type);
	row->subject = str_copy(a, words_line(a, e->subject));
	for (size_t i = 0; i < sizeof(types) / sizeof *types; i++) {
		int64_t n;
		if (!str_is(e->type, types[i].type))
			continue;
		row->what = str_of(types[i].what);
		/* A withdrawn number is free again: it has no page. */
		if (types[i].about_deployment && str_int(e->subject, &n) &&
		    n <= p->s->history.last)
			row->number = n;
	}
	if (str_starts(e->type, STR("run.")))
		row->subject =
		        str_format(a, "Run %" STR_FMT, STR_ARG(e->subject));
}

static bool add_event(void *context, const struct event *e, struct fail *why)
{
	struct parts *p = context;
	struct site *s = p->s;
	struct arena *a = s->page;
	if (p->rows.n == AUDIT_PART_ROWS && !write_part(p, why))
		return false;
	struct row row = {
	        .seq = e->seq,
	        .at = e->time,
	        .when = words_when(a, e->time),
	        .actor = str_copy(a, person_of(s, (struct str){0}, e->actor)),
	        .hash = str_copy(a, str_head(e->hash, HASH_SHOWN))};
	name_event(&row, p, e);
	if (str_is(e->type, "intent.decided"))
		fill_verdict(&row, p);
	*vec_add(a, &p->rows) = row;
	return true;
}

/* The first part that may differ: events come at a month's end. Where they
   open a part, the one before gets its number, and the one before that a link
   to it. */
static int64_t first_part(const struct site *s, const struct month_row *m)
{
	int64_t fresh = changed_events(s, month_start(m->month),
	                               month_start(m->month + 1));
	if (fresh >= m->count)
		return 1;
	int64_t part = (m->count - fresh) / AUDIT_PART_ROWS - 1;
	return !fresh ? INT64_MAX : part > 1 ? part : 1;
}

static bool write_month(struct site *s, const struct month_row *m,
                        struct fail *why)
{
	struct parts p = {.s = s,
	                  .month = m->month,
	                  .count = m->count,
	                  .at = month_parts_of("audit", m->month, m->count,
	                                       AUDIT_PART_ROWS)};
	int64_t part = first_part(s, m);
	if (part == INT64_MAX)
		return true;
	p.at.part = part;
	return decided_read(&p.decided, s, why) &&
	       ledger_event_last(s->ledger, month_start(m->month),
	                         month_start(m->month + 1),
	                         m->count - (part - 1) * AUDIT_PART_ROWS,
	                         add_event, &p, why) &&
	       (!p.rows.n || write_part(&p, why));
}

static bool write_months(struct site *s, struct fail *why)
{
	if (!months_read(s, why))
		return false;
	for (size_t i = 0; i < s->audit->n; i++)
		if (!write_month(s, &s->audit->at[i], why))
			return false;
	return true;
}

const struct page_kind view_audit_month = {
        .name = "audit_month",
        .fields = &month_fields,
        .reads = READS_OWN,
        .write = write_months,
        .about = "the recorded events of one month",
};
