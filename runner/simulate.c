#include "runner/simulate.h"

#include "core/peek.h"
#include "runner/identity.h"

enum {
	ROUND = 4096, /* events between two signs of progress */
	HEAD = 1280,  /* bytes that hold all but the trace of most decisions */
};

struct simulating {
	struct world *world;
	struct pass *pass;
	struct past *past;
	struct arena *scratch;
	int64_t since, events, total;
	struct simulation *out;
	struct map people; /* commit -> struct identity */
	struct map roles;  /* e-mail -> struct roles_of */
	struct map last;   /* path -> 1 + index of its latest flip */
	struct decision decision;
	/* Of the decision that is being judged. */
	const struct past_decision *then;
	struct identity actor;
};

struct roles_of {
	unsigned bits;
};

/* --- reading what was decided -------------------------------------------- */

/* The first members of its document, as far as they are asked for. */
struct document {
	struct past_decision then;
	struct str actor, commit, group, kind;
	int64_t next_allowed_at, run;
	bool signed_by;
};

static void mark(struct past_decision *d, enum diag_code code)
{
	d->also[code / 8] |= (unsigned char)(1 << code % 8);
}

static void read_also(struct past_decision *d, struct str list)
{
	struct str piece;
	while (str_next(&list, '"', &piece)) {
		enum diag_code code =
		        piece.n > 1 ? diag_find(piece) : DIAG_NONE;
		if (code != DIAG_NONE)
			mark(d, code);
	}
}

static enum intent_kind kind_of(struct str name)
{
	for (int i = 0; i < INTENT_KIND_COUNT; i++)
		if (str_is(name, intent_kinds[i].name))
			return (enum intent_kind)i;
	return INTENT_UNKNOWN;
}

static enum outcome outcome_of(struct str name)
{
	for (int i = 0; i < OUTCOME_COUNT; i++)
		if (str_is(name, outcome_names[i]))
			return (enum outcome)i;
	return OUTCOME_REPLAY;
}

static void read_member(struct arena *a, struct document *doc, struct str key,
                        struct str value)
{
	struct past_decision *d = &doc->then;
	if (str_is(key, "actor")) {
		doc->actor = peek_text(a, peek_find(value, "email"));
		doc->signed_by =
		        str_is(peek_find(value, "proof"), "\"signed\"");
	} else if (str_is(key, "also")) {
		read_also(d, value);
	} else if (str_is(key, "blob")) {
		oid_parse(peek_text(a, value), &d->blob);
	} else if (str_is(key, "code")) {
		d->code = diag_find(peek_text(a, value));
		if (d->code != DIAG_NONE)
			mark(d, d->code);
	} else if (str_is(key, "commit")) {
		doc->commit = peek_text(a, value);
	} else if (str_is(key, "decision")) {
		d->outcome = outcome_of(peek_text(a, value));
	} else if (str_is(key, "environment")) {
		d->environment = peek_text(a, value);
	} else if (str_is(key, "group")) {
		doc->group = peek_text(a, value);
	} else if (str_is(key, "intent")) {
		d->path = peek_text(a, value);
	} else if (str_is(key, "kind")) {
		doc->kind = peek_text(a, value);
	} else if (str_is(key, "message")) {
		d->message = peek_text(a, value);
	} else if (str_is(key, "nextAllowedAt")) {
		doc->next_allowed_at = peek_time(value);
	} else if (str_is(key, "run")) {
		doc->run = peek_int(value);
	} else if (str_is(key, "service")) {
		d->service = peek_text(a, value);
	}
}

/* Members come in the order of their names, the long trace after the token;
   false where the text ends before that. */
static bool read_members(struct arena *a, struct document *doc,
                         struct str payload)
{
	struct peek p = {payload};
	struct str key, value;
	while (peek_member(&p, &key, &value)) {
		read_member(a, doc, key, value);
		if (str_is(key, "token"))
			return true;
	}
	return false;
}

static bool read_document(struct simulating *s, const struct event *e,
                          struct document *doc, struct fail *why)
{
	struct arena *a = s->scratch;
	struct str whole;
	*doc = (struct document){
	        .then = {.time = e->time, .outcome = OUTCOME_REPLAY}};
	if (!read_members(a, doc, e->payload)) {
		*doc = (struct document){
		        .then = {.time = e->time, .outcome = OUTCOME_REPLAY}};
		if (!ledger_event_payload(s->world->ledger, a, e->seq, &whole,
		                          why))
			return false;
		read_members(a, doc, whole);
	}
	doc->then.kind = kind_of(doc->kind);
	doc->then.dispatches = doc->then.kind == INTENT_DEPLOY ||
	                       doc->then.kind == INTENT_PROMOTE ||
	                       doc->then.kind == INTENT_ROLLBACK;
	return true;
}

/* --- who did it ---------------------------------------------------------- */

static bool identity_of_commit(struct simulating *s, struct str commit,
                               const struct identity **out, struct fail *why)
{
	struct arena *a = s->world->arena;
	struct identity *known = map_find(&s->people, commit);
	struct commit c;
	struct oid id = {0};
	if (!known) {
		if (!oid_parse(commit, &id))
			return fail_set(why, FAIL_INTEGRITY,
			                "a decision names no commit");
		known = ARENA_NEW(a, struct identity);
		if (!repo_commit(s->world->repo, a, &id, &c, why) ||
		    !identity_of(s->world, s->pass, a, &c, known, why))
			return false;
		map_put(&s->people, commit, known);
	}
	*out = known;
	return true;
}

/*
 * Whose act it is by this policy. The record says who the author was; only
 * where signatures count, for the one policy or the other, is the commit looked
 * at again.
 */
static bool find_actor(struct simulating *s, const struct document *doc,
                       struct fail *why)
{
	const struct identity *found = NULL;
	bool is_signed =
	        s->pass->policy->platform.identity.is == IDENTITY_SIGNED ||
	        doc->signed_by;
	s->actor = (struct identity){
	        .email = doc->actor, .proof = PROOF_AUTHOR, .proven = true};
	if (!is_signed || !doc->commit.n)
		return true;
	if (!identity_of_commit(s, doc->commit, &found, why))
		return false;
	s->actor = *found;
	return true;
}

static unsigned roles_of(struct simulating *s, struct str email)
{
	struct roles_of *known = map_find(&s->roles, email);
	bool owns;
	if (!known) {
		known = ARENA_NEW(s->world->arena, struct roles_of);
		known->bits = policy_roles(s->pass->policy, email, NULL, &owns);
		map_put(&s->roles, email, known);
	}
	return known->bits;
}

/* --- judging ------------------------------------------------------------- */

static bool facts(void *context, struct arena *a, const struct request *r,
                  struct facts *out, struct fail *why)
{
	struct simulating *s = context;
	if (!past_facts(s->past, a, s->then, r, out, why))
		return false;
	facts_actor(out, s->actor.email, STR(""), roles_of(s, s->actor.email));
	out->actor.proof = s->actor.proof;
	out->proven = s->actor.proven;
	out->proof_detail = s->actor.detail;
	return true;
}

static void use(void *context, struct arena *a, const struct facts *f,
                bool back)
{
	struct simulating *s = context;
	past_use(s->past, a, f, back);
}

/* --- counting ------------------------------------------------------------ */

enum diag_code flip_code(const struct flip *f)
{
	return f->would.outcome == OUTCOME_ALLOW ? f->was.code : f->would.code;
}

static void count_in(struct flip_counts *c, const struct flip *f)
{
	c->n++;
	c->of[f->was.outcome][f->would.outcome]++;
}

static void count(struct simulation *out, const struct flip *f)
{
	count_in(&out->all, f);
	count_in(&out->code[flip_code(f)], f);
	count_in(MAP_MAKE(&out->groups, f->group, struct flip_counts), f);
}

static void wait_for(struct flip_waiting *w, int64_t seconds, bool known)
{
	w->n++;
	if (known)
		w->seconds += seconds;
	else
		w->unknown++;
}

/* Also of decisions that wait in both: it may end sooner or later. */
static void count_waiting(struct simulation *out, const struct document *was,
                          const struct decision *would)
{
	int64_t before = was->next_allowed_at, after = would->next_allowed_at;
	bool waited = was->then.outcome == OUTCOME_WAIT;
	bool waits = would->outcome == OUTCOME_WAIT;
	if (waits && waited && before && after && before != after)
		wait_for(after > before ? &out->added : &out->removed,
		         after > before ? after - before : before - after,
		         true);
	else if (waits && !waited)
		wait_for(&out->added, after - was->then.time, after != 0);
	else if (waited && !waits)
		wait_for(&out->removed, before - was->then.time, before != 0);
}

/* --- flips --------------------------------------------------------------- */

/* Where the rule stands that decided it; of a release a member's. */
static struct location rule_of(const struct decision *d)
{
	struct location none = {0};
	for (size_t i = 0; i < d->ntrace; i++)
		if (d->trace[i].code == d->code && d->code != DIAG_NONE)
			return d->trace[i].rule;
	for (size_t i = 0; i < d->nitems; i++)
		if (d->items[i].code == d->code)
			return rule_of(&d->items[i]);
	return none;
}

/* Of a release, that of the member that decided it, or of its first one. */
static struct str group_of(const struct decision *d, struct str recorded)
{
	for (size_t i = 0; i < d->nitems; i++)
		if (d->items[i].code == d->code)
			return d->items[i].group;
	if (d->nitems)
		return d->items[0].group;
	return d->group.n ? d->group : recorded;
}

static struct str kept(struct simulating *s, struct str text)
{
	return str_copy(s->world->arena, text);
}

static void keep_flip(struct simulating *s, const struct event *e,
                      const struct document *was, const struct decision *d)
{
	struct arena *a = s->world->arena;
	struct flip *f = vec_add(a, &s->out->flips);
	const struct request *r = d->request;
	f->path = kept(s, was->then.path);
	f->kind = kept(s, was->kind);
	f->service = kept(s, r->service);
	f->environment = kept(s, r->environment);
	f->version = kept(s, r->version);
	f->group = kept(s, group_of(d, was->group));
	f->seq = e->seq;
	f->time = e->time;
	f->run = was->run;
	f->was = (struct flip_side){.outcome = was->then.outcome,
	                            .code = was->then.code,
	                            .next_allowed_at = was->next_allowed_at,
	                            .message = kept(s, was->then.message)};
	f->would = (struct flip_side){.outcome = d->outcome,
	                              .code = d->code,
	                              .next_allowed_at = d->next_allowed_at,
	                              .message = kept(s, d->message),
	                              .hint = kept(s, d->hint),
	                              .rule = rule_of(d)};
	count(s->out, f);
	size_t *last = map_find(&s->last, f->path);
	if (!last) {
		s->out->intents++;
		last = ARENA_NEW(a, size_t);
		map_put(&s->last, f->path, last);
	}
	*last = s->out->flips.n;
}

static bool judge_again(struct simulating *s, const struct event *e,
                        const struct document *was, const struct request *r,
                        struct fail *why)
{
	const struct fact_source source = {s, facts, use};
	struct decision *d = &s->decision;
	s->then = &was->then;
	if (!find_actor(s, was, why) ||
	    !decide_recorded(&source, r, past_room(s->past), s->scratch, d,
	                     why))
		return false;
	s->out->decisions++;
	count_waiting(s->out, was, d);
	if (d->outcome != was->then.outcome) {
		keep_flip(s, e, was, d);
		return true;
	}
	if (d->code == was->then.code)
		s->out->same++;
	else
		s->out->other_code++;
	return true;
}

/* --- events -------------------------------------------------------------- */

static bool take_decision(struct simulating *s, const struct event *e,
                          struct fail *why)
{
	struct arena *a = s->scratch;
	struct document doc;
	struct request r;
	if (!read_document(s, e, &doc, why))
		return false;
	bool wanted = e->time >= s->since || doc.then.kind == INTENT_RELEASE;
	if (doc.then.outcome == OUTCOME_REPLAY || !doc.then.path.n)
		return true;
	if (wanted && !gather_recorded(s->world, a, doc.then.path,
	                               &doc.then.blob, &r, why))
		return false;
	if (e->time >= s->since && !judge_again(s, e, &doc, &r, why))
		return false;
	past_decided(s->past, &doc.then, wanted ? &r : NULL);
	return true;
}

/* A deployment that came of a decision which flipped. */
static void take_number(struct simulating *s, const struct event *e)
{
	struct str path;
	int64_t number;
	if (!s->last.n || !past_created(e, s->scratch, &path, &number))
		return;
	const size_t *last = map_find(&s->last, path);
	struct flip *f = last ? &s->out->flips.at[*last - 1] : NULL;
	if (f && f->was.outcome == OUTCOME_ALLOW && !f->number)
		f->number = number;
}

static bool take_event(void *context, const struct event *e, struct fail *why)
{
	struct simulating *s = context;
	if (s->events++ % ROUND == 0)
		world_progress(s->world, "replaying", e->seq, s->total);
	arena_reset(s->scratch);
	if (str_is(e->type, "intent.decided"))
		return take_decision(s, e, why);
	take_number(s, e);
	return past_event(s->past, e, why);
}

static bool replay(struct simulating *s, struct fail *why)
{
	struct ledger *l = s->world->ledger;
	struct ledger_head head;
	if (!ledger_exists(l))
		return true;
	if (!ledger_head(l, s->world->arena, &head, why))
		return false;
	s->total = head.events;
	return ledger_event_heads(l, "intent.decided", HEAD, take_event, s,
	                          why);
}

bool simulate(struct world *w, struct pass *p, int64_t since,
              struct simulation *out, struct fail *why)
{
	struct arena *a = w->arena;
	/* What is judged was committed, wherever the policy comes from. */
	struct pass committed = *p;
	committed.worktree = false;
	struct simulating s = {
	        .world = w,
	        .pass = &committed,
	        .past = past_new(a, w, p->policy),
	        .scratch = arena_new(),
	        .since = since,
	        .out = out,
	        .people = map_new(a),
	        .roles = map_new(a),
	        .last = map_new(a),
	        .decision.trace = arena_array(a, VERDICT_TRACE_MAX,
	                                      sizeof *s.decision.trace),
	};
	*out = (struct simulation){.groups = map_new(a)};
	bool fine = replay(&s, why);
	arena_free(s.scratch);
	return fine;
}
