#include "tests/lib/recorded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void give_up(const char *doing, const struct fail *why)
{
	printf("Bail out! %s: %s (%s)\n", doing, why->text, why->hint);
	exit(1);
}

struct ledger *ledger_at(struct arena *a, const char *path,
                         enum ledger_mode mode)
{
	struct ledger *l;
	struct fail why = {0};
	if (!ledger_open(&l, a, path, mode, &why))
		give_up(path, &why);
	return l;
}

static bool record_text(struct ledger *l, int64_t time, const char *type,
                        const char *subject, struct str text, struct fail *why)
{
	struct arena *a = arena_new();
	char *s = arena_alloc(a, text.n);
	json_t *payload;
	for (size_t i = 0; i < text.n; i++)
		s[i] = text.s[i] == '\'' ? '"' : text.s[i];
	if (!json_read(&payload, a, (struct str){s, text.n}, why))
		give_up(s, why);
	bool done = ledger_begin(l, why) &&
	            ledger_append(l, time, type, str_of(subject), STR("me"),
	                          payload, NULL, why) &&
	            ledger_commit(l, why);
	if (!done)
		ledger_rollback(l);
	arena_free(a);
	return done;
}

bool recorded_try(struct ledger *l, int64_t time, const char *type,
                  const char *subject, struct fail *why, const char *fmt, ...)
{
	struct arena *a = arena_new();
	va_list args;
	va_start(args, fmt);
	struct str text = str_vformat(a, fmt, args);
	va_end(args);
	bool done = record_text(l, time, type, subject, text, why);
	arena_free(a);
	return done;
}

void record(struct ledger *l, int64_t time, const char *type,
            const char *subject, const char *fmt, ...)
{
	struct arena *a = arena_new();
	struct fail why = {0};
	va_list args;
	va_start(args, fmt);
	struct str text = str_vformat(a, fmt, args);
	va_end(args);
	if (!record_text(l, time, type, subject, text, &why))
		give_up(type, &why);
	arena_free(a);
}

static const char *subject_of(int number)
{
	static char text[16];
	snprintf(text, sizeof text, "%d", number);
	return text;
}

void recorded_created(struct ledger *l, int64_t time, int number,
                      const char *service, const char *version,
                      const char *more)
{
	record(l, time, "deployment.created", subject_of(number),
	       "{'number':%d,'token':'dxcp-%d','service':'%s',"
	       "'environment':'prod','version':'%s','group':'g',"
	       "'recipe':'standard','engine':'box'%s%s}",
	       number, number, service, version,
	       strstr(more, "'kind'") ? "" : ",'kind':'ROLL_FORWARD'", more);
}

void recorded_dispatching(struct ledger *l, int64_t time, int number)
{
	record(l, time, "deployment.dispatching", subject_of(number),
	       "{'number':%d,'attempt':1}", number);
}

void recorded_started(struct ledger *l, int64_t time, int number)
{
	record(l, time, "deployment.started", subject_of(number),
	       "{'number':%d,'executionId':'x%d','executionUrl':'http://e/x'}",
	       number, number);
}

void recorded_ended(struct ledger *l, int64_t time, int number,
                    const char *state)
{
	const char *failures =
	        strcmp(state, "FAILED")
	                ? ""
	                : "{'category':'APP','summary':'it fell','detail':'',"
	                  "'hint':'look','observedAt':'1970-01-01T00:01:00Z'}";
	record(l, time, "deployment.ended", subject_of(number),
	       "{'number':%d,'state':'%s','failures':[%s]}", number, state,
	       failures);
}

void recorded_deployed(struct ledger *l, int64_t time, int number,
                       const char *service, const char *version,
                       const char *more)
{
	recorded_created(l, time, number, service, version, more);
	recorded_dispatching(l, time + 1, number);
	recorded_started(l, time + 2, number);
	recorded_ended(l, time + 10, number, "SUCCEEDED");
}

struct str decided_blob(struct arena *a, char blob)
{
	char *s = arena_alloc(a, 40);
	memset(s, blob, 40);
	return (struct str){s, 40};
}

void recorded_decided(struct ledger *l, int64_t time, const char *path,
                      char blob, const char *decision, const char *code)
{
	struct arena *a = arena_new();
	struct str id = decided_blob(a, blob);
	record(l, time, "intent.decided", path,
	       "{'intent':'intents/%s','blob':'%.*s','kind':'deploy',"
	       "'service':'checkout','environment':'prod','version':'1.0.0',"
	       "'decision':'%s','code':'%s','run':1,"
	       "'actor':{'email':'ada@example.com','role':'DELIVERY_OWNER'}}",
	       path, (int)id.n, id.s, decision, code);
	arena_free(a);
}
