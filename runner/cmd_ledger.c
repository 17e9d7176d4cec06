#include "runner/cmd_ledger.h"
#include "runner/cmd.h"

static const struct option options[] = {
        OPTION("engine", 0, FLAG, engine, NULL,
               "verify: ask the engines, too, how they have deployments"),
        OPTION("checkpoint", 0, TEXT, checkpoint, "FILE",
               "verify: that the ledger continues an earlier checkpoint"),
        OPTION("proof", 0, TEXT, proof_file, "FILE",
               "verify: a proof, without any ledger"),
        OPTION("key", 0, TEXT, key, "KEY",
               "checkpoint: sign by this file's private key; verify: the "
               "public key that must have signed"),
        OPTION("since", 0, TEXT, since, "FILE",
               "checkpoint: a proof that it continues this earlier one"),
        OPTION("out", 0, TEXT, out, "FILE",
               "key: where the private key goes; checkpoint: instead of "
               "standard output"),
        OPTION("force", 0, FLAG, force, NULL,
               "backup: replace the file that is there"),
        OPTION("from", 0, TEXT, from, "FORMAT",
               "import: jsonl, github or argocd (default: what it looks "
               "like)"),
        OPTION("service", 0, TEXT, service, "NAME",
               "import: the service that github or argocd call otherwise"),
        OPTION("environment", 0, TEXT, environment, "NAME",
               "import: the environment, likewise"),
        OPTION("skip-invalid", 0, FLAG, skip_invalid, NULL,
               "import: leave out the lines that are not deployments"),
        {0},
};

static const struct verb {
	const char *name;
	command_fn *run;
	int args; /* beside its name, at most */
	int least;
} verbs[] = {
        {"verify", ledger_cmd_verify, 0, 0},
        {"rebuild", ledger_cmd_rebuild, 0, 0},
        {"migrate", ledger_cmd_migrate, 0, 0},
        {"backup", ledger_cmd_backup, 1, 1},
        {"export", ledger_cmd_export, 1, 0},
        {"restore", ledger_cmd_restore, 1, 1},
        {"import", ledger_cmd_import, 1, 1},
        {"checkpoint", ledger_cmd_checkpoint, 0, 0},
        {"key", ledger_cmd_key, 1, 1},
};

static enum exit_status run(struct cli *cli, const struct verb *verb)
{
	int args = cli->nargs - 1;
	if (args > verb->args)
		return cli_usage(cli, "ledger %s: too many arguments",
		                 verb->name);
	if (args < verb->least)
		return cli_usage(cli, "ledger %s wants %s", verb->name,
		                 verb->run == ledger_cmd_key ? "NAME" : "FILE");
	for (size_t i = 0; i < cli->noutputs; i++)
		if (cli->outputs[i].format != FORMAT_TEXT &&
		    cli->outputs[i].format != FORMAT_JSON &&
		    verb->run != ledger_cmd_export)
			return cli_usage(cli,
			                 "--format: ledger %s has text and "
			                 "json",
			                 verb->name);
	return verb->run(cli);
}

static enum exit_status ledger(struct cli *cli)
{
	struct buf names = buf_new(cli->arena, 512);
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		if (str_is(cli->args[0], verbs[i].name))
			return run(cli, &verbs[i]);
		buf_format(&names, "%s%s", i ? ", " : "", verbs[i].name);
	}
	return cli_usage(cli,
	                 "ledger: \"%" STR_FMT "\" is not one of %" STR_FMT,
	                 STR_ARG(cli->args[0]), STR_ARG(buf_str(&names)));
}

const struct command cmd_ledger = {
        .name = "ledger",
        .arguments = "VERB [FILE]",
        .summary = "prove, mend, copy or extend the record",
        .about = "verify: recompute the chain of events, make every table anew "
                 "in memory and look\nfor what is recorded in git; with "
                 "--engine ask the engines, too. Exit status 5\nwhere the "
                 "record was changed, 4 where git or an engine could not say. "
                 "rebuild:\nmake the tables anew from the events. migrate: "
                 "bring an old file to this\nversion's schema. backup FILE: a "
                 "verified copy. export [FILE]: all events as\nJSON Lines "
                 "(--format csv: the deployments). restore FILE: such lines "
                 "into a\nledger. import FILE: deployment history from "
                 "elsewhere, whole or not at all;\nagain adds nothing. "
                 "checkpoint: what the ledger holds, in three lines to be "
                 "kept\nelsewhere. key NAME --out FILE: a key to sign them.",
        .options = options,
        .lists = true,
        .min_args = 1,
        .max_args = 2,
        .run = ledger,
        .examples = "  $ dxcp ledger verify --engine\n"
                    "  $ dxcp ledger backup ledger-2026-03-02.db\n"
                    "  $ dxcp ledger export events.jsonl\n"
                    "  $ dxcp ledger import history.jsonl\n"
                    "  $ dxcp ledger checkpoint --key ledger.key >today.note",
};
