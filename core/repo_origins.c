/* Which commit gave a file what it holds. */
#include "core/repo_private.h"

#include "core/vec.h"

#include <assert.h>
#include <string.h>

/* What is known so far about the origin of the same index. */
struct finding {
	uint32_t step;    /* the commit that set `parents` */
	uint32_t parents; /* of it, from the first, whose tree differs here */
	uint32_t commit;  /* index into search.commits; UINT32_MAX: none yet */
	bool stepped, mixed;
};

/*
 * The walk goes from the newest commit to the oldest: the first that gives a
 * path its blob is the last in history order, and the walk ends when there is
 * nothing left to find. By then most histories are still unread.
 */
struct search {
	const struct repo *repo;
	const struct origins *wanted;
	const char *prefix, *other;
	struct arena *arena; /* of the result */
	struct arena *scratch;
	struct tree_walk walk;
	struct finding *findings;
	uint32_t *touched; /* wanted paths that differ from the first parent */
	size_t ntouched;
	uint32_t step, parent;     /* the commit, and which of its parents */
	size_t no_commit, no_step; /* how many lack each */
	git_oid main; /* the next commit of the first-parent line */
	VEC(struct commit) commits; /* newest first */
	struct fail *why;
};

/* Like memcmp, for a path and a directory with '/' behind it. */
static int path_cmp_below(struct str path, struct str dir)
{
	int cmp = str_cmp(str_head(path, dir.n), dir);
	if (cmp || path.n == dir.n)
		return cmp ? cmp : -1;
	return (unsigned char)path.s[dir.n] - '/';
}

/* Whether one of the wanted paths is in dir. */
static bool search_enter(void *context, struct str dir)
{
	const struct origins *wanted = ((struct search *)context)->wanted;
	size_t low = 0, high = wanted->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int cmp = path_cmp_below(wanted->at[middle].path, dir);
		if (!cmp)
			return true;
		if (cmp < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* The index of a wanted path, or wanted->n. */
static size_t wanted_find(const struct origins *wanted, struct str path)
{
	size_t low = 0, high = wanted->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int cmp = str_cmp(wanted->at[middle].path, path);
		if (!cmp)
			return middle;
		if (cmp < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return wanted->n;
}

static bool search_visit(void *context, const struct change *change,
                         struct fail *why)
{
	(void)why;
	struct search *s = context;
	size_t i = wanted_find(s->wanted, change->path);
	if (i == s->wanted->n || !oid_eq(&s->wanted->at[i].blob, &change->blob))
		return true;
	struct finding *f = &s->findings[i];
	if (f->step != s->step) {
		f->step = s->step;
		f->parents = 0;
	}
	if (f->parents == s->parent)
		f->parents++;
	if (!s->parent)
		s->touched[s->ntouched++] = (uint32_t)i;
	return true;
}

static bool search_tree(struct search *s, git_commit *commit, const char *path,
                        struct oid *tree)
{
	bool is_other; /* a file there is no tree, as if nothing were */
	return tree_at(s->repo, commit, path, tree, &is_other, s->why);
}

/* Compare with one parent, or with nothing (NULL). */
static bool search_compare(struct search *s, git_commit *commit,
                           git_commit *parent)
{
	struct oid old = {{0}}, new;
	return (!parent || search_tree(s, parent, s->prefix, &old)) &&
	       search_tree(s, commit, s->prefix, &new) &&
	       tree_walk(&s->walk, &old, &new, str_of(s->prefix));
}

/* Whether the step from old to new changed `other`, which was there before. */
static bool step_is_mixed(struct search *s, git_commit *old, git_commit *new,
                          bool *mixed)
{
	struct oid was, is;
	if (!search_tree(s, old, s->other, &was) ||
	    !search_tree(s, new, s->other, &is))
		return false;
	*mixed = !oid_is_zero(&was) && !oid_eq(&was, &is);
	return true;
}

static void take_commit(struct search *s, git_commit *commit)
{
	uint32_t parents = git_commit_parentcount(commit);
	bool added = false;
	for (size_t i = 0; i < s->ntouched; i++) {
		struct finding *f = &s->findings[s->touched[i]];
		if (f->commit != UINT32_MAX ||
		    f->parents < (parents ? parents : 1))
			continue;
		if (!added)
			commit_read(s->arena, commit,
			            vec_add(s->scratch, &s->commits));
		added = true;
		f->commit = (uint32_t)s->commits.n - 1;
		s->no_commit--;
	}
}

static void take_step(struct search *s, bool mixed)
{
	for (size_t i = 0; i < s->ntouched; i++) {
		struct finding *f = &s->findings[s->touched[i]];
		if (f->stepped)
			continue;
		f->stepped = true;
		f->mixed = mixed;
		s->no_step--;
	}
}

/* Compare with all parents; the first is given for the step's sake. */
static bool search_parents(struct search *s, git_commit *commit,
                           git_commit *first)
{
	s->step++;
	s->parent = 0;
	s->ntouched = 0;
	if (!search_compare(s, commit, first))
		return false;
	uint32_t parents = git_commit_parentcount(commit);
	while (s->ntouched && ++s->parent < parents) {
		git_commit *parent;
		if (!commit_open(s->repo, &parent,
		                 git_commit_parent_id(commit, s->parent),
		                 s->why))
			return false;
		bool done = search_compare(s, commit, parent);
		git_commit_free(parent);
		if (!done)
			return false;
	}
	take_commit(s, commit);
	return true;
}

static bool search_commit(struct search *s, git_commit *commit)
{
	git_commit *first = NULL;
	if (git_commit_parentcount(commit) &&
	    !commit_open(s->repo, &first, git_commit_parent_id(commit, 0),
	                 s->why))
		return false;
	bool done = search_parents(s, commit, first);
	if (git_oid_equal(git_commit_id(commit), &s->main)) {
		bool mixed = false;
		if (done && first && s->ntouched)
			done = step_is_mixed(s, first, commit, &mixed);
		take_step(s, mixed);
		s->main = first ? *git_commit_id(first) : (git_oid){{0}};
	}
	git_commit_free(first);
	return done;
}

static void free_walk(void *walk)
{
	git_revwalk_free(walk);
}

static bool search_begin(struct search *s, git_revwalk **walk,
                         const git_oid *from, const git_oid *tip)
{
	if (git_revwalk_new(walk, s->repo->git))
		return git_fail(s->why, FAIL_SYSTEM, "walking the history");
	arena_defer(s->scratch, free_walk, *walk);
	git_revwalk_sorting(*walk, GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME);
	int rc = git_revwalk_push(*walk, tip);
	if (rc)
		return object_fail(s->repo, s->why, rc, "commit", tip);
	/* A history that was rewritten may have lost it */
	if (!git_oid_is_zero(from) && git_odb_exists(s->repo->odb, from) &&
	    (rc = git_revwalk_hide(*walk, from)))
		return object_fail(s->repo, s->why, rc, "commit", from);
	return true;
}

static bool search_history(struct search *s, const struct oid *from,
                           const struct oid *tip)
{
	git_oid old = oid_to_git(from), id = oid_to_git(tip);
	git_revwalk *walk;
	if (s->no_step)
		s->main = id;
	if (!search_begin(s, &walk, &old, &id))
		return false;
	while (s->no_commit || s->no_step) {
		git_oid next;
		int rc = git_revwalk_next(&next, walk);
		if (rc == GIT_ITEROVER)
			return true;
		if (rc)
			return object_fail(s->repo, s->why, rc,
			                   "a commit before", &id);
		git_commit *commit;
		if (!commit_open(s->repo, &commit, &next, s->why))
			return false;
		bool done = search_commit(s, commit);
		git_commit_free(commit);
		if (!done)
			return false;
	}
	return true;
}

/* from..tip as the one step there is: none is looked for after it. */
static bool search_one_step(struct search *s, const struct oid *from,
                            const struct oid *tip)
{
	git_oid old = oid_to_git(from), new = oid_to_git(tip);
	git_commit *was = NULL, *is = NULL;
	bool mixed = false, done = true;
	if (!oid_is_zero(from) && git_odb_exists(s->repo->odb, &old)) {
		done = commit_open(s->repo, &was, &old, s->why) &&
		       commit_open(s->repo, &is, &new, s->why) &&
		       step_is_mixed(s, was, is, &mixed) &&
		       (!mixed || search_compare(s, is, was));
		git_commit_free(is);
		git_commit_free(was);
	}
	take_step(s, mixed);
	s->no_step = 0;
	return done;
}

static void search_result(const struct search *s, struct origins *out)
{
	size_t n = s->commits.n;
	out->commits = arena_array(s->arena, n, sizeof *out->commits);
	out->ncommits = n;
	for (size_t i = 0; i < n; i++)
		out->commits[i] = s->commits.at[n - 1 - i];
	for (size_t i = 0; i < out->n; i++) {
		const struct finding *f = &s->findings[i];
		out->at[i].mixed = f->mixed;
		out->at[i].commit = f->commit == UINT32_MAX
		                            ? UINT32_MAX
		                            : (uint32_t)n - 1 - f->commit;
	}
}

bool repo_origins(const struct repo *r, struct arena *a, const struct oid *from,
                  const struct oid *tip, const char *prefix, const char *other,
                  bool as_one, struct origins *inout, struct fail *why)
{
	struct arena *scratch = arena_new();
	struct search *s = ARENA_NEW(scratch, struct search);
	*s = (struct search){.repo = r,
	                     .wanted = inout,
	                     .prefix = prefix,
	                     .other = other,
	                     .arena = a,
	                     .scratch = scratch,
	                     .no_commit = inout->n,
	                     .no_step = inout->n,
	                     .why = why};
	s->walk = (struct tree_walk){
	        .repo = r,
	        .visit = search_visit,
	        .enter = search_enter,
	        .context = s,
	        .cache = r->trees ? r->trees : tree_cache_new(scratch),
	        .why = why};
	s->findings = arena_array(scratch, inout->n, sizeof *s->findings);
	s->touched = arena_array(scratch, inout->n, sizeof *s->touched);
	for (size_t i = 0; i < inout->n; i++) {
		assert(!i ||
		       str_cmp(inout->at[i - 1].path, inout->at[i].path) < 0);
		s->findings[i].commit = UINT32_MAX;
	}
	bool done = (!as_one || search_one_step(s, from, tip)) &&
	            search_history(s, from, tip);
	if (done)
		search_result(s, inout);
	else
		fail_note(why, "finding who wrote what is under %s", prefix);
	arena_free(scratch);
	return done;
}
