#include "core/ledger_private.h"

enum { OF_VERSION, NEWEST, OF_SERVICE, BETWEEN, SQL_COUNT };
#define BUILD_COLUMNS                                                       \
	"seq, time, service, version, artifact, commit_id, branch, sha256," \
	" content_type, repository, ci_provider, ci_run_id, ci_run_url,"    \
	" built_at, size_bytes, actor, intent_path, intent_blob,"           \
	" intent_commit"
static const char *const sql[SQL_COUNT] = {
        [OF_VERSION] = "SELECT " BUILD_COLUMNS " FROM build"
                       " WHERE service = ?1 AND version = ?2",
        [NEWEST] = "SELECT " BUILD_COLUMNS
                   " FROM build ORDER BY seq DESC LIMIT ?1",
        [OF_SERVICE] = "SELECT " BUILD_COLUMNS " FROM build WHERE service = ?2"
                       " ORDER BY seq DESC LIMIT ?1",
        [BETWEEN] = ("SELECT count(*) FROM build WHERE group_id = ?1"
                     " AND time >= ?2 AND time < ?3"),
};
const struct ledger_sql ledger_build_sql = {"builds: ", sql, SQL_COUNT};

static void read_build(const struct query *q, struct registered_build *b)
{
	*b = (struct registered_build){
	        .seq = query_get_int(q, 0),
	        .time = query_get_int(q, 1),
	        .build = {.service = query_get_text(q, 2),
	                  .version = query_get_text(q, 3),
	                  .artifact = query_get_text(q, 4),
	                  .commit = query_get_text(q, 5),
	                  .branch = query_get_text(q, 6),
	                  .sha256 = query_get_text(q, 7),
	                  .content_type = query_get_text(q, 8),
	                  .repository = query_get_text(q, 9),
	                  .ci_provider = query_get_text(q, 10),
	                  .ci_run_id = query_get_text(q, 11),
	                  .ci_run_url = query_get_text(q, 12),
	                  .built_at = query_get_int(q, 13),
	                  .size_bytes = query_get_int(q, 14)},
	        .actor = query_get_text(q, 15),
	        .intent_path = query_get_text(q, 16),
	        .intent_blob = query_get_text(q, 17),
	        .intent_commit = query_get_text(q, 18),
	};
}

static void keep(struct arena *a, struct build *b)
{
	struct str *texts[] = {
	        &b->service,      &b->version,    &b->artifact,
	        &b->commit,       &b->branch,     &b->sha256,
	        &b->content_type, &b->repository, &b->ci_provider,
	        &b->ci_run_id,    &b->ci_run_url,
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		*texts[i] = str_copy(a, *texts[i]);
}

bool ledger_build(struct ledger *l, struct arena *a, struct str service,
                  struct str version, bool *found, struct build *out,
                  struct fail *why)
{
	struct query q = query_new(l, PART_BUILD, OF_VERSION);
	bool row;
	query_text(&q, 1, service);
	query_text(&q, 2, version);
	if (!query_row(&q, &row, why))
		return false;
	if (row) {
		struct registered_build b;
		read_build(&q, &b);
		keep(a, &b.build);
		*out = b.build;
		query_end(&q);
	}
	*found = row;
	return true;
}

bool ledger_builds(struct ledger *l, struct str service, size_t limit,
                   build_fn *visit, void *context, struct fail *why)
{
	struct query q =
	        query_new(l, PART_BUILD, service.n ? OF_SERVICE : NEWEST);
	query_int(&q, 1, limit ? (int64_t)limit : -1);
	if (service.n)
		query_text(&q, 2, service);
	bool fine = true;
	while (query_next(&q, &fine, why)) {
		struct registered_build b;
		read_build(&q, &b);
		fine = visit(context, &b, why);
	}
	return fine;
}

bool ledger_builds_between(struct ledger *l, struct str group, int64_t from,
                           int64_t to, int64_t *out, struct fail *why)
{
	struct query q = query_new(l, PART_BUILD, BETWEEN);
	query_text(&q, 1, group);
	query_int(&q, 2, from);
	query_int(&q, 3, to);
	return query_scalar(&q, out, why);
}
