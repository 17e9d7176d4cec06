/* api/v1/: the JSON documents that are no page's own, and as-of.svg. */
#include "render/html.h"
#include "render/parts.h"

/* --- as-of.svg ---------------------------------------------------------- */

static bool write_stamp(struct site *s, struct fail *why)
{
	struct buf b = buf_new(s->page, 4096);
	buf_add(&b,
	        STR("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"256\" "
	            "height=\"16\" viewBox=\"0 0 256 16\"><style>text{font:400 "
	            "12.5px system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto "
	            "Sans\",Arial,sans-serif;fill:#676259}@media(prefers-color-"
	            "scheme:dark){text{fill:#9c978c}}</style><text y=\"12.5\">"
	            "Site data as of "));
	html_xml(&b, words_when(s->page, s->now));
	buf_add(&b, STR(" UTC</text></svg>\n"));
	bool fine =
	        emit_file(&s->emit, STR("as-of.svg"), buf_str(&b), true, why);
	arena_reset(s->page);
	return fine;
}

/* --- status ------------------------------------------------------------- */

static bool put_running(struct jw *j, struct site *s, const struct pair *p,
                        struct fail *why)
{
	const struct success *running = pair_running(p);
	struct deployment *d = NULL;
	if (!running)
		return true;
	if (!ledger_deployment(s->ledger, s->page, running->number, &d, why))
		return false;
	if (!d)
		return true;
	jw_open(j, '{');
	jw_put_str(j, "service", d->service);
	jw_put_str(j, "environment", d->environment);
	jw_put_str(j, "version", d->version);
	jw_put_int(j, "number", d->number);
	jw_put_str(j, "kind", str_of(deployment_kind_names[d->kind]));
	jw_put_when(j, "since", d->finished_at);
	jw_put_opt(j, "previousVersion", d->previous_version);
	if (p->open)
		jw_put_int(j, "inProgress", p->open);
	else
		jw_put_null(j, "inProgress");
	jw_close(j);
	return true;
}

struct waiting {
	struct site *s;
	struct jw *j;
};

static bool put_waiting(void *context, const struct recorded_decision *d,
                        struct fail *why)
{
	struct waiting *w = context;
	(void)why;
	if (!w->s->in->redact) {
		jw_raw(w->j, d->document);
		return true;
	}
	jw_open(w->j, '{');
	jw_put_str(w->j, "intent", d->path);
	jw_put_str(w->j, "service", d->service);
	jw_put_str(w->j, "environment", d->environment);
	jw_put_str(w->j, "version", d->version);
	jw_put_str(w->j, "decision", STR("wait"));
	jw_put_str(w->j, "code", str_of(diag_info(d->code)->name));
	jw_close(w->j);
	return true;
}

static bool write_status(struct site *s, struct fail *why)
{
	struct jw j = jw_new(&s->json);
	const struct mutations *m = &s->policy->platform.mutations;
	jw_open(&j, '{');
	jw_put_str(&j, "schema", STR("dxcp.status/1"));
	jw_put_when(&j, "now", s->now);
	jw_put_when(&j, "goodUntil", s->good_until);
	jw_put_opt(&j, "commit", s->in->commit);
	jw_put_int(&j, "run", s->head.runs);
	jw_put_int(&j, "events", s->head.events);
	jw_put_str(&j, "head", str_of(s->head.hash));
	jw_key(&j, "killSwitch");
	jw_open(&j, '{');
	jw_put_bool(&j, "on", m->is_disabled);
	jw_put_opt(&j, "reason", m->reason.s);
	jw_close(&j);
	jw_put_int(&j, "deployments", s->history.count);
	jw_put_int(&j, "services", (int64_t)s->history.services.n);
	jw_key(&j, "running");
	jw_open(&j, '[');
	for (size_t i = 0; i < s->history.services.n; i++) {
		const struct history_service *of = &s->history.services.at[i];
		for (size_t k = 0; k < of->pairs.n; k++)
			if (!put_running(&j, s,
			                 &s->history.pairs.at[of->pairs.at[k]],
			                 why))
				return false;
	}
	jw_close(&j);
	jw_key(&j, "waiting");
	jw_open(&j, '[');
	struct waiting w = {s, &j};
	if (!ledger_waiting(s->ledger, put_waiting, &w, why))
		return false;
	jw_close(&j);
	jw_close(&j);
	return site_json(s, STR("api/v1/status.json"), true, why);
}

/* --- delivery-status: the shape that portal cards read ------------------ */

static void put_number(struct jw *j, struct arena *a, const char *key,
                       int64_t n)
{
	if (n)
		jw_put_str(j, key, str_format(a, "%lld", (long long)n));
	else
		jw_put_null(j, key);
}

static int64_t updated_at(const struct deployment *d)
{
	return d->finished_at  ? d->finished_at
	       : d->started_at ? d->started_at
	                       : d->created_at;
}

static void put_latest(struct jw *j, struct arena *a,
                       const struct deployment *d)
{
	jw_key(j, "latest");
	if (!d) {
		jw_null(j);
		return;
	}
	jw_open(j, '{');
	put_number(j, a, "id", d->number);
	jw_put_str(j, "state", str_of(deployment_state_names[d->state]));
	jw_put_str(j, "version", d->version);
	jw_put_opt(j, "sourceEnvironment", d->source_environment);
	jw_put_opt(j, "recipeId", d->recipe);
	jw_put_when(j, "createdAt", d->created_at);
	jw_put_when(j, "updatedAt", updated_at(d));
	put_number(j, a, "rollbackOf", d->rollback_of);
	jw_put_str(j, "deploymentKind", str_of(deployment_kind_names[d->kind]));
	jw_put_opt(j, "outcome", str_of(deployment_outcome_names[d->outcome]));
	jw_close(j);
}

static void put_current(struct jw *j, struct arena *a,
                        const struct deployment *d)
{
	jw_key(j, "currentRunning");
	if (!d) {
		jw_null(j);
		return;
	}
	jw_open(j, '{');
	jw_put_str(j, "service", d->service);
	jw_put_str(j, "environment", d->environment);
	jw_put_str(j, "scope", STR("service"));
	jw_put_str(j, "version", d->version);
	put_number(j, a, "deploymentId", d->number);
	jw_put_str(j, "deploymentKind", str_of(deployment_kind_names[d->kind]));
	jw_put_when(j, "derivedAt", d->finished_at);
	jw_close(j);
}

/* The members of one environment, within braces of the caller's. */
static bool put_pair(struct jw *j, struct site *s, const struct pair *p,
                     struct deployment **latest, struct fail *why)
{
	struct deployment *current = NULL;
	const struct success *running = pair_running(p);
	*latest = NULL;
	if (p->last &&
	    !ledger_deployment(s->ledger, s->page, p->last, latest, why))
		return false;
	if (running && !ledger_deployment(s->ledger, s->page, running->number,
	                                  &current, why))
		return false;
	jw_put_str(j, "service", p->service);
	jw_put_str(j, "environment", p->environment);
	jw_put_bool(j, "hasDeployments", p->count > 0);
	put_latest(j, s->page, *latest);
	put_current(j, s->page, current);
	return true;
}

/* The environment that a reader who names none is shown: the first that is
   not production, else the first. */
static const struct pair *default_pair(const struct site *s,
                                       const struct history_service *of)
{
	for (size_t i = 0; i < of->pairs.n; i++) {
		const struct pair *p = &s->history.pairs.at[of->pairs.at[i]];
		if (!history_is_prod(&s->history, p))
			return p;
	}
	return of->pairs.n ? &s->history.pairs.at[of->pairs.at[0]] : NULL;
}

static bool put_default(struct jw *j, struct site *s,
                        const struct history_service *of, struct fail *why)
{
	struct deployment *latest;
	const struct pair *p = default_pair(s, of);
	if (!p) {
		jw_put_str(j, "service", of->name);
		jw_put_null(j, "environment");
		jw_put_bool(j, "hasDeployments", false);
		put_latest(j, s->page, NULL);
		put_current(j, s->page, NULL);
		return true;
	}
	if (!put_pair(j, s, p, &latest, why))
		return false;
	if (!latest)
		return true;
	/* Flat aliases: one kind of card reads these. */
	jw_put_str(j, "state", str_of(deployment_state_names[latest->state]));
	jw_put_str(j, "version", latest->version);
	jw_put_when(j, "updatedAt", updated_at(latest));
	return true;
}

static bool write_delivery_status(struct site *s,
                                  const struct history_service *of,
                                  struct fail *why)
{
	struct jw j = jw_new(&s->json);
	struct deployment *latest;
	struct str path = str_format(
	        s->page, "api/v1/services/%" STR_FMT "/delivery-status.json",
	        STR_ARG(of->slug));
	jw_open(&j, '{');
	if (!put_default(&j, s, of, why))
		return false;
	jw_key(&j, "environments");
	jw_open(&j, '{');
	for (size_t i = 0; i < of->pairs.n; i++) {
		const struct pair *p = &s->history.pairs.at[of->pairs.at[i]];
		jw_key(&j, str_cstr(s->page, p->environment));
		jw_open(&j, '{');
		if (!put_pair(&j, s, p, &latest, why))
			return false;
		jw_close(&j);
	}
	jw_close(&j);
	jw_close(&j);
	bool fine = site_json(s, path, false, why);
	arena_reset(s->page);
	return fine;
}

/* --- index -------------------------------------------------------------- */

static bool write_index(struct site *s, struct fail *why)
{
	struct jw j = jw_new(&s->json);
	jw_open(&j, '{');
	jw_put_str(&j, "schema", STR("dxcp.index/1"));
	jw_put_str(&j, "status", STR("status.json"));
	jw_key(&j, "deployments");
	jw_open(&j, '{');
	jw_put_int(&j, "count", s->history.count);
	jw_put_int(&j, "first", s->history.first);
	jw_put_int(&j, "last", s->history.last);
	jw_put_str(&j, "template", STR("deployments/{number}.json"));
	jw_close(&j);
	jw_key(&j, "services");
	jw_open(&j, '[');
	vec_each (struct history_service, of, &s->history.services) {
		jw_open(&j, '{');
		jw_put_str(&j, "service", of->name);
		jw_put_str(&j, "deliveryStatus",
		           str_format(s->page,
		                      "services/%" STR_FMT
		                      "/delivery-status.json",
		                      STR_ARG(of->slug)));
		jw_close(&j);
	}
	jw_close(&j);
	jw_close(&j);
	bool fine = site_json(s, STR("api/v1/index.json"), false, why);
	arena_reset(s->page);
	return fine;
}

bool api_write(struct site *s, struct fail *why)
{
	if (!write_stamp(s, why) || !write_status(s, why))
		return false;
	arena_reset(s->page);
	if (s->hot_only)
		return true;
	vec_each (struct history_service, of, &s->history.services)
		if (!write_delivery_status(s, of, why))
			return false;
	return write_index(s, why);
}
