/* services/: all of them in one table. */
#include "render/view_service.h"

struct view {
	struct frame frame;
	struct lede lede;
	int64_t n;
	struct service_rows rows;
};
static const struct field view_list[] = {
        FIELD_STRUCT(struct view, frame, &frame_fields),
        FIELD_LIST(struct view, lede, &run_fields),
        FIELD_INT(struct view, n),
        FIELD_LIST(struct view, rows, &service_row_fields),
};
static const struct fields view_fields = FIELDS(struct view, view_list);

static bool write_index(struct site *s, struct fail *why)
{
	struct arena *a = s->page;
	const struct str path = STR("services/index.html");
	struct view v = {.frame = frame_of(s, path, NAV_SERVICES)};
	int64_t live = 0;
	vec_each (struct history_service, of, &s->history.services) {
		struct service_row row = service_row_of(s, of);
		live += row.running != 0;
		*vec_add(a, &v.rows) = row;
	}
	v.n = (int64_t)v.rows.n;
	lede_strong(&v.lede, a, "%" STR_FMT,
	            STR_ARG(words_count(a, v.n, "service", "services")));
	lede_add(&v.lede, a, ", %lld of them in production.", (long long)live);
	frame_hot(&v.frame, s);
	v.frame.title = STR("Services");
	v.frame.description = lede_text(&v.lede, a);
	return site_page(s, &view_services, path, &v, why);
}

const struct page_kind view_services = {
        .name = "services",
        .fields = &view_fields,
        .hot = true,
        .write = write_index,
        .about = "all services",
};
