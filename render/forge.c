#include "render/forge.h"

enum { ADDRESS_MAX = 8000 };

static const struct forge forges[] = {
        {"GitHub",
         "/new/{branch}?filename={path}&value={text}",
         "/pull/",
         {"github"}},
        {"GitLab",
         "/-/new/{branch}?file_name={path}",
         "/-/merge_requests/",
         {"gitlab"}},
        {"the forge",
         "/_new/{branch}/?filename={path}&value={text}",
         "/pulls/",
         {"codeberg.org", "forgejo", "gitea"}},
};
static const struct forge unknown = {.name = "the forge"};

static struct str host_of(struct str url)
{
	struct str scheme, rest, host, path;
	if (!str_cut(url, ':', &scheme, &rest))
		return url;
	rest = str_from(rest, 2); /* "//" */
	return str_cut(rest, '/', &host, &path) ? host : rest;
}

static const struct forge *forge_at(struct str host)
{
	for (size_t i = 0; i < sizeof forges / sizeof *forges; i++)
		for (const char *const *h = forges[i].host; *h; h++)
			if (str_contains(host, str_of(*h)))
				return &forges[i];
	return &unknown;
}

void forge_find(struct site *s)
{
	s->forge = forge_at(host_of(s->repository));
	s->new_file_url = s->policy->platform.site.new_file_url.s;
	if (!s->new_file_url.n && s->forge->form)
		s->new_file_url =
		        str_format(s->arena, "%" STR_FMT "%s",
		                   STR_ARG(s->repository), s->forge->form);
}

/* A branch's name may have slashes, which stay. */
static void add_branch(struct buf *b, struct str branch)
{
	struct str part;
	for (bool first = true; str_next(&branch, '/', &part); first = false) {
		if (!first)
			buf_add_char(b, '/');
		buf_add_percent(b, part);
	}
}

/* The address of a form with its placeholders filled in. */
static struct str fill_in(struct site *s, struct str path, struct str text)
{
	struct str branch = s->policy->platform.site.branch.s;
	struct str rest = s->new_file_url;
	struct buf b = buf_new(s->page, ADDRESS_MAX);
	while (rest.n) {
		struct str hole = STR("{branch}");
		if (str_starts(rest, hole)) {
			add_branch(&b, branch.n ? branch : STR("main"));
		} else if (str_starts(rest, (hole = STR("{path}")))) {
			buf_add_percent(&b, path);
		} else if (str_starts(rest, (hole = STR("{text}")))) {
			buf_add_percent(&b, text);
		} else {
			hole.n = 1;
			buf_add_char(&b, rest.s[0]);
		}
		rest = str_from(rest, hole.n);
	}
	return b.full ? (struct str){0} : buf_str(&b);
}

struct str forge_form(struct site *s, struct str path, struct str text,
                      bool *whole)
{
	*whole = str_contains(s->new_file_url, STR("{text}"));
	return fill_in(s, path, text);
}

struct str forge_pull(struct site *s, struct str line)
{
	struct str before, rest, number;
	bool merge = str_starts(line, STR("Merge pull request "));
	if (!s->forge->pull || !s->repository.n ||
	    (!merge && !str_ends(line, STR(")"))))
		return (struct str){0};
	/* A title may have a number as well: the last one is the change's. */
	while (str_cut(line, '#', &before, &rest))
		line = rest;
	number = line;
	number.n = 0;
	while (number.n < line.n && number.n < 12 && line.s[number.n] >= '0' &&
	       line.s[number.n] <= '9')
		number.n++;
	if (!number.n || (!merge && !str_is(str_from(line, number.n), ")")))
		return (struct str){0};
	return str_format(s->page, "%" STR_FMT "%s%" STR_FMT,
	                  STR_ARG(s->repository), s->forge->pull,
	                  STR_ARG(number));
}
