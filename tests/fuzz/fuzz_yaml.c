/* Parse, decode and print whatever comes, and hold the tree against what its
   header says of it. */
#include "core/decode.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

enum { OUT_MAX = 1 << 20, PRINTED = 50 };

struct item {
	struct text name;
	struct number weight;
};
struct document {
	struct text service, environment;
	struct number of;
	struct flag on;
	struct moment expires, soak;
	struct choice reason;
	struct texts owners;
	struct item item;
	struct list items;
	struct raw params;
};

static const char *const reasons[] = {"planned", "hotfix", "incident", NULL};
static const struct key item_keys[] = {
        KEY_TEXT(struct item, name, REQUIRED, "its name"),
        KEY_NUMBER(struct item, weight, OPTIONAL, -5, 5, "its weight"),
};
static const struct shape item_shape = SHAPE("item", struct item, item_keys);
static const struct key document_keys[] = {
        KEY_TEXT(struct document, service, REQUIRED, "the service"),
        KEY_TEXT(struct document, environment, OPTIONAL, "where to"),
        KEY_NUMBER(struct document, of, OPTIONAL, 1, INT64_MAX, "a number"),
        KEY_FLAG(struct document, on, OPTIONAL, "a flag"),
        KEY_MOMENT(struct document, expires, OPTIONAL, "an instant"),
        KEY_DURATION(struct document, soak, OPTIONAL, "a duration"),
        KEY_CHOICE(struct document, reason, OPTIONAL, reasons, "a reason"),
        KEY_TEXTS(struct document, owners, OPTIONAL, "owners"),
        KEY_STRUCT(struct document, item, OPTIONAL, &item_shape, "an item"),
        KEY_STRUCTS(struct document, items, OPTIONAL, &item_shape, "items"),
        KEY_RAW(struct document, params, OPTIONAL, "anything"),
};
static const struct shape document_shape =
        SHAPE("document", struct document, document_keys);

static void check_span(const struct source *src, struct span at)
{
	assert(at.src == src);
	assert(at.start <= at.end && at.end <= src->text.n);
	struct str s =
	        str_head(str_from(src->text, at.start), at.end - at.start);
	assert(str_is_utf8(s, NULL)); /* cuts no character in two */
}

/* The number of nodes below and with this one. */
static uint32_t check_node(const struct source *src,
                           const struct yaml_node *node, unsigned depth)
{
	uint32_t size = 1, n = 0;
	check_span(src, node->at);
	assert(depth <= YAML_MAX_DEPTH);
	yaml_each (child, node) {
		bool is_key = node->kind == YAML_MAP && n % 2 == 0;
		assert(!is_key || child->kind == YAML_SCALAR);
		assert(!child->broken || node->broken);
		size += check_node(src, child,
		                   depth + (child->kind != YAML_SCALAR));
		n++;
	}
	assert(n == (node->kind == YAML_MAP ? 2 * node->n : node->n));
	assert(size == node->size && size <= YAML_MAX_NODES);
	if (node->kind == YAML_SCALAR)
		assert(node->broken || str_is_utf8(node->text, NULL));
	return size;
}

static void read_documents(struct arena *a, const struct source *src,
                           struct diags *ds)
{
	struct yaml_document *doc = yaml_parse(a, src, ds);
	assert(doc || ds->errors);
	for (; doc; doc = doc->next) {
		struct document out = {0};
		bool map = doc->root->kind != YAML_SCALAR;
		size_t errors = ds->errors;
		check_node(src, doc->root, map);
		bool good = decode(&out, a, &document_shape, doc->root, ds);
		assert(good == (ds->errors == errors && !doc->root->broken));
		assert(!good || GIVEN(out.service));
	}
}

/* Nothing printed may act on a terminal. */
static void print_findings(struct arena *a, const struct diags *ds)
{
	struct buf out = buf_new(a, OUT_MAX);
	for (size_t i = 0; i < ds->n && i < PRINTED; i++) {
		const struct span at = ds->at[i].at;
		assert(at.start <= at.end && at.end <= at.src->text.n);
		diag_print(&out, &ds->at[i], false);
	}
	struct str text = buf_str(&out);
	assert(out.full || str_is_utf8(text, NULL));
	for (size_t i = 0; i < text.n; i++)
		assert(text.s[i] == '\n' ||
		       ((unsigned char)text.s[i] >= ' ' && text.s[i] != 0x7f));
}

int FUZZ_TARGET(yaml)(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(), *file = arena_new();
	struct str text = {(const char *)data, size};
	struct source *src =
	        source_new(file, STR("f.yaml"), str_copy(file, text));
	struct diags found = diags_new(file), kept = diags_new(a);
	read_documents(file, src, &found);
	diags_keep(&kept, &found);
	arena_free(file);
	diags_sort(&kept);
	print_findings(a, &kept);
	arena_free(a);
	return 0;
}
