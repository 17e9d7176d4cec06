#include "core/ledger_project.h"

#include "core/when.h"

enum {
	ORIGIN_ADD,
	RUN_ADD,
	RUN_END,
	DECISION_ADD,
	WAITING_FIRST,
	WAITING_PUT,
	WAITING_DROP,
	BUILD_ADD,
	SQL_COUNT
};
static const char *const sql[SQL_COUNT] = {
        [ORIGIN_ADD] = "INSERT INTO origin VALUES (1, ?1, ?2)",
        [RUN_ADD] = "INSERT INTO run VALUES"
                    " (?1, ?2, 0, ?3, '', ?4, 0, 0, 0, 0)",
        /* A run that had nothing to record has no start of its own. */
        [RUN_END] = "INSERT INTO run VALUES"
                    " (?1, ?10, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
                    " ON CONFLICT (number) DO UPDATE SET"
                    " finished_at = ?2, commit_id = ?3,"
                    " intents_tree = ?4, policy_tree = ?5, allow = ?6,"
                    " wait = ?7, deny = ?8, replay = ?9"
                    " WHERE finished_at = 0",
        [DECISION_ADD] = "INSERT INTO decision VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
                         " ?7, ?8, ?9, ?10, ?11, ?12)",
        [WAITING_FIRST] = "SELECT seq, time FROM decision WHERE path = ?1"
                          " AND blob = ?2 AND outcome = 'wait'"
                          " ORDER BY seq LIMIT 1",
        [WAITING_PUT] = "INSERT INTO waiting VALUES (?1, ?2, ?3, ?4)"
                        " ON CONFLICT (path) DO UPDATE SET seq = ?2,"
                        " first_seq = ?3, since = ?4",
        [WAITING_DROP] = "DELETE FROM waiting WHERE path = ?1",
        [BUILD_ADD] = "INSERT INTO build VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
                      " ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,"
                      " ?19, ?20)",
};
const struct ledger_sql ledger_project_sql = {"projection: ", sql, SQL_COUNT};

/* --- reading payloads --- */

bool projection_contradicts(struct projection *p, const char *what)
{
	return fail_set(p->why, FAIL_INTEGRITY, "%" STR_FMT " %" STR_FMT ": %s",
	                STR_ARG(p->e->type), STR_ARG(p->e->subject), what);
}

/* object.key where object is given, else key. */
struct str payload_text(const struct canon *payload, const char *object,
                        const char *key)
{
	return canon_text(object ? canon_member(payload, object) : payload,
	                  key);
}

/* An instant as text or as seconds; `otherwise` where there is none. */
int64_t payload_time(const struct canon *payload, const char *key,
                     int64_t otherwise)
{
	const struct canon *v = canon_member(payload, key);
	int64_t t = v && v->type == CANON_INT ? v->integer : 0;
	if (v && v->type == CANON_TEXT && !when_parse(v->text, &t))
		t = 0;
	return t > 0 ? t : otherwise;
}

/* The person: an object with email, or a text. */
struct str payload_actor(const struct canon *payload)
{
	struct str email = payload_text(payload, "actor", "email");
	return email.n ? email : canon_text(payload, "actor");
}

/* One of names (an enum's), as the static text. */
bool payload_name(struct projection *p, const char *key,
                  const char *const *names, struct str *out)
{
	int i = ledger_name_find(names, canon_text(p->payload, key));
	if (i < 0)
		return projection_contradicts(
		        p, "it does not say which of the known "
		           "states or kinds it is about");
	*out = str_of(names[i]);
	return true;
}

void payload_bind(struct query *q, const struct canon *payload,
                  const struct payload_member *m, size_t n)
{
	for (size_t i = 0; i < n; i++)
		switch (m[i].type) {
		case MEMBER_TEXT:
			query_text(
			        q, m[i].parameter,
			        payload_text(payload, m[i].object, m[i].key));
			break;
		case MEMBER_INT:
			query_int(q, m[i].parameter,
			          canon_int(payload, m[i].key));
			break;
		case MEMBER_TIME:
			query_int(q, m[i].parameter,
			          payload_time(payload, m[i].key, 0));
			break;
		}
}

/* A statement that must touch one row. */
bool projection_touch(struct projection *p, struct query *q)
{
	if (!query_run(q, p->why))
		return false;
	if (sqlite3_changes(p->l->db) == 1)
		return true;
	return projection_contradicts(
	        p, "there is no such row in a state that allows "
	           "it");
}

/* --- ledger, runs, decisions, builds --- */

static bool project_ledger_created(struct projection *p)
{
	struct query q = query_new(p->l, PART_PROJECT, ORIGIN_ADD);
	query_text(&q, 1, canon_text(p->payload, "repository"));
	query_int(&q, 2, p->e->time);
	return query_run(&q, p->why);
}

static bool project_run_started(struct projection *p)
{
	struct query q = query_new(p->l, PART_PROJECT, RUN_ADD);
	query_int(&q, 1, canon_int(p->payload, "number"));
	query_int(&q, 2, p->e->time);
	query_text(&q, 3, canon_text(p->payload, "commit"));
	query_text(&q, 4, canon_text(p->payload, "policyTree"));
	return query_run(&q, p->why);
}

static bool project_run_finished(struct projection *p)
{
	static const struct payload_member members[] = {
	        {1, NULL, "number", MEMBER_INT},
	        {3, NULL, "commit", MEMBER_TEXT},
	        {4, NULL, "intentsTree", MEMBER_TEXT},
	        {5, NULL, "policyTree", MEMBER_TEXT},
	        {6, NULL, "allow", MEMBER_INT},
	        {7, NULL, "wait", MEMBER_INT},
	        {8, NULL, "deny", MEMBER_INT},
	        {9, NULL, "replay", MEMBER_INT},
	};
	struct query q = query_new(p->l, PART_PROJECT, RUN_END);
	PAYLOAD_BIND(&q, p->payload, members);
	query_int(&q, 2, p->e->time);
	query_int(&q, 10, payload_time(p->payload, "startedAt", p->e->time));
	return projection_touch(p, &q);
}

static bool add_decision(struct projection *p)
{
	static const struct payload_member members[] = {
	        {3, NULL, "run", MEMBER_INT},
	        {4, NULL, "intent", MEMBER_TEXT},
	        {5, NULL, "blob", MEMBER_TEXT},
	        {6, NULL, "kind", MEMBER_TEXT},
	        {7, NULL, "service", MEMBER_TEXT},
	        {8, NULL, "environment", MEMBER_TEXT},
	        {9, NULL, "version", MEMBER_TEXT},
	        {10, NULL, "decision", MEMBER_TEXT},
	        {11, NULL, "code", MEMBER_TEXT},
	};
	struct query q = query_new(p->l, PART_PROJECT, DECISION_ADD);
	query_int(&q, 1, p->e->seq);
	query_int(&q, 2, p->e->time);
	PAYLOAD_BIND(&q, p->payload, members);
	query_text(&q, 12, payload_actor(p->payload));
	return query_run(&q, p->why);
}

/* It waits since this blob first waited, though it was allowed in between: an
   engine out of reach must not make it wait for ever. */
static bool put_waiting(struct projection *p, struct str path, struct str blob)
{
	struct query q = query_new(p->l, PART_PROJECT, WAITING_FIRST);
	bool row;
	query_text(&q, 1, path);
	query_text(&q, 2, blob);
	if (!query_row(&q, &row, p->why))
		return false;
	int64_t first = row ? query_get_int(&q, 0) : p->e->seq;
	int64_t since = row ? query_get_int(&q, 1) : p->e->time;
	query_end(&q);
	q = query_new(p->l, PART_PROJECT, WAITING_PUT);
	query_text(&q, 1, path);
	query_int(&q, 2, p->e->seq);
	query_int(&q, 3, first);
	query_int(&q, 4, since);
	return query_run(&q, p->why);
}

static bool project_decided(struct projection *p)
{
	struct str path = canon_text(p->payload, "intent");
	struct str outcome = canon_text(p->payload, "decision");
	if (!path.n)
		return projection_contradicts(p, "it names no intent");
	if (!add_decision(p))
		return false;
	if (str_is(canon_text(p->payload, "kind"), "release") &&
	    str_is(outcome, "allow") && !project_release(p))
		return false;
	if (str_is(outcome, "wait"))
		return put_waiting(p, path, canon_text(p->payload, "blob"));
	if (!str_is(outcome, "allow") && !str_is(outcome, "deny"))
		return str_is(outcome, "replay") ||
		       projection_contradicts(p, "it has no decision");
	struct query q = query_new(p->l, PART_PROJECT, WAITING_DROP);
	query_text(&q, 1, path);
	return query_run(&q, p->why);
}

static bool project_build(struct projection *p)
{
	static const struct payload_member members[] = {
	        {3, NULL, "service", MEMBER_TEXT},
	        {4, NULL, "version", MEMBER_TEXT},
	        {5, NULL, "group", MEMBER_TEXT},
	        {6, NULL, "artifact", MEMBER_TEXT},
	        {7, NULL, "commit", MEMBER_TEXT},
	        {8, NULL, "branch", MEMBER_TEXT},
	        {9, NULL, "sha256", MEMBER_TEXT},
	        {10, NULL, "contentType", MEMBER_TEXT},
	        {11, NULL, "repository", MEMBER_TEXT},
	        {12, "ci", "provider", MEMBER_TEXT},
	        {13, "ci", "runId", MEMBER_TEXT},
	        {14, "ci", "runUrl", MEMBER_TEXT},
	        {15, NULL, "builtAt", MEMBER_TIME},
	        {16, NULL, "sizeBytes", MEMBER_INT},
	        {18, "intent", "path", MEMBER_TEXT},
	        {19, "intent", "blob", MEMBER_TEXT},
	        {20, "intent", "commit", MEMBER_TEXT},
	};
	if (!canon_text(p->payload, "service").n ||
	    !canon_text(p->payload, "version").n)
		return projection_contradicts(
		        p, "it names no service and version");
	struct query q = query_new(p->l, PART_PROJECT, BUILD_ADD);
	query_int(&q, 1, p->e->seq);
	query_int(&q, 2, p->e->time);
	PAYLOAD_BIND(&q, p->payload, members);
	query_text(&q, 17, payload_actor(p->payload));
	return query_run(&q, p->why);
}

/* --- dispatch --- */

static const struct handler {
	const char *type;
	bool (*project)(struct projection *p);
} handlers[] = {
        {"ledger.created", project_ledger_created},
        {"run.started", project_run_started},
        {"run.finished", project_run_finished},
        {"intent.decided", project_decided},
        {"build.registered", project_build},
        {"hold.placed", project_hold},
        {"approval.given", project_approval},
        {"intent.withdrawn", project_withdrawal},
        {"incident.reported", project_incident},
        {"release.ended", project_release_ended},
        {"deployment.created", project_deployment_created},
        {"deployment.dispatching", project_deployment_dispatching},
        {"deployment.withdrawn", project_deployment_withdrawn},
        {"deployment.started", project_deployment_started},
        {"deployment.progress", project_deployment_progress},
        {"deployment.lost_contact", project_deployment_lost_contact},
        {"deployment.ended", project_deployment_ended},
        {"deployment.imported", project_deployment_imported},
        {"deployment.cancel_requested", project_cancellation},
};

static bool project(struct projection *p)
{
	for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++)
		if (str_is(p->e->type, handlers[i].type))
			return handlers[i].project(p);
	return !str_starts(p->e->type, STR("deployment.")) ||
	       project_deployment_other(p);
}

bool project_event(struct ledger *l, const struct event *e,
                   const struct canon *payload, struct fail *why)
{
	struct projection p = {l, e, payload, why};
	return project(&p) && row_event_end(l, why);
}
