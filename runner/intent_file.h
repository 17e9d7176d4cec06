/*
 * intent_file: the text of an intent file, as a person would have written it,
 * and a name for it that is not taken.
 *
 * Whatever text a value holds, reading the file gives the same text back, also
 * to a reader that knows YAML's types: what another type could be meant by, or
 * what has a meaning in YAML, is quoted. The caller has checked that texts are
 * UTF-8 without NUL.
 */
#ifndef RUNNER_INTENT_FILE_H
#define RUNNER_INTENT_FILE_H

#include "core/str.h"

/* A file as it grows. Keys are added in the order of calls. */
struct intent_file {
	struct buf text;
	int depth; /* of maps that are open */
	bool item; /* the next key is the first of an item of a list */
};

/*
 * The line that names a document's schema to the YAML language server, and so
 * to most editors: a comment, the first line of the file. dxcp init writes the
 * schemas into the repository, so that no network is needed. path is the
 * document's, from the root; the schema's address is relative to it.
 */
#define SCHEMA_FOLDER "schemas"
struct str intent_file_modeline(struct arena *a, struct str path,
                                const char *schema);
/* The schema's file, from the root: "schemas/intent.json". */
struct str intent_file_schema(struct arena *a, const char *schema);

/* Begins with the kind. */
struct intent_file intent_file_new(struct arena *a, const char *kind);
/* One key; an empty value, or 0, leaves it out. */
void intent_file_text(struct intent_file *f, const char *key, struct str value);
/* As intent_file_text, on one line: runs of white space become a space. */
void intent_file_line(struct intent_file *f, const char *key, struct str value);
void intent_file_when(struct intent_file *f, const char *key, int64_t instant);
void intent_file_int(struct intent_file *f, const char *key, int64_t value);
/* A parameter: the name is quoted where it must be; a decimal number, true and
   false are written as such. */
void intent_file_param(struct intent_file *f, struct str name,
                       struct str value);
/* A map under a key; at least one key goes between open and close. */
void intent_file_open(struct intent_file *f, const char *key);
void intent_file_close(struct intent_file *f);
/* An item of a list, a map as well: between the open and close of the list's
   key, and closed itself. */
void intent_file_item(struct intent_file *f);
/* A list of texts, on one line; left out where it is empty. */
void intent_file_texts(struct intent_file *f, const char *key,
                       const struct str *values, size_t n);

/*
 * The whole text, with the modeline before it where the repository at root has
 * the schema: an editor would say that it cannot be found otherwise. False
 * where there is more than fits.
 */
bool intent_file_whole(const struct intent_file *f, const char *root,
                       struct str path, struct str *out);

/* A text in double quotes, with escapes; for flow and block alike. */
void intent_file_quote(struct buf *out, struct str value);

/* White space and line ends folded to single spaces, none at the ends. */
struct str intent_file_fold(struct arena *a, struct str text);

/*
 * "intents/SERVICE/20261121T120000Z-deploy-1.4.2-prod.yaml": the time, then
 * what, with characters outside A-Z a-z 0-9 . _ - replaced by '-' and at most
 * INTENT_NAME_MAX of them. Where root/ has a file of that name, "-2" and so on
 * are tried. service is a name that can be a folder's, or empty: the file goes
 * into intents/ itself.
 */
enum { INTENT_NAME_MAX = 120, INTENT_NAME_TRIES = 10000 };
struct str intent_file_path(struct arena *a, const char *root,
                            struct str service, int64_t now, struct str what);

/* Whether a service's name can be a folder under intents/. */
bool intent_file_is_folder(struct str service);

#endif
