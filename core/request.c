#include "core/request.h"

#include <assert.h>

/* The most that the fields of a spot hold. */
enum { LINE_MAX_TOLD = (1 << 19) - 1, HEIGHT_MAX_TOLD = (1 << 13) - 1 };

static uint32_t capped(uint32_t n, uint32_t most)
{
	return n < most ? n : most;
}

static struct spot spot_of(struct span span)
{
	if (!span.src)
		return (struct spot){0};
	struct place start = source_place(span.src, span.start);
	struct place end = source_place(span.src, span.end);
	return (struct spot){
	        .line = capped(start.line, LINE_MAX_TOLD) & LINE_MAX_TOLD,
	        .height = capped(end.line - start.line, HEIGHT_MAX_TOLD) &
	                  HEIGHT_MAX_TOLD,
	        .column = (uint16_t)capped(start.column, UINT16_MAX),
	        .end_column = (uint16_t)capped(end.column, UINT16_MAX),
	};
}

const struct request_more *request_more(const struct request *r)
{
	static const struct request_more none;
	return r->more ? r->more : &none;
}

struct request_more *request_more_new(struct arena *a, struct request *r)
{
	if (!r->more)
		r->more = ARENA_NEW(a, struct request_more);
	return r->more;
}

struct location request_location(const struct request *r, struct spot spot)
{
	return (struct location){r->path, spot.line, spot.column,
	                         spot.line + (uint32_t)spot.height,
	                         spot.end_column};
}

/* Whether a finding is about the keys of a map, not about the file. */
static bool concerns_keys(enum diag_code code)
{
	return code == DIAG_UNKNOWN_KEY || code == DIAG_DUPLICATE_KEY ||
	       code == DIAG_MISSING_KEY || code == DIAG_INVALID_KEY ||
	       code == DIAG_WRONG_TYPE || code == DIAG_INVALID_VALUE;
}

/* The first error decides how the file is refused, if there is one. */
static void take_error(struct request *r, struct arena *a,
                       const struct diags *ds)
{
	for (size_t i = 0; i < ds->n; i++) {
		const struct diag *d = &ds->at[i];
		if (diag_info(d->code)->level != DIAG_ERROR)
			continue;
		r->invalid = r->kind == INTENT_BUILD && concerns_keys(d->code)
		                     ? DIAG_INVALID_BUILD_REGISTRATION
		                     : DIAG_INVALID_REQUEST;
		struct request_more *more = request_more_new(a, r);
		more->invalid_at = spot_of(d->at);
		more->invalid_why = str_copy(a, d->message);
		return;
	}
}

/* The folder under intents/ says whose file it is where the file itself
   does not. */
struct str request_path_service(struct str path)
{
	struct str top, rest, service, file;
	if (str_cut(path, '/', &top, &rest) &&
	    str_cut(rest, '/', &service, &file))
		return service;
	return STR("");
}

/* Nearly always the name of its folder: no copy then. */
static struct str copy_of_service(struct arena *a, struct str service,
                                  struct str path)
{
	struct str folder = request_path_service(path);
	return str_eq(folder, service) ? folder : str_copy(a, service);
}

static struct request_param *params_of(struct arena *a, struct raw params)
{
	struct request_param *first = NULL, **end = &first;
	if (!params.node || params.node->kind != YAML_MAP)
		return NULL;
	yaml_each_pair (key, params.node) {
		const struct yaml_node *value = key->next;
		if (value->kind != YAML_SCALAR)
			continue;
		struct request_param *p = ARENA_NEW(a, struct request_param);
		p->name = str_copy(a, key->text);
		p->value = str_copy(a, value->text);
		p->plain = value->plain;
		p->at = spot_of((struct span){key->at.src, key->at.start,
		                              value->at.end});
		*end = p;
		end = &p->next;
	}
	return first;
}

static bool has_label(struct raw labels, const char *name)
{
	if (!labels.node || labels.node->kind != YAML_MAP)
		return false;
	yaml_each_pair (key, labels.node)
		if (str_is(key->text, name))
			return true;
	return false;
}

/* --- releases ------------------------------------------------------------ */

static void take_members(struct request *r, struct arena *a,
                         const struct intent *in)
{
	const struct release_member *from = in->deploys.at;
	struct request_more *more = request_more_new(a, r);
	more->nmembers = in->deploys.n;
	more->members = arena_array(a, in->deploys.n, sizeof *more->members);
	for (size_t i = 0; i < in->deploys.n; i++)
		more->members[i] = (struct request_member){
		        .service = str_copy(a, from[i].service.s),
		        .environment = str_copy(a, from[i].environment.s),
		        .version = str_copy(a, from[i].version.s),
		        .recipe = str_copy(a, from[i].recipe.s),
		        .service_at = spot_of(from[i].service.at),
		        .environment_at = spot_of(from[i].environment.at),
		        .version_at = spot_of(from[i].version.at),
		        .recipe_at = spot_of(from[i].recipe.at),
		        .params = params_of(a, from[i].params),
		        .after = release_after(&in->deploys, i),
		};
}

struct request request_member(struct arena *a, const struct request *release,
                              size_t i)
{
	const struct request_more *whole = request_more(release);
	assert(i < whole->nmembers);
	const struct request_member *m = &whole->members[i];
	struct request r = *release;
	r.kind = INTENT_DEPLOY;
	r.member = true;
	r.service = m->service;
	r.environment = m->environment;
	r.version = m->version;
	r.at = r.service_at = m->service_at;
	r.environment_at = m->environment_at;
	r.version_at = m->version_at;
	r.params = m->params;
	r.more = ARENA_NEW(a, struct request_more);
	*r.more = *whole;
	r.more->recipe = m->recipe;
	r.more->recipe_at = m->recipe_at;
	r.more->members = NULL;
	r.more->nmembers = 0;
	return r;
}

void request_order(const struct request *release, size_t *order)
{
	const struct request_more *whole = request_more(release);
	uint64_t after[RELEASE_MAX];
	for (size_t i = 0; i < whole->nmembers; i++)
		after[i] = whole->members[i].after;
	release_sort(after, whole->nmembers, order);
}

static struct build *build_of(struct arena *a, const struct request *r,
                              const struct intent *in)
{
	struct build *b = ARENA_NEW(a, struct build);
	b->service = r->service;
	b->version = r->version;
	b->artifact = str_copy(a, in->artifact.s);
	b->commit = str_copy(a, in->commit.s);
	b->branch = str_copy(a, in->branch.s);
	b->sha256 = str_copy(a, in->sha256.s);
	b->content_type = str_copy(a, in->content_type.s);
	b->repository = str_copy(a, in->repository.s);
	b->ci_provider = str_copy(a, in->ci.provider.s);
	b->ci_run_id = str_copy(a, in->ci.run_id.s);
	b->ci_run_url = str_copy(a, in->ci.run_url.s);
	b->built_at = in->built_at.t;
	b->size_bytes = in->size_bytes.n;
	b->artifact_at = spot_of(in->artifact.at);
	b->sha256_at = spot_of(in->sha256.at);
	b->run_url_at = spot_of(in->ci.run_url.at);
	b->repository_at = spot_of(in->repository.at);
	b->commit_at = spot_of(in->commit.at);
	return b;
}

static bool rules(enum intent_kind kind)
{
	return kind == INTENT_APPROVAL || kind == INTENT_CANCEL ||
	       kind == INTENT_HOLD || kind == INTENT_INCIDENT;
}

static struct ruling *ruling_of(struct arena *a, const struct intent *in)
{
	struct ruling *r = ARENA_NEW(a, struct ruling);
	r->of = str_copy(a, in->of.s);
	r->rejects = GIVEN(in->decision) && in->decision.is == APPROVAL_REJECT;
	r->digest = str_copy(a, in->digest.s);
	r->until = in->until.t;
	r->started_at = in->started_at.t;
	r->resolved_at = in->resolved_at.t;
	r->caused_by = in->caused_by.n;
	r->severity = str_copy(a, in->severity.s);
	r->summary = str_copy(a, in->summary.s);
	r->of_at = spot_of(in->of.at);
	r->caused_by_at = spot_of(in->caused_by.at);
	return r;
}

/* An approval or a cancel is about the service whose intent it names. */
static void take_ruling(struct request *r, struct arena *a,
                        const struct intent *in)
{
	struct ruling *ruling = ruling_of(a, in);
	request_more_new(a, r)->ruling = ruling;
	if (in->kind != INTENT_APPROVAL && in->kind != INTENT_CANCEL)
		return;
	if (str_starts(ruling->of, STR("intents/")))
		r->service = request_path_service(ruling->of);
	r->service_at = ruling->of_at;
}

static void take_more(struct request *r, struct arena *a,
                      const struct intent *in)
{
	bool undoes = in->kind == INTENT_ROLLBACK && GIVEN(in->of);
	if (!GIVEN(in->recipe) && !GIVEN(in->not_before) &&
	    !GIVEN(in->expires) && !GIVEN(in->from) && !undoes)
		return;
	struct request_more *more = request_more_new(a, r);
	more->recipe = str_copy(a, in->recipe.s);
	more->recipe_at = spot_of(in->recipe.at);
	more->not_before = in->not_before.t;
	more->expires = in->expires.t;
	more->not_before_at = spot_of(in->not_before.at);
	more->expires_at = spot_of(in->expires.at);
	more->from = str_copy(a, in->from.s);
	more->from_at = spot_of(in->from.at);
	int64_t of;
	if (!undoes || !str_int(in->of.s, &of) || of < 1)
		return;
	more->of = of;
	more->of_at = spot_of(in->of.at);
}

/* A promotion is judged by its target (CONTRACT section 8, "Kill switch"). */
static const struct text *target(const struct intent *in)
{
	return in->kind == INTENT_PROMOTE ? &in->to : &in->environment;
}

static const struct text *version(const struct intent *in)
{
	return in->kind == INTENT_ROLLBACK ? &in->to_version : &in->version;
}

struct request request_of(struct arena *a, const struct intent *intent,
                          const struct source *src, const struct oid *blob,
                          const struct diags *ds)
{
	struct request r = {
	        .path = src->path,
	        .blob = *blob,
	        .kind = intent->kind,
	        .service = copy_of_service(a, intent->service.s, src->path),
	        .environment = str_copy(a, target(intent)->s),
	        .version = str_copy(a, version(intent)->s),
	        .summary_length = (uint32_t)str_code_points(intent->summary.s),
	        .summary_is_blank = str_blank(intent->summary.s),
	        .proposed = has_label(intent->labels, INTENT_PROPOSED_LABEL),
	        .at = spot_of(intent->kind_at),
	        .service_at = spot_of(intent->service.at),
	        .environment_at = spot_of(target(intent)->at),
	        .version_at = spot_of(version(intent)->at),
	        .summary_at = spot_of(intent->summary.at),
	};
	take_more(&r, a, intent);
	take_error(&r, a, ds);
	r.params = params_of(a, intent->params);
	if (r.invalid != DIAG_NONE && !r.service.n)
		r.service = request_path_service(src->path);
	if (r.kind == INTENT_BUILD && r.invalid == DIAG_NONE)
		request_more_new(a, &r)->build = build_of(a, &r, intent);
	if (r.kind == INTENT_RELEASE && r.invalid == DIAG_NONE)
		take_members(&r, a, intent);
	if (rules(r.kind) && r.invalid == DIAG_NONE)
		take_ruling(&r, a, intent);
	return r;
}
