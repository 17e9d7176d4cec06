#include "render/deployment_timeline.h"

#include "core/calendar.h"
#include "render/chart.h"
#include "render/decided.h"
#include "render/forge.h"

static const struct field phase_list[] = {
        FIELD_TEXT(struct phase, name),
        FIELD_TEXT(struct phase, mark),
        FIELD_TEXT(struct phase, took),
};
static const struct fields phase_fields = FIELDS(struct phase, phase_list);

static const struct field phases_list[] = {
        FIELD_HTML(struct phases, bar),
        FIELD_LIST(struct phases, parts, &phase_fields),
};
const struct fields phases_fields = FIELDS(struct phases, phases_list);

static const struct field step_list[] = {
        FIELD_TIME(struct step, at),    FIELD_TEXT(struct step, tone),
        FIELD_TEXT(struct step, when),  FIELD_HTML(struct step, icon),
        FIELD_TEXT(struct step, text),  FIELD_TEXT(struct step, detail),
        FIELD_TEXT(struct step, after), FIELD_BOOL(struct step, strong),
        FIELD_TEXT(struct step, day),   FIELD_URL(struct step, href),
};
const struct fields step_fields = FIELDS(struct step, step_list);

/* What was read of a deployment. */
struct telling {
	struct site *s;
	const struct deployment *d;
	struct timeline *out;
	struct steps review; /* what came before the recorded events */
	int64_t merged_at, judged_at;
};

/* --- steps --------------------------------------------------------------- */

/* What each recorded event says to people. */
static const struct {
	const char *event, *text;
	enum status_is is;
	bool strong;
} sentences[] = {
        {"merged", "Merged", STATUS_POINT, false},
        {"created", "Allowed and recorded", STATUS_OK, false},
        {"dispatching", "Being sent to the engine", STATUS_POINT, false},
        {"started", "The engine took it", STATUS_RUNNING, false},
        {"progress", "Progress", STATUS_POINT, false},
        {"lost_contact", "The engine could not be asked", STATUS_UNKNOWN, true},
        {"not_found", "The engine shows no execution of it yet", STATUS_POINT,
         false},
        {"unsent", "This attempt was not sent", STATUS_POINT, false},
        {"stage", "A stage", STATUS_POINT, false},
        {"warning", "To look at", STATUS_UNKNOWN, false},
        {"cancel_requested", "To be canceled", STATUS_POINT, false},
        {"DUPLICATE_EXECUTION", "It ran more than once", STATUS_UNKNOWN, true},
        {"restarted", "Restarted at the engine after its end", STATUS_UNKNOWN,
         true},
        {"ended_later", "It ended at the engine afterwards", STATUS_UNKNOWN,
         true},
        {"withdrawn", "Nothing was sent", STATUS_CANCELED, false},
        {"imported", "Taken over from elsewhere", STATUS_POINT, false},
        {"succeeded", "Succeeded", STATUS_OK, true},
        {"failed", "Failed", STATUS_FAILED, true},
        {"canceled", "Canceled", STATUS_CANCELED, true},
};

static struct step step_new(struct site *s, int64_t at, enum status_is is,
                            struct str text, struct str detail)
{
	struct status look = status_of(is, NULL);
	return (struct step){.at = at,
	                     .when = words_clock_full(s->page, at),
	                     .tone = look.tone,
	                     .icon = look.icon,
	                     .text = text,
	                     .detail = detail};
}

static struct step step_of(struct site *s, const struct timeline_entry *t)
{
	enum status_is is = STATUS_POINT;
	struct str text = words_name(s->page, t->event);
	bool strong = false;
	for (size_t i = 0; i < sizeof(sentences) / sizeof *sentences; i++)
		if (str_is(t->event, sentences[i].event)) {
			text = str_of(sentences[i].text);
			is = sentences[i].is;
			strong = sentences[i].strong;
		}
	struct step step =
	        step_new(s, t->at, is, text, words_line(s->page, t->detail));
	step.strong = strong;
	return step;
}

/* --- before it was recorded ----------------------------------------------- */

/* By time; what comes later in the program after what is as old. */
static void add_review(struct telling *t, struct step step)
{
	struct steps *to = &t->review;
	vec_add(t->s->page, to);
	size_t i = to->n - 1;
	for (; i > 0 && to->at[i - 1].at > step.at; i--)
		to->at[i] = to->at[i - 1];
	to->at[i] = step;
}

static struct str by(struct arena *a, const char *what, struct str who)
{
	return who.n ? str_format(a, "%s by %" STR_FMT, what, STR_ARG(who))
	             : str_of(what);
}

static void add_proposed(struct telling *t)
{
	const struct deployment *d = t->d;
	struct arena *a = t->s->page;
	if (!d->authored_at)
		return;
	struct str who = person_of(t->s, d->actor_name, d->actor_email);
	struct step step =
	        step_new(t->s, d->authored_at, STATUS_POINT,
	                 by(a, "Proposed", who), words_oid(d->intent_commit));
	step.href = href_of_commit(t->s, d->intent_commit);
	add_review(t, step);
}

static void add_approvals(struct telling *t, const struct approval_rows *of)
{
	vec_each (struct approval_row, row, of) {
		struct step step =
		        step_new(t->s, row->at, STATUS_POINT,
		                 by(t->s->page, row->status.word.s, row->who),
		                 row->words);
		step.tone = row->status.tone;
		step.icon = row->status.icon;
		add_review(t, step);
	}
}

/* What it waited for, until it was allowed. */
static bool add_waits(struct telling *t, struct fail *why)
{
	struct site *s = t->s;
	const struct decided_list *all;
	if (!decided_read(&all, s, why))
		return false;
	const struct decided *w = decided_of_number(all, t->d->number);
	t->judged_at = t->d->created_at;
	for (w = w ? w->before : NULL; w && w->outcome == OUTCOME_WAIT;
	     w = w->before) {
		struct step step = step_new(s, w->time, STATUS_WAITING,
		                            STR("Judged: it waits"),
		                            str_of(diag_info(w->code)->name));
		step.href =
		        str_format(s->page, "../../decisions/%lld/index.html",
		                   (long long)w->seq);
		t->judged_at = w->time;
		add_review(t, step);
	}
	return true;
}

/* --- in order ------------------------------------------------------------- */

static void add_step(struct telling *t, struct step step)
{
	struct steps *to = &t->out->steps;
	struct arena *a = t->s->page;
	const struct step *before = to->n ? &to->at[to->n - 1] : NULL;
	if (before && step.at > before->at)
		step.after = str_format(
		        a, "+%s", when_duration_words(step.at - before->at).s);
	if (!before || calendar_day_of(step.at) != calendar_day_of(before->at))
		step.day = words_day(a, step.at);
	*vec_add(a, to) = step;
}

/* Recorded events stay in the order in which they were recorded. */
static void add_events(struct telling *t)
{
	const struct deployment *d = t->d;
	struct site *s = t->s;
	size_t next = 0;
	for (size_t i = 0; i < d->ntimeline; i++) {
		struct step step = step_of(s, &d->timeline[i]);
		if (!str_is(d->timeline[i].event, "merged"))
			continue;
		t->merged_at = step.at;
		step.href = forge_pull(s, d->timeline[i].detail);
		add_review(t, step);
	}
	for (size_t i = 0; i < d->ntimeline; i++) {
		struct step step = step_of(s, &d->timeline[i]);
		if (str_is(d->timeline[i].event, "merged"))
			continue;
		while (next < t->review.n && t->review.at[next].at <= step.at)
			add_step(t, t->review.at[next++]);
		add_step(t, step);
	}
	while (next < t->review.n)
		add_step(t, t->review.at[next++]);
}

/* --- where the time went ---------------------------------------------------
 */

struct spans {
	struct chart_part at[4];
	size_t n;
};

static void add_span(struct spans *to, const char *name, const char *mark,
                     int64_t from, int64_t until)
{
	if (from && until > from)
		to->at[to->n++] = (struct chart_part){
		        str_of(name), str_of(mark), until - from};
}

static void fill_phases(struct telling *t)
{
	const struct deployment *d = t->d;
	struct arena *a = t->s->page;
	struct spans spans = {.n = 0};
	int64_t sent = d->started_at ? d->started_at : d->dispatched_at;
	if (t->merged_at) {
		add_span(&spans, "Review", "b-acc", d->authored_at,
		         t->merged_at);
		add_span(&spans, "Waiting for a run", "b-wait", t->merged_at,
		         t->judged_at);
	} else {
		add_span(&spans, "Until it was judged", "b-acc", d->authored_at,
		         t->judged_at);
	}
	add_span(&spans, "Waiting to be sent", "b-wait", t->judged_at, sent);
	add_span(&spans, "Execution",
	         d->state == STATE_FAILED ? "b-bad" : "b-base", sent,
	         d->finished_at);
	if (!spans.n)
		return;
	struct phases *p = t->out->phases = ARENA_NEW(a, struct phases);
	p->bar = chart_parts(a, spans.at, spans.n);
	for (size_t i = 0; i < spans.n; i++)
		*vec_add(a, &p->parts) =
		        (struct phase){spans.at[i].name, spans.at[i].mark,
		                       words_duration(a, spans.at[i].seconds)};
}

bool timeline_read(struct timeline *out, struct site *s,
                   const struct deployment *d,
                   const struct approval_rows *approvals, struct fail *why)
{
	struct telling t = {.s = s, .d = d, .out = out};
	*out = (struct timeline){.phases = NULL};
	if (!add_waits(&t, why))
		return false;
	add_proposed(&t);
	add_approvals(&t, approvals);
	add_events(&t);
	fill_phases(&t);
	const struct steps *all = &out->steps;
	int64_t took = all->n ? all->at[all->n - 1].at - all->at[0].at : 0;
	if (took > 0)
		out->words = str_format(
		        s->page,
		        "%s in all; + is the time since the step before",
		        when_duration_words(took).s);
	return true;
}
