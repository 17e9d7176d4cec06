/*
 * CDEvents 0.5.1, one JSON object a line, in the order of the ledger. An event
 * has the same id each time it is written: receivers drop what they know.
 *
 *	service.deployed, .upgraded, .rolledback 0.3.0	a deployment that
 *succeeded artifact.published 0.3.0			a registered build
 *	incident.detected, .resolved 0.3.0		a reported incident
 *
 * A failed deployment has no event of its own there: it changed no service.
 * The schemas allow no member besides theirs; what we know more is customData.
 */
#include "core/when.h"
#include "render/documents.h"
#include "render/export_private.h"
#include "render/parts.h"

struct told {
	const char *type;
	int64_t at;
	struct str subject, chain, id; /* id: what makes it this event */
};

static struct str source_of(struct site *s)
{
	if (s->repository.n)
		return s->repository;
	return str_format(s->page, "urn:dxcp:%" STR_FMT,
	                  STR_ARG(words_slug(s->page, s->head.repository)));
}

/* Of digests, in the form of RFC 9562 section 5.8. */
static struct str uuid_of(struct site *s, const struct told *t)
{
	const struct str parts[] = {s->head.repository, STR("\n"),
	                            str_of(t->type), STR("\n"), t->id};
	struct sha256_hex hex =
	        sha256_of_parts(parts, sizeof parts / sizeof *parts);
	hex.s[12] = '8';
	hex.s[16] = "89ab"[(hex.s[16] >= 'a' ? hex.s[16] - 'a' + 10
	                                     : hex.s[16] - '0') &
	                   3];
	return str_format(s->page, "%.8s-%.4s-%.4s-%.4s-%.12s", hex.s,
	                  hex.s + 8, hex.s + 12, hex.s + 16, hex.s + 20);
}

static void open_event(struct jw *j, struct site *s, const struct told *t)
{
	jw_open(j, '{');
	jw_key(j, "context");
	jw_open(j, '{');
	jw_put_str(j, "specversion", STR("0.5.1"));
	jw_put_str(j, "id", uuid_of(s, t));
	jw_put_str(j, "source", source_of(s));
	jw_put_str(j, "type",
	           str_format(s->page, "dev.cdevents.%s.0.3.0", t->type));
	jw_put_when(j, "timestamp", t->at);
	if (t->chain.n)
		jw_put_str(j, "chainId", t->chain);
	jw_close(j);
	jw_key(j, "subject");
	jw_open(j, '{');
	jw_put_str(j, "id", t->subject);
	jw_put_str(j, "source", source_of(s));
	jw_key(j, "content");
	jw_open(j, '{');
}

/* After the members of its content. */
static void close_subject(struct jw *j)
{
	jw_close(j);
	jw_close(j);
	jw_put_str(j, "customDataContentType", STR("application/json"));
	jw_key(j, "customData");
	jw_open(j, '{');
}

static bool close_event(struct export *x, struct jw *j, struct fail *why)
{
	jw_close(j);
	jw_close(j);
	buf_add_char(&x->s->text, '\n');
	return export_more(x, why);
}

static void put_environment(struct jw *j, struct str name)
{
	jw_key(j, "environment");
	jw_open(j, '{');
	jw_put_str(j, "id", name.n ? name : STR("unknown"));
	jw_close(j);
}

/* --- artifacts ---------------------------------------------------------- */

static struct str purl_of(struct site *s, struct str service,
                          struct str version, struct str artifact,
                          struct str sha256)
{
	if (str_starts(artifact, STR("pkg:")))
		return artifact;
	struct buf b = buf_new(s->page, 8192);
	buf_add(&b, STR("pkg:generic/"));
	buf_add_percent(&b, service);
	buf_add_char(&b, '@');
	buf_add_percent(&b, version);
	if (sha256.n) {
		buf_add(&b, STR("?checksum=sha256:"));
		buf_add_percent(&b, sha256);
	}
	return buf_str(&b);
}

static bool put_build(struct export *x, const struct event *e,
                      const json_t *payload, struct fail *why)
{
	struct site *s = x->s;
	struct str service = json_get_str(payload, "service");
	struct str version = json_get_str(payload, "version");
	struct told t = {.type = "artifact.published",
	                 .at = e->time,
	                 .id = e->subject,
	                 .subject = purl_of(s, service, version,
	                                    json_get_str(payload, "artifact"),
	                                    json_get_str(payload, "sha256"))};
	struct jw j = jw_new(&s->text);
	open_event(&j, s, &t);
	close_subject(&j);
	jw_put_str(&j, "service", service);
	jw_put_str(&j, "version", version);
	jw_put_opt(&j, "commit", json_get_str(payload, "commit"));
	jw_put_opt(&j, "branch", json_get_str(payload, "branch"));
	return close_event(x, &j, why);
}

/* --- deployments -------------------------------------------------------- */

static bool is_first(const struct site *s, const struct deployment *d)
{
	const struct pair *p =
	        history_pair(&s->history, d->service, d->environment);
	return !p || !p->good.n || p->good.at[0].number == d->number;
}

static void put_more(struct jw *j, struct site *s, const struct deployment *d)
{
	jw_put_int(j, "number", d->number);
	jw_put_str(j, "version", d->version);
	jw_put_opt(j, "previousVersion", d->previous_version);
	jw_put_str(j, "kind", str_of(deployment_kind_names[d->kind]));
	jw_put_opt(j, "group", d->group);
	jw_put_opt(j, "recipe", d->recipe);
	jw_put_opt(j, "summary", d->summary);
	if (d->rollback_of)
		jw_put_int(j, "rollbackOf", d->rollback_of);
	if (base_url(s).n)
		jw_put_str(j, "url",
		           address_of(s, "",
		                      str_format(s->page,
		                                 "deployments/%lld/index.html",
		                                 (long long)d->number)));
}

static bool put_deployment(struct export *x, int64_t number, struct fail *why)
{
	struct site *s = x->s;
	struct deployment *recorded;
	struct build build = {0};
	bool found = false;
	if (!ledger_deployment(s->ledger, s->page, number, &recorded, why))
		return false;
	if (!recorded || recorded->state != STATE_SUCCEEDED)
		return true;
	const struct deployment *d = redacted(s, s->page, recorded);
	if (!ledger_build(s->ledger, s->page, d->service, d->version, &found,
	                  &build, why))
		return false;
	struct told t = {.type = d->kind == KIND_ROLLBACK ? "service.rolledback"
	                         : is_first(s, d)         ? "service.deployed"
	                                                  : "service.upgraded",
	                 .at = d->finished_at,
	                 .subject = d->service,
	                 .chain = d->intent_blob,
	                 .id = str_format(s->page, "%lld", (long long)number)};
	struct jw j = jw_new(&s->text);
	open_event(&j, s, &t);
	put_environment(&j, d->environment);
	jw_put_str(&j, "artifactId",
	           purl_of(s, d->service, d->version, build.artifact,
	                   build.sha256));
	close_subject(&j);
	put_more(&j, s, d);
	return close_event(x, &j, why);
}

/* --- incidents ---------------------------------------------------------- */

static bool put_incident_event(struct export *x, const struct event *e,
                               const json_t *payload, const char *type,
                               int64_t at, struct fail *why)
{
	struct site *s = x->s;
	struct str service = json_get_str(payload, "service");
	struct str path =
	        json_get_str(json_object_get(payload, "intent"), "path");
	struct told t = {.type = type,
	                 .at = at,
	                 .subject = path.n ? path : e->subject,
	                 .id = str_format(s->page, "%lld", (long long)e->seq)};
	struct jw j = jw_new(&s->text);
	open_event(&j, s, &t);
	put_environment(&j, json_get_str(payload, "environment"));
	if (!s->in->redact && json_get_str(payload, "summary").n)
		jw_put_str(&j, "description", json_get_str(payload, "summary"));
	jw_key(&j, "service");
	jw_open(&j, '{');
	jw_put_str(&j, "id", service.n ? service : STR("unknown"));
	jw_close(&j);
	close_subject(&j);
	jw_put_opt(&j, "severity", json_get_str(payload, "severity"));
	int64_t cause = json_get_int(payload, "causedBy");
	if (cause)
		jw_put_int(&j, "causedBy", cause);
	return close_event(x, &j, why);
}

static bool put_incident(struct export *x, const struct event *e,
                         const json_t *payload, struct fail *why)
{
	int64_t started = e->time, resolved = 0;
	when_parse(json_get_str(payload, "startedAt"), &started);
	if (!put_incident_event(x, e, payload, "incident.detected", started,
	                        why))
		return false;
	return !when_parse(json_get_str(payload, "resolvedAt"), &resolved) ||
	       put_incident_event(x, e, payload, "incident.resolved", resolved,
	                          why);
}

/* --- all ---------------------------------------------------------------- */

static bool add_event(void *context, const struct event *e, struct fail *why)
{
	struct export *x = context;
	json_t *payload;
	int64_t number;
	if ((x->from && e->time < x->from) || (x->to && e->time >= x->to))
		return true;
	if (str_is(e->type, "deployment.ended") ||
	    str_is(e->type, "deployment.imported"))
		return !str_int(e->subject, &number) ||
		       put_deployment(x, number, why);
	bool builds = str_is(e->type, "build.registered");
	if (!builds && !str_is(e->type, "incident.reported"))
		return true;
	if (!json_read(&payload, x->s->page, e->payload, why))
		return fail_note(why, "event %lld", (long long)e->seq);
	return builds ? put_build(x, e, payload, why)
	              : put_incident(x, e, payload, why);
}

bool export_cdevents(struct export *x, struct fail *why)
{
	/* Of decisions not even the first byte is of use here. */
	return ledger_event_heads(x->s->ledger, "intent.decided", 1, add_event,
	                          x, why);
}
