/*
 * gate_execution, gate_filter: documents of Spinnaker as they come, what is
 * said of them, and what is kept of them.
 *
 * tests/executions/NAME.json is read and told as text, which is to be the text
 * of NAME.txt. Those named orca-* are answers of Spinnaker's own Orca (the
 * stage "call" is one that throws what it is told to), the others are written
 * after its source: what that Orca has no jars for, and secrets planted.
 * GOLDEN=rewrite writes these anew: review the diff. Run from the top of the
 * repository.
 */
#include "core/files.h"
#include "core/when.h"
#include "runner/gate_execution.h"
#include "tests/lib/tap.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { TOLD_MAX = 1 << 20, NOW = 1763630000 };

static const struct gate_question question = {
        .service = {"checkout", 8},
        .environment = {"prod", 4},
        .recipe = {"canary", 6},
        .now = NOW,
};

/* --- documents told as text
 * --------------------------------------------------- */

static void tell(struct buf *out, const char *name, struct str value)
{
	if (value.n)
		buf_format(out, "%s: %" STR_FMT "\n", name, STR_ARG(value));
}

static void tell_time(struct buf *out, const char *name, int64_t t)
{
	if (t)
		tell(out, name, str_of(when_text(t).s));
}

static void tell_indented(struct buf *out, struct str text)
{
	struct str line;
	while (str_next(&text, '\n', &line))
		buf_format(out, "    | %" STR_FMT "\n", STR_ARG(line));
}

static const char *const cancel_names[] = {
        "", "by us", "by a person", "queue", "by expiry", "by Spinnaker",
};

static void tell_failures(struct buf *out, const struct gate_execution *x)
{
	for (size_t i = 0; i < x->nfailures; i++) {
		const struct failure *f = &x->failures[i];
		buf_format(out,
		           "failure %s at %s\n    %" STR_FMT "\n    %" STR_FMT
		           "\n",
		           failure_category_names[f->category],
		           when_text(f->observed_at).s, STR_ARG(f->summary),
		           STR_ARG(f->hint));
		tell_indented(out, f->detail);
	}
	vec_each (struct gate_child, c, &x->children)
		buf_format(out, "child %" STR_FMT " of %" STR_FMT "\n",
		           STR_ARG(c->execution_id), STR_ARG(c->stage_name));
}

static struct str told(struct arena *a, const struct gate_execution *x)
{
	struct buf out = buf_new(a, TOLD_MAX);
	tell(&out, "id", x->id);
	tell(&out, "application", x->application);
	tell(&out, "name", x->name);
	tell(&out, "config", x->config_id);
	tell(&out, "correlation", x->correlation_id);
	tell(&out, "event", x->event_id);
	tell(&out, "status", x->status);
	tell(&out, "state", str_of(deployment_state_names[x->state]));
	tell_time(&out, "built", x->build_at);
	tell_time(&out, "started", x->started_at);
	tell_time(&out, "finished", x->finished_at);
	tell(&out, "canceled", str_of(cancel_names[x->cancel]));
	tell(&out, "canceled by", x->canceled_by);
	tell(&out, "reason", x->cancel_reason);
	tell(&out, "restarted by", x->restarted_by);
	tell(&out, "restarted", str_of(x->restarted ? "yes" : ""));
	tell(&out, "progress", x->progress);
	vec_each (struct gate_event, e, &x->events)
		buf_format(&out, "event %s %" STR_FMT "  [%" STR_FMT "]\n",
		           when_text(e->at).s, STR_ARG(e->detail),
		           STR_ARG(e->key));
	vec_each (struct str, w, &x->warnings)
		tell(&out, "warning", *w);
	tell_failures(&out, x);
	return buf_str(&out);
}

static struct str told_of(struct arena *a, struct str text)
{
	struct gate_execution x;
	struct fail why = {0};
	if (gate_execution_parse(&x, a, text, &question, &why))
		return told(a, &x);
	return str_format(a, "fails: %s\n", why.text);
}

/* In pieces of n bytes. */
static struct str told_in_pieces(struct arena *a, struct str text, size_t n)
{
	struct gate_filter *f = gate_filter_new(a);
	struct gate_documents list;
	struct gate_execution x;
	struct fail why = {0};
	for (size_t i = 0; i < text.n; i += n)
		gate_filter_feed(f, str_head(str_from(text, i), n));
	bool whole = gate_filter_end(f, &list, &why);
	if (whole && list.documents.n != 1)
		return told_of(a, text);
	if (whole &&
	    gate_execution_read(&x, a, list.documents.at[0], &question, &why))
		return told(a, &x);
	return str_format(a, "fails: %s\n", why.text);
}

static struct str read_whole(struct arena *a, const char *path)
{
	struct str text = STR("");
	struct fail why = {0};
	if (!file_read(&text, a, path, TOLD_MAX, &why))
		ok(false, "%s", why.text);
	return text;
}

static void rewrite(const char *path, struct str text)
{
	FILE *out = fopen(path, "wb");
	if (!out || fwrite(text.s, 1, text.n, out) != text.n || fclose(out))
		ok(false, "%s is written", path);
}

/* What tests/executions plants, plain and in base64. */
static bool is_leaking(struct str text)
{
	return str_contains(text, STR("PLANTED")) ||
	       str_contains(text, STR("PLANTEOVEVE")) ||
	       str_contains(text, STR("QTEFOVEVE"));
}

static void golden(struct arena *a, const char *path)
{
	const char *want = str_cstr(
	        a, str_format(a, "%.*s.txt", (int)strlen(path) - 5, path));
	struct str text = read_whole(a, path), got = told_of(a, text);
	ok(str_eq(told_in_pieces(a, text, 1), got) &&
	           str_eq(told_in_pieces(a, text, 7), got),
	   "%s in pieces", path);
	ok(!is_leaking(got), "%s: nothing secret is told", path);
	ok(str_is_utf8(got, NULL), "%s: UTF-8", path);
	if (getenv("GOLDEN"))
		rewrite(want, got);
	is_str(got, str_cstr(a, read_whole(a, want)), "%s", path);
}

static void goldens(void)
{
	glob_t files;
	if (!ok(!glob("tests/executions/*.json", 0, NULL, &files),
	        "there are documents"))
		return;
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct arena *a = arena_new();
		golden(a, files.gl_pathv[i]);
		arena_free(a);
	}
	globfree(&files);
}

/* --- what is kept
 * -------------------------------------------------------------- */

enum { CHUNK = 16 * 1024 };

/* Feeds what is written into its buffer whenever that has a chunk of it. */
struct pipe {
	struct gate_filter *filter;
	struct buf text;
	size_t fed;
};

static void flush(struct pipe *p)
{
	gate_filter_feed(p->filter, buf_str(&p->text));
	p->fed += p->text.n;
	buf_reset(&p->text);
}

static void say(struct pipe *p, const char *text)
{
	buf_add(&p->text, str_of(text));
	if (p->text.n > CHUNK)
		flush(p);
}

static void say_times(struct pipe *p, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		say(p, text);
}

static struct pipe pipe_new(struct arena *a)
{
	return (struct pipe){.filter = gate_filter_new(a),
	                     .text = buf_new(a, 4 * CHUNK)};
}

static bool pipe_end(struct pipe *p, struct arena *a, struct gate_execution *x,
                     struct fail *why)
{
	struct gate_documents list;
	flush(p);
	return gate_filter_end(p->filter, &list, why) &&
	       gate_execution_read(x, a, list.documents.at[0], &question, why);
}

/*
 * An execution as large as they come: a long pipeline of stages whose contexts
 * hold manifests, logs and the execution of the parent, and that failed in its
 * last stage.
 */
static void say_large(struct pipe *p, size_t stages)
{
	say(p, "{\"application\":\"checkout\",\"id\":\"01JD\",\"initialConfig\""
	       ":{");
	say_times(p, 2000,
	          "\"key\":[{\"deeper\":{\"and\":[1.5e3,null,true]}}"
	          "],");
	say(p, "\"k\":1},\"stages\":[");
	for (size_t i = 0; i < stages; i++) {
		say(p, "{\"context\":{\"manifests\":[{\"data\":\"");
		say_times(p, 3000, "aGVsbG8gd29ybGQg");
		say(p, "\"}],\"messages\":[");
		say_times(p, 500, "\"waiting for the manifest\",");
		say(p, "\"x\"],\"exception\":{\"details\":{\"errors\":[");
		say_times(p, 200, "\"it went wrong again and again\",");
		say(p, "\"out of patience\"]}}},\"name\":\"Deploy\",\"type\":"
		       "\"deployManifest\",\"status\":");
		say(p, i + 1 < stages ? "\"SUCCEEDED\"}," : "\"TERMINAL\"}],");
	}
	say(p, "\"startTime\":1763625601000,\"status\":\"TERMINAL\"}");
}

static int64_t resident_kib(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static void large(void)
{
	struct arena *a = arena_new();
	struct gate_execution x;
	struct fail why = {0};
	struct pipe p = pipe_new(a);
	say_large(&p, 3);
	flush(&p);
	size_t before = arena_used(a);
	int64_t resident = resident_kib();
	p = pipe_new(a);
	say_large(&p, 300);
	ok(pipe_end(&p, a, &x, &why), "a large one is read: %s", why.text);
	ok(p.fed > 20000000, "it had %zu bytes", p.fed);
	size_t used = arena_used(a) - before;
	ok(used < 1024 * 1024, "of which %zu were kept", used);
	/* The parser's own memory, too. */
	ok(resident_kib() - resident < 6 * 1024, "and %lld KiB held",
	   (long long)(resident_kib() - resident));
	is_int((int64_t)x.nfailures, 1, "its one failure is known");
	ok(x.failures[0].detail.n > 1000 &&
	           x.failures[0].detail.n <= GATE_DETAIL_MAX &&
	           str_ends(x.failures[0].detail, STR("\n...")),
	   "with as much of its text as is kept: %zu bytes",
	   x.failures[0].detail.n);
	ok(!x.cut, "and nothing of account was cut");
	arena_free(a);
}

/* More stages than are kept: the one that failed last is still there. */
static void many_stages(void)
{
	struct arena *a = arena_new();
	struct gate_execution x;
	struct fail why = {0};
	struct pipe p = pipe_new(a);
	say(&p, "{\"id\":\"1\",\"stages\":[");
	say_times(&p, 5000,
	          "{\"id\":\"a\",\"name\":\"Some stage of it\","
	          "\"startTime\":5000,\"status\":\"SUCCEEDED\"},");
	say(&p, "{\"context\":{\"exception\":{\"details\":{\"errors\":[\"at "
	        "last\"]}}},\"name\":\"Last\",\"status\":\"TERMINAL\"}],"
	        "\"status\":\"TERMINAL\",\"endTime\":9000}");
	ok(pipe_end(&p, a, &x, &why), "5001 stages: %s", why.text);
	ok(x.cut && x.warnings.n == 1, "too many to keep, and it says so");
	is_int((int64_t)x.events.n, GATE_EVENTS_MAX, "events have a limit");
	ok(x.nfailures && str_ends(x.failures[0].detail, STR("at last")),
	   "the last one is known");
	is_int(x.finished_at, 9, "what stands after the stages, too");
	arena_free(a);
}

static void check_text(const char *name, struct str text, const char *want)
{
	struct arena *a = arena_new();
	struct str got = told_of(a, text);
	if (!ok(str_contains(got, str_of(want)), "%s", name))
		tap_note("%.*s", (int)got.n, got.s);
	ok(str_eq(told_in_pieces(a, text, 1), got), "%s, byte by byte", name);
	ok(str_is_utf8(got, NULL), "%s: UTF-8", name);
	arena_free(a);
}

#define NOT_JSON \
	"fails: the answer is no execution of Spinnaker: it is not JSON"
#define NONE "fails: the answer is no execution of Spinnaker: "

static void shapes(void)
{
	static const struct {
		const char *name, *text, *want;
	} cases[] = {
	        {"nothing", "", NOT_JSON},
	        {"white space", " \n\t", NOT_JSON},
	        {"an object", "{\"id\":\"1\",\"status\":\"RUNNING\"}",
	         "id: 1\nstatus: RUNNING\n"},
	        {"a list of one",
	         " [ {\"id\":\"1\",\"status\":\"RUNNING\"} ]\n",
	         "id: 1\nstatus: RUNNING\n"},
	        {"a list of none", "[]",
	         "fails: Spinnaker's answer holds 0 executions, not one"},
	        {"a list of two", "[{\"id\":\"1\",\"status\":\"RUNNING\"},{}]",
	         "fails: Spinnaker's answer holds 2 executions, not one"},
	        {"a text", "\"x\"", NONE "a value stands where"},
	        {"null", "null", NONE "a value stands where"},
	        {"a list in a list", "[[]]", NONE "a list stands where"},
	        {"a list of texts", "[\"x\"]", NONE "a value stands where"},
	        {"something after it", "{} {}", NOT_JSON},
	        {"HTML", "<html>log in</html>", NOT_JSON},
	        {"a member without a value", "{\"id\"}", NOT_JSON},
	        {"a comma too many", "{\"id\":\"1\",}", NOT_JSON},
	        {"no id", "{\"status\":\"RUNNING\"}",
	         "fails: Spinnaker's answer is no execution: it has no id"},
	        {"an error", "{\"status\":500,\"message\":\"x\",\"id\":null}",
	         "it has no id"},
	        {"no status", "{\"id\":\"1\"}", "it has no status"},
	        {"members twice",
	         "{\"id\":\"1\",\"status\":\"TERMINAL\",\"id\":\"2\","
	         "\"status\":\"RUNNING\"}",
	         "id: 2\nstatus: RUNNING\n"},
	        {"bytes that are no UTF-8",
	         "{\"id\":\"1\",\"name\":\"a\xFF\xC3(b\",\"status\":"
	         "\"RUNNING\"}",
	         "name: a\xEF\xBF\xBD\xEF\xBF\xBD(b\n"},
	        {"escapes",
	         "{\"id\":\"1\",\"name\":\"\\u00e9\\n\\\"\\ud83d\\ude00\\u0000"
	         "\\u001b[1m\\\\\",\"status\":\"RUNNING\"}",
	         "name: \xC3\xA9 \"\xF0\x9F\x98\x80\\\n"},
	        {"a status of control characters",
	         "{\"id\":\"1\",\"status\":\"RUN\\u001b[1mNING\"}",
	         "state: IN_PROGRESS\nprogress: Spinnaker says RUNNING\n"
	         "warning: "},
	        {"names with the dots of a path",
	         "{\"id\":\"1\",\"stages/[]\":[{\"name\":\"x\"}],\"trigger\":"
	         "{\"[]\":1,\"correlationId\":\"c\"},\"[]\":[[[]]],\"status\":"
	         "\"RUNNING\"}",
	         "id: 1\ncorrelation: c\nstatus: RUNNING\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_text(cases[i].name, str_of(cases[i].text), cases[i].want);
}

static struct str repeated(struct arena *a, const char *start, size_t n,
                           const char *middle, const char *end)
{
	struct buf out = buf_new(a, 64 * 1024 * 1024);
	buf_add(&out, str_of(start));
	for (size_t i = 0; i < n; i++)
		buf_add(&out, str_of(middle));
	buf_add(&out, str_of(end));
	return buf_str(&out);
}

static void limits(void)
{
	struct arena *a = arena_new();
	check_text("512 deep",
	           repeated(a, "{\"id\":\"1\",\"x\":", 511, "[", ""), NOT_JSON);
	check_text("513 deep",
	           repeated(a, "{\"id\":\"1\",\"x\":", 512, "[", ""),
	           NONE "it nests too deep");
	check_text("a number of a thousand digits",
	           repeated(a, "{\"id\":\"1\",\"x\":", 1000, "7", "}"),
	           NONE "a number is too long");
	check_text("deep where it is kept as JSON",
	           repeated(a,
	                    "{\"id\":\"1\",\"status\":\"TERMINAL\",\"stages\":"
	                    "[{\"status\":\"TERMINAL\",\"context\":{\"webhook\""
	                    ":{\"error\":",
	                    100,
	                    "{\"a\":", repeated(a, "7", 100, "}", "}}}]}").s),
	           "{\"a\":{\"a\":\"...\"}");
	check_text("a long text",
	           repeated(a,
	                    "{\"id\":\"1\",\"status\":\"TERMINAL\",\"stages\":"
	                    "[{\"status\":\"TERMINAL\",\"context\":{\"webhook\""
	                    ":{\"error\":\"begins \\u00e9\\\\",
	                    9000, "words \\\" ",
	                    "\",\"statusCodeValue\":502}}}]}"),
	           "HTTP 502\n    | begins \xC3\xA9\\words \" words");
	arena_free(a);
}

/* A secret that a cut leaves without its name or its '@' is gone. */
static void cuts(void)
{
	struct arena *a = arena_new();
	for (size_t n = 3980; n < 4110; n += 3) {
		struct str text = repeated(
		        a,
		        "{\"id\":\"1\",\"status\":\"TERMINAL\",\"stages\":[{"
		        "\"status\":\"TERMINAL\",\"context\":{\"webhook\":{"
		        "\"error\":\"a ",
		        n, "x",
		        " https://ana:the-PLANTED-word@example.com/x\"}}}]}");
		if (is_leaking(told_of(a, text)))
			ok(false, "a text of %zu bytes is cut in a URL", n);
	}
	ok(true, "texts cut in a URL");
	arena_free(a);
}

/* Whatever is missing at the end, it is no document. */
static void truncated(void)
{
	struct arena *a = arena_new();
	struct str text =
	        str_trim(read_whole(a, "tests/executions/deepest-first.json"));
	size_t good = 0;
	for (size_t n = 0; n < text.n; n++) {
		struct arena *one = arena_new();
		good += !str_starts(told_of(one, str_head(text, n)),
		                    STR("fails: "));
		arena_free(one);
	}
	is_int((int64_t)good, 0, "no start of %zu bytes is taken for all",
	       text.n);
	arena_free(a);
}

static void lists(void)
{
	struct arena *a = arena_new();
	struct gate_documents list;
	struct fail why = {0};
	struct pipe p = pipe_new(a);
	say(&p, "[");
	say_times(&p, GATE_DOCUMENTS_MAX + 4,
	          "{\"id\":\"1\",\"status\":\"RUNNING\"},");
	say(&p, "{}]");
	flush(&p);
	ok(gate_filter_end(p.filter, &list, &why), "a long list");
	is_int((int64_t)list.documents.n, GATE_DOCUMENTS_MAX, "so many");
	is_int((int64_t)list.left_out, 5, "and those left out are counted");
	ok(!gate_filter_feed(gate_filter_new(a), STR("nonsense")),
	   "what is no JSON is said at once");
	arena_free(a);
}

/* One that is canceled while it waits keeps the user, and no reason. */
static void canceled_waiting(void)
{
	struct arena *a = arena_new();
	struct gate_question asked = question;
	struct gate_execution x;
	struct fail why = {0};
	struct str waiting =
	        read_whole(a, "tests/executions/orca-canceled-waiting.json");
	asked.cancel_asked = true;
	ok(gate_execution_parse(&x, a, waiting, &asked, &why) &&
	           x.cancel == GATE_CANCELED_BY_US,
	   "canceled while it waited, as we had asked");
	struct str person =
	        read_whole(a, "tests/executions/canceled-by-person.json");
	ok(gate_execution_parse(&x, a, person, &asked, &why) &&
	           x.cancel == GATE_CANCELED_BY_PERSON,
	   "a person was quicker: there is a reason that is not ours");
	arena_free(a);
}

/* --- children
 * --------------------------------------------------------------------- */

static void follow(void)
{
	struct arena *a = arena_new();
	struct gate_execution parent, child;
	struct fail why = {0};
	ok(gate_execution_parse(
	           &parent, a,
	           read_whole(a, "tests/executions/child-pipeline.json"),
	           &question, &why) &&
	           gate_execution_parse(
	                   &child, a,
	                   read_whole(a, "tests/executions/deepest-first.json"),
	                   &question, &why),
	   "a parent and its child: %s", why.text);
	gate_execution_follow(&parent, a, &child);
	is_int((int64_t)parent.nfailures, 3, "all failures");
	is_str(parent.failures[0].summary,
	       str_cstr(a, child.failures[0].summary),
	       "the child's come first");
	ok(str_starts(parent.failures[0].detail,
	              STR("in the pipeline Deploy to prod (01JD4K9ZT3M5Q6W7E8R"
	                  "9T0Y1U2):\nstage Deploy in eu-west-1")),
	   "and say where");
	for (int i = 0; i < 10; i++)
		gate_execution_follow(&parent, a, &child);
	is_int((int64_t)parent.nfailures, GATE_FAILURES_MAX, "with a limit");
	arena_free(a);
}

int main(void)
{
	goldens();
	shapes();
	limits();
	cuts();
	truncated();
	large();
	many_stages();
	lists();
	canceled_waiting();
	follow();
	return tap_done();
}
