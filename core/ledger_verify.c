#include "core/checkpoint.h"
#include "core/ledger_project.h"
#include "core/ledger_schema.h"
#include "core/sha256.h"

#include <stdio.h>
#include <string.h>

/* Rows of one table, and all of them, that are reported one by one. One gap in
   the chain may make every later event wrong: the rest is counted. */
enum { ROW_FAULTS_MAX = 20, CHECK_FAULTS_MAX = 20, REPORTED_MAX = 200 };

struct verification {
	struct ledger *l, *fresh;
	struct arena *a; /* emptied now and then: for the fault at hand */
	fault_fn *report;
	void *context;
	const struct checkpoint *than; /* NULL: none */
	struct ledger_soundness out;
	/* the chain */
	int64_t next_seq;
	char prev_hash[HASH_HEX + 1];
	struct merkle_tree tree, kept; /* kept: as dxcp_tree has it */
};

static void tell(struct verification *v, struct ledger_fault f, const char *fmt,
                 ...) __attribute__((format(printf, 3, 4)));
static void tell(struct verification *v, struct ledger_fault f, const char *fmt,
                 ...)
{
	va_list args;
	va_start(args, fmt);
	f.text = str_vformat(v->a, fmt, args);
	va_end(args);
	if (!f.place.n)
		f.place = str_of(v->l->path);
	if (++v->out.faults <= REPORTED_MAX && v->report)
		v->report(v->context, &f);
}

static const char restore[] =
        "the events are not what was recorded: put a backup of the ledger in "
        "its place, or remove it where git holds its events";
/* Of what is no event. */
static struct ledger_fault fault_of(enum diag_code code, const char *hint)
{
	return (struct ledger_fault){.code = code, .hint = str_of(hint)};
}

static struct ledger_fault fault_at(struct verification *v, enum diag_code code,
                                    const struct event *e)
{
	return (struct ledger_fault){
	        .code = code,
	        .seq = e->seq,
	        .time = e->time,
	        .place = str_format(v->a, "event %lld", (long long)e->seq),
	        .hint = str_of(restore)};
}

static const char rebuild[] =
        "run `dxcp ledger rebuild`: it makes the tables anew from the events";

/* --- what SQLite says --- */

/* A damaged file is a fault that was found; anything else stops the looking. */
static bool is_damage(struct verification *v, struct fail *inner,
                      struct fail *why)
{
	if (inner->kind != FAIL_INTEGRITY) {
		*why = *inner;
		return false;
	}
	tell(v, fault_of(DIAG_LEDGER_DAMAGED, restore), "%s", inner->text);
	return true;
}

static bool prepare(struct verification *v, sqlite3 *db, const char *sql,
                    sqlite3_stmt **out, struct fail *why)
{
	int rc = sqlite3_prepare_v2(db, sql, -1, out, NULL);
	if (rc != SQLITE_OK)
		return ledger_sql_fail(db, rc, v->l->path, "", why);
	return true;
}

static bool step(struct verification *v, sqlite3_stmt *st, bool *row,
                 struct fail *why)
{
	int rc = sqlite3_step(st);
	*row = rc == SQLITE_ROW;
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return ledger_sql_fail(sqlite3_db_handle(st), rc, v->l->path,
		                       "", why);
	return true;
}

static struct str text_at(sqlite3_stmt *st, int column)
{
	const unsigned char *s = sqlite3_column_text(st, column);
	return (struct str){s ? (const char *)s : "",
	                    (size_t)sqlite3_column_bytes(st, column)};
}

/* Every row that says something else than `fine` is a fault. */
static bool check_pragma(struct verification *v, const char *sql,
                         const char *what, const char *fine, struct fail *why)
{
	sqlite3_stmt *st;
	if (!prepare(v, v->l->db, sql, &st, why))
		return false;
	bool row = true, looked = true;
	for (int n = 0; row && looked && n < CHECK_FAULTS_MAX; n++) {
		looked = step(v, st, &row, why);
		if (!looked || !row)
			break;
		struct str text = text_at(st, 0);
		if (!str_is(text, fine))
			tell(v, fault_of(DIAG_LEDGER_DAMAGED, restore),
			     "%s: %" STR_FMT, what, STR_ARG(text));
	}
	sqlite3_finalize(st);
	return looked;
}

static bool check_sqlite(struct verification *v, struct fail *why)
{
	static const struct {
		const char *sql, *what, *fine;
	} checks[] = {
	        {"PRAGMA integrity_check(20)", "the file is damaged", "ok"},
	        {"PRAGMA foreign_key_check", "a row refers to none", ""},
	};
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		struct fail inner = {0};
		if (!check_pragma(v, checks[i].sql, checks[i].what,
		                  checks[i].fine, &inner) &&
		    !is_damage(v, &inner, why))
			return false;
	}
	return true;
}

/* --- the schema --- */

static const struct schema_object *object_find(struct str type, struct str name)
{
	for (size_t i = 0; i < schema_object_count; i++)
		if (str_is(type, schema_objects[i].type) &&
		    str_is(name, schema_objects[i].name))
			return &schema_objects[i];
	return NULL;
}

/* Tables, indexes and views of the user's own are fine; a trigger is not. */
static void check_object(struct verification *v, sqlite3_stmt *st,
                         bool *seen /* schema_object_count of them */)
{
	struct str type = text_at(st, 0), name = text_at(st, 1);
	const struct schema_object *o = object_find(type, name);
	if (!o) {
		if (str_is(type, "trigger"))
			tell(v,
			     fault_of(DIAG_LEDGER_SCHEMA_CHANGED,
			              "drop it: triggers may change the "
			              "record"),
			     "the trigger %" STR_FMT " is not the ledger's",
			     STR_ARG(name));
		return;
	}
	seen[o - schema_objects] = true;
	if (!str_is(text_at(st, 2), o->sql))
		tell(v, fault_of(DIAG_LEDGER_SCHEMA_CHANGED, rebuild),
		     "the %s %s was changed", o->type, o->name);
}

static bool check_schema(struct verification *v, struct fail *why)
{
	sqlite3_stmt *st;
	if (!prepare(v, v->l->db, "SELECT type, name, sql FROM sqlite_schema",
	             &st, why))
		return false;
	bool *seen =
	        arena_array(v->l->arena, schema_object_count, sizeof *seen);
	bool row = true, looked = true;
	while (row && looked) {
		looked = step(v, st, &row, why);
		if (looked && row)
			check_object(v, st, seen);
	}
	sqlite3_finalize(st);
	for (size_t i = 0; looked && i < schema_object_count; i++)
		if (!seen[i])
			tell(v, fault_of(DIAG_LEDGER_SCHEMA_CHANGED, rebuild),
			     "the %s %s is missing", schema_objects[i].type,
			     schema_objects[i].name);
	return looked;
}

/* --- the chain --- */

static void check_link(struct verification *v, const struct event *e)
{
	struct str record = ledger_event_record(v->a, e);
	const struct str parts[] = {e->prev_hash, STR("\n"), record};
	struct sha256_hex hash = sha256_of_parts(parts, 3);
	struct merkle_hash leaf = merkle_leaf(record);
	if (e->seq != v->next_seq)
		tell(v, fault_at(v, DIAG_EVENT_MISSING, e),
		     "it follows event %lld: %lld between them are missing",
		     (long long)v->next_seq - 1,
		     (long long)(e->seq - v->next_seq));
	else if (!str_is(e->prev_hash, v->prev_hash))
		tell(v, fault_at(v, DIAG_EVENT_ALTERED, e),
		     "it does not continue the event before it");
	if (!str_is(e->hash, hash.s))
		tell(v, fault_at(v, DIAG_EVENT_ALTERED, e),
		     "it is not what its hash was made of");
	snprintf(v->prev_hash, sizeof v->prev_hash, "%.*s", HASH_HEX,
	         e->hash.n == HASH_HEX ? e->hash.s : "");
	v->next_seq = e->seq + 1;
	merkle_add(&v->tree, &leaf);
}

/* --- the tree --- */

static void check_kept(struct verification *v)
{
	struct merkle_hash is, kept;
	struct merkle_tree now = v->tree;
	if (!v->kept.size || v->tree.size != v->kept.size)
		return;
	is = merkle_root(&now);
	kept = merkle_root(&v->kept);
	if (!merkle_equal(&is, &kept))
		tell(v, fault_of(DIAG_TABLE_DIFFERS, rebuild),
		     "dxcp_tree: what was hashed up to event %llu is not "
		     "those events",
		     (unsigned long long)v->kept.size);
}

static struct ledger_fault against_checkpoint(struct verification *v)
{
	struct ledger_fault f = fault_of(DIAG_CHECKPOINT_DIFFERS, restore);
	f.place = str_format(v->a, "checkpoint %llu",
	                     (unsigned long long)v->than->size);
	return f;
}

static void check_than(struct verification *v)
{
	struct merkle_tree now = v->tree;
	if (!v->than || v->tree.size != v->than->size)
		return;
	struct merkle_hash is = merkle_root(&now);
	if (!merkle_equal(&is, &v->than->root))
		tell(v, against_checkpoint(v),
		     "its first %llu events are not those of the checkpoint",
		     (unsigned long long)v->than->size);
}

static void check_tree_end(struct verification *v)
{
	v->out.root = merkle_root(&v->tree);
	if (v->than && v->than->size > v->tree.size)
		tell(v, against_checkpoint(v),
		     "the checkpoint was made of %llu events; here are %llu",
		     (unsigned long long)v->than->size,
		     (unsigned long long)v->tree.size);
}

/* Of one that is not known to be canonical. */
static const struct canon *check_form(struct verification *v,
                                      const struct event *e)
{
	struct fail inner = {0};
	json_t *tree;
	if (json_read(&tree, v->a, e->payload, &inner) &&
	    !str_eq(json_canonical(v->a, tree), e->payload))
		tell(v, fault_at(v, DIAG_EVENT_ALTERED, e),
		     "its payload is not canonical JSON");
	const struct canon *payload = canon_read_any(v->a, e->payload, &inner);
	if (!payload)
		tell(v, fault_at(v, DIAG_EVENT_ALTERED, e), "%s", inner.text);
	return payload;
}

static bool check_event(void *context, const struct event *e, struct fail *why)
{
	struct verification *v = context;
	struct fail inner = {0};
	bool exact = false;
	(void)why;
	v->out.events++;
	arena_reset(v->a);
	check_link(v, e);
	check_kept(v);
	check_than(v);
	const struct canon *payload = canon_read(v->a, e->payload, &exact);
	if (!payload || !exact)
		payload = check_form(v, e);
	if (!payload)
		return true;
	if (!project_event(v->fresh, e, payload, &inner))
		tell(v, fault_at(v, DIAG_EVENT_CONTRADICTS, e), "%s",
		     inner.text);
	arena_reset(v->fresh->scratch);
	return true;
}

static bool check_chain(struct verification *v, struct fail *why)
{
	struct fail inner = {0};
	v->next_seq = 1;
	memset(v->prev_hash, '0', HASH_HEX);
	ledger_tree_kept(v->l, v->l->arena, &v->kept);
	check_than(v);
	if (!ledger_exec(v->fresh, "BEGIN", why))
		return false;
	row_many(v->fresh, 0);
	if (!ledger_events(v->l, 0, 0, 0, check_event, v, &inner) &&
	    !is_damage(v, &inner, why))
		return false;
	if (!row_many_end(v->fresh, &inner) && !is_damage(v, &inner, why))
		return false;
	check_tree_end(v);
	return ledger_exec(v->fresh, "COMMIT", why);
}

/* --- the projections --- */

static int compare_values(sqlite3_stmt *a, sqlite3_stmt *b, int column)
{
	int type = sqlite3_column_type(a, column);
	int other = sqlite3_column_type(b, column);
	if (type != other)
		return type < other ? -1 : 1;
	if (type == SQLITE_INTEGER) {
		int64_t x = sqlite3_column_int64(a, column);
		int64_t y = sqlite3_column_int64(b, column);
		return (x > y) - (x < y);
	}
	return str_cmp(text_at(a, column), text_at(b, column));
}

static int compare_keys(sqlite3_stmt *a, sqlite3_stmt *b, int n)
{
	int order = 0;
	for (int i = 0; i < n && !order; i++)
		order = compare_values(a, b, i);
	return order;
}

/* "deployment 12", "running checkout prod" */
static struct str row_name(struct verification *v, const char *table,
                           sqlite3_stmt *st, int key_columns)
{
	struct buf name = buf_new(v->a, 4096);
	buf_add(&name, str_of(table));
	for (int i = 0; i < key_columns; i++) {
		buf_add_char(&name, ' ');
		buf_add(&name, text_at(st, i));
	}
	return buf_str(&name);
}

static void compare_rows(struct verification *v, sqlite3_stmt *ours,
                         sqlite3_stmt *fresh, const struct schema_projection *p)
{
	for (int i = p->key_columns; i < sqlite3_column_count(fresh); i++) {
		if (!compare_values(ours, fresh, i))
			continue;
		struct str name = row_name(v, p->table, ours, p->key_columns);
		struct ledger_fault f = fault_of(DIAG_TABLE_DIFFERS, rebuild);
		f.place = name;
		tell(v, f,
		     "%" STR_FMT ": %s is \"%.80s\"; the events say \"%.80s\"",
		     STR_ARG(name), sqlite3_column_name(fresh, i),
		     text_at(ours, i).s, text_at(fresh, i).s);
		return;
	}
}

/* Both in the order of their keys, side by side. */
static bool compare_tables(struct verification *v, sqlite3_stmt *ours,
                           sqlite3_stmt *fresh,
                           const struct schema_projection *p, struct fail *why)
{
	bool has = true, wants = true;
	int64_t before = v->out.faults;
	if (!step(v, ours, &has, why) || !step(v, fresh, &wants, why))
		return false;
	while (has || wants) {
		int order = !has ? 1
		            : !wants
		                    ? -1
		                    : compare_keys(ours, fresh, p->key_columns);
		arena_reset(v->a);
		if (v->out.faults - before >= ROW_FAULTS_MAX) {
			tell(v, fault_of(DIAG_TABLE_DIFFERS, rebuild),
			     "%s: more rows differ; these are the first",
			     p->table);
			return true;
		}
		if (order == 0) {
			compare_rows(v, ours, fresh, p);
		} else {
			struct str name =
			        row_name(v, p->table, order < 0 ? ours : fresh,
			                 p->key_columns);
			struct ledger_fault f =
			        fault_of(DIAG_TABLE_DIFFERS, rebuild);
			f.place = name;
			tell(v, f, "%" STR_FMT " %s", STR_ARG(name),
			     order < 0 ? "follows from no event"
			               : "is missing");
		}
		if ((order <= 0 && !step(v, ours, &has, why)) ||
		    (order >= 0 && !step(v, fresh, &wants, why)))
			return false;
	}
	return true;
}

static bool check_projection(struct verification *v,
                             const struct schema_projection *p,
                             struct fail *why)
{
	sqlite3_stmt *ours, *fresh;
	if (!prepare(v, v->l->db, p->rows, &ours, why))
		return false;
	if (!prepare(v, v->fresh->db, p->rows, &fresh, why)) {
		sqlite3_finalize(ours);
		return false;
	}
	bool looked = true;
	if (sqlite3_column_count(ours) == sqlite3_column_count(fresh))
		looked = compare_tables(v, ours, fresh, p, why);
	sqlite3_finalize(ours);
	sqlite3_finalize(fresh);
	return looked;
}

static bool check_projections(struct verification *v, struct fail *why)
{
	for (size_t i = 0; i < schema_projection_count; i++) {
		struct fail inner = {0};
		arena_reset(v->a);
		if (!check_projection(v, &schema_projections[i], &inner) &&
		    !is_damage(v, &inner, why))
			return false;
	}
	return true;
}

/* --- all of it --- */

static bool verify(struct verification *v, struct fail *why)
{
	if (!check_sqlite(v, why))
		return false;
	struct fail inner = {0};
	if (!check_schema(v, &inner) && !is_damage(v, &inner, why))
		return false;
	return check_chain(v, why) && check_projections(v, why);
}

bool ledger_verify(struct ledger *l, const struct checkpoint *than,
                   fault_fn *report, void *context,
                   struct ledger_soundness *out, struct fail *why)
{
	struct arena *a = arena_new();
	struct verification v = {.l = l,
	                         .a = arena_new(),
	                         .report = report,
	                         .context = context,
	                         .than = than};
	/* One snapshot for all of it, though a runner may be writing. */
	bool own = !l->in_transaction && ledger_exec(l, "BEGIN", why);
	bool looked = (own || l->in_transaction) &&
	              ledger_open_empty(&v.fresh, a, why) &&
	              schema_drop_late(v.fresh, why) && verify(&v, why);
	if (own)
		sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
	if (looked)
		*out = v.out;
	arena_free(v.a);
	arena_free(a);
	return looked;
}

/* --- the chain alone --- */

struct chain {
	struct arena *a;
	int64_t events;
	char hash[HASH_HEX + 1];
};

static bool check_chain_event(void *context, const struct event *e,
                              struct fail *why)
{
	struct chain *chain = context;
	arena_reset(chain->a);
	struct sha256_hex hash = ledger_event_hash(chain->a, e);
	if (e->seq != chain->events + 1 || !str_is(e->prev_hash, chain->hash) ||
	    !str_is(e->hash, hash.s)) {
		fail_set(why, FAIL_INTEGRITY,
		         "event %lld is not what was recorded",
		         (long long)e->seq);
		return fail_hint(why, "%s", restore);
	}
	memcpy(chain->hash, hash.s, sizeof chain->hash);
	chain->events++;
	return true;
}

bool ledger_check_chain(struct ledger *l, struct fail *why)
{
	struct chain chain = {.a = arena_new()};
	memset(chain.hash, '0', HASH_HEX);
	bool fine = ledger_events(l, 0, 0, 0, check_chain_event, &chain, why);
	arena_free(chain.a);
	return fine;
}

/* --- rebuild --- */

struct rebuilding {
	struct ledger *l;
	struct arena *a;
	int64_t events;
};

static bool rebuild_event(void *context, const struct event *e,
                          struct fail *why)
{
	struct rebuilding *r = context;
	const struct canon *payload = canon_read_any(r->a, e->payload, why);
	bool done = payload && project_event(r->l, e, payload, why);
	arena_reset(r->a);
	arena_reset(r->l->scratch);
	r->events++;
	if (!done && why->kind == FAIL_INPUT)
		why->kind = FAIL_INTEGRITY;
	if (!done) {
		fail_note(why, "event %lld", (long long)e->seq);
		fail_hint(why, "%s", restore);
	}
	return done;
}

bool ledger_replay(struct ledger *l, int64_t *events, struct fail *why)
{
	struct rebuilding r = {.l = l, .a = arena_new()};
	row_many(l, 0);
	bool done = schema_renew_projections(l, why) &&
	            schema_drop_late(l, why) &&
	            ledger_exec(l, "DROP TABLE IF EXISTS dxcp_tree", why) &&
	            ledger_events(l, 0, 0, 0, rebuild_event, &r, why) &&
	            row_many_end(l, why) && schema_make_late(l, why);
	arena_free(r.a);
	*events = r.events;
	return done || fail_note(why, "making the tables anew");
}

bool ledger_rebuild(struct ledger *l, int64_t *events, struct fail *why)
{
	if (!ledger_begin(l, why))
		return false;
	if (ledger_check_chain(l, why) && ledger_replay(l, events, why))
		return ledger_commit(l, why);
	ledger_rollback(l);
	return false;
}
