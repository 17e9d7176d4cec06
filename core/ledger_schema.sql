-- The schema of the ledger: core/ledger_schema.h says what holds for all of it.
--
-- One paragraph makes one table, index, trigger or view: comments, then CREATE,
-- then ';' at the very end. ci/embed splits the file at its empty lines, so
-- that there is none within a paragraph. SQLite keeps what follows CREATE as it
-- stands here, comments too, and `dxcp ledger verify` compares it: any change,
-- of a space too, is another schema.
--
-- Whatever refers to something stands below it.
--
-- No index whose key is random covers the whole of a table: every row would
-- dirty another page, and the cost of one transaction would grow with the
-- ledger. Paths and versions are close to their service's; a token is looked up
-- among the open deployments, then by a scan.

-- === The truth

-- All that ever happened, one row an event, chained by hash.
CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  type TEXT NOT NULL,
  subject TEXT NOT NULL,
  actor TEXT NOT NULL,
  payload TEXT NOT NULL, -- canonical JSON
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;

-- What happened in a span of time; bounds for a scan of the table.
CREATE INDEX event_by_time ON event (time);

CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN
  SELECT raise(ABORT, 'the event table is append-only');
END;

CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN
  SELECT raise(ABORT, 'the event table is append-only');
END;

-- INSERT OR REPLACE would take a row away without the trigger above.
CREATE TRIGGER event_no_gap BEFORE INSERT ON event
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event)
BEGIN
  SELECT raise(ABORT, 'an event goes to the end of the chain');
END;

-- === Projections: where things come from, runs and their decisions

-- Which repository this ledger is about: one row.
CREATE TABLE origin (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  repository TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE run (
  number INTEGER PRIMARY KEY,
  started_at INTEGER NOT NULL,
  finished_at INTEGER NOT NULL,
  commit_id TEXT NOT NULL,
  intents_tree TEXT NOT NULL,
  policy_tree TEXT NOT NULL,
  allow INTEGER NOT NULL,
  wait INTEGER NOT NULL,
  deny INTEGER NOT NULL,
  replay INTEGER NOT NULL
) STRICT;

-- The last word of a run on an intent at a blob.
CREATE TABLE decision (
  seq INTEGER PRIMARY KEY, -- of the event, which has the document
  time INTEGER NOT NULL,
  run INTEGER NOT NULL,
  path TEXT NOT NULL,
  blob TEXT NOT NULL,
  kind TEXT NOT NULL,
  service TEXT NOT NULL,
  environment TEXT NOT NULL,
  version TEXT NOT NULL,
  outcome TEXT NOT NULL,
  code TEXT NOT NULL,
  actor TEXT NOT NULL
) STRICT;

CREATE INDEX decision_by_path ON decision (path);

-- Intents that wait, until they are allowed or denied.
CREATE TABLE waiting (
  path TEXT PRIMARY KEY,
  seq INTEGER NOT NULL, -- of its last decision
  first_seq INTEGER NOT NULL, -- of this blob's first wait
  since INTEGER NOT NULL -- the time of that
) STRICT, WITHOUT ROWID;

-- Versions that can be deployed.
CREATE TABLE build (
  seq INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  service TEXT NOT NULL,
  version TEXT NOT NULL,
  group_id TEXT NOT NULL,
  artifact TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  branch TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  content_type TEXT NOT NULL,
  repository TEXT NOT NULL,
  ci_provider TEXT NOT NULL,
  ci_run_id TEXT NOT NULL,
  ci_run_url TEXT NOT NULL,
  built_at INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  actor TEXT NOT NULL,
  intent_path TEXT NOT NULL,
  intent_blob TEXT NOT NULL,
  intent_commit TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX build_by_version ON build (service, version);

-- === Projections: deployments

-- One row a deployment, as it is now.
CREATE TABLE deployment (
  number INTEGER PRIMARY KEY,
  token TEXT NOT NULL,
  service TEXT NOT NULL,
  environment TEXT NOT NULL,
  version TEXT NOT NULL,
  previous_version TEXT NOT NULL,
  group_id TEXT NOT NULL,
  recipe TEXT NOT NULL,
  recipe_revision INTEGER NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  outcome TEXT NOT NULL,
  rollback_of INTEGER NOT NULL,
  source_environment TEXT NOT NULL,
  summary TEXT NOT NULL,
  ticket TEXT NOT NULL,
  actor_email TEXT NOT NULL,
  actor_role TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  dispatched_at INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER NOT NULL, -- 0: not terminal
  engine TEXT NOT NULL,
  execution_id TEXT NOT NULL,
  execution_url TEXT NOT NULL,
  intent_path TEXT NOT NULL,
  intent_blob TEXT NOT NULL,
  intent_commit TEXT NOT NULL,
  timeout_s INTEGER NOT NULL,
  imported INTEGER NOT NULL CHECK (imported IN (0, 1)),
  digest TEXT NOT NULL, -- of the line that it was imported from
  decision_seq INTEGER NOT NULL, -- of what allowed it; 0: none
  reason TEXT NOT NULL, -- of the intent: planned, hotfix, incident
  category TEXT NOT NULL, -- of the first failure
  authored_at INTEGER NOT NULL, -- the commit that brought the intent
  built_at INTEGER NOT NULL, -- the build of its version
  undone_at INTEGER NOT NULL, -- end of the first rollback that succeeded
  build_seq INTEGER NOT NULL -- of the build of its version; 0: none was known
) STRICT;

-- What runs there, ran before, and at an instant.
CREATE INDEX deployment_by_success ON deployment (service, environment, finished_at, number)
WHERE state = 'SUCCEEDED';

-- What went wrong there before a period that figures are asked of.
CREATE INDEX deployment_by_failure ON deployment (service, environment, finished_at, number)
WHERE state = 'FAILED';

CREATE INDEX deployment_rollback_of ON deployment (rollback_of)
WHERE rollback_of > 0;

-- Why a deployment failed, as the engine told it.
CREATE TABLE failure (
  number INTEGER NOT NULL REFERENCES deployment (number),
  ordinal INTEGER NOT NULL,
  category TEXT NOT NULL,
  summary TEXT NOT NULL,
  detail TEXT NOT NULL,
  hint TEXT NOT NULL,
  observed_at INTEGER NOT NULL,
  PRIMARY KEY (number, ordinal)
) STRICT, WITHOUT ROWID;

-- What happened to a deployment, for people.
CREATE TABLE timeline (
  number INTEGER NOT NULL REFERENCES deployment (number),
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  event TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (number, seq)
) STRICT, WITHOUT ROWID;

-- The latest success in each place.
CREATE TABLE running (
  service TEXT NOT NULL,
  environment TEXT NOT NULL,
  number INTEGER NOT NULL REFERENCES deployment (number),
  PRIMARY KEY (service, environment)
) STRICT, WITHOUT ROWID;

-- Numbers below the highest whose deployment was withdrawn.
CREATE TABLE free_number (
  number INTEGER PRIMARY KEY
) STRICT;

-- Deployments that the engine is to stop; the first time that it was asked.
CREATE TABLE cancellation (
  number INTEGER PRIMARY KEY REFERENCES deployment (number),
  seq INTEGER NOT NULL,
  time INTEGER NOT NULL,
  actor TEXT NOT NULL,
  intent_path TEXT NOT NULL
) STRICT;

-- === Projections: what people said, and releases

-- Versions that are not to be deployed.
CREATE TABLE hold (
  seq INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  service TEXT NOT NULL,
  environment TEXT NOT NULL,
  version TEXT NOT NULL,
  until INTEGER NOT NULL, -- 0: no end
  summary TEXT NOT NULL,
  actor TEXT NOT NULL,
  intent_path TEXT NOT NULL
) STRICT;

CREATE INDEX hold_by_place ON hold (service, environment, version);

-- Approvals and rejections of an intent.
CREATE TABLE approval (
  seq INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  path TEXT NOT NULL, -- of the intent that it is about
  blob TEXT NOT NULL, -- that was approved
  decision TEXT NOT NULL,
  summary TEXT NOT NULL,
  actor TEXT NOT NULL,
  intent_path TEXT NOT NULL
) STRICT;

CREATE INDEX approval_by_path ON approval (path);

-- Intents that are not to be acted on any more.
CREATE TABLE withdrawal (
  seq INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  path TEXT NOT NULL, -- of the intent that it is about
  summary TEXT NOT NULL,
  actor TEXT NOT NULL,
  intent_path TEXT NOT NULL
) STRICT;

CREATE INDEX withdrawal_by_path ON withdrawal (path);

-- What was reported to have gone wrong.
CREATE TABLE incident (
  seq INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  service TEXT NOT NULL,
  environment TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  resolved_at INTEGER NOT NULL, -- 0: not yet
  caused_by INTEGER NOT NULL, -- number of a deployment; 0: none
  severity TEXT NOT NULL,
  summary TEXT NOT NULL,
  actor TEXT NOT NULL,
  intent_path TEXT NOT NULL
) STRICT;

CREATE INDEX incident_by_cause ON incident (caused_by, service, environment, started_at);

-- Releases that were allowed; their members are the deployments of the
-- decision.
CREATE TABLE release (
  seq INTEGER PRIMARY KEY, -- of the decision
  path TEXT NOT NULL,
  blob TEXT NOT NULL,
  state TEXT NOT NULL, -- empty: it goes on
  ended_at INTEGER NOT NULL -- 0: it goes on
) STRICT;

CREATE INDEX release_open ON release (path) WHERE ended_at = 0;

-- === Views: for whoever asks the ledger by SQL. Times are RFC 3339 texts, what
-- there is not is NULL; names are those of the JSON of dxcp, in snake_case.

CREATE VIEW v_deployments AS SELECT number,
  nullif(token, '') AS token, service, environment, version,
  nullif(previous_version, '') AS previous_version,
  nullif(group_id, '') AS "group", nullif(recipe, '') AS recipe,
  nullif(recipe_revision, 0) AS recipe_revision, kind, state,
  nullif(outcome, '') AS outcome,
  nullif(rollback_of, 0) AS rollback_of,
  nullif(source_environment, '') AS source_environment,
  nullif(summary, '') AS summary,
  json_object('email', nullif(actor_email, ''),
    'role', nullif(actor_role, '')) AS actor,
  strftime('%Y-%m-%dT%H:%M:%SZ', nullif(created_at, 0), 'unixepoch') AS created_at,
  strftime('%Y-%m-%dT%H:%M:%SZ', nullif(dispatched_at, 0), 'unixepoch') AS dispatched_at,
  strftime('%Y-%m-%dT%H:%M:%SZ', nullif(started_at, 0), 'unixepoch') AS started_at,
  strftime('%Y-%m-%dT%H:%M:%SZ', nullif(finished_at, 0), 'unixepoch') AS finished_at,
  nullif(engine, '') AS engine,
  nullif(execution_id, '') AS engine_execution_id,
  nullif(execution_url, '') AS engine_execution_url,
  json_object('path', nullif(intent_path, ''),
    'blob', nullif(intent_blob, ''),
    'commit', nullif(intent_commit, '')) AS intent,
  (SELECT json_group_array(json_object('category', f.category,
      'summary', nullif(f.summary, ''),
      'detail', nullif(f.detail, ''), 'hint', nullif(f.hint, ''),
      'observedAt', strftime('%Y-%m-%dT%H:%M:%SZ', nullif(f.observed_at, 0), 'unixepoch')))
    FROM failure AS f WHERE f.number = d.number) AS failures,
  (SELECT json_group_array(json_object(
      'at', strftime('%Y-%m-%dT%H:%M:%SZ', nullif(t.at, 0), 'unixepoch'), 'event', t.event,
      'detail', nullif(t.detail, '')))
    FROM timeline AS t WHERE t.number = d.number) AS timeline,
  nullif(actor_email, '') AS actor_email,
  nullif(actor_role, '') AS actor_role,
  nullif(intent_path, '') AS intent_path,
  nullif(intent_blob, '') AS intent_blob,
  nullif(intent_commit, '') AS intent_commit,
  imported
FROM deployment AS d;

CREATE VIEW v_running AS SELECT r.service, r.environment,
  d.version, d.number, d.kind,
  strftime('%Y-%m-%dT%H:%M:%SZ', nullif(d.finished_at, 0), 'unixepoch') AS since,
  nullif(d.previous_version, '') AS previous_version,
  (SELECT max(o.number) FROM deployment AS o
    WHERE o.finished_at = 0 AND o.service = r.service
    AND o.environment = r.environment) AS in_progress
FROM running AS r JOIN deployment AS d ON d.number = r.number;

CREATE VIEW v_decisions AS SELECT d.seq,
  strftime('%Y-%m-%dT%H:%M:%SZ', nullif(d.time, 0), 'unixepoch') AS time, d.run,
  d.path AS intent, d.blob,
  e.payload ->> '$.token' AS token,
  nullif(d.kind, '') AS kind, nullif(d.service, '') AS service,
  nullif(d.environment, '') AS environment,
  nullif(d.version, '') AS version,
  e.payload ->> '$.group' AS "group",
  e.payload ->> '$.recipe' AS recipe,
  e.payload ->> '$.actor' AS actor, d.outcome AS decision,
  nullif(d.code, '') AS code, e.payload ->> '$.cause' AS cause,
  e.payload ->> '$.message' AS message,
  e.payload ->> '$.hint' AS hint,
  e.payload ->> '$.nextAllowedAt' AS next_allowed_at,
  e.payload ->> '$.also' AS also, e.payload ->> '$.at' AS at,
  e.payload ->> '$.trace' AS trace,
  nullif(d.actor, '') AS actor_email,
  (SELECT min(o.number) FROM deployment AS o
    WHERE o.decision_seq = d.seq AND o.decision_seq > 0) AS number
FROM decision AS d JOIN event AS e ON e.seq = d.seq;

CREATE VIEW v_builds AS SELECT seq,
  strftime('%Y-%m-%dT%H:%M:%SZ', nullif(time, 0), 'unixepoch') AS time, service, version,
  nullif(group_id, '') AS "group", artifact,
  nullif(commit_id, '') AS "commit",
  nullif(branch, '') AS branch,
  strftime('%Y-%m-%dT%H:%M:%SZ', nullif(built_at, 0), 'unixepoch') AS built_at,
  nullif(sha256, '') AS sha256,
  nullif(size_bytes, 0) AS size_bytes,
  nullif(content_type, '') AS content_type,
  nullif(repository, '') AS repository,
  nullif(ci_provider, '') AS ci_provider,
  nullif(ci_run_id, '') AS ci_run_id,
  nullif(ci_run_url, '') AS ci_run_url,
  nullif(actor, '') AS actor,
  nullif(intent_path, '') AS intent_path,
  nullif(intent_blob, '') AS intent_blob,
  nullif(intent_commit, '') AS intent_commit
FROM build;

CREATE VIEW v_events AS SELECT seq,
  strftime('%Y-%m-%dT%H:%M:%SZ', time, 'unixepoch') AS time, type,
  subject, nullif(actor, '') AS actor, payload, prev_hash, hash
FROM event;

-- What the figures of dxcp insights count: a row for each deployment that ended.
-- Which environments are production is the policy's to say: ask for yours.
CREATE VIEW v_metrics_deployments AS SELECT m.*,
  by_verification OR by_rollback OR by_incident OR by_inferred AS failed,
  CASE WHEN by_verification OR by_rollback OR by_incident OR by_inferred THEN
    strftime('%Y-%m-%dT%H:%M:%SZ', min(coalesce(m.next_success, m.resolved),
      coalesce(m.resolved, m.next_success)), 'unixepoch') END AS recovered_at,
  CASE WHEN by_verification OR by_rollback OR by_incident OR by_inferred THEN
    max(0, min(coalesce(m.next_success, m.resolved),
      coalesce(m.resolved, m.next_success)) - m.finished) END AS recovery_seconds
FROM (SELECT c.*,
  is_change AND c.state = 'FAILED' AS by_verification,
  is_change AND c.undone_at > 0 AS by_rollback,
  is_change AND EXISTS (SELECT 1 FROM incident AS i
    WHERE i.caused_by = c.number) AS by_incident,
  is_change AND EXISTS (SELECT 1 FROM incident AS i
    WHERE i.caused_by = 0 AND i.service = c.service
    AND i.environment = c.environment AND i.started_at >= c.finished
    AND i.started_at < c.next_change
    AND NOT EXISTS (SELECT 1 FROM incident AS n WHERE n.caused_by > 0
      AND n.service = i.service AND n.environment = i.environment
      AND n.started_at = i.started_at)) AS by_inferred,
  (SELECT min(i.resolved_at) FROM incident AS i WHERE i.resolved_at > 0
    AND (i.caused_by = c.number OR (i.caused_by = 0
      AND i.service = c.service AND i.environment = c.environment
      AND i.started_at >= c.finished AND i.started_at < c.next_change)))
    AS resolved
FROM (SELECT d.number, d.service, d.environment, d.version,
  nullif(d.group_id, '') AS "group", nullif(d.recipe, '') AS recipe,
  d.kind, d.state, nullif(d.reason, '') AS reason,
  nullif(d.category, '') AS category,
  strftime('%Y-%m-%dT%H:%M:%SZ', d.finished_at, 'unixepoch') AS finished_at,
  d.finished_at AS finished, d.undone_at,
  d.kind <> 'ROLLBACK' AND d.state = 'SUCCEEDED' AS is_deployment,
  d.kind <> 'ROLLBACK' AND (d.state = 'SUCCEEDED' OR (d.state = 'FAILED'
    AND (d.started_at > 0 OR d.imported = 1))) AS is_change,
  d.kind = 'ROLLBACK' AND (d.state = 'SUCCEEDED' OR (d.state = 'FAILED'
    AND (d.started_at > 0 OR d.imported = 1))) AS is_rollback,
  d.kind = 'ROLLBACK' OR d.reason IN ('hotfix', 'incident') AS is_rework,
  CASE WHEN d.built_at > 0 AND d.kind <> 'ROLLBACK' AND d.state = 'SUCCEEDED'
    AND NOT EXISTS (SELECT 1 FROM deployment AS o
      WHERE o.service = d.service AND o.environment = d.environment
      AND o.state = 'SUCCEEDED' AND o.version = d.version
      AND o.built_at = d.built_at AND o.built_at > 0
      AND (o.finished_at, o.number) < (d.finished_at, d.number))
    THEN d.finished_at - d.built_at END AS build_lead_seconds,
  (SELECT min(o.finished_at) FROM deployment AS o
    WHERE o.service = d.service AND o.environment = d.environment
    AND o.state = 'SUCCEEDED'
    AND (o.finished_at, o.number) > (d.finished_at, d.number)) AS next_success,
  coalesce(min(coalesce((SELECT min(o.finished_at) FROM deployment AS o
    WHERE o.service = d.service AND o.environment = d.environment
    AND o.state = 'SUCCEEDED' AND o.kind <> 'ROLLBACK'
    AND (o.finished_at, o.number) > (d.finished_at, d.number)),
      9223372036854775807),
    coalesce((SELECT min(o.finished_at) FROM deployment AS o
    WHERE o.service = d.service AND o.environment = d.environment
    AND o.state = 'FAILED' AND o.kind <> 'ROLLBACK'
    AND (o.started_at > 0 OR o.imported = 1)
    AND (o.finished_at, o.number) > (d.finished_at, d.number)),
      9223372036854775807)), 0) AS next_change
FROM deployment AS d WHERE d.finished_at > 0) AS c) AS m;

-- The same, added up by day of UTC.
CREATE VIEW v_metrics_days AS SELECT substr(finished_at, 1, 10) AS day,
  service, environment, sum(is_deployment) AS deployments,
  sum(is_change) AS changes, sum(failed) AS failed,
  sum(is_rollback) AS rollbacks,
  sum((is_change OR is_rollback) AND is_rework) AS rework
FROM v_metrics_deployments GROUP BY 1, 2, 3;

-- What stopped intents: each record of a denial, or of a wait until something
-- else was decided of it.
CREATE VIEW v_metrics_stops AS SELECT d.seq,
  strftime('%Y-%m-%dT%H:%M:%SZ', d.time, 'unixepoch') AS time, d.path AS intent,
  nullif(d.service, '') AS service, nullif(d.environment, '') AS environment,
  d.outcome AS decision, nullif(d.code, '') AS code,
  strftime('%Y-%m-%dT%H:%M:%SZ', n.time, 'unixepoch') AS until,
  CASE d.outcome WHEN 'wait' THEN n.time - d.time END AS waited_seconds,
  EXISTS (SELECT 1 FROM waiting AS w
    WHERE w.path = d.path AND w.seq = d.seq) AS waits_still
FROM decision AS d LEFT JOIN decision AS n ON n.seq =
  (SELECT min(x.seq) FROM decision AS x WHERE x.path = d.path AND x.seq > d.seq)
WHERE d.outcome IN ('wait', 'deny');

-- === Indexes that no projection asks. They stand last: where all rows are new,
-- they are made at the end, of whole tables.

CREATE INDEX decision_by_service ON decision (service);

-- What stopped intents, by time.
CREATE INDEX decision_stopped ON decision (time, path) WHERE outcome IN ('wait', 'deny');

-- Quotas of builds.
CREATE INDEX build_by_group ON build (group_id, time);

-- History of a service in an environment.
CREATE INDEX deployment_by_place ON deployment (service, environment, number);

-- All that the figures of a period ask of a deployment, in one scan.
CREATE INDEX deployment_by_end ON deployment (finished_at, number, service, environment,
  group_id, recipe, kind, state, reason, category, created_at, dispatched_at, started_at,
  authored_at, built_at, undone_at, imported, build_seq)
WHERE finished_at > 0;

-- Whether a build was delivered before.
CREATE INDEX deployment_by_build ON deployment (service, built_at, finished_at)
WHERE state = 'SUCCEEDED' AND built_at > 0;

-- Lists by period; digest finds a line that was imported before.
CREATE INDEX deployment_by_time ON deployment (created_at, digest);

-- Slots that are taken.
CREATE INDEX deployment_open ON deployment (group_id, environment)
WHERE finished_at = 0;

-- Quotas of dispatches.
CREATE INDEX deployment_dispatched ON deployment (group_id, environment, dispatched_at, kind)
WHERE dispatched_at > 0 AND imported = 0;

-- What a decision or a release has made.
CREATE INDEX deployment_by_decision ON deployment (decision_seq)
WHERE decision_seq > 0;
