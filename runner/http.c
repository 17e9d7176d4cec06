#include "runner/http.h"

#include "runner/curl.h"
#include "runner/http_answer.h"
#include "runner/world.h"

#include "core/base64.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

enum {
	CONNECT_MS = 10 * 1000,
	STALL_S = 30, /* fewer than STALL_RATE bytes a second in a body */
	STALL_RATE = 16,
	IDLE_S = 30, /* Tomcat closes idle connections after 60 s */
	HEADERS_MAX = 256 * 1024,
	ERROR_BODY_MAX = 256 * 1024, /* of an answer that is no 2xx */
	BACKOFF_MS = 200,
	BACKOFF_MAX_MS = 10 * 1000,
	TARGET_MAX = 64 * 1024,
};

/* One call in flight: a handle of curl's, kept for the next one. */
struct http_slot {
	struct http *http;
	struct http_slot *next; /* of the free ones */
	CURL *easy;
	struct http_call *call;
	struct arena *arena;   /* emptied for each call */
	struct http_head head; /* of the answer, as it comes */
	struct buf body;       /* of the answer */
	size_t taken;          /* bytes of the body, kept or not */
	const char *stop;      /* why we ended it ourselves */
	bool asked;            /* the connection stands, the request is due */
	long request_size_before; /* what a proxy was sent until then */
	char error[CURL_ERROR_SIZE];
};

struct queue {
	struct http_call *first, *last;
};

struct http {
	struct arena *arena;
	const struct http_access *access;
	CURLM *multi;
	struct str authority; /* host and port, for messages */
	/* Headers of every call: without a body, and with one. */
	struct curl_slist *plain, *json;
	struct http_slot slots[HTTP_MAX_IN_FLIGHT];
	struct http_slot *unused;
	size_t nslots, pending;
	struct queue waiting, delayed, done;
};

static void queue_add(struct queue *q, struct http_call *call)
{
	call->next = NULL;
	if (q->last)
		q->last->next = call;
	else
		q->first = call;
	q->last = call;
}

static struct http_call *queue_take(struct queue *q)
{
	struct http_call *call = q->first;
	if (call) {
		q->first = call->next;
		if (!q->first)
			q->last = NULL;
	}
	return call;
}

/* --- what curl calls ----------------------------------------------------- */

/* So that programs that are started (engine command) do not inherit it. */
static int on_socket(void *context, curl_socket_t fd, curlsocktype purpose)
{
	(void)context;
	(void)purpose;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return CURL_SOCKOPT_OK;
}

/*
 * The last moment before the request: what is written from here on may arrive.
 * Where curl tries again on another connection (a GET only), the first counts.
 */
static int on_request(void *context, char *ip, char *local_ip, int port,
                      int local_port)
{
	struct http_slot *slot = context;
	(void)ip;
	(void)local_ip;
	(void)port;
	(void)local_port;
	if (!slot->asked)
		curl_easy_getinfo(slot->easy, CURLINFO_REQUEST_SIZE,
		                  &slot->request_size_before);
	slot->asked = true;
	return CURL_PREREQFUNC_OK;
}

static size_t on_header(char *bytes, size_t size, size_t n, void *context)
{
	struct http_slot *slot = context;
	struct str line = {bytes, size * n};
	if (slot->taken)
		return line.n; /* a trailer */
	slot->head.bytes += line.n;
	if (slot->head.bytes > HEADERS_MAX) {
		slot->stop = "its headers are too large";
		return 0;
	}
	http_head_line(&slot->head, slot->arena, line);
	return line.n;
}

static bool is_success(const struct http_slot *slot)
{
	return slot->head.status >= 200 && slot->head.status < 300;
}

/* A body that has begun comes on: only before it may the server think. */
static void on_first_piece(struct http_slot *slot)
{
	const struct http_sink *sink = &slot->call->sink;
	curl_easy_setopt(slot->easy, CURLOPT_LOW_SPEED_TIME, (long)STALL_S);
	if (is_success(slot) && sink->start)
		sink->start(sink->context);
}

static size_t on_body(char *bytes, size_t size, size_t n, void *context)
{
	struct http_slot *slot = context;
	const struct http_sink *sink = &slot->call->sink;
	struct str piece = {bytes, size * n};
	if (!slot->taken)
		on_first_piece(slot);
	slot->taken += piece.n;
	if (slot->taken > slot->call->max_bytes) {
		slot->stop = "it is too large";
		return 0;
	}
	if (!is_success(slot)) {
		size_t room = slot->body.n < ERROR_BODY_MAX
		                      ? ERROR_BODY_MAX - slot->body.n
		                      : 0;
		buf_add(&slot->body, str_head(piece, room));
	} else if (!sink->take) {
		buf_add(&slot->body, piece);
	} else if (!sink->take(sink->context, piece)) {
		slot->stop = "it is not what was asked for";
		return 0;
	}
	return piece.n;
}

/* --- setting up ---------------------------------------------------------- */

/* A slist of our own making: curl only reads it, and nodes may be shared. */
static struct curl_slist *with_line(struct arena *a, struct str name,
                                    struct str value, struct curl_slist *next)
{
	struct curl_slist *node = ARENA_NEW(a, struct curl_slist);
	size_t n = name.n + 2 + value.n;
	node->data = arena_text(a, n + 1);
	memcpy(node->data, name.s, name.n);
	memcpy(node->data + name.n, ": ", 2);
	if (value.n)
		memcpy(node->data + name.n + 2, value.s, value.n);
	node->data[n] = '\0';
	node->next = next;
	return node;
}

static struct curl_slist *plain_headers(struct http *h)
{
	struct arena *a = h->arena;
	struct str authorization = STR("Authorization");
	struct curl_slist *list = NULL;
	/* An empty one takes out what curl would send by itself. */
	list = with_line(a, STR("Accept"), STR("application/json"), list);
	for (size_t i = 0; i < h->access->headers.n; i++)
		list = with_line(a, h->access->headers.at[i].name,
		                 h->access->headers.at[i].value, list);
	if (h->access->bearer.n)
		list = with_line(a, authorization,
		                 str_format(a, "Bearer %" STR_FMT,
		                            STR_ARG(h->access->bearer)),
		                 list);
	if (h->access->user.n)
		list = with_line(
		        a, authorization,
		        str_format(
		                a, "Basic %" STR_FMT,
		                STR_ARG(base64_encode(
		                        a,
		                        str_format(
		                                a, "%" STR_FMT ":%" STR_FMT,
		                                STR_ARG(h->access->user),
		                                STR_ARG(h->access
		                                                ->password))))),
		        list);
	return list;
}

static struct curl_slist *json_headers(struct http *h)
{
	struct curl_slist *expect =
	        with_line(h->arena, STR("Expect"), STR(""), h->plain);
	return with_line(h->arena, STR("Content-Type"), STR("application/json"),
	                 expect);
}

static void set_tls(CURL *easy, const struct http_access *access)
{
	curl_easy_setopt(easy, CURLOPT_SSLVERSION,
	                 (long)CURL_SSLVERSION_TLSv1_2);
	if (access->ca) { /* these authorities, and not the system's as well */
		curl_easy_setopt(easy, CURLOPT_CAINFO, access->ca);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	if (access->cert)
		curl_easy_setopt(easy, CURLOPT_SSLCERT, access->cert);
	if (access->key)
		curl_easy_setopt(easy, CURLOPT_SSLKEY, access->key);
}

/* What is the same for all calls. */
static void set_up(struct http_slot *slot, const char *key_password)
{
	CURL *easy = slot->easy;
	curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, slot->error);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
	                 (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "dxcp");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_S);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_RATE);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, slot);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, slot);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, slot);
	set_tls(easy, slot->http->access);
	/* Even where there is none: OpenSSL would ask at the terminal. */
	curl_easy_setopt(easy, CURLOPT_KEYPASSWD, key_password);
}

/* NULL: all are in use. */
static struct http_slot *slot_take(struct http *h)
{
	struct http_slot *slot = h->unused;
	if (slot) {
		h->unused = slot->next;
		return slot;
	}
	if (h->nslots == HTTP_MAX_IN_FLIGHT)
		return NULL;
	slot = &h->slots[h->nslots];
	slot->easy = curl_easy_init();
	if (!slot->easy)
		out_of_memory();
	h->nslots++;
	slot->http = h;
	slot->arena = arena_new();
	set_up(slot, str_cstr(h->arena, h->access->key_password));
	return slot;
}

/*
 * A connection that the other side has closed is an answer, and no reason to
 * end. curl would see to it at each of its steps; here it is once for many.
 * Programs that are started meanwhile must not inherit it, nor the output.
 */
static struct sigaction ignore_pipes(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGPIPE, &ignore, &before);
	return before;
}

static void heed_pipes(const struct sigaction *before)
{
	sigaction(SIGPIPE, before, NULL);
}

static void http_close(void *handle)
{
	struct http *h = handle;
	struct sigaction before = ignore_pipes();
	for (size_t i = 0; i < h->nslots; i++) {
		if (h->slots[i].call)
			curl_multi_remove_handle(h->multi, h->slots[i].easy);
		curl_easy_cleanup(h->slots[i].easy);
		arena_free(h->slots[i].arena);
	}
	curl_multi_cleanup(h->multi);
	heed_pipes(&before);
}

/* Without user information, which the policy refuses anyway. */
static struct str authority_of(struct str url)
{
	struct str scheme, rest, authority, path, user, host;
	str_cut(url, ':', &scheme, &rest);
	str_cut(str_from(rest, 2), '/', &authority, &path);
	return str_cut(authority, '@', &user, &host) ? host : authority;
}

bool http_open(struct http **out, struct arena *a,
               const struct http_access *access, struct fail *why)
{
	if (!curl_load(why))
		return false;
	struct http *h = ARENA_NEW(a, struct http);
	struct http_access *copy = ARENA_NEW(a, struct http_access);
	*copy = *access;
	h->arena = a;
	h->access = copy;
	h->authority = authority_of(access->url);
	h->multi = curl_multi_init();
	if (!h->multi)
		out_of_memory();
	arena_defer(a, http_close, h);
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS,
	                  (long)HTTP_MAX_IN_FLIGHT);
	h->plain = plain_headers(h);
	h->json = json_headers(h);
	*out = h;
	return true;
}

/* --- a call, from its start to its end ----------------------------------- */

static void set_method(CURL *easy, const struct http_call *call)
{
	static const char *const names[] = {NULL, NULL, "PUT", "PATCH",
	                                    "DELETE"};
	if (call->method == HTTP_GET) {
		curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	} else {
		curl_easy_setopt(easy, CURLOPT_POST, 1L);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
		                 (curl_off_t)call->body.n);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
		                 call->body.n ? call->body.s : "");
	}
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, names[call->method]);
}

static void set_call(struct http_slot *slot, const struct http_call *call)
{
	CURL *easy = slot->easy;
	const struct http *h = slot->http;
	bool reads = call->method == HTTP_GET;
	struct buf url = buf_new(slot->arena, TARGET_MAX);
	struct curl_slist *headers = reads ? h->plain : h->json;
	long timeout = call->timeout_ms;
	buf_add(&url, h->access->url);
	buf_add(&url, call->target);
	buf_add_char(&url, '\0');
	assert(!url.full);
	for (size_t i = 0; i < call->nheaders; i++)
		headers = with_line(slot->arena, call->headers[i].name,
		                    call->headers[i].value, headers);
	curl_easy_setopt(easy, CURLOPT_URL, url.s);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	set_method(easy, call);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
	                 timeout < CONNECT_MS ? timeout : (long)CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, 0L);
	/* On a connection that was used before, and dies without an answer,
	   curl sends again by itself, a POST as well. */
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, reads ? 0L : 1L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, call->fresh ? 1L : 0L);
}

static void begin(struct http_slot *slot, struct http_call *call)
{
	struct http *h = slot->http;
	arena_reset(slot->arena);
	slot->call = call;
	slot->head = (struct http_head){.retry_after_s = -1};
	slot->body = buf_new(slot->arena, HTTP_MAX_BYTES);
	slot->taken = 0;
	slot->stop = NULL;
	slot->asked = false;
	slot->request_size_before = 0;
	slot->error[0] = '\0';
	call->slot = slot;
	call->answer = (struct http_answer){.retry_after_s = -1,
	                                    .tries = call->answer.tries + 1};
	if (!call->deadline_ms)
		call->deadline_ms = world_milliseconds() + call->patience_ms;
	set_call(slot, call);
	if (curl_multi_add_handle(h->multi, slot->easy))
		out_of_memory();
}

/* Whether one byte of the request itself may have left. */
static bool was_sent(struct http_slot *slot)
{
	long size = 0;
	curl_easy_getinfo(slot->easy, CURLINFO_REQUEST_SIZE, &size);
	return slot->asked && size > slot->request_size_before;
}

static struct http_trouble trouble_of(struct http_slot *slot, CURLcode code)
{
	struct http_trouble t = {
	        .sent = was_sent(slot),
	        .stop = slot->stop,
	        .detail = str_of(slot->error[0] ? slot->error
	                                        : curl_easy_strerror(code)),
	        .status = slot->head.status,
	        .timeout_ms = slot->call->timeout_ms,
	};
	long number = 0;
	curl_easy_getinfo(slot->easy, CURLINFO_OS_ERRNO, &number);
	t.system_error = (int)number;
	switch ((int)code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		t.kind = TROUBLE_NAME;
		break;
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_PROXY:
		t.kind = TROUBLE_PROXY;
		break;
	case CURLE_COULDNT_CONNECT:
		t.kind = TROUBLE_CONNECT;
		break;
	case CURLE_OPERATION_TIMEDOUT:
		t.kind = slot->taken ? TROUBLE_STALLED : TROUBLE_TIMEOUT;
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
		t.kind = TROUBLE_UNTRUSTED;
		break;
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ENGINE_INITFAILED:
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		t.kind = TROUBLE_SETUP;
		break;
	case CURLE_SSL_CONNECT_ERROR:
		t.kind = TROUBLE_TLS;
		break;
	case CURLE_GOT_NOTHING:
		t.kind = TROUBLE_CLOSED;
		break;
	case CURLE_PARTIAL_FILE:
		t.kind = TROUBLE_SHORT;
		break;
	case CURLE_OUT_OF_MEMORY:
		out_of_memory();
	default:
		t.kind = t.stop ? TROUBLE_STOPPED : TROUBLE_OTHER;
	}
	/* An answer in another protocol has the code of an address in one. */
	if (t.sent && t.kind == TROUBLE_SETUP)
		t.kind = TROUBLE_OTHER;
	return t;
}

static bool may_repeat(const struct http_answer *answer, bool lasting)
{
	if (answer->end != HTTP_ANSWERED)
		return !lasting;
	return answer->status == 429 || answer->status >= 500;
}

/* Put it aside for another try, if there is time for one. */
static bool repeat(struct http *h, struct http_call *call, bool lasting)
{
	const struct http_answer *answer = &call->answer;
	if (!call->patience_ms || !may_repeat(answer, lasting))
		return false;
	int64_t wait = http_backoff_ms(call->jitter, answer->tries, BACKOFF_MS,
	                               BACKOFF_MAX_MS);
	if (answer->retry_after_s >= 0 && answer->retry_after_s * 1000 > wait)
		wait = answer->retry_after_s * 1000;
	call->due_ms = world_milliseconds() + wait;
	if (call->due_ms >= call->deadline_ms)
		return false;
	queue_add(&h->delayed, call);
	return true;
}

static void finish(struct http_slot *slot, CURLcode code)
{
	struct http *h = slot->http;
	struct http_call *call = slot->call;
	struct http_answer *answer = &call->answer;
	bool lasting = false;
	http_head_give(&slot->head, call->arena, answer);
	answer->body = str_copy(call->arena, buf_str(&slot->body));
	if (code == CURLE_OK) {
		answer->end = HTTP_ANSWERED;
	} else {
		struct http_trouble t = trouble_of(slot, code);
		struct str text =
		        http_trouble_text(slot->arena, &t, h->authority);
		answer->end = t.sent ? HTTP_BROKEN : HTTP_NOT_SENT;
		answer->why = http_mask(h, call->arena, text);
		lasting = http_trouble_lasts(&t);
	}
	curl_multi_remove_handle(h->multi, slot->easy);
	slot->call = NULL;
	slot->next = h->unused;
	h->unused = slot;
	call->slot = NULL;
	if (!repeat(h, call, lasting))
		queue_add(&h->done, call);
}

/* --- many ---------------------------------------------------------------- */

void http_start(struct http *h, struct http_call *call)
{
	assert(call->arena && (call->method == HTTP_GET || !call->patience_ms));
	if (!call->timeout_ms)
		call->timeout_ms = HTTP_TIMEOUT_MS;
	if (!call->max_bytes)
		call->max_bytes = HTTP_MAX_BYTES;
	call->answer = (struct http_answer){0};
	call->deadline_ms = call->due_ms = 0;
	h->pending++;
	queue_add(&h->waiting, call);
}

/* Those put aside whose time has come. */
static void wake(struct http *h)
{
	struct queue still = {0};
	struct http_call *call;
	int64_t now = h->delayed.first ? world_milliseconds() : 0;
	while ((call = queue_take(&h->delayed)))
		queue_add(call->due_ms <= now ? &h->waiting : &still, call);
	h->delayed = still;
}

static int64_t first_due(const struct http *h, int64_t until)
{
	for (const struct http_call *c = h->delayed.first; c; c = c->next)
		if (c->due_ms < until)
			until = c->due_ms;
	return until;
}

static bool begin_waiting(struct http *h)
{
	struct http_slot *slot;
	bool any = false;
	while (h->waiting.first && (slot = slot_take(h))) {
		begin(slot, queue_take(&h->waiting));
		any = true;
	}
	return any;
}

static void go_on(struct http *h)
{
	int running, left;
	CURLMsg *message;
	curl_multi_perform(h->multi, &running);
	while ((message = curl_multi_info_read(h->multi, &left))) {
		void *slot = NULL;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
		                  &slot);
		finish(slot, message->data.result);
	}
}

static size_t give(struct http *h, struct http_call **done, size_t max)
{
	size_t n = 0;
	while (n < max && h->done.first)
		done[n++] = queue_take(&h->done);
	h->pending -= n;
	return n;
}

static size_t wait_for(struct http *h, struct http_call **done, size_t max,
                       int timeout_ms)
{
	int signal = world_signal();
	int64_t until = world_milliseconds() + timeout_ms;
	for (;;) {
		wake(h);
		bool began = begin_waiting(h);
		go_on(h);
		/* Where the server is near, they are connected by now: let
		   them go before the caller looks at what others answered. */
		if (began)
			go_on(h);
		size_t n = give(h, done, max);
		int64_t now = world_milliseconds();
		if (n || !h->pending || now >= until ||
		    world_signal() != signal)
			return n;
		int64_t left = first_due(h, until) - now;
		/* A call that ended to be repeated left room for another. */
		if (left > 0 && !(h->waiting.first && h->unused))
			curl_multi_poll(h->multi, NULL, 0, (int)left, NULL);
	}
}

size_t http_wait(struct http *h, struct http_call **done, size_t max,
                 int timeout_ms)
{
	struct sigaction before = ignore_pipes();
	size_t n = wait_for(h, done, max, timeout_ms);
	heed_pipes(&before);
	return n;
}

size_t http_pending(const struct http *h)
{
	return h->pending;
}

void http_all(struct http *h, struct http_call *const *calls, size_t n,
              size_t in_flight)
{
	enum { LONG_MS = 60 * 1000 };
	struct http_call *done[HTTP_MAX_IN_FLIGHT];
	size_t begun = 0, ended = 0;
	assert(in_flight > 0 && in_flight <= HTTP_MAX_IN_FLIGHT && !h->pending);
	while (ended < n) {
		while (begun < n && begun - ended < in_flight)
			http_start(h, calls[begun++]);
		ended += http_wait(h, done, HTTP_MAX_IN_FLIGHT, LONG_MS);
	}
}

struct str http_mask(const struct http *h, struct arena *a, struct str text)
{
	return http_access_mask(h->access, a, text);
}
