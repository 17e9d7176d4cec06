/*
 * schema: JSON Schemas of the documents under policy/ and intents/, made from
 * the tables of keys that read them (core/decode.h).
 *
 * What the program accepts is valid by the schema. The reverse does not hold:
 * names across documents, keys that depend on the values of others, the forms
 * of zones, patterns and templates are known to the program alone. A value
 * counts as the JSON that YAML 1.2's core schema makes of it; where a text is
 * wanted a number or a boolean is one too, as the program reads what was
 * written.
 *
 * There is one schema a kind, by its name; "policy" and "intent" are those of
 * any document under policy/ and intents/, told apart by `kind`.
 *
 * Drafts: json-schema.org, draft-07 (2018; what the YAML language server reads)
 * and 2020-12. All that is used here means the same in both.
 */
#ifndef CORE_SCHEMA_H
#define CORE_SCHEMA_H

#include "core/str.h"

enum schema_draft { SCHEMA_DRAFT_07, SCHEMA_DRAFT_2020_12 };
extern const char *const schema_draft_names[]; /* "07"; NULL-terminated */

struct schema_info {
	const char *name, *about;
};

/* "policy" and "intent" first, then every kind: of policy, then of intents. */
size_t schema_count(void);
struct schema_info schema_info(size_t i);
/* schema_count() where there is none of that name. */
size_t schema_find(struct str name);

/* The schema's text, some lines that end with a line end. */
enum { SCHEMA_MAX_BYTES = 1 << 20 };
void schema_write(struct buf *out, size_t i, enum schema_draft draft);

#endif
