#include "render/plan.h"

#include "core/files.h"
#include "core/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	STAMP_MAX = 1 << 30,
	STAMP_PART = 1 << 15,
	LINE_PATH_MAX = 4096,
	HEADER_LINES = 6
};
static const char stamp_name[] = ".dxcp-render";

static const char version[] = "4", no_inputs[] = "unfinished";

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

static bool take_number(struct str *rest, const char *key, int64_t *out)
{
	struct str word;
	return take_header(rest, key, &word) && str_int(word, out);
}

/* The lines before those of files. */
static bool take_headers(struct plan *p, struct str *rest)
{
	struct plan_inputs *was = &p->was;
	struct str format, digest, events, count;
	if (!take_header(rest, "dxcp-render", &format) ||
	    !str_is(format, version) || !take_header(rest, "inputs", &digest) ||
	    !take_header(rest, "events", &events) ||
	    !str_cut(events, ' ', &count, &was->hash) ||
	    !str_int(count, &was->events) ||
	    !take_header(rest, "commit", &was->commit) ||
	    !take_number(rest, "now", &was->now) ||
	    !take_number(rest, "until", &p->until))
		return false;
	p->finished = !str_is(digest, no_inputs);
	if (digest.n < sizeof was->digest.s)
		memcpy(was->digest.s, digest.s, digest.n);
	return true;
}

static enum stale compare(const struct plan_inputs *is, const struct plan *p)
{
	const struct plan_inputs *was = &p->was;
	bool grown = is->events > was->events;
	if (is->now < was->now || is->events < was->events ||
	    (!grown && !str_eq(is->hash, was->hash)))
		return STALE_ALL;
	if (grown || (is->now > was->now && is->now >= p->until))
		return STALE_SOME;
	return is->now == was->now && str_eq(is->commit, was->commit)
	               ? STALE_NOTHING
	               : STALE_HOT;
}

struct plan plan_make(struct arena *a, const char *out_dir,
                      const struct plan_inputs *inputs)
{
	struct plan p = {.stale = STALE_ALL, .inputs = *inputs};
	struct str path = str_format(a, "%s/%s", out_dir, stamp_name);
	struct str rest;
	struct fail unread = {0};
	/* A stamp that is not there or not ours: everything is made anew. */
	if (!file_read(&rest, a, path.s, STAMP_MAX, &unread) ||
	    !take_headers(&p, &rest))
		return p;
	p.old = rest;
	if (str_is(str_of(p.was.digest.s), inputs->digest.s) &&
	    all_are_as_they_were(&p, out_dir))
		p.stale = compare(inputs, &p);
	return p;
}

bool plan_files(struct plan_files *out, struct arena *a, const char *out_dir,
                struct fail *why)
{
	struct str path = str_format(a, "%s/%s", out_dir, stamp_name);
	struct str rest, value, name;
	struct line l;
	*out = (struct plan_files){0};
	if (!file_exists(path.s))
		return fail_set(why, FAIL_INPUT, "%s holds no site of dxcp",
		                out_dir);
	if (!file_read(&rest, a, path.s, STAMP_MAX, why))
		return false;
	for (int i = 0; i < HEADER_LINES; i++)
		if (!str_next(&rest, '\n', &name) ||
		    !str_cut(name, ' ', &name, &value) ||
		    (str_is(name, "inputs") && str_is(value, no_inputs)))
			return fail_set(why, FAIL_INPUT,
			                "the site in %s is not finished",
			                out_dir);
	while (take_line(&rest, &l))
		*vec_add(a, out) = l.path;
	return true;
}

static void add_headers(struct buf *out, const struct plan_inputs *is,
                        int64_t until)
{
	buf_format(out,
	           "dxcp-render %s\ninputs %s\nevents %lld %" STR_FMT
	           "\ncommit %" STR_FMT "\nnow %lld\nuntil %lld\n",
	           version, is->digest.s, (long long)is->events,
	           STR_ARG(is->hash), STR_ARG(is->commit), (long long)is->now,
	           (long long)until);
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
	struct plan_inputs none = {.commit = STR(""), .hash = STR("")};
	memcpy(none.digest.s, no_inputs, sizeof no_inputs);
	unfinished.cap = p->old.n + 256;
	unfinished.s = arena_text(a, unfinished.cap);
	add_headers(&unfinished, &none, 0);
	buf_add(&unfinished, p->old);
	e->fresh = !p->old.n;
	return write_stamp(e->out_dir, a, buf_str(&unfinished), why) &&
	       dir_sweep(e->out_dir, !p->finished, why);
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

/* Of a line of our own list. */
static const unsigned char *path_in(const char *line)
{
	line += 2;
	while (*line != ' ')
		line++;
	return (const unsigned char *)line + 1;
}

/* Nothing in a path is below the end of a line. */
static int by_path(const void *pa, const void *pb)
{
	const unsigned char *a = path_in(*(const char *const *)pa);
	const unsigned char *b = path_in(*(const char *const *)pb);
	while (*a == *b && *a != '\n') {
		a++;
		b++;
	}
	return (*a > *b) - (*a < *b);
}

struct lines { /* where each starts */
	const char **at;
	size_t n, cap;
};

/* In an order that does not tell which page was written when. */
static struct lines made_lines(struct arena *a, const struct emit *e)
{
	struct lines lines = {0};
	struct str rest = buf_str(&e->list), line;
	vec_reserve(a, &lines, (size_t)(e->written + e->unchanged));
	while (str_next(&rest, '\n', &line))
		*vec_add(a, &lines) = line.s;
	if (lines.n)
		qsort(lines.at, lines.n, sizeof *lines.at, by_path);
	return lines;
}

static struct str path_of(const char *line)
{
	const char *path = (const char *)path_in(line);
	return (struct str){path,
	                    (size_t)((const char *)strchr(path, '\n') - path)};
}

/* The stamp on its way out: a site of any size has a list of its files. */
struct stamp {
	struct new_file file;
	struct buf buf;
};

static void put_line(struct stamp *out, const char *line, struct str path)
{
	if (out->buf.n >= STAMP_PART) {
		file_add(&out->file, buf_str(&out->buf));
		buf_reset(&out->buf);
	}
	size_t before = (size_t)(path.s - line);
	buf_add(&out->buf, (struct str){line, before + path.n});
	buf_add_char(&out->buf, '\n');
}

/* Both are sorted: what was made stands in for what was. */
static void merge(struct stamp *out, struct str old, const struct lines *made,
                  int64_t *kept)
{
	size_t i = 0;
	struct str last = {0};
	struct line l;
	for (const char *line = old.s; take_line(&old, &l); line = old.s) {
		while (i < made->n &&
		       str_cmp(path_of(made->at[i]), l.path) <= 0) {
			last = path_of(made->at[i]);
			put_line(out, made->at[i++], last);
		}
		if (i && str_eq(last, l.path))
			continue;
		put_line(out, line, l.path);
		++*kept;
	}
	for (; i < made->n; i++)
		put_line(out, made->at[i], path_of(made->at[i]));
}

bool plan_finish(const struct plan *p, struct arena *a, const struct emit *e,
                 int64_t until, int64_t *removed, int64_t *kept,
                 struct fail *why)
{
	bool all = p->stale == STALE_ALL;
	if (e->list.full)
		return fail_set(why, FAIL_SYSTEM,
		                "the site has too many files");
	if (all && p->old.n && !remove_stale(p, a, e, removed, why))
		return false;
	struct lines made = made_lines(a, e);
	struct stamp out = {.buf = buf_new(a, STAMP_MAX)};
	struct str path = str_format(a, "%s/%s", e->out_dir, stamp_name);
	if (!file_begin(&out.file, path.s, why))
		return false;
	add_headers(&out.buf, &p->inputs, until);
	merge(&out, all ? (struct str){0} : p->old, &made, kept);
	file_add(&out.file, buf_str(&out.buf));
	return file_end(&out.file, why);
}
