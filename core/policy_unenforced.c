#include "core/policy_keys.h"

/*
 * A rule that is decoded and then ignored would allow what its author thinks
 * is forbidden. Each line here goes when its rule is enforced.
 */
static void refuse(struct diags *ds, struct span at, const char *what)
{
	diag_add(ds, DIAG_NOT_ENFORCED, at,
	         "this version of dxcp does not enforce %s", what);
}

/* A whole document: it is shown by its id. */
static void refuse_kind(struct diags *ds, const struct text *id,
                        struct span document, const char *what)
{
	refuse(ds, GIVEN(*id) ? id->at : document, what);
}

void policy_unenforced(const struct policy *p, struct diags *ds)
{
	for (size_t i = 0; i < p->hooks.n; i++)
		refuse_kind(ds, &p->hooks.at[i]->id, p->hooks.at[i]->at,
		            "hooks");
}
