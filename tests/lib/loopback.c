#include "tests/lib/loopback.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void give_up(const char *what)
{
	printf("Bail out! %s\n", what);
	exit(1);
}

static int listener(int *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) ||
	    listen(fd, 128) || getsockname(fd, (struct sockaddr *)&at, &n))
		give_up("no loopback server");
	*port = ntohs(at.sin_port);
	return fd;
}

int loopback_free_port(void)
{
	int port;
	close(listener(&port));
	return port;
}

static _Noreturn void serve_all(int at, void (*serve)(int fd, int *counters),
                                int *counters)
{
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int one = 1, fd = accept(at, NULL, NULL);
		if (fd < 0)
			continue;
		loopback_count(&counters[0]);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		if (!fork()) {
			close(at);
			serve(fd, counters);
			_exit(0);
		}
		close(fd);
	}
}

void loopback_start(struct loopback *l, void (*serve)(int fd, int *counters))
{
	int at = listener(&l->port);
	int zeros = open("/dev/zero", O_RDWR);
	l->counters = mmap(NULL, LOOPBACK_COUNTERS * sizeof *l->counters,
	                   PROT_READ | PROT_WRITE, MAP_SHARED, zeros, 0);
	if (l->counters == MAP_FAILED)
		give_up("no shared memory");
	fflush(stdout);
	l->pid = fork();
	if (l->pid < 0)
		give_up("no process for the server");
	if (!l->pid) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* Whoever reads the test's output waits for all who hold it. */
		dup2(zeros, STDOUT_FILENO);
		serve_all(at, serve, l->counters);
	}
	setpgid(l->pid, l->pid);
	close(at);
	close(zeros);
}

void loopback_stop(struct loopback *l)
{
	kill(-l->pid, SIGKILL);
	waitpid(l->pid, NULL, 0);
	munmap(l->counters, LOOPBACK_COUNTERS * sizeof *l->counters);
}

static size_t body_length(struct str head)
{
	struct str line, name, value;
	int64_t n = 0;
	while (str_next(&head, '\n', &line))
		if (str_cut(str_trim(line), ':', &name, &value) &&
		    str_eq_nocase(name, STR("content-length")) &&
		    !str_int(str_trim(value), &n))
			n = 0;
	return (size_t)n;
}

static size_t head_length(const struct loopback_request *r)
{
	for (size_t i = 4; i <= r->n; i++)
		if (memcmp(r->bytes + i - 4, "\r\n\r\n", 4) == 0)
			return i;
	return 0;
}

bool loopback_read(int fd, struct loopback_request *r)
{
	struct str rest, version;
	r->n = 0;
	for (;;) {
		size_t head = head_length(r);
		r->head = (struct str){r->bytes, head};
		if (head && r->n >= head + body_length(r->head))
			break;
		ssize_t n = r->n < sizeof r->bytes
		                    ? read(fd, r->bytes + r->n,
		                           sizeof r->bytes - r->n)
		                    : -1;
		if (n <= 0)
			return false;
		r->n += (size_t)n;
	}
	r->body = (struct str){r->bytes + r->head.n, r->n - r->head.n};
	str_cut(r->head, ' ', &r->method, &rest);
	str_cut(rest, ' ', &r->target, &version);
	return true;
}

void loopback_write(int fd, struct str bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.s, bytes.n);
		if (n <= 0)
			_exit(0); /* the client has gone */
		bytes = str_from(bytes, (size_t)n);
	}
}

void loopback_answer(int fd, const char *status, const char *type,
                     const char *lines, struct str body)
{
	char head[4096];
	int n = snprintf(head, sizeof head,
	                 "HTTP/1.1 %s\r\nContent-Type: %s\r\n%s"
	                 "Content-Length: %zu\r\n\r\n",
	                 status, type, lines, body.n);
	loopback_write(fd, (struct str){head, (size_t)n});
	loopback_write(fd, body);
}

void loopback_pause(int milliseconds)
{
	struct timespec span = {.tv_sec = milliseconds / 1000,
	                        .tv_nsec = milliseconds % 1000 * 1000000L};
	nanosleep(&span, NULL);
}

int loopback_count(int *counter)
{
	return __atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
}
