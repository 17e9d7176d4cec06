/* guide/ from Markdown, and 404.html. */
#include "render/markdown.h"
#include "render/parts.h"

struct entry {
	struct str path, title;
};
static const struct field entry_list[] = {
        FIELD_TEXT(struct entry, path),
        FIELD_TEXT(struct entry, title),
};
static const struct fields entry_fields = FIELDS(struct entry, entry_list);

struct view {
	struct frame frame;
	bool is_index;
	struct str title, body, markdown; /* markdown: for the twin */
	VEC(struct entry) pages;
};
static const struct field view_list[] = {
        FIELD_STRUCT(struct view, frame, &frame_fields),
        FIELD_BOOL(struct view, is_index),
        FIELD_TEXT(struct view, title),
        FIELD_HTML(struct view, body),
        FIELD_TEXT(struct view, markdown),
        FIELD_LIST(struct view, pages, &entry_fields),
};
static const struct fields view_fields = FIELDS(struct view, view_list);

static const struct str index_path = {"guide/index.html", 16};

static bool write_page(struct site *s, struct str path, struct str title,
                       struct str text, struct fail *why)
{
	struct arena *a = s->page;
	struct view v = {.frame = frame_of(s, path, NAV_GUIDE),
	                 .is_index = str_eq(path, index_path),
	                 .title = title,
	                 .markdown = text};
	struct buf body = buf_new(a, (size_t)16 * MARKDOWN_MAX_BYTES);
	if (!markdown_html(&body, text))
		return fail_set(why, FAIL_INPUT,
		                "the page for %" STR_FMT
		                " is longer than %d bytes",
		                STR_ARG(path), MARKDOWN_MAX_BYTES);
	v.body = buf_str(&body);
	for (size_t i = 0; i < s->theme->guide.n; i++) {
		const struct guide_page *page = &s->theme->guide.at[i];
		*vec_add(a, &v.pages) = (struct entry){page->path, page->title};
	}
	v.frame.title = title;
	v.frame.description = title;
	return site_page(s, &view_guide, path, &v, why);
}

static bool write_all(struct site *s, struct fail *why)
{
	bool index = false;
	for (size_t i = 0; i < s->theme->guide.n; i++) {
		const struct guide_page *page = &s->theme->guide.at[i];
		index = index || str_eq(page->path, index_path);
		if (!write_page(s, page->path, page->title, page->text, why))
			return false;
	}
	/* Every page links to the guide: there is an index in any case. */
	return index || write_page(s, index_path, STR("Guide"),
	                           STR("# Guide\n\nHow to work with this "
	                               "site's repository, page by page.\n"),
	                           why);
}

const struct page_kind view_guide = {
        .name = "guide",
        .fields = &view_fields,
        .reads = READS_POLICY,
        .write = write_all,
        .about = "pages written in Markdown",
};

/* --- 404.html ----------------------------------------------------------- */

struct lost {
	struct frame frame;
	struct str home;
};
static const struct field lost_list[] = {
        FIELD_STRUCT(struct lost, frame, &frame_fields),
        FIELD_URL(struct lost, home),
};
static const struct fields lost_fields = FIELDS(struct lost, lost_list);

/* A server shows it at any depth, so nothing relative works on it. */
static bool write_lost(struct site *s, struct fail *why)
{
	const struct str path = STR("404.html");
	struct lost v = {.frame = frame_of(s, path, NAV_NONE)};
	struct str base = s->policy->platform.site.base_url.s;
	if (str_starts(base, STR("https://")) ||
	    str_starts(base, STR("http://"))) {
		v.frame.root =
		        str_format(s->page, "%" STR_FMT "%s", STR_ARG(base),
		                   str_ends(base, STR("/")) ? "" : "/");
		v.home = str_format(s->page, "%" STR_FMT "index.html",
		                    STR_ARG(v.frame.root));
	}
	v.frame.title = STR("Not found");
	return site_page(s, &view_not_found, path, &v, why);
}

const struct page_kind view_not_found = {
        .name = "404",
        .fields = &lost_fields,
        .reads = READS_POLICY,
        .write = write_lost,
        .about = "what a server shows where there is no page",
};
