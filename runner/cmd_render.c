#include "core/files.h"
#include "core/json.h"
#include "runner/answer.h"
#include "runner/cmd.h"
#include "runner/report.h"
#include "runner/site.h"

static const struct option options[] = {
        OPTION("out", 'o', TEXT, out, "DIR",
               "where to write (default: build/site)"),
        OPTION("head", 0, TEXT, head, "REV",
               "policy, templates and pages of this revision (default: HEAD)"),
        OPTION("fetch", 0, FLAG, fetch, NULL,
               "fetch git's copy of the ledger first"),
        OPTION("at", 0, TEXT, at, "TIME|COMMIT",
               "the site as it was: the ledger up to that time, policy and "
               "pages of the commit then"),
        OPTION("fields", 0, FLAG, fields, NULL,
               "write nothing: say what each page's template gets"),
        {0},
};

static enum exit_status show_result(struct cli *cli, const char *out_dir,
                                    struct diags *ds,
                                    const struct render_result *result)
{
	struct answer *answer = answer_new(cli, "dxcp.render/1");
	report_findings(&answer->text, ds, cli->color);
	jw_put_str(&answer->j, "out", str_of(out_dir));
	jw_put_int(&answer->j, "made", result->made);
	jw_put_int(&answer->j, "written", result->written);
	jw_put_int(&answer->j, "unchanged", result->unchanged);
	jw_put_int(&answer->j, "removed", result->removed);
	jw_key(&answer->j, "findings");
	findings_json(&answer->j, ds);
	buf_format(
	        &answer->text,
	        "site: %" STR_FMT " made, %" STR_FMT
	        " written, %lld unchanged, %lld removed  (%s)\n",
	        STR_ARG(str_count(cli->arena, result->made, "page", "pages")),
	        STR_ARG(str_count(cli->arena, result->written, "file",
	                          "files")),
	        (long long)result->unchanged, (long long)result->removed,
	        out_dir);
	if (!answer_finish(answer))
		return cli_fail(cli);
	return ds->errors ? EXIT_INVALID : EXIT_FINE;
}

/* What the forge of the CI job says about the repository. */
static bool is_private(struct cli *cli)
{
	enum { EVENT_MAX = 4 << 20 };
	struct str gitlab = world_environment("CI_PROJECT_VISIBILITY");
	struct str path = world_environment("GITHUB_EVENT_PATH"), text;
	struct fail unread = {0};
	json_t *event;
	if (str_is(gitlab, "private") || str_is(gitlab, "internal"))
		return true;
	if (!path.n ||
	    !file_read(&text, cli->arena, str_cstr(cli->arena, path), EVENT_MAX,
	               &unread) ||
	    !json_read_theirs(&event, cli->arena, text, &unread))
		return false;
	return json_is_true(json_object_get(
	        json_object_get(event, "repository"), "private"));
}

/* Pages of a private repository may be public. */
static void warn_of_names(struct cli *cli)
{
	if (cli->pass.policy->platform.site.redact.on || !is_private(cli))
		return;
	cli_say(cli, "dxcp: THIS REPOSITORY IS PRIVATE, AND THE SITE NAMES "
	             "PEOPLE, SUMMARIES AND EXECUTIONS.\n"
	             "dxcp: publish it only where its readers may see them, or "
	             "set site.redact in the policy");
}

static enum exit_status show_fields(struct cli *cli)
{
	struct answer *answer = answer_new(cli, "dxcp.templates/1");
	jw_key(&answer->j, "templates");
	if (!render_fields(&answer->j, &answer->text,
	                   cli->nargs ? cli->args[0] : STR("")))
		return cli_usage(
		        cli, "there is no page \"%" STR_FMT "\"",
		        STR_ARG(str_brief(cli->arena, cli->args[0], 80)));
	return answer_finish(answer) ? EXIT_FINE : cli_fail(cli);
}

static enum exit_status render(struct cli *cli)
{
	struct options *o = &cli->options;
	if (o->fields)
		return show_fields(cli);
	if (cli->nargs)
		return cli_usage(cli, "a page is named with --fields");
	struct render_result result;
	struct diags ds = diags_new(cli->arena);
	if (!cli_open_repo(cli))
		return cli_fail(cli);
	const char *out_dir = o->out.n ? str_cstr(cli->arena, o->out)
	                               : str_format(cli->arena, "%sbuild/site",
	                                            repo_root(cli->world.repo))
	                                         .s;
	struct site_wanted wanted = {
	        .at = o->at, .head = o->head, .out_dir = out_dir};
	if (!site_render(cli, &wanted, &ds, &result))
		return cli_fail(cli);
	if (!ds.errors && cli->has_pass)
		warn_of_names(cli);
	return show_result(cli, out_dir, &ds, &result);
}

const struct command cmd_render = {
        .name = "render",
        .arguments = "[PAGE]",
        .summary = "write the site",
        .about =
                "Write the static site of policy and ledger: what runs where, "
                "timelines, failures,\nguardrails, audit. A page is written "
                "only if its bytes change. The folder can be\nopened from disk "
                "or published as it is. Files of the\nrepository's templates/ and "
                "site/ stand in for the built-in ones; what a template\ngets "
                "is told by --fields, of one PAGE if that is given.",
        .options = options,
        .max_args = 1,
        .run = render,
        .examples = "  $ dxcp render\n"
                    "  $ dxcp render --out public --now 2026-11-20T12:00:00Z\n"
                    "  $ dxcp render --out then --at 2026-11-20T12:00:00Z\n"
                    "  $ dxcp render --fields service",
};
