#include "render/offer.h"

#include "render/forge.h"

enum { TEXT_MAX_BYTES = 4096 };

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

static void add_form(struct offer *o, struct site *s, struct str text)
{
	bool whole;
	if (!text.n)
		return;
	o->href = forge_form(s, o->path, text, &whole);
	if (!o->href.n)
		return;
	o->words = str_format(s->page, "%s on %s",
	                      whole ? "Propose it"
	                            : "Open the form for a new file",
	                      s->forge->name);
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
