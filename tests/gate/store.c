#include "tests/gate/store.h"

#include "core/files.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { JOURNAL_MAX = 1 << 30 };

static const char *const names[STORE_KINDS] = {
        [STORE_SETTINGS] = "settings",
        [STORE_APPLICATIONS] = "applications",
        [STORE_PIPELINES] = "pipelines",
        [STORE_EXECUTIONS] = "executions",
        [STORE_TASKS] = "tasks",
        [STORE_CORRELATIONS] = "correlations",
        [STORE_SCRIPTS] = "scripts",
        [STORE_FAULTS] = "faults",
        [STORE_LOG] = "log",
};

json_t *store_get(const struct store *s, enum store_kind kind, const char *key)
{
	return json_object_get(s->of[kind], key);
}

void store_touch(struct store *s, enum store_kind kind, const char *key)
{
	json_object_set_new(s->touched[kind], key, json_true());
}

void store_put(struct store *s, enum store_kind kind, const char *key,
               json_t *document)
{
	store_touch(s, kind, key); /* first: the key may be the old one's */
	if (json_object_set_new(s->of[kind], key, document) != 0)
		out_of_memory();
}

void store_drop(struct store *s, enum store_kind kind, const char *key)
{
	if (!json_object_get(s->of[kind], key))
		return;
	store_touch(s, kind, key); /* first, as above */
	json_object_del(s->of[kind], key);
}

void store_clear(struct store *s)
{
	for (int kind = 0; kind < STORE_KINDS; kind++) {
		const char *key;
		json_t *document;
		json_object_foreach(s->of[kind], key, document)
		{
			(void)document;
			store_touch(s, (enum store_kind)kind, key);
		}
		json_object_clear(s->of[kind]);
	}
}

static void add_line(struct buf *out, enum store_kind kind, const char *key,
                     const json_t *document)
{
	buf_format(out, "{\"of\":\"%s\",\"key\":", names[kind]);
	json_quote(out, str_of(key));
	if (document) {
		buf_add(out, STR(",\"is\":"));
		buf_add(out, json_canonical(out->arena, document));
	}
	buf_add(out, STR("}\n"));
}

static bool write_all(int fd, struct str bytes, struct fail *why)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.s, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(why, "writing the journal");
		bytes = str_from(bytes, (size_t)n);
	}
	return true;
}

bool store_commit(struct store *s, struct fail *why)
{
	struct arena *a = arena_new();
	struct buf out = buf_new(a, JOURNAL_MAX);
	for (int kind = 0; kind < STORE_KINDS; kind++) {
		const char *key;
		json_t *value;
		json_object_foreach(s->touched[kind], key, value)
		{
			(void)value;
			if (s->fd >= 0)
				add_line(&out, (enum store_kind)kind, key,
				         json_object_get(s->of[kind], key));
		}
		if (json_object_size(s->touched[kind]))
			json_object_clear(s->touched[kind]);
	}
	bool ok = s->fd < 0 || write_all(s->fd, buf_str(&out), why);
	arena_free(a);
	return ok;
}

static bool read_line(struct store *s, struct arena *a, struct str text,
                      struct fail *why)
{
	json_t *line;
	if (!json_read(&line, a, text, why))
		return false;
	struct str of = json_get_str(line, "of");
	struct str key = json_get_str(line, "key");
	json_t *document = json_object_get(line, "is");
	for (int kind = 0; kind < STORE_KINDS; kind++) {
		if (!str_is(of, names[kind]))
			continue;
		const char *name = str_cstr(a, key);
		if (document)
			json_object_set(s->of[kind], name, document);
		else
			json_object_del(s->of[kind], name);
		return true;
	}
	return fail_set(why, FAIL_INPUT, "unknown kind of document");
}

static bool load(struct store *s, struct arena *a, const char *path,
                 struct fail *why)
{
	struct str text, line;
	if (!file_read(&text, a, path, JOURNAL_MAX, why))
		return false;
	while (text.n) {
		struct str rest;
		if (!str_cut(text, '\n', &line, &rest))
			break; /* cut off by the death of its writer */
		if (!read_line(s, a, line, why))
			return fail_note(why, "reading %s", path);
		text = rest;
	}
	return true;
}

static bool rewrite(const struct store *s, struct arena *a, const char *path,
                    struct fail *why)
{
	struct buf out = buf_new(a, JOURNAL_MAX);
	for (int kind = 0; kind < STORE_KINDS; kind++) {
		const char *key;
		json_t *document;
		json_object_foreach(s->of[kind], key, document)
		{
			add_line(&out, (enum store_kind)kind, key, document);
		}
	}
	return file_write(path, buf_str(&out), why);
}

static bool open_journal(struct store *s, struct arena *a, const char *folder,
                         struct fail *why)
{
	if (!dir_make(folder, why))
		return false;
	const char *path = str_format(a, "%s/journal", folder).s;
	if ((file_exists(path) && !load(s, a, path, why)) ||
	    !rewrite(s, a, path, why))
		return false;
	s->fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	return s->fd >= 0 || fail_errno(why, "opening %s", path);
}

bool store_open(struct store *s, const char *folder, struct fail *why)
{
	*s = (struct store){.fd = -1};
	for (int kind = 0; kind < STORE_KINDS; kind++) {
		s->of[kind] = json_object();
		s->touched[kind] = json_object();
		if (!s->of[kind] || !s->touched[kind])
			out_of_memory();
	}
	if (!folder)
		return true;
	struct arena *a = arena_new();
	bool ok = open_journal(s, a, folder, why);
	arena_free(a);
	return ok;
}
