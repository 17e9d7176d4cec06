/*
 * redact: make what an engine or a program said fit to be kept: CONTRACT
 * section 8, "Secrets in engine texts are masked before anything is stored".
 *
 * What is masked, by "***":
 *	Bearer and Basic credentials, wherever they stand
 *	the values of Authorization, Cookie and Set-Cookie, to the line's end
 *	values of names that speak of a secret (password, token, api key,
 *	signature, ...): NAME=value, name: value, "name": "value", --name value
 *	the user information of URLs, and secret parameters of their queries
 *
 * Names are recognised, not secrets: a bare password in the middle of a
 * sentence stays. In doubt more is masked. Masking twice is masking once.
 */
#ifndef RUNNER_REDACT_H
#define RUNNER_REDACT_H

#include "core/str.h"

/*
 * A copy that is valid UTF-8 (a bad byte becomes U+FFFD), without terminal
 * escapes and control characters (tab and line feed stay, CR becomes one),
 * with secrets masked.
 */
struct str redact(struct arena *a, struct str text);

/* The same of the last bytes: at most max (64 or more), from the start of a
   line where one is near, after "..." where something was left out. */
struct str redact_end(struct arena *a, struct str text, size_t max);

#endif
