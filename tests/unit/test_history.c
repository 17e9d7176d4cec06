#include "render/history.h"
#include "tests/lib/recorded.h"
#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

enum { NOW = 1795000000 };

/* Two groups that put their environments in different orders. */
static const char policy_text[] =
        "kind: platform\nname: p\nengines: {box: {type: sandbox}}\n"
        "---\n{kind: environment, name: audit, type: non_prod}\n"
        "---\n{kind: environment, name: dev, type: non_prod}\n"
        "---\n{kind: environment, name: prod, type: prod}\n"
        "---\n{kind: environment, name: staging, type: non_prod}\n"
        "---\n{kind: recipe, id: r, name: R, revision: 1, summary: s,\n"
        "engine: box}\n"
        "---\n{kind: service, name: books, recipes: [r], routes: {}}\n"
        "---\n{kind: service, name: web, recipes: [r], routes: {}}\n"
        "---\n{kind: group, id: a, name: A, services: [books], recipes: [r],\n"
        "environments: [prod, audit]}\n"
        "---\n{kind: group, id: b, name: B, services: [web], recipes: [r],\n"
        "environments: [dev, staging, prod]}\n";

static struct str order_of(struct arena *a, const struct history *h,
                           const char *service)
{
	const struct history_service *s = history_service(h, str_of(service));
	struct buf out = buf_new(a, 1024);
	for (size_t i = 0; i < s->pairs.n; i++)
		buf_format(&out, "%s%" STR_FMT, i ? " " : "",
		           STR_ARG(h->pairs.at[s->pairs.at[i]].environment));
	return buf_str(&out);
}

static void deploy(struct ledger *l, int number, const char *environment)
{
	recorded_try(l, NOW - 1000 + number, "deployment.imported", "1",
	             &(struct fail){0},
	             "{'number':%d,'service':'web','environment':'%s',"
	             "'version':'%d','kind':'ROLL_FORWARD','state':"
	             "'SUCCEEDED','createdAt':%d,'finishedAt':%d}",
	             number, environment, number, NOW - 1000 + number,
	             NOW - 1000 + number);
}

int main(void)
{
	scratch_start();
	struct arena *a = arena_new();
	struct diags ds = diags_new(a);
	struct fail why = {0};
	struct history h;
	struct source *file =
	        source_new(a, STR("policy/all.yaml"), str_of(policy_text));
	const struct policy *policy = policy_read(a, &file, 1, &ds);
	ok(!ds.errors, "the policy is sound");
	struct ledger *l = ledger_at(a, "ledger.db", LEDGER_WRITE);
	deploy(l, 1, "zoo");
	deploy(l, 2, "audit");
	deploy(l, 3, "prod");
	ok(history_read(&h, a, l, policy, NOW, &why), "history: %s", why.text);
	is_str(order_of(a, &h, "books"), "prod audit",
	       "a service's environments stand in the order of its group");
	is_str(order_of(a, &h, "web"), "dev staging prod audit zoo",
	       "another group's order is its own; unknown ones come last");
	struct buf all = buf_new(a, 1024);
	vec_each (struct history_environment, e, &h.environments)
		buf_format(&all, "%" STR_FMT " ", STR_ARG(e->name));
	is_str(buf_str(&all), "dev staging prod audit zoo ",
	       "of all environments the longest sequence says the order");
	arena_free(a);
	scratch_end();
	return tap_done();
}
