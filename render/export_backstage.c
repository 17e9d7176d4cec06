/*
 * catalog-info.yaml for Backstage's software catalogue (backstage.io/v1alpha1):
 * a System for each group, a Component for each service. Scalars are in double
 * quotes, so that no name becomes anything but a name.
 *
 * `backstage` of a service in the policy: owner, system, lifecycle, type and
 * title stand in for what is made here; every other key is an annotation.
 * `links`: a list of {title, url, icon}, or of addresses, or a map of title to
 * address.
 */
#include "render/documents.h"
#include "render/export_private.h"
#include "render/html.h"
#include "render/parts.h"

enum { NAME_MAX_BYTES = 63 };

static void put(struct buf *out, const char *indent, const char *key,
                struct str value)
{
	if (!value.n)
		return;
	buf_format(out, "%s%s: ", indent, key);
	json_quote(out, value);
	buf_add_char(out, '\n');
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* [a-zA-Z0-9] with - _ . between them, at most 63. */
static struct str entity_name(struct arena *a, struct str name)
{
	struct buf b = buf_new(a, NAME_MAX_BYTES);
	for (size_t i = 0; i < name.n && b.n < NAME_MAX_BYTES; i++) {
		char c = name.s[i];
		if (is_plain(c))
			buf_add_char(&b, c);
		else if (b.n && is_plain(b.s[b.n - 1]))
			buf_add_char(&b, c == '_' || c == '.' ? c : '-');
	}
	while (b.n && !is_plain(b.s[b.n - 1]))
		b.n--;
	return b.n ? buf_str(&b) : STR("unnamed");
}

static struct str scalar(const struct yaml_node *map, const char *key)
{
	struct span at;
	const struct yaml_node *n =
	        map && map->kind == YAML_MAP ? yaml_find(map, key, &at) : NULL;
	return n && n->kind == YAML_SCALAR ? n->text : (struct str){0};
}

/* --- annotations -------------------------------------------------------- */

static void put_annotation(struct buf *out, struct str key, struct str value)
{
	buf_add(out, STR("    "));
	json_quote(out, key);
	buf_add(out, STR(": "));
	json_quote(out, value);
	buf_add_char(out, '\n');
}

static bool is_known(struct str key)
{
	static const char *const known[] = {"owner", "system", "lifecycle",
	                                    "type",  "title",  NULL};
	for (size_t i = 0; known[i]; i++)
		if (str_is(key, known[i]))
			return true;
	return false;
}

static void put_own(struct buf *out, const struct yaml_node *map)
{
	if (!map || map->kind != YAML_MAP)
		return;
	yaml_each_pair (key, map) {
		const struct yaml_node *value = key->next;
		if (value->kind == YAML_MAP && str_is(key->text, "annotations"))
			put_own(out, value);
		else if (value->kind == YAML_SCALAR && !is_known(key->text))
			put_annotation(out, key->text, value->text);
	}
}

static void put_annotations(struct buf *out, struct site *s,
                            const struct service *service)
{
	struct arena *a = s->page;
	struct str slug, repository = service->repository.s;
	buf_add(out, STR("  annotations:\n"));
	put_annotation(out, STR("dxcp.io/service-id"), service->name.s);
	put_annotation(out, STR("dxcp.io/service"), service->name.s);
	if (html_url_allowed(repository) && str_starts(repository, STR("http")))
		put_annotation(
		        out, STR("backstage.io/source-location"),
		        str_format(a, "url:%" STR_FMT, STR_ARG(repository)));
	if (str_starts(repository, STR("https://github.com/"))) {
		slug = str_from(repository, strlen("https://github.com/"));
		if (str_ends(slug, STR(".git")))
			slug.n -= strlen(".git");
		while (str_ends(slug, STR("/")))
			slug.n--;
		put_annotation(out, STR("github.com/project-slug"), slug);
	}
	if (base_url(s).n)
		put_annotation(
		        out, STR("backstage.io/view-url"),
		        address_of(s, "",
		                   str_format(a,
		                              "services/%" STR_FMT
		                              "/index.html",
		                              STR_ARG(words_slug(
		                                      a, service->name.s)))));
	put_own(out, service->backstage.node);
}

/* --- links -------------------------------------------------------------- */

static void put_link(struct buf *out, struct str title, struct str url,
                     struct str icon)
{
	if (!html_url_allowed(url) || !str_starts(url, STR("http")))
		return;
	buf_add(out, STR("    - url: "));
	json_quote(out, url);
	buf_add_char(out, '\n');
	put(out, "      ", "title", title);
	put(out, "      ", "icon", icon);
}

static void put_listed(struct buf *out, const struct yaml_node *list)
{
	yaml_each (item, list)
		if (item->kind == YAML_SCALAR)
			put_link(out, (struct str){0}, item->text,
			         (struct str){0});
		else
			put_link(out, scalar(item, "title"),
			         scalar(item, "url"), scalar(item, "icon"));
}

static void put_links(struct buf *out, struct site *s,
                      const struct service *service)
{
	struct arena *a = s->page;
	const struct yaml_node *node = service->links.node;
	struct buf links = buf_new(a, 1 << 20);
	if (base_url(s).n)
		put_link(&links, STR("Delivery"),
		         address_of(s, "",
		                    str_format(a,
		                               "services/%" STR_FMT
		                               "/index.html",
		                               STR_ARG(words_slug(
		                                       a, service->name.s)))),
		         STR("dashboard"));
	if (node && node->kind == YAML_LIST)
		put_listed(&links, node);
	if (node && node->kind == YAML_MAP)
		yaml_each_pair (key, node)
			if (key->next->kind == YAML_SCALAR)
				put_link(&links, key->text, key->next->text,
				         (struct str){0});
	if (!links.n)
		return;
	buf_add(out, STR("  links:\n"));
	buf_add(out, buf_str(&links));
}

/* --- entities ----------------------------------------------------------- */

static struct str first_of(struct str a, struct str b)
{
	return a.n ? a : b;
}

static void put_component(struct export *x, const struct service *service)
{
	struct site *s = x->s;
	struct arena *a = s->page;
	struct buf *out = &s->text;
	const struct yaml_node *own = service->backstage.node;
	const struct group *g = policy_group_of(s->policy, service->name.s);
	struct str name = entity_name(a, service->name.s);
	struct str title = scalar(own, "title");
	buf_add(out, STR("---\napiVersion: backstage.io/v1alpha1\n"
	                 "kind: Component\nmetadata:\n"));
	put(out, "  ", "name", name);
	put(out, "  ", "title",
	    title.n || str_eq(name, service->name.s) ? title : service->name.s);
	put(out, "  ", "description", words_line(a, service->description.s));
	put_annotations(out, s, service);
	put_links(out, s, service);
	buf_add(out, STR("spec:\n"));
	put(out, "  ", "type", first_of(scalar(own, "type"), STR("service")));
	put(out, "  ", "lifecycle",
	    first_of(scalar(own, "lifecycle"), STR("production")));
	put(out, "  ", "owner",
	    first_of(scalar(own, "owner"),
	             first_of(service->owner.s, STR("unknown"))));
	put(out, "  ", "system",
	    first_of(scalar(own, "system"),
	             g ? entity_name(a, g->id.s) : (struct str){0}));
}

/* Its owner is what the first of its services names; Backstage wants one. */
static struct str owner_of(const struct site *s, const struct group *g)
{
	for (size_t i = 0; i < g->services.n; i++) {
		const struct service *service =
		        policy_service(s->policy, g->services.at[i].s);
		if (service && service->owner.s.n)
			return service->owner.s;
	}
	return STR("unknown");
}

static void put_system(struct export *x, const struct group *g)
{
	struct site *s = x->s;
	struct buf *out = &s->text;
	buf_add(out, STR("---\napiVersion: backstage.io/v1alpha1\n"
	                 "kind: System\nmetadata:\n"));
	put(out, "  ", "name", entity_name(s->page, g->id.s));
	put(out, "  ", "title", g->name.s);
	put(out, "  ", "description", words_line(s->page, g->description.s));
	buf_add(out, STR("spec:\n"));
	put(out, "  ", "owner", owner_of(s, g));
}

void export_backstage(struct export *x)
{
	const struct policy *p = x->s->policy;
	for (size_t i = 0; i < p->groups.n; i++)
		put_system(x, p->groups.at[i]);
	for (size_t i = 0; i < p->services.n; i++)
		put_component(x, p->services.at[i]);
}
