#include "render/can_deploy.h"

#include "core/when.h"
#include "render/chart.h"
#include "render/rule_words.h"

enum { STRETCHES_MAX = 96, WORDS_MAX = 1024 };

static const struct field check_list[] = {
        FIELD_STRUCT(struct check, status, &status_fields),
        FIELD_TEXT(struct check, text),
};
static const struct fields check_fields = FIELDS(struct check, check_list);

static const struct field day_list[] = {
        FIELD_TEXT(struct open_day, day),
        FIELD_TEXT(struct open_day, words),
        FIELD_HTML(struct open_day, bar),
};
static const struct fields day_fields = FIELDS(struct open_day, day_list);

static const struct field gauge_list[] = {
        FIELD_TEXT(struct gauge_row, name),
        FIELD_TEXT(struct gauge_row, words),
        FIELD_HTML(struct gauge_row, gauge),
};
static const struct fields gauge_fields = FIELDS(struct gauge_row, gauge_list);

static const struct field answer_list[] = {
        FIELD_TEXT(struct answer, environment),
        FIELD_TEXT(struct answer, words),
        FIELD_BOOL(struct answer, yes),
        FIELD_TIME(struct answer, until),
        FIELD_LIST(struct answer, checks, &check_fields),
        FIELD_LIST(struct answer, gauges, &gauge_fields),
        FIELD_LIST(struct answer, days, &day_fields),
        FIELD_BOOL(struct answer, has_days),
        FIELD_TEXT(struct answer, zone),
        FIELD_TEXT(struct answer, rollbacks),
};
const struct fields answer_fields = FIELDS(struct answer, answer_list);

struct asking {
	struct answer *out;
	struct site *s;
	const struct group *group;
	struct str environment, service;
	struct headroom room;
	const struct waiver *freeze_waiver, *window_waiver;
};

/* --- what it rests on --------------------------------------------------- */

static void check(struct asking *q, enum status_is is, struct str text)
{
	struct check *c = vec_add(q->s->page, &q->out->checks);
	c->status = status_of(is, NULL);
	c->text = text;
}

/* A waiver that sets the code aside now, for this place. */
static const struct waiver *waiver_of(const struct asking *q,
                                      enum diag_code code)
{
	const struct policy *p = q->s->policy;
	for (size_t i = 0; i < p->waivers.n; i++) {
		const struct waiver *w = p->waivers.at[i];
		if (w->code != code || w->expires.t <= q->s->now ||
		    !scope_covers(&w->scope, q->group->id.s, q->environment,
		                  q->service))
			continue;
		site_until(q->s, w->expires.t);
		return w;
	}
	return NULL;
}

static void check_switch(struct asking *q)
{
	if (q->room.stopped)
		check(q, STATUS_DENIED, switch_words(q->s));
	else
		check(q, STATUS_OK, STR("The kill switch is off"));
	if (q->room.disabled)
		check(q, STATUS_DENIED,
		      str_format(q->s->page,
		                 "%" STR_FMT " is switched off for %" STR_FMT,
		                 STR_ARG(q->environment),
		                 STR_ARG(q->group->id.s)));
}

static struct str waived(struct asking *q, const struct waiver *w,
                         struct str text)
{
	return str_format(q->s->page,
	                  "%" STR_FMT "; set aside by the waiver %" STR_FMT
	                  " until %" STR_FMT,
	                  STR_ARG(text), STR_ARG(w->id.s),
	                  STR_ARG(words_stamp(q->s->page, w->expires.t)));
}

static void check_freeze(struct asking *q)
{
	struct arena *a = q->s->page;
	const struct windows *deny = &q->room.deny;
	if (deny->holds) {
		struct str text = str_format(
		        a, "The freeze %" STR_FMT " holds%s%" STR_FMT,
		        STR_ARG(deny->holds->id.s),
		        deny->holds_until == WINDOW_NEVER ? "" : " until ",
		        STR_ARG(deny->holds_until == WINDOW_NEVER
		                        ? STR("")
		                        : words_stamp(a, deny->holds_until)));
		check(q, q->freeze_waiver ? STATUS_UNKNOWN : STATUS_DENIED,
		      q->freeze_waiver ? waived(q, q->freeze_waiver, text)
		                       : text);
	} else if (deny->begins) {
		check(q, STATUS_OK,
		      str_format(a, "No freeze before %" STR_FMT,
		                 STR_ARG(words_stamp(a, deny->begins_at))));
	} else {
		check(q, STATUS_OK, STR("No freeze"));
	}
}

static void check_window(struct asking *q)
{
	struct arena *a = q->s->page;
	const struct windows *allow = &q->room.allow;
	if (!allow->n)
		return;
	if (allow->holds) {
		check(q, STATUS_OK,
		      str_format(a, "Inside the window %" STR_FMT,
		                 STR_ARG(allow->holds->id.s)));
		return;
	}
	struct str text =
	        allow->begins
	                ? str_format(a,
	                             "No window is open; %" STR_FMT
	                             " opens %" STR_FMT,
	                             STR_ARG(allow->begins->id.s),
	                             STR_ARG(words_stamp(a, allow->begins_at)))
	                : STR("No window opens any more");
	check(q, q->window_waiver ? STATUS_UNKNOWN : STATUS_DENIED,
	      q->window_waiver ? waived(q, q->window_waiver, text) : text);
}

static void check_rest(struct asking *q, struct str held)
{
	struct arena *a = q->s->page;
	const struct headroom *r = &q->room;
	struct str gate = gate_words(q->s, q->group, q->environment);
	struct civil now = when_civil(q->s->now, q->s->policy->platform.zone);
	check(q, r->deployed >= r->daily ? STATUS_DENIED : STATUS_OK,
	      str_format(a, "%" STR_FMT " deploys of %" STR_FMT " left on %s",
	                 STR_ARG(r->deploys), STR_ARG(q->group->id.s),
	                 words_day(a, q->s->now + now.offset).s));
	check(q, r->in_progress >= r->at_once ? STATUS_RUNNING : STATUS_OK,
	      r->in_progress
	              ? str_format(a,
	                           "%" STR_FMT " of %" STR_FMT " in progress",
	                           STR_ARG(r->slots), STR_ARG(q->group->id.s))
	              : str_format(a,
	                           "Nothing in progress in %" STR_FMT
	                           " (limit %lld)",
	                           STR_ARG(q->group->id.s),
	                           (long long)r->at_once));
	if (gate.n)
		check(q, STATUS_WAITING,
		      str_format(a, "Each one asks for %" STR_FMT,
		                 STR_ARG(gate)));
	if (held.n)
		check(q, STATUS_UNKNOWN, held);
}

/* --- the answer --------------------------------------------------------- */

static struct str until_words(struct asking *q, const char *what, int64_t t)
{
	struct arena *a = q->s->page;
	if (!t || t == WINDOW_NEVER)
		return str_of(what);
	q->out->until = t;
	return str_format(a, "%s, until %" STR_FMT, what,
	                  STR_ARG(words_stamp(a, t)));
}

/* When the windows alone let it through again; when they stop doing so. */
static int64_t next_pass(const struct asking *q)
{
	const struct window_query w = {.policy = q->s->policy,
	                               .group = q->group->id.s,
	                               .environment = q->environment,
	                               .service = q->service};
	return windows_pass(&w, q->s->now).at;
}

static int64_t next_stop(const struct asking *q)
{
	const struct window_query w = {.policy = q->s->policy,
	                               .group = q->group->id.s,
	                               .environment = q->environment,
	                               .service = q->service};
	int64_t t = WINDOW_NEVER;
	if (!q->window_waiver && q->room.allow.holds)
		t = windows_change(&w, WINDOW_ALLOW, q->s->now).at;
	if (!q->freeze_waiver && q->room.deny.begins_at < t)
		t = q->room.deny.begins_at;
	if (q->window_waiver && q->room.is_closed &&
	    q->window_waiver->expires.t < t)
		t = q->window_waiver->expires.t;
	if (q->freeze_waiver && q->room.is_frozen &&
	    q->freeze_waiver->expires.t < t)
		t = q->freeze_waiver->expires.t;
	return t;
}

/* Whether a rollback would go where a deploy does not. */
static bool rollbacks_go(const struct asking *q)
{
	const struct window_query w = {.policy = q->s->policy,
	                               .group = q->group->id.s,
	                               .environment = q->environment,
	                               .service = q->service,
	                               .rollback = true};
	return windows_pass(&w, q->s->now).at == q->s->now;
}

static void conclude(struct asking *q)
{
	const struct headroom *r = &q->room;
	struct answer *out = q->out;
	bool frozen = r->is_frozen && !q->freeze_waiver;
	bool closed = r->is_closed && !q->window_waiver;
	if (r->stopped)
		out->words = STR("No, the kill switch is on");
	else if (r->disabled)
		out->words = STR("No, it is switched off");
	else if (frozen || closed)
		out->words = until_words(
		        q, rollbacks_go(q) ? "Only rollbacks" : "No",
		        next_pass(q));
	else if (r->deployed >= r->daily)
		out->words = until_words(
		        q, "Only rollbacks",
		        when_day_end(q->s->now, q->s->policy->platform.zone));
	else if (r->in_progress >= r->at_once)
		out->words = STR("Not before what is in progress has ended");
	else {
		out->yes = true;
		out->words = until_words(q, "Yes", next_stop(q));
	}
}

static struct str rollback_sentence(const struct asking *q)
{
	const struct headroom *r = &q->room;
	if (r->stopped)
		return STR("The kill switch stops rollbacks as well.");
	if (str_starts(r->rollbacks, STR("0 of ")))
		return STR("No rollback is left of the day's quota.");
	if (r->in_progress >= r->at_once)
		return STR("It waits until what is in progress has ended.");
	if (!r->is_frozen && !r->is_closed)
		return (struct str){0};
	return rollbacks_go(q) ? STR("Windows and freezes do not stop it.")
	                       : STR("Windows and freezes stop it as well.");
}

/* --- the days ahead ----------------------------------------------------- */

/* The next instant at which any window changes: nothing is drawn past it. */
static int64_t next_change(const struct asking *q, int64_t t)
{
	const struct policy *p = q->s->policy;
	int64_t next = WINDOW_NEVER;
	for (size_t i = 0; i < p->windows.n; i++) {
		const struct window *w = p->windows.at[i];
		int64_t at;
		if (!scope_covers(&w->scope, q->group->id.s, q->environment,
		                  q->service))
			continue;
		at = window_at(w, t).until;
		next = at < next ? at : next;
	}
	return next;
}

enum opening { OPEN, CLOSED, FROZEN };

static enum opening opening_at(const struct asking *q, int64_t t)
{
	const struct window_query w = {.policy = q->s->policy,
	                               .group = q->group->id.s,
	                               .environment = q->environment,
	                               .service = q->service};
	if (windows_at(&w, WINDOW_DENY, t).holds)
		return FROZEN;
	struct windows allow = windows_at(&w, WINDOW_ALLOW, t);
	return allow.n && !allow.holds ? CLOSED : OPEN;
}

static struct str clock_of(struct asking *q, int64_t t, int64_t end)
{
	struct civil c = when_civil(t, q->s->policy->platform.zone);
	if (t == end)
		return STR("24:00");
	return str_format(q->s->page, "%02d:%02d", c.hour, c.minute);
}

static void add_day(struct asking *q, int64_t start, int64_t end)
{
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu",
	                                   "Fri", "Sat", "Sun"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr",
	                                     "May", "Jun", "Jul", "Aug",
	                                     "Sep", "Oct", "Nov", "Dec"};
	static const char *const names[] = {"open", "closed", "frozen"};
	static const char *const marks[] = {"b-acc", "b-shut", "b-deny"};
	struct arena *a = q->s->page;
	struct open_day *day = vec_add(a, &q->out->days);
	struct chart_stretch stretches[STRETCHES_MAX];
	size_t n = 0;
	struct buf words = buf_new(a, WORDS_MAX);
	struct civil c = when_civil(start, q->s->policy->platform.zone);
	for (int64_t t = start; t < end && n < STRETCHES_MAX;) {
		enum opening is = opening_at(q, t);
		int64_t to = next_change(q, t);
		while (to < end && opening_at(q, to) == is)
			to = next_change(q, to);
		to = to < end ? to : end;
		stretches[n++] = (struct chart_stretch){str_of(marks[is]),
		                                        t - start, to - start};
		bool whole = t == start && to == end;
		if (is != CLOSED || whole)
			buf_format(&words, "%s%s", words.n ? ", " : "",
			           names[is]);
		if (is != CLOSED && !whole)
			buf_format(&words, " %" STR_FMT " to %" STR_FMT,
			           STR_ARG(clock_of(q, t, end)),
			           STR_ARG(clock_of(q, to, end)));
		t = to;
	}
	day->day = str_format(a, "%s %d %s", days[c.weekday], c.day,
	                      months[c.month - 1]);
	day->words = buf_str(&words);
	day->bar = chart_day(a, stretches, n, end - start);
}

static void add_days(struct asking *q, int days)
{
	const struct zone *zone = q->s->policy->platform.zone;
	struct answer *out = q->out;
	const struct headroom *r = &q->room;
	out->has_days = r->allow.n > 0 || r->deny.n > 0;
	out->zone = q->s->policy->platform.timezone.s.n
	                    ? q->s->policy->platform.timezone.s
	                    : STR("UTC");
	int64_t t = when_day_start(q->s->now, zone);
	for (int i = 0; out->has_days && i < days; i++) {
		int64_t end = when_day_end(t, zone);
		add_day(q, t, end);
		t = end;
	}
}

static void add_gauges(struct asking *q)
{
	struct arena *a = q->s->page;
	const struct headroom *r = &q->room;
	*vec_add(a, &q->out->gauges) =
	        (struct gauge_row){STR("Deploys left"), r->deploys, r->gauge};
	*vec_add(a, &q->out->gauges) = (struct gauge_row){
	        STR("Rollbacks left"), r->rollbacks, r->rollbacks_gauge};
	*vec_add(a, &q->out->gauges) = (struct gauge_row){
	        STR("In progress"), r->slots, r->slots_gauge};
}

/* --- versions on hold ---------------------------------------------------- */

struct holding {
	struct asking *q;
	struct buf words;
};

static bool add_hold(void *context, struct str environment, struct str version,
                     const struct recorded_hold *h, struct fail *why)
{
	struct holding *held = context;
	struct site *s = held->q->s;
	(void)why;
	if (!str_eq(environment, held->q->environment))
		return true;
	buf_format(&held->words, "%s%" STR_FMT,
	           held->words.n ? ", " : "On hold: ",
	           STR_ARG(words_version(s->page, version)));
	site_until(s, h->until);
	return true;
}

static bool read_holds(struct asking *q, struct str *words, struct fail *why)
{
	struct site *s = q->s;
	struct holding held = {q, buf_new(s->page, WORDS_MAX)};
	struct ruling_presence some;
	if (!ledger_rulings(s->ledger, &some, why) ||
	    (some.holds && q->service.n &&
	     !ledger_holds(s->ledger, q->service, s->now, add_hold, &held,
	                   why)))
		return false;
	*words = buf_str(&held.words);
	return true;
}

bool answer_read(struct answer **out, struct site *s, const struct group *g,
                 struct str environment, struct str service, int days,
                 struct fail *why)
{
	struct asking q = {.s = s,
	                   .group = g,
	                   .environment = environment,
	                   .service = service};
	struct str held;
	if (!headroom_read(&q.room, s, g, environment, service, why) ||
	    !read_holds(&q, &held, why))
		return false;
	*out = q.out = ARENA_NEW(s->page, struct answer);
	q.out->environment = environment;
	q.freeze_waiver = waiver_of(&q, DIAG_FREEZE_ACTIVE);
	q.window_waiver = waiver_of(&q, DIAG_WINDOW_CLOSED);
	check_switch(&q);
	check_freeze(&q);
	check_window(&q);
	check_rest(&q, held);
	conclude(&q);
	q.out->rollbacks = rollback_sentence(&q);
	add_gauges(&q);
	add_days(&q, days);
	return true;
}
