/*
 * secret: texts and names that look as if they gave a secret away: what has
 * no place in a file of a policy. Known forms are recognised, not entropy: a
 * digest or a token of this program is no secret.
 */
#ifndef CORE_SECRET_H
#define CORE_SECRET_H

#include "core/str.h"

/* "an AWS access key": what some piece of text looks like; NULL: nothing. The
   piece's offset and length go to *start and *length. */
const char *secret_in(struct str text, size_t *start, size_t *length);

/* Whether the last word of a name is one of secrets: password, dbPassword,
   API_KEY; not password_file or tokenName. */
bool secret_name(struct str name);

/* Whether a text says where a secret is kept rather than the secret: an
   absolute path, vault:..., encrypted:..., ${...}. */
bool secret_is_elsewhere(struct str text);

#endif
