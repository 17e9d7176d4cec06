/* gather: which files count, and what is in them. */
#include "runner/gather_private.h"

#include <stdlib.h>

enum { PATH_MAX_BYTES = 1024 };

static bool name_is_sound(struct str path)
{
	if (path.n > PATH_MAX_BYTES)
		return false;
	for (size_t i = 0; i < path.n; i++) {
		char c = path.s[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || c == '.' || c == '_' ||
		      c == '-' || c == '/'))
			return false;
	}
	return true;
}

bool gather_is_read(const struct change *c)
{
	return c->type == ENTRY_FILE && name_is_sound(c->path) &&
	       str_ends(c->path, STR(".yaml"));
}

static struct span whole_file(struct pass *p, struct str path)
{
	path = str_copy(p->arena, path);
	return (struct span){source_new(p->arena, path, STR("")), 0, 0};
}

/* Somebody meant it to be read: a.yml, a.YAML. */
static bool looks_like_yaml(struct str path)
{
	static const char *const endings[] = {".yml", ".yaml"};
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		struct str ending = str_of(endings[i]);
		if (path.n > ending.n &&
		    str_eq_nocase(str_from(path, path.n - ending.n), ending))
			return true;
	}
	return false;
}

/*
 * Whether an entry is a file to read: CONTRACT section 1. What is not, and
 * should have been, is a finding.
 */
bool gather_counts(struct pass *p, const struct change *c, bool quiet)
{
	if (quiet)
		return gather_is_read(c);
	if (c->type != ENTRY_FILE) {
		diag_add(&p->findings, DIAG_NOT_A_REGULAR_FILE,
		         whole_file(p, c->path),
		         "a %s stands where only regular files count",
		         c->type == ENTRY_LINK ? "symbolic link" : "submodule");
		return false;
	}
	if (!name_is_sound(c->path)) {
		diag_add(&p->findings, DIAG_INVALID_PATH,
		         whole_file(p, c->path),
		         "the name has characters outside A-Z a-z 0-9 . _ -, "
		         "or more than %d of them",
		         PATH_MAX_BYTES);
		return false;
	}
	if (!str_ends(c->path, STR(".yaml")) && looks_like_yaml(c->path))
		diag_add(&p->findings, DIAG_MISPLACED_FILE,
		         whole_file(p, c->path),
		         "only *.yaml is read; this file is not");
	return str_ends(c->path, STR(".yaml"));
}

static void find_too_large(struct pass *p, struct str path, uint64_t size)
{
	struct span whole = {source_new(p->arena, path, STR("")), 0, 0};
	diag_add(&p->findings, DIAG_FILE_TOO_LARGE, whole,
	         "the file has %llu bytes; at most %d are read",
	         (unsigned long long)size, SOURCE_MAX_BYTES);
}

/*
 * The bytes of a blob, or of the file in the working tree. A file over the cap
 * is the user's error, not the environment's: a finding, and *sound is false.
 */
bool gather_text(struct world *w, struct pass *p, struct arena *a,
                 struct str path, const struct oid *blob, struct str *out,
                 bool *sound, struct fail *why)
{
	uint64_t size = 0;
	if (p->worktree ? !repo_worktree_file(w->repo, a, path, out, why)
	                : !repo_blob_capped(w->repo, a, blob, out, &size, why))
		return fail_note(why, "reading %" STR_FMT, STR_ARG(path));
	*sound = size <= SOURCE_MAX_BYTES;
	if (!*sound)
		find_too_large(p, path, size);
	return true;
}

bool intent_file_add(void *context, const struct change *c, struct fail *why)
{
	struct intent_files *files = context;
	(void)why;
	if (!gather_counts(files->pass, c, files->quiet))
		return true;
	struct origin *o = vec_add(files->arena, &files->found);
	o->path = str_copy(files->pass->arena, c->path);
	o->blob = c->blob;
	o->commit = UINT32_MAX;
	return true;
}

static int by_path(const void *path, const void *origin)
{
	return str_cmp(*(const struct str *)path,
	               ((const struct origin *)origin)->path);
}

size_t intent_file_find(const struct intent_files *files, struct str path)
{
	size_t n = files->found.n;
	const struct origin *found =
	        n ? bsearch(&path, files->found.at, n, sizeof *found, by_path)
	          : NULL;
	return found ? (size_t)(found - files->found.at) : n;
}
