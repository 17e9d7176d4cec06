/*
 * people: how those who acted are shown. E-mail addresses are not, unless the
 * policy asks (site.emails): instead the alias that the policy gives an
 * identity (site.people), else the author's name, else what stands before the
 * '@'.
 *
 * Pages say it themselves by people_shown. What people wrote, and documents as
 * they were recorded, hold addresses, too: people_hide takes them out of every
 * file of the site, as the last thing before it is written.
 */
#ifndef RENDER_PEOPLE_H
#define RENDER_PEOPLE_H

#include "core/map.h"
#include "core/policy.h"

struct people {
	struct map aliases; /* lower-case identity -> struct str */
	bool addresses;     /* they are shown */
};

struct people *people_new(struct arena *a, const struct policy *policy);

/* A slice of what is given, or of the policy. name may be empty. */
struct str people_shown(const struct people *p, struct arena *a,
                        struct str name, struct str identity);

/*
 * bytes itself where it has no address, else a copy in a without them. An
 * address is letters, digits and ._%+- around an '@', with a domain that begins
 * and ends with letters: versions after an '@', and the user of an SSH or a web
 * address, are none.
 */
struct str people_hide(const struct people *p, struct arena *a,
                       struct str bytes);

#endif
