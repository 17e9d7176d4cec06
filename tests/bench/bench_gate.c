/*
 * bench_gate: a Gate that answers at once, to measure dispatch against, and the
 * least that its clients have to do.
 *
 *	bench_gate serve                 print a port, be a Gate there
 *	bench_gate raw PORT N FILE BYTES N times: BYTES written and synced, and
 *a POST on one connection, by sockets alone bench_gate curl PORT N C READS PATH
 *	                                 N POSTs, C in flight, a connection
 *each; then READS GETs of 50 executions, 8 in flight: by libcurl's multi
 *interface
 *
 * Addresses begin with /STATUS-MS: executions have that status, and what is
 * asked there is answered after MS. "LARGE" is TERMINAL, with a document of
 * 10 MB where all of it is asked for. The server keeps nothing but counts,
 *which GET /counts tells and clears: an execution's id is its token. It ends
 *with its input.
 */
#include "runner/curl.h"
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
	BATCH = 50,
	READS_IN_FLIGHT = 8,
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

static size_t on_body(char *bytes, size_t size, size_t n, void *context)
{
	(void)bytes;
	(void)context;
	return size * n;
}

static CURL *handle_of(const char *url, struct curl_slist *headers,
                       bool posts_it)
{
	CURL *easy = curl_easy_init();
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	if (posts_it) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, TRIGGER);
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	}
	return easy;
}

static void ask(CURLM *multi, const char *url, struct curl_slist *headers,
                size_t n, size_t in_flight, bool posts_it)
{
	size_t begun = 0, ended = 0;
	for (; begun < n && begun < in_flight; begun++)
		curl_multi_add_handle(multi, handle_of(url, headers, posts_it));
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
			}
		}
		if (ended < n)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	}
}

static void by_curl(int port, size_t n, size_t in_flight, size_t nreads,
                    const char *path)
{
	struct arena *a = arena_new();
	struct http_access access = {
	        .url = str_format(a, "http://127.0.0.1:%d", port)};
	struct http *h;
	struct fail why = {0};
	struct curl_slist expect = {(char[]){"Expect:"}, NULL};
	struct curl_slist type = {(char[]){"Content-Type: application/json"},
	                          &expect};
	struct curl_slist headers = {(char[]){"Accept: application/json"},
	                             &type};
	struct buf url = buf_new(a, REQUEST_MAX);
	if (!http_open(&h, a, &access,
	               &why)) /* libcurl is there from here on */
		stop(why.text);
	CURLM *multi = curl_multi_init();
	buf_format(&url, "%s/%s/pipelines/demo/deploy", access.url.s, path);
	buf_add_char(&url, '\0');
	ask(multi, url.s, &headers, n, in_flight, true);
	buf_reset(&url);
	buf_format(&url, "%s/%s/executions?executionIds=%s", access.url.s, path,
	           TOKEN);
	for (int i = 1; i < BATCH; i++)
		buf_add(&url, STR("," TOKEN));
	buf_format(&url, "&expand=false");
	buf_add_char(&url, '\0');
	ask(multi, url.s, &headers, nreads, READS_IN_FLIGHT, false);
	arena_free(a);
}

int main(int argc, char **argv)
{
	long at[4] = {0};
	for (int i = 2; i < argc && i < 6; i++)
		at[i - 2] = strtol(argv[i], NULL, 10);
	signal(SIGPIPE, SIG_IGN);
	if (argc == 2 && strcmp(argv[1], "serve") == 0)
		serve();
	else if (argc == 6 && strcmp(argv[1], "raw") == 0)
		raw((int)at[0], (int)at[1], argv[4], (size_t)at[3]);
	else if (argc == 7 && strcmp(argv[1], "curl") == 0)
		by_curl((int)at[0], (size_t)at[1], (size_t)at[2], (size_t)at[3],
		        argv[6]);
	else
		stop("serve | raw PORT N FILE BYTES | curl PORT N C READS PATH");
	return 0;
}
