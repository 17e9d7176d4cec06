#include "tests/gate/auth.h"

#include <string.h>

static bool is_open(const struct request *r)
{
	if (!r->segments)
		return false;
	return str_is(r->segment[0], "health") ||
	       str_is(r->segment[0], "error") ||
	       str_is(r->segment[0], "_double") ||
	       (str_is(r->segment[0], "webhooks") &&
	        strcmp(r->method, "POST") == 0) ||
	       (r->segments == 2 && str_is(r->segment[0], "auth") &&
	        str_is(r->segment[1], "user"));
}

static void to_login(struct answer *to)
{
	answer_empty(to, 302);
	answer_header(to, "Location", STR("/login"));
}

/* RFC 4648, for what a client sends in Authorization: Basic. */
static struct str base64(struct arena *a, struct str s)
{
	static const char digits[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf out = buf_new(a, 4096);
	for (size_t i = 0; i < s.n; i += 3) {
		uint32_t v = 0;
		for (size_t j = 0; j < 3; j++)
			v = (v << 8) |
			    (i + j < s.n ? (unsigned char)s.s[i + j] : 0);
		for (size_t j = 0; j < 4; j++)
			buf_add_char(
			        &out,
			        i + j > s.n ? '='
			                    : digits[(v >> (18 - 6 * j)) & 63]);
	}
	return buf_str(&out);
}

static bool is_basic(struct gate *g, struct request *r, struct str given)
{
	struct str pair = str_format(
	        r->arena, "%s:%s", gate_setting_text(g, "user", "dxcp").s,
	        gate_setting_text(g, "password", "secret").s);
	struct str want = base64(r->arena, pair);
	return str_starts(given, STR("Basic ")) &&
	       str_eq(str_trim(str_from(given, 6)), want);
}

static bool is_bearer(struct gate *g, struct str given)
{
	return str_starts(given, STR("Bearer ")) &&
	       str_eq(str_trim(str_from(given, 7)),
	              gate_setting_text(g, "password", "secret"));
}

static bool admit_token(struct gate *g, struct request *r, struct answer *to)
{
	struct str own = r->header(r, "X-Spinnaker-Token");
	struct str bearer = r->header(r, "Authorization");
	if (str_eq(own, gate_setting_text(g, "password", "secret")) ||
	    is_bearer(g, bearer))
		return true;
	if (own.n || bearer.n)
		answer_empty(to, 401);
	else
		to_login(to);
	return false;
}

static bool admit(struct gate *g, struct request *r, struct answer *to)
{
	struct str mode = gate_setting_text(g, "auth", "none");
	struct str given = r->header(r, "Authorization");
	if (str_is(mode, "token"))
		return admit_token(g, r, to);
	if (str_is(mode, "basic")) {
		if (is_basic(g, r, given)) {
			answer_header(
			        to, "Set-Cookie",
			        STR("SESSION=c29tZXNlc3Npb24; Path=/; HttpOnly; SameSite=Lax"));
			return true;
		}
		to_login(to);
		return false;
	}
	if (str_is(mode, "bearer")) {
		if (is_bearer(g, given))
			return true;
		to_login(to);
		return false;
	}
	if (str_is(mode, "x509") && !r->has_client_certificate) {
		answer_error(
		        to, g, r->arena, 403,
		        "org.springframework.security.access.AccessDeniedException",
		        STR("Access is denied"));
		return false;
	}
	if (str_is(mode, "header") && !r->header(r, "X-SPINNAKER-USER").n) {
		answer_error(
		        to, g, r->arena, 500,
		        "org.springframework.security.web.authentication.preauth.PreAuthenticatedCredentialsNotFoundException",
		        STR("X-SPINNAKER-USER header not found in request."));
		return false;
	}
	return true;
}

bool auth_admits(struct gate *g, struct request *r, struct answer *to)
{
	struct str said = r->header(r, "X-SPINNAKER-USER");
	struct str mode = gate_setting_text(g, "auth", "none");
	r->user = STR("anonymous");
	if (r->segments == 1 && str_is(r->segment[0], "login")) {
		answer_html(
		        to, 200,
		        "<!DOCTYPE html><html><body><form action=\"/login\"></form></body></html>");
		return false;
	}
	struct answer refused = *to;
	bool known = admit(g, r, &refused);
	if (known && !str_is(mode, "none"))
		r->user = gate_setting_text(g, "user", "dxcp");
	/* It is copied after the principal, so that it wins. */
	if (said.n)
		r->user = said;
	if (known || !is_open(r)) {
		*to = refused;
		return known;
	}
	return true;
}
