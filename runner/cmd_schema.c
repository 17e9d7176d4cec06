/* JSON Schemas for editors and for other programs, from the tables of keys. */
#include "core/schema.h"

#include "core/files.h"
#include "runner/answer.h"
#include "runner/cmd.h"

static const struct option options[] = {
        OPTION("draft", 0, TEXT, draft, "DRAFT",
               "07 (default; what editors read) or 2020-12"),
        OPTION("out", 'o', TEXT, out, "DIR",
               "write DIR/KIND.json, without KIND all of them"),
        {0},
};

static const char *schema_text(struct cli *cli, size_t i,
                               enum schema_draft draft, struct str *text)
{
	struct buf out = buf_new(cli->arena, SCHEMA_MAX_BYTES);
	schema_write(&out, i, draft);
	*text = buf_str(&out);
	return schema_info(i).name;
}

/* --- which --------------------------------------------------------------- */

static bool read_draft(struct cli *cli, enum schema_draft *draft)
{
	*draft = SCHEMA_DRAFT_07;
	if (!cli->options.draft.s)
		return true;
	for (int i = 0; schema_draft_names[i]; i++)
		if (str_is(cli->options.draft, schema_draft_names[i])) {
			*draft = (enum schema_draft)i;
			return true;
		}
	return false;
}

static enum exit_status unknown_kind(struct cli *cli, struct str name)
{
	struct str best = {0};
	size_t limit = 1 + name.n / 3;
	for (size_t i = 0; i < schema_count(); i++) {
		struct str known = str_of(schema_info(i).name);
		size_t distance = str_distance(name, known, limit);
		if (distance < limit) {
			limit = distance;
			best = known;
		}
	}
	fail_set(&cli->why, FAIL_USAGE,
	         "schema: there is no kind \"%" STR_FMT "\"",
	         STR_ARG(str_brief(cli->arena, name, 80)));
	if (best.n)
		fail_hint(&cli->why, "did you mean %" STR_FMT "?",
		          STR_ARG(best));
	else
		fail_hint(&cli->why, "dxcp schema lists them");
	return cli_fail(cli);
}

/* --- what ---------------------------------------------------------------- */

static enum exit_status list(struct cli *cli)
{
	static const char *const head[] = {"KIND", "WHAT IT IS"};
	struct answer *answer = answer_new(cli, "dxcp.schemas/1");
	struct table t = table_new(cli->arena, 2, head);
	struct jw *j = &answer->j;
	jw_key(j, "schemas");
	jw_open(j, '[');
	for (size_t i = 0; i < schema_count(); i++) {
		struct schema_info info = schema_info(i);
		table_add(&t, str_of(info.name));
		table_add(&t, str_of(info.about));
		jw_open(j, '{');
		jw_put_str(j, "kind", str_of(info.name));
		jw_put_str(j, "about", str_of(info.about));
		jw_close(j);
	}
	jw_close(j);
	table_print(&answer->text, &t, cli->color);
	return answer_finish(answer) ? EXIT_FINE : cli_fail(cli);
}

static bool write_one(struct cli *cli, struct answer *answer, size_t i,
                      enum schema_draft draft)
{
	static const char *const words[] = {[FILE_SAME] = "kept",
	                                    [FILE_CREATED] = "wrote",
	                                    [FILE_CHANGED] = "wrote"};
	enum file_change change;
	struct str text;
	const char *name = schema_text(cli, i, draft, &text);
	struct str path = str_format(cli->arena, "%" STR_FMT "/%s.json",
	                             STR_ARG(cli->options.out), name);
	if (!file_write_if_changed(&change, path.s, text, &cli->why))
		return false;
	buf_format(&answer->text, "%-5s  %" STR_FMT "\n", words[change],
	           STR_ARG(path));
	jw_open(&answer->j, '{');
	jw_put_str(&answer->j, "path", path);
	jw_put_bool(&answer->j, "written", change != FILE_SAME);
	jw_close(&answer->j);
	return true;
}

static enum exit_status write_files(struct cli *cli, const size_t *which,
                                    size_t n, enum schema_draft draft)
{
	struct answer *answer = answer_new(cli, "dxcp.schemas/1");
	size_t all = schema_count();
	jw_key(&answer->j, "files");
	jw_open(&answer->j, '[');
	for (size_t i = 0; i < (n ? n : all); i++)
		if (!write_one(cli, answer, n ? which[i] : i, draft))
			return cli_fail(cli);
	jw_close(&answer->j);
	return answer_finish(answer) ? EXIT_FINE : cli_fail(cli);
}

static enum exit_status schema(struct cli *cli)
{
	enum schema_draft draft;
	size_t which[ARGS_MAX], n = (size_t)cli->nargs;
	if (!read_draft(cli, &draft))
		return cli_usage(cli, "--draft: only 07 and 2020-12 are known");
	for (size_t i = 0; i < n; i++) {
		which[i] = schema_find(cli->args[i]);
		if (which[i] == schema_count())
			return unknown_kind(cli, cli->args[i]);
	}
	if (cli->options.out.n)
		return write_files(cli, which, n, draft);
	if (n > 1)
		return cli_usage(cli, "schema: several kinds go to files: add "
		                      "--out DIR");
	if (!n)
		return list(cli);
	struct str text;
	schema_text(cli, which[0], draft, &text);
	return cli_write(cli, NULL, text) ? EXIT_FINE : cli_fail(cli);
}

const struct command cmd_schema = {
        .name = "schema",
        .arguments = "[KIND...]",
        .summary = "JSON Schemas of policy and intents, for editors",
        .about =
                "Print the JSON Schema of a kind of document, or write several "
                "to files. The kinds\npolicy and intent are any document under "
                "policy/ and intents/. Without KIND and\n--out: list them. "
                "dxcp init writes schemas/policy.json and schemas/intent.json, "
                "and\nnames them on the first line of the files that it and "
                "the other commands write, for\nthe YAML language server; "
                "write them anew after an update of dxcp.",
        .options = options,
        .max_args = ARGS_MAX,
        .run = schema,
        .examples = "  $ dxcp schema deploy                       to read one\n"
                    "  $ dxcp schema policy intent --out schemas  for editors\n"
                    "  $ dxcp schema --draft 2020-12 --out build/schemas",
};
