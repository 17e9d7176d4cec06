#include "render/documents.h"

#include "render/parts.h"

const struct document site_documents[] = {
        {"the stamp of the data's time", true, READS_ALL, write_stamp},
        {"what runs, as JSON", true, READS_ALL, write_status},
        {"what a monitor asks", true, READS_ALL, write_health},
        {"services, as JSON", false, READS_OWN, write_services_api},
        {"groups and recipes, as JSON", false, READS_POLICY, write_policy_api},
        {"what there is as JSON", false, READS_ALL, write_api_index},
        {"feeds", false, READS_ALL, write_feeds},
        {"feeds of services", false, READS_OWN, write_service_feeds},
        {"badges", false, READS_OWN, write_badges},
        {"windows and freezes as a calendar", false, READS_POLICY,
         write_calendar},
        {"metrics", false, READS_ALL, write_metrics},
        {"the search index", false, READS_ALL, write_search},
        {"a map of the site for robots", false, READS_ALL, write_sitemap},
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
