/*
 * search-index.js and api/v1/search.json: what the search of the site looks
 * through, [text, kind, address from the root] an entry. The script assigns
 * one global, as a page read from a disk may not fetch anything.
 *
 * Deployments are the newest SEARCH_MAX: an index of all would be larger than
 * the page that wants it. A number alone finds its page without an entry.
 */
#include "render/documents.h"
#include "render/html.h"
#include "render/parts.h"

#include <stdlib.h>

enum { SEARCH_MAX = 2000, INDEX_MAX = 4 << 20 };

struct index {
	struct site *s;
	struct buf entries; /* JSON arrays, a comma between them */
};

/* A script must not be ended from within: JSON escapes neither < nor the two
   line ends that JavaScript has besides. */
static void put_text(struct buf *out, struct arena *a, struct str text)
{
	struct buf quoted = buf_new(a, INDEX_MAX);
	json_quote(&quoted, text);
	struct str s = buf_str(&quoted);
	for (size_t i = 0; i < s.n; i++) {
		if (s.s[i] == '<')
			buf_add(out, STR("\\u003c"));
		else if (str_starts(str_from(s, i), STR("\xe2\x80\xa8")))
			buf_add(out, STR("\\u2028")), i += 2;
		else if (str_starts(str_from(s, i), STR("\xe2\x80\xa9")))
			buf_add(out, STR("\\u2029")), i += 2;
		else
			buf_add_char(out, s.s[i]);
	}
}

/* The word that is shown beside it; the address is relative. */
static void add(struct index *x, struct str text, const char *kind,
                struct str href)
{
	struct arena *a = x->s->page;
	struct buf *out = &x->entries;
	if (out->n)
		buf_add(out, STR(",\n"));
	buf_add_char(out, '[');
	put_text(out, a, html_cleaned(a, words_line(a, text)));
	buf_add_char(out, ',');
	put_text(out, a, str_of(kind));
	buf_add_char(out, ',');
	put_text(out, a, href);
	buf_add_char(out, ']');
}

static struct str page_of(struct index *x, const char *folder, struct str slug)
{
	return str_format(x->s->page, "%s/%" STR_FMT "/index.html", folder,
	                  STR_ARG(slug));
}

static void add_names(struct index *x)
{
	struct site *s = x->s;
	vec_each (struct history_service, of, &s->history.services) {
		struct str owner = of->policy && !s->in->redact
		                           ? of->policy->owner.s
		                           : (struct str){0};
		add(x,
		    str_format(s->page, "%" STR_FMT "%s%" STR_FMT,
		               STR_ARG(of->name), owner.n ? " " : "",
		               STR_ARG(owner)),
		    "service", page_of(x, "services", of->slug));
	}
	vec_each (struct history_environment, e, &s->history.environments)
		add(x, e->name, "environment",
		    page_of(x, "environments", e->slug));
	for (size_t i = 0; i < s->policy->groups.n; i++) {
		const struct group *g = s->policy->groups.at[i];
		add(x,
		    str_format(s->page, "%" STR_FMT " %" STR_FMT,
		               STR_ARG(g->id.s), STR_ARG(g->name.s)),
		    "group",
		    page_of(x, "groups", words_slug(s->page, g->id.s)));
	}
	for (size_t i = 0; i < s->policy->recipes.n; i++) {
		const struct recipe *r = s->policy->recipes.at[i];
		add(x,
		    str_format(s->page, "%" STR_FMT " %" STR_FMT,
		               STR_ARG(r->id.s), STR_ARG(r->name.s)),
		    "recipe",
		    page_of(x, "policy/recipes", words_slug(s->page, r->id.s)));
	}
}

static void add_pages(struct index *x)
{
	static const struct {
		const char *text, *path;
	} pages[] = {
	        {"Overview", "index.html"},
	        {"Services", "services/index.html"},
	        {"Deployments", "deployments/index.html"},
	        {"Guardrails groups quota freeze window", "groups/index.html"},
	        {"Policy limits recipes", "policy/index.html"},
	        {"Audit", "audit/index.html"},
	        {"Codes", "codes/index.html"},
	        {"Decisions denied waiting", "decisions/index.html"},
	        {"Runs", "runs/index.html"},
	        {"Find", "find/index.html"},
	        {"Glossary", "glossary/index.html"},
	};
	struct site *s = x->s;
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
		add(x, str_of(pages[i].text), "page", str_of(pages[i].path));
	vec_each (const struct guide_page, page, &s->theme->guide)
		add(x, page->title, "guide", page->path);
	for (int code = 1; code < DIAG_CODE_COUNT; code++) {
		const struct diag_info *info = diag_info((enum diag_code)code);
		add(x, str_of(info->name), "code",
		    page_of(x, "codes", str_of(info->name)));
	}
}

static bool add_deployment(void *context, const struct deployment *recorded,
                           struct fail *why)
{
	struct index *x = context;
	struct arena *a = x->s->page;
	(void)why;
	const struct deployment *d = redacted(x->s, a, recorded);
	struct status status =
	        status_of_deployment(d->state, d->outcome, d->kind);
	add(x,
	    str_format(a,
	               "%lld %" STR_FMT " %" STR_FMT " %" STR_FMT " %" STR_FMT,
	               (long long)d->number, STR_ARG(d->service),
	               STR_ARG(words_version(a, d->version)),
	               STR_ARG(d->environment),
	               STR_ARG(person_of(x->s, d->actor_name, d->actor_email))),
	    str_cstr(a, str_lower(a, status.word)),
	    str_format(a, "deployments/%lld/index.html", (long long)d->number));
	return true;
}

bool write_search(struct site *s, struct fail *why)
{
	struct index x = {s, buf_new(s->page, INDEX_MAX)};
	struct deployment_filter newest = deployment_filter_any();
	newest.limit = SEARCH_MAX;
	add_names(&x);
	add_pages(&x);
	if (!ledger_deployments(s->ledger, &newest, add_deployment, &x, why))
		return false;
	if (x.entries.full)
		return fail_set(why, FAIL_INPUT,
		                "the search index is too large");
	buf_format(&s->text, "window.DXCP_INDEX={last:%lld,entries:[\n",
	           (long long)s->history.last);
	buf_add(&s->text, buf_str(&x.entries));
	buf_add(&s->text, STR("\n]};\n"));
	buf_format(
	        &s->json,
	        "{\"schema\":\"dxcp.search/1\",\"last\":%lld,\"entries\":[\n",
	        (long long)s->history.last);
	buf_add(&s->json, buf_str(&x.entries));
	buf_add(&s->json, STR("\n]}"));
	return site_json(s, STR("api/v1/search.json"), false, why) &&
	       site_text(s, STR("search-index.js"), false, why);
}
