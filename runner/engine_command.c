/*
 * The command engine: a program of the user's, run as a job (runner/job) in
 * the folder command/<token> beside the ledger. The job's folder is all that
 * it knows: who asks, and whether the one who started it still lives, does not
 * matter. The file command/home beside these has a name that no other machine
 * or clone has; an order is announced with the name of the one that runs it.
 * Where there is no job for another's order, it is not known whether it ran,
 * and it is not run again.
 *
 * Under a clock that --now gave the program still runs in real time: what it
 * took is counted from the dispatch, and asking waits a moment for its end, so
 * that a clock which leaps does not leave it behind.
 */
#include "core/files.h"
#include "core/json.h"
#include "runner/engine.h"
#include "runner/failure_class.h"
#include "runner/job.h"
#include "runner/order_json.h"
#include "runner/parameters.h"
#include "runner/program.h"
#include "runner/redact.h"

#include <string.h>

enum {
	ORDER_MAX = 8 * 1024 * 1024, /* an intent is at most 256 KiB */
	DETAIL_MAX = 4 * 1024,
	LAST_LINE_MAX = 512,
	PAUSE_MS = 10,
	PAUSES = 50
};

/* --- the program --------------------------------------------------------- */

static const char *root_of(const struct world *w)
{
	return w->repo ? repo_root(w->repo) : "./";
}

static bool find_program(const struct world *w, struct arena *a,
                         const struct engine *engine, struct str *path,
                         struct str *text)
{
	struct str fault;
	if (!engine->command.n || !engine->command.at[0].s.n) {
		*text = str_format(a, "the engine %" STR_FMT " has no command",
		                   STR_ARG(engine->id));
		return false;
	}
	struct str word = engine->command.at[0].s;
	if (program_find(path, &fault, a, root_of(w), word))
		return true;
	*text = str_format(a,
	                   "the program %" STR_FMT " of the engine %" STR_FMT
	                   " %" STR_FMT,
	                   STR_ARG(word), STR_ARG(engine->id), STR_ARG(fault));
	return false;
}

/* --- the job's folder ---------------------------------------------------- */

/* A token becomes a name of a folder. */
static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.s[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '-')
			return false;
	}
	return s.n > 0;
}

static const char *folder_of(const struct world *w, struct arena *a,
                             struct str token)
{
	struct str ledger = str_of(w->ledger_path);
	size_t n = ledger.n;
	while (n && ledger.s[n - 1] != '/')
		n--;
	return str_format(a, "%" STR_FMT "command/%" STR_FMT,
	                  STR_ARG(str_head(ledger, n)), STR_ARG(token))
	        .s;
}

/* --- who runs it --------------------------------------------------------- */

/* The name of this clone on this machine; made where there is none yet. */
static bool read_home(const struct world *w, struct arena *a, bool make,
                      struct str *out, struct fail *why)
{
	enum { NAME_MAX_BYTES = 64 };
	const char *path = folder_of(w, a, STR("home"));
	*out = STR("");
	if (file_exists(path)) {
		if (!file_read(out, a, path, NAME_MAX_BYTES, why))
			return false;
		*out = str_trim(*out);
		return true;
	}
	const char *folder = folder_of(w, a, STR(""));
	return !make || (world_nonce(a, out, why) && dir_make(folder, why) &&
	                 file_write(path, *out, why));
}

static bool is_ours(const struct engine_session *s,
                    const struct engine_call *call)
{
	struct str home, target = call->order.target;
	struct fail ignored = {0};
	return !target.n ||
	       (read_home(s->world, call->arena, false, &home, &ignored) &&
	        str_eq(home, target));
}

static void claim(struct engine_session *s, struct engine_call *call)
{
	struct fail why = {0};
	struct str home;
	if (read_home(s->world, call->arena, true, &home, &why)) {
		call->order.target = home;
		return;
	}
	call->answer = ENGINE_IS_DOWN;
	call->text = str_format(call->arena, "the program was not started: %s",
	                        why.text);
}

/* --- what the program reads ---------------------------------------------- */

static void put_intent(struct jw *j, const struct deployment *d)
{
	jw_key(j, "intent");
	jw_open(j, '{');
	jw_put_opt(j, "path", d->intent_path);
	jw_put_opt(j, "blob", d->intent_blob);
	jw_put_opt(j, "commit", d->intent_commit);
	jw_close(j);
}

static void put_actor(struct jw *j, const struct deployment *d)
{
	jw_key(j, "actor");
	jw_open(j, '{');
	jw_put_opt(j, "email", d->actor_email);
	jw_put_opt(j, "role", d->actor_role);
	jw_put_opt(j, "name", d->actor_name);
	jw_close(j);
}

static bool order_text(struct arena *a, const struct engine *engine,
                       const struct engine_order *order,
                       const struct expansion *parameters, struct str *out)
{
	const struct deployment *d = order->deployment;
	struct buf buf = buf_new(a, ORDER_MAX);
	struct jw j = jw_new(&buf);
	jw_open(&j, '{');
	jw_put_str(&j, "schema", STR("dxcp.order/1"));
	jw_put_str(&j, "token", d->token);
	jw_put_int(&j, "number", d->number);
	jw_put_str(&j, "service", d->service);
	jw_put_str(&j, "environment", d->environment);
	jw_put_str(&j, "version", d->version);
	jw_put_opt(&j, "previousVersion", d->previous_version);
	jw_put_opt(&j, "group", d->group);
	jw_put_opt(&j, "recipe", d->recipe);
	order_json_number(&j, "recipeRevision", d->recipe_revision,
	                  ABSENT_IS_NULL);
	jw_put_str(&j, "kind", str_of(deployment_kind_names[d->kind]));
	order_json_number(&j, "rollbackOf", d->rollback_of, ABSENT_IS_NULL);
	jw_put_opt(&j, "sourceEnvironment", d->source_environment);
	jw_put_str(&j, "summary", d->summary);
	jw_put_opt(&j, "ticket", order->ticket);
	jw_put_str(&j, "engine", engine->id);
	put_actor(&j, d);
	put_intent(&j, d);
	order_json_build(&j, order->build, ABSENT_IS_NULL);
	order_json_params(&j, a, order->params);
	jw_key(&j, "parameters");
	expansion_json(&j, a, parameters);
	jw_close(&j);
	buf_add_char(&buf, '\n');
	*out = buf_str(&buf);
	return !buf.full;
}

/* --- how it stands ------------------------------------------------------- */

static struct str last_line(struct arena *a, struct str output)
{
	struct str rest = str_trim(output), line = STR("");
	while (str_next(&rest, '\n', &line))
		;
	return str_brief(a, str_trim(line), LAST_LINE_MAX);
}

/* What it wrote may say more than that it failed. */
static void classify(struct failure *f, const struct engine_session *session,
                     const struct engine_call *call, const struct job_state *s)
{
	struct failure_facts facts =
	        failure_output(call->order.deployment, f->detail);
	failure_classify(f, call->arena, &facts, session->policy);
	if (f->category != FAILURE_UNKNOWN || !s->exit_status)
		return;
	f->category = FAILURE_APP;
	f->hint = STR("Read what the program wrote last; it runs again only "
	              "for a new intent.");
}

static struct failure failure_of(const struct engine_session *session,
                                 const struct engine_call *call,
                                 const struct job_state *s)
{
	const struct engine *engine = session->engine;
	struct arena *a = call->arena;
	struct str word = engine->command.n ? engine->command.at[0].s
	                                    : STR("the program");
	struct failure f = {
	        .category = FAILURE_UNKNOWN,
	        .detail = str_trim(redact_end(a, s->output, DETAIL_MAX)),
	};
	if (s->error.n) {
		f.category = FAILURE_CONFIG;
		f.summary =
		        str_format(a, "the program cannot be run: %" STR_FMT,
		                   STR_ARG(s->error));
		f.hint =
		        str_format(a,
		                   "Is %" STR_FMT " in the repository's work "
		                   "tree, executable, and the program that its "
		                   "first line names installed?",
		                   STR_ARG(word));
	} else if (s->timed_out) {
		f.category = FAILURE_TIMEOUT;
		f.summary = str_format(
		        a, "the program was stopped at its timeout, after %s",
		        when_duration_words(s->seconds).s);
		f.hint = STR("Look whether it left something half done, then "
		             "raise the engine's or the recipe's timeout.");
	} else if (s->signal) {
		f.summary = str_format(a, "the program was killed by signal %d",
		                       s->signal);
		f.hint = STR("Somebody, or the system for want of memory, "
		             "stopped it: look whether it left something half "
		             "done.");
	} else {
		f.summary = str_format(a, "the program exited with status %d",
		                       s->exit_status);
	}
	classify(&f, session, call, s);
	return f;
}

static struct str execution_id(struct arena *a, const struct deployment *d)
{
	return str_format(a, "command-%" STR_FMT,
	                  STR_ARG(str_from(d->token, 5)));
}

static int64_t not_before(int64_t t, int64_t least)
{
	return t < least ? least : t;
}

/* The machine's clock may be behind the one that the dispatch was on. */
static void set_times(struct world *w, const struct engine_order *order,
                      const struct job_state *s, struct engine_status *out)
{
	int64_t dispatched_at = order->deployment->dispatched_at;
	int64_t now = world_now(w);
	if (w->clock_given) {
		out->started_at = dispatched_at ? dispatched_at : now;
		out->finished_at = out->started_at + s->seconds;
		if (out->finished_at > now)
			out->finished_at = not_before(now, out->started_at);
	} else {
		out->started_at = not_before(s->started_at, dispatched_at);
		out->finished_at = not_before(s->finished_at, out->started_at);
	}
	if (s->phase != JOB_ENDED)
		out->finished_at = 0;
}

static struct engine_status status_of(struct engine_session *session,
                                      struct engine_call *call,
                                      const struct job_state *s)
{
	struct arena *a = call->arena;
	struct engine_status out = {
	        .state = STATE_IN_PROGRESS,
	        .execution_id = execution_id(a, call->order.deployment),
	};
	set_times(session->world, &call->order, s, &out);
	if (s->phase != JOB_ENDED)
		return out;
	if (s->canceled) {
		out.state = STATE_CANCELED;
		out.detail = last_line(a, redact(a, s->output));
	} else if (s->error.n || s->timed_out || s->signal || s->exit_status) {
		struct failure *f = vec_add(a, &out.failures);
		out.state = STATE_FAILED;
		*f = failure_of(session, call, s);
		f->observed_at = out.finished_at;
	} else {
		out.state = STATE_SUCCEEDED;
		out.detail = last_line(a, redact(a, s->output));
	}
	return out;
}

static bool look(struct arena *a, const char *folder, bool wait,
                 struct job_state *s, struct fail *why)
{
	int left = wait ? PAUSES : 0;
	while (job_look(s, a, folder, why)) {
		if (s->phase != JOB_RUNNING || !left-- || world_signal())
			return true;
		world_pause(PAUSE_MS);
	}
	return false;
}

/* --- the table ----------------------------------------------------------- */

static void look_ahead(struct engine_session *s, struct engine_call *call,
                       struct expansion *parameters)
{
	struct str path;
	struct arena *a = call->arena;
	if (find_program(s->world, a, s->engine, &path, &call->text))
		call->answer =
		        parameters_of(parameters, a, &call->order, &call->text);
	else
		call->answer = ENGINE_BAD_CONFIG;
}

static void preflight(struct engine_session *s, struct engine_call *call)
{
	struct expansion ignored;
	look_ahead(s, call, &ignored);
}

/* It was started, that much is known. */
static struct engine_status lost(const struct engine_call *call,
                                 const char *folder)
{
	return (struct engine_status){
	        .state = STATE_LOST_CONTACT,
	        .execution_id =
	                execution_id(call->arena, call->order.deployment),
	        .progress = str_format(
	                call->arena,
	                "the process that watched the program died before its "
	                "end (did the machine restart?): it is not run again; "
	                "see what became of it, and %s",
	                folder),
	};
}

static void see(struct engine_session *s, struct engine_call *call, bool wait)
{
	struct arena *a = call->arena;
	struct str token = call->order.deployment->token;
	const char *folder = folder_of(s->world, a, token);
	struct fail why = {0};
	struct job_state job;
	if (!is_token(token) || !look(a, folder, wait, &job, &why)) {
		call->answer = ENGINE_UNCERTAIN;
		call->text = str_format(a, "the job cannot be looked at: %s",
		                        why.text);
	} else if (job.phase == JOB_NONE && !is_ours(s, call)) {
		call->answer = ENGINE_UNCERTAIN;
		call->text =
		        STR("the program was given out on another machine, "
		            "or in another clone, which alone knows of it");
	} else if (job.phase == JOB_NONE) {
		call->answer = ENGINE_NOT_FOUND;
		call->text = str_format(a, "there is no job in %s", folder);
	} else {
		call->answer = ENGINE_READY;
		call->status = job.phase == JOB_LOST ? lost(call, folder)
		                                     : status_of(s, call, &job);
	}
}

static void poll_one(struct engine_session *s, struct engine_call *call)
{
	see(s, call, s->world->clock_given);
}

static void poll(struct engine_session *s, struct engine_call *const *calls,
                 size_t n)
{
	engine_ask_each(s, calls, n, poll_one);
}

/* Most programs end at once when told so: then this run still sees it. */
static void cancel_one(struct engine_session *s, struct engine_call *call)
{
	struct arena *a = call->arena;
	struct str token = call->order.deployment->token;
	struct fail why = {0};
	if (is_token(token) &&
	    !job_stop(folder_of(s->world, a, token), a, &why)) {
		call->answer = ENGINE_UNCERTAIN;
		call->text = str_format(a, "the program cannot be stopped: %s",
		                        why.text);
		return;
	}
	see(s, call, true);
}

static void cancel(struct engine_session *s, struct engine_call *const *calls,
                   size_t n)
{
	engine_ask_each(s, calls, n, cancel_one);
}

/* The recipe's time holds too: past it the deployment has ended and another
   may run. */
static int64_t timeout_of(const struct engine *engine,
                          const struct engine_order *order)
{
	int64_t recipe = order->deployment->timeout_s;
	int64_t own = GIVEN(engine->timeout) ? engine->timeout.t : 0;
	if (recipe <= 0 || (own > 0 && own < recipe))
		return own;
	return recipe;
}

static char **words_of(struct arena *a, const struct texts *command)
{
	char **words = arena_array(a, command->n + 1, sizeof *words);
	for (size_t i = 0; i < command->n; i++) {
		struct str s = command->at[i].s;
		words[i] = arena_alloc(a, s.n + 1);
		if (s.n)
			memcpy(words[i], s.s, s.n);
	}
	return words;
}

static bool start_job(struct engine_session *s, struct engine_call *call,
                      struct str input, struct fail *why)
{
	struct arena *a = call->arena;
	const struct deployment *d = call->order.deployment;
	struct job_variable variables[] = {
	        {"DXCP_TOKEN", str_cstr(a, d->token)},
	        {"DXCP_SERVICE", str_cstr(a, d->service)},
	        {"DXCP_ENVIRONMENT", str_cstr(a, d->environment)},
	        {"DXCP_VERSION", str_cstr(a, d->version)},
	};
	struct job job = {
	        .folder = folder_of(s->world, a, d->token),
	        .words = words_of(a, &s->engine->command),
	        .directory = root_of(s->world),
	        .input = input,
	        .variables = variables,
	        .nvariables = sizeof variables / sizeof *variables,
	        .timeout_s = timeout_of(s->engine, &call->order),
	};
	return job_start(&job, a, why);
}

static void start_one(struct engine_session *s, struct engine_call *call)
{
	struct str input;
	struct expansion parameters;
	struct fail why = {0};
	look_ahead(s, call, &parameters);
	if (call->answer != ENGINE_READY)
		return;
	if (!is_token(call->order.deployment->token) ||
	    !order_text(call->arena, s->engine, &call->order, &parameters,
	                &input)) {
		call->answer = ENGINE_REFUSED;
		call->text = STR("the order has a token that is none, or is "
		                 "too large");
	} else if (!start_job(s, call, input, &why)) {
		call->answer = ENGINE_IS_DOWN;
		call->text =
		        str_format(call->arena,
		                   "the program was not started: %s", why.text);
	} else {
		call->status = (struct engine_status){
		        .state = STATE_IN_PROGRESS,
		        .execution_id = execution_id(call->arena,
		                                     call->order.deployment),
		        .started_at = world_now(s->world),
		};
	}
}

static bool start(struct engine_session *s, const struct engine_feed *feed,
                  struct fail *why)
{
	return engine_start_each(s, feed, start_one, why);
}

static enum engine_answer examine(struct engine_session *s, struct arena *a,
                                  struct str *text)
{
	struct str path;
	if (!find_program(s->world, a, s->engine, &path, text))
		return ENGINE_BAD_CONFIG;
	*text = str_format(a, "runs %" STR_FMT, STR_ARG(path));
	return ENGINE_READY;
}

const struct engine_ops engine_command = {
        .type = "command",
        .resolve = {.max_resends = INT64_MAX},
        .poll_at_once = ENGINE_IN_FLIGHT,
        .has_targets = true,
        .preflight = preflight,
        .claim = claim,
        .start = start,
        .poll = poll,
        .cancel = cancel,
        .examine = examine,
};
