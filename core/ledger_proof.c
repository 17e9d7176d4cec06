#include "core/ledger_proof.h"
#include "core/base64.h"
#include "core/ledger_private.h"

#include <assert.h>

/* --- the tree, as far as it was hashed before --- */

static const char tree_table[] =
        "CREATE TABLE IF NOT EXISTS dxcp_tree (\n"
        "  id INTEGER PRIMARY KEY CHECK (id = 1),\n"
        "  size INTEGER NOT NULL,\n"
        "  hash TEXT NOT NULL, -- of event number `size`\n"
        "  edge TEXT NOT NULL -- base64 of the nodes, the lowest first\n"
        ") STRICT";

/* The statements are not among the kept ones: mostly there is no such table. */
static bool one_row(struct ledger *l, const char *sql, sqlite3_stmt **st)
{
	*st = NULL;
	if (sqlite3_prepare_v2(l->db, sql, -1, st, NULL) == SQLITE_OK &&
	    sqlite3_step(*st) == SQLITE_ROW)
		return true;
	sqlite3_finalize(*st);
	return false;
}

static struct str column(sqlite3_stmt *st, int i)
{
	const unsigned char *s = sqlite3_column_text(st, i);
	return (struct str){s ? (const char *)s : "",
	                    (size_t)sqlite3_column_bytes(st, i)};
}

static bool unpack(struct merkle_tree *t, struct arena *a, int64_t size,
                   struct str edge)
{
	struct str bytes;
	size_t at = 0;
	if (size < 0 || !base64_decode(a, edge, &bytes))
		return false;
	*t = (struct merkle_tree){.size = (uint64_t)size};
	for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
		if (!(t->size >> level & 1))
			continue;
		if (at + MERKLE_HASH > bytes.n)
			return false;
		memcpy(t->edge[level].b, bytes.s + at, MERKLE_HASH);
		at += MERKLE_HASH;
	}
	return at == bytes.n;
}

/* Only where the event that it ends with is still the ledger's. */
bool ledger_tree_kept(struct ledger *l, struct arena *a, struct merkle_tree *t)
{
	sqlite3_stmt *st;
	*t = (struct merkle_tree){0};
	if (!one_row(l,
	             "SELECT t.size, t.edge FROM dxcp_tree AS t"
	             " JOIN event AS e ON e.seq = t.size AND e.hash = t.hash",
	             &st))
		return false;
	bool fine = unpack(t, a, sqlite3_column_int64(st, 0), column(st, 1));
	sqlite3_finalize(st);
	if (!fine)
		*t = (struct merkle_tree){0};
	return fine;
}

static struct str pack(struct arena *a, const struct merkle_tree *t)
{
	struct buf out = buf_new(a, (size_t)MERKLE_LEVELS * MERKLE_HASH);
	for (unsigned level = 0; level < MERKLE_LEVELS; level++)
		if (t->size >> level & 1)
			buf_add(&out,
			        (struct str){(const char *)t->edge[level].b,
			                     MERKLE_HASH});
	return base64_encode(a, buf_str(&out));
}

/* A cache: where it cannot be kept, nothing is lost. */
static void keep(struct ledger *l, struct arena *a, const struct merkle_tree *t)
{
	struct fail ignored = {0};
	sqlite3_stmt *st = NULL;
	if (!ledger_begin(l, &ignored))
		return;
	struct str edge = pack(a, t);
	bool kept = ledger_exec(l, tree_table, &ignored) &&
	            sqlite3_prepare_v2(l->db,
	                               "INSERT OR REPLACE INTO dxcp_tree"
	                               " SELECT 1, seq, hash, ?2 FROM event"
	                               " WHERE seq = ?1",
	                               -1, &st, NULL) == SQLITE_OK;
	if (kept) {
		sqlite3_bind_int64(st, 1, (int64_t)t->size);
		sqlite3_bind_text(st, 2, edge.s, (int)edge.n, SQLITE_STATIC);
		kept = sqlite3_step(st) == SQLITE_DONE;
	}
	sqlite3_finalize(st);
	if (!kept || !ledger_commit(l, &ignored))
		ledger_rollback(l);
}

/* --- letting the leaves go by --- */

struct growing {
	struct arena *scratch;
	struct merkle_tree *tree;
	struct event_proof *events; /* their records are kept, by index */
	size_t nevents, next;
	struct arena *keep;
	uint64_t most; /* leaves; 0: all */
};

static bool grow(void *context, const struct event *e, struct fail *why)
{
	struct growing *g = context;
	(void)why;
	if (g->most && g->tree->size == g->most)
		return true;
	arena_reset(g->scratch);
	struct str record = ledger_event_record(g->scratch, e);
	struct merkle_hash leaf = merkle_leaf(record);
	if (g->next < g->nevents && g->events[g->next].index == g->tree->size)
		g->events[g->next++].record = str_copy(g->keep, record);
	merkle_add(g->tree, &leaf);
	return true;
}

static bool let_go_by(struct ledger *l, struct growing *g, struct fail *why)
{
	g->scratch = arena_new();
	bool done =
	        ledger_events(l, (int64_t)g->tree->size, 0, 0, grow, g, why);
	arena_free(g->scratch);
	return done;
}

static bool origin_of(struct ledger *l, struct arena *a, struct str *out,
                      struct fail *why)
{
	struct ledger_head head;
	if (!ledger_head(l, a, &head, why))
		return false;
	*out = str_format(
	        a, "dxcp/%" STR_FMT,
	        STR_ARG(head.repository.n ? head.repository : STR("unknown")));
	return true;
}

bool ledger_checkpoint(struct ledger *l, struct arena *a,
                       struct checkpoint *out, struct fail *why)
{
	struct merkle_tree tree;
	struct growing g = {.tree = &tree};
	ledger_tree_kept(l, a, &tree);
	uint64_t before = tree.size;
	if (!origin_of(l, a, &out->origin, why) || !let_go_by(l, &g, why))
		return false;
	if (tree.size > before && l->mode == LEDGER_WRITE && !l->in_transaction)
		keep(l, a, &tree);
	out->size = tree.size;
	out->root = merkle_root(&tree);
	return true;
}

/* --- one deployment --- */

struct gathering {
	struct arena *a;
	struct str subject;
	int64_t decision; /* the event that allowed it; 0 */
	struct number_list seqs;
	int64_t size;
};

static void gather(struct gathering *g, int64_t seq)
{
	*vec_add(g->a, &g->seqs) = seq;
}

/* A number that was given back is not about the deployment that has it now. */
static bool gather_event(void *context, const struct event *e, struct fail *why)
{
	struct gathering *g = context;
	(void)why;
	g->size = e->seq;
	if (e->seq == g->decision)
		gather(g, e->seq);
	if (!str_starts(e->type, STR("deployment.")) ||
	    !str_eq(e->subject, g->subject))
		return true;
	gather(g, e->seq);
	if (str_is(e->type, "deployment.withdrawn"))
		g->seqs.n = 0;
	return true;
}

static bool decision_of(struct ledger *l, int64_t number, int64_t *seq)
{
	sqlite3_stmt *st = NULL;
	bool row = sqlite3_prepare_v2(l->db,
	                              "SELECT decision_seq FROM deployment"
	                              " WHERE number = ?1",
	                              -1, &st, NULL) == SQLITE_OK &&
	           sqlite3_bind_int64(st, 1, number) == SQLITE_OK &&
	           sqlite3_step(st) == SQLITE_ROW;
	*seq = row ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_finalize(st);
	return row;
}

/* All nodes of all paths, once each. */
static size_t wanted_nodes(struct arena *a, const struct deployment_proof *p,
                           uint64_t size, struct merkle_node **out)
{
	struct merkle_node *nodes =
	        arena_array(a, p->n * MERKLE_LEVELS, sizeof *nodes);
	size_t n = 0;
	for (size_t i = 0; i < p->n; i++)
		n += merkle_inclusion(p->at[i].index, size, nodes + n);
	*out = nodes;
	return merkle_sort(nodes, n);
}

static struct merkle_hash *path_of(struct arena *a,
                                   const struct merkle_node *path, size_t n,
                                   const struct merkle_tree *tree)
{
	struct merkle_hash *out = arena_array(a, n, sizeof *out);
	for (size_t i = 0; i < n; i++)
		out[i] = *merkle_find(tree->wanted, tree->nwanted, path[i].from,
		                      path[i].to);
	return out;
}

static bool prove(struct ledger *l, struct arena *a, struct deployment_proof *p,
                  uint64_t size, struct fail *why)
{
	struct merkle_tree tree = {0};
	struct merkle_node path[MERKLE_LEVELS];
	struct growing g = {.tree = &tree,
	                    .events = p->at,
	                    .nevents = p->n,
	                    .keep = a,
	                    .most = size};
	tree.nwanted = wanted_nodes(a, p, size, &tree.wanted);
	if (!let_go_by(l, &g, why))
		return false;
	p->checkpoint.size = size;
	p->checkpoint.root = merkle_root(&tree);
	for (size_t i = 0; i < p->n; i++) {
		struct event_proof *e = &p->at[i];
		e->npath = merkle_inclusion(e->index, size, path);
		e->path = path_of(a, path, e->npath, &tree);
	}
	return true;
}

bool ledger_prove(struct ledger *l, struct arena *a, int64_t number,
                  struct deployment_proof *out, struct fail *why)
{
	struct deployment_proof p = {0};
	struct gathering g = {
	        .a = a, .subject = str_format(a, "%lld", (long long)number)};
	if (!decision_of(l, number, &g.decision)) {
		*out = p;
		return true;
	}
	if (!ledger_event_heads(l, "intent.decided", 0, gather_event, &g, why))
		return false;
	p.n = g.seqs.n;
	p.at = arena_array(a, p.n, sizeof *p.at);
	for (size_t i = 0; i < p.n; i++)
		p.at[i].index = (uint64_t)g.seqs.at[i] - 1;
	if (!origin_of(l, a, &p.checkpoint.origin, why) ||
	    !prove(l, a, &p, (uint64_t)g.size, why))
		return false;
	*out = p;
	return true;
}

/* --- growth --- */

bool ledger_prove_growth(struct ledger *l, struct arena *a, uint64_t old,
                         struct growth_proof *out, struct fail *why)
{
	struct ledger_head head;
	struct merkle_node path[MERKLE_LEVELS + 1];
	struct growth_proof p = {0};
	if (!ledger_head(l, a, &head, why))
		return false;
	uint64_t size = (uint64_t)head.events;
	if (!old || old > size)
		return fail_set(why, FAIL_USAGE,
		                "the ledger has %llu events: nothing follows "
		                "from a checkpoint of %llu",
		                (unsigned long long)size,
		                (unsigned long long)old);
	p.npath = merkle_consistency(old, size, path);
	struct merkle_tree tree = {
	        .wanted = arena_array(a, p.npath, sizeof *path)};
	memcpy(tree.wanted, path, p.npath * sizeof *path);
	tree.nwanted = merkle_sort(tree.wanted, p.npath);
	struct growing g = {.tree = &tree, .most = size};
	if (!origin_of(l, a, &p.checkpoint.origin, why) ||
	    !let_go_by(l, &g, why))
		return false;
	p.checkpoint.size = size;
	p.checkpoint.root = merkle_root(&tree);
	p.path = path_of(a, path, p.npath, &tree);
	*out = p;
	return true;
}
