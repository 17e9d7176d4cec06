#include "runner/cmd.h"
#include "runner/draft.h"

enum { PARAM_NAME_MAX = 200 };

static const struct option options[] = {
        DRAFT_INTENT_OPTIONS,
        OPTION("param", 'p', TEXTS, params, "NAME=VALUE",
               "a parameter that the recipe lets intents set; repeatable"),
        OPTION("recipe", 0, TEXT, recipe, "RECIPE",
               "refuse to go by any other recipe than this"),
        DRAFT_OPTIONS,
        {0},
};

static bool stands_before(const struct cli *cli, size_t end, struct str name)
{
	struct str other, value;
	for (size_t i = 0; i < end; i++)
		if (str_cut(cli->options.params.at[i], '=', &other, &value) &&
		    str_eq(other, name))
			return true;
	return false;
}

static enum exit_status add_params(struct cli *cli, struct intent_file *f)
{
	size_t n = cli->options.params.n;
	struct str name, value;
	if (n)
		intent_file_open(f, "params");
	for (size_t i = 0; i < n; i++) {
		struct str given = cli->options.params.at[i];
		if (!str_cut(given, '=', &name, &value) || !name.n ||
		    name.n > PARAM_NAME_MAX)
			return cli_usage(
			        cli,
			        "--param: \"%" STR_FMT "\" is not NAME=VALUE",
			        STR_ARG(str_brief(cli->arena, given, 80)));
		if (stands_before(cli, i, name))
			return cli_usage(cli,
			                 "--param: %" STR_FMT " is given twice",
			                 STR_ARG(name));
		intent_file_param(f, name, value);
	}
	if (n)
		intent_file_close(f);
	return EXIT_FINE;
}

static enum exit_status compose(struct cli *cli, struct draft *d)
{
	const struct options *o = &cli->options;
	struct intent_file *f = &d->file;
	*f = intent_file_new(cli->arena, "deploy");
	intent_file_text(f, "service", cli->args[0]);
	intent_file_text(f, "environment", cli->args[1]);
	intent_file_text(f, "version", cli->args[2]);
	intent_file_text(f, "recipe", o->recipe);
	draft_keys(cli, d);
	return add_params(cli, f);
}

static enum exit_status deploy(struct cli *cli)
{
	static const struct draft_question questions[] = {
	        {"Service", {0}}, {"Environment", {0}}, {"Version", {0}}};
	struct str *args = cli->args;
	struct draft d = {.ticket = cli->options.ticket};
	enum exit_status bad;
	if ((bad = draft_check_reason(cli)) ||
	    (bad = draft_arguments(cli, questions, 3)))
		return bad;
	if (!args[1].n || !args[2].n)
		return cli_usage(cli, "deploy wants an environment and a "
		                      "version");
	if ((bad = draft_begin(cli, args[0])) ||
	    (bad = draft_summary(cli, &d.summary)) || (bad = compose(cli, &d)))
		return bad;
	d.service = args[0];
	d.name = str_format(cli->arena, "deploy-%" STR_FMT "-%" STR_FMT,
	                    STR_ARG(args[2]), STR_ARG(args[1]));
	d.subject = str_format(
	        cli->arena, "Deploy %" STR_FMT " %" STR_FMT " to %" STR_FMT,
	        STR_ARG(args[0]), STR_ARG(args[2]), STR_ARG(args[1]));
	return draft_finish(cli, &d);
}

const struct command cmd_deploy = {
        .name = "deploy",
        .arguments = "SERVICE ENVIRONMENT VERSION",
        .summary = "write an intent to deploy a version",
        .about =
                "Write a deploy intent, a new file under intents/SERVICE/, and "
                "say what the next run\nwould decide about it. Nothing is "
                "deployed: a run on the main branch does that once\nthe file "
                "is committed. The file is written even if it would be denied "
                "as things\nstand; the exit status is 1 then.",
        .options = options,
        .min_args = 3,
        .max_args = 3,
        .asks = true,
        .run = deploy,
        .examples =
                "  $ dxcp deploy checkout prod 1.4.2 -s \"Fix VAT totals\"\n"
                "  $ dxcp deploy checkout dev 1.5.0 -s \"Try it\" --commit\n"
                "  $ dxcp deploy checkout dev 1.5.0 -s \"Try it\" -p "
                "replicas=4 --dry-run",
};
