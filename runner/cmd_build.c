#include "runner/cmd.h"
#include "runner/draft.h"

static const struct option options[] = {
        OPTION("artifact", 'a', TEXT, artifact, "URI",
               "where the artifact is: s3, oci, https, file or pkg"),
        OPTION("commit-id", 0, TEXT, commit_id, "OID",
               "the commit that it was built from"),
        OPTION("branch", 'b', TEXT, branch, "BRANCH",
               "the branch that it was built from"),
        OPTION("built-at", 0, TIME, built_at, "TIME", "when it was built"),
        OPTION("sha256", 0, TEXT, sha256, "DIGEST",
               "of the artifact, 64 hex digits"),
        OPTION("size-bytes", 0, NUMBER, size_bytes, "N", "of the artifact"),
        OPTION("content-type", 0, TEXT, content_type, "TYPE",
               "media type of the artifact"),
        OPTION("repository", 0, TEXT, repository, "URL",
               "a link to the source code"),
        OPTION("provider", 0, TEXT, provider, "NAME",
               "of the CI: github, gitlab, ..."),
        OPTION("run-id", 0, TEXT, run_id, "ID", "of the CI run"),
        OPTION("run-url", 0, TEXT, run_url, "URL", "a link to the CI run"),
        OPTION("summary", 's', TEXT, summary, "TEXT",
               "in one sentence (default: Build of SERVICE VERSION)"),
        OPTION("ticket", 0, TEXT, ticket, "TICKET",
               "where the work is "
               "tracked"),
        OPTION("trace", 0, FLAG, trace, NULL, "show what every guardrail said"),
        DRAFT_OPTIONS,
        {0},
};

static enum exit_status check_options(struct cli *cli)
{
	const struct options *o = &cli->options;
	const struct {
		bool given;
		const char *option;
	} needed[] = {{o->artifact.n > 0, "--artifact URI"},
	              {o->commit_id.n > 0, "--commit-id OID"},
	              {o->branch.n > 0, "--branch BRANCH"},
	              {o->built_at != 0, "--built-at TIME"}};
	struct buf missing = buf_new(cli->arena, 256);
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (!needed[i].given)
			buf_format(&missing, "%s%s", missing.n ? ", " : "",
			           needed[i].option);
	if (missing.n)
		return cli_usage(cli, "build wants %" STR_FMT " too",
		                 STR_ARG(buf_str(&missing)));
	if (!cli->args[1].n)
		return cli_usage(cli, "build wants a version");
	return EXIT_FINE;
}

static void compose(struct cli *cli, struct draft *d)
{
	const struct options *o = &cli->options;
	struct intent_file *f = &d->file;
	*f = intent_file_new(cli->arena, "build");
	intent_file_text(f, "service", cli->args[0]);
	intent_file_text(f, "version", cli->args[1]);
	intent_file_text(f, "summary", d->summary);
	intent_file_line(f, "ticket", o->ticket);
	intent_file_text(f, "artifact", o->artifact);
	intent_file_text(f, "sha256", o->sha256);
	intent_file_int(f, "size_bytes", o->size_bytes);
	intent_file_text(f, "content_type", o->content_type);
	intent_file_text(f, "commit", o->commit_id);
	intent_file_text(f, "branch", o->branch);
	intent_file_when(f, "built_at", o->built_at);
	intent_file_text(f, "repository", o->repository);
	if (!o->provider.n && !o->run_id.n && !o->run_url.n)
		return;
	intent_file_open(f, "ci");
	intent_file_text(f, "provider", o->provider);
	intent_file_text(f, "run_id", o->run_id);
	intent_file_text(f, "run_url", o->run_url);
	intent_file_close(f);
}

static enum exit_status build(struct cli *cli)
{
	struct options *o = &cli->options;
	struct str service = cli->args[0], version = cli->args[1];
	struct draft d = {.service = service, .ticket = o->ticket};
	enum exit_status bad;
	if (!o->summary.s)
		o->summary = str_format(cli->arena,
		                        "Build of %" STR_FMT " %" STR_FMT,
		                        STR_ARG(service), STR_ARG(version));
	if ((bad = check_options(cli)) || (bad = draft_begin(cli, service)) ||
	    (bad = draft_summary(cli, &d.summary)))
		return bad;
	compose(cli, &d);
	d.name = str_format(cli->arena, "build-%" STR_FMT, STR_ARG(version));
	d.subject = str_format(cli->arena, "Register %" STR_FMT " %" STR_FMT,
	                       STR_ARG(service), STR_ARG(version));
	return draft_finish(cli, &d);
}

const struct command cmd_build = {
        .name = "build",
        .arguments = "SERVICE VERSION",
        .summary = "write an intent to register a build",
        .about =
                "Write a build intent, a new file under intents/SERVICE/: what "
                "CI made, from what\nand where it lies. Only registered "
                "versions can be deployed, and only a CI publisher\nof the "
                "policy may register them. --commit commits the file; the "
                "commit that the\nartifact was built from is --commit-id.",
        .options = options,
        .min_args = 2,
        .max_args = 2,
        .run = build,
        .examples =
                "  $ dxcp build checkout 1.4.2 --commit \\\n"
                "      --artifact s3://acme-builds/checkout/checkout-1.4.2.zip "
                "\\\n"
                "      --commit-id \"$GIT_COMMIT\" --branch main \\\n"
                "      --built-at \"$(date -u +%Y-%m-%dT%H:%M:%SZ)\"",
};
