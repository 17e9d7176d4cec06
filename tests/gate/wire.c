/* Answers whose bytes go wrong, sent by the socket itself. */
#include "tests/gate/server.h"

#include "core/when.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

enum { PATIENCE_MS = 150000, CHUNK_EVERY_MS = 100 };

struct str http_date(struct arena *a, int64_t ms)
{
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu",
	                                   "Fri", "Sat", "Sun"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr",
	                                     "May", "Jun", "Jul", "Aug",
	                                     "Sep", "Oct", "Nov", "Dec"};
	struct civil c = when_civil(ms / 1000, NULL);
	return str_format(a, "%s, %02d %s %04d %02d:%02d:%02d GMT",
	                  days[c.weekday], c.day, months[c.month - 1], c.year,
	                  c.hour, c.minute, c.second);
}

static bool send_all(int fd, struct str bytes)
{
	while (bytes.n) {
		ssize_t n = send(fd, bytes.s, bytes.n, MSG_NOSIGNAL);
		if (n >= 0) {
			bytes = str_from(bytes, (size_t)n);
			continue;
		}
		struct pollfd p = {.fd = fd, .events = POLLOUT};
		if ((errno != EAGAIN && errno != EINTR) ||
		    poll(&p, 1, PATIENCE_MS) <= 0)
			return false;
	}
	return true;
}

/* Until the client has gone away, or sent something more. */
static bool is_gone_after(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	return poll(&p, 1, ms) > 0;
}

static struct str head(struct arena *a, const struct answer *answer,
                       int64_t now, size_t length, bool chunked)
{
	struct buf out = buf_new(a, 64 * 1024);
	buf_format(&out, "HTTP/1.1 %d %s\r\nDate: %s\r\n", answer->status,
	           status_text(answer->status),
	           http_date(a, now + answer->date_skew).s);
	if (answer->type)
		buf_format(&out, "Content-Type: %s\r\n", answer->type);
	for (size_t i = 0; i < answer->headers; i++)
		buf_format(&out, "%s: %" STR_FMT "\r\n",
		           answer->header[i].name.s,
		           STR_ARG(answer->header[i].value));
	if (chunked)
		buf_add(&out, STR("Transfer-Encoding: chunked\r\n\r\n"));
	else
		buf_format(&out, "Content-Length: %zu\r\n\r\n", length);
	return buf_str(&out);
}

/* Linux: a connection that is disconnected so is reset at once. */
static void reset(int fd)
{
	struct sockaddr nobody = {.sa_family = AF_UNSPEC};
	connect(fd, &nobody, sizeof nobody);
}

static void send_endless(int fd, struct arena *a, const struct answer *answer,
                         int64_t now)
{
	struct str first = str_format(a, "%zx\r\n%" STR_FMT "\r\n",
	                              answer->body.n, STR_ARG(answer->body));
	if (!send_all(fd, head(a, answer, now, 0, true)) ||
	    (answer->body.n && !send_all(fd, first)))
		return;
	for (int waited = 0; waited < PATIENCE_MS; waited += CHUNK_EVERY_MS)
		if (is_gone_after(fd, CHUNK_EVERY_MS) ||
		    !send_all(fd, STR("1\r\n \r\n")))
			return;
}

void wire_send(int fd, struct arena *a, const struct answer *answer,
               int64_t now)
{
	struct str body = answer->body, half = str_head(body, body.n / 2);
	switch (answer->wire) {
	case WIRE_FINE:
	case WIRE_STALE:
		if (send_all(fd, head(a, answer, now, body.n, false)))
			send_all(fd, body);
		break;
	case WIRE_CLOSE:
		break;
	case WIRE_RESET:
		reset(fd);
		return;
	case WIRE_HALF_RESET:
		if (send_all(fd, head(a, answer, now, body.n, false)))
			send_all(fd, half);
		is_gone_after(fd, 50); /* let it arrive before the reset */
		reset(fd);
		return;
	case WIRE_TRUNCATED:
		if (send_all(fd, head(a, answer, now, body.n, false)))
			send_all(fd, half);
		break;
	case WIRE_ENDLESS:
		send_endless(fd, a, answer, now);
		break;
	case WIRE_LONG:
		if (send_all(fd, head(a, answer, now, body.n + 100, false)) &&
		    send_all(fd, body))
			is_gone_after(fd, PATIENCE_MS);
		break;
	case WIRE_SHORT:
		if (send_all(fd, head(a, answer, now, half.n, false)))
			send_all(fd, body);
		break;
	}
	shutdown(fd, SHUT_RDWR);
}
