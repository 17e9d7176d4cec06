#include "core/lines.h"
#include "core/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024, MODE_FILE = 0666 };

/* --- in --- */

struct line_reader {
	struct arena *texts; /* holds `bytes`: a larger one takes its place */
	int fd;
	const char *path;
	char *bytes;
	size_t n, at, cap, max;
	int64_t number;
	bool ended;
};

static void close_reader(void *handle)
{
	struct line_reader *r = handle;
	if (r->fd > STDERR_FILENO)
		close(r->fd);
	arena_free(r->texts);
}

bool lines_open(struct line_reader **out, struct arena *a, const char *path,
                size_t max, struct fail *why)
{
	bool standard = str_is(str_of(path), "-");
	int fd = standard ? STDIN_FILENO
	                  : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fail_errno(why, "cannot read %s", path);
	struct line_reader *r = ARENA_NEW(a, struct line_reader);
	*r = (struct line_reader){.texts = arena_new(),
	                          .fd = fd,
	                          .path = standard ? "standard input"
	                                           : str_cstr(a, str_of(path)),
	                          .cap = CHUNK,
	                          .max = max};
	r->bytes = arena_text(r->texts, r->cap);
	arena_defer(a, close_reader, r);
	*out = r;
	return true;
}

/* Room for more behind what is not yet taken. */
static bool make_room(struct line_reader *r, struct fail *why)
{
	memmove(r->bytes, r->bytes + r->at, r->n - r->at);
	r->n -= r->at;
	r->at = 0;
	if (r->n < r->cap)
		return true;
	if (r->n > r->max)
		return fail_set(why, FAIL_INPUT,
		                "%s:%lld: the line is longer than %zu bytes",
		                r->path, (long long)r->number + 1, r->max);
	struct arena *texts = arena_new();
	char *larger = arena_text(texts, r->cap * 2);
	memcpy(larger, r->bytes, r->n);
	arena_free(r->texts);
	r->texts = texts;
	r->bytes = larger;
	r->cap *= 2;
	return true;
}

static bool fill(struct line_reader *r, struct fail *why)
{
	ssize_t got;
	if (!make_room(r, why))
		return false;
	do
		got = read(r->fd, r->bytes + r->n, r->cap - r->n);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return fail_errno(why, "cannot read %s", r->path);
	r->ended = got == 0;
	r->n += (size_t)got;
	return true;
}

bool lines_next(struct line_reader *r, struct str *line, int64_t *number,
                bool *more, struct fail *why)
{
	size_t looked = 0;
	for (;;) {
		size_t n = r->n - r->at;
		char *start = r->bytes + r->at;
		char *end = memchr(start + looked, '\n', n - looked);
		if (end || (r->ended && n)) {
			*line = (struct str){start,
			                     end ? (size_t)(end - start) : n};
			r->at += line->n + (end != NULL);
			*number = ++r->number;
			*more = true;
			return true;
		}
		if (r->ended) {
			*more = false;
			return true;
		}
		looked = n;
		if (!fill(r, why))
			return false;
	}
}

/* --- out --- */

struct line_writer {
	FILE *stream;
	const char *path, *beside; /* NULL: a stream that is written as it is */
};

static void close_writer(void *handle)
{
	struct line_writer *w = handle;
	if (w->stream && w->stream != stdout)
		fclose(w->stream);
	if (w->stream && w->beside)
		unlink(w->beside);
	w->stream = NULL;
}

static bool is_plain(const char *path)
{
	struct stat st;
	return stat(path, &st) != 0 || S_ISREG(st.st_mode);
}

static bool open_beside(struct line_writer *w, struct arena *a,
                        struct fail *why)
{
	const char *slash = strrchr(w->path, '/');
	int folder = slash ? (int)(slash - w->path) + 1 : 0;
	w->beside = str_cstr(a, str_format(a, "%.*s.dxcp-%ld-0.tmp", folder,
	                                   w->path, (long)getpid()));
	unlink(w->beside);
	int fd = open(w->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	              MODE_FILE);
	w->stream = fd < 0 ? NULL : fdopen(fd, "w");
	return w->stream || fail_errno(why, "cannot write %s", w->path);
}

bool lines_create(struct line_writer **out, struct arena *a, const char *path,
                  struct fail *why)
{
	struct line_writer *w = ARENA_NEW(a, struct line_writer);
	bool standard = !path || str_is(str_of(path), "-");
	w->path = standard ? "standard output" : str_cstr(a, str_of(path));
	if (standard)
		w->stream = stdout;
	else if (!is_plain(path))
		w->stream = fopen(path, "we");
	else if (!open_beside(w, a, why))
		return false;
	if (!w->stream)
		return fail_errno(why, "cannot write %s", w->path);
	arena_defer(a, close_writer, w);
	*out = w;
	return true;
}

bool lines_write(struct line_writer *w, struct str text, struct fail *why)
{
	if (text.n && fwrite(text.s, 1, text.n, w->stream) != text.n)
		return fail_errno(why, "cannot write %s", w->path);
	return true;
}

static bool sync_folder(const char *path, struct fail *why)
{
	char folder[4096];
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;
	if (n >= sizeof folder)
		return true;
	memcpy(folder, path, n);
	folder[n] = '\0';
	return dir_sync(n ? folder : slash ? "/" : ".", why);
}

bool lines_close(struct line_writer *w, struct fail *why)
{
	FILE *stream = w->stream;
	bool fine = fflush(stream) == 0 &&
	            (!w->beside || fsync(fileno(stream)) == 0);
	if (!fine)
		return fail_errno(why, "cannot write %s", w->path);
	w->stream = NULL;
	if (stream != stdout && fclose(stream) != 0)
		fine = fail_errno(why, "cannot write %s", w->path);
	if (fine && w->beside && rename(w->beside, w->path) != 0)
		fine = fail_errno(why, "cannot write %s", w->path);
	if (!fine && w->beside)
		unlink(w->beside);
	return fine && (!w->beside || sync_folder(w->path, why));
}
