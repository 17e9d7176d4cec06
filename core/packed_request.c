#include "core/packed_request.h"

#include <assert.h>
#include <string.h>

/*
 * What goes one way and back. Each function below both writes (in NULL) and
 * reads, so that what is read is what was written.
 */
struct codec {
	unsigned char *out;
	size_t n, room; /* what does not fit is counted only */
	const unsigned char *in;
	struct arena *a; /* of what is made in reading */
};

static void put(struct codec *c, const void *bytes, size_t n)
{
	if (n && c->n + n <= c->room)
		memcpy(c->out + c->n, bytes, n);
	c->n += n;
}

static void put_byte(struct codec *c, uint64_t byte)
{
	if (c->n < c->room)
		c->out[c->n] = (unsigned char)byte;
	c->n++;
}

/* Seven bits a byte, the lowest first; the last has its high bit clear. */
static uint64_t number(struct codec *c, uint64_t n)
{
	if (!c->in) {
		uint64_t left = n;
		for (; left > 0x7f; left >>= 7)
			put_byte(c, left | 0x80);
		put_byte(c, left);
		return n;
	}
	n = *c->in & 0x7f;
	for (unsigned shift = 7; *c->in++ & 0x80; shift += 7)
		n |= (uint64_t)(*c->in & 0x7f) << shift;
	return n;
}

static void integer(struct codec *c, int64_t *n)
{
	uint64_t got = number(c, (uint64_t)*n);
	if (c->in)
		*n = (int64_t)got;
}

static void text(struct codec *c, struct str *s)
{
	uint64_t n = number(c, s->n);
	if (!c->in) {
		put(c, s->s, s->n);
		return;
	}
	*s = (struct str){(const char *)c->in, n};
	c->in += n;
}

/* Most are a piece of one line. Nowhere is line 0. */
static void spot(struct codec *c, struct spot *s)
{
	uint64_t first = number(c, (uint64_t)s->line << 1 | (s->height > 0));
	if (!first)
		return;
	uint64_t height = first & 1 ? number(c, s->height) : 0;
	uint64_t column = number(c, s->column);
	uint64_t end_column = number(c, s->end_column);
	if (c->in)
		*s = (struct spot){.line = first >> 1 & 0x7ffff,
		                   .height = height & 0x1fff,
		                   .column = (uint16_t)column,
		                   .end_column = (uint16_t)end_column};
}

/* --- a request's parts --- */

enum {
	WAITING = 1,
	REMOVED = 2,
	SUMMARY_IS_BLANK = 4,
	SERVICE_OF_PATH = 8,
	MORE = 16,
	PROPOSED = 32
};

static uint64_t flags_of(const struct request *r)
{
	return (r->waiting ? WAITING : 0) | (r->removed ? REMOVED : 0) |
	       (r->summary_is_blank ? SUMMARY_IS_BLANK : 0) |
	       (str_eq(r->service, request_path_service(r->path))
	                ? SERVICE_OF_PATH
	                : 0) |
	       (r->more ? MORE : 0) | (r->proposed ? PROPOSED : 0);
}

static void codes(struct codec *c, struct request *r)
{
	uint64_t invalid = number(c, r->invalid);
	uint64_t waiting = number(c, r->waiting_code);
	r->invalid = (enum diag_code)(invalid & 0xffff);
	r->waiting_code = (enum diag_code)(waiting & 0xffff);
}

static void head(struct codec *c, struct request *r, uint64_t flags)
{
	if (flags & SERVICE_OF_PATH)
		r->service = request_path_service(r->path);
	else
		text(c, &r->service);
	text(c, &r->environment);
	text(c, &r->version);
	codes(c, r);
	r->summary_length = (uint32_t)number(c, r->summary_length);
	spot(c, &r->at);
	spot(c, &r->service_at);
	spot(c, &r->environment_at);
	spot(c, &r->version_at);
	spot(c, &r->summary_at);
}

/* One after the other; 0 ends them. */
static void params(struct codec *c, struct request_param **at)
{
	enum { END, QUOTED, PLAIN };
	for (;; at = &(*at)->next) {
		struct request_param *p = *at;
		uint64_t kind = number(c, !p ? END : p->plain ? PLAIN : QUOTED);
		if (kind == END)
			return;
		if (c->in)
			*at = p = ARENA_NEW(c->a, struct request_param);
		p->plain = kind == PLAIN;
		text(c, &p->name);
		text(c, &p->value);
		spot(c, &p->at);
	}
}

/* Service and version are the request's. */
static void build(struct codec *c, const struct request *r, struct build *b)
{
	struct str *const texts[] = {
	        &b->artifact,    &b->commit,       &b->branch,
	        &b->sha256,      &b->content_type, &b->repository,
	        &b->ci_provider, &b->ci_run_id,    &b->ci_run_url,
	};
	struct spot *const spots[] = {
	        &b->artifact_at,   &b->sha256_at, &b->run_url_at,
	        &b->repository_at, &b->commit_at,
	};
	b->service = r->service;
	b->version = r->version;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		text(c, texts[i]);
	for (size_t i = 0; i < sizeof spots / sizeof *spots; i++)
		spot(c, spots[i]);
	integer(c, &b->built_at);
	integer(c, &b->size_bytes);
}

static void ruling(struct codec *c, struct ruling *r)
{
	r->rejects = number(c, r->rejects) != 0;
	text(c, &r->of);
	text(c, &r->digest);
	text(c, &r->severity);
	text(c, &r->summary);
	integer(c, &r->until);
	integer(c, &r->started_at);
	integer(c, &r->resolved_at);
	integer(c, &r->caused_by);
	spot(c, &r->of_at);
	spot(c, &r->caused_by_at);
}

static void members(struct codec *c, struct request_more *m)
{
	m->nmembers = (size_t)number(c, m->nmembers);
	if (c->in)
		m->members = arena_array(c->a, m->nmembers, sizeof *m->members);
	for (size_t i = 0; i < m->nmembers; i++) {
		struct request_member *one = &m->members[i];
		uint64_t after = number(c, one->after);
		one->after = after;
		text(c, &one->service);
		text(c, &one->environment);
		text(c, &one->version);
		text(c, &one->recipe);
		spot(c, &one->service_at);
		spot(c, &one->environment_at);
		spot(c, &one->version_at);
		spot(c, &one->recipe_at);
		params(c, &one->params);
	}
}

static void more(struct codec *c, const struct request *r,
                 struct request_more *m)
{
	enum { BUILD = 1, RULING = 2, MEMBERS = 4 };
	uint64_t has =
	        number(c, (m->build ? BUILD : 0) | (m->ruling ? RULING : 0) |
	                          (m->nmembers ? MEMBERS : 0));
	if (c->in && has & BUILD)
		m->build = ARENA_NEW(c->a, struct build);
	if (c->in && has & RULING)
		m->ruling = ARENA_NEW(c->a, struct ruling);
	spot(c, &m->invalid_at);
	text(c, &m->invalid_why);
	text(c, &m->recipe);
	spot(c, &m->recipe_at);
	integer(c, &m->waiting_since);
	integer(c, &m->not_before);
	integer(c, &m->expires);
	spot(c, &m->not_before_at);
	spot(c, &m->expires_at);
	text(c, &m->from);
	spot(c, &m->from_at);
	integer(c, &m->of);
	spot(c, &m->of_at);
	if (has & BUILD)
		build(c, r, m->build);
	if (has & RULING)
		ruling(c, m->ruling);
	if (has & MEMBERS)
		members(c, m);
}

static void rest(struct codec *c, struct request *r)
{
	uint64_t flags = number(c, flags_of(r));
	r->waiting = flags & WAITING;
	r->removed = flags & REMOVED;
	r->summary_is_blank = flags & SUMMARY_IS_BLANK;
	r->proposed = flags & PROPOSED;
	head(c, r, flags);
	params(c, &r->params);
	if (c->in && flags & MORE)
		r->more = ARENA_NEW(c->a, struct request_more);
	if (flags & MORE)
		more(c, r, r->more);
}

/* Nearly all fit into what is on the stack, and need not be written twice. */
static const unsigned char *pack(struct arena *a, struct request whole)
{
	unsigned char usual[1024];
	struct codec tried = {.out = usual, .room = sizeof usual};
	rest(&tried, &whole);
	unsigned char *out = (unsigned char *)arena_text(a, tried.n);
	struct codec written = {.out = out, .room = tried.n};
	if (tried.n <= sizeof usual)
		memcpy(out, usual, tried.n);
	else
		rest(&written, &whole);
	return out;
}

struct packed_request packed_request_make(struct arena *a,
                                          const struct request *r)
{
	assert(r->path.n <= UINT32_MAX);
	return (struct packed_request){
	        .path_text = r->path.s,
	        .path_bytes = (uint32_t)r->path.n,
	        .rest = pack(a, *r),
	        .blob = r->blob,
	        .commit = r->commit,
	        .kind = r->kind,
	        .mixed = r->mixed,
	};
}

struct request packed_request_open(struct arena *a,
                                   const struct packed_request *p)
{
	struct request r = {
	        .path = packed_request_path(p),
	        .blob = p->blob,
	        .commit = p->commit,
	        .kind = p->kind,
	        .mixed = p->mixed,
	};
	struct codec c = {.in = p->rest, .a = a};
	assert(p->rest);
	rest(&c, &r);
	return r;
}

struct str packed_request_path(const struct packed_request *p)
{
	return (struct str){p->path_text, p->path_bytes};
}
