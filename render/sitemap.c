/*
 * sitemap.xml (sitemaps.org 0.9) and robots.txt, where site.base_url says what
 * the addresses begin with. The pages of deployments are the newest ones: a
 * sitemap of all would be rewritten whole for each new one.
 */
#include "render/documents.h"
#include "render/html.h"
#include "render/parts.h"

enum { DEPLOYMENTS_MAX = 1000 };

static void put(struct site *s, struct str path)
{
	buf_add(&s->text, STR("<url><loc>"));
	html_xml(&s->text, address_of(s, "", path));
	buf_add(&s->text, STR("</loc></url>\n"));
}

static void put_page(struct site *s, const char *folder, struct str slug)
{
	put(s, str_format(s->page, "%s/%" STR_FMT "/index.html", folder,
	                  STR_ARG(slug)));
}

static bool put_deployment(void *context, const struct deployment *d,
                           struct fail *why)
{
	struct site *s = context;
	(void)why;
	put(s, str_format(s->page, "deployments/%lld/index.html",
	                  (long long)d->number));
	return true;
}

static void put_pages(struct site *s)
{
	static const char *const pages[] = {
	        "index.html",        "services/index.html",
	        "groups/index.html", "deployments/index.html",
	        "policy/index.html", "audit/index.html",
	        "codes/index.html",  "runs/index.html",
	        "find/index.html",   "glossary/index.html",
	};
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
		put(s, str_of(pages[i]));
	vec_each (struct history_service, of, &s->history.services)
		put_page(s, "services", of->slug);
	vec_each (struct history_environment, e, &s->history.environments)
		put_page(s, "environments", e->slug);
	for (size_t i = 0; i < s->policy->groups.n; i++)
		put_page(s, "groups",
		         words_slug(s->page, s->policy->groups.at[i]->id.s));
	vec_each (const struct guide_page, page, &s->theme->guide)
		put(s, page->path);
}

static bool write_robots(struct site *s, struct fail *why)
{
	buf_format(&s->text, "User-agent: *\nAllow: /\nSitemap: %" STR_FMT "\n",
	           STR_ARG(address_of(s, "", STR("sitemap.xml"))));
	return site_text(s, STR("robots.txt"), false, why);
}

bool write_sitemap(struct site *s, struct fail *why)
{
	struct deployment_filter newest = deployment_filter_any();
	newest.limit = DEPLOYMENTS_MAX;
	if (!base_url(s).n)
		return true;
	buf_add(&s->text,
	        STR("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset "
	            "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"));
	put_pages(s);
	if (!ledger_deployments(s->ledger, &newest, put_deployment, s, why))
		return false;
	buf_add(&s->text, STR("</urlset>\n"));
	return site_text(s, STR("sitemap.xml"), false, why) &&
	       write_robots(s, why);
}
