#include "runner/trial.h"

/* A promotion's: what stands before it in the group's sequence. */
static struct str step_before(const struct policy *p, const struct trial *t)
{
	const struct group *g = policy_group_of(p, t->service);
	const struct group_environment *step =
	        g ? group_environment_of(g, t->environment) : NULL;
	if (!step || step == g->environments.at)
		return t->environment;
	return step[-1].name.s;
}

static void add_build(struct intent_file *f, const struct policy *p,
                      const struct trial *t, int64_t now)
{
	const struct service *s = policy_service(p, t->service);
	struct str source = s && s->artifact_sources.n
	                            ? s->artifact_sources.at[0].s
	                            : STR("https://example.com");
	intent_file_text(f, "artifact",
	                 str_format(f->text.arena, "%" STR_FMT "%sanswer",
	                            STR_ARG(source),
	                            str_ends(source, STR("/")) ? "" : "/"));
	intent_file_text(f, "commit",
	                 STR("0123456789abcdef0123456789abcdef01234567"));
	intent_file_text(f, "branch", STR("main"));
	intent_file_when(f, "built_at", now);
}

static void add_members(struct intent_file *f, const struct trial *t)
{
	struct str service, version;
	intent_file_open(f, "deploys");
	for (size_t i = 0; i < t->nmembers; i++) {
		str_cut(t->members[i], '@', &service, &version);
		intent_file_item(f);
		intent_file_text(f, "service", service);
		intent_file_text(f, "environment", t->environment);
		intent_file_text(f, "version", version);
		intent_file_close(f);
	}
	intent_file_close(f);
}

static void add_keys(struct intent_file *f, const struct policy *p,
                     const struct trial *t, int64_t now)
{
	struct str version = t->version.n ? t->version : STR("0.0.0");
	switch (t->kind) {
	case INTENT_PROMOTE:
		intent_file_text(f, "from", step_before(p, t));
		intent_file_text(f, "to", t->environment);
		intent_file_text(f, "version", t->version);
		break;
	case INTENT_ROLLBACK:
		intent_file_text(f, "environment", t->environment);
		intent_file_text(f, "to_version", t->version);
		break;
	case INTENT_RELEASE:
		add_members(f, t);
		break;
	case INTENT_APPROVAL:
		intent_file_text(f, "of", t->of);
		intent_file_text(f, "digest", str_of(oid_hex(&t->digest).s));
		break;
	case INTENT_CANCEL:
		intent_file_text(f, "of", t->of);
		break;
	case INTENT_INCIDENT:
		intent_file_text(f, "environment", t->environment);
		intent_file_when(f, "started_at", now);
		break;
	case INTENT_BUILD:
		intent_file_text(f, "version", version);
		add_build(f, p, t, now);
		break;
	case INTENT_DEPLOY:
	case INTENT_HOLD:
	case INTENT_UNKNOWN:
		intent_file_text(f, "environment", t->environment);
		intent_file_text(f, "version", version);
		break;
	}
}

struct str trial_text(struct arena *a, const struct policy *p,
                      const struct trial *t, int64_t now)
{
	bool about_intent =
	        t->kind == INTENT_APPROVAL || t->kind == INTENT_CANCEL;
	struct intent_file f = intent_file_new(a, intent_kinds[t->kind].name);
	if (!about_intent && t->kind != INTENT_RELEASE)
		intent_file_text(&f, "service", t->service);
	intent_file_text(&f, "summary", STR("May I?"));
	add_keys(&f, p, t, now);
	return buf_str(&f.text);
}
