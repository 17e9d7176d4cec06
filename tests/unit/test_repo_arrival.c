/* repo_arrival: how a file came to the main line. */
#include "core/repo.h"
#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

static struct arena *arena;
static struct fail why;

/* In the scripts `c WORDS` commits everything, a minute after the one before;
   `w FILE TEXT` writes; `m WORDS BRANCH` merges. */
static void make_history(const char *name, const char *script)
{
	sh("git init -q %s && cd %s && n=0\n"
	   "tick() { n=$((n + 60)); export GIT_AUTHOR_DATE=\"$((1700000000 + n))"
	   " +0000\" GIT_COMMITTER_DATE=\"$((1700000000 + n)) +0000\"; }\n"
	   "c() { tick; git add -A; git commit -q --allow-empty -m \"$1\"; }\n"
	   "m() { tick; git merge -q --no-ff -m \"$1\" $2; }\n"
	   "w() { mkdir -p $(dirname $1); echo $2 >$1; }\n%s",
	   name, name, script);
}

/* The subject of the step that brought path the bytes "1", or "none". */
static struct str arrival(const char *dir, const char *path)
{
	struct repo *r;
	struct oid tip, blob;
	struct commit step;
	bool found;
	why = (struct fail){0};
	if (!repo_open(&r, arena, dir, &why) ||
	    !repo_resolve(r, STR("HEAD"), &tip, &why) ||
	    !repo_blob_id(r, STR("1\n"), &blob, &why) ||
	    !repo_arrival(r, arena, &tip, path, &blob, &found, &step, &why))
		return str_of(why.text);
	return found ? step.subject : STR("none");
}

static void test_histories(void)
{
	static const struct {
		const char *name, *script, *want;
	} cases[] = {
	        {"first", "w i/a 1; c one", "one"},
	        {"then-others", "w i/a 1; c one; w x 1; c two; w x 2; c three",
	         "one"},
	        {"merged",
	         "c zero; git checkout -qb side; w i/a 1; c one\n"
	         "git checkout -q main; w x 1; c two; m 'Merge side' side\n"
	         "w x 2; c three",
	         "Merge side"},
	        {"fast-forward",
	         "c zero; git checkout -qb side; w i/a 1; c one; w x 1; c two\n"
	         "git checkout -q main; git merge -q --ff-only side",
	         "one"},
	        {"changed-and-back",
	         "w i/a 1; c one; w i/a 2; c two; w i/a 1; c three", "three"},
	        {"edited-since", "w i/a 1; c one; w i/a 2; c two", "none"},
	        {"never", "w x 1; c one", "none"},
	        {"a-folder", "w i/a/b 1; c one", "none"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		make_history(cases[i].name, cases[i].script);
		is_str(arrival(cases[i].name, "i/a"), cases[i].want, "%s",
		       cases[i].name);
	}
}

static void test_shallow(void)
{
	make_history("deep", "w i/a 1; c one; w x 1; c two; w x 2; c three");
	sh("git clone -q --depth 2 \"file://$PWD/deep\" cut");
	is_str(arrival("cut", "i/a"), "none",
	       "what came before a shallow clone's end is not known");
}

int main(void)
{
	scratch_start();
	arena = arena_new();
	test_histories();
	test_shallow();
	arena_free(arena);
	scratch_end();
	return tap_done();
}
