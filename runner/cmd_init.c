#include "core/embedded.h"
#include "core/files.h"
#include "core/schema.h"
#include "runner/answer.h"
#include "runner/cmd.h"
#include "runner/intent_file.h"
#include "runner/report.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

/* Who has the roles in this project's own policy/roles.yaml; the user takes
   their place. */
#define MARKER "maintainers@users.noreply.b-seed-7ef6cb89.example"
enum { EXAMPLE_MAX = 1 << 20 };

struct init {
	struct cli *cli;
	struct repo *repo;
	const char *root; /* with a '/' at the end */
	struct str email;
	bool has_platform; /* policy/ is somebody's already */
	VEC(struct str) written, kept;
};

/* --- the repository ------------------------------------------------------ */

/* Nothing in it, or not there at all. */
static bool is_empty(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	bool empty = true;
	while (dir && empty && (entry = readdir(dir)))
		empty = !strcmp(entry->d_name, ".") ||
		        !strcmp(entry->d_name, "..");
	if (dir)
		closedir(dir);
	return empty;
}

static bool is_root(const char *dir, const char *root)
{
	struct stat here, there;
	return !stat(dir, &here) && !stat(root, &there) &&
	       here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

static bool make_repository(struct init *in, const char *dir)
{
	struct cli *cli = in->cli;
	return repo_init(dir, &cli->why) &&
	       repo_open(&in->repo, cli->arena, dir, &cli->why);
}

/* The repository whose root dir is; made where there is none. A folder inside
   another repository becomes one of its own only while it is empty. */
static bool open_repository(struct init *in, const char *dir)
{
	struct cli *cli = in->cli;
	struct fail *why = &cli->why;
	if (!dir_make(dir, why))
		return false;
	bool empty = is_empty(dir);
	if (!repo_open(&in->repo, cli->arena, dir, why)) {
		if (why->kind != FAIL_USAGE)
			return false;
		*why = (struct fail){0};
		return make_repository(in, dir);
	}
	if (repo_is_bare(in->repo))
		return fail_set(why, FAIL_USAGE,
		                "%s is a bare repository, without files to "
		                "write",
		                dir);
	if (is_root(dir, repo_root(in->repo)))
		return true;
	if (empty)
		return make_repository(in, dir);
	fail_set(why, FAIL_USAGE, "%s lies inside the repository at %s", dir,
	         repo_root(in->repo));
	return fail_hint(why, "run dxcp init there, or name a new folder");
}

static bool find_user(struct init *in)
{
	struct cli *cli = in->cli;
	struct str name;
	if (!repo_identity(in->repo, cli->arena, &name, &in->email, &cli->why))
		return false;
	if (!str_blank(in->email) && str_is_utf8(in->email, NULL))
		return true;
	fail_set(&cli->why, FAIL_USAGE,
	         "git does not know your email, by "
	         "which the example gives you roles");
	return fail_hint(&cli->why, "git config user.email you@example.com");
}

/* --- what is there already ----------------------------------------------- */

static bool look_for_platform(void *context, const struct change *c,
                              struct fail *why)
{
	struct init *in = context;
	struct str text;
	if (c->type != ENTRY_FILE || !str_ends(c->path, STR(".yaml")))
		return true;
	struct arena *a = arena_new();
	bool read = repo_worktree_file(in->repo, a, c->path, &text, why);
	if (read) {
		struct diags ds = diags_new(a);
		struct source *src = source_new(a, c->path, text);
		struct yaml_document *doc = yaml_parse(a, src, &ds);
		for (; doc; doc = doc->next) {
			const struct yaml_node *kind =
			        doc->root->kind == YAML_MAP
			                ? yaml_find(doc->root, "kind", NULL)
			                : NULL;
			in->has_platform |=
			        kind && str_is(kind->text, "platform");
		}
	}
	arena_free(a);
	return read;
}

/* --- writing ------------------------------------------------------------- */

static bool is_simple_email(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.s[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool digit = c >= '0' && c <= '9';
		if (!letter && !digit && (!i || !str_has(STR("._%+-@"), c)))
			return false;
	}
	return s.n && str_has(s, '@');
}

/* The example's text with the user where the marker stands, and its schema on
   the first line. */
static struct str personal(struct init *in, struct str path, struct str text)
{
	const struct str marker = STR(MARKER);
	struct buf out = buf_new(in->cli->arena, EXAMPLE_MAX);
	bool policy = str_starts(path, STR("policy/"));
	if (str_ends(path, STR(".yaml")))
		buf_add(&out,
		        intent_file_modeline(in->cli->arena, path,
		                             policy ? "policy" : "intent"));
	for (size_t i = 0; i < text.n;) {
		struct str rest = str_from(text, i);
		if (!str_starts(rest, marker)) {
			buf_add_char(&out, text.s[i++]);
			continue;
		}
		if (is_simple_email(in->email))
			buf_add(&out, in->email);
		else
			intent_file_quote(&out, in->email);
		i += marker.n;
	}
	return buf_str(&out);
}

/* Never over what is there, a link that leads nowhere included. */
static bool write_new(struct init *in, struct str path, struct str text)
{
	struct cli *cli = in->cli;
	enum file_change change;
	struct stat there;
	const char *on_disk =
	        str_format(cli->arena, "%s%" STR_FMT, in->root, STR_ARG(path))
	                .s;
	if (!lstat(on_disk, &there)) {
		*vec_add(cli->arena, &in->kept) = path;
		return true;
	}
	*vec_add(cli->arena, &in->written) = path;
	return file_write_if_changed(&change, on_disk, text, &cli->why);
}

/* What goes wrong on purpose is for the demonstration alone: a beginner's first
   run has nothing denied and nothing failed. */
static bool is_example(struct str path)
{
	return str_starts(path, STR("policy/")) ||
	       (str_starts(path, STR("intents/")) &&
	        !str_contains(path, STR("/demo/")));
}

/* What the first line of the files names: of this version, so that an editor
   and the program say the same. */
static bool write_schemas(struct init *in)
{
	static const char *const names[] = {"intent", "policy"};
	struct arena *a = in->cli->arena;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct buf text = buf_new(a, SCHEMA_MAX_BYTES);
		schema_write(&text, schema_find(str_of(names[i])),
		             SCHEMA_DRAFT_07);
		if (!write_new(in, intent_file_schema(a, names[i]),
		               buf_str(&text)))
			return false;
	}
	return true;
}

static bool write_example(struct init *in)
{
	if (!repo_worktree(in->repo, in->cli->arena, "policy",
	                   look_for_platform, in, &in->cli->why))
		return false;
	for (size_t i = 0; i < embedded_count && !in->has_platform; i++) {
		const struct embedded_file *f = &embedded_files[i];
		struct str path = str_of(f->path);
		struct str text = {(const char *)f->bytes, f->size};
		if (is_example(path) &&
		    !write_new(in, path, personal(in, path, text)))
			return false;
	}
	return write_schemas(in) &&
	       write_new(in, STR(".gitignore"), STR(".dxcp/\n/build/\n"));
}

/* --- telling ------------------------------------------------------------- */

static void tell_text(struct buf *out, const struct init *in)
{
	struct cli *cli = in->cli;
	vec_each (struct str, path, &in->written)
		buf_format(out, "wrote  %" STR_FMT "\n", STR_ARG(*path));
	vec_each (struct str, path, &in->kept)
		buf_format(out, "kept   %" STR_FMT "\n", STR_ARG(*path));
	if (in->has_platform)
		buf_add(out, STR("policy/ has a platform document already: the "
		                 "example was left out.\n"));
	buf_add(out, STR("\n"));
	report_tone(out, cli->color, TONE_BOLD, STR("next"));
	buf_add(out, STR("\n"));
	if (cli->nargs)
		buf_format(out, "  cd %" STR_FMT "\n", STR_ARG(cli->args[0]));
	if (in->written.n)
		buf_add(out, STR("  git add -A && git commit -m \"Deliver by "
		                 "pull request\"\n"));
	buf_add(out, STR("  dxcp check     what a run would decide\n"
	                 "  dxcp run       decide, dispatch, record\n"
	                 "  dxcp status    what runs where\n"));
}

static void tell_json(struct jw *j, const struct init *in)
{
	jw_put_str(j, "root", str_of(in->root));
	jw_put_bool(j, "example", !in->has_platform);
	jw_key(j, "written");
	jw_open(j, '[');
	vec_each (struct str, path, &in->written)
		jw_str(j, *path);
	jw_close(j);
	jw_key(j, "kept");
	jw_open(j, '[');
	vec_each (struct str, path, &in->kept)
		jw_str(j, *path);
	jw_close(j);
}

static const char *folder_of(struct cli *cli)
{
	if (!cli->nargs)
		return cli->world.dir;
	if (str_starts(cli->args[0], STR("/")))
		return str_cstr(cli->arena, cli->args[0]);
	return str_format(cli->arena, "%s/%" STR_FMT, cli->world.dir,
	                  STR_ARG(cli->args[0]))
	        .s;
}

static enum exit_status init(struct cli *cli)
{
	struct init in = {.cli = cli};
	if (cli->nargs && !cli->args[0].n)
		return cli_usage(cli, "init: the folder's name is empty");
	if (!open_repository(&in, folder_of(cli)))
		return cli_fail(cli);
	in.root = repo_root(in.repo);
	if (!find_user(&in) || !write_example(&in))
		return cli_fail(cli);
	struct answer *answer = answer_new(cli, "dxcp.init/1");
	tell_text(&answer->text, &in);
	tell_json(&answer->j, &in);
	return answer_finish(answer) ? EXIT_FINE : cli_fail(cli);
}

const struct command cmd_init = {
        .name = "init",
        .arguments = "[DIR]",
        .summary = "a governance repository with a worked example",
        .about = "Write a worked example, policy/ and intents/, into a git "
                 "repository, which is made\nwhere there is none. No file is "
                 "ever overwritten. You, by git's user.email, get the\nroles "
                 "that the example needs, so that it runs as it is once it is "
                 "committed. Where\npolicy/ has a platform document already, "
                 "the example is left out. schemas/ holds what editors need to "
                 "check and complete such\nfiles (see dxcp schema).",
        .max_args = 1,
        .run = init,
        .examples = "  $ dxcp init delivery && cd delivery\n"
                    "  $ git add -A && git commit -m \"Deliver by pull "
                    "request\"\n"
                    "  $ dxcp run",
};
