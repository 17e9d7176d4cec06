#include "runner/hooks.h"
#include "runner/redact.h"

enum { SHOWN_MESSAGES = 5 };

/* The rule's name says what true means: it is the last word of the address. */
static bool is_denial(struct str rule)
{
	static const char *const names[] = {"deny", "denied", "violation",
	                                    "violations"};
	struct str path, query, last = STR("");
	str_cut(rule, '?', &path, &query);
	while (str_next(&path, '/', &last))
		;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_is(last, names[i]))
			return true;
	return false;
}

static struct str text_of(const json_t *value)
{
	return json_is_string(value) ? (struct str){json_string_value(value),
	                                            json_string_length(value)}
	                             : STR("");
}

/* A text, or an object as other users of such rules have it. */
static struct str message_of(const json_t *item)
{
	struct str s = text_of(item);
	if (!s.n)
		s = json_get_str(item, "msg");
	if (!s.n)
		s = json_get_str(item, "message");
	return s.n ? s : STR("it gives no message");
}

static enum hook_result of_list(struct str *text, struct arena *a,
                                const json_t *list)
{
	size_t n = json_array_size(list);
	if (!n)
		return HOOK_ALLOWS;
	struct buf out = buf_new(a, HOOK_OUTPUT_MAX);
	for (size_t i = 0; i < n && i < SHOWN_MESSAGES; i++) {
		struct str line, rest;
		struct str said =
		        redact(a, message_of(json_array_get(list, i)));
		str_cut(said, '\n', &line, &rest);
		buf_add(&out, i ? STR("; ") : STR(""));
		buf_add(&out, str_brief(a, str_trim(line), HOOK_MESSAGE_MAX));
	}
	if (n > SHOWN_MESSAGES)
		buf_format(&out, " and %zu more", n - SHOWN_MESSAGES);
	*text = buf_str(&out);
	return HOOK_DENIES;
}

static enum hook_result failed(struct str *text, struct str why)
{
	*text = why;
	return HOOK_FAILED;
}

enum hook_result hook_opa_result(struct str *text, struct arena *a,
                                 struct str rule, struct str body)
{
	struct fail why = {0};
	json_t *answer;
	*text = STR("");
	if (!json_read(&answer, a, body, &why) || !json_is_object(answer))
		return failed(text, STR("its answer is no JSON object"));
	const json_t *result = json_object_get(answer, "result");
	if (!result)
		return failed(text, STR("the rule is undefined: the answer "
		                        "has no result"));
	if (json_is_array(result))
		return of_list(text, a, result);
	if (!json_is_boolean(result))
		return failed(text,
		              STR("the result is neither true, false nor a "
		                  "list of messages"));
	if (json_is_true(result) != is_denial(rule))
		return HOOK_ALLOWS;
	*text = str_format(a, "the rule is %s",
	                   json_is_true(result) ? "true" : "false");
	return HOOK_DENIES;
}
