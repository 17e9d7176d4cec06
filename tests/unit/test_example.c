/* example: policy/ and intents/ of this repository, which `make demo` runs and
 * `dxcp init` writes, as they were compiled in. */
#include "core/embedded.h"
#include "core/intent.h"
#include "core/policy.h"
#include "tests/lib/found.h"
#include "tests/lib/tap.h"

enum { FILES_MAX = 1000 };

static size_t sources(struct arena *a, const char *folder,
                      struct source **files)
{
	size_t n = 0;
	for (size_t i = 0; i < embedded_count && n < FILES_MAX; i++) {
		const struct embedded_file *f = &embedded_files[i];
		struct str text = {(const char *)f->bytes, f->size};
		if (str_starts(str_of(f->path), str_of(folder)))
			files[n++] = source_new(a, str_of(f->path), text);
	}
	return n;
}

static const struct policy *test_policy(struct arena *a)
{
	struct source *files[FILES_MAX];
	struct diags ds = diags_new(a);
	size_t n = sources(a, "policy/", files);
	struct policy *p = policy_read(a, files, n, &ds);
	ok(n > 0, "there is a policy");
	is_str(found(a, &ds), "", "it has no findings");
	return p;
}

/* `dxcp init` writes the user's address in place of this one. */
static void test_identity(struct arena *a, const struct policy *p)
{
	bool owns;
	if (!ok(p->roles.platform_admin.n == 1, "one platform admin"))
		return;
	struct str identity = p->roles.platform_admin.at[0].s;
	is_int(policy_roles(p, identity, NULL, &owns),
	       ROLE_PLATFORM_ADMIN | ROLE_CI_PUBLISHER,
	       "who may deliver, and register builds");
	struct source *files[FILES_MAX];
	size_t n = sources(a, "", files);
	for (size_t i = 0; i < n; i++)
		if (!str_is(files[i]->path, "policy/roles.yaml"))
			ok(!str_contains(files[i]->text, identity),
			   "%" STR_FMT ": does not name the identity",
			   STR_ARG(files[i]->path));
}

static void test_intents(struct arena *a, const struct policy *p)
{
	struct source *files[FILES_MAX];
	size_t n = sources(a, "intents/", files);
	ok(n > 0, "there are intents");
	for (size_t i = 0; i < n; i++) {
		struct diags ds = diags_new(a);
		struct intent in;
		intent_read(&in, a, files[i], &ds);
		is_str(found(a, &ds), "", "%" STR_FMT ": no findings",
		       STR_ARG(files[i]->path));
		const struct service *s = policy_service(p, in.service.s);
		ok(s != NULL, "its service is known");
		ok(in.kind != INTENT_DEPLOY ||
		           (s && service_route(s, in.environment.s)),
		   "it is routed");
	}
}

int main(void)
{
	struct arena *a = arena_new();
	const struct policy *p = test_policy(a);
	test_identity(a, p);
	test_intents(a, p);
	arena_free(a);
	return tap_done();
}
