/*
 * order_json: members that programs of the user's are given as JSON: the order
 * of a `command` engine, the facts of a hook.
 */
#ifndef RUNNER_ORDER_JSON_H
#define RUNNER_ORDER_JSON_H

#include "core/json.h"
#include "core/request.h"

/* What is not there: null, or no member at all (what rules in Rego expect, to
   which null is a value). */
enum absent { ABSENT_IS_NULL, ABSENT_IS_LEFT_OUT };

void order_json_text(struct jw *j, const char *key, struct str value,
                     enum absent absent);
void order_json_number(struct jw *j, const char *key, int64_t n,
                       enum absent absent); /* 0 is absent */

/* "build": an object; b may be NULL. */
void order_json_build(struct jw *j, const struct build *b, enum absent absent);

/* "params": an object, 3 and true as such, "3" and others as text. */
void order_json_params(struct jw *j, struct arena *a,
                       const struct request_param *p);

#endif
