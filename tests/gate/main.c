/*
 * gate: a double of Spinnaker's Gate on the loopback interface, for tests and
 * for trying out.
 *
 *	gate [--port N] [--state FOLDER] [--scenario FILE]... [--now TIME]
 *	     [--search sql-legacy|sql-fixed|redis]
 *	     [--auth none|basic|bearer|token|header|x509] [--user U] [--password
 *P]
 *	     [--tls-cert FILE --tls-key FILE [--tls-ca FILE]]
 *[--die-with-parent]
 *
 * It says where it listens, and stops at SIGTERM or SIGINT. What it knows is in
 * the folder, if there is one, and is there again when it is started again.
 */
#include "core/files.h"
#include "tests/gate/control.h"
#include "tests/gate/server.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { FILE_MAX = 16 * 1024 * 1024, SCENARIOS_MAX = 16 };

struct arguments {
	const char *port, *state, *now, *search, *auth, *user, *password;
	const char *cert, *key, *ca;
	const char *scenario[SCENARIOS_MAX];
	size_t scenarios;
	bool die_with_parent;
};

static bool take_option(struct arguments *args, const char *name,
                        const char *value)
{
	const struct {
		const char *name;
		const char **to;
	} options[] = {
	        {"--port", &args->port},         {"--state", &args->state},
	        {"--now", &args->now},           {"--search", &args->search},
	        {"--auth", &args->auth},         {"--user", &args->user},
	        {"--password", &args->password}, {"--tls-cert", &args->cert},
	        {"--tls-key", &args->key},       {"--tls-ca", &args->ca},
	};
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (strcmp(name, options[i].name) == 0) {
			*options[i].to = value;
			return true;
		}
	if (strcmp(name, "--scenario") == 0 &&
	    args->scenarios < SCENARIOS_MAX) {
		args->scenario[args->scenarios++] = value;
		return true;
	}
	return false;
}

static bool parse(struct arguments *args, int argc, char **argv,
                  struct fail *why)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--die-with-parent") == 0) {
			args->die_with_parent = true;
			continue;
		}
		if (i + 1 == argc || !take_option(args, argv[i], argv[i + 1]))
			return fail_set(
			        why, FAIL_USAGE,
			        "%s: what is that? See tests/gate/main.c",
			        argv[i]);
		i++;
	}
	return true;
}

static void set_text(struct gate *g, const char *name, const char *value)
{
	if (value)
		gate_set(g, name, json_string(value));
}

static bool load_scenarios(struct gate *g, const struct arguments *args,
                           struct fail *why)
{
	for (size_t i = 0; i < args->scenarios; i++) {
		struct str text;
		json_t *scenario;
		if (!file_read(&text, g->arena, args->scenario[i], FILE_MAX,
		               why))
			return false;
		if (!json_read(&scenario, g->arena, text, why) ||
		    !scenario_load(g, g->arena, scenario, why))
			return fail_note(why, "%s", args->scenario[i]);
	}
	return true;
}

static bool set_up(struct gate *g, const struct arguments *args,
                   struct fail *why)
{
	set_text(g, "search", args->search);
	set_text(g, "auth", args->auth);
	set_text(g, "user", args->user);
	set_text(g, "password", args->password);
	if (args->now) {
		json_t *wish = json_object();
		member_set(wish, "now", json_string(args->now));
		bool ok = gate_set_clock(g, wish, why);
		json_decref(wish);
		if (!ok)
			return false;
	}
	return load_scenarios(g, args, why) && store_commit(&g->store, why);
}

static bool read_pem(const char **out, struct arena *a, const char *path,
                     struct fail *why)
{
	struct str text;
	if (!path)
		return true;
	if (!file_read(&text, a, path, FILE_MAX, why))
		return false;
	*out = str_cstr(a, text);
	return true;
}

static bool run(int argc, char **argv, struct fail *why)
{
	struct arguments args = {0};
	struct gate g;
	struct server_options options = {0};
	int64_t port = 0;
	if (!parse(&args, argc, argv, why))
		return false;
	if (args.die_with_parent)
		prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (args.port && !str_int(str_of(args.port), &port))
		return fail_set(why, FAIL_USAGE, "--port: a number");
	options.port = (int)port;
	return gate_open(&g, args.state, why) && set_up(&g, &args, why) &&
	       read_pem(&options.cert, g.arena, args.cert, why) &&
	       read_pem(&options.key, g.arena, args.key, why) &&
	       read_pem(&options.ca, g.arena, args.ca, why) &&
	       server_run(&g, &options, why);
}

int main(int argc, char **argv)
{
	struct fail why = {0};
	if (!run(argc, argv, &why)) {
		fprintf(stderr, "gate: %s\n", why.text);
		return fail_status(why.kind);
	}
	_exit(0); /* connections may be waiting for something */
}
