#include "render/plan.h"

#include "core/files.h"
#include "core/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STAMP_MAX = 1 << 30, LINE_PATH_MAX = 4096 };
static const char stamp_name[] = ".dxcp-render";

static const char version[] = "3", no_inputs[] = "unfinished";

struct line {
	bool hot;
	int64_t size;
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
	if (!take_int(&s, ' ', &out->size) || !is_safe(s))
		return false;
	out->path = s;
	return true;
}

static bool is_later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec
	                              : a->tv_nsec > b->tv_nsec;
}

static bool is_as_it_was(int dir, const struct line *l,
                         const struct timespec *stamped)
{
	char path[LINE_PATH_MAX];
	struct stat st;
	memcpy(path, l->path.s, l->path.n);
	path[l->path.n] = '\0';
	return fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode) && st.st_size == l->size &&
	       !is_later(&st.st_mtim, stamped);
}

static bool all_are_as_they_were(struct plan *p, const char *out_dir)
{
	int dir = open(out_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return false;
	struct str rest = p->old;
	struct line l;
	struct stat st;
	bool same = fstatat(dir, stamp_name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	while (same && rest.n) {
		same = take_line(&rest, &l) &&
		       is_as_it_was(dir, &l, &st.st_mtim);
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
	struct str rest, format, digest, then, until;
	struct fail unread = {0};
	int64_t old_now;
	/* A stamp that is not there or not ours: everything is made anew. */
	if (!file_read(&rest, a, path.s, STAMP_MAX, &unread) ||
	    !take_header(&rest, "dxcp-render", &format) ||
	    !str_is(format, version) ||
	    !take_header(&rest, "inputs", &digest) ||
	    !take_header(&rest, "now", &then) || !str_int(then, &old_now) ||
	    !take_header(&rest, "until", &until) || !str_int(until, &p.until))
		return p;
	p.old = rest;
	p.finished = !str_is(digest, no_inputs);
	bool in_time = now >= old_now && now < p.until;
	if (str_is(digest, inputs.s) && (old_now == now || in_time) &&
	    all_are_as_they_were(&p, out_dir))
		p.stale = old_now == now ? STALE_NOTHING : STALE_HOT;
	return p;
}

static void add_header(struct buf *out, const char *inputs, int64_t now,
                       int64_t until)
{
	buf_format(out, "dxcp-render %s\ninputs %s\nnow %lld\nuntil %lld\n",
	           version, inputs, (long long)now, (long long)until);
}

static bool write_stamp(const char *out_dir, struct arena *a, struct str text,
                        struct fail *why)
{
	enum file_change change;
	struct str path = str_format(a, "%s/%s", out_dir, stamp_name);
	return file_write_if_changed(&change, path.s, text, why);
}

bool plan_begin(const struct plan *p, struct arena *a, struct emit *e,
                struct fail *why)
{
	struct buf unfinished = buf_new(a, STAMP_MAX);
	add_header(&unfinished, no_inputs, 0, 0);
	buf_add(&unfinished, p->old);
	if (!write_stamp(e->out_dir, a, buf_str(&unfinished), why) ||
	    !dir_sweep(e->out_dir, !p->finished, why))
		return false;
	e->fresh = !p->old.n;
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
	if (unlinkat(dir, path, 0) == 0)
		*removed += 1;
	else if (errno == EISDIR)
		return true;
	else if (errno != ENOENT) /* a killed render came as far */
		return fail_errno(why, "removing %s", path);
	for (char *slash; (slash = strrchr(path, '/'));) {
		*slash = '\0';
		if (unlinkat(dir, path, AT_REMOVEDIR) == 0 || errno == ENOENT)
			continue;
		return errno == ENOTEMPTY || errno == EEXIST ||
		       errno == EBUSY || errno == ENOTDIR ||
		       fail_errno(why, "removing %s", path);
	}
	return true;
}

static bool remove_stale(const struct plan *p, struct arena *a,
                         const struct emit *e, int64_t *removed,
                         struct fail *why)
{
	struct map now = map_new(a);
	struct str rest = buf_str(&e->list);
	struct line l;
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

static int by_path(const void *pa, const void *pb)
{
	const struct line *a = pa, *b = pb;
	return str_cmp(a->path, b->path);
}

/* The list in an order that does not tell which page was written when. */
static struct str sorted_stamp(const struct plan *p, struct arena *a,
                               const struct emit *e, int64_t until)
{
	VEC(struct line) lines = {0};
	struct str rest = buf_str(&e->list);
	struct line l;
	/* Growing by doubling would leave as much behind in the arena. */
	struct buf out = buf_new(a, STAMP_MAX);
	out.cap = e->list.n + 256;
	out.s = arena_alloc(a, out.cap);
	vec_reserve(a, &lines, (size_t)(e->written + e->unchanged));
	while (take_line(&rest, &l))
		*vec_add(a, &lines) = l;
	qsort(lines.at, lines.n, sizeof *lines.at, by_path);
	add_header(&out, p->inputs.s, p->now, until);
	vec_each (const struct line, x, &lines)
		buf_format(&out, "%c %lld %" STR_FMT "\n", x->hot ? 'H' : 'C',
		           (long long)x->size, STR_ARG(x->path));
	return buf_str(&out);
}

bool plan_finish(const struct plan *p, struct arena *a, const struct emit *e,
                 int64_t until, int64_t *removed, struct fail *why)
{
	if (e->list.full)
		return fail_set(why, FAIL_SYSTEM,
		                "the site has too many files");
	if (p->old.n && !remove_stale(p, a, e, removed, why))
		return false;
	return write_stamp(e->out_dir, a, sorted_stamp(p, a, e, until), why);
}
