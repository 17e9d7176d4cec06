#include "core/diag.h"
#include "tests/lib/found.h"
#include "tests/lib/recorded.h"
#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

enum { NOW = 1800000000 };

/* "read added known refused" and the findings. */
static struct str import(struct arena *a, struct ledger *l, const char *text,
                         bool skip_invalid)
{
	struct import_result r = {-1, -1, -1, -1};
	struct fail why = {0};
	struct diags ds = diags_new(a);
	struct source *file = source_new(a, STR("history.jsonl"), str_of(text));
	if (!ledger_import(l, a, file, skip_invalid, NOW, &ds, &r, &why))
		return str_format(a, "failed: %s", why.text);
	struct str findings = found(a, &ds);
	return str_format(a, "%lld %lld %lld %lld%s%" STR_FMT,
	                  (long long)r.read, (long long)r.added,
	                  (long long)r.known, (long long)r.refused,
	                  findings.n ? " " : "", STR_ARG(findings));
}

#define FACTS(more)                                                  \
	"{\"service\":\"web\",\"environment\":\"prod\",\"version\":" \
	"\"1.0.0\",\"time\":\"2024-01-01T00:00:00Z\"" more "}"

static const struct {
	const char *name, *text, *want;
} lines[] = {
        {"one line", FACTS("") "\n", "1 1 0 0"},
        {"the last line needs no end", FACTS(""), "1 1 0 0"},
        {"nothing", "", "0 0 0 0"},
        {"blank lines, carriage returns, a byte order mark",
         "\xef\xbb\xbf" FACTS("") "\r\n\r\n  \n", "1 1 0 0"},
        {"the same line twice", FACTS("") "\n" FACTS(""), "2 1 1 0"},
        {"the same facts spelt otherwise",
         FACTS("") "\n {\"version\":\"1.0.0\",\"time\":"
                   "\"2024-01-01T00:00:00Z\",\"environment\":\"prod\", "
                   "\"service\":\"\\u0077eb\"}",
         "2 1 1 0"},
        {"everything optional as null",
         FACTS(",\"kind\":null,\"outcome\":null,\"finished_at\":null,"
               "\"actor\":null,\"message\":null,\"commit\":null,"
               "\"previous_version\":null,\"source\":null"),
         "1 1 0 0"},
        {"not JSON", "{\"service\": web}", "1 0 0 1 INVALID_IMPORT <}>"},
        {"not an object", "[1]", "1 0 0 1 INVALID_IMPORT <[1]>"},
        {"a member twice", FACTS(",\"version\":\"2\""),
         "1 0 0 1 INVALID_IMPORT <:\"2\"}>"},
        {"not UTF-8", FACTS(",\"message\":\"\xff\""),
         "1 0 0 1 INVALID_IMPORT <\xff\"}>"},
        {"nothing of what is required", "{}",
         "1 0 0 1 INVALID_IMPORT <{}>, INVALID_IMPORT <{}>, "
         "INVALID_IMPORT <{}>, INVALID_IMPORT <{}>"},
        {"one required member missing",
         "{\"service\":\"w\",\"environment\":\"p\",\"version\":\"1\"}",
         "1 0 0 1 INVALID_IMPORT <{\"service\":\"w\",\"environment\":"
         "\"p\",\"version\":\"1\"}>"},
        {"a wrong type", "\n" FACTS(",\"actor\": 12 "),
         "1 0 0 1 INVALID_IMPORT <12>"},
        {"a date that is none", FACTS(",\"finished_at\":\"2024-02-30\""),
         "1 0 0 1 INVALID_IMPORT <\"2024-02-30\">"},
        {"an end before the beginning",
         FACTS(",\"finished_at\":\"2023-12-31T23:59:59Z\""),
         "1 0 0 1 INVALID_IMPORT <\"2023-12-31T23:59:59Z\">"},
        {"an unknown kind", FACTS(",\"kind\":\"promote\""),
         "1 0 0 1 INVALID_IMPORT <\"promote\">"},
        {"an unknown outcome", FACTS(",\"outcome\":\"ok\""),
         "1 0 0 1 INVALID_IMPORT <\"ok\">"},
        {"a service that is no name",
         "{\"service\":\"../w\",\"environment\":\"p\",\"version\":\"1\","
         "\"time\":\"2024-01-01T00:00:00Z\"}",
         "1 0 0 1 INVALID_IMPORT <\"../w\">"},
        {"a blank version",
         "{\"service\":\"w\",\"environment\":\"p\",\"version\":\" \","
         "\"time\":\"2024-01-01T00:00:00Z\"}",
         "1 0 0 1 INVALID_IMPORT <\" \">"},
        {"two mistakes are both told",
         FACTS(",\"kind\":1,\"source\":[\"a,}\",{}],\"commit\":true"),
         "1 0 0 1 INVALID_IMPORT <1>, INVALID_IMPORT <[\"a,}\",{}]>, "
         "INVALID_IMPORT <true>"},
        {"a member that is not known",
         FACTS(",\"ticket\":\"T\"") "\n" FACTS(",\"other\":1"),
         "2 2 0 0 UNUSED_MEMBER <\"ticket\">"},
};

static void reading(struct arena *a)
{
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct arena *b = arena_new();
		struct str path = str_format(a, "line-%zu.db", i);
		struct ledger *l =
		        ledger_at(b, str_cstr(a, path), LEDGER_WRITE);
		is_str(import(b, l, lines[i].text, false), lines[i].want, "%s",
		       lines[i].name);
		arena_free(b);
	}
}

static struct str all(struct arena *a, struct ledger *l);

static void whole_or_not(struct arena *a)
{
	struct ledger *l = ledger_at(a, "whole.db", LEDGER_WRITE);
	const char *text = FACTS("") "\n{\"service\":1}\n" FACTS(
	        ",\"outcome\":\"failed\"") "\n";
	struct fail why = {0};
	struct ledger_head head;
	ok(str_starts(import(a, l, text, false), STR("3 0 0 1 ")),
	   "one bad line, and nothing is taken");
	ok(ledger_head(l, a, &head, &why) && head.events == 0,
	   "no event either");
	ok(str_starts(import(a, l, text, true), STR("3 2 0 1 ")),
	   "unless the bad ones are to be left out");
	ok(str_starts(import(a, l, text, true), STR("3 0 2 1 ")),
	   "again: nothing is added");
	is_str(all(a, l),
	       "1 web 1.0.0 ROLL_FORWARD SUCCEEDED SUCCEEDED 0\n"
	       "2 web 1.0.0 ROLL_FORWARD FAILED FAILED 0\n",
	       "and the good ones are there");
}

static bool add(void *context, const struct deployment *d, struct fail *why)
{
	struct buf *out = context;
	(void)why;
	buf_format(out, "%lld %" STR_FMT " %" STR_FMT " %s %s %s %lld\n",
	           (long long)d->number, STR_ARG(d->service),
	           STR_ARG(d->version), deployment_kind_names[d->kind],
	           deployment_state_names[d->state],
	           deployment_outcome_names[d->outcome],
	           (long long)d->rollback_of);
	return true;
}

static struct str all(struct arena *a, struct ledger *l)
{
	struct buf out = buf_new(a, 1 << 16);
	struct deployment_filter f = deployment_filter_any();
	struct fail why = {0};
	f.oldest_first = true;
	if (!ledger_deployments(l, &f, add, &out, &why))
		return str_of(why.text);
	return buf_str(&out);
}

#define AT(version, hour, more)                                                \
	"{\"service\":\"Web\",\"environment\":\"prod\",\"version\":\"" version \
	"\",\"time\":\"2024-01-01T" hour ":00:00+01:00\"" more "}\n"

static void history(struct arena *a)
{
	struct ledger *l = ledger_at(a, "history.db", LEDGER_WRITE);
	struct deployment *d = NULL;
	struct fail why = {0};
	const char *text = AT("a:1", "10", "") AT("a:2", "12", "") AT(
	        "a:3", "11",
	        "") AT("a:1", "13",
	               ",\"kind\":\"rollback\",\"previous_version\":\"a:2\"")
	        AT("a:0", "14",
	           ",\"kind\":\"rollback\",\"previous_version\":\"a:9\"")
	                AT("a:4", "15",
	                   ",\"outcome\":\"canceled\",\"actor\":\"u-1\",\"commit\":"
	                   "\"c0ffee\",\"source\":\"git\",\"finished_at\":"
	                   "\"2024-01-01T14:00:05Z\",\"message\":\"\\n First "
	                   "line\\r\\nSecond\"");
	is_str(import(a, l, text, false), "6 6 0 0", "history is imported");
	is_str(all(a, l),
	       "1 Web a:1 ROLL_FORWARD SUCCEEDED SUPERSEDED 0\n"
	       "2 Web a:2 ROLL_FORWARD SUCCEEDED ROLLED_BACK 0\n"
	       "3 Web a:3 ROLL_FORWARD SUCCEEDED SUPERSEDED 0\n"
	       "4 Web a:1 ROLLBACK SUCCEEDED SUPERSEDED 2\n"
	       "5 Web a:0 ROLLBACK SUCCEEDED SUCCEEDED 0\n"
	       "6 Web a:4 ROLL_FORWARD CANCELED CANCELED 0\n",
	       "lines out of order, and rollbacks with and without what they "
	       "undid");
	ok(ledger_deployment(l, a, 6, &d, &why) && d, "one of them");
	is_str(d->summary, "First line", "has the first line as summary");
	ok(d->imported && d->created_at == 1704117600 &&
	           d->dispatched_at == d->created_at && !d->started_at &&
	           d->finished_at == d->created_at + 5,
	   "the times of its line, in UTC");
	ok(str_is(d->actor_email, "u-1") &&
	           str_is(d->intent_commit, "c0ffee") && !d->token.n &&
	           !d->intent_path.n,
	   "its actor and commit");
	ok(d->ntimeline == 1 && d->timeline[0].at == NOW &&
	           str_is(d->timeline[0].event, "imported") &&
	           str_is(d->timeline[0].detail, "from git"),
	   "and one entry: when it was recorded");
	recorded_deployed(l, NOW + 10, 7, "Web", "5.0.0", "");
	ok(ledger_running(l, a, STR("Web"), STR("prod"), 0, &d, &why) && d &&
	           d->number == 7,
	   "what is deployed later goes on from it");
}

static void long_messages(struct arena *a)
{
	struct ledger *l = ledger_at(a, "long.db", LEDGER_WRITE);
	struct deployment *d = NULL;
	struct fail why = {0};
	struct buf text = buf_new(a, 1 << 16);
	buf_add(&text, STR("{\"service\":\"web\",\"environment\":\"prod\","
	                   "\"version\":\"1\",\"time\":"
	                   "\"2024-01-01T00:00:00Z\",\"message\":\""));
	for (int i = 0; i < 8000; i++)
		buf_add(&text, STR("\xc3\xa9"));
	buf_add(&text, STR("\"}"));
	is_str(import(a, l, str_cstr(a, buf_str(&text)), false), "1 1 0 0",
	       "a message of 16 kB");
	ok(ledger_deployment(l, a, 1, &d, &why) && d && d->summary.n == 480 &&
	           str_is_utf8(d->summary, NULL),
	   "is cut to 240 code points");
}

int main(void)
{
	struct arena *a = arena_new();
	scratch_start();
	reading(a);
	whole_or_not(a);
	history(a);
	long_messages(a);
	arena_free(a);
	scratch_end();
	return tap_done();
}
