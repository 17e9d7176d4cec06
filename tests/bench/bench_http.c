/*
 * bench_http: what calls cost by runner/gate, beside libcurl alone.
 *
 *	bench_http serve MS             print a port, answer there after MS
 *	bench_http gate PORT N C WHAT   N calls by runner/gate, C in flight
 *	bench_http curl PORT N C WHAT   the same by libcurl's multi interface
 *
 * WHAT is "trigger" (a POST of some 300 bytes, a connection each) or "read" (a
 * GET of two executions, connections kept). The server ends with its input.
 */
#include "runner/curl.h"
#include "runner/gate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CALLS = 100000, MAX_FLIGHT = 64, FDS = 1024, REQUEST_MAX = 8192 };

#define JSON_HEAD "Content-Type: application/json\r\nContent-Length: "
#define TRIGGER_ANSWER                \
	"HTTP/1.1 202 \r\n" JSON_HEAD \
	"45\r\n\r\n{\"ref\":\"/pipelines/01HZX0000000000000000000\"}"
#define READ_ANSWER                   \
	"HTTP/1.1 200 \r\n" JSON_HEAD \
	"56\r\n\r\n[{\"id\":\"A\",\"status\":\"RUNNING\"},{\"id\":\"B\",\"buildTime\":7}]"

static _Noreturn void stop(const char *what)
{
	fprintf(stderr, "bench_http: %s\n", what);
	exit(2);
}

/* --- the server ---------------------------------------------------------- */

struct due {
	double at;
	int fd;
	bool posts;
};

static struct connection {
	char bytes[REQUEST_MAX];
	size_t n;
} connections[FDS];
static struct due later[FDS]; /* a ring: all wait equally long */
static size_t first, count;

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void answer(int fd, bool posts)
{
	const char *text = posts ? TRIGGER_ANSWER : READ_ANSWER;
	if (write(fd, text, strlen(text)) < 0)
		connections[fd].n = 0;
}

static bool whole(const struct connection *c)
{
	const char *end = strstr(c->bytes, "\r\n\r\n");
	const char *length = strstr(c->bytes, "Content-Length: ");
	if (!end)
		return false;
	size_t body = length && length < end
	                      ? (size_t)strtoul(length + 16, NULL, 10)
	                      : 0;
	return c->n >= (size_t)(end + 4 - c->bytes) + body;
}

static void take(int fd, double latency)
{
	struct connection *c = &connections[fd];
	ssize_t n = read(fd, c->bytes + c->n, sizeof c->bytes - 1 - c->n);
	if (n <= 0) {
		close(fd);
		return;
	}
	c->n += (size_t)n;
	c->bytes[c->n] = '\0';
	if (!whole(c))
		return;
	c->n = 0;
	bool posts = c->bytes[0] == 'P';
	if (latency <= 0) {
		answer(fd, posts);
		return;
	}
	later[(first + count++) % FDS] =
	        (struct due){now() + latency, fd, posts};
}

static int send_due(void)
{
	while (count && later[first].at <= now()) {
		answer(later[first].fd, later[first].posts);
		first = (first + 1) % FDS;
		count--;
	}
	if (!count)
		return -1;
	return (int)((later[first].at - now()) * 1000) + 1;
}

static void watch(int poll, int fd)
{
	struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
	if (fd >= FDS || epoll_ctl(poll, EPOLL_CTL_ADD, fd, &e))
		stop("cannot watch a connection");
}

static void greet(int poll, int at)
{
	int fd = accept(at, NULL, NULL), one = 1;
	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	connections[fd < FDS ? fd : 0].n = 0;
	watch(poll, fd);
}

static void serve(int ms)
{
	struct sockaddr_in here = {.sin_family = AF_INET};
	socklen_t n = sizeof here;
	struct epoll_event events[MAX_FLIGHT];
	int at = socket(AF_INET, SOCK_STREAM, 0), poll = epoll_create1(0);
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (at < 0 || bind(at, (struct sockaddr *)&here, sizeof here) ||
	    listen(at, 512) || getsockname(at, (struct sockaddr *)&here, &n))
		stop("no port to listen at");
	printf("%d\n", ntohs(here.sin_port));
	fflush(stdout);
	signal(SIGPIPE, SIG_IGN);
	watch(poll, at);
	watch(poll, STDIN_FILENO);
	for (;;) {
		int found = epoll_wait(poll, events, MAX_FLIGHT, send_due());
		for (int i = 0; i < found; i++) {
			if (events[i].data.fd == STDIN_FILENO)
				return;
			if (events[i].data.fd == at)
				greet(poll, at);
			else
				take(events[i].data.fd, ms / 1000.0);
		}
	}
}

/* --- by runner/gate ------------------------------------------------------ */

static struct http_call *call_of(const struct gate *g, struct arena *a,
                                 bool posts)
{
	struct str ids[] = {STR("01HZX0000000000000000000AA"),
	                    STR("01HZX0000000000000000000AB")};
	struct gate_parameter parameters[] = {
	        {STR("image"),
	         STR("registry.example.net/team/checkout:1.42.0")},
	        {STR("environment"), STR("production")},
	        {STR("path"),
	         STR("intents/2026/06/checkout-1.42.0-production.yaml")},
	};
	struct gate_trigger t = {
	        .application = STR("checkout"),
	        .pipeline = STR("deploy"),
	        .token = STR("dxcp-0123456789abcdef0123456789abcdef"),
	        .user = STR("ana@example.com"),
	        .parameters = parameters,
	        .nparameters = 3};
	return posts ? gate_trigger_call(g, a, &t)
	             : gate_executions_call(g, a, ids, 2, false);
}

static void by_gate(struct arena *a, int port, size_t n, size_t in_flight,
                    bool posts)
{
	static const struct source nothing;
	struct gate g;
	struct fail why = {0};
	struct engine e = {
	        .id = STR("gate"),
	        .url = {str_format(a, "http://127.0.0.1:%d", port),
	                {.src = &nothing}},
	};
	struct http_call *done[MAX_FLIGHT];
	size_t begun = 0, ended = 0;
	if (!gate_open(&g, a, &e, ".", &why))
		stop(why.text);
	while (ended < n) {
		while (begun < n && begun - ended < in_flight) {
			/* An arena each, as the engine has. */
			struct arena *own = arena_new();
			struct http_call *call = call_of(&g, own, posts);
			http_start(g.http, call);
			begun++;
		}
		size_t got = http_wait(g.http, done, MAX_FLIGHT, 1000);
		for (size_t i = 0; i < got; i++) {
			struct arena *own = done[i]->arena;
			if (gate_answer(&g, own, done[i]).class != GATE_OK)
				stop("a call failed");
			arena_free(own);
		}
		ended += got;
	}
}

/* --- by libcurl alone ---------------------------------------------------- */

static size_t taken;

static size_t on_body(char *bytes, size_t size, size_t n, void *context)
{
	(void)bytes;
	(void)context;
	taken += size * n;
	return size * n;
}

static CURL *handle_of(const char *url, const char *body,
                       struct curl_slist *headers)
{
	CURL *easy = curl_easy_init();
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	if (body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	}
	return easy;
}

static void by_curl(struct arena *a, int port, size_t n, size_t in_flight,
                    bool posts)
{
	struct http_access access = {
	        .url = str_format(a, "http://127.0.0.1:%d", port)};
	struct gate g = {0};
	struct fail why = {0};
	CURLM *multi;
	struct curl_slist expect = {(char[]){"Expect:"}, NULL};
	struct curl_slist type = {(char[]){"Content-Type: application/json"},
	                          &expect};
	struct curl_slist headers = {(char[]){"Accept: application/json"},
	                             &type};
	size_t begun = 0, ended = 0;
	if (!http_open(&g.http, a, &access, &why))
		stop(why.text);
	const struct http_call *call = call_of(&g, a, posts);
	const char *url = str_cstr(a, str_format(a, "%" STR_FMT "%" STR_FMT,
	                                         STR_ARG(access.url),
	                                         STR_ARG(call->target)));
	const char *body = posts ? str_cstr(a, call->body) : NULL;
	multi = curl_multi_init();
	for (; begun < n && begun < in_flight; begun++)
		curl_multi_add_handle(multi, handle_of(url, body, &headers));
	while (ended < n) {
		int running, left;
		CURLMsg *message;
		curl_multi_perform(multi, &running);
		while ((message = curl_multi_info_read(multi, &left))) {
			CURL *easy = message->easy_handle;
			if (message->data.result != CURLE_OK)
				stop(curl_easy_strerror(message->data.result));
			curl_multi_remove_handle(multi, easy);
			ended++;
			if (begun < n) {
				curl_multi_add_handle(multi, easy);
				begun++;
				running = 1;
			}
		}
		if (ended < n)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	}
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && strcmp(argv[1], "serve") == 0) {
		serve((int)strtol(argv[2], NULL, 10));
		return 0;
	}
	if (argc != 6)
		stop("serve MS | gate|curl PORT N IN_FLIGHT trigger|read");
	struct arena *a = arena_new();
	int port = (int)strtol(argv[2], NULL, 10);
	size_t n = strtoul(argv[3], NULL, 10);
	size_t in_flight = strtoul(argv[4], NULL, 10);
	bool posts = strcmp(argv[5], "trigger") == 0;
	if (n > MAX_CALLS || !in_flight || in_flight > MAX_FLIGHT)
		stop("too many");
	if (strcmp(argv[1], "gate") == 0)
		by_gate(a, port, n, in_flight, posts);
	else
		by_curl(a, port, n, in_flight, posts);
	arena_free(a);
	return 0;
}
