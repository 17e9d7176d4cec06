/* The tree of the ledger's commits: reading it. */
#include "core/repo_ledger_private.h"

#include <stdio.h>
#include <string.h>

static bool malformed(struct fail *why, const struct oid *commit,
                      const char *name)
{
	fail_set(why, FAIL_INTEGRITY,
	         "commit %s is not one of a ledger: \"%.80s\" is out of place",
	         oid_hex(commit).s, name);
	return fail_hint(why, "was its ref moved by hand? git reflog and the "
	                      "clones of others know where it was");
}

struct str repo_ledger_path(struct arena *a, int64_t first, int64_t last)
{
	return str_format(a, "events/%03lld/%03lld/%09lld-%09lld.jsonl",
	                  (long long)(first / SEQS_OF_FOLDER),
	                  (long long)(first / SEQS_OF_LEAF % SEQS_OF_LEAF),
	                  (long long)first, (long long)last);
}

bool repo_ledger_same_file(int64_t first, int64_t seq)
{
	return first / SEQS_OF_LEAF == seq / SEQS_OF_LEAF;
}

/* --- names --- */

static bool digits(struct str s, size_t n, int64_t *out)
{
	if (s.n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (s.s[i] < '0' || s.s[i] > '9')
			return false;
	return str_int(s, out);
}

/* Of a folder: the part of the number that it stands for. */
static bool folder_number(const git_tree_entry *e, int64_t *out)
{
	return git_tree_entry_type(e) == GIT_OBJECT_TREE &&
	       digits(str_of(git_tree_entry_name(e)), 3, out);
}

static bool file_numbers(const git_tree_entry *e, struct repo_events *out)
{
	struct str name = str_of(git_tree_entry_name(e)), end = STR(".jsonl");
	return git_tree_entry_type(e) == GIT_OBJECT_BLOB &&
	       name.n == 19 + end.n && name.s[9] == '-' &&
	       str_ends(name, end) &&
	       digits(str_head(name, 9), 9, &out->first) &&
	       digits(str_head(str_from(name, 10), 9), 9, &out->last) &&
	       out->first > 0 && out->first <= out->last &&
	       repo_ledger_same_file(out->first, out->last);
}

/* --- trees --- */

struct reading {
	const struct repo *repo;
	const struct oid *commit;
	repo_events_fn *visit;
	void *context;
	struct fail *why;
	int64_t from, to; /* the events that are asked for */
	int64_t next;     /* that has to come; 0: nothing was visited yet */
};

static bool open_tree(struct reading *x, const git_oid *id, git_tree **out)
{
	int rc = git_tree_lookup(out, x->repo->git, id);
	return !rc || object_fail(x->repo, x->why, rc, "tree", id);
}

/* The tree events/ of the commit; NULL where there is none. */
static bool open_events(struct reading *x, git_tree **out)
{
	struct oid tree;
	*out = NULL;
	if (!repo_tree(x->repo, x->commit, "events", &tree, x->why))
		return false;
	if (oid_is_zero(&tree))
		return true;
	git_oid id = oid_to_git(&tree);
	return open_tree(x, &id, out);
}

static bool take_file(struct reading *x, const git_tree_entry *e,
                      struct repo_events *file)
{
	git_odb_object *blob = NULL;
	const git_oid *id = git_tree_entry_id(e);
	git_object_t type;
	size_t size;
	int rc = git_odb_read_header(&size, &type, x->repo->odb, id);
	if (!rc && size > REPO_LEDGER_READ_MAX)
		return malformed(x->why, x->commit, git_tree_entry_name(e));
	if (!rc)
		rc = git_odb_read(&blob, x->repo->odb, id);
	if (rc)
		return object_fail(x->repo, x->why, rc, "blob", id);
	file->text = (struct str){git_odb_object_data(blob),
	                          git_odb_object_size(blob)};
	bool fine = x->visit(x->context, file, x->why);
	git_odb_object_free(blob);
	return fine;
}

static bool gap(struct reading *x, int64_t before)
{
	return fail_set(x->why, FAIL_INTEGRITY,
	                "event %lld is missing in the ledger's commit %s",
	                (long long)before, oid_hex(x->commit).s);
}

/* In the order of their names, which is that of their numbers. */
static bool read_entry(struct reading *x, const git_tree_entry *e,
                       int64_t thousand)
{
	struct repo_events file;
	if (!file_numbers(e, &file) || file.first / SEQS_OF_LEAF != thousand)
		return malformed(x->why, x->commit, git_tree_entry_name(e));
	if (file.last < x->from || file.first > x->to)
		return true;
	if (x->next ? file.first != x->next : file.first > x->from)
		return gap(x, x->next ? x->next : x->from);
	x->next = file.last + 1;
	return take_file(x, e, &file);
}

static bool read_leaf(struct reading *x, const git_oid *id, int64_t thousand)
{
	git_tree *tree;
	bool fine = true;
	if (!open_tree(x, id, &tree))
		return false;
	for (size_t i = 0; i < git_tree_entrycount(tree) && fine; i++)
		fine = read_entry(x, git_tree_entry_byindex(tree, i), thousand);
	git_tree_free(tree);
	return fine;
}

typedef bool folder_fn(struct reading *x, const git_oid *id, int64_t number);

/* The folders of a tree that hold what is asked for, each of `size` events. */
static bool read_folders(struct reading *x, const git_tree *tree, int64_t base,
                         int64_t size, folder_fn *visit)
{
	for (size_t i = 0; i < git_tree_entrycount(tree); i++) {
		int64_t number;
		const git_tree_entry *e = git_tree_entry_byindex(tree, i);
		if (!folder_number(e, &number))
			return malformed(x->why, x->commit,
			                 git_tree_entry_name(e));
		number += base;
		if (number >= x->from / size && number <= x->to / size &&
		    !visit(x, git_tree_entry_id(e), number))
			return false;
	}
	return true;
}

static bool read_folder(struct reading *x, const git_oid *id, int64_t million)
{
	git_tree *tree;
	if (!open_tree(x, id, &tree))
		return false;
	bool fine = read_folders(x, tree, million * SEQS_OF_LEAF, SEQS_OF_LEAF,
	                         read_leaf);
	git_tree_free(tree);
	return fine;
}

static bool read_all(struct reading *x)
{
	git_tree *events;
	if (!open_events(x, &events))
		return false;
	bool fine = !events ||
	            read_folders(x, events, 0, SEQS_OF_FOLDER, read_folder);
	git_tree_free(events);
	return fine;
}

bool repo_ledger_read(const struct repo *r, const struct oid *commit,
                      int64_t from, repo_events_fn *visit, void *context,
                      struct fail *why)
{
	struct reading x = {.repo = r,
	                    .commit = commit,
	                    .visit = visit,
	                    .context = context,
	                    .why = why,
	                    .from = from > 0 ? from : 1,
	                    .to = SEQ_MAX};
	return read_all(&x);
}

/* --- one file --- */

/* The last entry of a tree; of a leaf, the numbers of that file. */
static bool last_entry(struct reading *x, const git_oid *id, git_oid *out,
                       struct repo_events *file)
{
	git_tree *tree;
	int64_t number;
	if (!open_tree(x, id, &tree))
		return false;
	size_t n = git_tree_entrycount(tree);
	const git_tree_entry *e =
	        n ? git_tree_entry_byindex(tree, n - 1) : NULL;
	bool fine =
	        e && (file ? file_numbers(e, file) : folder_number(e, &number));
	if (fine)
		*out = *git_tree_entry_id(e);
	else
		malformed(x->why, x->commit,
		          e ? git_tree_entry_name(e) : "an empty folder");
	git_tree_free(tree);
	return fine;
}

bool repo_ledger_last(const struct repo *r, const struct oid *commit,
                      int64_t *last, struct fail *why)
{
	struct reading x = {.repo = r, .commit = commit, .why = why};
	struct repo_events file = {0};
	git_tree *events;
	git_oid folder, leaf, blob;
	*last = 0;
	if (!open_events(&x, &events))
		return false;
	if (!events)
		return true;
	git_oid top = *git_tree_id(events);
	git_tree_free(events);
	if (!last_entry(&x, &top, &folder, NULL) ||
	    !last_entry(&x, &folder, &leaf, NULL) ||
	    !last_entry(&x, &leaf, &blob, &file))
		return false;
	*last = file.last;
	return true;
}

struct wanted {
	struct arena *arena;
	struct repo_events *out;
};

static bool keep_file(void *context, const struct repo_events *file,
                      struct fail *why)
{
	struct wanted *w = context;
	(void)why;
	*w->out = *file;
	w->out->text = str_copy(w->arena, file->text);
	return true;
}

bool repo_ledger_file(const struct repo *r, struct arena *a,
                      const struct oid *commit, int64_t seq,
                      struct repo_events *out, struct fail *why)
{
	struct wanted wanted = {a, out};
	struct reading x = {.repo = r,
	                    .commit = commit,
	                    .visit = keep_file,
	                    .context = &wanted,
	                    .why = why,
	                    .from = seq,
	                    .to = seq};
	*out = (struct repo_events){0};
	return read_all(&x);
}
