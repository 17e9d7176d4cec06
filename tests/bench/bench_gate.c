/*
 * bench_gate: a Gate that answers at once, to measure dispatch and calls
 * against, and clients of it that do the least there is to do.
 *
 *	bench_gate serve
 *		Print a port, be a Gate there.
 *	bench_gate raw PORT N FILE BYTES
 *		N times: BYTES written and synced, and a POST on one connection,
 *		by sockets alone.
 *	bench_gate curl PORT PATH CALLS...
 *		Calls by libcurl's multi interface, nothing else of ours.
 *	bench_gate gate PORT PATH CALLS...
 *		The same by runner/gate.
 *
 * CALLS is N:C:IDS, N calls with C in flight: GETs of IDS executions on
 * connections that are kept; where IDS is 0, triggers, a connection each.
 *
 * PATH is STATUS-MS: executions have that status, and what is asked there is
 * answered after MS. "LARGE" is TERMINAL, with a document of 10 MB where all of
 * it is asked for. The server keeps nothing but counts, which GET /counts tells
 * and clears: an execution's id is its token. It ends with its input.
 */
#include "runner/curl.h"
#include "runner/gate.h"
#include "runner/http.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	FDS = 1024,
	FLIGHT_MAX = 64,
	REQUEST_MAX = 16 * 1024,
	ANSWER_MAX = 128 * 1024,
	LARGE = 10 * 1000 * 1000,
	ROUND = 4096000, /* as SQLite's log goes round: bench_ledger.c */
	IDS_MAX = 50,
};

static _Noreturn void stop(const char *what)
{
	fprintf(stderr, "bench_gate: %s\n", what);
	exit(2);
}

static void send_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t done = write(fd, bytes, n);
		if (done <= 0)
			return;
		bytes += done;
		n -= (size_t)done;
	}
}

/* Of a whole message, its end; NULL: there is more to come. */
static const char *end_of(const char *message, size_t n)
{
	const char *end = strstr(message, "\r\n\r\n");
	const char *length = strstr(message, "Content-Length: ");
	size_t body = length && length < end
	                      ? (size_t)strtoul(length + 16, NULL, 10)
	                      : 0;
	if (!end || n < (size_t)(end + 4 - message) + body)
		return NULL;
	return end + 4 + body;
}

/* --- the server's answers ------------------------------------------------ */

static struct connection {
	char bytes[REQUEST_MAX];
	size_t n;
} connections[FDS];
static struct due {
	double at;
	int fd;
} later[FDS]; /* a ring: all wait equally long */
static size_t first, waiting;
static int posts, reads, searches, others;
static char body[ANSWER_MAX];
static size_t nbody;

static void add(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void add(const char *format, ...)
{
	va_list list;
	va_start(list, format);
	int n = vsnprintf(body + nbody, sizeof body - nbody, format, list);
	va_end(list);
	nbody += (size_t)n;
	if (nbody >= sizeof body)
		stop("an answer is too large");
}

static void add_execution(const char *id, int n, const char *status, int length)
{
	static const char times[] =
	        "\"buildTime\":1780315200000,\"startTime\":1780315200000,"
	        "\"endTime\":1780315201000";
	add("%s{\"id\":\"%.*s\",\"type\":\"PIPELINE\",\"application\":\"demo\","
	    "\"name\":\"deploy\",\"status\":\"%.*s\",%.*s,\"trigger\":{"
	    "\"type\":\"manual\",\"correlationId\":\"%.*s\",\"eventId\":"
	    "\"%.*s\"},\"stages\":[]}",
	    nbody > 1 ? "," : "", n, id, length, status,
	    *status == 'R' ? (int)(strstr(times, ",\"end") - times)
	                   : (int)sizeof times - 1,
	    times, n, id, n, id);
}

/* A failed stage, and much that nobody needs. */
static void send_large(int fd, const char *id, int n)
{
	char head[1024], piece[1000];
	int nhead = snprintf(
	        head, sizeof head,
	        "[{\"id\":\"%.*s\",\"application\":\"demo\",\"status\":"
	        "\"TERMINAL\",\"buildTime\":1780315200000,\"endTime\":"
	        "1780315201000,\"trigger\":{\"correlationId\":\"%.*s\"},"
	        "\"stages\":[{\"id\":\"1\",\"name\":\"Deploy\",\"status\":"
	        "\"TERMINAL\",\"context\":{\"exception\":{\"details\":{"
	        "\"errors\":[\"no capacity\"]}},\"outputs\":{\"much\":[\"",
	        n, id, n, id);
	static const char tail[] = "\"]}}}]}]";
	char line[128];
	memset(piece, 'x', sizeof piece);
	memcpy(piece + sizeof piece - 3, "\",\"", 3);
	int nline = snprintf(line, sizeof line,
	                     "HTTP/1.1 200 \r\nContent-Type: application/json"
	                     "\r\nContent-Length: %zu\r\n\r\n",
	                     (size_t)nhead + LARGE + sizeof tail - 1);
	send_all(fd, line, (size_t)nline);
	send_all(fd, head, (size_t)nhead);
	for (size_t sent = 0; sent < LARGE; sent += sizeof piece)
		send_all(fd, piece, sizeof piece);
	send_all(fd, tail, sizeof tail - 1);
}

static void answer_executions(int fd, const char *ids, const char *status)
{
	int length = (int)strcspn(status, "-");
	bool whole = strstr(ids, "expand=true") != NULL;
	bool large = strncmp(status, "LARGE", 5) == 0;
	reads++;
	if (large && whole) {
		send_large(fd, ids, (int)strcspn(ids, ",& "));
		return;
	}
	if (large)
		status = "TERMINAL", length = 8;
	add("[");
	for (; *ids != '&' && *ids != ' '; ids += *ids == ',') {
		int n = (int)strcspn(ids, ",& ");
		add_execution(ids, n, status, length);
		ids += n;
	}
	add("]");
}

static void answer_search(const char *token)
{
	searches++;
	add("[");
	add_execution(token, (int)strcspn(token, "& "), "RUNNING", 7);
	add("]");
}

static void answer_post(const char *request)
{
	const char *token = strstr(request, "\"correlationId\":\"");
	if (!token)
		stop("a POST without a token");
	token += strlen("\"correlationId\":\"");
	posts++;
	add("{\"ref\":\"/pipelines/%.*s\"}", (int)strcspn(token, "\""), token);
}

static void answer(int fd)
{
	const char *at = connections[fd].bytes;
	const char *status = strchr(at, '/') + 1;
	const char *line = strchr(at, '\n'), *ids;
	bool is_post = *at == 'P';
	char head[128];
	connections[fd].n = 0;
	nbody = 0;
	if (is_post) {
		answer_post(at);
	} else if ((ids = strstr(at, "?executionIds=")) && ids < line) {
		answer_executions(fd, ids + strlen("?executionIds="), status);
		if (!nbody)
			return;
	} else if ((ids = strstr(at, "?eventId=")) && ids < line) {
		answer_search(ids + strlen("?eventId="));
	} else if (strncmp(status, "counts", 6) == 0) {
		add("{\"posts\":%d,\"reads\":%d,\"searches\":%d,\"others\":%d}",
		    posts, reads, searches, others);
		posts = reads = searches = others = 0;
	} else {
		others++;
		add("{\"id\":\"deploy-1\",\"name\":\"deploy\",\"application\":"
		    "\"demo\",\"keepWaitingPipelines\":true}");
	}
	int n = snprintf(head, sizeof head,
	                 "HTTP/1.1 %d \r\nContent-Type: application/json\r\n"
	                 "Content-Length: %zu\r\n\r\n",
	                 is_post ? 202 : 200, nbody);
	memmove(body + n, body, nbody);
	memcpy(body, head, (size_t)n);
	send_all(fd, body, nbody + (size_t)n);
}

/* --- the server ---------------------------------------------------------- */

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double latency_of(const char *request)
{
	const char *status = strchr(request, '/');
	const char *ms = strpbrk(status + 1, "-/ ");
	return *ms == '-' ? strtod(ms + 1, NULL) / 1000 : 0;
}

static void take(int fd)
{
	struct connection *c = &connections[fd];
	ssize_t n = read(fd, c->bytes + c->n, sizeof c->bytes - 1 - c->n);
	if (n <= 0) {
		close(fd);
		return;
	}
	c->n += (size_t)n;
	c->bytes[c->n] = '\0';
	if (!end_of(c->bytes, c->n))
		return;
	double latency = latency_of(c->bytes);
	if (latency <= 0)
		answer(fd);
	else
		later[(first + waiting++) % FDS] =
		        (struct due){now() + latency, fd};
}

static int send_due(void)
{
	while (waiting && later[first].at <= now()) {
		answer(later[first].fd);
		first = (first + 1) % FDS;
		waiting--;
	}
	if (!waiting)
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

static void serve(void)
{
	struct sockaddr_in here = {.sin_family = AF_INET};
	socklen_t n = sizeof here;
	struct epoll_event events[FLIGHT_MAX];
	int at = socket(AF_INET, SOCK_STREAM, 0), poll = epoll_create1(0);
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (at < 0 || bind(at, (struct sockaddr *)&here, sizeof here) ||
	    listen(at, 512) || getsockname(at, (struct sockaddr *)&here, &n))
		stop("no port to listen at");
	printf("%d\n", ntohs(here.sin_port));
	fflush(stdout);
	watch(poll, at);
	watch(poll, STDIN_FILENO);
	for (;;) {
		int found = epoll_wait(poll, events, FLIGHT_MAX, send_due());
		for (int i = 0; i < found; i++) {
			if (events[i].data.fd == STDIN_FILENO)
				return;
			if (events[i].data.fd == at)
				greet(poll, at);
			else
				take(events[i].data.fd);
		}
	}
}

/* --- yardsticks ---------------------------------------------------------- */

/* What a trigger is: as many bytes as the engine's. */
#define TOKEN "dxcp-0123456789abcdef0123456789abcdef"
#define TRIGGER                                                \
	"{\"type\":\"manual\",\"user\":\"ana@example.com\","   \
	"\"correlationId\":\"" TOKEN "\",\"eventId\":\"" TOKEN \
	"\",\"parameters\":{\"replicas\":\"2\",\"version\":\"1.10.0\"}}"

static int connected(int port)
{
	struct sockaddr_in there = {.sin_family = AF_INET,
	                            .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&there, sizeof there))
		stop("nobody listens there");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

static void post(int fd, const char *request)
{
	char said[4096];
	size_t got = 0;
	send_all(fd, request, strlen(request));
	do {
		ssize_t n = read(fd, said + got, sizeof said - 1 - got);
		if (n <= 0)
			stop("the connection ended");
		got += (size_t)n;
		said[got] = '\0';
	} while (!end_of(said, got));
}

static void raw(int port, int n, const char *path, size_t size)
{
	char request[2048];
	static char page[ROUND];
	int fd = open(path, O_RDWR | O_CREAT, 0644), at = connected(port);
	off_t offset = 0;
	snprintf(request, sizeof request,
	         "POST /RUNNING-0/pipelines/demo/deploy HTTP/1.1\r\n"
	         "Host: 127.0.0.1:%d\r\nUser-Agent: dxcp\r\n"
	         "X-SPINNAKER-REQUEST-ID: " TOKEN "\r\n"
	         "X-Spinnaker-Priority: normal\r\nAccept: application/json\r\n"
	         "Content-Type: application/json\r\nContent-Length: %zu\r\n"
	         "\r\n" TRIGGER,
	         port, strlen(TRIGGER));
	if (fd < 0 || size > sizeof page)
		stop("cannot write that");
	for (int i = 0; i < n; i++) {
		page[0] = (char)i;
		if (pwrite(fd, page, size, offset) != (ssize_t)size ||
		    fdatasync(fd))
			stop("cannot write");
		offset = (offset + (off_t)size) % ROUND;
		post(at, request);
	}
}

/* --- calls --------------------------------------------------------------- */

struct calls {
	size_t n, in_flight, nids; /* nids 0: triggers */
};

static struct calls calls_read(const char *text)
{
	char *end;
	struct calls c = {.n = strtoul(text, &end, 10)};
	if (*end == ':')
		c.in_flight = strtoul(end + 1, &end, 10);
	if (*end == ':')
		c.nids = strtoul(end + 1, &end, 10);
	if (*end || !c.in_flight || c.in_flight > FLIGHT_MAX ||
	    c.nids > IDS_MAX)
		stop("CALLS is N:C:IDS, C at most 64, IDS at most 50");
	return c;
}

static struct http_call *call_of(const struct gate *g, struct arena *a,
                                 size_t nids)
{
	struct str ids[IDS_MAX];
	struct gate_parameter parameters[] = {
	        {STR("replicas"), STR("2")},
	        {STR("version"), STR("1.10.0")},
	};
	struct gate_trigger t = {.application = STR("demo"),
	                         .pipeline = STR("deploy"),
	                         .token = STR(TOKEN),
	                         .user = STR("ana@example.com"),
	                         .parameters = parameters,
	                         .nparameters = sizeof parameters /
	                                        sizeof *parameters};
	for (size_t i = 0; i < nids; i++)
		ids[i] = STR(TOKEN);
	return nids ? gate_executions_call(g, a, ids, nids, false)
	            : gate_trigger_call(g, a, &t);
}

static void by_gate(struct gate *g, const struct calls *c)
{
	struct http_call *done[FLIGHT_MAX];
	size_t begun = 0, ended = 0;
	while (ended < c->n) {
		/* An arena each, as the engine has. */
		for (; begun < c->n && begun - ended < c->in_flight; begun++)
			http_start(g->http, call_of(g, arena_new(), c->nids));
		size_t got = http_wait(g->http, done, FLIGHT_MAX, 1000);
		for (size_t i = 0; i < got; i++) {
			struct arena *own = done[i]->arena;
			if (gate_answer(g, own, done[i]).class != GATE_OK)
				stop("a call failed");
			arena_free(own);
		}
		ended += got;
	}
}

static size_t on_body(char *bytes, size_t size, size_t n, void *context)
{
	(void)bytes;
	(void)context;
	return size * n;
}

static CURL *handle_of(const char *url, const char *posted,
                       struct curl_slist *headers)
{
	CURL *easy = curl_easy_init();
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	if (posted) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, posted);
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	}
	return easy;
}

static void ask(CURLM *multi, const char *url, const char *posted,
                const struct calls *c)
{
	struct curl_slist expect = {(char[]){"Expect:"}, NULL};
	struct curl_slist type = {(char[]){"Content-Type: application/json"},
	                          &expect};
	struct curl_slist headers = {(char[]){"Accept: application/json"},
	                             &type};
	size_t begun = 0, ended = 0;
	for (; begun < c->n && begun < c->in_flight; begun++)
		curl_multi_add_handle(multi, handle_of(url, posted, &headers));
	while (ended < c->n) {
		int running, left;
		CURLMsg *message;
		curl_multi_perform(multi, &running);
		while ((message = curl_multi_info_read(multi, &left))) {
			CURL *easy = message->easy_handle;
			if (message->data.result != CURLE_OK)
				stop(curl_easy_strerror(message->data.result));
			curl_multi_remove_handle(multi, easy);
			ended++;
			if (begun < c->n) {
				curl_multi_add_handle(multi, easy);
				begun++;
			}
		}
		if (ended < c->n)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	}
}

/* What is asked is what runner/gate would ask, made once. */
static void by_curl(const struct gate *g, struct arena *a, const char *base,
                    CURLM *multi, const struct calls *c)
{
	const struct http_call *call = call_of(g, a, c->nids);
	struct str url =
	        str_format(a, "%s%" STR_FMT, base, STR_ARG(call->target));
	ask(multi, str_cstr(a, url), c->nids ? NULL : str_cstr(a, call->body),
	    c);
}

static void call(bool alone, const char *port, const char *path, int ncalls,
                 char **texts)
{
	static const struct source nothing;
	struct arena *a = arena_new();
	struct gate g;
	struct fail why = {0};
	struct str base = str_format(a, "http://127.0.0.1:%s/%s", port, path);
	struct engine e = {.id = STR("gate"), .url = {base, {.src = &nothing}}};
	/* libcurl is there from here on. */
	if (!gate_open(&g, a, &e, ".", &why))
		stop(why.text);
	CURLM *multi = alone ? curl_multi_init() : NULL;
	for (int i = 0; i < ncalls; i++) {
		struct calls c = calls_read(texts[i]);
		if (alone)
			by_curl(&g, a, base.s, multi, &c);
		else
			by_gate(&g, &c);
	}
	arena_free(a);
}

int main(int argc, char **argv)
{
	bool alone = argc > 1 && strcmp(argv[1], "curl") == 0;
	signal(SIGPIPE, SIG_IGN);
	if (argc == 2 && strcmp(argv[1], "serve") == 0)
		serve();
	else if (argc == 6 && strcmp(argv[1], "raw") == 0)
		raw((int)strtol(argv[2], NULL, 10),
		    (int)strtol(argv[3], NULL, 10), argv[4],
		    strtoul(argv[5], NULL, 10));
	else if (argc > 4 && (alone || strcmp(argv[1], "gate") == 0))
		call(alone, argv[2], argv[3], argc - 4, argv + 4);
	else
		stop("serve | raw PORT N FILE BYTES | "
		     "curl|gate PORT PATH N:C:IDS...");
	return 0;
}
