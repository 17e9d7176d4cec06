#include "runner/git_program.h"

#include "runner/program.h"
#include "runner/redact.h"

#include <string.h>

enum {
	WORDS_MAX = 48,
	OUTPUT_MAX = 64 * 1024,
	SAID_MAX = 400,
	LONGEST_S = 86400
};

struct command {
	char *words[WORDS_MAX + 1];
	int n;
	bool to_its_end;
};

/* posix_spawn does not change what it is given. */
static void word(struct command *c, struct arena *a, const char *text)
{
	size_t n = strlen(text);
	if (c->n == WORDS_MAX)
		return;
	char *copy = arena_alloc(a, n + 1);
	memcpy(copy, text, n + 1);
	c->words[c->n++] = copy;
}

static void words(struct command *c, struct arena *a, const char *const *list)
{
	for (; *list; list++)
		word(c, a, *list);
}

/* SSH asks for passphrases and unknown hosts, on the terminal, unless told not
   to. Who configured how to call it has settled that. */
static bool ssh_is_configured(struct world *w, struct arena *a)
{
	struct str command = STR("");
	struct fail ignored = {0};
	if (world_environment("GIT_SSH_COMMAND").n ||
	    world_environment("GIT_SSH").n)
		return true;
	return repo_setting(w->repo, a, "core.sshCommand", &command,
	                    &ignored) &&
	       command.n;
}

/* env(1), for what must not come from, or must stand in, the environment. */
static struct command begin(const struct git_remote *r, struct arena *a)
{
	static const char *const before[] = {"env",
	                                     "-u",
	                                     "GIT_DIR",
	                                     "-u",
	                                     "GIT_WORK_TREE",
	                                     "-u",
	                                     "GIT_INDEX_FILE",
	                                     "-u",
	                                     "GIT_OBJECT_DIRECTORY",
	                                     "LC_ALL=C",
	                                     "GIT_TERMINAL_PROMPT=0",
	                                     "GCM_INTERACTIVE=never",
	                                     NULL};
	struct command c = {.n = 0};
	words(&c, a, before);
	if (!ssh_is_configured(r->world, a))
		word(&c, a, "GIT_SSH_COMMAND=ssh -o BatchMode=yes");
	word(&c, a, "git");
	word(&c, a, "-C");
	word(&c, a, repo_root(r->world->repo));
	return c;
}

/* --- what it says -------------------------------------------------------- */

static const struct {
	const char *said, *hint;
} hints[] = {
        {"could not read Username", "give the job credentials for it: a token "
                                    "by a credential helper, or SSH keys"},
        {"Authentication failed", "the credentials are not taken: look at the "
                                  "token's or the key's end of life and "
                                  "rights"},
        {"Permission denied (publickey", "give the job an SSH key that the "
                                         "server knows"},
        {"Host key verification failed", "add the server's host key to "
                                         "known_hosts"},
        {"Permission to", "the job's token may not write: in GitHub Actions "
                          "permissions: contents: write"},
        {"403", "the job's credentials may not do this: it has to read and "
                "push the ledger's ref"},
        {"hook declined", "the server does not let this ref be pushed: allow "
                          "it there, or name another as platform.ledger.ref"},
        {"deny updating a hidden ref", "the server hides this ref: name "
                                       "another as platform.ledger.ref"},
        {"dubious ownership", "git config --global --add safe.directory "
                              "DIRECTORY"},
};

static const char *hint_for(struct str said)
{
	for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
		if (str_contains(said, str_of(hints[i].said)))
			return hints[i].hint;
	return "look whether git ls-remote reaches it from this machine; then "
	       "run again";
}

/* A line that says what went wrong, before one that only says that. */
static int weight(struct str line)
{
	static const char *const starts[] = {"hint:", "To ", "error: failed to",
	                                     "Please make sure", "and the "};
	if (str_blank(line))
		return 0;
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (str_starts(line, str_of(starts[i])))
			return 1;
	if (str_contains(line, STR("Could not read from remote")))
		return 2;
	if (str_starts(line, STR("fatal:")) || str_has(line, '!') ||
	    str_starts(line, STR("ERROR")))
		return 4;
	return 3;
}

static struct str brief(struct arena *a, struct str output)
{
	struct str rest = redact(a, output), line, best = STR("");
	int of_best = 0;
	while (str_next(&rest, '\n', &line))
		if (weight(line) > of_best) {
			best = str_trim(line);
			of_best = weight(line);
		}
	struct buf out = buf_new(a, SAID_MAX);
	for (size_t i = 0; i < best.n; i++)
		buf_add_char(&out, best.s[i] == '\t' ? ' ' : best.s[i]);
	return of_best ? buf_str(&out) : STR("it did not say why");
}

/* True where it ended well; else *why says what was being done. */
static bool finish(const struct git_remote *r, struct command *c,
                   struct arena *a, const char *doing, struct str *output,
                   struct fail *why)
{
	int64_t seconds = r->timeout_s < LONGEST_S ? r->timeout_s : LONGEST_S;
	const struct program program = {.words = c->words,
	                                .timeout_ms = (int)(seconds * 1000),
	                                .output_max = OUTPUT_MAX,
	                                .with_errors = true,
	                                .to_its_end = c->to_its_end};
	struct program_end end;
	if (!program_run(&end, a, &program, why))
		return fail_note(why, "%s", doing);
	*output = end.output;
	if (end.timed_out) {
		fail_set(why, FAIL_ENGINE, "%s: no end within %lld seconds",
		         doing, (long long)r->timeout_s);
		return fail_hint(why, "try again, or raise "
		                      "platform.ledger.timeout");
	}
	if (!end.signal && !end.exit_status)
		return true;
	if (world_signal())
		return fail_set(why, FAIL_ENGINE, "%s: told to end", doing);
	if (end.exit_status == 127) {
		fail_set(why, FAIL_SYSTEM, "%s: there is no git program",
		         doing);
		return fail_hint(why, "install git");
	}
	fail_set(why, FAIL_ENGINE, "%s: %" STR_FMT, doing,
	         STR_ARG(brief(a, end.output)));
	return fail_hint(why, "%s", hint_for(end.output));
}

/* --- what it does -------------------------------------------------------- */

bool git_list(const struct git_remote *r, struct oid *out, struct fail *why)
{
	struct arena *a = arena_new();
	struct command c = begin(r, a);
	const char *const more[] = {"ls-remote", "--", r->name, r->ref, NULL};
	struct str rest, line, id, ref;
	struct oid found = {{0}};
	words(&c, a, more);
	bool fine = finish(r, &c, a,
	                   str_format(a, "asking %s for %s", r->name, r->ref).s,
	                   &rest, why);
	while (fine && str_next(&rest, '\n', &line))
		if (str_cut(line, '\t', &id, &ref) && str_is(ref, r->ref))
			oid_parse(id, &found);
	arena_free(a);
	if (fine)
		*out = found;
	return fine;
}

bool git_fetch(const struct git_remote *r, struct fail *why)
{
	struct arena *a = arena_new();
	struct command c = begin(r, a);
	struct str output;
	const char *const more[] = {"fetch",
	                            "--quiet",
	                            "--no-tags",
	                            "--no-write-fetch-head",
	                            "--recurse-submodules=no",
	                            "--refmap=",
	                            "--",
	                            r->name,
	                            r->ref,
	                            NULL};
	words(&c, a, more);
	bool fine =
	        finish(r, &c, a,
	               str_format(a, "fetching %s from %s", r->ref, r->name).s,
	               &output, why);
	arena_free(a);
	return fine;
}

static void push_words(const struct git_remote *r, struct arena *a,
                       struct command *c, const char *mode, const char *lease,
                       const char *what)
{
	const char *const more[] = {"push",
	                            mode,
	                            "--no-verify",
	                            "--no-signed",
	                            "--no-follow-tags",
	                            "--recurse-submodules=no",
	                            lease,
	                            "--",
	                            r->name,
	                            what,
	                            NULL};
	words(c, a, more);
}

bool git_push(const struct git_remote *r, const struct oid *from,
              const struct oid *to, struct fail *why)
{
	struct arena *a = arena_new();
	struct command c = begin(r, a);
	struct str output;
	bool new = oid_is_zero(from);
	push_words(r, a, &c, "--porcelain",
	           str_format(a, "--force-with-lease=%s:%s", r->ref,
	                      new ? "" : oid_hex(from).s)
	                   .s,
	           str_format(a, "%s:%s", oid_hex(to).s, r->ref).s);
	c.to_its_end = true;
	bool fine = finish(r, &c, a,
	                   str_format(a, "pushing %s to %s", r->ref, r->name).s,
	                   &output, why);
	arena_free(a);
	return fine;
}

bool git_may_push(const struct git_remote *r, struct fail *why)
{
	struct arena *a = arena_new();
	struct command c = begin(r, a);
	struct str output;
	push_words(r, a, &c, "--dry-run", "--force",
	           str_format(a, "HEAD:%s", r->ref).s);
	bool fine = finish(r, &c, a,
	                   str_format(a, "asking %s whether %s may be pushed",
	                              r->name, r->ref)
	                           .s,
	                   &output, why);
	arena_free(a);
	return fine;
}
