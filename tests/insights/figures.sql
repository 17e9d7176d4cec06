-- The figures of core/insight.h once more, as plain SQL over the ledger's tables:
-- slow, and nothing shared with the program. Parameters: :from, :to, :at (seconds),
-- :service, :recipe ('': any), the temporary table asked (environment), and
-- local_day(instant), a function that gives the day of the zone, counted from 1970.
-- What is not asked for still ends failures, and still had a version first.

-- name: facts
CREATE TEMP TABLE d AS SELECT number, service, environment, kind, state, reason,
  category, recipe, finished_at AS f, built_at, version, undone_at,
  kind <> 'ROLLBACK' AND state = 'SUCCEEDED' AS plus,
  kind <> 'ROLLBACK' AND state = 'FAILED'
    AND (started_at > 0 OR imported = 1) AS dx,
  kind = 'ROLLBACK' AND (state = 'SUCCEEDED' OR (state = 'FAILED'
    AND (started_at > 0 OR imported = 1))) AS dr,
  (:service = '' OR service = :service) AND (:recipe = '' OR recipe = :recipe) AS counts
FROM deployment WHERE finished_at > 0 AND finished_at <= :at
AND environment IN (SELECT environment FROM asked);
CREATE INDEX temp.d_place ON d (service, environment, f, number);
CREATE INDEX temp.d_build ON d (service, version);

-- name: incidents
-- Each with the deployment that it is laid on. Reports of one beginning are of one
-- incident: where any has a name, or an end, it has.
CREATE TEMP TABLE i AS SELECT time, (SELECT min(r.resolved_at) FROM incident AS r
  WHERE r.service = incident.service AND r.environment = incident.environment
  AND r.started_at = incident.started_at AND r.resolved_at > 0 AND r.time <= :at)
  AS resolved_at, iif(caused_by > 0, caused_by,
  (SELECT number FROM d WHERE d.service = incident.service
    AND d.environment = incident.environment AND (plus OR dx)
    AND f <= started_at ORDER BY f DESC, number DESC LIMIT 1)) AS number,
  caused_by > 0 AS named
FROM incident WHERE time <= :at
AND environment IN (SELECT environment FROM asked)
AND (caused_by > 0 OR NOT EXISTS (SELECT 1 FROM incident AS n
  WHERE n.service = incident.service AND n.environment = incident.environment
  AND n.started_at = incident.started_at AND n.caused_by > 0 AND n.time <= :at));

-- name: failures
CREATE TEMP TABLE x AS SELECT d.*,
  dx AS by_verification,
  undone_at > 0 AND undone_at <= :at AS by_rollback,
  EXISTS (SELECT 1 FROM i WHERE i.number = d.number AND named) AS by_incident,
  EXISTS (SELECT 1 FROM i WHERE i.number = d.number AND NOT named) AS by_inferred,
  (SELECT min(f) FROM d AS n WHERE n.service = d.service
    AND n.environment = d.environment AND n.state = 'SUCCEEDED'
    AND (n.f, n.number) > (d.f, d.number)) AS next_f,
  (SELECT min(resolved_at) FROM i WHERE i.number = d.number
    AND resolved_at > 0 AND resolved_at <= :at) AS resolved
FROM d WHERE plus OR dx;
CREATE TEMP TABLE failed AS SELECT number, f,
  CASE WHEN next_f IS NULL THEN resolved WHEN resolved IS NULL THEN next_f
    ELSE min(next_f, resolved) END AS r,
  by_verification, by_rollback, by_incident, by_inferred
FROM x WHERE counts
  AND (by_verification OR by_rollback OR by_incident OR by_inferred);

-- name: counts
SELECT
  (SELECT count(*) FROM d WHERE counts AND plus AND f >= :from AND f < :to) AS deployed,
  (SELECT count(*) FROM d WHERE counts AND (plus OR dx) AND f >= :from AND f < :to) AS changes,
  (SELECT count(*) FROM d WHERE counts AND dr AND f >= :from AND f < :to) AS rollbacks,
  (SELECT count(*) FROM failed WHERE f >= :from AND f < :to) AS failed,
  (SELECT coalesce(sum(by_verification), 0) FROM failed
    WHERE f >= :from AND f < :to) AS verification,
  (SELECT coalesce(sum(by_rollback), 0) FROM failed
    WHERE f >= :from AND f < :to) AS rollback,
  (SELECT coalesce(sum(by_incident), 0) FROM failed
    WHERE f >= :from AND f < :to) AS incident,
  (SELECT coalesce(sum(by_inferred), 0) FROM failed
    WHERE f >= :from AND f < :to) AS inferred,
  (SELECT count(*) FROM d WHERE counts AND f >= :from AND f < :to AND (dr OR ((plus OR dx)
    AND reason IN ('hotfix', 'incident')))) AS rework,
  (SELECT count(*) FROM d WHERE counts AND f >= :from AND f < :to AND (plus OR dx)
    AND reason = '') AS unmarked,
  (SELECT count(*) FROM d WHERE counts AND f >= :from AND f < :to AND state = 'FAILED'
    AND NOT dx AND NOT dr) AS attempts,
  (SELECT count(*) FROM failed WHERE f >= :from AND f < :to
    AND (r IS NULL OR r >= :to)) AS open;

-- name: recovery
SELECT max(0, r - f) AS value FROM failed WHERE r >= :from AND r < :to ORDER BY 1;

-- name: lead
-- The first success of a version anywhere in E; versions share a build.
SELECT f - built_at AS value FROM d WHERE counts AND plus AND built_at > 0
AND f >= :from AND f < :to AND NOT EXISTS (SELECT 1 FROM d AS o
  WHERE o.service = d.service AND o.version = d.version AND o.state = 'SUCCEEDED'
  AND (o.f, o.number) < (d.f, d.number))
ORDER BY 1;

-- name: weeks
-- Days with one of each week, those without any among them. Day 4 of 1970 was a
-- Monday.
WITH RECURSIVE first (day) AS (SELECT max(local_day(:from), local_day(min(f)))
    FROM d WHERE state = 'SUCCEEDED' AND (:service = '' OR service = :service)),
  week (monday) AS (SELECT day - (day - 4) % 7 FROM first
    WHERE (SELECT min(f) FROM d WHERE state = 'SUCCEEDED'
      AND (:service = '' OR service = :service)) < :to
    UNION ALL SELECT monday + 7 FROM week
    WHERE monday + 7 <= local_day(:to - 1)),
  had (monday, days) AS (SELECT day - (day - 4) % 7, count(*)
    FROM (SELECT DISTINCT local_day(f) AS day FROM d
      WHERE counts AND plus AND f >= :from AND f < :to) GROUP BY 1)
SELECT coalesce(days, 0) AS value FROM week LEFT JOIN had USING (monday) ORDER BY 1;

-- name: categories
SELECT category, count(*) FROM d WHERE counts AND state = 'FAILED' AND f >= :from AND f < :to
GROUP BY 1 ORDER BY 1;

-- name: services
SELECT service, count(*) FROM d WHERE counts AND f >= :from AND f < :to GROUP BY 1 ORDER BY 1;

-- name: stops
WITH s AS (SELECT path, code, time, outcome,
  (SELECT n.time FROM decision AS n WHERE n.path = d.path AND n.seq > d.seq
    ORDER BY n.seq LIMIT 1) AS until,
  (SELECT count(*) FROM waiting AS w WHERE w.path = d.path AND w.seq = d.seq) AS waits
  FROM decision AS d WHERE outcome IN ('wait', 'deny') AND time >= :from
  AND time < :to AND (environment = '' OR environment IN asked)
  AND :recipe = '' AND (:service = '' OR service = :service))
SELECT code, count(DISTINCT path), sum(CASE WHEN outcome = 'deny' THEN 0
  WHEN until > :at OR (until IS NULL AND waits) THEN :at - time
  WHEN until IS NULL THEN 0 ELSE until - time END) FROM s GROUP BY 1 ORDER BY 1;
