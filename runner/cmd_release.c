#include "runner/cmd.h"
#include "runner/draft.h"

static const struct option options[] = {
        OPTION("after", 0, TEXTS, after, "SERVICE=SERVICE",
               "the first goes after the second succeeded; repeatable"),
        OPTION("in-order", 0, FLAG, in_order, NULL,
               "each goes after the one before it"),
        DRAFT_INTENT_OPTIONS,
        DRAFT_OPTIONS,
        {0},
};

struct member {
	struct str service, version;
	struct str after[ARGS_MAX];
	size_t nafter;
};
struct members {
	struct member at[ARGS_MAX];
	size_t n;
};

static struct member *find(struct members *all, struct str service)
{
	for (size_t i = 0; i < all->n; i++)
		if (str_eq(all->at[i].service, service))
			return &all->at[i];
	return NULL;
}

static enum exit_status read_member(struct cli *cli, struct members *all,
                                    struct str word)
{
	struct member m = {0};
	if (!str_cut(word, '@', &m.service, &m.version) || !m.service.n ||
	    !m.version.n)
		return cli_usage(cli,
		                 "\"%" STR_FMT
		                 "\" is not SERVICE@VERSION, such as "
		                 "checkout@1.4.2",
		                 STR_ARG(str_brief(cli->arena, word, 80)));
	if (find(all, m.service))
		return cli_usage(cli, "%" STR_FMT " is given twice",
		                 STR_ARG(m.service));
	if (cli->options.in_order && all->n)
		m.after[m.nafter++] = all->at[all->n - 1].service;
	all->at[all->n++] = m;
	return draft_service(cli, m.service);
}

static enum exit_status read_after(struct cli *cli, struct members *all,
                                   struct str word)
{
	struct str later, earlier;
	bool fits = str_cut(word, '=', &later, &earlier);
	struct member *m = fits ? find(all, later) : NULL;
	if (!m || !find(all, earlier))
		return cli_usage(cli,
		                 "--after: \"%" STR_FMT
		                 "\" is not SERVICE=SERVICE, two of the "
		                 "release",
		                 STR_ARG(str_brief(cli->arena, word, 80)));
	if (m->nafter == ARGS_MAX)
		return cli_usage(cli, "--after: too many for %" STR_FMT,
		                 STR_ARG(later));
	m->after[m->nafter++] = earlier;
	return EXIT_FINE;
}

static enum exit_status read_members(struct cli *cli, struct members *all)
{
	enum exit_status bad;
	for (int i = 1; i < cli->nargs; i++)
		if ((bad = read_member(cli, all, cli->args[i])))
			return bad;
	vec_each (struct str, word, &cli->options.after)
		if ((bad = read_after(cli, all, *word)))
			return bad;
	return EXIT_FINE;
}

static void compose(struct cli *cli, struct draft *d, const struct members *all)
{
	struct intent_file *f = &d->file;
	*f = intent_file_new(cli->arena, "release");
	draft_keys(cli, d);
	intent_file_open(f, "deploys");
	for (size_t i = 0; i < all->n; i++) {
		const struct member *m = &all->at[i];
		intent_file_item(f);
		intent_file_text(f, "service", m->service);
		intent_file_text(f, "environment", cli->args[0]);
		intent_file_text(f, "version", m->version);
		intent_file_texts(f, "after", m->after, m->nafter);
		intent_file_close(f);
	}
	intent_file_close(f);
}

/* "Release checkout 1.4.2, ledger 2.1.0 to prod" */
static struct str subject(struct cli *cli, const struct members *all)
{
	struct buf out = buf_new(cli->arena, 4096);
	buf_add(&out, STR("Release"));
	for (size_t i = 0; i < all->n; i++)
		buf_format(&out, "%s%" STR_FMT " %" STR_FMT, i ? ", " : " ",
		           STR_ARG(all->at[i].service),
		           STR_ARG(all->at[i].version));
	buf_format(&out, " to %" STR_FMT, STR_ARG(cli->args[0]));
	return buf_str(&out);
}

static enum exit_status release(struct cli *cli)
{
	static const struct draft_question questions[] = {
	        {"Environment", {0}},
	        {"First service, as SERVICE@VERSION", {0}}};
	struct draft d = {.ticket = cli->options.ticket};
	struct members *all = ARENA_NEW(cli->arena, struct members);
	enum exit_status bad;
	if ((bad = draft_check_reason(cli)) ||
	    (bad = draft_arguments(cli, questions, 2)) ||
	    (bad = draft_open(cli)) || (bad = read_members(cli, all)) ||
	    (bad = draft_summary(cli, &d.summary)))
		return bad;
	compose(cli, &d, all);
	d.name = str_format(cli->arena, "release-%" STR_FMT,
	                    STR_ARG(cli->args[0]));
	d.subject = subject(cli, all);
	return draft_finish(cli, &d);
}

const struct command cmd_release = {
        .name = "release",
        .arguments = "ENVIRONMENT SERVICE@VERSION...",
        .summary = "write an intent to deploy several services together",
        .about = "Write a release, a new file in intents/, and say what the "
                 "next run would decide about it.\nIts deploys are allowed or "
                 "not as one; each goes when those it is after have succeeded\n"
                 "and a slot is free, and after one has failed nothing more "
                 "goes. --after checkout=ledger\nlets checkout wait for the "
                 "ledger; several waits of one service are several --after.\n"
                 "Parameters, or deploys to several environments, are to be "
                 "written into the file.",
        .options = options,
        .min_args = 2,
        .max_args = ARGS_MAX,
        .asks = true,
        .run = release,
        .examples = "  $ dxcp release prod ledger@2.1.0 checkout@1.4.2 "
                    "--in-order -s \"Payments seven\"\n"
                    "  $ dxcp release prod ledger@2.1.0 checkout@1.4.2 "
                    "mailer@3.0.1 \\\n"
                    "      --after checkout=ledger --after mailer=ledger -s "
                    "\"New totals\" --commit",
};
