/* deployments/<number>/: one deployment, from what was recorded of it. */
#include "render/changes.h"
#include "render/deployment_record.h"
#include "render/deployment_timeline.h"
#include "render/deployment_trace.h"
#include "render/offer.h"
#include "render/parts.h"

enum { PROGRESS_EVERY = 512 };

struct seen {
	int64_t number;
};
static const struct field seen_list[] = {
        FIELD_INT(struct seen, number),
};
static const struct fields seen_fields = FIELDS(struct seen, seen_list);

struct also {
	struct str category, summary;
};
static const struct field also_list[] = {
        FIELD_TEXT(struct also, category),
        FIELD_TEXT(struct also, summary),
};
static const struct fields also_fields = FIELDS(struct also, also_list);

struct failbox {
	struct str summary, category, detail, hint, retry;
	int64_t observed;
	struct str observed_words, offset, seen_words, also_words;
	VEC(struct seen) seen;
	VEC(struct also) also;
};
static const struct field failbox_list[] = {
        FIELD_TEXT(struct failbox, summary),
        FIELD_TEXT(struct failbox, category),
        FIELD_TEXT(struct failbox, detail),
        FIELD_TEXT(struct failbox, hint),
        FIELD_TEXT(struct failbox, retry),
        FIELD_TIME(struct failbox, observed),
        FIELD_TEXT(struct failbox, observed_words),
        FIELD_TEXT(struct failbox, offset),
        FIELD_TEXT(struct failbox, seen_words),
        FIELD_TEXT(struct failbox, also_words),
        FIELD_LIST(struct failbox, seen, &seen_fields),
        FIELD_LIST(struct failbox, also, &also_fields),
};
static const struct fields failbox_fields =
        FIELDS(struct failbox, failbox_list);

struct view {
	struct frame frame;
	struct lede lede;
	int64_t number;
	struct str month, month_words, service, service_slug, environment,
	        environment_slug, version, group, group_slug, by, kind;
	struct status status;
	struct failbox *failure;
	struct phases *phases;
	struct steps timeline;
	bool has_timeline;
	struct str timeline_words, no_timeline;
	struct trace *decision;
	struct str effect, effect_note, rollback;
	int64_t effect_number;
	struct offer *offer;
	struct entries record, evidence;
	bool has_evidence;
	struct approval_rows approvals;
	bool has_approvals;
};
static const struct field view_list[] = {
        FIELD_STRUCT(struct view, frame, &frame_fields),
        FIELD_LIST(struct view, lede, &run_fields),
        FIELD_INT(struct view, number),
        FIELD_TEXT(struct view, month),
        FIELD_TEXT(struct view, month_words),
        FIELD_TEXT(struct view, service),
        FIELD_TEXT(struct view, service_slug),
        FIELD_TEXT(struct view, environment),
        FIELD_TEXT(struct view, environment_slug),
        FIELD_TEXT(struct view, version),
        FIELD_TEXT(struct view, group),
        FIELD_TEXT(struct view, group_slug),
        FIELD_TEXT(struct view, by),
        FIELD_TEXT(struct view, kind),
        FIELD_STRUCT(struct view, status, &status_fields),
        FIELD_OPT(struct view, failure, &failbox_fields),
        FIELD_OPT(struct view, phases, &phases_fields),
        FIELD_LIST(struct view, timeline, &step_fields),
        FIELD_BOOL(struct view, has_timeline),
        FIELD_TEXT(struct view, timeline_words),
        FIELD_TEXT(struct view, no_timeline),
        FIELD_OPT(struct view, decision, &trace_fields),
        FIELD_TEXT(struct view, effect),
        FIELD_TEXT(struct view, effect_note),
        FIELD_INT(struct view, effect_number),
        FIELD_TEXT(struct view, rollback),
        FIELD_OPT(struct view, offer, &offer_fields),
        FIELD_LIST(struct view, record, &entry_fields),
        FIELD_LIST(struct view, evidence, &entry_fields),
        FIELD_BOOL(struct view, has_evidence),
        FIELD_LIST(struct view, approvals, &approval_fields),
        FIELD_BOOL(struct view, has_approvals),
};
static const struct fields view_fields = FIELDS(struct view, view_list);

/* --- failure ------------------------------------------------------------ */

static void fill_seen(struct failbox *box, struct site *s, int64_t number)
{
	int64_t newest[SEEN_MAX], count;
	size_t n;
	count = history_seen(&s->history, number, newest, &n);
	if (!count)
		return;
	box->seen_words =
	        str_format(s->page,
	                   "%lld in the 90 days before, of this service and "
	                   "category:",
	                   (long long)count);
	for (size_t i = 0; i < n; i++)
		vec_add(s->page, &box->seen)->number = newest[i];
}

/* Whether the same again can help, by the category. */
static struct str retry_words(enum failure_category category)
{
	switch (category) {
	case FAILURE_VALIDATION:
	case FAILURE_CONFIG:
		return STR("Fix first: the same configuration fails again.");
	case FAILURE_POLICY:
		return STR("Fix first: the engine's own rules refuse it.");
	case FAILURE_ARTIFACT:
		return STR(
		        "Fix first: register a build whose artifact is there.");
	case FAILURE_APP:
		return STR("Fix first: this version most likely fails again.");
	case FAILURE_INFRASTRUCTURE:
		return STR("Retry later: the cause is not in the version.");
	case FAILURE_TIMEOUT:
		return STR("Retry once; if it times out again, fix first.");
	case FAILURE_ROLLBACK:
		return STR(
		        "Do not retry before somebody has looked at what runs.");
	case FAILURE_UNKNOWN:
	case FAILURE_CATEGORY_COUNT:
		break;
	}
	return STR("Not known: look at the execution first.");
}

static struct failbox *failure_of(struct site *s, const struct deployment *d)
{
	if (!d->nfailures)
		return NULL;
	struct arena *a = s->page;
	const struct failure *f = &d->failures[0];
	struct failbox *box = ARENA_NEW(a, struct failbox);
	box->summary = words_line(a, f->summary);
	box->category =
	        words_name(a, str_of(failure_category_names[f->category]));
	box->detail = words_line(a, f->detail);
	box->hint = f->hint.n ? words_line(a, f->hint)
	                      : STR("Find the cause at the engine, then deploy "
	                            "a new version.");
	box->retry = retry_words(f->category);
	box->observed = f->observed_at;
	if (f->observed_at) {
		box->observed_words = words_stamp(a, f->observed_at);
		if (d->started_at && f->observed_at > d->started_at)
			box->offset = words_duration(a, f->observed_at -
			                                        d->started_at);
	}
	fill_seen(box, s, d->number);
	for (size_t i = 1; i < d->nfailures; i++) {
		struct also *also = vec_add(a, &box->also);
		also->category = words_name(
		        a, str_of(failure_category_names[d->failures[i]
		                                                 .category]));
		also->summary = words_line(a, d->failures[i].summary);
	}
	if (box->also.n)
		box->also_words = STR("yes");
	return box;
}

/* --- what it did -------------------------------------------------------- */

static const char *unchanged_word(const struct deployment *d)
{
	return d->state == STATE_CANCELED ? "Canceled" : "Failed";
}

static void fill_success(struct view *v, struct site *s,
                         const struct deployment *d)
{
	struct arena *a = s->page;
	const struct lineage *of = history_lineage(&s->history, d->number);
	lede_add(&v->lede, a, "Succeeded on %" STR_FMT ". ",
	         STR_ARG(words_stamp(a, d->finished_at)));
	if (d->previous_version.n && !str_eq(d->previous_version, d->version))
		lede_strong(&v->lede, a,
		            "It moved %" STR_FMT " from %" STR_FMT
		            " to %" STR_FMT ".",
		            STR_ARG(d->environment),
		            STR_ARG(words_version(a, d->previous_version)),
		            STR_ARG(v->version));
	else
		lede_strong(&v->lede, a,
		            "%" STR_FMT " has run %" STR_FMT " since then%s.",
		            STR_ARG(d->environment), STR_ARG(v->version),
		            of->next ? ", until it was replaced" : "");
	v->effect = str_format(a, "%" STR_FMT " since %" STR_FMT,
	                       STR_ARG(v->version),
	                       STR_ARG(words_when(a, d->finished_at)));
	if (!of->next) {
		v->effect_note = STR("No later success is recorded here.");
		return;
	}
	v->effect = str_format(a, "%" STR_FMT " until %" STR_FMT,
	                       STR_ARG(v->version),
	                       STR_ARG(words_when(a, of->next->finished_at)));
	v->effect_note = str_format(
	        a, "%s by %" STR_FMT ":",
	        of->rolled_back_by == of->next->number ? "Undone" : "Replaced",
	        STR_ARG(words_version(a, of->next->version)));
	v->effect_number = of->next->number;
	if (of->rolled_back_by)
		lede_add(&v->lede, a,
		         " It was rolled back by %lld on %" STR_FMT ".",
		         (long long)of->rolled_back_by,
		         STR_ARG(words_stamp(a, of->rolled_back_at)));
}

static void fill_unchanged(struct view *v, struct site *s,
                           const struct deployment *d)
{
	struct arena *a = s->page;
	lede_add(&v->lede, a, "%s on %" STR_FMT "%s", unchanged_word(d),
	         STR_ARG(words_stamp(a, d->finished_at)),
	         v->failure ? ": " : ". ");
	if (v->failure) {
		struct str what = v->failure->summary;
		lede_add(&v->lede, a, "%" STR_FMT "%s ", STR_ARG(what),
		         str_ends(what, STR(".")) ? "" : ".");
	}
	if (d->previous_version.n) {
		lede_strong(&v->lede, a,
		            "%" STR_FMT " went on running %" STR_FMT ".",
		            STR_ARG(d->environment),
		            STR_ARG(words_version(a, d->previous_version)));
		v->effect = str_format(
		        a, "%" STR_FMT ", unchanged",
		        STR_ARG(words_version(a, d->previous_version)));
	} else {
		lede_strong(&v->lede, a, "Nothing ran in %" STR_FMT " before.",
		            STR_ARG(d->environment));
		v->effect = STR("None");
	}
	v->effect_note =
	        STR("This deployment did not change the version that runs.");
}

static void fill_open(struct view *v, struct site *s,
                      const struct deployment *d)
{
	struct arena *a = s->page;
	if (d->state == STATE_PENDING)
		lede_add(&v->lede, a,
		         "Recorded on %" STR_FMT " and not sent yet. ",
		         STR_ARG(words_stamp(a, d->created_at)));
	else if (d->state == STATE_LOST_CONTACT)
		lede_strong(&v->lede, a,
		            "The engine could not say what became of it. ");
	else
		lede_add(&v->lede, a,
		         "Sent on %" STR_FMT "; no outcome is recorded yet. ",
		         STR_ARG(words_stamp(a, d->dispatched_at
		                                        ? d->dispatched_at
		                                        : d->created_at)));
	v->effect = STR("Not known yet");
	if (d->previous_version.n) {
		lede_add(&v->lede, a,
		         "%" STR_FMT " ran %" STR_FMT " when it began.",
		         STR_ARG(d->environment),
		         STR_ARG(words_version(a, d->previous_version)));
		v->effect_note = str_format(
		        a, "%" STR_FMT " ran when it began.",
		        STR_ARG(words_version(a, d->previous_version)));
	}
}

static void fill_rollback(struct view *v, struct site *s,
                          const struct deployment *d)
{
	struct arena *a = s->page;
	const struct lineage *of = history_lineage(&s->history, d->number);
	if (d->state != STATE_SUCCEEDED) {
		v->rollback =
		        deployment_is_terminal(d->state)
		                ? STR("Not needed: the version that runs "
		                      "did not change.")
		                : STR("Not possible before it has ended.");
		return;
	}
	if (of->next) {
		v->rollback = str_format(a, "%s: %lld runs a later version.",
		                         of->rolled_back_by ? "Done already"
		                                            : "Not needed",
		                         (long long)of->next->number);
		if (of->rolled_back_by)
			v->rollback =
			        str_format(a, "Done: %lld rolled it back.",
			                   (long long)of->rolled_back_by);
		return;
	}
	if (d->kind == KIND_ROLLBACK) {
		v->rollback = STR("This is a rollback: what it undid comes "
		                  "back by a deploy of a version, not by "
		                  "another rollback.");
		return;
	}
	if (!d->previous_version.n || str_eq(d->previous_version, d->version)) {
		v->rollback = STR("No version ran here before it.");
		return;
	}
	v->rollback =
	        str_format(a,
	                   "This proposes the intent that brings %" STR_FMT
	                   " back. Guardrails judge it like any other.",
	                   STR_ARG(words_version(a, d->previous_version)));
	v->offer = offer_rollback(s, d->service, d->environment, d->number,
	                          d->previous_version);
}

/* --- the page ----------------------------------------------------------- */

static bool fill_timeline(struct view *v, struct site *s,
                          const struct deployment *d, struct fail *why)
{
	struct timeline t;
	if (!timeline_read(&t, s, d, &v->approvals, why))
		return false;
	v->timeline = t.steps;
	v->timeline_words = t.words;
	v->phases = t.phases;
	v->has_timeline = t.steps.n > 0;
	v->no_timeline = d->imported ? STR("It was taken over from elsewhere.")
	                             : STR("");
	return true;
}

static int64_t last_change(const struct site *s, const struct deployment *d)
{
	const struct lineage *of = history_lineage(&s->history, d->number);
	int64_t t = d->created_at;
	const int64_t later[] = {
	        d->finished_at, of->next ? of->next->finished_at : 0,
	        of->rolled_back_at,
	        d->ntimeline ? d->timeline[d->ntimeline - 1].at : 0};
	for (size_t i = 0; i < sizeof(later) / sizeof *later; i++)
		t = later[i] > t ? later[i] : t;
	return t;
}

static void fill_names(struct view *v, struct site *s,
                       const struct deployment *d)
{
	struct arena *a = s->page;
	int64_t month = month_of(d->created_at);
	v->number = d->number;
	v->month = month_slug(a, month);
	v->month_words = month_words(a, month);
	v->service = d->service;
	v->service_slug = words_slug(a, d->service);
	v->environment = d->environment;
	v->environment_slug = words_slug(a, d->environment);
	v->version = words_version(a, d->version);
	v->group = d->group;
	if (d->group.n && map_find(&s->policy->group_by, d->group))
		v->group_slug = words_slug(a, d->group);
	v->by = person_of(s, d->actor_name, d->actor_email);
	v->kind = words_name(a, str_of(deployment_kind_names[d->kind]));
	v->status = status_of_deployment(d->state, d->outcome, d->kind);
}

static bool fill(struct view *v, struct site *s, const struct deployment *d,
                 struct str path, struct fail *why)
{
	struct arena *a = s->page;
	v->frame = frame_of(s, path, NAV_DEPLOYMENTS);
	frame_changed(&v->frame, s, last_change(s, d));
	fill_names(v, s, d);
	v->failure = failure_of(s, d);
	if (d->state == STATE_SUCCEEDED)
		fill_success(v, s, d);
	else if (deployment_is_terminal(d->state))
		fill_unchanged(v, s, d);
	else
		fill_open(v, s, d);
	fill_rollback(v, s, d);
	v->frame.title = str_format(
	        a, "%" STR_FMT " %" STR_FMT " to %" STR_FMT " (%lld)",
	        STR_ARG(d->service), STR_ARG(v->version),
	        STR_ARG(d->environment), (long long)d->number);
	v->frame.description = lede_text(&v->lede, a);
	v->frame.json = str_format(a, "api/v1/deployments/%lld.json",
	                           (long long)d->number);
	/* What was taken over from elsewhere was never judged here. */
	if (!d->imported && !trace_read(&v->decision, s, d->number, why))
		return false;
	int64_t run = v->decision ? v->decision->run : 0;
	if (!record_add(&v->record, s, d, run, why) ||
	    !evidence_add(&v->evidence, s, d, why) ||
	    !approvals_add(&v->approvals, s, d, why))
		return false;
	if (!fill_timeline(v, s, d, why))
		return false;
	v->has_evidence = v->evidence.n > 0;
	v->has_approvals = v->approvals.n > 0;
	return true;
}

/* The members that `dxcp show` gives, and the decision beside them. */
static void write_twin(struct site *s, const struct deployment *d,
                       const struct trace *decision)
{
	struct jw j = jw_new(&s->json);
	jw_open(&j, '{');
	deployment_members(&j, d);
	jw_key(&j, "decision");
	if (decision && decision->document.n)
		jw_raw(&j, decision->document);
	else
		jw_null(&j);
	jw_close(&j);
}

static bool write_one(void *context, const struct deployment *recorded,
                      struct fail *why)
{
	struct site *s = context;
	struct arena *a = s->page;
	const struct deployment *d = redacted(s, a, recorded);
	struct view v = {0};
	struct str path = str_format(a, "deployments/%lld/index.html",
	                             (long long)d->number);
	if (!fill(&v, s, d, path, why))
		return false;
	write_twin(s, d, v.decision);
	struct str twin = v.frame.json;
	if (!site_json(s, twin, false, why))
		return false;
	if (d->number % PROGRESS_EVERY == 0)
		site_progress(s, d->number, s->history.last);
	return site_page(s, &view_deployment, path, &v, why);
}

static bool write_all(struct site *s, struct fail *why)
{
	struct deployment_filter f = deployment_filter_any();
	f.oldest_first = true;
	f.with_failures = f.with_timeline = true;
	if (!s->changes)
		return ledger_deployments(s->ledger, &f, write_one, s, why);
	for (size_t i = 0; i < s->changes->numbers.n; i++) {
		f.above = s->changes->numbers.at[i] - 1;
		f.below = f.above + 2;
		if (!ledger_deployments(s->ledger, &f, write_one, s, why))
			return false;
	}
	return true;
}

const struct page_kind view_deployment = {
        .name = "deployment",
        .fields = &view_fields,
        .reads = READS_OWN,
        .write = write_all,
        .about = "one deployment",
};
