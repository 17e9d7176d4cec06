#include "render/render.h"
#include "runner/answer.h"
#include "runner/cmd.h"
#include "runner/guard.h"
#include "runner/report.h"

static const struct option options[] = {
        OPTION("out", 'o', TEXT, out, "DIR",
               "where to write (default: build/site)"),
        OPTION("head", 0, TEXT, head, "REV",
               "policy, templates and pages of this revision (default: HEAD)"),
        OPTION("fetch", 0, FLAG, fetch, NULL,
               "fetch git's copy of the ledger first"),
        {0},
};

/* templates/ and site/ of the commit, which stand in for the built-in ones. */
struct overrides {
	struct cli *cli;
	VEC(const struct source *) files;
};

static bool add_override(void *context, const struct change *c,
                         struct fail *why)
{
	struct overrides *o = context;
	struct arena *a = o->cli->arena;
	struct str text;
	if (c->type != ENTRY_FILE)
		return true;
	if (!repo_blob(o->cli->world.repo, a, &c->blob, &text, why))
		return fail_note(why, "reading %" STR_FMT, STR_ARG(c->path));
	*vec_add(a, &o->files) = source_new(a, str_copy(a, c->path), text);
	return true;
}

static bool read_overrides(struct overrides *o)
{
	static const char *const folders[] = {"site", "templates"};
	static const struct oid none;
	struct cli *cli = o->cli;
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		struct oid tree;
		struct str prefix = str_format(cli->arena, "%s/", folders[i]);
		if (!repo_tree(cli->world.repo, &cli->pass.tip, folders[i],
		               &tree, &cli->why) ||
		    !repo_changes(cli->world.repo, &none, &tree, prefix,
		                  add_override, o, &cli->why))
			return false;
	}
	return true;
}

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
	buf_format(&answer->text,
	           "site: %lld pages made, %lld files written, %lld unchanged, "
	           "%lld removed  (%s)\n",
	           (long long)result->made, (long long)result->written,
	           (long long)result->unchanged, (long long)result->removed,
	           out_dir);
	if (!answer_finish(answer))
		return cli_fail(cli);
	return ds->errors ? EXIT_INVALID : EXIT_FINE;
}

static struct guardrail_text *guardrail_texts(struct arena *a)
{
	struct guardrail_text *texts =
	        arena_array(a, guard_count, sizeof *texts);
	for (size_t i = 0; i < guard_count; i++)
		texts[i] = (struct guardrail_text){
		        guards[i].name, guards[i].title, guards[i].about};
	return texts;
}

static enum exit_status render(struct cli *cli)
{
	struct options *o = &cli->options;
	struct overrides overrides = {.cli = cli};
	struct render_result result = {0};
	struct diags ds = diags_new(cli->arena);
	struct str remote = STR("");
	if (!cli_open_policy(cli, o->head, false))
		return cli_fail(cli);
	const char *out_dir = o->out.n ? str_cstr(cli->arena, o->out)
	                               : str_format(cli->arena, "%sbuild/site",
	                                            repo_root(cli->world.repo))
	                                         .s;
	if (cli->pass.findings.errors) {
		cli_say(cli, "dxcp: the policy has errors: no site is written");
		return show_result(cli, out_dir, &cli->pass.findings, &result);
	}
	if (!cli_open_ledger(cli, LEDGER_READ) ||
	    !repo_remote_url(cli->world.repo, cli->arena, "origin", &remote,
	                     &cli->why) ||
	    !read_overrides(&overrides))
		return cli_fail(cli);
	struct render_input in = {
	        .policy = cli->pass.policy,
	        .commit =
	                str_copy(cli->arena, str_of(oid_hex(&cli->pass.tip).s)),
	        .policy_tree = str_copy(
	                cli->arena, str_of(oid_hex(&cli->pass.policy_tree).s)),
	        .version = dxcp_version,
	        .repository_url = remote,
	        .ledger = cli->world.ledger,
	        .now = world_now(&cli->world),
	        .out_dir = out_dir,
	        .overrides = overrides.files.at,
	        .noverrides = overrides.files.n,
	        .guardrails = guardrail_texts(cli->arena),
	        .nguardrails = guard_count,
	        .redact = cli->pass.policy->platform.site.redact.on,
	        .progress = cli->world.progress,
	        .progress_context = cli->world.progress_context,
	};
	if (!render_site(&in, cli->arena, &ds, &result, &cli->why))
		return cli_fail(cli);
	return show_result(cli, out_dir, &ds, &result);
}

const struct command cmd_render = {
        .name = "render",
        .arguments = "",
        .summary = "write the site",
        .about =
                "Write the static site of policy and ledger: what runs where, "
                "timelines, failures,\nguardrails, audit. A page is written "
                "only if its bytes change. The folder can be\nopened from disk "
                "or published as it is.",
        .options = options,
        .run = render,
        .examples = "  $ dxcp render\n"
                    "  $ dxcp render --out public --now 2026-11-20T12:00:00Z",
};
