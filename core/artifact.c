#include "core/artifact.h"

static struct str last_piece(struct str path, char sep)
{
	size_t at = path.n;
	while (at && path.s[at - 1] != sep)
		at--;
	return str_from(path, at);
}

static struct str before(struct str s, char c)
{
	struct str head, tail;
	str_cut(s, c, &head, &tail);
	return head;
}

/* Takes what follows the last `c` off *s; empty where there is none. */
static struct str take_last(struct str *s, char c)
{
	struct str tail = last_piece(*s, c);
	if (tail.n == s->n)
		return STR("");
	*s = str_head(*s, s->n - tail.n - 1);
	return tail;
}

/* A ':' before the last '/' is a registry's port. */
static void read_image(struct artifact *out)
{
	out->digest = take_last(&out->path, '@');
	struct str name = last_piece(out->path, '/');
	out->tag = take_last(&name, ':');
	if (out->tag.n || str_ends(out->path, STR(":")))
		out->path = str_head(out->path, out->path.n - out->tag.n - 1);
}

static void read_package(struct artifact *out, struct str rest)
{
	out->path = before(before(rest, '#'), '?');
	while (str_starts(out->path, STR("/")))
		out->path = str_from(out->path, 1);
	out->tag = take_last(&out->path, '@');
	if (str_starts(out->tag, STR("sha256:"))) {
		out->digest = out->tag;
		out->tag = STR("");
	}
}

struct artifact artifact_of(struct str address)
{
	struct artifact out = {0};
	struct str rest;
	if (!str_cut(address, ':', &out.scheme, &rest)) {
		out.scheme = STR("");
		return out;
	}
	if (!str_starts(rest, STR("//"))) {
		if (str_is(out.scheme, "pkg"))
			read_package(&out, rest);
		out.name = last_piece(out.path, '/');
		return out;
	}
	str_cut(str_from(rest, 2), '/', &out.host, &out.path);
	if (str_is(out.scheme, "s3")) {
		out.bucket = out.host;
	} else if (str_is(out.scheme, "oci")) {
		read_image(&out);
	} else if (str_is(out.scheme, "file")) {
		out.path = str_from(rest, 2 + out.host.n);
	} else {
		out.host = last_piece(out.host, '@');
		out.path = before(before(out.path, '#'), '?');
	}
	out.name = last_piece(out.path, '/');
	return out;
}
