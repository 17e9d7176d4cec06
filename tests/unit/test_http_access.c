#include "runner/http.h"

#include "runner/http_answer.h"
#include "tests/lib/loopback.h"
#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

#include <stdlib.h>
#include <unistd.h>

/* runner/http: who we are to a server, what is never shown, and its texts. */

static struct loopback server;

static void serve(int fd, int *counters)
{
	static struct loopback_request r;
	(void)counters;
	while (loopback_read(fd, &r))
		loopback_answer(fd, "200 OK", "text/plain", "",
		                (struct str){r.bytes, r.n});
}

#define GIVE(text)                           \
	{                                    \
		{"" text, sizeof(text) - 1}, \
		{                            \
			.src = &nothing      \
		}                            \
	}
static const struct source nothing;

static bool access_of(struct http_access *out, struct arena *a,
                      const struct engine *e, struct fail *why)
{
	return http_access_read(out, a, e, ".", why);
}

static struct str echo_as(struct arena *a, struct engine *e)
{
	struct fail why = {0};
	struct http_access access;
	struct http *h;
	e->url = (struct text){
	        str_format(a, "http://127.0.0.1:%d/", server.port),
	        {.src = &nothing}};
	if (!access_of(&access, a, e, &why) || !http_open(&h, a, &access, &why))
		return str_copy(a, str_of(why.text));
	struct http_call *c = ARENA_NEW(a, struct http_call);
	c->target = STR("/echo");
	c->arena = a;
	http_all(h, &c, 1, 1);
	return c->answer.body;
}

enum { AUTH_NONE, AUTH_BEARER, AUTH_BASIC, AUTH_MTLS, AUTH_API_TOKEN };

static void test_auth(struct arena *a)
{
	sh("printf 'file-token\\r\\n' >token; printf 'pa ss\\n' >password\n"
	   ": >empty; printf 'two\\nlines' >lines");
	setenv("T", "env-token", 1);
	setenv("EMPTY", "", 1);
	unsetenv("MISSING");
	const struct {
		const char *what;
		struct engine_auth auth;
		const char *want;
	} cases[] = {
	        {"bearer by variable",
	         {.type.is = AUTH_BEARER, .token_env = GIVE("T")},
	         "\r\nAuthorization: Bearer env-token\r\n"},
	        {"bearer by file",
	         {.type.is = AUTH_BEARER, .token_file = GIVE("token")},
	         "\r\nAuthorization: Bearer file-token\r\n"},
	        {"basic",
	         {.type.is = AUTH_BASIC,
	          .user = GIVE("ana"),
	          .password_file = GIVE("password")},
	         "\r\nAuthorization: Basic YW5hOnBhIHNz\r\n"},
	        {"API token",
	         {.type.is = AUTH_API_TOKEN, .token_env = GIVE("T")},
	         "\r\nX-Spinnaker-Token: env-token\r\n"},
	        {"a variable that is not set",
	         {.type.is = AUTH_BEARER, .token_env = GIVE("MISSING")},
	         "engine gate: the environment variable MISSING "
	         "(auth.token_env) is not set, or empty"},
	        {"an empty variable",
	         {.type.is = AUTH_BEARER, .token_env = GIVE("EMPTY")},
	         "engine gate: the environment variable EMPTY "
	         "(auth.token_env) is not set, or empty"},
	        {"an empty file",
	         {.type.is = AUTH_BEARER, .token_file = GIVE("empty")},
	         "engine gate: the file empty (auth.token_file) is empty"},
	        {"a file of two lines",
	         {.type.is = AUTH_BEARER, .token_file = GIVE("lines")},
	         "engine gate: the file lines (auth.token_file) has control "
	         "characters in it"},
	        {"a missing file",
	         {.type.is = AUTH_BEARER, .token_file = GIVE("gone")},
	         "engine gate: auth.token_file: cannot read ./gone: "},
	        {"a missing authority",
	         {.type.is = AUTH_NONE, .ca = GIVE("/gone/ca.pem")},
	         "engine gate: auth.ca: cannot read /gone/ca.pem: "},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct engine e = {.id = STR("gate"), .auth = cases[i].auth};
		struct str got = echo_as(a, &e);
		if (!ok(str_contains(got, str_of(cases[i].want)), "%s",
		        cases[i].what))
			tap_note("%" STR_FMT, STR_ARG(got));
	}
}

static void test_headers(struct arena *a)
{
	setenv("JWT", "e30.abc", 1);
	struct engine_header headers[] = {
	        {.name = GIVE("X-Team"), .value = GIVE("delivery")},
	        {.name = GIVE("X-Jwt"), .value_env = GIVE("JWT")},
	        {.name = GIVE("X-File"), .value_file = GIVE("token")},
	};
	struct engine e = {.id = STR("gate"), .headers = {headers, 3, 3}};
	struct str echo = echo_as(a, &e);
	ok(str_contains(echo, STR("\r\nX-Team: delivery\r\n")), "a value");
	ok(str_contains(echo, STR("\r\nX-Jwt: e30.abc\r\n")), "by variable");
	ok(str_contains(echo, STR("\r\nX-File: file-token\r\n")), "by file");
}

static void test_mask(struct arena *a)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	        {"nothing here", "nothing here"},
	        {"said s3cr/t+X aloud", "said *** aloud"},
	        {"said S3CR/T+x", "said ***"},
	        {"/p?q=s3cr%2Ft%2BX&x=1", "/p?q=***&x=1"},
	        {"/p?q=s3cr%2ft%2bX", "/p?q=***"},
	        {"b64 czNjci90K1g= end", "b64 *** end"},
	        {"s3cr/t+Xs3cr/t+X", "******"},
	        {"is it q\\\"uote?", "is it ***?"},
	        {"ab is too short", "ab is too short"},
	        {"https://u:p@h/x", "https://***@h/x"},
	        {"s3cr/t+", "s3cr/t+"},
	};
	struct http_access access = {.url = STR("http://h")};
	http_access_secret(&access, a, STR("s3cr/t+X"));
	http_access_secret(&access, a, STR("q\"uote"));
	http_access_secret(&access, a, STR("ab"));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		is_str(http_access_mask(&access, a, str_of(cases[i].text)),
		       cases[i].want, "masked: %s", cases[i].text);
}

static void test_texts(struct arena *a)
{
	is_str(http_encode(a, STR("a b/c?d&e=f%g+h;i\xc3\xa9~._-")),
	       "a%20b%2Fc%3Fd%26e%3Df%25g%2Bh%3Bi%C3%A9~._-", "encoded");
	static const struct {
		const char *text;
		int64_t want;
	} dates[] = {
	        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
	        {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
	        {"Sun Nov  6 08:49:37 1994", 784111777},
	        {"Thu, 29 Feb 2024 23:59:60 GMT", 1709251200},
	        {"Thu, 29 Feb 2023 00:00:00 GMT", 0},
	        {"Sun, 06 Nov 1994 24:00:00 GMT", 0},
	        {"Sun, 06 Nov 1994 08:49:37 CET", 0},
	        {"2024-02-29T00:00:00Z", 0},
	        {"", 0},
	};
	for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
		int64_t got = 0;
		if (!http_date(str_of(dates[i].text), &got))
			got = 0;
		is_int(got, dates[i].want, "date: %s", dates[i].text);
	}
	static const struct {
		const char *text;
		int64_t want;
	} after[] = {
	        {"0", 0},
	        {"120", 120},
	        {"99999999", 86400},
	        {"-1", -1},
	        {"soon", -1},
	        {"", -1},
	        {"1.5", -1},
	        {"Sun, 06 Nov 1994 08:49:37 GMT", 777},
	        {"Sat, 05 Nov 1994 08:49:37 GMT", 0},
	};
	for (size_t i = 0; i < sizeof after / sizeof *after; i++)
		is_int(http_retry_after(str_of(after[i].text), 784111000),
		       after[i].want, "Retry-After: '%s'", after[i].text);
}

static void test_backoff(void)
{
	struct str key = STR("dxcp-1");
	for (int i = 1; i <= 40; i++) {
		int ms = http_backoff_ms(key, i, 200, 10000);
		int all = i > 6 ? 10000 : 200 << (i - 1);
		ok(ms >= all / 2 && ms <= all, "back-off %d: %d ms", i, ms);
	}
	is_int(http_backoff_ms(key, 3, 200, 10000),
	       http_backoff_ms(key, 3, 200, 10000), "the same each time");
	ok(http_backoff_ms(key, 9, 200, 10000) !=
	           http_backoff_ms(STR("dxcp-2"), 9, 200, 10000),
	   "not the same for all");
}

int main(void)
{
	struct arena *a = arena_new();
	scratch_start();
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	unsetenv("ALL_PROXY");
	loopback_start(&server, serve);
	test_texts(a);
	test_backoff();
	test_mask(a);
	test_auth(a);
	test_headers(a);
	loopback_stop(&server);
	scratch_end();
	arena_free(a);
	return tap_done();
}
