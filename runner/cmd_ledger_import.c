#include "core/files.h"
#include "core/ledger_care.h"
#include "runner/answer.h"
#include "runner/cmd_ledger.h"
#include "runner/foreign_history.h"
#include "runner/report.h"
#include "runner/sync.h"

enum { IMPORT_MAX = 1 << 29 };

static enum history_format named_format(struct str name)
{
	int i = 0;
	while (history_format_names[i] &&
	       !str_is(name, history_format_names[i]))
		i++;
	return history_format_names[i] ? (enum history_format)i
	                               : HISTORY_UNKNOWN;
}

/* Our own events are no foreign history: all of it would be lost but the
   deployments. */
static bool is_ours(struct cli *cli, struct str text)
{
	if (!ledger_is_line(text))
		return false;
	fail_set(&cli->why, FAIL_INPUT,
	         "these are the events of a ledger, not history from "
	         "elsewhere");
	fail_hint(&cli->why, "run `dxcp ledger restore` with this file");
	return true;
}

static bool read_history(struct cli *cli, struct str *text,
                         enum history_format *format, int64_t *left_out)
{
	const struct options *o = &cli->options;
	struct arena *a = cli->arena;
	const char *path = str_cstr(a, cli->args[1]);
	if (!file_read(text, a, path, IMPORT_MAX, &cli->why) ||
	    is_ours(cli, *text))
		return false;
	if (!o->from.n)
		*format = history_format_of(a, *text);
	if (*format == HISTORY_JSONL)
		return true;
	return history_convert(text, a, *format, *text, o->service,
	                       o->environment, left_out, &cli->why) ||
	       fail_note(&cli->why, "%s", path);
}

static void put_result(struct answer *answer, const struct import_result *r,
                       struct diags *ds, enum history_format format,
                       int64_t left_out)
{
	struct jw *j = &answer->j;
	struct buf *out = &answer->text;
	jw_put_int(j, "read", r->read);
	jw_put_int(j, "added", r->added);
	jw_put_int(j, "known", r->known);
	jw_put_int(j, "refused", r->refused);
	jw_put_str(j, "from", str_of(history_format_names[format]));
	jw_put_int(j, "leftOut", left_out);
	jw_key(j, "findings");
	report_findings(out, ds, answer->cli->color);
	findings_json(j, ds);
	buf_format(out,
	           "%" STR_FMT " read: %lld added, %lld known, %lld refused\n",
	           STR_ARG(str_count(answer->cli->arena, r->read, "line",
	                             "lines")),
	           (long long)r->added, (long long)r->known,
	           (long long)r->refused);
	if (format != HISTORY_JSONL)
		buf_format(out,
		           "as %s; %lld entries left out: no deployment that "
		           "has ended\n",
		           history_format_names[format], (long long)left_out);
}

enum exit_status ledger_cmd_import(struct cli *cli)
{
	struct import_result result;
	struct diags ds = diags_new(cli->arena);
	struct str text;
	int64_t left_out = 0;
	enum history_format format = named_format(
	        cli->options.from.n ? cli->options.from : STR("jsonl"));
	if (format == HISTORY_UNKNOWN)
		return cli_usage(cli,
		                 "--from: \"%" STR_FMT
		                 "\" is not one of jsonl, github, argocd",
		                 STR_ARG(cli->options.from));
	if (!read_history(cli, &text, &format, &left_out) ||
	    !cli_open_ledger(cli, LEDGER_WRITE))
		return cli_fail(cli);
	struct source *file = source_new(cli->arena, cli->args[1], text);
	if (!ledger_import(cli->world.ledger, cli->arena, file,
	                   cli->options.skip_invalid, world_now(&cli->world),
	                   &ds, &result, &cli->why) ||
	    !sync_push(&cli->world, &cli->why))
		return cli_fail(cli);
	struct answer *answer = answer_new(cli, "dxcp.import/1");
	put_result(answer, &result, &ds, format, left_out);
	if (!answer_finish(answer))
		return cli_fail(cli);
	return result.refused && !cli->options.skip_invalid ? EXIT_INVALID
	                                                    : EXIT_FINE;
}
