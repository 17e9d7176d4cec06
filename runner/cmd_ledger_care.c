#include "core/csv.h"
#include "core/ledger_care.h"
#include "core/lines.h"
#include "runner/answer.h"
#include "runner/cmd_ledger.h"
#include "runner/sync.h"

/* --- rebuild, migrate ------------------------------------------------------
 */

enum exit_status ledger_cmd_rebuild(struct cli *cli)
{
	int64_t events;
	if (!cli_open_ledger_file(cli, LEDGER_WRITE) ||
	    !ledger_rebuild(cli->world.ledger, &events, &cli->why))
		return cli_fail(cli);
	struct answer *answer = answer_new(cli, "dxcp.rebuild/1");
	jw_put_int(&answer->j, "events", events);
	buf_format(&answer->text, "made all tables anew from %" STR_FMT "\n",
	           STR_ARG(str_count(cli->arena, events, "event", "events")));
	return answer_finish(answer) ? EXIT_FINE : cli_fail(cli);
}

enum exit_status ledger_cmd_migrate(struct cli *cli)
{
	int64_t events = 0;
	int from = 0;
	if (!cli_find_ledger(cli) ||
	    !ledger_migrate(cli->arena, cli->world.ledger_path, &from, &events,
	                    &cli->why))
		return cli_fail(cli);
	struct answer *answer = answer_new(cli, "dxcp.migrate/1");
	jw_put_int(&answer->j, "from", from);
	jw_put_int(&answer->j, "to", LEDGER_SCHEMA);
	jw_put_int(&answer->j, "events", events);
	if (from == LEDGER_SCHEMA)
		buf_format(&answer->text,
		           "%s has schema %d, which is this program's\n",
		           cli->world.ledger_path, from);
	else
		buf_format(&answer->text,
		           "%s: schema %d is now %d; %" STR_FMT
		           ", sound before and after\n",
		           cli->world.ledger_path, from, LEDGER_SCHEMA,
		           STR_ARG(str_count(cli->arena, events, "event",
		                             "events")));
	return answer_finish(answer) ? EXIT_FINE : cli_fail(cli);
}

/* --- backup, restore -------------------------------------------------------
 */

enum exit_status ledger_cmd_backup(struct cli *cli)
{
	int64_t events = 0;
	const char *path = str_cstr(cli->arena, cli->args[1]);
	if (!cli_open_ledger_file(cli, LEDGER_READ) ||
	    !ledger_backup(cli->world.ledger, path, cli->options.force, &events,
	                   &cli->why))
		return cli_fail(cli);
	struct answer *answer = answer_new(cli, "dxcp.backup/1");
	jw_put_str(&answer->j, "file", cli->args[1]);
	jw_put_int(&answer->j, "events", events);
	jw_put_bool(&answer->j, "sound", true);
	buf_format(&answer->text, "%s: %" STR_FMT ", verified\n", path,
	           STR_ARG(str_count(cli->arena, events, "event", "events")));
	return answer_finish(answer) ? EXIT_FINE : cli_fail(cli);
}

enum exit_status ledger_cmd_restore(struct cli *cli)
{
	struct restore_result result;
	const char *path = str_cstr(cli->arena, cli->args[1]);
	if (!cli_open_ledger(cli, LEDGER_WRITE) ||
	    !ledger_restore(cli->world.ledger, path, &result, &cli->why) ||
	    !sync_push(&cli->world, &cli->why))
		return cli_fail(cli);
	struct answer *answer = answer_new(cli, "dxcp.restore/1");
	jw_put_int(&answer->j, "read", result.read);
	jw_put_int(&answer->j, "added", result.added);
	jw_put_int(&answer->j, "known", result.known);
	buf_format(
	        &answer->text,
	        "%" STR_FMT " read: %lld added, %lld there already\n",
	        STR_ARG(str_count(cli->arena, result.read, "event", "events")),
	        (long long)result.added, (long long)result.known);
	return answer_finish(answer) ? EXIT_FINE : cli_fail(cli);
}

/* --- export ----------------------------------------------------------------
 */

struct export
{
	struct line_writer *to;
	struct buf row;
	int64_t n;
};

static bool put_line(void *context, struct str line, struct fail *why)
{
	struct export *e = context;
	e->n++;
	return lines_write(e->to, line, why);
}

static const char *const columns[] = {"number",
                                      "token",
                                      "service",
                                      "environment",
                                      "version",
                                      "previous_version",
                                      "group",
                                      "recipe",
                                      "recipe_revision",
                                      "kind",
                                      "state",
                                      "outcome",
                                      "rollback_of",
                                      "source_environment",
                                      "summary",
                                      "ticket",
                                      "actor_email",
                                      "actor_role",
                                      "created_at",
                                      "dispatched_at",
                                      "started_at",
                                      "finished_at",
                                      "engine",
                                      "engine_execution_id",
                                      "engine_execution_url",
                                      "intent_path",
                                      "intent_blob",
                                      "intent_commit",
                                      "imported"};

static void put_columns(struct csv *c)
{
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		csv_str(c, str_of(columns[i]));
	csv_end(c);
}

static void put_texts(struct csv *c, const struct str *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		csv_str(c, texts[i]);
}

static bool put_deployment(void *context, const struct deployment *d,
                           struct fail *why)
{
	struct export *e = context;
	struct csv c = csv_new(&e->row);
	buf_reset(&e->row);
	e->n++;
	csv_int(&c, d->number);
	put_texts(&c,
	          (struct str[]){d->token, d->service, d->environment,
	                         d->version, d->previous_version, d->group,
	                         d->recipe},
	          7);
	csv_opt(&c, d->recipe_revision);
	csv_str(&c, str_of(deployment_kind_names[d->kind]));
	csv_str(&c, str_of(deployment_state_names[d->state]));
	csv_str(&c, str_of(deployment_outcome_names[d->outcome]));
	csv_opt(&c, d->rollback_of);
	put_texts(&c,
	          (struct str[]){d->source_environment, d->summary, d->ticket,
	                         d->actor_email, d->actor_role},
	          5);
	csv_when(&c, d->created_at);
	csv_when(&c, d->dispatched_at);
	csv_when(&c, d->started_at);
	csv_when(&c, d->finished_at);
	put_texts(&c,
	          (struct str[]){d->engine, d->execution_id, d->execution_url,
	                         d->intent_path, d->intent_blob,
	                         d->intent_commit},
	          6);
	csv_int(&c, d->imported);
	csv_end(&c);
	return lines_write(e->to, buf_str(&e->row), why);
}

static bool export_csv(struct cli *cli, struct export *e)
{
	enum { ROW_MAX = 1 << 20 };
	struct deployment_filter all = deployment_filter_any();
	e->row = buf_new(cli->arena, ROW_MAX);
	struct csv head = csv_new(&e->row);
	put_columns(&head);
	all.oldest_first = true;
	return lines_write(e->to, buf_str(&e->row), &cli->why) &&
	       ledger_deployments(cli->world.ledger, &all, put_deployment, e,
	                          &cli->why);
}

/* --format csv, csv=FILE, or a name that ends so. */
static bool wants_csv(const struct output *o, const char *path)
{
	return o->format == FORMAT_CSV || (o->format == FORMAT_TEXT && path &&
	                                   str_ends(str_of(path), STR(".csv")));
}

enum exit_status ledger_cmd_export(struct cli *cli)
{
	const struct output *o = &cli->outputs[0];
	struct export e = {0};
	const char *path =
	        cli->nargs > 1 ? str_cstr(cli->arena, cli->args[1]) : o->file;
	if (cli->noutputs > 1 || o->format == FORMAT_JSON)
		return cli_usage(cli, "ledger export has one --format: jsonl "
		                      "or csv");
	bool csv = wants_csv(o, path);
	if (!cli_open_ledger(cli, LEDGER_READ) ||
	    !lines_create(&e.to, cli->arena, path, &cli->why) ||
	    !(csv ? export_csv(cli, &e)
	          : ledger_lines(cli->world.ledger, put_line, &e, &cli->why)) ||
	    !lines_close(e.to, &cli->why))
		return cli_fail(cli);
	if (path)
		cli_say(cli, "%s: %lld %s", path, (long long)e.n,
		        csv ? "deployments" : "events");
	return EXIT_FINE;
}
