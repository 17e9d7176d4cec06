/* Proofs as text, and checking them: nothing here knows a ledger. */
#include "core/base64.h"
#include "core/json.h"
#include "core/ledger_proof.h"

enum { EVENTS_MAX = 10000, PROOF_MAX = 64 * 1024 * 1024 };

/* --- writing --- */

static void put_path(struct jw *j, struct arena *a,
                     const struct merkle_hash *path, size_t n)
{
	jw_key(j, "path");
	jw_open(j, '[');
	for (size_t i = 0; i < n; i++)
		jw_str(j, base64_encode(a, (struct str){(const char *)path[i].b,
		                                        MERKLE_HASH}));
	jw_close(j);
}

static struct str note_of(struct arena *a, struct checkpoint c,
                          const struct note_key *key)
{
	if (key)
		c.origin = key->name;
	return checkpoint_write(a, &c, key);
}

struct str ledger_proof_json(struct arena *a, int64_t number,
                             const struct deployment_proof *p,
                             const struct note_key *key)
{
	struct buf out = buf_new(a, PROOF_MAX);
	struct jw j = jw_new(&out);
	j.pretty = true;
	jw_open(&j, '{');
	jw_put_str(&j, "schema", STR("dxcp.proof/1"));
	jw_put_int(&j, "number", number);
	jw_put_str(&j, "checkpoint", note_of(a, p->checkpoint, key));
	jw_key(&j, "events");
	jw_open(&j, '[');
	for (size_t i = 0; i < p->n; i++) {
		jw_open(&j, '{');
		jw_put_int(&j, "index", (int64_t)p->at[i].index);
		jw_put_str(&j, "record", p->at[i].record);
		put_path(&j, a, p->at[i].path, p->at[i].npath);
		jw_close(&j);
	}
	jw_close(&j);
	jw_close(&j);
	buf_add_char(&out, '\n');
	return buf_str(&out);
}

struct str ledger_growth_json(struct arena *a, struct str old_checkpoint,
                              const struct growth_proof *p,
                              const struct note_key *key)
{
	struct buf out = buf_new(a, PROOF_MAX);
	struct jw j = jw_new(&out);
	j.pretty = true;
	jw_open(&j, '{');
	jw_put_str(&j, "schema", STR("dxcp.growth/1"));
	jw_put_str(&j, "from", old_checkpoint);
	jw_put_str(&j, "checkpoint", note_of(a, p->checkpoint, key));
	put_path(&j, a, p->path, p->npath);
	jw_close(&j);
	buf_add_char(&out, '\n');
	return buf_str(&out);
}

/* --- checking --- */

static bool not_one(struct fail *why)
{
	fail_set(why, FAIL_INPUT, "this is not a proof");
	return fail_hint(why, "a proof is what `dxcp show NUMBER --proof` or "
	                      "`dxcp ledger checkpoint --since FILE` prints");
}

static bool read_path(struct arena *a, const json_t *object,
                      struct merkle_hash **path, size_t *n)
{
	const json_t *list = json_object_get(object, "path");
	struct str bytes;
	*n = json_array_size(list);
	if (!json_is_array(list) || *n > MERKLE_LEVELS + 1)
		return false;
	*path = arena_array(a, *n, sizeof **path);
	for (size_t i = 0; i < *n; i++) {
		const json_t *item = json_array_get(list, i);
		struct str text = {json_string_value(item),
		                   json_string_length(item)};
		if (!json_is_string(item) || !base64_decode(a, text, &bytes) ||
		    bytes.n != MERKLE_HASH)
			return false;
		memcpy((*path)[i].b, bytes.s, MERKLE_HASH);
	}
	return true;
}

static bool read_note(const json_t *document, struct arena *a,
                      const char *member, const struct note_key *key,
                      struct checkpoint *out, struct fail *why)
{
	struct str text = str_copy(a, json_get_str(document, member));
	return checkpoint_read(out, a, text, why) &&
	       (!key || checkpoint_verify(a, out, key, why));
}

static bool check_event(struct checked_proof *p, struct arena *a,
                        const json_t *item, struct event_proof *e,
                        struct fail *why)
{
	const struct checkpoint *c = &p->checkpoint;
	const json_t *index = json_object_get(item, "index");
	if (!json_is_integer(index) || json_integer_value(index) < 0 ||
	    !json_is_string(json_object_get(item, "record")) ||
	    !read_path(a, item, &e->path, &e->npath))
		return not_one(why);
	e->index = (uint64_t)json_integer_value(index);
	e->record = str_copy(a, json_get_str(item, "record"));
	struct merkle_hash leaf = merkle_leaf(e->record);
	if (merkle_includes(&leaf, e->index, c->size, e->path, e->npath,
	                    &c->root))
		return true;
	fail_set(why, FAIL_INTEGRITY,
	         "event %llu is not in the ledger of the checkpoint",
	         (unsigned long long)e->index + 1);
	return fail_hint(why, "the proof was edited, or is of another "
	                      "checkpoint: ask for it again");
}

/* What the records say that they are about. */
struct about {
	int64_t number;
	bool decided, created;
	struct str decided_path, decided_blob, path, blob;
};

/*
 * A record has to say that it is about this deployment, at this place: else
 * true events of another one would prove anything.
 */
static bool is_about(struct about *about, struct arena *a,
                     const struct event_proof *e)
{
	struct fail ignored = {0};
	json_t *record;
	int64_t subject;
	if (!json_read(&record, a, e->record, &ignored) ||
	    json_get_int(record, "seq") != (int64_t)e->index + 1)
		return false;
	struct str type = json_get_str(record, "type");
	const json_t *payload = json_object_get(record, "payload");
	if (str_is(type, "intent.decided") && !about->decided) {
		about->decided = true;
		about->decided_path = json_get_str(record, "subject");
		about->decided_blob = json_get_str(payload, "blob");
		return true;
	}
	if (str_is(type, "deployment.created")) {
		const json_t *intent = json_object_get(payload, "intent");
		about->created = true;
		about->path = json_get_str(intent, "path");
		about->blob = json_get_str(intent, "blob");
	}
	return str_starts(type, STR("deployment.")) &&
	       str_int(json_get_str(record, "subject"), &subject) &&
	       subject == about->number;
}

static bool not_about(struct fail *why, const struct event_proof *e,
                      int64_t number)
{
	fail_set(why, FAIL_INTEGRITY, "event %llu is not about deployment %lld",
	         (unsigned long long)e->index + 1, (long long)number);
	return fail_hint(why, "the proof was edited: ask for it again");
}

static bool check_events(struct checked_proof *p, struct arena *a,
                         const json_t *document, struct fail *why)
{
	const json_t *list = json_object_get(document, "events");
	struct about about = {.number = json_get_int(document, "number")};
	struct event_proof *decision = NULL;
	p->number = about.number;
	p->nevents = json_array_size(list);
	if (p->number < 1 || !p->nevents || p->nevents > EVENTS_MAX)
		return not_one(why);
	p->events = arena_array(a, p->nevents, sizeof *p->events);
	for (size_t i = 0; i < p->nevents; i++) {
		struct event_proof *e = &p->events[i];
		bool before = about.decided;
		if (!check_event(p, a, json_array_get(list, i), e, why))
			return false;
		if (!is_about(&about, a, e))
			return not_about(why, e, p->number);
		if (about.decided && !before)
			decision = e;
	}
	if (decision &&
	    !(about.created && str_eq(about.path, about.decided_path) &&
	      str_eq(about.blob, about.decided_blob)))
		return not_about(why, decision, p->number);
	return true;
}

static bool other_log(struct fail *why, const struct checkpoint *from,
                      const struct checkpoint *to)
{
	fail_set(why, FAIL_INTEGRITY,
	         "one checkpoint is of %" STR_FMT ", the other of %" STR_FMT,
	         STR_ARG(from->origin), STR_ARG(to->origin));
	return fail_hint(why, "sign both by the same key, and compare "
	                      "checkpoints of one ledger");
}

static bool check_growth(struct checked_proof *p, struct arena *a,
                         const json_t *document, const struct note_key *key,
                         struct fail *why)
{
	struct checkpoint from;
	struct merkle_hash *path;
	size_t n;
	if (!read_path(a, document, &path, &n))
		return not_one(why);
	if (!read_note(document, a, "from", key, &from, why))
		return fail_note(why, "the earlier checkpoint");
	p->old = from.size;
	if (!str_eq(from.origin, p->checkpoint.origin))
		return other_log(why, &from, &p->checkpoint);
	if (merkle_extends(from.size, &from.root, p->checkpoint.size,
	                   &p->checkpoint.root, path, n))
		return true;
	fail_set(why, FAIL_INTEGRITY,
	         "the ledger of %llu events does not continue that of %llu",
	         (unsigned long long)p->checkpoint.size,
	         (unsigned long long)from.size);
	return fail_hint(why, "history was rewritten between the two, or the "
	                      "proof was edited: ask for it again");
}

bool ledger_proof_check(struct checked_proof *out, struct arena *a,
                        struct str text, const struct note_key *key,
                        struct fail *why)
{
	struct checked_proof p = {0};
	struct fail inner = {0};
	json_t *document;
	if (!json_read(&document, a, text, &inner))
		return not_one(why);
	struct str schema = json_get_str(document, "schema");
	bool growth = str_is(schema, "dxcp.growth/1");
	if (!growth && !str_is(schema, "dxcp.proof/1"))
		return not_one(why);
	if (!read_note(document, a, "checkpoint", key, &p.checkpoint, why))
		return false;
	if (growth ? !check_growth(&p, a, document, key, why)
	           : !check_events(&p, a, document, why))
		return false;
	*out = p;
	return true;
}
