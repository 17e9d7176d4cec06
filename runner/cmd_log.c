#include "runner/answer.h"
#include "runner/cmd.h"
#include "runner/report.h"

static const struct option options[] = {
        OPTION("service", 's', TEXT, service, "NAME", "of this service"),
        OPTION("environment", 'e', TEXT, environment, "NAME",
               "to this environment"),
        OPTION("group", 'g', TEXT, group, "ID", "of this delivery group"),
        OPTION("recipe", 0, TEXT, recipe, "ID", "by this recipe"),
        OPTION("state", 0, TEXT, state, "STATE",
               "in this state, such as FAILED or IN_PROGRESS"),
        OPTION("outcome", 0, TEXT, outcome, "OUTCOME",
               "of this outcome, such as ROLLED_BACK"),
        OPTION("kind", 0, TEXT, kind, "KIND",
               "ROLL_FORWARD, PROMOTE or ROLLBACK"),
        OPTION("actor", 0, TEXT, actor, "EMAIL", "asked for by them"),
        OPTION("from", 0, TIME, from_at, "TIME", "recorded at or after TIME"),
        OPTION("to", 0, TIME, to_at, "TIME", "recorded before TIME"),
        OPTION("limit", 'n', LIMIT, limit, "N", "at most N, the newest"),
        {0},
};

struct log {
	struct cli *cli;
	struct answer *answer;
	struct table table;
	struct arena *scratch;
};

/* What became of it, or where it stands. */
static const char *fate(const struct deployment *d)
{
	return d->outcome == RESULT_NONE ? deployment_state_names[d->state]
	                                 : deployment_outcome_names[d->outcome];
}

static bool show(void *context, const struct deployment *d, struct fail *why)
{
	struct log *log = context;
	struct arena *a = log->cli->arena;
	(void)why;
	if (log->answer->wants_json)
		deployment_json(&log->answer->j, d);
	if (!log->answer->wants_text)
		return true;
	table_add(&log->table, str_format(a, "%lld", (long long)d->number));
	table_add(&log->table, report_when(a, d->created_at));
	table_add(&log->table, str_copy(a, d->service));
	table_add(&log->table, str_copy(a, d->environment));
	table_add(&log->table, str_copy(a, d->version));
	table_add(&log->table, str_of(fate(d)));
	table_add(&log->table, str_copy(a, d->summary));
	return true;
}

/* One of the names, in any case, to its place among them. */
static bool find_name(struct cli *cli, const char *option, struct str name,
                      const char *const *names, int *out)
{
	if (!name.n)
		return true;
	for (int i = 0; names[i]; i++)
		if (names[i][0] && str_eq_nocase(name, str_of(names[i]))) {
			*out = i;
			return true;
		}
	struct buf choice = buf_new(cli->arena, 1024);
	for (int i = 0; names[i]; i++)
		if (names[i][0])
			buf_format(&choice, "%s%s", choice.n ? ", " : "",
			           names[i]);
	cli_usage(cli, "--%s: \"%" STR_FMT "\" is none of %" STR_FMT, option,
	          STR_ARG(name), STR_ARG(buf_str(&choice)));
	return false;
}

static bool read_filter(struct cli *cli, struct deployment_filter *filter)
{
	const struct options *o = &cli->options;
	filter->service = o->service;
	filter->environment = o->environment;
	filter->group = o->group;
	filter->recipe = o->recipe;
	filter->actor = o->actor;
	filter->from = o->from_at;
	filter->to = o->to_at;
	filter->limit = (size_t)o->limit;
	filter->with_failures = true;
	return find_name(cli, "state", o->state, deployment_state_names,
	                 &filter->state) &&
	       find_name(cli, "outcome", o->outcome, deployment_outcome_names,
	                 &filter->outcome) &&
	       find_name(cli, "kind", o->kind, deployment_kind_names,
	                 &filter->kind);
}

static enum exit_status log_deployments(struct cli *cli)
{
	static const char *const head[] = {"number",      "recorded", "service",
	                                   "environment", "version",  "outcome",
	                                   "summary"};
	struct deployment_filter filter = deployment_filter_any();
	if (!read_filter(cli, &filter))
		return EXIT_USAGE;
	if (!cli_open_ledger(cli, LEDGER_READ))
		return cli_fail(cli);
	struct log log = {
	        .cli = cli,
	        .answer = answer_new(cli, "dxcp.log/1"),
	        .table = table_new(cli->arena, 7, head),
	};
	filter.with_timeline = log.answer->wants_json;
	jw_key(&log.answer->j, "deployments");
	jw_open(&log.answer->j, '[');
	if (!ledger_deployments(cli->world.ledger, &filter, show, &log,
	                        &cli->why))
		return cli_fail(cli);
	jw_close(&log.answer->j);
	if (log.table.cells.n > log.table.columns)
		table_print(&log.answer->text, &log.table, cli->color);
	else
		buf_add(&log.answer->text, STR("no such deployments\n"));
	return answer_finish(log.answer) ? EXIT_FINE : cli_fail(cli);
}

const struct command cmd_log = {
        .name = "log",
        .arguments = "",
        .summary = "deployments, newest first",
        .about = "List deployments, the highest number first.",
        .options = options,
        .run = log_deployments,
        .examples = "  $ dxcp log --limit 20\n"
                    "  $ dxcp log -s checkout -e prod --state FAILED\n"
                    "  $ dxcp log --kind rollback --from 2026-11-01T00:00:00Z",
};
