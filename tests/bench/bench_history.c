/*
 * bench_history FILE N: a ledger whose figures are asked: N deployments to two
 * production environments, of 500 services in 25 groups, one every 95 seconds
 * (a million: three years). Each version is built once and goes to both. Of a
 * hundred deployments four fail, three are rollbacks, one is canceled, and
 * three had waited; of five hundred one is befallen by an incident. The same N
 * gives the same ledger.
 */
#include "core/ledger.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	SERVICES = 500,
	ROUND = 2 *
	        SERVICES, /* deployments until one comes to its place again */
	BATCH = 1000,
	BEGIN = 1700000000,
	APART = 95,
	DAY = 86400
};

struct writing {
	struct ledger *l;
	struct arena *arena; /* until the next deployment */
	struct fail why;
};

/* One deployment, and the chance that decides how it goes. */
struct one {
	long long number;
	int64_t at;
	unsigned chance; /* 0 .. 999 */
	unsigned more;
	const char *service, *environment, *version, *path;
	bool rollback;
};

static uint64_t mixed(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static bool append(struct writing *w, int64_t time, const char *type,
                   const char *subject, json_t *payload)
{
	bool fine = ledger_append(w->l, time, type, str_of(subject), STR(""),
	                          payload, NULL, &w->why);
	json_decref(payload);
	return fine;
}

static struct one one_of(struct arena *a, long i)
{
	static const char *const environments[] = {"prod-eu", "prod-us"};
	uint64_t chance = mixed((uint64_t)i);
	long round = i / SERVICES;
	struct one o = {.number = i + 1,
	                .at = BEGIN + (int64_t)i * APART,
	                .chance = (unsigned)(chance % 1000),
	                .more = (unsigned)(chance >> 32) & 0xfffffff,
	                .environment = environments[round % 2]};
	o.rollback = i >= ROUND && o.chance < 30;
	o.service = str_format(a, "service-%04ld", i % SERVICES).s;
	o.version = str_format(a, "1.%ld.0", round / 2 - o.rollback).s;
	o.path = str_format(a, "intents/%s/d-%lld.yaml", o.service, o.number).s;
	return o;
}

static bool build(struct writing *w, const struct one *o)
{
	const char *commit =
	        str_format(w->arena, "%040llx", (unsigned long long)o->number)
	                .s;
	return append(
	        w, o->at, "build.registered",
	        str_format(w->arena, "%s@%s", o->service, o->version).s,
	        json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "service", o->service,
	                  "version", o->version, "artifact", "s3://builds/x",
	                  "commit", commit, "branch", "main", "builtAt",
	                  when_text(o->at - 600 - o->more % (3 * DAY)).s));
}

static bool decide(struct writing *w, const struct one *o, int64_t at,
                   const char *decision, const char *code)
{
	return append(w, at, "intent.decided", o->path,
	              json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:i}",
	                        "intent", o->path, "blob",
	                        "0123456789012345678901234567890123456789",
	                        "kind", "deploy", "service", o->service,
	                        "environment", o->environment, "version",
	                        o->version, "decision", decision, "code", code,
	                        "run", 1));
}

static bool decisions(struct writing *w, const struct one *o)
{
	static const char *const codes[] = {"APPROVAL_REQUIRED",
	                                    "FREEZE_ACTIVE", "WINDOW_CLOSED",
	                                    "QUOTA_EXCEEDED"};
	return decide(w, o, o->at - 60 - o->more % DAY, "wait",
	              codes[o->more / 7 % 4]) &&
	       decide(w, o, o->at, "allow", "");
}

static bool created(struct writing *w, const struct one *o)
{
	static const char *const reasons[] = {"planned", "planned", "planned",
	                                      "",        "hotfix",  "planned",
	                                      "planned", "planned", "planned",
	                                      "planned", "incident"};
	static const char *const recipes[] = {"standard", "canary", "standard"};
	int group = (int)((o->number - 1) % SERVICES / 20);
	json_t *payload = json_pack(
	        "{s:I,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:{s:s,s:s}}",
	        "number", (json_int_t)o->number, "token",
	        str_format(w->arena, "dxcp-%lld", o->number).s, "service",
	        o->service, "environment", o->environment, "version",
	        o->version, "group",
	        str_format(w->arena, "group-%03d", group).s, "recipe",
	        recipes[o->number % 3], "kind",
	        o->rollback ? "ROLLBACK" : "ROLL_FORWARD", "authoredAt",
	        when_text(o->at - o->more % DAY).s, "reason",
	        reasons[o->more / 3 % 11], "engine", "box", "intent", "path",
	        o->path, "blob", "0123456789012345678901234567890123456789");
	if (o->rollback)
		json_object_set_new(payload, "rollbackOf",
		                    json_integer(o->number - ROUND));
	return append(w, o->at, "deployment.created",
	              str_format(w->arena, "%lld", o->number).s, payload);
}

static json_t *failures_of(const struct one *o, bool failed)
{
	static const char *const categories[] = {"INFRA", "APP", "CONFIG",
	                                         "POLICY", "TIMEOUT"};
	return failed ? json_pack("[{s:s,s:s}]", "category",
	                          categories[o->more % 5], "summary", "it fell")
	              : json_array();
}

static bool ended(struct writing *w, const struct one *o)
{
	const char *subject = str_format(w->arena, "%lld", o->number).s;
	bool failed = o->chance >= 30 && o->chance < 70;
	bool canceled = o->chance >= 70 && o->chance < 80;
	/* One of four had not begun. */
	if (failed && o->more % 4 &&
	    !append(w, o->at + 5, "deployment.started", subject,
	            json_pack("{s:I,s:s,s:s}", "number", (json_int_t)o->number,
	                      "executionId", "x", "executionUrl",
	                      "http://e/x")))
		return false;
	return append(w, o->at + 10 + o->more % 80, "deployment.ended", subject,
	              json_pack("{s:I,s:s,s:o}", "number",
	                        (json_int_t)o->number, "state",
	                        failed     ? "FAILED"
	                        : canceled ? "CANCELED"
	                                   : "SUCCEEDED",
	                        "failures", failures_of(o, failed)));
}

static bool incident(struct writing *w, const struct one *o)
{
	json_t *payload = json_pack("{s:s,s:s,s:s,s:s}", "service", o->service,
	                            "environment", o->environment, "startedAt",
	                            when_text(o->at + 600).s, "resolvedAt",
	                            when_text(o->at + 900 + o->more % DAY).s);
	if (o->more % 2)
		json_object_set_new(payload, "causedBy",
		                    json_integer(o->number));
	return append(w, o->at + 90, "incident.reported", o->service, payload);
}

static bool deploy(struct writing *w, long i)
{
	struct one o = one_of(w->arena, i);
	return (i / SERVICES % 2 || o.rollback || build(w, &o)) &&
	       ((o.chance / 3) % 33 || decisions(w, &o)) && created(w, &o) &&
	       ended(w, &o) && (o.more % 500 || incident(w, &o));
}

static bool fill(struct writing *w, long n)
{
	bool fine = ledger_begin(w->l, &w->why);
	for (long i = 0; fine && i < n; i++) {
		fine = deploy(w, i);
		if (fine && i % BATCH == BATCH - 1)
			fine = ledger_commit(w->l, &w->why) &&
			       ledger_begin(w->l, &w->why);
		arena_reset(w->arena);
	}
	return fine && ledger_commit(w->l, &w->why);
}

static bool create(struct writing *w)
{
	return ledger_begin(w->l, &w->why) &&
	       append(w, BEGIN, "ledger.created", "ledger",
	              json_pack("{s:i,s:s}", "schema", LEDGER_SCHEMA,
	                        "repository",
	                        "0123456789012345678901234567890123456789")) &&
	       ledger_commit(w->l, &w->why);
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct writing w = {.arena = arena_new()};
	long n = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	if (n < 1) {
		fprintf(stderr, "bench_history: FILE N\n");
		return 2;
	}
	bool fine = ledger_open(&w.l, a, argv[1], LEDGER_WRITE, &w.why) &&
	            ledger_lease(w.l, a, &w.why) && create(&w) && fill(&w, n);
	if (!fine)
		fprintf(stderr, "bench_history: %s\n", w.why.text);
	arena_free(w.arena);
	arena_free(a);
	return !fine;
}
