#include "render/documents.h"

#include "render/parts.h"

const struct document site_documents[] = {
        {"the stamp of the data's time", true, write_stamp},
        {"what runs, as JSON", true, write_status},
        {"what a monitor asks", true, write_health},
        {"services, as JSON", false, write_services_api},
        {"groups and recipes, as JSON", false, write_policy_api},
        {"what there is as JSON", false, write_api_index},
        {"feeds", false, write_feeds},
        {"feeds of services", false, write_service_feeds},
        {"badges", false, write_badges},
        {"windows and freezes as a calendar", false, write_calendar},
        {"metrics", false, write_metrics},
        {"the search index", false, write_search},
        {"a map of the site for robots", false, write_sitemap},
};
const size_t site_document_count =
        sizeof site_documents / sizeof *site_documents;

struct str base_url(struct site *s)
{
	struct str base = s->policy->platform.site.base_url.s;
	if (!str_starts(base, STR("https://")) &&
	    !str_starts(base, STR("http://")))
		return (struct str){0};
	return str_ends(base, STR("/"))
	               ? base
	               : str_format(s->page, "%" STR_FMT "/", STR_ARG(base));
}

struct str address_of(struct site *s, const char *root, struct str path)
{
	struct str base = base_url(s);
	return str_format(s->page, "%" STR_FMT "%" STR_FMT,
	                  STR_ARG(base.n ? base : str_of(root)), STR_ARG(path));
}
