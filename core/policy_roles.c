#include "core/policy_keys.h"

/* What one identity may do. */
struct identity {
	unsigned roles;
	VEC(const struct group *) owns;
};

static struct str lower_in(char *buffer, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.s[i];
		buffer[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return (struct str){buffer, s.n};
}

static struct identity *find(const struct policy *p, struct str identity)
{
	char buffer[IDENTITY_MAX_BYTES];
	if (identity.n > sizeof buffer)
		return NULL;
	return map_find(&p->identity_by, lower_in(buffer, identity));
}

static void grant(struct policy *p, const struct texts *list, unsigned role,
                  const struct group *g)
{
	for (size_t i = 0; i < list->n; i++) {
		struct str name = list->at[i].s;
		struct identity *who = find(p, name);
		if (!name.n || name.n > IDENTITY_MAX_BYTES)
			continue;
		if (!who) {
			who = ARENA_NEW(p->arena, struct identity);
			map_put(&p->identity_by, str_lower(p->arena, name),
			        who);
		}
		who->roles |= role;
		if (g)
			*vec_add(p->arena, &who->owns) = g;
	}
}

void policy_grant(struct policy *p)
{
	p->identity_by = map_new(p->arena);
	grant(p, &p->roles.platform_admin, ROLE_PLATFORM_ADMIN, NULL);
	grant(p, &p->roles.observer, ROLE_OBSERVER, NULL);
	grant(p, &p->roles.ci_publisher, ROLE_CI_PUBLISHER, NULL);
	for (size_t i = 0; i < p->groups.n; i++)
		grant(p, &p->groups.at[i]->owners, ROLE_DELIVERY_OWNER,
		      p->groups.at[i]);
}

unsigned policy_roles(const struct policy *p, struct str identity,
                      const struct group *g, bool *owns_group)
{
	*owns_group = false;
	const struct identity *who = find(p, identity);
	if (!who)
		return 0;
	for (size_t i = 0; g && i < who->owns.n; i++)
		if (who->owns.at[i] == g)
			*owns_group = true;
	return who->roles;
}
