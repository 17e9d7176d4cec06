/* repo_ledger: the ledger's commits and their ref. */
#include "core/repo_ledger.h"
#include "tests/lib/repo_at.h"
#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena *arena;
static struct repo *repo;
static struct fail why;

static void fails(bool done, enum fail_kind kind, const char *text,
                  const char *about)
{
	bool as_said = !done && why.kind == kind && strstr(why.text, text);
	if (!ok(as_said, "%s", about))
		tap_note("kind %d: %s\n%s", why.kind, why.text, why.hint);
	why = (struct fail){0};
}

/* One file a pair of numbers, each line being its number. */
static struct oid commit(const struct oid *parent, const int64_t *pairs,
                         size_t n)
{
	struct oid out = {{0}};
	struct repo_batch *b = repo_batch_new(repo, arena, parent);
	bool fine = true;
	for (size_t i = 0; i < n && fine; i++) {
		struct buf text = buf_new(arena, 1 << 20);
		struct repo_events file = {pairs[2 * i], pairs[2 * i + 1],
		                           STR("")};
		for (int64_t s = file.first; s <= file.last; s++)
			buf_format(&text, "%lld\n", (long long)s);
		file.text = buf_str(&text);
		fine = repo_batch_add(b, &file, &why);
	}
	fine = fine &&
	       repo_batch_commit(b, 1700000000, STR("Events\n"), &out, &why);
	if (!fine)
		printf("Bail out! %s\n", why.text);
	return out;
}
#define COMMIT(parent, ...)                            \
	commit(parent, (const int64_t[]){__VA_ARGS__}, \
	       sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t) / 2)

static bool list(void *context, const struct repo_events *file, struct fail *w)
{
	(void)w;
	buf_format(context, "%lld-%lld:%zu ", (long long)file->first,
	           (long long)file->last, file->text.n);
	return true;
}

static struct str files(const struct oid *commit_id, int64_t from)
{
	struct buf out = buf_new(arena, 1 << 16);
	why = (struct fail){0};
	if (!repo_ledger_read(repo, commit_id, from, list, &out, &why))
		return str_of(why.text);
	return str_trim(buf_str(&out));
}

static int64_t last_of(const struct oid *commit_id)
{
	int64_t last = -1;
	why = (struct fail){0};
	return repo_ledger_last(repo, commit_id, &last, &why) ? last : -1;
}

static void writing_and_reading(void)
{
	struct oid none = {{0}};
	struct oid one = COMMIT(&none, 1, 3);
	struct oid two = COMMIT(&one, 4, 4, 5, 999);
	struct oid three = COMMIT(&two, 1000, 1001);
	struct oid four = COMMIT(&three, 1002, 1999, 2000, 2000);
	struct oid_hex hex = oid_hex(&four);
	is_int(last_of(&one), 3, "the last event of the first commit");
	is_int(last_of(&three), 1001, "of one that begins a folder");
	is_int(last_of(&four), 2000, "of the newest");
	is_str(files(&four, 1),
	       "1-3:6 4-4:2 5-999:3880 1000-1001:10 1002-1999:4990 "
	       "2000-2000:5",
	       "all files, in the order of their numbers");
	is_str(files(&four, 0), str_cstr(arena, files(&four, 1)),
	       "from 0 is from 1");
	is_str(files(&four, 4),
	       "4-4:2 5-999:3880 1000-1001:10 1002-1999:4990 2000-2000:5",
	       "from the first of a file on");
	is_str(files(&four, 1001), "1000-1001:10 1002-1999:4990 2000-2000:5",
	       "from the last of one on");
	is_str(files(&four, 1500), "1002-1999:4990 2000-2000:5",
	       "from the middle of one on");
	is_str(files(&four, 2001), "", "from after the end: none");
	is_str(files(&two, 4), "4-4:2 5-999:3880",
	       "an older commit has what it had");
	is_str(sh_read(arena,
	               "git show %s:events/000/000/000000001-000000003"
	               ".jsonl | tr '\\n' ' ' | sed 's/ *$//'",
	               hex.s),
	       "1 2 3", "git shows the lines");
	is_str(sh_read(arena, "git log --format='%%an %%at %%s' %s | sort -u",
	               hex.s),
	       "dxcp 1700000000 Events", "who and when is fixed");
	is_str(sh_read(arena,
	               "git diff --name-only %s~ %s | tr '\\n' ' ' | sed 's/ *$//'",
	               hex.s, hex.s),
	       "events/000/001/000001002-000001999.jsonl "
	       "events/000/002/000002000-000002000.jsonl",
	       "a commit adds files and changes none");
	is_str(sh_read(arena,
	               "git ls-tree --name-only %s | tr '\\n' ' ' | sed 's/ *$//'",
	               hex.s),
	       "README.md events", "and a README goes along");
	struct oid again = COMMIT(&none, 1, 3);
	ok(oid_eq(&again, &one), "the same events make the same commit");
}

static void one_file(void)
{
	struct oid none = {{0}};
	struct oid id = COMMIT(&none, 1, 3, 4, 9);
	struct repo_events file;
	ok(repo_ledger_file(repo, arena, &id, 4, &file, &why) &&
	           file.first == 4 && file.last == 9,
	   "the file of an event");
	is_str(file.text, "4\n5\n6\n7\n8\n9\n", "and its lines");
	ok(repo_ledger_file(repo, arena, &id, 10, &file, &why) && !file.first,
	   "of one that is not there: none");
	ok(repo_ledger_same_file(1, 999) && !repo_ledger_same_file(999, 1000),
	   "a file ends with its thousand");
}

/* A commit whose tree a script makes. */
static struct oid made(const char *script)
{
	struct oid id = {{0}};
	oid_parse(sh_read(arena,
	                  "rm -f index && export GIT_INDEX_FILE=index\n"
	                  "blob=$(echo 1 | git hash-object -w --stdin)\n"
	                  "add() { git update-index --add --cacheinfo "
	                  "100644,$blob,$1; }\n"
	                  "%s\ngit commit-tree -m x $(git write-tree)",
	                  script),
	          &id);
	return id;
}

static void what_is_out_of_place(void)
{
	static const struct {
		const char *about, *script, *text;
	} cases[] = {
	        {"a gap between files",
	         "add events/000/000/000000001-000000002.jsonl\n"
	         "add events/000/000/000000004-000000005.jsonl",
	         "event 3 is missing"},
	        {"a beginning that is gone",
	         "add events/000/001/000001000-000001001.jsonl",
	         "event 1 is missing"},
	        {"a file in another's folder",
	         "add events/000/000/000001000-000001001.jsonl",
	         "out of place"},
	        {"a file that goes on past its thousand",
	         "add events/000/000/000000001-000001001.jsonl",
	         "out of place"},
	        {"events 0", "add events/000/000/000000000-000000001.jsonl",
	         "out of place"},
	        {"a name that is no pair of numbers",
	         "add events/000/000/readme", "out of place"},
	        {"a folder that is no number", "add events/abc/000/x",
	         "out of place"},
	        {"a file where a folder should be", "add events/000",
	         "out of place"},
	        {"overlapping files",
	         "add events/000/000/000000001-000000002.jsonl\n"
	         "add events/000/000/000000002-000000003.jsonl",
	         "event 3 is missing"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct oid id = made(cases[i].script);
		struct buf out = buf_new(arena, 1 << 16);
		fails(repo_ledger_read(repo, &id, 1, list, &out, &why),
		      FAIL_INTEGRITY, cases[i].text, cases[i].about);
	}
	struct oid other = made("add policy/a.yaml");
	is_int(last_of(&other), 0, "a commit without events has none");
	is_str(files(&other, 1), "", "to be read");
	struct oid none = {{0}};
	int64_t last;
	memset(&none, 1, sizeof none);
	fails(repo_ledger_last(repo, &none, &last, &why), FAIL_SYSTEM,
	      "is not in this repository", "a commit that is not there");
}

static void the_ref(void)
{
	static const char ref[] = "refs/dxcp/ledger";
	struct oid none = {{0}}, is;
	struct oid one = COMMIT(&none, 1, 3), two = COMMIT(&one, 4, 4);
	enum ref_move did;
	ok(repo_ref(repo, ref, &is, &why) && oid_is_zero(&is),
	   "a ref that is not there");
	ok(repo_ref_move(repo, ref, &one, &two, &did, &why) &&
	           did == REF_ELSEWHERE,
	   "does not move from what it is not");
	ok(repo_ref_move(repo, ref, &none, &one, &did, &why) &&
	           did == REF_MOVED,
	   "it is made");
	ok(repo_ref_move(repo, ref, &none, &two, &did, &why) &&
	           did == REF_ELSEWHERE,
	   "once");
	ok(repo_ref_move(repo, ref, &one, &two, &did, &why) && did == REF_MOVED,
	   "it moves from what it is");
	ok(repo_ref_move(repo, ref, &one, &two, &did, &why) &&
	           did == REF_ELSEWHERE,
	   "not from what it was");
	ok(repo_ref(repo, ref, &is, &why) && oid_eq(&is, &two),
	   "and names the last");
	sh("git pack-refs --all");
	ok(repo_ref(repo, ref, &is, &why) && oid_eq(&is, &two),
	   "packed refs are read");
	ok(repo_ref_move(repo, ref, &two, &one, &did, &why) && did == REF_MOVED,
	   "and moved");
	ok(!repo_ref_lock(repo, ref), "nobody holds its lock");
	sh(": >.git/refs/dxcp/ledger.lock");
	ok(repo_ref_move(repo, ref, &one, &two, &did, &why) &&
	           did == REF_LOCKED,
	   "one that another program has locked does not move");
	uint64_t lock = repo_ref_lock(repo, ref);
	sh("rm .git/refs/dxcp/ledger.lock; : >.git/refs/dxcp/ledger.lock");
	ok(lock && repo_ref_lock(repo, ref) != lock,
	   "a lock is told apart from the next");
	ok(repo_ref_unlock(repo, ref, &why) &&
	           repo_ref_move(repo, ref, &one, &two, &did, &why) &&
	           did == REF_MOVED,
	   "without it the ref moves");
	ok(repo_ref_is_valid("refs/heads/x") && !repo_ref_is_valid("ledger") &&
	           !repo_ref_is_valid("refs/a..b") &&
	           !repo_ref_is_valid("refs/"),
	   "names are looked at");
}

int main(void)
{
	arena = arena_new();
	scratch_start();
	sh("git init -q -b main . && git commit -q --allow-empty -m x");
	repo = repo_at(arena, ".");
	writing_and_reading();
	one_file();
	what_is_out_of_place();
	the_ref();
	scratch_end();
	arena_free(arena);
	return tap_done();
}
