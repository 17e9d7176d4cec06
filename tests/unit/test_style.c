#include "core/embedded.h"
#include "render/style.h"
#include "tests/lib/tap.h"

static void test_cases(struct arena *a)
{
	static const struct {
		const char *css, *want, *what;
	} cases[] = {
	        {"", "", "nothing"},
	        {"/* a */", "", "a comment"},
	        {"/* never closed", "", "a comment without end"},
	        {"a { color: red; }\n\n  b { top: 0 }\n",
	         "a{color:red;}b{top:0}", "rules"},
	        {"a :hover, a:hover > b + c { x: y }",
	         "a :hover,a:hover > b + c{x:y}",
	         "what combines selectors stays"},
	        {"a/**/b { x: 1px/**/2px }", "a b{x:1px 2px}",
	         "a comment parts words"},
	        {"a::before { content: \"  /* no */ } ; \" }",
	         "a::before{content:\"  /* no */ } ; \"}", "a string"},
	        {"a { content: '\\'  {' ; }", "a{content:'\\'  {';}",
	         "a quote in a string"},
	        {"a { content: \"open", "a{content:\"open",
	         "a string without end"},
	        {"a { width: calc( 50% - 2px ); }",
	         "a{width:calc( 50% - 2px );}",
	         "a difference keeps its spaces"},
	        {"@media screen and (max-width: 48rem) { a { b: c } }",
	         "@media screen and (max-width: 48rem){a{b:c}}",
	         "a query keeps its words apart"},
	        {"a { margin: 0 -1px; b: c !important }",
	         "a{margin:0 -1px;b:c !important}", "values keep theirs"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		is_str(style_compact(a, str_of(cases[i].css)), cases[i].want,
		       "%s", cases[i].what);
}

static void test_own(struct arena *a)
{
	for (size_t i = 0; i < embedded_count; i++) {
		const struct embedded_file *f = &embedded_files[i];
		if (!str_is(str_of(f->path), "site/style.css"))
			continue;
		struct str css = {(const char *)f->bytes, f->size};
		struct str small = style_compact(a, css);
		ok(small.n < 30000 && small.n > 10000,
		   "the built-in sheet is small (%zu of %zu)", small.n, css.n);
		is_str(style_compact(a, small), str_cstr(a, small),
		       "and as small as it gets");
	}
}

int main(void)
{
	struct arena *a = arena_new();
	test_cases(a);
	test_own(a);
	arena_free(a);
	return tap_done();
}
