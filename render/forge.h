/*
 * forge: the addresses of a repository's pages on the web, where its host's
 * name tells whose it is.
 *
 *		a form for a new file			a pull request
 *	GitHub	new/{branch}?filename={path}&value={text}	pull/N
 *	GitLab	-/new/{branch}?file_name={path}		-/merge_requests/N
 *		(it has no parameter for the text any more: GitLab's issue
 *		532221)
 *	Gitea	_new/{branch}/?filename={path}&value={text}	pulls/N
 *		(and Forgejo; Gitea's pull request 16556)
 */
#ifndef RENDER_FORGE_H
#define RENDER_FORGE_H

#include "render/site.h"

struct forge {
	const char *name; /* "GitHub" */
	const char *form, *pull;
	const char *host[4]; /* what its host's name has */
};

/* Set s->forge and s->new_file_url from s->repository and the policy. */
void forge_find(struct site *s);

/* The form with a file's path and text filled in; whole: it takes the text.
   Empty: there is none, or the address would be longer than servers take. */
struct str forge_form(struct site *s, struct str path, struct str text,
                      bool *whole);

/* The pull request that the first line of a commit's message names, as merges
   and squashes by these forges do: "… #12 from …", "… (#12)"; empty: none. */
struct str forge_pull(struct site *s, struct str line);

#endif
