/* decisions/<event>/: why an intent waits or was denied, by which rule, and
   what became of it. The number is that of the event in the ledger. */
#include "core/when.h"
#include "render/changes.h"
#include "render/decided.h"
#include "render/decision_document.h"
#include "render/deployment_trace.h"

enum { HISTORY_MAX = 50 };

struct item { /* of a release */
	struct str service, environment, version, code, message;
	struct status status;
};
static const struct field item_list[] = {
        FIELD_TEXT(struct item, service),
        FIELD_TEXT(struct item, environment),
        FIELD_TEXT(struct item, version),
        FIELD_TEXT(struct item, code),
        FIELD_TEXT(struct item, message),
        FIELD_STRUCT(struct item, status, &status_fields),
};
static const struct fields item_fields = FIELDS(struct item, item_list);

struct view {
	struct frame frame;
	struct lede lede;
	int64_t seq, run, next;
	bool waits, run_has_page;
	struct str subject, service, service_slug, environment,
	        environment_slug, version, kind, by, code, message, hint, retry,
	        next_words, seen;
	struct status status;
	struct link *intent, *rule;
	VEC(struct str) also;
	bool has_also;
	VEC(struct item) items;
	bool has_items;
	struct trace *decision;
	VEC(struct decided_row) history;
	bool has_history;
	struct fact_list facts;
	struct command *explain, *why;
};
static const struct field view_list[] = {
        FIELD_STRUCT(struct view, frame, &frame_fields),
        FIELD_LIST(struct view, lede, &run_fields),
        FIELD_INT(struct view, seq),
        FIELD_INT(struct view, run),
        FIELD_TIME(struct view, next),
        FIELD_BOOL(struct view, waits),
        FIELD_BOOL(struct view, run_has_page),
        FIELD_TEXT(struct view, subject),
        FIELD_TEXT(struct view, service),
        FIELD_TEXT(struct view, service_slug),
        FIELD_TEXT(struct view, environment),
        FIELD_TEXT(struct view, environment_slug),
        FIELD_TEXT(struct view, version),
        FIELD_TEXT(struct view, kind),
        FIELD_TEXT(struct view, by),
        FIELD_TEXT(struct view, code),
        FIELD_TEXT(struct view, message),
        FIELD_TEXT(struct view, hint),
        FIELD_TEXT(struct view, retry),
        FIELD_TEXT(struct view, next_words),
        FIELD_TEXT(struct view, seen),
        FIELD_STRUCT(struct view, status, &status_fields),
        FIELD_OPT(struct view, intent, &link_fields),
        FIELD_OPT(struct view, rule, &link_fields),
        FIELD_TEXTS(struct view, also),
        FIELD_BOOL(struct view, has_also),
        FIELD_LIST(struct view, items, &item_fields),
        FIELD_BOOL(struct view, has_items),
        FIELD_OPT(struct view, decision, &trace_fields),
        FIELD_LIST(struct view, history, &decided_fields),
        FIELD_BOOL(struct view, has_history),
        FIELD_LIST(struct view, facts, &fact_fields),
        FIELD_OPT(struct view, explain, &command_fields),
        FIELD_OPT(struct view, why, &command_fields),
};
static const struct fields view_fields = FIELDS(struct view, view_list);

/* --- the document ------------------------------------------------------- */

static struct str sentence(struct site *s, struct str text)
{
	/* It may name people. */
	if (s->in->redact)
		return (struct str){0};
	while (str_ends(text, STR(".")))
		text.n--;
	return words_times(s->page, words_line(s->page, text));
}

static struct str known_code(struct str code)
{
	return diag_find(code) != DIAG_NONE ? code : (struct str){0};
}

static void read_item(struct view *v, struct site *s, struct scan *scan)
{
	struct arena *a = s->page;
	struct item *item = vec_add(a, &v->items);
	struct str key, decision = STR("deny");
	bool object = scan_open(scan, '{');
	while (object && scan_key(scan, &key))
		if (str_is(key, "service"))
			item->service = scan_str(scan, a);
		else if (str_is(key, "environment"))
			item->environment = scan_str(scan, a);
		else if (str_is(key, "version"))
			item->version = words_version(a, scan_str(scan, a));
		else if (str_is(key, "code"))
			item->code = known_code(scan_str(scan, a));
		else if (str_is(key, "message"))
			item->message = sentence(s, scan_str(scan, a));
		else if (str_is(key, "decision"))
			decision = scan_str(scan, a);
		else
			scan_skip(scan);
	for (int i = 0; i < OUTCOME_COUNT; i++)
		if (str_is(decision, outcome_names[i]))
			item->status = decided_status((enum outcome)i);
}

static void read_lists(struct view *v, struct site *s, struct scan *scan,
                       bool items)
{
	if (!scan_open(scan, '['))
		return;
	while (scan_more(scan)) {
		if (items) {
			read_item(v, s, scan);
			continue;
		}
		struct str code = known_code(scan_str(scan, s->page));
		if (code.n)
			*vec_add(s->page, &v->also) = code;
	}
}

static struct decision_document read_document(struct view *v, struct site *s,
                                              struct str text)
{
	struct decision_document d = decision_document_read(text, s->page);
	read_lists(v, s, &d.also, false);
	read_lists(v, s, &d.items, true);
	return d;
}

/* --- the page ----------------------------------------------------------- */

static void fill_names(struct view *v, struct site *s, const struct decided *d)
{
	struct arena *a = s->page;
	v->seq = d->seq;
	v->run = d->run;
	v->waits = d->outcome == OUTCOME_WAIT;
	v->kind = words_name(a, d->kind);
	v->version = words_version(a, d->version);
	v->by = person_of(s, (struct str){0}, d->actor);
	v->code = str_of(diag_info(d->code)->name);
	v->status = decided_status(d->outcome);
	v->service = d->service;
	v->environment = d->environment;
	const struct history_service *of =
	        history_service(&s->history, d->service);
	if (of)
		v->service_slug = of->slug;
	for (size_t i = 0; of && i < of->pairs.n; i++) {
		const struct pair *p = &s->history.pairs.at[of->pairs.at[i]];
		if (str_eq(p->environment, d->environment))
			v->environment_slug =
			        s->history.environments.at[p->environment_at]
			                .slug;
	}
	if (!d->service.n)
		v->subject = words_line(a, d->path);
}

static void fact_link(struct fact_list *l, struct site *s, const char *name,
                      struct str text, struct str href)
{
	if (!text.n)
		return;
	struct fact *f = vec_add(s->page, l);
	f->name = str_of(name);
	f->source = ARENA_NEW(s->page, struct link);
	*f->source = (struct link){.text = text, .href = href};
}

static void fill_facts(struct view *v, struct site *s, const struct decided *d,
                       const struct decision_document *f)
{
	struct arena *a = s->page;
	struct fact_list *l = &v->facts;
	fact_add(l, s, "Decided", words_stamp(a, d->time), NULL);
	fact_add(l, s, "Kind", v->kind, NULL);
	fact_add(l, s, "By", v->by, NULL);
	if (!s->in->redact)
		fact_add(l, s, "Role", words_name(a, f->role), NULL);
	if (f->group.n && map_find(&s->policy->group_by, f->group))
		fact_link(l, s, "Group", f->group,
		          str_format(a, "../../groups/%" STR_FMT "/index.html",
		                     STR_ARG(words_slug(a, f->group))));
	if (f->recipe.n && policy_recipe(s->policy, f->recipe))
		fact_link(l, s, "Recipe", f->recipe,
		          str_format(a,
		                     "../../policy/recipes/%" STR_FMT
		                     "/index.html",
		                     STR_ARG(words_slug(a, f->recipe))));
	fact_link(l, s, "Intent commit", words_oid(f->commit),
	          href_of_commit(s, f->commit));
	fact_link(l, s, "Policy commit", words_oid(f->policy_commit),
	          href_of_commit(s, f->policy_commit));
	fact_add(l, s, "Blob", words_oid(f->blob), NULL);
	fact_add(l, s, "Event", str_format(a, "%lld", (long long)d->seq), NULL);
}

static void fill_box(struct view *v, struct site *s,
                     const struct decision_document *f)
{
	v->message = sentence(s, f->message);
	v->hint =
	        s->in->redact ? (struct str){0} : words_line(s->page, f->hint);
	v->intent = link_to_file(s, STR(""), 0, f->commit);
	if (v->waits && when_parse(f->next, &v->next))
		v->next_words = words_stamp(s->page, v->next);
	v->retry = v->waits ? STR("Nothing has to be sent again: each run "
	                          "judges it anew until it passes or expires.")
	                    : STR("A denial is final. Once the cause is gone, "
	                          "add a new intent.");
	v->has_also = v->also.n > 0;
	v->has_items = v->items.n > 0;
	for (size_t i = 0; v->decision && i < v->decision->rows.n; i++) {
		struct trace_step *row = &v->decision->rows.at[i];
		if (!v->rule && str_eq(row->code, v->code))
			v->rule = row->rule;
	}
}

static const struct decided *newest_of(const struct decided *d)
{
	while (d->after)
		d = d->after;
	return d;
}

static void fill_history(struct view *v, struct site *s,
                         const struct decided *d)
{
	if (!d->before && !d->after)
		return;
	for (const struct decided *x = newest_of(d);
	     x && v->history.n < HISTORY_MAX; x = x->before)
		*vec_add(s->page, &v->history) = decided_row_of(s, x);
	v->has_history = true;
}

/* What was decided about it afterwards, in a sentence. */
static void say_after(struct view *v, struct site *s, const struct decided *d,
                      bool waits_still)
{
	struct arena *a = s->page;
	struct lede *l = &v->lede;
	const struct decided *last = newest_of(d);
	if (last == d) {
		if (v->waits && !waits_still)
			lede_add(l, a, " It waits no more.");
		return;
	}
	struct str when = words_stamp(a, last->time);
	if (last->number)
		lede_strong(l, a,
		            " It was allowed on %" STR_FMT
		            " and became deployment %lld.",
		            STR_ARG(when), (long long)last->number);
	else if (last->outcome == OUTCOME_DENY)
		lede_strong(l, a, " It was denied on %" STR_FMT ".",
		            STR_ARG(when));
	else if (last->outcome == OUTCOME_ALLOW)
		lede_strong(l, a, " It was allowed on %" STR_FMT ".",
		            STR_ARG(when));
	else
		lede_add(l, a, " Since %" STR_FMT " it waits for %s.",
		         STR_ARG(when), diag_info(last->code)->name);
}

static bool fill_lede(struct view *v, struct site *s, const struct decided *d,
                      struct fail *why)
{
	struct arena *a = s->page;
	struct lede *l = &v->lede;
	struct recorded_intent state;
	if (!ledger_intent(s->ledger, d->path, &state, why))
		return false;
	if (v->waits && !state.waits)
		v->status = status_of(STATUS_WAITING, "Waited");
	lede_add(l, a, "%s on %" STR_FMT, v->waits ? "Held back" : "Denied",
	         STR_ARG(words_stamp(a, d->time)));
	if (v->message.n)
		lede_add(l, a, ": %" STR_FMT ". ", STR_ARG(v->message));
	else
		lede_add(l, a, " by %" STR_FMT ". ", STR_ARG(v->code));
	lede_add(l, a, "Nothing was sent.");
	say_after(v, s, d, state.waits);
	return true;
}

/* The document as it was recorded. */
static bool write_document(struct view *v, struct site *s, struct str text,
                           struct fail *why)
{
	struct jw j = jw_new(&s->json);
	if (!s->in->redact) {
		jw_raw(&j, text);
	} else {
		jw_open(&j, '{');
		jw_put_str(&j, "service", v->service);
		jw_put_str(&j, "environment", v->environment);
		jw_put_str(&j, "version", v->version);
		jw_put_str(&j, "decision",
		           str_of(outcome_names[v->waits ? OUTCOME_WAIT
		                                         : OUTCOME_DENY]));
		jw_put_str(&j, "code", v->code);
		jw_put_int(&j, "run", v->run);
		jw_close(&j);
	}
	v->frame.json = str_format(s->page, "decisions/%lld/index.json",
	                           (long long)v->seq);
	return site_json(s, v->frame.json, false, why);
}

static bool write_one(struct site *s, const struct decided *d, struct fail *why)
{
	struct arena *a = s->page;
	struct str path =
	        str_format(a, "decisions/%lld/index.html", (long long)d->seq);
	struct str text;
	struct view v = {.frame = frame_of(s, path, NAV_AUDIT)};
	if (!ledger_event_payload(s->ledger, a, d->seq, &text, why))
		return false;
	fill_names(&v, s, d);
	struct decision_document f = read_document(&v, s, text);
	v.decision = trace_of(s, text);
	fill_box(&v, s, &f);
	v.intent = link_to_file(s, d->path, f.line, f.commit);
	fill_history(&v, s, d);
	fill_facts(&v, s, d, &f);
	v.run_has_page = d->run > 0;
	v.explain = command_new(
	        a, "Command that explains the code",
	        str_format(a, "dxcp explain %" STR_FMT, STR_ARG(v.code)), true);
	if (!fill_lede(&v, s, d, why))
		return false;
	frame_changed(&v.frame, s, newest_of(d)->time);
	v.frame.title = str_format(
	        a, "%" STR_FMT " %s", STR_ARG(v.code),
	        d->service.n
	                ? str_format(a,
	                             "for %" STR_FMT " %" STR_FMT "%s%" STR_FMT,
	                             STR_ARG(d->service), STR_ARG(v.version),
	                             d->environment.n ? " to " : "",
	                             STR_ARG(d->environment))
	                          .s
	                : "for an intent");
	v.frame.description = lede_text(&v.lede, a);
	return write_document(&v, s, text, why) &&
	       site_page(s, &view_decision, path, &v, why);
}

static bool write_all(struct site *s, struct fail *why)
{
	const struct decided_list *all;
	if (!decided_read(&all, s, why))
		return false;
	vec_each (struct decided, d, all)
		if (decided_has_page(d) && changed_intent(s, d->path) &&
		    !write_one(s, d, why))
			return false;
	return true;
}

const struct page_kind view_decision = {
        .name = "decision",
        .fields = &view_fields,
        .reads = READS_OWN,
        .write = write_all,
        .about = "why one intent waits or was denied",
};
