/* export_private: what the files of the export share. */
#ifndef RENDER_EXPORT_PRIVATE_H
#define RENDER_EXPORT_PRIVATE_H

#include "render/export.h"
#include "render/site.h"

struct export
{
	struct site *s;
	int64_t from, to;
	export_put *put;
	void *context;
};

/* s->text is one piece more; empties it, and the page arena, once they are
   large. */
bool export_more(struct export *x, struct fail *why);

bool export_cdevents(struct export *x, struct fail *why);
bool export_csv(struct export *x, struct fail *why);
void export_backstage(struct export *x);

#endif
