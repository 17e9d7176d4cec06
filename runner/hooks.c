#include "runner/hooks.h"

#include "core/sha256.h"
#include "runner/http.h"
#include "runner/program.h"
#include "runner/redact.h"

/* A server that a hook asks. */
struct server {
	struct http *http; /* NULL: not opened yet */
	struct str target;
};

struct hooks {
	struct world *world;
	const struct pass *pass;
	struct arena *arena;
	struct server *servers; /* one a hook of the policy */
};

struct hooks *hooks_new(struct world *w, const struct pass *p)
{
	struct hooks *h = ARENA_NEW(p->arena, struct hooks);
	h->world = w;
	h->pass = p;
	h->arena = p->arena;
	h->servers =
	        arena_array(h->arena, p->policy->hooks.n, sizeof *h->servers);
	return h;
}

static int timeout_ms(const struct hook *hook)
{
	return (int)hook->timeout.t * 1000; /* at most ten minutes */
}

static void set_output(struct hook_answer *out, struct arena *a,
                       struct str output)
{
	struct sha256_hex digest = sha256_of(output);
	out->output = str_copy(a, str_of(digest.s));
}

static void fail_hook(struct hook_answer *out, struct arena *a,
                      const char *text)
{
	out->result = HOOK_FAILED;
	out->text = str_brief(a, redact(a, str_of(text)), HOOK_MESSAGE_MAX);
}

/* --- a program ----------------------------------------------------------- */

static char **words_of(struct arena *a, const struct texts *command)
{
	char **words = arena_array(a, command->n + 1, sizeof *words);
	for (size_t i = 0; i < command->n; i++)
		words[i] = (char *)str_cstr(a, command->at[i].s);
	return words;
}

static struct str first_line(struct arena *a, struct str output)
{
	struct str line, rest, text = redact(a, output);
	str_cut(text, '\n', &line, &rest);
	return str_brief(a, str_trim(line), HOOK_MESSAGE_MAX);
}

static void take_end(struct hook_answer *out, struct arena *a,
                     const struct hook *hook, const struct program_end *end)
{
	set_output(out, a, end->output);
	if (end->timed_out) {
		fail_hook(out, a,
		          str_format(a, "no answer within its timeout of %s",
		                     when_duration_words(hook->timeout.t).s)
		                  .s);
		return;
	}
	out->result =
	        end->signal || end->exit_status ? HOOK_DENIES : HOOK_ALLOWS;
	if (out->result == HOOK_ALLOWS)
		return;
	out->text = first_line(a, end->output);
	if (!out->text.n && end->signal)
		out->text = str_format(a, "it was killed by signal %d",
		                       end->signal);
	else if (!out->text.n)
		out->text = str_format(a, "it exited with status %d",
		                       end->exit_status);
}

static void ask_program(struct hooks *h, struct arena *a,
                        const struct hook *hook, struct str input,
                        struct hook_answer *out)
{
	struct program p = {
	        .words = words_of(a, &hook->command),
	        .directory = h->world->repo ? repo_root(h->world->repo) : NULL,
	        .input = input,
	        .timeout_ms = timeout_ms(hook),
	        .output_max = HOOK_OUTPUT_MAX,
	        .with_errors = true,
	};
	struct program_end end = {0};
	struct fail why = {0};
	if (program_run(&end, a, &p, &why))
		take_end(out, a, hook, &end);
	else
		fail_hook(out, a, why.text);
}

/* --- an OPA server ------------------------------------------------------- */

static bool open_server(struct server *server, struct arena *a,
                        const struct hook *hook, struct fail *why)
{
	if (server->http)
		return true;
	struct str url = hook->opa_url.s, scheme, rest, host, path;
	str_cut(url, ':', &scheme, &rest);
	str_cut(str_from(rest, 2), '/', &host, &path);
	size_t base = scheme.n + 3 + host.n;
	struct http_access access = {.url = str_head(url, base)};
	server->target = base < url.n ? str_from(url, base) : STR("/");
	return http_open(&server->http, a, &access, why);
}

static void take_answer(struct hook_answer *out, struct arena *a,
                        const struct hook *hook,
                        const struct http_answer *answer)
{
	if (answer->end != HTTP_ANSWERED) {
		fail_hook(out, a, str_cstr(a, answer->why));
		return;
	}
	set_output(out, a, answer->body);
	if (answer->status != 200) {
		fail_hook(out, a,
		          str_format(a, "it answered with status %d",
		                     answer->status)
		                  .s);
		return;
	}
	out->result =
	        hook_opa_result(&out->text, a, hook->opa_url.s, answer->body);
}

static void ask_opa(struct hooks *h, struct arena *a, const struct hook *hook,
                    struct server *server, struct str input,
                    struct hook_answer *out)
{
	struct fail why = {0};
	if (!open_server(server, h->arena, hook, &why)) {
		fail_hook(out, a, why.text);
		return;
	}
	/* One that was kept may be dead, which would deny. */
	struct http_call call = {
	        .method = HTTP_POST,
	        .target = server->target,
	        .body = str_format(a, "{\"input\":%" STR_FMT "}",
	                           STR_ARG(str_trim(input))),
	        .timeout_ms = timeout_ms(hook),
	        .max_bytes = HOOK_OUTPUT_MAX,
	        .fresh = true,
	        .arena = a,
	};
	struct http_call *calls[] = {&call};
	http_all(server->http, calls, 1, 1);
	take_answer(out, a, hook, &call.answer);
}

/* --- all ----------------------------------------------------------------- */

static bool lets_pass(const struct hook_answer *answer)
{
	return answer->result == HOOK_ALLOWS ||
	       (answer->result == HOOK_FAILED &&
	        answer->hook->on_failure.is == ON_FAILURE_ALLOW);
}

bool hooks_ask(struct hooks *h, struct arena *a, struct facts *f,
               const struct decision *d, bool *told_to_stop, struct fail *why)
{
	const struct policy *p = f->policy;
	struct str input;
	struct hook_answer *answers =
	        arena_array(a, p->hooks.n, sizeof *answers);
	size_t n = 0;
	if (!hook_input(&input, h->world, h->pass, a, f, d, why))
		return false;
	for (size_t i = 0; i < p->hooks.n; i++) {
		const struct hook *hook = p->hooks.at[i];
		if (!facts_hook_concerns(f, hook))
			continue;
		struct hook_answer *answer = &answers[n++];
		*answer = (struct hook_answer){.hook = hook};
		if (hook->command.n)
			ask_program(h, a, hook, input, answer);
		else
			ask_opa(h, a, hook, &h->servers[i], input, answer);
		*told_to_stop = world_signal() != 0;
		if (*told_to_stop)
			return true;
		if (!lets_pass(answer))
			break;
	}
	f->hooks = answers;
	f->nhooks = n;
	f->hooks_asked = true;
	return true;
}

/* --- for doctor ---------------------------------------------------------- */

static bool examine_program(struct world *w, struct arena *a,
                            const struct hook *hook, struct str *text)
{
	struct str path, fault, word = hook->command.at[0].s;
	bool there = program_find(&path, &fault, a,
	                          w->repo ? repo_root(w->repo) : ".", word);
	*text = there ? str_format(a, "runs %" STR_FMT, STR_ARG(path))
	              : str_format(a, "its program %" STR_FMT " %" STR_FMT,
	                           STR_ARG(word), STR_ARG(fault));
	return there;
}

/* The data API answers GET as well, as if there were no input. */
static bool examine_server(struct arena *a, const struct hook *hook,
                           struct str *text)
{
	struct server server = {0};
	struct fail why = {0};
	if (!open_server(&server, a, hook, &why)) {
		*text = str_copy(a, str_of(why.text));
		return false;
	}
	struct http_call call = {
	        .method = HTTP_GET,
	        .target = server.target,
	        .timeout_ms = timeout_ms(hook),
	        .max_bytes = HOOK_OUTPUT_MAX,
	        .arena = a,
	};
	struct http_call *calls[] = {&call};
	http_all(server.http, calls, 1, 1);
	if (call.answer.end != HTTP_ANSWERED)
		*text = call.answer.why;
	else
		*text = str_format(a, "%" STR_FMT " answers with status %d",
		                   STR_ARG(hook->opa_url.s),
		                   call.answer.status);
	return call.answer.end == HTTP_ANSWERED && call.answer.status == 200;
}

bool hook_examine(struct world *w, struct arena *a, const struct hook *hook,
                  struct str *text)
{
	return hook->command.n ? examine_program(w, a, hook, text)
	                       : examine_server(a, hook, text);
}
