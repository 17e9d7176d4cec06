#include "runner/guard.h"

/* RFC 3986, as far as a link needs it: http or https, and a host. */
static bool is_link(struct str url)
{
	struct str rest;
	if (str_starts(url, STR("https://")))
		rest = str_from(url, 8);
	else if (str_starts(url, STR("http://")))
		rest = str_from(url, 7);
	else
		return false;
	for (size_t i = 0; i < url.n; i++)
		if ((unsigned char)url.s[i] <= ' ')
			return false;
	return rest.n && rest.s[0] != '/' && rest.s[0] != ':' &&
	       rest.s[0] != '?' && rest.s[0] != '#';
}

void guard_build_links(const struct facts *f, struct trace_row *row,
                       struct arena *a)
{
	const struct build *b = request_more(f->request)->build;
	if (!b) {
		guard_skip(row, a, "the file does not decode");
		return;
	}
	if (b->ci_run_url.n && !is_link(b->ci_run_url))
		guard_refuse(row, a, f, DIAG_INVALID_URL, b->run_url_at,
		             "ci.run_url is not an http or https address");
	else if (b->repository.n && !is_link(b->repository))
		guard_refuse(row, a, f, DIAG_INVALID_URL, b->repository_at,
		             "repository is not an http or https address");
	else
		guard_pass(row, a, "sound");
}
