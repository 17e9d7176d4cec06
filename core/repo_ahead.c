/*
 * repo: blobs read ahead of who asks for them, by a thread of its own with a
 * handle of its own (libgit2's are not for two threads at once). Finding and
 * inflating a blob takes about as long as parsing it, so that on two cores the
 * one hides behind the other.
 *
 * It only ever saves time: a blob that it could not read, or that is asked for
 * out of turn, is read by the asker, who gets the error.
 */
#include "core/repo_private.h"

#include <pthread.h>
#include <signal.h>

enum {
	FEW = 256,           /* not worth a thread */
	RING = 128,          /* blobs read and not yet taken, */
	RING_BYTES = 1 << 20 /* of so many bytes, but at least one */
};

struct repo_ahead {
	struct repo *repo;
	git_repository *git;
	git_odb *odb;
	ahead_fn *blob;
	const void *context;
	size_t n;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t room, more;
	git_odb_object *ring[RING]; /* of blob i: [i % RING]; NULL: unread */
	size_t read, taken, bytes;
	bool stop;
};

static size_t size_of(git_odb_object *object)
{
	return object ? git_odb_object_size(object) : 0;
}

/* Wait until there is room for one more. */
static bool has_room(struct repo_ahead *h)
{
	pthread_mutex_lock(&h->lock);
	while (!h->stop && h->read > h->taken &&
	       (h->read - h->taken == RING || h->bytes >= RING_BYTES))
		pthread_cond_wait(&h->room, &h->lock);
	bool stop = h->stop;
	pthread_mutex_unlock(&h->lock);
	return !stop;
}

static void put(struct repo_ahead *h, git_odb_object *object)
{
	pthread_mutex_lock(&h->lock);
	h->ring[h->read++ % RING] = object;
	h->bytes += size_of(object);
	pthread_cond_signal(&h->more);
	pthread_mutex_unlock(&h->lock);
}

static void *read_ahead(void *ahead)
{
	struct repo_ahead *h = ahead;
	for (size_t i = 0; i < h->n && has_room(h); i++) {
		git_odb_object *object = NULL;
		git_oid id = oid_to_git(h->blob(h->context, i));
		if (git_odb_read(&object, h->odb, &id))
			object = NULL;
		put(h, object);
	}
	return NULL;
}

static bool is_next(const struct repo_ahead *h, const git_oid *id)
{
	if (h->taken == h->n)
		return false;
	git_oid next = oid_to_git(h->blob(h->context, h->taken));
	return git_oid_equal(&next, id);
}

git_odb_object *ahead_take(struct repo_ahead *h, const git_oid *id)
{
	if (!is_next(h, id))
		return NULL;
	pthread_mutex_lock(&h->lock);
	while (h->read == h->taken)
		pthread_cond_wait(&h->more, &h->lock);
	git_odb_object *object = h->ring[h->taken++ % RING];
	h->bytes -= size_of(object);
	/* Not at each one: it would wake up for a single blob. */
	if (h->read - h->taken == RING / 2 || h->read == h->taken)
		pthread_cond_signal(&h->room);
	pthread_mutex_unlock(&h->lock);
	return object;
}

static void close_handles(struct repo_ahead *h)
{
	git_odb_free(h->odb);
	git_repository_free(h->git);
}

static void stop(void *ahead)
{
	struct repo_ahead *h = ahead;
	h->repo->ahead = NULL;
	pthread_mutex_lock(&h->lock);
	h->stop = true;
	pthread_cond_signal(&h->room);
	pthread_mutex_unlock(&h->lock);
	pthread_join(h->thread, NULL);
	for (size_t i = h->taken; i < h->read; i++)
		git_odb_object_free(h->ring[i % RING]);
	close_handles(h);
	pthread_cond_destroy(&h->more);
	pthread_cond_destroy(&h->room);
	pthread_mutex_destroy(&h->lock);
}

/* Signals are for the thread that waits for them. */
static bool start(struct repo_ahead *h)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	bool started = !pthread_create(&h->thread, NULL, read_ahead, h);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

void repo_read_ahead(struct repo *r, struct arena *a, size_t n, ahead_fn *blob,
                     const void *context)
{
	if (n < FEW || r->ahead)
		return;
	struct repo_ahead *h = ARENA_NEW(a, struct repo_ahead);
	*h = (struct repo_ahead){
	        .repo = r, .blob = blob, .context = context, .n = n};
	if (git_repository_open(&h->git, git_repository_path(r->git)) ||
	    git_repository_odb(&h->odb, h->git)) {
		close_handles(h);
		return;
	}
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->room, NULL);
	pthread_cond_init(&h->more, NULL);
	if (!start(h)) {
		close_handles(h);
		return;
	}
	r->ahead = h;
	arena_defer(a, stop, h);
}
