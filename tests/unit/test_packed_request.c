/* packed_request: what is packed comes out again, all of it. */
#include "core/packed_request.h"
#include "tests/lib/tap.h"

static void same_text(struct str got, struct str want, const char *what)
{
	ok(str_eq(got, want), "%s: '%.*s' (%.*s)", what, (int)want.n, want.s,
	   (int)got.n, got.s);
}

static void same_spot(struct spot got, struct spot want, const char *what)
{
	ok(got.line == want.line && got.height == want.height &&
	           got.column == want.column &&
	           got.end_column == want.end_column,
	   "%s: %u:%u+%u-%u (%u:%u+%u-%u)", what, want.line, want.column,
	   want.height, want.end_column, got.line, got.column, got.height,
	   got.end_column);
}

/* The one that was packed ends before it is opened: a text that was not packed
   is a use after free under ASan. The path alone is borrowed. */
static struct request there_and_back(struct arena *a, struct arena *own,
                                     const struct request *r)
{
	struct packed_request *p = ARENA_NEW(a, struct packed_request);
	*p = packed_request_make(a, r);
	ok(str_eq(packed_request_path(p), r->path) && p->kind == r->kind &&
	           p->commit == r->commit && p->mixed == r->mixed &&
	           oid_eq(&p->blob, &r->blob),
	   "what sorting asks is beside it");
	arena_reset(own);
	return packed_request_open(a, p);
}

static void test_nothing(struct arena *a, struct arena *own)
{
	struct request none = {.path = STR("intents/a.yaml")};
	struct request r = there_and_back(a, own, &none);
	same_text(r.path, STR("intents/a.yaml"), "path");
	ok(!r.service.n && !r.environment.n && !r.version.n && !r.params &&
	           !r.more && !r.waiting && !r.removed && !r.mixed &&
	           !r.summary_is_blank && !r.proposed && !r.summary_length &&
	           !r.commit && r.invalid == DIAG_NONE &&
	           r.waiting_code == DIAG_NONE,
	   "nothing comes of nothing");
	same_spot(r.at, (struct spot){0}, "nowhere");
}

static void test_members(struct arena *a, struct arena *own)
{
	struct request r = {.path = STR("intents/r.yaml"),
	                    .kind = INTENT_RELEASE};
	struct request_more *more = request_more_new(own, &r);
	struct request_param *p = ARENA_NEW(own, struct request_param);
	*p = (struct request_param){.name = str_copy(own, STR("replicas")),
	                            .value = str_copy(own, STR("3"))};
	more->members = arena_array(own, 2, sizeof *more->members);
	more->nmembers = 2;
	more->members[0].service = str_copy(own, STR("ledger"));
	more->members[0].after = UINT64_C(1) << 63 | 2;
	more->members[1].version = str_copy(own, STR("1.2.3"));
	more->members[1].version_at = (struct spot){.line = 7, .column = 9};
	more->members[1].params = p;
	struct request got = there_and_back(a, own, &r);
	const struct request_more *back = request_more(&got);
	is_int((int64_t)back->nmembers, 2, "both members");
	same_text(back->members[0].service, STR("ledger"), "service");
	ok(back->members[0].after == (UINT64_C(1) << 63 | 2), "after");
	ok(!back->members[0].params, "no parameters");
	same_text(back->members[1].version, STR("1.2.3"), "version");
	same_spot(back->members[1].version_at,
	          (struct spot){.line = 7, .column = 9}, "its place");
	same_text(back->members[1].params->name, STR("replicas"), "parameter");
}

static const struct spot places[] = {
        {0},
        {.line = 1, .column = 1, .end_column = 1},
        {.line = 63, .column = 127, .end_column = 128},
        {.line = 64, .height = 1, .column = 16383, .end_column = 16384},
        {.line = (1 << 19) - 1,
         .height = (1 << 13) - 1,
         .column = UINT16_MAX,
         .end_column = UINT16_MAX},
};

static void test_places(struct arena *a, struct arena *own)
{
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		struct request r = {.path = STR("intents/a.yaml"),
		                    .version_at = places[i],
		                    .summary_at = {.line = 7, .column = 3}};
		r = there_and_back(a, own, &r);
		same_spot(r.version_at, places[i], "a place");
		same_spot(r.summary_at, (struct spot){.line = 7, .column = 3},
		          "and the one behind it");
	}
}

static void test_head(struct arena *a, struct arena *own)
{
	struct request whole = {
	        .path = STR("intents/books/2027/a.yaml"),
	        .blob = {{1, 2, 3}},
	        .commit = UINT32_MAX,
	        .kind = INTENT_DEPLOY,
	        .invalid = DIAG_INVALID_REQUEST,
	        .waiting_code = DIAG_ENGINE_UNAVAILABLE,
	        .waiting = true,
	        .removed = true,
	        .mixed = true,
	        .summary_is_blank = true,
	        .proposed = true,
	        .summary_length = UINT32_MAX,
	        .at = places[1],
	        .service_at = places[2],
	        .environment_at = places[3],
	        .service = str_copy(own, STR("pens")),
	        .environment = str_copy(own, STR("dev")),
	        .version = str_copy(own, STR("1.0.0")),
	};
	struct request r = there_and_back(a, own, &whole);
	same_text(r.service, STR("pens"), "another service than the folder's");
	same_text(r.environment, STR("dev"), "environment");
	same_text(r.version, STR("1.0.0"), "version");
	is_int(r.kind, INTENT_DEPLOY, "kind");
	is_int(r.invalid, DIAG_INVALID_REQUEST, "invalid");
	is_int(r.waiting_code, DIAG_ENGINE_UNAVAILABLE, "waiting_code");
	ok(r.waiting && r.removed && r.mixed && r.summary_is_blank &&
	           r.proposed,
	   "flags");
	ok(r.summary_length == UINT32_MAX && r.commit == UINT32_MAX &&
	           oid_eq(&r.blob, &whole.blob),
	   "numbers and blob");
	same_spot(r.at, places[1], "at");
	same_spot(r.service_at, places[2], "service_at");
	same_spot(r.environment_at, places[3], "environment_at");
	whole.service = STR("books");
	whole.environment = whole.version = STR("");
	r = there_and_back(a, own, &whole);
	same_text(r.service, STR("books"), "the folder's service");
}

static void test_params(struct arena *a, struct arena *own)
{
	enum { N = 400 }; /* more than the usual room */
	struct request whole = {.path = STR("intents/books/a.yaml")};
	struct request_param **end = &whole.params;
	for (unsigned i = 0; i < N; i++, end = &(*end)->next) {
		*end = ARENA_NEW(own, struct request_param);
		(*end)->name = str_format(own, "name-%u", i);
		(*end)->value = str_format(own, "%s", i % 2 ? "" : "value");
		(*end)->plain = i % 3 == 0;
		(*end)->at =
		        (struct spot){.line = (i + 1) & 0xffff, .column = 2};
	}
	struct request r = there_and_back(a, own, &whole);
	const struct request_param *p = r.params;
	unsigned n = 0, same = 0;
	for (; p; p = p->next, n++)
		same += str_eq(p->name, str_format(own, "name-%u", n)) &&
		        str_is(p->value, n % 2 ? "" : "value") &&
		        p->plain == (n % 3 == 0) && p->at.line == n + 1 &&
		        p->at.column == 2;
	is_int(n, N, "as many parameters");
	is_int(same, N, "and the same");
}

static void test_build(struct arena *a, struct arena *own)
{
	struct build *b = ARENA_NEW(own, struct build);
	struct request_more *more = ARENA_NEW(own, struct request_more);
	struct request whole = {.path = STR("intents/books/b.yaml"),
	                        .kind = INTENT_BUILD,
	                        .service = STR("books"),
	                        .version = STR("1.0.0"),
	                        .more = more};
	struct str *const texts[] = {
	        &b->artifact,    &b->commit,       &b->branch,
	        &b->sha256,      &b->content_type, &b->repository,
	        &b->ci_provider, &b->ci_run_id,    &b->ci_run_url,
	};
	struct spot *const spots[] = {
	        &b->artifact_at,   &b->sha256_at, &b->run_url_at,
	        &b->repository_at, &b->commit_at,
	};
	more->build = b;
	b->service = whole.service;
	b->version = whole.version;
	b->built_at = -1; /* before 1970 */
	b->size_bytes = INT64_MAX;
	for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++)
		*texts[i] = str_format(own, "text %u", i);
	for (unsigned i = 0; i < sizeof spots / sizeof *spots; i++)
		*spots[i] =
		        (struct spot){.line = (i + 1) & 0xff, .end_column = 9};
	struct build want = *b;
	struct request r = there_and_back(a, own, &whole);
	const struct build *got = request_more(&r)->build;
	ok(got && !request_more(&r)->ruling, "a build");
	same_text(got->service, STR("books"), "build: service");
	same_text(got->version, STR("1.0.0"), "build: version");
	same_text(got->artifact, STR("text 0"), "build: artifact");
	same_text(got->commit, STR("text 1"), "build: commit");
	same_text(got->branch, STR("text 2"), "build: branch");
	same_text(got->sha256, STR("text 3"), "build: sha256");
	same_text(got->content_type, STR("text 4"), "build: content_type");
	same_text(got->repository, STR("text 5"), "build: repository");
	same_text(got->ci_provider, STR("text 6"), "build: ci.provider");
	same_text(got->ci_run_id, STR("text 7"), "build: ci.run_id");
	same_text(got->ci_run_url, STR("text 8"), "build: ci.run_url");
	same_spot(got->artifact_at, want.artifact_at, "build: artifact_at");
	same_spot(got->sha256_at, want.sha256_at, "build: sha256_at");
	same_spot(got->run_url_at, want.run_url_at, "build: run_url_at");
	same_spot(got->repository_at, want.repository_at, "repository_at");
	same_spot(got->commit_at, want.commit_at, "build: commit_at");
	is_int(got->built_at, -1, "build: built_at");
	is_int(got->size_bytes, INT64_MAX, "build: size_bytes");
}

static void test_ruling(struct arena *a, struct arena *own)
{
	struct request_more *more = ARENA_NEW(own, struct request_more);
	struct request whole = {.path = STR("intents/books/c.yaml"),
	                        .more = more};
	more->ruling = ARENA_NEW(own, struct ruling);
	*more->ruling = (struct ruling){
	        .of = str_copy(own, STR("intents/books/a.yaml")),
	        .rejects = true,
	        .digest = str_copy(own, STR("00ff")),
	        .until = 1,
	        .started_at = 200,
	        .resolved_at = 1798761600,
	        .caused_by = 4,
	        .severity = str_copy(own, STR("high")),
	        .summary = str_copy(own, STR("why")),
	        .of_at = places[3],
	        .caused_by_at = places[2],
	};
	struct request r = there_and_back(a, own, &whole);
	const struct ruling *got = request_more(&r)->ruling;
	ok(got && got->rejects && !request_more(&r)->build, "a ruling");
	same_text(got->of, STR("intents/books/a.yaml"), "of");
	same_text(got->digest, STR("00ff"), "digest");
	same_text(got->severity, STR("high"), "severity");
	same_text(got->summary, STR("why"), "summary");
	ok(got->until == 1 && got->started_at == 200 &&
	           got->resolved_at == 1798761600 && got->caused_by == 4,
	   "instants and the number");
	same_spot(got->of_at, places[3], "of_at");
	same_spot(got->caused_by_at, places[2], "caused_by_at");
}

static void test_more(struct arena *a, struct arena *own)
{
	struct request_more *more = ARENA_NEW(own, struct request_more);
	struct request whole = {.path = STR("intents/books/a.yaml"),
	                        .more = more};
	more->invalid_at = places[1];
	more->invalid_why = str_format(own, "%2000d", 7);
	more->recipe = str_copy(own, STR("rolling"));
	more->recipe_at = places[2];
	more->waiting_since = 1;
	more->not_before = 2;
	more->not_before_at = places[1];
	more->expires_at = places[2];
	more->expires = 3;
	more->from = str_copy(own, STR("dev"));
	more->from_at = places[3];
	more->of = 4;
	more->of_at = places[4];
	struct request r = there_and_back(a, own, &whole);
	const struct request_more *got = r.more;
	ok(got && !got->build && !got->ruling, "what few have");
	is_int((long long)got->invalid_why.n, 2000, "a long reason");
	same_text(got->recipe, STR("rolling"), "recipe");
	same_text(got->from, STR("dev"), "from");
	same_spot(got->invalid_at, places[1], "invalid_at");
	same_spot(got->recipe_at, places[2], "recipe_at");
	same_spot(got->from_at, places[3], "from_at");
	same_spot(got->of_at, places[4], "of_at");
	same_spot(got->not_before_at, places[1], "not_before_at");
	same_spot(got->expires_at, places[2], "expires_at");
	ok(got->waiting_since == 1 && got->not_before == 2 &&
	           got->expires == 3 && got->of == 4,
	   "instants and the number");
}

int main(void)
{
	struct arena *a = arena_new(), *own = arena_new();
	test_members(a, own);
	test_nothing(a, own);
	test_places(a, own);
	test_head(a, own);
	test_params(a, own);
	test_build(a, own);
	test_ruling(a, own);
	test_more(a, own);
	arena_free(own);
	arena_free(a);
	return tap_done();
}
