#include "render/deployment_record.h"

#include "core/insight_change.h"
#include "render/decided.h"

static const struct field entry_list[] = {
        FIELD_TEXT(struct entry, name),
        FIELD_TEXT(struct entry, text),
        FIELD_URL(struct entry, href),
        FIELD_BOOL(struct entry, code),
};
const struct fields entry_fields = FIELDS(struct entry, entry_list);

static const struct field approval_list[] = {
        FIELD_TIME(struct approval_row, at),
        FIELD_TEXT(struct approval_row, when),
        FIELD_TEXT(struct approval_row, who),
        FIELD_TEXT(struct approval_row, words),
        FIELD_OPT(struct approval_row, intent, &link_fields),
        FIELD_STRUCT(struct approval_row, status, &status_fields),
};
const struct fields approval_fields =
        FIELDS(struct approval_row, approval_list);

/* --- record ------------------------------------------------------------- */

static void entry_add(struct entries *l, struct arena *a, const char *name,
                      struct str text, struct str href, bool code)
{
	if (text.n)
		*vec_add(a, l) = (struct entry){str_of(name), text, href, code};
}

static struct str number_href(struct arena *a, int64_t n)
{
	return str_format(a, "../%lld/index.html", (long long)n);
}

static struct str number_text(struct arena *a, int64_t n)
{
	return n ? str_format(a, "%lld", (long long)n) : (struct str){0};
}

static struct str recipe_text(struct arena *a, const struct deployment *d)
{
	if (!d->recipe.n || !d->recipe_revision)
		return d->recipe;
	return str_format(a, "%" STR_FMT ", revision %lld", STR_ARG(d->recipe),
	                  (long long)d->recipe_revision);
}

/* Why it did not go at once, where its intent waited. */
static void add_wait(struct entries *r, struct site *s,
                     const struct deployment *d, const struct decided *of)
{
	struct arena *a = s->page;
	const struct decided *first = of;
	while (first && first->before && first->before->outcome == OUTCOME_WAIT)
		first = first->before;
	if (first == of || d->created_at <= first->time)
		return;
	entry_add(r, a, "Waited",
	          words_duration(a, d->created_at - first->time),
	          str_format(a, "../../decisions/%lld/index.html",
	                     (long long)of->before->seq),
	          false);
}

static void add_run(struct entries *r, struct site *s, int64_t run)
{
	if (run)
		entry_add(r, s->page, "Decided in",
		          str_format(s->page, "run %lld", (long long)run),
		          str_format(s->page, "../../runs/%lld/index.html",
		                     (long long)run),
		          false);
}

bool record_add(struct entries *r, struct site *s, const struct deployment *d,
                int64_t run, struct fail *why)
{
	const struct decided_list *all;
	if (!decided_read(&all, s, why))
		return false;
	struct arena *a = s->page;
	const struct str none = {0};
	const struct lineage *of = history_lineage(&s->history, d->number);
	int64_t next = of->next ? of->next->number : 0;
	struct str recipe_href = none;
	if (d->recipe.n && policy_recipe(s->policy, d->recipe))
		recipe_href = str_format(
		        a, "../../policy/recipes/%" STR_FMT "/index.html",
		        STR_ARG(words_slug(a, d->recipe)));
	entry_add(r, a, "Change", words_line(a, d->summary), none, false);
	entry_add(r, a, "Ticket", d->ticket, none, false);
	entry_add(r, a, "Version", d->version, none, true);
	entry_add(r, a, "Before", d->previous_version, none, true);
	entry_add(r, a, "Recipe", recipe_text(a, d), recipe_href, false);
	entry_add(r, a, "Promoted from", d->source_environment, none, false);
	entry_add(r, a, "Undoes", number_text(a, d->rollback_of),
	          number_href(a, d->rollback_of), false);
	entry_add(r, a, "Undone by", number_text(a, of->rolled_back_by),
	          number_href(a, of->rolled_back_by), false);
	entry_add(r, a, "Replaced by", number_text(a, next),
	          number_href(a, next), false);
	entry_add(r, a, "Created", words_stamp(a, d->created_at), none, false);
	add_run(r, s, run);
	add_wait(r, s, d, decided_of_number(all, d->number));
	if (d->imported)
		entry_add(r, a, "Origin", STR("history from elsewhere"), none,
		          false);
	return true;
}

/* --- evidence ----------------------------------------------------------- */

static bool is_web(struct str url)
{
	return str_starts(url, STR("https://")) ||
	       str_starts(url, STR("http://"));
}

static bool is_commit(struct str text)
{
	return text.n >= 7 && str_is_hex(text);
}

/* Where the service's source can be looked at; empty: nowhere. */
static struct str source_of(const struct site *s, const struct build *b)
{
	const struct service *of = policy_service(s->policy, b->service);
	struct str url = b->repository.n ? b->repository
	                 : of            ? of->repository.s
	                                 : (struct str){0};
	if (str_ends(url, STR(".git")))
		url.n -= 4;
	while (str_ends(url, STR("/")))
		url.n--;
	return is_web(url) ? url : (struct str){0};
}

static const char *dash_of(struct str repository)
{
	return str_contains(repository, STR("gitlab")) ? "/-" : "";
}

/* How many commits came with it, of those that were measured: those of
   production environments whose service's source is at hand. */
static int64_t commits_of(const struct site *s, const struct deployment *d)
{
	const struct insight_changes *measured = s->in->changes;
	size_t at = 0;
	for (size_t i = 0; s->in->changes_of && i < s->policy->environments.n;
	     i++) {
		const struct environment *e = s->policy->environments.at[i];
		if (str_eq(e->name.s, d->environment))
			measured = s->in->changes_of[at];
		at += e->type.is == ENVIRONMENT_PROD;
	}
	const struct insight_delivery *found =
	        measured ? insight_changes_of(measured, d->number) : NULL;
	return found && !found->unknown ? (int64_t)found->n : 0;
}

/* The commits that this deployment brought, or took back. */
static bool add_changes(struct entries *e, struct site *s,
                        const struct deployment *d, const struct build *b,
                        struct str source, struct fail *why)
{
	struct arena *a = s->page;
	struct build before;
	bool found;
	int64_t n = commits_of(s, d);
	if (!d->previous_version.n || str_eq(d->previous_version, d->version) ||
	    (!source.n && !n))
		return true;
	if (!ledger_build(s->ledger, a, d->service, d->previous_version, &found,
	                  &before, why))
		return false;
	if (!found || !is_commit(before.commit) ||
	    str_eq(before.commit, b->commit))
		return true;
	bool back = d->kind == KIND_ROLLBACK;
	struct str from = back ? b->commit : before.commit;
	struct str to = back ? before.commit : b->commit;
	struct str name = STR("Commits brought");
	if (back)
		name = STR("Commits taken back");
	else if (n)
		name = str_format(
		        a, "%" STR_FMT " brought, merges left out",
		        STR_ARG(words_count(a, n, "commit", "commits")));
	entry_add(e, a, name.s,
	          str_format(a, "%s...%s", str_cstr(a, words_oid(from)),
	                     str_cstr(a, words_oid(to))),
	          source.n ? str_format(a,
	                                "%" STR_FMT "%s/compare/%" STR_FMT
	                                "...%" STR_FMT,
	                                STR_ARG(source), dash_of(source),
	                                STR_ARG(from), STR_ARG(to))
	                   : (struct str){0},
	          true);
	return true;
}

static bool add_build(struct entries *e, struct site *s,
                      const struct deployment *d, struct fail *why)
{
	struct arena *a = s->page;
	struct build b;
	bool found;
	const struct str none = {0};
	if (!ledger_build(s->ledger, a, d->service, d->version, &found, &b,
	                  why))
		return false;
	if (!found)
		return true;
	struct str source = source_of(s, &b);
	if (b.ci_run_url.n || b.ci_run_id.n)
		entry_add(e, a, "Build",
		          b.ci_run_id.n ? b.ci_run_id : STR("the CI run"),
		          is_web(b.ci_run_url) ? b.ci_run_url : none, true);
	entry_add(e, a, "Artifact", b.artifact, none, true);
	entry_add(e, a, "SHA-256", str_head(b.sha256, 16), none, true);
	if (!is_commit(b.commit))
		return true;
	entry_add(e, a, "Source commit", words_oid(b.commit),
	          source.n ? str_format(a, "%" STR_FMT "%s/commit/%" STR_FMT,
	                                STR_ARG(source), dash_of(source),
	                                STR_ARG(b.commit))
	                   : none,
	          true);
	return add_changes(e, s, d, &b, source, why);
}

bool evidence_add(struct entries *e, struct site *s, const struct deployment *d,
                  struct fail *why)
{
	struct arena *a = s->page;
	const struct str none = {0};
	struct link *intent =
	        link_to_file(s, d->intent_path, 0, d->intent_commit);
	if (intent)
		entry_add(e, a, "Intent", intent->text, intent->href, true);
	entry_add(e, a, "Intent commit", words_oid(d->intent_commit),
	          href_of_commit(s, d->intent_commit), true);
	entry_add(e, a, "Blob", d->intent_blob, none, true);
	bool web = is_web(d->execution_url);
	entry_add(e, a, "Execution",
	          d->execution_id.n ? d->execution_id
	          : web             ? STR("at the engine")
	                            : none,
	          web ? d->execution_url : none, true);
	entry_add(e, a, "Engine", d->engine, none, true);
	entry_add(e, a, "Token", d->token, none, true);
	return d->imported || add_build(e, s, d, why);
}

/* --- approvals ---------------------------------------------------------- */

struct reading {
	struct site *s;
	struct approval_rows *to;
	const struct deployment *d;
};

static bool add_approval(void *context, const struct recorded_approval *v,
                         struct fail *why)
{
	struct reading *r = context;
	struct site *s = r->s;
	struct arena *a = s->page;
	bool other = v->blob.n && !str_eq(v->blob, r->d->intent_blob);
	(void)why;
	*vec_add(a, r->to) = (struct approval_row){
	        .at = v->time,
	        .when = words_stamp(a, v->time),
	        .who = str_copy(a, person_of(s, (struct str){0}, v->actor)),
	        .words = s->in->redact ? (struct str){0}
	                               : str_copy(a, words_line(a, v->summary)),
	        /* Of no commit: the page would change with each. */
	        .intent = link_to_file(s, str_copy(a, v->intent_path), 0,
	                               (struct str){0}),
	        .status = v->rejects ? status_of(STATUS_DENIED, "Rejected")
	                  : other ? status_of(STATUS_SKIPPED, "Of another text")
	                          : status_of(STATUS_OK, "Approved")};
	return true;
}

bool approvals_add(struct approval_rows *to, struct site *s,
                   const struct deployment *d, struct fail *why)
{
	struct reading r = {s, to, d};
	struct ruling_presence some;
	return ledger_rulings(s->ledger, &some, why) &&
	       (!some.approvals || !d->intent_path.n ||
	        ledger_approvals(s->ledger, d->intent_path, add_approval, &r,
	                         why));
}
