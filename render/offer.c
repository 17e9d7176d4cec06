#include "render/offer.h"

enum { TEXT_MAX_BYTES = 4096, ADDRESS_MAX = 8000 };

static const struct field offer_list[] = {
        FIELD_OPT(struct offer, command, &command_fields),
        FIELD_OPT(struct offer, file, &command_fields),
        FIELD_TEXT(struct offer, path),
        FIELD_URL(struct offer, href),
        FIELD_TEXT(struct offer, words),
        FIELD_TEXT(struct offer, note),
};
const struct fields offer_fields = FIELDS(struct offer, offer_list);

/* --- the form ----------------------------------------------------------- */

static const struct {
	const char *host[4]; /* what its name has */
	const char *name, *form;
} forges[] = {
        {{"github"}, "GitHub", "/new/{branch}?filename={path}&value={text}"},
        {{"gitlab"}, "GitLab", "/-/new/{branch}?file_name={path}"},
        {{"codeberg.org", "forgejo", "gitea"},
         "the forge",
         "/_new/{branch}/?filename={path}&value={text}"},
};

static struct str host_of(struct str url)
{
	struct str scheme, rest, host, path;
	if (!str_cut(url, ':', &scheme, &rest))
		return url;
	rest = str_from(rest, 2); /* "//" */
	return str_cut(rest, '/', &host, &path) ? host : rest;
}

void offer_find_form(struct site *s)
{
	struct str host = host_of(s->repository);
	s->new_file_url = s->policy->platform.site.new_file_url.s;
	s->new_file_forge = STR("the forge");
	if (s->new_file_url.n || !s->repository.n)
		return;
	for (size_t i = 0; i < sizeof forges / sizeof *forges; i++)
		for (const char *const *h = forges[i].host; *h; h++)
			if (str_contains(host, str_of(*h))) {
				s->new_file_url = str_format(
				        s->arena, "%" STR_FMT "%s",
				        STR_ARG(s->repository), forges[i].form);
				s->new_file_forge = str_of(forges[i].name);
				return;
			}
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

static void add_form(struct offer *o, struct site *s, struct str text)
{
	if (!s->new_file_url.n || !text.n)
		return;
	bool whole = str_contains(s->new_file_url, STR("{text}"));
	o->href = fill_in(s, o->path, text);
	if (!o->href.n)
		return;
	o->words = str_format(s->page, "%s on %" STR_FMT,
	                      whole ? "Propose it"
	                            : "Open the form for a new file",
	                      STR_ARG(s->new_file_forge));
	if (!whole)
		o->note = STR("The form has the file's name; its text is to "
		              "be pasted.");
}

/* --- command lines ------------------------------------------------------ */

static bool is_word(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.s[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		             (c >= '0' && c <= '9') ||
		             (c && i && str_has(STR("._-+:/@"), c));
		if (!plain)
			return false;
	}
	return s.n > 0;
}

/* Somebody will paste it: a name from elsewhere must not become a command. */
static bool add_word(struct buf *b, struct str s)
{
	buf_add_char(b, ' ');
	if (is_word(s)) {
		buf_add(b, s);
		return true;
	}
	buf_add_char(b, '\'');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.s[i];
		if (c < ' ' || c == 0x7f)
			return false;
		if (c == '\'')
			buf_add(b, STR("'\\''"));
		else
			buf_add_char(b, s.s[i]);
	}
	buf_add_char(b, '\'');
	return s.n > 0 && s.s[0] != '-';
}

static struct str rollback_command(struct arena *a, struct str service,
                                   struct str environment, struct str version)
{
	struct buf b = buf_new(a, TEXT_MAX_BYTES);
	buf_add(&b, STR("dxcp rollback"));
	bool fine = add_word(&b, service) && add_word(&b, environment);
	buf_add(&b, STR(" --to"));
	fine = fine && add_word(&b, version) && !b.full;
	return fine ? buf_str(&b) : (struct str){0};
}

/* --- files -------------------------------------------------------------- */

static void add_key(struct buf *b, const char *key, struct str value)
{
	buf_format(b, "%s: ", key);
	if (is_word(value))
		buf_add(b, value);
	else
		json_quote(b, value); /* a YAML scalar in double quotes */
	buf_add_char(b, '\n');
}

static struct str text_of(const struct buf *b)
{
	return b->full ? (struct str){0} : buf_str(b);
}

static bool fits_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || str_has(STR("._-"), c);
}

static bool is_folder(struct str service)
{
	for (size_t i = 0; i < service.n; i++)
		if (!fits_name(service.s[i]))
			return false;
	return service.n && service.n <= 128 && service.s[0] != '.';
}

/* What is no part of a name becomes a dash. */
static struct str path_of(struct arena *a, struct str service, struct str name)
{
	struct buf b = buf_new(a, TEXT_MAX_BYTES);
	buf_format(&b, "intents/%" STR_FMT "/", STR_ARG(service));
	for (size_t i = 0; i < name.n; i++)
		buf_add_char(&b, fits_name(name.s[i]) ? name.s[i] : '-');
	buf_add(&b, STR(".yaml"));
	return text_of(&b);
}

static struct offer *offer_new(struct site *s, struct str service,
                               struct str name, struct str text)
{
	if (!is_folder(service))
		return NULL;
	struct offer *o = ARENA_NEW(s->page, struct offer);
	o->path = path_of(s->page, service, name);
	if (o->path.n)
		add_form(o, s, text);
	return o;
}

struct offer *offer_rollback(struct site *s, struct str service,
                             struct str environment, int64_t of,
                             struct str version)
{
	struct arena *a = s->page;
	struct buf b = buf_new(a, TEXT_MAX_BYTES);
	buf_add(&b, STR("kind: rollback\n"));
	add_key(&b, "service", service);
	add_key(&b, "environment", environment);
	buf_format(&b, "of: %lld\n", (long long)of);
	add_key(&b, "to_version", version);
	add_key(&b, "summary",
	        str_format(a,
	                   "Roll back %" STR_FMT " %" STR_FMT " to %" STR_FMT,
	                   STR_ARG(service), STR_ARG(environment),
	                   STR_ARG(version)));
	struct str text = text_of(&b);
	/* Each deployment is undone once: the name is not taken. */
	struct offer *o = offer_new(
	        s, service,
	        str_format(a, "rollback-%" STR_FMT "-%lld-to-%" STR_FMT,
	                   STR_ARG(environment), (long long)of,
	                   STR_ARG(version)),
	        text);
	if (!o)
		return NULL;
	o->command = command_new(
	        a, "Rollback command",
	        rollback_command(a, service, environment, version), true);
	o->file = command_new(a, "Rollback intent", text, false);
	return o;
}

struct offer *offer_promotion(struct site *s, struct str service,
                              struct str from, struct str to,
                              struct str version)
{
	struct arena *a = s->page;
	struct buf b = buf_new(a, TEXT_MAX_BYTES);
	buf_add(&b, STR("kind: promote\n"));
	add_key(&b, "service", service);
	add_key(&b, "from", from);
	add_key(&b, "to", to);
	add_key(&b, "version", version);
	add_key(&b, "summary",
	        str_format(a,
	                   "Promote %" STR_FMT " %" STR_FMT " from %" STR_FMT
	                   " to %" STR_FMT,
	                   STR_ARG(service), STR_ARG(version), STR_ARG(from),
	                   STR_ARG(to)));
	return offer_new(s, service,
	                 str_format(a, "promote-%" STR_FMT "-%" STR_FMT,
	                            STR_ARG(version), STR_ARG(to)),
	                 text_of(&b));
}
