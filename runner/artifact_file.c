#include "runner/artifact_file.h"

#include "core/artifact.h"
#include "core/files.h"
#include "core/sha256.h"

#include <errno.h>
#include <sys/stat.h>

static enum artifact_look read_and_compare(struct arena *a, const char *path,
                                           struct str sha256)
{
	struct fail why = {0};
	struct str bytes;
	if (!file_read(&bytes, a, path, ARTIFACT_READ_MAX, &why))
		return ARTIFACT_NOT_LOOKED_AT;
	struct sha256_hex is = sha256_of(bytes);
	return str_eq_nocase(str_of(is.s), sha256) ? ARTIFACT_THERE
	                                           : ARTIFACT_DIFFERS;
}

static enum artifact_look look(struct arena *a, const char *path,
                               struct str sha256)
{
	struct stat st;
	if (stat(path, &st))
		return errno == ENOENT || errno == ENOTDIR
		               ? ARTIFACT_MISSING
		               : ARTIFACT_NOT_LOOKED_AT;
	if (!sha256.n || !S_ISREG(st.st_mode) || st.st_size > ARTIFACT_READ_MAX)
		return ARTIFACT_THERE;
	return read_and_compare(a, path, sha256);
}

enum artifact_look artifact_file_look(const struct build *b)
{
	struct artifact at = artifact_of(b->artifact);
	if (!str_is(at.scheme, "file") || !at.path.n ||
	    (at.host.n && !str_is(at.host, "localhost")))
		return ARTIFACT_NOT_LOOKED_AT;
	struct arena *a = arena_new();
	enum artifact_look seen = look(a, str_cstr(a, at.path), b->sha256);
	arena_free(a);
	return seen;
}
