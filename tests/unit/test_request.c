/* request: what is copied out of an intent, and how a bad file is refused. */
#include "core/request.h"
#include "tests/lib/tap.h"

static const struct oid blob = {{1, 2, 3}};

/* The intent's own arena ends before anything is looked at: under ASan a text
   that was not copied is a use after free. The path is borrowed. */
static struct request make(struct arena *a, const char *path, const char *yaml)
{
	struct arena *own = arena_new();
	struct diags ds = diags_new(own);
	struct source *src =
	        source_new(own, str_of(path), str_copy(own, str_of(yaml)));
	struct intent in;
	intent_read(&in, own, src, &ds);
	struct request r = request_of(a, &in, src, &blob, &ds);
	arena_free(own);
	return r;
}

static void is_spot(struct spot s, uint32_t line, uint32_t column,
                    uint32_t end_column, const char *what)
{
	ok(s.line == line && s.column == column && s.height == 0 &&
	           s.end_column == end_column,
	   "%s: is at %u:%u-%u (%u:%u-%u)", what, line, column, end_column,
	   s.line, s.column, s.end_column);
}

static void test_deploy(struct arena *a)
{
	struct request r = make(a, "intents/books/a.yaml",
	                        "kind: deploy\n"
	                        "service: books\n"
	                        "environment: dev\n"
	                        "version: \"1.0.0\"\n"
	                        "recipe: rolling\n"
	                        "summary: \"\xC3\xA9t\xC3\xA9\"\n"
	                        "expires: 2027-01-03T00:00:00Z\n"
	                        "params: {n: 2, s: '3', t: x}\n");
	is_str(r.path, "intents/books/a.yaml", "path");
	ok(oid_eq(&r.blob, &blob), "blob");
	is_int(r.kind, INTENT_DEPLOY, "kind");
	is_int(r.invalid, DIAG_NONE, "nothing is wrong");
	is_str(r.service, "books", "service");
	is_str(r.environment, "dev", "environment");
	is_str(r.version, "1.0.0", "version");
	is_str(request_more(&r)->recipe, "rolling", "recipe");
	is_int(r.summary_length, 3, "summary, in characters");
	ok(!r.summary_is_blank, "which is not blank");
	is_int(request_more(&r)->expires, 1798934400, "expires");
	is_int(request_more(&r)->not_before, 0, "not_before is not given");
	ok(!request_more(&r)->build, "a deploy brings no build");
	is_spot(r.at, 1, 7, 13, "the request");
	is_spot(r.service_at, 2, 10, 15, "service");
	is_spot(r.environment_at, 3, 14, 17, "environment");
	is_spot(r.version_at, 4, 10, 17, "version, with its quotes");
	is_spot(request_more(&r)->recipe_at, 5, 9, 16, "recipe");
	is_spot(r.summary_at, 6, 10, 15, "summary, in characters");
}

static void test_params(struct arena *a)
{
	struct request r = make(a, "intents/books/a.yaml",
	                        "kind: deploy\n"
	                        "service: books\n"
	                        "environment: dev\n"
	                        "version: 1.0.0\n"
	                        "summary: s\n"
	                        "params: {n: 2, s: '3', t: x}\n");
	const struct request_param *p = r.params;
	ok(p && str_is(p->name, "n") && str_is(p->value, "2") && p->plain,
	   "the first parameter");
	is_spot(p->at, 6, 10, 14, "it");
	p = p->next;
	ok(p && str_is(p->value, "3") && !p->plain,
	   "the second one, with quotes, is not plain");
	p = p->next;
	ok(p && str_is(p->name, "t") && !p->next, "the third is the last");
}

static void test_promote_and_rollback(struct arena *a)
{
	struct request r = make(a, "intents/books/a.yaml",
	                        "kind: promote\nservice: books\nfrom: dev\n"
	                        "to: prod\nsummary: s\n");
	is_str(r.environment, "prod", "a promotion is judged by its target");
	is_spot(r.environment_at, 4, 5, 9, "the target");
	is_str(request_more(&r)->from, "dev", "where it comes from");
	is_spot(request_more(&r)->from_at, 3, 7, 10, "that");
	is_str(r.version, "", "it may name no version");
	r = make(a, "intents/books/a.yaml",
	         "kind: rollback\nservice: books\nenvironment: dev\n"
	         "to_version: 0.9.0\nsummary: s\n");
	is_str(r.version, "0.9.0", "a rollback's version is to_version");
	is_int(request_more(&r)->of, 0, "it may name no deployment");
	r = make(a, "intents/books/a.yaml",
	         "kind: rollback\nservice: books\nenvironment: dev\n"
	         "of: 12\nsummary: s\n");
	is_int(request_more(&r)->of, 12, "or one, by its number");
	is_spot(request_more(&r)->of_at, 4, 5, 7, "that");
	r = make(a, "intents/books/a.yaml",
	         "kind: rollback\nservice: books\nenvironment: dev\n"
	         "of: 0\nsummary: s\n");
	is_int(r.invalid, DIAG_INVALID_REQUEST, "no number is refused");
	is_int(request_more(&r)->of, 0, "and stands for nothing");
}

#define BUILD                                                          \
	"kind: build\nservice: books\nversion: 1.0.0\nsummary: s\n"    \
	"artifact: s3://b/books.zip\ncommit: 00ff00ff\nbranch: main\n" \
	"sha256: 00\nsize_bytes: 7\ncontent_type: a/b\n"               \
	"repository: https://g/books\n"                                \
	"ci: {provider: github, run_id: 4, run_url: 'https://c/4'}\n"

static void test_build(struct arena *a)
{
	struct request r = make(a, "intents/books/b.yaml",
	                        BUILD "built_at: 2027-01-01T00:00:00Z\n");
	const struct build *b = request_more(&r)->build;
	ok(b && r.invalid == DIAG_NONE, "a build");
	is_str(b->service, "books", "build: service");
	is_str(b->version, "1.0.0", "build: version");
	is_str(b->artifact, "s3://b/books.zip", "build: artifact");
	is_str(b->commit, "00ff00ff", "build: commit");
	is_str(b->branch, "main", "build: branch");
	is_str(b->sha256, "00", "build: sha256");
	is_str(b->content_type, "a/b", "build: content_type");
	is_str(b->repository, "https://g/books", "build: repository");
	is_str(b->ci_provider, "github", "build: ci.provider");
	is_str(b->ci_run_id, "4", "build: ci.run_id");
	is_str(b->ci_run_url, "https://c/4", "build: ci.run_url");
	is_int(b->built_at, 1798761600, "build: built_at");
	is_int(b->size_bytes, 7, "build: size_bytes");
	is_spot(b->artifact_at, 5, 11, 27, "artifact");
	is_spot(b->commit_at, 6, 9, 17, "commit");
	is_spot(b->sha256_at, 8, 9, 11, "sha256");
	is_spot(b->repository_at, 11, 13, 28, "repository");
	is_spot(b->run_url_at, 12, 44, 57, "ci.run_url");
}

static const struct {
	const char *name, *path, *yaml;
	enum diag_code invalid;
	uint32_t line;
	const char *service;
} invalid[] = {
        {"unknown key", "intents/books/a.yaml",
         "kind: deploy\nservice: books\nenvironment: dev\n"
         "version: 1.0.0\nsummary: s\nforce: yes\n",
         DIAG_INVALID_REQUEST, 6, "books"},
        {"syntax error: the folder tells the service",
         "intents/books/2027/a.yaml", "kind: deploy\nservice: [\n",
         DIAG_INVALID_REQUEST, 2, "books"},
        {"syntax error in intents/ itself", "intents/a.yaml", "a: [\n",
         DIAG_INVALID_REQUEST, 1, ""},
        {"unknown kind", "intents/books/a.yaml", "kind: x\nservice: pens\n",
         DIAG_INVALID_REQUEST, 1, "books"},
        {"service is a list", "intents/books/a.yaml",
         "kind: deploy\nservice: [pens]\nenvironment: dev\n"
         "version: 1.0.0\nsummary: s\n",
         DIAG_INVALID_REQUEST, 2, "books"},
        {"another service than the folder's is kept", "intents/books/a.yaml",
         "kind: deploy\nservice: pens\nenvironment: dev\nversion: 1.0.0\n"
         "summary: s\nforce: yes\n",
         DIAG_INVALID_REQUEST, 6, "pens"},
        {"build with a wrong key", "intents/books/a.yaml",
         BUILD "built_at: noon\n", DIAG_INVALID_BUILD_REGISTRATION, 13,
         "books"},
        {"build without built_at", "intents/books/a.yaml", BUILD,
         DIAG_INVALID_BUILD_REGISTRATION, 1, "books"},
        {"build with an unknown key", "intents/books/a.yaml",
         BUILD "built_at: 2027-01-01T00:00:00Z\nsha1: 00\n",
         DIAG_INVALID_BUILD_REGISTRATION, 14, "books"},
        {"build in two documents", "intents/books/a.yaml",
         BUILD "built_at: 2027-01-01T00:00:00Z\n---\nkind: build\n",
         DIAG_INVALID_REQUEST, 15, "books"},
};

static void test_invalid(struct arena *a)
{
	for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
		struct request r = make(a, invalid[i].path, invalid[i].yaml);
		const char *name = invalid[i].name;
		is_str(str_of(diag_info(r.invalid)->name),
		       diag_info(invalid[i].invalid)->name, "%s: code", name);
		is_int(request_more(&r)->invalid_at.line, invalid[i].line,
		       "%s: line", name);
		ok(request_more(&r)->invalid_why.n > 0, "%s: says why", name);
		is_str(r.service, invalid[i].service, "%s: service", name);
		ok(!request_more(&r)->build, "%s: registers nothing", name);
	}
}

static void test_first_error(struct arena *a)
{
	struct arena *own = arena_new();
	struct diags ds = diags_new(own);
	struct source *src =
	        source_new(own, STR("intents/a.yaml"), STR("kind: cancel\n"));
	struct intent in = {.kind = INTENT_CANCEL};
	diag_add(&ds, DIAG_UNKNOWN_REFERENCE, source_whole(src), "a warning");
	struct request r = request_of(a, &in, src, &blob, &ds);
	is_int(r.invalid, DIAG_NONE, "a warning refuses nothing");
	is_str(r.service, "", "no service is made up");
	diag_add(&ds, DIAG_MISSING_KEY, source_whole(src), "the first error");
	diag_add(&ds, DIAG_UNKNOWN_KEY, source_whole(src), "the second");
	r = request_of(a, &in, src, &blob, &ds);
	is_str(request_more(&r)->invalid_why, "the first error",
	       "the first error is told");
	struct location at = request_location(&r, request_more(&r)->invalid_at);
	is_str(at.file, "intents/a.yaml", "its file");
	ok(at.line == 1 && at.column == 1 && at.end_line == 2 &&
	           at.end_column == 1,
	   "its place");
	arena_free(own);
}

int main(void)
{
	struct arena *a = arena_new();
	test_deploy(a);
	test_params(a);
	test_promote_and_rollback(a);
	test_build(a);
	test_invalid(a);
	test_first_error(a);
	arena_free(a);
	return tap_done();
}
