#include "core/files.h"
#include "render/site_diff.h"
#include "runner/answer.h"
#include "runner/cmd.h"
#include "runner/report.h"
#include "runner/site.h"

enum { NAME_MAX_POINTS = 64 };

static const struct option options[] = {
        OPTION("limit", 0, LIMIT, limit, "N",
               "name at most so many pages (default: all)"),
        {0},
};

/* --- a side -------------------------------------------------------------- */

static bool is_site(struct arena *a, struct str name)
{
	return file_exists(
	        str_format(a, "%" STR_FMT "/.dxcp-render", STR_ARG(name)).s);
}

/* "2026-03-05T14:20:00Z" as a folder may be called. */
static struct str folder_name(struct arena *a, struct str at)
{
	struct buf b = buf_new(a, 256);
	for (size_t i = 0; i < at.n && b.n < NAME_MAX_POINTS; i++) {
		char c = at.s[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		             (c >= '0' && c <= '9') || c == '-';
		buf_add_char(&b, plain ? c : '-');
	}
	return buf_str(&b);
}

/* The folder that an argument names: itself, or where the site as of it is
   kept. */
static bool side(struct cli *cli, struct str name, const char **out,
                 struct diags *ds)
{
	struct arena *a = cli->arena;
	struct render_result result;
	if (is_site(a, name)) {
		*out = str_cstr(a, name);
		return true;
	}
	if (!cli_open_repo(cli))
		return false;
	*out = str_format(a, "%sbuild/site-at/%" STR_FMT,
	                  repo_root(cli->world.repo),
	                  STR_ARG(folder_name(a, name)))
	               .s;
	struct site_wanted wanted = {.at = name, .out_dir = *out};
	return site_render(cli, &wanted, ds, &result);
}

/* --- what is told ----------------------------------------------------------
 */

static void put_change(struct answer *answer, const struct site_change *c)
{
	struct jw *j = &answer->j;
	jw_open(j, '{');
	jw_put_str(j, "change", str_of(site_change_names[c->kind]));
	jw_put_str(j, "page", c->path);
	jw_put_str(j, "title", c->title);
	jw_put_opt(j, "before", c->before);
	jw_put_opt(j, "after", c->after);
	jw_close(j);
}

static void say_change(struct answer *answer, const struct site_change *c)
{
	struct buf *b = &answer->text;
	struct str now = c->kind == SITE_REMOVED ? c->before : c->after;
	buf_format(b, "%-8s ", site_change_names[c->kind]);
	report_plain(b, c->path);
	buf_add(b, STR("\n         "));
	report_plain(b, c->title);
	if (now.n) {
		buf_add(b, STR(": "));
		report_plain(b, now);
	}
	buf_add_char(b, '\n');
	if (c->kind == SITE_CHANGED && c->before.n &&
	    !str_eq(c->before, c->after)) {
		buf_add(b, STR("         before: "));
		report_plain(b, c->before);
		buf_add_char(b, '\n');
	}
}

static bool show(struct cli *cli, const struct site_changes *changes)
{
	struct answer *answer = answer_new(cli, "dxcp.site-diff/1");
	int64_t most = cli->options.limit;
	int64_t counts[SITE_CHANGED + 1] = {0}, said = 0;
	jw_key(&answer->j, "pages");
	jw_open(&answer->j, '[');
	vec_each (const struct site_change, c, changes) {
		counts[c->kind]++;
		put_change(answer, c);
		if (!most || said < most) {
			say_change(answer, c);
			said++;
		}
	}
	jw_close(&answer->j);
	jw_put_int(&answer->j, "same", changes->same);
	jw_put_int(&answer->j, "otherFiles", changes->others);
	if (said < (int64_t)changes->n)
		buf_format(&answer->text, "and %lld more\n",
		           (long long)((int64_t)changes->n - said));
	buf_format(&answer->text,
	           "%" STR_FMT " added, %lld removed, %lld changed, %lld the "
	           "same; other files that differ: %lld\n",
	           STR_ARG(str_count(cli->arena, counts[SITE_ADDED], "page",
	                             "pages")),
	           (long long)counts[SITE_REMOVED],
	           (long long)counts[SITE_CHANGED], (long long)changes->same,
	           (long long)changes->others);
	return answer_finish(answer);
}

static enum exit_status diff(struct cli *cli)
{
	struct site_changes changes;
	struct diags ds = diags_new(cli->arena);
	const char *before, *after;
	if (!side(cli, cli->args[1], &before, &ds) ||
	    !side(cli, cli->args[2], &after, &ds))
		return cli_fail(cli);
	if (ds.errors) {
		struct buf text = buf_new(cli->arena, ANSWER_MAX);
		report_findings(&text, &ds, false);
		cli_say(cli,
		        "%" STR_FMT "dxcp: there are errors: a site cannot "
		        "be made",
		        STR_ARG(buf_str(&text)));
		return EXIT_INVALID;
	}
	if (!site_diff(&changes, cli->arena, before, after, &cli->why) ||
	    !show(cli, &changes))
		return cli_fail(cli);
	return EXIT_FINE;
}

static enum exit_status site(struct cli *cli)
{
	if (str_is(cli->args[0], "diff"))
		return cli->nargs == 3 ? diff(cli)
		                       : cli_usage(cli, "diff wants two of "
		                                        "FOLDER, TIME, COMMIT");
	return cli_usage(cli, "there is no \"site %" STR_FMT "\"",
	                 STR_ARG(cli->args[0]));
}

const struct command cmd_site = {
        .name = "site",
        .arguments = "diff A B",
        .summary = "what differs between two sites",
        .about =
                "Name the pages that differ between A and B, and what they "
                "say. Each is a folder\nthat `dxcp render` wrote, or a time or "
                "a revision: then the site is made as it was\n(see `dxcp "
                "render --at`) and kept in build/site-at. The stamp of a page, "
                "its frame\nand its style do not count.",
        .options = options,
        .min_args = 1,
        .max_args = 3,
        .run = site,
        .examples = "  $ dxcp site diff build/site public\n"
                    "  $ dxcp site diff 2026-11-19T00:00:00Z "
                    "2026-11-20T00:00:00Z\n"
                    "  $ dxcp site diff HEAD~5 HEAD",
};
