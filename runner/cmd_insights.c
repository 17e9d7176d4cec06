#include "runner/cmd.h"
#include "runner/insights_answer.h"

static const struct option options[] = {
        OPTION("last", 0, TEXT, last, "PERIOD",
               "30d, 13w, 12m, all or a week, 2026-w46 (default: 30d)"),
        OPTION("from", 0, TIME, from_at, "TIME", "what ended at TIME or later"),
        OPTION("to", 0, TIME, to_at, "TIME", "what ended before TIME"),
        OPTION("group", 'g', TEXT, group, "ID", "of this delivery group"),
        OPTION("service", 's', TEXT, service, "NAME", "of this service"),
        OPTION("environment", 'e', TEXT, environment, "NAME",
               "of this environment, or several: NAME,NAME (default: all of "
               "type prod)"),
        OPTION("recipe", 0, TEXT, recipe, "ID", "by this recipe"),
        OPTION("by", 0, TEXT, by, "WHAT",
               "a row for each group, service, environment or recipe"),
        OPTION("at", 0, TIME, at_time, "TIME", "as it was known then"),
        OPTION("compat", 0, TEXT, compat, "NAME",
               "as devlake or fourkeys would compute it"),
        OPTION("bands", 0, TEXT, bands, "YEAR",
               "add the levels of a table: 2021 or 2023"),
        OPTION("fetch-sources", 0, FLAG, fetch_sources, NULL,
               "clone or fetch the services' repositories first"),
        {0},
};

/* --- what is asked -------------------------------------------------------- */

static enum exit_status read_words(struct asking *k)
{
	const struct options *o = &k->cli->options;
	if (str_is(o->compat, "devlake"))
		k->compat = COMPAT_DEVLAKE;
	else if (str_is(o->compat, "fourkeys"))
		k->compat = COMPAT_FOURKEYS;
	else if (o->compat.n)
		return cli_usage(k->cli,
		                 "--compat: \"%" STR_FMT
		                 "\" is not one of devlake, fourkeys",
		                 STR_ARG(o->compat));
	if (str_is(o->bands, "2021"))
		k->bands = BANDS_2021;
	else if (str_is(o->bands, "2023"))
		k->bands = BANDS_2023;
	else if (o->bands.n)
		return cli_usage(k->cli,
		                 "--bands: \"%" STR_FMT
		                 "\" is not one of 2021, 2023",
		                 STR_ARG(o->bands));
	while (o->by.n && insights_by_names[k->by] &&
	       !str_is(o->by, insights_by_names[k->by]))
		k->by++;
	if (!insights_by_names[k->by])
		return cli_usage(k->cli,
		                 "--by: \"%" STR_FMT
		                 "\" is not one of group, service, "
		                 "environment, recipe",
		                 STR_ARG(o->by));
	if (o->by.n && o->compat.n)
		return cli_usage(k->cli,
		                 "--by and --compat exclude each other");
	if (o->last.n && (o->from_at || o->to_at))
		return cli_usage(k->cli,
		                 "--last and --from, --to exclude each other");
	return EXIT_FINE;
}

static void take_environments(struct asking *k)
{
	struct arena *a = k->cli->arena;
	struct str rest = k->cli->options.environment, piece;
	VEC(struct str) named = {0};
	while (str_next(&rest, ',', &piece))
		if (piece.n)
			*vec_add(a, &named) = piece;
	if (!named.n) {
		insight_production(k->cli->pass.policy, a, &k->q);
		return;
	}
	k->q.environments = named.at;
	k->q.nenvironments = named.n;
}

/* A name that neither policy nor ledger knows is a mistake, not "no data". */
static enum exit_status check_names(struct asking *k)
{
	const struct policy *p = k->cli->pass.policy;
	const struct insight_question *q = &k->q;
	if (q->group.n && !map_find(&p->group_by, q->group))
		return cli_usage(k->cli,
		                 "--group: the policy has no group \"%" STR_FMT
		                 "\"",
		                 STR_ARG(q->group));
	return EXIT_FINE;
}

static enum exit_status choose_window(struct asking *k)
{
	const struct options *o = &k->cli->options;
	struct insight_question *q = &k->q;
	const struct zone *zone = q->policy->platform.zone;
	struct str period = o->last.n ? o->last : STR("30d");
	int64_t first = 0;
	if (!insight_first(k->cli->world.ledger, q, &first, &k->cli->why))
		return cli_fail(k->cli);
	if (!insight_window_of(period, q->at, zone, first, &q->window))
		return cli_usage(k->cli,
		                 "--last: \"%" STR_FMT
		                 "\" is no period such as 30d, 13w, 12m, "
		                 "all or 2026-w46",
		                 STR_ARG(period));
	if (o->to_at)
		q->window.to = o->to_at;
	if (o->from_at)
		q->window.from = o->from_at;
	else if (o->to_at && !o->last.n &&
	         !insight_window_of(period, o->to_at, zone, first, &q->window))
		return cli_usage(k->cli, "--to lies before all there is");
	if (q->window.from >= q->window.to)
		return cli_usage(k->cli, "the window is empty: %s to %s",
		                 when_text(q->window.from).s,
		                 when_text(q->window.to).s);
	return EXIT_FINE;
}

static enum exit_status prepare(struct asking *k)
{
	struct cli *cli = k->cli;
	const struct options *o = &cli->options;
	enum exit_status bad;
	if ((bad = read_words(k)))
		return bad;
	if (!cli_open_policy(cli, STR(""), false))
		return cli_fail(cli);
	if (cli->pass.findings.errors) {
		cli_say(cli, "dxcp: the policy has errors: see `dxcp check`");
		return EXIT_INVALID;
	}
	if (!cli_open_ledger(cli, LEDGER_READ))
		return cli_fail(cli);
	k->q = (struct insight_question){
	        .policy = cli->pass.policy,
	        .at = o->at_time ? o->at_time : world_now(&cli->world),
	        .zone_name = cli->pass.policy->platform.timezone.s,
	        .group = o->group,
	        .service = o->service,
	        .recipe = o->recipe,
	        .series = true,
	        .slices = k->by == BY_GROUP || k->by == BY_RECIPE,
	};
	take_environments(k);
	if ((bad = check_names(k)) || (bad = choose_window(k)))
		return bad;
	if ((o->fetch_sources && !sources_fetch(cli, o->service, o->group)) ||
	    !sources_open(&k->sources, cli, cli->pass.policy, o->service,
	                  o->group) ||
	    !sources_changes(&k->q.changes, cli, &k->sources, &k->q))
		return cli_fail(cli);
	return EXIT_FINE;
}

/* --- the command ---------------------------------------------------------- */

static bool ask_compat(struct asking *k)
{
	struct cli *cli = k->cli;
	struct insight_compat c;
	if (!insight_compat_read(&c, cli->arena, cli->world.ledger, &k->q,
	                         k->compat, &cli->why))
		return false;
	insight_compat_json(&k->answer->j, &c, &k->q, k->compat);
	insights_compat(k, &c);
	return true;
}

/* One alone, by a question of its own. */
static bool ask_one(struct asking *k, struct insights_slices *out,
                    struct str name)
{
	struct cli *cli = k->cli;
	struct insights found;
	struct insight_question q = k->q;
	q.series = false;
	if (k->by == BY_SERVICE)
		q.service = name;
	if (k->by == BY_ENVIRONMENT) {
		q.environments = &name;
		q.nenvironments = 1;
		if (!sources_changes(&q.changes, cli, &k->sources, &q))
			return false;
	}
	if (!insight_read(&found, cli->arena, cli->world.ledger, &q, &cli->why))
		return false;
	*vec_add(cli->arena, out) = (struct insights_slice){name, &found.at[0]};
	return true;
}

/* Environments that were named, else all of the policy. */
static bool ask_environments(struct asking *k, struct insights_slices *out)
{
	const struct policy *p = k->q.policy;
	bool named = k->cli->options.environment.n > 0, fine = true;
	size_t n = named ? k->q.nenvironments : p->environments.n;
	for (size_t i = 0; fine && i < n; i++)
		fine = ask_one(k, out,
		               named ? k->q.environments[i]
		                     : p->environments.at[i]->name.s);
	return fine;
}

static bool ask_by(struct asking *k, const struct insights *found)
{
	struct insights_slices out = {0};
	bool fine = true;
	*vec_add(k->cli->arena, &out) =
	        (struct insights_slice){STR("(all)"), &found->at[0]};
	if (k->by == BY_ENVIRONMENT)
		fine = ask_environments(k, &out);
	for (size_t i = 1; i < found->n; i++) {
		const struct insight *in = &found->at[i];
		struct str name = k->by == BY_GROUP ? in->group : in->recipe;
		if (name.n)
			*vec_add(k->cli->arena, &out) =
			        (struct insights_slice){name, in};
	}
	if (k->by == BY_SERVICE)
		vec_each (const struct insight_count, c, &found->at[0].services)
			fine = fine && ask_one(k, &out, c->name);
	if (fine)
		insights_by(k, &out);
	return fine;
}

static bool ask(struct asking *k)
{
	struct cli *cli = k->cli;
	struct insights found;
	if (k->compat != COMPAT_NONE)
		return ask_compat(k);
	if (!insight_read(&found, cli->arena, cli->world.ledger, &k->q,
	                  &cli->why))
		return false;
	if (k->answer->wants_json)
		insight_json(&k->answer->j, &found.at[0], &k->q, k->bands);
	insights_text(k, &found.at[0]);
	insights_csv(k, &found.at[0]);
	return k->by == BY_NONE || ask_by(k, &found);
}

static enum exit_status insights(struct cli *cli)
{
	struct asking k = {.cli = cli};
	enum exit_status bad = prepare(&k);
	if (bad)
		return bad;
	k.answer = answer_new(cli, "dxcp.insights/1");
	/* What is recorded meanwhile must not count in one figure alone. */
	if (!ledger_begin(cli->world.ledger, &cli->why))
		return cli_fail(cli);
	bool fine = ask(&k);
	ledger_rollback(cli->world.ledger);
	return fine && answer_finish(k.answer) ? EXIT_FINE : cli_fail(cli);
}

const struct command cmd_insights = {
        .name = "insights",
        .arguments = "",
        .summary = "how delivery goes: frequency, lead time, failures, waits",
        .about = "Show the figures of a window: deployment frequency, change "
                 "lead time, change fail\nrate, recovery time, rework and "
                 "rollback rate, each with its n and the window\nbefore; why "
                 "deployments failed; what stopped intents, how long, and how "
                 "they fared\nlater. What is counted how is told by the guide. "
                 "\"no data\" is not 0.",
        .options = options,
        .tables = true,
        .run = insights,
        .examples = "  $ dxcp insights --last 13w --group payments\n"
                    "  $ dxcp insights --last 13w --by service\n"
                    "  $ dxcp insights --from 2026-10-01T00:00:00Z --to "
                    "2026-11-01T00:00:00Z --format json\n"
                    "  $ dxcp insights --service checkout --compat devlake",
};
