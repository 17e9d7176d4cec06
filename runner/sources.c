#include "runner/sources.h"

#include "core/files.h"
#include "core/sha256.h"
#include "runner/program.h"

#include <unistd.h>

enum { FETCH_MS = 10 * 60 * 1000, SAID_MAX = 4096 };

static bool is_url(struct str s)
{
	struct str head, tail;
	if (str_contains(s, STR("://")))
		return true;
	/* user@host:path, as ssh takes it */
	return str_cut(s, ':', &head, &tail) && str_has(head, '@') &&
	       !str_has(head, '/');
}

/* Where it lies, or where its clone would. */
static const char *path_of(struct cli *cli, struct str repository)
{
	struct arena *a = cli->arena;
	const char *root = repo_root(cli->world.repo);
	if (str_starts(repository, STR("file://")))
		return str_cstr(a, str_from(repository, strlen("file://")));
	if (!is_url(repository))
		return repository.n && repository.s[0] == '/'
		               ? str_cstr(a, repository)
		               : str_format(a, "%s%" STR_FMT, root,
		                            STR_ARG(repository))
		                         .s;
	struct sha256_hex digest = sha256_of_parts(&repository, 1);
	return str_format(a, "%s.dxcp/sources/%.24s.git", root, digest.s).s;
}

static bool wants(const struct policy *p, const struct service *s,
                  struct str service, struct str group)
{
	const struct group *g = policy_group_of(p, s->name.s);
	return s->repository.s.n &&
	       (!service.n || str_eq(service, s->name.s)) &&
	       (!group.n || (g && str_eq(group, g->id.s)));
}

/* Many services of one repository share it. */
static const struct repo *opened(struct cli *cli, struct map *known,
                                 const char *path)
{
	struct fail no = {0};
	struct repo *r = map_find(known, str_of(path));
	if (r || access(path, F_OK) || !repo_open(&r, cli->arena, path, &no))
		return r;
	/* A folder inside the governance repository is no source. */
	if (repo_is_shallow(r) ||
	    !strcmp(repo_root(r), repo_root(cli->world.repo)))
		return NULL;
	map_put(known, str_of(path), r);
	return r;
}

bool sources_open(struct sources *out, struct cli *cli, const struct policy *p,
                  struct str service, struct str group)
{
	struct map known = map_new(cli->arena);
	*out = (struct sources){.missing = 0};
	for (size_t i = 0; i < p->services.n; i++) {
		const struct service *s = p->services.at[i];
		if (!wants(p, s, service, group))
			continue;
		const struct repo *r =
		        opened(cli, &known, path_of(cli, s->repository.s));
		out->missing += !r;
		if (r)
			*vec_add(cli->arena, &out->at) =
			        (struct insight_source){s->name.s, r};
	}
	return true;
}

/* --- clones --- */

static bool git(struct cli *cli, struct str repository, char **words)
{
	struct program program = {.words = words,
	                          .timeout_ms = FETCH_MS,
	                          .output_max = SAID_MAX,
	                          .with_errors = true};
	struct program_end end;
	if (!program_run(&end, cli->arena, &program, &cli->why))
		return false;
	if (!end.timed_out && !end.signal && !end.exit_status)
		return true;
	fail_set(&cli->why, FAIL_ENGINE,
	         "%" STR_FMT " could not be fetched: %" STR_FMT,
	         STR_ARG(repository),
	         STR_ARG(end.timed_out ? STR("it took too long")
	                               : str_trim(end.output)));
	return fail_hint(&cli->why, "try the same with git clone; without "
	                            "--fetch-sources what is at hand is used");
}

static bool fetch(struct cli *cli, struct str repository)
{
	char *path = (char *)(uintptr_t)path_of(cli, repository);
	char *url = (char *)(uintptr_t)str_cstr(cli->arena, repository);
	char *clone[] = {"git",
	                 "-c",
	                 "protocol.ext.allow=never",
	                 "-c",
	                 "credential.interactive=never",
	                 "clone",
	                 "--bare",
	                 "--quiet",
	                 "--",
	                 url,
	                 path,
	                 NULL};
	char *update[] = {"git",
	                  "-C",
	                  path,
	                  "-c",
	                  "protocol.ext.allow=never",
	                  "fetch",
	                  "--quiet",
	                  "--prune",
	                  "--tags",
	                  "--force",
	                  "--",
	                  url,
	                  "+refs/heads/*:refs/heads/*",
	                  NULL};
	cli_say(cli, "fetching %s", url);
	if (access(path, F_OK) == 0)
		return git(cli, repository, update);
	struct str folder = str_format(cli->arena, "%s.dxcp/sources",
	                               repo_root(cli->world.repo));
	return dir_make(folder.s, &cli->why) && git(cli, repository, clone);
}

bool sources_fetch(struct cli *cli, struct str service, struct str group)
{
	const struct policy *p = cli->pass.policy;
	struct map done = map_new(cli->arena);
	for (size_t i = 0; i < p->services.n; i++) {
		const struct service *s = p->services.at[i];
		struct str at = s->repository.s;
		if (!wants(p, s, service, group) || !is_url(at) ||
		    str_starts(at, STR("file://")) || map_find(&done, at))
			continue;
		map_put(&done, at, &done);
		if (!fetch(cli, at))
			return false;
	}
	return true;
}

bool sources_changes(const struct insight_changes **out, struct cli *cli,
                     const struct sources *s, const struct insight_question *q)
{
	struct insight_changes *changes =
	        ARENA_NEW(cli->arena, struct insight_changes);
	*out = NULL;
	if (!s->at.n)
		return true;
	if (!insight_changes_read(changes, cli->arena, cli->world.ledger,
	                          s->at.at, s->at.n, q->environments,
	                          q->nenvironments, &cli->why))
		return false;
	*out = changes;
	return true;
}
