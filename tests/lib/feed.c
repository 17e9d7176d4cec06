#include "tests/lib/feed.h"

#include "tests/lib/tap.h"

struct one {
	struct engine_call *call;
	bool given;
};

static bool turn(void *context, struct engine_call **answered, size_t nanswered,
                 struct engine_call **next, size_t room, size_t *nnext,
                 struct fail *why)
{
	struct one *one = context;
	(void)answered;
	(void)why;
	*nnext = 0;
	if (one->given && nanswered != 1)
		ok(false, "one order has one answer, not %zu", nanswered);
	if (!one->given && room) {
		one->given = true;
		next[0] = one->call;
		*nnext = 1;
	}
	return true;
}

enum engine_answer feed_one(struct engine_session *s, struct engine_call *call)
{
	struct one one = {.call = call};
	struct engine_feed feed = {.context = &one, .turn = turn};
	struct fail why = {0};
	call->status = (struct engine_status){0};
	if (!s->ops->start(s, &feed, &why))
		ok(false, "the feed does not fail: %s", why.text);
	return call->answer;
}
