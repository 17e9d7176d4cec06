#include "runner/order_json.h"

void order_json_text(struct jw *j, const char *key, struct str value,
                     enum absent absent)
{
	if (value.n || absent == ABSENT_IS_NULL)
		jw_put_opt(j, key, value);
}

void order_json_number(struct jw *j, const char *key, int64_t n,
                       enum absent absent)
{
	if (n)
		jw_put_int(j, key, n);
	else if (absent == ABSENT_IS_NULL)
		jw_put_null(j, key);
}

void order_json_build(struct jw *j, const struct build *b, enum absent absent)
{
	if (!b && absent == ABSENT_IS_LEFT_OUT)
		return;
	jw_key(j, "build");
	if (!b) {
		jw_null(j);
		return;
	}
	jw_open(j, '{');
	order_json_text(j, "artifact", b->artifact, absent);
	order_json_text(j, "commit", b->commit, absent);
	order_json_text(j, "branch", b->branch, absent);
	order_json_text(j, "sha256", b->sha256, absent);
	if (b->built_at || absent == ABSENT_IS_NULL)
		jw_put_when_opt(j, "builtAt", b->built_at);
	order_json_number(j, "sizeBytes", b->size_bytes, absent);
	order_json_text(j, "contentType", b->content_type, absent);
	order_json_text(j, "repository", b->repository, absent);
	jw_key(j, "ci");
	jw_open(j, '{');
	order_json_text(j, "provider", b->ci_provider, absent);
	order_json_text(j, "runId", b->ci_run_id, absent);
	order_json_text(j, "runUrl", b->ci_run_url, absent);
	jw_close(j);
	jw_close(j);
}

void order_json_params(struct jw *j, struct arena *a,
                       const struct request_param *p)
{
	jw_key(j, "params");
	jw_open(j, '{');
	for (; p; p = p->next) {
		struct fail ignored = {0};
		json_t *value;
		jw_key(j, str_cstr(a, p->name));
		if (p->plain && json_read(&value, a, p->value, &ignored) &&
		    (json_is_number(value) || json_is_boolean(value)))
			jw_raw(j, str_trim(p->value));
		else
			jw_str(j, p->value);
	}
	jw_close(j);
}
