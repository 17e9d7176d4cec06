/* The ledger and the policy in the forms that other programs read. */
#include "render/export.h"

#include "core/files.h"
#include "runner/answer.h"
#include "runner/cmd.h"
#include "runner/report.h"

static const struct option options[] = {
        OPTION("from", 0, TIME, from_at, "TIME",
               "cdevents, csv: what was recorded at or after TIME"),
        OPTION("to", 0, TIME, to_at, "TIME",
               "cdevents, csv: what was recorded before TIME"),
        OPTION("out", 'o', TEXT, out, "FILE",
               "write FILE, whole or not at all (default: standard output)"),
        OPTION("head", 0, TEXT, head, "REV",
               "the policy of this revision (default: HEAD)"),
        {0},
};

struct output_of_export {
	struct cli *cli;
	struct buf whole; /* where it goes to a file */
};

static bool put(void *context, struct str text, struct fail *why)
{
	struct output_of_export *o = context;
	if (o->cli->options.out.n) {
		buf_add(&o->whole, text);
		return !o->whole.full ||
		       fail_set(why, FAIL_INPUT, "the export is too large");
	}
	return cli_write(o->cli, NULL, text);
}

static enum exit_status unknown_format(struct cli *cli, struct str name)
{
	return cli_usage(cli,
	                 "export: \"%" STR_FMT "\" is not one of cdevents, "
	                 "openmetrics, csv, backstage, ics",
	                 STR_ARG(str_brief(cli->arena, name, 80)));
}

static enum exit_status write_export(struct cli *cli, enum export_format format)
{
	struct options *o = &cli->options;
	struct output_of_export to = {cli, buf_new(cli->arena, ANSWER_MAX)};
	struct str remote = STR("");
	if (!cli_open_policy(cli, o->head, false))
		return cli_fail(cli);
	if (cli->pass.findings.errors) {
		struct buf text = buf_new(cli->arena, ANSWER_MAX);
		report_findings(&text, &cli->pass.findings, false);
		cli_say(cli,
		        "%" STR_FMT "dxcp: the policy has errors: nothing "
		        "is exported",
		        STR_ARG(buf_str(&text)));
		return EXIT_INVALID;
	}
	if (!cli_open_ledger(cli, LEDGER_READ) ||
	    !repo_remote_url(cli->world.repo, cli->arena, "origin", &remote,
	                     &cli->why))
		return cli_fail(cli);
	struct render_input in = {
	        .policy = cli->pass.policy,
	        .commit =
	                str_copy(cli->arena, str_of(oid_hex(&cli->pass.tip).s)),
	        .repository_url = remote,
	        .ledger = cli->world.ledger,
	        .now = world_now(&cli->world),
	};
	if (!export_write(&in, format, o->from_at, o->to_at, cli->arena, put,
	                  &to, &cli->why))
		return cli_fail(cli);
	if (o->out.n && !file_write(str_cstr(cli->arena, o->out),
	                            buf_str(&to.whole), &cli->why))
		return cli_fail(cli);
	return EXIT_FINE;
}

static enum exit_status export(struct cli *cli) {
	for (int i = 0; i < EXPORT_COUNT; i++) if (
	        str_is(cli->args[0],
	               export_names
	                       [i])) return write_export(cli,
	                                                 (enum export_format)i);
	return unknown_format(cli, cli->args[0]);
}

const struct command cmd_export = {
        .name = "export",
        .arguments = "cdevents|openmetrics|csv|backstage|ics",
        .summary = "the record, for other programs",
        .about =
                "Print what the ledger and the policy say in a form that other "
                "programs read:\n"
                "  cdevents     CDEvents 0.5, JSON Lines: deployments that "
                "succeeded, builds, incidents\n"
                "  openmetrics  counts, for Prometheus; the site's "
                "metrics.prom\n"
                "  csv          deployments, oldest first, safe to open in a "
                "spreadsheet\n"
                "  backstage    catalog-info.yaml: a Component for each "
                "service, a System for each group\n"
                "  ics          windows and freezes, for calendars; the "
                "site's calendar.ics\n"
                "With site.redact in the policy it hides what the site hides.",
        .plain = true,
        .options = options,
        .min_args = 1,
        .max_args = 1,
        .run = export,
        .examples = "  $ dxcp export csv --from 2026-01-01T00:00:00Z "
                    "--out deployments.csv\n"
                    "  $ dxcp export cdevents | while read -r event; do ...\n"
                    "  $ dxcp export backstage --out catalog-info.yaml",
};
