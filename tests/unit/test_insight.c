/*
 * The vectors of tests/insights/: facts, questions, and what was computed by
 * hand, with why. A file is one object:
 *
 *	why         sentences
 *	zone        of the platform; UTC where it is left out
 *	production  names of its production environments; ["prod"]
 *	facts       in the order in which they are recorded, of checkout in prod
 *	            unless they say: build, deploy, import, incident, decided
 *	ask         from, to (or a period), at, environments, compat, bands, and
 *	            expect: members that the answer must have
 */
#include "core/files.h"
#include "core/insight_compat.h"
#include "core/json.h"
#include "core/when.h"
#include "tests/lib/recorded.h"
#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20, TEXT_MAX = 1 << 20, VECTORS_MAX = 100 };

static void bail(const char *what, struct str more)
{
	printf("Bail out! %s %.*s\n", what, (int)more.n, more.s);
	exit(1);
}

static int64_t time_of(const json_t *o, const char *key, int64_t otherwise)
{
	int64_t t;
	struct str s = json_get_str(o, key);
	if (!s.n)
		return otherwise;
	if (!when_parse(s, &t))
		bail("no instant:", s);
	return t;
}

static struct str text_of(const json_t *o, const char *key,
                          const char *otherwise)
{
	struct str s = json_get_str(o, key);
	return s.n ? s : str_of(otherwise);
}

/* A member with its comma, or nothing. */
static const char *more_text(struct arena *a, const char *key, struct str value)
{
	return value.n ? str_format(a, ",'%s':'%" STR_FMT "'", key,
	                            STR_ARG(value))
	                         .s
	               : "";
}

static struct str blob_of(struct arena *a, const json_t *fact)
{
	return decided_blob(a, text_of(fact, "blob", "1").s[0]);
}

/* --- facts --- */

static void add_build(struct arena *a, struct ledger *l, const json_t *f)
{
	int64_t built = time_of(f, "builtAt", 0);
	struct str version = json_get_str(f, "build");
	record(l, built, "build.registered",
	       str_format(a, "checkout@%" STR_FMT, STR_ARG(version)).s,
	       "{'service':'checkout','version':'%.*s','artifact':'s3://x',"
	       "'commit':'','branch':'main','builtAt':'%s'}",
	       STR_ARG(version), when_text(built).s);
}

static void add_deploy(struct arena *a, struct ledger *l, const json_t *f)
{
	long long n = (long long)json_get_int(f, "deploy");
	const char *subject = str_format(a, "%lld", n).s;
	int64_t ended = time_of(f, "ended", 0);
	int64_t created = time_of(f, "created", ended - 60);
	int64_t undoes = json_get_int(f, "rollbackOf");
	struct str category = json_get_str(f, "category");
	struct str intent = json_get_str(f, "intent");
	record(l, created, "deployment.created", subject,
	       "{'number':%lld,'token':'t%lld','service':'%.*s',"
	       "'environment':'%.*s','version':'%.*s','group':'g',"
	       "'recipe':'standard','kind':'%.*s','intent':{'path':'intents/"
	       "%.*s','blob':'%.*s'}%s%s%s}",
	       n, n, STR_ARG(text_of(f, "service", "checkout")),
	       STR_ARG(text_of(f, "environment", "prod")),
	       STR_ARG(json_get_str(f, "version")),
	       STR_ARG(text_of(f, "kind", "ROLL_FORWARD")), STR_ARG(intent),
	       STR_ARG(intent.n ? blob_of(a, f) : STR("")),
	       undoes ? str_format(a, ",'rollbackOf':%lld", (long long)undoes).s
	              : "",
	       more_text(a, "reason", json_get_str(f, "reason")),
	       more_text(a, "authoredAt", json_get_str(f, "authored")));
	recorded_dispatching(l, created, (int)n);
	if (!json_is_false(json_object_get(f, "started")))
		recorded_started(l, created, (int)n);
	record(l, ended, "deployment.ended", subject,
	       "{'number':%lld,'state':'%.*s'%s}", n,
	       STR_ARG(text_of(f, "state", "SUCCEEDED")),
	       category.n ? str_format(a,
	                               ",'failures':[{'category':'%" STR_FMT
	                               "','summary':'s'}]",
	                               STR_ARG(category))
	                            .s
	                  : "");
}

static void add_import(struct arena *a, struct ledger *l, const json_t *f)
{
	long long n = (long long)json_get_int(f, "import");
	record(l, time_of(f, "ended", 0), "deployment.imported",
	       str_format(a, "%lld", n).s,
	       "{'number':%lld,'service':'checkout','environment':'prod',"
	       "'version':'%.*s','kind':'ROLL_FORWARD','state':'%.*s',"
	       "'createdAt':'%.*s','finishedAt':'%.*s','digest':'d'}",
	       n, STR_ARG(json_get_str(f, "version")),
	       STR_ARG(text_of(f, "state", "SUCCEEDED")),
	       STR_ARG(json_get_str(f, "ended")),
	       STR_ARG(json_get_str(f, "ended")));
}

static void add_incident(struct arena *a, struct ledger *l, const json_t *f)
{
	int64_t by = json_get_int(f, "causedBy");
	record(l, time_of(f, "reported", 0), "incident.reported", "checkout",
	       "{'service':'checkout','environment':'%.*s','startedAt':'%.*s'"
	       "%s%s}",
	       STR_ARG(text_of(f, "environment", "prod")),
	       STR_ARG(json_get_str(f, "incident")),
	       more_text(a, "resolvedAt", json_get_str(f, "resolvedAt")),
	       by ? str_format(a, ",'causedBy':%lld", (long long)by).s : "");
}

static void add_decided(struct arena *a, struct ledger *l, const json_t *f)
{
	struct str path = json_get_str(f, "decided");
	record(l, time_of(f, "at", 0), "intent.decided",
	       str_format(a, "intents/%" STR_FMT, STR_ARG(path)).s,
	       "{'intent':'intents/%.*s','blob':'%.*s','kind':'deploy',"
	       "'service':'checkout','environment':'prod','version':'1.0.0',"
	       "'decision':'%.*s'%s,'run':1}",
	       STR_ARG(path), STR_ARG(blob_of(a, f)),
	       STR_ARG(json_get_str(f, "decision")),
	       more_text(a, "code", json_get_str(f, "code")));
}

static void add_facts(struct arena *a, struct ledger *l, const json_t *facts)
{
	static const struct {
		const char *key;
		void (*add)(struct arena *a, struct ledger *l, const json_t *f);
	} kinds[] = {{"build", add_build},
	             {"deploy", add_deploy},
	             {"import", add_import},
	             {"incident", add_incident},
	             {"decided", add_decided}};
	for (size_t i = 0; i < json_array_size(facts); i++) {
		const json_t *f = json_array_get(facts, i);
		size_t k = 0;
		while (k < sizeof kinds / sizeof *kinds &&
		       !json_object_get(f, kinds[k].key))
			k++;
		if (k == sizeof kinds / sizeof *kinds)
			bail("a fact of no kind:", json_canonical(a, f));
		kinds[k].add(a, l, f);
	}
}

/* --- the policy --- */

static void add_environments(struct buf *b, const json_t *production)
{
	for (size_t i = 0; i < json_array_size(production); i++)
		buf_format(b,
		           "---\n{kind: environment, name: %s, type: prod}\n",
		           json_string_value(json_array_get(production, i)));
	if (!production)
		buf_add(b, STR("---\n{kind: environment, name: prod, type: "
		               "prod}\n"));
	buf_add(b, STR("---\n{kind: environment, name: staging, type: "
	               "non_prod}\n"
	               "---\n{kind: service, name: checkout, recipes: "
	               "[standard],\nroutes: {staging: standard}}\n"
	               "---\n{kind: recipe, id: standard, name: S, revision: "
	               "1, summary: s, engine: box}\n"
	               "---\n{kind: group, id: g, name: G, services: "
	               "[checkout],\nenvironments: [staging], recipes: "
	               "[standard]}\n"));
}

static const struct policy *policy_of(struct arena *a, const json_t *vector)
{
	struct buf b = buf_new(a, TEXT_MAX);
	struct diags ds = diags_new(a);
	buf_format(&b,
	           "kind: platform\nname: P\ntimezone: %" STR_FMT
	           "\nengines: {box: {type: sandbox}}\n",
	           STR_ARG(text_of(vector, "zone", "UTC")));
	add_environments(&b, json_object_get(vector, "production"));
	struct source *file =
	        source_new(a, STR("policy/all.yaml"), buf_str(&b));
	const struct policy *p = policy_read(a, &file, 1, &ds);
	if (ds.errors)
		bail("the policy has errors:", buf_str(&b));
	return p;
}

/* --- questions --- */

/* Whether got has all that want has; *at: where it has not. */
static bool has_all(struct arena *a, const json_t *got, const json_t *want,
                    struct str at, struct str *where)
{
	const char *key;
	json_t *value;
	if (!json_is_object(want)) {
		bool same =
		        json_is_number(want)
		                ? json_is_number(got) &&
		                          json_number_value(got) >
		                                  json_number_value(want) -
		                                          1e-9 &&
		                          json_number_value(got) <
		                                  json_number_value(want) + 1e-9
		                : json_equal((json_t *)(uintptr_t)got,
		                             (json_t *)(uintptr_t)want) != 0;
		if (!same)
			*where = str_format(a,
			                    "%" STR_FMT ": %" STR_FMT
			                    ", should be %" STR_FMT,
			                    STR_ARG(at),
			                    STR_ARG(got ? json_canonical(a, got)
			                                : STR("nothing")),
			                    STR_ARG(json_canonical(a, want)));
		return same;
	}
	json_object_foreach((json_t *)(uintptr_t)want, key, value)
	{
		struct str below =
		        str_format(a, "%" STR_FMT ".%s", STR_ARG(at), key);
		if (!has_all(a, json_object_get(got, key), value, below, where))
			return false;
	}
	/* An object without members is to be found so. */
	if (!json_object_size(want) && json_object_size(got))
		*where =
		        str_format(a, "%" STR_FMT " is not empty", STR_ARG(at));
	return json_object_size(want) || !json_object_size(got);
}

static void take_environments(struct arena *a, struct insight_question *q,
                              const json_t *names)
{
	VEC(struct str) found = {0};
	for (size_t i = 0; i < json_array_size(names); i++)
		*vec_add(a, &found) =
		        str_of(json_string_value(json_array_get(names, i)));
	if (!names)
		return;
	q->environments = found.at;
	q->nenvironments = found.n;
}

static struct str answer(struct arena *a, struct ledger *l,
                         const struct insight_question *q, struct str compat,
                         int64_t bands)
{
	struct fail why = {0};
	struct buf b = buf_new(a, TEXT_MAX);
	struct jw j = jw_new(&b);
	struct insights in;
	struct insight_compat c;
	enum compat by =
	        str_is(compat, "devlake") ? COMPAT_DEVLAKE : COMPAT_FOURKEYS;
	jw_open(&j, '{');
	if (compat.n && insight_compat_read(&c, a, l, q, by, &why))
		insight_compat_json(&j, &c, q, by);
	else if (!compat.n && insight_read(&in, a, l, q, &why))
		insight_json(&j, &in.at[0], q,
		             bands == 2021   ? BANDS_2021
		             : bands == 2023 ? BANDS_2023
		                             : BANDS_NONE);
	jw_close(&j);
	if (why.kind)
		bail("no answer:", str_of(why.text));
	return buf_str(&b);
}

static void ask(struct arena *a, struct ledger *l, const struct policy *p,
                const json_t *question, const char *name, size_t i)
{
	struct insight_question q = {.policy = p,
	                             .at = time_of(question, "at", 0),
	                             .zone_name = p->platform.timezone.s,
	                             .series = true};
	struct str period = json_get_str(question, "period"), where = STR("");
	struct fail why = {0};
	json_t *got;
	int64_t first = 0;
	insight_production(p, a, &q);
	take_environments(a, &q, json_object_get(question, "environments"));
	insight_first(l, &q, &first, &why);
	q.window.from = time_of(question, "from", 0);
	q.window.to = time_of(question, "to", 0);
	if (period.n && !insight_window_of(period, q.at, p->platform.zone,
	                                   first, &q.window))
		bail("no period:", period);
	struct str text = answer(a, l, &q, json_get_str(question, "compat"),
	                         json_get_int(question, "bands"));
	if (!json_read(&got, a, text, &why))
		bail("no JSON:", text);
	bool fine = has_all(a, got, json_object_get(question, "expect"),
	                    STR(""), &where);
	ok(fine, "%s, question %zu%s%.*s", name, i + 1, where.n ? ": " : "",
	   (int)where.n, where.s);
}

/* --- several windows at once --- */

struct together {
	struct arena *arena;
	struct ledger *ledger;
	struct insight_question q;
	struct insight_window *windows;
	size_t seen, differ;
	int64_t last_end;
};

static struct str all_of(struct arena *a, const struct insights *in,
                         const struct insight_question *q)
{
	struct buf b = buf_new(a, TEXT_MAX);
	struct jw j = jw_new(&b);
	jw_open(&j, '[');
	for (size_t i = 0; i < in->n; i++) {
		jw_open(&j, '{');
		insight_json(&j, &in->at[i], q, BANDS_NONE);
		jw_close(&j);
	}
	jw_close(&j);
	return buf_str(&b);
}

static bool take_one(void *context, size_t window, const struct insights *found,
                     struct fail *why)
{
	struct together *t = context;
	struct insights alone;
	t->q.window = t->windows[window];
	if (!insight_read(&alone, t->arena, t->ledger, &t->q, why))
		return false;
	t->seen++;
	t->differ += t->q.window.to < t->last_end ||
	             !str_eq(all_of(t->arena, found, &t->q),
	                     all_of(t->arena, &alone, &t->q));
	t->last_end = t->q.window.to;
	return true;
}

/* Windows of all lengths over the time of a vector: nested, side by side, with
   gaps, in no order. */
static void ask_together(struct arena *a, struct ledger *l,
                         const struct policy *p, const json_t *questions,
                         const char *name)
{
	enum { DAY = 86400, WINDOWS = 24 };
	static const int days[] = {1, 40, 7, 400, 3, 90};
	struct insight_window windows[WINDOWS + 1];
	int64_t at = time_of(json_array_get(questions, 0), "at", 0);
	struct together t = {
	        .arena = a,
	        .ledger = l,
	        .q = {.policy = p, .at = at, .series = true, .slices = true},
	        .windows = windows,
	        .last_end = INT64_MIN};
	struct fail why = {0};
	insight_production(p, a, &t.q);
	for (int i = 0; i < WINDOWS; i++) {
		int64_t to = at - i * i * DAY / 2;
		windows[i] =
		        (struct insight_window){to - days[i % 6] * DAY, to};
	}
	windows[WINDOWS] =
	        (struct insight_window){at + DAY, at + 8 * (int64_t)DAY};
	bool fine = insight_read_each(l, &t.q, windows, WINDOWS + 1, take_one,
	                              &t, &why);
	ok(fine && t.seen == WINDOWS + 1 && !t.differ,
	   "%s: windows at once are as they are alone", name);
}

static void run(struct arena *a, const char *folder, const char *name)
{
	struct str text;
	struct fail why = {0};
	json_t *vector;
	if (!file_read(&text, a, str_format(a, "%s/%s", folder, name).s,
	               FILE_MAX, &why) ||
	    !json_read(&vector, a, text, &why))
		bail(name, str_of(why.text));
	sh("rm -f x.db*");
	struct ledger *l = ledger_at(a, "x.db", LEDGER_WRITE);
	const struct policy *p = policy_of(a, vector);
	add_facts(a, l, json_object_get(vector, "facts"));
	const json_t *questions = json_object_get(vector, "ask");
	for (size_t i = 0; i < json_array_size(questions); i++)
		ask(a, l, p, json_array_get(questions, i), name, i);
	ask_together(a, l, p, questions, name);
}

static int name_cmp(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int main(void)
{
	struct arena *names = arena_new();
	char here[4096];
	const char *at[VECTORS_MAX];
	size_t n = 0;
	if (!getcwd(here, sizeof here))
		bail("no folder", STR(""));
	const char *folder = str_format(names, "%s/tests/insights", here).s;
	DIR *dir = opendir(folder);
	for (struct dirent *e; dir && (e = readdir(dir));)
		if (str_ends(str_of(e->d_name), STR(".json")) &&
		    n < VECTORS_MAX)
			at[n++] = str_cstr(names, str_of(e->d_name));
	if (dir)
		closedir(dir);
	if (!n)
		bail("no vectors in", str_of(folder));
	qsort(at, n, sizeof *at, name_cmp);
	scratch_start();
	for (size_t i = 0; i < n; i++) {
		struct arena *a = arena_new();
		run(a, folder, at[i]);
		arena_free(a);
	}
	scratch_end();
	arena_free(names);
	return tap_done();
}
