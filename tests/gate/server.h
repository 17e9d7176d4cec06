/*
 * server: the double on a port of the loopback interface, by libmicrohttpd: one
 * thread a connection, and one request at a time in the double.
 */
#ifndef TESTS_GATE_SERVER_H
#define TESTS_GATE_SERVER_H

#include "tests/gate/http.h"

struct server_options {
	int port; /* 0: any that is free */
	/* PEM texts; NULL: plain HTTP, and no certificate asked for. */
	const char *cert, *key, *ca;
};

/* Answer until SIGINT or SIGTERM. Tells on standard output where, as soon as
   it does: "listening on http://127.0.0.1:1234". */
bool server_run(struct gate *g, const struct server_options *options,
                struct fail *why);

/* serve.c: the answer to a request whose header and body are there; *g is
   locked by what is given. Sleeps where a fault wants it. */
struct turn {
	void (*take)(void *context), (*leave)(void *context);
	void *context;
};
void serve(struct gate *g, struct request *r, struct answer *to,
           const struct turn *turn);

/* wire.c: send the bytes of an answer that go wrong, by the socket itself; the
   connection is to be closed then. */
void wire_send(int fd, struct arena *a, const struct answer *answer,
               int64_t now);
/* "Sun, 06 Nov 1994 08:49:37 GMT": RFC 9110 section 5.6.7. */
struct str http_date(struct arena *a, int64_t ms);

#endif
