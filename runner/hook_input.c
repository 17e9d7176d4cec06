#include "runner/hooks.h"
#include "runner/order_json.h"

enum { INPUT_MAX = 8 * 1024 * 1024 }; /* an intent is at most 256 KiB */

/* A request has no texts but those that guardrails look at: the intent again,
   as the pass read it. */
static bool read_intent(struct world *w, const struct pass *p, struct arena *a,
                        const struct request *r, struct intent *out,
                        struct fail *why)
{
	struct str text;
	const struct str *draft = map_find(&p->drafts, r->path);
	if (!p->worktree)
		return gather_again(w, a, r->path, &r->blob, out, NULL, why);
	if (draft)
		text = *draft;
	else if (!repo_worktree_file(w->repo, a, r->path, &text, why))
		return fail_note(why, "reading %" STR_FMT " again",
		                 STR_ARG(r->path));
	struct diags ds = diags_new(a);
	*out = (struct intent){0};
	intent_read(out, a, source_new(a, r->path, text), &ds);
	return true;
}

static void put_oid(struct jw *j, const char *key, const struct oid *id)
{
	struct oid_hex hex = oid_hex(id);
	if (!oid_is_zero(id))
		jw_put_str(j, key, str_of(hex.s));
}

static void put_intent(struct jw *j, const struct facts *f,
                       const struct decision *d, const struct intent *in)
{
	const struct request *r = f->request;
	jw_key(j, "intent");
	jw_open(j, '{');
	jw_put_str(j, "path", r->path);
	put_oid(j, "blob", &r->blob);
	put_oid(j, "commit", &d->commit);
	order_json_text(j, "summary", in->summary.s, ABSENT_IS_LEFT_OUT);
	order_json_text(j, "ticket", in->ticket.s, ABSENT_IS_LEFT_OUT);
	if (GIVEN(in->reason))
		jw_put_str(j, "reason",
		           str_of(intent_reason_names[in->reason.is]));
	jw_key(j, "labels");
	jw_open(j, '{');
	if (in->labels.node && in->labels.node->kind == YAML_MAP)
		yaml_each_pair (key, in->labels.node)
			if (key->next->kind == YAML_SCALAR)
				jw_put_str(j,
				           str_cstr(j->out->arena, key->text),
				           key->next->text);
	jw_close(j);
	jw_close(j);
}

static void put_actor(struct jw *j, const struct actor *actor)
{
	jw_key(j, "actor");
	jw_open(j, '{');
	jw_put_str(j, "email", actor->email);
	order_json_text(j, "name", actor->name, ABSENT_IS_LEFT_OUT);
	order_json_text(j, "role", str_of(actor->role), ABSENT_IS_LEFT_OUT);
	jw_put_str(j, "proof",
	           actor->proof == PROOF_SIGNED ? STR("signed")
	                                        : STR("author"));
	jw_close(j);
}

static void put_environment(struct jw *j, const struct facts *f)
{
	bool prod =
	        f->environment && f->environment->type.is == ENVIRONMENT_PROD;
	jw_put_str(j, "environment", f->request->environment);
	jw_put_str(j, "environmentType", prod ? STR("prod") : STR("non_prod"));
}

static void put_group(struct jw *j, const struct group *g)
{
	if (!g)
		return;
	jw_key(j, "group");
	jw_open(j, '{');
	jw_put_str(j, "id", g->id.s);
	jw_put_str(j, "name", g->name.s);
	jw_key(j, "owners");
	jw_open(j, '[');
	for (size_t i = 0; i < g->owners.n; i++)
		jw_str(j, g->owners.at[i].s);
	jw_close(j);
	jw_close(j);
}

static void put_recipe(struct jw *j, const struct recipe *r)
{
	if (!r)
		return;
	jw_key(j, "recipe");
	jw_open(j, '{');
	jw_put_str(j, "id", r->id.s);
	jw_put_int(j, "revision", r->revision.n);
	jw_put_str(j, "engine", r->engine.s);
	jw_close(j);
}

static void put_limit(struct jw *j, enum limit limit,
                      const struct limit_value *value, int64_t used)
{
	jw_key(j, limit_name(limit));
	jw_open(j, '{');
	jw_put_int(j, "limit", value->n);
	jw_put_int(j, "used", used);
	jw_put_str(j, "origin", str_of(value->origin));
	jw_close(j);
}

static void put_limits(struct jw *j, const struct facts *f)
{
	jw_key(j, "limits");
	jw_open(j, '{');
	if (f->has_quota)
		put_limit(j, facts_quota(f->request), &f->quota, f->quota_used);
	if (f->has_slots)
		put_limit(j, LIMIT_CONCURRENT_DEPLOYMENTS, &f->slots,
		          f->slots_used);
	jw_close(j);
}

bool hook_input(struct str *out, struct world *w, const struct pass *p,
                struct arena *a, const struct facts *f,
                const struct decision *d, struct fail *why)
{
	const struct request *r = f->request;
	struct intent in;
	if (!read_intent(w, p, a, r, &in, why))
		return false;
	struct buf buf = buf_new(a, INPUT_MAX);
	struct jw j = jw_new(&buf);
	jw_open(&j, '{');
	jw_put_str(&j, "schema", STR("dxcp.hook/1"));
	jw_put_when(&j, "now", f->now);
	put_oid(&j, "policyTree", &p->policy_tree);
	jw_put_str(&j, "token", d->token);
	jw_put_str(&j, "kind", str_of(intent_kinds[r->kind].name));
	jw_put_str(&j, "service", r->service);
	put_environment(&j, f);
	order_json_text(&j, "version", r->version, ABSENT_IS_LEFT_OUT);
	order_json_text(&j, "sourceEnvironment", request_more(r)->from,
	                ABSENT_IS_LEFT_OUT);
	order_json_number(&j, "rollbackOf", f->undoes ? f->undoes->number : 0,
	                  ABSENT_IS_LEFT_OUT);
	put_group(&j, f->group);
	put_recipe(&j, f->recipe);
	put_actor(&j, &f->actor);
	put_intent(&j, f, d, &in);
	order_json_params(&j, a, r->params);
	order_json_build(&j, f->registered, ABSENT_IS_LEFT_OUT);
	put_limits(&j, f);
	jw_close(&j);
	buf_add_char(&buf, '\n');
	*out = buf_str(&buf);
	return !buf.full ||
	       fail_set(why, FAIL_SYSTEM, "what hooks are told is too long");
}
