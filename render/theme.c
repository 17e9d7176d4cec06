#include "render/theme.h"

#include "core/embedded.h"
#include "render/style.h"

#include <stdlib.h>
#include <string.h>

#define TEMPLATES STR("templates/")
#define PARTIALS STR("templates/partials/")
#define SITE STR("site/")
#define GUIDE STR("site/guide/")

struct piece { /* one file, the user's or the built-in one */
	struct str path, text;
};
struct pieces {
	VEC(struct piece) list;
};

static int piece_cmp(const void *a, const void *b)
{
	return str_cmp(((const struct piece *)a)->path,
	               ((const struct piece *)b)->path);
}

static bool is_ours(struct str path)
{
	return str_starts(path, TEMPLATES) || str_starts(path, SITE);
}

/* All files, the user's in place of the built-in ones, by path. */
static struct pieces gather(struct arena *a,
                            const struct source *const *overrides, size_t n)
{
	struct map users = map_new(a);
	struct pieces all = {0};
	for (size_t i = 0; i < n; i++) {
		if (!is_ours(overrides[i]->path))
			continue;
		struct piece *p = vec_add(a, &all.list);
		*p = (struct piece){overrides[i]->path, overrides[i]->text};
		map_put(&users, p->path, a);
	}
	for (size_t i = 0; i < embedded_count; i++) {
		struct str path = str_of(embedded_files[i].path);
		if (!is_ours(path) || map_find(&users, path))
			continue;
		*vec_add(a, &all.list) =
		        (struct piece){path,
		                       {(const char *)embedded_files[i].bytes,
		                        embedded_files[i].size}};
	}
	if (all.list.n)
		qsort(all.list.at, all.list.n, sizeof *all.list.at, piece_cmp);
	return all;
}

static void add_template(struct theme *t, struct arena *a,
                         const struct piece *p, struct diags *ds)
{
	bool partial = str_starts(p->path, PARTIALS);
	struct str name = str_from(p->path, (partial ? PARTIALS : TEMPLATES).n);
	if (!str_ends(name, STR(".html")))
		return;
	name.n -= 5;
	struct template *parsed =
	        template_parse(a, source_new(a, p->path, p->text), ds);
	if (parsed)
		map_put(partial ? &t->partials : &t->pages, name, parsed);
}

/* The first heading, else the file's name. */
static struct str title_of(struct arena *a, struct str text, struct str stem)
{
	struct str line;
	while (str_next(&text, '\n', &line))
		if (str_starts(line, STR("# ")))
			return str_trim(str_from(line, 2));
	struct str head, tail = stem;
	while (str_cut(tail, '/', &head, &tail))
		;
	return str_copy(a, head);
}

static void add_guide(struct theme *t, struct arena *a, const struct piece *p)
{
	struct str stem = str_from(p->path, GUIDE.n);
	stem.n -= 3; /* .md */
	struct guide_page *page = vec_add(a, &t->guide);
	page->text = p->text;
	page->title = title_of(a, p->text, stem);
	bool index = str_is(stem, "index") || str_ends(stem, STR("/index"));
	if (index)
		stem.n -= 5;
	page->path = str_format(a, "guide/%" STR_FMT "%sindex.html",
	                        STR_ARG(stem), index ? "" : "/");
}

static void add_file(struct theme *t, struct arena *a, const struct piece *p)
{
	bool guide = str_starts(p->path, GUIDE);
	if (guide && str_ends(p->path, STR(".md"))) {
		add_guide(t, a, p);
		return;
	}
	struct str name = str_from(p->path, SITE.n);
	struct str text =
	        str_is(name, "style.css") ? style_compact(a, p->text) : p->text;
	struct sha256_hex hex = sha256_of(text);
	struct str to = str_format(a, "%s%" STR_FMT, guide ? "" : "assets/",
	                           STR_ARG(name));
	if (str_is(name, "style.css"))
		to = t->css = str_format(a, "assets/site-%.8s.css", hex.s);
	else if (str_is(name, "site.js"))
		to = t->js = str_format(a, "assets/site-%.8s.js", hex.s);
	else if (str_is(name, "icon.svg"))
		t->icon = to;
	*vec_add(a, &t->files) = (struct theme_file){to, text};
}

static int guide_cmp(const void *a, const void *b)
{
	const struct guide_page *x = a, *y = b;
	bool first_x = str_is(x->path, "guide/index.html");
	bool first_y = str_is(y->path, "guide/index.html");
	return first_x != first_y ? (first_x ? -1 : 1)
	                          : str_cmp(x->path, y->path);
}

static struct sha256_hex digest_of(struct arena *a, const struct pieces *all)
{
	struct str *parts = arena_array(a, 3 * all->list.n, sizeof *parts);
	for (size_t i = 0; i < all->list.n; i++) {
		const struct piece *p = &all->list.at[i];
		parts[3 * i] = p->path;
		parts[3 * i + 1] = str_format(a, " %zu\n", p->text.n);
		parts[3 * i + 2] = p->text;
	}
	return sha256_of_parts(parts, 3 * all->list.n);
}

struct theme *theme_load(struct arena *a, const struct source *const *overrides,
                         size_t noverrides, struct diags *ds)
{
	struct theme *t = ARENA_NEW(a, struct theme);
	t->pages = map_new(a);
	t->partials = map_new(a);
	struct pieces all = gather(a, overrides, noverrides);
	vec_each (struct piece, p, &all.list) {
		if (str_starts(p->path, TEMPLATES))
			add_template(t, a, p, ds);
		else
			add_file(t, a, p);
	}
	if (t->guide.n)
		qsort(t->guide.at, t->guide.n, sizeof *t->guide.at, guide_cmp);
	t->digest = digest_of(a, &all);
	return t;
}
