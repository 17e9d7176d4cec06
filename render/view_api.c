/* api/v1/: status, index, health; and as-of.svg, as-of.js. */
#include "core/when.h"
#include "render/documents.h"
#include "render/html.h"
#include "render/insight_slices.h"
#include "render/parts.h"

#include <string.h>

/* --- as-of.svg, as-of.js ------------------------------------------------ */

/* The same for the script, on pages that not every run rewrites: from disk a
   page may load a script, but no other file. */
static bool write_stamp_script(struct site *s, struct fail *why)
{
	struct str text = str_format(
	        s->page,
	        "window.DXCP_AS_OF = {asOf: \"%s\", goodUntil: \"%s\"};\n",
	        when_text(s->now).s, when_text(s->good_until).s);
	return emit_file(&s->emit, STR("as-of.js"), text, true, why);
}

/* "7 Mar 02:50"; with the year where it is not that of the data. */
static struct str until_words(struct site *s)
{
	struct str day = words_day(s->page, s->good_until);
	struct str year = words_day(s->page, s->now);
	year = str_from(year, year.n - 4);
	if (str_ends(day, year))
		day = str_head(day, day.n - 5);
	return str_format(s->page, "%" STR_FMT " %" STR_FMT, STR_ARG(day),
	                  STR_ARG(words_clock(s->page, s->good_until)));
}

bool write_stamp(struct site *s, struct fail *why)
{
	struct buf b = buf_new(s->page, 4096);
	buf_add(&b,
	        STR("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"352\" "
	            "height=\"16\" viewBox=\"0 0 352 16\"><style>text{font:400 "
	            "12px system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto "
	            "Sans\",Arial,sans-serif;fill:#676259}@media(prefers-color-"
	            "scheme:dark){text{fill:#9c978c}}</style><text y=\"12.5\">"
	            "As of "));
	html_xml(&b, words_when(s->page, s->now));
	/* The reader's clock says the rest, where no script does. */
	buf_add(&b, STR(", good until "));
	html_xml(&b, until_words(s));
	buf_add(&b, STR(" UTC</text></svg>\n"));
	return emit_file(&s->emit, STR("as-of.svg"), buf_str(&b), true, why) &&
	       write_stamp_script(s, why);
}

/* --- status ------------------------------------------------------------- */

struct writing {
	struct site *s;
	struct jw *j;
};

static bool put_running(void *context, const struct deployment *d,
                        struct fail *why)
{
	struct writing *w = context;
	struct jw *j = w->j;
	const struct pair *p =
	        history_pair(&w->s->history, d->service, d->environment);
	(void)why;
	jw_open(j, '{');
	jw_put_str(j, "service", d->service);
	jw_put_str(j, "environment", d->environment);
	jw_put_str(j, "version", d->version);
	jw_put_int(j, "number", d->number);
	jw_put_str(j, "kind", str_of(deployment_kind_names[d->kind]));
	jw_put_when(j, "since", d->finished_at);
	jw_put_opt(j, "previousVersion", d->previous_version);
	if (p && p->open)
		jw_put_int(j, "inProgress", p->open);
	else
		jw_put_null(j, "inProgress");
	jw_close(j);
	return true;
}

static bool put_waiting(void *context, const struct recorded_decision *d,
                        struct fail *why)
{
	struct writing *w = context;
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

bool write_status(struct site *s, struct fail *why)
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
	struct writing w = {s, &j};
	if (!ledger_running_all(s->ledger, STR(""), 0, put_running, &w, why))
		return false;
	jw_close(&j);
	jw_key(&j, "waiting");
	jw_open(&j, '[');
	if (!ledger_waiting(s->ledger, put_waiting, &w, why))
		return false;
	jw_close(&j);
	jw_close(&j);
	return site_json(s, STR("api/v1/status.json"), true, why);
}

/* --- index -------------------------------------------------------------- */

static void put_path(struct jw *j, struct arena *a, const char *key,
                     struct str slug, const char *rest)
{
	jw_put_str(
	        j, key,
	        str_format(a, "services/%" STR_FMT "/%s", STR_ARG(slug), rest));
}

static void put_service(struct jw *j, struct site *s,
                        const struct history_service *of)
{
	struct arena *a = s->page;
	jw_open(j, '{');
	jw_put_str(j, "service", of->name);
	put_path(j, a, "deliveryStatus", of->slug, "delivery-status.json");
	put_path(j, a, "allowedActions", of->slug, "allowed-actions.json");
	jw_put_str(j, "feed",
	           str_format(a, "../../services/%" STR_FMT "/feed.atom",
	                      STR_ARG(of->slug)));
	if (service_has_figures(s, of))
		jw_put_str(j, "insights",
		           str_from(service_figures_json(a, of->slug),
		                    strlen("api/v1/")));
	jw_key(j, "environments");
	jw_open(j, '{');
	for (size_t i = 0; i < of->pairs.n; i++) {
		const struct pair *p = &s->history.pairs.at[of->pairs.at[i]];
		put_path(j, a, str_cstr(a, p->environment), of->slug,
		         str_format(a,
		                    "environments/%" STR_FMT
		                    "/delivery-status.json",
		                    STR_ARG(s->history.environments
		                                    .at[p->environment_at]
		                                    .slug))
		                 .s);
	}
	jw_close(j);
	jw_close(j);
}

bool write_api_index(struct site *s, struct fail *why)
{
	static const struct {
		const char *key, *path;
	} documents[] = {
	        {"status", "status.json"},
	        {"search", "search.json"},
	        {"groups", "groups.json"},
	        {"recipes", "recipes.json"},
	        {"health", "health.json"},
	        {"metrics", "../../metrics.prom"},
	        {"calendar", "../../calendar.ics"},
	        {"feed", "../../feeds/all.atom"},
	};
	struct jw j = jw_new(&s->json);
	jw_open(&j, '{');
	jw_put_str(&j, "schema", STR("dxcp.index/1"));
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
		jw_put_str(&j, documents[i].key, str_of(documents[i].path));
	slices_index(&j, s);
	jw_key(&j, "deployments");
	jw_open(&j, '{');
	jw_put_int(&j, "count", s->history.count);
	jw_put_int(&j, "first", s->history.first);
	jw_put_int(&j, "last", s->history.last);
	jw_put_str(&j, "template", STR("deployments/{number}.json"));
	jw_close(&j);
	jw_key(&j, "services");
	jw_open(&j, '[');
	vec_each (struct history_service, of, &s->history.services)
		put_service(&j, s, of);
	jw_close(&j);
	jw_close(&j);
	return site_json(s, STR("api/v1/index.json"), false, why);
}

/* What a monitor asks: whether there is anybody. */
bool write_health(struct site *s, struct fail *why)
{
	struct jw j = jw_new(&s->json);
	jw_open(&j, '{');
	jw_put_str(&j, "status", STR("ok"));
	jw_put_when(&j, "generatedAt", s->now);
	jw_put_opt(&j, "commit", s->in->commit);
	jw_close(&j);
	return site_json(s, STR("api/v1/health.json"), true, why);
}
