/* Read whatever comes as a policy and as an intent, look everything up, and
   hold the results against what the headers say of them. */
#include "core/expansion.h"
#include "core/policy.h"
#include "core/request.h"
#include "core/window.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>

static void check_findings(const struct diags *ds)
{
	for (size_t i = 0; i < ds->n; i++) {
		const struct span at = ds->at[i].at;
		assert(!at.src ||
		       (at.start <= at.end && at.end <= at.src->text.n));
		assert(ds->at[i].message.n);
		assert(str_is_utf8(ds->at[i].message, NULL));
	}
}

static void check_group(const struct policy *p, const struct group *g)
{
	const struct group_environment *step = g->environments.at;
	bool owns;
	for (size_t i = 0; i < g->environments.n; i++)
		for (int l = 0; l < LIMIT_COUNT; l++)
			assert(policy_limit(p, g, step[i].name.s, (enum limit)l)
			               .n > 0);
	for (size_t i = 0; i < g->owners.n; i++) {
		policy_roles(p, g->owners.at[i].s, g, &owns);
		assert(owns || g->owners.at[i].s.n > IDENTITY_MAX_BYTES);
	}
}

/* Time goes on, from one change to the next, and each is one. */
static void check_window(const struct window *w)
{
	int64_t t = 1795161600;
	struct window_state state = window_at(w, t);
	for (int i = 0; i < 8 && state.until != WINDOW_NEVER; i++) {
		assert(state.until > t);
		t = state.until;
		assert(window_at(w, t - 1).holds == state.holds);
		bool held = state.holds;
		state = window_at(w, t);
		assert(state.holds != held);
	}
}

static void check_hook(const struct hook *h)
{
	assert(!h->command.n == GIVEN(h->opa_url));
	assert(h->timeout.t > 0 && h->timeout.t <= 600);
}

static void check_parameters(const struct policy *p, const struct recipe *r)
{
	static const struct deployment of;
	static const struct build build;
	const struct expansion_order orders[] = {
	        {.recipe = r, .deployment = &of},
	        {.recipe = r, .deployment = &of, .build = &build},
	};
	for (size_t i = 0; i < 2; i++) {
		struct expansion e = {0};
		struct expansion_problem problem =
		        expansion_of(&e, p->arena, &orders[i]);
		assert((problem.fault == EXPANSION_FINE) == !problem.text.n);
		for (size_t k = 0; k < e.n; k++)
			assert(e.at[k].value.n <= EXPANSION_VALUE_MAX);
	}
}

/* What judges may rely on where there are no errors. */
static void check_sound(const struct policy *p)
{
	for (size_t i = 0; i < p->recipes.n; i++)
		assert(policy_engine(p, p->recipes.at[i]->engine.s));
	for (size_t i = 0; i < p->services.n; i++) {
		const struct service *s = p->services.at[i];
		assert(policy_service(p, s->name.s) == s);
		assert(!GIVEN(s->version_pattern) || s->pattern);
	}
	assert(p->platform.waiting_expires_after.t > 0);
	for (size_t i = 0; i < p->hooks.n; i++)
		check_hook(p->hooks.at[i]);
	for (size_t i = 0; i < p->waivers.n; i++)
		assert(p->waivers.at[i]->code != DIAG_NONE);
	for (size_t i = 0; i < p->recipes.n; i++)
		check_parameters(p, p->recipes.at[i]);
	for (size_t i = 0; i < p->windows.n; i++)
		check_window(p->windows.at[i]);
}

static void read_policy(struct source *src, struct arena *a)
{
	struct diags ds = diags_new(a);
	const struct policy *p = policy_read(a, &src, 1, &ds);
	check_findings(&ds);
	for (size_t i = 0; i < p->groups.n; i++)
		check_group(p, p->groups.at[i]);
	policy_mutations_stop(p, STR("g"), STR("dev"));
	if (!ds.errors)
		check_sound(p);
}

static void read_intent(const struct source *src, struct arena *a)
{
	struct diags ds = diags_new(a);
	struct oid blob = {{0}};
	struct intent in;
	bool good = intent_read(&in, a, src, &ds);
	check_findings(&ds);
	assert(good == !ds.errors);
	struct request r = request_of(a, &in, src, &blob, &ds);
	assert(good == (r.invalid == DIAG_NONE));
	assert(good == !request_more(&r)->invalid_why.n);
	assert(!good || in.kind < INTENT_UNKNOWN);
	assert((good && r.kind == INTENT_BUILD) ==
	       (request_more(&r)->build != NULL));
}

int FUZZ_TARGET(policy)(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str text = {(const char *)data, size};
	text = str_copy(a, text);
	read_policy(source_new(a, STR("policy/f.yaml"), text), a);
	read_intent(source_new(a, STR("intents/f/f.yaml"), text), a);
	arena_free(a);
	return 0;
}
