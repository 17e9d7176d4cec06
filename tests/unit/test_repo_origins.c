/* repo_origins: which commit gave a file what it holds. */
#include "core/repo.h"
#include "core/vec.h"
#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <string.h>

static struct arena *arena;
static struct fail why;

/* One history a case. In the scripts `c WORD` commits everything, a minute
 * after the one before, and WORD is the subject; `w FILE TEXT` writes. */
static void make_history(const char *name, const char *script)
{
	sh("git init -q %s && cd %s && n=0\n"
	   "tick() { n=$((n + 60)); export GIT_AUTHOR_DATE=\"$((1700000000 + n))"
	   " +0000\" GIT_COMMITTER_DATE=\"$((1700000000 + n)) +0000\"; }\n"
	   "c() { tick; git add -A; git commit -q --allow-empty -m $1; }\n"
	   "m() { tick; git merge -q --no-ff -m \"$@\"; }\n"
	   "w() { mkdir -p $(dirname $1); echo $2 >$1; }\n%s",
	   name, name, script);
}

struct wanted {
	VEC(struct origin) origins;
};

static bool want(void *context, const struct change *change, struct fail *w)
{
	(void)w;
	struct wanted *wanted = context;
	struct origin *o = vec_add(arena, &wanted->origins);
	o->path = str_copy(arena, change->path);
	o->blob = change->blob;
	return true;
}

static bool tree_of(const struct repo *r, const char *revision,
                    struct oid *commit, struct oid *tree)
{
	return !*revision || (repo_resolve(r, str_of(revision), commit, &why) &&
	                      repo_tree(r, commit, "intents", tree, &why));
}

/*
 * "a=one b=two!": the files new since `from`, without intents/, with their
 * commit's subject and '!' where mixed; after '|' the commits in order.
 */
static struct str origins(const char *dir, const char *from, const char *tip,
                          bool as_one)
{
	struct repo *r;
	struct wanted wanted = {0};
	struct oid commits[2] = {{{0}}}, trees[2] = {{{0}}};
	why = (struct fail){0};
	if (!repo_open(&r, arena, dir, &why) ||
	    !tree_of(r, from, &commits[0], &trees[0]) ||
	    !tree_of(r, tip, &commits[1], &trees[1]) ||
	    !repo_changes(r, &trees[0], &trees[1], STR("intents"), want,
	                  &wanted, &why))
		return str_of(why.text);
	struct origins o = {.at = wanted.origins.at, .n = wanted.origins.n};
	if (!repo_origins(r, arena, &commits[0], &commits[1], "intents",
	                  "policy", as_one, &o, &why))
		return str_of(why.text);
	struct buf out = buf_new(arena, 1 << 16);
	for (size_t i = 0; i < o.n; i++) {
		struct str subject =
		        o.at[i].commit == UINT32_MAX
		                ? STR("?")
		                : o.commits[o.at[i].commit].subject;
		buf_format(&out, "%" STR_FMT "=%" STR_FMT "%s ",
		           STR_ARG(str_from(o.at[i].path, 8)), STR_ARG(subject),
		           o.at[i].mixed ? "!" : "");
	}
	buf_add_char(&out, '|');
	for (size_t i = 0; i < o.ncommits; i++)
		buf_format(&out, " %" STR_FMT, STR_ARG(o.commits[i].subject));
	return buf_str(&out);
}

static void test_histories(void)
{
	static const struct {
		const char *name, *script, *from, *tip, *want;
	} cases[] = {
	        {"line",
	         "w intents/a 1; w intents/s/b 1; c one; w intents/s/c 1; c two\n"
	         "w intents/a 2; c three; w other 1; c four",
	         "", "main", "a=three s/b=one s/c=two | one two three"},
	        {"range",
	         "w intents/a 1; c one; git tag base; w intents/b 1; c two\n"
	         "w intents/a 2; w intents/b 2; c three",
	         "base", "main", "a=three b=three | three"},
	        {"back-to-what-it-was",
	         "w intents/a 1; c one; w intents/a 2; c two; w intents/a 1\n"
	         "c three",
	         "", "main", "a=three | three"},
	        {"removed-and-back",
	         "w intents/a 1; c one; rm intents/a; c two; w intents/a 1\n"
	         "c three",
	         "", "main", "a=three | three"},
	        {"renamed",
	         "w intents/a 1; c one; git mv intents/a intents/b; c two", "",
	         "main", "b=two | two"},
	        {"file-to-folder",
	         "w intents/a 1; c one; rm intents/a; w intents/a/b 1; c two",
	         "", "main", "a/b=two | two"},
	        {"x-bit-only",
	         "w intents/a 1; c one; chmod +x intents/a; c two", "", "main",
	         "a=one | one"},
	        {"branch",
	         "w intents/a 1; c one; git checkout -qb side; w intents/b 1\n"
	         "c two; git checkout -q main; w intents/c 1; c three\n"
	         "m merge side",
	         "", "main", "a=one b=two c=three | one two three"},
	        {"old-branch-after-base",
	         "w intents/a 1; c one; git checkout -qb side; w intents/b 1\n"
	         "c two; git checkout -q main; w intents/c 1; c three\n"
	         "git tag base; m merge side",
	         "base", "main", "b=two | two"},
	        {"merge-that-writes",
	         "w intents/a 1; c one; git checkout -qb side; w x 1; c two\n"
	         "git checkout -q main; w y 1; c three; tick\n"
	         "git merge -q --no-ff --no-commit side; w intents/a 2; c four",
	         "", "main", "a=four | four"},
	        {"merge-takes-one-side",
	         "w intents/a 0; c zero; git checkout -qb side; w intents/a 1\n"
	         "c one; git checkout -q main; w intents/a 2; c two\n"
	         "git checkout -q side; m three -s ours main",
	         "", "side", "a=one | one"},
	        {"same-bytes-on-both-sides",
	         "c zero; git checkout -qb side; w intents/a 1; c one\n"
	         "git checkout -q main; w intents/a 1; c two; m three side",
	         "", "main", "a=two | two"},
	        {"three-parents",
	         "c zero; git checkout -qb s1; w intents/a 1; c one\n"
	         "git checkout -qb s2 main; w intents/b 1; c two\n"
	         "git checkout -q main; w intents/c 1; c three\n"
	         "m four s1 s2",
	         "", "main", "a=one b=two c=three | one two three"},
	        {"rewritten",
	         "w intents/a 1; c one; git branch old; w intents/b 1; c two\n"
	         "git tag base; git reset -q --hard old; w intents/c 1; c three",
	         "base", "main", "c=three | three"},
	        {"nothing-new", "w intents/a 1; c one; w x 1; c two", "main~1",
	         "main", "|"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		make_history(cases[i].name, cases[i].script);
		is_str(origins(cases[i].name, cases[i].from, cases[i].tip,
		               false),
		       cases[i].want, "%s", cases[i].name);
	}
}

static void test_mixed(void)
{
	static const struct {
		const char *name, *script, *from;
		bool as_one;
		const char *want;
	} cases[] = {
	        {"one-commit",
	         "w policy/p 1; c zero; w policy/p 2; w intents/a 1; c one\n"
	         "w intents/b 1; c two",
	         "", false, "a=one! b=two | one two"},
	        {"policy-is-new",
	         "w x 1; c zero; w policy/p 1; w intents/a 1; c one", "", false,
	         "a=one | one"},
	        {"all-in-the-first-commit",
	         "w policy/p 1; w intents/a 1; c one", "", false,
	         "a=one | one"},
	        {"policy-removed",
	         "w policy/p 1; c zero; rm policy/p; w intents/a 1; c one", "",
	         false, "a=one! | one"},
	        {"one-after-the-other",
	         "w policy/p 1; c zero; w policy/p 2; c one; w intents/a 1\n"
	         "c two",
	         "", false, "a=two | two"},
	        {"merged-together",
	         "w policy/p 1; c zero; git checkout -qb side; w policy/p 2\n"
	         "c one; w intents/a 1; c two; git checkout -q main\n"
	         "w intents/b 1; c three; m four side",
	         "", false, "a=two! b=three | two three"},
	        {"policy-on-main-meanwhile",
	         "w policy/p 1; c zero; git checkout -qb side; w intents/a 1\n"
	         "c one; git checkout -q main; w policy/p 2; c two\n"
	         "m three side",
	         "", false, "a=one | one"},
	        {"written-again-alone",
	         "w policy/p 1; c zero; w policy/p 2; w intents/a 1; c one\n"
	         "w intents/a 2; c two",
	         "", false, "a=two | two"},
	        {"written-again-with-policy",
	         "w policy/p 1; w intents/a 1; c one; w policy/p 2\n"
	         "w intents/a 2; c two",
	         "", false, "a=two! | two"},
	        {"a-pull-request",
	         "w policy/p 1; w intents/z 1; c zero; git tag base\n"
	         "w policy/p 2; c one; w intents/a 1; c two",
	         "base", true, "a=two! | two"},
	        {"its-commits-one-by-one",
	         "w policy/p 1; w intents/z 1; c zero; git tag base\n"
	         "w policy/p 2; c one; w intents/a 1; c two",
	         "base", false, "a=two | two"},
	        {"one-that-undoes-its-policy",
	         "w policy/p 1; w intents/z 1; c zero; git tag base\n"
	         "w policy/p 2; w intents/a 1; c one; w policy/p 1; c two",
	         "base", true, "a=one | one"},
	        {"one-that-brings-policy",
	         "w intents/z 1; c zero; git tag base; w policy/p 1; c one\n"
	         "w intents/a 1; c two",
	         "base", true, "a=two | two"},
	        {"all-as-one",
	         "w policy/p 1; c zero; w policy/p 2; w intents/a 1; c one", "",
	         true, "a=one | one"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		make_history(cases[i].name, cases[i].script);
		is_str(origins(cases[i].name, cases[i].from, "main",
		               cases[i].as_one),
		       cases[i].want, "%s", cases[i].name);
	}
}

static void test_asked_for(void)
{
	make_history("asked", "w intents/a 1; c one; w intents/b 1; c two");
	struct repo *r;
	struct oid none = {{0}}, gone = {{1}}, tip;
	struct origin at[] = {{.path = STR("intents/a")},
	                      {.path = STR("intents/no/such")}};
	struct origins o = {.at = at, .n = 2};
	oid_parse(sh_read(arena, "git -C asked rev-parse main:intents/a"),
	          &at[0].blob);
	why = (struct fail){0};
	ok(repo_open(&r, arena, "asked", &why) &&
	           repo_resolve(r, STR("main"), &tip, &why) &&
	           repo_origins(r, arena, &none, &tip, "intents", "policy",
	                        false, &o, &why),
	   "some of the files are asked for%s", why.text);
	is_int(at[0].commit, 0, "one is found");
	is_int(at[1].commit, UINT32_MAX, "one that is not there is not");
	is_int((int64_t)o.ncommits, 1, "the other commit is not given");
	at[0].commit = 7;
	ok(repo_origins(r, arena, &gone, &tip, "intents", "policy", false, &o,
	                &why),
	   "a `from` that is gone is as none");
	is_int(at[0].commit, 0, "all history is looked at");
	o.n = 0;
	ok(repo_origins(r, arena, &none, &tip, "intents", "policy", false, &o,
	                &why) &&
	           !o.ncommits,
	   "nothing is asked for");
}

static void test_shallow(void)
{
	make_history("full", "w intents/a 1; c one; w intents/b 1; c two\n"
	                     "w intents/c 1; c three");
	sh("git clone -q --depth 2 file://$(pwd -P)/full shallow");
	struct str said = origins("shallow", "", "main", false);
	ok(str_contains(said, STR("is not in this repository")),
	   "a shallow clone's history is refused");
	ok(strstr(why.hint, "git fetch --unshallow") != NULL,
	   "with what to do about it");
	said = origins("shallow", "main~1", "main", false);
	ok(str_contains(said, STR("is not in this repository")) &&
	           strstr(why.hint, "git fetch --unshallow"),
	   "a range that ends at the boundary too: libgit2 looks past it");
	sh("cd shallow && git fetch -q --unshallow");
	is_str(origins("shallow", "main~1", "main", false), "c=three | three",
	       "after the fetch that the hint names it works");
}

int main(void)
{
	scratch_start();
	arena = arena_new();
	test_histories();
	test_mixed();
	test_asked_for();
	test_shallow();
	arena_free(arena);
	scratch_end();
	return tap_done();
}
