#include "render/writer.h"

#include "core/files.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>

enum { BATCH_BYTES = 1 << 18, BATCH_MAX = 1 << 30 };

/* A batch is these one after the other, each with its path and bytes. */
struct item {
	size_t path_n, bytes_n; /* the path's NUL counts */
	bool likely_new;
};

struct writer {
	pthread_t thread;
	bool threaded;
	struct buf batches[2];
	size_t filling; /* the index of the caller's */

	/* Of both threads: under the mutex. */
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct str given; /* being written; empty: nothing to do */
	bool stop;

	/* The thread's while it has something, else the caller's. */
	struct written counts;
	bool failed;
	struct fail why;
};

/* --- the thread --------------------------------------------------------- */

static bool write_item(struct writer *w, const struct item *item,
                       const char *path, struct str bytes)
{
	enum file_change change = FILE_SAME;
	bool fine =
	        item->likely_new
	                ? file_write_likely_new(&change, path, bytes, &w->why)
	                : file_write_if_changed(&change, path, bytes, &w->why);
	if (fine)
		*(change == FILE_SAME ? &w->counts.unchanged
		                      : &w->counts.written) += 1;
	return fine;
}

static void write_batch(struct writer *w, struct str batch)
{
	while (batch.n && !w->failed) {
		struct item item;
		memcpy(&item, batch.s, sizeof item);
		const char *path = batch.s + sizeof item;
		struct str bytes = {path + item.path_n, item.bytes_n};
		w->failed = !write_item(w, &item, path, bytes);
		batch = str_from(batch,
		                 sizeof item + item.path_n + item.bytes_n);
	}
}

static void *work(void *context)
{
	struct writer *w = context;
	pthread_mutex_lock(&w->mutex);
	while (w->given.n || !w->stop) {
		if (!w->given.n) {
			pthread_cond_wait(&w->changed, &w->mutex);
			continue;
		}
		pthread_mutex_unlock(&w->mutex);
		write_batch(w, w->given);
		pthread_mutex_lock(&w->mutex);
		w->given.n = 0;
		pthread_cond_signal(&w->changed);
	}
	pthread_mutex_unlock(&w->mutex);
	return NULL;
}

/* --- the caller --------------------------------------------------------- */

static void wait_until_done(struct writer *w)
{
	while (w->given.n)
		pthread_cond_wait(&w->changed, &w->mutex);
}

/* Give away what was filled, when the one before it is written. */
static void hand_over(struct writer *w)
{
	struct buf *full = &w->batches[w->filling];
	if (!w->threaded) {
		write_batch(w, buf_str(full));
		buf_reset(full);
		return;
	}
	pthread_mutex_lock(&w->mutex);
	wait_until_done(w);
	w->given = buf_str(full);
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->mutex);
	w->filling = !w->filling;
	buf_reset(&w->batches[w->filling]);
}

static void writer_stop(void *handle)
{
	struct writer *w = handle;
	if (w->threaded) {
		pthread_mutex_lock(&w->mutex);
		w->stop = true;
		pthread_cond_signal(&w->changed);
		pthread_mutex_unlock(&w->mutex);
		pthread_join(w->thread, NULL);
	}
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->mutex);
}

struct writer *writer_new(struct arena *a)
{
	struct writer *w = ARENA_NEW(a, struct writer);
	for (size_t i = 0; i < 2; i++) {
		w->batches[i] = buf_new(a, BATCH_MAX);
		w->batches[i].cap = BATCH_BYTES;
		w->batches[i].s = arena_alloc(a, BATCH_BYTES);
	}
	pthread_mutex_init(&w->mutex, NULL);
	pthread_cond_init(&w->changed, NULL);
	/* Signals are for the thread that knows what to do about them. */
	sigset_t all, was;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	w->threaded = pthread_create(&w->thread, NULL, work, w) == 0;
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	arena_defer(a, writer_stop, w);
	return w;
}

void writer_put(struct writer *w, const char *path, struct str bytes,
                bool likely_new)
{
	struct item item = {.path_n = strlen(path) + 1,
	                    .bytes_n = bytes.n,
	                    .likely_new = likely_new};
	struct buf *b = &w->batches[w->filling];
	size_t size = sizeof item + item.path_n + item.bytes_n;
	if (b->n && b->n + size > BATCH_BYTES) {
		hand_over(w);
		b = &w->batches[w->filling];
	}
	buf_add(b, (struct str){(const char *)&item, sizeof item});
	buf_add(b, (struct str){path, item.path_n});
	buf_add(b, bytes);
	assert(!b->full);
}

bool writer_finish(struct writer *w, struct written *out, struct fail *why)
{
	if (w->batches[w->filling].n)
		hand_over(w);
	pthread_mutex_lock(&w->mutex);
	wait_until_done(w);
	pthread_mutex_unlock(&w->mutex);
	*out = w->counts;
	w->counts = (struct written){0};
	if (w->failed)
		*why = w->why;
	return !w->failed;
}
