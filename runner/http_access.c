#include "runner/http.h"

#include "core/base64.h"
#include "core/files.h"
#include "core/json.h"
#include "runner/redact.h"
#include "runner/world.h"

enum { SECRET_MAX = 64 * 1024, SECRET_LEAST = 4 };

struct reader {
	struct http_access *out;
	struct arena *a;
	const struct engine *engine;
	const char *folder;
	struct fail *why;
};

/* --- what is never to be shown ------------------------------------------- */

static void add_form(struct http_access *access, struct arena *a,
                     struct str form)
{
	if (form.n < SECRET_LEAST)
		return;
	for (size_t i = 0; i < access->secrets.n; i++)
		if (str_eq(access->secrets.at[i], form))
			return;
	*vec_add(a, &access->secrets) = form;
}

/* As JSON escapes it, without the quotes. */
static struct str escaped(struct arena *a, struct str value)
{
	struct buf out = buf_new(a, SIZE_MAX / 4);
	json_quote(&out, value);
	struct str s = buf_str(&out);
	return (struct str){s.s + 1, s.n - 2};
}

void http_access_secret(struct http_access *access, struct arena *a,
                        struct str value)
{
	add_form(access, a, value);
	add_form(access, a, http_encode(a, value));
	add_form(access, a, base64_encode(a, value));
	add_form(access, a, escaped(a, value));
}

/* The longest secret that text starts with. Letter case is no hiding place:
   %2f is %2F. */
static size_t secret_length(const struct http_access *access, struct str text)
{
	size_t longest = 0;
	for (size_t i = 0; i < access->secrets.n; i++) {
		struct str secret = access->secrets.at[i];
		if (secret.n > longest &&
		    str_eq_nocase(str_head(text, secret.n), secret))
			longest = secret.n;
	}
	return longest;
}

struct str http_access_mask(const struct http_access *access, struct arena *a,
                            struct str text)
{
	struct buf out = buf_new(a, SIZE_MAX / 4);
	for (size_t i = 0; i < text.n;) {
		size_t n = secret_length(access, str_from(text, i));
		if (n)
			buf_add(&out, STR("***"));
		else
			buf_add_char(&out, text.s[i]);
		i += n ? n : 1;
	}
	return redact(a, buf_str(&out));
}

/* --- reading them -------------------------------------------------------- */

static bool bad(const struct reader *r, const char *what, const char *is)
{
	return fail_set(r->why, FAIL_ENGINE, "engine %" STR_FMT ": %s %s",
	                STR_ARG(r->engine->id), what, is);
}

/* The line end that an editor or `echo` left. */
static struct str without_line_end(struct str s)
{
	while (s.n && (s.s[s.n - 1] == '\n' || s.s[s.n - 1] == '\r'))
		s.n--;
	return s;
}

/* It becomes a line of a header: nothing may end that line. */
static bool check(const struct reader *r, struct str value, const char *what)
{
	if (!value.n)
		return bad(r, what, "is empty");
	for (size_t i = 0; i < value.n; i++)
		if (((unsigned char)value.s[i] < ' ' && value.s[i] != '\t') ||
		    value.s[i] == 0x7f)
			return bad(r, what, "has control characters in it");
	return true;
}

static const char *path_of(const struct reader *r, struct str path)
{
	if (str_starts(path, STR("/")))
		return str_cstr(r->a, path);
	return str_cstr(r->a, str_format(r->a, "%s/%" STR_FMT, r->folder,
	                                 STR_ARG(path)));
}

static bool from_environment(const struct reader *r, struct str *out,
                             const struct text *name, const char *key)
{
	struct str value = world_environment(str_cstr(r->a, name->s));
	struct str what =
	        str_format(r->a, "the environment variable %" STR_FMT " (%s)",
	                   STR_ARG(name->s), key);
	if (!value.n) {
		bad(r, str_cstr(r->a, what), "is not set, or empty");
		return fail_hint(r->why,
		                 "set it where dxcp runs, from the secrets of "
		                 "your CI");
	}
	*out = str_copy(r->a, without_line_end(value));
	return check(r, *out, str_cstr(r->a, what));
}

static bool from_file(const struct reader *r, struct str *out,
                      const struct text *name, const char *key)
{
	struct str bytes;
	struct str what = str_format(r->a, "the file %" STR_FMT " (%s)",
	                             STR_ARG(name->s), key);
	if (!file_read(&bytes, r->a, path_of(r, name->s), SECRET_MAX, r->why))
		return fail_note(r->why, "engine %" STR_FMT ": %s",
		                 STR_ARG(r->engine->id), key);
	*out = without_line_end(bytes);
	return check(r, *out, str_cstr(r->a, what));
}

/* Either may be given, or none: then *out stays empty. */
static bool read_secret(const struct reader *r, struct str *out,
                        const struct text *env, const struct text *file,
                        const char *env_key, const char *file_key)
{
	if (GIVEN(*env) && !from_environment(r, out, env, env_key))
		return false;
	if (GIVEN(*file) && !from_file(r, out, file, file_key))
		return false;
	if (out->n)
		http_access_secret(r->out, r->a, *out);
	return true;
}

/* libcurl reads these itself, and its message would not say which it was. */
static bool read_path(const struct reader *r, const char **out,
                      const struct text *path, const char *key)
{
	struct str ignored;
	if (!GIVEN(*path))
		return true;
	*out = path_of(r, path->s);
	if (file_read(&ignored, r->a, *out, 1 << 24, r->why))
		return true;
	return fail_note(r->why, "engine %" STR_FMT ": auth.%s",
	                 STR_ARG(r->engine->id), key);
}

static void add_header(const struct reader *r, struct str name,
                       struct str value)
{
	*vec_add(r->a, &r->out->headers) = (struct http_header){name, value};
}

static bool read_auth(const struct reader *r)
{
	enum { NONE, BEARER, BASIC, MTLS, API_TOKEN };
	const struct engine_auth *auth = &r->engine->auth;
	struct http_access *out = r->out;
	struct str token = STR(""), password = STR("");
	if (!read_secret(r, &token, &auth->token_env, &auth->token_file,
	                 "auth.token_env", "auth.token_file") ||
	    !read_secret(r, &password, &auth->password_env,
	                 &auth->password_file, "auth.password_env",
	                 "auth.password_file") ||
	    !read_path(r, &out->ca, &auth->ca, "ca") ||
	    !read_path(r, &out->cert, &auth->cert, "cert") ||
	    !read_path(r, &out->key, &auth->key, "key"))
		return false;
	switch (auth->type.is) {
	case BEARER:
		out->bearer = token;
		break;
	case BASIC:
		out->user = auth->user.s;
		out->password = password;
		http_access_secret(out, r->a,
		                   str_format(r->a, "%" STR_FMT ":%" STR_FMT,
		                              STR_ARG(out->user),
		                              STR_ARG(password)));
		break;
	case MTLS:
		out->key_password = password;
		break;
	case API_TOKEN:
		add_header(r, STR("X-Spinnaker-Token"), token);
		break;
	default:
		break;
	}
	return true;
}

static bool read_headers(const struct reader *r)
{
	for (size_t i = 0; i < r->engine->headers.n; i++) {
		const struct engine_header *h = &r->engine->headers.at[i];
		struct str value = STR("");
		const char *key =
		        str_cstr(r->a, str_format(r->a, "headers.%" STR_FMT,
		                                  STR_ARG(h->name.s)));
		if (!read_secret(r, &value, &h->value_env, &h->value_file, key,
		                 key))
			return false;
		add_header(r, h->name.s, GIVEN(h->value) ? h->value.s : value);
	}
	return true;
}

bool http_access_read(struct http_access *out, struct arena *a,
                      const struct engine *engine, const char *folder,
                      struct fail *why)
{
	struct http_access access = {.url = engine->url.s};
	struct reader r = {&access, a, engine, folder, why};
	while (str_ends(access.url, STR("/")))
		access.url.n--;
	if (!access.url.n)
		return bad(&r, "url", "is missing");
	if (!read_auth(&r) || !read_headers(&r))
		return false;
	*out = access;
	return true;
}
