/* past: builds, and what people said about intents and versions. */
#include "core/peek.h"
#include "runner/past_private.h"

bool past_register(const struct past_step *s)
{
	struct past *p = s->past;
	const struct event *e = s->event;
	struct str service =
	        peek_text(p->scratch, peek_find(e->payload, "service"));
	struct str version =
	        peek_text(p->scratch, peek_find(e->payload, "version"));
	struct past_usage *u = past_usage_of_service(p, service, STR(""));
	map_put(&p->builds, map_key(p->scratch, service, version), p);
	if (u)
		instants_add(p->arena, &u->dispatched[LIMIT_DAILY_BUILDS],
		             e->time);
	return true;
}

/* A member of the payload, kept. */
static struct str kept(struct past *p, const struct event *e, const char *key)
{
	return str_copy(p->arena,
	                peek_text(p->arena, peek_find(e->payload, key)));
}

static struct str kept_path(struct past *p, const struct event *e)
{
	struct str intent = peek_find(e->payload, "intent");
	return str_copy(p->arena,
	                peek_text(p->arena, peek_find(intent, "path")));
}

bool past_hold(const struct past_step *s)
{
	struct past *p = s->past;
	const struct event *e = s->event;
	struct str key =
	        map_key3(p->scratch, kept(p, e, "service"),
	                 kept(p, e, "environment"), kept(p, e, "version"));
	struct past_holds *holds = MAP_MAKE(&p->holds, key, struct past_holds);
	*vec_add(p->arena, &holds->list) = (struct recorded_hold){
	        .time = e->time,
	        .until = peek_time(peek_find(e->payload, "until")),
	        .summary = kept(p, e, "summary"),
	        .actor = str_copy(p->arena, e->actor),
	        .intent_path = kept_path(p, e),
	};
	return true;
}

bool past_approve(const struct past_step *s)
{
	struct past *p = s->past;
	const struct event *e = s->event;
	struct past_approvals *all = MAP_MAKE(&p->approvals, kept(p, e, "path"),
	                                      struct past_approvals);
	*vec_add(p->arena, &all->list) = (struct recorded_approval){
	        .time = e->time,
	        .rejects = str_is(kept(p, e, "decision"), "reject"),
	        .blob = kept(p, e, "blob"),
	        .summary = kept(p, e, "summary"),
	        .actor = str_copy(p->arena, e->actor),
	        .intent_path = kept_path(p, e),
	};
	return true;
}

bool past_withdraw_intent(const struct past_step *s)
{
	struct past *p = s->past;
	const struct event *e = s->event;
	struct str path = kept(p, e, "path");
	if (map_find(&p->withdrawals, path))
		return true;
	struct recorded_withdrawal *w =
	        ARENA_NEW(p->arena, struct recorded_withdrawal);
	w->time = e->time;
	w->summary = kept(p, e, "summary");
	w->actor = str_copy(p->arena, e->actor);
	w->intent_path = kept_path(p, e);
	map_put(&p->withdrawals, path, w);
	return true;
}

bool past_end_release(const struct past_step *s)
{
	struct str path = kept(s->past, s->event, "path");
	past_intent_of(s->past, path)->releasing = false;
	return true;
}
