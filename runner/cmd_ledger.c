#include "runner/answer.h"
#include "runner/cmd.h"
#include "runner/report.h"
#include "runner/sync.h"

#include "core/files.h"

enum { IMPORT_MAX = 1 << 29 };

static const struct option options[] = {
        OPTION("skip-invalid", 0, FLAG, skip_invalid, NULL,
               "import: leave out the lines that are not deployments"),
        {0},
};

/* --- verify -------------------------------------------------------------- */

static void show_fault(void *context, const struct ledger_fault *f)
{
	struct answer *answer = context;
	struct jw *j = &answer->j;
	jw_open(j, '{');
	if (f->seq)
		jw_put_int(j, "seq", f->seq);
	else
		jw_put_null(j, "seq");
	jw_put_str(j, "message", f->text);
	jw_put_opt(j, "hint", f->hint);
	jw_close(j);
	if (f->seq)
		buf_format(&answer->text, "event %lld: ", (long long)f->seq);
	report_plain(&answer->text, f->text);
	buf_add_char(&answer->text, '\n');
	if (f->hint.n) {
		buf_add(&answer->text, STR("  next: "));
		report_plain(&answer->text, f->hint);
		buf_add_char(&answer->text, '\n');
	}
}

static enum exit_status verify(struct cli *cli)
{
	int64_t events, faults;
	if (!cli_open_ledger_file(cli, LEDGER_READ))
		return cli_fail(cli);
	struct answer *answer = answer_new(cli, "dxcp.verify/1");
	jw_key(&answer->j, "faults");
	jw_open(&answer->j, '[');
	if (!ledger_verify(cli->world.ledger, show_fault, answer, &events,
	                   &faults, &cli->why))
		return cli_fail(cli);
	jw_close(&answer->j);
	jw_put_int(&answer->j, "events", events);
	jw_put_bool(&answer->j, "sound", faults == 0);
	buf_format(&answer->text, "%s: %lld events, %lld fault%s\n",
	           cli->world.ledger_path, (long long)events, (long long)faults,
	           faults == 1 ? "" : "s");
	if (!answer_finish(answer))
		return cli_fail(cli);
	return faults ? EXIT_LEDGER : EXIT_FINE;
}

/* --- rebuild ------------------------------------------------------------- */

static enum exit_status rebuild(struct cli *cli)
{
	int64_t events;
	if (!cli_open_ledger_file(cli, LEDGER_WRITE) ||
	    !ledger_rebuild(cli->world.ledger, &events, &cli->why))
		return cli_fail(cli);
	struct answer *answer = answer_new(cli, "dxcp.rebuild/1");
	jw_put_int(&answer->j, "events", events);
	buf_format(&answer->text, "made all tables anew from %lld events\n",
	           (long long)events);
	return answer_finish(answer) ? EXIT_FINE : cli_fail(cli);
}

/* --- import -------------------------------------------------------------- */

static enum exit_status import(struct cli *cli)
{
	struct import_result result;
	struct diags ds = diags_new(cli->arena);
	struct str text;
	if (cli->nargs != 2)
		return cli_usage(cli, "ledger import wants FILE.jsonl");
	const char *path = str_cstr(cli->arena, cli->args[1]);
	if (!file_read(&text, cli->arena, path, IMPORT_MAX, &cli->why) ||
	    !cli_open_ledger(cli, LEDGER_WRITE))
		return cli_fail(cli);
	struct source *file = source_new(cli->arena, str_of(path), text);
	if (!ledger_import(cli->world.ledger, cli->arena, file,
	                   cli->options.skip_invalid, world_now(&cli->world),
	                   &ds, &result, &cli->why) ||
	    !sync_push(&cli->world, &cli->why))
		return cli_fail(cli);
	struct answer *answer = answer_new(cli, "dxcp.import/1");
	struct jw *j = &answer->j;
	jw_put_int(j, "read", result.read);
	jw_put_int(j, "added", result.added);
	jw_put_int(j, "known", result.known);
	jw_put_int(j, "refused", result.refused);
	jw_key(j, "findings");
	report_findings(&answer->text, &ds, cli->color);
	findings_json(j, &ds);
	buf_format(&answer->text,
	           "%lld lines read: %lld added, %lld known, %lld refused\n",
	           (long long)result.read, (long long)result.added,
	           (long long)result.known, (long long)result.refused);
	if (!answer_finish(answer))
		return cli_fail(cli);
	return result.refused && !cli->options.skip_invalid ? EXIT_INVALID
	                                                    : EXIT_FINE;
}

/* --- the command --------------------------------------------------------- */

static const struct {
	const char *name;
	command_fn *run;
} verbs[] = {{"verify", verify}, {"rebuild", rebuild}, {"import", import}};

static enum exit_status ledger(struct cli *cli)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (str_is(cli->args[0], verbs[i].name))
			return verbs[i].run(cli);
	return cli_usage(cli,
	                 "ledger: \"%" STR_FMT
	                 "\" is not one of verify, rebuild, import",
	                 STR_ARG(cli->args[0]));
}

const struct command cmd_ledger = {
        .name = "ledger",
        .arguments = "verify|rebuild|import [FILE.jsonl]",
        .summary = "prove, mend or extend the record",
        .about =
                "verify: recompute the chain of events and make every table "
                "anew in memory; exit\nstatus 5 where anything differs. "
                "rebuild: make the tables anew from the events.\nimport: take "
                "in deployment history from elsewhere, one JSON object a line; "
                "the file\nis taken whole or not at all, and importing it "
                "again adds nothing.",
        .options = options,
        .min_args = 1,
        .max_args = 2,
        .run = ledger,
        .examples = "  $ dxcp ledger verify\n"
                    "  $ dxcp ledger import history.jsonl",
};
