#include "runner/http.h"

#include "tests/lib/loopback.h"
#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- the server ---------------------------------------------------------- */

enum { CONNECTIONS, REQUESTS, FLAKY, LATE };

#define JSON "application/json"
#define SECRET "s3cr3t-T0ken-4711"

static void send_file(int fd, const char *path)
{
	static char bytes[1 << 20];
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(bytes, 1, sizeof bytes, f) : 0;
	loopback_answer(fd, "200 OK", JSON, "Content-Encoding: gzip\r\n",
	                (struct str){bytes, n});
}

static void send_zeros(int fd, size_t n)
{
	static char zeros[1 << 16];
	char head[128];
	int length = snprintf(head, sizeof head,
	                      "HTTP/1.1 200 OK\r\nContent-Type: " JSON "\r\n"
	                      "Content-Length: %zu\r\n\r\n",
	                      n);
	loopback_write(fd, (struct str){head, (size_t)length});
	for (size_t sent = 0; sent < n; sent += sizeof zeros)
		loopback_write(fd, (struct str){zeros, sizeof zeros});
}

static void send_headers(int fd)
{
	char line[1024];
	memset(line, 'x', sizeof line);
	memcpy(line, "X-Long: ", 8);
	memcpy(line + sizeof line - 2, "\r\n", 2);
	loopback_write(fd, STR("HTTP/1.1 200 OK\r\n"));
	for (int i = 0; i < 300; i++)
		loopback_write(fd, (struct str){line, sizeof line});
	loopback_write(fd, STR("Content-Length: 0\r\n\r\n"));
}

static void send_forever(int fd)
{
	loopback_write(fd, STR("HTTP/1.1 200 OK\r\nContent-Type: " JSON "\r\n"
	                       "Transfer-Encoding: chunked\r\n\r\n"));
	for (;;) {
		loopback_write(fd, STR("1\r\n \r\n"));
		loopback_pause(10);
	}
}

static void reset_connection(int fd)
{
	struct linger hard = {.l_onoff = 1};
	loopback_write(fd, STR("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
	                       "half"));
	loopback_pause(20);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	_exit(0);
}

static void flaky(int fd, int *counters, const char *status)
{
	if (loopback_count(&counters[FLAKY]) < 3)
		loopback_answer(fd, status, "text/plain", "", STR("no"));
	else
		loopback_answer(fd, "200 OK", JSON, "", STR("[3]"));
}

static const struct {
	const char *target, *raw;
} raw_answers[] = {
        {"/half", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1,"},
        {"/halfchunk", "HTTP/1.1 202 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "ff\r\n[1,"},
        {"/cut", "HTTP/1.1 200 OK\r\nContent-Type: " JSON
                 "\r\nContent-Length: 3\r\n\r\n[1], more"},
        {"/garbage", "SSH-2.0-OpenSSH_9.2\r\n"},
        {"/interim", "HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\n"
                     "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"},
        {"/leak", "HTTP/1.1 200 " SECRET "\r\nContent-Encoding: " SECRET
                  "\r\nTransfer-Encoding: " SECRET "\r\nLocation: "
                  "https://u:pw9@h/?token=" SECRET "\r\n\r\n" SECRET},
        {"/leak2", SECRET " " SECRET "\r\n"},
        {"/nogzip", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                    "Content-Length: 4\r\n\r\nnope"},
};

static const struct {
	const char *target, *status, *type, *lines, *body;
} answers[] = {
        {"/ok", "200 OK", JSON, "", "{\"ok\":true}"},
        {"/302", "302 Found", "text/html", "Location: /login\r\n", ""},
        {"/login", "200 OK", "text/html; charset=utf-8", "", "<html>"},
        {"/429", "429 Slow", JSON, "Retry-After: 7\r\n", "{}"},
        {"/503", "503 No", JSON,
         "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
         "Retry-After: Sun, 06 Nov 1994 08:50:37 GMT\r\n",
         "{}"},
        {"/id", "200 OK", JSON, "X-SPINNAKER-REQUEST-ID: abc\r\n", "{}"},
        {"/api/ok", "200 OK", JSON, "", "{\"api\":true}"},
};

static bool serve_plain(int fd, const struct loopback_request *r)
{
	for (size_t i = 0; i < sizeof raw_answers / sizeof *raw_answers; i++)
		if (str_is(r->target, raw_answers[i].target)) {
			loopback_write(fd, str_of(raw_answers[i].raw));
			_exit(0);
		}
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		if (str_is(r->target, answers[i].target)) {
			loopback_answer(fd, answers[i].status, answers[i].type,
			                answers[i].lines,
			                str_of(answers[i].body));
			return true;
		}
	return false;
}

static void serve_one(int fd, int *counters, const struct loopback_request *r)
{
	loopback_count(&counters[REQUESTS]);
	if (serve_plain(fd, r))
		return;
	if (str_is(r->target, "/echo"))
		loopback_answer(fd, "200 OK", "text/plain", "",
		                (struct str){r->bytes, r->n});
	else if (str_is(r->target, "/gone"))
		_exit(0);
	else if (str_is(r->target, "/reset"))
		reset_connection(fd);
	else if (str_is(r->target, "/late")) {
		loopback_pause(600);
		loopback_count(&counters[LATE]);
		loopback_answer(fd, "200 OK", JSON, "", STR("{}"));
	} else if (str_is(r->target, "/wait")) {
		loopback_pause(20);
		loopback_answer(fd, "200 OK", JSON, "", STR("{}"));
	} else if (str_is(r->target, "/huge"))
		send_zeros(fd, 4 << 20);
	else if (str_is(r->target, "/gzip"))
		send_file(fd, "small.gz");
	else if (str_is(r->target, "/bomb"))
		send_file(fd, "bomb.gz");
	else if (str_is(r->target, "/headers"))
		send_headers(fd);
	else if (str_is(r->target, "/forever"))
		send_forever(fd);
	else if (str_is(r->target, "/flaky503"))
		flaky(fd, counters, "503 No");
	else if (str_is(r->target, "/flaky404"))
		flaky(fd, counters, "404 No");
	else if (str_is(r->target, "/flakygone")) {
		if (loopback_count(&counters[FLAKY]) < 3)
			_exit(0);
		loopback_answer(fd, "200 OK", JSON, "", STR("[3]"));
	} else
		loopback_answer(fd, "404 No", JSON, "", STR("{}"));
}

static void serve(int fd, int *counters)
{
	static struct loopback_request r;
	while (loopback_read(fd, &r)) {
		serve_one(fd, counters, &r);
		if (str_is(r.target, "/once")) {
			/* The next request on it is read and not answered. */
			loopback_read(fd, &r);
			loopback_count(&counters[REQUESTS]);
			return;
		}
	}
}

static void serve_rudely(int fd, int *counters)
{
	(void)fd;
	(void)counters;
}

/* --- calls --------------------------------------------------------------- */

static struct loopback server, rude;

static struct http *open_at(struct arena *a, int port, const char *path)
{
	struct fail why = {0};
	struct http *h = NULL;
	struct http_access access = {
	        .url = str_format(a, "http://127.0.0.1:%d%s", port, path)};
	if (!http_open(&h, a, &access, &why)) {
		printf("Bail out! %s\n", why.text);
		exit(1);
	}
	return h;
}

static struct http_call *call_of(struct arena *a, enum http_method method,
                                 const char *target)
{
	struct http_call *c = ARENA_NEW(a, struct http_call);
	c->method = method;
	c->target = str_of(target);
	c->arena = a;
	c->timeout_ms = 5000;
	if (method != HTTP_GET)
		c->body = STR("{\"a\":1}");
	return c;
}

static struct http_answer ask(struct http *h, struct http_call *c)
{
	http_all(h, &c, 1, 1);
	return c->answer;
}

static struct http_answer get(struct arena *a, struct http *h,
                              const char *target)
{
	return ask(h, call_of(a, HTTP_GET, target));
}

static const char *const ends[] = {"ANSWERED", "NOT_SENT", "BROKEN"};

/* "BROKEN 200 why", or "ANSWERED 200 body". */
static struct str summary(struct arena *a, const struct http_answer *answer)
{
	struct str text =
	        answer->end == HTTP_ANSWERED ? answer->body : answer->why;
	return str_format(a, "%s %d %" STR_FMT, ends[answer->end],
	                  answer->status, STR_ARG(text));
}

static void test_answers(struct arena *a)
{
	struct str here = str_format(a, "127.0.0.1:%d", server.port);
	static const struct {
		const char *target, *want;
	} cases[] = {
	        {"/ok", "ANSWERED 200 {\"ok\":true}"},
	        {"/302", "ANSWERED 302 "},
	        {"/login", "ANSWERED 200 <html>"},
	        {"/cut", "ANSWERED 200 [1]"},
	        {"/interim", "ANSWERED 200 []"},
	        {"/gzip", "ANSWERED 200 {\"zipped\":1}"},
	        {"/gone", "BROKEN 0 @ closed the connection without an "
	                  "answer"},
	        {"/half", "BROKEN 200 the answer of @ ended before its "
	                  "length"},
	        {"/halfchunk", "BROKEN 202 the answer of @ ended before its "
	                       "length"},
	        {"/huge", "BROKEN 200 the answer of @ was not read to its "
	                  "end: it is too large"},
	        {"/bomb", "BROKEN 200 the answer of @ was not read to its "
	                  "end: it is too large"},
	        {"/headers", "BROKEN 200 the answer of @ was not read to its "
	                     "end: its headers are too large"},
	};
	struct http *h = open_at(a, server.port, "");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_call *c = call_of(a, HTTP_GET, cases[i].target);
		c->max_bytes = 1 << 20;
		struct http_answer answer = ask(h, c);
		struct str before, after, want = str_of(cases[i].want);
		if (str_cut(want, '@', &before, &after))
			want = str_format(
			        a, "%" STR_FMT "%" STR_FMT "%" STR_FMT,
			        STR_ARG(before), STR_ARG(here), STR_ARG(after));
		is_str(summary(a, &answer), str_cstr(a, want), "GET %s",
		       cases[i].target);
	}
	static const char *const broken[] = {"/reset", "/garbage", "/nogzip"};
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		struct http_answer answer = get(a, h, broken[i]);
		is_int(answer.end, HTTP_BROKEN, "GET %s is broken", broken[i]);
		ok(answer.why.n > 0, "GET %s says why", broken[i]);
	}
}

static void test_head(struct arena *a)
{
	struct http *h = open_at(a, server.port, "");
	struct http_answer answer = get(a, h, "/302");
	is_str(answer.location, "/login", "the Location is told");
	is_str(answer.content_type, "text/html", "the content type is told");
	answer = get(a, h, "/429");
	is_int(answer.retry_after_s, 7, "Retry-After in seconds");
	answer = get(a, h, "/503");
	is_int(answer.retry_after_s, 60,
	       "Retry-After as a date is measured on the server's clock");
	is_int(answer.date, 784111777, "Date");
	answer = get(a, h, "/ok");
	is_int(answer.retry_after_s, -1, "no Retry-After");
	is_int(answer.date, 0, "no Date");
	answer = get(a, h, "/interim");
	is_int(answer.retry_after_s, -1, "headers of a 103 do not count");
	answer = get(a, h, "/id");
	is_str(answer.request_id, "abc", "X-SPINNAKER-REQUEST-ID");
	answer = get(a, open_at(a, server.port, "/api"), "/ok");
	is_str(answer.body, "{\"api\":true}", "a path in the address stays");
}

static void test_not_sent(struct arena *a)
{
	struct http_call *c = call_of(a, HTTP_POST, "/ok");
	struct http_answer answer =
	        ask(open_at(a, loopback_free_port(), ""), c);
	is_int(answer.end, HTTP_NOT_SENT, "a refused connection: not sent");
	ok(str_ends(answer.why, STR("Connection refused")), "and says so");
	struct http_access access = {.url = STR("http://nowhere.invalid")};
	struct http *h = NULL;
	struct fail why = {0};
	ok(http_open(&h, a, &access, &why), "opening looks nothing up");
	answer = ask(h, call_of(a, HTTP_POST, "/"));
	is_int(answer.end, HTTP_NOT_SENT, "an unknown name: not sent");
	access.url = str_format(a, "https://127.0.0.1:%d", server.port);
	ok(http_open(&h, a, &access, &why), "open");
	server.counters[REQUESTS] = 0;
	c = call_of(a, HTTP_POST, "/ok");
	c->timeout_ms = 200;
	answer = ask(h, c);
	is_int(answer.end, HTTP_NOT_SENT, "no TLS there: not sent");
	is_int(server.counters[REQUESTS], 0, "and no request came");
	/* A listener that never accepts more than its backlog would hang in
	   connect: 192.0.2.1 (RFC 5737) is nobody's. */
	access.url = STR("http://192.0.2.1:9");
	ok(http_open(&h, a, &access, &why), "open");
	c = call_of(a, HTTP_POST, "/");
	c->timeout_ms = 100;
	answer = ask(h, c);
	is_int(answer.end, HTTP_NOT_SENT, "no connection in time: not sent");
	answer = ask(open_at(a, rude.port, ""), call_of(a, HTTP_POST, "/ok"));
	ok(answer.end != HTTP_ANSWERED,
	   "closed at once: perhaps sent, never answered");
}

/* Whatever a server says, and however a call ends. */
static void test_secrets(struct arena *a)
{
	static const char *const targets[] = {"/leak", "/leak2", "/gone",
	                                      "/half", "/garbage"};
	struct fail why = {0};
	struct http *h = NULL;
	struct http_access access = {
	        .url = str_format(a, "http://me:" SECRET "@127.0.0.1:%d",
	                          server.port),
	        .bearer = STR(SECRET)};
	http_access_secret(&access, a, access.bearer);
	ok(http_open(&h, a, &access, &why), "open");
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		struct http_answer answer = get(a, h, targets[i]);
		ok(!str_contains(answer.why, STR("s3cr3t")) &&
		           answer.end == HTTP_BROKEN,
		   "GET %s: no secret in why", targets[i]);
	}
}

/* What goes to a proxy to reach the server is nothing of the request. */
static void test_proxy(struct arena *a)
{
	struct fail why = {0};
	struct http *h = NULL;
	struct http_access access = {.url = STR("https://gate.invalid")};
	char proxy[64];
	snprintf(proxy, sizeof proxy, "http://u:pw9@127.0.0.1:%d", server.port);
	setenv("https_proxy", proxy, 1);
	setenv("http_proxy", proxy, 1);
	ok(http_open(&h, a, &access, &why), "open");
	server.counters[REQUESTS] = 0;
	struct http_answer answer = ask(h, call_of(a, HTTP_POST, "/ok"));
	is_int(answer.end, HTTP_NOT_SENT, "a proxy that refuses: not sent");
	is_int(server.counters[REQUESTS], 1, "though the proxy was asked");
	ok(!str_contains(answer.why, STR("pw9")), "its password is not shown");
	access.url = STR("http://gate.invalid");
	ok(http_open(&h, a, &access, &why), "open");
	answer = get(a, h, "/x");
	is_int(answer.status, 404, "http by a proxy");
	setenv("no_proxy", "gate.invalid", 1);
	answer = get(a, h, "/x");
	is_int(answer.end, HTTP_NOT_SENT, "no_proxy is heeded");
	unsetenv("https_proxy");
	unsetenv("http_proxy");
	unsetenv("no_proxy");
}

static void test_sent_once(struct arena *a)
{
	static const struct {
		enum http_method method;
		const char *target;
		bool fresh;
	} cases[] = {
	        {HTTP_POST, "/gone", true},    {HTTP_POST, "/gone", false},
	        {HTTP_PUT, "/gone", false},    {HTTP_PATCH, "/gone", false},
	        {HTTP_DELETE, "/gone", false}, {HTTP_POST, "/half", true},
	        {HTTP_POST, "/reset", true},   {HTTP_POST, "/302", true},
	};
	struct http *h = open_at(a, server.port, "");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_call *c =
		        call_of(a, cases[i].method, cases[i].target);
		/* A connection that dies with the next request. */
		get(a, h, "/once");
		server.counters[REQUESTS] = 0;
		c->fresh = cases[i].fresh;
		struct http_answer answer = ask(h, c);
		ok(answer.end ==
		           (answer.status == 302 ? HTTP_ANSWERED : HTTP_BROKEN),
		   "case %zu, %s", i, cases[i].target);
		is_int(server.counters[REQUESTS], 1, "case %zu: sent once", i);
		is_int(answer.tries, 1, "case %zu: tried once", i);
	}
	get(a, h, "/once");
	struct http_answer answer = get(a, h, "/ok");
	is_int(answer.end, HTTP_ANSWERED,
	       "a GET finds its way from a dying connection");
	get(a, h, "/cut"); /* closed by the server after the answer */
	answer = get(a, h, "/ok");
	is_int(answer.end, HTTP_ANSWERED, "and from a dead one");
}

static void test_connections(struct arena *a)
{
	struct http *h = open_at(a, server.port, "");
	int before = server.counters[CONNECTIONS];
	for (int i = 0; i < 10; i++)
		get(a, h, "/ok");
	is_int(server.counters[CONNECTIONS] - before, 1,
	       "reads share a connection");
	for (int i = 0; i < 3; i++) {
		struct http_call *c = call_of(a, HTTP_POST, "/ok");
		c->fresh = true;
		ask(h, c);
	}
	is_int(server.counters[CONNECTIONS] - before, 4, "fresh calls do not");
	get(a, h, "/ok");
	is_int(server.counters[CONNECTIONS] - before, 4,
	       "nor is theirs used again");
}

static void test_times(struct arena *a)
{
	struct http *h = open_at(a, server.port, "");
	struct http_call *c = call_of(a, HTTP_POST, "/late");
	c->timeout_ms = 150;
	struct http_answer answer = ask(h, c);
	is_str(summary(a, &answer),
	       str_cstr(a, str_format(a,
	                              "BROKEN 0 no answer from 127.0.0.1:%d "
	                              "within 150 ms",
	                              server.port)),
	       "a late answer");
	c = call_of(a, HTTP_GET, "/forever");
	c->timeout_ms = 300;
	answer = ask(h, c);
	is_str(summary(a, &answer),
	       str_cstr(a, str_format(a,
	                              "BROKEN 200 the answer of 127.0.0.1:%d "
	                              "did not come to its end in time",
	                              server.port)),
	       "an answer without end");
	struct http_call *done[1];
	http_start(h, call_of(a, HTTP_GET, "/late"));
	is_int((int64_t)http_wait(h, done, 1, 50), 0, "a wait has its limit");
	is_int((int64_t)http_pending(h), 1, "the call goes on");
	is_int((int64_t)http_wait(h, done, 1, 5000), 1, "until it ends");
	is_int(done[0]->answer.end, HTTP_ANSWERED, "answered");
	is_int((int64_t)http_wait(h, done, 1, 5000), 0,
	       "without calls there is nothing to wait for");
}

static void test_requests(struct arena *a)
{
	struct http *h = open_at(a, server.port, "");
	struct http_header more[] = {{STR("X-More"), STR("yes")}};
	struct http_call *c = call_of(a, HTTP_POST, "/echo");
	c->headers = more;
	c->nheaders = 1;
	struct str echo = ask(h, c).body;
	ok(str_starts(echo, STR("POST /echo HTTP/1.1\r\n")), "POST line");
	ok(str_contains(echo, STR("\r\nContent-Type: application/json\r\n")),
	   "a body is JSON");
	ok(str_contains(echo, STR("\r\nAccept: application/json\r\n")),
	   "JSON is wanted");
	ok(str_contains(echo, STR("\r\nAccept-Encoding: gzip\r\n")),
	   "gzip is taken");
	ok(str_contains(echo, STR("\r\nX-More: yes\r\n")), "own headers");
	ok(!str_contains(echo, STR("Expect")), "no Expect");
	ok(str_ends(echo, STR("\r\n\r\n{\"a\":1}")), "the body");
	c = call_of(a, HTTP_PUT, "/echo");
	c->body = STR("");
	echo = ask(h, c).body;
	ok(str_starts(echo, STR("PUT /echo ")) &&
	           str_contains(echo, STR("\r\nContent-Length: 0\r\n")),
	   "PUT without a body");
	echo = get(a, h, "/echo").body;
	ok(str_starts(echo, STR("GET /echo ")) &&
	           !str_contains(echo, STR("Content-")) &&
	           !str_contains(echo, STR("X-More")),
	   "GET after others: nothing of them stays");
	is_int(get(a, h, "/a/../ok").status, 404, "a path is sent as it is");
}

static void test_patience(struct arena *a)
{
	static const struct {
		const char *target;
		int patience, requests, status;
	} cases[] = {
	        {"/flaky503", 5000, 3, 200}, {"/flaky503", 0, 1, 503},
	        {"/flaky404", 5000, 1, 404}, {"/flakygone", 5000, 3, 200},
	        {"/429", 2000, 1, 429}, /* it asks for 7 s */
	};
	struct http *h = open_at(a, server.port, "");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_call *c = call_of(a, HTTP_GET, cases[i].target);
		server.counters[FLAKY] = server.counters[REQUESTS] = 0;
		c->patience_ms = cases[i].patience;
		c->jitter = STR("dxcp-1");
		struct http_answer answer = ask(h, c);
		is_int(answer.status, cases[i].status, "%s: status",
		       cases[i].target);
		is_int(server.counters[REQUESTS], cases[i].requests,
		       "%s: requests", cases[i].target);
		/* curl itself repeats a GET on a connection that died. */
		ok(answer.tries <= cases[i].requests &&
		           (answer.tries > 1) == (cases[i].requests > 1),
		   "%s: %d tries", cases[i].target, answer.tries);
	}
	struct http_call *c = call_of(a, HTTP_GET, "/");
	c->patience_ms = 700;
	struct http_answer answer =
	        ask(open_at(a, loopback_free_port(), ""), c);
	ok(answer.end == HTTP_NOT_SENT && answer.tries > 1,
	   "patience ends: %d tries", answer.tries);
}

static void test_many(struct arena *a)
{
	enum { N = 200 };
	struct http *h = open_at(a, server.port, "");
	struct http_call *calls[N];
	size_t good = 0;
	for (size_t i = 0; i < N; i++) {
		calls[i] = call_of(a, i % 2 ? HTTP_GET : HTTP_POST,
		                   i % 5 ? "/wait" : "/gone");
		calls[i]->fresh = i % 2 == 0;
		calls[i]->owner = &calls[i];
	}
	http_all(h, calls, N, HTTP_MAX_IN_FLIGHT);
	for (size_t i = 0; i < N; i++)
		good += calls[i]->owner == &calls[i] &&
		        calls[i]->answer.end ==
		                (i % 5 ? HTTP_ANSWERED : HTTP_BROKEN);
	is_int((int64_t)good, N, "each of 200 calls has its own answer");
	for (size_t i = 0; i < N; i++)
		http_start(h, calls[i]);
	struct http_call *done[N];
	size_t n = 0;
	while (n < N)
		n += http_wait(h, done + n, 3, 5000);
	is_int((int64_t)http_pending(h), 0,
	       "more than fit in flight wait for their turn");
	/* The rest is for the leak checker: calls in flight when it closes. */
	struct arena *brief = arena_new();
	struct http *left = open_at(brief, server.port, "");
	http_start(left, call_of(brief, HTTP_GET, "/late"));
	http_start(left, call_of(brief, HTTP_POST, "/late"));
	is_int((int64_t)http_wait(left, done, 1, 20), 0, "in flight");
	arena_free(brief);
}

struct taken {
	size_t bytes, starts, limit;
};

static void sink_start(void *context)
{
	struct taken *t = context;
	t->starts++;
	t->bytes = 0;
}

static bool sink_take(void *context, struct str piece)
{
	struct taken *t = context;
	t->bytes += piece.n;
	return t->bytes <= t->limit;
}

static void test_sink(struct arena *a)
{
	static const struct {
		const char *target;
		size_t limit;
		enum http_end end;
		size_t starts, bytes;
	} cases[] = {
	        {"/huge", 8 << 20, HTTP_ANSWERED, 1, 4 << 20},
	        {"/huge", 1 << 20, HTTP_BROKEN, 1, 0},
	        {"/404", 8 << 20, HTTP_ANSWERED, 0, 0},
	        {"/half", 8 << 20, HTTP_BROKEN, 3, 3},
	};
	struct http *h = open_at(a, server.port, "");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct taken t = {.limit = cases[i].limit};
		struct http_call *c = call_of(a, HTTP_GET, cases[i].target);
		c->sink = (struct http_sink){sink_start, sink_take, &t};
		c->patience_ms = cases[i].starts > 1 ? 550 : 0;
		c->jitter = STR("k");
		struct http_answer answer = ask(h, c);
		is_int(answer.end, cases[i].end, "sink %zu", i);
		if (cases[i].starts > 1)
			ok(t.starts > 1, "sink %zu: begins anew", i);
		else
			is_int((int64_t)t.starts, (int64_t)cases[i].starts,
			       "sink %zu: starts", i);
		if (cases[i].bytes)
			is_int((int64_t)t.bytes, (int64_t)cases[i].bytes,
			       "sink %zu: bytes", i);
		is_str(answer.body, answer.status == 404 ? "{}" : "",
		       "sink %zu: the body of an error is kept", i);
	}
}

int main(void)
{
	struct arena *a = arena_new();
	scratch_start();
	static const char *const proxies[] = {
	        "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
	        "ALL_PROXY",  "no_proxy",    "NO_PROXY"};
	for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++)
		unsetenv(proxies[i]);
	sh("printf '{\"zipped\":1}' | gzip >small.gz\n"
	   "head -c 100000000 /dev/zero | gzip >bomb.gz");
	loopback_start(&server, serve);
	loopback_start(&rude, serve_rudely);
	test_answers(a);
	test_head(a);
	test_not_sent(a);
	test_secrets(a);
	test_proxy(a);
	test_sent_once(a);
	test_connections(a);
	test_times(a);
	test_requests(a);
	test_patience(a);
	test_many(a);
	test_sink(a);
	loopback_stop(&rude);
	loopback_stop(&server);
	scratch_end();
	arena_free(a);
	return tap_done();
}
