#include "render/render.h"

#include "core/insight_change.h"
#include "core/when.h"
#include "render/changes.h"
#include "render/documents.h"
#include "render/forge.h"
#include "render/plan.h"
#include "render/site.h"
#include "render/twin.h"

#include <stdlib.h>

enum {
	FORMAT = 12, /* of the pages: raised when views change what they say */
	PAGE_MAX = 16 * 1024 * 1024,
	GAPS = 50,
	GOOD_FOR = 30 * 60, /* seconds, at least */
	TOTAL_UNKNOWN = 0,
};

const struct page_kind *const site_kinds[] = {
        &view_overview,
        &view_services,
        &view_service,
        &view_environment,
        &view_deployments,
        &view_month,
        &view_deployment,
        &view_groups,
        &view_group,
        &view_policy,
        &view_recipe,
        &view_codes,
        &view_code,
        &view_audit,
        &view_audit_month,
        &view_decisions,
        &view_decision,
        &view_runs,
        &view_run,
        &view_place,
        &view_find,
        &view_glossary,
        &view_insights,
        &view_insights_week,
        &view_insights_service,
        &view_guide,
        &view_not_found,
        NULL,
};

/* --- what views call ---------------------------------------------------- */

/* Where a page names no document of api/v1 for its twin, its own data is it:
   index.json beside index.html. */
static bool write_twin(struct site *s, const struct page_kind *kind,
                       struct str path, void *view, struct fail *why)
{
	static const struct str name = {"index.html", 10};
	struct frame *frame = twin_frame(kind, view);
	if (!frame || frame->json.n || !str_ends(path, name))
		return true;
	struct jw j = jw_new(&s->json);
	frame->json = str_format(s->page, "%" STR_FMT "index.json",
	                         STR_ARG(str_head(path, path.n - name.n)));
	twin_json(&j, kind, path, view);
	return site_json(s, frame->json, kind->hot, why);
}

bool site_page(struct site *s, const struct page_kind *kind, struct str path,
               void *view, struct fail *why)
{
	const struct template *t =
	        map_find(&s->theme->pages, str_of(kind->name));
	if (!write_twin(s, kind, path, view, why))
		return false;
	buf_reset(&s->html);
	if (!template_run(&s->html, t, &s->theme->partials,
	                  fields_value(kind->fields, view)))
		return fail_set(why, FAIL_INPUT,
		                "the page %" STR_FMT
		                " is too large or nested too deep",
		                STR_ARG(path));
	bool fine =
	        emit_file(&s->emit, path, buf_str(&s->html), kind->hot, why);
	arena_reset(s->page);
	return fine;
}

bool site_json(struct site *s, struct str path, bool hot, struct fail *why)
{
	buf_add_char(&s->json, '\n');
	bool fine = !s->json.full ||
	            fail_set(why, FAIL_INPUT, "%" STR_FMT " is too large",
	                     STR_ARG(path));
	fine = fine && emit_file(&s->emit, path, buf_str(&s->json), hot, why);
	buf_reset(&s->json);
	s->json.full = false;
	return fine;
}

bool site_text(struct site *s, struct str path, bool hot, struct fail *why)
{
	bool fine = !s->text.full ||
	            fail_set(why, FAIL_INPUT, "%" STR_FMT " is too large",
	                     STR_ARG(path));
	fine = fine && emit_file(&s->emit, path, buf_str(&s->text), hot, why);
	buf_reset(&s->text);
	arena_reset(s->page);
	return fine;
}

void site_until(struct site *s, int64_t t)
{
	if (t > s->now && t < s->until)
		s->until = t;
}

void site_progress(struct site *s, int64_t done, int64_t total)
{
	if (s->in->progress)
		s->in->progress(s->in->progress_context, s->doing, done, total);
}

/* --- templates ---------------------------------------------------------- */

/* Each page's template is there and asks only for what its struct has. */
static void check_templates(const struct theme *t, struct diags *ds)
{
	for (size_t i = 0; site_kinds[i]; i++) {
		const struct page_kind *kind = site_kinds[i];
		const struct template *page =
		        map_find(&t->pages, str_of(kind->name));
		if (page)
			template_check(page, &t->partials, kind->fields, ds);
		else if (!ds->errors)
			diag_add(ds, DIAG_INVALID_TEMPLATE, (struct span){0},
			         "there is no templates/%s.html", kind->name);
	}
}

/* --- the site ----------------------------------------------------------- */

static int gap_cmp(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

struct gaps {
	int64_t at[GAPS], last;
	size_t n;
};

static bool add_gap(void *context, const struct recorded_run *r,
                    struct fail *why)
{
	struct gaps *g = context;
	(void)why;
	if (g->last && g->n < GAPS && g->last > r->started_at)
		g->at[g->n++] = g->last - r->started_at;
	g->last = r->started_at;
	return true;
}

/* Until when a reader may take the pages for current: by the rhythm that runs
   really have, the 95th percentile of their last gaps and half as much. */
static bool find_good_until(struct site *s, struct fail *why)
{
	struct gaps g = {.n = 0};
	if (!ledger_runs(s->ledger, GAPS + 1, add_gap, &g, why))
		return false;
	int64_t good = GOOD_FOR;
	if (g.n) {
		qsort(g.at, g.n, sizeof *g.at, gap_cmp);
		int64_t p95 = g.at[(g.n * 95 + 99) / 100 - 1];
		good = p95 * 3 / 2 > good ? p95 * 3 / 2 : good;
	}
	s->good_until = s->now + good;
	return true;
}

static void find_addresses(struct site *s)
{
	const struct platform *p = &s->policy->platform;
	struct str repository = p->site.repository_url.s.n
	                                ? p->site.repository_url.s
	                                : s->in->repository_url;
	if (str_ends(repository, STR("/")))
		repository.n--;
	bool web = str_starts(repository, STR("https://")) ||
	           str_starts(repository, STR("http://"));
	if (web)
		s->repository = repository;
	s->commit_url = p->site.commit_url.s;
	if (!s->commit_url.n && web)
		s->commit_url = str_format(
		        s->arena, "%" STR_FMT "/%scommit", STR_ARG(repository),
		        str_contains(repository, STR("gitlab")) ? "-/" : "");
	forge_find(s);
	s->title = p->site.title.s.n ? p->site.title.s : p->name.s;
	s->language = p->site.language.s.n ? p->site.language.s : STR("en");
}

static void name_guardrails(struct site *s)
{
	s->guardrails = map_new(s->arena);
	for (size_t i = 0; i < s->in->nguardrails; i++) {
		const struct guardrail_text *g = &s->in->guardrails[i];
		map_put(&s->guardrails, str_of(g->name), (void *)(uintptr_t)g);
	}
}

/* What the program calls its guardrails, which changes with it. */
static struct str names_of_guardrails(const struct site *s)
{
	struct buf b = buf_new(s->arena, PAGE_MAX);
	for (size_t i = 0; i < s->in->nguardrails; i++) {
		const struct guardrail_text *g = &s->in->guardrails[i];
		buf_format(&b, "%s %s %s\n", g->name, g->title, g->about);
	}
	return buf_str(&b);
}

/* A commit with the policy in force that stays the same while others come: the
   first that a run went by. */
static bool find_policy_commit(struct site *s, struct fail *why)
{
	if (!ledger_policy_first(s->ledger, s->arena, s->in->policy_tree,
	                         &s->policy_commit, why))
		return false;
	if (!s->policy_commit.n)
		s->policy_commit = s->in->commit;
	return true;
}

/* Commits that were fetched since make other lead times of the same ledger. */
static struct str names_of_changes(const struct site *s)
{
	const struct insight_changes *c = s->in->changes;
	struct buf b = buf_new(s->arena, PAGE_MAX);
	for (size_t i = 0; c && i < c->services.n; i++)
		buf_format(&b, "%" STR_FMT "\n", STR_ARG(c->services.at[i]));
	for (size_t i = 0; c && i < c->deliveries.n; i++)
		buf_format(&b, "%lld %zu\n",
		           (long long)c->deliveries.at[i].number,
		           c->deliveries.at[i].n);
	return buf_str(&b);
}

static struct sha256_hex digest_of(const struct site *s)
{
	const struct render_input *in = s->in;
	const struct str parts[] = {str_format(s->arena, "%d %d %s\n", FORMAT,
	                                       in->redact,
	                                       in->version ? in->version : ""),
	                            in->policy_tree,
	                            STR("\n"),
	                            s->policy_commit,
	                            STR("\n"),
	                            s->head.repository,
	                            STR("\n"),
	                            s->repository,
	                            STR("\n"),
	                            str_of(s->theme->digest.s),
	                            STR("\n"),
	                            names_of_guardrails(s),
	                            names_of_changes(s)};
	return sha256_of_parts(parts, sizeof(parts) / sizeof *parts);
}

static struct plan_inputs inputs_of(const struct site *s)
{
	return (struct plan_inputs){.digest = digest_of(s),
	                            .commit = s->in->commit,
	                            .events = s->head.events,
	                            .hash = str_of(s->head.hash),
	                            .now = s->now};
}

static bool read_history(struct site *s, struct fail *why)
{
	return history_read(&s->history, s->arena, s->ledger, s->policy, s->now,
	                    why);
}

void site_init(struct site *s, struct render_input *input,
               const struct render_input *in, struct arena *a)
{
	*input = *in;
	input->redact = in->redact || in->policy->platform.site.redact.on;
	*s = (struct site){.arena = a,
	                   .in = input,
	                   .policy = in->policy,
	                   .people = people_new(a, in->policy),
	                   .ledger = in->ledger,
	                   .now = in->now};
}

bool site_read(struct site *s, struct fail *why)
{
	if (!ledger_head(s->ledger, s->arena, &s->head, why))
		return false;
	find_addresses(s);
	return read_history(s, why);
}

static bool write_theme(struct site *s, struct fail *why)
{
	if (s->changes)
		return true;
	for (size_t i = 0; i < s->theme->files.n; i++) {
		const struct theme_file *f = &s->theme->files.at[i];
		if (!emit_file(&s->emit, f->path, f->bytes, false, why))
			return false;
	}
	return emit_file(&s->emit, STR(".nojekyll"), STR(""), false, why);
}

static bool is_to_make(const struct site *s, bool hot, enum reads reads)
{
	if (s->hot_only)
		return hot || reads == READS_HOURS;
	return hot || !s->changes || reads != READS_POLICY;
}

static bool write_documents(struct site *s, struct fail *why)
{
	for (size_t i = 0; i < site_document_count; i++) {
		const struct document *d = &site_documents[i];
		s->doing = d->about;
		if (!is_to_make(s, d->hot, d->reads))
			continue;
		site_progress(s, 0, TOTAL_UNKNOWN);
		if (!d->write(s, why))
			return fail_note(why, "%s", d->about);
		arena_reset(s->page);
	}
	return true;
}

static bool write_pages(struct site *s, struct fail *why)
{
	if (!s->hot_only && !write_theme(s, why))
		return false;
	for (size_t i = 0; site_kinds[i]; i++) {
		const struct page_kind *kind = site_kinds[i];
		s->doing = kind->about;
		if (!is_to_make(s, kind->hot, kind->reads))
			continue;
		site_progress(s, 0, TOTAL_UNKNOWN);
		if (!kind->write(s, why))
			return fail_note(why, "%s", kind->about);
	}
	return write_documents(s, why);
}

/* A page and its twin for each; months, codes and the rest are few. */
static size_t about_files(const struct site *s)
{
	if (s->hot_only || s->changes)
		return 512;
	return 1024 + 2 * (size_t)s->history.count + 5 * s->history.pairs.n +
	       5 * s->history.services.n;
}

/* Where it cannot be told which pages are stale, all are. */
static bool read_changes(struct site *s, struct plan *plan, struct fail *why)
{
	bool clock = s->now > plan->was.now && s->now >= plan->until;
	if (plan->stale != STALE_SOME)
		return true;
	if (!changes_read(s, plan->was.events, plan->was.hash, clock, why))
		return false;
	if (!s->changes)
		plan->stale = STALE_ALL;
	return changes_spread(s, why);
}

/* Growing by doubling would leave as much behind in the arena. */
static struct buf page_buf(struct arena *a)
{
	enum { COMMON = 512 * 1024 };
	struct buf b = buf_new(a, PAGE_MAX);
	b.cap = COMMON;
	b.s = arena_text(a, COMMON);
	return b;
}

static bool write_all_pages(struct site *s, struct plan *plan,
                            struct render_result *out, struct fail *why)
{
	int64_t removed = 0, kept = 0;
	s->usage = map_new(s->arena);
	s->html = page_buf(s->arena);
	s->json = page_buf(s->arena);
	s->text = page_buf(s->arena);
	if (!read_history(s, why) || !read_changes(s, plan, why) ||
	    !find_good_until(s, why))
		return false;
	s->hot_only = plan->stale == STALE_HOT;
	s->was_now = plan->stale == STALE_ALL ? 0 : plan->was.now;
	bool some = s->hot_only || (s->changes && !s->changes->clock);
	s->until = some ? plan->until : INT64_MAX;
	s->emit = emit_new(s->arena, s->in->out_dir, s->people, about_files(s));
	if (!plan_begin(plan, s->arena, &s->emit, why) ||
	    !write_pages(s, why) || !emit_finish(&s->emit, why) ||
	    !plan_finish(plan, s->arena, &s->emit, s->until, &removed, &kept,
	                 why))
		return false;
	*out = (struct render_result){.made = s->emit.written +
	                                      s->emit.unchanged,
	                              .written = s->emit.written,
	                              .unchanged = s->emit.unchanged + kept,
	                              .removed = removed};
	return true;
}

/* What is not stale is not looked at. */
static bool write_site(struct site *s, struct render_result *out,
                       struct fail *why)
{
	const struct render_input *in = s->in;
	if (!ledger_head(s->ledger, s->arena, &s->head, why) ||
	    !find_policy_commit(s, why))
		return false;
	find_addresses(s);
	name_guardrails(s);
	struct plan_inputs inputs = inputs_of(s);
	struct plan plan = plan_make(s->arena, in->out_dir, &inputs);
	/* What is not of a commit has no name by which to know it again. */
	if (!in->commit.n)
		plan.stale = STALE_ALL;
	if (plan.stale == STALE_NOTHING) {
		*out = (struct render_result){.unchanged = plan.files};
		return true;
	}
	s->page = arena_new();
	bool fine = write_all_pages(s, &plan, out, why);
	arena_free(s->page);
	return fine || fail_note(why, "writing the site to %s", in->out_dir);
}

bool render_site(const struct render_input *in, struct arena *a,
                 struct diags *ds, struct render_result *out, struct fail *why)
{
	struct render_input input;
	struct site s;
	site_init(&s, &input, in, a);
	size_t errors = ds->errors;
	s.theme = theme_load(a, in->overrides, in->noverrides, ds);
	check_templates(s.theme, ds);
	if (ds->errors > errors) {
		*out = (struct render_result){0};
		return true;
	}
	/* A run that records meanwhile must not show on half of the pages. */
	if (!ledger_begin(in->ledger, why))
		return false;
	bool fine = write_site(&s, out, why);
	ledger_rollback(in->ledger);
	return fine;
}
