/* window: when windows hold, on the days that clocks change too, and when
 * several of them together let a delivery through. */
#include "core/window.h"
#include "tests/lib/tap.h"

#include <stdlib.h>

/* A literal instant; a typing error here must not pass as 1970. */
static int64_t at(const char *text)
{
	int64_t t;
	if (!when_parse(str_of(text), &t))
		abort();
	return t;
}

/* A policy with these windows, each a line without "{kind: window, ". The
   platform is in Kathmandu. */
static struct policy *policy_of(struct arena *a, const char *windows)
{
	struct diags ds = diags_new(a);
	struct buf text = buf_new(a, 1 << 16);
	struct str rest = str_of(windows), line;
	buf_add(&text, STR("kind: platform\nname: X\n"
	                   "timezone: Asia/Kathmandu\n"));
	while (str_next(&rest, '\n', &line))
		if (line.n)
			buf_format(&text, "---\n{kind: window, %" STR_FMT "\n",
			           STR_ARG(line));
	struct source *src =
	        source_new(a, STR("policy/x.yaml"), buf_str(&text));
	struct policy *p = policy_read(a, &src, 1, &ds);
	for (size_t i = 0; i < ds.n && ds.errors; i++)
		tap_note("%s", str_cstr(a, ds.at[i].message));
	return p;
}

/*
 * Windows and what changes from an instant on: + holds, - does not. Made with
 * Python's zoneinfo, minute by minute, then read.
 */
static const struct {
	const char *name, *zone, *weekly, *since, *changes;
} weekly[] = {
        {"two days of a week", "Europe/Berlin",
         "days: [mon, tue], from: \"09:00\", to: \"16:00\"",
         "2026-06-08T00:00:00Z",
         "shut "
         "+2026-06-08T07:00:00Z "
         "-2026-06-08T14:00:00Z "
         "+2026-06-09T07:00:00Z "
         "-2026-06-09T14:00:00Z "
         "+2026-06-15T07:00:00Z"},
        {"over midnight it belongs to the day that it begins on",
         "Europe/Berlin", "days: [fri], from: \"22:00\", to: \"06:00\"",
         "2026-06-05T00:00:00Z",
         "shut "
         "+2026-06-05T20:00:00Z "
         "-2026-06-06T04:00:00Z "
         "+2026-06-12T20:00:00Z"},
        {"over midnight on the night of spring", "Europe/Berlin",
         "days: [sat], from: \"22:00\", to: \"06:00\"", "2026-03-28T12:00:00Z",
         "shut "
         "+2026-03-28T21:00:00Z "
         "-2026-03-29T04:00:00Z"},
        {"over midnight on the night of autumn", "Europe/Berlin",
         "days: [sat], from: \"22:00\", to: \"06:00\"", "2026-10-24T12:00:00Z",
         "shut "
         "+2026-10-24T20:00:00Z "
         "-2026-10-25T05:00:00Z"},
        {"to as from is a whole day", "UTC",
         "days: [wed], from: \"12:00\", to: \"12:00\"", "2026-06-10T00:00:00Z",
         "shut "
         "+2026-06-10T12:00:00Z "
         "-2026-06-11T12:00:00Z "
         "+2026-06-17T12:00:00Z"},
        {"24:00, a quarter of an hour off", "Asia/Kathmandu",
         "days: [sat], from: \"18:00\", to: \"24:00\"", "2026-06-06T00:00:00Z",
         "shut "
         "+2026-06-06T12:15:00Z "
         "-2026-06-06T18:15:00Z "
         "+2026-06-13T12:15:00Z"},
        {"two days that meet are one stretch, an hour short",
         "America/New_York", "days: [sat, sun], from: \"00:00\", to: \"24:00\"",
         "2026-03-06T00:00:00Z",
         "shut "
         "+2026-03-07T05:00:00Z "
         "-2026-03-09T04:00:00Z "
         "+2026-03-14T04:00:00Z"},
        {"and an hour long in autumn", "America/New_York",
         "days: [sat, sun], from: \"00:00\", to: \"24:00\"",
         "2026-10-30T00:00:00Z",
         "shut "
         "+2026-10-31T04:00:00Z "
         "-2026-11-02T05:00:00Z "
         "+2026-11-07T05:00:00Z"},
        {"in midweek the stretch before has ended", "UTC",
         "days: [mon], from: \"00:00\", to: \"24:00\"", "2026-06-10T00:00:00Z",
         "shut "
         "+2026-06-15T00:00:00Z "
         "-2026-06-16T00:00:00Z"},
        {"what opens in the skipped hour opens at the jump", "Europe/Berlin",
         "days: [sun], from: \"02:30\", to: \"04:00\"", "2026-03-28T12:00:00Z",
         "shut "
         "+2026-03-29T01:00:00Z "
         "-2026-03-29T02:00:00Z "
         "+2026-04-05T00:30:00Z"},
        {"what closes in it closes at the jump", "Europe/Berlin",
         "days: [sun], from: \"01:00\", to: \"02:30\"", "2026-03-28T12:00:00Z",
         "shut "
         "+2026-03-29T00:00:00Z "
         "-2026-03-29T01:00:00Z "
         "+2026-04-04T23:00:00Z"},
        {"what lies in it does not occur", "Europe/Berlin",
         "days: [sun], from: \"02:10\", to: \"02:50\"", "2026-03-28T12:00:00Z",
         "shut "
         "+2026-04-05T00:10:00Z "
         "-2026-04-05T00:50:00Z"},
        {"what opens in the hour shown twice opens at the first",
         "Europe/Berlin", "days: [sun], from: \"02:30\", to: \"04:00\"",
         "2026-10-24T12:00:00Z",
         "shut "
         "+2026-10-25T00:30:00Z "
         "-2026-10-25T03:00:00Z "
         "+2026-11-01T01:30:00Z"},
        {"what closes in it closes at the first", "Europe/Berlin",
         "days: [sun], from: \"01:00\", to: \"02:30\"", "2026-10-24T12:00:00Z",
         "shut "
         "+2026-10-24T23:00:00Z "
         "-2026-10-25T00:30:00Z "
         "+2026-11-01T00:00:00Z"},
        {"what lies in it occurs once", "Europe/Berlin",
         "days: [sun], from: \"02:10\", to: \"02:50\"", "2026-10-24T12:00:00Z",
         "shut "
         "+2026-10-25T00:10:00Z "
         "-2026-10-25T00:50:00Z "
         "+2026-11-01T01:10:00Z"},
        {"in the hour shown again it stays shut", "Europe/Berlin",
         "days: [sun], from: \"01:00\", to: \"02:30\"", "2026-10-25T01:10:00Z",
         "shut "
         "+2026-11-01T00:00:00Z"},
        {"the skipped hour of New York", "America/New_York",
         "days: [sun], from: \"02:30\", to: \"03:30\"", "2026-03-07T12:00:00Z",
         "shut "
         "+2026-03-08T07:00:00Z "
         "-2026-03-08T07:30:00Z "
         "+2026-03-15T06:30:00Z"},
        {"the hour that New York shows twice", "America/New_York",
         "days: [sun], from: \"01:30\", to: \"02:30\"", "2026-10-31T12:00:00Z",
         "shut "
         "+2026-11-01T05:30:00Z "
         "-2026-11-01T07:30:00Z "
         "+2026-11-08T06:30:00Z"},
        {"the half hour that Lord Howe skips", "Australia/Lord_Howe",
         "days: [sun], from: \"02:15\", to: \"03:00\"", "2026-10-03T00:00:00Z",
         "shut "
         "+2026-10-03T15:30:00Z "
         "-2026-10-03T16:00:00Z "
         "+2026-10-10T15:15:00Z"},
        {"and the one that it shows twice", "Australia/Lord_Howe",
         "days: [sun], from: \"01:45\", to: \"02:30\"", "2026-04-04T00:00:00Z",
         "shut "
         "+2026-04-04T14:45:00Z "
         "-2026-04-04T16:00:00Z "
         "+2026-04-11T15:15:00Z"},
        {"a Friday that Apia did not have", "Pacific/Apia",
         "days: [fri], from: \"09:00\", to: \"17:00\"", "2011-12-29T00:00:00Z",
         "shut "
         "+2012-01-05T19:00:00Z "
         "-2012-01-06T03:00:00Z"},
        {"a night cut short by it", "Pacific/Apia",
         "days: [thu], from: \"22:00\", to: \"06:00\"", "2011-12-30T00:00:00Z",
         "shut "
         "+2011-12-30T08:00:00Z "
         "-2011-12-30T10:00:00Z "
         "+2012-01-05T08:00:00Z"},
        {"its night, from the jump on", "Pacific/Apia",
         "days: [fri], from: \"22:00\", to: \"06:00\"", "2011-12-30T00:00:00Z",
         "shut "
         "+2011-12-30T10:00:00Z "
         "-2011-12-30T16:00:00Z "
         "+2012-01-06T08:00:00Z"},
        {"a clock set back over midnight", "America/St_Johns",
         "days: [sun], from: \"00:00\", to: \"01:00\"", "2006-10-28T12:00:00Z",
         "shut "
         "+2006-10-29T02:30:00Z "
         "-2006-10-29T04:30:00Z"},
        {"a week without a gap", "Europe/Berlin",
         "days: [mon, tue, wed, thu, fri, sat, sun], from: \"00:00\", to: \"24:00\"",
         "2026-10-20T00:00:00Z", "open"},
        {"a gap of an hour that falls into the skipped one", "Europe/Berlin",
         "days: [mon, tue, wed, thu, fri, sat, sun], from: \"03:00\", to: \"02:00\"",
         "2026-03-28T12:00:00Z",
         "open "
         "-2026-03-30T00:00:00Z "
         "+2026-03-30T01:00:00Z"},
        {"and is two hours long in autumn", "Europe/Berlin",
         "days: [mon, tue, wed, thu, fri, sat, sun], from: \"03:00\", to: \"02:00\"",
         "2026-10-24T12:00:00Z",
         "open "
         "-2026-10-25T00:00:00Z "
         "+2026-10-25T02:00:00Z"},
};

static struct str changes(struct arena *a, const struct window *w, int64_t t,
                          size_t n)
{
	struct buf out = buf_new(a, 4096);
	struct window_state state = window_at(w, t);
	buf_add(&out, str_of(state.holds ? "open" : "shut"));
	for (size_t i = 0; i < n && state.until != WINDOW_NEVER; i++) {
		struct window_state before = window_at(w, state.until - 1);
		if (before.holds != state.holds || before.until != state.until)
			buf_add(&out, STR(" early"));
		t = state.until;
		state = window_at(w, t);
		buf_format(&out, " %c%s", state.holds ? '+' : '-',
		           when_text(t).s);
	}
	return buf_str(&out);
}

static size_t count(const char *s, char c)
{
	size_t n = 0;
	for (; *s; s++)
		n += *s == c;
	return n;
}

static void test_weekly(struct arena *a)
{
	for (size_t i = 0; i < sizeof weekly / sizeof *weekly; i++) {
		struct policy *p = policy_of(
		        a, str_format(a,
		                      "id: w, type: allow, scope: {}, "
		                      "timezone: %s, when: {weekly: {%s}}}",
		                      weekly[i].zone, weekly[i].weekly)
		                   .s);
		size_t n = count(weekly[i].changes, ' ');
		is_str(changes(a, p->windows.at[0], at(weekly[i].since),
		               n ? n : 9),
		       weekly[i].changes, "%s: %s", weekly[i].zone,
		       weekly[i].name);
	}
}

static void test_zone(struct arena *a)
{
	const char *when = "scope: {}, type: allow, when: {weekly: "
	                   "{days: [mon], from: \"09:00\", to: \"10:00\"}}";
	struct policy *p = policy_of(
	        a, str_format(a, "id: own, %s}\nid: utc, timezone: UTC, %s}",
	                      when, when)
	                   .s);
	int64_t sunday = at("2026-06-07T00:00:00Z");
	is_str(changes(a, p->windows.at[0], sunday, 1),
	       "shut +2026-06-08T03:15:00Z",
	       "a window without a zone is in the platform's");
	is_str(changes(a, p->windows.at[1], sunday, 1),
	       "shut +2026-06-08T09:00:00Z", "one in UTC is in UTC");
}

static void test_dated(struct arena *a)
{
	struct policy *p =
	        policy_of(a, "id: peak, type: deny, scope: {}, when: {dated: "
	                     "{from: 2026-11-25T00:00:00Z, "
	                     "to: 2026-12-01T06:00:00Z}}}");
	is_str(changes(a, p->windows.at[0], at("2026-01-01T00:00:00Z"), 9),
	       "shut +2026-11-25T00:00:00Z -2026-12-01T06:00:00Z",
	       "dates hold from the first instant to the last, once");
}

#define EVERY_DAY "days: [mon, tue, wed, thu, fri, sat, sun]"
#define OFFICE                                                             \
	"id: office, type: allow, scope: {environments: [prod]}, "         \
	"timezone: UTC, when: {weekly: {days: [mon, tue, wed, thu, fri], " \
	"from: \"09:00\", to: \"16:00\"}}}\n"
#define PEAK                                                    \
	"id: peak, type: deny, scope: {environments: [prod]}, " \
	"when: {dated: {from: 2026-11-24T12:00:00Z, "           \
	"to: 2026-11-26T17:00:00Z}}}\n"
#define AUDIT                                                        \
	"id: audit, type: deny, scope: {groups: [pay]}, rollbacks: " \
	"included, when: {dated: {from: 2026-11-26T17:00:00Z, "      \
	"to: 2026-11-27T10:00:00Z}}}\n"
#define LATE                                                 \
	"id: late, type: allow, scope: {services: [shop]}, " \
	"timezone: UTC, when: {weekly: {days: [thu], "       \
	"from: \"20:00\", to: \"22:00\"}}}\n"

/* Monday is 2026-11-23. The query is pay/prod/shop where not said. */
static const struct {
	const char *name, *windows, *now, *pass;
	const char *group, *environment;
	bool rollback;
} passes[] = {
        {"no windows", "", "2026-11-23T08:00:00Z", "2026-11-23T08:00:00Z", NULL,
         NULL, false},
        {"open", OFFICE, "2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z", NULL,
         NULL, false},
        {"before it opens", OFFICE, "2026-11-23T08:59:59Z",
         "2026-11-23T09:00:00Z office", NULL, NULL, false},
        {"over the weekend", OFFICE, "2026-11-27T16:00:00Z",
         "2026-11-30T09:00:00Z office", NULL, NULL, false},
        {"another environment", OFFICE PEAK, "2026-11-25T00:00:00Z",
         "2026-11-25T00:00:00Z", NULL, "dev", false},
        {"any of the windows", OFFICE LATE, "2026-11-26T18:00:00Z",
         "2026-11-26T20:00:00Z late", NULL, NULL, false},
        {"only what concerns it", OFFICE LATE, "2026-11-26T18:00:00Z",
         "2026-11-26T20:00:00Z late", NULL, "dev", false},
        {"a freeze ends in an open window", OFFICE AUDIT,
         "2026-11-27T08:00:00Z", "2026-11-27T10:00:00Z audit", NULL, NULL,
         false},
        {"a freeze ends when the window is closed", OFFICE PEAK,
         "2026-11-25T10:00:00Z", "2026-11-27T09:00:00Z office", NULL, NULL,
         false},
        {"freezes that follow each other, then the window", OFFICE PEAK AUDIT,
         "2026-11-24T12:00:00Z", "2026-11-27T10:00:00Z audit", NULL, NULL,
         false},
        {"another group has one of them", OFFICE PEAK AUDIT,
         "2026-11-24T12:00:00Z", "2026-11-27T09:00:00Z office", "web", NULL,
         false},
        {"a closed window that opens into a freeze", OFFICE PEAK,
         "2026-11-23T20:00:00Z", "2026-11-24T09:00:00Z office", NULL, NULL,
         false},
        {"rollbacks heed what includes them", OFFICE PEAK AUDIT,
         "2026-11-26T20:00:00Z", "2026-11-27T10:00:00Z audit", NULL, NULL,
         true},
        {"and nothing else", OFFICE PEAK, "2026-11-25T20:00:00Z",
         "2026-11-25T20:00:00Z", NULL, NULL, true},
        {"windows that are over",
         "id: once, type: allow, scope: {}, when: {dated: "
         "{from: 2026-01-01T00:00:00Z, to: 2026-01-02T00:00:00Z}}}",
         "2026-11-23T08:00:00Z", "never", NULL, NULL, false},
        {"a freeze for ever",
         "id: w, type: deny, scope: {}, when: {weekly: {" EVERY_DAY
         ", from: \"00:00\", to: \"24:00\"}}}",
         "2026-11-23T08:00:00Z", "never", NULL, NULL, false},
        {"two freezes that leave no gap",
         "id: a, type: deny, scope: {}, when: {weekly: {" EVERY_DAY
         ", from: \"06:00\", to: \"18:00\"}}}\n"
         "id: b, type: deny, scope: {}, when: {weekly: {" EVERY_DAY
         ", from: \"18:00\", to: \"06:00\"}}}",
         "2026-11-23T08:00:00Z", "never", NULL, NULL, false},
        {"a window that freezes cover",
         "id: a, type: allow, scope: {}, when: {weekly: {" EVERY_DAY
         ", from: \"10:00\", to: \"12:00\"}}}\n"
         "id: b, type: deny, scope: {}, when: {weekly: {" EVERY_DAY
         ", from: \"09:00\", to: \"12:00\"}}}",
         "2026-11-23T08:00:00Z", "never", NULL, NULL, false},
        {"an instant is enough, once a year or so",
         "id: a, type: allow, scope: {}, timezone: Europe/Berlin, when: "
         "{weekly: {days: [sun], from: \"03:00\", to: \"04:00\"}}}\n"
         "id: b, type: deny, scope: {}, timezone: UTC, when: "
         "{weekly: {days: [sun], from: \"01:30\", to: \"03:00\"}}}",
         "2026-11-23T08:00:00Z", "2027-03-28T01:00:00Z a", NULL, NULL, false},
        {"years of freeze have an end",
         "id: long, type: deny, scope: {}, when: {dated: "
         "{from: 2026-01-01T00:00:00Z, to: 2031-01-01T00:00:00Z}}}\n" OFFICE,
         "2026-11-23T08:00:00Z", "2031-01-01T09:00:00Z office", NULL, NULL,
         false},
};

static struct str change_text(struct arena *a, struct window_change change)
{
	if (change.at == WINDOW_NEVER)
		return STR("never");
	return str_format(
	        a, "%s%s%" STR_FMT, when_text(change.at).s,
	        change.window ? " " : "",
	        STR_ARG(change.window ? change.window->id.s : STR("")));
}

static void test_pass(struct arena *a)
{
	for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
		const char *group = passes[i].group;
		const char *environment = passes[i].environment;
		struct window_query q = {
		        .policy = policy_of(a, passes[i].windows),
		        .group = str_of(group ? group : "pay"),
		        .environment =
		                str_of(environment ? environment : "prod"),
		        .service = STR("shop"),
		        .rollback = passes[i].rollback};
		struct window_change pass = windows_pass(&q, at(passes[i].now));
		is_str(change_text(a, pass), passes[i].pass, "%s",
		       passes[i].name);
	}
}

static void test_several(struct arena *a)
{
	struct window_query q = {.policy = policy_of(a, OFFICE PEAK AUDIT LATE),
	                         .group = STR("pay"),
	                         .environment = STR("prod"),
	                         .service = STR("shop")};
	struct windows w =
	        windows_at(&q, WINDOW_DENY, at("2026-11-25T00:00:00Z"));
	ok(w.n == 2 && !w.exempt, "two freezes concern it");
	is_str(w.holds->id.s, "peak", "one holds");
	is_str(w.begins->id.s, "audit", "the other begins later");
	is_int(w.begins_at, at("2026-11-26T17:00:00Z"), "when it says");
	is_str(change_text(a, windows_change(&q, WINDOW_DENY,
	                                     at("2026-11-25T00:00:00Z"))),
	       "2026-11-27T10:00:00Z audit",
	       "they meet: the second ends the freeze");
	is_str(change_text(a, windows_change(&q, WINDOW_DENY,
	                                     at("2026-11-23T00:00:00Z"))),
	       "2026-11-24T12:00:00Z peak", "the first begins it");
	is_str(change_text(a, windows_change(&q, WINDOW_DENY,
	                                     at("2026-11-27T10:00:00Z"))),
	       "never", "after them nothing changes");
	is_str(change_text(a, windows_change(&q, WINDOW_ALLOW,
	                                     at("2026-11-26T15:59:59Z"))),
	       "2026-11-26T16:00:00Z office", "an open window closes");
	q.rollback = true;
	w = windows_at(&q, WINDOW_DENY, at("2026-11-25T00:00:00Z"));
	ok(w.n == 1 && w.exempt == 1, "a rollback is exempt from one");
	ok(!w.holds && w.holds_until == WINDOW_NEVER, "which was all it had");
}

/* The scope's keys are and-ed, their members or-ed. */
static const struct {
	const char *scope;
	bool covers; /* pay/prod/shop */
} scopes[] = {
        {"{}", true},
        {"{groups: [pay]}", true},
        {"{groups: [web]}", false},
        {"{groups: [web, pay]}", true},
        {"{environments: [prod]}", true},
        {"{environments: [dev, test]}", false},
        {"{services: [shop]}", true},
        {"{services: [cart]}", false},
        {"{groups: [pay], environments: [prod], services: [shop]}", true},
        {"{groups: [pay], environments: [prod], services: [cart]}", false},
        {"{groups: [pay], environments: [dev]}", false},
        {"{groups: [Pay]}", false},
};

static void test_scopes(struct arena *a)
{
	for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++) {
		struct policy *p = policy_of(
		        a, str_format(a,
		                      "id: w, type: deny, scope: %s, when: "
		                      "{weekly: {days: [mon], from: \"09:00\", "
		                      "to: \"10:00\"}}}",
		                      scopes[i].scope)
		                   .s);
		ok(scope_covers(&p->windows.at[0]->scope, STR("pay"),
		                STR("prod"), STR("shop")) == scopes[i].covers,
		   "%s %s pay/prod/shop", scopes[i].scope,
		   scopes[i].covers ? "covers" : "does not cover");
	}
}

int main(void)
{
	struct arena *a = arena_new();
	test_weekly(a);
	test_zone(a);
	test_dated(a);
	test_scopes(a);
	test_several(a);
	test_pass(a);
	arena_free(a);
	return tap_done();
}
