/* past: deployments, from their beginning to their end. */
#include "core/peek.h"
#include "runner/past_private.h"

struct past_deployment *past_deployment_of(const struct past *p, int64_t number)
{
	if (number < 1 || (uint64_t)number > p->deployments.n)
		return NULL;
	return p->deployments.at[number - 1];
}

static int name_find(const char *const *names, struct str name)
{
	for (int i = 0; names[i]; i++)
		if (str_is(name, names[i]))
			return i;
	return -1;
}

bool past_comes_after(const struct past_deployment *a,
                      const struct past_deployment *b)
{
	return a->finished_at != b->finished_at
	               ? a->finished_at > b->finished_at
	               : a->number > b->number;
}

static void succeed(struct past *p, struct past_deployment *d)
{
	struct past_place *place = MAP_MAKE(
	        &p->places, map_key(p->scratch, d->service, d->environment),
	        struct past_place);
	size_t i = place->successes.n;
	*vec_add(p->arena, &place->successes) = d;
	struct past_deployment **at = place->successes.at;
	for (; i && past_comes_after(at[i - 1], d); i--)
		at[i] = at[i - 1];
	at[i] = d;
	struct past_deployment *undone =
	        d->kind == KIND_ROLLBACK ? past_deployment_of(p, d->rollback_of)
	                                 : NULL;
	if (!undone)
		return;
	undone->rolled_back = true;
	*vec_add(p->arena, &place->undone) = undone;
}

/* The members that both kinds of beginning have. */
static struct past_deployment *read_deployment(struct past *p,
                                               struct str payload, bool *known)
{
	struct past_deployment *d = ARENA_NEW(p->arena, struct past_deployment);
	struct peek members = {payload};
	struct str key, value;
	int kind = -1;
	while (peek_member(&members, &key, &value)) {
		if (str_is(key, "number"))
			d->number = peek_int(value);
		else if (str_is(key, "rollbackOf"))
			d->rollback_of = peek_int(value);
		else if (str_is(key, "service"))
			d->service =
			        str_copy(p->arena, peek_text(p->arena, value));
		else if (str_is(key, "environment"))
			d->environment =
			        str_copy(p->arena, peek_text(p->arena, value));
		else if (str_is(key, "version"))
			d->version =
			        str_copy(p->arena, peek_text(p->arena, value));
		else if (str_is(key, "kind"))
			kind = name_find(deployment_kind_names,
			                 peek_text(p->arena, value));
		else if (str_is(key, "intent"))
			d->path = str_copy(
			        p->arena,
			        peek_text(p->arena, peek_find(value, "path")));
	}
	*known = kind >= 0;
	d->kind = (enum deployment_kind)(kind < 0 ? 0 : kind);
	return d;
}

/* NULL where it cannot be one. */
static struct past_deployment *add(struct past *p, const struct event *e)
{
	bool known;
	struct past_deployment *d = read_deployment(p, e->payload, &known);
	/* Numbers are given without gaps: none is above that of events. */
	if (!known || d->number < 1 || d->number > e->seq ||
	    past_deployment_of(p, d->number))
		return NULL;
	while (p->deployments.n < (uint64_t)d->number)
		*vec_add(p->arena, &p->deployments) = NULL;
	p->deployments.at[d->number - 1] = d;
	return d;
}

/* Of an end, or of one that came whole; -1: none. */
static int terminal_state(struct past *p, const struct event *e)
{
	int state = name_find(
	        deployment_state_names,
	        peek_text(p->scratch, peek_find(e->payload, "state")));
	return state >= 0 && deployment_is_terminal(
	                             (enum deployment_state)state)
	               ? state
	               : -1;
}

bool past_create(const struct past_step *s)
{
	struct past *p = s->past;
	struct past_deployment *d = add(p, s->event);
	if (!d)
		return false;
	d->usage = past_usage_of_service(p, d->service, d->environment);
	if (d->path.n)
		*vec_add(p->arena, &past_intent_of(p, d->path)->numbers) =
		        d->number;
	return true;
}

bool past_import(const struct past_step *s)
{
	struct past *p = s->past;
	const struct event *e = s->event;
	struct past_deployment *d = add(p, e);
	int state = terminal_state(p, e);
	int64_t created = peek_time(peek_find(e->payload, "createdAt"));
	int64_t finished = peek_time(peek_find(e->payload, "finishedAt"));
	if (!d || state < 0)
		return false;
	d->imported = true;
	d->state = (enum deployment_state)state;
	d->finished_at = finished ? finished : created ? created : e->time;
	if (d->state == STATE_SUCCEEDED)
		succeed(p, d);
	return true;
}

bool past_dispatch(const struct past_step *s)
{
	struct past *p = s->past;
	const struct event *e = s->event;
	struct past_deployment *d = s->deployment;
	past_end_pass(p);
	if (d->dispatched_at)
		return true;
	d->dispatched_at = e->time;
	d->state = STATE_DISPATCHING;
	if (!d->usage)
		return true;
	d->usage->open++;
	instants_add(p->arena, &d->usage->dispatched[past_quota_of(d->kind)],
	             d->dispatched_at);
	return true;
}

bool past_withdraw(const struct past_step *s)
{
	struct past *p = s->past;
	struct past_deployment *d = s->deployment;
	struct past_intent *i = past_intent_of(p, d->path);
	if (d->dispatched_at && d->usage) {
		d->usage->open--;
		instants_drop(&d->usage->dispatched[past_quota_of(d->kind)],
		              d->dispatched_at);
	}
	for (size_t n = 0; n < i->numbers.n; n++)
		if (i->numbers.at[n] == d->number)
			i->numbers.at[n] = 0;
	p->deployments.at[d->number - 1] = NULL;
	return true;
}

bool past_end(const struct past_step *s)
{
	struct past *p = s->past;
	const struct event *e = s->event;
	struct past_deployment *d = s->deployment;
	int state = terminal_state(p, e);
	int64_t finished = peek_time(peek_find(e->payload, "finishedAt"));
	if (state < 0 || d->finished_at)
		return false;
	/* A cancel in the midst of a pass ends what was not dispatched. */
	if (d->dispatched_at) {
		past_end_pass(p);
		if (d->usage)
			d->usage->open--;
	}
	d->state = (enum deployment_state)state;
	d->finished_at = finished ? finished : e->time;
	if (d->state == STATE_SUCCEEDED)
		succeed(p, d);
	return true;
}
