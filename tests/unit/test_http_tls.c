#include "runner/http.h"

#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* runner/http and TLS: the servers are openssl's, the authorities our own. */

/* Two authorities; a server's certificate for 127.0.0.1, one for another
   host; a client's, whose key has a password, and the same without. */
static void make_certificates(void)
{
	sh("authority() { openssl req -x509 -days 9 -newkey ec \\\n"
	   "        -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=$1 \\\n"
	   "        -keyout $1.key -out $1.pem; }\n"
	   "signed() { openssl req -newkey ec \\\n"
	   "        -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=$2 \\\n"
	   "        -keyout $2.key -out $2.csr\n"
	   "    printf '%%s\\n' \"$3\" >$2.ext\n"
	   "    openssl x509 -req -days 9 -in $2.csr -CA $1.pem \\\n"
	   "        -CAkey $1.key -CAcreateserial -extfile $2.ext \\\n"
	   "        -out $2.pem; }\n"
	   "authority ours; authority theirs\n"
	   "signed ours server subjectAltName=IP:127.0.0.1\n"
	   "signed ours elsewhere subjectAltName=DNS:elsewhere.test\n"
	   "signed ours client keyUsage=digitalSignature\n"
	   "signed theirs stranger keyUsage=digitalSignature\n"
	   "openssl ec -aes128 -passout pass:hunter22 -in client.key \\\n"
	   "    -out locked.key\n"
	   "printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}' >ok\n");
}

struct server {
	pid_t pid;
	int port;
	FILE *out;
};

static _Noreturn void serve(int out, const char *name, const char *const *more)
{
	char cert[64], key[64];
	char *words[24] = {"openssl", "s_server",    "-HTTP",
	                   "-accept", "127.0.0.1:0", "-cert",
	                   cert,      "-key",        key};
	int n = 9;
	snprintf(cert, sizeof cert, "%s.pem", name);
	snprintf(key, sizeof key, "%s.key", name);
	for (; *more; more++)
		words[n++] = (char *)(uintptr_t)*more;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(out, STDOUT_FILENO);
	if (!freopen("s_server.log", "a", stderr))
		_exit(1);
	execvp("openssl", words);
	_exit(1);
}

static struct server start(const char *name, const char *const *more)
{
	struct server s = {0};
	char line[256];
	int ends[2];
	if (pipe(ends)) {
		printf("Bail out! no pipe\n");
		exit(1);
	}
	fflush(stdout);
	s.pid = fork();
	if (!s.pid)
		serve(ends[1], name, more);
	close(ends[1]);
	s.out = fdopen(ends[0], "r");
	while (!s.port && s.out && fgets(line, sizeof line, s.out))
		sscanf(line, "ACCEPT 127.0.0.1:%d", &s.port);
	if (!s.port) {
		printf("Bail out! openssl s_server does not start\n");
		exit(1);
	}
	return s;
}

static void stop(struct server *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	fclose(s->out);
}

/* "ANSWERED", "NOT_SENT why". */
static struct str ask(struct arena *a, int port, struct http_access access)
{
	static const char *const ends[] = {"ANSWERED", "NOT_SENT", "BROKEN"};
	struct fail why = {0};
	struct http *h = NULL;
	struct http_call *c = ARENA_NEW(a, struct http_call);
	c->target = STR("/ok");
	/* s_server serves one connection, then the next. */
	c->fresh = true;
	c->timeout_ms = 5000;
	c->arena = a;
	access.url = str_format(a, "https://127.0.0.1:%d", port);
	if (!http_open(&h, a, &access, &why))
		return str_copy(a, str_of(why.text));
	http_all(h, &c, 1, 1);
	return str_format(a, "%s %" STR_FMT, ends[c->answer.end],
	                  STR_ARG(c->answer.why));
}

struct tls_case {
	const char *what, *ca, *cert, *key, *password, *want;
};

static void run_cases(struct arena *a, int port, const struct tls_case *cases,
                      size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct http_access access = {.ca = cases[i].ca,
		                             .cert = cases[i].cert,
		                             .key = cases[i].key,
		                             .key_password =
		                                     str_of(cases[i].password)};
		struct str got = ask(a, port, access);
		if (!ok(str_starts(got, str_of(cases[i].want)), "%s",
		        cases[i].what))
			tap_note("%" STR_FMT, STR_ARG(got));
	}
}
#define RUN(a, port, cases) \
	run_cases(a, port, cases, sizeof(cases) / sizeof *(cases))

static void test_server(struct arena *a)
{
	static const char *const none[] = {NULL};
	static const struct tls_case cases[] = {
	        {"own authority", "ours.pem", NULL, NULL, "", "ANSWERED"},
	        {"the system's authorities do not know it", NULL, NULL, NULL,
	         "", "NOT_SENT no trust in the certificate of 127.0.0.1:"},
	        {"another authority", "theirs.pem", NULL, NULL, "",
	         "NOT_SENT no trust in the certificate of 127.0.0.1:"},
	        {"a file that is no authority", "ok", NULL, NULL, "",
	         "NOT_SENT no call can be made to 127.0.0.1:"},
	};
	static const struct tls_case elsewhere[] = {
	        {"a certificate for another host", "ours.pem", NULL, NULL, "",
	         "NOT_SENT no trust in the certificate of 127.0.0.1:"},
	};
	struct server s = start("server", none);
	RUN(a, s.port, cases);
	stop(&s);
	s = start("elsewhere", none);
	RUN(a, s.port, elsewhere);
	stop(&s);
}

static void test_client(struct arena *a, const char *version)
{
	const char *const verify[] = {
	        "-Verify", "1", "-CAfile", "ours.pem", "-verify_return_error",
	        version,   NULL};
	/* In TLS 1.3 the server looks at the client after the request left. */
	bool late = strcmp(version, "-tls1_3") == 0;
	const char *refused = late ? "BROKEN" : "NOT_SENT";
	const struct tls_case cases[] = {
	        {"with a certificate", "ours.pem", "client.pem", "client.key",
	         "", "ANSWERED"},
	        {"a key with its password", "ours.pem", "client.pem",
	         "locked.key", "hunter22", "ANSWERED"},
	        {"a key without its password", "ours.pem", "client.pem",
	         "locked.key", "", "NOT_SENT no call can be made to"},
	        {"a key with another password", "ours.pem", "client.pem",
	         "locked.key", "hunter23", "NOT_SENT no call can be made to"},
	        {"a key of another certificate", "ours.pem", "client.pem",
	         "server.key", "", "NOT_SENT no call can be made to"},
	        {"without a certificate", "ours.pem", NULL, NULL, "", refused},
	        {"with a stranger's", "ours.pem", "stranger.pem",
	         "stranger.key", "", refused},
	};
	struct server s = start("server", verify);
	tap_note("client certificates, %s", version);
	RUN(a, s.port, cases);
	stop(&s);
}

static void test_old(struct arena *a)
{
	static const char *const old[] = {"-tls1_1", "-cipher",
	                                  "ALL:@SECLEVEL=0", NULL};
	static const struct tls_case cases[] = {
	        {"TLS 1.1 is too old", "ours.pem", NULL, NULL, "",
	         "NOT_SENT no TLS connection to 127.0.0.1:"},
	};
	struct server s = start("server", old);
	RUN(a, s.port, cases);
	stop(&s);
}

int main(void)
{
	struct arena *a = arena_new();
	scratch_start();
	unsetenv("https_proxy");
	unsetenv("HTTPS_PROXY");
	unsetenv("all_proxy");
	unsetenv("ALL_PROXY");
	make_certificates();
	test_server(a);
	test_client(a, "-tls1_2");
	test_client(a, "-tls1_3");
	test_old(a);
	scratch_end();
	arena_free(a);
	return tap_done();
}
