/*
 * loopback: a TCP server of a test's own, on a free port of 127.0.0.1.
 *
 * Each connection is served in a process of its own, which ends with it. What
 * has to be counted over all of them stands in memory that they share.
 */
#ifndef TESTS_LIB_LOOPBACK_H
#define TESTS_LIB_LOOPBACK_H

#include "core/str.h"

#include <sys/types.h>

enum { LOOPBACK_COUNTERS = 16, LOOPBACK_REQUEST_MAX = 64 * 1024 };

struct loopback {
	int port;
	pid_t pid;
	int *counters; /* shared; [0] counts connections */
};

struct loopback_request {
	char bytes[LOOPBACK_REQUEST_MAX];
	size_t n;
	struct str method, target, head, body; /* point into bytes */
};

/* A port that nobody listens at. */
int loopback_free_port(void);

/* Ends the test program where it cannot. */
void loopback_start(struct loopback *l, void (*serve)(int fd, int *counters));
void loopback_stop(struct loopback *l);

/* For serve: one whole request; false at the connection's end. */
bool loopback_read(int fd, struct loopback_request *r);
void loopback_write(int fd, struct str bytes);
/* A whole answer of a content type and more lines ("A: b\r\n"). */
void loopback_answer(int fd, const char *status, const char *type,
                     const char *lines, struct str body);
void loopback_pause(int milliseconds);
int loopback_count(int *counter); /* adds one; the new value */

#endif
