/*
 * yaml: a YAML file as a tree of nodes, each with its place in the file.
 *
 * YAML 1.1 as libyaml reads it, less what has no business in a policy: explicit
 * tags, merge keys and non-text keys are findings, as are duplicate keys
 * (YAML 1.2 section 3.2.1.3), tabs and other syntax errors, a NUL, invalid
 * UTF-8, and the line separators U+0085, U+2028 and U+2029, which editors and
 * YAML count differently. Caps (CONTRACT section 1): SOURCE_MAX_BYTES a file,
 * depth 32, 64 aliases, 10,000 nodes a document with aliases expanded.
 *
 * Scalars stay text: "1.10" is never a number here. Decoding gives the type.
 * The only module that includes yaml.h.
 */
#ifndef CORE_YAML_H
#define CORE_YAML_H

#include "core/diag.h"
#include "core/source.h"

enum { YAML_MAX_DEPTH = 32, YAML_MAX_ALIASES = 64, YAML_MAX_NODES = 10000 };

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
	enum yaml_kind kind;
	bool plain;  /* a scalar without quotes: null, true, 3 may be meant */
	bool broken; /* a finding was reported here or below */
	struct str text; /* of a scalar; a borrowed piece of the source or a
	                    copy */
	/* A map's or list's span ends at its last child. That of an alias is
	   the alias; what is below it has the places of the anchor's. */
	struct span at;
	struct yaml_node *first; /* children; of a map: key, value, key, ... */
	struct yaml_node *next;  /* sibling */
	uint32_t n;              /* children; of a map: pairs */
	uint32_t size;           /* nodes below and itself, aliases expanded */
};

/* The documents of one file, in order. */
struct yaml_document {
	struct yaml_document *next;
	struct yaml_node *root; /* never NULL */
};

/*
 * The documents of src, in arena a. Trouble goes to ds. What is wrong inside a
 * document (a tag, a key) stops nothing: a pair whose key is wrong is left
 * out, other values stay, and they and all around them are `broken`. A syntax
 * error or a cap that is crossed ends the file there: the documents before it
 * are given. NULL where there is none; an empty file is a finding too.
 */
struct yaml_document *yaml_parse(struct arena *a, const struct source *src,
                                 struct diags *ds);

/* The value of a key of a map, or NULL; *key_at gets the key's place if given.
 */
struct yaml_node *yaml_find(const struct yaml_node *map, const char *key,
                            struct span *key_at);

/* A plain ~, null (Null, NULL) or nothing. */
bool yaml_is_null(const struct yaml_node *node);

#define yaml_each(item, list) \
	for (struct yaml_node *item = (list)->first; item; item = item->next)
#define yaml_each_pair(key, map) \
	for (struct yaml_node *key = (map)->first; key; key = key->next->next)

#endif
