#include "core/ledger_schema.h"

#include <assert.h>
#include <stdio.h>

/* --- the truth -------------------------------------------------------------
 */

#define EVENT_TABLE                                    \
	"CREATE TABLE event (\n"                       \
	"  seq INTEGER PRIMARY KEY,\n"                 \
	"  time INTEGER NOT NULL,\n"                   \
	"  type TEXT NOT NULL,\n"                      \
	"  subject TEXT NOT NULL,\n"                   \
	"  actor TEXT NOT NULL,\n"                     \
	"  payload TEXT NOT NULL, -- canonical JSON\n" \
	"  prev_hash TEXT NOT NULL,\n"                 \
	"  hash TEXT NOT NULL\n"                       \
	") STRICT"
static const char no_update_trigger[] =
        "CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN\n"
        "  SELECT raise(ABORT, 'the event table is append-only');\n"
        "END";

static const char no_delete_trigger[] =
        "CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN\n"
        "  SELECT raise(ABORT, 'the event table is append-only');\n"
        "END";

/* INSERT OR REPLACE would take a row away without the trigger above. */
static const char no_gap_trigger[] =
        "CREATE TRIGGER event_no_gap BEFORE INSERT ON event\n"
        "WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event)\n"
        "BEGIN\n"
        "  SELECT raise(ABORT, 'an event goes to the end of the chain');\n"
        "END";

/* migrations[v] brings the event table from version v to v + 1. */
static const char *const migrations[LEDGER_SCHEMA] = {
        EVENT_TABLE,
};

/* --- projections -----------------------------------------------------------
 */

static const char origin_table[] = "CREATE TABLE origin (\n"
                                   "  id INTEGER PRIMARY KEY CHECK (id = 1),\n"
                                   "  repository TEXT NOT NULL,\n"
                                   "  created_at INTEGER NOT NULL\n"
                                   ") STRICT";

static const char run_table[] = "CREATE TABLE run (\n"
                                "  number INTEGER PRIMARY KEY,\n"
                                "  started_at INTEGER NOT NULL,\n"
                                "  finished_at INTEGER NOT NULL,\n"
                                "  commit_id TEXT NOT NULL,\n"
                                "  intents_tree TEXT NOT NULL,\n"
                                "  policy_tree TEXT NOT NULL,\n"
                                "  allow INTEGER NOT NULL,\n"
                                "  wait INTEGER NOT NULL,\n"
                                "  deny INTEGER NOT NULL,\n"
                                "  replay INTEGER NOT NULL\n"
                                ") STRICT";

static const char decision_table[] =
        "CREATE TABLE decision (\n"
        "  seq INTEGER PRIMARY KEY, -- of the event, which has the document\n"
        "  time INTEGER NOT NULL,\n"
        "  run INTEGER NOT NULL,\n"
        "  path TEXT NOT NULL,\n"
        "  blob TEXT NOT NULL,\n"
        "  kind TEXT NOT NULL,\n"
        "  service TEXT NOT NULL,\n"
        "  environment TEXT NOT NULL,\n"
        "  version TEXT NOT NULL,\n"
        "  outcome TEXT NOT NULL,\n"
        "  code TEXT NOT NULL,\n"
        "  actor TEXT NOT NULL\n"
        ") STRICT";

static const char waiting_table[] =
        "CREATE TABLE waiting (\n"
        "  path TEXT PRIMARY KEY,\n"
        "  seq INTEGER NOT NULL, -- of its last decision\n"
        "  first_seq INTEGER NOT NULL, -- of this blob's first wait\n"
        "  since INTEGER NOT NULL -- the time of that\n"
        ") STRICT, WITHOUT ROWID";

static const char build_table[] = "CREATE TABLE build (\n"
                                  "  seq INTEGER PRIMARY KEY,\n"
                                  "  time INTEGER NOT NULL,\n"
                                  "  service TEXT NOT NULL,\n"
                                  "  version TEXT NOT NULL,\n"
                                  "  group_id TEXT NOT NULL,\n"
                                  "  artifact TEXT NOT NULL,\n"
                                  "  commit_id TEXT NOT NULL,\n"
                                  "  branch TEXT NOT NULL,\n"
                                  "  sha256 TEXT NOT NULL,\n"
                                  "  content_type TEXT NOT NULL,\n"
                                  "  repository TEXT NOT NULL,\n"
                                  "  ci_provider TEXT NOT NULL,\n"
                                  "  ci_run_id TEXT NOT NULL,\n"
                                  "  ci_run_url TEXT NOT NULL,\n"
                                  "  built_at INTEGER NOT NULL,\n"
                                  "  size_bytes INTEGER NOT NULL,\n"
                                  "  actor TEXT NOT NULL,\n"
                                  "  intent_path TEXT NOT NULL,\n"
                                  "  intent_blob TEXT NOT NULL,\n"
                                  "  intent_commit TEXT NOT NULL\n"
                                  ") STRICT";

static const char deployment_table[] =
        "CREATE TABLE deployment (\n"
        "  number INTEGER PRIMARY KEY,\n"
        "  token TEXT NOT NULL,\n"
        "  service TEXT NOT NULL,\n"
        "  environment TEXT NOT NULL,\n"
        "  version TEXT NOT NULL,\n"
        "  previous_version TEXT NOT NULL,\n"
        "  group_id TEXT NOT NULL,\n"
        "  recipe TEXT NOT NULL,\n"
        "  recipe_revision INTEGER NOT NULL,\n"
        "  kind TEXT NOT NULL,\n"
        "  state TEXT NOT NULL,\n"
        "  outcome TEXT NOT NULL,\n"
        "  rollback_of INTEGER NOT NULL,\n"
        "  source_environment TEXT NOT NULL,\n"
        "  summary TEXT NOT NULL,\n"
        "  ticket TEXT NOT NULL,\n"
        "  actor_email TEXT NOT NULL,\n"
        "  actor_role TEXT NOT NULL,\n"
        "  actor_name TEXT NOT NULL,\n"
        "  created_at INTEGER NOT NULL,\n"
        "  dispatched_at INTEGER NOT NULL,\n"
        "  started_at INTEGER NOT NULL,\n"
        "  finished_at INTEGER NOT NULL, -- 0: not terminal\n"
        "  engine TEXT NOT NULL,\n"
        "  execution_id TEXT NOT NULL,\n"
        "  execution_url TEXT NOT NULL,\n"
        "  intent_path TEXT NOT NULL,\n"
        "  intent_blob TEXT NOT NULL,\n"
        "  intent_commit TEXT NOT NULL,\n"
        "  timeout_s INTEGER NOT NULL,\n"
        "  imported INTEGER NOT NULL CHECK (imported IN (0, 1)),\n"
        "  digest TEXT NOT NULL, -- of the line that it was imported from\n"
        "  decision_seq INTEGER NOT NULL -- of what allowed it; 0: none\n"
        ") STRICT";

static const char failure_table[] =
        "CREATE TABLE failure (\n"
        "  number INTEGER NOT NULL REFERENCES deployment (number),\n"
        "  ordinal INTEGER NOT NULL,\n"
        "  category TEXT NOT NULL,\n"
        "  summary TEXT NOT NULL,\n"
        "  detail TEXT NOT NULL,\n"
        "  hint TEXT NOT NULL,\n"
        "  observed_at INTEGER NOT NULL,\n"
        "  PRIMARY KEY (number, ordinal)\n"
        ") STRICT, WITHOUT ROWID";

static const char timeline_table[] =
        "CREATE TABLE timeline (\n"
        "  number INTEGER NOT NULL REFERENCES deployment (number),\n"
        "  seq INTEGER NOT NULL,\n"
        "  at INTEGER NOT NULL,\n"
        "  event TEXT NOT NULL,\n"
        "  detail TEXT NOT NULL,\n"
        "  PRIMARY KEY (number, seq)\n"
        ") STRICT, WITHOUT ROWID";

static const char running_table[] =
        "CREATE TABLE running (\n"
        "  service TEXT NOT NULL,\n"
        "  environment TEXT NOT NULL,\n"
        "  number INTEGER NOT NULL REFERENCES deployment (number),\n"
        "  PRIMARY KEY (service, environment)\n"
        ") STRICT, WITHOUT ROWID";

/* Numbers below the highest whose deployment was withdrawn. */
static const char free_number_table[] = "CREATE TABLE free_number (\n"
                                        "  number INTEGER PRIMARY KEY\n"
                                        ") STRICT";

static const char hold_table[] = "CREATE TABLE hold (\n"
                                 "  seq INTEGER PRIMARY KEY,\n"
                                 "  time INTEGER NOT NULL,\n"
                                 "  service TEXT NOT NULL,\n"
                                 "  environment TEXT NOT NULL,\n"
                                 "  version TEXT NOT NULL,\n"
                                 "  until INTEGER NOT NULL, -- 0: no end\n"
                                 "  summary TEXT NOT NULL,\n"
                                 "  actor TEXT NOT NULL,\n"
                                 "  intent_path TEXT NOT NULL\n"
                                 ") STRICT";

static const char approval_table[] =
        "CREATE TABLE approval (\n"
        "  seq INTEGER PRIMARY KEY,\n"
        "  time INTEGER NOT NULL,\n"
        "  path TEXT NOT NULL, -- of the intent that it is about\n"
        "  blob TEXT NOT NULL, -- that was approved\n"
        "  decision TEXT NOT NULL,\n"
        "  summary TEXT NOT NULL,\n"
        "  actor TEXT NOT NULL,\n"
        "  intent_path TEXT NOT NULL\n"
        ") STRICT";

/* Intents that are not to be acted on any more. */
static const char withdrawal_table[] =
        "CREATE TABLE withdrawal (\n"
        "  seq INTEGER PRIMARY KEY,\n"
        "  time INTEGER NOT NULL,\n"
        "  path TEXT NOT NULL, -- of the intent that it is about\n"
        "  summary TEXT NOT NULL,\n"
        "  actor TEXT NOT NULL,\n"
        "  intent_path TEXT NOT NULL\n"
        ") STRICT";

/* Deployments that the engine is to stop; the first time that it was asked. */
static const char cancellation_table[] =
        "CREATE TABLE cancellation (\n"
        "  number INTEGER PRIMARY KEY REFERENCES deployment (number),\n"
        "  seq INTEGER NOT NULL,\n"
        "  time INTEGER NOT NULL,\n"
        "  actor TEXT NOT NULL,\n"
        "  intent_path TEXT NOT NULL\n"
        ") STRICT";

static const char incident_table[] =
        "CREATE TABLE incident (\n"
        "  seq INTEGER PRIMARY KEY,\n"
        "  time INTEGER NOT NULL,\n"
        "  service TEXT NOT NULL,\n"
        "  environment TEXT NOT NULL,\n"
        "  started_at INTEGER NOT NULL,\n"
        "  resolved_at INTEGER NOT NULL, -- 0: not yet\n"
        "  caused_by INTEGER NOT NULL, -- number of a deployment; 0: none\n"
        "  severity TEXT NOT NULL,\n"
        "  summary TEXT NOT NULL,\n"
        "  actor TEXT NOT NULL,\n"
        "  intent_path TEXT NOT NULL\n"
        ") STRICT";

/* Releases that were allowed; their members are the deployments of the
   decision. */
static const char release_table[] =
        "CREATE TABLE release (\n"
        "  seq INTEGER PRIMARY KEY, -- of the decision\n"
        "  path TEXT NOT NULL,\n"
        "  blob TEXT NOT NULL,\n"
        "  state TEXT NOT NULL, -- empty: it goes on\n"
        "  ended_at INTEGER NOT NULL -- 0: it goes on\n"
        ") STRICT";

/* --- views -----------------------------------------------------------------
 */

#define TIME_TEXT(column) \
	"strftime('%Y-%m-%dT%H:%M:%SZ', nullif(" column ", 0), 'unixepoch')"

static const char deployments_view[] =
        "CREATE VIEW v_deployments AS SELECT number,\n"
        "  nullif(token, '') AS token, service, environment, version,\n"
        "  nullif(previous_version, '') AS previous_version,\n"
        "  nullif(group_id, '') AS \"group\", nullif(recipe, '') AS recipe,\n"
        "  nullif(recipe_revision, 0) AS recipe_revision, kind, state,\n"
        "  nullif(outcome, '') AS outcome,\n"
        "  nullif(rollback_of, 0) AS rollback_of,\n"
        "  nullif(source_environment, '') AS source_environment,\n"
        "  nullif(summary, '') AS summary,\n"
        "  json_object('email', nullif(actor_email, ''),\n"
        "    'role', nullif(actor_role, '')) AS actor,\n"
        "  " TIME_TEXT(
                "created_at") " AS created_at,\n"
                              "  " TIME_TEXT(
                                      "dispatched_at") " AS dispatched_at,\n"
                                                       "  " TIME_TEXT(
                                                               "started_at") " AS started_at,\n"
                                                                             "  " TIME_TEXT(
                                                                                     "finished_at") " AS finished_at,\n"
                                                                                                    "  nullif(engine, '') AS engine,\n"
                                                                                                    "  nullif(execution_id, '') AS engine_execution_id,\n"
                                                                                                    "  nullif(execution_url, '') AS engine_execution_url,\n"
                                                                                                    "  json_object('path', nullif(intent_path, ''),\n"
                                                                                                    "    'blob', nullif(intent_blob, ''),\n"
                                                                                                    "    'commit', nullif(intent_commit, '')) AS intent,\n"
                                                                                                    "  (SELECT json_group_array(json_object('category', f.category,\n"
                                                                                                    "      'summary', nullif(f.summary, ''),\n"
                                                                                                    "      'detail', nullif(f.detail, ''), 'hint', nullif(f.hint, ''),\n"
                                                                                                    "      'observedAt', " TIME_TEXT(
                                                                                                            "f.observed_at") "))\n"
                                                                                                                             "    FROM failure AS f WHERE f.number = d.number) AS failures,\n"
                                                                                                                             "  (SELECT json_group_array(json_object(\n"
                                                                                                                             "      'at', " TIME_TEXT(
                                                                                                                                     "t.at") ", 'event', t.event,\n"
                                                                                                                                             "      'detail', nullif(t.detail, '')))\n"
                                                                                                                                             "    FROM timeline AS t WHERE t.number = d.number) AS timeline,\n"
                                                                                                                                             "  nullif(actor_email, '') AS actor_email,\n"
                                                                                                                                             "  nullif(actor_role, '') AS actor_role,\n"
                                                                                                                                             "  nullif(intent_path, '') AS intent_path,\n"
                                                                                                                                             "  nullif(intent_blob, '') AS intent_blob,\n"
                                                                                                                                             "  nullif(intent_commit, '') AS intent_commit,\n"
                                                                                                                                             "  imported\n"
                                                                                                                                             "FROM deployment AS d";

static const char running_view[] =
        "CREATE VIEW v_running AS SELECT r.service, r.environment,\n"
        "  d.version, d.number, d.kind,\n"
        "  " TIME_TEXT(
                "d.finished_at") " AS since,\n"
                                 "  nullif(d.previous_version, '') AS previous_version,\n"
                                 "  (SELECT max(o.number) FROM deployment AS o\n"
                                 "    WHERE o.finished_at = 0 AND o.service = r.service\n"
                                 "    AND o.environment = r.environment) AS in_progress\n"
                                 "FROM running AS r JOIN deployment AS d ON d.number = r.number";

static const char decisions_view[] =
        "CREATE VIEW v_decisions AS SELECT d.seq,\n"
        "  " TIME_TEXT(
                "d.time") " AS time, d.run,\n"
                          "  d.path AS intent, d.blob,\n"
                          "  e.payload ->> '$.token' AS token,\n"
                          "  nullif(d.kind, '') AS kind, nullif(d.service, '') AS service,\n"
                          "  nullif(d.environment, '') AS environment,\n"
                          "  nullif(d.version, '') AS version,\n"
                          "  e.payload ->> '$.group' AS \"group\",\n"
                          "  e.payload ->> '$.recipe' AS recipe,\n"
                          "  e.payload ->> '$.actor' AS actor, d.outcome AS decision,\n"
                          "  nullif(d.code, '') AS code, e.payload ->> '$.cause' AS cause,\n"
                          "  e.payload ->> '$.message' AS message,\n"
                          "  e.payload ->> '$.hint' AS hint,\n"
                          "  e.payload ->> '$.nextAllowedAt' AS next_allowed_at,\n"
                          "  e.payload ->> '$.also' AS also, e.payload ->> '$.at' AS at,\n"
                          "  e.payload ->> '$.trace' AS trace,\n"
                          "  nullif(d.actor, '') AS actor_email,\n"
                          "  (SELECT min(o.number) FROM deployment AS o\n"
                          "    WHERE o.decision_seq = d.seq AND o.decision_seq > 0) AS number\n"
                          "FROM decision AS d JOIN event AS e ON e.seq = d.seq";

static const char builds_view[] =
        "CREATE VIEW v_builds AS SELECT seq,\n"
        "  " TIME_TEXT(
                "time") " AS time, service, version,\n"
                        "  nullif(group_id, '') AS \"group\", artifact,\n"
                        "  nullif(commit_id, '') AS \"commit\",\n"
                        "  nullif(branch, '') AS branch,\n"
                        "  " TIME_TEXT(
                                "built_at") " AS built_at,\n"
                                            "  nullif(sha256, '') AS sha256,\n"
                                            "  nullif(size_bytes, 0) AS size_bytes,\n"
                                            "  nullif(content_type, '') AS content_type,\n"
                                            "  nullif(repository, '') AS repository,\n"
                                            "  nullif(ci_provider, '') AS ci_provider,\n"
                                            "  nullif(ci_run_id, '') AS ci_run_id,\n"
                                            "  nullif(ci_run_url, '') AS ci_run_url,\n"
                                            "  nullif(actor, '') AS actor,\n"
                                            "  nullif(intent_path, '') AS intent_path,\n"
                                            "  nullif(intent_blob, '') AS intent_blob,\n"
                                            "  nullif(intent_commit, '') AS intent_commit\n"
                                            "FROM build";

static const char events_view[] =
        "CREATE VIEW v_events AS SELECT seq,\n"
        "  strftime('%Y-%m-%dT%H:%M:%SZ', time, 'unixepoch') AS time, type,\n"
        "  subject, nullif(actor, '') AS actor, payload, prev_hash, hash\n"
        "FROM event";

/* --- the list --------------------------------------------------------------
 */

/*
 * No unique index has a random key of its own: every row would dirty another
 * page, and the cost of one transaction would grow with the ledger. Paths and
 * versions are close to their service's; a token is looked up among the open
 * deployments, then by a scan.
 */
#define INDEX(name, rest)                                       \
	{                                                       \
		"index", name, "CREATE INDEX " name " ON " rest \
	}

const struct schema_object schema_objects[] = {
        {"table", "event", EVENT_TABLE},
        INDEX("event_by_time", "event (time)"),
        {"trigger", "event_no_update", no_update_trigger},
        {"trigger", "event_no_delete", no_delete_trigger},
        {"trigger", "event_no_gap", no_gap_trigger},
        {"table", "origin", origin_table},
        {"table", "run", run_table},
        {"table", "decision", decision_table},
        {"table", "waiting", waiting_table},
        {"table", "build", build_table},
        {"table", "deployment", deployment_table},
        {"table", "failure", failure_table},
        {"table", "timeline", timeline_table},
        {"table", "running", running_table},
        {"table", "free_number", free_number_table},
        {"table", "hold", hold_table},
        {"table", "approval", approval_table},
        {"table", "withdrawal", withdrawal_table},
        {"table", "cancellation", cancellation_table},
        {"table", "incident", incident_table},
        {"table", "release", release_table},
        INDEX("release_open", "release (path) WHERE ended_at = 0"),
        INDEX("decision_by_path", "decision (path)"),
        INDEX("decision_by_service", "decision (service)"),
        {"index", "build_by_version",
         "CREATE UNIQUE INDEX build_by_version ON build (service, version)"},
        INDEX("build_by_group", "build (group_id, time)"),
        INDEX("deployment_by_place",
              "deployment (service, environment, number)"),
        INDEX("deployment_by_success",
              "deployment (service, environment, finished_at, number)\n"
              "WHERE state = 'SUCCEEDED'"),
        INDEX("deployment_by_time", "deployment (created_at, digest)"),
        INDEX("deployment_open",
              "deployment (group_id, environment)\nWHERE finished_at = 0"),
        INDEX("deployment_dispatched",
              "deployment (group_id, environment, dispatched_at, kind)\n"
              "WHERE dispatched_at > 0 AND imported = 0"),
        INDEX("deployment_by_decision",
              "deployment (decision_seq)\nWHERE decision_seq > 0"),
        INDEX("deployment_rollback_of",
              "deployment (rollback_of)\nWHERE rollback_of > 0"),
        INDEX("hold_by_place", "hold (service, environment, version)"),
        INDEX("approval_by_path", "approval (path)"),
        INDEX("withdrawal_by_path", "withdrawal (path)"),
        {"view", "v_deployments", deployments_view},
        {"view", "v_running", running_view},
        {"view", "v_decisions", decisions_view},
        {"view", "v_builds", builds_view},
        {"view", "v_events", events_view},
};
const size_t schema_object_count =
        sizeof schema_objects / sizeof schema_objects[0];

#define ROWS(table, key) "SELECT * FROM " table " ORDER BY " key
const struct schema_projection schema_projections[] = {
        {"origin", 1, ROWS("origin", "1")},
        {"run", 1, ROWS("run", "1")},
        {"decision", 1, ROWS("decision", "1")},
        {"waiting", 1, ROWS("waiting", "1")},
        {"build", 1, ROWS("build", "1")},
        {"deployment", 1, ROWS("deployment", "1")},
        {"failure", 2, ROWS("failure", "1, 2")},
        {"timeline", 2, ROWS("timeline", "1, 2")},
        {"running", 2, ROWS("running", "1, 2")},
        {"free_number", 1, ROWS("free_number", "1")},
        {"hold", 1, ROWS("hold", "1")},
        {"approval", 1, ROWS("approval", "1")},
        {"withdrawal", 1, ROWS("withdrawal", "1")},
        {"cancellation", 1, ROWS("cancellation", "1")},
        {"incident", 1, ROWS("incident", "1")},
};
const size_t schema_projection_count =
        sizeof schema_projections / sizeof schema_projections[0];

/* --- making it -------------------------------------------------------------
 */

static bool is_truth(const struct schema_object *o)
{
	return str_is(str_of(o->name), "event");
}

static bool drop(struct ledger *l, const struct schema_object *o,
                 struct fail *why)
{
	char sql[128];
	snprintf(sql, sizeof sql, "DROP %s IF EXISTS %s", o->type, o->name);
	return ledger_exec(l, sql, why);
}

bool schema_renew_projections(struct ledger *l, struct fail *why)
{
	/* What refers to others stands behind them, and goes first. */
	for (size_t i = schema_object_count; i-- > 0;)
		if (!is_truth(&schema_objects[i]) &&
		    !drop(l, &schema_objects[i], why))
			return false;
	for (size_t i = 0; i < schema_object_count; i++)
		if (!is_truth(&schema_objects[i]) &&
		    !ledger_exec(l, schema_objects[i].sql, why))
			return false;
	return true;
}

bool schema_migrate(struct ledger *l, int from, struct fail *why)
{
	assert(from >= 0 && from <= LEDGER_SCHEMA);
	for (int v = from; v < LEDGER_SCHEMA; v++)
		if (!ledger_exec(l, migrations[v], why))
			return false;
	if (!schema_renew_projections(l, why))
		return false;
	char sql[128];
	snprintf(sql, sizeof sql,
	         "PRAGMA application_id = %d; PRAGMA user_version = %d",
	         LEDGER_APPLICATION_ID, LEDGER_SCHEMA);
	return ledger_exec(l, sql, why);
}
