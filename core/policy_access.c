#include "core/policy_keys.h"

/*
 * How an engine's server is signed in to: that nothing is missing, said twice,
 * or a secret in a file that everybody reads.
 */

enum { VARIABLE_MAX = 128 };

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* POSIX: letters, digits and '_', no digit first. The value is not shown: it
   may be the secret itself, by mistake. */
static void check_variable(struct diags *ds, const struct text *name)
{
	bool good = GIVEN(*name) && name->s.n <= VARIABLE_MAX &&
	            !digit(name->s.s[0]);
	for (size_t i = 0; good && i < name->s.n; i++)
		good = letter(name->s.s[i]) || digit(name->s.s[i]) ||
		       name->s.s[i] == '_';
	if (GIVEN(*name) && !good)
		diag_add(ds, DIAG_INVALID_VALUE, name->at,
		         "this is no name of an environment variable: "
		         "letters, digits and '_'");
}

static void check_one(struct diags *ds, const struct text *env,
                      const struct text *file, const char *what)
{
	check_variable(ds, env);
	if (GIVEN(*env) && GIVEN(*file))
		diag_add(ds, DIAG_INVALID_VALUE, file->at,
		         "the %s is named twice: by variable and by file",
		         what);
}

static void check_auth(const struct engine_auth *auth, struct diags *ds)
{
	enum { NONE, BEARER, BASIC, MTLS, API_TOKEN };
	const char *missing = NULL;
	bool token = GIVEN(auth->token_env) || GIVEN(auth->token_file);
	bool password = GIVEN(auth->password_env) || GIVEN(auth->password_file);
	bool cert = GIVEN(auth->cert), key = GIVEN(auth->key);
	check_one(ds, &auth->token_env, &auth->token_file, "token");
	check_one(ds, &auth->password_env, &auth->password_file, "password");
	switch (auth->type.is) {
	case BEARER:
	case API_TOKEN:
		missing = token ? NULL : "token_env";
		break;
	case BASIC:
		missing = !GIVEN(auth->user) ? "user"
		          : !password        ? "password_env"
		                             : NULL;
		break;
	default:
		break;
	}
	/* A client certificate may go with any of them. */
	if (!missing && (auth->type.is == MTLS || cert || key))
		missing = !cert ? "cert" : !key ? "key" : NULL;
	if (missing)
		diag_add(ds, DIAG_MISSING_KEY, auth->type.at,
		         "missing key \"%s\" (engine auth of this type)",
		         missing);
}

/* RFC 9110 section 5.6.2. */
static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!letter(s.s[i]) && !digit(s.s[i]) &&
		    !str_has(STR("!#$%&'*+-.^_`|~"), s.s[i]))
			return false;
	return s.n > 0;
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.s[i] < ' ' || s.s[i] == 0x7f)
			return true;
	return false;
}

static bool is_one_of(struct str word, const char *const *words)
{
	for (; *words; words++)
		if (str_eq_nocase(word, str_of(*words)))
			return true;
	return false;
}

static bool speaks_of_secret(struct arena *a, struct str name)
{
	static const char *const parts[] = {
	        "token",    "secret",        "password",  "cookie",
	        "session",  "authorization", "assertion", "credential",
	        "api-key",  "apikey",        "api_key",   "signature",
	        "auth-key", "access-key",    "jwt",       NULL};
	struct str lower = str_lower(a, name);
	for (const char *const *part = parts; *part; part++)
		if (str_contains(lower, str_of(*part)))
			return true;
	return false;
}

/* What the protocol or this program sets. */
static const char *const own_headers[] = {"Accept",
                                          "Accept-Encoding",
                                          "Connection",
                                          "Content-Encoding",
                                          "Content-Length",
                                          "Content-Type",
                                          "Expect",
                                          "Keep-Alive",
                                          "Proxy-Connection",
                                          "TE",
                                          "Trailer",
                                          "Transfer-Encoding",
                                          "Upgrade",
                                          "X-SPINNAKER-REQUEST-ID",
                                          NULL};

static void check_header_name(const struct engine *e,
                              const struct engine_header *h, struct diags *ds)
{
	enum { NONE, BEARER, BASIC, MTLS, API_TOKEN };
	int type = e->auth.type.is;
	bool by_auth = ((type == BEARER || type == BASIC) &&
	                str_eq_nocase(h->name.s, STR("Authorization"))) ||
	               (type == API_TOKEN &&
	                str_eq_nocase(h->name.s, STR("X-Spinnaker-Token")));
	if (!is_token(h->name.s))
		diag_add(ds, DIAG_INVALID_VALUE, h->name.at,
		         "this is no name of an HTTP header");
	else if (is_one_of(h->name.s, own_headers))
		diag_add(ds, DIAG_INVALID_VALUE, h->name.at,
		         "the header %" STR_FMT " is dxcp's own to set",
		         STR_ARG(h->name.s));
	else if (by_auth)
		diag_add(ds, DIAG_INVALID_VALUE, h->name.at,
		         "the header %" STR_FMT " is set by \"auth\" already",
		         STR_ARG(h->name.s));
}

static void check_header(const struct engine *e, const struct engine_header *h,
                         struct diags *ds)
{
	int given =
	        GIVEN(h->value) + GIVEN(h->value_env) + GIVEN(h->value_file);
	check_header_name(e, h, ds);
	check_variable(ds, &h->value_env);
	if (given != 1)
		diag_add(ds, DIAG_INVALID_VALUE, h->name.at,
		         "a header has one of \"value\", \"value_env\" and "
		         "\"value_file\"");
	else if (GIVEN(h->value) && speaks_of_secret(ds->arena, h->name.s))
		diag_add(ds, DIAG_INVALID_VALUE, h->value.at,
		         "the value of %" STR_FMT " looks like a secret, and "
		         "everybody reads this file: name it by \"value_env\" "
		         "or \"value_file\"",
		         STR_ARG(h->name.s));
	else if (GIVEN(h->value) && has_control(h->value.s))
		diag_add(ds, DIAG_INVALID_VALUE, h->value.at,
		         "a header's value is one line");
}

void policy_check_access(const struct engine *e, struct diags *ds)
{
	check_auth(&e->auth, ds);
	for (size_t i = 0; i < e->headers.n; i++)
		check_header(e, &e->headers.at[i], ds);
}
