#include "runner/gate_execution.h"

#include "core/when.h"
#include "runner/gate_document.h"
#include "runner/gate_failure.h"

enum {
	NAME_POINTS = 100,
	ID_POINTS = 128,
	REASON_POINTS = 400,
	WARNINGS_MAX = 20,
	SHOWN_STAGES = 3, /* that run at once, in the words about progress */
};

/* --- statuses: ExecutionStatus.java of Orca
 * ------------------------------------ */

struct status {
	const char *word;
	enum deployment_state state; /* of a whole execution */
	const char *ended;           /* of a stage; NULL: it is open */
};

static const struct status statuses[] = {
        {"NOT_STARTED", STATE_IN_PROGRESS, NULL},
        {"BUFFERED", STATE_IN_PROGRESS, NULL},
        {"RUNNING", STATE_IN_PROGRESS, NULL},
        {"PAUSED", STATE_IN_PROGRESS, NULL},
        {"SUSPENDED", STATE_IN_PROGRESS, NULL},
        {"REDIRECT", STATE_IN_PROGRESS, NULL},
        {"SUCCEEDED", STATE_SUCCEEDED, "succeeded"},
        {"FAILED_CONTINUE", STATE_SUCCEEDED,
         "failed, and the pipeline went on"},
        {"SKIPPED", STATE_CANCELED, "was skipped"},
        {"STOPPED", STATE_FAILED, "failed, and what follows it was left out"},
        {"TERMINAL", STATE_FAILED, "failed"},
        {"CANCELED", STATE_CANCELED, "was canceled"},
};

static const struct status *status_of(struct str word)
{
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
		if (str_is(word, statuses[i].word))
			return &statuses[i];
	return NULL;
}

static bool is_top(const struct gate_stage *s)
{
	return !s->parent.n;
}

static void warn(struct gate_execution *out, struct arena *a, struct str text)
{
	if (out->warnings.n < WARNINGS_MAX)
		*vec_add(a, &out->warnings) = text;
}

/* --- times
 * ------------------------------------------------------------------------ */

/* A refused one has none of its own: it ended when it was made. One that was
   dropped from the queue ended some time before it was looked at. */
static int64_t end_of(const struct gate_execution *out,
                      const struct gate_document *doc,
                      const struct gate_question *q)
{
	int64_t last = doc->ended_ms;
	if (!deployment_is_terminal(out->state))
		return 0;
	for (size_t i = 0; !doc->ended_ms && i < doc->stages.n; i++)
		if (doc->stages.at[i].ended_ms > last)
			last = doc->stages.at[i].ended_ms;
	if (!last && out->state == STATE_FAILED)
		last = doc->started_ms ? doc->started_ms : doc->build_ms;
	return last ? last / 1000 : q->now;
}

/* --- cancels
 * ---------------------------------------------------------------------- */

/*
 * Who did it stands in canceledBy and cancellationReason. One that still waited
 * is canceled without the reason that was given. An execution that was dropped
 * from the queue of a pipeline with "limit concurrent" has neither
 * (StartWaitingExecutionsHandler of Orca), or, newer, says "superceded"; it
 * never began.
 */
static enum gate_cancel cancel_of(const struct gate_execution *out,
                                  const struct gate_document *doc,
                                  const struct gate_question *q)
{
	struct str reason = out->cancel_reason, by = out->canceled_by;
	if (out->state != STATE_CANCELED)
		return GATE_NOT_CANCELED;
	if (str_starts(reason, STR(GATE_CANCEL_REASON)) ||
	    (q->cancel_asked && by.n && !reason.n))
		return GATE_CANCELED_BY_US;
	if (str_contains(reason, STR("start time expiry")))
		return GATE_CANCELED_BY_EXPIRY;
	bool queued = !doc->started_ms && doc->limit_concurrent &&
	              !doc->keep_waiting && !by.n && !reason.n;
	if (queued || str_contains(reason, STR("superceded")) ||
	    str_contains(reason, STR("superseded")))
		return GATE_CANCELED_IN_QUEUE;
	return by.n || reason.n ? GATE_CANCELED_BY_PERSON
	                        : GATE_CANCELED_BY_SPINNAKER;
}

/* The stage that ended so by itself, or NULL. */
static const struct gate_stage *canceled_stage(const struct gate_document *doc)
{
	for (size_t i = 0; !doc->canceled && i < doc->stages.n; i++)
		if (is_top(&doc->stages.at[i]) &&
		    str_is(doc->stages.at[i].status, "CANCELED"))
			return &doc->stages.at[i];
	return NULL;
}

static struct str cancel_words(struct arena *a, const struct gate_execution *x,
                               const struct gate_document *doc)
{
	const struct gate_stage *stage = canceled_stage(doc);
	struct str by = x->canceled_by.n ? x->canceled_by : STR("somebody");
	switch (x->cancel) {
	case GATE_NOT_CANCELED:
		return STR("");
	case GATE_CANCELED_BY_US:
		return STR("canceled at Spinnaker as was asked");
	case GATE_CANCELED_IN_QUEUE:
		return STR("dropped from Spinnaker's queue: a newer execution "
		           "of the pipeline took its place");
	case GATE_CANCELED_BY_EXPIRY:
		return STR("not begun by Spinnaker before its time ran out");
	case GATE_CANCELED_BY_SPINNAKER:
		if (stage)
			return str_format(
			        a, "its stage %" STR_FMT " ended as canceled",
			        STR_ARG(gate_text(a, stage->name,
			                          NAME_POINTS)));
		return STR("canceled at Spinnaker, which does not say by whom");
	case GATE_CANCELED_BY_PERSON:
		break;
	}
	return str_format(a, "canceled at Spinnaker by %" STR_FMT "%s%" STR_FMT,
	                  STR_ARG(by), x->cancel_reason.n ? ": " : "",
	                  STR_ARG(x->cancel_reason));
}

/* --- where it stands
 * ----------------------------------------------------------------- */

static bool is_waiting_for_judge(const struct gate_stage *s)
{
	return str_is(s->type, "manualJudgment") &&
	       str_is(s->status, "RUNNING") && !s->judgment.n;
}

static bool is_running(const struct gate_stage *s)
{
	return is_top(s) &&
	       (str_is(s->status, "RUNNING") || str_is(s->status, "PAUSED") ||
	        str_is(s->status, "SUSPENDED"));
}

static void add_since(struct buf *out, const struct gate_stage *s)
{
	if (s->started_ms)
		buf_format(out, " since %s", when_text(s->started_ms / 1000).s);
}

/* "Deploy to prod, stage 2 of 5, running since 2026-11-20T08:00:00Z" */
static void add_stage(struct buf *out, struct arena *a,
                      const struct gate_document *doc,
                      const struct gate_stage *s, size_t place)
{
	struct str name = gate_text(a, s->name, NAME_POINTS);
	if (out->n)
		buf_add(out, STR("; "));
	buf_format(out, "%" STR_FMT ", stage %zu of %zu, %s", STR_ARG(name),
	           place, doc->top_level,
	           is_waiting_for_judge(s)        ? "waiting for a judgment"
	           : str_is(s->status, "RUNNING") ? "running"
	                                          : "paused");
	add_since(out, s);
}

static struct str running_words(struct arena *a,
                                const struct gate_document *doc)
{
	struct buf out = buf_new(a, 4096);
	size_t place = 0, shown = 0;
	for (size_t i = 0; i < doc->stages.n; i++) {
		const struct gate_stage *s = &doc->stages.at[i];
		place += is_top(s);
		if (!is_running(s))
			continue;
		if (shown++ < SHOWN_STAGES)
			add_stage(&out, a, doc, s, place);
	}
	if (shown > SHOWN_STAGES)
		buf_format(&out, "; and %zu more", shown - SHOWN_STAGES);
	return shown ? buf_str(&out) : STR("between two stages");
}

static struct str progress_of(struct arena *a, const struct gate_execution *x,
                              const struct gate_document *doc)
{
	if (x->state == STATE_CANCELED)
		return cancel_words(a, x, doc);
	if (deployment_is_terminal(x->state))
		return STR("");
	if (x->unknown_status)
		return str_format(a, "Spinnaker says %" STR_FMT,
		                  STR_ARG(x->status));
	if (doc->canceled)
		return STR("being canceled");
	if (str_is(x->status, "NOT_STARTED"))
		return STR("waiting in Spinnaker's queue");
	if (str_is(x->status, "BUFFERED"))
		return STR("held back by Spinnaker, which has too much to do");
	if (str_is(x->status, "PAUSED") && doc->paused_by.n)
		return str_format(
		        a, "paused by %" STR_FMT,
		        STR_ARG(gate_text(a, doc->paused_by, NAME_POINTS)));
	if (str_is(x->status, "PAUSED"))
		return STR("paused");
	return running_words(a, doc);
}

/* --- the timeline
 * --------------------------------------------------------------------- */

static void add_event(struct gate_execution *out, struct arena *a,
                      const struct gate_stage *s, const char *kind, int64_t ms,
                      struct str detail)
{
	if (out->events.n >= GATE_EVENTS_MAX)
		return;
	*vec_add(a, &out->events) = (struct gate_event){
	        .at = ms / 1000,
	        .at_ms = ms,
	        .key = str_format(a, "%" STR_FMT ":%s:%lld",
	                          STR_ARG(gate_text(a, s->id, ID_POINTS)), kind,
	                          (long long)ms),
	        .detail = detail,
	};
}

static struct str end_words(struct arena *a, const struct gate_stage *s,
                            struct str name, const char *ended)
{
	struct str who = s->judged_by.n ? s->judged_by : s->modified_by;
	if (!str_is(s->type, "manualJudgment") || !who.n)
		return str_format(a, "stage %" STR_FMT " %s", STR_ARG(name),
		                  ended);
	return str_format(
	        a, "stage %" STR_FMT " %s: judged%s%" STR_FMT " by %" STR_FMT,
	        STR_ARG(name), ended, s->judgment.n ? " " : "",
	        STR_ARG(gate_text(a, s->judgment, ID_POINTS)),
	        STR_ARG(gate_text(a, who, NAME_POINTS)));
}

static void add_events(struct gate_execution *out, struct arena *a,
                       const struct gate_document *doc,
                       const struct gate_stage *s, size_t place)
{
	struct str name = gate_text(a, s->name, NAME_POINTS);
	const struct status *status = status_of(s->status);
	if (s->restarted_ms)
		add_event(out, a, s, "restarted", s->restarted_ms,
		          str_format(a,
		                     "stage %" STR_FMT
		                     " was restarted by %" STR_FMT,
		                     STR_ARG(name),
		                     STR_ARG(gate_text(a, s->restarted_by,
		                                       NAME_POINTS))));
	if (s->started_ms)
		add_event(out, a, s, "started", s->started_ms,
		          str_format(a,
		                     "stage %" STR_FMT
		                     ", %zu of %zu, started%s",
		                     STR_ARG(name), place, doc->top_level,
		                     is_waiting_for_judge(s)
		                             ? " and waits for a judgment"
		                             : ""));
	if (status && status->ended && s->ended_ms)
		add_event(out, a, s, status->word, s->ended_ms,
		          end_words(a, s, name, status->ended));
}

/* By time, those of the same instant in the order of the pipeline. There are
   few, and they come nearly sorted. */
static void sort_events(struct gate_event *at, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k && at[k].at_ms < at[k - 1].at_ms; k--) {
			struct gate_event later = at[k - 1];
			at[k - 1] = at[k];
			at[k] = later;
		}
}

static void read_events(struct gate_execution *out, struct arena *a,
                        const struct gate_document *doc)
{
	size_t place = 0;
	for (size_t i = 0; i < doc->stages.n; i++)
		if (is_top(&doc->stages.at[i]))
			add_events(out, a, doc, &doc->stages.at[i], ++place);
	sort_events(out->events.at, out->events.n);
}

/* --- all
 * ---------------------------------------------------------------------------------
 */

static const struct gate_stage *parent_of(const struct gate_document *doc,
                                          const struct gate_stage *s)
{
	for (size_t i = 0; s->parent.n && i < doc->stages.n; i++)
		if (str_eq(doc->stages.at[i].id, s->parent))
			return &doc->stages.at[i];
	return NULL;
}

static bool is_ignored(const struct gate_stage *s)
{
	return s && (str_is(s->status, "FAILED_CONTINUE") ||
	             str_is(s->status, "STOPPED"));
}

static void read_warnings(struct gate_execution *out, struct arena *a,
                          const struct gate_document *doc)
{
	if (out->unknown_status)
		warn(out, a,
		     str_format(a,
		                "Spinnaker says that the execution is "
		                "%" STR_FMT ", which is not known here: it is "
		                "taken to be running",
		                STR_ARG(out->status)));
	if (out->cut)
		warn(out, a,
		     STR("the execution's document is too large: some of its "
		         "stages were not read"));
	for (size_t i = 0; i < doc->stages.n; i++) {
		const struct gate_stage *s = &doc->stages.at[i];
		if (out->state != STATE_SUCCEEDED || !is_ignored(s) ||
		    is_ignored(parent_of(doc, s)))
			continue;
		warn(out, a,
		     str_format(a,
		                "stage %" STR_FMT " %s (%" STR_FMT
		                "): Spinnaker counts the execution as a "
		                "success",
		                STR_ARG(gate_text(a, s->name, NAME_POINTS)),
		                status_of(s->status)->ended,
		                STR_ARG(s->status)));
	}
}

/* A restart leaves the end of the run before in place
   (SqlExecutionRepository.updateStatus of Orca). */
static void read_restart(struct gate_execution *out, struct arena *a,
                         const struct gate_document *doc)
{
	bool open = !deployment_is_terminal(out->state);
	out->restarted = open && doc->ended_ms;
	for (size_t i = 0; i < doc->stages.n; i++) {
		const struct gate_stage *s = &doc->stages.at[i];
		if (!s->restarted_ms && !s->restarted_by.n)
			continue;
		out->restarted |= open;
		out->restarted_by = gate_text(a, s->restarted_by, NAME_POINTS);
	}
}

struct str gate_execution_id(struct arena *a, const struct gate_document *doc)
{
	return gate_text(a, doc->id, ID_POINTS);
}

static struct gate_execution names_of(struct arena *a,
                                      const struct gate_document *doc)
{
	return (struct gate_execution){
	        .id = gate_execution_id(a, doc),
	        .application = gate_text(a, doc->application, NAME_POINTS),
	        .name = gate_text(a, doc->name, NAME_POINTS),
	        .config_id = gate_text(a, doc->config_id, ID_POINTS),
	        .status = gate_text(a, doc->status, ID_POINTS),
	        .correlation_id = gate_text(a, doc->correlation_id, ID_POINTS),
	        .event_id = gate_text(a, doc->event_id, ID_POINTS),
	        .canceled_by = gate_text(a, doc->canceled_by, NAME_POINTS),
	        .cancel_reason =
	                gate_text(a, doc->cancel_reason, REASON_POINTS),
	        .build_ms = doc->build_ms,
	        .build_at = doc->build_ms / 1000,
	        .started_at = doc->started_ms / 1000,
	        .cut = doc->cut,
	};
}

bool gate_execution_read(struct gate_execution *out, struct arena *a,
                         const struct gate_document *doc,
                         const struct gate_question *q, struct fail *why)
{
	const struct status *status = status_of(doc->status);
	struct gate_execution named = names_of(a, doc);
	if (!named.id.n || !named.status.n)
		return fail_set(why, FAIL_ENGINE,
		                "Spinnaker's answer is no execution: it has "
		                "no %s",
		                named.id.n ? "status" : "id");
	*out = named;
	out->unknown_status = !status;
	out->state = status ? status->state : STATE_IN_PROGRESS;
	out->finished_at = end_of(out, doc, q);
	out->cancel = cancel_of(out, doc, q);
	out->progress = progress_of(a, out, doc);
	read_restart(out, a, doc);
	read_events(out, a, doc);
	read_warnings(out, a, doc);
	gate_failures_read(out, a, doc, q);
	return true;
}

bool gate_execution_parse(struct gate_execution *out, struct arena *a,
                          struct str text, const struct gate_question *q,
                          struct fail *why)
{
	struct gate_documents list;
	struct gate_filter *f = gate_filter_new(a);
	gate_filter_feed(f, text);
	if (!gate_filter_end(f, &list, why))
		return false;
	if (list.documents.n != 1)
		return fail_set(why, FAIL_ENGINE,
		                "Spinnaker's answer holds %zu executions, not "
		                "one",
		                list.documents.n + list.left_out);
	return gate_execution_read(out, a, list.documents.at[0], q, why);
}
