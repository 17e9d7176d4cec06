/*
 * offer: an intent that a page holds ready for its reader: the command that
 * writes it, the file as it would be, and an address that opens the forge's
 * form for a new file, filled in. The site itself cannot deploy: guardrails
 * judge what is proposed, whichever way it came.
 *
 * The form is that of platform.site.new_file_url, or render/forge's. Where it
 * does not take the text, the page says so.
 */
#ifndef RENDER_OFFER_H
#define RENDER_OFFER_H

#include "render/parts.h"

struct offer {                   /* partial offer */
	struct command *command; /* NULL: a name is none for a command line */
	struct command *file;    /* NULL: the text is too long for a page */
	struct str path;         /* of the file, from the repository's root */
	struct str href, words;  /* of the form; empty: there is none */
	struct str note;         /* what its reader still has to do; or "" */
};
extern const struct fields offer_fields;

/* To bring a version back: of is the deployment that runs. NULL where the
   service is no name for a folder under intents/. */
struct offer *offer_rollback(struct site *s, struct str service,
                             struct str environment, int64_t of,
                             struct str version);
/* To take a version one environment on; without the command's line and file.
   The same. */
struct offer *offer_promotion(struct site *s, struct str service,
                              struct str from, struct str to,
                              struct str version);

#endif
