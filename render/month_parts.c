#include "render/month_parts.h"

#include "render/words.h"

static const struct field jump_list[] = {
        FIELD_URL(struct pager_jump, href),
        FIELD_INT(struct pager_jump, part),
};
static const struct fields jump_fields = FIELDS(struct pager_jump, jump_list);

static const struct field pager_list[] = {
        FIELD_URL(struct pager, newer),
        FIELD_URL(struct pager, older),
        FIELD_URL(struct pager, all),
        FIELD_INT(struct pager, newer_part),
        FIELD_INT(struct pager, older_part),
        FIELD_LIST(struct pager, jumps, &jump_fields),
};
const struct fields pager_fields = FIELDS(struct pager, pager_list);

struct month_parts month_parts_of(const char *folder, int64_t month, int64_t n,
                                  int64_t rows)
{
	return (struct month_parts){.folder = folder,
	                            .month = month,
	                            .part = 1,
	                            .parts = (n + rows - 1) / rows};
}

bool month_parts_at_end(const struct month_parts *p)
{
	return p->part == p->parts;
}

struct str month_parts_path(const struct month_parts *p, struct arena *a)
{
	struct str slug = month_slug(a, p->month);
	if (month_parts_at_end(p))
		return str_format(a, "%s/%" STR_FMT "/index.html", p->folder,
		                  STR_ARG(slug));
	return str_format(a, "%s/%" STR_FMT "/p%lld/index.html", p->folder,
	                  STR_ARG(slug), (long long)p->part);
}

static struct str address_of(struct month_parts p, int64_t part,
                             struct arena *a, struct str root)
{
	p.part = part;
	return str_format(a, "%" STR_FMT "%" STR_FMT, STR_ARG(root),
	                  STR_ARG(month_parts_path(&p, a)));
}

struct pager *month_parts_pager(const struct month_parts *p, struct arena *a,
                                struct str root)
{
	struct pager *pager = ARENA_NEW(a, struct pager);
	pager->all = str_format(a, "%" STR_FMT "%s/index.html", STR_ARG(root),
	                        p->folder);
	pager->newer_part = p->part + 1;
	pager->older_part = p->part - 1;
	if (!month_parts_at_end(p))
		pager->newer = address_of(*p, pager->newer_part, a, root);
	if (p->part > 1)
		pager->older = address_of(*p, pager->older_part, a, root);
	/* Back only: a page that is full must not know how many follow. */
	for (int64_t step = 10; step < p->part; step *= 10)
		*vec_add(a, &pager->jumps) = (struct pager_jump){
		        address_of(*p, p->part - step, a, root),
		        p->part - step};
	return pager;
}
