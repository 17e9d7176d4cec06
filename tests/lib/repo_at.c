#include "tests/lib/repo_at.h"

#include <stdio.h>
#include <stdlib.h>

struct repo *repo_at(struct arena *a, const char *dir)
{
	struct repo *r = NULL;
	struct fail why = {0};
	if (!repo_open(&r, a, dir, &why)) {
		printf("Bail out! %s: %s\n", dir, why.text);
		exit(1);
	}
	return r;
}
