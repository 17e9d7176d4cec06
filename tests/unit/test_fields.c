/*
 * Structs as the data of templates: what each kind prints, when it is true,
 * and what template_check finds before a page is made.
 */
#include "core/vec.h"
#include "render/template.h"
#include "tests/lib/tap.h"

struct step {
	struct str name, href;
	int64_t tries;
};
static const struct field step_list[] = {
        FIELD_TEXT(struct step, name),
        FIELD_URL(struct step, href),
        FIELD_INT(struct step, tries),
};
static const struct fields step_fields = FIELDS(struct step, step_list);

struct page {
	struct str title, href, chart;
	int64_t count, at;
	bool live;
	VEC(struct step) steps;
	VEC(struct str) tags;
	struct step last;
	const struct step *undo;
};
static const struct field page_list[] = {
        FIELD_TEXT(struct page, title),
        FIELD_URL(struct page, href),
        FIELD_HTML(struct page, chart),
        FIELD_INT(struct page, count),
        FIELD_TIME(struct page, at),
        FIELD_BOOL(struct page, live),
        FIELD_LIST(struct page, steps, &step_fields),
        FIELD_TEXTS(struct page, tags),
        FIELD_STRUCT(struct page, last, &step_fields),
        FIELD_OPT(struct page, undo, &step_fields),
};
static const struct fields page_fields = FIELDS(struct page, page_list);

static struct page full_page(struct arena *a)
{
	struct page page = {
	        .title = STR("<T> & 'q'"),
	        .href = STR("a?b&c"),
	        .chart = STR("<svg/>"),
	        .count = -12,
	        .at = 1763625600, /* 2025-11-20T08:00:00Z */
	        .live = true,
	        .last = {STR("last"), STR("javascript:x"), 3},
	};
	*vec_add(a, &page.steps) = (struct step){STR("one"), STR("1"), 1};
	*vec_add(a, &page.steps) = (struct step){STR("<2>"), STR("2"), 0};
	*vec_add(a, &page.tags) = STR("x");
	*vec_add(a, &page.tags) = STR("<y>");
	struct step *undo = ARENA_NEW(a, struct step);
	undo->name = STR("undo");
	page.undo = undo;
	return page;
}

static struct template *parse(struct arena *a, const char *path,
                              const char *text, struct diags *ds)
{
	return template_parse(a, source_new(a, str_of(path), str_of(text)), ds);
}

static const struct {
	const char *name, *template, *full, *empty;
} examples[] = {
        {"text is escaped", "{{title}}", "&lt;T&gt; &amp; &#39;q&#39;", ""},
        {"text is escaped even in three braces", "{{{title}}}",
         "&lt;T&gt; &amp; &#39;q&#39;", ""},
        {"text is escaped even after &", "{{&title}}",
         "&lt;T&gt; &amp; &#39;q&#39;", ""},
        {"an address", "{{href}}", "a?b&amp;c", "#"},
        {"an address raw is as safe", "{{{href}}}", "a?b&amp;c", "#"},
        {"a dangerous address", "{{last.href}}", "#", "#"},
        {"HTML of our own", "{{chart}}{{{chart}}}", "<svg/><svg/>", ""},
        {"a number", "{{count}}", "-12", "0"},
        {"an instant", "{{at}}", "2025-11-20T08:00:00Z",
         "1970-01-01T00:00:00Z"},
        {"a flag", "{{live}}", "true", "false"},
        {"a struct by dots", "{{last.name}} {{last.tries}}", "last 3", " 0"},
        {"an optional struct by dots", "{{undo.name}}", "undo", ""},
        {"a list", "{{#steps}}{{name}}:{{tries}} {{/steps}}",
         "one:1 &lt;2&gt;:0 ", ""},
        {"a list of texts", "{{#tags}}({{.}}){{/tags}}", "(x)(&lt;y&gt;)", ""},
        {"a list of texts raw", "{{#tags}}({{{.}}}){{/tags}}", "(x)(&lt;y&gt;)",
         ""},
        {"outer fields in a list", "{{#steps}}{{count}};{{/steps}}", "-12;-12;",
         ""},
        {"an item's field hides the page's",
         "{{#steps}}{{href}}{{/steps}}{{href}}", "12a?b&amp;c", "#"},
        {"a text as section", "{{#title}}[{{.}}]{{/title}}",
         "[&lt;T&gt; &amp; &#39;q&#39;]", ""},
        {"a flag as section", "{{#live}}on{{/live}}{{^live}}off{{/live}}", "on",
         "off"},
        {"a number as section", "{{#count}}n{{/count}}{{^count}}0{{/count}}",
         "n", "0"},
        {"an instant as section", "{{#at}}at{{/at}}{{^at}}never{{/at}}", "at",
         "never"},
        {"HTML as section", "{{#chart}}{{.}}{{/chart}}{{^chart}}-{{/chart}}",
         "<svg/>", "-"},
        {"an address as section", "{{#href}}a{{/href}}{{^href}}-{{/href}}", "a",
         "-"},
        {"a list inverted", "{{^steps}}none{{/steps}}{{^tags}}no{{/tags}}", "",
         "noneno"},
        {"a struct is always there", "{{#last}}{{name}}!{{/last}}", "last!",
         "!"},
        {"an optional struct", "{{#undo}}{{name}}{{/undo}}{{^undo}}-{{/undo}}",
         "undo", "-"},
        {"the page is the context of a partial", "{{#steps}}{{>row}}{{/steps}}",
         "<one><&lt;2&gt;>", ""},
};

static void test_examples(struct arena *a)
{
	struct diags ds = diags_new(a);
	struct map partials = map_new(a);
	map_put(&partials, STR("row"), parse(a, "row", "<{{name}}>", &ds));
	struct page full = full_page(a), empty = {0};

	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
		struct template *t =
		        parse(a, "page", examples[i].template, &ds);
		struct buf out = buf_new(a, 4096);
		template_run(&out, t, &partials,
		             fields_value(&page_fields, &full));
		is_str(buf_str(&out), examples[i].full, "%s", examples[i].name);
		buf_reset(&out);
		template_run(&out, t, &partials,
		             fields_value(&page_fields, &empty));
		is_str(buf_str(&out), examples[i].empty, "%s, empty",
		       examples[i].name);
	}
	ok(!ds.n, "all of them parse");
}

/* finding: NULL where all is well. hint likewise. */
static const struct {
	const char *name, *template, *finding, *hint;
} checks[] = {
        {"every kind", "{{title}}{{href}}{{chart}}{{count}}{{at}}{{live}}",
         NULL, NULL},
        {"HTML raw", "{{{chart}}}{{&chart}}", NULL, NULL},
        {"names of items", "{{#steps}}{{name}}{{title}}{{/steps}}", NULL, NULL},
        {"texts", "{{#tags}}{{.}}{{title}}{{/tags}}", NULL, NULL},
        {"a field as section", "{{#title}}{{.}}{{count}}{{/title}}", NULL,
         NULL},
        {"dots", "{{last.name}}{{#undo}}{{name}}{{/undo}}{{undo.tries}}", NULL,
         NULL},
        {"a partial", "{{#steps}}{{>row}}{{/steps}}", NULL, NULL},
        {"a partial that uses itself", "{{>tree}}", NULL, NULL},
        {"an unknown name", "{{titel}}", "there is no field \"titel\" here",
         "Did you mean \"title\"?"},
        {"a name that is like no other", "{{wonderful}}",
         "there is no field \"wonderful\" here", NULL},
        {"an unknown section", "{{#stepz}}{{x}}{{/stepz}}",
         "there is no field \"stepz\" here", "Did you mean \"steps\"?"},
        {"an unknown inverted section", "{{^stepz}}{{/stepz}}",
         "there is no field \"stepz\" here", "Did you mean \"steps\"?"},
        {"a name of items outside the list", "{{tries}}",
         "there is no field \"tries\" here", NULL},
        {"an item's name that is nearly one", "{{#steps}}{{tires}}{{/steps}}",
         "there is no field \"tires\" here", "Did you mean \"tries\"?"},
        {"an inverted section is no context", "{{^steps}}{{name}}{{/steps}}",
         "there is no field \"name\" here", NULL},
        {"an unknown name after a dot", "{{last.nam}}",
         "there is no field \"nam\" here", "Did you mean \"name\"?"},
        {"a name after a dot is not looked for outside", "{{last.title}}",
         "there is no field \"title\" here", NULL},
        {"a name in a text", "{{title.name}}",
         "there is no field \"name\" here", NULL},
        {"a name in a list", "{{steps.name}}",
         "there is no field \"name\" here", NULL},
        {"text raw", "{{{title}}}",
         "\"title\" is not HTML: it is escaped always, write {{name}}", NULL},
        {"a number raw", "{{&count}}",
         "\"count\" is not HTML: it is escaped always, write {{name}}", NULL},
        {"a list as text", "{{steps}}",
         "\"steps\" is a list or a struct: use it as a section", NULL},
        {"a struct as text", "{{last}}",
         "\"last\" is a list or a struct: use it as a section", NULL},
        {"an optional struct as text", "{{undo}}",
         "\"undo\" is a list or a struct: use it as a section", NULL},
        {"a struct as itself", "{{#steps}}{{.}}{{/steps}}",
         "\".\" is a struct here: name a field", NULL},
        {"an unknown partial", "{{>rows}}", "there is no partial \"rows\" here",
         "Did you mean \"row\"?"},
        {"a partial in the wrong context", "{{>row}}",
         "there is no field \"name\" here", NULL},
};

static struct map some_partials(struct arena *a, struct diags *ds)
{
	struct map partials = map_new(a);
	map_put(&partials, STR("row"), parse(a, "row", "{{name}}", ds));
	map_put(&partials, STR("tree"),
	        parse(a, "tree", "{{title}}{{#steps}}{{>tree}}{{/steps}}", ds));
	return partials;
}

static void test_checks(void)
{
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		struct arena *a = arena_new();
		struct diags ds = diags_new(a);
		struct map partials = some_partials(a, &ds);
		struct template *t = parse(a, "page", checks[i].template, &ds);
		const char *want = checks[i].finding;
		const char *hint = checks[i].hint;
		bool fine = template_check(t, &partials, &page_fields, &ds);
		ok(fine == !want && ds.n == (want != NULL), "%s: %d findings",
		   checks[i].name, want != NULL);
		is_str(ds.n ? ds.at[0].message : STR(""), want ? want : "",
		       "%s: the message", checks[i].name);
		is_str(ds.n ? ds.at[0].hint : STR(""), hint ? hint : "",
		       "%s: the hint", checks[i].name);
		arena_free(a);
	}
}

static void test_check_in_partial(void)
{
	struct arena *a = arena_new();
	struct diags ds = diags_new(a);
	struct map partials = some_partials(a, &ds);
	struct template *t = parse(a, "page", "a\n{{>row}}", &ds);
	template_check(t, &partials, &page_fields, &ds);
	struct diag *d = &ds.at[0];
	ok(ds.n == 1 && str_is(d->at.src->path, "row"),
	   "a finding in a partial stands in the partial's file");
	ok(ds.n == 1 && d->notes && str_is(d->notes->at.src->path, "page") &&
	           d->notes->at.start == 2,
	   "with a note on the tag that uses it");
	arena_free(a);
}

/* p0 uses p1 `width` times, p1 p2, and so on; the last is plain. */
static bool check_chain(size_t depth, size_t width, struct diags *ds)
{
	struct arena *a = ds->arena;
	struct map partials = map_new(a);
	for (size_t i = 0; i < depth; i++) {
		struct buf text = buf_new(a, 4096);
		buf_add_char(&text, 'x');
		for (size_t k = 0; i + 1 < depth && k < width; k++)
			buf_format(&text, "{{>p%zu}}", i + 1);
		map_put(&partials, str_format(a, "p%zu", i),
		        parse(a, "p", str_cstr(a, buf_str(&text)), ds));
	}
	struct template *t = parse(a, "page", "{{>p0}}", ds);
	bool fine = template_check(t, &partials, &page_fields, ds);
	struct buf out = buf_new(a, 1 << 20);
	struct page page = {0};
	bool whole = template_run(&out, t, &partials,
	                          fields_value(&page_fields, &page));
	ok(fine == whole || width > 1, "a run agrees with its check");
	return fine;
}

static void test_check_limits(void)
{
	struct arena *a = arena_new();
	struct diags ds = diags_new(a);
	ok(check_chain(TEMPLATE_MAX_PARTIALS, 1, &ds), "16 partials deep");
	ok(!check_chain(TEMPLATE_MAX_PARTIALS + 1, 1, &ds) && ds.n == 1,
	   "17 are a finding");
	ds = diags_new(a);
	ok(!check_chain(TEMPLATE_MAX_PARTIALS, 3, &ds) && ds.n == 1,
	   "partials that multiply are cut with one finding");
	arena_free(a);
}

int main(void)
{
	struct arena *a = arena_new();
	test_examples(a);
	test_checks();
	test_check_in_partial();
	test_check_limits();
	arena_free(a);
	return tap_done();
}
