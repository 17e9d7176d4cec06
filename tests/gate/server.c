#include "tests/gate/server.h"

#include "tests/gate/control.h"
#include "tests/gate/fault.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BODY_MAX = 64 * 1024 * 1024, CONNECTIONS_MAX = 4000 };

struct server {
	struct gate *gate;
	const struct server_options *options;
	pthread_mutex_t lock;
	struct MHD_Daemon *daemon;
	int64_t connections;
	int64_t refuse_ms; /* what server_refuse was asked for */
};

/* Told by a request to the thread that listens. */
static struct server *the_server;

struct connection {
	struct arena *arena;
	int64_t number, requests;
};

struct call {
	struct arena *arena;
	struct request request;
	struct buf body;
	bool started;
};

static void take(void *context)
{
	struct server *s = context;
	pthread_mutex_lock(&s->lock);
}

static void leave(void *context)
{
	struct server *s = context;
	pthread_mutex_unlock(&s->lock);
}

static enum MHD_Result accept_one(void *context, const struct sockaddr *from,
                                  socklen_t length)
{
	struct server *s = context;
	(void)from;
	(void)length;
	take(s);
	bool close_it = fault_at_accept(s->gate);
	leave(s);
	return close_it ? MHD_NO : MHD_YES;
}

static void connection_changed(void *context, struct MHD_Connection *c,
                               void **own,
                               enum MHD_ConnectionNotificationCode what)
{
	struct server *s = context;
	struct connection *it = *own;
	(void)c;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (it)
			arena_free(it->arena);
		return;
	}
	struct arena *a = arena_new();
	it = ARENA_NEW(a, struct connection);
	it->arena = a;
	take(s);
	it->number = ++s->connections;
	leave(s);
	*own = it;
}

static void *new_call(void *context, const char *target,
                      struct MHD_Connection *c)
{
	struct arena *a = arena_new();
	struct call *call = ARENA_NEW(a, struct call);
	(void)context;
	call->arena = a;
	call->body = buf_new(a, BODY_MAX);
	call->request.arena = a;
	call->request.target = str_cstr(a, str_of(target));
	call->request.carrier = c;
	return call;
}

static void end_call(void *context, struct MHD_Connection *c, void **own,
                     enum MHD_RequestTerminationCode how)
{
	struct call *call = *own;
	(void)context;
	(void)c;
	(void)how;
	if (call)
		arena_free(call->arena);
	*own = NULL;
}

static struct str header_of(const struct request *r, const char *name)
{
	return str_of(
	        MHD_lookup_connection_value(r->carrier, MHD_HEADER_KIND, name));
}

/* By an authority that we were told to trust. */
static bool has_certificate(const struct server *s, struct MHD_Connection *c)
{
	unsigned int status = 1;
	if (!s->options->ca)
		return false;
	const union MHD_ConnectionInfo *info =
	        MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	return info &&
	       gnutls_certificate_verify_peers2(info->tls_session, &status) ==
	               0 &&
	       status == 0;
}

static enum MHD_Result send_well(struct MHD_Connection *c, struct arena *a,
                                 const struct answer *answer, int64_t now)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
	        answer->body.n, (void *)(uintptr_t)answer->body.s,
	        MHD_RESPMEM_MUST_COPY);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, "Date",
	                        http_date(a, now + answer->date_skew).s);
	if (answer->type)
		MHD_add_response_header(response, "Content-Type", answer->type);
	for (size_t i = 0; i < answer->headers; i++)
		MHD_add_response_header(response, answer->header[i].name.s,
		                        str_cstr(a, answer->header[i].value));
	enum MHD_Result done =
	        MHD_queue_response(c, (unsigned int)answer->status, response);
	MHD_destroy_response(response);
	return done;
}

static enum MHD_Result send_answer(struct server *s, struct MHD_Connection *c,
                                   struct arena *a, const struct answer *answer,
                                   int64_t now)
{
	if (answer->wire == WIRE_FINE && answer->status)
		return send_well(c, a, answer, now);
	int fd = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD)
	                 ->connect_fd;
	if (s->options->cert)
		shutdown(fd, SHUT_RDWR); /* no bytes of ours into TLS */
	else
		wire_send(fd, a, answer, now);
	return MHD_NO;
}

static enum MHD_Result finish(struct server *s, struct MHD_Connection *c,
                              struct call *call)
{
	struct request *r = &call->request;
	struct connection *it =
	        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
	                ->socket_context;
	struct answer answer = {0};
	struct turn turn = {take, leave, s};
	r->connection = it->number;
	r->on_connection = ++it->requests;
	r->body = buf_str(&call->body);
	r->header = header_of;
	r->has_client_certificate = has_certificate(s, c);
	serve(s->gate, r, &answer, &turn);
	take(s);
	int64_t now = s->gate->now;
	leave(s);
	return send_answer(s, c, call->arena, &answer, now);
}

static enum MHD_Result receive(void *context, struct MHD_Connection *c,
                               const char *path, const char *method,
                               const char *version, const char *data,
                               size_t *size, void **own)
{
	struct call *call = *own;
	(void)path;
	(void)version;
	if (!call->started) {
		call->started = true;
		call->request.method = str_cstr(call->arena, str_of(method));
		return MHD_YES;
	}
	if (*size) {
		buf_add(&call->body, (struct str){data, *size});
		*size = 0;
		return call->body.full ? MHD_NO : MHD_YES;
	}
	return finish(context, c, call);
}

/* --- listening -------------------------------------------------------------*/

static bool listen_at(int *out, int *port, struct fail *why)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	                         .sin_port = htons((uint16_t)*port),
	                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof at;
	int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0)
		return fail_errno(why, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
	    listen(fd, 1024) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &length) != 0) {
		fail_errno(why, "listening on port %d", *port);
		close(fd);
		return false;
	}
	*port = ntohs(at.sin_port);
	*out = fd;
	return true;
}

static bool start(struct server *s, int fd, struct fail *why)
{
	const struct server_options *o = s->options;
	unsigned int flags = MHD_USE_THREAD_PER_CONNECTION |
	                     MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
	                     MHD_USE_ITC | MHD_USE_SUPPRESS_DATE_NO_CLOCK;
	struct MHD_OptionItem tls[] = {
	        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)o->cert},
	        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)o->key},
	        {o->ca ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0,
	         (void *)(uintptr_t)o->ca},
	        {MHD_OPTION_END, 0, NULL}};
	if (o->cert)
		flags |= MHD_USE_TLS;
	else
		tls[0].option = MHD_OPTION_END;
	s->daemon = MHD_start_daemon(
	        flags, 0, accept_one, s, receive, s, MHD_OPTION_LISTEN_SOCKET,
	        fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS_MAX,
	        MHD_OPTION_URI_LOG_CALLBACK, new_call, s,
	        MHD_OPTION_NOTIFY_COMPLETED, end_call, s,
	        MHD_OPTION_NOTIFY_CONNECTION, connection_changed, s,
	        MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
	return s->daemon ||
	       fail_set(why, FAIL_SYSTEM, "the HTTP library does not start");
}

/* Nobody listens for a while: connections are refused, those there are end. */
static bool refuse_for_a_while(struct server *s, int *port, struct fail *why)
{
	int fd = MHD_quiesce_daemon(s->daemon);
	if (fd >= 0)
		close(fd);
	take(s);
	int64_t ms = s->refuse_ms;
	s->refuse_ms = 0;
	leave(s);
	struct timespec t = {ms / 1000, (ms % 1000) * 1000000};
	nanosleep(&t, NULL);
	MHD_stop_daemon(s->daemon);
	return listen_at(&fd, port, why) && start(s, fd, why);
}

void server_refuse(int64_t ms)
{
	the_server->refuse_ms = ms;
	kill(getpid(), SIGUSR1);
}

bool server_run(struct gate *g, const struct server_options *options,
                struct fail *why)
{
	struct server s = {.gate = g,
	                   .options = options,
	                   .lock = PTHREAD_MUTEX_INITIALIZER};
	int fd, sig, port = options->port;
	sigset_t awaited;
	sigemptyset(&awaited);
	sigaddset(&awaited, SIGINT);
	sigaddset(&awaited, SIGTERM);
	sigaddset(&awaited, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &awaited, NULL);
	signal(SIGPIPE, SIG_IGN);
	the_server = &s;
	if (!listen_at(&fd, &port, why) || !start(&s, fd, why))
		return false;
	printf("listening on %s://127.0.0.1:%d\n",
	       options->cert ? "https" : "http", port);
	fflush(stdout);
	while (sigwait(&awaited, &sig) == 0 && sig == SIGUSR1)
		if (!refuse_for_a_while(&s, &port, why))
			return false;
	take(&s); /* nobody is in the middle of something */
	return true;
}
