/* find/: everything that has a page, by its first letter: what the search finds
   where there is no script. */
#include "render/parts.h"

#include <stdlib.h>

struct found {
	struct str text, href, what; /* href: from the root */
};
static const struct field found_list[] = {
        FIELD_TEXT(struct found, text),
        FIELD_TEXT(struct found, href),
        FIELD_TEXT(struct found, what),
};
static const struct fields found_fields = FIELDS(struct found, found_list);

struct letter {
	struct str letter, slug; /* "A", "a" */
	VEC(struct found) names;
};
static const struct field letter_list[] = {
        FIELD_TEXT(struct letter, letter),
        FIELD_TEXT(struct letter, slug),
        FIELD_LIST(struct letter, names, &found_fields),
};
static const struct fields letter_fields = FIELDS(struct letter, letter_list);

struct month_row {
	struct str slug, words;
	int64_t first, last, count;
};
static const struct field month_list[] = {
        FIELD_TEXT(struct month_row, slug), FIELD_TEXT(struct month_row, words),
        FIELD_INT(struct month_row, first), FIELD_INT(struct month_row, last),
        FIELD_INT(struct month_row, count),
};
static const struct fields month_fields = FIELDS(struct month_row, month_list);

struct names {
	struct found *at;
	size_t n, cap;
};

struct view {
	struct frame frame;
	struct lede lede;
	VEC(struct letter) letters;
	bool has_letters;
	struct names codes, people;
	bool has_people;
	VEC(struct month_row) months;
	bool has_months;
};
static const struct field view_list[] = {
        FIELD_STRUCT(struct view, frame, &frame_fields),
        FIELD_LIST(struct view, lede, &run_fields),
        FIELD_LIST(struct view, letters, &letter_fields),
        FIELD_BOOL(struct view, has_letters),
        FIELD_LIST(struct view, codes, &found_fields),
        FIELD_LIST(struct view, people, &found_fields),
        FIELD_BOOL(struct view, has_people),
        FIELD_LIST(struct view, months, &month_fields),
        FIELD_BOOL(struct view, has_months),
};
static const struct fields view_fields = FIELDS(struct view, view_list);

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* In the order of a phone book: without regard to letter case. */
static int found_cmp(const void *pa, const void *pb)
{
	const struct found *a = pa, *b = pb;
	for (size_t i = 0; i < a->text.n && i < b->text.n; i++) {
		char x = lower(a->text.s[i]), y = lower(b->text.s[i]);
		if (x != y)
			return (unsigned char)x < (unsigned char)y ? -1 : 1;
	}
	if (a->text.n != b->text.n)
		return a->text.n < b->text.n ? -1 : 1;
	int order = str_cmp(a->text, b->text);
	return order ? order : str_cmp(a->href, b->href);
}

static void sort_names(struct names *l)
{
	if (l->n)
		qsort(l->at, l->n, sizeof *l->at, found_cmp);
}

static void add_page(struct names *l, struct site *s, struct str text,
                     const char *folder, struct str what)
{
	*vec_add(s->page, l) = (struct found){
	        text,
	        str_format(s->page, "%s/%" STR_FMT "/index.html", folder,
	                   STR_ARG(words_slug(s->page, text))),
	        what};
}

static struct names named_pages(struct site *s)
{
	const struct policy *p = s->policy;
	struct names l = {0};
	vec_each (struct history_service, of, &s->history.services)
		add_page(&l, s, of->name, "services",
		         of->group ? str_format(s->page, "service of %" STR_FMT,
		                                STR_ARG(of->group->id.s))
		                   : STR("service"));
	vec_each (struct history_environment, e, &s->history.environments)
		add_page(&l, s, e->name, "environments", STR("environment"));
	for (size_t i = 0; i < p->groups.n; i++)
		add_page(&l, s, p->groups.at[i]->id.s, "groups",
		         str_format(s->page, "group %" STR_FMT,
		                    STR_ARG(p->groups.at[i]->name.s)));
	for (size_t i = 0; i < p->recipes.n; i++)
		add_page(&l, s, p->recipes.at[i]->id.s, "policy/recipes",
		         STR("recipe"));
	sort_names(&l);
	return l;
}

static void fill_letters(struct view *v, struct site *s)
{
	struct arena *a = s->page;
	struct names l = named_pages(s);
	vec_each (struct found, f, &l) {
		char c = f->text.n ? lower(f->text.s[0]) : ' ';
		bool plain = c >= 'a' && c <= 'z';
		struct str slug = plain ? str_format(a, "%c", c) : STR("other");
		struct letter *last =
		        v->letters.n ? &v->letters.at[v->letters.n - 1] : NULL;
		if (!last || !str_eq(last->slug, slug)) {
			last = vec_add(a, &v->letters);
			last->slug = slug;
			last->letter =
			        plain ? str_format(a, "%c", c - 'a' + 'A')
			              : STR("0-9 and others");
		}
		*vec_add(a, &last->names) = *f;
	}
	v->has_letters = v->letters.n > 0;
}

static void fill_codes(struct view *v, struct site *s)
{
	for (int i = 1; i < DIAG_CODE_COUNT; i++) {
		const struct diag_info *info = diag_info((enum diag_code)i);
		add_page(&v->codes, s, str_of(info->name), "codes",
		         str_of(info->summary));
	}
	sort_names(&v->codes);
}

static void add_person(struct view *v, struct site *s, struct str who,
                       struct str what, struct str href)
{
	*vec_add(s->page, &v->people) = (struct found){who, href, what};
}

static void add_roles(struct view *v, struct site *s, const struct texts *who,
                      const char *what)
{
	for (size_t i = 0; i < who->n; i++)
		add_person(v, s, who->at[i].s, str_of(what),
		           STR("policy/index.html#people"));
}

/* Who has a say by the policy; nobody's deeds are counted. */
static void fill_people(struct view *v, struct site *s)
{
	const struct policy *p = s->policy;
	if (s->in->redact)
		return;
	add_roles(v, s, &p->roles.platform_admin, "platform admin");
	add_roles(v, s, &p->roles.ci_publisher, "CI publisher");
	add_roles(v, s, &p->roles.observer, "observer");
	for (size_t i = 0; i < p->groups.n; i++) {
		const struct group *g = p->groups.at[i];
		for (size_t k = 0; k < g->owners.n; k++)
			add_person(v, s, g->owners.at[k].s,
			           str_format(s->page, "owner of %" STR_FMT,
			                      STR_ARG(g->id.s)),
			           str_format(s->page,
			                      "groups/%" STR_FMT "/index.html",
			                      STR_ARG(words_slug(s->page,
			                                         g->id.s))));
	}
	sort_names(&v->people);
	v->has_people = v->people.n > 0;
}

static void fill_months(struct view *v, struct site *s)
{
	for (size_t i = s->history.months.n; i > 0; i--) {
		const struct month *m = &s->history.months.at[i - 1];
		*vec_add(s->page, &v->months) =
		        (struct month_row){month_slug(s->page, m->month),
		                           month_words(s->page, m->month),
		                           m->first, m->last, m->count};
	}
	v->has_months = v->months.n > 0;
}

static bool write_find(struct site *s, struct fail *why)
{
	const struct str path = STR("find/index.html");
	struct view v = {.frame = frame_of(s, path, NAV_NONE)};
	fill_letters(&v, s);
	fill_codes(&v, s);
	fill_people(&v, s);
	fill_months(&v, s);
	lede_add(&v.lede, s->page,
	         "Every service, environment, group, recipe and code by name, "
	         "and every deployment by its month.");
	v.frame.title = STR("Find");
	v.frame.description = lede_text(&v.lede, s->page);
	return site_page(s, &view_find, path, &v, why);
}

const struct page_kind view_find = {
        .name = "find",
        .fields = &view_fields,
        .write = write_find,
        .about = "an index of everything that has a page",
};
