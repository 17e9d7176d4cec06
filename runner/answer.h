/*
 * answer: what a command that reads has to say, as text, as one JSON document
 * and, where it is tables, as CSV, to every --format output.
 */
#ifndef RUNNER_ANSWER_H
#define RUNNER_ANSWER_H

#include "core/json.h"
#include "runner/cli.h"

enum { ANSWER_MAX = 1 << 30 };

struct answer {
	struct cli *cli;
	struct buf text, json, csv; /* csv: of commands with tables */
	struct jw j;
	bool wants_text, wants_json;
};

/* Opens the JSON object and writes its schema. */
struct answer *answer_new(struct cli *cli, const char *schema);
/* Close, and write to every output; false with cli->why set. */
bool answer_finish(struct answer *a);

/* A table of text columns, as wide as what stands in them. */
enum { TABLE_COLUMNS = 12 };
struct table {
	struct arena *arena;
	size_t columns;
	VEC(struct str) cells; /* row by row, the head first */
};
struct table table_new(struct arena *a, size_t columns,
                       const char *const *head);
void table_add(struct table *t, struct str cell);
void table_print(struct buf *out, const struct table *t, bool color);

#endif
