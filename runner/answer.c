#include "runner/answer.h"

#include "runner/report.h"

#include <assert.h>

struct answer *answer_new(struct cli *cli, const char *schema)
{
	struct answer *a = ARENA_NEW(cli->arena, struct answer);
	a->cli = cli;
	a->text = buf_new(cli->arena, ANSWER_MAX);
	a->json = buf_new(cli->arena, ANSWER_MAX);
	a->csv = buf_new(cli->arena, ANSWER_MAX);
	for (size_t i = 0; i < cli->noutputs; i++) {
		a->wants_text |= cli->outputs[i].format == FORMAT_TEXT;
		a->wants_json |= cli->outputs[i].format == FORMAT_JSON;
	}
	a->j = jw_new(&a->json);
	jw_open(&a->j, '{');
	jw_put_str(&a->j, "schema", str_of(schema));
	return a;
}

bool answer_finish(struct answer *a)
{
	struct cli *cli = a->cli;
	jw_close(&a->j);
	buf_add_char(&a->json, '\n');
	for (size_t i = 0; i < cli->noutputs; i++) {
		const struct output *o = &cli->outputs[i];
		struct buf *out = o->format == FORMAT_JSON  ? &a->json
		                  : o->format == FORMAT_CSV ? &a->csv
		                                            : &a->text;
		if (!cli_write(cli, o->file, buf_str(out)))
			return false;
	}
	return true;
}

struct table table_new(struct arena *a, size_t columns, const char *const *head)
{
	struct table t = {.arena = a, .columns = columns};
	assert(columns <= TABLE_COLUMNS);
	for (size_t i = 0; i < columns; i++)
		table_add(&t, str_of(head[i]));
	return t;
}

void table_add(struct table *t, struct str cell)
{
	*vec_add(t->arena, &t->cells) = cell;
}

void table_print(struct buf *out, const struct table *t, bool color)
{
	size_t width[TABLE_COLUMNS] = {0};
	for (size_t i = 0; i < t->cells.n; i++) {
		size_t n = str_code_points(t->cells.at[i]);
		if (n > width[i % t->columns])
			width[i % t->columns] = n;
	}
	for (size_t i = 0; i < t->cells.n; i++) {
		struct str cell = t->cells.at[i];
		bool last = i % t->columns == t->columns - 1;
		report_tone(out, color, i < t->columns ? TONE_DIM : TONE_PLAIN,
		            cell);
		if (last)
			buf_add_char(out, '\n');
		else
			buf_format(out, "%*s",
			           (int)(width[i % t->columns] -
			                 str_code_points(cell)) +
			                   2,
			           "");
	}
}
