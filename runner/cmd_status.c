#include "runner/answer.h"
#include "runner/cmd.h"
#include "runner/report.h"

static const struct option options[] = {
        OPTION("at", 0, TIME, at_time, "TIME", "as it was then"),
        OPTION("fetch", 0, FLAG, fetch, NULL,
               "fetch git's copy of the ledger first"),
        {0},
};

struct status {
	struct cli *cli;
	struct answer *answer;
	struct table table;
	struct str service, environment;
	int64_t at;
	int64_t open, waiting;
};

/* The number of an open deployment for the pair, 0 where there is none. */
struct open_one {
	int64_t number;
};

static bool take_open(void *context, const struct deployment *d,
                      struct fail *why)
{
	struct open_one *open = context;
	(void)why;
	open->number = d->number;
	return true;
}

static bool open_number(struct status *s, const struct deployment *d,
                        int64_t *out, struct fail *why)
{
	struct open_one open = {0};
	struct deployment_filter filter = deployment_filter_any();
	filter.service = d->service;
	filter.environment = d->environment;
	filter.open_only = true;
	filter.at = s->at;
	filter.limit = 1;
	if (!ledger_deployments(s->cli->world.ledger, &filter, take_open, &open,
	                        why))
		return false;
	*out = open.number;
	return true;
}

static void running_json(struct jw *j, const struct deployment *d,
                         int64_t in_progress)
{
	jw_open(j, '{');
	jw_put_str(j, "service", d->service);
	jw_put_str(j, "environment", d->environment);
	jw_put_str(j, "version", d->version);
	jw_put_int(j, "number", d->number);
	jw_put_str(j, "kind", str_of(deployment_kind_names[d->kind]));
	jw_put_when(j, "since", d->finished_at);
	jw_put_opt(j, "previousVersion", d->previous_version);
	if (in_progress)
		jw_put_int(j, "inProgress", in_progress);
	else
		jw_put_null(j, "inProgress");
	jw_close(j);
}

static bool show_running(void *context, const struct deployment *d,
                         struct fail *why)
{
	struct status *s = context;
	struct arena *a = s->cli->arena;
	int64_t in_progress;
	if (s->environment.n && !str_eq(s->environment, d->environment))
		return true;
	if (!open_number(s, d, &in_progress, why))
		return false;
	running_json(&s->answer->j, d, in_progress);
	table_add(&s->table, str_copy(a, d->service));
	table_add(&s->table, str_copy(a, d->environment));
	table_add(&s->table, str_copy(a, d->version));
	table_add(&s->table, str_format(a, "%lld", (long long)d->number));
	table_add(&s->table, report_when(a, d->finished_at));
	table_add(&s->table, in_progress ? str_format(a, "%lld in progress",
	                                              (long long)in_progress)
	                                 : STR(""));
	return true;
}

static void open_json(struct jw *j, const struct deployment *d)
{
	jw_open(j, '{');
	jw_put_int(j, "number", d->number);
	jw_put_str(j, "service", d->service);
	jw_put_str(j, "environment", d->environment);
	jw_put_str(j, "version", d->version);
	jw_put_str(j, "kind", str_of(deployment_kind_names[d->kind]));
	jw_put_str(j, "state", str_of(deployment_state_names[d->state]));
	jw_put_when(j, "createdAt", d->created_at);
	jw_close(j);
}

/* The first one of a place runs nowhere yet: `running` cannot tell of it. */
static bool show_open(void *context, const struct deployment *d,
                      struct fail *why)
{
	struct status *s = context;
	struct buf *text = &s->answer->text;
	(void)why;
	open_json(&s->answer->j, d);
	if (!s->open++)
		buf_add(text, STR("\nin progress:\n"));
	buf_format(text, "  number %lld  ", (long long)d->number);
	report_plain(text, d->service);
	buf_add_char(text, ' ');
	report_plain(text, d->version);
	buf_add(text, STR(" to "));
	report_plain(text, d->environment);
	buf_format(text, "  %s since %" STR_FMT "\n",
	           deployment_state_names[d->state],
	           STR_ARG(report_when(s->cli->arena, d->created_at)));
	return true;
}

static bool list_open(struct status *s)
{
	struct deployment_filter filter = deployment_filter_any();
	filter.service = s->service;
	filter.environment = s->environment;
	filter.open_only = true;
	filter.oldest_first = true;
	jw_key(&s->answer->j, "open");
	jw_open(&s->answer->j, '[');
	if (!s->at && !ledger_deployments(s->cli->world.ledger, &filter,
	                                  show_open, s, &s->cli->why))
		return false;
	jw_close(&s->answer->j);
	return true;
}

static bool show_waiting(void *context, const struct recorded_decision *d,
                         struct fail *why)
{
	struct status *s = context;
	(void)why;
	if ((s->service.n && !str_eq(s->service, d->service)) ||
	    (s->environment.n && !str_eq(s->environment, d->environment)))
		return true;
	jw_raw(&s->answer->j, d->document);
	if (!s->waiting++)
		buf_add(&s->answer->text, STR("\nwaiting:\n"));
	buf_add(&s->answer->text, STR("  "));
	report_plain(&s->answer->text, d->service);
	buf_add_char(&s->answer->text, ' ');
	report_plain(&s->answer->text, d->version);
	if (d->environment.n) {
		buf_add(&s->answer->text, STR(" to "));
		report_plain(&s->answer->text, d->environment);
	}
	buf_format(&s->answer->text, "  %s  ",
	           d->code ? diag_info(d->code)->name : "next run");
	report_plain(&s->answer->text, d->path);
	buf_add_char(&s->answer->text, '\n');
	return true;
}

/* A name may be misspelt: it is repeated. */
static void tell_nothing(struct status *s)
{
	struct buf *text = &s->answer->text;
	if (!s->service.n) {
		buf_add(text, STR("nothing runs yet\n"));
		return;
	}
	buf_add(text, STR("no "));
	report_plain(text, s->service);
	buf_add(text, STR(" runs"));
	if (s->environment.n) {
		buf_add(text, STR(" in "));
		report_plain(text, s->environment);
	}
	buf_add_char(text, '\n');
}

static bool gather_status(struct status *s)
{
	struct cli *cli = s->cli;
	struct jw *j = &s->answer->j;
	jw_put_when(j, "now", world_now(&cli->world));
	jw_key(j, "running");
	jw_open(j, '[');
	if (!ledger_running_all(cli->world.ledger, s->service, s->at,
	                        show_running, s, &cli->why))
		return false;
	jw_close(j);
	if (s->table.cells.n > s->table.columns)
		table_print(&s->answer->text, &s->table, cli->color);
	else
		tell_nothing(s);
	/* The past shows what ran: what waited is not kept, and what was under
	   way would have to be looked for in all of it. */
	if (!list_open(s))
		return false;
	jw_key(j, "waiting");
	jw_open(j, '[');
	if (!s->at &&
	    !ledger_waiting(cli->world.ledger, show_waiting, s, &cli->why))
		return false;
	jw_close(j);
	return true;
}

static enum exit_status status(struct cli *cli)
{
	static const char *const head[] = {"service", "environment", "version",
	                                   "number",  "since",       ""};
	if (!cli_open_ledger(cli, LEDGER_READ))
		return cli_fail(cli);
	struct status s = {
	        .cli = cli,
	        .answer = answer_new(cli, "dxcp.status/1"),
	        .table = table_new(cli->arena, 6, head),
	        .service = cli->nargs > 0 ? cli->args[0] : STR(""),
	        .environment = cli->nargs > 1 ? cli->args[1] : STR(""),
	        .at = cli->options.at_time,
	};
	if (!gather_status(&s) || !answer_finish(s.answer))
		return cli_fail(cli);
	return EXIT_FINE;
}

const struct command cmd_status = {
        .name = "status",
        .arguments = "[SERVICE [ENVIRONMENT]]",
        .summary = "what runs where, and what waits",
        .about = "Show the version that runs for each service and "
                 "environment (the latest success),\nwhat is in progress on "
                 "top of it, and the intents that wait.",
        .options = options,
        .max_args = 2,
        .run = status,
        .examples = "  $ dxcp status\n"
                    "  $ dxcp status checkout prod --at 2026-11-20T12:00:00Z",
};
