#include "render/site_diff.h"

#include "core/files.h"
#include "render/plan.h"

enum { PAGE_MAX = 64 * 1024 * 1024 };

const char *const site_change_names[] = {"added", "removed", "changed", NULL};

struct comparing {
	struct site_changes *out;
	struct arena *arena, *page; /* page: emptied for every file */
	const char *old_dir, *new_dir;
};

static bool read_page(struct str *out, struct comparing *c, const char *dir,
                      struct str path, struct fail *why)
{
	struct str at = str_format(c->page, "%s/%" STR_FMT, dir, STR_ARG(path));
	return file_read(out, c->page, at.s, PAGE_MAX, why);
}

/* What stands between two texts; empty where they do not. */
static struct str between(struct str text, struct str from, struct str to)
{
	for (size_t i = 0; i + from.n <= text.n; i++) {
		struct str rest = str_from(text, i);
		if (!str_starts(rest, from))
			continue;
		rest = str_from(rest, from.n);
		for (size_t k = 0; k + to.n <= rest.n; k++)
			if (str_starts(str_from(rest, k), to))
				return str_head(rest, k);
		break;
	}
	return (struct str){0};
}

/* Text of a page as it was before it was escaped. */
static struct str plain(struct arena *a, struct str text)
{
	static const struct {
		struct str entity;
		char c;
	} entities[] = {{{"&amp;", 5}, '&'},
	                {{"&lt;", 4}, '<'},
	                {{"&gt;", 4}, '>'},
	                {{"&quot;", 6}, '"'},
	                {{"&#39;", 5}, '\''}};
	struct buf b = buf_new(a, text.n + 1);
	for (size_t i = 0; i < text.n;) {
		size_t n = 0;
		for (size_t k = 0; k < sizeof entities / sizeof *entities; k++)
			if (str_starts(str_from(text, i), entities[k].entity)) {
				buf_add_char(&b, entities[k].c);
				n = entities[k].entity.n;
			}
		if (!n)
			buf_add_char(&b, text.s[i]);
		i += n ? n : 1;
	}
	return str_copy(a, buf_str(&b));
}

static struct str sentence_of(struct arena *a, struct str page)
{
	return plain(a, between(page,
	                        STR("<meta name=\"description\" "
	                            "content=\""),
	                        STR("\">")));
}

static struct str title_of(struct arena *a, struct str page)
{
	struct str title = between(page, STR("<title>"), STR("</title>"));
	struct str dot = STR(" \xc2\xb7 ");
	for (size_t i = title.n; i > 0; i--)
		if (str_starts(str_from(title, i - 1), dot))
			return plain(a, str_head(title, i - 1));
	return plain(a, title);
}

static struct str main_of(struct str page)
{
	struct str text = between(page, STR("<main"), STR("</main>"));
	return text.n ? text : page;
}

static bool is_page(struct str path)
{
	return str_ends(path, STR(".html"));
}

static void add(struct comparing *c, enum site_change_kind kind,
                struct str path, struct str before, struct str after)
{
	struct arena *a = c->arena;
	*vec_add(a, c->out) = (struct site_change){
	        .kind = kind,
	        .path = str_copy(a, path),
	        .title = title_of(a, after.n ? after : before),
	        .before = sentence_of(a, before),
	        .after = sentence_of(a, after)};
}

static bool one_side(struct comparing *c, enum site_change_kind kind,
                     struct str path, struct fail *why)
{
	struct str text, none = {0};
	bool added = kind == SITE_ADDED;
	if (!is_page(path)) {
		c->out->others++;
		return true;
	}
	if (!read_page(&text, c, added ? c->new_dir : c->old_dir, path, why))
		return false;
	add(c, kind, path, added ? none : text, added ? text : none);
	return true;
}

static bool both_sides(struct comparing *c, struct str path, struct fail *why)
{
	struct str before, after;
	if (!read_page(&before, c, c->old_dir, path, why) ||
	    !read_page(&after, c, c->new_dir, path, why))
		return false;
	if (!is_page(path))
		c->out->others += !str_eq(before, after);
	else if (str_eq(main_of(before), main_of(after)))
		c->out->same++;
	else
		add(c, SITE_CHANGED, path, before, after);
	return true;
}

bool site_diff(struct site_changes *out, struct arena *a, const char *old_dir,
               const char *new_dir, struct fail *why)
{
	struct comparing c = {out, a, arena_new(), old_dir, new_dir};
	struct plan_files old, new;
	*out = (struct site_changes){0};
	bool fine = plan_files(&old, a, old_dir, why) &&
	            plan_files(&new, a, new_dir, why);
	for (size_t i = 0, k = 0; fine && (i < old.n || k < new.n);) {
		int order = i == old.n   ? 1
		            : k == new.n ? -1
		                         : str_cmp(old.at[i], new.at[k]);
		if (order < 0)
			fine = one_side(&c, SITE_REMOVED, old.at[i++], why);
		else if (order > 0)
			fine = one_side(&c, SITE_ADDED, new.at[k++], why);
		else {
			fine = both_sides(&c, old.at[i++], why);
			k++;
		}
		arena_reset(c.page);
	}
	arena_free(c.page);
	return fine;
}
