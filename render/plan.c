#include "render/plan.h"

#include "core/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STAMP_MAX = 1 << 30, LINE_PATH_MAX = 4096, HEADER_LINES = 3 };
static const char stamp_name[] = ".dxcp-render";

struct line {
	bool hot;
	int64_t size, seconds, nanoseconds;
	struct str path;
};

/* The stamp may have been edited: only paths that a render can have written
   are looked at, let alone removed. */
static bool is_safe(struct str path)
{
	struct str part;
	if (str_is(path, ".nojekyll"))
		return true;
	if (!path.n || path.n >= LINE_PATH_MAX)
		return false;
	for (size_t i = 0; i < path.n; i++)
		if ((unsigned char)path.s[i] <= ' ' || path.s[i] == 0x7f)
			return false;
	while (str_next(&path, '/', &part))
		if (!part.n || part.s[0] == '.')
			return false;
	return true;
}

static bool take_int(struct str *s, char end, int64_t *out)
{
	struct str word, rest;
	if (!str_cut(*s, end, &word, &rest) || !str_int(word, out))
		return false;
	*s = rest;
	return true;
}

/* The next line of the list; false at the end, or where it is no such line. */
static bool take_line(struct str *rest, struct line *out)
{
	struct str s;
	if (!str_next(rest, '\n', &s) || s.n < 3 || s.s[1] != ' ')
		return false;
	out->hot = s.s[0] == 'H';
	s = str_from(s, 2);
	if (!take_int(&s, ' ', &out->size) ||
	    !take_int(&s, '.', &out->seconds) ||
	    !take_int(&s, ' ', &out->nanoseconds) || !is_safe(s))
		return false;
	out->path = s;
	return true;
}

static bool is_as_it_was(int dir, const struct line *l)
{
	char path[LINE_PATH_MAX];
	struct stat st;
	memcpy(path, l->path.s, l->path.n);
	path[l->path.n] = '\0';
	return fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode) && st.st_size == l->size &&
	       st.st_mtim.tv_sec == l->seconds &&
	       st.st_mtim.tv_nsec == l->nanoseconds;
}

static bool all_are_as_they_were(struct plan *p, const char *out_dir)
{
	int dir = open(out_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return false;
	struct str rest = p->old;
	struct line l;
	bool same = true;
	while (same && rest.n) {
		same = take_line(&rest, &l) && is_as_it_was(dir, &l);
		p->files++;
	}
	close(dir);
	return same;
}

static bool take_header(struct str *rest, const char *key, struct str *value)
{
	struct str line, word;
	return str_next(rest, '\n', &line) &&
	       str_cut(line, ' ', &word, value) && str_is(word, key);
}

struct plan plan_make(struct arena *a, const char *out_dir,
                      struct sha256_hex inputs, int64_t now)
{
	struct plan p = {.stale = STALE_ALL, .inputs = inputs, .now = now};
	struct str path = str_format(a, "%s/%s", out_dir, stamp_name);
	struct str rest, version, digest, then;
	struct fail unread = {0};
	int64_t old_now;
	/* A stamp that is not there or not ours: everything is made anew. */
	if (!file_read(&rest, a, path.s, STAMP_MAX, &unread) ||
	    !take_header(&rest, "dxcp-render", &version) ||
	    !str_is(version, "1") || !take_header(&rest, "inputs", &digest) ||
	    !take_header(&rest, "now", &then) || !str_int(then, &old_now))
		return p;
	p.old = rest;
	if (str_is(digest, inputs.s) && all_are_as_they_were(&p, out_dir))
		p.stale = old_now == now ? STALE_NOTHING : STALE_HOT;
	return p;
}

bool plan_begin(const struct plan *p, struct emit *e, struct fail *why)
{
	char path[LINE_PATH_MAX];
	int n = snprintf(path, sizeof path, "%s/%s", e->out_dir, stamp_name);
	if (n < 0 || (size_t)n >= sizeof path)
		return fail_set(why, FAIL_USAGE, "%s: the path is too long",
		                e->out_dir);
	if (unlink(path) != 0 && errno != ENOENT)
		return fail_errno(why, "%s", path);
	buf_format(&e->list, "dxcp-render 1\ninputs %s\nnow %lld\n",
	           p->inputs.s, (long long)p->now);
	struct str rest = p->old, line;
	while (p->stale == STALE_HOT && str_next(&rest, '\n', &line))
		if (line.n && line.s[0] == 'C') {
			buf_add(&e->list, line);
			buf_add_char(&e->list, '\n');
			e->unchanged++;
		}
	return true;
}

/* Remove a file and the folders that it leaves empty, up to out_dir. */
static bool remove_file(int dir, struct str name, int64_t *removed,
                        struct fail *why)
{
	char path[LINE_PATH_MAX];
	memcpy(path, name.s, name.n);
	path[name.n] = '\0';
	if (unlinkat(dir, path, 0) != 0)
		return errno == ENOENT || errno == EISDIR ||
		       fail_errno(why, "removing %s", path);
	*removed += 1;
	for (char *slash; (slash = strrchr(path, '/'));) {
		*slash = '\0';
		if (unlinkat(dir, path, AT_REMOVEDIR) != 0)
			break;
	}
	return true;
}

static bool remove_stale(const struct plan *p, struct arena *a,
                         const struct emit *e, int64_t *removed,
                         struct fail *why)
{
	struct map now = map_new(a);
	struct str rest = buf_str(&e->list), header;
	struct line l;
	for (int i = 0; i < HEADER_LINES; i++)
		str_next(&rest, '\n', &header);
	while (take_line(&rest, &l))
		map_put(&now, l.path, a);
	int dir = open(e->out_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return fail_errno(why, "%s", e->out_dir);
	bool fine = true;
	for (rest = p->old; fine && take_line(&rest, &l);)
		if (!map_find(&now, l.path))
			fine = remove_file(dir, l.path, removed, why);
	close(dir);
	return fine;
}

bool plan_finish(const struct plan *p, struct arena *a, const struct emit *e,
                 int64_t *removed, struct fail *why)
{
	if (e->list.full)
		return fail_set(why, FAIL_SYSTEM,
		                "the site has too many files");
	if (p->old.n && !remove_stale(p, a, e, removed, why))
		return false;
	struct str path = str_format(a, "%s/%s", e->out_dir, stamp_name);
	enum file_change change;
	return file_write_if_changed(&change, path.s, buf_str(&e->list), why);
}
