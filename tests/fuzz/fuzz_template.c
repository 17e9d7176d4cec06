/*
 * Any bytes as a template: it is parsed, checked and run over a struct of
 * every kind, and it is its own partial. For libFuzzer: compile with clang
 * -fsanitize=fuzzer,address,undefined -DARENA_ONE_BLOCK_EACH, together with
 * all of core and render, and give it tests/fuzz/corpus/template.
 *
 * tests/unit/test_fuzz_template.c runs the corpus.
 */
#include "core/vec.h"
#include "render/template.h"

#include <assert.h>

#define HOSTILE STR("\"'<&>")

struct fuzz_item {
	struct str name;
	const struct fuzz_item *inner;
	VEC(struct str) tags;
};
static const struct fields fuzz_item_fields;
static const struct field fuzz_item_list[] = {
        FIELD_TEXT(struct fuzz_item, name),
        FIELD_OPT(struct fuzz_item, inner, &fuzz_item_fields),
        FIELD_TEXTS(struct fuzz_item, tags),
};
static const struct fields fuzz_item_fields =
        FIELDS(struct fuzz_item, fuzz_item_list);

struct fuzz_page {
	struct str a, url, html;
	int64_t n, t;
	bool b;
	VEC(struct fuzz_item) l;
	struct fuzz_item s;
};
static const struct field fuzz_page_list[] = {
        FIELD_TEXT(struct fuzz_page, a),
        FIELD_URL(struct fuzz_page, url),
        FIELD_HTML(struct fuzz_page, html),
        FIELD_INT(struct fuzz_page, n),
        FIELD_TIME(struct fuzz_page, t),
        FIELD_BOOL(struct fuzz_page, b),
        FIELD_LIST(struct fuzz_page, l, &fuzz_item_fields),
        FIELD_STRUCT(struct fuzz_page, s, &fuzz_item_fields),
};
static const struct fields fuzz_page_fields =
        FIELDS(struct fuzz_page, fuzz_page_list);

static void fuzz_fill(struct arena *a, struct fuzz_page *page)
{
	*page = (struct fuzz_page){
	        .a = HOSTILE,
	        .url = STR("https://x/\"'<&>"),
	        .html = STR("svg"),
	        .n = -1,
	        .t = 1,
	        .b = true,
	        .s = {.name = HOSTILE},
	};
	for (int i = 0; i < 3; i++) {
		struct fuzz_item *item = vec_add(a, &page->l);
		item->name = HOSTILE;
		item->inner = &page->s;
		*vec_add(a, &item->tags) = HOSTILE;
	}
}

static void fuzz_run(struct arena *a, const struct template *t,
                     const struct map *partials, struct str text)
{
	struct fuzz_page page;
	fuzz_fill(a, &page);
	struct buf out = buf_new(a, 1 << 16);
	template_run(&out, t, partials, fields_value(&fuzz_page_fields, &page));
	assert(out.n <= out.max);
	/* What the template does not write itself can only come from data. */
	for (const char *c = "<>\"'"; *c; c++)
		assert(str_has(text, *c) || !str_has(buf_str(&out), *c));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct diags ds = diags_new(a);
	struct str text = {(const char *)bytes, n};
	struct source *src = source_new(a, STR("fuzz"), text);
	struct template *t = template_parse(a, src, &ds);

	assert((t != NULL) == (ds.n == 0));
	struct map partials = map_new(a);
	if (t) {
		map_put(&partials, STR("p"), t);
		size_t before = ds.n;
		bool fine =
		        template_check(t, &partials, &fuzz_page_fields, &ds);
		assert(fine == (ds.n == before));
		fuzz_run(a, t, &partials, text);
	}
	struct buf shown = buf_new(a, 1 << 16);
	for (size_t i = 0; i < ds.n; i++) {
		assert(ds.at[i].at.start <= ds.at[i].at.end);
		assert(ds.at[i].at.end <= n);
		diag_print(&shown, &ds.at[i], false);
	}
	arena_free(a);
	return 0;
}
