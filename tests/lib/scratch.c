#include "tests/lib/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SCRIPT_MAX = 1 << 16, OUTPUT_MAX = 4096 };

static char folder[256];

static _Noreturn void give_up(const char *what)
{
	printf("Bail out! %s\n", what);
	exit(1);
}

void scratch_start(void)
{
	static const char *const world[][2] = {
	        {"LC_ALL", "C"},
	        {"TZ", "UTC"},
	        {"GIT_CONFIG_NOSYSTEM", "1"},
	        {"GIT_AUTHOR_NAME", "Ana"},
	        {"GIT_AUTHOR_EMAIL", "ana@example.com"},
	        {"GIT_AUTHOR_DATE", "1700000000 +0000"},
	        {"GIT_COMMITTER_NAME", "Cy"},
	        {"GIT_COMMITTER_EMAIL", "cy@example.com"},
	        {"GIT_COMMITTER_DATE", "1700000100 +0000"},
	};
	const char *tmp = getenv("TMPDIR");
	snprintf(folder, sizeof folder, "%s/dxcp-unit.XXXXXX",
	         tmp ? tmp : "/tmp");
	if (!mkdtemp(folder) || chdir(folder))
		give_up("no scratch folder");
	for (size_t i = 0; i < sizeof world / sizeof *world; i++)
		setenv(world[i][0], world[i][1], 1);
	setenv("HOME", folder, 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("GIT_DIR");
	unsetenv("GIT_WORK_TREE");
	unsetenv("GIT_CONFIG_GLOBAL");
	sh("git config --global init.defaultBranch main\n"
	   "git config --global advice.detachedHead false\n");
}

void scratch_end(void)
{
	if (!chdir("/"))
		sh("rm -rf '%s'", folder);
}

static void script_write(char *script, const char *fmt, va_list args)
        __attribute__((format(printf, 2, 0)));
static void script_write(char *script, const char *fmt, va_list args)
{
	int n = snprintf(script, SCRIPT_MAX, "exec 2>&1; set -e\n");
	n += vsnprintf(script + n, (size_t)(SCRIPT_MAX - n), fmt, args);
	if (n >= SCRIPT_MAX)
		give_up("a script is too long");
}

void sh(const char *fmt, ...)
{
	static char script[SCRIPT_MAX];
	va_list args;
	va_start(args, fmt);
	script_write(script, fmt, args);
	va_end(args);
	fflush(stdout);
	FILE *out = popen(script, "r");
	static char said[OUTPUT_MAX];
	size_t n = out ? fread(said, 1, sizeof said - 1, out) : 0;
	said[n] = 0;
	while (out && getc(out) != EOF)
		;
	if (!out || pclose(out)) {
		fprintf(stderr, "%s\n%s", script, said);
		give_up("a script failed");
	}
}

struct str sh_read(struct arena *a, const char *fmt, ...)
{
	static char script[SCRIPT_MAX];
	va_list args;
	va_start(args, fmt);
	script_write(script, fmt, args);
	va_end(args);
	FILE *out = popen(script, "r");
	char *said = arena_alloc(a, OUTPUT_MAX);
	size_t n = out ? fread(said, 1, OUTPUT_MAX - 1, out) : 0;
	if (!out || pclose(out))
		give_up("a script failed");
	while (n && said[n - 1] == '\n')
		n--;
	return (struct str){said, n};
}
